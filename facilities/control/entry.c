/*
 * Instructions on entries of page tables that do not change a mapping: LPTEA, LKPG.
 */
#include "control/art.h"

/* Address spaces as the M4 field of LPTEA names them. */
enum { BY_CR1, BY_REGISTER, BY_CR7, BY_CR13, BY_PSW };

/* The space's ASCE; false: an exception of access-register translation, with the condition set. */
static bool asce_of(struct zf_cpu *cpu, unsigned how, unsigned r2, uint64_t *asce) {
    static const enum zf_space spaces[] = {ZF_SPACE_PRIMARY, ZF_SPACE_PRIMARY, ZF_SPACE_SECONDARY,
                                           ZF_SPACE_HOME};
    struct zf_ar_space by_register;
    unsigned space = how == BY_PSW ? (unsigned)(cpu->psw.mask >> 46) & 3 : how;
    if (space != BY_REGISTER) {
        *asce = zf_space_asce(cpu, spaces[space]);
        return true;
    }
    if (!zf_ar_space(cpu, r2, ZF_ACCESS_READ, &by_register)) {
        return false;
    }
    *asce = by_register.space == ZF_SPACE_AR_READ
                ? by_register.asce
                : zf_space_asce(cpu, (enum zf_space)by_register.space);
    return true;
}

/* The kind of a region- or segment-table entry, as the address's last bits have it. */
static unsigned kind_of(const struct zf_dat *dat) {
    switch (dat->pgm) {
    case ZF_PGM_REGION_FIRST:
        return 3;
    case ZF_PGM_REGION_SECOND:
        return 2;
    case ZF_PGM_REGION_THIRD:
        return 1;
    default: /* a frame of 2 GB, or a segment's */
        return dat->level == ZF_DAT_REGION ? 1 : 0;
    }
}

/*
 * LPTEA. CC 0: address of the page-table entry; 1: the same, the tables above protect it; 2: of the
 * entry that is invalid or describes a large frame; 3: the exception's code.
 */
enum zf_next zf_do_lptea(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { PROTECTED = 4 };
    const struct zf_operands *o = &zf_insn_call(call)->o;
    struct zf_dat dat;
    uint64_t asce;
    if (o->m4 > BY_PSW) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!asce_of(cpu, o->m4, o->r2, &asce)) {
        if (cpu->pgm.code == ZF_PGM_ADDRESSING) {
            return ZF_NEXT_PGM;
        }
        cpu->gr[o->r1] = cpu->pgm.code;
        cpu->pgm = (struct zf_pgm){0};
        cpu->cc = 3;
        return ZF_NEXT;
    }
    if (asce & ZF_ASCE_REAL) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    bool found = zf_dat_walk(cpu, asce, zf_wrap(cpu, cpu->gr[o->r2]), &dat);
    if (dat.level == ZF_DAT_PAGE) {
        cpu->gr[o->r1] = dat.entry_address;
        cpu->cc = dat.table_protected;
    } else if (found) {
        cpu->gr[o->r1] = dat.entry_address | kind_of(&dat) | (dat.write_protected ? PROTECTED : 0);
        cpu->cc = 2;
    } else if (dat.entry_invalid) {
        cpu->gr[o->r1] = dat.entry_address | kind_of(&dat);
        cpu->cc = 2;
    } else if (dat.pgm == ZF_PGM_ADDRESSING || dat.pgm == ZF_PGM_TRANSLATION_SPEC) {
        return zf_raise(cpu, (enum zf_pgm_code)dat.pgm);
    } else {
        cpu->gr[o->r1] = dat.pgm;
        cpu->cc = 3;
    }
    return ZF_NEXT;
}

/*
 * LKPG: locks the page at R2, whose real address R1 gets, or unlocks it, by a bit of its entry. CC
 * 1: it is so already; 3: it cannot be translated.
 */
enum zf_next zf_do_lkpg(struct zf_cpu *cpu, const struct zf_call *call) {
    const uint64_t reserved = 0xfd00, lock = 0x200, locked = 1;
    const struct zf_operands *o = &zf_insn_call(call)->o;
    struct zf_dat dat;
    uint64_t asce;
    if (!(cpu->psw.mask & ZF_PSW_DAT)) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    if (cpu->gr[0] & reserved) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!asce_of(cpu, BY_PSW, o->r2, &asce)) {
        return ZF_NEXT_PGM;
    }
    bool locks = cpu->gr[0] & lock;
    bool found = zf_dat_walk(cpu, asce, zf_wrap(cpu, cpu->gr[o->r2]), &dat);
    uint8_t *entry = zf_absolute(cpu->storage, (struct zf_aaddr){dat.entry_address}, 8);
    bool done = locks == ((dat.entry & locked) != 0);
    if (dat.level != ZF_DAT_PAGE || !entry || (locks && !done && !found)) {
        cpu->cc = 3;
    } else if (done) {
        cpu->cc = 1;
    } else {
        uint64_t *word = (uint64_t *)(void *)entry;
        zf_storage_stored(cpu->storage, dat.entry_address, 8);
        __atomic_fetch_xor(word, __builtin_bswap64(locked), __ATOMIC_SEQ_CST);
        if (locks) {
            cpu->gr[o->r1] = dat.real;
        }
        cpu->cc = 0;
    }
    return ZF_NEXT_LEAVE;
}
