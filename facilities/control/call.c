/*
 * PROGRAM CALL and PROGRAM TRANSFER: other programs, in this or another address space, by number or
 * by address-space number.
 */
#include "control/stack.h"
#include "control/trace.h"

/* A PC number, and what an exception of its translation stores. */
struct number {
    uint32_t number;
    uint32_t identification;
    bool wide; /* 31 bits */
};

static struct number number_of(const struct zf_cpu *cpu, uint64_t operand) {
    const uint32_t wide = 0x80000, right = 0x7ffff, left = 0xfff00000;
    uint32_t address = (uint32_t)operand;
    if (zf_asn_reuse(cpu) && address & wide) {
        return (struct number){(address & left) >> 1 | (address & right), address, true};
    }
    return (struct number){address & 0xfffff, address & 0xfffff, false};
}

enum { INVALID = 1u << 31 };

static bool no_entry(struct zf_cpu *cpu, const struct number *n, enum zf_pgm_code code) {
    cpu->pgm.address = n->identification;
    return zf_pgm(cpu, code);
}

/* Linkage table to entry table: one level, or two where LXs are reused. */
static bool look_up_lx(struct zf_cpu *cpu, const struct number *n, uint32_t designation,
                       uint32_t *entry_table) {
    if (n->number >> 13 > (designation & 0x7f)) {
        return no_entry(cpu, n, ZF_PGM_LX_TRANSLATION);
    }
    if (!zf_real_words(cpu, (designation & 0x7fffff80) + (n->number >> 8) * 4, entry_table, 1)) {
        return false;
    }
    return !(*entry_table & INVALID) || no_entry(cpu, n, ZF_PGM_LX_TRANSLATION);
}

static bool look_up_lfx(struct zf_cpu *cpu, const struct number *n, uint32_t designation,
                        uint32_t *entry_table) {
    uint32_t first, second[2];
    if (n->wide && n->number >> 19 > (designation & 0xff)) {
        return no_entry(cpu, n, ZF_PGM_LFX_TRANSLATION);
    }
    if (!zf_real_words(cpu, (designation & 0x7fffff00) + (n->number >> 13) * 4, &first, 1)) {
        return false;
    }
    if (first & INVALID) {
        return no_entry(cpu, n, ZF_PGM_LFX_TRANSLATION);
    }
    if (!zf_real_words(cpu, (first & 0x7fffff00) + (n->number >> 8 & 0x1f) * 8, second, 2)) {
        return false;
    }
    if (second[0] & INVALID) {
        return no_entry(cpu, n, ZF_PGM_LSX_TRANSLATION);
    }
    if (second[1] && second[1] != zf_high(cpu, 15)) {
        return no_entry(cpu, n, ZF_PGM_LSTE_SEQUENCE);
    }
    *entry_table = second[0];
    return true;
}

/* An entry-table entry. */
struct entry {
    uint32_t word[8];
    bool stacking, wide; /* T and G bits; the latter: 64-bit addressing */
    uint16_t asn;
};
enum { T_BIT = 1u << 31, G_BIT = 1 << 30, K_BIT = 1 << 28, M_BIT = 1 << 27, E_BIT = 1 << 26 };
enum { C_BIT = 1 << 25, S_BIT = 1 << 24 };

static bool look_up(struct zf_cpu *cpu, const struct number *n, uint32_t designation,
                    struct entry *e) {
    uint32_t table;
    if (!(zf_asn_reuse(cpu) ? look_up_lfx : look_up_lx)(cpu, n, designation, &table)) {
        return false;
    }
    if ((n->number & 0xff) >> 2 > (table & 0x3f)) {
        return no_entry(cpu, n, ZF_PGM_EX_TRANSLATION);
    }
    if (!zf_real_words(cpu, (table & ZF_REAL_ORIGIN) + (n->number & 0xff) * 32, e->word, 8)) {
        return false;
    }
    e->stacking = e->word[4] & T_BIT;
    e->wide = e->word[4] & G_BIT;
    e->asn = (uint16_t)e->word[2];
    return true;
}

/* The linkage-table designation of the primary space, which must permit linkage at all. */
static bool linkage_designation(struct zf_cpu *cpu, uint32_t *designation) {
    const uint32_t permitted = 0x80000000;
    struct zf_aste aste;
    if (!zf_aste_get(cpu, (uint32_t)cpu->cr[5], &aste)) {
        return false;
    }
    *designation = aste.word[ZF_ASTE_LINKAGE];
    return *designation & permitted || zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
}

