/*
 * From a block's ops to host code: one after the other, lowered or by their stencils; then what is
 * not on the straight way: cold parts of stencils, and ways out of the block.
 */
#include "x86.h"

#include "zfacet/tally.h"

#include <string.h>

/* All of the 4 bytes at once: other CPUs may be executing them. */
static void put32(uint8_t *at, uint32_t value) {
    memcpy(at, &value, sizeof value);
}

static uint64_t patch_value(const struct jit *jit, unsigned access, const struct zf_patch *patch,
                            const struct holes *holes) {
    uint64_t add = (uint64_t)(int64_t)patch->add;
    switch (patch->hole) {
    case ZF_HOLE_HOT:
        return holes->hot + add;
    case ZF_HOLE_COLD:
        return holes->cold + add;
    case ZF_HOLE_DATA:
        return (uintptr_t)jit->code + jit->data[access] + add;
    case ZF_HOLE_FUNCTION:
        return (uintptr_t)jit->code + jit->functions[access] + (uint32_t)patch->add * THUNK_SIZE -
               4;
    default:
        return holes->value[patch->hole] + add;
    }
}

void zf_jit_put(struct jit *jit, unsigned access, const struct zf_stencil_part *part,
                uint32_t offset, const struct holes *holes) {
    const struct zf_stencil_table *table = table_of(access);
    uint8_t *to = jit->write + offset;
    memcpy(to, table->code + part->code, part->size);
    for (unsigned i = 0; i < part->patches; i++) {
        const struct zf_patch *patch = &table->patches[part->first + i];
        uint64_t value = patch_value(jit, access, patch, holes);
        if (patch->type == ZF_PATCH_64) {
            memcpy(to + patch->at, &value, sizeof value);
            continue;
        }
        if (patch->type == ZF_PATCH_RELATIVE) {
            value -= (uintptr_t)jit->code + offset + patch->at;
        }
        put32(to + patch->at, (uint32_t)value);
    }
}

/* Registers as the stencils address them: bytes from the CPU's start, or of its vector registers.
 */
static uint64_t operand_value(const struct zf_operand_spec *spec, uint8_t operand) {
    bool wide = spec->kind == ZF_OPERAND_VR || spec->kind == ZF_OPERAND_FPR ||
                spec->kind == ZF_OPERAND_FPR_SHORT;
    return wide ? (uint64_t)operand * sizeof(union zf_vr) : operand;
}

static void fill_holes(struct holes *holes, const struct zf_ir *ir) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    uint64_t *value = holes->value;
    value[ZF_HOLE_a] = operand_value(&spec->operand[0], ir->a);
    value[ZF_HOLE_b] = operand_value(&spec->operand[1], ir->b);
    value[ZF_HOLE_x] = operand_value(&spec->operand[2], ir->x);
    value[ZF_HOLE_c] = operand_value(&spec->operand[3], ir->c);
    value[ZF_HOLE_i16] = (uint64_t)(int64_t)ir->i16;
    value[ZF_HOLE_imm] = value[ZF_HOLE_disp] = (uint64_t)(int64_t)ir->imm;
    value[ZF_HOLE_imm2] = (uint64_t)(int64_t)ir->imm2;
    value[ZF_HOLE_imm64] = ir->imm64;
    if (spec->effects & ZF_EFFECT_HELPER && ir->op != ZF_OP_execute) {
        const struct zf_call *call = (const struct zf_call *)(uintptr_t)ir->imm64;
        value[ZF_HOLE_helper] = (uintptr_t)call->helper;
    }
}

static uint64_t address_of(const struct jit *jit, uint32_t offset) {
    return (uintptr_t)jit->code + offset;
}

void zf_jit_note(struct emitter *e, const struct zf_ir *ir, const struct hold_state *state,
                 enum zf_leave leave) {
    struct jit *jit = e->jit;
    struct op_place *place = &jit->ops[jit->ops_used];
    const uint16_t fused = ZF_EFFECT_FAULTS | ZF_EFFECT_BRANCH;
    *place = (struct op_place){.offset = e->at,
                               .place = ir->place,
                               .leave = (uint8_t)leave,
                               .fused = (zf_op_specs[ir->op].effects & fused) == fused,
                               .hold = *state};
    __atomic_store_n(&jit->ops_used, jit->ops_used + 1, __ATOMIC_RELAXED);
}

/* An op at which the CPU may find that it has dropped the block: an instruction's first after one
 * that may store. */
