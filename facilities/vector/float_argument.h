/*
 * Arguments that the vector floating-point rows of decode/isa/vector.def give to the functions they
 * name.
 */
#ifndef ZF_VECTOR_FLOAT_ARGUMENT_H
#define ZF_VECTOR_FLOAT_ARGUMENT_H

enum zf_float_operation { ZF_FLOAT_ADD, ZF_FLOAT_SUBTRACT, ZF_FLOAT_MULTIPLY, ZF_FLOAT_DIVIDE };

/* Bits: of multiply-and-add. */
enum { ZF_FLOAT_MINUS_ADDEND = 1, ZF_FLOAT_NEGATIVE = 2 };

/* Bits: condition codes of a compare, as 1 << CC, that make an element all ones. */
enum { ZF_FLOAT_EQUAL = 1, ZF_FLOAT_HIGH = 4 };

/* Bits: an integer is not signed. */
enum { ZF_FLOAT_LOGICAL = 1 };

/* Bits: of conversions to and from numbers for neural networks. */
enum {
    ZF_NNP_FROM = 1,  /* from them, else to them */
    ZF_NNP_SHORT = 2, /* the others are short BFP numbers, else tiny ones */
    ZF_NNP_LOW = 4,   /* the source is elements 4 to 7 */
};

#endif
