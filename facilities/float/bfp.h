/*
 * Binary floating-point arithmetic on unpacked numbers, for the BFP and the vector chapters: unpack
 * the operands, operate (the intermediate result keeps what rounding needs), then round once into
 * the target format, which finds overflow, underflow and inexactness.
 */
#ifndef ZF_FLOAT_BFP_H
#define ZF_FLOAT_BFP_H

#include "wide.h"
#include "zfacet/vector_register.h"

/* What tells the formats apart ("Properties of BFP data formats"). */
struct zf_bfp_format {
    uint8_t bits;          /* of an encoded number */
    uint8_t precision;     /* significand bits, the implied one included */
    uint16_t bias;         /* also the largest exponent */
    uint16_t scale;        /* exponent adjustment of results under overflow and underflow traps */
    uint16_t narrow_scale; /* the same for LOAD ROUNDED from this format */
};
extern const struct zf_bfp_format zf_bfp_short, zf_bfp_long, zf_bfp_extended;

enum zf_bfp_kind { ZF_BFP_ZERO, ZF_BFP_FINITE, ZF_BFP_INFINITE, ZF_BFP_QNAN, ZF_BFP_SNAN };

/*
 * A finite number is sig / 2^127 * 2^exp with the leftmost bit of sig on. Bit 127 (the rightmost)
 * of an intermediate result is sticky: it stands for anything on its right. In a NaN the fraction
 * stands at the left of sig, below an implied bit.
 */
struct zf_bfp {
    uint8_t kind;
    bool sign;
    int32_t exp;
    zf_u128 sig;
};

/* IEEE exceptions, where the FPC has them in its mask and flag bytes. */
enum zf_ieee {
    ZF_IEEE_INVALID = 0x80,
    ZF_IEEE_DIVIDE = 0x40,
    ZF_IEEE_OVERFLOW = 0x20,
    ZF_IEEE_UNDERFLOW = 0x10,
    ZF_IEEE_INEXACT = 0x08,
    ZF_IEEE_QUANTUM = 0x04,     /* of decimal floating point */
    ZF_IEEE_INCREMENTED = 0x04, /* in a data-exception code, beside inexact */
};

/* What rounding did. */
struct zf_rounded {
    bool inexact, incremented;
};

/*
 * Rounding methods, as the FPC's DFP rounding mode has them; its BFP rounding mode knows 0 to 3 and
 * 7, the BFP instructions 4 too.
 */
enum zf_bfp_rounding {
    ZF_ROUND_NEAREST_EVEN,
    ZF_ROUND_ZERO,
    ZF_ROUND_UP,
    ZF_ROUND_DOWN,
    ZF_ROUND_NEAREST_AWAY,
    ZF_ROUND_NEAREST_ZERO,
    ZF_ROUND_AWAY,
    ZF_ROUND_SHORTER, /* prepare for shorter precision */
};

/* Controls and outcome of one operation. */
struct zf_bfp_op {
    uint8_t rounding;      /* enum zf_bfp_rounding */
    uint8_t masks;         /* enum zf_ieee: which of them trap */
    bool suppress_inexact; /* the instruction's XxC bit */
    bool ignore_quantum;   /* the machine does not have quantum exceptions */
    bool to_unit;          /* trapped results of overflow and underflow become units times radix */
    int32_t scaling;       /* to the power of this */
    uint8_t flags;         /* exceptions that do not trap */
    uint8_t dxc;           /* of the trap, 0 when none */
};

/** Controls as the FPC has them. */
static inline struct zf_bfp_op zf_bfp_begin(const struct zf_cpu *cpu) {
    return (struct zf_bfp_op){
        .rounding = (uint8_t)(cpu->fpc & ZF_FPC_BFP_ROUNDING),
        .masks = (uint8_t)(cpu->fpc >> 24),
    };
}

/** Whether the operation is suppressed: no result, CC or flags change. */
static inline bool zf_bfp_suppressed(const struct zf_bfp_op *op) {
    return op->dxc & (ZF_IEEE_INVALID | ZF_IEEE_DIVIDE);
}

/** Sets flags; false with the data exception set when the operation traps. */
bool zf_bfp_end(struct zf_cpu *cpu, const struct zf_bfp_op *op);

/**
 * Takes the rounding method of an M field, of which 0 means the FPC's. False when it is reserved;
 * 3 is valid only with the floating-point-extension facility.
 */
bool zf_bfp_method(struct zf_bfp_op *op, unsigned m, bool extension);

/** Records an exception that has no result of its own: invalid operation, division by zero. */
void zf_bfp_raise(struct zf_bfp_op *op, enum zf_ieee exception);
/** Records inexactness, unless suppressed. */
void zf_bfp_raise_inexact(struct zf_bfp_op *op, bool incremented);
/**
 * What is added to the exponent of a result that an overflow or underflow has trapped: `scale`, or
 * what makes `exp`, its exponent as a number of one digit and a fraction, zero.
 */
