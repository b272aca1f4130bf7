/*
 * Arguments that rows of decode/isa/vector.def give to the functions they name: the element sizes
 * that an instruction has, the first of them the size of the op that stands in the row.
 */
#ifndef ZF_VECTOR_ARGUMENT_H
#define ZF_VECTOR_ARGUMENT_H

#define ZF_SIZES(first, last) (0x100 | (first) << 4 | (last))

enum zf_vector_sizes {
    ZF_NO_SIZES,
    ZF_BH = ZF_SIZES(0, 1),
    ZF_BHF = ZF_SIZES(0, 2),
    ZF_BHFG = ZF_SIZES(0, 3),
    ZF_BHFGQ = ZF_SIZES(0, 4),
    ZF_HF = ZF_SIZES(1, 2),
    ZF_HFG = ZF_SIZES(1, 3),
    ZF_HFGQ = ZF_SIZES(1, 4),
    ZF_FG = ZF_SIZES(2, 3),
    ZF_FGQ = ZF_SIZES(2, 4),
    ZF_B_ONLY = ZF_SIZES(0, 0),
    ZF_G_ONLY = ZF_SIZES(3, 3),
    ZF_Q_ONLY = ZF_SIZES(4, 4),
};

/* Of the divide instructions: what they give, and of which numbers. */
enum zf_vector_divide {
    ZF_DIVIDE_QUOTIENT = 0,
    ZF_DIVIDE_REMAINDER = 1,
    ZF_DIVIDE_LOGICAL = 2,
};

#endif
