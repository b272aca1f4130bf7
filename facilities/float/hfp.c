/*
 * The HFP instructions: operands from registers and storage, the operation, exponent overflow and
 * underflow, significance, the condition code. Each helper serves all formats of its family: the
 * row's argument says which, and what else tells the instructions apart.
 */
#include "float/hfp.h"
#include "float/operand.h"

#define LONG_FRACTION UINT64_C(0x00ffffffffffffff)
enum { LOW_PART = 14, EXPONENT_RANGE = 128 };

/* Digits of the formats ZF_FP_SHORT, LONG, EXTENDED. */
static const uint8_t digits_of[] = {ZF_HFP_SHORT, ZF_HFP_LONG, ZF_HFP_EXTENDED};

/* Digits of the operands, and of the result. */
static unsigned source(const struct zf_insn_call *i) {
    return digits_of[zf_float_format(i->argument)];
}

static unsigned target(const struct zf_insn_call *i) {
    return digits_of[zf_float_result(i->argument)];
}

static struct zf_hfp unpack(uint64_t high, uint64_t low) {
    return (struct zf_hfp){
        .sign = high >> 63,
        .exp = (int32_t)(high >> 56 & 0x7f),
        .frac = ((zf_u128)(high & LONG_FRACTION) << 56 | (low & LONG_FRACTION)) << 12,
    };
}

/* From the encoding, right-aligned. */
static struct zf_hfp from_bits(unsigned digits, zf_u128 bits) {
    if (digits == ZF_HFP_EXTENDED) {
        return unpack((uint64_t)(bits >> 64), (uint64_t)bits);
    }
    return unpack(digits == ZF_HFP_SHORT ? (uint64_t)bits << 32 : (uint64_t)bits, 0);
}

static unsigned bits_of(unsigned digits) {
    return digits == ZF_HFP_SHORT ? 32 : digits == ZF_HFP_LONG ? 64 : 128;
}

struct zf_hfp zf_hfp_get(const struct zf_cpu *cpu, unsigned digits, unsigned r) {
    return from_bits(digits, zf_float_get(cpu, bits_of(digits), r));
}

/* An operand in the register. */
static struct zf_hfp get(const struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned r) {
    return zf_hfp_get(cpu, source(i), r);
}

static uint64_t part(struct zf_hfp a, int32_t exp, uint64_t fraction) {
    return (uint64_t)a.sign << 63 | (uint64_t)(exp & 0x7f) << 56 | fraction;
}

void zf_hfp_put(struct zf_cpu *cpu, unsigned digits, unsigned r, struct zf_hfp a) {
    uint64_t high = part(a, a.exp, (uint64_t)(a.frac >> 68) & LONG_FRACTION);
    if (digits == ZF_HFP_SHORT) {
        zf_fpr_set_short(cpu, r, (uint32_t)(high >> 32));
        return;
    }
    zf_fpr_set(cpu, r, high);
    if (digits == ZF_HFP_EXTENDED) {
        zf_fpr_set(cpu, r + 2, part(a, a.exp - LOW_PART, (uint64_t)(a.frac >> 12) & LONG_FRACTION));
    }
}

void zf_hfp_put_zero(struct zf_cpu *cpu, unsigned digits, unsigned r, bool sign) {
    zf_hfp_put(cpu, digits, r, (struct zf_hfp){.sign = sign, .exp = 0});
    if (digits == ZF_HFP_EXTENDED) {
        zf_fpr_set(cpu, r + 2, (uint64_t)sign << 63);
    }
}

bool zf_hfp_second(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                   struct zf_hfp *b) {
    zf_u128 bits;
    if (!zf_float_second(cpu, i, bits_of(digits), &bits)) {
        return false;
    }
    *b = from_bits(digits, bits);
    return true;
}

static bool second(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_hfp *b) {
    return zf_hfp_second(cpu, i, source(i), b);
}

static unsigned cc_of(struct zf_hfp a) {
    return !a.frac ? 0 : a.sign ? 1 : 2;
}

/* A result into R1, truncated, with exponent overflow and underflow; the fraction is not zero. */
static enum zf_next finish(struct zf_cpu *cpu, unsigned digits, unsigned r, struct zf_hfp a) {
    if (!a.frac) {
        zf_hfp_put_zero(cpu, digits, r, false);
        return ZF_NEXT;
    }
    if (a.exp >= EXPONENT_RANGE) {
        zf_hfp_put(cpu, digits, r, a);
        return zf_raise(cpu, ZF_PGM_HFP_OVERFLOW);
    }
    if (a.exp >= 0) {
        zf_hfp_put(cpu, digits, r, a);
        return ZF_NEXT;
    }
    if (cpu->psw.mask & ZF_PSW_PM_HFP_UNDERFLOW) {
        zf_hfp_put(cpu, digits, r, a);
        return zf_raise(cpu, ZF_PGM_HFP_UNDERFLOW);
    }
    zf_hfp_put_zero(cpu, digits, r, false);
    return ZF_NEXT;
}