static enum zf_leave may_leave(const struct zf_block *block, unsigned i, bool *stored) {
    bool starts = *stored && block->ops[i - 1].place != block->ops[i].place;
    const uint16_t storing = ZF_EFFECT_STORES | ZF_EFFECT_HELPER;
    *stored = (*stored && !starts) || zf_op_specs[block->ops[i].op].effects & storing;
    return !i ? LEAVE_TO_START : starts ? LEAVE_AFTER_LAST : LEAVE_NEVER;
}

/* Where a part leads to the branch's target: the place of that patch, when it is written to `at`.
 */
static bool find_site(const struct emitter *e, const struct zf_stencil_part *part, uint32_t at,
                      uint32_t *site) {
    const struct zf_patch *patches = table_of(e->access)->patches + part->first;
    for (unsigned i = 0; i < part->patches; i++) {
        if (patches[i].hole == ZF_HOLE_taken) {
            *site = at + patches[i].at;
            return true;
        }
    }
    return false;
}

/* Leaves room so that such a patch does not lie in two lines of the host's cache. */
static void place_part(struct emitter *e, const struct zf_stencil_part *part) {
    uint32_t site;
    while (find_site(e, part, e->at, &site) && zf_x86_crosses_line(site)) {
        zf_x86_bytes(e, NO_OPERATION, 1);
    }
}

static uint32_t branch_site(const struct emitter *e, const struct zf_stencil *stencil, uint32_t hot,
                            uint32_t cold) {
    uint32_t site = 0;
    bool found =
        find_site(e, &stencil->hot, hot, &site) || find_site(e, &stencil->cold, cold, &site);
    ZF_ASSERT(found);
    return site;
}

/* One of the tier's own pieces that belongs to a block; returns where it is. */
static uint32_t put_part(struct emitter *e, enum zf_part part, struct holes *holes) {
    const struct zf_stencil_part *hot = &table_of(e->access)->parts[part].hot;
    uint32_t offset = e->at;
    e->at += hot->size;
    holes->value[ZF_HOLE_next] = address_of(e->jit, e->at);
    zf_jit_put(e->jit, e->access, hot, offset, holes);
    return offset;
}

static void common_holes(const struct emitter *e, struct holes *holes) {
    const struct jit *jit = e->jit;
    memset(holes, 0, sizeof *holes);
    holes->value[ZF_HOLE_leave] = address_of(jit, jit->part[ZF_PART_leave]);
    holes->value[ZF_HOLE_indirect] = address_of(jit, jit->part[ZF_PART_indirect]);
    holes->value[ZF_HOLE_mode] = e->block->mode | MODE_NATIVE;
}

/* A conditional branch to where a register says is a branch around an unconditional one. */
static const struct zf_stencil *stencil_of(const struct emitter *e, const struct zf_ir *ir) {
    return &table_of(e->access)->ops[ir->op == ZF_OP_bcr ? ZF_OP_brc : ir->op];
}

/* What a stencil must find in the CPU, and what it changes there. */
static void make_way(struct emitter *e, const struct zf_ir *ir) {
    enum { ALL = 0x1ffff };
    const uint16_t shows = ZF_EFFECT_FAULTS | ZF_EFFECT_HELPER | ZF_EFFECT_BRANCH | ZF_EFFECT_END |
                           ZF_EFFECT_USES_CC | ZF_EFFECT_STORES | ZF_EFFECT_SHOWN;
    uint16_t effects = zf_op_specs[ir->op].effects;
    struct zf_register_set reads, writes;
    zf_ir_accesses(ir, &reads, &writes);
    if (effects & ZF_EFFECT_SETS_CC && !(effects & shows)) {
        zf_cc_forget(e);
    }
    if (effects & shows) {
        zf_hold_save(e);
    }
    zf_hold_save_guests(e, reads.gr);
    zf_hold_forget_guests(e, effects & ZF_EFFECT_HELPER ? (uint32_t)ALL : writes.gr);
    zf_hold_spill(e, stencil_of(e, ir)->uses);
}

/* Its bytes come later, when it is known where its cold part is. */
static void use_stencil(struct emitter *e, const struct zf_ir *ir) {
    const struct zf_stencil *stencil = stencil_of(e, ir);
    make_way(e, ir);
    zf_jit_forget_pages(e);
    if (stencil->uses & USES_VECTORS) {
        zf_vector_forget_all(e);
    }
    place_part(e, &stencil->hot);
    zf_jit_note(e, ir, &e->state, LEAVE_NEVER);
    uint32_t hot = e->at;
    e->at += stencil->hot.size;
    e->stencil[e->stencils++] = (struct stencil_use){hot, e->at, (uint16_t)e->op, e->state};
}

/* Puts the mark of the way that jumps at `direct`, if it has one; returns the jump that goes on, to
 * what follows. */
