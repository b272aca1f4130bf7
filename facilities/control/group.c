/*
 * Branches that change what a dispatchable unit may do: BRANCH AND SET AUTHORITY, to less and back,
 * and BRANCH IN SUBSPACE GROUP. Both keep their state in the dispatchable-unit control table.
 */
#include "control/art.h"
#include "control/trace.h"

/* Words of the table. */
enum { BASE_SPACE = 0, SUBSPACE = 1, SUBSPACE_SEQUENCE = 3, AUTHORITY = 5, RETURN = 8 };
enum { SUBSPACE_ACTIVE = 1u << 31, REDUCED = 8, PROBLEM = 1 };

static bool store_word(struct zf_cpu *cpu, unsigned word, uint32_t value) {
    return zf_real_store(cpu, (struct zf_raddr){zf_duct_origin(cpu) + 4 * word}, 4, value);
}

/* The next instruction's address in R1, unless that is 0. */
static void set_link(struct zf_linkage *l, const struct zf_insn_call *i) {
    bool wide = l->mask & ZF_PSW_EA;
    if (i->o.r1) {
        zf_set_field(&l->gr[i->o.r1], wide ? UINT64_MAX : UINT32_MAX,
                     i->next | (!wide && l->mask & ZF_PSW_BA ? 0x80000000 : 0));
    }
}

static bool reduce(struct zf_cpu *cpu, const struct zf_insn_call *i, struct zf_linkage *l) {
    uint64_t r1 = cpu->gr[i->o.r1];
    unsigned key = (unsigned)r1 >> 4 & 0xf;
    struct zf_linkage to = *l;
    if (!i->o.r2) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_branch(&to, cpu->gr[i->o.r2]);
    if (!zf_trace_branch(cpu, l, to.mask, to.address)) {
        return false;
    }
    if (!zf_may_use_key(cpu, key)) {
        return zf_pgm(cpu, ZF_PGM_PRIVILEGED);
    }
    uint64_t back = l->mask & ZF_PSW_EA ? l->address : zf_linkage_link(l->mask, l->address);
    store_word(cpu, AUTHORITY,
               (uint32_t)(cpu->cr[3] & ZF_CR_MIDDLE) | cpu->key << 4 | REDUCED |
                   (zf_problem_state(cpu) ? PROBLEM : 0));
    store_word(cpu, RETURN, (uint32_t)(back >> 32));
    store_word(cpu, RETURN + 1, (uint32_t)back);
    zf_set_field(&l->cr[3], ZF_CR_MIDDLE, cpu->cr[3] & r1);
    l->mask = (to.mask & ~ZF_PSW_KEY) | (uint64_t)key << 52 | ZF_PSW_PROBLEM;
    l->address = to.address;
    return true;
}

static bool restore(struct zf_cpu *cpu, const struct zf_insn_call *i, const uint32_t duct[16],
                    struct zf_linkage *l) {
    uint64_t back = (uint64_t)duct[RETURN] << 32 | duct[RETURN + 1];
    uint32_t authority = duct[AUTHORITY];
    struct zf_linkage to = *l;
    if (i->o.r2) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (l->mask & ZF_PSW_EA) {
        to.address = back;
    } else {
        to.mask = (to.mask & ~ZF_PSW_BA) | (back & 0x80000000 ? ZF_PSW_BA : 0);
        to.address = back & 0x7fffffff;
    }
    if (!zf_trace_branch(cpu, l, to.mask, to.address)) {
        return false;
    }
    set_link(l, i);
    zf_set_field(&l->cr[3], ZF_CR_MIDDLE, authority);
    l->mask = (to.mask & ~(ZF_PSW_KEY | ZF_PSW_PROBLEM)) | (uint64_t)(authority >> 4 & 0xf) << 52 |
              (authority & PROBLEM ? ZF_PSW_PROBLEM : 0);
    l->address = to.address;
    return store_word(cpu, AUTHORITY, authority & ~(uint32_t)REDUCED);
}

/* BSA */
enum zf_next zf_do_bsa(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_linkage l;
    uint32_t duct[16];
    zf_linkage_begin(cpu, i, &l);
    if (!zf_real_store_check(cpu, zf_duct_origin(cpu), sizeof duct) || !zf_duct_get(cpu, duct)) {
        return ZF_NEXT_PGM;
    }
    if (!(duct[AUTHORITY] & REDUCED ? restore(cpu, i, duct, &l) : reduce(cpu, i, &l))) {
        return ZF_NEXT_PGM;
    }
    return zf_linkage_end(cpu, i, &l, true);
}

