/*
 * PERFORM FLOATING-POINT OPERATION: a number of one radix converted to another radix, rounded once,
 * with controls of its own in general register 0. The operand in floating-point register 4 (and 6)
 * is unpacked, scaled exactly to the significand of the target's radix, and rounded by the target's
 * arithmetic; the result goes to register 0 (and 2), a return code to general register 1.
 */
#include "dfp/argument.h"
#include "dfp/dfp.h"
#include "float/hfp.h"
#include "float/radix.h"
#include "float/register.h"
#include "translator.h"

enum { STFLE_FLOAT_EXTENSION = 37 };
enum { CONVERT_RADIX = 1 }; /* the only operation type */
enum { TARGET = 0, SOURCE = 4 };

enum radix { HFP, BFP, DFP };

/* Operand formats by their codes. */
static const struct operand_format {
    bool valid;
    uint8_t radix, bits;
    uint8_t hfp_digits;
    uint8_t dfp; /* enum zf_dfp_argument */
    const struct zf_bfp_format *bfp;
} formats[] = {
    [0] = {true, HFP, 32, .hfp_digits = ZF_HFP_SHORT},
    [1] = {true, HFP, 64, .hfp_digits = ZF_HFP_LONG},
    [2] = {true, HFP, 128, .hfp_digits = ZF_HFP_EXTENDED},
    [5] = {true, BFP, 32, .bfp = &zf_bfp_short},
    [6] = {true, BFP, 64, .bfp = &zf_bfp_long},
    [7] = {true, BFP, 128, .bfp = &zf_bfp_extended},
    [8] = {true, DFP, 32, .dfp = ZF_DFP_SHORT},
    [9] = {true, DFP, 64, .dfp = ZF_DFP_LONG},
    [10] = {true, DFP, 128, .dfp = ZF_DFP_EXTENDED},
};

/* General register 0, bits 32-63. */
enum {
    TEST = 1u << 31,
    SUPPRESS_INEXACT = 0x80,
    ALTERNATE_ACTION = 0x40, /* traps end in a condition code */
    HFP_OVERFLOW = 0x20,     /* is an IEEE overflow, else an invalid operation */
    HFP_UNDERFLOW = 0x10,    /* is an IEEE underflow, else only inexact */
    DFP_QUANTUM = 0x20,      /* a quantum exception is recognized */
    DFP_QUANTUM_ONE = 0x10,  /* the preferred quantum is one, else the largest */
    BY_RADIX = 0x30,         /* the four above */
};

enum { CC_NORMAL, CC_NO_TRAP, CC_TRAP, CC_NOT_VALID };

struct conversion {
    uint32_t controls;
    const struct operand_format *to, *from;
    struct zf_bfp_op op;
};

static const struct operand_format *format_of(unsigned code) {
    return code < ZF_ARRAY_LENGTH(formats) && formats[code].valid ? &formats[code] : NULL;
}

/* The rounding method: the FPC's for DFP or BFP, or the one that is named. */
static bool method(const struct zf_cpu *cpu, struct conversion *c) {
    unsigned m = c->controls & 0xf;
    switch (m) {
    case 0:
        c->op.rounding = (cpu->fpc & ZF_FPC_DFP_ROUNDING) >> 4;
        return true;
    case 1:
        c->op.rounding = cpu->fpc & ZF_FPC_BFP_ROUNDING;
        return true;
    default:
        c->op.rounding = m & 7;
        return m & 8;
    }
}

