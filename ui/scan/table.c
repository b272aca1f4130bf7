/*
 * Calls through tables: code that loads an address from a table of functions, by an index or while
 * a pointer walks over it, and goes there, may go to each of them. What of that is in registers and
 * in the frame is followed as the code is read; branches take it along to their targets. Where a
 * test of facilities says which table or entry it is, what that leads to is behind the test.
 */
#include "scan/walk.h"

#include <stdlib.h>
#include <string.h>

enum { REGISTERS = 16, SLOTS = 16, CARRIES = 256, DONE = 64, STACK = 15, FRAME_POINTER = 11 };
enum { CHANGED_BY_CALLS = 6, WAYS = 6 };

/* An address in a table, or what was loaded from there. */
struct entry {
    uint64_t place;
    bool loaded;
    bool any;        /* of all that follows: there was an index */
    bool denied;     /* it was set where a facility may be missing */
    bool chosen;     /* an index that depends on facilities leads there */
    uint8_t promise; /* of tests, where it was set */
};

/* What a register may hold of that. */
struct hold {
    unsigned count;
    bool told; /* the value, whatever it is, depends on facilities */
    bool more; /* there is no room for all of it */
    struct entry entries[WAYS];
};

struct state {
    struct hold held[REGISTERS];
    bool more; /* there is no room for all places in the frame */
    unsigned slot_count;
    struct slot {
        unsigned base;
        int64_t displacement;
        struct hold hold;
    } slots[SLOTS];
};

struct carried {
    uint64_t target;
    struct state state;
};

struct zf_tables {
    struct zf_walk *w;
    struct state state;
    bool last;                    /* all that branches take along is known */
    bool more;                    /* but for what there was no room for */
    bool anywhere[UINT8_MAX + 1]; /* by promises: all tables that the function names are called */
    uint64_t carried;             /* bits of zf_walk_bit(): where that goes */
    unsigned carry_count, done_count;
    struct entry done[DONE]; /* whose functions are known to be called */
    struct carried carries[CARRIES];
};

static bool starts_with(const struct zf_insn *insn, const char *text) {
    return !strncmp(zf_row_get(insn->row)->mnemonic, text, strlen(text));
}

static bool is_data(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    return s && !s->code && s->bytes && !zf_scan_is_of_code(file, place);
}

/* Data that stays as it is in the file, but for what the loader does. */
static bool is_constant(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    return s && (!s->writable || !strncmp(s->name, ".data.rel.ro", 12));
}

static struct slot *find_slot(struct state *s, unsigned base, int64_t displacement) {
    for (unsigned i = 0; i < s->slot_count; i++) {
        if (s->slots[i].base == base && s->slots[i].displacement == displacement) {
            return &s->slots[i];
        }
    }
    return NULL;
}

static bool is_in_frame(const struct zf_operands *o) {
    return (o->b2 == STACK || o->b2 == FRAME_POINTER) && !o->x2;
}

static uint8_t greater(uint8_t a, uint8_t b) {
    return zf_scan_lesser_promise(a, b) == a ? b : a;
}

/* Adds what else a register may hold: by two ways to the same, the lesser promise counts. */
static void add_entry(struct hold *hold, struct entry entry) {
    for (unsigned i = 0; i < hold->count; i++) {
        struct entry *known = &hold->entries[i];
        if (known->place == entry.place && known->loaded == entry.loaded &&
            known->any == entry.any) {
            known->promise = zf_scan_lesser_promise(known->promise, entry.promise);
            known->denied &= entry.denied;
            return;
        }
    }
    if (hold->count < WAYS) {
        hold->entries[hold->count++] = entry;
    } else {
        hold->more = true;
    }
}

static void add_entries(struct hold *into, const struct hold *from) {
    into->told |= from->told;
    into->more |= from->more;
    for (unsigned i = 0; i < from->count; i++) {
        add_entry(into, from->entries[i]);
    }
}

static bool is_empty(const struct hold *hold) {
    return !hold->count && !hold->told && !hold->more;
}

static void store(struct state *s, unsigned base, int64_t displacement, const struct hold *hold) {
    struct slot *slot = find_slot(s, base, displacement);
    if (slot) {
        slot->hold = *hold;
    } else if (!is_empty(hold) && s->slot_count < SLOTS) {
        s->slots[s->slot_count++] = (struct slot){base, displacement, *hold};
    } else {
        s->more |= hold->count || hold->more;
    }
}