/* Sums: the carry, normalization or not, significance, CC. */
static enum zf_next finish_sum(struct zf_cpu *cpu, unsigned digits, unsigned r, struct zf_hfp a,
                               bool normalize) {
    if (a.frac >> ZF_HFP_CARRY_SHIFT) {
        a.frac >>= 4;
        a.exp++;
    }
    a = normalize ? zf_hfp_normalized(a) : a;
    if (!normalize || a.frac) {
        a.frac = zf_hfp_truncated(a.frac, digits);
    }
    if (!a.frac) {
        cpu->cc = 0;
        a.sign = false;
        if (cpu->psw.mask & ZF_PSW_PM_HFP_SIGNIFICANCE) {
            zf_hfp_put(cpu, digits, r, a);
            return zf_raise(cpu, ZF_PGM_HFP_SIGNIFICANCE);
        }
        zf_hfp_put_zero(cpu, digits, r, false);
        return ZF_NEXT;
    }
    bool lost = a.exp < 0 && !(cpu->psw.mask & ZF_PSW_PM_HFP_UNDERFLOW);
    cpu->cc = lost ? 0 : cc_of(a);
    return finish(cpu, digits, r, a);
}

/* ADD and SUBTRACT, NORMALIZED and UNNORMALIZED */
enum zf_next zf_do_hfp_add(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r1), b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    b.sign ^= (i->argument & ZF_FP_SUBTRACT) != 0;
    return finish_sum(cpu, source(i), i->o.r1, zf_hfp_sum(a, b, source(i)),
                      !(i->argument & ZF_FP_UNNORMALIZED));
}

/* COMPARE: the difference, its guard digit included, tells. */
enum zf_next zf_do_hfp_compare(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r1), b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    b.sign ^= 1;
    cpu->cc = cc_of(zf_hfp_sum(a, b, source(i)));
    return ZF_NEXT;
}

/* MULTIPLY, to the operands' format or the next longer one */
enum zf_next zf_do_hfp_multiply(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r1), b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_hfp p = zf_hfp_product(zf_hfp_normalized(a), zf_hfp_normalized(b));
    return finish(cpu, target(i), i->o.r1, p);
}

/*
 * MULTIPLY AND ADD, AND SUBTRACT: R3 * second + R1. The product and the sum have all digits, the
 * result is truncated.
 */
enum zf_next zf_do_hfp_multiply_add(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r1), c = get(cpu, i, i->o.r3), b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_hfp p = zf_hfp_product(zf_hfp_normalized(c), zf_hfp_normalized(b));
    a.sign ^= (i->argument & ZF_FP_SUBTRACT) != 0;
    p = p.frac ? zf_hfp_sum(p, a, ZF_HFP_EXTENDED) : a;
    if (p.frac >> ZF_HFP_CARRY_SHIFT) {
        p.frac >>= 4;
        p.exp++;
    }
    return finish(cpu, source(i), i->o.r1, zf_hfp_normalized(p));
}

enum zf_next zf_do_hfp_divide(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r1), b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    if (!b.frac) {
        return zf_raise(cpu, ZF_PGM_HFP_DIVIDE);
    }
    if (a.frac) {
        a = zf_hfp_quotient(zf_hfp_normalized(a), zf_hfp_normalized(b));
    }
    return finish(cpu, source(i), i->o.r1, a);
}

enum zf_next zf_do_hfp_square_root(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    if (b.frac && b.sign) {
        return zf_raise(cpu, ZF_PGM_HFP_SQUARE_ROOT);
    }
    return finish(cpu, source(i), i->o.r1, b.frac ? zf_hfp_square_root(b, source(i)) : b);
}

enum zf_next zf_do_hfp_halve(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r2);
    a.frac >>= 1;
    return finish(cpu, source(i), i->o.r1, zf_hfp_normalized(a));
}

/* An extended zero gets two zero characteristics; others keep theirs, and nothing is normalized. */
static void put_as_is(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_hfp a) {
    if (target(i) == ZF_HFP_EXTENDED && !a.frac) {
        zf_hfp_put_zero(cpu, target(i), i->o.r1, a.sign);
    } else {
        zf_hfp_put(cpu, target(i), i->o.r1, a);
    }
}

