/*
 * Address-space numbers: translation to ASN-second-table entries, authorization, subspaces, and the
 * instructions that show and set the numbers.
 */
#include "control/trace.h"

bool zf_aste_get(struct zf_cpu *cpu, uint32_t origin, struct zf_aste *aste) {
    aste->origin = origin & ZF_REAL_ORIGIN;
    return zf_real_words(cpu, aste->origin, aste->word, 16);
}

static bool no_asn(struct zf_cpu *cpu, enum zf_pgm_code code, uint16_t asn) {
    cpu->pgm.address = asn;
    return zf_pgm(cpu, code);
}

bool zf_asn_translate(struct zf_cpu *cpu, uint16_t asn, struct zf_aste *aste) {
    const uint32_t invalid = 0x80000000;
    uint64_t first_table = (cpu->cr[14] & 0x7ffff) << 12;
    uint32_t first;
    if (!zf_real_words(cpu, first_table + (asn >> 6) * 4u, &first, 1)) {
        return false;
    }
    if (first & invalid) {
        return no_asn(cpu, ZF_PGM_AFX_TRANSLATION, asn);
    }
    if (!zf_aste_get(cpu, ((first & ZF_REAL_ORIGIN) + (asn & 0x3fu) * 64) & ZF_REAL_ORIGIN, aste)) {
        return false;
    }
    return !(aste->word[0] & ZF_ASTE_INVALID) || no_asn(cpu, ZF_PGM_ASX_TRANSLATION, asn);
}

bool zf_asn_authorized(struct zf_cpu *cpu, uint16_t ax, const struct zf_aste *aste,
                       enum zf_authority which) {
    const uint32_t origin = 0x7ffffffc;
    unsigned length = aste->word[1] >> 4 & 0xfff;
    uint64_t byte;
    if (ax >> 4 > length ||
        !zf_real_load(cpu, (struct zf_raddr){(aste->word[0] & origin) + (ax >> 2)}, 1, &byte)) {
        return false;
    }
    unsigned bit = (ax & 3u) * 2 + (which == ZF_AUTHORITY_SECONDARY);
    return byte & 0x80 >> bit;
}

bool zf_subspace_asce(struct zf_cpu *cpu, const struct zf_aste *aste, uint64_t *asce) {
    const uint64_t kept = ZF_ASCE_SPACE_SWITCH | UINT64_C(0x80);
    const uint32_t active = 0x80000000;
    uint32_t duct[4];
    struct zf_aste subspace;
    *asce = zf_aste_asce(aste);
    if (!(*asce & ZF_ASCE_SUBSPACE)) {
        return true;
    }
    if (!zf_real_words(cpu, zf_duct_origin(cpu), duct, 4)) {
        return false;
    }
    if ((duct[0] & ZF_REAL_ORIGIN) != aste->origin || !(duct[1] & active)) {
        return true;
    }
    if (!zf_aste_get(cpu, duct[1], &subspace)) {
        return false;
    }
    if (subspace.word[0] & ZF_ASTE_INVALID) {
        return zf_pgm(cpu, ZF_PGM_ASTE_VALIDITY);
    }
    if (subspace.word[ZF_ASTE_SEQUENCE] != duct[3]) {
        return zf_pgm(cpu, ZF_PGM_ASTE_SEQUENCE);
    }
    *asce = (*asce & kept) | (zf_aste_asce(&subspace) & ~kept);
    return true;
}

/* EPAR, ESAR, EPAIR, ESAIR: DAT on, and in the problem state the extraction authority */
static bool may_show(struct zf_cpu *cpu) {
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    return zf_may_extract(cpu) || zf_pgm(cpu, ZF_PGM_PRIVILEGED);
}

/* The argument is the control register that has the number. */
enum zf_next zf_do_epar(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    if (!may_show(cpu)) {
        return ZF_NEXT_PGM;
    }
    zf_set_low(cpu, i->o.r1, (uint16_t)cpu->cr[i->argument]);
    return ZF_NEXT;
}

enum zf_next zf_do_epair(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    if (!may_show(cpu)) {
        return ZF_NEXT_PGM;
    }
    zf_set_field(&cpu->gr[i->o.r1], ZF_CR_LEFT, cpu->cr[i->argument]);
    zf_set_low(cpu, i->o.r1, (uint16_t)cpu->cr[i->argument]);
    return ZF_NEXT;
}

