/*
 * Loads, stores and moves of floating-point registers, the same for every format.
 */
#include "translator.h"

void zf_tr_float_rx(const struct zf_tr *t) {
    zf_emit_mem(t->block, t->op, t->o->r1, t->o->x2, t->o->b2, t->o->d2);
}

/* R1 <- op R2, R3, as many of them as the op has; one may be a general register */
void zf_tr_float_rr(const struct zf_tr *t) {
    const struct zf_operand_spec *o = zf_op_specs[t->op].operand;
    zf_emit_rrr(t->block, t->op, zf_register_operand(&o[0], t->o->r1),
                zf_register_operand(&o[1], t->o->r2), zf_register_operand(&o[3], t->o->r3));
}
