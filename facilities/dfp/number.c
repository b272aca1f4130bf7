/*
 * DFP numbers: the three formats decoded and encoded, and the one place where results are rounded
 * into them: overflow, underflow, clamping, and the choice of the quantum among the members of the
 * cohort ("DFP Arithmetic", "Preferred Quantum").
 */
#include "decimal/digits.h"
#include "dfp/argument.h"
#include "dfp/declet.h"
#include "dfp/dfp.h"

const struct zf_dfp_format zf_dfp_formats[3] = {
    [ZF_DFP_SHORT] = {32, 7, 2, 6, 101, 0, 0},
    [ZF_DFP_LONG] = {64, 16, 5, 8, 398, 576, 192},
    [ZF_DFP_EXTENDED] = {128, 34, 11, 12, 6176, 9216, 3072},
};

enum {
    FIRST_TWO = 24, /* combinations from here on: the first digit is 8 or 9 */
    INFINITE = 30,  /* these have no exponent */
    NOT_A_NUMBER = 31,
    WORD_DECLETS = 6, /* declets in a word of 60 bits */
    DECLET = 0x3ff,
};
#define WORD_LIMIT UINT64_C(1000000000000000000)

static int32_t least_exp(const struct zf_dfp_format *format) {
    return -format->bias;
}
static int32_t greatest_exp(const struct zf_dfp_format *format) {
    return (int32_t)(3u << format->continued) - 1 - format->bias;
}

/* Two declets are a number below a million; a word is three of these. */
enum { PAIR_BITS = 20, MILLION = 1000000 };

static uint64_t pair_to_binary(uint64_t declets) {
    return zf_declet_value[declets & DECLET] +
           UINT64_C(1000) * zf_declet_value[declets >> 10 & DECLET];
}

static uint64_t pair_from_binary(uint64_t v) {
    return zf_value_declet[v % 1000] | (uint64_t)zf_value_declet[v / 1000] << 10;
}

/* The rightmost n of six declets. */
static uint64_t declets_to_binary(uint64_t declets, unsigned n) {
    declets &= (UINT64_C(1) << 10 * n) - 1;
    uint64_t v = pair_to_binary(declets >> 2 * PAIR_BITS);
    v = v * MILLION + pair_to_binary(declets >> PAIR_BITS);
    return v * MILLION + pair_to_binary(declets);
}

static uint64_t declets_from_binary(uint64_t v) {
    uint64_t left = v / MILLION;
    return pair_from_binary(v % MILLION) | pair_from_binary(left % MILLION) << PAIR_BITS |
           pair_from_binary(left / MILLION) << 2 * PAIR_BITS;
}

static zf_u128 trailing(const struct zf_dfp_format *format, zf_u128 bits) {
    if (format->declets <= WORD_DECLETS) {
        return declets_to_binary((uint64_t)bits, format->declets);
    }
    uint64_t left = declets_to_binary((uint64_t)(bits >> 60), format->declets - WORD_DECLETS);
    return (zf_u128)left * WORD_LIMIT + declets_to_binary((uint64_t)bits, WORD_DECLETS);
}

struct zf_dfp zf_dfp_unpack(const struct zf_dfp_format *format, zf_u128 bits) {
    uint64_t top = (uint64_t)(bits >> (format->bits - 32));
    unsigned combination = top >> 26 & 0x1f;
    unsigned continued = top >> (26 - format->continued) & ((1u << format->continued) - 1);
    struct zf_dfp a = {.sign = top >> 31 & 1, .significand = trailing(format, bits)};
    if (combination >= INFINITE) {
        bool signaling = continued >> (format->continued - 1);
        a.kind = combination == INFINITE ? ZF_DFP_INFINITE : signaling ? ZF_DFP_SNAN : ZF_DFP_QNAN;
        return a;
    }
    bool large = combination >= FIRST_TWO;
    unsigned digit = large ? 8 | (combination & 1) : combination & 7;
    unsigned two = large ? combination >> 1 & 3 : combination >> 3;
    if (digit) {
        a.significand += digit * zf_power_of_ten(format->digits - 1u);
    }
    a.exp = (int32_t)(two << format->continued | continued) - format->bias;
    a.preferred = a.exp;
    return a;
}

/* The trailing significand, and what stands on its left in *first. */
static zf_u128 encode_trailing(const struct zf_dfp_format *format, zf_u128 significand,
                               unsigned *first) {
    if (format->declets <= WORD_DECLETS) {
        uint64_t limit = (uint64_t)zf_power_of_ten(format->digits - 1u);
        uint64_t v = (uint64_t)significand;
        *first = (unsigned)(v / limit);
        return declets_from_binary(v % limit);
    }
    uint64_t left = (uint64_t)(significand / WORD_LIMIT);
    uint64_t right = (uint64_t)(significand - (zf_u128)left * WORD_LIMIT);
    uint64_t limit = (uint64_t)zf_power_of_ten(format->digits - 1u - 3 * WORD_DECLETS);
    *first = (unsigned)(left / limit);
    return (zf_u128)declets_from_binary(left % limit) << 60 | declets_from_binary(right);
}

