/*
 * What vector ops need beyond C's operators on vectors. Registers are in host order: the book's
 * high elements are the host's high ones, so `left` and `right` are upper and lower half of what a
 * host instruction joins.
 */
#ifndef ZF_INTERP_VECTOR_OP_H
#define ZF_INTERP_VECTOR_OP_H

#include "zfacet/cpu.h"

#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

typedef ZF_VECTOR uint8_t zf_vb;
typedef ZF_VECTOR uint16_t zf_vh;
typedef ZF_VECTOR uint32_t zf_vf;
typedef ZF_VECTOR uint64_t zf_vg;
typedef ZF_VECTOR int8_t zf_vsb;
typedef ZF_VECTOR int16_t zf_vsh;
typedef ZF_VECTOR int32_t zf_vsf;
typedef ZF_VECTOR int64_t zf_vsg;
typedef ZF_VECTOR double zf_vd;
typedef ZF_VECTOR float zf_ve;

/* clang-format off */
/* Elements of the left or right halves of both, one of each in turn. */
static inline zf_vb zf_merge_high_b(zf_vb left, zf_vb right) {
    return __builtin_shufflevector(right, left, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
static inline zf_vb zf_merge_low_b(zf_vb left, zf_vb right) {
    return __builtin_shufflevector(right, left, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static inline zf_vh zf_merge_high_h(zf_vh left, zf_vh right) {
    return __builtin_shufflevector(right, left, 4, 12, 5, 13, 6, 14, 7, 15);
}
static inline zf_vh zf_merge_low_h(zf_vh left, zf_vh right) {
    return __builtin_shufflevector(right, left, 0, 8, 1, 9, 2, 10, 3, 11);
}
static inline zf_vf zf_merge_high_f(zf_vf left, zf_vf right) {
    return __builtin_shufflevector(right, left, 2, 6, 3, 7);
}
static inline zf_vf zf_merge_low_f(zf_vf left, zf_vf right) {
    return __builtin_shufflevector(right, left, 0, 4, 1, 5);
}
static inline zf_vg zf_merge_high_g(zf_vg left, zf_vg right) {
    return __builtin_shufflevector(right, left, 1, 3);
}
static inline zf_vg zf_merge_low_g(zf_vg left, zf_vg right) {
    return __builtin_shufflevector(right, left, 0, 2);
}
/* The right halves of all elements. */
static inline zf_vb zf_pack_h(zf_vh left, zf_vh right) {
    return __builtin_shufflevector((zf_vb)right, (zf_vb)left, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
static inline zf_vh zf_pack_f(zf_vf left, zf_vf right) {
    return __builtin_shufflevector((zf_vh)right, (zf_vh)left, 0, 2, 4, 6, 8, 10, 12, 14);
}
static inline zf_vf zf_pack_g(zf_vg left, zf_vg right) {
    return __builtin_shufflevector((zf_vf)right, (zf_vf)left, 0, 2, 4, 6);
}
/* Elements in reverse order. */
static inline zf_vh zf_reverse_h(zf_vh v) {
    return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
}
static inline zf_vf zf_reverse_f(zf_vf v) {
    return __builtin_shufflevector(v, v, 3, 2, 1, 0);
}
static inline zf_vg zf_reverse_g(zf_vg v) {
    return __builtin_shufflevector(v, v, 1, 0);
}
/* Bytes of each element in reverse order. */
static inline zf_vh zf_swap_h(zf_vh v) {
    return v << 8 | v >> 8;
}
#ifdef __SSSE3__
static inline zf_vf zf_swap_f(zf_vf v) {
    return (zf_vf)__builtin_shufflevector((zf_vb)v, (zf_vb)v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}
static inline zf_vg zf_swap_g(zf_vg v) {
    return (zf_vg)__builtin_shufflevector((zf_vb)v, (zf_vb)v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}
static inline zf_vb zf_swap_q(zf_vb v) {
    return __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}
#else /* without PSHUFB, halfwords are the smallest that a host instruction moves about */
static inline zf_vf zf_swap_f(zf_vf v) {
    zf_vh h = zf_swap_h((zf_vh)v);
    return (zf_vf)__builtin_shufflevector(h, h, 1, 0, 3, 2, 5, 4, 7, 6);
}
static inline zf_vg zf_swap_g(zf_vg v) {
    zf_vh h = zf_swap_h((zf_vh)v);
    return (zf_vg)__builtin_shufflevector(h, h, 3, 2, 1, 0, 7, 6, 5, 4);
}
static inline zf_vb zf_swap_q(zf_vb v) {
    return (zf_vb)zf_reverse_h(zf_swap_h((zf_vh)v));
}
#endif
/* clang-format on */

/* The larger, or smaller, elements of two; where the host has no instruction, by a compare. */
#define ZF_EXTREME(name, type, how)                                                                \
    static inline type name(type a, type b) {                                                      \
        type mask = (type)(a how b);                                                               \
        return (a & mask) | (b & ~mask);                                                           \
    }
#define ZF_EXTREME_HOST(name, type, intrinsic)                                                     \
    static inline type name(type a, type b) {                                                      \
        return (type)intrinsic((__m128i)a, (__m128i)b);                                            \
    }
#ifdef __SSE4_1__
ZF_EXTREME_HOST(zf_max_sb, zf_vsb, _mm_max_epi8)
ZF_EXTREME_HOST(zf_min_sb, zf_vsb, _mm_min_epi8)
ZF_EXTREME_HOST(zf_max_sh, zf_vsh, _mm_max_epi16)
ZF_EXTREME_HOST(zf_min_sh, zf_vsh, _mm_min_epi16)
ZF_EXTREME_HOST(zf_max_sf, zf_vsf, _mm_max_epi32)
ZF_EXTREME_HOST(zf_min_sf, zf_vsf, _mm_min_epi32)
ZF_EXTREME_HOST(zf_max_b, zf_vb, _mm_max_epu8)
ZF_EXTREME_HOST(zf_min_b, zf_vb, _mm_min_epu8)
ZF_EXTREME_HOST(zf_max_h, zf_vh, _mm_max_epu16)
ZF_EXTREME_HOST(zf_min_h, zf_vh, _mm_min_epu16)
ZF_EXTREME_HOST(zf_max_f, zf_vf, _mm_max_epu32)
ZF_EXTREME_HOST(zf_min_f, zf_vf, _mm_min_epu32)
#else
ZF_EXTREME(zf_max_sb, zf_vsb, >)
ZF_EXTREME(zf_min_sb, zf_vsb, <)
ZF_EXTREME(zf_max_sh, zf_vsh, >)
ZF_EXTREME(zf_min_sh, zf_vsh, <)
ZF_EXTREME(zf_max_sf, zf_vsf, >)
ZF_EXTREME(zf_min_sf, zf_vsf, <)
ZF_EXTREME(zf_max_b, zf_vb, >)
ZF_EXTREME(zf_min_b, zf_vb, <)
ZF_EXTREME(zf_max_h, zf_vh, >)
ZF_EXTREME(zf_min_h, zf_vh, <)
ZF_EXTREME(zf_max_f, zf_vf, >)
ZF_EXTREME(zf_min_f, zf_vf, <)
#endif
ZF_EXTREME(zf_max_sg, zf_vsg, >)
ZF_EXTREME(zf_min_sg, zf_vsg, <)
ZF_EXTREME(zf_max_g, zf_vg, >)
ZF_EXTREME(zf_min_g, zf_vg, <)
#undef ZF_EXTREME
#undef ZF_EXTREME_HOST

/* Bytes of left and right together that `chosen` numbers from the left, modulo 32. */
#if defined(__SSSE3__) && !defined(__clang__)
static inline zf_vb zf_permute(zf_vb left, zf_vb right, zf_vb chosen) {
    return __builtin_shuffle(right, left, ~chosen);
}
#else
static inline zf_vb zf_permute(zf_vb left, zf_vb right, zf_vb chosen) {
    const union zf_vr pair[2] = {{.b = right}, {.b = left}};
    const uint8_t *bytes = (const uint8_t *)pair;
    union zf_vr r;
    for (unsigned i = 0; i < 16; i++) {
        r.b[i] = bytes[~chosen[i] & 31];
    }
    return r.b;
}
#endif

/* The left half of left and right together, shifted left by `bytes` (0 to 15). */
static inline zf_u128 zf_shift_double(zf_u128 left, zf_u128 right, unsigned bytes) {
    const zf_u128 pair[2] = {right, left};
    zf_u128 r;
    memcpy(&r, (const uint8_t *)(pair + 1) - bytes, sizeof r);
    return r;
}

/* One bit for each byte, in the book's order from bit 15 of the result on: set when it is ones. */
static inline unsigned zf_byte_mask(zf_vb v) {
#ifdef __SSE2__
    return (unsigned)__builtin_ia32_pmovmskb128((__attribute__((vector_size(16))) char)v);
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++) {
        mask |= (unsigned)(v[i] >> 7) << i;
    }
    return mask;
#endif
}

/* The byte index of the first element whose bytes are ones; 16 when there is none. */
static inline unsigned zf_first_byte(zf_vb v) {
    unsigned mask = zf_byte_mask(v);
    return mask ? (unsigned)__builtin_clz(mask) - 16 : 16;
}

/* The result of an element search: a byte index in byte 7, zeros elsewhere. */
static inline zf_u128 zf_found_at(unsigned index) {
    return (zf_u128)index << 64;
}

/*
 * Bits of each byte and of its neighbour to the right (left), shifted left (right) by that byte's
 * count: one shift of the register when all counts are the same.
 */
zf_u128 zf_shift_bytes_left(zf_u128 v, zf_vb counts);
zf_u128 zf_shift_bytes_right(zf_u128 v, zf_u128 fill, zf_vb counts);

static inline bool zf_counts_alike(zf_vb counts) {
    return zf_byte_mask((zf_vb)((counts & 7) == ((zf_vb){0} + (uint8_t)(counts[8] & 7)))) == 0xffff;
}

static inline zf_u128 zf_shift_bits_left(zf_u128 v, zf_vb counts) {
    return ZF_LIKELY(zf_counts_alike(counts)) ? v << (counts[8] & 7)
                                              : zf_shift_bytes_left(v, counts);
}

static inline zf_u128 zf_shift_bits_right(zf_u128 v, zf_vb counts) {
    return ZF_LIKELY(zf_counts_alike(counts)) ? v >> (counts[8] & 7)
                                              : zf_shift_bytes_right(v, 0, counts);
}

static inline zf_u128 zf_shift_bits_right_signed(zf_i128 v, zf_vb counts) {
    return ZF_LIKELY(zf_counts_alike(counts))
               ? (zf_u128)(v >> (counts[8] & 7))
               : zf_shift_bytes_right((zf_u128)v, (zf_u128)(v >> 127), counts);
}

/* Left halves of products of 128 bits each, and of such with a number added. */
zf_u128 zf_multiply_high(zf_u128 a, zf_u128 b, zf_u128 added);
zf_u128 zf_multiply_high_signed(zf_i128 a, zf_i128 b, zf_i128 added);

#endif
