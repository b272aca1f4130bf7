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
/* clang-format on */

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

static bool is_compare_and_branch(const struct zf_insn *insn) {
    const char *mnemonic = zf_row_get(insn->row)->mnemonic;
    return is_relative[zf_insn_format(insn)] &&
           (!strncmp(mnemonic, "brct", 4) || !strncmp(mnemonic, "brx", 3) ||
            ((*mnemonic == 'c') && mnemonic[strlen(mnemonic) - 1] == 'j'));
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
    default:
        if (is_compare_and_branch(insn)) {
            relative(insn, at, 1, way);
        }
    }
}
