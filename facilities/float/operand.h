/*
 * What BFP and HFP instructions of all forms share: which format the row asks for, and where the
 * second operand is.
 */
#ifndef ZF_FLOAT_OPERAND_H
#define ZF_FLOAT_OPERAND_H

#include "float/argument.h"
#include "float/register.h"
#include "translator.h"

/** The format of the operands, and that of the result: ZF_FP_SHORT, LONG, EXTENDED. */
static inline unsigned zf_float_format(int32_t argument) {
    return argument & ZF_FP_FORMAT;
}
static inline unsigned zf_float_result(int32_t argument) {
    unsigned to = (argument & ZF_FP_TO) >> 2;
    return to ? to - 1 : zf_float_format(argument);
}

/** Whether the second operand is in storage, not in R2. */
static inline bool zf_float_in_storage(const struct zf_insn *insn) {
    return zf_insn_format(insn) == ZF_FORMAT_RX_a || zf_insn_format(insn) == ZF_FORMAT_RXE ||
           zf_insn_format(insn) == ZF_FORMAT_RXF;
}

/** The second operand, right-aligned; false on an access exception. */
static inline bool zf_float_second(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned bits,
                                   zf_u128 *value) {
    uint64_t word;
    if (!zf_float_in_storage(&i->insn)) {
        *value = zf_float_get(cpu, bits, i->o.r2);
        return true;
    }
    if (!zf_load(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), bits / 8, &word)) {
        return false;
    }
    *value = word;
    return true;
}

#endif
