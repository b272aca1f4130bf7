/*
 * Vector floating-point arithmetic, comparison, minimum and maximum, tests. Each instruction is a
 * function of one element on the operations of bfp.h.
 */
#include "vector/float.h"

enum { RESERVED = 7 }; /* all but the single-element control */

static struct zf_bfp negated(struct zf_bfp a) {
    a.sign ^= a.kind < ZF_BFP_QNAN;
    return a;
}

static zf_u128 pack(struct zf_vector_float *f, struct zf_bfp r) {
    return f->op.dxc ? 0 : zf_bfp_pack(&f->op, f->to, r);
}

static zf_u128 arithmetic(struct zf_vector_float *f) {
    struct zf_bfp a = zf_float_operand(f, f->i->o.v2), b = zf_float_operand(f, f->i->o.v3);
    switch (f->i->argument) {
    case ZF_FLOAT_ADD:
        return pack(f, zf_bfp_add(&f->op, a, b));
    case ZF_FLOAT_SUBTRACT:
        return pack(f, zf_bfp_add(&f->op, a, negated(b)));
    case ZF_FLOAT_MULTIPLY:
        return pack(f, zf_bfp_multiply(&f->op, a, b));
    default:
        return pack(f, zf_bfp_divide(&f->op, a, b));
    }
}

/* VECTOR FP ADD, SUBTRACT, MULTIPLY, DIVIDE */
enum zf_next zf_do_vector_float_arithmetic(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    return zf_float_begin(&f, cpu, i, i->o.m4, i->o.m5, RESERVED) ? zf_float_run(&f, arithmetic)
                                                                  : ZF_NEXT_PGM;
}

/* Of two NaNs that of the third operand results. The rounded sum is negated, unless it is a NaN. */
static zf_u128 multiply_add(struct zf_vector_float *f) {
    struct zf_bfp a = zf_float_operand(f, f->i->o.v2), b = zf_float_operand(f, f->i->o.v3);
    struct zf_bfp c = zf_float_operand(f, f->i->o.v4);
    c = f->i->argument & ZF_FLOAT_MINUS_ADDEND ? negated(c) : c;
    struct zf_bfp r = zf_bfp_multiply_add(&f->op, b, a, c);
    zf_u128 bits = pack(f, r);
    bool negative = f->i->argument & ZF_FLOAT_NEGATIVE && r.kind < ZF_BFP_QNAN;
    return bits ^ (zf_u128)negative << (f->to->bits - 1);
}

/* VECTOR FP MULTIPLY AND ADD, MULTIPLY AND SUBTRACT, and their negatives */
enum zf_next zf_do_vector_float_multiply_add(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    return zf_float_begin(&f, cpu, i, i->o.m6, i->o.m5, RESERVED) ? zf_float_run(&f, multiply_add)
                                                                  : ZF_NEXT_PGM;
}

static zf_u128 square_root(struct zf_vector_float *f) {
    return pack(f, zf_bfp_square_root(&f->op, zf_float_operand(f, f->i->o.v2)));
}

/* VECTOR FP SQUARE ROOT */
enum zf_next zf_do_vfsq(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    return zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED) ? zf_float_run(&f, square_root)
                                                                  : ZF_NEXT_PGM;
}

/* VECTOR FP PERFORM SIGN OPERATION: M5 0 complement, 1 negative, 2 positive; of NaNs too */
static zf_u128 sign_operation(struct zf_vector_float *f) {
    zf_u128 bits = zf_float_bits(f, f->i->o.v2), sign = (zf_u128)1 << (f->format->bits - 1);
    switch (f->i->o.m5) {
    case 0:
        return bits ^ sign;
    case 1:
        return bits | sign;
    default:
        return bits & ~sign;
    }
}

enum zf_next zf_do_vfpso(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    if (i->o.m5 > 2) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED) ? zf_float_run(&f, sign_operation)
                                                                  : ZF_NEXT_PGM;
}

/* Element masks as a result, and the CC: 0 all elements, 1 some, 3 none. */
static unsigned cc_of_masks(const struct zf_vector_float *f, const union zf_vr *masks) {
    unsigned bits = f->format->bits * f->count, ones = 0;
    for (unsigned h = 0; h < 2; h++) {
        ones += (unsigned)__builtin_popcountll(masks->half[h]);
    }
    return ones == bits ? 0 : ones ? 1 : 3;
}

static zf_u128 element_mask(const struct zf_vector_float *f, bool on) {
    return on ? ~(zf_u128)0 >> (128 - f->format->bits) : 0;
}

static enum zf_next run_masks(struct zf_vector_float *f, zf_float_element *element, bool set_cc) {
    union zf_vr masks;
    enum zf_next next = zf_float_compute(f, element, &masks);
    if (next == ZF_NEXT) {
        f->cpu->vr[f->i->o.v1] = masks;
        f->cpu->cc = set_cc ? cc_of_masks(f, &masks) : f->cpu->cc;
    }
    return next;
}

enum { SIGNAL_QNAN = 4 }; /* in M5 of compares */

static zf_u128 compare(struct zf_vector_float *f) {
    struct zf_bfp a = zf_float_operand(f, f->i->o.v2), b = zf_float_operand(f, f->i->o.v3);
    unsigned cc = zf_bfp_compare(&f->op, a, b, f->i->o.m5 & SIGNAL_QNAN);
    return element_mask(f, (unsigned)f->i->argument >> cc & 1);
}

/* VECTOR FP COMPARE EQUAL, HIGH, HIGH OR EQUAL */
enum zf_next zf_do_vector_float_compare(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { SET_CC = 1 };
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    if (i->o.m6 & ~(unsigned)SET_CC) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_float_begin(&f, cpu, i, i->o.m4, i->o.m5, RESERVED & ~SIGNAL_QNAN)
               ? run_masks(&f, compare, i->o.m6 & SET_CC)
               : ZF_NEXT_PGM;
}

static zf_u128 compare_scalar(struct zf_vector_float *f) {
    struct zf_bfp a = zf_float_operand(f, f->i->o.v1), b = zf_float_operand(f, f->i->o.v2);
    return zf_bfp_compare(&f->op, a, b, f->i->argument);
}

/* VECTOR FP COMPARE SCALAR; the argument: a QNaN is an invalid operation too (AND SIGNAL) */
enum zf_next zf_do_vector_float_compare_scalar(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    union zf_vr cc;
    if (!zf_float_begin(&f, cpu, i, i->o.m3, i->o.m4, RESERVED | ZF_FLOAT_SINGLE)) {
        return ZF_NEXT_PGM;
    }
    f.count = 1;
    f.to = &zf_bfp_extended; /* so that the CC is the whole result */
    enum zf_next next = zf_float_compute(&f, compare_scalar, &cc);
    cpu->cc = next == ZF_NEXT ? (uint32_t)cc.all : cpu->cc;
    return next;
}

static zf_u128 test_class(struct zf_vector_float *f) {
    unsigned class = zf_bfp_class(f->format, zf_float_bits(f, f->i->o.v2));
    return element_mask(f, class & (unsigned)f->i->o.i3);
}

/* VECTOR FP TEST DATA CLASS IMMEDIATE */
enum zf_next zf_do_vftci(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    return zf_float_begin(&f, cpu, i, i->o.m4, i->o.m5, RESERVED) ? run_masks(&f, test_class, true)
                                                                  : ZF_NEXT_PGM;
}
