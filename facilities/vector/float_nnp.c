/*
 * Conversions between BFP and NNP-data-type-1, 16 bits with nine of fraction and a bias of 31. It
 * has no subnormal numbers, and one code for infinities and NaNs. Rounding is to nearest, ties away
 * from zero; inexactness is not recognized, except as what a reserved format means.
 */
#include "vector/float.h"

enum { BIAS = 31, FRACTION_BITS = 9, EXPONENT_MAX = 63, SIGN = 0x8000, NOT_A_NUMBER = 0x7fff };
enum { NNP = 0, TINY = 1, SHORT = 2 }; /* formats in M fields */

static const struct zf_bfp_format tiny = {.bits = 16, .precision = 11, .bias = 15};

static zf_u128 encode(struct zf_bfp_op *op, struct zf_bfp a) {
    unsigned sign = a.sign ? SIGN : 0;
    if (a.kind == ZF_BFP_ZERO) {
        return sign;
    }
    if (a.kind != ZF_BFP_FINITE) {
        zf_bfp_quieten(op, a);
        return sign | NOT_A_NUMBER;
    }
    unsigned kept =
        (unsigned)(a.sig >> (127 - FRACTION_BITS - 1)) + 1; /* and one bit to round by */
    int exponent = a.exp + BIAS;
    if (kept >> (FRACTION_BITS + 2)) {
        kept >>= 1;
        exponent++;
    }
    unsigned fraction = kept >> 1 & ((1u << FRACTION_BITS) - 1);
    unsigned bits = (unsigned)exponent << FRACTION_BITS | fraction;
    if (exponent > EXPONENT_MAX || bits == NOT_A_NUMBER) {
        zf_bfp_raise(op, ZF_IEEE_OVERFLOW);
        return sign | NOT_A_NUMBER;
    }
    if (exponent < 0 || !bits) {
        zf_bfp_raise(op, ZF_IEEE_UNDERFLOW);
        return sign;
    }
    return sign | bits;
}

static struct zf_bfp decode(struct zf_bfp_op *op, unsigned bits) {
    struct zf_bfp a = {.kind = ZF_BFP_ZERO, .sign = bits & SIGN};
    bits &= NOT_A_NUMBER;
    if (bits == NOT_A_NUMBER) {
        zf_bfp_raise(op, ZF_IEEE_INVALID);
        a.kind = ZF_BFP_QNAN;
        a.sig = (zf_u128)1 << 126;
    } else if (bits) {
        unsigned fraction = bits & ((1u << FRACTION_BITS) - 1);
        a.kind = ZF_BFP_FINITE;
        a.exp = (int)(bits >> FRACTION_BITS) - BIAS;
        a.sig = (zf_u128)(fraction | 1u << FRACTION_BITS) << (127 - FRACTION_BITS);
    }
    return a;
}

/* The BFP element n: of V2, and in a conversion of short ones then of V3. */
static struct zf_bfp source(const struct zf_vector_float *f, unsigned n) {
    const union zf_vr *v2 = &f->cpu->vr[f->i->o.v2], *v3 = &f->cpu->vr[f->i->o.v3];
    if (f->i->argument & ZF_NNP_SHORT) {
        return zf_bfp_unpack(&zf_bfp_short, zf_vr_element(n < 4 ? v2 : v3, ZF_WORD, n % 4));
    }
    return zf_bfp_unpack(&tiny, zf_vr_element(v2, ZF_HALFWORD, n));
}

static zf_u128 convert(struct zf_vector_float *f) {
    unsigned n = f->index;
    if (!(f->i->argument & ZF_NNP_FROM)) {
        return encode(&f->op, source(f, n));
    }
    unsigned bits = (unsigned)zf_vr_element(&f->cpu->vr[f->i->o.v2], ZF_HALFWORD, n);
    struct zf_bfp a = decode(&f->op, bits);
    return zf_bfp_pack(&f->op, f->to, a);
}

static bool formats_known(const struct zf_insn_call *i) {
    unsigned other = i->argument & ZF_NNP_SHORT ? SHORT : TINY;
    if (zf_insn_format(&i->insn) == ZF_FORMAT_VRR_c) {
        return i->o.m4 == NNP && i->o.m5 == other;
    }
    bool from = i->argument & ZF_NNP_FROM;
    return i->o.m3 == (from ? other : NNP) && i->o.m4 == (from ? NNP : other);
}

/*
 * VECTOR FP CONVERT TO NNP, CONVERT FROM NNP, CONVERT AND LENGTHEN FROM NNP HIGH and LOW, CONVERT
 * AND ROUND TO NNP
 */
enum zf_next zf_do_vector_float_nnp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    bool to_short = i->argument & ZF_NNP_FROM && i->argument & ZF_NNP_SHORT;
    unsigned count = to_short ? 4 : 8, first = i->argument & ZF_NNP_LOW ? 4 : 0;
    struct zf_vector_float f = {.cpu = cpu, .i = i, .op = zf_bfp_begin(cpu)};
    union zf_vr result = cpu->vr[i->o.v1];
    if (!formats_known(i)) {
        zf_bfp_raise_inexact(&f.op, false);
        count = 0;
    }
    f.to = to_short ? &zf_bfp_short : &tiny;
    f.op.rounding = ZF_ROUND_NEAREST_AWAY;
    f.op.suppress_inexact = true;
    for (unsigned n = 0; n < count && !f.op.dxc; n++) {
        f.index = first + n;
        uint64_t bits = (uint64_t)convert(&f);
        zf_vr_set_element(&result, to_short ? ZF_WORD : ZF_HALFWORD, n, bits);
    }
    if (f.op.dxc) {
        return zf_float_trap(&f);
    }
    cpu->fpc |= (uint32_t)f.op.flags << 16;
    cpu->vr[i->o.v1] = result;
    return ZF_NEXT;
}
