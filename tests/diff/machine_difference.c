/*
 * What two emulators' records differ in, and where the other one does otherwise than the book says.
 */
#include "machine_record.h"

#include "../fields.h"

#include "zfacet/dat.h"
#include "zfacet/interrupt.h"
#include "zfacet/per.h"

#include <string.h>

/* Bytes of low storage that an interruption stores, but for those that may be anything. */
static bool same_low(const uint8_t *a, const uint8_t *b) {
    enum { ILC = 0x8d, CODE_AT = 0x8e, TEID = 0xa8, MONITOR_CODE = 0xb0, OLD_END = 0x180 };
    return !memcmp(a + 0x84, b + 0x84, 0xa0 - 0x84) && !memcmp(a, b, 0x80) &&
           !memcmp(a + TEID, b + TEID, 16) &&
           !memcmp(a + OLD_PSWS, b + OLD_PSWS, OLD_END - OLD_PSWS);
}

static bool same_keys(const uint8_t *a, const uint8_t *b) {
    for (unsigned i = 2; i < PAGES; i++) { /* the driver itself changes the others */
        if (i >> 1 != AREA >> 13 && (a[i] ^ b[i]) & ~(ZF_KEY_REFERENCE | 1)) {
            return false;
        }
    }
    return true;
}

bool machine_is_missing(const uint8_t *before, const uint8_t *theirs) {
    unsigned length = zf_insn_length(zf_get64(before + R_CODE));
    return zf_get32(theirs + R_LOW + 0x8c) == (length << 16 | ZF_PGM_OPERATION) &&
           zf_get64(theirs + R_LOW + 0x158) == CODE + length;
}

const char *machine_difference(const uint8_t *ours, const uint8_t *theirs) {
    return !same_low(ours + R_LOW, theirs + R_LOW)                ? "low storage"
           : memcmp(ours + R_GR, theirs + R_GR, 128)              ? "general registers"
           : memcmp(ours + R_CR, theirs + R_CR, 128)              ? "control registers"
           : memcmp(ours + R_DATA, theirs + R_DATA, DATA_SIZE)    ? "data"
           : memcmp(ours + R_SECOND, theirs + R_SECOND, LOW_SIZE) ? "second page"
           : memcmp(ours + R_PAGES, theirs + R_PAGES, 8 * PAGES)  ? "page table"
           : !same_keys(ours + R_KEYS, theirs + R_KEYS)           ? "keys"
                                                                  : NULL;
}

static bool only_keys_differ(const uint8_t *ours, const uint8_t *theirs) {
    const char *what = machine_difference(ours, theirs);
    return !what || !strcmp(what, "keys"); /* which are looked at last */
}

static bool is_access(unsigned code) {
    return code == ZF_PGM_PROTECTION || code == ZF_PGM_ADDRESSING ||
           (code >= ZF_PGM_SEGMENT_TRANSLATION && code <= ZF_PGM_TRANSLATION_SPEC) ||
           (code >= ZF_PGM_ASCE_TYPE && code <= ZF_PGM_REGION_THIRD);
}

/* A space without tables: its addresses mean other frames than those of the others do. */
static bool has_real_space(const uint8_t *before) {
    uint64_t any = zf_get64(before + R_CR + 8 * 1) | zf_get64(before + R_CR + 8 * 7) |
                   zf_get64(before + R_CR + 8 * 13);
    return any & ZF_ASCE_REAL;
}

/* Long moves between overlapping operands; any of their addresses lies in the data. */
static bool operands_overlap(const uint8_t *before, const struct zf_operands *o) {
    uint64_t one = zf_get64(before + R_GR + 8 * o->b1), other = zf_get64(before + R_GR + 8 * o->b2);
    return one - other < ZF_PAGE_SIZE + 16 || other - one < ZF_PAGE_SIZE + 16 ||
           has_real_space(before);
}

/* In the 24- and 31-bit modes an address changes the right half of a register alone. */
static bool other_half_kept(const uint8_t *before, unsigned r1, const uint8_t *ours,
                            const uint8_t *theirs) {
    uint64_t was = zf_get64(before + R_GR + 8 * r1), one = zf_get64(ours + R_GR + 8 * r1);
    uint64_t other = zf_get64(theirs + R_GR + 8 * r1);
    return !(zf_get64(before + R_PSW) & ZF_PSW_EA) && was >> 32 == one >> 32 && !(other >> 32) &&
           (uint32_t)one == (uint32_t)other;
}

/* Access exceptions where the book leaves open which one, if any, or where half is stored. */
static bool is_access_excused(enum zf_row row, unsigned code, unsigned other) {
    bool both = is_access(code) && is_access(other);
    switch (row) {
    case ZF_ROW_asi: /* operands may be looked at in any order, and for fetching or storing */
    case ZF_ROW_laa:
    case ZF_ROW_ni:
    case ZF_ROW_oi:
    case ZF_ROW_nc:
    case ZF_ROW_oc:
    case ZF_ROW_xc:
    case ZF_ROW_mvc:
    case ZF_ROW_tr:
    case ZF_ROW_ap:
    case ZF_ROW_zap:
    case ZF_ROW_csp:
    case ZF_ROW_cspg:
    case ZF_ROW_stcm: /* it stores to the first page when the second one is not there */
    case ZF_ROW_stm:
    case ZF_ROW_stmg:
    case ZF_ROW_stctl:
    case ZF_ROW_stctg:
        return both;
    case ZF_ROW_cs: /* whether what is not equal is stored to is open */
    case ZF_ROW_csg:
    case ZF_ROW_cds:
    case ZF_ROW_cdsg:
    case ZF_ROW_clc: /* bytes after the first unequal one may be looked at or not */
        return is_access(code) || is_access(other);
    case ZF_ROW_mvcp: /* keys of their own */
    case ZF_ROW_mvcs:
    case ZF_ROW_mvck:
    case ZF_ROW_mvcsk:
    case ZF_ROW_mvcdk:
    case ZF_ROW_mvcos:
        return code == ZF_PGM_PROTECTION || both;
    default:
        return false;
    }
}

