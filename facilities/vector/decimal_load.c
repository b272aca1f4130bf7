/*
 * Loads and stores of the rightmost bytes of a vector register, and the decimal immediate.
 */
#include "vector/decimal.h"

enum { BYTES = 16 };

static enum zf_next load(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned length) {
    uint8_t bytes[BYTES] = {0};
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes + BYTES - length, length)) {
        return ZF_NEXT_PGM;
    }
    zf_vr_from_storage(&cpu->vr[i->o.v1], bytes);
    return ZF_NEXT;
}

static enum zf_next store(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned length) {
    uint8_t bytes[BYTES];
    zf_vr_to_storage(&cpu->vr[i->o.v1], bytes);
    return zf_done(
        zf_store_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes + BYTES - length, length));
}

/* The length in the immediate or, taken as at most 16, in R3. */
static enum zf_next with_length(struct zf_cpu *cpu, const struct zf_insn_call *i, bool stores) {
    uint64_t code = (uint64_t)i->o.i3;
    if (zf_insn_format(&i->insn) == ZF_FORMAT_VRS_d) {
        code = zf_low(cpu, i->o.r3);
        code = code < BYTES ? code : BYTES - 1;
    } else if (code >= BYTES) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return (stores ? store : load)(cpu, i, (unsigned)code + 1);
}

/* VECTOR LOAD RIGHTMOST WITH LENGTH */
enum zf_next zf_do_vector_load_rightmost(struct zf_cpu *cpu, const struct zf_call *call) {
    return with_length(cpu, zf_insn_call(call), false);
}

/* VECTOR STORE RIGHTMOST WITH LENGTH */
enum zf_next zf_do_vector_store_rightmost(struct zf_cpu *cpu, const struct zf_call *call) {
    return with_length(cpu, zf_insn_call(call), true);
}

/* VECTOR LOAD IMMEDIATE DECIMAL: four digits, shifted left by up to seven */
enum zf_next zf_do_vlip(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { NEGATIVE = 8, SHIFT = 7 };
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t digits = (uint64_t)i->o.i2 & 0xffff;
    if (!zf_digits_valid(digits)) {
        return zf_decimal_data_exception(cpu);
    }
    unsigned sign = i->o.i3 & NEGATIVE ? ZF_SIGN_MINUS : ZF_SIGN_PLUS;
    zf_vr_set(cpu, i->o.v1, (zf_u128)digits << (4 * (i->o.i3 & SHIFT) + 4) | sign);
    return ZF_NEXT;
}
