/*
 * Decimal floating-point arithmetic on unpacked numbers: unpack the operands, operate exactly (or
 * with more digits than any format has, and a sticky bit), then round once into the target format,
 * which finds overflow, underflow, inexactness, and whether the preferred quantum was missed.
 * Controls, traps and flags are those of binary floating point (struct zf_bfp_op).
 */
#ifndef ZF_DFP_DFP_H
#define ZF_DFP_DFP_H

#include "float/bfp.h"
#include "wide.h"

/* What tells the formats apart ("DFP Data Formats"). */
struct zf_dfp_format {
    uint8_t bits;          /* of an encoded number */
    uint8_t digits;        /* of the significand: the precision */
    uint8_t declets;       /* of the trailing significand */
    uint8_t continued;     /* exponent bits outside the combination's first five bits */
    uint16_t bias;         /* of the exponent that counts the significand as an integer */
    uint16_t scale;        /* exponent adjustment of results under overflow and underflow traps */
    uint16_t narrow_scale; /* the same for LOAD ROUNDED from this format */
};
extern const struct zf_dfp_format zf_dfp_formats[3]; /* by enum zf_dfp_argument */

/* In the order of TEST DATA CLASS, finite numbers first. */
enum zf_dfp_kind { ZF_DFP_FINITE, ZF_DFP_INFINITE, ZF_DFP_QNAN, ZF_DFP_SNAN };

/*
 * A finite number is significand * 10^exp; 10^exp is its quantum, which members of a cohort do not
 * share. Infinities and NaNs have the trailing significand in its place. An intermediate result may
 * have 39 digits; when it is sticky, it has at least two more than the format, and something on the
 * right of them that is not zero. Its quantum is to be `preferred`, as far as that can be.
 */
struct zf_dfp {
    uint8_t kind;
    bool sign;
    bool sticky;
    int32_t exp;
    int32_t preferred;
    zf_u128 significand;
};

/** Controls as the FPC has them. */
static inline struct zf_bfp_op zf_dfp_begin(const struct zf_cpu *cpu) {
    return (struct zf_bfp_op){
        .rounding = (cpu->fpc & ZF_FPC_DFP_ROUNDING) >> 4,
        .masks = (uint8_t)(cpu->fpc >> 24),
    };
}

/** The rounding method of an M field: 8 to 15 name a mode, 1 and 3 to 7 are those of BFP. */
void zf_dfp_method(struct zf_bfp_op *op, unsigned m);

/** From the encoding, right-aligned in `bits`. */
struct zf_dfp zf_dfp_unpack(const struct zf_dfp_format *format, zf_u128 bits);
/** Encodes what fits the format, canonically; of infinities and NaNs the digits that fit. */
zf_u128 zf_dfp_encode(const struct zf_dfp_format *format, struct zf_dfp a);
/** Rounds to what can be encoded; what is not finite stays. */
struct zf_dfp zf_dfp_round(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                           struct zf_dfp a);
/**
 * LOAD ROUNDED: the same, but the result of an overflow or underflow trap is in the source's
 * format, when op->dxc says so.
 */
struct zf_dfp zf_dfp_narrow(struct zf_bfp_op *op, const struct zf_dfp_format *to,
                            const struct zf_dfp_format *from, struct zf_dfp a);

/** CC of a result: 0 zero, 1 negative, 2 positive, 3 NaN. */
unsigned zf_dfp_cc(struct zf_dfp a);
/** Digits from the first that is not zero: 0 of zero. */
unsigned zf_dfp_significance(zf_u128 significand);

/* Arithmetic; the results are to be rounded. */
struct zf_dfp zf_dfp_add(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b);
struct zf_dfp zf_dfp_multiply(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b);
struct zf_dfp zf_dfp_divide(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                            struct zf_dfp a, struct zf_dfp b);
/** An operand alone: an SNaN becomes a QNaN with an invalid operation, an infinity the canonical.
 */
struct zf_dfp zf_dfp_quieten(struct zf_bfp_op *op, struct zf_dfp a);
/** CC of a compare; `signaling`: a QNaN is an invalid operation too. */
unsigned zf_dfp_compare(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b, bool signaling);

/* These have results that fit the format. */
/** a with the quantum of b. */
struct zf_dfp zf_dfp_quantize(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                              struct zf_dfp a, struct zf_dfp b);
/** To so many digits, if it has more. */
struct zf_dfp zf_dfp_reround(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                             unsigned digits, struct zf_dfp a);
/** To an integral value. */
struct zf_dfp zf_dfp_integral(struct zf_bfp_op *op, struct zf_dfp a);

/** To an integer of `bits` bits, in two's complement; *cc as the converting instructions set it. */
uint64_t zf_dfp_to_integer(struct zf_bfp_op *op, struct zf_dfp a, unsigned bits, bool is_signed,
                           unsigned *cc);

/* Conversions of finite numbers, for rounding: PERFORM FLOATING-POINT OPERATION, text. */
/** As many bits as a zf_bfp has; the last is sticky. */
struct zf_bfp zf_dfp_to_bfp(struct zf_dfp a);
/** 37 digits or one more, and whether there are others; no quantum is preferred yet. */
struct zf_dfp zf_dfp_from_bfp(struct zf_bfp a);

/** Drops the rightmost digits of a finite number by the rounding method; exp grows by as many. */
struct zf_rounded zf_dfp_drop(unsigned rounding, struct zf_dfp *a, unsigned drop);

#endif
