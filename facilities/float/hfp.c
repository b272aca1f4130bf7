/*
 * The HFP instructions: operands from registers and storage, the operation, exponent overflow and
 * underflow, significance, the condition code.
 */
#include "float/hfp.h"
#include "translator.h"

#define SHORT_LONG(name)                                                                           \
    enum zf_next zf_do_##name##_short(struct zf_cpu *cpu, const struct zf_call *call) {            \
        return name(cpu, zf_insn_call(call), ZF_HFP_SHORT);                                        \
    }                                                                                              \
    enum zf_next zf_do_##name##_long(struct zf_cpu *cpu, const struct zf_call *call) {             \
        return name(cpu, zf_insn_call(call), ZF_HFP_LONG);                                         \
    }
#define FORMATS(name)                                                                              \
    SHORT_LONG(name)                                                                               \
    enum zf_next zf_do_##name##_extended(struct zf_cpu *cpu, const struct zf_call *call) {         \
        return name(cpu, zf_insn_call(call), ZF_HFP_EXTENDED);                                     \
    }

#define LONG_FRACTION UINT64_C(0x00ffffffffffffff)
enum { LOW_PART = 14, EXPONENT_RANGE = 128 };

static struct zf_hfp unpack(uint64_t high, uint64_t low) {
    return (struct zf_hfp){
        .sign = high >> 63,
        .exp = (int32_t)(high >> 56 & 0x7f),
        .frac = ((zf_u128)(high & LONG_FRACTION) << 56 | (low & LONG_FRACTION)) << 12,
    };
}

struct zf_hfp zf_hfp_get(const struct zf_cpu *cpu, unsigned digits, unsigned r) {
    uint64_t high = zf_fpr(cpu, r);
    if (digits == ZF_HFP_EXTENDED) {
        return unpack(high, zf_fpr(cpu, r + 2));
    }
    return unpack(digits == ZF_HFP_SHORT ? high & ~(uint64_t)UINT32_MAX : high, 0);
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

/* The second operand, in storage or in R2. */
bool zf_hfp_second(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                   struct zf_hfp *b) {
    unsigned format = i->insn.format, size = digits == ZF_HFP_SHORT ? 4 : 8;
    if (format != ZF_FORMAT_RX_a && format != ZF_FORMAT_RXE && format != ZF_FORMAT_RXF) {
        *b = zf_hfp_get(cpu, digits, i->o.r2);
        return true;
    }
    uint64_t bits;
    if (!zf_load(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), size, &bits)) {
        return false;
    }
    *b = unpack(size == 4 ? bits << 32 : bits, 0);
    return true;
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

static enum zf_next sum(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                        bool subtract, bool normalize) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r1), b;
    if (!zf_hfp_second(cpu, i, digits, &b)) {
        return ZF_NEXT_PGM;
    }
    b.sign ^= subtract;
    return finish_sum(cpu, digits, i->o.r1, zf_hfp_sum(a, b, digits), normalize);
}

static enum zf_next hfp_add(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    return sum(cpu, i, digits, false, true);
}
FORMATS(hfp_add)

static enum zf_next hfp_subtract(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 unsigned digits) {
    return sum(cpu, i, digits, true, true);
}
FORMATS(hfp_subtract)

static enum zf_next hfp_add_unnormalized(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                         unsigned digits) {
    return sum(cpu, i, digits, false, false);
}
SHORT_LONG(hfp_add_unnormalized)

static enum zf_next hfp_subtract_unnormalized(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                              unsigned digits) {
    return sum(cpu, i, digits, true, false);
}
SHORT_LONG(hfp_subtract_unnormalized)

/* The difference, its guard digit included, tells. */
static enum zf_next hfp_compare(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r1), b;
    if (!zf_hfp_second(cpu, i, digits, &b)) {
        return ZF_NEXT_PGM;
    }
    b.sign ^= 1;
    cpu->cc = cc_of(zf_hfp_sum(a, b, digits));
    return ZF_NEXT;
}
FORMATS(hfp_compare)

/* Operands of `from` digits, a product of `to` digits. */
static enum zf_next multiply(struct zf_cpu *cpu, const struct zf_call *call, unsigned from,
                             unsigned to) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = zf_hfp_get(cpu, from, i->o.r1), b;
    if (!zf_hfp_second(cpu, i, from, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_hfp p = zf_hfp_product(zf_hfp_normalized(a), zf_hfp_normalized(b));
    return finish(cpu, to, i->o.r1, p);
}

enum zf_next zf_do_hfp_multiply_short(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, call, ZF_HFP_SHORT, ZF_HFP_SHORT);
}

enum zf_next zf_do_hfp_multiply_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, call, ZF_HFP_LONG, ZF_HFP_LONG);
}

enum zf_next zf_do_hfp_multiply_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, call, ZF_HFP_EXTENDED, ZF_HFP_EXTENDED);
}

enum zf_next zf_do_hfp_multiply_short_to_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, call, ZF_HFP_SHORT, ZF_HFP_LONG);
}

