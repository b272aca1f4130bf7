/*
 * BFP instructions that are one op, with the helper of bfp.c behind it for what is special.
 */
#include "float/bfp_helper.h"
#include "translator.h"

static bool in_storage(const struct zf_tr *t) {
    return t->insn->format == ZF_FORMAT_RXE || t->insn->format == ZF_FORMAT_RXF;
}

/* Emits the row's op; a storage operand is loaded into the scratch register first. */
static void emit(const struct zf_tr *t, zf_helper *helper, enum zf_op load) {
    struct zf_ir *ir;
    if (in_storage(t)) {
        zf_emit_mem(t->block, load, ZF_REG_SCRATCH, t->o->x2, t->o->b2, t->o->d2);
        ir = zf_tr_call_op(t, t->op + 1, helper);
        ir->b = ZF_REG_SCRATCH;
    } else {
        ir = zf_tr_call_op(t, t->op, helper);
        ir->b = t->o->r2;
    }
    ir->a = t->o->r1;
    ir->c = zf_op_specs[t->op].operand[3].kind == ZF_OPERAND_NONE ? 0 : t->o->r3;
}

#define LONG(name)                                                                                 \
    void zf_tr_##name##_long(const struct zf_tr *t) {                                              \
        emit(t, zf_do_##name##_long, ZF_OP_lg);                                                    \
    }
#define SHORT_LONG(name)                                                                           \
    void zf_tr_##name##_short(const struct zf_tr *t) {                                             \
        emit(t, zf_do_##name##_short, ZF_OP_l);                                                    \
    }                                                                                              \
    LONG(name)

SHORT_LONG(bfp_add)
SHORT_LONG(bfp_subtract)
SHORT_LONG(bfp_multiply)
SHORT_LONG(bfp_divide)
SHORT_LONG(bfp_square_root)
SHORT_LONG(bfp_multiply_add)
SHORT_LONG(bfp_multiply_subtract)
SHORT_LONG(bfp_compare)
SHORT_LONG(bfp_compare_signal)
SHORT_LONG(bfp_load_test)

void zf_tr_bfp_short_to_long(const struct zf_tr *t) {
    emit(t, zf_do_bfp_short_to_long, ZF_OP_l);
}

/* With a rounding method of its own the instruction is left to its helper. */
static bool plain(const struct zf_tr *t, unsigned m3) {
    return t->o->m3 == m3 && t->o->m4 == 0;
}

void zf_tr_bfp_long_to_short(const struct zf_tr *t) {
    if (plain(t, 0)) {
        emit(t, zf_do_bfp_long_to_short, ZF_OP_nop);
    } else {
        zf_tr_call(t, zf_do_bfp_long_to_short);
    }
}

#define FROM_INTEGER(name)                                                                         \
    void zf_tr_##name(const struct zf_tr *t) {                                                     \
        if (!plain(t, 0)) {                                                                        \
            zf_tr_call(t, zf_do_##name);                                                           \
            return;                                                                                \
        }                                                                                          \
        struct zf_ir *ir = zf_tr_call_op(t, t->op, zf_do_##name);                                  \
        ir->a = t->o->r1;                                                                          \
        ir->b = ZF_REG(t->o->r2);                                                                  \
    }
FROM_INTEGER(bfp_from_32_short)
FROM_INTEGER(bfp_from_32_long)
FROM_INTEGER(bfp_from_64_short)
FROM_INTEGER(bfp_from_64_long)
FROM_INTEGER(bfp_from_logical_64_long)

enum { TOWARD_ZERO = 5 };
#define TO_INTEGER(name)                                                                           \
    void zf_tr_##name(const struct zf_tr *t) {                                                     \
        if (!plain(t, TOWARD_ZERO)) {                                                              \
            zf_tr_call(t, zf_do_##name);                                                           \
            return;                                                                                \
        }                                                                                          \
        struct zf_ir *ir = zf_tr_call_op(t, t->op, zf_do_##name);                                  \
        ir->a = ZF_REG(t->o->r1);                                                                  \
        ir->b = t->o->r2;                                                                          \
    }
TO_INTEGER(bfp_to_32_short)
TO_INTEGER(bfp_to_32_long)
TO_INTEGER(bfp_to_64_short)
TO_INTEGER(bfp_to_64_long)
TO_INTEGER(bfp_to_logical_64_long)

/* LOAD FP INTEGER: the row's op is the one of "toward zero", "up" and "down" follow it by format.
 */
static void integral(const struct zf_tr *t, zf_helper *helper) {
    if (t->o->m3 < TOWARD_ZERO || t->o->m3 > 7) {
        zf_tr_call(t, helper);
        return;
    }
    unsigned formats = ZF_OP_fidbr_ceil - ZF_OP_fidbr_trunc;
    struct zf_ir *ir = zf_tr_call_op(t, t->op + formats * (t->o->m3 - TOWARD_ZERO), helper);
    ir->a = t->o->r1;
    ir->b = t->o->r2;
    ir->c = t->o->m4 & 4;
}

void zf_tr_bfp_integral_short(const struct zf_tr *t) {
    integral(t, zf_do_bfp_integral_short);
}

void zf_tr_bfp_integral_long(const struct zf_tr *t) {
    integral(t, zf_do_bfp_integral_long);
}