static bool points(const struct hold *hold) {
    return hold->count && !hold->entries[0].loaded;
}

/* The address of an operand, when a register of it points into a table. */
static struct hold address_of(const struct state *s, const struct zf_operands *o) {
    static const struct hold nothing = {0};
    const struct hold *base = o->b2 ? &s->held[o->b2] : &nothing;
    const struct hold *index = o->x2 ? &s->held[o->x2] : &nothing;
    const struct hold *table = points(base) ? base : index;
    struct hold address = {.more = base->more || index->more};
    for (unsigned i = 0; i < table->count; i++) {
        struct entry entry = table->entries[i];
        entry.place += (uint64_t)o->d2;
        entry.any |= o->b2 && o->x2;
        if (!entry.loaded) {
            add_entry(&address, entry);
        }
    }
    return address;
}

/* A pointer to another table, or perhaps to a function. */
static struct entry load_entry(const struct zf_tables *t, struct entry from) {
    uint64_t address = from.any ? 0 : zf_scan_address_at(t->w->file, from.place);
    from.loaded = true;
    if (address && is_constant(t->w->file, from.place) && is_data(t->w->file, address)) {
        from.place = address;
        from.loaded = false;
    }
    return from;
}

/* By an index from a table of pointers to tables: any of them. False: it is no such table. */
static bool load_any(const struct zf_tables *t, struct hold *hold, struct entry from) {
    const struct zf_scan_file *file = t->w->file;
    const struct zf_scan_section *s = zf_scan_section_at(file, from.place);
    const struct zf_scan_extent *named = zf_scan_data_at(file, from.place);
    uint64_t end = named ? named->end : s ? zf_scan_end_of_data(file, s, from.place) : from.place;
    bool tables = false;
    from.any = false;
    for (uint64_t place = from.place; place + 8 <= end && !hold->more; place += 8) {
        uint64_t address = place % 8 ? 0 : zf_scan_address_at(file, place);
        if (!address || !is_constant(file, place) || !is_data(file, address)) {
            break;
        }
        from.place = address;
        add_entry(hold, from);
        tables = true;
    }
    return tables;
}

static struct hold load(const struct zf_tables *t, struct hold from) {
    struct hold hold = {.more = from.more};
    for (unsigned i = 0; i < from.count; i++) {
        bool tables = from.entries[i].any && load_any(t, &hold, from.entries[i]);
        if (!tables) {
            add_entry(&hold, load_entry(t, from.entries[i]));
        }
    }
    return hold;
}

static struct hold load_operand(struct zf_tables *t, const struct zf_operands *o) {
    struct slot *slot = is_in_frame(o) ? find_slot(&t->state, o->b2, o->d2) : NULL;
    struct hold hold = slot ? slot->hold : load(t, address_of(&t->state, o));
    hold.more |= is_in_frame(o) && !slot && t->state.more;
    return hold;
}

static struct hold point_to(const struct zf_tables *t, uint64_t place) {
    struct hold hold = {.count = is_data(t->w->file, place)};
    hold.entries[0].place = place;
    return hold;
}

/* What LOAD RELATIVE LONG gets: from the global offset table, an address. */
static struct hold load_relative(const struct zf_tables *t, uint64_t place) {
    if (zf_scan_is_of_code(t->w->file, place)) {
        return point_to(t, zf_scan_address_at(t->w->file, place));
    }
    return load(t, point_to(t, place));
}

/* A sum with a pointer into a table is one, too. */
static struct hold add(const struct state *s, const struct zf_operands *o) {
    const unsigned registers[] = {o->r1, o->r2, o->r3};
    struct hold sum = {0};
    bool more = false;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(registers); i++) {
        const struct hold *hold = &s->held[registers[i]];
        sum = !sum.count && points(hold) ? *hold : sum;
        more |= hold->more;
    }
    sum.more = more;
    for (unsigned i = 0; i < sum.count; i++) {
        sum.entries[i].any = true;
    }
    return sum;
}

