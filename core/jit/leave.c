/*
 * Where a block's code is left for another: jumps that its ops write, and what the CPU is told when
 * one is taken. Where they lead is written behind the ops (emit.c), and later changed (version.c).
 */
#include "x86.h"

#include "zfacet/tally.h"

uint32_t zf_jit_find_count(const struct emitter *e, unsigned op) {
    const struct zf_ir *ir = &e->block->ops[op];
    const uint16_t fused = ZF_EFFECT_FAULTS | ZF_EFFECT_BRANCH;
    uint64_t pc = zf_ir_address(e->block, ir);
    if (!e->tallied) {
        return 0;
    }
    if ((zf_op_specs[ir->op].effects & fused) == fused) {
        pc += (ir->place & 3) * 2u; /* it has the place of the comparison */
    }
    return (uint32_t)offsetof(struct zf_cpu, ways[zf_tally_way(e->block->tally, e->tallied, pc)]);
}

bool zf_jit_is_noted(const struct emitter *e, const struct zf_ir *ir) {
    return e->access != ACCESS_LINEAR && ir->op != ZF_OP_go_on;
}

/* The code at `at` is the branch that is taken here. */
static void note_branch(struct emitter *e, uint32_t at) {
    zf_x86_cpu(e, 0xc7 | X_64, 0, offsetof(struct zf_cpu, branch_at));
    zf_x86_bytes(e, (uintptr_t)e->jit->code + at, 4);
}

void zf_jit_put_mark(struct emitter *e, const struct way_mark *mark) {
    if (mark->branch) {
        note_branch(e, mark->branch);
    }
    if (mark->count) {
        zf_x86_cpu(e, X_INCREMENT | X_64, N_INC, mark->count);
    }
}

void zf_jit_count_way(struct emitter *e, unsigned op) {
    zf_jit_put_mark(e, &(struct way_mark){.count = zf_jit_find_count(e, op)});
}

struct way_out *zf_jit_leave_to(struct emitter *e, int condition, uint64_t target) {
    struct way_out *way = &e->way_out[e->ways_out++];
    *way = (struct way_out){.site = zf_x86_jump(e, condition),
                            .op = (uint16_t)e->op,
                            .again = e->loop && target == e->block->pc,
                            .target = target,
                            .state = e->state};
    return way;
}

/* It notes the branch itself. */
static void leave_indirectly_if(struct emitter *e, int condition) {
    struct way_out *way = zf_jit_leave_to(e, condition, 0);
    way->again = false;
    way->indirect = true;
    way->mark.count = zf_jit_find_count(e, e->op);
}

void zf_jit_leave_if(struct emitter *e, int condition) {
    const struct zf_ir *ir = &e->block->ops[e->op];
    if (ir->op == ZF_OP_bcr) {
        leave_indirectly_if(e, condition);
        return;
    }
    struct way_mark mark = {zf_jit_is_noted(e, ir) ? e->at : 0, zf_jit_find_count(e, e->op)};
    if (condition == ALWAYS) {
        zf_jit_put_mark(e, &mark);
    }
    struct way_out *way = zf_jit_leave_to(e, condition, ir->target);
    if (condition != ALWAYS) {
        mark.branch = mark.branch ? way->site : 0;
        way->mark = mark;
    }
}
