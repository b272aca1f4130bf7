/*
 * Bits in the order of DEFLATE: the lowest of a byte first.
 */
#ifndef ZF_DEFLATE_BITS_H
#define ZF_DEFLATE_BITS_H

#include "zfacet/base.h"

/* More than any step needs: a length and a distance with their bits. */
enum { ZF_BITS_AHEAD = 48 };

struct zf_bit_reader {
    const uint8_t *at, *end;
    uint64_t hold; /* bits that were taken from there and not used; those above `count` are 0 */
    unsigned count;
};

/** Takes bytes until there are at least `bits` (up to 56), if there are any; false if not. */
static inline bool zf_bits_fill(struct zf_bit_reader *r, unsigned bits) {
    while (r->count < bits && r->at < r->end) {
        r->hold |= (uint64_t)*r->at++ << r->count;
        r->count += 8;
    }
    return r->count >= bits;
}

/** Uses bits that are there. */
static inline unsigned zf_bits_take(struct zf_bit_reader *r, unsigned bits) {
    unsigned value = (unsigned)(r->hold & ((UINT64_C(1) << bits) - 1));
    r->hold >>= bits;
    r->count -= bits;
    return value;
}

struct zf_bit_writer {
    uint8_t *at, *end;
    uint64_t hold; /* bits that are not there yet: a part of a byte, more when there is no room */
    unsigned count;
};

/** Appends up to 48 bits; not to a writer that is full. */
static inline void zf_bits_put(struct zf_bit_writer *w, uint64_t value, unsigned bits) {
    w->hold |= value << w->count;
    w->count += bits;
    for (; w->count >= 8 && w->at < w->end; w->count -= 8) {
        *w->at++ = (uint8_t)w->hold;
        w->hold >>= 8;
    }
}

/** Whole bytes wait for room. */
static inline bool zf_bits_full(const struct zf_bit_writer *w) {
    return w->count >= 8;
}

#endif
