/* Operands of the DFP instructions: the format that the row's argument names, registers. */
#ifndef ZF_DFP_OPERAND_H
#define ZF_DFP_OPERAND_H

#include "dfp/argument.h"
#include "dfp/dfp.h"
#include "float/register.h"
#include "translator.h"

static inline const struct zf_dfp_format *zf_dfp_format_of(const struct zf_insn_call *i) {
    return &zf_dfp_formats[i->argument & ZF_DFP_FORMAT];
}

static inline struct zf_dfp zf_dfp_get(const struct zf_cpu *cpu, const struct zf_dfp_format *f,
                                       unsigned r) {
    return zf_dfp_unpack(f, zf_float_get(cpu, f->bits, r));
}

static inline void zf_dfp_put(struct zf_cpu *cpu, const struct zf_dfp_format *f, unsigned r,
                              struct zf_dfp a) {
    zf_float_put(cpu, f->bits, r, zf_dfp_encode(f, a));
}

#endif
