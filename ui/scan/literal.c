/*
 * Constants in registers, as masks of what is tested: they hold where the code from the instruction
 * that loads one up to the one that uses it is entered at its beginning alone.
 */
#include "scan/view.h"

#include <string.h>

enum { CHANGED_BY_CALLS = 6 };

static bool load(const struct zf_insn *insn, const struct zf_operands *o, uint64_t *value) {
    switch (insn->row) {
    case ZF_ROW_lghi:
    case ZF_ROW_lgfi:
        *value = (uint64_t)o->i2;
        return true;
    case ZF_ROW_lhi:
    case ZF_ROW_iilf:
    case ZF_ROW_llilf:
        *value = (uint64_t)o->i2 & UINT32_MAX;
        return true;
    case ZF_ROW_llill:
        *value = (uint64_t)o->i2 & UINT16_MAX;
        return true;
    case ZF_ROW_llilh:
        *value = ((uint64_t)o->i2 & UINT16_MAX) << 16;
        return true;
    default:
        return false;
    }
}

/* Loads of several registers, products and quotients, which are in two; compares of long
 * operands. */
static bool changes_several(const struct zf_insn *insn) {
    const char *m = zf_row_get(insn->row)->mnemonic;
    bool loads = m[0] == 'l' && (m[1] == 'm' || !strncmp(m, "lpq", 3));
    bool moves = (m[0] == 'c' && !strncmp(m, "clcl", 4)) || !strncmp(m, "mvcl", 4);
    return loads || moves || m[0] == 'd' || (m[0] == 'm' && m[1] != 'v');
}

void zf_view_follow_literal(struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                            const struct zf_operands *o) {
    uint64_t value;
    if (load(insn, o, &value)) {
        v->literals[o->r1] = (struct zf_literal){at, value};
        v->literal = true;
    } else if (!v->literal) {
        return;
    } else if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        memset(v->literals, 0, CHANGED_BY_CALLS * sizeof *v->literals);
    } else if (changes_several(insn)) {
        memset(v->literals, 0, sizeof v->literals);
        v->literal = false;
    } else if (!v->keeps) {
        v->literals[o->r1].at = 0;
    }
}

static bool leads_between(const struct zf_way *way, uint64_t from, uint64_t to) {
    return way->branches && way->target > from && way->target <= to;
}

/* Whether any way leads to between the instructions, or to the second; where the function computes
 * where it goes, nobody knows. */
static bool is_entered(const struct zf_walk *w, uint64_t from, uint64_t to) {
    struct zf_insn insn;
    struct zf_way way;
    bool entered = w->f->indirect, falls = true;
    for (uint64_t at = w->f->address; !entered && (at = zf_walk_next(w, at, &insn)) < w->f->end;
         at += insn.length) {
        zf_way_of(&insn, at, &way);
        falls = at < from || at >= to ? falls : falls && way.falls;
        entered = leads_between(&way, from, to) || !falls;
    }
    return entered;
}

bool zf_view_literal(const struct zf_walk *w, const struct zf_view *v, unsigned reg, uint64_t at,
                     uint64_t *value) {
    const struct zf_literal *literal = &v->literals[reg];
    *value = literal->value;
    return literal->at && literal->at < at && !is_entered(w, literal->at, at);
}
