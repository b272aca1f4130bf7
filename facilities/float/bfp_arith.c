/*
 * BFP arithmetic on unpacked numbers. Finite results carry 127 exact bits and a sticky one, which
 * is more than any format's precision and two, so that rounding them once is right.
 */
#include "float/bfp.h"

#define TOP ((zf_u128)1 << 127)

static bool is_nan(struct zf_bfp a) {
    return a.kind >= ZF_BFP_QNAN;
}

static struct zf_bfp invalid(struct zf_bfp_op *op) {
    zf_bfp_raise(op, ZF_IEEE_INVALID);
    return (struct zf_bfp){.kind = ZF_BFP_QNAN, .sig = TOP >> 1};
}

struct zf_bfp zf_bfp_quieten(struct zf_bfp_op *op, struct zf_bfp a) {
    if (a.kind == ZF_BFP_SNAN) {
        zf_bfp_raise(op, ZF_IEEE_INVALID);
        a.kind = ZF_BFP_QNAN;
        a.sig |= TOP >> 1;
    }
    return a;
}

/* The NaN that results from two operands: the first SNaN, else the first QNaN. */
static struct zf_bfp nan_of(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    if (a.kind == ZF_BFP_SNAN || (b.kind != ZF_BFP_SNAN && a.kind == ZF_BFP_QNAN)) {
        return zf_bfp_quieten(op, a);
    }
    return zf_bfp_quieten(op, b);
}

static struct zf_bfp nan_of_three(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b,
                                  struct zf_bfp c) {
    if (a.kind == ZF_BFP_SNAN || b.kind == ZF_BFP_SNAN || !is_nan(c)) {
        return nan_of(op, a, b);
    }
    return nan_of(op, is_nan(a) ? a : b, c);
}

static struct zf_bfp zero(bool sign) {
    return (struct zf_bfp){.kind = ZF_BFP_ZERO, .sign = sign};
}

static struct zf_bfp infinity(bool sign) {
    return (struct zf_bfp){.kind = ZF_BFP_INFINITE, .sign = sign};
}

/* An exact zero of operands with different signs. */
static struct zf_bfp difference_zero(const struct zf_bfp_op *op) {
    return zero(op->rounding == ZF_ROUND_DOWN);
}

static struct zf_wide wide_shift_right_sticky(struct zf_wide a, unsigned n) {
    if (n == 0) {
        return a;
    }
    if (n >= 256) {
        return (struct zf_wide){0, (a.high | a.low) != 0};
    }
    if (n >= 128) {
        bool lost = a.low != 0;
        return (struct zf_wide){0, zf_shift_right_sticky(a.high, n - 128) | lost};
    }
    bool lost = a.low << (128 - n) != 0;
    return (struct zf_wide){a.high >> n, a.low >> n | a.high << (128 - n) | lost};
}

static struct zf_wide wide_shift_left(struct zf_wide a, unsigned n) {
    if (n >= 128) {
        return (struct zf_wide){a.low << (n - 128), 0};
    }
    return n ? (struct zf_wide){a.high << n | a.low >> (128 - n), a.low << n} : a;
}

static int wide_compare(struct zf_wide a, struct zf_wide b) {
    if (a.high != b.high) {
        return a.high < b.high ? -1 : 1;
    }
    return a.low < b.low ? -1 : a.low > b.low;
}

/* A magnitude with its sign: sig / 2^255 * 2^exp. */
struct wide_number {
    bool sign;
    int32_t exp;
    struct zf_wide sig;
};

static struct zf_bfp narrowed(struct wide_number a) {
    unsigned shift = a.sig.high ? zf_clz128(a.sig.high) : 128 + zf_clz128(a.sig.low);
    struct zf_wide sig = wide_shift_left(a.sig, shift);
    return (struct zf_bfp){
        .kind = ZF_BFP_FINITE,
        .sign = a.sign,
        .exp = a.exp - (int32_t)shift,
        .sig = sig.high | (sig.low != 0),
    };
}

