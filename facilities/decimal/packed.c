#include "decimal/packed.h"

bool zf_packed_decode(const uint8_t *bytes, unsigned length, struct zf_packed *value) {
    uint64_t part = 0;
    zf_magnitude magnitude = 0;
    for (unsigned i = 0; i < length; i++) {
        unsigned left = bytes[i] >> 4, right = bytes[i] & 0xf;
        if (left > 9 || (i + 1 < length) != (right <= 9)) {
            return false;
        }
        part = part * 10 + left;
        if (i + 1 < length) {
            part = part * 10 + right;
        } else {
            value->negative = zf_sign_negative(right);
        }
        if (i == 7) {
            magnitude = part;
            part = 0;
        }
    }
    if (length > 8) {
        magnitude = magnitude * (uint64_t)zf_power_of_ten(2 * (length - 8) - 1) + part;
    } else if (length < 8) {
        magnitude = part;
    }
    value->magnitude = magnitude;
    return true;
}

bool zf_packed_encode(uint8_t *bytes, unsigned length, zf_magnitude magnitude, bool negative) {
    unsigned sign = negative ? 0xd : 0xc;
    for (unsigned i = length; i-- > 0;) {
        unsigned left, right = sign;
        if (i + 1 < length) {
            right = (unsigned)(magnitude % 10);
            magnitude /= 10;
        }
        left = (unsigned)(magnitude % 10);
        magnitude /= 10;
        bytes[i] = (uint8_t)(left << 4 | right);
    }
    return magnitude != 0;
}

bool zf_packed_load(struct zf_cpu *cpu, uint64_t address, unsigned length,
                    struct zf_packed *value) {
    uint8_t bytes[ZF_PACKED_BYTES];
    if (!zf_load_bytes(cpu, address, bytes, length)) {
        return false;
    }
    return zf_packed_decode(bytes, length, value) || zf_pgm_data(cpu, ZF_DXC_DECIMAL);
}
