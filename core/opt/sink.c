/*
 * Moves a compare down to the conditional branch that uses it, past ops that neither touch the CC
 * nor can fault nor change what it compares: only neighbours are fused.
 */
#include "zfacet/pass.h"

enum { FARTHEST = 4 };

/* How many ops before `branch` the compare is that it may be fused with; 0: none, or its neighbour.
 */
static unsigned distance_to_compare(const struct zf_block *block, unsigned branch) {
    for (unsigned back = 1; back <= FARTHEST && back <= branch; back++) {
        uint16_t effects = zf_op_specs[block->ops[branch - back].op].effects;
        if (effects & (ZF_EFFECT_COMPARE | ZF_EFFECT_TEST)) {
            return back > 1 && !(effects & ZF_EFFECT_FAULTS) ? back : 0;
        }
        if (effects) { /* what has none writes just the registers that it names */
            return 0;
        }
    }
    return 0;
}

/* Whether the compare writes no register, and none of the `count` ops after it one that it reads.
 */
static bool is_independent(const struct zf_ir *compare, unsigned count) {
    struct zf_register_set compared, reads, writes;
    zf_ir_accesses(compare, &compared, &writes);
    if (writes.gr | writes.vr | writes.ar) {
        return false;
    }
    for (unsigned i = 1; i <= count; i++) {
        zf_ir_accesses(&compare[i], &reads, &writes);
        if (zf_register_sets_meet(&compared, &writes)) {
            return false;
        }
    }
    return true;
}

void zf_pass_sink(struct zf_block *block) {
    for (unsigned i = 2; i < block->count; i++) {
        if (block->ops[i].op != ZF_OP_brc) {
            continue;
        }
        unsigned back = distance_to_compare(block, i);
        struct zf_ir *first = &block->ops[i - back];
        if (!back || !is_independent(first, back - 1)) {
            continue;
        }
        struct zf_ir compare = *first;
        memmove(first, first + 1, (back - 1) * sizeof compare);
        /* Who leaves the block before the first of them comes back to the compare. */
        first->place = compare.place;
        compare.place = block->ops[i].place;
        block->ops[i - 1] = compare;
    }
}
