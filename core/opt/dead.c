/*
 * Drops what the other passes have left without effect; and runs all passes in their order.
 */
#include "zfacet/pass.h"

/* A compare in its dead form that writes nothing and cannot fault has no effect left. */
static bool does_nothing(const struct zf_ir *ir) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    if (ir->op == ZF_OP_nop) {
        return true;
    }
    return spec->effects & ZF_EFFECT_DEAD && spec->effects & (ZF_EFFECT_COMPARE | ZF_EFFECT_TEST) &&
           !(spec->effects & ZF_EFFECT_FAULTS) && !(spec->operand[0].access & ZF_WRITES);
}

void zf_pass_drop_dead(struct zf_block *block) {
    unsigned kept = 0;
    for (unsigned i = 0; i < block->count; i++) {
        if (does_nothing(&block->ops[i])) {
            continue;
        }
        if (kept != i) {
            block->ops[kept] = block->ops[i];
        }
        kept++;
    }
    block->count = kept;
}

void zf_optimise(struct zf_block *block, zf_cc_needed_at *needed) {
    zf_pass_copy(block);
    zf_pass_sink(block);
    zf_pass_cc(block, needed);
    zf_pass_drop_dead(block);
}
