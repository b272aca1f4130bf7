/*
 * Arguments that rows of decode/isa/bfp.def, hfp.def and float.def give to the functions they name:
 * the format of the operands, that of the result where it is another, and what else tells the
 * instructions of a family apart.
 */
#ifndef ZF_FLOAT_ARGUMENT_H
#define ZF_FLOAT_ARGUMENT_H

enum zf_float_argument {
    ZF_FP_SHORT,
    ZF_FP_LONG,
    ZF_FP_EXTENDED,
    ZF_FP_FORMAT = 3, /* mask of the above */

    ZF_FP_TO_SHORT = 1 << 2,
    ZF_FP_TO_LONG = 2 << 2,
    ZF_FP_TO_EXTENDED = 3 << 2,
    ZF_FP_TO = 3 << 2, /* mask of these; none: the operands' format */

    ZF_FP_SUBTRACT = 1 << 4,     /* ADD and MULTIPLY AND ADD, and those that subtract */
    ZF_FP_UNNORMALIZED = 1 << 5, /* ADD of HFP */

    ZF_FP_SIGNAL = 1 << 4, /* COMPARE and COMPARE AND SIGNAL */

    ZF_FP_LOGICAL = 1 << 4, /* integers without a sign */
    ZF_FP_WORD = 1 << 5,    /* integers of 32 bits, else 64 */

    ZF_FP_CLEAR_SIGN = 1 << 4,  /* LOAD POSITIVE, LOAD NEGATIVE */
    ZF_FP_INVERT_SIGN = 1 << 5, /* LOAD COMPLEMENT, LOAD NEGATIVE */
};

/* Which part of an extended number is the result. */
enum zf_hfp_part { ZF_HFP_WHOLE, ZF_HFP_HIGH, ZF_HFP_LOW };

#endif