static inline int32_t zf_bfp_trap_scale(struct zf_bfp_op *op, int32_t exp, int32_t scale) {
    op->scaling = op->to_unit ? exp : 0;
    return op->to_unit ? -exp : scale;
}
/** Whether an overflow that does not trap gives an infinity, else the largest number. */
bool zf_bfp_overflows_to_infinity(unsigned rounding, bool sign);
/** The data-exception code of a trap by overflow or underflow. */
static inline uint8_t zf_bfp_trap_code(enum zf_ieee exception, struct zf_rounded r) {
    return (uint8_t)(exception | (r.inexact ? ZF_IEEE_INEXACT : 0) |
                     (r.incremented ? ZF_IEEE_INCREMENTED : 0));
}

/** From the encoding, right-aligned in `bits`. */
struct zf_bfp zf_bfp_unpack(const struct zf_bfp_format *format, zf_u128 bits);
/** Rounds and encodes. */
zf_u128 zf_bfp_pack(struct zf_bfp_op *op, const struct zf_bfp_format *format, struct zf_bfp a);
/** Encodes what fits the format exactly. */
zf_u128 zf_bfp_encode(const struct zf_bfp_format *format, struct zf_bfp a);
/**
 * LOAD ROUNDED: as zf_bfp_pack, but the result of an overflow or underflow trap is in the source's
 * format. The encoding is in that format when op->dxc says so.
 */
zf_u128 zf_bfp_narrow(struct zf_bfp_op *op, const struct zf_bfp_format *to,
                      const struct zf_bfp_format *from, struct zf_bfp a);

/** Rounds away the rightmost `drop` bits of the significand, 1 or more; the rest may be zero. */
struct zf_rounded zf_bfp_drop(unsigned rounding, struct zf_bfp *a, unsigned drop);

/** CC of a result: 0 zero, 1 negative, 2 positive, 3 NaN. */
unsigned zf_bfp_cc(struct zf_bfp a);

/* Arithmetic; the results are to be rounded. */
struct zf_bfp zf_bfp_add(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b);
struct zf_bfp zf_bfp_multiply(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b);
struct zf_bfp zf_bfp_divide(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b);
struct zf_bfp zf_bfp_square_root(struct zf_bfp_op *op, struct zf_bfp a);
/** a * b + c with one rounding. */
struct zf_bfp zf_bfp_multiply_add(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b,
                                  struct zf_bfp c);
/** An operand alone: an SNaN becomes a QNaN with an invalid operation. */
struct zf_bfp zf_bfp_quieten(struct zf_bfp_op *op, struct zf_bfp a);
/** CC of a compare; `signaling`: a QNaN is an invalid operation too. */
unsigned zf_bfp_compare(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b, bool signaling);

/* Integers. */
struct zf_bfp zf_bfp_from_integer(uint64_t magnitude, bool negative);
/** To an integral value in the same format. */
struct zf_bfp zf_bfp_integral(struct zf_bfp_op *op, struct zf_bfp a);
/** To an integer of `bits` bits, in two's complement; *cc as the converting instructions set it. */
uint64_t zf_bfp_to_integer(struct zf_bfp_op *op, struct zf_bfp a, unsigned bits, bool is_signed,
                           unsigned *cc);
/** The integer nearest to what none of `bits` bits can hold; negative: the least. */
uint64_t zf_bfp_saturated(bool negative, unsigned bits, bool is_signed);
/** Its exceptions and CC: CONVERT TO FIXED, CONVERT TO LOGICAL of what no integer can hold. */
uint64_t zf_bfp_not_representable(struct zf_bfp_op *op, uint64_t result, unsigned *cc);
/** The class bit of TEST DATA CLASS, of the encoded number. */
unsigned zf_bfp_class(const struct zf_bfp_format *format, zf_u128 bits);

/* Significands. */
static inline zf_u128 zf_shift_right_sticky(zf_u128 v, unsigned n) {
    if (n == 0) {
        return v;
    }
    if (n > 127) {
        return v != 0;
    }
    return v >> n | ((v << (128 - n)) != 0);
}
/** The first `bits` bits of the square root: two of the radicand bring one. `rest` is what is left.
 */
static inline zf_u128 zf_root128(zf_u128 radicand, unsigned bits, zf_u128 *rest) {
    zf_u128 root = 0, left = 0;
    for (unsigned i = 0; i < bits; i++) {
        left = left << 2 | radicand >> 126;
        radicand <<= 2;
        zf_u128 trial = root << 2 | 1;
        root <<= 1;
        if (left >= trial) {
            left -= trial;
            root |= 1;
        }
    }
    *rest = left;
    return root;
}

#endif