static uint32_t mark_way(struct emitter *e, uint32_t direct, const struct way_mark *mark) {
    if (!mark->branch && !mark->count && !mark->rounds) {
        return direct;
    }
    zf_x86_land(e, direct, e->at);
    zf_jit_put_mark(e, mark);
    uint32_t site = zf_x86_jump(e, ALWAYS);
    zf_x86_land(e, site, e->at);
    return site;
}

/* Where the branch at `site` goes: out of the block, when the CPU has been told of it. */
static void put_target(struct emitter *e, const struct stencil_use *use, uint32_t direct,
                       struct holes *holes) {
    const struct zf_ir *ir = &e->block->ops[use->op];
    struct way_mark mark = zf_jit_mark_of(e, use->op, &use->state);
    mark.branch = zf_jit_is_noted(e, ir) ? use->hot : 0;
    holes->value[ZF_HOLE_taken] = address_of(e->jit, e->at);
    uint32_t site = mark_way(e, direct, &mark);
    zf_jit_put_way(e, &(struct way){.target = ir->target,
                                    .mark = mark,
                                    .marked = direct,
                                    .site = site,
                                    .link = site,
                                    .state = use->state});
}

/* The bytes of a stencil's two parts. */
static void put_parts(const struct emitter *e, const struct zf_stencil *stencil,
                      const struct stencil_use *use, uint32_t cold, struct holes *holes) {
    struct jit *jit = e->jit;
    fill_holes(holes, &e->block->ops[use->op]);
    holes->hot = address_of(jit, use->hot);
    holes->cold = address_of(jit, cold);
    holes->value[ZF_HOLE_at] = address_of(jit, use->hot);
    holes->value[ZF_HOLE_next] = address_of(jit, use->next);
    zf_jit_put(jit, e->access, &stencil->hot, use->hot, holes);
    zf_jit_put(jit, e->access, &stencil->cold, cold, holes);
}

/* The branch of an op that branches to where a register says. The CPU has all. */
static void put_indirect(struct emitter *e, unsigned op, struct holes *holes) {
    static const struct hold_state nothing = {.cc = {0}};
    const struct zf_stencil *stencil = &table_of(e->access)->ops[ZF_OP_br];
    const struct stencil_use use = {.hot = e->at, .op = (uint16_t)op};
    zf_jit_note(e, &e->block->ops[op], &nothing, LEAVE_NEVER);
    uint32_t cold = e->at + stencil->hot.size;
    e->at = cold + stencil->cold.size;
    put_parts(e, stencil, &use, cold, holes);
}

static void put_stencil(struct emitter *e, const struct stencil_use *use, struct holes *holes) {
    const struct zf_ir *ir = &e->block->ops[use->op];
    const struct zf_stencil *stencil = stencil_of(e, ir);
    place_part(e, &stencil->cold);
    uint32_t cold = e->at;
    if (stencil->cold.size) {
        const struct hold_state nothing = {.rounds = use->state.rounds};
        zf_jit_note(e, ir, &nothing, LEAVE_NEVER);
    }
    e->at += stencil->cold.size;
    if (ir->op == ZF_OP_bcr) {
        uint32_t taken = e->at;
        const struct way_mark mark = zf_jit_mark_of(e, use->op, &use->state);
        zf_jit_put_mark(e, &mark);
        put_indirect(e, use->op, holes);
        holes->value[ZF_HOLE_taken] = address_of(e->jit, taken);
    } else if (zf_op_specs[ir->op].effects & ZF_EFFECT_BRANCH) {
        put_target(e, use, branch_site(e, stencil, use->hot, cold), holes);
    }
    put_parts(e, stencil, use, cold, holes);
}

/* The stencil in place of what was written for the op; it finds all in the CPU. */
static void put_unusual(struct emitter *e, const struct unusual *unusual) {
    const struct hold_state nothing = {.rounds = unusual->before.rounds};
    const struct zf_ir *ir = &e->block->ops[unusual->op];
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(unusual->site); i++) {
        if (unusual->site[i]) {
            zf_x86_land(e, unusual->site[i], e->at);
        }
    }
    zf_hold_save_state(e, &unusual->before);
    zf_jit_note(e, ir, &nothing, LEAVE_NEVER);
    uint32_t hot = e->at;
    e->at += table_of(e->access)->ops[ir->op].hot.size;
    e->stencil[e->stencils++] = (struct stencil_use){hot, e->at, unusual->op, nothing};
    zf_hold_load_state(e, &unusual->after);
    zf_vector_reload(e, &unusual->vectors);
    zf_jit_drop_pages(e);
    zf_x86_land(e, zf_x86_jump(e, ALWAYS), unusual->back);
}

