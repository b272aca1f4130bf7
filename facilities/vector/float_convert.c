/*
 * Vector floating-point conversions: to integral values, from and to integers, between formats.
 */
#include "vector/float.h"

enum { SHORT = 2, LONG = 3, EXTENDED = 4 }; /* formats in M fields */
enum { RESERVED = 3, RESERVED_ROUNDED = 7 };

static zf_u128 integral(struct zf_vector_float *f) {
    return zf_bfp_encode(f->to, zf_bfp_integral(&f->op, zf_float_operand(f, f->i->o.v2)));
}

/* VECTOR LOAD FP INTEGER */
enum zf_next zf_do_vfi(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    return zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED) && zf_float_modifiers(&f)
               ? zf_float_run(&f, integral)
               : ZF_NEXT_PGM;
}

/* Conversions between integers and numbers of the same size, 32 or 64 bits. */
static enum zf_next convert(struct zf_cpu *cpu, const struct zf_call *call,
                            zf_float_element *element) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    if (i->o.m3 == EXTENDED) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED) && zf_float_modifiers(&f)
               ? zf_float_run(&f, element)
               : ZF_NEXT_PGM;
}

static zf_u128 from_integer(struct zf_vector_float *f) {
    uint64_t value = (uint64_t)zf_float_bits(f, f->i->o.v2);
    bool negative = false;
    if (!(f->i->argument & ZF_FLOAT_LOGICAL)) {
        int64_t number = f->format->bits == 32 ? (int32_t)value : (int64_t)value;
        negative = number < 0;
        value = negative ? -(uint64_t)number : (uint64_t)number;
    }
    return zf_bfp_pack(&f->op, f->to, zf_bfp_from_integer(value, negative));
}

/* VECTOR FP CONVERT FROM FIXED, FROM LOGICAL */
enum zf_next zf_do_vector_float_from_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    return convert(cpu, call, from_integer);
}

static zf_u128 to_integer(struct zf_vector_float *f) {
    unsigned cc;
    bool is_signed = !(f->i->argument & ZF_FLOAT_LOGICAL);
    return zf_bfp_to_integer(&f->op, zf_float_operand(f, f->i->o.v2), f->format->bits, is_signed,
                             &cc);
}

/* VECTOR FP CONVERT TO FIXED, TO LOGICAL */
enum zf_next zf_do_vector_float_to_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    return convert(cpu, call, to_integer);
}

static zf_u128 lengthen(struct zf_vector_float *f) {
    return zf_bfp_encode(f->to, zf_bfp_quieten(&f->op, zf_float_operand(f, f->i->o.v2)));
}

/* The elements that have a place in the longer format. */
static void between(struct zf_vector_float *f, const struct zf_bfp_format *to) {
    const struct zf_bfp_format *longer = to->bits > f->format->bits ? to : f->format;
    unsigned places = 128u / longer->bits;
    f->to = to;
    f->count = f->count < places ? f->count : places;
}

/* VECTOR FP LOAD LENGTHENED */
enum zf_next zf_do_vfll(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    if (i->o.m3 == EXTENDED) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED_ROUNDED)) {
        return ZF_NEXT_PGM;
    }
    between(&f, i->o.m3 == SHORT ? &zf_bfp_long : &zf_bfp_extended);
    return zf_float_run(&f, lengthen);
}

static zf_u128 narrow(struct zf_vector_float *f) {
    struct zf_bfp a = zf_bfp_quieten(&f->op, zf_float_operand(f, f->i->o.v2));
    return f->op.dxc ? 0 : zf_bfp_narrow(&f->op, f->to, f->format, a);
}

/* VECTOR FP LOAD ROUNDED */
enum zf_next zf_do_vflr(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    if (i->o.m3 == SHORT) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED) || !zf_float_modifiers(&f)) {
        return ZF_NEXT_PGM;
    }
    between(&f, i->o.m3 == LONG ? &zf_bfp_short : &zf_bfp_long);
    return zf_float_run(&f, narrow);
}
