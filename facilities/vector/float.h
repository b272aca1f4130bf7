/*
 * What the instructions of "Vector Floating-Point Instructions" share: the loop over elements, with
 * the exceptions of each.
 */
#ifndef ZF_VECTOR_FLOAT_H
#define ZF_VECTOR_FLOAT_H

#include "float/bfp.h"
#include "translator.h"
#include "vector/float_argument.h"

/* Bits of an M field that most have: the operation is of element 0 alone; inexactness is not
 * recognized (XxC). */
enum { ZF_FLOAT_SINGLE = 8, ZF_FLOAT_SUPPRESS_INEXACT = 4 };

/* An instruction at one of its elements. */
struct zf_vector_float {
    struct zf_cpu *cpu;
    const struct zf_insn_call *i;
    const struct zf_bfp_format *format; /* of source elements */
    const struct zf_bfp_format *to;     /* of result elements */
    unsigned count;                     /* elements to do */
    unsigned index;                     /* of the current source element */
    struct zf_bfp_op op;
};

/** The result of the current element. */
typedef zf_u128 zf_float_element(struct zf_vector_float *f);

/**
 * Prepares for the format that `m` names, of element 0 alone when `controls` has ZF_FLOAT_SINGLE.
 * Any bit of `controls` that is in `reserved`, or a reserved format: false, specification
 * exception.
 */
bool zf_float_begin(struct zf_vector_float *f, struct zf_cpu *cpu, const struct zf_insn_call *i,
                    unsigned m, unsigned controls, unsigned reserved);

/** Takes the rounding method of M5 and XxC of M4; false: specification exception. */
bool zf_float_modifiers(struct zf_vector_float *f);

/**
 * Does the elements from the left; bits of the result that belong to none are zero. The first that
 * traps ends the instruction: nothing changes but the vector-exception code.
 */
enum zf_next zf_float_run(struct zf_vector_float *f, zf_float_element *element);
/** The same, with the result in *result, and not yet in V1. */
enum zf_next zf_float_compute(struct zf_vector_float *f, zf_float_element *element,
                              union zf_vr *result);

/** The vector-processing exception of f->op.dxc at the current element. */
enum zf_next zf_float_trap(const struct zf_vector_float *f);

/** The current element of register v: encoded, or unpacked. */
zf_u128 zf_float_bits(const struct zf_vector_float *f, unsigned v);
static inline struct zf_bfp zf_float_operand(const struct zf_vector_float *f, unsigned v) {
    return zf_bfp_unpack(f->format, zf_float_bits(f, v));
}

/* Helpers that stand behind ops: no row names them, their translators do. */
zf_helper zf_do_vector_float_arithmetic, zf_do_vector_float_multiply_add, zf_do_vfsq;
zf_helper zf_do_vector_float_compare, zf_do_vector_float_compare_scalar, zf_do_vfpso;
zf_helper zf_do_vector_float_from_integer, zf_do_vector_float_to_integer, zf_do_vfll, zf_do_vflr;

#endif
