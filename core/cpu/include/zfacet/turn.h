/*
 * Repeatable runs: the CPUs of a machine take turns, and time is what they have executed.
 *
 * One CPU at a time has the turn, for so many instructions, then the next one that can use it, in
 * the order in which they were added. A machine that stops in the middle of a turn goes on with it.
 * An instruction is a nanosecond. Whatever one CPU does to another it does during its own turn, so
 * that the threads of the host that execute them do not matter. A CPU outside guest code and
 * outside a call of the guest's has no need of the turn.
 */
#ifndef ZFACET_TURN_H
#define ZFACET_TURN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct zf_cpu;
struct zf_cpus;

enum zf_turn_state {
    ZF_TURN_NONE,     /* it is stopped, or has ended */
    ZF_TURN_WANTED,   /* it has the turn, or can use it */
    ZF_TURN_SLEEPING, /* until its time, or until zf_cpu_hurry() */
    ZF_TURN_WATCHING, /* the same, and for something of the host's that it looks for when all others
                         have nothing to do */
};

#define ZF_TURN_FOREVER UINT64_MAX

/* A CPU's. */
struct zf_turn {
    enum zf_turn_state state;
    bool looked;         /* it watches in vain, as the machine is now */
    uint64_t until;      /* when it shall have the turn again */
    uint64_t number;     /* of all CPUs that there ever were */
    int64_t length;      /* instructions of its turn, as far as limits allow */
    int64_t rest;        /* how many limits take from its turn */
    int64_t executed;    /* in turns before this one */
    int64_t most;        /* how many it may execute in all; without turns: since that was set */
    int64_t began;       /* how many it had executed when a limit was set */
    pthread_cond_t came; /* with the lock of the CPUs */
};

/* A machine's. */
struct zf_turns {
    bool on;               /* never changes */
    bool suspended;        /* the machine does not run: nobody waits for anything */
    bool given;            /* one thread executes all CPUs, and gives them turns as it likes */
    struct zf_cpu *holder; /* who has the turn, or NULL */
    uint64_t last;         /* the number of who had it before */
    uint64_t ns;           /* time when that one's turn began */
    uint64_t numbers;      /* so many were given */
    int64_t later;         /* instructions that all may execute after this turn */
};

/** A new CPU, which may execute `limit` instructions in all, unless CPUs take turns. */
void zf_turn_create(struct zf_cpu *cpu, int64_t limit);
/**
 * From now on each CPU may execute `limit` instructions; where they take turns, all of them
 * together. `one`, if it is not NULL, may execute `own` at most. Turns go on as if nothing had been
 * set.
 */
void zf_turns_set_limit(struct zf_cpus *cpus, int64_t limit, struct zf_cpu *one, int64_t own);
/** How many it has executed since. */
int64_t zf_turn_executed(const struct zf_cpu *cpu);
/** How many there ever were, where CPUs take turns. */
int64_t zf_turn_total(const struct zf_cpu *cpu);
/** It has executed what its turn allows, and may execute more after others. */
bool zf_turn_is_over(const struct zf_cpu *cpu);
/** It has executed what it may. */
bool zf_turn_at_limit(const struct zf_cpu *cpu);

/** Nanoseconds since the machine was made. */
uint64_t zf_turn_time(const struct zf_cpus *cpus);
/** It is that time now. */
void zf_turns_set_time(struct zf_cpus *cpus, uint64_t ns);

/** Where turns are given: the CPU may execute so many instructions, and no other one any. */
void zf_turn_give(struct zf_cpu *cpu, int64_t length);
/** They are, and it has none. */
bool zf_turn_is_gone(const struct zf_cpu *cpu);
/** They are not, and the machine has stopped while it had none: it changes nothing any more. */
bool zf_turn_is_lost(const struct zf_cpu *cpu);

/** With the lock of the CPUs: the CPU, which had none, can use the turn. */
void zf_turn_want(struct zf_cpu *cpu);
/** With the lock: the machine stops, or runs again. Who has the turn keeps it. */
void zf_turns_suspend(struct zf_cpus *cpus, bool suspended);

/* By the thread that executes the CPU, outside guest code: */
/** Waits for its turn. False: the machine has stopped. */
bool zf_turn_take(struct zf_cpu *cpu);
/** It has no use for the turn until zf_turn_want() or zf_turn_take(). */
void zf_turn_drop(struct zf_cpu *cpu);
/** Its turn is over: waits for the next one. */
void zf_turn_pass(struct zf_cpu *cpu);
/**
 * Sleeps, or watches, until that time. False: the machine has stopped, or all CPUs sleep for ever
 * and it has the turn still. What was hurried before does not sleep: zf_cpu.slice was set before.
 */
bool zf_turn_sleep(struct zf_cpu *cpu, enum zf_turn_state how, uint64_t until);

#endif
