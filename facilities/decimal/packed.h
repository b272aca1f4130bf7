/*
 * Packed decimal numbers: up to 31 digits and a sign, in storage or in a vector register.
 */
#ifndef ZF_DECIMAL_PACKED_H
#define ZF_DECIMAL_PACKED_H

#include "decimal/digits.h"
#include "translator.h"

enum { ZF_PACKED_BYTES = 16, ZF_PACKED_DIGITS = 31 };

/* Sign codes that results have. */
enum { ZF_SIGN_PLUS = 0xc, ZF_SIGN_MINUS = 0xd, ZF_SIGN_UNSIGNED = 0xf };

typedef zf_u128 zf_magnitude;

struct zf_packed {
    zf_magnitude magnitude;
    bool negative;
};

static inline bool zf_sign_valid(unsigned nibble) {
    return nibble > 9;
}
static inline bool zf_sign_negative(unsigned nibble) {
    return nibble == 0xb || nibble == 0xd;
}

/* Sixteen bytes of packed decimal, right-aligned: digits, then the sign in the last four bits. */
static inline bool zf_packed_digits_valid(zf_u128 bits) {
    return zf_digits_valid((uint64_t)(bits >> 64)) && zf_digits_valid((uint64_t)bits >> 4);
}
/** The magnitude of valid digits. */
zf_magnitude zf_packed_magnitude(zf_u128 bits);
/** The digits of a magnitude below 10^31, with a sign code of 0. */
zf_u128 zf_packed_digits(zf_magnitude magnitude);

/** Sum of two numbers; that of an exact zero has the first one's sign. */
struct zf_packed zf_packed_sum(struct zf_packed a, struct zf_packed b);

/** False when a digit or the sign is invalid. */
bool zf_packed_decode(const uint8_t *bytes, unsigned length, struct zf_packed *value);
/** Stores the low 2 * length - 1 digits; returns whether others were lost. */
bool zf_packed_encode(uint8_t *bytes, unsigned length, zf_magnitude magnitude, bool negative);

/** Loads an operand; a data exception when it is not valid. */
bool zf_packed_load(struct zf_cpu *cpu, uint64_t address, unsigned length, struct zf_packed *value);

#endif