zf_u128 zf_dfp_encode(const struct zf_dfp_format *format, struct zf_dfp a) {
    unsigned first, combination, continued = 0;
    if (a.kind != ZF_DFP_FINITE) {
        a.significand %= zf_power_of_ten(format->digits - 1u);
    }
    zf_u128 bits = encode_trailing(format, a.significand, &first);
    if (a.kind == ZF_DFP_FINITE) {
        unsigned biased = (unsigned)(a.exp + format->bias);
        unsigned two = biased >> format->continued;
        combination = first >= 8 ? FIRST_TWO | two << 1 | (first & 1) : two << 3 | first;
        continued = biased & ((1u << format->continued) - 1);
    } else {
        combination = a.kind == ZF_DFP_INFINITE ? INFINITE : NOT_A_NUMBER;
        continued = (unsigned)(a.kind == ZF_DFP_SNAN) << (format->continued - 1);
    }
    uint64_t top =
        (uint64_t)a.sign << 31 | combination << 26 | continued << (26 - format->continued);
    return (zf_u128)top << (format->bits - 32) | bits;
}

void zf_dfp_method(struct zf_bfp_op *op, unsigned m) {
    static const uint8_t as_binary[8] = {
        [1] = ZF_ROUND_NEAREST_AWAY, [3] = ZF_ROUND_SHORTER, [4] = ZF_ROUND_NEAREST_EVEN,
        [5] = ZF_ROUND_ZERO,         [6] = ZF_ROUND_UP,      [7] = ZF_ROUND_DOWN,
    };
    if (m & 8) {
        op->rounding = m & 7;
    } else if (m != 0 && m != 2) {
        op->rounding = as_binary[m];
    }
}

unsigned zf_dfp_significance(zf_u128 significand) {
    if (!significand) {
        return 0;
    }
    unsigned least = (128 - zf_clz128(significand)) * 1233 >> 12; /* bits times log 2 */
    return least + (significand >= zf_power_of_ten(least));
}

/* How what is dropped compares with one half of the last digit that is kept. */
enum part { PART_NONE, PART_BELOW, PART_HALF, PART_ABOVE };

static bool increments(unsigned rounding, bool sign, unsigned last, enum part part) {
    switch (rounding) {
    case ZF_ROUND_NEAREST_EVEN:
        return part == PART_ABOVE || (part == PART_HALF && last & 1);
    case ZF_ROUND_UP:
        return part && !sign;
    case ZF_ROUND_DOWN:
        return part && sign;
    case ZF_ROUND_NEAREST_AWAY:
        return part >= PART_HALF;
    case ZF_ROUND_NEAREST_ZERO:
        return part == PART_ABOVE;
    case ZF_ROUND_AWAY:
        return part;
    case ZF_ROUND_SHORTER:
        return part && (last == 0 || last == 5);
    default:
        return false;
    }
}

static enum part part_of(zf_u128 rest, zf_u128 unit, bool sticky) {
    if (!rest && !sticky) {
        return PART_NONE;
    }
    zf_u128 half = unit / 2;
    return rest < half ? PART_BELOW : rest > half || sticky ? PART_ABOVE : PART_HALF;
}

struct zf_rounded zf_dfp_drop(unsigned rounding, struct zf_dfp *a, unsigned drop) {
    enum { MOST = 38 };
    zf_u128 kept = 0;
    enum part part = a->significand || a->sticky ? PART_BELOW : PART_NONE;
    if (drop <= MOST) { /* else it is all less than one half: 2^128 is below 5 * 10^38 */
        zf_u128 unit = zf_power_of_ten(drop);
        kept = a->significand / unit;
        part = part_of(a->significand - kept * unit, unit, a->sticky);
    }
    struct zf_rounded r = {
        .inexact = part != PART_NONE,
        .incremented = increments(rounding, a->sign, (unsigned)(kept % 10), part),
    };
    a->significand = kept + r.incremented;
    a->exp += (int32_t)drop;
    a->sticky = false;
    return r;
}

/* Zeros on the right of the significand, taken away while the quantum may grow so much. */
static void strip_zeros(struct zf_dfp *a, unsigned most) {
    for (unsigned step = 32; step; step >>= 1) {
        /* a multiple of 10^n is one of 2^n */
        zf_u128 low_bits = ((zf_u128)1 << step) - 1;
        if (step > most || a->significand & low_bits) {
            continue;
        }
        zf_u128 unit = zf_power_of_ten(step), kept = a->significand / unit;
        if (kept * unit == a->significand) {
            a->significand = kept;
            a->exp += (int32_t)step;
            most -= step;
        }
    }
}

static int32_t clamp(int32_t v, int32_t least, int32_t most) {
    return v < least ? least : v > most ? most : v;
}

