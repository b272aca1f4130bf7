/*
 * Hexadecimal floating-point arithmetic on unpacked numbers ("Hexadecimal-Floating-Point
 * Instructions"): results are truncated, ranges are checked when they are encoded.
 */
#ifndef ZF_FLOAT_HFP_H
#define ZF_FLOAT_HFP_H

#include "float/bfp.h"

/*
 * The value is frac / 2^124 * 16^(exp - 64): the fraction's first digit is in bits 4-7 of frac
 * (from the left), the digit before it takes a carry, 28 digits and three guard digits follow.
 */
struct zf_hfp {
    bool sign;
    int32_t exp; /* characteristic; that of results may be out of range */
    zf_u128 frac;
};

/* Formats are told by their digits. */
enum { ZF_HFP_SHORT = 6, ZF_HFP_LONG = 14, ZF_HFP_EXTENDED = 28 };

enum { ZF_HFP_CARRY_SHIFT = 124, ZF_HFP_DIGITS = 28 };

/** A number in a register or a pair. */
struct zf_hfp zf_hfp_get(const struct zf_cpu *cpu, unsigned digits, unsigned r);
/** Stores the first `digits` digits; both characteristics wrap. */
void zf_hfp_put(struct zf_cpu *cpu, unsigned digits, unsigned r, struct zf_hfp a);
/** A zero with that sign; an extended one has two zero characteristics. */
void zf_hfp_put_zero(struct zf_cpu *cpu, unsigned digits, unsigned r, bool sign);

struct zf_insn_call;
/** The second operand, in storage or in R2; false when storage cannot be had. */
bool zf_hfp_second(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned digits,
                   struct zf_hfp *b);

/** The first `digits` digits of a fraction, its carry included. */
static inline zf_u128 zf_hfp_truncated(zf_u128 frac, unsigned digits) {
    unsigned drop = ZF_HFP_CARRY_SHIFT - 4 * digits;
    return frac >> drop << drop;
}

/** Shifts leading zero digits out; a zero fraction stays. */
struct zf_hfp zf_hfp_normalized(struct zf_hfp a);
/** Sum with a guard digit after `digits`; the larger exponent's, not normalized. */
struct zf_hfp zf_hfp_sum(struct zf_hfp a, struct zf_hfp b, unsigned digits);
/** Normalized product and quotient of normalized operands, not truncated; divisor not zero. */
struct zf_hfp zf_hfp_product(struct zf_hfp a, struct zf_hfp b);
struct zf_hfp zf_hfp_quotient(struct zf_hfp a, struct zf_hfp b);
/** Rounded to `digits`; the operand is positive and not zero. */
struct zf_hfp zf_hfp_square_root(struct zf_hfp a, unsigned digits);
/** Adds a one after the last of `digits` digits, and truncates there. */
struct zf_hfp zf_hfp_rounded(struct zf_hfp a, unsigned digits);
/** The same number, for conversions. */
struct zf_bfp zf_hfp_to_bfp(struct zf_hfp a);
/** Truncates what does not fit 28 digits; `a` is finite or zero. */
struct zf_hfp zf_hfp_from_bfp(struct zf_bfp a);

#endif
