/*
 * The DFP instructions that take numbers apart, put them together and look at them: exponents,
 * significands, classes. None of them recognizes an IEEE exception; infinities and NaNs have the
 * digits of their trailing significand.
 */
#include "decimal/digits.h"
#include "dfp/operand.h"

/* The least and the greatest biased exponent: 0 and this. */
static int64_t greatest_biased(const struct zf_dfp_format *f) {
    return (3 << f->continued) - 1;
}

/* COMPARE BIASED EXPONENT: infinities are equal, and so are NaNs */
enum zf_next zf_do_dfp_compare_exponent(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r1), b = zf_dfp_get(cpu, f, i->o.r2);
    unsigned kind_a = a.kind == ZF_DFP_SNAN ? ZF_DFP_QNAN : a.kind;
    unsigned kind_b = b.kind == ZF_DFP_SNAN ? ZF_DFP_QNAN : b.kind;
    if (kind_a != kind_b) {
        cpu->cc = 3;
    } else {
        cpu->cc = a.exp == b.exp ? 0 : a.exp < b.exp ? 1 : 2;
    }
    return ZF_NEXT;
}

/* What stands for a kind that has no exponent or significance: -1 infinity, -2 QNaN, -3 SNaN. */
static uint64_t code_of(unsigned kind) {
    return -(uint64_t)kind;
}

/* EXTRACT BIASED EXPONENT */
enum zf_next zf_do_dfp_extract_exponent(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r2);
    cpu->gr[i->o.r1] = a.kind == ZF_DFP_FINITE ? (uint64_t)(a.exp + f->bias) : code_of(a.kind);
    return ZF_NEXT;
}

/* EXTRACT SIGNIFICANCE */
enum zf_next zf_do_dfp_extract_significance(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_dfp a = zf_dfp_get(cpu, zf_dfp_format_of(i), i->o.r2);
    cpu->gr[i->o.r1] =
        a.kind == ZF_DFP_FINITE ? zf_dfp_significance(a.significand) : code_of(a.kind);
    return ZF_NEXT;
}

/* INSERT BIASED EXPONENT: sign and digits of R3, the exponent or kind that R2 says */
enum zf_next zf_do_dfp_insert_exponent(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r3);
    int64_t biased = (int64_t)cpu->gr[i->o.r2];
    if (biased >= 0 && biased <= greatest_biased(f)) {
        a.kind = ZF_DFP_FINITE;
        a.exp = (int32_t)biased - f->bias;
    } else {
        a.kind = biased == -1 ? ZF_DFP_INFINITE : biased == -3 ? ZF_DFP_SNAN : ZF_DFP_QNAN;
    }
    zf_dfp_put(cpu, f, i->o.r1, a);
    return ZF_NEXT;
}

/* SHIFT SIGNIFICAND LEFT, SHIFT SIGNIFICAND RIGHT: digits that are shifted out are lost */
enum zf_next zf_do_dfp_shift(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r3);
    unsigned n = zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2) & 0x3f;
    if (n >= f->digits) {
        a.significand = 0;
    } else if (i->argument & ZF_DFP_RIGHT) {
        a.significand /= zf_power_of_ten(n);
    } else {
        a.significand = a.significand % zf_power_of_ten(f->digits - n) * zf_power_of_ten(n);
    }
    zf_dfp_put(cpu, f, i->o.r1, a);
    return ZF_NEXT;
}

/* Sets the CC to the bit of the second-operand address that stands for class and sign. */
static enum zf_next test(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned class,
                         bool sign) {
    uint64_t mask = zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2);
    cpu->cc = (mask & 0x800 >> (2 * class + sign)) != 0;
    return ZF_NEXT;
}

/* TEST DATA CLASS: zero, subnormal, normal, infinity, QNaN, SNaN */
enum zf_next zf_do_dfp_test_class(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { ZERO, SUBNORMAL, NORMAL };
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r1);
    unsigned class = NORMAL + a.kind;
    if (a.kind == ZF_DFP_FINITE) {
        int32_t digits = (int32_t)zf_dfp_significance(a.significand);
        bool tiny = a.exp + digits < f->digits - f->bias;
        class = !digits ? ZERO : tiny ? SUBNORMAL : NORMAL;
    }
    return test(cpu, i, class, a.sign);
}

/*
 * TEST DATA GROUP: whether software can go on with the digits alone. An exponent is extreme when it
 * is the least or the greatest; it is safe otherwise.
 */
enum zf_next zf_do_dfp_test_group(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { SAFE_ZERO, EXTREME_ZERO, EXTREME, SAFE, SAFE_FULL, SPECIAL };
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r1);
    int64_t biased = a.exp + f->bias;
    bool extreme = biased == 0 || biased == greatest_biased(f);
    unsigned group;
    if (a.kind != ZF_DFP_FINITE) {
        group = SPECIAL;
    } else if (!a.significand) {
        group = extreme ? EXTREME_ZERO : SAFE_ZERO;
    } else if (extreme) {
        group = EXTREME;
    } else {
        group = zf_dfp_significance(a.significand) == f->digits ? SAFE_FULL : SAFE;
    }
    return test(cpu, i, group, a.sign);
}
