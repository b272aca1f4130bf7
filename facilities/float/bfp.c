/*
 * The BFP instructions: operands from registers and storage, one of the operations of bfp.h, the
 * result, the condition code, the IEEE exceptions. Each helper serves all formats of its family:
 * the row's argument says which, and what else tells the instructions apart.
 */
#include "float/bfp.h"
#include "float/operand.h"

static const struct zf_bfp_format *const formats[] = {
    [ZF_FP_SHORT] = &zf_bfp_short,
    [ZF_FP_LONG] = &zf_bfp_long,
    [ZF_FP_EXTENDED] = &zf_bfp_extended,
};

/* The format of the operands, and that of the result. */
static const struct zf_bfp_format *source(const struct zf_insn_call *i) {
    return formats[zf_float_format(i->argument)];
}

static const struct zf_bfp_format *target(const struct zf_insn_call *i) {
    return formats[zf_float_result(i->argument)];
}

static struct zf_bfp get(const struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned r) {
    const struct zf_bfp_format *f = source(i);
    return zf_bfp_unpack(f, zf_float_get(cpu, f->bits, r));
}

/* The second operand, in storage or in R2. */
static bool second(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_bfp *b) {
    zf_u128 bits;
    if (!zf_float_second(cpu, i, source(i)->bits, &bits)) {
        return false;
    }
    *b = zf_bfp_unpack(source(i), bits);
    return true;
}

/* Rounds the result into R1, then the exceptions. */
static enum zf_next finish(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_bfp_op *op,
                           struct zf_bfp r) {
    if (!zf_bfp_suppressed(op)) {
        const struct zf_bfp_format *f = target(i);
        zf_u128 bits = zf_bfp_pack(op, f, r);
        zf_float_put(cpu, f->bits, i->o.r1, bits);
    }
    return zf_done(zf_bfp_end(cpu, op));
}

/* The same, and the CC of the result. */
static enum zf_next finish_cc(struct zf_cpu *cpu, const struct zf_insn_call *i,
                              struct zf_bfp_op *op, struct zf_bfp r) {
    if (!zf_bfp_suppressed(op)) {
        const struct zf_bfp_format *f = target(i);
        zf_u128 bits = zf_bfp_pack(op, f, r);
        zf_float_put(cpu, f->bits, i->o.r1, bits);
        cpu->cc = zf_bfp_cc(zf_bfp_unpack(f, bits));
    }
    return zf_done(zf_bfp_end(cpu, op));
}

/* The negative of a number; of a NaN the sign stays. */
static struct zf_bfp negated_if(bool negate, struct zf_bfp b) {
    b.sign ^= negate && b.kind < ZF_BFP_QNAN;
    return b;
}

/* ADD, SUBTRACT */
enum zf_next zf_do_bfp_add(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    b = negated_if(i->argument & ZF_FP_SUBTRACT, b);
    return finish_cc(cpu, i, &op, zf_bfp_add(&op, get(cpu, i, i->o.r1), b));
}

/* MULTIPLY, to the operands' format or the next longer one */
enum zf_next zf_do_bfp_multiply(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, &b) ? finish(cpu, i, &op, zf_bfp_multiply(&op, get(cpu, i, i->o.r1), b))
                              : ZF_NEXT_PGM;
}

enum zf_next zf_do_bfp_divide(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, &b) ? finish(cpu, i, &op, zf_bfp_divide(&op, get(cpu, i, i->o.r1), b))
                              : ZF_NEXT_PGM;
}

enum zf_next zf_do_bfp_square_root(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, &b) ? finish(cpu, i, &op, zf_bfp_square_root(&op, b)) : ZF_NEXT_PGM;
}

/* MULTIPLY AND ADD, AND SUBTRACT: R1 <- R3 * second + R1 */
enum zf_next zf_do_bfp_multiply_add(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp addend = negated_if(i->argument & ZF_FP_SUBTRACT, get(cpu, i, i->o.r1));
    return finish(cpu, i, &op, zf_bfp_multiply_add(&op, get(cpu, i, i->o.r3), b, addend));
}

/* COMPARE, COMPARE AND SIGNAL */
enum zf_next zf_do_bfp_compare(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    if (!second(cpu, i, &b)) {
        return ZF_NEXT_PGM;
    }
    unsigned cc = zf_bfp_compare(&op, get(cpu, i, i->o.r1), b, i->argument & ZF_FP_SIGNAL);
    cpu->cc = zf_bfp_suppressed(&op) ? cpu->cc : cc;
    return zf_done(zf_bfp_end(cpu, &op));
}

