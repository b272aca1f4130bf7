/*
 * Conversions between packed decimal and hexadecimal floating point, with a power of ten as scale.
 */
#include "float/hfp.h"
#include "vector/decimal.h"

enum { LOW_DIGITS = 14, DOUBLEWORD = 64 };
#define FRACTION UINT64_C(0x00ffffffffffffff)

/* The scale is byte 7 of V3; only so many of its bits have a predictable result. */
static unsigned scale(const struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned bits) {
    return (unsigned)(zf_vr(cpu, i->o.v3) >> DOUBLEWORD) & bits;
}

/* The decimal operand times its scale, below 10^38, normalized; a fraction of 0 is zero. */
static bool scaled_operand(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_hfp *a,
                           zf_u128 *digits) {
    struct zf_packed value;
    if (!zf_decimal_operand(cpu, i->o.v2, false, &value)) {
        return false;
    }
    *digits = value.magnitude * zf_power_of_ten(scale(cpu, i, 7));
    unsigned zeros = *digits ? zf_clz128(*digits) / 4 : 0;
    *digits <<= 4 * zeros;
    *a = (struct zf_hfp){.sign = value.negative, .exp = 64 + 32 - (int)zeros, .frac = *digits >> 4};
    return true;
}

static uint64_t part(struct zf_hfp a, int32_t exp, uint64_t fraction) {
    return (uint64_t)a.sign << 63 | (uint64_t)(exp & 0x7f) << 56 | (fraction & FRACTION);
}

/* DECIMAL SCALE AND CONVERT TO HFP: M4 is the format, the last bit of M5 asks for rounding */
enum zf_next zf_do_vschp(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { SHORT = 2, EXTENDED = 4, ROUND = 1 };
    static const uint8_t digits_of[] = {ZF_HFP_SHORT, ZF_HFP_LONG, ZF_HFP_EXTENDED};
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a;
    zf_u128 all;
    if (i->o.m4 < SHORT || i->o.m4 > EXTENDED) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!scaled_operand(cpu, i, &a, &all)) {
        return ZF_NEXT_PGM;
    }
    unsigned digits = digits_of[i->o.m4 - SHORT];
    if (!a.frac) {
        zf_vr_set(cpu, i->o.v1, 0);
        return ZF_NEXT;
    }
    if (i->o.m5 & ROUND) {
        a = zf_hfp_rounded(a, digits);
    }
    a.frac = zf_hfp_truncated(a.frac, digits);
    uint64_t high = part(a, a.exp, (uint64_t)(a.frac >> 68));
    uint64_t low = part(a, a.exp - LOW_DIGITS, (uint64_t)(a.frac >> 12));
    zf_vr_set(cpu, i->o.v1, (zf_u128)high << 64 | (i->o.m4 == EXTENDED ? low : 0));
    return ZF_NEXT;
}

/* DECIMAL SCALE AND CONVERT AND SPLIT TO HFP: a short number, and the rest as a long one */
enum zf_next zf_do_vscshp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a;
    zf_u128 all;
    if (!scaled_operand(cpu, i, &a, &all)) {
        return ZF_NEXT_PGM;
    }
    uint64_t high = all ? part(a, a.exp, (uint64_t)(all >> 104) << 32) : 0, low = 0;
    all <<= 4 * ZF_HFP_SHORT;
    if (all) {
        unsigned zeros = zf_clz128(all) / 4;
        low = part(a, a.exp - ZF_HFP_SHORT - (int)zeros, (uint64_t)(all << (4 * zeros) >> 72));
    }
    zf_vr_set(cpu, i->o.v1, (zf_u128)high << 64 | low);
    return ZF_NEXT;
}

/* value * 16^n as an integer; what leaves it on the right rounds, half of a unit away from zero. */
static zf_magnitude shifted(struct zf_wide value, int n, bool round) {
    const zf_magnitude limit = zf_power_of_ten(ZF_PACKED_DIGITS);
    zf_u128 rest;
    bool half = false;
    for (; n < 0 && (value.high || value.low || half); n++) {
        half = value.low >> 3 & 1;
        value.low = value.low >> 4 | value.high << 124;
        value.high >>= 4;
    }
    zf_wide_divide(value, limit, &rest);
    rest += half && round;
    for (; n > 0; n--) {
        rest = (rest << 4) % limit;
    }
    return rest % limit;
}

/* VECTOR CONVERT HFP TO SCALED DECIMAL: an extended number; the last bit of M4 asks for rounding */
enum zf_next zf_do_vcsph(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { ROUND = 1, SCALE_BITS = 0x1f };
    const struct zf_insn_call *i = zf_insn_call(call);
    zf_u128 bits = zf_vr(cpu, i->o.v2);
    uint64_t high = (uint64_t)(bits >> 64);
    zf_u128 fraction = (zf_u128)(high & FRACTION) << 56 | ((uint64_t)bits & FRACTION);
    int exp = (int)(high >> 56 & 0x7f) - 64 - ZF_HFP_DIGITS;
    struct zf_wide value = zf_wide_multiply(fraction, zf_power_of_ten(scale(cpu, i, SCALE_BITS)));
    zf_magnitude digits = shifted(value, exp, i->o.m4 & ROUND);
    bool negative = high >> 63 && digits;
    zf_vr_set(cpu, i->o.v1, zf_packed_digits(digits) | (negative ? ZF_SIGN_MINUS : ZF_SIGN_PLUS));
    return ZF_NEXT;
}