/* The member of an exact result's cohort whose quantum is nearest to the preferred one. */
static void choose_quantum(const struct zf_dfp_format *format, struct zf_dfp *a) {
    int32_t target = clamp(a->preferred, least_exp(format), greatest_exp(format));
    if (!a->significand) {
        a->exp = target;
    } else if (a->exp < target) {
        strip_zeros(a, (unsigned)(target - a->exp));
    } else if (a->exp > target) {
        int32_t room = format->digits - (int32_t)zf_dfp_significance(a->significand);
        int32_t shift = room < a->exp - target ? room : a->exp - target;
        a->significand *= zf_power_of_ten((unsigned)shift);
        a->exp -= shift;
    }
}

/* The scaled result of a trap, and its preferred quantum with it. */
static void scale_trapped(struct zf_bfp_op *op, struct zf_dfp *a, unsigned digits, int32_t scale) {
    int32_t change = zf_bfp_trap_scale(op, a->exp + (int32_t)digits - 1, scale);
    a->exp += change;
    a->preferred += change;
}

static void overflow(struct zf_bfp_op *op, const struct zf_dfp_format *format, int32_t scale,
                     struct zf_dfp *a, struct zf_rounded *r) {
    if (op->masks & ZF_IEEE_OVERFLOW) {
        op->dxc = zf_bfp_trap_code(ZF_IEEE_OVERFLOW, *r);
        scale_trapped(op, a, zf_dfp_significance(a->significand), -scale);
        return;
    }
    op->flags |= ZF_IEEE_OVERFLOW;
    bool infinite = zf_bfp_overflows_to_infinity(op->rounding, a->sign);
    a->kind = infinite ? ZF_DFP_INFINITE : ZF_DFP_FINITE;
    a->exp = greatest_exp(format);
    a->significand = infinite ? 0 : zf_power_of_ten(format->digits) - 1;
    *r = (struct zf_rounded){.inexact = true, .incremented = infinite};
    zf_bfp_raise_inexact(op, infinite);
}

/* Recorded when nothing of more weight has trapped. */
static void check_quantum(struct zf_bfp_op *op, const struct zf_dfp *a) {
    if (a->kind != ZF_DFP_FINITE || a->exp == a->preferred || op->ignore_quantum || op->dxc) {
        return;
    }
    zf_bfp_raise(op, ZF_IEEE_QUANTUM);
}

static struct zf_dfp round_finite(struct zf_bfp_op *op, const struct zf_dfp_format *to,
                                  const struct zf_dfp_format *scaled, int32_t scale,
                                  struct zf_dfp a) {
    unsigned digits = zf_dfp_significance(a.significand);
    unsigned drop = digits > to->digits ? digits - to->digits : 0;
    int32_t least = least_exp(to);
    bool tiny = digits && a.exp + (int32_t)digits < least + to->digits;
    bool traps = tiny && op->masks & ZF_IEEE_UNDERFLOW;
    if (tiny && !traps && a.exp + (int32_t)drop < least) {
        drop = (unsigned)(least - a.exp);
    }
    struct zf_rounded r = {false, false};
    if (drop) {
        r = zf_dfp_drop(op->rounding, &a, drop);
        digits = zf_dfp_significance(a.significand);
    }
    if (digits > to->digits) { /* a carry: 10^digits */
        a.significand /= 10;
        a.exp++;
        digits--;
    }
    if (traps) {
        op->dxc = zf_bfp_trap_code(ZF_IEEE_UNDERFLOW, r);
        scale_trapped(op, &a, digits, scale);
    } else if (digits && a.exp + (int32_t)digits > greatest_exp(to) + to->digits) {
        overflow(op, to, scale, &a, &r);
    } else if (r.inexact) {
        op->flags |= tiny ? ZF_IEEE_UNDERFLOW : 0;
        zf_bfp_raise_inexact(op, r.incremented);
    }
    if (!r.inexact) {
        choose_quantum(op->dxc & (ZF_IEEE_OVERFLOW | ZF_IEEE_UNDERFLOW) ? scaled : to, &a);
    }
    check_quantum(op, &a);
    return a;
}

struct zf_dfp zf_dfp_round(struct zf_bfp_op *op, const struct zf_dfp_format *format,
                           struct zf_dfp a) {
    return a.kind == ZF_DFP_FINITE ? round_finite(op, format, format, format->scale, a) : a;
}

struct zf_dfp zf_dfp_narrow(struct zf_bfp_op *op, const struct zf_dfp_format *to,
                            const struct zf_dfp_format *from, struct zf_dfp a) {
    return a.kind == ZF_DFP_FINITE ? round_finite(op, to, from, from->narrow_scale, a) : a;
}

unsigned zf_dfp_cc(struct zf_dfp a) {
    if (a.kind >= ZF_DFP_QNAN) {
        return 3;
    }
    return a.kind == ZF_DFP_FINITE && !a.significand ? 0 : a.sign ? 1 : 2;
}
