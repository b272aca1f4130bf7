/*
 * Vector floating-point instructions that are one op for numbers of the host's formats, with their
 * helper behind it for what is special. A row names the first op of its family: that of all long
 * elements; one long element, short elements and one short element follow.
 */
#include "translator.h"
#include "vector/float.h"

enum { SHORT = 2, LONG = 3, EXTENDED = 4 }; /* formats in M fields */

/* Which op of a family; false when it is left to the helper. */
static bool shape(unsigned format, unsigned controls, unsigned *n) {
    *n = (format == SHORT ? 2 : 0) + (controls == ZF_FLOAT_SINGLE ? 1 : 0);
    return (format == SHORT || format == LONG) && !(controls & ~(unsigned)ZF_FLOAT_SINGLE);
}

static struct zf_ir *emit(const struct zf_tr *t, unsigned n, zf_helper *helper) {
    struct zf_ir *ir = zf_tr_call_op(t, (enum zf_op)(t->op + n), helper);
    ir->a = t->o->v1;
    ir->b = t->o->v2;
    return ir;
}

static void binary(const struct zf_tr *t, unsigned controls, zf_helper *helper) {
    unsigned n;
    if (shape(t->o->m4, controls, &n)) {
        emit(t, n, helper)->c = t->o->v3;
    } else {
        zf_tr_call(t, helper);
    }
}

void zf_tr_vector_float_arithmetic(const struct zf_tr *t) {
    binary(t, t->o->m5, zf_do_vector_float_arithmetic);
}

/* Masks alone; an ordered pair of numbers compares alike whether NaNs signal or not. */
void zf_tr_vector_float_compare(const struct zf_tr *t) {
    enum { SIGNAL_QNAN = 4 };
    if (t->o->m6) {
        zf_tr_call(t, zf_do_vector_float_compare);
    } else {
        binary(t, t->o->m5 & ~(unsigned)SIGNAL_QNAN, zf_do_vector_float_compare);
    }
}

void zf_tr_vector_float_multiply_add(const struct zf_tr *t) {
    unsigned n;
    if (!shape(t->o->m6, t->o->m5, &n)) {
        zf_tr_call(t, zf_do_vector_float_multiply_add);
        return;
    }
    struct zf_ir *ir = emit(t, n, zf_do_vector_float_multiply_add);
    ir->c = t->o->v3;
    ir->x = t->o->v4;
}

void zf_tr_vfsq(const struct zf_tr *t) {
    unsigned n;
    if (shape(t->o->m3, t->o->m4, &n)) {
        emit(t, n, zf_do_vfsq);
    } else {
        zf_tr_call(t, zf_do_vfsq);
    }
}

void zf_tr_vector_float_compare_scalar(const struct zf_tr *t) {
    bool fast = !t->o->m4 && (t->o->m3 == SHORT || t->o->m3 == LONG);
    if (fast) {
        emit(t, t->o->m3 == SHORT, zf_do_vector_float_compare_scalar);
    } else {
        zf_tr_call(t, zf_do_vector_float_compare_scalar);
    }
}

/* Three operations of each format; nothing is special. */
void zf_tr_vfpso(const struct zf_tr *t) {
    enum { OPERATIONS = 3 };
    static const uint8_t place[] = {[SHORT] = 1, [LONG] = 0, [EXTENDED] = 2};
    bool known = t->o->m3 >= SHORT && t->o->m3 <= EXTENDED && t->o->m5 < OPERATIONS;
    if (!known || t->o->m4 & ~(unsigned)ZF_FLOAT_SINGLE) {
        zf_tr_call(t, zf_do_vfpso);
        return;
    }
    unsigned n = OPERATIONS * place[t->o->m3] + t->o->m5;
    struct zf_ir *ir = zf_emit(t->block, (enum zf_op)(t->op + n));
    ir->a = t->o->v1;
    ir->b = t->o->v2;
}

/* Conversions with this rounding method; the ops are of all elements and of one. */
static void convert(const struct zf_tr *t, unsigned format, unsigned method, zf_helper *helper) {
    unsigned n;
    if (t->o->m3 == format && t->o->m5 == method && shape(LONG, t->o->m4, &n)) {
        emit(t, n, helper);
    } else {
        zf_tr_call(t, helper);
    }
}

void zf_tr_vector_float_from_integer(const struct zf_tr *t) {
    convert(t, LONG, 0, zf_do_vector_float_from_integer);
}

void zf_tr_vector_float_to_integer(const struct zf_tr *t) {
    enum { TOWARD_ZERO = 5 };
    convert(t, LONG, TOWARD_ZERO, zf_do_vector_float_to_integer);
}

void zf_tr_vfll(const struct zf_tr *t) {
    convert(t, SHORT, 0, zf_do_vfll);
}

void zf_tr_vflr(const struct zf_tr *t) {
    convert(t, LONG, 0, zf_do_vflr);
}
