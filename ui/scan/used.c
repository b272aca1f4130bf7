/*
 * Whether the address that a test chooses goes elsewhere, too. Whatever else reads a register that
 * has it, or a copy of it, uses it, and so do calls that get it as an argument; there, what the
 * tests before promise counts.
 */
#include "scan/view.h"

#include <stdlib.h>

enum { ARGUMENTS = 0x3c, BY_CALLS = 0x403f }; /* registers that are arguments; that calls change */

/* From where it is loaded, along all ways. */
struct trail {
    struct zf_walk *w;
    struct step {
        uint32_t trail; /* the last one that was here */
        uint16_t has;   /* registers that have it there */
        uint16_t got;   /* and that have what was chosen, or was loaded from there */
        bool waits;
    } * steps;
    uint32_t number;
    uint64_t left; /* so many steps of all trails: then, nobody knows */
    uint8_t promise;
};

static void arrive(struct trail *t, uint64_t at, uint16_t has, uint16_t got) {
    struct zf_walk *w = t->w;
    if (!has || at < w->f->address || at >= w->f->end) {
        return;
    }
    uint64_t i = (at - w->f->address) / 2;
    struct step *s = &t->steps[i];
    if (s->trail != t->number) {
        *s = (struct step){.trail = t->number};
    }
    bool more = (has & ~s->has) || (got & ~s->got);
    s->has |= has;
    s->got |= got;
    if (more && !s->waits && w->ahead_count < w->halfwords) {
        s->waits = true;
        w->ahead[w->ahead_count++] = i;
    }
}

/* An instruction on the way, and what registers have before and after it. */
struct stop {
    uint64_t at;
    struct zf_insn insn;
    struct zf_operands o;
    struct zf_way way;
    const char *name;
    uint16_t has, got;
};

static bool in(uint16_t registers, unsigned reg) {
    return registers >> reg & 1;
}

static uint16_t with(uint16_t registers, unsigned reg, bool on) {
    return (uint16_t)(on ? registers | 1u << reg : registers & ~(1u << reg));
}

/* It is used there, if a test promises that, too. */
static void use(struct trail *t, uint64_t at, uint8_t promise) {
    uint8_t here = zf_walk_promise(t->w, at);
    here = zf_scan_lesser_promise(here, promise) == here ? promise : here;
    t->promise = zf_scan_lesser_promise(t->promise, here);
}

/* By a test, or by something else: then, it may have it afterwards. */
static void choose(struct trail *t, struct stop *s, enum zf_choice kind) {
    const struct zf_guard *by = zf_walk_choice(t->w, s->at);
    unsigned r1 = s->o.r1, other = kind == ZF_CHOICE_SELECT ? s->o.r3 : r1;
    bool value = kind == ZF_CHOICE_VALUE;
    bool has_held = !value && in(s->has, s->o.r2), has_other = in(s->has, other);
    bool got = (!value && in(s->got, s->o.r2)) || in(s->got, other);
    if (value && s->o.b2 && in(s->has, s->o.b2)) {
        use(t, s->at, 0);
    }
    if (by) {
        bool known = by->promise != ZF_SCAN_UNKNOWN;
        if (has_held) {
            use(t, s->at, known && !by->taken ? 0 : by->promise);
        }
        if (has_other) {
            use(t, s->at, known && by->taken ? 0 : by->promise);
        }
    }
    s->got = with(s->got, r1, got || (by && (has_held || has_other)));
    s->has = with(s->has, r1, !by && (has_held || has_other));
}

/* A call, or a branch to another function; one of what was chosen gets no argument by that. */
static void call(struct trail *t, struct stop *s, bool computed) {
    bool itself = computed && in(s->has, s->o.r2), chosen = computed && in(s->got, s->o.r2);
    if (itself || (s->has & ARGUMENTS && !chosen)) {
        use(t, s->at, 0);
    }
}

static bool reads_address(const struct stop *s, const struct zf_operands *o) {
    return (o->b1 && in(s->has, o->b1)) || (o->b2 && in(s->has, o->b2)) ||
           (o->x2 && in(s->has, o->x2));
}

/* STORE MULTIPLE reads all from the first to the third, LOAD MULTIPLE sets them. */
static uint16_t range(const struct zf_operands *o) {
    uint16_t registers = 0;
    for (unsigned i = 0; i <= ((o->r3 - o->r1) & 15u); i++) {
        registers = with(registers, (o->r1 + i) & 15, true);
    }
    return registers;
}

/* Whether it reads a register that has the address, other than to compare that. */
static bool reads(const struct trail *t, const struct stop *s) {
    const struct zf_operands *o = &s->o;
    const char *m = s->name;
    struct zf_insn executed;
    struct zf_operands then;
    uint64_t target;
    bool keeps = zf_walk_keeps_first(&s->insn), stores = zf_walk_stores_register(&s->insn);
    if (reads_address(s, o)) {
        return true;
    }
    if (s->insn.row == ZF_ROW_exrl && zf_relative_target(&s->insn, s->at, &target) &&
        zf_walk_fetch(t->w, target, &executed)) {
        zf_insn_operands(&executed, &then);
        return reads_address(s, &then);
    }
    if (!strncmp(m, "stm", 3)) {
        return s->has & range(o);
    }
    if (stores) {
        return in(s->has, o->r1);
    }
    bool compares = (*m == 'c' && keeps) || s->insn.row == ZF_ROW_sgr;
    if (*m == 'v' || *m == 'b' || *m == 't' || keeps || compares) {
        return false;
    }
    return (o->r2 && in(s->has, o->r2)) || (o->r3 && in(s->has, o->r3)) ||
           (o->r1 && in(s->has, o->r1) && !zf_walk_overwrites(&s->insn, o));
}

