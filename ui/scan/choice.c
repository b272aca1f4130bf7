/*
 * Functions whose addresses are taken for a test of facilities to choose from.
 */
#include "scan/view.h"

#include <string.h>

/* Where the address is taken of a function that a test chooses, so that it goes nowhere else. */
static void note_chosen(struct zf_walk *w, uint64_t at, uint8_t promise) {
    if (w->chosen_count < ZF_WALK_CHOSEN) {
        w->promises[w->chosen_count] = promise;
        w->chosen[w->chosen_count++] = at;
    }
}

uint8_t zf_walk_chooses(const struct zf_walk *w, uint64_t at) {
    unsigned i = 0;
    while (i < w->chosen_count && w->chosen[i] != at) {
        i++;
    }
    return i < w->chosen_count ? w->promises[i] : 0;
}

/* An address that a test chooses goes elsewhere, too. */
static void follow_copy(struct zf_walk *w, const struct zf_view *v, const struct zf_insn *insn,
                        const struct zf_operands *o) {
    for (unsigned i = 0; insn->row == ZF_ROW_lgr && v->address[o->r2] && i < w->chosen_count; i++) {
        w->chosen[i] = w->chosen[i] == v->from[o->r2] ? 0 : w->chosen[i];
    }
}

/* Of two functions, a test says which one's address a register gets. Where it is known what that
 * tests, the one where the bit is zero is not chosen: it is used where the facility is missing. */
static bool choose(struct zf_walk *w, const struct zf_view *v, const struct zf_guard *choice,
                   unsigned one, unsigned other) {
    bool known = choice->promise != ZF_SCAN_UNKNOWN;
    uint64_t x = v->address[one], y = v->address[other];
    struct zf_scan_function *a = x ? zf_scan_function_at(w->file, x) : NULL;
    struct zf_scan_function *b = y ? zf_scan_function_at(w->file, y) : NULL;
    if (a && b && known) {
        note_chosen(w, v->from[choice->taken ? other : one], choice->promise);
    } else if (a && b) {
        note_chosen(w, v->from[one], ZF_SCAN_UNKNOWN);
        note_chosen(w, v->from[other], ZF_SCAN_UNKNOWN);
        a->rival = (uint32_t)(b - w->file->functions) + 1;
        b->rival = (uint32_t)(a - w->file->functions) + 1;
    }
    return a && b && known;
}

const struct zf_guard *zf_walk_choice(const struct zf_walk *w, uint64_t at) {
    for (unsigned i = 0; i < w->choice_count; i++) {
        if (w->choices[i].at == at) {
            return &w->choices[i];
        }
    }
    return NULL;
}

void zf_view_choose(struct zf_walk *w, const struct zf_view *v, uint64_t at,
                    const struct zf_insn *insn, const struct zf_operands *o) {
    if (v->asked && !strncmp(zf_row_get(insn->row)->mnemonic, "loc", 3)) {
        struct zf_guard choice = zf_view_guard(v, at, insn, &v->test);
        choice.settled = choose(w, v, &choice, o->r1, o->r2);
        if (w->choice_count < ZF_WALK_CHOSEN) {
            w->choices[w->choice_count++] = choice;
        }
    }
    follow_copy(w, v, insn, o);
}