/* Sum of two nonzero magnitudes that have their leftmost bits off, so that nothing carries out. */
static struct zf_bfp wide_add(const struct zf_bfp_op *op, struct wide_number a,
                              struct wide_number b) {
    if (a.exp < b.exp) {
        struct wide_number t = a;
        a = b;
        b = t;
    }
    b.sig = wide_shift_right_sticky(b.sig, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign) {
        a.sig.low += b.sig.low;
        a.sig.high += b.sig.high + (a.sig.low < b.sig.low);
        return narrowed(a);
    }
    int order = wide_compare(a.sig, b.sig);
    if (order == 0) {
        return difference_zero(op);
    }
    struct wide_number *larger = order > 0 ? &a : &b, *smaller = order > 0 ? &b : &a;
    struct wide_number r = {.sign = larger->sign, .exp = a.exp};
    r.sig.low = larger->sig.low - smaller->sig.low;
    r.sig.high = larger->sig.high - smaller->sig.high - (larger->sig.low < smaller->sig.low);
    return narrowed(r);
}

/* One bit of room on the left. */
static struct wide_number widened(struct zf_bfp a) {
    return (struct wide_number){
        .sign = a.sign,
        .exp = a.exp + 1,
        .sig = {a.sig >> 1, a.sig << 127},
    };
}

/* Operands of an addition that are not both finite and nonzero. */
static struct zf_bfp add_special(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    if (is_nan(a) || is_nan(b)) {
        return nan_of(op, a, b);
    }
    if (a.kind == ZF_BFP_INFINITE) {
        return b.kind == ZF_BFP_INFINITE && a.sign != b.sign ? invalid(op) : a;
    }
    if (b.kind == ZF_BFP_INFINITE) {
        return b;
    }
    if (a.kind == ZF_BFP_FINITE) {
        return a;
    }
    if (b.kind == ZF_BFP_FINITE) {
        return b;
    }
    return a.sign == b.sign ? a : difference_zero(op);
}

struct zf_bfp zf_bfp_add(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    if (a.kind != ZF_BFP_FINITE || b.kind != ZF_BFP_FINITE) {
        return add_special(op, a, b);
    }
    return wide_add(op, widened(a), widened(b));
}

static struct zf_bfp multiply_special(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    bool sign = a.sign ^ b.sign;
    if (is_nan(a) || is_nan(b)) {
        return nan_of(op, a, b);
    }
    if (a.kind == ZF_BFP_INFINITE || b.kind == ZF_BFP_INFINITE) {
        bool by_zero = a.kind == ZF_BFP_ZERO || b.kind == ZF_BFP_ZERO;
        return by_zero ? invalid(op) : infinity(sign);
    }
    return zero(sign);
}

struct zf_bfp zf_bfp_multiply(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    if (a.kind != ZF_BFP_FINITE || b.kind != ZF_BFP_FINITE) {
        return multiply_special(op, a, b);
    }
    struct zf_wide product = zf_wide_multiply(a.sig, b.sig);
    return narrowed((struct wide_number){a.sign ^ b.sign, a.exp + b.exp + 1, product});
}

struct zf_bfp zf_bfp_multiply_add(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b,
                                  struct zf_bfp c) {
    bool sign = a.sign ^ b.sign;
    bool undefined = (a.kind == ZF_BFP_INFINITE && b.kind == ZF_BFP_ZERO) ||
                     (a.kind == ZF_BFP_ZERO && b.kind == ZF_BFP_INFINITE);
    if (undefined) {
        return invalid(op);
    }
    if (is_nan(a) || is_nan(b) || is_nan(c)) {
        return nan_of_three(op, a, b, c);
    }
    if (a.kind == ZF_BFP_INFINITE || b.kind == ZF_BFP_INFINITE) {
        return add_special(op, infinity(sign), c);
    }
    if (a.kind == ZF_BFP_ZERO || b.kind == ZF_BFP_ZERO) {
        return add_special(op, zero(sign), c);
    }
    struct zf_wide product = zf_wide_multiply(a.sig, b.sig);
    struct wide_number p = {sign, a.exp + b.exp + 1, product};
    if (c.kind != ZF_BFP_FINITE) {
        return c.kind == ZF_BFP_ZERO ? narrowed(p) : add_special(op, zero(sign), c);
    }
    p.sig = (struct zf_wide){product.high >> 1, product.high << 127 | product.low >> 1};
    p.exp++;
    return wide_add(op, p, widened(c));
}

