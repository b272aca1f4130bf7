/*
 * Where a block's code is left for another: jumps that its ops write, and what the CPU is told when
 * one is taken. Where they lead is written behind the ops (emit.c), and later changed (version.c).
 */
#include "x86.h"

#include "zfacet/tally.h"

uint64_t zf_jit_branch_of(const struct emitter *e, unsigned op) {
    const struct zf_ir *ir = &e->block->ops[op];
    const uint16_t fused = ZF_EFFECT_FAULTS | ZF_EFFECT_BRANCH;
    bool compares = (zf_op_specs[ir->op].effects & fused) == fused; /* and has that one's place */
    return zf_ir_address(e->block, ir) + (compares ? (ir->place & 3) * 2u : 0);
}

/* The op goes on after a branch that was counted when it was executed, taken or not. */
static bool is_counted(const struct emitter *e, unsigned op) {
    const struct zf_ir *ir = &e->block->ops[op], *before = op ? ir - 1 : ir;
    return ir->op == ZF_OP_go_on && zf_tally_leaves(before->op) &&
           zf_ir_address(e->block, before) == zf_ir_address(e->block, ir);
}

uint32_t zf_jit_find_count(const struct emitter *e, unsigned op) {
    if (!e->tallied || is_counted(e, op)) {
        return 0;
    }
    uint32_t way = zf_tally_way(e->block->tally, e->tallied, zf_jit_branch_of(e, op));
    return (uint32_t)offsetof(struct zf_cpu, ways[way]);
}

struct way_mark zf_jit_mark_of(const struct emitter *e, unsigned op,
                               const struct hold_state *state) {
    return (struct way_mark){
        .count = zf_jit_find_count(e, op), .loop = e->loop_count, .rounds = state->rounds};
}

bool zf_jit_is_noted(const struct emitter *e, const struct zf_ir *ir) {
    return e->access != ACCESS_LINEAR && ir->op != ZF_OP_go_on;
}

/* The code at `at` is the branch that is taken here. */
static void note_branch(struct emitter *e, uint32_t at) {
    zf_x86_cpu(e, 0xc7 | X_64, 0, offsetof(struct zf_cpu, branch_at));
    zf_x86_bytes(e, (uintptr_t)e->jit->code + at, 4);
}

static void add_to_count(struct emitter *e, uint32_t count, unsigned times) {
    if (times == 1) {
        zf_x86_cpu(e, X_INCREMENT | X_64, N_INC, count);
    } else if (times) {
        zf_x86_cpu(e, X_IMMEDIATE_8 | X_64, N_ADD, count);
        zf_x86_bytes(e, times, 1);
    }
}

void zf_jit_put_mark(struct emitter *e, const struct way_mark *mark) {
    bool again = mark->count && mark->count == mark->loop;
    if (mark->branch) {
        note_branch(e, mark->branch);
    }
    if (mark->count && !again) {
        add_to_count(e, mark->count, 1);
    }
    add_to_count(e, mark->loop, mark->rounds + again);
}

void zf_jit_count_way(struct emitter *e, unsigned op) {
    struct way_mark mark = zf_jit_mark_of(e, op, &e->state);
    zf_jit_put_mark(e, &mark);
    e->state.rounds = 0;
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
    way->mark = zf_jit_mark_of(e, e->op, &e->state);
}

void zf_jit_leave_if(struct emitter *e, int condition) {
    const struct zf_ir *ir = &e->block->ops[e->op];
    if (ir->op == ZF_OP_bcr) {
        leave_indirectly_if(e, condition);
        return;
    }
    struct way_mark mark = zf_jit_mark_of(e, e->op, &e->state);
    bool here = condition == ALWAYS && ir->target != e->block->pc; /* a loop's may be left out */
    mark.branch = zf_jit_is_noted(e, ir) ? e->at : 0;
    if (here) {
        zf_jit_put_mark(e, &mark);
    }
    struct way_out *way = zf_jit_leave_to(e, condition, ir->target);
    if (!here) {
        mark.branch = mark.branch ? way->site : 0;
        way->mark = mark;
    }
}
