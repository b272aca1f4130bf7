/*
 * The BFP instructions: operands from registers and storage, one of the operations of bfp.h, the
 * result, the condition code, the IEEE exceptions.
 *
 * Each helper's body is written for a format; FORMATS makes the functions that the rows name.
 */
#include "float/bfp.h"
#include "float/bfp_helper.h"
#include "float/register.h"
#include "translator.h"

#define SHORT_LONG(name)                                                                           \
    enum zf_next zf_do_##name##_short(struct zf_cpu *cpu, const struct zf_call *call) {            \
        return name(cpu, zf_insn_call(call), &zf_bfp_short);                                       \
    }                                                                                              \
    enum zf_next zf_do_##name##_long(struct zf_cpu *cpu, const struct zf_call *call) {             \
        return name(cpu, zf_insn_call(call), &zf_bfp_long);                                        \
    }
#define FORMATS(name)                                                                              \
    SHORT_LONG(name)                                                                               \
    enum zf_next zf_do_##name##_extended(struct zf_cpu *cpu, const struct zf_call *call) {         \
        return name(cpu, zf_insn_call(call), &zf_bfp_extended);                                    \
    }

enum { STFLE_FLOAT_EXTENSION = 37 };

/* The second operand, in storage or in R2. */
static bool second(struct zf_cpu *cpu, const struct zf_insn_call *i, const struct zf_bfp_format *f,
                   struct zf_bfp *b) {
    if (i->insn.format == ZF_FORMAT_RXE || i->insn.format == ZF_FORMAT_RXF) {
        uint64_t bits;
        if (!zf_load(cpu, zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2), f->bits / 8, &bits)) {
            return false;
        }
        *b = zf_bfp_unpack(f, bits);
    } else {
        *b = zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r2));
    }
    return true;
}

static struct zf_bfp first(const struct zf_cpu *cpu, const struct zf_insn_call *i,
                           const struct zf_bfp_format *f) {
    return zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r1));
}

/* Rounds the result into R1, then the exceptions. */
static enum zf_next finish(struct zf_cpu *cpu, const struct zf_insn_call *i,
                           const struct zf_bfp_format *f, struct zf_bfp_op *op, struct zf_bfp r) {
    zf_u128 bits = zf_bfp_suppressed(op) ? 0 : zf_bfp_pack(op, f, r);
    if (!zf_bfp_suppressed(op)) {
        zf_float_put(cpu, f->bits, i->o.r1, bits);
    }
    return zf_done(zf_bfp_end(cpu, op));
}

/* The same, and the CC of the result. */
static enum zf_next finish_cc(struct zf_cpu *cpu, const struct zf_insn_call *i,
                              const struct zf_bfp_format *f, struct zf_bfp_op *op,
                              struct zf_bfp r) {
    if (zf_bfp_suppressed(op)) {
        return zf_done(zf_bfp_end(cpu, op));
    }
    zf_u128 bits = zf_bfp_pack(op, f, r);
    zf_float_put(cpu, f->bits, i->o.r1, bits);
    cpu->cc = zf_bfp_cc(zf_bfp_unpack(f, bits));
    return zf_done(zf_bfp_end(cpu, op));
}

static enum zf_next bfp_add(struct zf_cpu *cpu, const struct zf_insn_call *i,
                            const struct zf_bfp_format *f) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, f, &b) ? finish_cc(cpu, i, f, &op, zf_bfp_add(&op, first(cpu, i, f), b))
                                 : ZF_NEXT_PGM;
}
FORMATS(bfp_add)

/* The negative of a second operand; of a NaN the sign stays. */
static struct zf_bfp subtrahend(struct zf_bfp b) {
    b.sign ^= b.kind < ZF_BFP_QNAN;
    return b;
}

static enum zf_next bfp_subtract(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 const struct zf_bfp_format *f) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    if (!second(cpu, i, f, &b)) {
        return ZF_NEXT_PGM;
    }
    return finish_cc(cpu, i, f, &op, zf_bfp_add(&op, first(cpu, i, f), subtrahend(b)));
}
FORMATS(bfp_subtract)

static enum zf_next multiply(struct zf_cpu *cpu, const struct zf_insn_call *i,
                             const struct zf_bfp_format *from, const struct zf_bfp_format *to) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, from, &b)
               ? finish(cpu, i, to, &op, zf_bfp_multiply(&op, first(cpu, i, from), b))
               : ZF_NEXT_PGM;
}

static enum zf_next bfp_multiply(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 const struct zf_bfp_format *f) {
    return multiply(cpu, i, f, f);
}
FORMATS(bfp_multiply)

/* MDEB, MDEBR */
enum zf_next zf_do_bfp_multiply_short_to_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, zf_insn_call(call), &zf_bfp_short, &zf_bfp_long);
}

/* MXDB, MXDBR */
enum zf_next zf_do_bfp_multiply_long_to_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return multiply(cpu, zf_insn_call(call), &zf_bfp_long, &zf_bfp_extended);
}

