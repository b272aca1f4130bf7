/*
 * Bit counts, bit deposit and extract, indexed addresses.
 */
#include "general/argument.h"
#include "translator.h"

/* POPCNT: of the whole register when bit 0 of M3 says so, else of each byte */
void zf_tr_popcnt(const struct zf_tr *t) {
    enum zf_op op = t->o->m3 & 8 ? ZF_OP_popcnt64 : ZF_OP_popcnt8;
    zf_emit_rrr(t->block, op, ZF_REG(t->o->r1), ZF_REG(t->o->r2), 0);
}

/*
 * BDEPG, BEXTG: the third operand's ones say where bits go to, or come from. Bits are taken from
 * the left, and gathered at the left.
 */
enum zf_next zf_do_bit_deposit(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t source = cpu->gr[o->r2], result = 0;
    for (uint64_t mask = cpu->gr[o->r3]; mask; source <<= 1) {
        uint64_t bit = ZF_BIT64(__builtin_clzll(mask));
        result |= source & ZF_BIT64(0) ? bit : 0;
        mask &= ~bit;
    }
    cpu->gr[o->r1] = result;
    return ZF_NEXT;
}

enum zf_next zf_do_bit_extract(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t source = cpu->gr[o->r2], result = 0, to = ZF_BIT64(0);
    for (uint64_t mask = cpu->gr[o->r3]; mask; to >>= 1) {
        uint64_t bit = ZF_BIT64(__builtin_clzll(mask));
        result |= source & bit ? to : 0;
        mask &= ~bit;
    }
    cpu->gr[o->r1] = result;
    return ZF_NEXT;
}

/*
 * LXAB to LLXAQ: base plus the scaled 32-bit sum of index and displacement, 64 bits in every
 * addressing mode.
 */
enum zf_next zf_do_load_indexed_address(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    uint32_t index = (o->x2 ? zf_low(cpu, o->x2) : 0) + (uint32_t)o->d2;
    uint64_t wide = i->argument & ZF_INDEX_LOGICAL ? index : (uint64_t)(int64_t)(int32_t)index;
    cpu->gr[o->r1] = (o->b2 ? cpu->gr[o->b2] : 0) + (wide << (i->argument & ZF_INDEX_SHIFT));
    return ZF_NEXT;
}
