/*
 * Transactional execution. While a CPU is in a transaction no other executes, so that nothing
 * conflicts: stores are made at once, and what was there before is kept, in lines, until the
 * transaction ends or is aborted. Whatever a CPU would look at between two time slices aborts it,
 * so that nobody waits long.
 */
#ifndef ZFACET_TRANSACTION_H
#define ZFACET_TRANSACTION_H

#include "zfacet/cpu.h"

enum {
    ZF_TRANSACTION_LINE = 256,
    ZF_TRANSACTION_LINES = 128, /* stored to by one transaction at most */
    ZF_TRANSACTION_KEPT = 32,   /* nontransactional stores of one */
    ZF_TRANSACTION_DEPTH = 15,
};

/* Abort codes. TABORT has its own, from 256 on. */
enum zf_abort {
    ZF_ABORT_EXTERNAL = 2,
    ZF_ABORT_PROGRAM = 4,
    ZF_ABORT_STORE_OVERFLOW = 8,
    ZF_ABORT_RESTRICTED = 11,
    ZF_ABORT_FILTERED = 12,
    ZF_ABORT_NESTING = 13,
    ZF_ABORT_OTHER = 255,
};

/* Condition codes after an abort. */
enum { ZF_ABORT_INDETERMINATE = 1, ZF_ABORT_TRANSIENT = 2, ZF_ABORT_PERSISTENT = 3 };

struct zf_transaction_line {
    uint8_t *host;
    uint8_t before[ZF_TRANSACTION_LINE];
};

struct zf_transaction_kept {
    uint8_t *host;
    uint8_t bytes[8];
};

struct zf_transaction {
    bool constrained;
    bool alone;        /* the other CPUs wait */
    bool has_block;    /* the diagnostic block at `block` gets what an abort is about */
    uint8_t registers; /* mask of the pairs that an abort restores */
    uint8_t filter[ZF_TRANSACTION_DEPTH + 1]; /* by depth: program-interruption filtering control */
    bool access[ZF_TRANSACTION_DEPTH + 1];    /* access registers may be changed */
    bool floats[ZF_TRANSACTION_DEPTH + 1]; /* floating-point and vector instructions may be used */
    unsigned insns;                        /* of a constrained one */
    uint64_t begin;                        /* where it is */
    uint64_t block;
    uint64_t gr[16];
    struct zf_psw psw; /* to go on at after an abort */
    uint64_t code;     /* of the abort that is to be made, and its condition code */
    uint8_t cc;
    unsigned lines, kept;
    struct zf_transaction_line line[ZF_TRANSACTION_LINES];
    struct zf_transaction_kept keep[ZF_TRANSACTION_KEPT];
};

/** The CPU is in a transaction: a condition that ends it with `code`. False, as zf_pgm(). */
bool zf_transaction_fail(struct zf_cpu *cpu, uint64_t code, unsigned cc);

#endif
