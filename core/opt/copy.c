/*
 * A register copy followed by an op that replaces the copy: the op reads the original instead.
 * Two-operand code makes many of these (lr, then xr).
 */
#include "opt/pass.h"

/* Whether the op's first operand is written and not read, its second (and fourth) read, as wide as
 * the copy. */
static bool takes_source(const struct zf_ir *ir, bool wide) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    return spec->operands[0] == (wide ? 'W' : 'w') && spec->operands[1] == (wide ? 'R' : 'r') &&
           spec->operands[2] == '-' &&
           (spec->operands[3] == '-' || spec->operands[3] == spec->operands[1] ||
            spec->operands[3] == 'n') &&
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
        if (next->a != copy->a || next->b != copy->a || !takes_source(next, wide)) {
            continue;
        }
        next->b = copy->b;
        if (zf_op_specs[next->op].operands[3] != 'n' && zf_op_specs[next->op].operands[3] != '-' &&
            next->c == copy->a) {
            next->c = copy->b;
        }
        copy->op = ZF_OP_nop;
        /* A block that drops itself is left before the next op: the copy must then run again. */
        next->place = copy->place;
    }
}