static enum zf_next bfp_divide(struct zf_cpu *cpu, const struct zf_insn_call *i,
                               const struct zf_bfp_format *f) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, f, &b) ? finish(cpu, i, f, &op, zf_bfp_divide(&op, first(cpu, i, f), b))
                                 : ZF_NEXT_PGM;
}
FORMATS(bfp_divide)

static enum zf_next bfp_square_root(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                    const struct zf_bfp_format *f) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, f, &b) ? finish(cpu, i, f, &op, zf_bfp_square_root(&op, b)) : ZF_NEXT_PGM;
}
FORMATS(bfp_square_root)

/* R1 <- R3 * second + R1 */
static enum zf_next multiply_add(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 const struct zf_bfp_format *f, bool subtract) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b, addend = first(cpu, i, f);
    if (!second(cpu, i, f, &b)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp third = zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r3));
    addend = subtract ? subtrahend(addend) : addend;
    return finish(cpu, i, f, &op, zf_bfp_multiply_add(&op, third, b, addend));
}

static enum zf_next bfp_multiply_add(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                     const struct zf_bfp_format *f) {
    return multiply_add(cpu, i, f, false);
}
SHORT_LONG(bfp_multiply_add)

static enum zf_next bfp_multiply_subtract(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                          const struct zf_bfp_format *f) {
    return multiply_add(cpu, i, f, true);
}
SHORT_LONG(bfp_multiply_subtract)

static enum zf_next compare(struct zf_cpu *cpu, const struct zf_insn_call *i,
                            const struct zf_bfp_format *f, bool signaling) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    if (!second(cpu, i, f, &b)) {
        return ZF_NEXT_PGM;
    }
    unsigned cc = zf_bfp_compare(&op, first(cpu, i, f), b, signaling);
    cpu->cc = zf_bfp_suppressed(&op) ? cpu->cc : cc;
    return zf_done(zf_bfp_end(cpu, &op));
}

static enum zf_next bfp_compare(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                const struct zf_bfp_format *f) {
    return compare(cpu, i, f, false);
}
FORMATS(bfp_compare)

static enum zf_next bfp_compare_signal(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                       const struct zf_bfp_format *f) {
    return compare(cpu, i, f, true);
}
FORMATS(bfp_compare_signal)

static enum zf_next bfp_load_test(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                  const struct zf_bfp_format *f) {
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp a = zf_bfp_quieten(&op, zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r2)));
    if (!zf_bfp_suppressed(&op)) {
        zf_float_put(cpu, f->bits, i->o.r1, zf_bfp_encode(f, a));
        cpu->cc = zf_bfp_cc(a);
    }
    return zf_done(zf_bfp_end(cpu, &op));
}
FORMATS(bfp_load_test)

/* LOAD COMPLEMENT, NEGATIVE, POSITIVE: the sign of any number, NaNs without exceptions. The other
 * formats have ops. */
static enum zf_next load_signed(struct zf_cpu *cpu, const struct zf_call *call, bool keep,
                                bool invert) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_bfp_format *f = &zf_bfp_extended;
    zf_u128 bits = zf_float_get(cpu, f->bits, i->o.r2), sign = (zf_u128)1 << 127;
    bits = (keep ? bits : bits & ~sign) ^ (invert ? sign : 0);
    zf_float_put(cpu, f->bits, i->o.r1, bits);
    cpu->cc = zf_bfp_cc(zf_bfp_unpack(f, bits));
    return ZF_NEXT;
}

enum zf_next zf_do_bfp_load_complement_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return load_signed(cpu, call, true, true);
}

enum zf_next zf_do_bfp_load_negative_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return load_signed(cpu, call, false, true);
}

enum zf_next zf_do_bfp_load_positive_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return load_signed(cpu, call, false, false);
}

static enum zf_next lengthen(struct zf_cpu *cpu, const struct zf_call *call,
                             const struct zf_bfp_format *from, const struct zf_bfp_format *to) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op = zf_bfp_begin(cpu);
    struct zf_bfp b;
    return second(cpu, i, from, &b) ? finish(cpu, i, to, &op, zf_bfp_quieten(&op, b)) : ZF_NEXT_PGM;
}

/* LDEB, LDEBR */
enum zf_next zf_do_bfp_short_to_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return lengthen(cpu, call, &zf_bfp_short, &zf_bfp_long);
}

/* LXDB, LXDBR */
enum zf_next zf_do_bfp_long_to_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return lengthen(cpu, call, &zf_bfp_long, &zf_bfp_extended);
}

/* LXEB, LXEBR */
enum zf_next zf_do_bfp_short_to_extended(struct zf_cpu *cpu, const struct zf_call *call) {
    return lengthen(cpu, call, &zf_bfp_short, &zf_bfp_extended);
}

/* Rounding method M3 and inexact suppression M4; false when M3 is reserved. */
static bool modifiers(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_bfp_op *op) {
    bool extension = zf_gate_has_facility(&zf_cpu_facilities(cpu)->gate, STFLE_FLOAT_EXTENSION);
    *op = zf_bfp_begin(cpu);
    op->suppress_inexact = i->o.m4 & 4;
    return zf_bfp_method(op, i->o.m3, extension) || zf_pgm(cpu, ZF_PGM_SPECIFICATION);
}

