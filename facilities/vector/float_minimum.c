/*
 * VECTOR FP MINIMUM and MAXIMUM. M6 says which language's or standard's function it is, and whether
 * the magnitudes are compared: they differ in NaNs and in zeros of different signs.
 */
#include "vector/float.h"

enum function { IEEE, JAVA, C_MACRO, CPLUSPLUS, C_FUNCTION, FUNCTIONS, MAGNITUDES = 8 };

struct operands {
    struct zf_bfp a, b;
    enum function function;
    bool maximum;
};

enum choice { FIRST, SECOND };

static bool is_nan(struct zf_bfp a) {
    return a.kind >= ZF_BFP_QNAN;
}

static enum choice first_if(bool condition) {
    return condition ? FIRST : SECOND;
}

static enum choice choose_nan(struct zf_bfp_op *op, const struct operands *o) {
    bool signaling = o->a.kind == ZF_BFP_SNAN || o->b.kind == ZF_BFP_SNAN;
    if (signaling || o->function == C_MACRO || o->function == CPLUSPLUS) {
        zf_bfp_raise(op, ZF_IEEE_INVALID);
    }
    switch (o->function) {
    case IEEE:
        if (!signaling && !(is_nan(o->a) && is_nan(o->b))) {
            return first_if(is_nan(o->b)); /* the number */
        }
        /* fall through */
    case JAVA:
        return first_if(o->a.kind == ZF_BFP_SNAN || (o->b.kind != ZF_BFP_SNAN && is_nan(o->a)));
    case C_MACRO:
        return SECOND;
    case CPLUSPLUS:
        return FIRST;
    default:
        return first_if(is_nan(o->b));
    }
}

static enum choice choose(struct zf_bfp_op *op, const struct operands *o) {
    if (is_nan(o->a) || is_nan(o->b)) {
        return choose_nan(op, o);
    }
    struct zf_bfp_op quiet = {0};
    unsigned cc = zf_bfp_compare(&quiet, o->a, o->b, false);
    if (cc != 0) {
        return first_if((cc == 2) == o->maximum);
    }
    switch (o->function) {
    case C_MACRO:
        return SECOND;
    case CPLUSPLUS:
        return FIRST;
    default: /* equal numbers, or zeros, of which the positive one is greater */
        return first_if(o->a.sign != o->maximum);
    }
}

static zf_u128 chosen(struct zf_vector_float *f) {
    const zf_u128 sign = (zf_u128)1 << (f->format->bits - 1);
    unsigned m6 = f->i->o.m6;
    zf_u128 a = zf_float_bits(f, f->i->o.v2), b = zf_float_bits(f, f->i->o.v3);
    struct operands o = {.function = m6 & ~(unsigned)MAGNITUDES, .maximum = f->i->argument};
    if (m6 & MAGNITUDES && o.function != IEEE) { /* the result is a magnitude, too */
        a &= ~sign;
        b &= ~sign;
    }
    o.a = zf_bfp_unpack(f->format, a);
    o.b = zf_bfp_unpack(f->format, b);
    bool numbers = !is_nan(o.a) && !is_nan(o.b);
    if (m6 == MAGNITUDES && numbers) { /* the greater or lesser magnitude, else by sign */
        struct zf_bfp_op quiet = {0};
        struct zf_bfp x = o.a, y = o.b;
        x.sign = y.sign = false;
        unsigned cc = zf_bfp_compare(&quiet, x, y, false);
        if (cc != 0) {
            return (cc == 2) == o.maximum ? a : b;
        }
    }
    enum choice choice = choose(&f->op, &o);
    struct zf_bfp_op quiet = {0};
    if (o.function <= JAVA) { /* a signaling NaN becomes a quiet one */
        return zf_bfp_encode(f->to, zf_bfp_quieten(&quiet, choice == FIRST ? o.a : o.b));
    }
    return choice == FIRST ? a : b;
}

/* The argument: maximum */
enum zf_next zf_do_vector_float_minimum(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { RESERVED = 7 };
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_vector_float f;
    if ((i->o.m6 & ~(unsigned)MAGNITUDES) >= FUNCTIONS) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_float_begin(&f, cpu, i, i->o.m4, i->o.m5, RESERVED) ? zf_float_run(&f, chosen)
                                                                  : ZF_NEXT_PGM;
}