/* What does something else than to choose, to call or to branch. */
static void compute(struct trail *t, struct stop *s) {
    const struct zf_operands *o = &s->o;
    bool copies = s->insn.row == ZF_ROW_lgr;
    bool moves = (s->insn.row == ZF_ROW_la || s->insn.row == ZF_ROW_lay) && o->b2 && !o->x2;
    unsigned from = copies ? o->r2 : o->b2;
    if (copies || moves) {
        s->has = with(s->has, o->r1, in(s->has, from));
        s->got = with(s->got, o->r1, in(s->got, from));
        return;
    }
    if (reads(t, s)) {
        use(t, s->at, 0);
    }
    bool loads = *s->name == 'l' && o->b2 && in(s->got, o->b2);
    if (!strncmp(s->name, "lm", 2)) {
        s->has &= (uint16_t)~range(o);
        s->got &= (uint16_t)~range(o);
    } else if (*s->name != 'v' && *s->name != 'b' && !zf_walk_keeps_first(&s->insn)) {
        s->has = with(s->has, o->r1, false);
        s->got = with(s->got, o->r1, loads);
    }
}

static bool is_call(const struct stop *s) {
    enum { LINK = 14 };
    return s->insn.row == ZF_ROW_brasl || s->insn.row == ZF_ROW_basr ||
           (s->insn.row == ZF_ROW_bras && s->o.r1 == LINK);
}

static bool leaves(const struct trail *t, const struct zf_way *way) {
    const struct zf_scan_function *f = t->w->f;
    return (way->branches && (way->target < f->address || way->target >= f->end)) ||
           (way->indirect && !t->w->target_count);
}

static void take_step(struct trail *t, uint64_t i) {
    struct stop s = {.at = t->w->f->address + 2 * i, .has = t->steps[i].has};
    uint64_t target;
    s.got = t->steps[i].got;
    t->steps[i].waits = false;
    if (!zf_walk_fetch(t->w, s.at, &s.insn)) {
        return;
    }
    zf_insn_operands(&s.insn, &s.o);
    zf_way_of(&s.insn, s.at, &s.way);
    s.name = zf_row_get(s.insn.row)->mnemonic;
    enum zf_choice kind = zf_walk_chooses_by(&s.insn);
    if (kind) {
        choose(t, &s, kind);
    } else if (is_call(&s)) {
        call(t, &s, s.insn.row == ZF_ROW_basr);
        s.has &= (uint16_t)~BY_CALLS;
        s.got &= (uint16_t)~BY_CALLS;
        s.way.falls &=
            !zf_relative_target(&s.insn, s.at, &target) || !zf_walk_never_returns(t->w, target);
    } else if (leaves(t, &s.way)) {
        call(t, &s, s.way.indirect);
    } else {
        compute(t, &s);
    }
    if (s.way.falls) {
        arrive(t, s.at + s.insn.length, s.has, s.got);
    }
    if (s.way.branches) {
        arrive(t, s.way.target, s.has, s.got);
    }
    for (unsigned n = 0; s.way.indirect && n < t->w->target_count; n++) {
        arrive(t, t->w->targets[n], s.has, s.got);
    }
}

/* The least that is promised to any use of the address that is loaded there. */
static uint8_t follow(struct trail *t, uint64_t at) {
    struct zf_insn insn;
    struct zf_operands o;
    t->promise = ZF_SCAN_UNKNOWN;
    t->number++;
    t->w->ahead_count = 0;
    if (zf_walk_fetch(t->w, at, &insn)) {
        zf_insn_operands(&insn, &o);
        arrive(t, at + insn.length, (uint16_t)(1u << o.r1), 0);
    }
    while (t->w->ahead_count && t->left && t->promise) {
        t->left--;
        take_step(t, t->w->ahead[--t->w->ahead_count]);
    }
    return t->left ? t->promise : 0;
}

void zf_walk_settle_chosen(struct zf_walk *w) {
    enum { EACH = 64, FEW = 1 << 12 };
    struct trail t = {.w = w, .left = EACH * w->halfwords + FEW};
    t.steps = w->chosen ? calloc(w->halfwords + 1, sizeof *t.steps) : NULL;
    w->file->out_of_memory |= w->chosen && !t.steps;
    for (uint64_t i = 0; t.steps && i < w->halfwords; i++) {
        struct zf_chosen *chosen = &w->chosen[i];
        if (chosen->promise) {
            uint8_t used = follow(&t, w->f->address + 2 * i);
            chosen->promise = zf_scan_lesser_promise(chosen->promise, used);
        }
    }
    free(t.steps);
}
