/*
 * Arguments that rows of decode/isa/decimal.def give to the functions they name.
 */
#ifndef ZF_DECIMAL_ARGUMENT_H
#define ZF_DECIMAL_ARGUMENT_H

enum {
    ZF_PACKED_SUBTRACT = 1, /* of ADD DECIMAL: the second operand changes its sign */
    ZF_PACKED_MARK = 1,     /* of EDIT: general register 1 gets the address of the first digit */
};

#endif