/* Whether MVCOS has an operand by its access register. */
static bool by_access_register(const uint8_t *before) {
    enum { SPACE_VALID = 1, SPACE = 0xc0, BY_REGISTER = 0x40 };
    uint64_t psw = zf_get64(before + R_PSW), gr0 = zf_get64(before + R_GR);
    bool mode = (psw & ZF_PSW_AS) == ZF_PSW_AS_AR;
    for (unsigned half = 0; half < 2; half++, gr0 >>= 16) {
        if (gr0 & SPACE_VALID ? (gr0 & SPACE) == BY_REGISTER : mode) {
            return true;
        }
    }
    return false;
}

/* Control register of the space that instructions are fetched from. */
static unsigned space_register(uint64_t psw) {
    return (psw & ZF_PSW_AS) == ZF_PSW_AS_HOME ? 13 : 1;
}

/* The next instruction comes from a space whose tables may lie among the records. */
static bool leaves_space(const uint8_t *before, const uint8_t *theirs) {
    uint64_t psw = zf_get64(before + R_PSW);
    unsigned at = R_CR + 8 * space_register(psw);
    return psw & ZF_PSW_DAT && memcmp(before + at, theirs + at, 8) != 0;
}

/* By the region-table entry, whose protection is nothing to the other emulator: it goes on. */
static bool region_protects(const uint8_t *before, unsigned code, unsigned other) {
    return code == ZF_PGM_PROTECTION && other != code && zf_get64(before + R_PSW) & ZF_PSW_DAT &&
           zf_get64(before + R_CR) & ZF_CR0_ENHANCED_DAT &&
           zf_get64(before + R_REGION) & ZF_ENTRY_PROTECTED;
}

bool machine_is_excused(const uint8_t *before, const uint8_t *ours, const uint8_t *theirs) {
    struct zf_insn insn;
    struct zf_operands o;
    zf_decode(zf_get64(before + R_CODE), &insn);
    zf_insn_operands(&insn, &o);
    unsigned code = zf_get16(ours + R_LOW + 0x8e) & ~ZF_PGM_PER;
    unsigned other = zf_get16(theirs + R_LOW + 0x8e) & ~ZF_PGM_PER;
    unsigned cc = ours[R_LOW + (zf_get16(ours + R_LOW + 0x8e) ? 0x152 : 0x142)] >> 4 & 3;
    uint64_t r1_differs = zf_get64(ours + R_GR + 8 * o.r1) ^ zf_get64(theirs + R_GR + 8 * o.r1);
    if (zf_get64(ours + R_LOW + 0x158) == NEW_ADDRESS) {
        return true; /* an event of SUPERVISOR CALL itself: the driver has another new PSW */
    }
    if (region_protects(before, code, other)) {
        return true;
    }
    switch (insn.row) {
    case ZF_ROW_lura: /* it does not want boundaries */
    case ZF_ROW_lurag:
    case ZF_ROW_stura:
    case ZF_ROW_sturg:
        return code == ZF_PGM_SPECIFICATION;
    case ZF_ROW_lra: /* every translation that fails is CC 3 to it */
    case ZF_ROW_lrag:
    case ZF_ROW_lray:
        return cc == 1 || cc == 2 || code == ZF_PGM_TRANSLATION_SPEC ||
               other_half_kept(before, o.r1, ours, theirs);
    case ZF_ROW_la:
        return other_half_kept(before, o.r1, ours, theirs);
    case ZF_ROW_sac: /* it does not look whether control register 0 lets it, and has no AR mode */
    case ZF_ROW_sacf:
        return code == ZF_PGM_SPECIAL_OPERATION || other == ZF_PGM_SPECIFICATION;
    case ZF_ROW_sske: /* it knows none of the controls */
        return o.m3 & 7;
    case ZF_ROW_rrbe: /* the driver has references and changes of its own */
        return zf_get64(before + R_GR + 8 * o.r2) < 2 * ZF_PAGE_SIZE;
    case ZF_ROW_iske:
        return !(r1_differs & ~(uint64_t)(ZF_KEY_REFERENCE | ZF_KEY_CHANGE));
    case ZF_ROW_spka: /* for the supervisor alone */
        return other == ZF_PGM_PRIVILEGED && code != other;
    case ZF_ROW_ipte: /* it has no ranges */
        return o.r3;
    case ZF_ROW_mvcos:
        return operands_overlap(before, &o) || is_access_excused(insn.row, code, other) ||
               (other == ZF_PGM_ADDRESSING && /* it has neither */
                (by_access_register(before) || zf_get64(before + R_PSW) & ZF_PSW_PROBLEM));
    case ZF_ROW_lctl:
    case ZF_ROW_lctlg:
        if (leaves_space(before, theirs)) {
            return true;
        }
        /* fall through */
    case ZF_ROW_icm: /* what the first page has is in registers when the second is not there */
        return is_access(code) && code == other;
    case ZF_ROW_idte: /* it marks no change */
        return only_keys_differ(ours, theirs);
    default:
        return is_access_excused(insn.row, code, other);
    }
}
