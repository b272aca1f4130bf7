/*
 * MULTIPLY UNNORMALIZED, MULTIPLY AND ADD UNNORMALIZED: long operands, all 28 digits of the result
 * or 14 of them. Nothing is normalized, digits that have no place are lost, characteristics wrap.
 */
#include "float/argument.h"
#include "float/hfp.h"
#include "translator.h"

enum { LOW_PART = 14, FRACTION_BITS = 4 * ZF_HFP_EXTENDED, GUARD_BITS = 12 };
#define FRACTION (((zf_u128)1 << FRACTION_BITS) - 1)

/* Here fractions are integers of 28 digits. */
static struct zf_hfp product(struct zf_hfp a, struct zf_hfp b) {
    return (struct zf_hfp){
        .sign = a.sign ^ b.sign,
        .exp = a.exp + b.exp - 64,
        .frac = (a.frac >> GUARD_BITS >> 56) * (b.frac >> GUARD_BITS >> 56),
    };
}

/*
 * The sum at the product's characteristic: the addend shifts either way. What it loses on the right
 * takes part, what it loses on the left tells which of the two is larger.
 */
static struct zf_hfp sum(struct zf_hfp p, struct zf_hfp addend) {
    int left = addend.exp - p.exp;
    zf_u128 a = addend.frac >> GUARD_BITS;
    bool larger = false, rest = false;
    if (left >= ZF_HFP_EXTENDED || -left >= ZF_HFP_EXTENDED) {
        larger = left > 0 && a;
        rest = left < 0 && a;
        a = 0;
    } else if (left > 0) {
        larger = a >> (FRACTION_BITS - 4 * left);
        a = a << (4 * left) & FRACTION;
    } else if (left < 0) {
        rest = a & (((zf_u128)1 << (-4 * left)) - 1);
        a >>= -4 * left;
    }
    bool all_zero = !p.frac && !a && !larger && !rest;
    if (p.sign == addend.sign) {
        p.frac = (p.frac + a) & FRACTION;
    } else if (larger || a > p.frac || (a == p.frac && rest)) {
        p.frac = (a - p.frac) & FRACTION;
        p.sign = addend.sign;
    } else {
        all_zero = a == p.frac && !rest;
        p.frac -= a + rest;
    }
    p.sign &= !all_zero;
    return p;
}

/* The number's part goes into R1; all of it into the pair that R1 is one of. */
static void put(struct zf_cpu *cpu, enum zf_hfp_part part, unsigned r, struct zf_hfp a) {
    a.frac <<= GUARD_BITS;
    if (part == ZF_HFP_WHOLE) {
        zf_hfp_put(cpu, ZF_HFP_EXTENDED, r & ~2u, a);
        return;
    }
    if (part == ZF_HFP_LOW) {
        a.frac = a.frac << (4 * LOW_PART) & FRACTION << GUARD_BITS;
        a.exp -= LOW_PART;
    }
    zf_hfp_put(cpu, ZF_HFP_LONG, r, a);
}

static enum zf_next multiply(struct zf_cpu *cpu, const struct zf_insn_call *i, bool adds) {
    struct zf_hfp c = zf_hfp_get(cpu, ZF_HFP_LONG, i->o.r3), b;
    struct zf_hfp addend = zf_hfp_get(cpu, ZF_HFP_LONG, i->o.r1);
    if (!zf_hfp_second(cpu, i, ZF_HFP_LONG, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_hfp p = product(c, b);
    put(cpu, (enum zf_hfp_part)i->argument, i->o.r1, adds ? sum(p, addend) : p);
    return ZF_NEXT;
}

enum zf_next zf_do_hfp_multiply_unnormalized(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, zf_insn_call(call), false);
}

enum zf_next zf_do_hfp_multiply_add_unnormalized(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, zf_insn_call(call), true);
}