/* The space that an ALET names: the base space, the subspace that was last, or one in a list. */
static bool find_space(struct zf_cpu *cpu, uint32_t alet, const uint32_t duct[16],
                       struct zf_aste *aste) {
    const struct zf_alet special = {alet, 0, ZF_ART_SPECIAL};
    uint32_t base = duct[BASE_SPACE] & ZF_REAL_ORIGIN;
    bool fetch_only;
    if (alet == ZF_ALET_PRIMARY) {
        return zf_aste_get(cpu, base, aste);
    }
    if (alet != ZF_ALET_SECONDARY) {
        if (!zf_art_translate(cpu, &special, aste, &fetch_only)) {
            return false;
        }
        bool subspace =
            zf_aste_asce(aste) & ZF_ASCE_SUBSPACE && !(aste->word[0] & ZF_ASTE_BASE_SPACE);
        return aste->origin == base || subspace || zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!(duct[SUBSPACE] & ZF_REAL_ORIGIN)) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!zf_aste_get(cpu, duct[SUBSPACE], aste)) {
        return false;
    }
    if (aste->word[0] & ZF_ASTE_INVALID) {
        return zf_pgm(cpu, ZF_PGM_ASTE_VALIDITY);
    }
    return aste->word[ZF_ASTE_SEQUENCE] == duct[SUBSPACE_SEQUENCE] ||
           zf_pgm(cpu, ZF_PGM_ASTE_SEQUENCE);
}

/* What the table remembers of the space branched to. */
static void remember(struct zf_cpu *cpu, uint32_t alet, const uint32_t duct[16],
                     const struct zf_aste *aste) {
    if (alet == ZF_ALET_SECONDARY) {
        store_word(cpu, SUBSPACE, duct[SUBSPACE] | SUBSPACE_ACTIVE);
    } else if (aste->origin == (duct[BASE_SPACE] & ZF_REAL_ORIGIN)) {
        store_word(cpu, SUBSPACE, duct[SUBSPACE] & ~(uint32_t)SUBSPACE_ACTIVE);
    } else {
        store_word(cpu, SUBSPACE, aste->origin | SUBSPACE_ACTIVE);
        store_word(cpu, SUBSPACE_SEQUENCE, aste->word[ZF_ASTE_SEQUENCE]);
    }
}

/* The primary ASCE; that of a subspace keeps the two event bits. The secondary space is the same.
 */
static void set_space(struct zf_cpu *cpu, uint64_t asce, bool base, struct zf_linkage *l) {
    const uint64_t events = ZF_ASCE_SPACE_SWITCH | UINT64_C(0x80);
    l->cr[1] = base ? asce : (l->cr[1] & events) | (asce & ~events);
    l->cr[7] = l->cr[1];
    zf_set_field(&l->cr[3], ZF_CR_RIGHT, l->cr[4]);
    if (zf_asn_reuse(cpu)) {
        zf_set_field(&l->cr[3], ZF_CR_LEFT, l->cr[4]);
    }
}

/* BSG */
enum zf_next zf_do_bsg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t alet = i->o.r2 ? cpu->ar[i->o.r2] : ZF_ALET_PRIMARY;
    uint64_t target = cpu->gr[i->o.r2];
    struct zf_linkage l;
    struct zf_aste aste;
    uint32_t duct[16];
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    if (!zf_trace_subspace(cpu, &l, alet, target) ||
        !zf_real_store_check(cpu, zf_duct_origin(cpu), sizeof duct) || !zf_duct_get(cpu, duct)) {
        return ZF_NEXT_PGM;
    }
    if ((cpu->cr[5] ^ duct[BASE_SPACE]) & ZF_REAL_ORIGIN) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (!find_space(cpu, alet, duct, &aste)) {
        cpu->pgm.access_id = i->o.r2;
        return ZF_NEXT_PGM;
    }
    bool base = alet != ZF_ALET_SECONDARY && aste.origin == (duct[BASE_SPACE] & ZF_REAL_ORIGIN);
    remember(cpu, alet, duct, &aste);
    set_space(cpu, zf_aste_asce(&aste), base, &l);
    set_link(&l, i);
    zf_linkage_branch(&l, target);
    return zf_linkage_end(cpu, i, &l, true);
}
