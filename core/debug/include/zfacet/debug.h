/*
 * What a debugger asks of a machine that stands still: breakpoints, a number of instructions,
 * storage read and written; and, for who watches, blocks as they are translated and time slices as
 * they pass. Knows no models and no instructions. A machine that has none pays nothing for it.
 */
#ifndef ZFACET_DEBUG_H
#define ZFACET_DEBUG_H

#include "zfacet/machine.h"

/* Told in the thread that executes. Functions may be NULL. */
struct zf_debug_observer {
    void *context;
    /* A block was translated: its ops are as the front end gave them. */
    void (*translated)(void *context, const struct zf_block *block);
    /* A time slice is over; the CPU is between two blocks. */
    void (*slice)(void *context, struct zf_cpu *cpu);
};

struct zf_debug;

enum { ZF_BREAKPOINTS = 64, ZF_WATCHPOINTS = 16, ZF_WATCH_SIZE = 256 /* bytes of one */ };

/**
 * Puts itself between the machine and its front end. NULL when memory is short. To be destroyed
 * before the machine. None of these functions while the machine runs.
 */
struct zf_debug *zf_debug_create(struct zf_machine *machine);
void zf_debug_destroy(struct zf_debug *d);

/** Has `observer`, which is copied, told of what happens from now on. */
void zf_debug_observe(struct zf_debug *d, const struct zf_debug_observer *observer);

/** An instruction at `address` is not executed, but stops the machine; false: there are too many.
 */
bool zf_debug_set_breakpoint(struct zf_debug *d, uint64_t address);
bool zf_debug_has_breakpoint(const struct zf_debug *d, uint64_t address);
void zf_debug_clear_breakpoint(struct zf_debug *d, uint64_t address);
void zf_debug_clear_breakpoints(struct zf_debug *d);

/* What of storage is watched. Instructions are not read as operands are. */
enum zf_watch_kind {
    ZF_WATCH_NONE,
    ZF_WATCH_CHANGE, /* its value */
    ZF_WATCH_READ,   /* instructions that fetch it */
    ZF_WATCH_ACCESS, /* those that fetch it or store there, be it what is there already */
};

/* A watchpoint that was met: which, and the CPU that did so, or noticed a change. */
struct zf_watch_hit {
    enum zf_watch_kind kind;
    uint64_t address;
    unsigned cpu;
};

/**
 * Stops the machine, ZF_STOP_BREAKPOINT, after the instruction that changed or accessed storage, as
 * `cpu` sees it now; false: too many, or too large. Code runs much slower while there are any.
 */
bool zf_debug_set_watchpoint(struct zf_debug *d, struct zf_cpu *cpu, uint64_t address, size_t size,
                             enum zf_watch_kind kind);
void zf_debug_clear_watchpoint(struct zf_debug *d, uint64_t address, size_t size,
                               enum zf_watch_kind kind);

/**
 * From now on breakpoints and watchpoints do not stop the machine: `passed` is told of each, before
 * the next instruction of that CPU; a breakpoint is a hit of kind ZF_WATCH_NONE. A `passed` of NULL
 * has them stop it again.
 */
typedef void zf_debug_passed(void *context, struct zf_cpu *cpu, const struct zf_watch_hit *hit);
void zf_debug_pass(struct zf_debug *d, zf_debug_passed *passed, void *context);
/** A `passed` that nobody is told by. */
void zf_debug_ignore(void *context, struct zf_cpu *cpu, const struct zf_watch_hit *hit);

/** Storage has changed behind the machine's back: what is watched is from now on what `cpu` sees.
 */
void zf_debug_watch_anew(struct zf_debug *d, struct zf_cpu *cpu);

/** Whether the last zf_debug_run() stopped at a breakpoint, and which CPU is there. */
bool zf_debug_arrived(const struct zf_debug *d, unsigned *cpu);

/** Whether the last zf_debug_run() stopped for a watchpoint, and which. */
bool zf_debug_watch_hit(const struct zf_debug *d, struct zf_watch_hit *hit);

/**
 * Runs until something stops the machine: at most `insns` instructions (0: any number), then
 * ZF_STOP_MAX_INSNS; at a breakpoint, but not at one where a CPU begins, ZF_STOP_BREAKPOINT: the
 * CPU that was stopped for or had its limit, else any. The target of an EXECUTE counts as one more
 * instruction, that no limit parts from it.
 */
enum zf_stop zf_debug_run(struct zf_debug *d, int64_t insns);

struct zf_debug_limit {
    int64_t insns;      /* 0: any number */
    struct zf_cpu *cpu; /* which executes at most `own` of them; NULL: as many as the others */
    int64_t own;
    bool into_wait; /* a CPU that waits after the last of `insns` has executed them */
    bool alone;     /* no CPU but `cpu` executes anything, unless they take turns */
    bool goes_on;   /* with a run that was interrupted: no CPU leaves a breakpoint untold */
};

/** The same with more limits. */
enum zf_stop zf_debug_run_limited(struct zf_debug *d, const struct zf_debug_limit *limit);

/** How many instructions the last zf_debug_run() executed, when their number was limited, or its
 * run is repeatable. */
int64_t zf_debug_executed(const struct zf_debug *d);

/* Which storage is meant. */
enum zf_debug_space {
    ZF_DEBUG_VIRTUAL, /* as the CPU's own instructions see it; of a Linux program all there is */
    ZF_DEBUG_REAL,
};

/**
 * Reads and writes storage past protection, leaving no trace in keys and conditions; false, perhaps
 * after a part, when not all of it is there. A write drops the code translated from it.
 */
bool zf_debug_read(struct zf_cpu *cpu, enum zf_debug_space space, uint64_t address, void *bytes,
                   size_t size);
bool zf_debug_write(struct zf_cpu *cpu, enum zf_debug_space space, uint64_t address,
                    const void *bytes, size_t size);

#endif
