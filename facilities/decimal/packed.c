/*
 * Packed decimal numbers as binary magnitudes: from and to storage, and their sum.
 */
#include "decimal/packed.h"

/* The left doubleword has sixteen digits, the right one fifteen and the sign. */
enum { RIGHT_DIGITS = 15 };

zf_magnitude zf_packed_magnitude(zf_u128 bits) {
    uint64_t left = zf_digits_to_binary((uint64_t)(bits >> 64));
    uint64_t right = zf_digits_to_binary((uint64_t)bits >> 4);
    return (zf_magnitude)left * (uint64_t)zf_power_of_ten(RIGHT_DIGITS) + right;
}

zf_u128 zf_packed_digits(zf_magnitude magnitude) {
    uint64_t unit = (uint64_t)zf_power_of_ten(RIGHT_DIGITS);
    uint64_t left = magnitude < unit ? 0 : (uint64_t)(magnitude / unit);
    uint64_t right = (uint64_t)(magnitude - (zf_magnitude)left * unit);
    return (zf_u128)zf_digits_from_binary(left) << 64 | zf_digits_from_binary(right) << 4;
}

struct zf_packed zf_packed_sum(struct zf_packed a, struct zf_packed b) {
    if (a.negative == b.negative) {
        return (struct zf_packed){a.magnitude + b.magnitude, a.negative};
    }
    return a.magnitude >= b.magnitude ? (struct zf_packed){a.magnitude - b.magnitude, a.negative}
                                      : (struct zf_packed){b.magnitude - a.magnitude, b.negative};
}

bool zf_packed_decode(const uint8_t *bytes, unsigned length, struct zf_packed *value) {
    uint8_t all[ZF_PACKED_BYTES] = {0};
    memcpy(all + ZF_PACKED_BYTES - length, bytes, length);
    zf_u128 bits = (zf_u128)zf_get64(all) << 64 | zf_get64(all + 8);
    unsigned sign = (unsigned)bits & 0xf;
    value->negative = zf_sign_negative(sign);
    if (!zf_packed_digits_valid(bits) || !zf_sign_valid(sign)) {
        return false;
    }
    value->magnitude = zf_packed_magnitude(bits);
    return true;
}

bool zf_packed_encode(uint8_t *bytes, unsigned length, zf_magnitude magnitude, bool negative) {
    zf_magnitude limit = zf_power_of_ten(2 * length - 1);
    bool lost = magnitude >= limit;
    zf_u128 bits = zf_packed_digits(lost ? magnitude % limit : magnitude);
    bits |= negative ? ZF_SIGN_MINUS : ZF_SIGN_PLUS;
    uint8_t all[ZF_PACKED_BYTES];
    zf_put64(all, (uint64_t)(bits >> 64));
    zf_put64(all + 8, (uint64_t)bits);
    memcpy(bytes, all + ZF_PACKED_BYTES - length, length);
    return lost;
}

bool zf_packed_load(struct zf_cpu *cpu, uint64_t address, unsigned length,
                    struct zf_packed *value) {
    uint8_t bytes[ZF_PACKED_BYTES];
    if (!zf_load_bytes(cpu, address, bytes, length)) {
        return false;
    }
    return zf_packed_decode(bytes, length, value) || zf_pgm_data(cpu, ZF_DXC_DECIMAL);
}