/* Whether general register 0 says what this machine can do. */
static bool prepare(const struct zf_cpu *cpu, struct conversion *c) {
    bool extension = zf_gate_has_facility(&zf_cpu_facilities(cpu)->gate, STFLE_FLOAT_EXTENSION);
    c->to = format_of(c->controls >> 16 & 0xff);
    c->from = format_of(c->controls >> 8 & 0xff);
    if ((c->controls >> 24 & 0x7f) != CONVERT_RADIX || !c->to || !c->from ||
        c->to->radix == c->from->radix || !method(cpu, c)) {
        return false;
    }
    bool decimal_quantum = c->to->radix == DFP && c->controls & DFP_QUANTUM;
    if (c->to->radix == BFP ? c->controls & BY_RADIX : decimal_quantum && !extension) {
        return false;
    }
    c->op.masks = (uint8_t)(cpu->fpc >> 24);
    c->op.suppress_inexact = c->controls & SUPPRESS_INEXACT;
    /* only a quantum of one can be missed: the largest is what an exact result has */
    c->op.ignore_quantum = !decimal_quantum || !(c->controls & DFP_QUANTUM_ONE);
    c->op.to_unit = true;
    return true;
}

/* log2(10) and log10(2) with 16 and 18 bits of fraction, of any exponent there is. */
static int32_t bits_of_digits(int32_t digits) {
    return (int32_t)((int64_t)digits * 217706 >> 16);
}
static int32_t digits_of_bits(int32_t bits) {
    return (int32_t)((int64_t)bits * 78913 >> 18);
}

/*
 * Payloads of NaNs: a decimal integer, and the bits on the right of the leftmost fraction bit with
 * the least one first, so that the same integer is the same payload in all formats that hold it.
 */
static zf_u128 reversed_bits(zf_u128 v, unsigned n) {
    zf_u128 r = 0;
    for (; n-- > 0; v >>= 1) {
        r = r << 1 | (v & 1);
    }
    return r;
}

enum { PAYLOAD_SHIFT = 126 }; /* of a zf_bfp: the place of the quiet bit */

static struct zf_bfp nan_to_bfp(struct zf_dfp a, const struct zf_bfp_format *f) {
    unsigned bits = f->precision - 2u;
    zf_u128 payload = reversed_bits(a.significand, bits);
    return (struct zf_bfp){
        .kind = a.kind == ZF_DFP_SNAN ? ZF_BFP_SNAN : ZF_BFP_QNAN,
        .sign = a.sign,
        .sig = (zf_u128)1 << PAYLOAD_SHIFT | payload << (PAYLOAD_SHIFT - bits),
    };
}

static struct zf_dfp nan_from_bfp(struct zf_bfp a, const struct zf_bfp_format *f) {
    unsigned bits = f->precision - 2u;
    zf_u128 payload = a.sig >> (PAYLOAD_SHIFT - bits) & (((zf_u128)1 << bits) - 1);
    return (struct zf_dfp){
        .kind = a.kind == ZF_BFP_SNAN ? ZF_DFP_SNAN : ZF_DFP_QNAN,
        .sign = a.sign,
        .significand = reversed_bits(payload, bits),
    };
}

struct zf_bfp zf_dfp_to_bfp(struct zf_dfp a) {
    enum { BITS = 126 };
    struct zf_bfp r = {.kind = ZF_BFP_ZERO, .sign = a.sign};
    if (!a.significand) {
        return r;
    }
    int32_t significant = 128 - (int32_t)zf_clz128(a.significand);
    int32_t two = BITS - significant - bits_of_digits(a.exp);
    struct zf_scaled v = zf_radix_scale(a.significand, a.exp + two, a.exp);
    unsigned shift = zf_clz128(v.value);
    r.kind = ZF_BFP_FINITE;
    r.sig = v.value << shift | v.sticky;
    r.exp = 127 - (int32_t)shift - two;
    return r;
}

struct zf_dfp zf_dfp_from_bfp(struct zf_bfp a) {
    enum { DIGITS = 36 };
    struct zf_dfp r = {.sign = a.sign};
    if (a.kind == ZF_BFP_ZERO) {
        return r;
    }
    uint64_t low = (uint64_t)a.sig, high = (uint64_t)(a.sig >> 64);
    int zeros = low ? __builtin_ctzll(low) : 64 + __builtin_ctzll(high); /* on the right */
    int32_t ten = DIGITS - digits_of_bits(a.exp);
    struct zf_scaled v = zf_radix_scale(a.sig >> zeros, a.exp - 127 + zeros + ten, ten);
    r.significand = v.value;
    r.sticky = v.sticky;
    r.exp = -ten;
    return r;
}

