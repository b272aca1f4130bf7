/*
 * Building a block: how translators append ops.
 */
#include "zfacet/op.h"

/* Its EXECUTE was counted and let through: no limit comes between the two. */
static enum zf_next count_target(struct zf_cpu *cpu, const struct zf_call *call) {
    if (cpu->insns_left > 0) {
        cpu->insns_left--;
    } else {
        cpu->insns_beyond++;
    }
    return ZF_NEXT;
}

void zf_block_insn(struct zf_block *block, uint64_t pc, uint8_t length) {
    block->insn_pc = pc;
    block->insn_length = length;
    block->end = pc + length;
    block->insns++;
    if (block->counted && block->execute_length) {
        const struct zf_call call = {count_target};
        zf_emit_call(block, &call, sizeof call);
    } else if (block->counted) {
        zf_emit(block, ZF_OP_count)->imm64 = pc;
    }
    if (block->traced) {
        zf_emit(block, ZF_OP_trace)->imm64 = block->execute_length ? block->execute_address : pc;
    }
}

bool zf_block_fetch_guarded(const struct zf_block *block, uint64_t address, uint64_t *word,
                            unsigned *length) {
    enum { LONGEST = 6 };
    struct zf_cpu *cpu = block->cpu;
    zf_code_guard(cpu, address);
    if (((address + LONGEST - 1) ^ address) & ZF_PAGE_MASK) {
        zf_code_guard(cpu, zf_wrap(cpu, address + LONGEST - 1));
    }
    return zf_fetch(cpu, address, word, length);
}

struct zf_ir *zf_emit(struct zf_block *block, enum zf_op op) {
    ZF_ASSERT(block->count < ZF_BLOCK_OPS && !block->ended);
    struct zf_ir *ir = &block->ops[block->count++];
    *ir = (struct zf_ir){
        .op = (uint16_t)op,
        .place = (uint16_t)((block->insn_pc - block->pc) << 1 | block->insn_length >> 1),
    };
    if (zf_op_specs[op].effects & ZF_EFFECT_END) {
        block->ended = true;
    }
    return ir;
}

bool zf_block_may_store(const struct zf_block *block, unsigned first) {
    for (unsigned i = first; i < block->count; i++) {
        if (zf_op_specs[block->ops[i].op].effects & (ZF_EFFECT_STORES | ZF_EFFECT_HELPER)) {
            return true;
        }
    }
    return false;
}

void zf_emit_rrr(struct zf_block *block, enum zf_op op, uint8_t a, uint8_t b, uint8_t c) {
    struct zf_ir *ir = zf_emit(block, op);
    ir->a = a;
    ir->b = b;
    ir->c = c;
}

void zf_emit_rri(struct zf_block *block, enum zf_op op, uint8_t a, uint8_t b, int32_t imm) {
    struct zf_ir *ir = zf_emit(block, op);
    ir->a = a;
    ir->b = b;
    ir->imm = imm;
}

void zf_emit_mem(struct zf_block *block, enum zf_op op, uint8_t a, unsigned x, unsigned b,
                 int32_t d) {
    struct zf_ir *ir;
    if (x && b) {
        ir = zf_emit(block, op + 1);
        ir->x = ZF_REG(x);
        ir->b = ZF_REG(b);
    } else {
        ir = zf_emit(block, op);
        ir->b = zf_base_reg(x | b);
    }
    ir->a = a;
    ir->imm = d;
}

struct zf_ir *zf_emit_memx(struct zf_block *block, enum zf_op op, uint8_t a, unsigned x, unsigned b,
                           int32_t d) {
    struct zf_ir *ir = zf_emit(block, op);
    ir->a = a;
    ir->x = zf_base_reg(x);
    ir->b = zf_base_reg(b);
    ir->imm = d;
    return ir;
}

void zf_emit_constant(struct zf_block *block, uint8_t a, uint64_t value) {
    struct zf_ir *ir = zf_emit(block, ZF_OP_ldi64);
    ir->a = a;
    ir->imm64 = value;
}

struct zf_ir *zf_emit_branch(struct zf_block *block, enum zf_op op, uint64_t target) {
    struct zf_ir *ir = zf_emit(block, op);
    ir->target = target;
    return ir;
}

static void *call_room(struct zf_call_room *room, size_t size) {
    size_t aligned = (size + 15) & ~(size_t)15;
    ZF_ASSERT(room->used + aligned <= room->size);
    void *p = room->bytes + room->used;
    __atomic_store_n(&room->used, room->used + aligned,
                     __ATOMIC_RELAXED); /* others look how full */
    return p;
}

struct zf_ir *zf_emit_call_op(struct zf_block *block, enum zf_op op, const struct zf_call *call,
                              size_t size) {
    void *copy = call_room(block->calls, size);
    memcpy(copy, call, size);
    struct zf_ir *ir = zf_emit(block, op);
    ir->imm64 = (uintptr_t)copy;
    return ir;
}

void zf_emit_call(struct zf_block *block, const struct zf_call *call, size_t size) {
    zf_emit_call_op(block, ZF_OP_call, call, size);
}

void zf_emit_call_end(struct zf_block *block, const struct zf_call *call, size_t size) {
    zf_emit_call_op(block, ZF_OP_call_end, call, size);
}

void zf_emit_pgm(struct zf_block *block, enum zf_pgm_code code) {
    zf_emit_pgm_data(block, code, 0);
}

void zf_emit_pgm_data(struct zf_block *block, enum zf_pgm_code code, uint8_t dxc) {
    struct zf_ir *ir = zf_emit(block, ZF_OP_pgm);
    ir->imm = code;
    ir->imm2 = dxc;
}

uint64_t zf_ir_address(const struct zf_block *block, const struct zf_ir *ir) {
    return block->pc + (ir->place >> 2) * 2;
}
