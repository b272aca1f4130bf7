/*
 * What registers hold that an instruction is reached with, by branches and from the one before. A
 * register that tells on one way, and holds something else on another, tells nobody knows what;
 * with zero on the other, a bit that is one can only be that of the first.
 */
#include "scan/view.h"

#include <string.h>

/* Of one of two ways. */
struct side {
    uint32_t tainted, zero;
    const struct zf_answer *held;
};

static struct zf_answer join_one(const struct side *a, const struct side *b, unsigned r,
                                 bool strict) {
    bool one = a->tainted >> r & 1, other = b->tainted >> r & 1;
    if (one && other) {
        return zf_answer_join(&a->held[r], &b->held[r]);
    }
    uint32_t zero = one ? b->zero : a->zero;
    return strict && !(zero >> r & 1) ? (struct zf_answer){0} : one ? a->held[r] : b->held[r];
}

/* Into `held`, which is the one side's. */
static void join(struct zf_answer *held, const struct side *into, const struct side *from,
                 bool strict) {
    uint32_t tainted = into->tainted | from->tainted;
    for (unsigned r = 0; tainted && r < ZF_VIEW_REGISTERS; r++) {
        if (tainted >> r & 1) {
            held[r] = join_one(into, from, r, strict);
        }
    }
}

/* The number of what branches take along to there; or how many there are of such. */
static unsigned find(const struct zf_walk *w, uint64_t target) {
    unsigned i = w->carried & zf_walk_bit(target) ? 0 : w->carry_count;
    while (i < w->carry_count && w->carries[i].target != target) {
        i++;
    }
    return i;
}

void zf_view_carry(struct zf_walk *w, const struct zf_view *v, const struct zf_way *way) {
    if (!way->branches || !(v->tainted || w->strict)) {
        return;
    }
    unsigned i = find(w, way->target);
    struct zf_carry *c = &w->carries[i];
    if (i < w->carry_count) {
        struct side into = {c->tainted, c->zero, c->held};
        join(c->held, &into, &(struct side){v->tainted, v->zero, v->held}, w->strict);
        c->tainted |= v->tainted;
        c->zero &= v->zero;
    } else if (v->tainted && i < ZF_WALK_CARRIES) {
        *c = (struct zf_carry){.target = way->target, .tainted = v->tainted, .zero = v->zero};
        memcpy(c->held, v->held, sizeof c->held);
        w->carry_count++;
        w->carried |= zf_walk_bit(way->target);
    }
}

void zf_view_take(const struct zf_walk *w, struct zf_view *v, uint64_t at) {
    v->asked = v->asked && !zf_view_is_target(w, at); /* who knows what set it? */
    unsigned i = find(w, at);
    if (i < w->carry_count) {
        const struct zf_carry *c = &w->carries[i];
        struct side into = {v->tainted, v->zero, v->held};
        join(v->held, &into, &(struct side){c->tainted, c->zero, c->held}, w->strict && !v->apart);
        v->tainted |= c->tainted;
        v->zero = v->apart ? c->zero : v->zero & c->zero;
    } else if (v->apart) {
        v->zero = 0;
    }
}
