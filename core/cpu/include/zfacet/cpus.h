/*
 * The CPUs of a machine, all alike, and what they share beside storage.
 *
 * What must reach all of them (a purged TLB, a pause) is asked of each; a CPU does it itself at its
 * next safe point, between two blocks, and who asked may wait for that. A CPU that executes no
 * guest code now (it waits, is stopped, or nobody runs it) does it before it executes any.
 */
#ifndef ZFACET_CPUS_H
#define ZFACET_CPUS_H

#include "zfacet/cpu.h"
#include "zfacet/turn.h"

/*
 * More spaces than CPUs: that which a CPU is in keeps its number. A machine has ZF_CPUS at most;
 * each thread of a Linux program has one, which another gets when it has ended.
 */
enum { ZF_CPUS = 64, ZF_THREADS = 4096, ZF_SPACES = 96 };

/* What can be asked of a CPU, bits of zf_cpu.requests. */
enum zf_request {
    ZF_REQUEST_TLB = 1 << 0,   /* forgets all translations of addresses */
    ZF_REQUEST_PAUSE = 1 << 1, /* waits until zf_cpus_resume() */
};

struct zf_cpus {
    struct zf_cpu *cpu[ZF_THREADS]; /* by address */
    unsigned count;                 /* only grows; atomic */
    struct zf_machine *machine;
    /* whether the machine has a facility with effects beyond single instructions; NULL: all */
    bool (*has_facility)(const struct zf_machine *machine, unsigned bit);

    pthread_mutex_t lock;   /* of what follows */
    pthread_cond_t changed; /* a request was done, or a CPU left guest code */
    bool paused;            /* somebody has all CPUs waiting; atomic */
    unsigned claims;        /* how often `claimer` has what CPUs change one at a time */
    pthread_t claimer;
    unsigned claimants; /* who wait for it */
    /* interruptions that any CPU may take: service signals */
    uint32_t floating_pending; /* enum zf_external */
    uint32_t service_parameter;
    /* with the claim: the address spaces that have a number: ASCE, and when they were last asked
     * for */
    uint64_t space_asce[ZF_SPACES];
    uint64_t space_used[ZF_SPACES];
    uint64_t space_clock;
    unsigned spaces;
    /* the code of a numbered space is no longer valid */
    void (*drop_space)(void *context, uint32_t number);
    void *drop_context;

    struct zf_turns turns;
    uint64_t
        random_state; /* of random numbers that are the same in each run; 0: the host's are used */

    struct zf_cpu *locked_by; /* PERFORM LOCKED OPERATION: whose lock it is now */
};

void zf_cpus_create(struct zf_cpus *cpus);
void zf_cpus_destroy(struct zf_cpus *cpus);

/** Whether the machine has a facility, its effects beyond single instructions. */
bool zf_cpu_has_facility(const struct zf_cpu *cpu, unsigned bit);

/* The thread that executes a CPU calls these around and between its blocks. */
/** From here to zf_cpu_leave() the CPU may be in guest code. Does what was asked before. */
void zf_cpu_enter(struct zf_cpu *cpu);
void zf_cpu_leave(struct zf_cpu *cpu);
/** A safe point: does what was asked. Called when the time slice is over. */
static inline bool zf_cpu_asked(const struct zf_cpu *cpu) {
    return __atomic_load_n(&cpu->requests, __ATOMIC_ACQUIRE) != 0;
}
void zf_cpu_safe_point(struct zf_cpu *cpu);

/** Brings the CPU to the end of its time slice soon; from any thread or signal handler. */
void zf_cpu_hurry(struct zf_cpu *cpu);

/** The CPU waits for others: they go first. In guest code. */
void zf_cpu_yield(struct zf_cpu *cpu);

/** With the lock: waits for a change, at most so long. */
void zf_cpus_await(struct zf_cpus *cpus, uint64_t ns);

/** The CPU that this thread executes, or NULL. */
struct zf_cpu *zf_cpu_current(void);
/** From now on this thread executes `cpu`, or none (NULL). */
void zf_cpu_set_current(struct zf_cpu *cpu);

/**
 * Asks all CPUs but `asker` (NULL: all), and waits until each has done it or executes nothing.
 * Meanwhile the same is done for `asker`: it keeps no address that came from its TLB.
 */
void zf_cpus_ask(struct zf_cpus *cpus, struct zf_cpu *asker, uint32_t requests);

/**
 * No CPU but `asker` executes until zf_cpus_resume(): all others are between two blocks. So is
 * `asker`, without a claim. Pauses come one after the other.
 */
void zf_cpus_pause(struct zf_cpus *cpus, struct zf_cpu *asker);
void zf_cpus_resume(struct zf_cpus *cpus);

/**
 * Translated code, and what a Linux program has mapped, are changed by one thread at a time: from
 * here to zf_cpus_release() by the calling one, which may claim again meanwhile. Who waits for this
 * keeps no address that came from its TLB, but may be in the middle of a block.
 */
void zf_cpus_claim(struct zf_cpus *cpus);
/** The same unless another thread has it: then false, at once. */
bool zf_cpus_try_claim(struct zf_cpus *cpus);
void zf_cpus_release(struct zf_cpus *cpus);
/** A fault took the calling thread out of the middle of something: gives up all its claims. False:
 * it had none. */
bool zf_cpus_abandon(struct zf_cpus *cpus);

/** Drops every TLB entry of all CPUs: this one's at once, the others' before it comes back. */
void zf_tlb_clear_all(struct zf_cpu *cpu);

/** Random bytes: the host's, or in a repeatable run from random_state. False: the host has none. */
bool zf_cpus_random(struct zf_cpus *cpus, void *bytes, size_t size);

/** PERFORM LOCKED OPERATION of one CPU at a time. Unlocking without having it does nothing. */
void zf_cpus_lock(struct zf_cpu *cpu);
void zf_cpus_unlock(struct zf_cpu *cpu);

/**
 * Number of the address space that instructions are fetched from, for zf_cpu.mode; DAT is on.
 * When the numbers run out, the space that was not asked for longest, and that no CPU is in, gives
 * up its own and its code.
 */
uint32_t zf_space_number(struct zf_cpu *cpu);

/** Drops the translated code of the spaces with this ASCE's table: their mapping changed. */
void zf_space_changed(struct zf_cpu *cpu, uint64_t asce);

/**
 * What SIGNAL PROCESSOR wants of a CPU that operates: done by itself between two blocks, with the
 * claim, which whoever orders something has, too.
 */
enum zf_order {
    ZF_ORDER_STOP = 1 << 0,
    ZF_ORDER_STORE_STATUS = 1 << 1, /* when it stops */
    ZF_ORDER_RESTART = 1 << 2,
    ZF_ORDER_RESET = 1 << 3,
    ZF_ORDER_INITIAL_RESET = 1 << 4,
};

/** No space has a number any more: the code is gone. No CPU executes. */
void zf_spaces_clear(struct zf_cpus *cpus);

#endif
