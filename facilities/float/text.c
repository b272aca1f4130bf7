#include "zfacet/float_text.h"

#include "decimal/digits.h"
#include "dfp/argument.h"
#include "dfp/dfp.h"
#include "float/hfp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 36, MOST_EXPONENT = 6200 };

/* Of each format one of the three: binary, decimal, digits of a hexadecimal fraction. */
static const struct format {
    uint8_t bits;
    const struct zf_bfp_format *bfp;
    const struct zf_dfp_format *dfp;
    unsigned hfp;
} formats[] = {
    [ZF_FLOAT_NONE] = {0},
    [ZF_FLOAT_EB] = {32, .bfp = &zf_bfp_short},
    [ZF_FLOAT_DB] = {64, .bfp = &zf_bfp_long},
    [ZF_FLOAT_LB] = {128, .bfp = &zf_bfp_extended},
    [ZF_FLOAT_ED] = {32, .dfp = &zf_dfp_formats[ZF_DFP_SHORT]},
    [ZF_FLOAT_DD] = {64, .dfp = &zf_dfp_formats[ZF_DFP_LONG]},
    [ZF_FLOAT_LD] = {128, .dfp = &zf_dfp_formats[ZF_DFP_EXTENDED]},
    [ZF_FLOAT_EH] = {32, .hfp = ZF_HFP_SHORT},
    [ZF_FLOAT_DH] = {64, .hfp = ZF_HFP_LONG},
    [ZF_FLOAT_LH] = {128, .hfp = ZF_HFP_EXTENDED},
};

unsigned zf_float_text_bits(enum zf_float_format format) {
    return formats[format].bits;
}

