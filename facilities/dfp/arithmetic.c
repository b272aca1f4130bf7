/*
 * DFP arithmetic: exact results, or ones of more digits than any format has with a sticky bit; and
 * the operations that choose the quantum themselves. NaNs and infinities come first in each.
 */
#include "decimal/digits.h"
#include "dfp/dfp.h"

enum {
    WIDEST = 38, /* digits that 128 bits always hold */
    GUARD = 2,   /* digits that rounding needs beside a sticky bit */
};

static bool is_nan(struct zf_dfp a) {
    return a.kind >= ZF_DFP_QNAN;
}

static struct zf_dfp infinity(bool sign) {
    return (struct zf_dfp){.kind = ZF_DFP_INFINITE, .sign = sign};
}

static struct zf_dfp invalid(struct zf_bfp_op *op) {
    zf_bfp_raise(op, ZF_IEEE_INVALID);
    return (struct zf_dfp){.kind = ZF_DFP_QNAN};
}

struct zf_dfp zf_dfp_quieten(struct zf_bfp_op *op, struct zf_dfp a) {
    switch (a.kind) {
    case ZF_DFP_SNAN:
        zf_bfp_raise(op, ZF_IEEE_INVALID);
        a.kind = ZF_DFP_QNAN;
        return a;
    case ZF_DFP_INFINITE:
        return infinity(a.sign);
    default:
        return a;
    }
}

/* One of them is a NaN: the first SNaN, else the first QNaN. */
static struct zf_dfp propagate(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b) {
    bool first = a.kind == ZF_DFP_SNAN || (is_nan(a) && b.kind != ZF_DFP_SNAN);
    return zf_dfp_quieten(op, first ? a : b);
}

static struct zf_dfp add_infinities(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b) {
    if (a.kind == b.kind && a.sign != b.sign) {
        return invalid(op);
    }
    return infinity(a.kind == ZF_DFP_INFINITE ? a.sign : b.sign);
}

/* Multiplies by a power of ten as far as the digits fit; returns how much of it was left. */
static unsigned align(struct zf_dfp *a, unsigned shift) {
    unsigned room = WIDEST - 1 - zf_dfp_significance(a->significand);
    unsigned left = shift > room ? shift - room : 0;
    a->significand *= zf_power_of_ten(shift - left);
    a->exp -= (int32_t)(shift - left);
    return left;
}

/* The sum of significands that have the same quantum; b's may be sticky, and is less then. */
static struct zf_dfp sum(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b) {
    struct zf_dfp r = a;
    r.sticky = b.sticky;
    if (a.sign == b.sign) {
        r.significand = a.significand + b.significand;
    } else if (a.significand >= b.significand) {
        r.significand = a.significand - b.significand - b.sticky;
        bool zero = !r.significand && !r.sticky;
        r.sign = zero ? op->rounding == ZF_ROUND_DOWN : a.sign;
    } else {
        r.significand = b.significand - a.significand;
        r.sign = b.sign;
    }
    return r;
}

struct zf_dfp zf_dfp_add(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b) {
    if (is_nan(a) || is_nan(b)) {
        return propagate(op, a, b);
    }
    if (a.kind == ZF_DFP_INFINITE || b.kind == ZF_DFP_INFINITE) {
        return add_infinities(op, a, b);
    }
    if (a.exp < b.exp) {
        struct zf_dfp swapped = a;
        a = b;
        b = swapped;
    }
    int32_t preferred = b.exp;
    if (!a.significand) {
        a.exp = b.exp;
    } else if (a.exp > b.exp) {
        unsigned left = align(&a, (unsigned)(a.exp - b.exp));
        if (left) {
            zf_u128 unit = zf_power_of_ten(left > WIDEST ? WIDEST : left);
            zf_u128 kept = b.significand / unit;
            b.sticky = kept * unit != b.significand;
            b.significand = kept;
        }
    }
    a = sum(op, a, b);
    a.preferred = preferred;
    return a;
}

/* A product of more than 128 bits, as many digits of it as fit, and whether there are more. */
static void multiply_wide(struct zf_dfp *r, zf_u128 a, zf_u128 b) {
    unsigned digits = zf_dfp_significance(a) + zf_dfp_significance(b);
    struct zf_wide product = zf_wide_multiply(a, b);
    if (!product.high) {
        r->significand = product.low;
        return;
    }
    unsigned drop = digits - WIDEST;
    zf_u128 rest;
    r->significand = zf_wide_divide(product, zf_power_of_ten(drop), &rest).low;
    r->sticky = rest != 0;
    r->exp += (int32_t)drop;
}

