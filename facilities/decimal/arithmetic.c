/*
 * Decimal arithmetic on packed numbers in storage. Operands are checked before anything is stored;
 * an overflow stores the low digits, then sets CC 3 and interrupts where the program mask asks.
 */
#include "decimal/argument.h"
#include "decimal/packed.h"

struct decimal_operands {
    uint64_t to, from;
    unsigned to_length, from_length;
};

static struct decimal_operands operands_of(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    return (struct decimal_operands){
        .to = zf_ea(cpu, i->o.b1, i->o.d1),
        .from = zf_ea(cpu, i->o.b2, i->o.d2),
        .to_length = i->o.l1 + 1u,
        .from_length = i->o.l2 + 1u,
    };
}

/* Stores a result with its CC. A zero is positive, unless digits were lost. */
static enum zf_next store_result(struct zf_cpu *cpu, uint64_t to, unsigned length,
                                 struct zf_packed value, bool lost) {
    uint8_t bytes[ZF_PACKED_BYTES];
    lost |= value.magnitude >= zf_power_of_ten(2 * length - 1);
    bool negative = value.negative && (value.magnitude || lost);
    zf_packed_encode(bytes, length, value.magnitude, negative);
    if (!zf_store_bytes(cpu, to, bytes, length)) {
        return ZF_NEXT_PGM;
    }
    if (lost) {
        cpu->cc = 3;
        return cpu->psw.mask & ZF_PSW_PM_DECIMAL_OVERFLOW ? zf_raise(cpu, ZF_PGM_DECIMAL_OVERFLOW)
                                                          : ZF_NEXT;
    }
    cpu->cc = !value.magnitude ? 0 : negative ? 1 : 2;
    return ZF_NEXT;
}

static bool load_first(struct zf_cpu *cpu, const struct decimal_operands *o,
                       struct zf_packed *value) {
    uint8_t bytes[ZF_PACKED_BYTES];
    if (!zf_load_first(cpu, o->to, bytes, o->to_length)) {
        return false;
    }
    return zf_packed_decode(bytes, o->to_length, value) || zf_pgm_data(cpu, ZF_DXC_DECIMAL);
}

/* Both operands of an instruction that changes the first. */
static bool load_both(struct zf_cpu *cpu, const struct decimal_operands *o, struct zf_packed *a,
                      struct zf_packed *b) {
    return zf_probe(cpu, o->to, o->to_length, ZF_ACCESS_WRITE) &&
           zf_packed_load(cpu, o->from, o->from_length, b) && load_first(cpu, o, a);
}

/* ADD DECIMAL, SUBTRACT DECIMAL */
enum zf_next zf_do_ap(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct decimal_operands o = operands_of(cpu, i);
    struct zf_packed a, b;
    if (!load_both(cpu, &o, &a, &b)) {
        return ZF_NEXT_PGM;
    }
    b.negative ^= i->argument == ZF_PACKED_SUBTRACT;
    return store_result(cpu, o.to, o.to_length, zf_packed_sum(a, b), false);
}

/* ZERO AND ADD: the first operand need not be valid */
enum zf_next zf_do_zap(struct zf_cpu *cpu, const struct zf_call *call) {
    struct decimal_operands o = operands_of(cpu, zf_insn_call(call));
    struct zf_packed value;
    if (!zf_probe(cpu, o.to, o.to_length, ZF_ACCESS_WRITE) ||
        !zf_packed_load(cpu, o.from, o.from_length, &value)) {
        return ZF_NEXT_PGM;
    }
    return store_result(cpu, o.to, o.to_length, value, false);
}

/* COMPARE DECIMAL: zeros of either sign are equal */
enum zf_next zf_do_cp(struct zf_cpu *cpu, const struct zf_call *call) {
    struct decimal_operands o = operands_of(cpu, zf_insn_call(call));
    struct zf_packed a, b;
    if (!zf_packed_load(cpu, o.from, o.from_length, &b) || !load_first(cpu, &o, &a)) {
        return ZF_NEXT_PGM;
    }
    b.negative = !b.negative;
    struct zf_packed difference = zf_packed_sum(a, b);
    cpu->cc = !difference.magnitude ? 0 : difference.negative ? 1 : 2;
    return ZF_NEXT;
}

