/*
 * The linear map's state: what is mapped, as a sorted list of ranges, and which pages have code.
 */
#ifndef ZF_MEMORY_LINEAR_LIST_H
#define ZF_MEMORY_LINEAR_LIST_H

#include "zfacet/linear.h"

#include <pthread.h>

struct zf_linear {
    pthread_mutex_t lock;           /* of the list; who changes it has the claim, too */
    struct zf_linear_range *ranges; /* sorted, disjoint */
    size_t count, room;
    size_t most;           /* as many mappings as a process of the host may have */
    uint64_t growth_limit; /* how long a stack may be that grows */
    size_t last;           /* where the last look-up ended */
    /* a bit each: the host's page may only be read, for the sake of its code; atomic */
    uint64_t *code_pages;
    zf_linear_sent *sent;
    struct zf_watch *watch; /* of stores, or NULL */
};

static inline void zf_linear_claim(const struct zf_storage *storage) {
    if (storage->code.claim) {
        storage->code.claim(storage->code.context);
    }
}

static inline void zf_linear_release(const struct zf_storage *storage) {
    if (storage->code.release) {
        storage->code.release(storage->code.context);
    }
}

/** Address space of the host's in which nothing is: NULL: anywhere. MAP_FAILED: there is none. */
void *zf_linear_reserve(void *at, uint64_t size, int prot);

/** With the claim: a page that was kept read-only is about to be written. */
void zf_watch_note(struct zf_storage *storage, uint64_t page);

/** Whether there is room for so many ranges more, which the functions below need. */
bool zf_list_room(struct zf_linear *linear, size_t more);
/** Cuts [start, end) out of the list; needs room for one more. */
void zf_list_cut(struct zf_linear *linear, uint64_t start, uint64_t end);
/** Records [address, address + length) with `prot`, merged with equal neighbours: room for two. */
void zf_list_insert(struct zf_linear *linear, uint64_t address, uint64_t length, unsigned prot);

#endif
