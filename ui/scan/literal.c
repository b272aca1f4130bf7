/*
 * Constants in registers, as masks of what is tested: they hold where the code from the instruction
 * that loads one up to the one that uses it is entered at its beginning alone.
 */
#include "scan/view.h"

#include <string.h>

enum { CHANGED_BY_CALLS = 6 };

/* Of a register whose left half stays as it is, nothing is known there. */
static uint64_t right_half(int64_t value) {
    return (uint64_t)value | ~(uint64_t)UINT32_MAX;
}

static bool load(const struct zf_insn *insn, const struct zf_operands *o, uint64_t *value) {
    switch (insn->row) {
    case ZF_ROW_lghi:
    case ZF_ROW_lgfi:
        *value = (uint64_t)o->i2;
        return true;
    case ZF_ROW_lhi:
    case ZF_ROW_iilf:
        *value = right_half(o->i2);
        return true;
    case ZF_ROW_llilf:
        *value = (uint64_t)o->i2 & UINT32_MAX;
        return true;
    case ZF_ROW_llill:
        *value = (uint64_t)o->i2 & UINT16_MAX;
        return true;
    case ZF_ROW_llilh:
        *value = ((uint64_t)o->i2 & UINT16_MAX) << 16;
        return true;
    case ZF_ROW_llihl:
        *value = ((uint64_t)o->i2 & UINT16_MAX) << 32;
        return true;
    case ZF_ROW_llihh:
        *value = ((uint64_t)o->i2 & UINT16_MAX) << 48;
        return true;
    default:
        return false;
    }
}

/* Those that may stand between the load of a constant and its use: the general register of the
 * first operand is all that they change. Beside them there are calls. */
static bool changes_first_alone(const struct zf_insn *insn) {
    switch (insn->row) {
#define ROW(name) case ZF_ROW_##name:
#include "scan/simple.def"
#undef ROW
        return true;
    default:
        return false;
    }
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
    } else if (!changes_first_alone(insn)) {
        memset(v->literals, 0, sizeof v->literals);
        v->literal = false;
    } else if (!v->keeps) {
        v->literals[o->r1].at = 0;
    }
}

/* The places that branches of the function lead to: a bitmap of halfwords, made once. */
static void find_entries(const struct zf_walk *w) {
    struct zf_insn insn;
    struct zf_way way;
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end;
         at += insn.length) {
        zf_way_of(&insn, at, &way);
        uint64_t i = (way.target - w->f->address) / 2;
        if (way.branches && way.target >= w->f->address && i < w->halfwords) {
            w->entries->bits[i / 64] |= UINT64_C(1) << i % 64;
        }
    }
    w->entries->found = true;
}

bool zf_view_is_target(const struct zf_walk *w, uint64_t at) {
    uint64_t i = (at - w->f->address) / 2;
    if (!w->entries->found) {
        find_entries(w);
    }
    return w->entries->bits[i / 64] >> i % 64 & 1;
}

/* Whether any way leads to between the instructions, or to the second; where the function computes
 * where it goes, or goes far in between, nobody knows. */
static bool is_entered(const struct zf_walk *w, uint64_t from, uint64_t to) {
    enum { FAR = 1024 };
    struct zf_insn insn;
    struct zf_way way;
    bool entered = w->f->indirect || to - from > FAR;
    if (!entered && !w->entries->found) {
        find_entries(w);
    }
    for (uint64_t i = (from - w->f->address) / 2 + 1; !entered && i <= (to - w->f->address) / 2;
         i++) {
        entered = w->entries->bits[i / 64] >> i % 64 & 1;
    }
    for (uint64_t at = from; !entered && at < to; at += insn.length) {
        entered = !zf_walk_fetch(w, at, &insn);
        zf_way_of(&insn, at, &way);
        entered |= !way.falls;
    }
    return entered;
}

bool zf_view_literal(const struct zf_walk *w, const struct zf_view *v, unsigned reg, uint64_t at,
                     uint64_t *value) {
    const struct zf_literal *literal = &v->literals[reg];
    *value = literal->value;
    return literal->at && literal->at < at && !is_entered(w, literal->at, at);
}