static enum zf_next narrow(struct zf_cpu *cpu, const struct zf_call *call,
                           const struct zf_bfp_format *from, const struct zf_bfp_format *to) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_bfp_op op;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp b =
        zf_bfp_quieten(&op, zf_bfp_unpack(from, zf_float_get(cpu, from->bits, i->o.r2)));
    if (!zf_bfp_suppressed(&op)) {
        zf_u128 bits = zf_bfp_narrow(&op, to, from, b);
        bool scaled = op.dxc & (ZF_IEEE_OVERFLOW | ZF_IEEE_UNDERFLOW);
        zf_float_put(cpu, (scaled ? from : to)->bits, i->o.r1, bits);
    }
    return zf_done(zf_bfp_end(cpu, &op));
}

/* LEDBR */
enum zf_next zf_do_bfp_long_to_short(struct zf_cpu *cpu, const struct zf_call *call) {
    return narrow(cpu, call, &zf_bfp_long, &zf_bfp_short);
}

/* LDXBR */
enum zf_next zf_do_bfp_extended_to_long(struct zf_cpu *cpu, const struct zf_call *call) {
    return narrow(cpu, call, &zf_bfp_extended, &zf_bfp_long);
}

/* LEXBR */
enum zf_next zf_do_bfp_extended_to_short(struct zf_cpu *cpu, const struct zf_call *call) {
    return narrow(cpu, call, &zf_bfp_extended, &zf_bfp_short);
}

static enum zf_next bfp_integral(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 const struct zf_bfp_format *f) {
    struct zf_bfp_op op;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    struct zf_bfp b = zf_bfp_integral(&op, zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r2)));
    if (!zf_bfp_suppressed(&op)) {
        zf_float_put(cpu, f->bits, i->o.r1, zf_bfp_encode(f, b));
    }
    return zf_done(zf_bfp_end(cpu, &op));
}
FORMATS(bfp_integral)

static enum zf_next from_integer(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 const struct zf_bfp_format *f, uint64_t magnitude, bool negative) {
    struct zf_bfp_op op;
    return modifiers(cpu, i, &op) ? finish(cpu, i, f, &op, zf_bfp_from_integer(magnitude, negative))
                                  : ZF_NEXT_PGM;
}

static enum zf_next bfp_from_32(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                const struct zf_bfp_format *f) {
    int64_t v = (int32_t)zf_low(cpu, i->o.r2);
    return from_integer(cpu, i, f, (uint64_t)(v < 0 ? -v : v), v < 0);
}
FORMATS(bfp_from_32)

static enum zf_next bfp_from_64(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                const struct zf_bfp_format *f) {
    uint64_t v = cpu->gr[i->o.r2];
    bool negative = v >> 63;
    return from_integer(cpu, i, f, negative ? -v : v, negative);
}
FORMATS(bfp_from_64)

static enum zf_next bfp_from_logical_32(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                        const struct zf_bfp_format *f) {
    return from_integer(cpu, i, f, zf_low(cpu, i->o.r2), false);
}
FORMATS(bfp_from_logical_32)

static enum zf_next bfp_from_logical_64(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                        const struct zf_bfp_format *f) {
    return from_integer(cpu, i, f, cpu->gr[i->o.r2], false);
}
FORMATS(bfp_from_logical_64)

static enum zf_next to_integer(struct zf_cpu *cpu, const struct zf_insn_call *i,
                               const struct zf_bfp_format *f, unsigned bits, bool is_signed) {
    struct zf_bfp_op op;
    if (!modifiers(cpu, i, &op)) {
        return ZF_NEXT_PGM;
    }
    unsigned cc;
    uint64_t v = zf_bfp_to_integer(&op, zf_bfp_unpack(f, zf_float_get(cpu, f->bits, i->o.r2)), bits,
                                   is_signed, &cc);
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

static enum zf_next bfp_to_32(struct zf_cpu *cpu, const struct zf_insn_call *i,
                              const struct zf_bfp_format *f) {
    return to_integer(cpu, i, f, 32, true);
}
FORMATS(bfp_to_32)

static enum zf_next bfp_to_64(struct zf_cpu *cpu, const struct zf_insn_call *i,
                              const struct zf_bfp_format *f) {
    return to_integer(cpu, i, f, 64, true);
}
FORMATS(bfp_to_64)

static enum zf_next bfp_to_logical_32(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                      const struct zf_bfp_format *f) {
    return to_integer(cpu, i, f, 32, false);
}
FORMATS(bfp_to_logical_32)

static enum zf_next bfp_to_logical_64(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                      const struct zf_bfp_format *f) {
    return to_integer(cpu, i, f, 64, false);
}
FORMATS(bfp_to_logical_64)

static enum zf_next bfp_test_class(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                   const struct zf_bfp_format *f) {
    unsigned mask = (unsigned)zf_eax(cpu, i->o.x2, i->o.b2, i->o.d2) & 0xfff;
    cpu->cc = (zf_bfp_class(f, zf_float_get(cpu, f->bits, i->o.r1)) & mask) != 0;
    return ZF_NEXT;
}
FORMATS(bfp_test_class)