/* LOAD AND TEST */
enum zf_next zf_do_bfp_load_test(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = source(i);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp a = zf_bfp_quieten(&op, get(cpu, i, i->o.r2));
    if (!zf_bfp_suppressed(&op)) {
        zf_float_put(cpu, f->bits, i->o.r1, zf_bfp_encode(f, a));
        cpu->cc = zf_bfp_cc(a);
    }
    return zf_done(zf_bfp_end(cpu, &op));
}

/* LOAD COMPLEMENT, NEGATIVE, POSITIVE: the sign of any number, NaNs without exceptions. The other
 * formats have ops. */
enum zf_next zf_do_bfp_load_sign(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = source(i);
    zf_u128 bits = zf_float_get(cpu, f->bits, i->o.r2), sign = (zf_u128)1 << (f->bits - 1);
    bits &= i->argument & ZF_FP_CLEAR_SIGN ? ~sign : ~(zf_u128)0;
    bits ^= i->argument & ZF_FP_INVERT_SIGN ? sign : 0;
    zf_float_put(cpu, f->bits, i->o.r1, bits);
    cpu->cc = zf_bfp_cc(zf_bfp_unpack(f, bits));
    return ZF_NEXT;
}

/* LOAD LENGTHENED */
enum zf_next zf_do_bfp_lengthen(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, &b) ? finish(cpu, i, &op, zf_bfp_quieten(&op, b)) : ZF_NEXT_PGM;
}

/* Rounding method M3 and inexact suppression M4; false when M3 is reserved. */
static bool modifiers(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_bfp_op *op) {
    *op = zf_bfp_begin(cpu);
    op->suppress_inexact = i->o.m4 & 4;
    return zf_bfp_method(op, i->o.m3, zf_has_facility(cpu, ZF_FACILITY_FLOATING_POINT_EXT)) ||
           zf_pgm(cpu, ZF_PGM_SPECIFICATION);
}

/* LOAD ROUNDED: a result that was scaled for a trap is in the source's format */
enum zf_next zf_do_bfp_narrow(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp b = zf_bfp_quieten(&op, get(cpu, i, i->o.r2));
    if (!zf_bfp_suppressed(&op)) {
        zf_u128 bits = zf_bfp_narrow(&op, target(i), source(i), b);
        bool scaled = op.dxc & (ZF_IEEE_OVERFLOW | ZF_IEEE_UNDERFLOW);
        zf_float_put(cpu, (scaled ? source(i) : target(i))->bits, i->o.r1, bits);
    }
    return zf_done(zf_bfp_end(cpu, &op));
}

/* LOAD FP INTEGER */
enum zf_next zf_do_bfp_integral(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = source(i);
    struct zf_bfp_op op;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp b = zf_bfp_integral(&op, get(cpu, i, i->o.r2));
    if (!zf_bfp_suppressed(&op)) {
        zf_float_put(cpu, f->bits, i->o.r1, zf_bfp_encode(f, b));
    }
    return zf_done(zf_bfp_end(cpu, &op));
}

/* CONVERT FROM FIXED, FROM LOGICAL */
enum zf_next zf_do_bfp_from_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t v = cpu->gr[i->o.r2];
    struct zf_bfp_op op;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    if (i->argument & ZF_FP_WORD) {
        v = i->argument & ZF_FP_LOGICAL ? (uint32_t)v : (uint64_t)(int64_t)(int32_t)v;
    }
    bool negative = !(i->argument & ZF_FP_LOGICAL) && v >> 63;
    return finish(cpu, i, &op, zf_bfp_from_integer(negative ? -v : v, negative));
}

/* CONVERT TO FIXED, TO LOGICAL */
enum zf_next zf_do_bfp_to_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    bool word = i->argument & ZF_FP_WORD, is_signed = !(i->argument & ZF_FP_LOGICAL);
    struct zf_bfp_op op;
    unsigned cc;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    uint64_t v = zf_bfp_to_integer(&op, get(cpu, i, i->o.r2), word ? 32 : 64, is_signed, &cc);
    if (!zf_bfp_suppressed(&op)) {
        cpu->cc = cc;
        if (word) {
            zf_set_low(cpu, i->o.r1, (uint32_t)v);
        } else {
            cpu->gr[i->o.r1] = v;
        }
    }
    return zf_done(zf_bfp_end(cpu, &op));
}

/* TEST DATA CLASS */
enum zf_next zf_do_bfp_test_class(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = source(i);
    unsigned mask = (unsigned)zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2) & 0xfff;
    cpu->cc = (zf_bfp_class(f, zf_float_get(cpu, f->bits, i->o.r1)) & mask) != 0;
    return ZF_NEXT;
}
