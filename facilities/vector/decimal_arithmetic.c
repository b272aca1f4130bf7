/*
 * Arithmetic, shifts and comparison of packed decimal numbers in vector registers. Digits are
 * checked always, signs unless the instruction takes the operand as positive; both before division
 * by zero.
 */
#include "vector/decimal.h"

enum { RESERVED = 0x60 }; /* bits of an immediate between overflow mask and count */

enum zf_next zf_decimal_data_exception(struct zf_cpu *cpu) {
    zf_pgm_data(cpu, ZF_DXC_DECIMAL);
    return ZF_NEXT_PGM;
}

bool zf_decimal_operand(struct zf_cpu *cpu, unsigned v, bool positive, struct zf_packed *value) {
    zf_u128 bits = zf_vr(cpu, v);
    unsigned sign = (unsigned)bits & 0xf;
    if (!zf_packed_digits_valid(bits) || !(positive || zf_sign_valid(sign))) {
        return zf_pgm_data(cpu, ZF_DXC_DECIMAL);
    }
    value->magnitude = zf_packed_magnitude(bits);
    value->negative = !positive && zf_sign_negative(sign);
    return true;
}

/* A zero is positive; the operation is complete when it is interrupted for overflow. */
enum zf_next zf_decimal_finish(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned immediate,
                               unsigned m, struct zf_decimal_result r) {
    zf_magnitude digits;
    struct zf_wide lost =
        zf_wide_divide(r.magnitude, zf_power_of_ten(immediate & ZF_DECIMAL_COUNT), &digits);
    bool overflow = lost.high || lost.low;
    bool negative = r.negative && digits && !(m & ZF_DECIMAL_P1);
    unsigned plus = m & ZF_DECIMAL_P1 ? ZF_SIGN_UNSIGNED : ZF_SIGN_PLUS;
    zf_vr_set(cpu, i->o.v1, zf_packed_digits(digits) | (negative ? ZF_SIGN_MINUS : plus));
    if (m & ZF_DECIMAL_CS) {
        cpu->cc = overflow ? 3 : !digits ? 0 : negative ? 1 : 2;
    }
    bool masked = immediate & ZF_DECIMAL_IOM || !(cpu->psw.mask & ZF_PSW_PM_DECIMAL_OVERFLOW);
    return overflow && !masked ? zf_raise(cpu, ZF_PGM_DECIMAL_OVERFLOW) : ZF_NEXT;
}

static struct zf_decimal_result narrow(struct zf_packed a) {
    return (struct zf_decimal_result){{0, a.magnitude}, a.negative};
}

static struct zf_decimal_result product(struct zf_packed a, struct zf_packed b) {
    return (struct zf_decimal_result){
        .magnitude = zf_wide_multiply(a.magnitude, b.magnitude),
        .negative = a.negative != b.negative,
    };
}

/* The quotient of a and b times 10^n; with `remainder` the rest of that division. */
static struct zf_decimal_result quotient(struct zf_packed a, struct zf_packed b, unsigned n,
                                         bool remainder) {
    zf_magnitude rest;
    struct zf_wide q =
        zf_wide_divide(zf_wide_multiply(a.magnitude, zf_power_of_ten(n)), b.magnitude, &rest);
    return remainder ? narrow((struct zf_packed){rest, a.negative})
                     : (struct zf_decimal_result){q, a.negative != b.negative};
}

static struct zf_decimal_result compute(enum zf_decimal_operation operation, struct zf_packed a,
                                        struct zf_packed b, unsigned amount) {
    struct zf_decimal_result r;
    zf_magnitude rest;
    switch (operation) {
    case ZF_DECIMAL_SUBTRACT:
        b.negative = !b.negative;
        return narrow(zf_packed_sum(a, b));
    case ZF_DECIMAL_MULTIPLY:
        return product(a, b);
    case ZF_DECIMAL_MULTIPLY_SHIFT:
        r = product(a, b);
        r.magnitude = zf_wide_divide(r.magnitude, zf_power_of_ten(amount), &rest);
        return r;
    case ZF_DECIMAL_DIVIDE:
        return quotient(a, b, 0, false);
    case ZF_DECIMAL_SHIFT_DIVIDE:
        return quotient(a, b, amount, false);
    case ZF_DECIMAL_REMAINDER:
        return quotient(a, b, 0, true);
    default:
        return narrow(zf_packed_sum(a, b));
    }
}

