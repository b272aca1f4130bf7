/*
 * The DFP instructions on registers: arithmetic, comparisons, conversions between the formats and
 * of integers. Each helper serves all formats of its family: the row's argument says which, and
 * what else tells the instructions apart. Three-operand ones have sources in R2 and R3, or R3 and
 * R2 where the first is changed by the second (QUANTIZE, REROUND).
 */
#include "dfp/operand.h"

/* Controls of an instruction whose field `m` is a rounding method. */
static struct zf_bfp_op begin(const struct zf_cpu *cpu, unsigned m) {
    bool extension = zf_has_facility(cpu, ZF_FACILITY_FLOATING_POINT_EXT);
    struct zf_bfp_op op = zf_dfp_begin(cpu);
    op.ignore_quantum = !extension;
    zf_dfp_method(&op, m);
    return op;
}

/* The same with its inexact suppression in M4. */
static struct zf_bfp_op begin_converting(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    struct zf_bfp_op op = begin(cpu, i->o.m3);
    op.suppress_inexact = i->o.m4 & 4;
    return op;
}

/* The result, which fits, into R1; then the exceptions. */
static enum zf_next deliver(struct zf_cpu *cpu, const struct zf_insn_call *i,
                            const struct zf_dfp_format *f, const struct zf_bfp_op *op,
                            struct zf_dfp r) {
    if (!zf_bfp_suppressed(op)) {
        zf_dfp_put(cpu, f, i->o.r1, r);
    }
    return zf_done(zf_bfp_end(cpu, op));
}

/* The same, and the CC of the result. */
static enum zf_next deliver_cc(struct zf_cpu *cpu, const struct zf_insn_call *i,
                               const struct zf_dfp_format *f, const struct zf_bfp_op *op,
                               struct zf_dfp r) {
    cpu->cc = zf_bfp_suppressed(op) ? cpu->cc : zf_dfp_cc(r);
    return deliver(cpu, i, f, op, r);
}

/* Rounds first. */
static struct zf_dfp rounded(struct zf_bfp_op *op, const struct zf_dfp_format *f, struct zf_dfp r) {
    return zf_bfp_suppressed(op) ? r : zf_dfp_round(op, f, r);
}

static enum zf_next finish(struct zf_cpu *cpu, const struct zf_insn_call *i,
                           const struct zf_dfp_format *f, struct zf_bfp_op *op, struct zf_dfp r) {
    return deliver(cpu, i, f, op, rounded(op, f, r));
}

/* ADD, SUBTRACT */
enum zf_next zf_do_dfp_add(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, i->o.m4);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r2), b = zf_dfp_get(cpu, f, i->o.r3);
    b.sign ^= i->argument & ZF_DFP_SUBTRACT && b.kind < ZF_DFP_QNAN;
    return deliver_cc(cpu, i, f, &op, rounded(&op, f, zf_dfp_add(&op, a, b)));
}

/* MULTIPLY */
enum zf_next zf_do_dfp_multiply(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, i->o.m4);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r2), b = zf_dfp_get(cpu, f, i->o.r3);
    return finish(cpu, i, f, &op, zf_dfp_multiply(&op, a, b));
}

/* DIVIDE */
enum zf_next zf_do_dfp_divide(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, i->o.m4);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r2), b = zf_dfp_get(cpu, f, i->o.r3);
    return finish(cpu, i, f, &op, zf_dfp_divide(&op, f, a, b));
}

/* QUANTIZE: R3 with the quantum of R2 */
enum zf_next zf_do_dfp_quantize(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, i->o.m4);
    struct zf_dfp a = zf_dfp_get(cpu, f, i->o.r3), b = zf_dfp_get(cpu, f, i->o.r2);
    return deliver(cpu, i, f, &op, zf_dfp_quantize(&op, f, a, b));
}

/* REROUND: R3 to as many digits as general register R2 says */
enum zf_next zf_do_dfp_reround(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, i->o.m4);
    unsigned digits = cpu->gr[i->o.r2] & 0x3f;
    return deliver(cpu, i, f, &op, zf_dfp_reround(&op, f, digits, zf_dfp_get(cpu, f, i->o.r3)));
}

