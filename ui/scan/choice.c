/*
 * Functions whose addresses are taken for a test of facilities to choose from.
 */
#include "scan/view.h"

#include <string.h>

/* Where the address is taken of a function that a test chooses, so that it goes nowhere else. */
static void note_chosen(struct zf_walk *w, uint64_t at) {
    if (w->chosen_count < ZF_WALK_CHOSEN) {
        w->chosen[w->chosen_count++] = at;
    }
}

bool zf_walk_chooses(const struct zf_walk *w, uint64_t at) {
    unsigned i = 0;
    while (i < w->chosen_count && w->chosen[i] != at) {
        i++;
    }
    return i < w->chosen_count;
}

/* An address that a test chooses goes elsewhere, too. */
static void follow_copy(struct zf_walk *w, const struct zf_view *v, const struct zf_insn *insn,
                        const struct zf_operands *o) {
    for (unsigned i = 0; insn->row == ZF_ROW_lgr && v->address[o->r2] && i < w->chosen_count; i++) {
        w->chosen[i] = w->chosen[i] == v->from[o->r2] ? 0 : w->chosen[i];
    }
}

/* Of two functions, a test says which one's address a register gets. */
static void choose(struct zf_walk *w, const struct zf_view *v, unsigned one, unsigned other) {
    uint64_t x = v->address[one], y = v->address[other];
    struct zf_scan_function *a = x ? zf_scan_function_at(w->file, x) : NULL;
    struct zf_scan_function *b = y ? zf_scan_function_at(w->file, y) : NULL;
    if (a && b) {
        note_chosen(w, v->from[one]);
        note_chosen(w, v->from[other]);
        a->rival = (uint32_t)(b - w->file->functions) + 1;
        b->rival = (uint32_t)(a - w->file->functions) + 1;
    }
}

void zf_view_choose(struct zf_walk *w, const struct zf_view *v, const struct zf_insn *insn,
                    const struct zf_operands *o) {
    if (v->asked && !strncmp(zf_row_get(insn->row)->mnemonic, "loc", 3)) {
        choose(w, v, o->r1, o->r2);
    }
    follow_copy(w, v, insn, o);
}
