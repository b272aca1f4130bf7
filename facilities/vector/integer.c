/*
 * The vector integer instructions that are rare: Galois-field products, bit counts and
 * permutations, sums of products, and the division of vector-enhancements facility 3.
 */
#include "vector/vector.h"

static enum zf_next specification(struct zf_cpu *cpu) {
    return zf_raise(cpu, ZF_PGM_SPECIFICATION);
}

/* A product of polynomials over the field of two elements. */
static zf_u128 galois_product(uint64_t a, uint64_t b) {
    zf_u128 product = 0, shifted = a;
    for (; b; b >>= 1, shifted <<= 1) {
        product ^= shifted & -(zf_u128)(b & 1);
    }
    return product;
}

/* The exclusive or of the products of each even element and of the odd one beside it. */
static union zf_vr galois_sums(const union zf_vr *a, const union zf_vr *b, unsigned size) {
    union zf_vr sums = {0};
    unsigned bits = 16u << size;
    for (unsigned n = 0; n < zf_vr_elements(size); n += 2) {
        zf_u128 sum = galois_product(zf_vr_element(a, size, n), zf_vr_element(b, size, n)) ^
                      galois_product(zf_vr_element(a, size, n + 1), zf_vr_element(b, size, n + 1));
        sums.all |= sum << (128 - bits) >> (n / 2 * bits);
    }
    return sums;
}

/* VECTOR GALOIS FIELD MULTIPLY SUM, and AND ACCUMULATE */
enum zf_next zf_do_vgfm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    bool accumulates = zf_insn_format(&i->insn) == ZF_FORMAT_VRR_d;
    unsigned size = zf_vector_size(&i->insn, &i->o);
    if (size > ZF_DOUBLEWORD) {
        return specification(cpu);
    }
    zf_u128 sums = galois_sums(&cpu->vr[i->o.v2], &cpu->vr[i->o.v3], size).all;
    zf_vr_set(cpu, i->o.v1, accumulates ? sums ^ zf_vr(cpu, i->o.v4) : sums);
    return ZF_NEXT;
}

static unsigned leading_zeros(zf_u128 v, unsigned bits) {
    uint64_t left = (uint64_t)(v >> 64), right = (uint64_t)v;
    unsigned all = left    ? (unsigned)__builtin_clzll(left)
                   : right ? 64 + (unsigned)__builtin_clzll(right)
                           : 128;
    return all - (128 - bits);
}

static unsigned trailing_zeros(zf_u128 v, unsigned bits) {
    uint64_t left = (uint64_t)(v >> 64), right = (uint64_t)v;
    return right  ? (unsigned)__builtin_ctzll(right)
           : left ? 64 + (unsigned)__builtin_ctzll(left)
                  : bits;
}

/* VECTOR COUNT LEADING ZEROS, TRAILING ZEROS; the argument says which: trailing when not 0. */
enum zf_next zf_do_vector_zeros(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const union zf_vr v = cpu->vr[i->o.v2];
    unsigned size = i->o.m3, bits = 8u << size;
    union zf_vr counts = {0};
    if (size > ZF_QUADWORD) {
        return specification(cpu);
    }
    for (unsigned n = 0; n < zf_vr_elements(size); n++) {
        zf_u128 element = v.all << (n * bits) >> (128 - bits);
        zf_u128 count = i->argument ? trailing_zeros(element, bits) : leading_zeros(element, bits);
        counts.all |= count << (128 - bits) >> (n * bits);
    }
    cpu->vr[i->o.v1] = counts;
    return ZF_NEXT;
}

/* VECTOR BIT PERMUTE: sixteen bits of the second operand, a zero for numbers beyond it. */
enum zf_next zf_do_vbperm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t bits = 0;
    for (unsigned n = 0; n < 16; n++) {
        unsigned number = (unsigned)zf_vr_element(&cpu->vr[i->o.v3], ZF_BYTE, n);
        bool bit = number < 128 && zf_vr(cpu, i->o.v2) >> (127 - number) & 1;
        bits = bits << 1 | bit;
    }
    zf_vr_set(cpu, i->o.v1, (zf_u128)bits << 64);
    return ZF_NEXT;
}

