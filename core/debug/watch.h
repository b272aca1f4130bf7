/*
 * Watchpoints: ranges of storage that stop the machine when their bytes change. Private to this
 * folder.
 */
#ifndef ZFACET_DEBUG_WATCH_H
#define ZFACET_DEBUG_WATCH_H

#include "zfacet/debug.h"

#include <pthread.h>

struct zf_watched {
    uint64_t address; /* as the CPU's instructions see it */
    size_t size;
    bool there; /* could be read */
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
    bool hit;
    uint64_t hit_address;
    unsigned hit_cpu;
};

void zf_watches_init(struct zf_watches *w);
void zf_watches_free(struct zf_watches *w);

/** False: too many, or too large. */
bool zf_watches_add(struct zf_watches *w, struct zf_cpu *cpu, uint64_t address, size_t size);
bool zf_watches_remove(struct zf_watches *w, uint64_t address, size_t size);

/** What is there now is what changes are compared with. */
void zf_watches_anew(struct zf_watches *w, struct zf_cpu *cpu);

/** Has a block that begins now compare first. */
void zf_watches_emit(struct zf_watches *w, struct zf_block *block);

#endif