struct zf_dfp zf_dfp_multiply(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b) {
    if (is_nan(a) || is_nan(b)) {
        return propagate(op, a, b);
    }
    bool sign = a.sign != b.sign;
    if (a.kind == ZF_DFP_INFINITE || b.kind == ZF_DFP_INFINITE) {
        bool zero = (a.kind == ZF_DFP_FINITE && !a.significand) ||
                    (b.kind == ZF_DFP_FINITE && !b.significand);
        return zero ? invalid(op) : infinity(sign);
    }
    struct zf_dfp r = {.sign = sign, .exp = a.exp + b.exp, .preferred = a.exp + b.exp};
    if ((a.significand | b.significand) >> 64) {
        multiply_wide(&r, a.significand, b.significand);
    } else {
        r.significand = (zf_u128)(uint64_t)a.significand * (uint64_t)b.significand;
    }
    return r;
}

static struct zf_dfp divide_special(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                                    struct zf_dfp a, struct zf_dfp b) {
    bool sign = a.sign != b.sign;
    if (a.kind == ZF_DFP_INFINITE) {
        return b.kind == ZF_DFP_INFINITE ? invalid(op) : infinity(sign);
    }
    if (b.kind == ZF_DFP_INFINITE) {
        return (struct zf_dfp){.sign = sign, .exp = -format->bias, .preferred = -format->bias};
    }
    if (!a.significand) {
        return invalid(op);
    }
    zf_bfp_raise(op, ZF_IEEE_DIVIDE);
    return infinity(sign);
}

struct zf_dfp zf_dfp_divide(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                            struct zf_dfp a, struct zf_dfp b) {
    if (is_nan(a) || is_nan(b)) {
        return propagate(op, a, b);
    }
    if (a.kind == ZF_DFP_INFINITE || b.kind == ZF_DFP_INFINITE || !b.significand) {
        return divide_special(op, format, a, b);
    }
    struct zf_dfp r = {
        .sign = a.sign != b.sign,
        .exp = a.exp - b.exp,
        .preferred = a.exp - b.exp,
    };
    if (!a.significand) {
        return r;
    }
    unsigned digits = zf_dfp_significance(a.significand);
    int32_t shift = format->digits + GUARD - (int32_t)digits;
    shift += (int32_t)zf_dfp_significance(b.significand);
    zf_u128 rest;
    if (digits + (unsigned)shift <= WIDEST) {
        zf_u128 dividend = a.significand * zf_power_of_ten((unsigned)shift);
        r.significand = dividend / b.significand;
        rest = dividend - r.significand * b.significand;
    } else {
        unsigned first = WIDEST - digits; /* the power alone may not fit 128 bits */
        struct zf_wide dividend = zf_wide_multiply(a.significand * zf_power_of_ten(first),
                                                   zf_power_of_ten((unsigned)shift - first));
        r.significand = zf_wide_divide(dividend, b.significand, &rest).low;
    }
    r.sticky = rest != 0;
    r.exp -= shift;
    return r;
}

/* CC of a magnitude compare of finite numbers. */
static int compare_magnitudes(struct zf_dfp a, struct zf_dfp b) {
    if (!a.significand || !b.significand) {
        return (a.significand != 0) - (b.significand != 0);
    }
    int32_t first_a = a.exp + (int32_t)zf_dfp_significance(a.significand);
    int32_t first_b = b.exp + (int32_t)zf_dfp_significance(b.significand);
    if (first_a != first_b) {
        return first_a < first_b ? -1 : 1;
    }
    /* the same first digit's place: the quanta differ by less than a significand's digits */
    if (a.exp > b.exp) {
        a.significand *= zf_power_of_ten((unsigned)(a.exp - b.exp));
    } else {
        b.significand *= zf_power_of_ten((unsigned)(b.exp - a.exp));
    }
    return (a.significand > b.significand) - (a.significand < b.significand);
}

