#include "zfacet/op.h"

#include <stdio.h>

void zf_block_insn(struct zf_block *block, uint64_t pc, uint8_t length) {
    block->insn_pc = pc;
    block->insn_length = length;
    block->end = pc + length;
    block->insns++;
    if (block->counted) {
        zf_emit(block, ZF_OP_count)->imm64 = pc;
    }
    if (block->traced) {
        zf_emit(block, ZF_OP_trace)->imm64 = block->execute_length ? block->execute_address : pc;
    }
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
    room->used += aligned;
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

static bool gr_fits(const struct zf_operand_spec *o, uint8_t value) {
    if (value % 8 || value > ZF_REG_SCRATCH) {
        return false;
    }
    if (o->extent == ZF_EXTENT_PAIR) {
        return value <= ZF_REG(14) && value % 16 == 0;
    }
    return value != ZF_REG_ZERO ||
           (!(o->access & ZF_WRITES) && o->extent == ZF_EXTENT_ONE); /* nobody writes zero */
}

/* One operand against its specification. */
static bool operand_fits(const struct zf_operand_spec *o, uint8_t value) {
    switch ((enum zf_operand_kind)o->kind) {
    case ZF_OPERAND_NONE:
        return value == 0;
    case ZF_OPERAND_NUMBER:
        return true;
    case ZF_OPERAND_GR:
    case ZF_OPERAND_GR_LOW:
    case ZF_OPERAND_GR_HIGH:
        return gr_fits(o, value);
    case ZF_OPERAND_FPR:
    case ZF_OPERAND_FPR_SHORT:
        return value < 16 && !(o->extent == ZF_EXTENT_PAIR && value & 2);
    case ZF_OPERAND_VR:
        return value < 32;
    case ZF_OPERAND_AR:
        return value < 16;
    }
    return false;
}

static bool operands_fit(const struct zf_ir *ir) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    const uint8_t values[4] = {ir->a, ir->b, ir->x, ir->c};
    for (unsigned i = 0; i < 4; i++) {
        const struct zf_operand_spec *o = &spec->operand[i];
        if (!operand_fits(o, values[i]) ||
            (o->extent == ZF_EXTENT_SEVERAL && (!ir->c || ir->c > 16))) {
            return false;
        }
    }
    return true;
}

const char *zf_block_verify(const struct zf_block *block) {
    if (!block->count) {
        return "empty block";
    }
    for (unsigned i = 0; i < block->count; i++) {
        const struct zf_ir *ir = &block->ops[i];
        if (ir->op >= ZF_OP_COUNT) {
            return "unknown op";
        }
        const struct zf_op_spec *spec = &zf_op_specs[ir->op];
        if (!operands_fit(ir)) {
            return spec->name;
        }
        if (spec->effects & ZF_EFFECT_END && i + 1 != block->count) {
            return "op behind the block's end";
        }
        if (i && ir->place >> 2 < block->ops[i - 1].place >> 2) {
            return "instructions out of order";
        }
    }
    return zf_op_specs[block->ops[block->count - 1].op].effects & ZF_EFFECT_END
               ? NULL
               : "block has no end";
}

uint64_t zf_ir_address(const struct zf_block *block, const struct zf_ir *ir) {
    return block->pc + (ir->place >> 2) * 2;
}

static int print_operand(const struct zf_operand_spec *o, uint8_t value, char *buffer,
                         size_t size) {
    switch ((enum zf_operand_kind)o->kind) {
    case ZF_OPERAND_NONE:
        return 0;
    case ZF_OPERAND_NUMBER:
        return snprintf(buffer, size, " %u", value);
    case ZF_OPERAND_GR:
    case ZF_OPERAND_GR_LOW:
    case ZF_OPERAND_GR_HIGH:
        return value <= ZF_REG(15) ? snprintf(buffer, size, " r%u", value / 8)
                                   : snprintf(buffer, size, value == ZF_REG_ZERO ? " 0" : " tmp");
    case ZF_OPERAND_FPR:
    case ZF_OPERAND_FPR_SHORT:
        return snprintf(buffer, size, " f%u", value);
    case ZF_OPERAND_VR:
        return snprintf(buffer, size, " v%u", value);
    case ZF_OPERAND_AR:
        return snprintf(buffer, size, " a%u", value);
    }
    return 0;
}

void zf_ir_print(const struct zf_block *block, const struct zf_ir *ir, char *buffer, size_t size) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    const uint8_t values[4] = {ir->a, ir->b, ir->x, ir->c};
    char operands[64] = "";
    size_t used = 0;
    for (unsigned i = 0; i < (spec->i16 ? 2 : 4); i++) {
        used += (size_t)print_operand(&spec->operand[i], values[i], operands + used,
                                      sizeof operands - used);
    }
    if (spec->i16) {
        snprintf(operands + used, sizeof operands - used, " i16=%d", ir->i16);
    }
    unsigned long long address = zf_ir_address(block, ir), target = ir->target;
    if (spec->effects & ZF_EFFECT_BRANCH) {
        snprintf(buffer, size, "%#10llx  %-10s%s imm=%d -> %#llx", address, spec->name, operands,
                 ir->imm, target);
    } else {
        snprintf(buffer, size, "%#10llx  %-10s%s imm=%d imm2=%d", address, spec->name, operands,
                 ir->imm, ir->imm2);
    }
}
