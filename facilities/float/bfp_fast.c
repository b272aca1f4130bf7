/*
 * BFP instructions that are one op, with the row's helper behind it for what is special.
 */
#include "float/operand.h"

/* An op's operand: the register, as the op's specification has it. */
static uint8_t operand(const struct zf_ir *ir, unsigned index, unsigned r) {
    return zf_register_operand(&zf_op_specs[ir->op].operand[index], r);
}

/* Emits `op` on R1, R2 and R3, as many of them as it has. */
static struct zf_ir *emit(const struct zf_tr *t, enum zf_op op) {
    struct zf_ir *ir = zf_tr_call_op(t, op, t->helper);
    ir->a = operand(ir, 0, t->o->r1);
    ir->b = operand(ir, 1, t->o->r2);
    ir->c = operand(ir, 3, t->o->r3);
    return ir;
}

/* The row's op; a storage operand is loaded into the scratch register first, for the next op. */
void zf_tr_bfp(const struct zf_tr *t) {
    if (zf_float_in_storage(t->insn)) {
        enum zf_op load = zf_float_format(t->argument) == ZF_FP_SHORT ? ZF_OP_l : ZF_OP_lg;
        zf_emit_mem(t->block, load, ZF_REG_SCRATCH, t->o->x2, t->o->b2, t->o->d2);
        emit(t, t->op + 1)->b = ZF_REG_SCRATCH;
    } else {
        emit(t, t->op);
    }
}

/* With a rounding method of its own the instruction is left to its helper. */
static void emit_if_method(const struct zf_tr *t, unsigned m3) {
    if (t->o->m3 == m3 && t->o->m4 == 0) {
        emit(t, t->op);
    } else {
        zf_tr_call(t, t->helper);
    }
}

/* LOAD ROUNDED, CONVERT FROM FIXED */
void zf_tr_bfp_rounded(const struct zf_tr *t) {
    emit_if_method(t, 0);
}

enum { TOWARD_ZERO = 5 };

/* CONVERT TO FIXED */
void zf_tr_bfp_truncated(const struct zf_tr *t) {
    emit_if_method(t, TOWARD_ZERO);
}

/* LOAD FP INTEGER: the row's op is the one of "toward zero", "up" and "down" follow it by format.
 */
void zf_tr_bfp_integral(const struct zf_tr *t) {
    if (t->o->m3 < TOWARD_ZERO || t->o->m3 > 7) {
        zf_tr_call(t, t->helper);
        return;
    }
    unsigned formats = ZF_OP_fidbr_ceil - ZF_OP_fidbr_trunc;
    emit(t, t->op + formats * (t->o->m3 - TOWARD_ZERO))->c = t->o->m4 & 4;
}
