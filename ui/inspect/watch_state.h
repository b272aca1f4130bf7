/*
 * What the files of the watch share: its state, by whose it is.
 */
#ifndef ZFACET_INSPECT_WATCH_STATE_H
#define ZFACET_INSPECT_WATCH_STATE_H

#include "inspect/watch.h"

#include <pthread.h>

enum {
    ZF_WATCH_SLOT_MS = 100,
    ZF_WATCH_KEPT = 4096, /* blocks; a power of two */
};

struct zf_ops_of {
    uint64_t pc, end;
    char lines[ZF_WATCH_OPS][88];
    unsigned count;
};

/* A block that was translated. */
struct zf_kept {
    struct zf_watch_block block;
    unsigned number; /* grows with each that is new; 0: free */
};

struct zf_watch {
    struct zf_watch_guest guest;
    pthread_mutex_t gather; /* of `now` and what is below it: CPUs have threads of their own */
    pthread_mutex_t lock;
    /* under the lock */
    uint64_t look;
    unsigned cpu;
    uint64_t breakpoints[ZF_WATCH_BREAKPOINTS];
    unsigned breakpoint_count;
    uint64_t watched[ZF_WATCHPOINTS];
    unsigned watched_count;
    struct zf_shot published;
    bool fresh;
    /* of the thread that looks */
    struct zf_shot shown;
    uint64_t asked_ms;
    /* of those that execute */
    struct zf_shot now;
    struct zf_kept kept[ZF_WATCH_KEPT];
    struct zf_ops_of ops[16];
    unsigned ops_used;
    uint64_t slot;
    unsigned seed;
};

uint64_t zf_watch_now_ms(void);

/** Whether code is executed step by step, so that it counts its instructions. */
bool zf_watch_stepping(const struct zf_watch *w);

/** The slot of the present; the strips move on to it. */
unsigned zf_watch_slot(struct zf_watch *w);

/** Publishes a copy, between blocks. */
void zf_watch_publish(struct zf_watch *w);

/** For zf_debug_observer.translated; the context is the watch. */
void zf_watch_translated(void *context, const struct zf_block *block);

/** The block at `address` is at work. Told now and then at speed, always while stepping. */
void zf_watch_count(struct zf_watch *w, uint64_t address);

/** Where to begin to show code, so that `address` is in it and what comes before it, as far as that
 * is known. */
uint64_t zf_watch_code_before(const struct zf_watch *w, uint64_t address);

/** Copies the blocks that were seen most, then the newest. */
void zf_watch_copy_blocks(struct zf_watch *w);

#endif
