/*
 * Moves a compare down to the conditional branch that uses it, past ops that neither touch the CC
 * nor can fault nor change what it compares: only neighbours are fused.
 */
#include "opt/pass.h"

enum { FARTHEST = 4 };

/* Byte ranges of the register file as bits: one bit for each register slot. */
static uint32_t slot(uint8_t operand) {
    return UINT32_C(1) << (operand / 8);
}

static void accesses(const struct zf_ir *ir, uint32_t *reads, uint32_t *writes) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    const uint8_t operands[4] = {ir->a, ir->b, ir->x, ir->c};
    unsigned count = spec->operands[4] == 'i' ? 2 : 4;
    *reads = 0;
    *writes = 0;
    for (unsigned i = 0; i < count; i++) {
        switch (spec->operands[i]) {
        case 'W':
        case 'w':
        case 'k':
            *writes |= slot(operands[i]);
            break;
        case 'X':
        case 'u':
        case 'q':
            *writes |= slot(operands[i]);
            *reads |= slot(operands[i]);
            break;
        case 'R':
        case 'r':
        case 'h':
            *reads |= slot(operands[i]);
            break;
        default:
            break;
        }
    }
}

static bool is_plain(const struct zf_ir *ir) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    /* ops on pairs write a register that the specification does not name */
    return spec->effects == 0 && ir->op != ZF_OP_mr && ir->op != ZF_OP_mlr &&
           ir->op != ZF_OP_mlgr && ir->op != ZF_OP_count && ir->op != ZF_OP_trace;
}

void zf_pass_sink(struct zf_block *block) {
    for (unsigned i = 2; i < block->count; i++) {
        uint16_t op = block->ops[i].op;
        if (op != ZF_OP_brc) {
            continue;
        }
        uint32_t written = 0;
        for (unsigned back = 1; back <= FARTHEST && back <= i; back++) {
            const struct zf_ir *ir = &block->ops[i - back];
            uint16_t effects = zf_op_specs[ir->op].effects;
            uint32_t reads, writes;
            if (effects & (ZF_EFFECT_COMPARE | ZF_EFFECT_TEST)) {
                accesses(ir, &reads, &writes);
                if (back > 1 && !(effects & ZF_EFFECT_FAULTS) && !(reads & written) && !writes) {
                    struct zf_ir compare = *ir;
                    memmove(&block->ops[i - back], &block->ops[i - back + 1],
                            (back - 1) * sizeof compare);
                    /* Who leaves the block before the first of them comes back to the compare. */
                    block->ops[i - back].place = compare.place;
                    compare.place = block->ops[i].place;
                    block->ops[i - 1] = compare;
                }
                break;
            }
            if (!is_plain(ir)) {
                break;
            }
            accesses(ir, &reads, &writes);
            written |= writes;
        }
    }
}
