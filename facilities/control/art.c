/*
 * Access-register translation, and TEST ACCESS.
 */
#include "control/art.h"

/* An ALET, and an access-list entry's first word, which has some fields in the same place. */
enum {
    ALET_RESERVED = 0xfeu << 24,
    ALET_PRIMARY_LIST = 1 << 24,
    SEQUENCE = 0xff << 16,
    ENTRY_NUMBER = 0xffff,
    ALE_INVALID = 1u << 31,
    ALE_FETCH_ONLY = 1 << 25,
    ALE_PRIVATE = 1 << 24,
    ALE_AX = 0xffff,
};

/* The access-list entry that the ALET names. */
static bool find_entry(struct zf_cpu *cpu, uint32_t alet, uint32_t ale[4]) {
    const uint64_t designation_at = 16;
    uint64_t holder = alet & ALET_PRIMARY_LIST ? cpu->cr[5] & ZF_REAL_ORIGIN : zf_duct_origin(cpu);
    uint32_t list, number = alet & ENTRY_NUMBER;
    if (alet & ALET_RESERVED) {
        return zf_pgm(cpu, ZF_PGM_ALET_SPEC);
    }
    if (!zf_real_words(cpu, holder + designation_at, &list, 1)) {
        return false;
    }
    if (number >> 3 > (list & 0x7f)) {
        return zf_pgm(cpu, ZF_PGM_ALEN_TRANSLATION);
    }
    if (!zf_real_words(cpu, (list & 0x7fffff80) + number * 16, ale, 4)) {
        return false;
    }
    if (ale[0] & ALE_INVALID) {
        return zf_pgm(cpu, ZF_PGM_ALEN_TRANSLATION);
    }
    return !((ale[0] ^ alet) & SEQUENCE) || zf_pgm(cpu, ZF_PGM_ALE_SEQUENCE);
}

static bool is_authorized(struct zf_cpu *cpu, const struct zf_alet *alet, uint32_t entry,
                          const struct zf_aste *aste) {
    if (alet->how == ZF_ART_SPECIAL || !(entry & ALE_PRIVATE) || (entry & ALE_AX) == alet->eax) {
        return true;
    }
    if (zf_asn_authorized(cpu, alet->eax, aste, ZF_AUTHORITY_SECONDARY)) {
        return true;
    }
    return cpu->pgm.code ? false : zf_pgm(cpu, ZF_PGM_EXTENDED_AUTHORITY);
}

bool zf_art_translate(struct zf_cpu *cpu, const struct zf_alet *alet, struct zf_aste *aste,
                      bool *fetch_only) {
    uint32_t ale[4];
    if (!find_entry(cpu, alet->alet, ale) || !zf_aste_get(cpu, ale[2], aste)) {
        return false;
    }
    if (aste->word[0] & ZF_ASTE_INVALID) {
        return zf_pgm(cpu, ZF_PGM_ASTE_VALIDITY);
    }
    if (aste->word[ZF_ASTE_SEQUENCE] != ale[3]) {
        return zf_pgm(cpu, ZF_PGM_ASTE_SEQUENCE);
    }
    *fetch_only = ale[0] & ALE_FETCH_ONLY;
    return is_authorized(cpu, alet, ale[0], aste);
}

/* TAR: an exception of the translation is CC 3, but for addressing exceptions */
enum zf_next zf_do_tar(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    const struct zf_alet alet = {cpu->ar[o->r1], (uint16_t)(cpu->gr[o->r2] >> 16), ZF_ART_ORDINARY};
    struct zf_aste aste;
    bool fetch_only;
    if (alet.alet == ZF_ALET_PRIMARY) {
        cpu->cc = 0;
    } else if (alet.alet == ZF_ALET_SECONDARY) {
        cpu->cc = 3;
    } else if (zf_art_translate(cpu, &alet, &aste, &fetch_only)) {
        cpu->cc = alet.alet & ALET_PRIMARY_LIST ? 2 : 1;
    } else if (cpu->pgm.code == ZF_PGM_ADDRESSING) {
        return ZF_NEXT_PGM;
    } else {
        cpu->pgm = (struct zf_pgm){0};
        cpu->cc = 3;
    }
    return ZF_NEXT;
}
