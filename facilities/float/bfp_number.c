/*
 * BFP numbers: decoding, rounding into a format with the IEEE exceptions, encoding.
 */
#include "float/bfp.h"

const struct zf_bfp_format zf_bfp_short = {32, 24, 127, 192, 0};
const struct zf_bfp_format zf_bfp_long = {64, 53, 1023, 1536, 512};
const struct zf_bfp_format zf_bfp_extended = {128, 113, 16383, 24576, 8192};

#define TOP ((zf_u128)1 << 127)

/* So far below the least bit that all such numbers round alike. */
enum { FAR = 200 };

bool zf_bfp_end(struct zf_cpu *cpu, const struct zf_bfp_op *op) {
    if (!zf_bfp_suppressed(op)) {
        cpu->fpc |= (uint32_t)op->flags << 16;
    }
    return !op->dxc || zf_pgm_data(cpu, op->dxc);
}

bool zf_bfp_method(struct zf_bfp_op *op, unsigned m, bool extension) {
    static const uint8_t method[8] = {
        0,
        ZF_ROUND_NEAREST_AWAY,
        0,
        ZF_ROUND_SHORTER,
        ZF_ROUND_NEAREST_EVEN,
        ZF_ROUND_ZERO,
        ZF_ROUND_UP,
        ZF_ROUND_DOWN,
    };
    if (m > 7 || m == 2 || (m == 3 && !extension)) {
        return false;
    }
    if (m) {
        op->rounding = method[m];
    }
    return true;
}

void zf_bfp_raise(struct zf_bfp_op *op, enum zf_ieee exception) {
    if (!(op->masks & exception)) {
        op->flags |= (uint8_t)exception;
    } else if (!op->dxc) {
        op->dxc = (uint8_t)exception;
    }
}

void zf_bfp_raise_inexact(struct zf_bfp_op *op, bool incremented) {
    if (op->suppress_inexact || op->dxc) {
        return;
    }
    if (op->masks & ZF_IEEE_INEXACT) {
        op->dxc = ZF_IEEE_INEXACT | (incremented ? ZF_IEEE_INCREMENTED : 0);
    } else {
        op->flags |= ZF_IEEE_INEXACT;
    }
}

struct zf_bfp zf_bfp_unpack(const struct zf_bfp_format *format, zf_u128 bits) {
    unsigned fraction_bits = format->precision - 1u;
    unsigned exponent_max = format->bias * 2u + 1;
    unsigned exponent = (unsigned)(bits >> fraction_bits) & exponent_max;
    zf_u128 fraction = bits << (128 - fraction_bits) >> 1; /* below the implied bit */
    struct zf_bfp a = {.sign = bits >> (format->bits - 1) & 1, .sig = fraction};
    if (exponent == exponent_max) {
        bool quiet = fraction >> 126;
        a.kind = !fraction ? ZF_BFP_INFINITE : quiet ? ZF_BFP_QNAN : ZF_BFP_SNAN;
    } else if (exponent) {
        a.kind = ZF_BFP_FINITE;
        a.sig |= TOP;
        a.exp = (int32_t)exponent - format->bias;
    } else if (fraction) {
        unsigned shift = zf_clz128(fraction);
        a.kind = ZF_BFP_FINITE;
        a.sig <<= shift;
        a.exp = 1 - format->bias - (int32_t)shift;
    }
    return a;
}

zf_u128 zf_bfp_encode(const struct zf_bfp_format *format, struct zf_bfp a) {
    unsigned fraction_bits = format->precision - 1u;
    zf_u128 exponent_max = format->bias * 2u + 1;
    zf_u128 sign = (zf_u128)a.sign << (format->bits - 1);
    zf_u128 fraction = a.sig << 1 >> (128 - fraction_bits);
    switch (a.kind) {
    case ZF_BFP_ZERO:
        return sign;
    case ZF_BFP_INFINITE:
        return sign | exponent_max << fraction_bits;
    case ZF_BFP_QNAN:
    case ZF_BFP_SNAN:
        return sign | exponent_max << fraction_bits | fraction;
    default:
        break;
    }
    int32_t least = 1 - format->bias;
    if (a.exp < least) { /* subnormal */
        return sign | a.sig >> (127 - fraction_bits + (unsigned)(least - a.exp));
    }
    return sign | (zf_u128)(uint32_t)(a.exp + format->bias) << fraction_bits | fraction;
}

/* Whether a significand with this least bit and this remainder (of which `half` is one half of the
 * least bit) is to be incremented. */
