/*
 * Checks a block that is about to be encoded against the specifications of its ops, so that a wrong
 * translator or pass is found where it is, not by what the guest does later.
 */
#include "zfacet/op.h"

static const char *gr_fault(const struct zf_operand_spec *o, uint8_t value) {
    if (value % 8 || value > ZF_REG_SCRATCH) {
        return "not a general register";
    }
    if (o->extent == ZF_EXTENT_PAIR) {
        return value % 16 || value > ZF_REG(14) ? "not the even register of a pair" : NULL;
    }
    if (o->extent == ZF_EXTENT_SEVERAL) {
        return value > ZF_REG(15) ? "not the first of several registers" : NULL;
    }
    return value == ZF_REG_ZERO && o->access & ZF_WRITES ? "writes the register that is zero"
                                                         : NULL;
}

/* One operand against its specification. */
static const char *operand_fault(const struct zf_operand_spec *o, uint8_t value) {
    switch ((enum zf_operand_kind)o->kind) {
    case ZF_OPERAND_NONE:
        return value ? "an operand that the op does not have" : NULL;
    case ZF_OPERAND_NUMBER:
        return NULL;
    case ZF_OPERAND_GR:
    case ZF_OPERAND_GR_LOW:
    case ZF_OPERAND_GR_HIGH:
        return gr_fault(o, value);
    case ZF_OPERAND_FPR:
    case ZF_OPERAND_FPR_SHORT:
        if (o->extent == ZF_EXTENT_PAIR && value < 16 && value & 2) {
            return "not the first floating-point register of a pair";
        }
        return value < 16 ? NULL : "not a floating-point register";
    case ZF_OPERAND_VR:
        return value < 32 ? NULL : "not a vector register";
    case ZF_OPERAND_AR:
        return value < 16 ? NULL : "not an access register";
    }
    return "operand of an unknown kind";
}

static const char *operands_fault(const struct zf_ir *ir) {
    const struct zf_operand_spec *o = zf_op_specs[ir->op].operand;
    const uint8_t values[4] = {ir->a, ir->b, ir->x, ir->c};
    const char *fault = NULL;
    for (unsigned i = 0; i < 4 && !fault; i++) {
        fault = operand_fault(&o[i], values[i]);
        if (!fault && o[i].extent == ZF_EXTENT_SEVERAL && (!ir->c || ir->c > 16)) {
            fault = "not a count of registers";
        }
    }
    return fault;
}

/* What is wrong with the op for itself. */
static const char *op_fault(const struct zf_ir *ir) {
    if (ir->op >= ZF_OP_COUNT) {
        return "unknown op";
    }
    if (!(ir->place & 3)) {
        return "instruction without a length";
    }
    if (zf_op_specs[ir->op].effects & ZF_EFFECT_BRANCH && ir->target & 1) {
        return "branch to an odd address";
    }
    return operands_fault(ir);
}

/*
 * Follows the CC: whether an op that uses it, or shows it in an old PSW, finds it left undone. What
 * compares and branches may be an instruction of its own, which leaves the CC as it was.
 */
static bool cc_fault(uint16_t effects, bool *undone) {
    if (*undone && effects & (ZF_EFFECT_USES_CC | ZF_EFFECT_FAULTS)) {
        return true;
    }
    if (effects & ZF_EFFECT_DEAD && !(effects & ZF_EFFECT_BRANCH)) {
        *undone = true;
    } else if (effects & (ZF_EFFECT_SETS_CC | ZF_EFFECT_HELPER)) {
        *undone = false;
    }
    return false;
}

const char *zf_block_verify(const struct zf_block *block) {
    uint16_t effects = 0;
    bool undone = false;
    if (!block->count) {
        return "empty block";
    }
    for (unsigned i = 0; i < block->count; i++) {
        const struct zf_ir *ir = &block->ops[i];
        const char *fault = op_fault(ir);
        if (fault) {
            return fault;
        }
        if (effects & ZF_EFFECT_END) {
            return "op after the end of the block";
        }
        if (i && ir->place >> 2 < ir[-1].place >> 2) {
            return "instructions out of order";
        }
        effects = zf_op_specs[ir->op].effects;
        if (cc_fault(effects, &undone)) {
            return "uses a condition code that was left undone";
        }
    }
    return effects & ZF_EFFECT_END ? NULL : "block has no end";
}
