/*
 * What places in the frame hold that tells of facilities, and which registers point there.
 */
#include "scan/view.h"

#include <string.h>

enum { CHANGED_BY_CALLS = 6, WIDTH = 8 };

unsigned zf_view_slot(const struct zf_view *v, unsigned base, int64_t displacement) {
    for (unsigned i = 0; i < v->slot_count; i++) {
        if (v->slots[i].base == base && displacement >= v->slots[i].displacement &&
            displacement < v->slots[i].displacement + WIDTH) {
            return i;
        }
    }
    return ZF_VIEW_SLOTS;
}

bool zf_view_is_frame(unsigned base) {
    enum { FRAME_POINTER = 11 };
    return base == ZF_VIEW_STACK || base == FRAME_POINTER;
}

void zf_view_keep(struct zf_view *v, unsigned base, int64_t displacement, bool on,
                  struct zf_answer answer) {
    unsigned i = zf_view_slot(v, base, displacement);
    if (!on && i < ZF_VIEW_SLOTS) {
        v->slots[i] = v->slots[--v->slot_count];
    } else if (on && i == ZF_VIEW_SLOTS && v->slot_count < ZF_VIEW_SLOTS) {
        v->slots[v->slot_count++] = (struct zf_slot){base, displacement, answer};
    } else if (on && i < ZF_VIEW_SLOTS) {
        struct zf_answer *known = &v->slots[i].answer;
        *known = v->slots[i].displacement == displacement ? zf_answer_join(known, &answer)
                                                          : (struct zf_answer){0};
    }
}

void zf_view_follow_frame(struct zf_view *v, const struct zf_insn *insn,
                          const struct zf_operands *o) {
    if ((insn->row == ZF_ROW_la || insn->row == ZF_ROW_lay) && zf_view_is_frame(o->b2) && !o->x2) {
        v->into[o->r1] = (struct zf_slot){.base = o->b2, .displacement = o->d2};
    } else if (insn->row == ZF_ROW_aghik && zf_view_is_frame(o->r3)) {
        v->into[o->r1] = (struct zf_slot){.base = o->r3, .displacement = o->i2};
    } else if (insn->row == ZF_ROW_lgr) {
        v->into[o->r1] = v->into[o->r2];
    } else if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        memset(v->into, 0, CHANGED_BY_CALLS * sizeof *v->into);
    } else if (!v->keeps) {
        v->into[o->r1].base = 0;
    }
}

/* How many bytes of a place count. */
static int64_t width_of(const struct zf_answer *answer) {
    return answer->mask ? WIDTH - __builtin_ctzll(answer->mask) / 8 : 0;
}

void zf_view_forget(struct zf_view *v, unsigned base, int64_t displacement, unsigned width) {
    for (unsigned i = 0; i < v->slot_count; i++) {
        struct zf_slot *slot = &v->slots[i];
        int64_t from = displacement - slot->displacement;
        if (slot->base == base && from < width_of(&slot->answer) && from + width > 0) {
            slot->answer = (struct zf_answer){0};
        }
    }
}
