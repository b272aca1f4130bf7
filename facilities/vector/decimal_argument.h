/*
 * Arguments that the vector-decimal rows of decode/isa/vector.def give to the functions they name.
 */
#ifndef ZF_VECTOR_DECIMAL_ARGUMENT_H
#define ZF_VECTOR_DECIMAL_ARGUMENT_H

enum zf_decimal_operation {
    ZF_DECIMAL_ADD,
    ZF_DECIMAL_SUBTRACT,
    ZF_DECIMAL_MULTIPLY,
    ZF_DECIMAL_DIVIDE,
    ZF_DECIMAL_REMAINDER,
    /* with a shift amount where the others have a count of digits */
    ZF_DECIMAL_MULTIPLY_SHIFT,
    ZF_DECIMAL_SHIFT_DIVIDE,
};

#endif