static struct zf_bfp divide_special(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    bool sign = a.sign ^ b.sign;
    if (is_nan(a) || is_nan(b)) {
        return nan_of(op, a, b);
    }
    if (a.kind == b.kind) { /* both zero or both infinite */
        return invalid(op);
    }
    if (a.kind == ZF_BFP_INFINITE) {
        return infinity(sign);
    }
    if (a.kind == ZF_BFP_ZERO || b.kind == ZF_BFP_INFINITE) {
        return zero(sign);
    }
    zf_bfp_raise(op, ZF_IEEE_DIVIDE);
    return infinity(sign);
}

struct zf_bfp zf_bfp_divide(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b) {
    if (a.kind != ZF_BFP_FINITE || b.kind != ZF_BFP_FINITE) {
        return divide_special(op, a, b);
    }
    struct zf_bfp q = {.kind = ZF_BFP_FINITE, .sign = a.sign ^ b.sign, .exp = a.exp - b.exp};
    zf_u128 rest = a.sig, divisor = b.sig;
    if (rest < divisor) {
        q.exp--;
    } else {
        rest -= divisor;
        q.sig = 1;
    }
    /* one quotient bit a step; the rest stays below the divisor, its doubled value may carry out */
    for (unsigned i = q.sig ? 1 : 0; i < 128; i++) {
        bool carry = rest >> 127;
        rest <<= 1;
        q.sig <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            q.sig |= 1;
        }
    }
    q.sig |= rest != 0;
    return q;
}

struct zf_bfp zf_bfp_square_root(struct zf_bfp_op *op, struct zf_bfp a) {
    if (is_nan(a)) {
        return zf_bfp_quieten(op, a);
    }
    if (a.kind == ZF_BFP_ZERO) {
        return a;
    }
    if (a.sign) {
        return invalid(op);
    }
    if (a.kind == ZF_BFP_INFINITE) {
        return a;
    }
    /* the radicand in [1/4, 1) */
    int32_t exp = a.exp + 1;
    zf_u128 radicand = a.sig;
    if (exp & 1) {
        exp++;
        radicand >>= 1;
    }
    zf_u128 rest, root = zf_root128(radicand, 126, &rest);
    return (struct zf_bfp){
        .kind = ZF_BFP_FINITE,
        .exp = exp / 2 - 1,
        .sig = root << 2 | (rest != 0),
    };
}

static unsigned order(struct zf_bfp a, struct zf_bfp b) {
    if (a.kind == ZF_BFP_ZERO && b.kind == ZF_BFP_ZERO) {
        return 0;
    }
    if (a.kind == ZF_BFP_ZERO) {
        return b.sign ? 2 : 1;
    }
    if (b.kind == ZF_BFP_ZERO || a.sign != b.sign) {
        return a.sign ? 1 : 2;
    }
    unsigned larger = a.sign ? 1 : 2, smaller = 3 - larger;
    if (a.kind != b.kind) {
        return a.kind == ZF_BFP_INFINITE ? larger : smaller;
    }
    if (a.kind == ZF_BFP_INFINITE) {
        return 0;
    }
    if (a.exp != b.exp) {
        return a.exp > b.exp ? larger : smaller;
    }
    return a.sig == b.sig ? 0 : a.sig > b.sig ? larger : smaller;
}

unsigned zf_bfp_compare(struct zf_bfp_op *op, struct zf_bfp a, struct zf_bfp b, bool signaling) {
    if (!is_nan(a) && !is_nan(b)) {
        return order(a, b);
    }
    if (signaling || a.kind == ZF_BFP_SNAN || b.kind == ZF_BFP_SNAN) {
        zf_bfp_raise(op, ZF_IEEE_INVALID);
    }
    return 3;
}