/* LOAD AND TEST, COMPLEMENT, NEGATIVE, POSITIVE */
enum zf_next zf_do_hfp_load_sign(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r2);
    a.sign &= !(i->argument & ZF_FP_CLEAR_SIGN);
    a.sign ^= (i->argument & ZF_FP_INVERT_SIGN) != 0;
    put_as_is(cpu, i, a);
    cpu->cc = cc_of(a);
    return ZF_NEXT;
}

/* LOAD LENGTHENED */
enum zf_next zf_do_hfp_lengthen(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    put_as_is(cpu, i, b);
    return ZF_NEXT;
}

/* LOAD ROUNDED: no normalization, a zero keeps its characteristic. */
enum zf_next zf_do_hfp_narrow(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = zf_hfp_rounded(get(cpu, i, i->o.r2), target(i));
    zf_hfp_put(cpu, target(i), i->o.r1, a);
    return a.exp >= EXPONENT_RANGE ? zf_raise(cpu, ZF_PGM_HFP_OVERFLOW) : ZF_NEXT;
}

/* LOAD FP INTEGER */
enum zf_next zf_do_hfp_integral(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = get(cpu, i, i->o.r2);
    int32_t whole = a.exp - 64;
    if (whole < ZF_HFP_DIGITS) {
        a.frac = whole > 0 ? zf_hfp_truncated(a.frac, (unsigned)whole) : 0;
    }
    return finish(cpu, source(i), i->o.r1, zf_hfp_normalized(a));
}

/* CONVERT FROM FIXED */
enum zf_next zf_do_hfp_from_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t r2 = cpu->gr[i->o.r2];
    int64_t v = i->argument & ZF_FP_WORD ? (int32_t)r2 : (int64_t)r2;
    uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;
    struct zf_hfp a = {.sign = v < 0, .exp = 64 + 16, .frac = (zf_u128)magnitude << 60};
    return finish(cpu, source(i), i->o.r1, zf_hfp_normalized(a));
}

/* M3 of the conversions: 0 means toward zero here. */
static bool method(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_bfp_op *op) {
    *op = (struct zf_bfp_op){.rounding = ZF_ROUND_ZERO};
    return zf_bfp_method(op, i->o.m3, false) || zf_pgm(cpu, ZF_PGM_SPECIFICATION);
}

/* CONVERT TO FIXED */
enum zf_next zf_do_hfp_to_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned bits = i->argument & ZF_FP_WORD ? 32 : 64;
    struct zf_bfp_op op;
    if (!method(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    uint64_t v = zf_bfp_to_integer(&op, zf_hfp_to_bfp(get(cpu, i, i->o.r2)), bits, true, &cpu->cc);
    if (bits == 32) {
        zf_set_low(cpu, i->o.r1, (uint32_t)v);
    } else {
        cpu->gr[i->o.r1] = v;
    }
    return ZF_NEXT;
}

/* The BFP format that a conversion between the two radices is of; the HFP one is long. */
static const struct zf_bfp_format *bfp_format(const struct zf_insn_call *i) {
    return zf_float_format(i->argument) == ZF_FP_SHORT ? &zf_bfp_short : &zf_bfp_long;
}

/* CONVERT BFP TO HFP: what is too large, or no number, becomes the largest number with CC 3. */
enum zf_next zf_do_hfp_from_bfp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = bfp_format(i);
    struct zf_bfp b = zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r2));
    bool finite = b.kind == ZF_BFP_FINITE || b.kind == ZF_BFP_ZERO;
    struct zf_hfp a = zf_hfp_from_bfp(b);
    cpu->cc = zf_bfp_cc(b);
    if (!finite || a.exp >= EXPONENT_RANGE) {
        a.exp = EXPONENT_RANGE - 1;
        a.frac = zf_hfp_truncated(((zf_u128)1 << ZF_HFP_CARRY_SHIFT) - 1, ZF_HFP_LONG);
        cpu->cc = 3;
    } else if (a.exp < 0 || !a.frac) {
        a = (struct zf_hfp){.sign = b.sign};
    }
    zf_hfp_put(cpu, ZF_HFP_LONG, i->o.r1, a);
    return ZF_NEXT;
}

/* CONVERT HFP TO BFP: no IEEE exceptions, CC 3 for what is too large. */
enum zf_next zf_do_hfp_to_bfp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = bfp_format(i);
    struct zf_bfp_op op;
    if (!method(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp b = zf_hfp_to_bfp(zf_hfp_get(cpu, ZF_HFP_LONG, i->o.r2));
    zf_float_put(cpu, f->bits, i->o.r1, zf_bfp_pack(&op, f, b));
    cpu->cc = op.flags & ZF_IEEE_OVERFLOW ? 3 : zf_bfp_cc(b);
    return ZF_NEXT;
}
