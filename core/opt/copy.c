/*
 * A register copy followed by an op that replaces the copy: the op reads the original instead.
 * Two-operand code makes many of these (lr, then xr).
 */
#include "zfacet/pass.h"

static bool is_operand(const struct zf_operand_spec *o, enum zf_operand_kind kind, uint8_t access) {
    return o->kind == kind && o->access == access && o->extent == ZF_EXTENT_ONE;
}

/* Whether the op's first operand is written and not read, its second (and fourth) read, as wide as
 * the copy. */
static bool takes_source(const struct zf_ir *ir, enum zf_operand_kind kind) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    const struct zf_operand_spec *o = spec->operand;
    return is_operand(&o[0], kind, ZF_WRITES) && is_operand(&o[1], kind, ZF_READS) &&
           o[2].kind == ZF_OPERAND_NONE &&
           (o[3].kind <= ZF_OPERAND_NUMBER || is_operand(&o[3], kind, ZF_READS)) &&
           !(spec->effects & (ZF_EFFECT_FAULTS | ZF_EFFECT_BRANCH | ZF_EFFECT_END));
}

void zf_pass_copy(struct zf_block *block) {
    for (unsigned i = 0; i + 1 < block->count; i++) {
        struct zf_ir *copy = &block->ops[i], *next = copy + 1;
        bool wide = copy->op == ZF_OP_lgr;
        if (!wide && copy->op != ZF_OP_lr) {
            continue;
        }
        if (i && copy[-1].place == copy->place) {
            continue; /* not an instruction of its own */
        }
        enum zf_operand_kind kind = wide ? ZF_OPERAND_GR : ZF_OPERAND_GR_LOW;
        if (next->a != copy->a || next->b != copy->a || !takes_source(next, kind)) {
            continue;
        }
        next->b = copy->b;
        if (zf_op_specs[next->op].operand[3].kind == kind && next->c == copy->a) {
            next->c = copy->b;
        }
        copy->op = ZF_OP_nop;
        /* A block that drops itself is left before the next op: the copy must then run again. */
        next->place = copy->place;
    }
}