/* Of MP and DP: the second operand has at most 15 digits and is shorter than the first. */
static enum zf_next load_multiplier(struct zf_cpu *cpu, const struct decimal_operands *o,
                                    struct zf_packed *a, struct zf_packed *b) {
    if (o->from_length > 8 || o->from_length >= o->to_length) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_done(load_both(cpu, o, a, b));
}

/* MULTIPLY DECIMAL: the first operand begins with as many zero bytes as the second has bytes */
enum zf_next zf_do_mp(struct zf_cpu *cpu, const struct zf_call *call) {
    struct decimal_operands o = operands_of(cpu, zf_insn_call(call));
    struct zf_packed a, b;
    uint8_t bytes[ZF_PACKED_BYTES];
    if (load_multiplier(cpu, &o, &a, &b) != ZF_NEXT) {
        return ZF_NEXT_PGM;
    }
    if (a.magnitude >= zf_power_of_ten(2 * (o.to_length - o.from_length) - 1)) {
        zf_pgm_data(cpu, ZF_DXC_DECIMAL);
        return ZF_NEXT_PGM;
    }
    zf_packed_encode(bytes, o.to_length, a.magnitude * b.magnitude, a.negative != b.negative);
    return zf_done(zf_store_bytes(cpu, o.to, bytes, o.to_length));
}

/* DIVIDE DECIMAL: quotient, then a remainder as long as the divisor; signs hold for zeros too */
enum zf_next zf_do_dp(struct zf_cpu *cpu, const struct zf_call *call) {
    struct decimal_operands o = operands_of(cpu, zf_insn_call(call));
    struct zf_packed a, b;
    uint8_t bytes[ZF_PACKED_BYTES];
    if (load_multiplier(cpu, &o, &a, &b) != ZF_NEXT) {
        return ZF_NEXT_PGM;
    }
    unsigned quotient_length = o.to_length - o.from_length;
    if (!b.magnitude || a.magnitude / b.magnitude >= zf_power_of_ten(2 * quotient_length - 1)) {
        return zf_raise(cpu, ZF_PGM_DECIMAL_DIVIDE);
    }
    zf_packed_encode(bytes, quotient_length, a.magnitude / b.magnitude, a.negative != b.negative);
    zf_packed_encode(bytes + quotient_length, o.from_length, a.magnitude % b.magnitude, a.negative);
    return zf_done(zf_store_bytes(cpu, o.to, bytes, o.to_length));
}

/* SHIFT AND ROUND DECIMAL: bits 58-63 of the second address, negative to the right */
enum zf_next zf_do_srp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct decimal_operands o = operands_of(cpu, i);
    unsigned rounding = (unsigned)i->o.i3, amount = (unsigned)o.from & 63;
    struct zf_packed value;
    bool lost = false;
    if (!zf_probe(cpu, o.to, o.to_length, ZF_ACCESS_WRITE) ||
        !zf_packed_load(cpu, o.to, o.to_length, &value)) {
        return ZF_NEXT_PGM;
    }
    if (rounding > 9) {
        zf_pgm_data(cpu, ZF_DXC_DECIMAL);
        return ZF_NEXT_PGM;
    }
    if (amount >= 32) {
        amount = 64 - amount;
        value.magnitude = amount > ZF_PACKED_DIGITS
                              ? 0
                              : (value.magnitude / zf_power_of_ten(amount - 1) + rounding) / 10;
    } else {
        unsigned digits = 2 * o.to_length - 1;
        unsigned kept = amount < digits ? digits - amount : 0;
        lost = value.magnitude >= zf_power_of_ten(kept);
        value.magnitude =
            value.magnitude % zf_power_of_ten(kept) * zf_power_of_ten(kept ? amount : 0);
    }
    return store_result(cpu, o.to, o.to_length, value, lost);
}

/* TEST DECIMAL: CC 1 the sign is invalid, 2 a digit, 3 both */
enum zf_next zf_do_tp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t bytes[ZF_PACKED_BYTES];
    unsigned length = i->o.l1 + 1u;
    uint32_t cc = 0;
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b1, i->o.d1), bytes, length)) {
        return ZF_NEXT_PGM;
    }
    if (!zf_sign_valid(bytes[length - 1] & 0xf)) {
        cc |= 1;
    }
    for (unsigned k = 0; k < length; k++) {
        if (bytes[k] >> 4 > 9 || (k + 1 < length && (bytes[k] & 0xf) > 9)) {
            cc |= 2;
        }
    }
    cpu->cc = cc;
    return ZF_NEXT;
}