static bool increments(unsigned rounding, bool sign, bool odd, zf_u128 rest, zf_u128 half) {
    switch (rounding) {
    case ZF_ROUND_NEAREST_EVEN:
        return rest > half || (rest == half && odd);
    case ZF_ROUND_NEAREST_AWAY:
        return rest >= half;
    case ZF_ROUND_NEAREST_ZERO:
        return rest > half;
    case ZF_ROUND_AWAY:
        return rest != 0;
    case ZF_ROUND_UP:
        return rest && !sign;
    case ZF_ROUND_DOWN:
        return rest && sign;
    case ZF_ROUND_SHORTER:
        return rest && !odd;
    default:
        return false;
    }
}

struct zf_rounded zf_bfp_drop(unsigned rounding, struct zf_bfp *a, unsigned drop) {
    zf_u128 kept, rest, half = TOP;
    if (drop < 128) {
        kept = a->sig >> drop;
        rest = a->sig << (128 - drop);
    } else {
        kept = 0;
        rest = zf_shift_right_sticky(a->sig, drop - 128);
    }
    struct zf_rounded r = {
        .inexact = rest != 0,
        .incremented = increments(rounding, a->sign, kept & 1, rest, half),
    };
    kept += r.incremented;
    if (!kept) {
        a->kind = ZF_BFP_ZERO;
        a->sig = 0;
        return r;
    }
    unsigned shift = zf_clz128(kept);
    a->exp += (int32_t)(drop - shift);
    a->sig = kept << shift;
    return r;
}

bool zf_bfp_overflows_to_infinity(unsigned rounding, bool sign) {
    switch (rounding) {
    case ZF_ROUND_UP:
        return !sign;
    case ZF_ROUND_DOWN:
        return sign;
    case ZF_ROUND_ZERO:
    case ZF_ROUND_SHORTER:
        return false;
    default:
        return true;
    }
}

static void overflow(struct zf_bfp_op *op, const struct zf_bfp_format *format, int32_t scale,
                     struct zf_bfp *a, struct zf_rounded r) {
    if (op->masks & ZF_IEEE_OVERFLOW) {
        op->dxc = zf_bfp_trap_code(ZF_IEEE_OVERFLOW, r);
        a->exp += zf_bfp_trap_scale(op, a->exp, -scale);
        return;
    }
    op->flags |= ZF_IEEE_OVERFLOW;
    bool infinite = zf_bfp_overflows_to_infinity(op->rounding, a->sign);
    a->kind = infinite ? ZF_BFP_INFINITE : ZF_BFP_FINITE;
    a->exp = format->bias;
    a->sig = infinite ? 0 : ~(zf_u128)0 << (128 - format->precision);
    zf_bfp_raise_inexact(op, infinite);
}

/* Rounds a finite number to what the format can hold, or to the scaled result of a trap. */
static void round_finite(struct zf_bfp_op *op, const struct zf_bfp_format *format, int32_t scale,
                         struct zf_bfp *a) {
    int32_t least = 1 - format->bias;
    bool tiny = a->exp < least;
    bool traps = tiny && op->masks & ZF_IEEE_UNDERFLOW;
    unsigned drop = 128u - format->precision;
    if (tiny && !traps) {
        a->exp = a->exp < least - FAR ? least - FAR : a->exp;
        drop += (unsigned)(least - a->exp);
    }
    struct zf_rounded r = zf_bfp_drop(op->rounding, a, drop);
    if (traps) {
        op->dxc = zf_bfp_trap_code(ZF_IEEE_UNDERFLOW, r);
        a->exp += zf_bfp_trap_scale(op, a->exp, scale);
    } else if (a->kind == ZF_BFP_FINITE && a->exp > format->bias) {
        overflow(op, format, scale, a, r);
    } else if (r.inexact) {
        op->flags |= tiny ? ZF_IEEE_UNDERFLOW : 0;
        zf_bfp_raise_inexact(op, r.incremented);
    }
}

zf_u128 zf_bfp_pack(struct zf_bfp_op *op, const struct zf_bfp_format *format, struct zf_bfp a) {
    if (a.kind == ZF_BFP_FINITE) {
        round_finite(op, format, format->scale, &a);
    }
    return zf_bfp_encode(format, a);
}

zf_u128 zf_bfp_narrow(struct zf_bfp_op *op, const struct zf_bfp_format *to,
                      const struct zf_bfp_format *from, struct zf_bfp a) {
    if (a.kind == ZF_BFP_FINITE) {
        round_finite(op, to, from->narrow_scale, &a);
    }
    bool trapped = op->dxc & (ZF_IEEE_OVERFLOW | ZF_IEEE_UNDERFLOW);
    return zf_bfp_encode(trapped ? from : to, a);
}