/* A pointer that goes on by what it has may do so in a loop. */
static struct hold advance(struct hold pointer, const struct zf_operands *o) {
    struct hold hold = pointer;
    for (unsigned i = 0; o->b2 == o->r1 && i < pointer.count; i++) {
        pointer.entries[i].any = true;
        add_entry(&hold, pointer.entries[i]);
    }
    return hold;
}

static void promise(struct hold *hold, uint8_t promise) {
    for (unsigned i = 0; i < hold->count; i++) {
        hold->entries[i].promise = greater(hold->entries[i].promise, promise);
    }
}

/* One of two: where a test says which, what it promises goes with the one where the bit is one. */
static struct hold choose(const struct zf_tables *t, uint64_t at, unsigned held, unsigned other) {
    const struct zf_guard *choice = zf_walk_choice(t->w, at);
    bool unknown = choice && choice->promise == ZF_SCAN_UNKNOWN;
    struct hold old = t->state.held[other], new = t->state.held[held];
    if (choice && (unknown || !choice->taken)) {
        promise(&old, choice->promise);
    }
    if (choice && (unknown || choice->taken)) {
        promise(&new, choice->promise);
    }
    add_entries(&old, &new);
    return old;
}

static struct hold result_of(struct zf_tables *t, uint64_t at, const struct zf_insn *insn,
                             const struct zf_operands *o) {
    switch (insn->row) {
    case ZF_ROW_larl:
        return point_to(t, at + (uint64_t)o->rel);
    case ZF_ROW_lgrl:
        return load_relative(t, at + (uint64_t)o->rel);
    case ZF_ROW_lgr:
    case ZF_ROW_ltgr:
        return t->state.held[o->r2];
    case ZF_ROW_locgr:
        return choose(t, at, o->r2, o->r1);
    case ZF_ROW_selgr:
        return choose(t, at, o->r2, o->r3);
    case ZF_ROW_la:
    case ZF_ROW_lay:
        return advance(address_of(&t->state, o), o);
    case ZF_ROW_lg:
    case ZF_ROW_ltg:
        return load_operand(t, o);
    default:
        return starts_with(insn, "ag") || starts_with(insn, "alg") ? add(&t->state, o)
                                                                   : (struct hold){0};
    }
}

/* Registers that the instruction takes something from, or 0. */
struct sources {
    unsigned list[5];
};

static struct sources sources_of(const struct zf_insn *insn, const struct zf_operands *o) {
    return (struct sources){{o->b2, o->x2, o->r2, o->r3, zf_walk_overwrites(insn, o) ? 0 : o->r1}};
}

/* Whether the result depends on facilities, by the instruction or by what it takes. */
static bool is_told(const struct zf_tables *t, uint64_t at, const struct zf_insn *insn,
                    const struct zf_operands *o) {
    const struct state *s = &t->state;
    const struct slot *slot = is_in_frame(o) ? find_slot((struct state *)s, o->b2, o->d2) : NULL;
    const struct sources sources = sources_of(insn, o);
    bool told = zf_walk_is_told(t->w, at) || (slot && slot->hold.told);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(sources.list); i++) {
        told |= sources.list[i] && s->held[sources.list[i]].told;
    }
    return told;
}

/* Whether an index that depends on facilities says which entry it is. */
static bool is_chosen(const struct zf_tables *t, uint64_t at, const struct zf_insn *insn,
                      const struct zf_operands *o) {
    const struct sources sources = sources_of(insn, o);
    bool behind = zf_walk_promise(t->w, at) || zf_walk_is_denied(t->w, at);
    bool chosen = zf_walk_computes(t->w, at);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(sources.list); i++) {
        const struct hold *hold = &t->state.held[sources.list[i]];
        chosen |= sources.list[i] && hold->told && !hold->count && !behind;
    }
    return chosen && !zf_walk_choice(t->w, at);
}

/* A table that a test leads to: its address may go elsewhere. */
static void note_chosen(struct zf_tables *t, const struct entry *entry) {
    if (!entry->loaded && entry->chosen) {
        zf_scan_add_ref(t->w->file,
                        &(struct zf_scan_ref){entry->place, true, entry->promise, false});
    }
}

