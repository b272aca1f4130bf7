/*
 * Where control goes after an instruction. Only branches matter; everything else goes on.
 */
#include "scan/walk.h"

#include <string.h>

enum { ALWAYS = 15, RETURN = 14 };

/* Formats with a relative operand. */
/* clang-format off */
#define NIBBLE(...)
#define VR(...)
#define BYTE(...)
#define FIELD(...)
#define DISP(...)
#define LONG(...)
#define REL(...) || true
#define FORMAT(ID, name, length, kind, fields) [ZF_FORMAT_##ID] = false fields,
static const bool is_relative[ZF_FORMAT_COUNT] = {
#include "isa/formats.def"
};
#undef NIBBLE
#undef REL
#undef FORMAT
#define NIBBLE(name, first) | HAS_##name
#define REL(...)
#define FORMAT(ID, name, length, kind, fields) [ZF_FORMAT_##ID] = 0 fields,
enum {
    HAS_r1 = 1, HAS_r2 = 2, HAS_r3 = 4,
    HAS_x2 = 0, HAS_b1 = 0, HAS_b2 = 0, HAS_b3 = 0, HAS_b4 = 0,
    HAS_m1 = 0, HAS_m3 = 0, HAS_m4 = 0, HAS_m5 = 0, HAS_m6 = 0, HAS_l1 = 0, HAS_l2 = 0
};
static const uint8_t registers_of[ZF_FORMAT_COUNT] = {
#include "isa/formats.def"
};
/* clang-format on */

uint32_t zf_walk_sources(const struct zf_insn *insn, const struct zf_operands *o) {
    unsigned has = registers_of[zf_insn_format(insn)];
    uint32_t first = has & HAS_r1 && !zf_walk_overwrites(insn, o) ? 1u << o->r1 : 0;
    uint32_t second = has & HAS_r2 ? 1u << o->r2 : 0;
    return first | second | (has & HAS_r3 ? 1u << o->r3 : 0);
}

bool zf_walk_has_first(const struct zf_insn *insn) {
    return registers_of[zf_insn_format(insn)] & HAS_r1;
}

bool zf_relative_target(const struct zf_insn *insn, uint64_t at, uint64_t *target) {
    *target = at + (uint64_t)insn->imm;
    return is_relative[zf_insn_format(insn)];
}

/* BRANCH RELATIVE: always, never, or depending on the condition. A branch into itself is a trap. */
static void relative(const struct zf_insn *insn, uint64_t at, unsigned mask, struct zf_way *way) {
    way->branches = mask && zf_relative_target(insn, at, &way->target) && way->target != at + 2;
    way->falls = mask != ALWAYS;
    way->conditional = way->branches && way->falls;
}

static void computed(unsigned mask, unsigned reg, struct zf_way *way) {
    way->falls = mask != ALWAYS;
    way->conditional = mask && way->falls;
    way->indirect = mask && reg != RETURN;
}

/* BRANCH RELATIVE AND SAVE jumps over a literal pool when it does not save where calls do. */
static void save(const struct zf_insn *insn, uint64_t at, unsigned reg, struct zf_way *way) {
    uint64_t target;
    if (reg != RETURN && zf_relative_target(insn, at, &target) && target > at + insn->length &&
        target < at + (1 << 16)) {
        *way = (struct zf_way){.branches = true, .target = target};
    }
}

/* Of those with a relative operand. */
static bool is_compare_and_branch(const struct zf_insn *insn) {
    const char *mnemonic = zf_row_get(insn->row)->mnemonic;
    return !strncmp(mnemonic, "brct", 4) || !strncmp(mnemonic, "brx", 3) ||
           (*mnemonic == 'c' && mnemonic[strlen(mnemonic) - 1] == 'j');
}

