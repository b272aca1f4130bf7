/*
 * What vector floating-point ops need beyond C's operators on vectors.
 */
#ifndef ZF_INTERP_VECTOR_FLOAT_OP_H
#define ZF_INTERP_VECTOR_FLOAT_OP_H

#include "vector_op.h"

static inline bool zf_all_ones(zf_vb mask) {
    return zf_byte_mask(mask) == 0xffff;
}

/*
 * Whether a result is known to be right but for inexactness: each element a normal number that is
 * not at the range's lower end, or a zero where `zero` is all ones.
 */
static inline bool zf_doubles_known(zf_vd s, zf_vsg zero) {
    zf_vsf exponent = (zf_vsf)((zf_vf)s >> 20 & 0x7ff);
    zf_vsf normal = (exponent > 1) & (exponent < 0x7ff);
    const zf_vsf right_words = {-1, 0, -1, 0};
    if (ZF_LIKELY(zf_all_ones((zf_vb)(normal | right_words)))) {
        return true;
    }
    zf_vsf fine = normal | (zf_vsf)((s == 0) & zero);
    return zf_all_ones((zf_vb)(fine | right_words));
}

static inline bool zf_floats_known(zf_ve s, zf_vsf zero) {
    zf_vsf exponent = (zf_vsf)((zf_vf)s >> 23 & 0xff);
    zf_vsf normal = (exponent > 1) & (exponent < 0xff);
    return zf_all_ones((zf_vb)(normal | ((s == 0) & zero)));
}

static inline zf_vd zf_fma_doubles(zf_vd a, zf_vd b, zf_vd c) {
    return (zf_vd){__builtin_fma(a[0], b[0], c[0]), __builtin_fma(a[1], b[1], c[1])};
}

static inline zf_ve zf_fma_floats(zf_ve a, zf_ve b, zf_ve c) {
    return (zf_ve){
        __builtin_fmaf(a[0], b[0], c[0]),
        __builtin_fmaf(a[1], b[1], c[1]),
        __builtin_fmaf(a[2], b[2], c[2]),
        __builtin_fmaf(a[3], b[3], c[3]),
    };
}

static inline zf_vd zf_sqrt_doubles(zf_vd a) {
    return (zf_vd){__builtin_sqrt(a[0]), __builtin_sqrt(a[1])};
}

static inline zf_ve zf_sqrt_floats(zf_ve a) {
    return (zf_ve){
        __builtin_sqrtf(a[0]),
        __builtin_sqrtf(a[1]),
        __builtin_sqrtf(a[2]),
        __builtin_sqrtf(a[3]),
    };
}

#endif
