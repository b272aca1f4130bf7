/*
 * Arguments that rows of decode/isa/general.def give to the functions they name.
 */
#ifndef ZF_GENERAL_ARGUMENT_H
#define ZF_GENERAL_ARGUMENT_H

enum zf_shift {
    ZF_SHIFT_LEFT_ARITHMETIC,
    ZF_SHIFT_LEFT_LOGICAL,
    ZF_SHIFT_RIGHT_ARITHMETIC,
    ZF_SHIFT_RIGHT_LOGICAL,
};

#endif