/* The slice is over at the block's start. */
static void put_slice_end(struct emitter *e, const struct hold_state *state, uint32_t entry,
                          struct holes *holes) {
    zf_hold_save_state(e, state);
    holes->value[ZF_HOLE_at] = address_of(e->jit, entry);
    put_part(e, ZF_PART_out, holes);
}

/* The way back to the loop's start, when host registers can be brought to what it needs. */
static bool put_way_back(struct emitter *e, const struct way_out *way, uint32_t entry,
                         struct holes *holes) {
    if (!way->again || !zf_hold_can_become(&way->state, &e->loop_state)) {
        return false;
    }
    zf_x86_land(e, way->site, e->at);
    zf_jit_put_mark(e, &way->mark);
    zf_hold_become(e, &way->state, &e->loop_state);
    zf_x86_count_slice(e);
    zf_x86_land(e, zf_x86_jump(e, IF_NO_SIGN), e->loop);
    put_slice_end(e, &e->loop_state, entry, holes);
    return true;
}

/* The CPU gets all, and what it counts. */
static void put_indirect_way(struct emitter *e, const struct way_out *way, struct holes *holes) {
    zf_x86_land(e, way->site, e->at);
    zf_jit_put_mark(e, &way->mark);
    zf_hold_save_state(e, &way->state);
    put_indirect(e, way->op, holes);
}

/* What the CPU does not have yet is written on the way. */
static void put_way_out(struct emitter *e, const struct way_out *out) {
    struct way way = {
        .target = out->target, .mark = out->mark, .marked = out->site, .state = out->state};
    zf_x86_land(e, out->site, e->at);
    way.site = way.link = mark_way(e, out->site, &out->mark);
    if (!zf_hold_is_saved(&way.state)) {
        zf_hold_save_state(e, &way.state);
        way.link = zf_x86_jump(e, ALWAYS);
        zf_x86_land(e, way.link, e->at);
    }
    zf_jit_put_way(e, &way);
}

static void put_ways_out(struct emitter *e, uint32_t entry, struct holes *holes) {
    for (unsigned i = 0; i < e->ways_out; i++) {
        const struct way_out *way = &e->way_out[i];
        if (way->over) {
            zf_x86_land(e, way->site, e->at);
            zf_jit_put_mark(e, &way->mark);
            put_slice_end(e, &way->state, entry, holes);
        } else if (way->indirect) {
            put_indirect_way(e, way, holes);
        } else if (way->site && !put_way_back(e, way, entry, holes)) {
            put_way_out(e, way);
        }
    }
}

static void put_cold_parts(struct emitter *e, uint32_t entry, struct holes *holes) {
    put_ways_out(e, entry, holes);
    for (unsigned i = 0; i < e->unusuals; i++) {
        put_unusual(e, &e->unusual[i]);
    }
    for (unsigned i = 0; i < e->stencils; i++) {
        put_stencil(e, &e->stencil[i], holes);
    }
    for (unsigned i = 0; i < e->far_accesses; i++) {
        const struct far_access *far = &e->far_access[i];
        (e->access == ACCESS_TLB ? zf_jit_missed_access : zf_jit_far_access)(e, far);
    }
}

/* A call leaves the address after it, to which there will be an indirect branch: what finds its
 * code is seldom in the host's nearer caches by then. */
static void expect_return(struct emitter *e, const struct zf_ir *ir) {
    if (ir->op == ZF_OP_ldi64 && ir->imm64 == e->block->end) {
        uint64_t entry = ir->imm64 >> 1 & (ZF_BRANCH_CACHE_ENTRIES - 1);
        zf_x86_cpu(e, X_PREFETCH, N_NEAREST,
                   offsetof(struct zf_cpu, branch_cache[0]) +
                       entry * sizeof(struct zf_branch_cache_entry));
    }
}

void zf_jit_put_ops(struct emitter *e, unsigned count) {
    bool stored = false;
    for (e->op = 0; e->op < count; e->op++) {
        const struct zf_ir *ir = &e->block->ops[e->op];
        e->locked = e->jit->reserved;
        zf_jit_note(e, ir, &e->state, may_leave(e->block, e->op, &stored));
        if (e->tallied && zf_tally_leaves(ir->op)) {
            zf_jit_count_way(e, e->op);
        }
        expect_return(e, ir);
        if (!zf_jit_lower(e, ir)) {
            use_stencil(e, ir);
        }
        zf_jit_forget_pages_of(e, ir);
        zf_vector_end_op(e, ir);
    }
}

