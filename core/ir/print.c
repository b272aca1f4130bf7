/*
 * Ops as text: what `--trace ops` shows, and what the tests of the passes are written in.
 */
#include "zfacet/op.h"

#include <stdio.h>

enum { OPERANDS_LENGTH = 64 };

static int print_operand(const struct zf_operand_spec *o, uint8_t value, char *buffer,
                         size_t size) {
    switch ((enum zf_operand_kind)o->kind) {
    case ZF_OPERAND_NONE:
        break;
    case ZF_OPERAND_NUMBER:
        return snprintf(buffer, size, " %u", value);
    case ZF_OPERAND_GR:
    case ZF_OPERAND_GR_LOW:
    case ZF_OPERAND_GR_HIGH:
        return value <= ZF_REG(15)
                   ? snprintf(buffer, size, " r%u", value / 8)
                   : snprintf(buffer, size, value == ZF_REG_ZERO ? " zero" : " tmp");
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

static size_t print_operands(const struct zf_ir *ir, char text[OPERANDS_LENGTH]) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    const uint8_t values[4] = {ir->a, ir->b, ir->x, ir->c};
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; i < (spec->i16 ? 2 : 4); i++) {
        used += (size_t)print_operand(&spec->operand[i], values[i], text + used,
                                      OPERANDS_LENGTH - used);
    }
    if (spec->i16) {
        used += (size_t)snprintf(text + used, OPERANDS_LENGTH - used, " i16=%d", ir->i16);
    }
    return used;
}

/* Immediates that are zero are left out; imm and imm2 are the halves of one of 64 bits. */
void zf_ir_print(const struct zf_block *block, const struct zf_ir *ir, char *buffer, size_t size) {
    const struct zf_op_spec *spec = &zf_op_specs[ir->op];
    char operands[OPERANDS_LENGTH], imm[24] = "", imm2[24] = "", target[32] = "";
    print_operands(ir, operands);
    if (ir->imm) {
        snprintf(imm, sizeof imm, " imm=%d", ir->imm);
    }
    if (ir->imm2) {
        snprintf(imm2, sizeof imm2, " imm2=%d", ir->imm2);
    }
    if (spec->effects & ZF_EFFECT_BRANCH) {
        snprintf(target, sizeof target, " -> %#llx", (unsigned long long)ir->target);
    }
    snprintf(buffer, size, "%#10llx+%u  %-10s%s%s%s%s",
             (unsigned long long)zf_ir_address(block, ir), (ir->place & 3) * 2u, spec->name,
             operands, imm, imm2, target);
}