enum zf_next zf_do_hfp_multiply_long_to_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, call, ZF_HFP_LONG, ZF_HFP_EXTENDED);
}

/* R3 * second + R1: the product and the sum have all digits, the result is truncated. */
static enum zf_next multiply_add(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                                 bool subtract) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r1), c = zf_hfp_get(cpu, digits, i->o.r3), b;
    if (!zf_hfp_second(cpu, i, digits, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_hfp p = zf_hfp_product(zf_hfp_normalized(c), zf_hfp_normalized(b));
    a.sign ^= subtract;
    p = p.frac ? zf_hfp_sum(p, a, ZF_HFP_EXTENDED) : a;
    if (p.frac >> ZF_HFP_CARRY_SHIFT) {
        p.frac >>= 4;
        p.exp++;
    }
    return finish(cpu, digits, i->o.r1, zf_hfp_normalized(p));
}

static enum zf_next hfp_multiply_add(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                     unsigned digits) {
    return multiply_add(cpu, i, digits, false);
}
SHORT_LONG(hfp_multiply_add)

static enum zf_next hfp_multiply_subtract(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                          unsigned digits) {
    return multiply_add(cpu, i, digits, true);
}
SHORT_LONG(hfp_multiply_subtract)

static enum zf_next hfp_divide(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r1), b;
    if (!zf_hfp_second(cpu, i, digits, &b)) {
        return ZF_NEXT_PGM;
    }
    if (!b.frac) {
        return zf_raise(cpu, ZF_PGM_HFP_DIVIDE);
    }
    if (a.frac) {
        a = zf_hfp_quotient(zf_hfp_normalized(a), zf_hfp_normalized(b));
    }
    return finish(cpu, digits, i->o.r1, a);
}
FORMATS(hfp_divide)

static enum zf_next hfp_square_root(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                    unsigned digits) {
    struct zf_hfp b;
    if (!zf_hfp_second(cpu, i, digits, &b)) {
        return ZF_NEXT_PGM;
    }
    if (b.frac && b.sign) {
        return zf_raise(cpu, ZF_PGM_HFP_SQUARE_ROOT);
    }
    return finish(cpu, digits, i->o.r1, b.frac ? zf_hfp_square_root(b, digits) : b);
}
FORMATS(hfp_square_root)

static enum zf_next hfp_halve(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r2);
    a.frac >>= 1;
    return finish(cpu, digits, i->o.r1, zf_hfp_normalized(a));
}
SHORT_LONG(hfp_halve)

/* LOAD AND TEST, COMPLEMENT, NEGATIVE, POSITIVE: no normalization. */
static enum zf_next load_signed(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                                bool keep, bool invert) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r2);
    a.sign = (keep && a.sign) ^ invert;
    if (digits == ZF_HFP_EXTENDED && !a.frac) {
        zf_hfp_put_zero(cpu, digits, i->o.r1, a.sign);
    } else {
        zf_hfp_put(cpu, digits, i->o.r1, a);
    }
    cpu->cc = cc_of(a);
    return ZF_NEXT;
}

static enum zf_next hfp_load_test(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                  unsigned digits) {
    return load_signed(cpu, i, digits, true, false);
}
FORMATS(hfp_load_test)

static enum zf_next hfp_load_complement(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                        unsigned digits) {
    return load_signed(cpu, i, digits, true, true);
}
FORMATS(hfp_load_complement)

static enum zf_next hfp_load_negative(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                      unsigned digits) {
    return load_signed(cpu, i, digits, false, true);
}
FORMATS(hfp_load_negative)

static enum zf_next hfp_load_positive(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                      unsigned digits) {
    return load_signed(cpu, i, digits, false, false);
}
FORMATS(hfp_load_positive)

static enum zf_next lengthen(struct zf_cpu *cpu, const struct zf_call *call, unsigned from,
                             unsigned to) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp b;
    if (!zf_hfp_second(cpu, i, from, &b)) {
        return ZF_NEXT_PGM;
    }
    if (to == ZF_HFP_EXTENDED && !b.frac) {
        zf_hfp_put_zero(cpu, to, i->o.r1, b.sign);
    } else {
        zf_hfp_put(cpu, to, i->o.r1, b);
    }
    return ZF_NEXT;
}

enum zf_next zf_do_hfp_short_to_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return lengthen(cpu, call, ZF_HFP_SHORT, ZF_HFP_LONG);
}

enum zf_next zf_do_hfp_short_to_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return lengthen(cpu, call, ZF_HFP_SHORT, ZF_HFP_EXTENDED);
}

enum zf_next zf_do_hfp_long_to_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return lengthen(cpu, call, ZF_HFP_LONG, ZF_HFP_EXTENDED);
}

/* LOAD ROUNDED: no normalization, a zero keeps its characteristic. */
static enum zf_next narrow(struct zf_cpu *cpu, const struct zf_call *call, unsigned from,
                           unsigned to) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_hfp a = zf_hfp_rounded(zf_hfp_get(cpu, from, i->o.r2), to);
    zf_hfp_put(cpu, to, i->o.r1, a);
    return a.exp >= EXPONENT_RANGE ? zf_raise(cpu, ZF_PGM_HFP_OVERFLOW) : ZF_NEXT;
}

