/*
 * A block that branches to its own start is written twice. The second copy begins with what host
 * registers hold at the end of the first, and goes on so as long as the loop lasts; after it
 * another block follows.
 *
 * Where ways out are counted, the one back to the start is the most frequent of a short loop: there
 * the second copy has several rounds, and all are counted at its end; who leaves before counts
 * those that are behind.
 */
#include "x86.h"

#include "zfacet/tally.h"

/*
 * Where the guest goes on behind an op that ends or may branch: instructions need not have ops of
 * their own, so that the next op's does not say it. False: unknown, as a comparison with storage
 * that branches has the comparison's place.
 */
static bool find_way_on(const struct zf_block *block, unsigned op, uint64_t *address) {
    const struct zf_ir *branch = &block->ops[op], *next = branch + 1;
    uint16_t effects = zf_op_specs[branch->op].effects;
    bool goes_on = !(effects & ZF_EFFECT_END) && next->op == ZF_OP_go_on;
    *address = goes_on ? next->target : zf_ir_address(block, branch) + (branch->place & 3) * 2u;
    return goes_on || !(effects & ZF_EFFECT_FAULTS);
}

/* The last way out that leads to the block's start, or NULL. */
static struct way_out *find_loop(struct emitter *e) {
    enum { LONGEST_LOOP = ZF_BLOCK_OPS / 4 };
    for (unsigned i = e->ways_out; i-- > 0;) {
        struct way_out *way = &e->way_out[i];
        uint64_t behind;
        if (!way->indirect && !way->over && way->target == e->block->pc && way->op < LONGEST_LOOP) {
            bool serves = !e->block->execute_length && find_way_on(e->block, way->op, &behind);
            return serves ? way : NULL;
        }
    }
    return NULL;
}

/* Of a loop in which registers change, what was found out about them does not last. */
static void begin_loop(struct emitter *e, unsigned last) {
    struct zf_register_set reads, writes;
    uint32_t changed = 0;
    for (unsigned i = 0; i <= last; i++) {
        zf_ir_accesses(&e->block->ops[i], &reads, &writes);
        changed |= zf_op_specs[e->block->ops[i].op].effects & ZF_EFFECT_HELPER ? ~0u : writes.gr;
    }
    zf_hold_uncheck(e, changed);
    zf_jit_forget_pages(e);
    zf_vector_forget_all(e);
    e->sum_at = 0;
    e->loop = e->at;
    e->loop_state = e->state;
}

/* The jump that was written last is that of the way. */
static bool is_last(const struct emitter *e, const struct way_out *way) {
    return way->site + sizeof(uint32_t) == e->at;
}

static bool is_unconditional(const struct emitter *e, const struct way_out *way) {
    return e->jit->write[way->site - 1] == X_JUMP;
}

/* What is written next is where the way goes: without a jump, if it may. */
static void land_way(struct emitter *e, const struct way_out *way) {
    if (is_last(e, way) && is_unconditional(e, way)) {
        e->at = way->site - 1;
    } else {
        zf_x86_land(e, way->site, e->at);
    }
}

/* From the way back to what follows it: the next pass. */
static void go_round(struct emitter *e, struct way_out *way, const struct way_mark *mark) {
    land_way(e, way);
    zf_jit_put_mark(e, mark);
    way->site = 0;
    e->state = way->state;
    zf_x86_count_slice(e);
}

/* The slice may be over before a round. */
static void look_at_slice(struct emitter *e) {
    struct way_out *over = zf_jit_leave_to(e, IF_SIGN, e->block->pc);
    over->over = true;
    over->mark = (struct way_mark){.loop = e->loop_count, .rounds = e->state.rounds};
}

/* A conditional branch to the start now leads out of the loop, when its condition is not met. */
static void turn_around(struct emitter *e, const struct way_out *way, uint64_t behind) {
    e->jit->write[way->site - 1] ^= 1;
    e->way_out[e->ways_out++] = (struct way_out){.site = way->site,
                                                 .op = way->op,
                                                 .target = behind,
                                                 .mark = zf_jit_mark_of(e, way->op, &way->state),
                                                 .state = way->state};
}

/* The way back to the start stands here, not out of line, if the loop's last op is its branch.
 * False: nothing was written. */
static bool close_loop(struct emitter *e, uint64_t behind) {
    struct way_out *way = &e->way_out[e->ways_out - 1];
    if (!way->again || !is_last(e, way) || e->around == e->at ||
        !zf_hold_can_become(&way->state, &e->loop_state)) {
        return false;
    }
    if (is_unconditional(e, way)) {
        e->at = way->site - 1;
    } else {
        turn_around(e, way, behind);
    }
    way->site = 0;
    zf_jit_put_mark(e, &way->mark);
    zf_hold_become(e, &way->state, &e->loop_state);
    zf_x86_count_slice(e);
    zf_x86_land(e, zf_x86_jump(e, IF_NO_SIGN), e->loop);
    e->state = e->loop_state;
    zf_jit_leave_to(e, ALWAYS, e->block->pc)->over = true;
    return true;
}

/* Where ways out are counted, a short loop has several rounds. */
static bool has_rounds(const struct emitter *e, unsigned last) {
    enum { MOST_OPS = 16 }; /* of a longer loop, counting takes no time */
    return e->loop_count && last < MOST_OPS;
}

static void put_round(struct emitter *e, unsigned last, uint64_t behind) {
    zf_jit_put_ops(e, last + 1);
    if (!has_rounds(e, last) && close_loop(e, behind)) {
        return;
    }
    if (!(zf_op_specs[e->block->ops[last].op].effects & ZF_EFFECT_END)) {
        zf_jit_count_way(e, last);
        zf_jit_leave_to(e, ALWAYS, behind);
    }
}

/* What the way back counts, is counted at the loop's end. */
static void put_more_rounds(struct emitter *e, unsigned last, uint64_t behind) {
    enum { ROUNDS = 5 };
    struct way_out *way;
    for (unsigned rounds = 1; rounds < ROUNDS; rounds++) {
        if (!(way = find_loop(e)) || !way->again || way->op != last) {
            return;
        }
        go_round(e, way, &(struct way_mark){.branch = way->mark.branch});
        e->state.rounds++;
        look_at_slice(e);
        zf_jit_forget_pages(e);
        zf_vector_forget_all(e);
        put_round(e, last, behind);
    }
}

static void put_loop(struct emitter *e, struct way_out *way) {
    unsigned last = way->op;
    uint64_t behind = 0;
    find_way_on(e->block, last, &behind);
    go_round(e, way, &way->mark);
    look_at_slice(e);
    begin_loop(e, last);
    put_round(e, last, behind);
    if (has_rounds(e, last)) {
        put_more_rounds(e, last, behind);
    }
}

void zf_jit_put_loop(struct emitter *e, struct block_code *record) {
    struct way_out *way = find_loop(e);
    if (way) {
        record->loop = zf_jit_branch_of(e, way->op);
        e->loop_count = zf_jit_find_count(e, way->op);
        put_loop(e, way);
    }
}
