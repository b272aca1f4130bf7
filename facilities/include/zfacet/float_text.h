/*
 * Floating-point data as text, for who shows or sets registers.
 */
#ifndef ZFACET_FLOAT_TEXT_H
#define ZFACET_FLOAT_TEXT_H

#include "zfacet/base.h"

/** Formats: binary, decimal and hexadecimal, by the assembler's types of constants. */
enum zf_float_format {
    ZF_FLOAT_NONE,
    ZF_FLOAT_EB,
    ZF_FLOAT_DB,
    ZF_FLOAT_LB,
    ZF_FLOAT_ED,
    ZF_FLOAT_DD,
    ZF_FLOAT_LD,
    ZF_FLOAT_EH,
    ZF_FLOAT_DH,
    ZF_FLOAT_LH,
};

enum { ZF_FLOAT_TEXT = 64 }; /* room that is enough for any text */

/** 32, 64 or 128; 0 of none. */
unsigned zf_float_text_bits(enum zf_float_format format);

/**
 * Encodes text such as "-1.50", "2e-7", "inf" or "nan", right-aligned: rounded once to the nearest
 * number, a decimal one with the quantum that it has. False: it is no number, has more than 36
 * digits or, decimal, more than the format, or is out of the format's range.
 */
bool zf_float_parse(enum zf_float_format format, const char *text, zf_u128 *bits);

/** The text of a datum: of a decimal one its own digits, else as few as tell it from others. */
void zf_float_text(enum zf_float_format format, zf_u128 bits, char text[ZF_FLOAT_TEXT]);

#endif
