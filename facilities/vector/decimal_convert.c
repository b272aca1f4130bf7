/*
 * Conversions between binary integers and packed decimal numbers in vector registers.
 */
#include "vector/decimal.h"

/* Bits of M3 and M4 of the conversions to binary, of M4 of those to decimal. */
enum { TO_LOGICAL = 2, FROM_LOGICAL = 8, OVERFLOW_MASK = 8, OVERFLOW_ZERO = 4 };

static enum zf_next to_general_register(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                        unsigned bits, uint64_t value, bool overflow) {
    if (overflow && i->o.m4 & OVERFLOW_ZERO) {
        value = 0;
    }
    if (bits == 32) {
        zf_set_low(cpu, i->o.r1, (uint32_t)value);
    } else {
        cpu->gr[i->o.r1] = value;
    }
    if (i->o.m3 & ZF_DECIMAL_CS) {
        cpu->cc = overflow ? 3 : 0;
    }
    bool masked = i->o.m4 & OVERFLOW_MASK || !(cpu->psw.mask & ZF_PSW_PM_FIXED_OVERFLOW);
    return overflow && !masked ? zf_raise(cpu, ZF_PGM_FIXED_OVERFLOW) : ZF_NEXT;
}

/* VECTOR CONVERT TO BINARY (32, 64): the rightmost bits of what does not fit */
enum zf_next zf_do_vector_decimal_to_binary(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned bits = (unsigned)i->argument;
    bool logical = i->o.m3 & TO_LOGICAL;
    struct zf_packed a;
    if (!zf_decimal_operand(cpu, i->o.v2, i->o.m3 & ZF_DECIMAL_P2, &a)) {
        return ZF_NEXT_PGM;
    }
    a.negative &= !logical;
    zf_magnitude limit = ((zf_magnitude)1 << (logical ? bits : bits - 1)) - !a.negative;
    uint64_t value = (uint64_t)a.magnitude;
    return to_general_register(cpu, i, bits, a.negative ? -value : value, a.magnitude > limit);
}

/* VECTOR CONVERT TO BINARY (128): all numbers fit */
enum zf_next zf_do_vcvbq(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_packed a;
    if (!zf_decimal_operand(cpu, i->o.v2, i->o.m3 & ZF_DECIMAL_P2, &a)) {
        return ZF_NEXT_PGM;
    }
    bool negative = a.negative && !(i->o.m3 & TO_LOGICAL);
    zf_vr_set(cpu, i->o.v1, negative ? -a.magnitude : a.magnitude);
    return ZF_NEXT;
}

/* The binary operand, sign-extended or not. */
static zf_u128 binary(const struct zf_cpu *cpu, const struct zf_insn_call *i, bool logical) {
    switch (i->argument) {
    case 32:
        return logical ? zf_low(cpu, i->o.r2) : (zf_u128)(int32_t)zf_low(cpu, i->o.r2);
    case 64:
        return logical ? cpu->gr[i->o.r2] : (zf_u128)(int64_t)cpu->gr[i->o.r2];
    default:
        return zf_vr(cpu, i->o.v2);
    }
}

/* VECTOR CONVERT TO DECIMAL (32, 64, 128): the condition code tells of overflow alone */
enum zf_next zf_do_vector_decimal_from_binary(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { RESERVED = 0x60 };
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned immediate = (unsigned)i->o.i3;
    if (immediate & RESERVED || !(immediate & ZF_DECIMAL_COUNT)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    bool logical = i->o.m4 & FROM_LOGICAL;
    zf_u128 value = binary(cpu, i, logical);
    bool negative = !logical && value >> 127;
    struct zf_decimal_result r = {{0, negative ? -value : value}, negative};
    enum zf_next next = zf_decimal_finish(cpu, i, immediate, i->o.m4, r);
    if (i->o.m4 & ZF_DECIMAL_CS) {
        cpu->cc = cpu->cc == 3 ? 3 : 0;
    }
    return next;
}