/* What the first register holds then. */
static struct hold settle(struct zf_tables *t, uint64_t at, const struct zf_insn *insn,
                          const struct zf_operands *o) {
    struct hold hold = result_of(t, at, insn, o);
    hold.told = is_told(t, at, insn, o);
    for (unsigned i = 0; i < hold.count; i++) {
        hold.entries[i].denied |= zf_walk_is_denied(t->w, at);
    }
    promise(&hold, zf_walk_promise(t->w, at));
    if (is_chosen(t, at, insn, o)) {
        bool indexed = (o->b2 && o->x2) || starts_with(insn, "a");
        promise(&hold, ZF_SCAN_UNKNOWN);
        for (unsigned i = 0; i < hold.count; i++) {
            hold.entries[i].chosen |= indexed;
            if (t->last) {
                note_chosen(t, &hold.entries[i]);
            }
        }
    }
    return hold;
}

/* Where called functions save registers is theirs. */
static void call(struct state *s) {
    enum { SAVE_AREA = 160 };
    memset(s->held, 0, CHANGED_BY_CALLS * sizeof *s->held);
    for (unsigned i = 0; i < s->slot_count; i++) {
        if (s->slots[i].base == STACK && s->slots[i].displacement < SAVE_AREA) {
            s->slots[i].hold = (struct hold){0};
        }
    }
}

static void restore(struct state *s, const struct zf_operands *o) {
    for (unsigned r = o->r1; r != o->r3; r = (r + 1) % REGISTERS) {
        s->held[r] = (struct hold){0};
    }
    s->held[o->r3] = (struct hold){0};
}

static void follow(struct zf_tables *t, uint64_t at, const struct zf_insn *insn,
                   const struct zf_operands *o) {
    struct state *s = &t->state;
    bool constant = zf_insn_format(insn) == ZF_FORMAT_SIL && starts_with(insn, "mv");
    if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        call(s);
    } else if (insn->row == ZF_ROW_lmg) {
        restore(s, o);
    } else if (constant && (o->b1 == STACK || o->b1 == FRAME_POINTER)) {
        store(s, o->b1, o->d1, &(struct hold){.told = zf_walk_is_told(t->w, at)});
    } else if (starts_with(insn, "st") && is_in_frame(o)) {
        struct hold hold = s->held[o->r1];
        hold.told |= zf_walk_is_told(t->w, at);
        store(s, o->b2, o->d2, &hold);
    } else if (!zf_walk_keeps_first(insn)) {
        s->held[o->r1] = settle(t, at, insn, o);
    }
}

static bool is_done(struct zf_tables *t, const struct entry *entry, uint8_t promise) {
    for (unsigned i = 0; i < t->done_count; i++) {
        const struct entry *done = &t->done[i];
        if (done->place == entry->place && done->any == entry->any && done->promise == promise) {
            return true;
        }
    }
    if (t->done_count < DONE) {
        t->done[t->done_count] = *entry;
        t->done[t->done_count++].promise = promise;
    }
    return false;
}

/* One place that may change is no table: what is there in the file may not stay. */
static void go_to(struct zf_tables *t, const struct entry *entry, uint8_t promise) {
    bool is_table = entry->any || is_constant(t->w->file, entry->place);
    if (entry->place % 8 || !entry->loaded || !is_table || is_done(t, entry, promise)) {
        return;
    }
    if (promise && entry->chosen) { /* what is there is not used otherwise, as far as this says */
        zf_scan_add_ref(t->w->file, &(struct zf_scan_ref){entry->place, true, promise, false});
    }
    if (entry->any) {
        zf_walk_call_all(t->w, entry->place, promise);
    } else {
        zf_scan_call_at(t->w->file, t->w->f, entry->place, promise);
    }
}

/* A branch to what there was no room for: to any of the tables that the function names. */
static void go_anywhere(struct zf_tables *t, uint8_t promise) {
    const struct zf_scan_function *f = t->w->f;
    struct zf_insn insn;
    struct zf_operands o;
    for (uint64_t at = f->address;
         !t->anywhere[promise] && (at = zf_walk_next(t->w, at, &insn)) < f->end;
         at += insn.length) {
        zf_insn_operands(&insn, &o);
        bool names = insn.row == ZF_ROW_larl || insn.row == ZF_ROW_lgrl;
        struct hold hold = names ? result_of(t, at, &insn, &o) : (struct hold){0};
        if (points(&hold)) {
            struct entry all = {.place = hold.entries[0].place, .loaded = true, .any = true};
            go_to(t, &all, promise);
        }
    }
    t->anywhere[promise] = true;
}