/* The entry for branches, and the way out that it has. */
static void put_entry(struct emitter *e, struct block_code *record, struct holes *holes) {
    holes->value[ZF_HOLE_at] = address_of(e->jit, record->offset);
    record->out = put_part(e, ZF_PART_out, holes);
    uint32_t at = e->at;
    e->at = record->offset;
    holes->value[ZF_HOLE_taken] = address_of(e->jit, record->out);
    put_part(e, ZF_PART_entry, holes);
    e->at = at;
}

static void begin(struct emitter *e, struct jit *jit, const struct zf_block *block) {
    e->jit = jit;
    e->access = access_of(jit, block->mode);
    e->block = block;
    e->tallied = block->counted ? NULL : block->tallied;
    e->loop = e->loop_count = 0;
    e->ways_out = e->far_accesses = e->stencils = e->unusuals = 0;
    e->vectors_new = e->vector_clock = 0;
    zf_hold_begin(e);
    zf_jit_forget_pages(e);
    zf_vector_forget_all(e);
}

static uint32_t align(uint32_t offset) {
    return (offset + ENTRY_ALIGNMENT - 1) & ~(uint32_t)(ENTRY_ALIGNMENT - 1);
}

static struct block_code *begin_record(const struct emitter *e, uint32_t block, uint32_t offset) {
    struct jit *jit = e->jit;
    struct block_code *record = &jit->blocks[jit->blocks_used];
    *record = (struct block_code){
        .offset = offset, .block = block, .first_op = jit->ops_used, .tallied = e->tallied};
    return record;
}

/* All but the entry for branches. */
static void put_code(struct emitter *e, struct block_code *record, struct holes *holes) {
    zf_jit_put_ops(e, e->block->count);
    zf_jit_put_loop(e, record);
    record->hot_ops = e->jit->ops_used - record->first_op;
    common_holes(e, holes);
    put_cold_parts(e, record->offset, holes);
    record->ops = e->jit->ops_used - record->first_op;
}

static void end_record(struct emitter *e, const struct block_code *record) {
    struct jit *jit = e->jit;
    ZF_ASSERT(e->at - record->offset < BLOCK_MARGIN);
    /* others may be looking for places of theirs */
    __atomic_store_n(&jit->blocks_used, jit->blocks_used + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&jit->used, e->at, __ATOMIC_RELAXED);
    zf_jit_widen(jit);
    if (jit->config.made) {
        jit->config.made(jit->config.context, e->block->pc, jit->code + record->offset,
                         e->at - record->offset);
    }
}

void zf_jit_encode(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code) {
    struct jit *jit = (struct jit *)tier;
    struct holes holes;
    struct emitter e; /* its lists begin empty, and are too long to be cleared */
    begin(&e, jit, block);
    struct block_code *record = begin_record(&e, code->block, align(jit->used));
    e.at = record->offset + jit->entry_size;
    code->entry = jit->code + e.at;
    code->length = block->count;
    put_code(&e, record, &holes);
    put_entry(&e, record, &holes);
    end_record(&e, record);
}

/* The mark of the way that the version is made for, so that it ends where the version begins;
 * returns where it begins. */
static uint32_t put_first_mark(struct emitter *e, uint32_t used, const struct way_mark *mark) {
    e->at = used;
    zf_jit_put_mark(e, mark);
    uint32_t size = e->at - used, end = align(e->at);
    e->at = end - size;
    zf_jit_put_mark(e, mark);
    ZF_ASSERT(e->at == end);
    return end - size;
}

uint32_t zf_jit_encode_version(struct jit *jit, const struct zf_block *block, uint32_t general,
                               const struct hold_state *state, const struct way_mark *mark) {
    struct holes holes;
    struct emitter e;
    struct block_code *usual = &jit->blocks[general];
    begin(&e, jit, block);
    uint32_t start = put_first_mark(&e, jit->used, mark);
    struct block_code *record = begin_record(&e, usual->block, e.at);
    record->state = *state;
    e.state = *state;
    zf_x86_count_slice(&e);
    ZF_ASSERT(e.at - record->offset >= JUMP_SIZE); /* for redirect() */
    uint32_t over = zf_x86_jump(&e, IF_SIGN);
    put_code(&e, record, &holes);
    record->out = e.at;
    zf_x86_land(&e, over, e.at);
    zf_hold_save_state(&e, state);
    zf_x86_land(&e, zf_x86_jump(&e, ALWAYS), usual->offset);
    record->version = usual->version;
    usual->version = jit->blocks_used;
    end_record(&e, record);
    return start;
}
