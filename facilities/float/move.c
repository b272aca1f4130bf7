/*
 * Loads, stores and moves of floating-point registers, the same for every format.
 */
#include "translator.h"

void zf_tr_float_rx(const struct zf_tr *t) {
    zf_emit_mem(t->block, t->op, t->o->r1, t->o->x2, t->o->b2, t->o->d2);
}

/* R1 <- op R2; LZDR and its like have no R2 */
void zf_tr_float_rr(const struct zf_tr *t) {
    bool one = zf_op_specs[t->op].operand[1].kind == ZF_OPERAND_NONE;
    zf_emit_rrr(t->block, t->op, t->o->r1, one ? 0 : t->o->r2, 0);
}

void zf_tr_float_copy_sign(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, t->o->r1, t->o->r2, t->o->r3);
}

void zf_tr_load_fpr_from_gr(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, t->o->r1, ZF_REG(t->o->r2), 0);
}

void zf_tr_load_gr_from_fpr(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, ZF_REG(t->o->r1), t->o->r2, 0);
}
