/*
 * Characters under mask: insert, store, compare. The mask picks bytes of the low or the high half
 * of R1, from left to right; storage holds them side by side.
 */
#include "general/argument.h"
#include "translator.h"

/* The bits of a word that the mask picks. */
static uint32_t picked_bits(unsigned mask) {
    uint32_t bits = 0;
    for (unsigned i = 0; i < 4; i++) {
        bits |= mask & (8 >> i) ? UINT32_C(0xff000000) >> 8 * i : 0;
    }
    return bits;
}

/* The picked bytes of `word`, side by side at the left of the result. */
static uint32_t gather(uint32_t word, unsigned mask) {
    uint32_t value = 0;
    unsigned shift = 24;
    for (unsigned i = 0; i < 4; i++) {
        if (mask & (8 >> i)) {
            value |= (word >> (24 - 8 * i) & 0xff) << shift;
            shift -= 8;
        }
    }
    return value;
}

static uint32_t scatter(const uint8_t *bytes, unsigned mask) {
    uint32_t word = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (mask & (8 >> i)) {
            word |= (uint32_t)*bytes++ << (24 - 8 * i);
        }
    }
    return word;
}

static bool is_high(const struct zf_insn_call *i) {
    return i->argument & ZF_MASK_HIGH;
}

static uint32_t half(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    return is_high(i) ? zf_high(cpu, i->o.r1) : zf_low(cpu, i->o.r1);
}

/* A mask of zero: one byte is accessed all the same. */
static size_t storage_length(unsigned mask) {
    return mask ? (size_t)__builtin_popcount(mask) : 1;
}

/* ICM, ICMY, ICMH. CC: all zero or no mask; leftmost bit one; leftmost bit zero. */
enum zf_next zf_do_icm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned mask = i->o.m3;
    uint8_t bytes[4] = {0};
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes, storage_length(mask))) {
        return ZF_NEXT_PGM;
    }
    uint32_t bits = picked_bits(mask);
    uint32_t inserted = scatter(bytes, mask);
    uint32_t value = (half(cpu, i) & ~bits) | inserted;
    if (is_high(i)) {
        zf_set_high(cpu, i->o.r1, value);
    } else {
        zf_set_low(cpu, i->o.r1, value);
    }
    cpu->cc = inserted == 0 ? 0 : bytes[0] & 0x80 ? 1 : 2;
    return ZF_NEXT;
}

/* STCM, STCMY, STCMH */
enum zf_next zf_do_stcm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned mask = i->o.m3;
    uint8_t bytes[4];
    if (!mask) {
        return ZF_NEXT;
    }
    zf_put32(bytes, gather(half(cpu, i), mask));
    return zf_done(zf_store_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes, storage_length(mask)));
}

/* CLM, CLMY, CLMH */
enum zf_next zf_do_clm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned mask = i->o.m3;
    uint8_t bytes[4] = {0};
    if (!zf_load_bytes(cpu, zf_ea(cpu, i->o.b2, i->o.d2), bytes, storage_length(mask))) {
        return ZF_NEXT_PGM;
    }
    uint32_t first = gather(half(cpu, i), mask);
    uint32_t second = mask ? zf_get32(bytes) : 0;
    cpu->cc = first == second ? 0 : first < second ? 1 : 2;
    return ZF_NEXT;
}

/* CLM, CLMY: a word, halfword or byte at the right is a plain compare */
void zf_tr_clm(const struct zf_tr *t) {
    enum zf_op op = t->o->m3 == 15 ? ZF_OP_cl : t->o->m3 == 3 ? ZF_OP_clm16 : ZF_OP_clm8;
    if (t->o->m3 == 15 || t->o->m3 == 3 || t->o->m3 == 1) {
        zf_emit_memx(t->block, op, ZF_REG(t->o->r1), 0, t->o->b2, t->o->d2);
    } else {
        zf_tr_call(t, t->helper);
    }
}

/* ICM, ICMY: the whole word is a load and test */
void zf_tr_icm(const struct zf_tr *t) {
    if (t->o->m3 == 15) {
        zf_emit_memx(t->block, ZF_OP_lt, ZF_REG(t->o->r1), 0, t->o->b2, t->o->d2);
    } else {
        zf_tr_call(t, t->helper);
    }
}

/* STCM, STCMY: a word, halfword or byte at the right is a plain store */
void zf_tr_stcm(const struct zf_tr *t) {
    enum zf_op op = t->o->m3 == 15 ? ZF_OP_st : t->o->m3 == 3 ? ZF_OP_sth : ZF_OP_stc;
    if (t->o->m3 == 15 || t->o->m3 == 3 || t->o->m3 == 1) {
        zf_emit_mem(t->block, op, ZF_REG(t->o->r1), 0, t->o->b2, t->o->d2);
    } else {
        zf_tr_call(t, t->helper);
    }
}
