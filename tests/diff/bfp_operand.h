/*
 * Random BFP numbers that favour edges, for programs without libc.
 */
#ifndef ZF_TEST_BFP_OPERAND_H
#define ZF_TEST_BFP_OPERAND_H

#include <stdint.h>

static uint64_t state;
static uint64_t random64(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1d;
}

/* Exponents near what matters, fractions with long runs of equal bits. */
static uint64_t fraction(void) {
    uint64_t r = random64();
    switch (r >> 61) {
    case 0:
        return 0;
    case 1:
        return ~(uint64_t)0 << (r & 63);
    case 2:
        return ~(uint64_t)0 >> (r & 63);
    case 3:
        return (uint64_t)1 << (r & 63);
    case 4:
        return random64() << (r & 63);
    default:
        return random64();
    }
}

static uint64_t exponent(unsigned bits) {
    uint64_t all = ((uint64_t)1 << bits) - 1, r = random64(), bias = all >> 1;
    switch (r >> 60) {
    case 0:
        return 0;
    case 1:
        return all;
    case 2:
        return 1 + (r & 1);
    case 3:
        return all - 1 - (r & 1);
    case 4:
    case 5:
    case 6:
    case 7:
        return (bias + (r & 7) - 4) & all;
    case 8:
        return (bias + (r & 127) - 64) & all;
    case 9:
        return (bias + (r & 255) - 128) & all;
    case 10:
        return (bias / 2 + (r & 31) - 16) & all;
    case 11:
        return (bias + bias / 2 + (r & 31) - 16) & all;
    default:
        return r & all;
    }
}

#endif
