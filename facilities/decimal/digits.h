/*
 * Decimal digits of four bits, sixteen in a doubleword, to and from binary: what packed, zoned and
 * floating-point decimal numbers share. Values are computed with in binary.
 */
#ifndef ZF_DECIMAL_DIGITS_H
#define ZF_DECIMAL_DIGITS_H

#include "wide.h"

/** 10 to the power of n, n at most 38. */
zf_u128 zf_power_of_ten(unsigned n);

/** Whether all sixteen are digits. */
static inline bool zf_digits_valid(uint64_t digits) {
    return (digits >> 3 & (digits >> 2 | digits >> 1) & UINT64_C(0x1111111111111111)) == 0;
}

/** The value of sixteen valid digits: pairs, then fours, eights, all. */
static inline uint64_t zf_digits_to_binary(uint64_t x) {
    x -= (0x10 - 10) * (x >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f));
    x -= (0x100 - 100) * (x >> 8 & UINT64_C(0x00ff00ff00ff00ff));
    x -= (0x10000 - 10000) * (x >> 16 & UINT64_C(0x0000ffff0000ffff));
    return x - (UINT64_C(0x100000000) - 100000000) * (x >> 32);
}

/** Sixteen digits of a value below 10^16. */
static inline uint64_t zf_digits_from_binary(uint64_t x) {
    x += (UINT64_C(0x100000000) - 100000000) * (x / 100000000);
    /* now in both words, then in each halfword at once: a quotient is a product with a reciprocal
     */
    uint64_t right = (uint32_t)x, left = x >> 32;
    right += (0x10000 - 10000) * (right / 10000);
    left += (0x10000 - 10000) * (left / 10000);
    x = left << 32 | right;
    uint64_t even = x & UINT64_C(0x0000ffff0000ffff), odd = x >> 16 & UINT64_C(0x0000ffff0000ffff);
    even += (0x100 - 100) * (even * 5243 >> 19 & UINT64_C(0x0000007f0000007f));
    odd += (0x100 - 100) * (odd * 5243 >> 19 & UINT64_C(0x0000007f0000007f));
    x = odd << 16 | even;
    even = x & UINT64_C(0x00ff00ff00ff00ff), odd = x >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    even += (0x10 - 10) * (even * 103 >> 10 & UINT64_C(0x000f000f000f000f));
    odd += (0x10 - 10) * (odd * 103 >> 10 & UINT64_C(0x000f000f000f000f));
    return odd << 8 | even;
}

#endif
