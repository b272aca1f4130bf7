/*
 * Functions and tables whose addresses are taken for a test of facilities to choose from.
 */
#include "scan/view.h"

#include <stdlib.h>

enum zf_choice zf_walk_chooses_by(const struct zf_insn *insn) {
    switch (insn->row) {
    case ZF_ROW_selr:
    case ZF_ROW_selgr:
    case ZF_ROW_selfhr:
        return ZF_CHOICE_SELECT;
    case ZF_ROW_locr:
    case ZF_ROW_locgr:
    case ZF_ROW_locfhr:
        return ZF_CHOICE_LOAD;
    case ZF_ROW_loc:
    case ZF_ROW_locg:
    case ZF_ROW_locfh:
    case ZF_ROW_lochi:
    case ZF_ROW_locghi:
    case ZF_ROW_lochhi:
        return ZF_CHOICE_VALUE;
    default:
        return ZF_CHOICE_NONE;
    }
}

static uint64_t halfword_of(const struct zf_walk *w, uint64_t at) {
    return (at - w->f->address) / 2;
}

static struct zf_chosen *chosen_at(struct zf_walk *w, uint64_t at) {
    w->chosen = w->chosen ? w->chosen : calloc(w->halfwords + 1, sizeof *w->chosen);
    w->file->out_of_memory |= !w->chosen;
    return w->chosen ? &w->chosen[halfword_of(w, at)] : NULL;
}

/* Where the address is taken of what a test chooses; of several that do, the least promise counts,
 * which is none where one of them chooses it when the bit is zero. */
static void note_chosen(struct zf_walk *w, const struct zf_view *v, unsigned reg, uint8_t promise) {
    struct zf_chosen *chosen = chosen_at(w, v->from[reg]);
    if (chosen) {
        chosen->promise =
            chosen->chosen ? zf_scan_lesser_promise(chosen->promise, promise) : promise;
        chosen->chosen = true;
    }
}

uint8_t zf_walk_chooses(const struct zf_walk *w, uint64_t at) {
    return w->chosen ? w->chosen[halfword_of(w, at)].promise : 0;
}

/* Two registers, one of which a test chooses: where the condition holds, and where it does not. */
struct choice {
    unsigned held, other;
    struct zf_guard by;
};

static struct zf_scan_function *function_in(const struct zf_walk *w, const struct zf_view *v,
                                            unsigned reg) {
    return v->address[reg] ? zf_scan_function_at(w->file, v->address[reg]) : NULL;
}

static bool is_data_in(const struct zf_walk *w, const struct zf_view *v, unsigned reg) {
    const struct zf_scan_section *s =
        v->address[reg] ? zf_scan_section_at(w->file, v->address[reg]) : NULL;
    return s && !s->code;
}

/* Of two functions, or two tables, a test says which one's address a register gets. Where it is
 * known what that tests, the one where the bit is zero is not chosen: it is used where the facility
 * is missing. */
static bool choose(struct zf_walk *w, const struct zf_view *v, const struct choice *c) {
    bool known = c->by.promise != ZF_SCAN_UNKNOWN;
    struct zf_scan_function *a = function_in(w, v, c->held), *b = function_in(w, v, c->other);
    bool functions = a && b, tables = is_data_in(w, v, c->held) && is_data_in(w, v, c->other);
    if (!functions && !tables) {
        return false;
    }
    note_chosen(w, v, c->held, known && !c->by.taken ? 0 : c->by.promise);
    note_chosen(w, v, c->other, known && c->by.taken ? 0 : c->by.promise);
    if (functions && !known) {
        a->rival = (uint32_t)(b - w->file->functions) + 1;
        b->rival = (uint32_t)(a - w->file->functions) + 1;
    }
    return functions && known;
}

void zf_walk_add_guard(struct zf_walk *w, struct zf_guard **guards, unsigned *count,
                       struct zf_guard guard) {
    struct zf_guard *more = zf_scan_grow(*guards, count, sizeof *more);
    w->file->out_of_memory |= !more;
    if (more) {
        *guards = more;
        more[*count - 1] = guard;
    }
}

static const struct zf_guard *find(const struct zf_guard *guards, unsigned count, uint64_t at) {
    unsigned i = zf_scan_up_to(guards, count, sizeof *guards, at);
    return i && guards[i - 1].at == at ? &guards[i - 1] : NULL;
}

const struct zf_guard *zf_walk_guard(const struct zf_walk *w, uint64_t at) {
    return find(w->guards, w->guard_count, at);
}

const struct zf_guard *zf_walk_choice(const struct zf_walk *w, uint64_t at) {
    return find(w->choices, w->choice_count, at);
}

void zf_view_choose(struct zf_walk *w, const struct zf_view *v, uint64_t at,
                    const struct zf_insn *insn, const struct zf_operands *o) {
    enum zf_choice kind = zf_walk_chooses_by(insn);
    if (v->asked && kind) {
        struct choice c = {.held = o->r2,
                           .other = kind == ZF_CHOICE_SELECT ? o->r3 : o->r1,
                           .by = zf_view_guard(v, at, insn, &v->test)};
        c.by.settled = kind != ZF_CHOICE_VALUE && choose(w, v, &c);
        zf_walk_add_guard(w, &w->choices, &w->choice_count, c.by);
    }
}
