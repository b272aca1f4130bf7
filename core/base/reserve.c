/*
 * Memory that the host provides as it is touched, and arrays that grow.
 */
#include "zfacet/reserve.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* of Linux 6.1: newer than some C libraries */
#endif

void *zf_reserve(size_t size, int where) {
    const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, how | where, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void zf_reserve_end(void *p, size_t size) {
    if (p) {
        munmap(p, size);
    }
}

/* A host without huge pages goes on as it was. */
void zf_reserve_collapse(void *p, size_t size) {
    (void)madvise(p, size, MADV_COLLAPSE);
}

void zf_reserve_widen(void *p, size_t size, size_t used) {
    const uintptr_t page = ZF_HUGE_PAGE;
    uintptr_t first = ((uintptr_t)p + page - 1) & -page, last = ((uintptr_t)p + used) & -page;
    (void)madvise(p, size, MADV_HUGEPAGE);
    if (last + page <= (uintptr_t)p + size) {
        last += page; /* the one that is filled now, too */
    }
    if (first < last) {
        zf_reserve_collapse((void *)first, last - first);
    }
}

bool zf_grow(void **array, size_t size, size_t count, size_t *room) {
    if (count < *room) {
        return true;
    }
    size_t more = *room ? *room * 2 : 64;
    void *grown = realloc(*array, more * size);
    *array = grown ? grown : *array;
    *room = grown ? more : *room;
    return grown;
}