/* A branch to what was loaded from tables. What was set before a test is used where the facility is
 * there when something else was set where it may be missing; nobody knows whether it is the same
 * test. */
static void go(struct zf_tables *t, uint64_t at, unsigned reg) {
    const struct hold *hold = &t->state.held[reg];
    uint8_t here = zf_walk_promise(t->w, at);
    bool denied = false;
    for (unsigned i = 0; i < hold->count; i++) {
        denied |= hold->entries[i].denied;
    }
    denied &= !zf_walk_is_denied(t->w, at);
    if (hold->more || t->more) {
        go_anywhere(t, here);
    }
    for (unsigned i = 0; i < hold->count; i++) {
        const struct entry *entry = &hold->entries[i];
        bool before = denied && !entry->denied && !entry->promise;
        go_to(t, entry, greater(before ? ZF_SCAN_UNKNOWN : entry->promise, here));
    }
}

static struct carried *find_carried(struct zf_tables *t, uint64_t target) {
    for (unsigned i = 0; t->carried & zf_walk_bit(target) && i < t->carry_count; i++) {
        if (t->carries[i].target == target) {
            return &t->carries[i];
        }
    }
    return NULL;
}

/* What may be there, from either side. */
static void merge(struct state *into, const struct state *from) {
    into->more |= from->more;
    for (unsigned r = 0; r < REGISTERS; r++) {
        add_entries(&into->held[r], &from->held[r]);
    }
    for (unsigned i = 0; i < from->slot_count; i++) {
        const struct slot *slot = &from->slots[i];
        struct slot *known = find_slot(into, slot->base, slot->displacement);
        if (known) {
            add_entries(&known->hold, &slot->hold);
        } else if (into->slot_count < SLOTS) {
            into->slots[into->slot_count++] = *slot;
        } else {
            into->more |= slot->hold.count || slot->hold.more;
        }
    }
}

static bool holds_any(const struct state *s) {
    bool any = s->more || s->slot_count;
    for (unsigned r = 0; r < REGISTERS && !any; r++) {
        any = !is_empty(&s->held[r]);
    }
    return any;
}

static void carry(struct zf_tables *t, uint64_t target) {
    if (!holds_any(&t->state)) {
        return;
    }
    struct carried *carried = find_carried(t, target);
    if (carried) {
        merge(&carried->state, &t->state);
    } else if (t->carry_count < CARRIES) {
        t->carries[t->carry_count++] = (struct carried){target, t->state};
        t->carried |= zf_walk_bit(target);
    } else {
        t->more = true;
    }
}

static void look_at(struct zf_tables *t, uint64_t at, const struct zf_insn *insn) {
    struct zf_operands o;
    struct zf_way way;
    const struct carried *carried = find_carried(t, at);
    if (carried) {
        merge(&t->state, &carried->state);
    }
    zf_insn_operands(insn, &o);
    zf_way_of(insn, at, &way);
    if (way.branches) {
        carry(t, way.target);
    }
    bool goes = insn->row == ZF_ROW_basr || (insn->row == ZF_ROW_bcr && way.indirect);
    if (t->last && goes && o.r2) {
        go(t, at, o.r2);
    }
    follow(t, at, insn, &o);
    if (!way.falls && !t->w->f->indirect && t->carry_count < CARRIES) {
        memset(&t->state, 0, sizeof t->state); /* what comes next is reached from elsewhere */
    }
}

static void look_at_all(struct zf_tables *t) {
    const struct zf_scan_function *f = t->w->f;
    struct zf_insn insn;
    memset(&t->state, 0, sizeof t->state);
    for (uint64_t at = f->address; (at = zf_walk_next(t->w, at, &insn)) < f->end;
         at += insn.length) {
        look_at(t, at, &insn);
    }
}

void zf_walk_take_tables(struct zf_walk *w) {
    if (w->file->go) {
        return;
    }
    struct zf_tables *t = w->tables = w->tables ? w->tables : malloc(sizeof *t);
    if (!t) {
        w->file->out_of_memory = true;
        return;
    }
    memset(t, 0, offsetof(struct zf_tables, carries));
    t->w = w;
    look_at_all(t);
    t->last = true;
    look_at_all(t);
}
