/*
 * HFP arithmetic on unpacked numbers.
 */
#include "float/hfp.h"

enum { ZERO_CHARACTERISTIC = 64 };

struct zf_hfp zf_hfp_normalized(struct zf_hfp a) {
    if (a.frac) {
        int32_t digits = (int32_t)zf_clz128(a.frac) / 4 - 1;
        if (digits > 0) {
            a.frac <<= 4 * digits;
            a.exp -= digits;
        }
    }
    return a;
}

struct zf_hfp zf_hfp_sum(struct zf_hfp a, struct zf_hfp b, unsigned digits) {
    if (a.exp < b.exp) {
        struct zf_hfp t = a;
        a = b;
        b = t;
    }
    int32_t apart = a.exp - b.exp;
    zf_u128 aligned = apart > ZF_HFP_DIGITS ? 0 : b.frac >> (4 * apart);
    aligned = zf_hfp_truncated(aligned, digits + 1);
    if (a.sign == b.sign) {
        a.frac += aligned;
    } else if (a.frac >= aligned) {
        a.frac -= aligned;
    } else {
        a.frac = aligned - a.frac;
        a.sign = b.sign;
    }
    return a;
}

struct zf_hfp zf_hfp_product(struct zf_hfp a, struct zf_hfp b) {
    zf_u128 high = zf_wide_multiply(a.frac << 4, b.frac << 4).high;
    return zf_hfp_normalized((struct zf_hfp){
        .sign = a.sign ^ b.sign,
        .exp = a.exp + b.exp - ZERO_CHARACTERISTIC,
        .frac = high >> 4,
    });
}

struct zf_hfp zf_hfp_quotient(struct zf_hfp a, struct zf_hfp b) {
    struct zf_hfp q = {.sign = a.sign ^ b.sign, .exp = a.exp - b.exp + ZERO_CHARACTERISTIC};
    zf_u128 rest = a.frac, divisor = b.frac;
    if (rest >= divisor) {
        divisor <<= 4;
        q.exp++;
    }
    for (unsigned i = 0; i < 4 * ZF_HFP_DIGITS; i++) {
        bool carry = rest >> 127;
        rest <<= 1;
        q.frac <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            q.frac |= 1;
        }
    }
    q.frac <<= ZF_HFP_CARRY_SHIFT - 4 * ZF_HFP_DIGITS;
    return q;
}

struct zf_hfp zf_hfp_rounded(struct zf_hfp a, unsigned digits) {
    a.frac += (zf_u128)1 << (ZF_HFP_CARRY_SHIFT - 1 - 4 * digits);
    if (a.frac >> ZF_HFP_CARRY_SHIFT) {
        a.frac >>= 4;
        a.exp++;
    }
    a.frac = zf_hfp_truncated(a.frac, digits);
    return a;
}

struct zf_hfp zf_hfp_square_root(struct zf_hfp a, unsigned digits) {
    enum { ROOT_BITS = 4 * ZF_HFP_DIGITS + 4 };
    a = zf_hfp_normalized(a);
    if (a.exp & 1) {
        a.frac >>= 4;
        a.exp++;
    }
    zf_u128 rest, root = zf_root128(a.frac << 4, ROOT_BITS, &rest);
    struct zf_hfp r = {
        .exp = (a.exp - ZERO_CHARACTERISTIC) / 2 + ZERO_CHARACTERISTIC,
        .frac = root << (ZF_HFP_CARRY_SHIFT - ROOT_BITS),
    };
    return zf_hfp_rounded(r, digits);
}

struct zf_bfp zf_hfp_to_bfp(struct zf_hfp a) {
    struct zf_bfp r = {.kind = ZF_BFP_ZERO, .sign = a.sign};
    if (a.frac) {
        int32_t shift = (int32_t)zf_clz128(a.frac);
        r.kind = ZF_BFP_FINITE;
        r.sig = a.frac << shift;
        r.exp = 4 * (a.exp - ZERO_CHARACTERISTIC) + 3 - shift;
    }
    return r;
}

struct zf_hfp zf_hfp_from_bfp(struct zf_bfp a) {
    struct zf_hfp r = {.sign = a.sign};
    if (a.kind == ZF_BFP_FINITE) {
        /* 16^n is the least power above the number */
        int32_t n = (a.exp + (1 << 20)) / 4 - (1 << 18) + 1;
        r.exp = n + ZERO_CHARACTERISTIC;
        r.frac = a.sig >> (4 * n + 3 - a.exp);
    }
    return r;
}
