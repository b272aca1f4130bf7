/*
 * What storage-to-storage ops do on host storage, and their slow paths on guest storage.
 */
#ifndef ZF_INTERP_STRING_OP_H
#define ZF_INTERP_STRING_OP_H

#include "zfacet/storage.h"

/* Moves left to right, byte by byte as seen by the guest: an overlap repeats the source's start. */
static inline void zf_host_move(uint8_t *to, const uint8_t *from, unsigned length) {
    uintptr_t ahead = (uintptr_t)to - (uintptr_t)from;
    if (ZF_LIKELY(ahead >= length)) {
        memmove(to, from, length);
    } else if (ahead == 1) {
        memset(to, *from, length);
    } else {
        for (unsigned i = 0; i < length; i++) {
            ((volatile uint8_t *)to)[i] = from[i];
        }
    }
}

/* Condition code of a logical compare: 0 equal, 1 first low, 2 first high. */
static inline uint32_t zf_host_compare(const uint8_t *first, const uint8_t *second,
                                       unsigned length) {
    int order = memcmp(first, second, length);
    return order == 0 ? 0 : order < 0 ? 1 : 2;
}

bool zf_guest_move(struct zf_cpu *cpu, uint64_t to, uint64_t from, unsigned length);
bool zf_guest_compare(struct zf_cpu *cpu, uint64_t first, uint64_t second, unsigned length);

#endif
