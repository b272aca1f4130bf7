/*
 * Values of explain --try: numbers, and floating-point and packed decimal data as text.
 */
#ifndef ZFACET_UI_EXPLAIN_VALUE_H
#define ZFACET_UI_EXPLAIN_VALUE_H

#include "zfacet/decode.h"
#include "zfacet/float_text.h"

struct zf_value {
    zf_u128 bits;                /* right-aligned */
    enum zf_float_format format; /* of a floating-point value */
};

/**
 * "-1", "0x1f"; "1.5db", "naneb": floating point of that format; "1.5": of `usual`; "-123p":
 * packed decimal. False: it is none of these, or does not fit the format.
 */
bool zf_value_parse(const char *text, enum zf_float_format usual, struct zf_value *value);

/** The format that the instruction's name gives the first operand, or else its sources:
 * ADD (long BFP), LOAD LENGTHENED (long<-short BFP). */
enum zf_float_format zf_row_float_format(enum zf_row row, bool first);

#endif