bool zf_asn_permitted(struct zf_cpu *cpu, const struct zf_insn_call *i, const struct zf_aste *aste,
                      enum zf_authority which) {
    bool instance = i->argument, primary = which == ZF_AUTHORITY_PRIMARY;
    uint32_t special = instance ? ZF_ASTE_CONTROLLED : ZF_ASTE_REUSABLE;
    bool applies = instance ? zf_problem_state(cpu) : zf_asn_reuse(cpu);
    if (applies && aste->word[1] & special) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (instance && aste->word[ZF_ASTE_INSTANCE] != zf_high(cpu, i->o.r1)) {
        cpu->pgm.access_id = primary ? ZF_INSTANCE_PRIMARY : ZF_INSTANCE_SECONDARY;
        return zf_pgm(cpu, ZF_PGM_ASTE_INSTANCE);
    }
    if (zf_asn_authorized(cpu, (uint16_t)(cpu->cr[4] >> 16), aste, which)) {
        return true;
    }
    return !cpu->pgm.code &&
           no_asn(cpu, primary ? ZF_PGM_PRIMARY_AUTHORITY : ZF_PGM_SECONDARY_AUTHORITY,
                  (uint16_t)cpu->gr[i->o.r1]);
}

/* SSAR; SSAIR, whose argument is 1, looks at the instance number, too */
enum zf_next zf_do_ssar(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint16_t asn = (uint16_t)cpu->gr[i->o.r1];
    struct zf_linkage l;
    struct zf_aste aste;
    if (!(cpu->psw.mask & ZF_PSW_DAT) || !(cpu->cr[14] & ZF_CR14_ASN_TRANSLATION)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    if (!zf_trace_secondary(cpu, &l, i)) {
        return ZF_NEXT_PGM;
    }
    uint64_t instance = cpu->cr[4];
    if (asn == zf_primary_asn(cpu->cr)) {
        l.cr[7] = cpu->cr[1];
    } else {
        if (!zf_asn_translate(cpu, asn, &aste) ||
            !zf_asn_permitted(cpu, i, &aste, ZF_AUTHORITY_SECONDARY) ||
            !zf_subspace_asce(cpu, &aste, &l.cr[7])) {
            return ZF_NEXT_PGM;
        }
        instance = (uint64_t)aste.word[ZF_ASTE_INSTANCE] << 32;
    }
    zf_set_field(&l.cr[3], ZF_CR_RIGHT, asn);
    if (i->argument || zf_asn_reuse(cpu)) {
        zf_set_field(&l.cr[3], ZF_CR_LEFT, instance);
    }
    return zf_linkage_end(cpu, i, &l, false);
}

/* Bits of LASP's second operand address. */
enum { LASP_TRANSLATE = 4, LASP_USE_AX = 2, LASP_SECONDARY_KNOWN = 1 };
enum { LASP_DONE, LASP_NO_PRIMARY, LASP_NO_SECONDARY, LASP_SPACE_SWITCH };

/* LASP's first operand. */
struct parameters {
    uint32_t secondary_instance, primary_instance;
    uint16_t key_mask, secondary, ax, primary;
};

static bool lasp_fetch(struct zf_cpu *cpu, uint64_t address, struct parameters *p) {
    uint8_t b[16];
    if (!zf_asn_reuse(cpu)) {
        if (!zf_load_bytes(cpu, address, b, 8)) {
            return false;
        }
        *p = (struct parameters){.key_mask = zf_get16(b),
                                 .secondary = zf_get16(b + 2),
                                 .ax = zf_get16(b + 4),
                                 .primary = zf_get16(b + 6)};
        return true;
    }
    if (!zf_load_bytes(cpu, address, b, sizeof b)) {
        return false;
    }
    *p = (struct parameters){zf_get32(b),     zf_get32(b + 8),  zf_get16(b + 4),
                             zf_get16(b + 6), zf_get16(b + 12), zf_get16(b + 14)};
    return true;
}

/* An exception of a translation is a condition code of LASP, but for addressing exceptions. */
static bool lasp_refused(struct zf_cpu *cpu) {
    bool refused = cpu->pgm.code != ZF_PGM_ADDRESSING;
    if (refused) {
        cpu->pgm = (struct zf_pgm){0};
    }
    return refused;
}

static bool lasp_entry(struct zf_cpu *cpu, uint16_t asn, uint32_t instance, struct zf_aste *aste,
                       uint64_t *asce) {
    return zf_asn_translate(cpu, asn, aste) &&
           (!zf_asn_reuse(cpu) || instance == aste->word[ZF_ASTE_INSTANCE]) &&
           zf_subspace_asce(cpu, aste, asce);
}

/* The condition code so far; -1: cpu->pgm. */
static int lasp_primary(struct zf_cpu *cpu, struct zf_linkage *l, const struct parameters *p,
                        unsigned how) {
    struct zf_aste aste;
    if (how & LASP_TRANSLATE || p->primary != zf_primary_asn(cpu->cr)) {
        if (!lasp_entry(cpu, p->primary, p->primary_instance, &aste, &l->cr[1])) {
            return lasp_refused(cpu) ? LASP_NO_PRIMARY : -1;
        }
        if ((cpu->cr[1] | l->cr[1]) & ZF_ASCE_SPACE_SWITCH) {
            return LASP_SPACE_SWITCH;
        }
        zf_set_field(&l->cr[5], UINT32_MAX, aste.origin);
        zf_set_field(&l->cr[4], ZF_CR_MIDDLE, aste.word[ZF_ASTE_AX]);
        if (zf_asn_reuse(cpu)) {
            zf_set_field(&l->cr[4], ZF_CR_LEFT, (uint64_t)p->primary_instance << 32);
        }
    }
    if (how & LASP_USE_AX) {
        zf_set_field(&l->cr[4], ZF_CR_MIDDLE, (uint64_t)p->ax << 16);
    }
    zf_set_field(&l->cr[4], ZF_CR_RIGHT, p->primary);
    return LASP_DONE;
}

static int lasp_secondary(struct zf_cpu *cpu, struct zf_linkage *l, const struct parameters *p,
                          unsigned how) {
    struct zf_aste aste;
    uint64_t instance = (uint64_t)p->secondary_instance << 32;
    if (p->secondary == p->primary) {
        l->cr[7] = l->cr[1];
        instance = l->cr[4];
    } else if (!(how & LASP_TRANSLATE) && how & LASP_SECONDARY_KNOWN &&
               p->secondary == zf_secondary_asn(cpu->cr)) {
        instance = l->cr[3];
    } else {
        if (!lasp_entry(cpu, p->secondary, p->secondary_instance, &aste, &l->cr[7])) {
            return lasp_refused(cpu) ? LASP_NO_SECONDARY : -1;
        }
        if (!(how & LASP_SECONDARY_KNOWN) &&
            !zf_asn_authorized(cpu, (uint16_t)(l->cr[4] >> 16), &aste, ZF_AUTHORITY_SECONDARY)) {
            return lasp_refused(cpu) ? LASP_NO_SECONDARY : -1;
        }
    }
    l->cr[3] = (l->cr[3] & ZF_CR_LEFT) | (uint64_t)p->key_mask << 16 | p->secondary;
    if (zf_asn_reuse(cpu)) {
        zf_set_field(&l->cr[3], ZF_CR_LEFT, instance);
    }
    return LASP_DONE;
}

enum zf_next zf_do_lasp(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t address = zf_operand1(cpu, i);
    unsigned how = (unsigned)zf_operand2(cpu, i) & 7;
    struct zf_linkage l;
    struct parameters p;
    if (!(cpu->cr[14] & ZF_CR14_ASN_TRANSLATION)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!lasp_fetch(cpu, address, &p)) {
        return ZF_NEXT_PGM;
    }
    zf_linkage_begin(cpu, i, &l);
    int cc = lasp_primary(cpu, &l, &p, how);
    cc = cc == LASP_DONE ? lasp_secondary(cpu, &l, &p, how) : cc;
    if (cc < 0) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = (uint32_t)cc;
    return cc == LASP_DONE ? zf_linkage_end(cpu, i, &l, false) : ZF_NEXT;
}
