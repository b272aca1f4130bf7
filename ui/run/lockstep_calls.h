/*
 * What lockstep knows of instructions and system calls: what they store that is not the program's
 * own, and which both sides make.
 */
#ifndef ZFACET_UI_LOCKSTEP_CALLS_H
#define ZFACET_UI_LOCKSTEP_CALLS_H

#include "run/lockstep.h"

#include <stdint.h>

struct zf_cpu;

/* The letters of the stream. */
enum zf_lockstep_tag {
    ENDED = 0,
    STEP = 'I',
    QUERY = 'Q',
    CLOCK = 'T',
    CALL = 'C',
    SIGNAL = 'S',
    COMPLETE = ZF_LOCKSTEP_COMPLETE
};

enum zf_lockstep_call {
    EXIT = 1,
    FORK = 2,
    READ = 3,
    WRITE = 4,
    OPEN = 5,
    CLOSE = 6,
    KILL = 37,
    DUP = 41,
    MMAP = 90,
    CLONE = 120,
    SCHED_YIELD = 158,
    NANOSLEEP = 162,
    MREMAP = 163,
    PREAD = 180,
    PWRITE = 181,
    VFORK = 190,
    TKILL = 237,
    FUTEX = 238,
    TGKILL = 241,
    EXIT_GROUP = 248,
    CLOCK_NANOSLEEP = 262,
    OPENAT = 288,
    CLONE3 = 435
};

/** Calls that change this very process: the follower makes them, too. */
bool zf_lockstep_is_made(uint64_t number, const uint64_t *args);
/** Calls by which threads wait for each other: they take turns, so that both sides get the same. */
bool zf_lockstep_is_of_turns(uint64_t number);
/** What an instruction that is about to be executed stores of the model or of the time, and where;
 * ENDED: nothing. */
enum zf_lockstep_tag zf_lockstep_stores(const struct zf_cpu *cpu, uint64_t word, uint64_t *at,
                                        uint64_t *length);
/** Adds bytes to a sum of them. */
void zf_lockstep_add(uint64_t *sum, const uint8_t *bytes, uint64_t length);
/** Calls that make a thread or a process. */
bool zf_lockstep_makes(uint64_t number);

#endif
