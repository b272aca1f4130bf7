#include "wide.h"

/*
 * One 64-bit digit of a quotient (Knuth, algorithm D): `high` and `low` are less than the divisor's
 * 128 bits times 2^64, and the divisor's leftmost bit is on. Leaves the remainder in *high.
 */
static uint64_t quotient_digit(zf_u128 *high, uint64_t low, zf_u128 divisor) {
    uint64_t d1 = (uint64_t)(divisor >> 64), d0 = (uint64_t)divisor;
    uint64_t top = (uint64_t)(*high >> 64);
    zf_u128 q = top >= d1 ? UINT64_MAX : *high / d1;
    zf_u128 rest = *high - q * d1;
    /* the estimate from the divisor's left half is at most two too large */
    while (rest >> 64 == 0 && q * d0 > (rest << 64 | low)) {
        q--;
        rest += d1;
    }
    *high = (*high << 64 | low) - q * divisor; /* modulo 2^128, which it fits */
    return (uint64_t)q;
}

struct zf_wide zf_wide_divide(struct zf_wide a, zf_u128 divisor, zf_u128 *rest) {
    struct zf_wide q = {.high = a.high ? a.high / divisor : 0};
    zf_u128 high = a.high - q.high * divisor;
    if (!high) {
        q.low = a.low / divisor;
        *rest = a.low - q.low * divisor;
        return q;
    }
    unsigned shift = zf_clz128(divisor);
    if (shift) {
        high = high << shift | a.low >> (128 - shift);
        a.low <<= shift;
        divisor <<= shift;
    }
    q.low = (zf_u128)quotient_digit(&high, (uint64_t)(a.low >> 64), divisor) << 64;
    q.low |= quotient_digit(&high, (uint64_t)a.low, divisor);
    *rest = high >> shift;
    return q;
}
