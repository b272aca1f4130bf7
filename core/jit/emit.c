/*
 * From a block's ops to host code: places for all pieces first, then each is copied and patched.
 */
#include "jit.h"

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

static void note_op(struct jit *jit, uint32_t offset, const struct zf_ir *ir, bool may_leave) {
    jit->ops[jit->ops_used] = (struct op_place){offset, ir->place, may_leave};
    __atomic_store_n(&jit->ops_used, jit->ops_used + 1, __ATOMIC_RELAXED);
}

/* Where each op's parts go. */
struct layout {
    uint32_t hot[ZF_BLOCK_OPS + 1], cold[ZF_BLOCK_OPS + 1];
};

/* An op at which the CPU may find that it has dropped the block: an instruction's first after one
 * that may store. */
static bool may_leave(const struct zf_block *block, unsigned i, bool *stored) {
    bool starts = !i || (*stored && block->ops[i - 1].place != block->ops[i].place);
    const uint16_t storing = ZF_EFFECT_STORES | ZF_EFFECT_HELPER;
    *stored = (*stored && !starts) || zf_op_specs[block->ops[i].op].effects & storing;
    return starts;
}

static void lay_out(struct emitter *e, struct layout *layout) {
    const struct zf_stencil *stencils = table_of(e->access)->ops;
    const struct zf_block *block = e->block;
    uint32_t at = e->at;
    bool stored = false;
    for (unsigned i = 0; i < block->count; i++) {
        layout->hot[i] = at;
        note_op(e->jit, at, &block->ops[i], may_leave(block, i, &stored));
        at += stencils[block->ops[i].op].hot.size;
    }
    layout->hot[block->count] = at;
    for (unsigned i = 0; i < block->count; i++) {
        layout->cold[i] = at;
        if (stencils[block->ops[i].op].cold.size) {
            note_op(e->jit, at, &block->ops[i], false);
        }
        at += stencils[block->ops[i].op].cold.size;
    }
    layout->cold[block->count] = at;
    e->at = at;
}

/* The place of the patch that leads to the branch's target: there is one. */
static uint32_t branch_site(const struct emitter *e, const struct zf_stencil *stencil, uint32_t hot,
                            uint32_t cold) {
    const struct zf_patch *patches = table_of(e->access)->patches;
    for (unsigned i = 0; i < stencil->hot.patches; i++) {
        if (patches[stencil->hot.first + i].hole == ZF_HOLE_taken) {
            return hot + patches[stencil->hot.first + i].at;
        }
    }
    for (unsigned i = 0; i < stencil->cold.patches; i++) {
        if (patches[stencil->cold.first + i].hole == ZF_HOLE_taken) {
            return cold + patches[stencil->cold.first + i].at;
        }
    }
    ZF_ASSERT(false);
    return 0;
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
    holes->value[ZF_HOLE_chain] = address_of(jit, jit->part[ZF_PART_chain]);
    holes->value[ZF_HOLE_indirect] = address_of(jit, jit->part[ZF_PART_indirect]);
    holes->value[ZF_HOLE_mode] = e->block->mode | MODE_NATIVE;
}

static void put_op(struct emitter *e, const struct layout *layout, unsigned i,
                   struct holes *holes) {
    const struct zf_ir *ir = &e->block->ops[i];
    const struct zf_stencil *stencil = &table_of(e->access)->ops[ir->op];
    struct jit *jit = e->jit;
    uint32_t hot = layout->hot[i], cold = layout->cold[i];
    if (zf_op_specs[ir->op].effects & ZF_EFFECT_BRANCH) {
        holes->value[ZF_HOLE_imm64] = ir->target;
        holes->value[ZF_HOLE_at] = address_of(jit, branch_site(e, stencil, hot, cold));
        holes->value[ZF_HOLE_taken] = address_of(jit, put_part(e, ZF_PART_unlinked, holes));
    }
    fill_holes(holes, ir);
    holes->hot = address_of(jit, hot);
    holes->cold = address_of(jit, cold);
    holes->value[ZF_HOLE_at] = address_of(jit, hot);
    holes->value[ZF_HOLE_next] = address_of(jit, layout->hot[i + 1]);
    zf_jit_put(jit, e->access, &stencil->hot, hot, holes);
    zf_jit_put(jit, e->access, &stencil->cold, cold, holes);
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

void zf_jit_encode(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code) {
    struct jit *jit = (struct jit *)tier;
    struct layout layout;
    struct holes holes;
    struct emitter e = {.jit = jit, .access = access_of(jit, block->mode), .block = block};
    struct block_code *record = &jit->blocks[jit->blocks_used];
    uint32_t offset = (jit->used + ENTRY_ALIGNMENT - 1) & ~(uint32_t)(ENTRY_ALIGNMENT - 1);
    *record =
        (struct block_code){.offset = offset, .block = code->block, .first_op = jit->ops_used};
    e.at = offset + jit->entry_size;
    code->entry = jit->code + e.at;
    code->length = block->count;
    lay_out(&e, &layout);
    record->hot_ops = block->count;
    record->ops = jit->ops_used - record->first_op;
    common_holes(&e, &holes);
    for (unsigned i = 0; i < block->count; i++) {
        put_op(&e, &layout, i, &holes);
    }
    put_entry(&e, record, &holes);
    ZF_ASSERT(e.at - offset < BLOCK_MARGIN);
    /* others may be looking for places of theirs */
    __atomic_store_n(&jit->blocks_used, jit->blocks_used + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&jit->used, e.at, __ATOMIC_RELAXED);
}
