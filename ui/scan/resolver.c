/*
 * What ifunc resolvers return: of one of which all tests are known, the functions that it returns
 * without a test are needed, as if it called them.
 */
#include "scan/view.h"

#include <string.h>

static bool leaves(const struct zf_walk *w, const struct zf_way *way) {
    return way->branches && (way->target < w->f->address || way->target >= w->f->end);
}

static bool returns(const struct zf_insn *insn, const struct zf_operands *o) {
    enum { BACK = 14 };
    return insn->row == ZF_ROW_bcr && o->m1 && o->r2 == BACK;
}

/* Whether a branch, load on condition or select depends on a test of which it is known what it
 * says, and nothing is called. */
static bool is_clear(const struct zf_walk *w, uint64_t at, const struct zf_insn *insn) {
    const struct zf_guard *choice = zf_walk_choice(w, at), *guard = zf_walk_guard(w, at);
    struct zf_way way;
    zf_way_of(insn, at, &way);
    if (zf_walk_chooses_by(insn)) {
        return choice && choice->settled;
    }
    if (way.conditional) {
        return guard && guard->promise != ZF_SCAN_UNKNOWN && !leaves(w, &way);
    }
    return !way.indirect && !leaves(w, &way) && insn->row != ZF_ROW_brasl &&
           insn->row != ZF_ROW_basr;
}

/* Functions may keep general registers in floating-point registers. */
static bool reads(const struct zf_insn *insn, const struct zf_operands *o, unsigned reg) {
    return (o->r2 == reg && insn->row != ZF_ROW_lgdr) || o->r3 == reg || o->b1 == reg ||
           o->b2 == reg || o->x2 == reg;
}

/* One may also be the end of what lies before it: that is what is loaded, or its size computed. */
bool zf_walk_compares(const struct zf_walk *w, uint64_t at, unsigned reg) {
    enum { SOON = 32 };
    struct zf_insn insn;
    struct zf_operands o;
    for (unsigned i = 0; i < SOON && zf_walk_fetch(w, at, &insn); i++, at += insn.length) {
        zf_insn_operands(&insn, &o);
        if (reads(&insn, &o, reg) || o.r1 == reg) {
            return (o.b2 == reg && o.d2 < 0) || insn.row == ZF_ROW_sgr || insn.row == ZF_ROW_cgr ||
                   insn.row == ZF_ROW_clgr || insn.row == ZF_ROW_cgrj || insn.row == ZF_ROW_clgrj;
        }
    }
    return false;
}

/* An address on its way to the return: the register it is in, where, and what guards promise. */
struct parcel {
    uint64_t at;
    uint8_t reg, promise;
};

enum { PARCELS = 16, STEPS = 1024, RESULT = 2 };

/* What is promised where the address is returned, and for each way that has not been gone. */
struct delivery {
    struct parcel left[PARCELS];
    unsigned count, steps;
    uint8_t promise;
    bool returned, lost;
};

static void leave(struct delivery *d, struct parcel p) {
    if (d->count < PARCELS) {
        d->left[d->count++] = p;
    } else {
        d->lost = true;
    }
}

static uint8_t greater(uint8_t one, uint8_t other) {
    return zf_scan_lesser_promise(one, other) == one ? other : one;
}

/* One that is returned without a guard is needed, whatever others promise. */
static void deliver(struct delivery *d, const struct parcel *p) {
    d->promise = d->returned ? zf_scan_lesser_promise(d->promise, p->promise) : p->promise;
    d->returned = true;
    d->lost |= p->reg != RESULT;
}

/* Both ways of a branch; where it is known that the bit is one, that is promised. */
static void part(const struct zf_walk *w, struct delivery *d, struct parcel *p,
                 const struct zf_insn *insn, const struct zf_way *way, bool back) {
    const struct zf_guard *guard = way->conditional ? zf_walk_guard(w, p->at) : NULL;
    struct parcel taken = {way->target, p->reg, p->promise};
    uint8_t *surer = !guard ? NULL : guard->taken ? &taken.promise : &p->promise;
    if (surer) {
        *surer = greater(*surer, guard->promise);
    }
    if (back) {
        deliver(d, &taken);
    } else {
        leave(d, taken);
    }
    p->at = way->falls ? p->at + insn->length : 0;
}

