/* Bodies of vector ops that are too long to stand in every engine. */
#include "vector_op.h"

zf_u128 zf_shift_bytes_left(zf_u128 v, zf_vb counts) {
    union zf_vr r = {.all = v};
    for (unsigned i = 16; i-- > 0;) {
        unsigned pair = (unsigned)r.b[i] << 8 | (i ? r.b[i - 1] : 0);
        r.b[i] = (uint8_t)(pair << (counts[i] & 7) >> 8);
    }
    return r.all;
}

zf_u128 zf_shift_bytes_right(zf_u128 v, zf_u128 fill, zf_vb counts) {
    union zf_vr r = {.all = v};
    for (unsigned i = 0; i < 16; i++) {
        unsigned pair = (unsigned)(i < 15 ? r.b[i + 1] : (uint8_t)fill) << 8 | r.b[i];
        r.b[i] = (uint8_t)(pair >> (counts[i] & 7));
    }
    return r.all;
}

zf_u128 zf_multiply_high(zf_u128 a, zf_u128 b, zf_u128 added) {
    const uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    const uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    zf_u128 low = (zf_u128)a0 * b0, middle = (zf_u128)a1 * b0, other = (zf_u128)a0 * b1;
    zf_u128 sum = (low >> 64) + (uint64_t)middle + (uint64_t)other;
    zf_u128 product_low = sum << 64 | (uint64_t)low;
    zf_u128 high = (zf_u128)a1 * b1 + (middle >> 64) + (other >> 64) + (sum >> 64);
    return high + (product_low + added < added);
}

zf_u128 zf_multiply_high_signed(zf_i128 a, zf_i128 b, zf_i128 added) {
    zf_u128 high = zf_multiply_high((zf_u128)a, (zf_u128)b, (zf_u128)added);
    high -= a < 0 ? (zf_u128)b : 0;
    high -= b < 0 ? (zf_u128)a : 0;
    return high - (added < 0);
}
