/*
 * Integers of 128 and 256 bits: products and quotients of significands and coefficients.
 */
#ifndef ZF_WIDE_H
#define ZF_WIDE_H

#include "zfacet/base.h"

/* 256 bits, to hold exact products. */
struct zf_wide {
    zf_u128 high, low;
};

static inline struct zf_wide zf_wide_multiply(zf_u128 a, zf_u128 b) {
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    zf_u128 low = (zf_u128)a0 * b0;
    zf_u128 cross = (zf_u128)a1 * b0 + (low >> 64);
    zf_u128 cross2 = (zf_u128)a0 * b1 + (uint64_t)cross;
    return (struct zf_wide){
        .high = (zf_u128)a1 * b1 + (cross >> 64) + (cross2 >> 64),
        .low = cross2 << 64 | (uint64_t)low,
    };
}

/** The quotient, and the remainder in *rest; the divisor is not zero. */
struct zf_wide zf_wide_divide(struct zf_wide a, zf_u128 divisor, zf_u128 *rest);

static inline unsigned zf_clz128(zf_u128 v) {
    uint64_t high = (uint64_t)(v >> 64);
    return high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll((uint64_t)v);
}

#endif