/* The exceptions that depend on the entry. */
static bool entry_permitted(struct zf_cpu *cpu, const struct entry *e) {
    bool ar_mode = (cpu->psw.mask & ZF_PSW_AS) == ZF_PSW_AS_AR;
    bool now_wide = cpu->mode & ZF_MODE_64;
    uint32_t address = e->word[1] & 0x7fffffff;
    if (!e->stacking && (ar_mode || now_wide != e->wide)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!e->wide && !(e->word[1] >> 31) && address > 0xffffff) {
        return zf_pgm(cpu, ZF_PGM_PC_TRANSLATION_SPEC);
    }
    uint32_t keys = (uint32_t)cpu->cr[3] & e->word[2] & ZF_CR_MIDDLE;
    if (zf_problem_state(cpu) && !keys) {
        return zf_pgm(cpu, ZF_PGM_PRIVILEGED);
    }
    if (e->asn && !(cpu->cr[14] & ZF_CR14_ASN_TRANSLATION)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    return true;
}

/* The space that is called; the caller's becomes the secondary one. */
static bool call_space(struct zf_cpu *cpu, const struct entry *e, struct zf_linkage *l,
                       struct zf_aste *aste) {
    if (e->asn) {
        if (!zf_aste_get(cpu, e->word[5], aste)) {
            return false;
        }
        if (aste->word[0] & ZF_ASTE_INVALID) {
            cpu->pgm.address = e->asn;
            return zf_pgm(cpu, ZF_PGM_ASX_TRANSLATION);
        }
        if (!zf_subspace_asce(cpu, aste, &l->cr[1])) {
            return false;
        }
        zf_set_field(&l->cr[4], UINT32_MAX, (aste->word[ZF_ASTE_AX] & ZF_CR_MIDDLE) | e->asn);
        zf_set_field(&l->cr[5], UINT32_MAX, aste->origin);
        if (zf_asn_reuse(cpu)) {
            zf_set_field(&l->cr[4], ZF_CR_LEFT, (uint64_t)aste->word[ZF_ASTE_INSTANCE] << 32);
        }
        l->switches = true;
    }
    const uint64_t *secondary = e->asn && e->stacking && e->word[4] & S_BIT ? l->cr : cpu->cr;
    l->cr[7] = secondary[1];
    zf_set_field(&l->cr[3], ZF_CR_RIGHT, secondary[4]);
    if (zf_asn_reuse(cpu)) {
        zf_set_field(&l->cr[3], ZF_CR_LEFT, secondary[4]);
    }
    return true;
}

static void basic_call(const struct zf_cpu *cpu, const struct zf_insn_call *i,
                       struct zf_linkage *l) {
    uint32_t problem = zf_problem_state(cpu);
    if (cpu->mode & ZF_MODE_64) {
        l->gr[14] = i->next | problem;
    } else {
        zf_set_field(&l->gr[14], UINT32_MAX, zf_linkage_link(cpu->psw.mask, i->next) | problem);
    }
    zf_set_field(&l->gr[3], UINT32_MAX, (cpu->cr[3] & ZF_CR_MIDDLE) | zf_primary_asn(cpu->cr));
    if (zf_asn_reuse(cpu)) {
        zf_set_field(&l->gr[3], ZF_CR_LEFT, cpu->cr[4]);
    }
}

/* What only a stacking call changes: key, key mask, EAX, access-register mode. */
static void stacking_call(const struct entry *e, struct zf_linkage *l) {
    uint32_t how = e->word[4];
    l->mask &= ~ZF_PSW_AS;
    l->mask |= how & C_BIT ? ZF_PSW_AS_AR : 0;
    if (how & K_BIT) {
        zf_set_field(&l->mask, ZF_PSW_KEY, (uint64_t)(how >> 20) << 52);
    }
    if (how & M_BIT) {
        zf_set_field(&l->cr[3], ZF_CR_MIDDLE, 0);
    }
    if (how & E_BIT) {
        zf_set_field(&l->cr[8], ZF_CR_MIDDLE, (uint64_t)how << 16);
    }
}

static bool push(struct zf_cpu *cpu, const struct number *n, const struct entry *e,
                 const struct zf_aste *aste, struct zf_linkage *l) {
    uint32_t instance =
        e->asn ? aste->word[zf_asn_reuse(cpu) ? ZF_ASTE_INSTANCE : ZF_ASTE_SEQUENCE] : 0;
    const struct zf_stack_new state = {ZF_STACK_CALL, l->mask, l->address,
                                       ((uint64_t)e->asn << 16 | (instance & 0xffff)) << 32 |
                                           (e->wide ? INVALID : 0) | n->number};
    return zf_stack_push(cpu, &state, l);
}

/* The entry's address, state, key mask and parameter. */
static void enter(const struct entry *e, struct zf_linkage *l) {
    uint64_t address = (uint64_t)e->word[0] << 32 | (e->word[1] & ~1u);
    l->mask &= ~(ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_PROBLEM);
    l->mask |= e->word[1] & 1 ? ZF_PSW_PROBLEM : 0;
    l->mask |= e->wide ? ZF_PSW_EA | ZF_PSW_BA : e->word[1] >> 31 ? ZF_PSW_BA : 0;
    l->address = e->wide ? address : address & 0x7fffffff;
    l->cr[3] |= e->word[3] & ZF_CR_MIDDLE;
    zf_set_field(&l->gr[4], e->wide ? UINT64_MAX : UINT32_MAX,
                 (uint64_t)e->word[6] << 32 | e->word[7]);
}

/* PC */
enum zf_next zf_do_pc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct number n = number_of(cpu, zf_operand2(cpu, i));
    struct zf_linkage l;
    struct entry e;
    struct zf_aste aste;
    uint32_t designation;
    if (!(cpu->psw.mask & ZF_PSW_DAT) || cpu->psw.mask & ZF_PSW_AS_SECONDARY) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    if (!linkage_designation(cpu, &designation) || !zf_trace_call(cpu, &l, n.identification) ||
        !look_up(cpu, &n, designation, &e) || !entry_permitted(cpu, &e) ||
        !call_space(cpu, &e, &l, &aste)) {
        return ZF_NEXT_PGM;
    }
    if (e.stacking) {
        if (!zf_trace_mode(cpu, &l, e.wide) || !push(cpu, &n, &e, &aste, &l)) {
            return ZF_NEXT_PGM;
        }
        stacking_call(&e, &l);
    } else {
        basic_call(cpu, i, &l);
    }
    enter(&e, &l);
    return zf_linkage_end_space(cpu, i, &l);
}