static struct zf_bfp source_to_binary(const struct zf_cpu *cpu, const struct conversion *c) {
    const struct operand_format *from = c->from;
    switch (from->radix) {
    case HFP:
        return zf_hfp_to_bfp(zf_hfp_get(cpu, from->hfp_digits, SOURCE));
    case BFP:
        return zf_bfp_unpack(from->bfp, zf_float_get(cpu, from->bits, SOURCE));
    default:
        break;
    }
    struct zf_dfp a =
        zf_dfp_unpack(&zf_dfp_formats[from->dfp], zf_float_get(cpu, from->bits, SOURCE));
    if (a.kind == ZF_DFP_INFINITE) {
        return (struct zf_bfp){.kind = ZF_BFP_INFINITE, .sign = a.sign};
    }
    if (a.kind != ZF_DFP_FINITE) {
        return nan_to_bfp(a, c->to->radix == BFP ? c->to->bfp : &zf_bfp_extended);
    }
    return zf_dfp_to_bfp(a);
}

static struct zf_dfp source_to_decimal(const struct zf_cpu *cpu, const struct conversion *c) {
    struct zf_bfp a = source_to_binary(cpu, c);
    switch (a.kind) {
    case ZF_BFP_INFINITE:
        return (struct zf_dfp){.kind = ZF_DFP_INFINITE, .sign = a.sign};
    case ZF_BFP_QNAN:
    case ZF_BFP_SNAN:
        return nan_from_bfp(a, c->from->bfp);
    default:
        return zf_dfp_from_bfp(a);
    }
}

static void convert_to_bfp(struct zf_cpu *cpu, struct conversion *c) {
    struct zf_bfp a = zf_bfp_quieten(&c->op, source_to_binary(cpu, c));
    if (!zf_bfp_suppressed(&c->op)) {
        zf_float_put(cpu, c->to->bits, TARGET, zf_bfp_pack(&c->op, c->to->bfp, a));
    }
}

static void convert_to_dfp(struct zf_cpu *cpu, struct conversion *c) {
    const struct zf_dfp_format *f = &zf_dfp_formats[c->to->dfp];
    struct zf_dfp a = zf_dfp_quieten(&c->op, source_to_decimal(cpu, c));
    if (zf_bfp_suppressed(&c->op)) {
        return;
    }
    bool one = c->controls & DFP_QUANTUM_ONE || !a.significand;
    a.preferred = one ? 0 : (int32_t)(3u << f->continued) - 1 - f->bias;
    zf_float_put(cpu, c->to->bits, TARGET, zf_dfp_encode(f, zf_dfp_round(&c->op, f, a)));
}

enum { CHARACTERISTICS = 128, UNIT_CHARACTERISTIC = 65 }; /* 16^0 and a fraction below 16 */

/* What is too large and does not trap: the largest number. */
static struct zf_hfp largest_hfp(bool sign, unsigned digits) {
    return (struct zf_hfp){
        .sign = sign,
        .exp = CHARACTERISTICS - 1,
        .frac = zf_hfp_truncated(((zf_u128)1 << ZF_HFP_CARRY_SHIFT) - 1, digits),
    };
}

/* Overflow and underflow as HFP has them; what the controls make an exception of, and its result.
 */
