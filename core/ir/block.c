#include "tb/tb.h"
#include "zfacet/machine.h"

#include <stdio.h>

/* Specification letters to effects, evaluated by the compiler. */
#define HAS(effects, letter) (__builtin_strchr(effects, letter) != NULL)
#define EFFECTS(e)                                                                                 \
    (HAS(e, 'c') ? ZF_EFFECT_SETS_CC : 0) | (HAS(e, 'C') ? ZF_EFFECT_USES_CC : 0) |                \
        (HAS(e, 'm') ? ZF_EFFECT_FAULTS : 0) | (HAS(e, 'b') ? ZF_EFFECT_BRANCH : 0) |              \
        (HAS(e, 'e') ? ZF_EFFECT_END : 0) | (HAS(e, 'd') || HAS(e, 'D') ? ZF_EFFECT_DEAD : 0) |    \
        (HAS(e, 'f') ? ZF_EFFECT_COMPARE : 0) | (HAS(e, 't') ? ZF_EFFECT_TEST : 0) |               \
        (HAS(e, 'o') ? ZF_EFFECT_OVERFLOW : 0)

const struct zf_op_spec zf_op_specs[ZF_OP_COUNT] = {
#define OP(name, operands, effects, ...)                                                           \
    {#name, operands, EFFECTS(effects), HAS(effects, 'd') ? 1 : HAS(effects, 'D') ? 2 : 0},
#include "zfacet/ops.def"
#undef OP
};

void zf_block_insn(struct zf_block *block, uint64_t pc, uint8_t length) {
    block->insn_pc = pc;
    block->insn_length = length;
    block->end = pc + length;
    block->insns++;
    const struct zf_machine_config *config = &block->machine->config;
    if (config->max_insns || config->trace & ZF_TRACE_INSN) {
        zf_emit(block, ZF_OP_count)->imm64 = pc;
    }
    if (config->trace & ZF_TRACE_INSN) {
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

struct zf_ir *zf_emit_call_op(struct zf_block *block, enum zf_op op, const struct zf_call *call,
                              size_t size) {
    void *copy = zf_tb_data(block->machine->tbs, size);
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

/* One operand against its letter in the specification. */
static bool operand_fits(char letter, uint8_t operand) {
    switch (letter) {
    case '-':
        return operand == 0;
    case 'n':
        return true;
    case 'R':
    case 'r':
    case 'h':
        return operand % 8 == 0 && operand <= ZF_REG_SCRATCH;
    default: /* written: never the zero register */
        return operand % 8 == 0 && (operand <= ZF_REG(15) || operand == ZF_REG_SCRATCH);
    }
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
        bool wide = spec->operands[4] == 'i';
        if (!operand_fits(spec->operands[0], ir->a) || !operand_fits(spec->operands[1], ir->b) ||
            (!wide && (!operand_fits(spec->operands[2], ir->x) ||
                       !operand_fits(spec->operands[3], ir->c)))) {
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

void zf_ir_print(const struct zf_block *block, const struct zf_ir *ir, char *buffer, size_t size) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    int used = snprintf(buffer, size, "%#10llx  %-10s", // NOLINT
                        (unsigned long long)zf_ir_address(block, ir), spec->name);
    const uint8_t operands[4] = {ir->a, ir->b, ir->x, ir->c};
    for (unsigned i = 0; i < 4 && used >= 0 && (size_t)used < size; i++) {
        if (spec->operands[i] == '-') {
            continue;
        }
        if (spec->operands[i] == 'n') {
            used += snprintf(buffer + used, size - (size_t)used, " %u", operands[i]);
        } else if (operands[i] <= ZF_REG(15)) {
            used += snprintf(buffer + used, size - (size_t)used, " r%u", operands[i] / 8);
        } else {
            used += snprintf(buffer + used, size - (size_t)used, " %s",
                             operands[i] == ZF_REG_ZERO ? "0" : "tmp");
        }
    }
    if (used >= 0 && (size_t)used < size) {
        if (spec->effects & ZF_EFFECT_BRANCH) {
            snprintf(buffer + used, size - (size_t)used, " imm=%d -> %#llx", ir->imm,
                     (unsigned long long)ir->target);
        } else {
            snprintf(buffer + used, size - (size_t)used, " imm=%d imm2=%d", ir->imm, ir->imm2);
        }
    }
}
