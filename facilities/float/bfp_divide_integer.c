/*
 * DIVIDE TO INTEGER (BFP): the quotient R1 / R2 as an integral number in R3, and the remainder in
 * R1. A quotient that needs more bits than the format has comes truncated, and the remainder is
 * what is left to divide.
 */
#include "float/bfp.h"
#include "float/operand.h"

/* Quotient so far, in units of 2^exp, and what is left of the dividend, in the divisor's units. */
struct division {
    uint64_t quotient, rest, divisor;
    int32_t exp;
};

/* Restoring division down to the units, or until the quotient has `precision` bits. */
static struct division divide(struct zf_bfp a, struct zf_bfp b, unsigned precision) {
    struct division d = {
        .rest = (uint64_t)(a.sig >> 65),
        .divisor = (uint64_t)(b.sig >> 65),
        .exp = a.exp - b.exp,
    };
    for (;; d.exp--) {
        d.quotient <<= 1;
        if (d.rest >= d.divisor) {
            d.rest -= d.divisor;
            d.quotient |= 1;
        }
        if (d.exp == 0 || d.quotient >> (precision - 1)) {
            return d;
        }
        d.rest <<= 1;
    }
}

/* Whether the integer part `odd` with a fraction (against one half: -1, 0, 1) goes up. */
static bool goes_up(unsigned rounding, bool sign, bool odd, int against_half) {
    switch (rounding) {
    case ZF_ROUND_NEAREST_EVEN:
        return against_half > 0 || (against_half == 0 && odd);
    case ZF_ROUND_NEAREST_AWAY:
        return against_half >= 0;
    case ZF_ROUND_UP:
        return !sign;
    case ZF_ROUND_DOWN:
        return sign;
    case ZF_ROUND_SHORTER:
        return !odd;
    default:
        return false;
    }
}

static struct zf_bfp scaled(struct zf_bfp a, int32_t exp) {
    a.exp += exp;
    return a;
}

struct outcome {
    struct zf_bfp quotient, remainder;
    bool partial;
    bool unchanged; /* the remainder is the dividend as it is, without underflow */
};

/* The dividend is smaller than the divisor's leftmost bit: the quotient is 0 or 1 before its sign.
 */
static struct outcome divide_small(struct zf_bfp_op *op, unsigned method, struct zf_bfp a,
                                   struct zf_bfp b) {
    bool sign = a.sign ^ b.sign;
    int half = a.exp - b.exp < -1 ? -1 : a.sig < b.sig ? -1 : a.sig > b.sig;
    bool up = goes_up(method, sign, false, half);
    struct outcome r = {.quotient = zf_bfp_from_integer(up, sign), .remainder = a};
    r.quotient.sign = sign;
    if (up) {
        b.sign = !a.sign;
        r.remainder = zf_bfp_add(op, a, b);
    }
    return r;
}

static struct outcome divide_finite(struct zf_bfp_op *op, unsigned method, unsigned precision,
                                    struct zf_bfp a, struct zf_bfp b) {
    if (a.exp < b.exp) {
        return divide_small(op, method, a, b);
    }
    bool sign = a.sign ^ b.sign, negative = false;
    struct division d = divide(a, b, precision);
    struct outcome r = {.partial = d.exp != 0};
    if (!r.partial && d.rest) {
        int half = 2 * d.rest < d.divisor ? -1 : 2 * d.rest > d.divisor;
        negative = goes_up(method, sign, d.quotient & 1, half);
        d.quotient += negative;
        d.rest = negative ? d.divisor - d.rest : d.rest;
    }
    r.quotient = scaled(zf_bfp_from_integer(d.quotient, sign), d.exp);
    r.quotient.sign = sign;
    r.remainder = scaled(zf_bfp_from_integer(d.rest, false), b.exp - 62 + d.exp);
    r.remainder.sign = a.sign ^ negative;
    return r;
}

static struct outcome both(struct zf_bfp nan) {
    return (struct outcome){.quotient = nan, .remainder = nan};
}

static struct outcome divide_to_integer(struct zf_bfp_op *op, unsigned method, unsigned precision,
                                        struct zf_bfp a, struct zf_bfp b) {
    if (a.kind >= ZF_BFP_QNAN || b.kind >= ZF_BFP_QNAN) {
        return both(zf_bfp_multiply(op, a, b)); /* for its choice of NaN */
    }
    if (a.kind == ZF_BFP_INFINITE || b.kind == ZF_BFP_ZERO) {
        struct zf_bfp none = {.kind = ZF_BFP_QNAN, .sig = (zf_u128)1 << 126};
        zf_bfp_raise(op, ZF_IEEE_INVALID);
        return both(none);
    }
    if (a.kind == ZF_BFP_ZERO || b.kind == ZF_BFP_INFINITE) {
        struct zf_bfp zero = {.kind = ZF_BFP_ZERO, .sign = a.sign ^ b.sign};
        return (struct outcome){.quotient = zero, .remainder = a, .unchanged = true};
    }
    return divide_finite(op, method, precision, a, b);
}

static struct zf_bfp get(const struct zf_cpu *cpu, const struct zf_bfp_format *f, unsigned r) {
    return zf_bfp_unpack(f, zf_float_get(cpu, f->bits, r));
}

enum zf_next zf_do_bfp_divide_to_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    bool is_short = zf_float_format(i->argument) == ZF_FP_SHORT;
    const struct zf_bfp_format *f = is_short ? &zf_bfp_short : &zf_bfp_long;
    struct zf_bfp_op op = zf_bfp_begin(cpu), method = op;
    bool extension = zf_has_facility(cpu, ZF_FACILITY_FLOATING_POINT_EXT);
    if (i->o.r1 == i->o.r2 || i->o.r1 == i->o.r3 || i->o.r2 == i->o.r3 ||
        !zf_bfp_method(&method, i->o.m4, extension)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    struct outcome o = divide_to_integer(&op, method.rounding, f->precision, get(cpu, f, i->o.r1),
                                         get(cpu, f, i->o.r2));
    if (!zf_bfp_suppressed(&op)) {
        bool nan = o.quotient.kind == ZF_BFP_QNAN;
        bool overflow = o.quotient.kind == ZF_BFP_FINITE && o.quotient.exp > f->bias;
        o.quotient.exp -= overflow ? f->scale : 0;
        cpu->cc = (overflow || nan) | (o.partial && o.remainder.kind != ZF_BFP_ZERO ? 2 : 0);
        if (!o.unchanged) {
            zf_float_put(cpu, f->bits, i->o.r1, zf_bfp_pack(&op, f, o.remainder));
        }
        zf_float_put(cpu, f->bits, i->o.r3, zf_bfp_encode(f, o.quotient));
    }
    return zf_done(zf_bfp_end(cpu, &op));
}
