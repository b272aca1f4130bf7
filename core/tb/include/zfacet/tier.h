/*
 * A tier is one way to execute blocks. tb/ decides what is translated, finds blocks again and drops
 * them; a tier has code of its own form for each, and alone knows what that is: interpreters have
 * arrays of uops, native tiers have host code. Tiers embed struct zf_tier as their first member.
 *
 * A tier chains its blocks by itself, with zf_tb_find() when control first goes from one to
 * another. Blocks of ZF_MODE_PER are one instruction, and the slice is 0: a branch leaves the code
 * by ZF_EXIT_AT, or with cpu->per.branched by ZF_EXIT_LOOP. Each CPU has a cache of indirect
 * branches for it (zf_cpu.branch_cache, counting from zf_cpu.code_base), which is the
 * interpreters'; another tier has one of its own.
 *
 * Many CPUs run the same code at the same time. encode(), drop() and link() are called by one
 * thread at a time (zf_cpus_claim()) while others run code: what they write becomes visible as a
 * whole, or word by word in an order that is right at any time. Code is complete before a branch
 * leads to it.
 */
#ifndef ZFACET_TIER_H
#define ZFACET_TIER_H

#include "zfacet/error.h"
#include "zfacet/op.h"

struct zf_tier;
struct zf_tb_cache;

/* The code of one block. An EXECUTE's target has the tier of the code that it is executed from. */
struct zf_code {
    struct zf_tier *tier; /* that made it and runs it */
    void *entry;
    uint32_t length; /* as the tier counts, without what only leads out of it */
    uint32_t mode;   /* zf_cpu.mode that it was made for */
    uint32_t block;  /* its number, for zf_tb_pc() */
    bool own;        /* made from the prefix area: other CPUs have other code there. No branch of
                        code that they run, too, leads to it but through zf_tb_find() */
};

/* Why code was left. The values after ZF_EXIT_LOOP are those of enum zf_next. */
enum zf_exit {
    ZF_EXIT_LOOP = 0, /* cpu->psw.addr is where to go on */
    ZF_EXIT_PGM = ZF_NEXT_PGM,
    ZF_EXIT_AFTER = ZF_NEXT_LEAVE, /* go on after the instruction of cpu->code_at */
    ZF_EXIT_BRANCH = ZF_NEXT_BRANCH,
    ZF_EXIT_REPEAT = ZF_NEXT_REPEAT,
    ZF_EXIT_SVC = ZF_NEXT_SVC,
    ZF_EXIT_STOP = ZF_NEXT_STOP,
    ZF_EXIT_STOP_HERE = ZF_NEXT_STOP_HERE,
    ZF_EXIT_AT, /* the slice is over; cpu->code_at is what comes next */
};

struct zf_tier {
    const char *name;
    void (*destroy)(struct zf_tier *tier);

    /** Whether there may be no room for another block: nothing is encoded until flush(). */
    bool (*full)(const struct zf_tier *tier);
    /** Code for the block's ops; `code` has the mode and the number, the rest is filled in. */
    void (*encode)(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code);
    /**
     * The code is no longer what storage has: the CPU that stored leaves it after the instruction
     * that did, and goes on with what is there now; so does who comes to it. Other CPUs may be
     * anywhere in it, and leave it at the latest at its end.
     */
    void (*drop)(struct zf_tier *tier, const struct zf_code *code);
    /**
     * Who still comes to the dropped code `from` goes on with `to`. No other CPU runs, unless
     * `links_running`: where one may be at the first op of `from`, and that would become another
     * op, the tier does not have it.
     */
    void (*link)(struct zf_tier *tier, const struct zf_code *from, const struct zf_code *to);
    bool links_running;
    /** Code of another tier leads to this, which is slow: sooner than others it should be promoted.
     * Or NULL. */
    void (*approached)(struct zf_tier *tier, const struct zf_code *code);
    /** Forgets all code. No CPU runs any. */
    void (*flush)(struct zf_tier *tier);

    /**
     * Runs from the code's entry until something must be done elsewhere. CC settled, registers in
     * `cpu`; cpu->code_at is set for all exits but ZF_EXIT_LOOP and ZF_EXIT_BRANCH.
     */
    enum zf_exit (*run)(struct zf_tier *tier, struct zf_cpu *cpu, const struct zf_code *code);
    /** Address and length of the instruction that `at` (a zf_cpu.code_at) belongs to. */
    uint64_t (*place)(const struct zf_tier *tier, const void *at, unsigned *length);
    /** Whether `at` (zf_cpu.branch_at) stands for a branch in code of this tier; of what was
     * promoted alone. */
    bool (*owns)(const struct zf_tier *tier, const void *at);
    /** Address of the branch that it stands for. */
    uint64_t (*branch)(const struct zf_tier *tier, const void *at);
    /** The block of `at` (a zf_cpu.code_at) is left there: what counts its ways out, told of all
     * but this one; NULL: runs are counted in it, or nothing. The same without such a function. */
    struct zf_tally_insn *(*tallied)(const struct zf_tier *tier, const void *at);
    /** After ZF_EXIT_AT: the address of the next instruction. */
    uint64_t (*next)(const struct zf_tier *tier, const void *at);
    /**
     * Linear mode, in a signal handler: the running code had a host access fault. Brings registers
     * and code_at to where the accessing instruction began. Nothing to do when a helper had it.
     */
    void (*faulted)(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context);
    /**
     * In a signal handler: the running code met something that is no access fault. True when it is
     * the tier's own doing, and host_context is where to go on. NULL: it never is.
     */
    bool (*trapped)(struct zf_tier *tier, struct zf_cpu *cpu, void *host_context);
    /** In the child of a fork of the host's: its code must be its own. flush() follows. Or NULL. */
    void (*forked)(struct zf_tier *tier);
};

/**
 * Brings the breaking-event-address register up to date. Must come before it is read, and before
 * code is forgotten.
 */
void zf_breaking_event_settle(struct zf_cpu *cpu);

#endif
