/*
 * Packed decimal numbers in storage: up to 31 digits and a sign.
 */
#ifndef ZF_DECIMAL_PACKED_H
#define ZF_DECIMAL_PACKED_H

#include "decimal/digits.h"
#include "translator.h"

enum { ZF_PACKED_BYTES = 16, ZF_PACKED_DIGITS = 31 };

typedef unsigned __int128 zf_magnitude;

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

/** False when a digit or the sign is invalid. */
bool zf_packed_decode(const uint8_t *bytes, unsigned length, struct zf_packed *value);
/** Stores the low 2 * length - 1 digits; returns whether others were lost. */
bool zf_packed_encode(uint8_t *bytes, unsigned length, zf_magnitude magnitude, bool negative);

/** Loads an operand; a data exception when it is not valid. */
bool zf_packed_load(struct zf_cpu *cpu, uint64_t address, unsigned length, struct zf_packed *value);

#endif