static bool divides(enum zf_decimal_operation operation) {
    return operation == ZF_DECIMAL_DIVIDE || operation == ZF_DECIMAL_REMAINDER ||
           operation == ZF_DECIMAL_SHIFT_DIVIDE;
}

/* VECTOR ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, MULTIPLY AND SHIFT, SHIFT AND DIVIDE DECIMAL
 */
enum zf_next zf_do_vector_decimal_arithmetic(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    enum zf_decimal_operation operation = (enum zf_decimal_operation)i->argument;
    bool shifts = operation >= ZF_DECIMAL_MULTIPLY_SHIFT;
    unsigned immediate = (unsigned)i->o.i4, amount = immediate & ZF_DECIMAL_COUNT, m = i->o.m5;
    if (immediate & RESERVED || !(shifts || amount)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct zf_packed a, b;
    if (!zf_decimal_operand(cpu, i->o.v2, m & ZF_DECIMAL_P2, &a) ||
        !zf_decimal_operand(cpu, i->o.v3, m & ZF_DECIMAL_P3, &b)) {
        return ZF_NEXT_PGM;
    }
    if (divides(operation) && !b.magnitude) {
        return zf_raise(cpu, ZF_PGM_DECIMAL_DIVIDE);
    }
    return zf_decimal_finish(cpu, i, shifts ? immediate | ZF_PACKED_DIGITS : immediate, m,
                             compute(operation, a, b, amount));
}

/* To the left by `amount` digits, or to the right with rounding; beyond 31 and 32 all are gone. */
static struct zf_decimal_result shifted(struct zf_packed a, int amount, bool round) {
    if (amount >= 0) {
        unsigned left = amount < ZF_PACKED_DIGITS ? (unsigned)amount : ZF_PACKED_DIGITS;
        return (struct zf_decimal_result){
            zf_wide_multiply(a.magnitude, zf_power_of_ten(left)),
            a.negative,
        };
    }
    unsigned right = -amount <= ZF_PACKED_DIGITS ? (unsigned)-amount : ZF_PACKED_DIGITS + 1;
    a.magnitude = (a.magnitude / zf_power_of_ten(right - 1) + (round ? 5 : 0)) / 10;
    return narrow(a);
}

static enum zf_next shift(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned immediate,
                          int amount, bool round) {
    struct zf_packed a;
    if (immediate & RESERVED || !(immediate & ZF_DECIMAL_COUNT)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_decimal_operand(cpu, i->o.v2, i->o.m5 & ZF_DECIMAL_P2, &a)) {
        return ZF_NEXT_PGM;
    }
    return zf_decimal_finish(cpu, i, immediate, i->o.m5, shifted(a, amount, round));
}

/* VECTOR SHIFT AND ROUND DECIMAL: the amount has seven bits */
enum zf_next zf_do_vsrp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned amount = (unsigned)i->o.i4 & 0x7f;
    return shift(cpu, i, (unsigned)i->o.i3, amount < 64 ? (int)amount : (int)amount - 128,
                 i->o.i4 & 0x80);
}

/* VECTOR SHIFT AND ROUND DECIMAL REGISTER: the amount is byte 7 of V3 */
enum zf_next zf_do_vsrpr(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { ROUND = 0x40 };
    const struct zf_insn_call *i = zf_insn_call(call);
    int amount = (int8_t)(zf_vr(cpu, i->o.v3) >> 64);
    return shift(cpu, i, (unsigned)i->o.i4 & ~(unsigned)ROUND, amount, i->o.i4 & ROUND);
}

/* VECTOR COMPARE DECIMAL: zeros of either sign are equal */
enum zf_next zf_do_vcp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_packed a, b;
    if (!zf_decimal_operand(cpu, i->o.v1, i->o.m3 & 8, &a) ||
        !zf_decimal_operand(cpu, i->o.v2, i->o.m3 & 4, &b)) {
        return ZF_NEXT_PGM;
    }
    b.negative = !b.negative;
    struct zf_packed difference = zf_packed_sum(a, b);
    cpu->cc = !difference.magnitude ? 0 : difference.negative ? 1 : 2;
    return ZF_NEXT;
}
