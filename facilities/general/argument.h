/*
 * Arguments that rows of decode/isa/general.def give to the functions they name. Flags of one
 * family may be or-ed; without any the row needs no argument.
 */
#ifndef ZF_GENERAL_ARGUMENT_H
#define ZF_GENERAL_ARGUMENT_H

enum zf_shift {
    ZF_SHIFT_LEFT_ARITHMETIC,
    ZF_SHIFT_LEFT_LOGICAL,
    ZF_SHIFT_RIGHT_ARITHMETIC,
    ZF_SHIFT_RIGHT_LOGICAL,
};

/* SHIFT LEFT SINGLE */
enum {
    ZF_SHIFT_64 = 1 << 0, /* else 32 bits */
    ZF_SHIFT_R3 = 1 << 1, /* what is in R3, else in R1 */
};

/* What is compared to trap or to branch. */
enum {
    ZF_COMPARE_64 = 1 << 0,        /* else 32 bits */
    ZF_COMPARE_LOGICAL = 1 << 1,   /* else signed */
    ZF_COMPARE_IMMEDIATE = 1 << 2, /* with I2, else with R2 */
};

/* What LOAD AND TRAP loads: a word into one half, or into all of R1; or eight bytes. */
enum zf_trap_load {
    ZF_TRAP_LOW,
    ZF_TRAP_HIGH,
    ZF_TRAP_EXTENDED,
    ZF_TRAP_EXTENDED_31,
    ZF_TRAP_ALL,
};

/* LOAD AND ADD and its like: the operation, and its operands' size. */
enum zf_update {
    ZF_UPDATE_ADD,
    ZF_UPDATE_ADD_LOGICAL,
    ZF_UPDATE_AND,
    ZF_UPDATE_OR,
    ZF_UPDATE_XOR,
    ZF_UPDATE_OPERATION = 7, /* mask of the above */
    ZF_UPDATE_64 = 8,        /* else 32 bits */
};

/* LOAD INDEXED ADDRESS: by how many bits the index is shifted, and */
enum { ZF_INDEX_LOGICAL = 8, ZF_INDEX_SHIFT = 7 };

enum zf_unicode {
    ZF_UTF8_TO_16,
    ZF_UTF8_TO_32,
    ZF_UTF16_TO_8,
    ZF_UTF16_TO_32,
    ZF_UTF32_TO_8,
    ZF_UTF32_TO_16,
};

/* Characters under mask: of the high half of R1, else the low one. */
enum { ZF_MASK_HIGH = 1 };

/* MOVE LONG, COMPARE LOGICAL LONG and their extended forms. */
enum {
    ZF_LONG_24 = 1,      /* lengths have 24 bits, the padding byte is beside the second one */
    ZF_LONG_UNICODE = 2, /* characters of two bytes */
};

/* TRANSLATE ONE TO ONE and so on; TRANSLATE AND TEST EXTENDED. */
enum {
    ZF_TABLE_FROM_TWO = 1 << 0,
    ZF_TABLE_TO_TWO = 1 << 1,
    ZF_TABLE_REVERSE = 1 << 0,
};

enum zf_addressing { ZF_ADDRESSING_24, ZF_ADDRESSING_31, ZF_ADDRESSING_64 };
enum zf_load { ZF_LOAD_32, ZF_LOAD_64, ZF_LOAD_64_32 };

#endif