/* Digits with a decimal point anywhere, or none; returns what follows, or NULL. */
static const char *parse_digits(const char *at, struct zf_dfp *a) {
    bool fraction = false, any = false;
    unsigned digits = 0;
    for (;; at++) {
        if (*at == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (*at < '0' || *at > '9') {
            return any ? at : NULL;
        }
        any = true;
        digits += digits || *at != '0';
        if (digits > MOST_DIGITS) {
            return NULL;
        }
        a->significand = a->significand * 10 + (unsigned)(*at - '0');
        a->exp -= fraction;
    }
}

/* Text as a decimal number that is exact. */
static bool parse(const char *text, struct zf_dfp *a) {
    *a = (struct zf_dfp){.sign = *text == '-'};
    text += *text == '-' || *text == '+';
    if (!strcmp(text, "inf") || !strcmp(text, "nan")) {
        a->kind = *text == 'i' ? ZF_DFP_INFINITE : ZF_DFP_QNAN;
        return true;
    }
    text = parse_digits(text, a);
    if (text && *text == 'e') {
        char *end;
        if (strspn(text + 1, "+-0123456789") != strlen(text + 1)) {
            return false;
        }
        long exponent = strtol(text + 1, &end, 10);
        if (end == text + 1 || exponent < -MOST_EXPONENT || exponent > MOST_EXPONENT) {
            return false;
        }
        a->exp += (int32_t)exponent;
        text = end;
    }
    return text && !*text && a->exp >= -MOST_EXPONENT;
}

static bool encode_decimal(const struct zf_dfp_format *format, struct zf_dfp a, zf_u128 *bits) {
    struct zf_bfp_op op = {.rounding = ZF_ROUND_NEAREST_EVEN, .ignore_quantum = true};
    a.preferred = a.exp;
    *bits = zf_dfp_encode(format, a.kind == ZF_DFP_FINITE ? zf_dfp_round(&op, format, a) : a);
    return !op.flags;
}

static struct zf_bfp to_binary(struct zf_dfp a) {
    if (a.kind == ZF_DFP_FINITE) {
        return zf_dfp_to_bfp(a);
    }
    return (struct zf_bfp){
        .kind = a.kind == ZF_DFP_INFINITE ? ZF_BFP_INFINITE : ZF_BFP_QNAN,
        .sign = a.sign,
        .sig = (zf_u128)3 << 126,
    };
}

static bool encode_binary(const struct zf_bfp_format *format, struct zf_bfp a, zf_u128 *bits) {
    struct zf_bfp_op op = {.rounding = ZF_ROUND_NEAREST_EVEN};
    *bits = zf_bfp_pack(&op, format, a);
    bool lost = a.kind == ZF_BFP_FINITE && !(*bits << (129 - format->bits));
    return !(op.flags & ZF_IEEE_OVERFLOW) && !lost;
}

enum { HALF = 56, HALF_DIGITS = 14, CHARACTERISTICS = 128 };

/* Each half of an extended number has a sign and a characteristic. */
static zf_u128 pack_hexadecimal(unsigned digits, struct zf_hfp h) {
    zf_u128 fraction = h.frac >> (ZF_HFP_CARRY_SHIFT - 4 * digits);
    zf_u128 head = (zf_u128)h.sign << 7 | (zf_u128)(unsigned)h.exp;
    if (digits != ZF_HFP_EXTENDED) {
        return head << (4 * digits) | fraction;
    }
    zf_u128 less = (zf_u128)h.sign << 7 |
                   (h.frac ? (unsigned)(h.exp - HALF_DIGITS) & (CHARACTERISTICS - 1) : 0);
    return (head << HALF | fraction >> HALF) << 64 | less << HALF |
           (fraction & ((UINT64_C(1) << HALF) - 1));
}

/* The binary exponent modulo 4 tells how many zero bits the first digit has. */
static bool encode_hexadecimal(unsigned digits, struct zf_bfp a, zf_u128 *bits) {
    struct zf_hfp h = {.sign = a.sign};
    if (a.kind == ZF_BFP_FINITE) {
        unsigned zeros = 3 - ((unsigned)a.exp & 3);
        zf_bfp_drop(ZF_ROUND_NEAREST_EVEN, &a, 128 + zeros - 4 * digits);
        h = zf_hfp_from_bfp(a);
    }
    *bits = pack_hexadecimal(digits, h);
    return (a.kind == ZF_BFP_FINITE || a.kind == ZF_BFP_ZERO) && h.exp >= 0 &&
           h.exp < CHARACTERISTICS;
}

static bool encode(const struct format *f, struct zf_dfp a, zf_u128 *bits) {
    return f->dfp   ? encode_decimal(f->dfp, a, bits)
           : f->bfp ? encode_binary(f->bfp, to_binary(a), bits)
                    : encode_hexadecimal(f->hfp, to_binary(a), bits);
}

bool zf_float_parse(enum zf_float_format format, const char *text, zf_u128 *bits) {
    struct zf_dfp a;
    return format != ZF_FLOAT_NONE && parse(text, &a) && encode(&formats[format], a, bits);
}

static struct zf_bfp unpack_hexadecimal(unsigned digits, zf_u128 bits) {
    const zf_u128 half = ((zf_u128)1 << HALF) - 1;
    bool extended = digits == ZF_HFP_EXTENDED;
    unsigned head = (unsigned)(bits >> (extended ? 64 + HALF : 4 * digits));
    zf_u128 fraction = extended ? (bits >> 64 & half) << HALF | (bits & half)
                                : bits & (((zf_u128)1 << (4 * digits)) - 1);
    return zf_hfp_to_bfp((struct zf_hfp){
        .sign = head >> 7 & 1,
        .exp = (int32_t)(head & (CHARACTERISTICS - 1)),
        .frac = fraction << (ZF_HFP_CARRY_SHIFT - 4 * digits),
    });
}

/* As few digits as the format needs to be the same number again. */
static struct zf_dfp shortest(const struct format *f, struct zf_bfp b) {
    struct zf_dfp whole = zf_dfp_from_bfp(b), a = whole;
    unsigned digits = zf_dfp_significance(whole.significand);
    zf_u128 wanted, bits;
    if (f->bfp) {
        encode_binary(f->bfp, b, &wanted);
    } else {
        encode_hexadecimal(f->hfp, b, &wanted);
    }
    for (unsigned n = 1; n <= MOST_DIGITS && n < digits; n++) {
        a = whole;
        zf_dfp_drop(ZF_ROUND_NEAREST_EVEN, &a, digits - n);
        if (encode(f, a, &bits) && bits == wanted) {
            break;
        }
    }
    return a;
}

/* A binary number's digits end with the last one that is not zero, or at the decimal point. */
static struct zf_dfp without_zeros(struct zf_dfp a) {
    enum { LONGEST = 16 };
    while (a.significand && a.significand % 10 == 0) {
        a.significand /= 10;
        a.exp++;
    }
    if (a.exp > 0 && a.exp + (int)zf_dfp_significance(a.significand) <= LONGEST) {
        a.significand *= zf_power_of_ten((unsigned)a.exp);
        a.exp = 0;
    }
    a.exp = a.significand ? a.exp : 0;
    return a;
}

/* The decimal point stands in the digits while that takes few zeros; else there is an exponent. */
static void print_finite(struct zf_dfp a, char *text) {
    char digits[40];
    char *first = digits + sizeof digits - 1;
    *first = 0;
    do {
        *--first = (char)('0' + (unsigned)(a.significand % 10));
        a.significand /= 10;
    } while (a.significand);
    static const char zeros[] = "00000";
    int count = (int)strlen(first), whole = count + a.exp;
    const char *sign = a.sign ? "-" : "";
    if (a.exp > 0 || -whole > (int)strlen(zeros)) {
        snprintf(text, ZF_FLOAT_TEXT, "%s%.1s%s%se%+d", sign, first, count > 1 ? "." : "",
                 first + 1, whole - 1);
    } else if (whole > 0) {
        snprintf(text, ZF_FLOAT_TEXT, "%s%.*s%s%s", sign, whole, first, a.exp ? "." : "",
                 first + whole);
    } else {
        snprintf(text, ZF_FLOAT_TEXT, "%s0.%.*s%s", sign, -whole, zeros, first);
    }
}

void zf_float_text(enum zf_float_format format, zf_u128 bits, char text[ZF_FLOAT_TEXT]) {
    static const char *const names[] = {
        [ZF_DFP_INFINITE] = "inf", [ZF_DFP_QNAN] = "nan", [ZF_DFP_SNAN] = "snan"};
    const struct format *f = &formats[format];
    struct zf_dfp a;
    if (f->dfp) {
        a = zf_dfp_unpack(f->dfp, bits);
    } else {
        struct zf_bfp b = f->bfp ? zf_bfp_unpack(f->bfp, bits) : unpack_hexadecimal(f->hfp, bits);
        a = b.kind == ZF_BFP_ZERO || b.kind == ZF_BFP_FINITE ? without_zeros(shortest(f, b))
                                                             : (struct zf_dfp){0};
        a.sign = b.sign;
        a.kind = (uint8_t)(b.kind == ZF_BFP_INFINITE ? ZF_DFP_INFINITE
                           : b.kind == ZF_BFP_QNAN   ? ZF_DFP_QNAN
                           : b.kind == ZF_BFP_SNAN   ? ZF_DFP_SNAN
                                                     : ZF_DFP_FINITE);
    }
    if (a.kind == ZF_DFP_FINITE) {
        print_finite(a, text);
    } else {
        snprintf(text, ZF_FLOAT_TEXT, "%s%s", a.sign ? "-" : "", names[a.kind]);
    }
}