enum zf_next zf_do_hfp_long_to_short(struct zf_cpu *cpu, const struct zf_call *call) {
    return narrow(cpu, call, ZF_HFP_LONG, ZF_HFP_SHORT);
}

enum zf_next zf_do_hfp_extended_to_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return narrow(cpu, call, ZF_HFP_EXTENDED, ZF_HFP_LONG);
}

enum zf_next zf_do_hfp_extended_to_short(struct zf_cpu *cpu, const struct zf_call *call) {
    return narrow(cpu, call, ZF_HFP_EXTENDED, ZF_HFP_SHORT);
}

/* LOAD FP INTEGER */
static enum zf_next hfp_integral(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 unsigned digits) {
    struct zf_hfp a = zf_hfp_get(cpu, digits, i->o.r2);
    int32_t whole = a.exp - 64;
    if (whole < ZF_HFP_DIGITS) {
        a.frac = whole > 0 ? zf_hfp_truncated(a.frac, (unsigned)whole) : 0;
    }
    return finish(cpu, digits, i->o.r1, zf_hfp_normalized(a));
}
FORMATS(hfp_integral)

static enum zf_next from_integer(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                                 int64_t v) {
    uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;
    struct zf_hfp a = {.sign = v < 0, .exp = 64 + 16, .frac = (zf_u128)magnitude << 60};
    return finish(cpu, digits, i->o.r1, zf_hfp_normalized(a));
}

static enum zf_next hfp_from_32(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    return from_integer(cpu, i, digits, (int32_t)zf_low(cpu, i->o.r2));
}
FORMATS(hfp_from_32)

static enum zf_next hfp_from_64(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    return from_integer(cpu, i, digits, (int64_t)cpu->gr[i->o.r2]);
}
FORMATS(hfp_from_64)

/* M3 of the conversions: 0 means toward zero here. */
static bool method(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_bfp_op *op) {
    *op = (struct zf_bfp_op){.rounding = ZF_ROUND_ZERO};
    return zf_bfp_method(op, i->o.m3, false) || zf_pgm(cpu, ZF_PGM_SPECIFICATION);
}

static enum zf_next to_integer(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                               unsigned bits) {
    struct zf_bfp_op op;
    if (!method(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    uint64_t v = zf_bfp_to_integer(&op, zf_hfp_to_bfp(zf_hfp_get(cpu, digits, i->o.r2)), bits, true,
                                   &cpu->cc);
    if (bits == 32) {
        zf_set_low(cpu, i->o.r1, (uint32_t)v);
    } else {
        cpu->gr[i->o.r1] = v;
    }
    return ZF_NEXT;
}

static enum zf_next hfp_to_32(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    return to_integer(cpu, i, digits, 32);
}
FORMATS(hfp_to_32)

static enum zf_next hfp_to_64(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits) {
    return to_integer(cpu, i, digits, 64);
}
FORMATS(hfp_to_64)

/* CONVERT BFP TO HFP: what is too large, or no number, becomes the largest number with CC 3. */
static enum zf_next from_bfp(struct zf_cpu *cpu, const struct zf_call *call,
                             const struct zf_bfp_format *f) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp b = zf_bfp_unpack(f, zf_fpr(cpu, i->o.r2) >> (64 - f->bits));
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

enum zf_next zf_do_bfp_short_to_hfp(struct zf_cpu *cpu, const struct zf_call *call) {
    return from_bfp(cpu, call, &zf_bfp_short);
}

enum zf_next zf_do_bfp_long_to_hfp(struct zf_cpu *cpu, const struct zf_call *call) {
    return from_bfp(cpu, call, &zf_bfp_long);
}

/* CONVERT HFP TO BFP: no IEEE exceptions, CC 3 for what is too large. */
static enum zf_next to_bfp(struct zf_cpu *cpu, const struct zf_call *call,
                           const struct zf_bfp_format *f) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op;
    if (!method(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp b = zf_hfp_to_bfp(zf_hfp_get(cpu, ZF_HFP_LONG, i->o.r2));
    uint64_t bits = (uint64_t)zf_bfp_pack(&op, f, b), *r1 = zf_fpr_at(cpu, i->o.r1);
    *r1 = f->bits == 32 ? (*r1 & UINT32_MAX) | bits << 32 : bits;
    cpu->cc = op.flags & ZF_IEEE_OVERFLOW ? 3 : zf_bfp_cc(b);
    return ZF_NEXT;
}

enum zf_next zf_do_hfp_to_bfp_short(struct zf_cpu *cpu, const struct zf_call *call) {
    return to_bfp(cpu, call, &zf_bfp_short);
}

enum zf_next zf_do_hfp_to_bfp_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return to_bfp(cpu, call, &zf_bfp_long);
}