/* VECTOR MULTIPLY SUM LOGICAL: M6 doubles the even and the odd product. */
enum zf_next zf_do_vmsl(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { DOUBLE_EVEN = 8, DOUBLE_ODD = 4 };
    const struct zf_insn_call *i = zf_insn_call(call);
    const union zf_vr *a = &cpu->vr[i->o.v2], *b = &cpu->vr[i->o.v3];
    if (i->o.m5 != ZF_DOUBLEWORD) {
        return specification(cpu);
    }
    zf_u128 even = (zf_u128)a->half[ZF_VR_LEFT] * b->half[ZF_VR_LEFT];
    zf_u128 odd = (zf_u128)a->half[ZF_VR_RIGHT] * b->half[ZF_VR_RIGHT];
    even <<= i->o.m6 & DOUBLE_EVEN ? 1 : 0;
    odd <<= i->o.m6 & DOUBLE_ODD ? 1 : 0;
    zf_vr_set(cpu, i->o.v1, even + odd + zf_vr(cpu, i->o.v4));
    return ZF_NEXT;
}

/* VECTOR GENERATE ELEMENT MASKS: ones where the first bits of the second operand are ones. */
enum zf_next zf_do_vgem(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned size = i->o.m3, bits = 8u << size;
    zf_u128 masks = 0, chosen = zf_vr(cpu, i->o.v2);
    if (size > ZF_QUADWORD) {
        return specification(cpu);
    }
    for (unsigned n = 0; n < zf_vr_elements(size); n++) {
        bool on = chosen >> (127 - n) & 1;
        masks |= on ? ~(zf_u128)0 << (128 - bits) >> (n * bits) : 0;
    }
    zf_vr_set(cpu, i->o.v1, masks);
    return ZF_NEXT;
}

/* VECTOR EVALUATE: bit abc of I5 is the result where the operands have the bits a, b and c. */
enum zf_next zf_do_veval(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    zf_u128 a = zf_vr(cpu, i->o.v2), b = zf_vr(cpu, i->o.v3), c = zf_vr(cpu, i->o.v4), result = 0;
    for (unsigned n = 0; n < 8; n++) {
        zf_u128 here = (n & 4 ? a : ~a) & (n & 2 ? b : ~b) & (n & 1 ? c : ~c);
        result |= i->o.i5 & ZF_BIT8(n) ? here : 0;
    }
    zf_vr_set(cpu, i->o.v1, result);
    return ZF_NEXT;
}

/* Sign-extended elements of four, eight or sixteen bytes, or zero-extended ones. */
static zf_u128 widened(zf_u128 v, unsigned size, unsigned n, bool logical) {
    unsigned bits = 8u << size;
    zf_u128 left = v << (n * bits);
    return logical ? left >> (128 - bits) : (zf_u128)((zf_i128)left >> (128 - bits));
}

/*
 * VECTOR DIVIDE, REMAINDER and their LOGICAL forms. By zero, and a signed quotient that is too
 * large, are a vector-processing exception, which suppresses; or give zero when M5 says so. A
 * remainder is never too large.
 */
enum zf_next zf_do_vector_divide(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { NO_EXCEPTION = 8, INTEGER_DIVIDE = 8 };
    const struct zf_insn_call *i = zf_insn_call(call);
    bool logical = i->argument & ZF_DIVIDE_LOGICAL, remainder = i->argument & ZF_DIVIDE_REMAINDER;
    unsigned size = i->o.m4, bits = 8u << size;
    union zf_vr result = {0};
    if (size < ZF_WORD || size > ZF_QUADWORD) {
        return specification(cpu);
    }
    for (unsigned n = 0; n < zf_vr_elements(size); n++) {
        zf_u128 p = widened(zf_vr(cpu, i->o.v2), size, n, logical), value = 0;
        zf_u128 q = widened(zf_vr(cpu, i->o.v3), size, n, logical);
        bool large = !logical && q == ~(zf_u128)0 && p == ~(zf_u128)0 << (bits - 1);
        if (!q || (large && !remainder)) {
            if (!(i->o.m5 & NO_EXCEPTION)) {
                cpu->pgm.dxc = (uint8_t)(n << 4 | INTEGER_DIVIDE);
                return zf_raise(cpu, ZF_PGM_VECTOR_PROCESSING);
            }
        } else if (logical) {
            value = remainder ? p % q : p / q;
        } else if (!large) {
            value = (zf_u128)(remainder ? (zf_i128)p % (zf_i128)q : (zf_i128)p / (zf_i128)q);
        }
        result.all |= value << (128 - bits) >> (n * bits);
    }
    cpu->vr[i->o.v1] = result;
    return ZF_NEXT;
}
