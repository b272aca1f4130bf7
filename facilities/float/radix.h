/*
 * Numbers times powers of two and five, whatever their size: what conversions between binary and
 * decimal numbers round.
 */
#ifndef ZF_FLOAT_RADIX_H
#define ZF_FLOAT_RADIX_H

#include "wide.h"

struct zf_scaled {
    zf_u128 value;
    bool sticky; /* something on the right of it is not zero */
};

/**
 * v * 2^two * 5^five. The caller chooses the powers so that it is below 2^128, and that with a
 * negative `five` the other one is not negative; v is not zero, and neither exceeds what
 * conversions between the formats of floating point need.
 */
struct zf_scaled zf_radix_scale(zf_u128 v, int32_t two, int32_t five);

#endif