static bool transfer_space(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_linkage *l) {
    uint16_t asn = (uint16_t)cpu->gr[i->o.r1];
    struct zf_aste aste;
    if (asn == zf_primary_asn(cpu->cr)) {
        return true;
    }
    if (!(cpu->cr[14] & ZF_CR14_ASN_TRANSLATION)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_asn_translate(cpu, asn, &aste) ||
        !zf_asn_permitted(cpu, i, &aste, ZF_AUTHORITY_PRIMARY) ||
        !zf_subspace_asce(cpu, &aste, &l->cr[1])) {
        return false;
    }
    zf_set_field(&l->cr[4], UINT32_MAX, (aste.word[ZF_ASTE_AX] & ZF_CR_MIDDLE) | asn);
    zf_set_field(&l->cr[5], UINT32_MAX, aste.origin);
    if (i->argument || zf_asn_reuse(cpu)) {
        zf_set_field(&l->cr[4], ZF_CR_LEFT, (uint64_t)aste.word[ZF_ASTE_INSTANCE] << 32);
    }
    l->switches = true;
    return true;
}

/* Address, mode and state that R2 gives. */
static bool transfer_target(struct zf_cpu *cpu, uint64_t r2, struct zf_linkage *l) {
    uint64_t address = r2 & ~UINT64_C(1);
    if (zf_problem_state(cpu) && !(r2 & 1)) {
        return zf_pgm(cpu, ZF_PGM_PRIVILEGED);
    }
    if (!(cpu->mode & ZF_MODE_64) && !(address & 0x80000000) && (address & 0x7f000000)) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_linkage_branch(l, address);
    l->mask = (l->mask & ~ZF_PSW_PROBLEM) | (r2 & 1 ? ZF_PSW_PROBLEM : 0);
    return true;
}

/* PT; PTI, whose argument is 1, looks at the instance number, too */
enum zf_next zf_do_pt(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t r1 = cpu->gr[i->o.r1];
    struct zf_linkage l;
    uint32_t designation;
    if (!(cpu->psw.mask & ZF_PSW_DAT) || (cpu->psw.mask & ZF_PSW_AS) != ZF_PSW_AS_PRIMARY) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    if (!zf_trace_transfer(cpu, &l, i) || !linkage_designation(cpu, &designation) ||
        !transfer_target(cpu, cpu->gr[i->o.r2], &l) || !transfer_space(cpu, i, &l)) {
        return ZF_NEXT_PGM;
    }
    zf_set_field(&l.cr[3], UINT32_MAX, (l.cr[3] & r1 & ZF_CR_MIDDLE) | (r1 & ZF_CR_RIGHT));
    if (i->argument || zf_asn_reuse(cpu)) {
        zf_set_field(&l.cr[3], ZF_CR_LEFT, l.cr[4]);
    }
    l.cr[7] = l.cr[1];
    return zf_linkage_end_space(cpu, i, &l);
}
