/*
 * PROGRAM RETURN: registers, authority and PSW come from the current state entry of the linkage
 * stack.
 */
#include "control/stack.h"
#include "control/trace.h"

/* General and access registers 2 to 14, and the PSW, whose R bit stays. */
static bool restore_registers(struct zf_cpu *cpu, const struct zf_stack_entry *entry,
                              struct zf_linkage *l) {
    uint8_t gr[16 * 8], ar[16 * 4], left[8], right[8];
    if (!zf_stack_get(cpu, entry, ZF_STATE_GR, gr, sizeof gr) ||
        !zf_stack_get(cpu, entry, ZF_STATE_PSW, left, sizeof left) ||
        !zf_stack_get(cpu, entry, ZF_STATE_ADDRESS, right, sizeof right) ||
        !zf_stack_get(cpu, entry, ZF_STATE_AR, ar, sizeof ar)) {
        return false;
    }
    for (unsigned r = 2; r <= 14; r++) {
        l->gr[r] = zf_get64(gr + 8 * r);
        l->ar[r] = zf_get32(ar + 4 * r);
    }
    l->mask = (zf_get64(left) & ~ZF_PSW_PER) | (l->mask & ZF_PSW_PER);
    l->address = zf_get64(right);
    return true;
}

/* What a program-call entry has beside that: key mask, ASNs, EAX, and instance numbers. */
static bool restore_authority(struct zf_cpu *cpu, const struct zf_stack_entry *entry,
                              struct zf_linkage *l) {
    uint8_t authority[8], instance[8];
    if (!zf_stack_get(cpu, entry, ZF_STATE_AUTHORITY, authority, sizeof authority) ||
        !zf_stack_get(cpu, entry, ZF_STATE_INSTANCE, instance, sizeof instance)) {
        return false;
    }
    zf_set_field(&l->cr[3], UINT32_MAX, zf_get32(authority));
    zf_set_field(&l->cr[8], ZF_CR_MIDDLE, (uint64_t)zf_get16(authority + 4) << 16);
    zf_set_field(&l->cr[4], ZF_CR_RIGHT, zf_get16(authority + 6));
    if (zf_asn_reuse(cpu)) {
        zf_set_field(&l->cr[3], ZF_CR_LEFT, (uint64_t)zf_get32(instance) << 32);
        zf_set_field(&l->cr[4], ZF_CR_LEFT, (uint64_t)zf_get32(instance + 4) << 32);
    }
    return true;
}

/* The entry of an ASN, whose instance number must be that of the state entry. */
static bool find_space(struct zf_cpu *cpu, uint64_t control, unsigned which, struct zf_aste *aste) {
    if (!(cpu->cr[14] & ZF_CR14_ASN_TRANSLATION)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_asn_translate(cpu, (uint16_t)control, aste)) {
        return false;
    }
    if (zf_asn_reuse(cpu) && aste->word[ZF_ASTE_INSTANCE] != control >> 32) {
        cpu->pgm.access_id = (uint8_t)which;
        return zf_pgm(cpu, ZF_PGM_ASTE_INSTANCE);
    }
    return true;
}

static bool restore_primary(struct zf_cpu *cpu, struct zf_linkage *l) {
    struct zf_aste aste;
    if (zf_primary_asn(l->cr) == zf_primary_asn(cpu->cr)) {
        return true;
    }
    if (!find_space(cpu, l->cr[4], ZF_INSTANCE_PRIMARY, &aste) ||
        !zf_subspace_asce(cpu, &aste, &l->cr[1])) {
        return false;
    }
    zf_set_field(&l->cr[4], ZF_CR_MIDDLE, aste.word[ZF_ASTE_AX]);
    zf_set_field(&l->cr[5], UINT32_MAX, aste.origin);
    l->switches = true;
    return true;
}

static bool restore_secondary(struct zf_cpu *cpu, struct zf_linkage *l) {
    struct zf_aste aste;
    uint16_t asn = zf_secondary_asn(l->cr);
    if (asn == zf_primary_asn(l->cr)) {
        l->cr[7] = l->cr[1];
        return true;
    }
    if (!find_space(cpu, l->cr[3], ZF_INSTANCE_SECONDARY, &aste)) {
        return false;
    }
    if (!zf_asn_authorized(cpu, (uint16_t)(l->cr[4] >> 16), &aste, ZF_AUTHORITY_SECONDARY)) {
        if (!cpu->pgm.code) {
            cpu->pgm.address = asn;
            zf_pgm(cpu, ZF_PGM_SECONDARY_AUTHORITY);
        }
        return false;
    }
    return zf_subspace_asce(cpu, &aste, &l->cr[7]);
}

/* Mode tracing: the PSW after the instruction is the one that is left. */
static bool trace_mode(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_linkage *l) {
    struct zf_linkage left;
    zf_linkage_begin(cpu, i, &left);
    left.cr[12] = l->cr[12];
    bool ok = zf_trace_mode(cpu, &left, l->mask & ZF_PSW_EA);
    l->cr[12] = left.cr[12];
    return ok;
}

static bool trace_call_return(struct zf_cpu *cpu, const struct zf_insn_call *i,
                              struct zf_linkage *l) {
    return cpu->cr[12] & ZF_CR12_ASN_TRACE ? zf_trace_return(cpu, l, i->next)
                                           : trace_mode(cpu, i, l);
}

/* PR */
enum zf_next zf_do_pr(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_stack_entry entry;
    struct zf_linkage l;
    struct zf_range before;
    if (!(cpu->psw.mask & ZF_PSW_DAT) || cpu->psw.mask & ZF_PSW_AS_SECONDARY) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    if (!zf_stack_locate(cpu, true, &entry) || !restore_registers(cpu, &entry, &l) ||
        !zf_stack_before(cpu, &entry, &before)) {
        return ZF_NEXT_PGM;
    }
    bool ok = entry.type == ZF_STACK_CALL
                  ? restore_authority(cpu, &entry, &l) && trace_call_return(cpu, i, &l) &&
                        restore_primary(cpu, &l) && restore_secondary(cpu, &l)
                  : trace_mode(cpu, i, &l);
    if (!ok) {
        return ZF_NEXT_PGM;
    }
    zf_stack_pop(cpu, &entry, &before, &l);
    return zf_linkage_end_space(cpu, i, &l);
}