/* COMPARE, COMPARE AND SIGNAL */
enum zf_next zf_do_dfp_compare(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, 0);
    unsigned cc = zf_dfp_compare(&op, zf_dfp_get(cpu, f, i->o.r1), zf_dfp_get(cpu, f, i->o.r2),
                                 i->argument & ZF_DFP_SIGNAL);
    cpu->cc = zf_bfp_suppressed(&op) ? cpu->cc : cc;
    return zf_done(zf_bfp_end(cpu, &op));
}

/* LOAD AND TEST */
enum zf_next zf_do_dfp_load_test(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin(cpu, 0);
    struct zf_dfp a = zf_dfp_quieten(&op, zf_dfp_get(cpu, f, i->o.r2));
    return deliver_cc(cpu, i, f, &op, a);
}

/* LOAD FP INTEGER */
enum zf_next zf_do_dfp_integral(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *f = zf_dfp_format_of(i);
    struct zf_bfp_op op = begin_converting(cpu, i);
    return deliver(cpu, i, f, &op, zf_dfp_integral(&op, zf_dfp_get(cpu, f, i->o.r2)));
}

/* The operand of LOAD LENGTHENED and LOAD ROUNDED: with M4 bit 0 on, as it is. */
static struct zf_dfp loaded(struct zf_bfp_op *op, const struct zf_insn_call *i, struct zf_dfp a) {
    return i->o.m4 & 8 ? a : zf_dfp_quieten(op, a);
}

/* LOAD LENGTHENED: the argument is the target's format, the source's is the shorter one */
enum zf_next zf_do_dfp_lengthen(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *to = zf_dfp_format_of(i), *from = to - 1;
    struct zf_bfp_op op = begin(cpu, 0);
    return deliver(cpu, i, to, &op, loaded(&op, i, zf_dfp_get(cpu, from, i->o.r2)));
}

/* LOAD ROUNDED: the argument is the target's format, the source's is the longer one */
enum zf_next zf_do_dfp_narrow(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_dfp_format *to = zf_dfp_format_of(i), *from = to + 1;
    struct zf_bfp_op op = begin_converting(cpu, i);
    struct zf_dfp r = loaded(&op, i, zf_dfp_get(cpu, from, i->o.r2));
    if (!zf_bfp_suppressed(&op)) {
        r = zf_dfp_narrow(&op, to, from, r);
    }
    bool scaled = op.dxc & (ZF_IEEE_OVERFLOW | ZF_IEEE_UNDERFLOW);
    return deliver(cpu, i, scaled ? from : to, &op, r);
}

/* CONVERT FROM FIXED, CONVERT FROM LOGICAL */
enum zf_next zf_do_dfp_from_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = begin_converting(cpu, i);
    uint64_t v = cpu->gr[i->o.r2];
    bool is_signed = !(i->argument & ZF_DFP_LOGICAL);
    if (i->argument & ZF_DFP_WORD) {
        v = is_signed ? (uint64_t)(int32_t)v : (uint32_t)v;
    }
    bool negative = is_signed && v >> 63;
    struct zf_dfp a = {.sign = negative, .significand = negative ? -v : v};
    return finish(cpu, i, zf_dfp_format_of(i), &op, a);
}

/* CONVERT TO FIXED, CONVERT TO LOGICAL */
enum zf_next zf_do_dfp_to_integer(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = begin_converting(cpu, i);
    struct zf_dfp a = zf_dfp_get(cpu, zf_dfp_format_of(i), i->o.r2);
    unsigned cc, bits = i->argument & ZF_DFP_WORD ? 32 : 64;
    uint64_t v = zf_dfp_to_integer(&op, a, bits, !(i->argument & ZF_DFP_LOGICAL), &cc);
    if (!zf_bfp_suppressed(&op)) {
        cpu->cc = cc;
        if (bits == 32) {
            zf_set_low(cpu, i->o.r1, (uint32_t)v);
        } else {
            cpu->gr[i->o.r1] = v;
        }
    }
    return zf_done(zf_bfp_end(cpu, &op));
}
