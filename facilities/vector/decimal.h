/*
 * What the instructions of "Vector Decimal Instructions" share: operands with their validity
 * checks, and results with digits count, sign, condition code and overflow.
 */
#ifndef ZF_VECTOR_DECIMAL_H
#define ZF_VECTOR_DECIMAL_H

#include "decimal/packed.h"
#include "vector/decimal_argument.h"
#include "zfacet/vector_register.h"

/* Bits of the immediates: IOM, and the digits count (RDC) or shift amount (SHAMT). */
enum { ZF_DECIMAL_IOM = 0x80, ZF_DECIMAL_COUNT = 0x1f };
/* Bits of the M fields. P1 and CS stand there in all instructions. */
enum { ZF_DECIMAL_P2 = 8, ZF_DECIMAL_P3 = 4, ZF_DECIMAL_P1 = 2, ZF_DECIMAL_CS = 1 };

/* A result before it is cut to its number of digits. */
struct zf_decimal_result {
    struct zf_wide magnitude;
    bool negative;
};

/** A general-operand data exception; ZF_NEXT_PGM. */
enum zf_next zf_decimal_data_exception(struct zf_cpu *cpu);

/** An operand; `positive`: whatever its sign is. False with a data exception when it is not valid.
 */
bool zf_decimal_operand(struct zf_cpu *cpu, unsigned v, bool positive, struct zf_packed *value);

/**
 * Ends an instruction with packed result: its rightmost `immediate` & ZF_DECIMAL_COUNT digits into
 * V1. `m` has P1 and CS, `immediate` also the overflow mask.
 */
enum zf_next zf_decimal_finish(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned immediate,
                               unsigned m, struct zf_decimal_result r);

#endif
