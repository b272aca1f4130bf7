/*
 * Watchpoints: ranges of storage that stop the machine when their bytes change or are accessed.
 * Private to this folder.
 */
#ifndef ZFACET_DEBUG_WATCH_H
#define ZFACET_DEBUG_WATCH_H

#include "zfacet/debug.h"
#include "zfacet/watching.h"

#include <pthread.h>

struct zf_watched {
    enum zf_watch_kind kind;
    uint64_t address; /* as the CPU's instructions see it */
    size_t size;
    bool there; /* could be read; of changes alone, as what follows */
    uint8_t bytes[ZF_WATCH_SIZE];
};

/* Who is told instead of the machine being stopped; NULL: nobody, it stops. */
struct zf_passer {
    zf_debug_passed *passed;
    void *context;
};

struct zf_watches {
    struct zf_passer passer;
    pthread_mutex_t lock; /* CPUs compare in threads of their own */
    struct zf_watched watched[ZF_WATCHPOINTS];
    unsigned count;
    struct zf_watching watching;          /* those of accesses, for the CPUs, */
    unsigned accessed[ZF_WATCHED_RANGES]; /* which watchpoint each is */
    struct zf_watch_hit hit;
};

void zf_watches_init(struct zf_watches *w);
void zf_watches_free(struct zf_watches *w);

/** False: too many, or too large. */
bool zf_watches_add(struct zf_watches *w, struct zf_cpu *cpu, const struct zf_watched *watched);
bool zf_watches_remove(struct zf_watches *w, const struct zf_watched *watched);

/** What CPUs are to note, or NULL. */
const struct zf_watching *zf_watches_accesses(struct zf_watches *w);

/** What is there now is what changes are compared with. */
void zf_watches_anew(struct zf_watches *w, struct zf_cpu *cpu);

/** After the last instruction of a limited number, which nothing follows: whether to stop for it.
 */
bool zf_watches_settle(struct zf_watches *w, struct zf_cpus *cpus);

/** Has a block that begins now compare first, if one before it may have stored. */
void zf_watches_emit(struct zf_watches *w, struct zf_block *block);
/** The block is complete. */
void zf_watches_translated(const struct zf_block *block);

#endif
