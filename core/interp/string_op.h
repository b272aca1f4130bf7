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

enum zf_combine { ZF_AND, ZF_OR, ZF_XOR };

static inline uint64_t zf_combined(uint64_t first, uint64_t second, enum zf_combine how) {
    return how == ZF_AND ? first & second : how == ZF_OR ? first | second : first ^ second;
}

/*
 * first = first op second, from left to right: an overlap that is ahead sees what was stored.
 * Condition code: 1 when any bit of the result is one.
 */
static inline uint32_t zf_host_combine(uint8_t *first, const uint8_t *second, unsigned length,
                                       enum zf_combine how) {
    uintptr_t ahead = (uintptr_t)first - (uintptr_t)second;
    uint64_t any = 0;
    unsigned i = 0;
    if (ahead - 1 >= 7) {
        for (; i + 8 <= length; i += 8) {
            uint64_t a, b;
            memcpy(&a, first + i, 8);
            memcpy(&b, second + i, 8);
            a = zf_combined(a, b, how);
            any |= a;
            memcpy(first + i, &a, 8);
        }
    }
    for (; i < length; i++) {
        uint8_t a = (uint8_t)zf_combined(first[i], second[i], how);
        any |= a;
        ((volatile uint8_t *)first)[i] = a;
    }
    return any != 0;
}

bool zf_guest_move(struct zf_cpu *cpu, uint64_t to, uint64_t from, unsigned length);
bool zf_guest_compare(struct zf_cpu *cpu, uint64_t first, uint64_t second, unsigned length);
bool zf_guest_combine(struct zf_cpu *cpu, uint64_t first, uint64_t second, unsigned length,
                      enum zf_combine how);

#endif