unsigned zf_bfp_cc(struct zf_bfp a) {
    switch (a.kind) {
    case ZF_BFP_ZERO:
        return 0;
    case ZF_BFP_QNAN:
    case ZF_BFP_SNAN:
        return 3;
    default:
        return a.sign ? 1 : 2;
    }
}

unsigned zf_bfp_class(const struct zf_bfp_format *format, zf_u128 bits) {
    struct zf_bfp a = zf_bfp_unpack(format, bits);
    unsigned pair; /* of class bits, counted from the left of twelve */
    switch (a.kind) {
    case ZF_BFP_ZERO:
        pair = 0;
        break;
    case ZF_BFP_FINITE:
        pair = a.exp >= 1 - format->bias ? 1 : 2;
        break;
    case ZF_BFP_INFINITE:
        pair = 3;
        break;
    case ZF_BFP_QNAN:
        pair = 4;
        break;
    default:
        pair = 5;
    }
    return 0x800u >> (2 * pair + a.sign);
}

struct zf_bfp zf_bfp_from_integer(uint64_t magnitude, bool negative) {
    struct zf_bfp a = {.kind = ZF_BFP_ZERO, .sign = negative && magnitude};
    if (magnitude) {
        unsigned shift = (unsigned)__builtin_clzll(magnitude);
        a.kind = ZF_BFP_FINITE;
        a.exp = 63 - (int32_t)shift;
        a.sig = (zf_u128)(magnitude << shift) << 64;
    }
    return a;
}

/* Rounds to an integer whose bits are all within the significand. */
static struct zf_rounded round_to_integral(unsigned rounding, struct zf_bfp *a) {
    if (a->exp >= 127) {
        return (struct zf_rounded){false, false};
    }
    a->exp = a->exp < -FAR ? -FAR : a->exp;
    return zf_bfp_drop(rounding, a, (unsigned)(127 - a->exp));
}

struct zf_bfp zf_bfp_integral(struct zf_bfp_op *op, struct zf_bfp a) {
    if (a.kind != ZF_BFP_FINITE) {
        return zf_bfp_quieten(op, a);
    }
    struct zf_rounded r = round_to_integral(op->rounding, &a);
    if (r.inexact) {
        zf_bfp_raise_inexact(op, r.incremented);
    }
    return a;
}

uint64_t zf_bfp_saturated(bool negative, unsigned bits, bool is_signed) {
    uint64_t all = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    uint64_t sign_bit = is_signed ? UINT64_C(1) << (bits - 1) : 0;
    return negative ? sign_bit : all & ~sign_bit;
}

uint64_t zf_bfp_not_representable(struct zf_bfp_op *op, uint64_t result, unsigned *cc) {
    zf_bfp_raise(op, ZF_IEEE_INVALID);
    /* CONVERT TO FIXED and CONVERT TO LOGICAL recognize inexactness beside the invalid operation */
    zf_bfp_raise_inexact(op, false);
    *cc = 3;
    return result;
}

uint64_t zf_bfp_to_integer(struct zf_bfp_op *op, struct zf_bfp a, unsigned bits, bool is_signed,
                           unsigned *cc) {
    *cc = zf_bfp_cc(a);
    if (a.kind == ZF_BFP_ZERO) {
        return 0;
    }
    if (a.kind != ZF_BFP_FINITE) {
        bool negative = a.kind != ZF_BFP_INFINITE || a.sign;
        return zf_bfp_not_representable(op, zf_bfp_saturated(negative, bits, is_signed), cc);
    }
    bool sign = a.sign;
    struct zf_rounded r = round_to_integral(op->rounding, &a);
    if (a.kind == ZF_BFP_FINITE && a.exp >= 64) {
        return zf_bfp_not_representable(op, zf_bfp_saturated(sign, bits, is_signed), cc);
    }
    uint64_t magnitude = a.kind == ZF_BFP_ZERO ? 0 : (uint64_t)(a.sig >> (127 - a.exp));
    uint64_t limit = zf_bfp_saturated(sign, bits, is_signed);
    if (magnitude > limit) {
        return zf_bfp_not_representable(op, limit, cc);
    }
    if (r.inexact) {
        zf_bfp_raise_inexact(op, r.incremented);
    }
    return sign ? -magnitude : magnitude;
}