void zf_way_of(const struct zf_insn *insn, uint64_t at, struct zf_way *way) {
    struct zf_operands o;
    *way = (struct zf_way){.falls = true};
    switch (insn->row) {
    case ZF_ROW_brc:
    case ZF_ROW_brcl:
        zf_insn_operands(insn, &o);
        relative(insn, at, o.m1, way);
        return;
    case ZF_ROW_bcr:
        zf_insn_operands(insn, &o);
        if (o.r2) {
            computed(o.m1, o.r2, way);
        }
        return;
    case ZF_ROW_bc:
    case ZF_ROW_bic:
        zf_insn_operands(insn, &o);
        computed(o.m1, o.b2 ? o.b2 : 1, way);
        return;
    case ZF_ROW_bras:
        zf_insn_operands(insn, &o);
        save(insn, at, o.r1, way);
        return;
    case ZF_ROW_lpswe:
    case ZF_ROW_pr:
        way->falls = false;
        return;
    case ZF_ROW_larl:
    case ZF_ROW_lgrl:
    case ZF_ROW_brasl:
        return;
    default:
        if (is_relative[zf_insn_format(insn)] && is_compare_and_branch(insn)) {
            relative(insn, at, 1, way);
        }
    }
}

static bool is_any(char letter, const char *letters) {
    return letter && strchr(letters, letter);
}

/* CONVERT TO FIXED, also to LOGICAL. */
static bool converts(const char *m) {
    unsigned logical = m[1] == 'l';
    return is_any(m[1 + logical], "fg") && is_any(m[2 + logical], "dex");
}

/* Of what begins with "c": COMPARE, but not CONVERT TO FIXED, COMPARE AND SWAP, CHECKSUM and the
 * like; what converts to floating point sets no general register. */
static bool compares(const char *m) {
    return !converts(m) && !is_any(m[1], "sku") && strncmp(m, "clcl", 4) != 0 &&
           strncmp(m, "clst", 4) != 0 && strncmp(m, "cds", 3) != 0;
}

static bool branches_only(const char *m) {
    const char *condition = m + (m[1] == 'r' ? 2 : 1);
    return (*condition == 'c' && condition[1] != 't') || is_any(m[1], "ip");
}

static bool loads_floating(const char *m) {
    return is_any(m[1], "de") || (m[1] == 'x' && m[2] != 'a') ||
           (is_any(m[1], "ztcnp") && is_any(m[2], "dex"));
}

static bool computes_floating(const char *m) {
    return (is_any(m[1], "dex") && strncmp(m, "sel", 3) != 0) ||
           (m[0] == 'm' && is_any(m[1], "as") && is_any(m[2], "dexy") && m[3]);
}

bool zf_walk_keeps_first(const struct zf_insn *insn) {
    const char *m = zf_row_get(insn->row)->mnemonic;
    switch (m[0]) {
    case 'b':
        return branches_only(m);
    case 'c':
        return compares(m);
    case 'l':
        return loads_floating(m);
    case 's':
        return is_any(m[1], "tq") || computes_floating(m);
    case 'm':
        return m[1] == 'v' || computes_floating(m);
    case 'a':
    case 'd':
        return computes_floating(m);
    case 't':
        return is_any(m[1], "mcd");
    default:
        return false;
    }
}

bool zf_walk_overwrites(const struct zf_insn *insn, const struct zf_operands *o) {
    enum { ZERO = 128 };
    const char *m = zf_row_get(insn->row)->mnemonic;
    bool shifts = is_any(m[0], "sr") && is_any(m[1], "lr") && strchr("lag", m[2]) && o->r3;
    bool rotates = !strncmp(m, "risb", 4) && o->i4 & ZERO;
    bool inserts = (insn->row == ZF_ROW_ic || insn->row == ZF_ROW_icy) && o->r1 == o->b2;
    bool loads = (m[0] == 'l' && strncmp(m, "loc", 3) != 0) || !strncmp(m, "sel", 3);
    return loads || inserts || (m[0] == 'c' && converts(m)) || shifts || rotates ||
           insn->row == ZF_ROW_ahik || insn->row == ZF_ROW_aghik;
}
