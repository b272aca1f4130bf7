/*
 * Arguments that rows of decode/isa/dfp.def give to the functions they name: a format, and what
 * else tells the instructions of a family apart.
 */
#ifndef ZF_DFP_ARGUMENT_H
#define ZF_DFP_ARGUMENT_H

enum zf_dfp_argument {
    ZF_DFP_SHORT,
    ZF_DFP_LONG,
    ZF_DFP_EXTENDED,
    ZF_DFP_FORMAT = 3, /* mask of the above */

    ZF_DFP_SUBTRACT = 4, /* ADD and SUBTRACT */
    ZF_DFP_SIGNAL = 4,   /* COMPARE and COMPARE AND SIGNAL */
    ZF_DFP_RIGHT = 4,    /* SHIFT SIGNIFICAND LEFT and RIGHT */
    ZF_DFP_LOGICAL = 4,  /* integers and packed decimals without a sign */
    ZF_DFP_WORD = 8,     /* integers of 32 bits, else 64 */
};

#endif
