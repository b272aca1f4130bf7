/*
 * Access registers as data, LOAD ADDRESS EXTENDED, and loads of several registers that are no op.
 */
#include "translator.h"

static unsigned count_of(const struct zf_operands *o) {
    return ((o->r3 - o->r1) & 15u) + 1;
}

/* LAM, LAMY */
enum zf_next zf_do_lam(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_ea(cpu, o->b2, o->d2);
    uint8_t bytes[64];
    if (address & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_bytes(cpu, address, bytes, 4 * count_of(o))) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = 0; n < count_of(o); n++) {
        cpu->ar[(o->r1 + n) & 15] = zf_get32(bytes + 4 * n);
    }
    return ZF_NEXT;
}

/* STAM, STAMY */
enum zf_next zf_do_stam(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_ea(cpu, o->b2, o->d2);
    uint8_t bytes[64];
    if (address & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (unsigned n = 0; n < count_of(o); n++) {
        zf_put32(bytes + 4 * n, cpu->ar[(o->r1 + n) & 15]);
    }
    return zf_done(zf_store_bytes(cpu, address, bytes, 4 * count_of(o)));
}

/* CPYA */
enum zf_next zf_do_cpya(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    cpu->ar[o->r1] = cpu->ar[o->r2];
    return ZF_NEXT;
}

/* EAR */
void zf_tr_ear(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, ZF_REG(t->o->r1), t->o->r2, 0);
}

/* SAR */
enum zf_next zf_do_sar(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    cpu->ar[o->r1] = zf_low(cpu, o->r2);
    return ZF_NEXT;
}

/* LAE, LAEY: the access register gets what the address-space control of the PSW selects */
enum zf_next zf_do_lae(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t address = zf_eax(cpu, o->x2, o->b2, o->d2);
    switch (cpu->psw.mask & ZF_PSW_AS) {
    case ZF_PSW_AS_PRIMARY:
        cpu->ar[o->r1] = 0;
        break;
    case ZF_PSW_AS_AR:
        cpu->ar[o->r1] = o->b2 ? cpu->ar[o->b2] : 0;
        break;
    case ZF_PSW_AS_SECONDARY:
        cpu->ar[o->r1] = 1;
        break;
    default:
        cpu->ar[o->r1] = 2;
    }
    zf_gr_set_address(cpu, o->r1, address);
    return ZF_NEXT;
}

/* LMD: high halves from the second operand, low halves from the fourth */
enum zf_next zf_do_lmd(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint8_t high[64], low[64];
    unsigned count = count_of(o);
    if (!zf_load_by(cpu, o->b2, zf_ea(cpu, o->b2, o->d2), high, 4 * count) ||
        !zf_load_by(cpu, o->b4, zf_ea(cpu, o->b4, o->d4), low, 4 * count)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned n = 0; n < count; n++) {
        cpu->gr[(o->r1 + n) & 15] = (uint64_t)zf_get32(high + 4 * n) << 32 | zf_get32(low + 4 * n);
    }
    return ZF_NEXT;
}