static int compare_ordered(struct zf_dfp a, struct zf_dfp b) {
    bool zero = zf_dfp_cc(a) == 0 && zf_dfp_cc(b) == 0;
    if (zero) {
        return 0;
    }
    if (a.sign != b.sign) {
        return a.sign ? -1 : 1;
    }
    bool infinite_a = a.kind == ZF_DFP_INFINITE, infinite_b = b.kind == ZF_DFP_INFINITE;
    int magnitude = infinite_a || infinite_b ? infinite_a - infinite_b : compare_magnitudes(a, b);
    return a.sign ? -magnitude : magnitude;
}

unsigned zf_dfp_compare(struct zf_bfp_op *op, struct zf_dfp a, struct zf_dfp b, bool signaling) {
    if (is_nan(a) || is_nan(b)) {
        if (signaling || a.kind == ZF_DFP_SNAN || b.kind == ZF_DFP_SNAN) {
            zf_bfp_raise(op, ZF_IEEE_INVALID);
        }
        return 3;
    }
    static const uint8_t cc[] = {1, 0, 2};
    return cc[compare_ordered(a, b) + 1];
}

/* Drops digits of a result whose only exception is inexactness. */
static struct zf_dfp dropped(struct zf_bfp_op *op, struct zf_dfp a, unsigned drop) {
    struct zf_rounded r = zf_dfp_drop(op->rounding, &a, drop);
    if (r.inexact) {
        zf_bfp_raise_inexact(op, r.incremented);
    }
    return a;
}

struct zf_dfp zf_dfp_quantize(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                              struct zf_dfp a, struct zf_dfp b) {
    if (is_nan(a) || is_nan(b)) {
        return propagate(op, a, b);
    }
    if (a.kind == ZF_DFP_INFINITE || b.kind == ZF_DFP_INFINITE) {
        return a.kind == b.kind ? infinity(a.sign) : invalid(op);
    }
    int32_t shift = a.exp - b.exp;
    if (shift < 0) {
        return dropped(op, a, (unsigned)-shift);
    }
    if (a.significand) {
        if ((int32_t)zf_dfp_significance(a.significand) + shift > format->digits) {
            return invalid(op);
        }
        a.significand *= zf_power_of_ten((unsigned)shift);
    }
    a.exp = b.exp;
    return a;
}

struct zf_dfp zf_dfp_reround(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                             unsigned digits, struct zf_dfp a) {
    if (a.kind != ZF_DFP_FINITE) {
        return zf_dfp_quieten(op, a);
    }
    unsigned has = zf_dfp_significance(a.significand);
    if (!digits || has <= digits) {
        return a;
    }
    struct zf_bfp_op rounding = *op;
    struct zf_dfp r = dropped(&rounding, a, has - digits);
    if (zf_dfp_significance(r.significand) > digits) {
        r.significand /= 10;
        r.exp++;
    }
    if (r.exp > (int32_t)(3u << format->continued) - 1 - format->bias) {
        return invalid(op);
    }
    *op = rounding;
    return r;
}

struct zf_dfp zf_dfp_integral(struct zf_bfp_op *op, struct zf_dfp a) {
    if (a.kind != ZF_DFP_FINITE) {
        return zf_dfp_quieten(op, a);
    }
    return a.exp >= 0 ? a : dropped(op, a, (unsigned)-a.exp);
}

/* The magnitude of an integral value, or one that no integer of 64 bits has. */
static zf_u128 magnitude(struct zf_dfp a) {
    enum { ENOUGH = 21 };
    if (!a.significand) {
        return 0;
    }
    bool large = zf_dfp_significance(a.significand) + (unsigned)a.exp > ENOUGH;
    return large ? (zf_u128)1 << 64 : a.significand * zf_power_of_ten((unsigned)a.exp);
}

uint64_t zf_dfp_to_integer(struct zf_bfp_op *op, struct zf_dfp a, unsigned bits, bool is_signed,
                           unsigned *cc) {
    *cc = zf_dfp_cc(a);
    if (a.kind != ZF_DFP_FINITE) {
        bool least = is_nan(a) || a.sign;
        return zf_bfp_not_representable(op, zf_bfp_saturated(least, bits, is_signed), cc);
    }
    struct zf_bfp_op rounding = *op;
    zf_u128 v = magnitude(zf_dfp_integral(&rounding, a));
    uint64_t limit = zf_bfp_saturated(a.sign, bits, is_signed);
    if (v > limit) {
        return zf_bfp_not_representable(op, limit, cc);
    }
    *op = rounding;
    return a.sign ? -(uint64_t)v : (uint64_t)v;
}