static struct zf_hfp hfp_out_of_range(struct conversion *c, struct zf_hfp a, struct zf_rounded r) {
    struct zf_bfp_op *op = &c->op;
    bool over = a.exp >= CHARACTERISTICS;
    enum zf_ieee exception = over ? ZF_IEEE_OVERFLOW : ZF_IEEE_UNDERFLOW;
    if (!(c->controls & (over ? HFP_OVERFLOW : HFP_UNDERFLOW))) {
        if (over) {
            zf_bfp_raise(op, ZF_IEEE_INVALID);
        } else {
            zf_bfp_raise_inexact(op, false);
        }
    } else if (op->masks & exception) {
        op->dxc = zf_bfp_trap_code(exception, r);
        op->scaling = a.exp - UNIT_CHARACTERISTIC;
        a.exp = UNIT_CHARACTERISTIC;
        return a;
    } else {
        op->flags |= (uint8_t)exception;
        zf_bfp_raise_inexact(op, false);
    }
    return over ? largest_hfp(a.sign, c->to->hfp_digits) : (struct zf_hfp){.sign = a.sign};
}

/* The binary exponent modulo 4 tells how many zero bits the first digit has. */
static struct zf_hfp round_to_hfp(struct conversion *c, struct zf_bfp a) {
    unsigned zeros = 3 - ((unsigned)a.exp & 3);
    struct zf_rounded r = zf_bfp_drop(c->op.rounding, &a, 128 + zeros - 4u * c->to->hfp_digits);
    struct zf_hfp h = zf_hfp_from_bfp(a);
    if (h.exp < 0 || h.exp >= CHARACTERISTICS) {
        return hfp_out_of_range(c, h, r);
    }
    if (r.inexact) {
        zf_bfp_raise_inexact(&c->op, r.incremented);
    }
    return h;
}

static void convert_to_hfp(struct zf_cpu *cpu, struct conversion *c) {
    struct zf_bfp a = source_to_binary(cpu, c);
    struct zf_hfp h = {.sign = a.sign};
    if (a.kind == ZF_BFP_FINITE) {
        h = round_to_hfp(c, a);
    } else if (a.kind != ZF_BFP_ZERO) {
        zf_bfp_raise(&c->op, ZF_IEEE_INVALID);
        h = largest_hfp(a.sign, c->to->hfp_digits);
    }
    if (zf_bfp_suppressed(&c->op)) {
        return;
    }
    if (h.frac) {
        zf_hfp_put(cpu, c->to->hfp_digits, TARGET, h);
    } else {
        zf_hfp_put_zero(cpu, c->to->hfp_digits, TARGET, h.sign);
    }
}

/* Flags, return code and CC; a trap is an interruption, or the alternate action. */
static enum zf_next end(struct zf_cpu *cpu, const struct conversion *c) {
    const struct zf_bfp_op *op = &c->op;
    if (op->dxc && !(c->controls & ALTERNATE_ACTION) && zf_bfp_suppressed(op)) {
        return zf_done(zf_bfp_end(cpu, op));
    }
    zf_set_low(cpu, 1, (uint32_t)op->scaling);
    cpu->cc = op->dxc ? CC_TRAP : op->flags ? CC_NO_TRAP : CC_NORMAL;
    if (op->dxc && c->controls & ALTERNATE_ACTION) {
        cpu->fpc |= (uint32_t)op->flags << 16;
        cpu->fpc = (cpu->fpc & ~ZF_FPC_DXC) | (uint32_t)op->dxc << 8;
        return ZF_NEXT;
    }
    return zf_done(zf_bfp_end(cpu, op));
}

enum zf_next zf_do_pfpo(struct zf_cpu *cpu, const struct zf_call *call) {
    struct conversion c = {.controls = zf_low(cpu, 0)};
    bool valid = prepare(cpu, &c);
    if (c.controls & TEST) {
        zf_set_low(cpu, 1, 0);
        cpu->cc = valid ? CC_NORMAL : CC_NOT_VALID;
        return ZF_NEXT;
    }
    if (!valid) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    switch (c.to->radix) {
    case HFP:
        convert_to_hfp(cpu, &c);
        break;
    case BFP:
        convert_to_bfp(cpu, &c);
        break;
    default:
        convert_to_dfp(cpu, &c);
    }
    return end(cpu, &c);
}
