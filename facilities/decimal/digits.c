/* Decimal digits of 128-bit numbers: packed digits in, packed digits out, powers of ten. */
#include "decimal/digits.h"

zf_u128 zf_power_of_ten(unsigned n) {
    static const uint64_t power[] = {
        UINT64_C(1),
        UINT64_C(10),
        UINT64_C(100),
        UINT64_C(1000),
        UINT64_C(10000),
        UINT64_C(100000),
        UINT64_C(1000000),
        UINT64_C(10000000),
        UINT64_C(100000000),
        UINT64_C(1000000000),
        UINT64_C(10000000000),
        UINT64_C(100000000000),
        UINT64_C(1000000000000),
        UINT64_C(10000000000000),
        UINT64_C(100000000000000),
        UINT64_C(1000000000000000),
        UINT64_C(10000000000000000),
        UINT64_C(100000000000000000),
        UINT64_C(1000000000000000000),
        UINT64_C(10000000000000000000),
    };
    enum { LAST = sizeof power / sizeof *power - 1 };
    return n <= LAST ? power[n] : (zf_u128)power[LAST] * power[n - LAST];
}