/* The address goes on in another register: as it is, or from where the linker puts it. */
static bool moves(const struct zf_insn *insn, const struct zf_operands *o, unsigned reg) {
    return (insn->row == ZF_ROW_lgr && o->r2 == reg) ||
           (insn->row == ZF_ROW_lg && o->b2 == reg && !o->x2 && !o->d2) ||
           (zf_walk_chooses_by(insn) && o->r2 == reg) ||
           (zf_walk_chooses_by(insn) == ZF_CHOICE_SELECT && o->r3 == reg);
}

/* One instruction on; 0 as the place: this way is at its end. */
static void carry_on(const struct zf_walk *w, struct delivery *d, struct parcel *p) {
    struct zf_insn insn;
    struct zf_operands o;
    struct zf_way way;
    if (!zf_walk_fetch(w, p->at, &insn) || ++d->steps > STEPS) {
        d->lost = true;
        return;
    }
    zf_insn_operands(&insn, &o);
    zf_way_of(&insn, p->at, &way);
    bool back = returns(&insn, &o);
    if (back || way.branches) {
        part(w, d, p, &insn, &way, back);
        p->at = back && o.m1 == 15 ? 0 : p->at;
    } else if (moves(&insn, &o, p->reg)) {
        p->reg = (uint8_t)o.r1;
        p->at += insn.length;
    } else if (zf_walk_chooses_by(&insn)) {
        p->at += insn.length;
    } else if (reads(&insn, &o, p->reg) || (o.r1 == p->reg && zf_walk_keeps_first(&insn))) {
        d->lost = true;
    } else {
        p->at = o.r1 == p->reg || !way.falls ? 0 : p->at + insn.length;
    }
}

/* What is promised wherever the address that is loaded at `at` is returned; 0: nothing, at least
 * once; unknown: it goes elsewhere. */
static uint8_t promise_of_return(const struct zf_walk *w, uint64_t at, const struct zf_insn *insn) {
    struct delivery d = {0};
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    leave(&d, (struct parcel){at + insn->length, (uint8_t)o.r1, zf_walk_promise(w, at)});
    while (d.count && !d.lost) {
        struct parcel p = d.left[--d.count];
        while (p.at && !d.lost) {
            carry_on(w, &d, &p);
        }
    }
    return d.returned && !d.lost ? d.promise : ZF_SCAN_UNKNOWN;
}

/* The function whose address is loaded there; NULL: none. */
static const struct zf_scan_function *function_taken(const struct zf_walk *w, uint64_t at,
                                                     const struct zf_insn *insn) {
    uint64_t target;
    bool loads = insn->row == ZF_ROW_lgrl;
    if ((!loads && insn->row != ZF_ROW_larl) || !zf_relative_target(insn, at, &target)) {
        return NULL;
    }
    loads |= zf_scan_is_of_code(w->file, target);
    const struct zf_scan_pointer *p = loads ? zf_scan_pointer_at(w->file, target) : NULL;
    return zf_scan_function_at(w->file, p ? p->value : target);
}

uint8_t zf_walk_returned(const struct zf_walk *w, uint64_t at, const struct zf_insn *insn) {
    bool returned = w->f->clear && function_taken(w, at, insn) && !zf_walk_chooses(w, at);
    return returned ? promise_of_return(w, at, insn) : zf_walk_promise(w, at);
}

bool zf_walk_resolves_clearly(const struct zf_walk *w) {
    struct zf_insn insn;
    bool clear = w->f->resolver, tests = w->guard_count || w->choice_count;
    unsigned taken = 0;
    for (uint64_t at = w->f->address; clear && (at = zf_walk_next(w, at, &insn)) < w->f->end;
         at += insn.length) {
        bool takes = function_taken(w, at, &insn);
        taken += takes;
        clear = is_clear(w, at, &insn) && (!takes || zf_walk_chooses(w, at) ||
                                           promise_of_return(w, at, &insn) != ZF_SCAN_UNKNOWN);
    }
    return clear && (tests || taken < 2);
}
