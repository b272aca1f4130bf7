/*
 * Condition-code pass. The CC is live before an op that uses it, and before every op that may
 * fault, because the old PSW shows it. An op in its dead form gets its live one where the CC is
 * needed after it; a compare or test directly before a conditional branch becomes one op with it.
 */
#include "zfacet/pass.h"

enum { COMPARE_BRANCHES = 6, TEST_BRANCHES = 4 };

/* Which fused variant answers a mask of a compare (CC 3 never happens); -1: none. */
static int compare_variant(unsigned mask) {
    static const int8_t variant[8] = {-1, 2, 1, -1, 0, 4, 5, -1};
    static const int8_t unequal = 3;
    unsigned three = mask >> 1;
    return three == 3 ? unequal : variant[three];
}

static int test_variant(unsigned mask) {
    switch (mask) {
    case 8:
        return 0;
    case 7:
        return 1;
    case 1:
        return 2;
    case 14:
        return 3;
    default:
        return -1;
    }
}

static unsigned branch_mask(const struct zf_ir *ir) {
    switch (ir->op) {
    case ZF_OP_brc:
        return ir->c;
    case ZF_OP_brc8:
        return 8;
    case ZF_OP_brc7:
        return 7;
    case ZF_OP_brc4:
        return 4;
    case ZF_OP_brc2:
        return 2;
    default:
        return 0;
    }
}

/* A test under a mask of zero always gives CC 0; the branches of the fused forms do not know that.
 */
static bool tests_nothing(const struct zf_ir *test) {
    return zf_op_specs[test->op].i16 ? !(uint8_t)test->i16 : !test->imm;
}

/* Whether an instruction comes right after another, so that its place is known from that one's. */
static bool follows(const struct zf_ir *next, const struct zf_ir *ir) {
    return next->place >> 2 == (ir->place >> 2) + (ir->place & 3);
}

/* Makes `compare` do the work of `branch` too, when there is a form for it. */
static bool fuse(struct zf_ir *compare, struct zf_ir *branch, bool live) {
    unsigned mask = branch_mask(branch);
    uint16_t effects = zf_op_specs[compare->op].effects;
    int offset, branches;
    if (!mask) {
        return false;
    }
    if (effects & ZF_EFFECT_COMPARE) {
        offset = compare_variant(mask);
        branches = COMPARE_BRANCHES;
    } else if (effects & ZF_EFFECT_TEST) {
        offset = tests_nothing(compare) ? -1 : test_variant(mask);
        branches = TEST_BRANCHES;
    } else {
        return false;
    }
    if (offset < 0 || (effects & ZF_EFFECT_FAULTS && !follows(branch, compare))) {
        return false;
    }
    *branch = (struct zf_ir){
        .op = (uint16_t)(compare->op + 2 + offset + (live ? branches : 0)),
        .place = effects & ZF_EFFECT_FAULTS ? compare->place : branch->place,
        .a = compare->a,
        .b = compare->b,
        .i16 = compare->i16,
        .imm = compare->imm,
        .target = branch->target,
    };
    compare->op = ZF_OP_nop;
    return true;
}

/* The common masks have ops of their own. */
static void specialise(struct zf_ir *branch) {
    if (branch->op != ZF_OP_brc) {
        return;
    }
    switch (branch->c) {
    case 8:
        branch->op = ZF_OP_brc8;
        break;
    case 7:
        branch->op = ZF_OP_brc7;
        break;
    case 4:
        branch->op = ZF_OP_brc4;
        break;
    case 2:
        branch->op = ZF_OP_brc2;
        break;
    default:
        return;
    }
    branch->c = 0;
}

void zf_pass_cc(struct zf_block *block, zf_cc_needed_at *needed) {
    bool live = true;
    for (unsigned i = block->count; i-- > 0;) {
        struct zf_ir *ir = &block->ops[i];
        uint16_t effects = zf_op_specs[ir->op].effects;
        if (effects & ZF_EFFECT_BRANCH) {
            bool there = needed(block, ir->target);
            live = effects & ZF_EFFECT_END ? there : live || there;
            if (i && fuse(ir - 1, ir, live)) {
                effects = zf_op_specs[ir->op].effects;
                live = effects & ZF_EFFECT_FAULTS;
                continue;
            }
            specialise(ir);
        }
        if (effects & ZF_EFFECT_SETS_CC) {
            if (live) {
                ir->op = (uint16_t)(ir->op + zf_op_specs[ir->op].live);
            }
            live = false;
        }
        if (effects & (ZF_EFFECT_USES_CC | ZF_EFFECT_FAULTS)) {
            live = true;
        }
    }
}
