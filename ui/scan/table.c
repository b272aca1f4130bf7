/*
 * Calls through tables: code that loads an address from a table of functions, by an index or while
 * a pointer walks over it, and goes there, may go to each of them. What of that is in registers and
 * in the frame is followed as the code is read; branches take it along to their targets.
 */
#include "scan/walk.h"

#include <stdlib.h>
#include <string.h>

enum { REGISTERS = 16, SLOTS = 16, CARRIES = 256, DONE = 64, STACK = 15, FRAME_POINTER = 11 };
enum { CHANGED_BY_CALLS = 6 };

/* What a register holds: an address in a table, or what was loaded from there. */
struct hold {
    uint64_t place; /* 0: neither */
    bool loaded;
    bool any; /* of all that follows: there was an index */
};

struct state {
    struct hold held[REGISTERS];
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

struct tables {
    struct zf_walk *w;
    struct state state;
    bool again; /* branches backward take something along */
    unsigned carry_count, done_count;
    struct hold done[DONE]; /* whose functions are known to be called */
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

/* The address at a place of data; 0: none. */
static uint64_t address_at(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_pointer *p = zf_scan_pointer_at(file, place);
    const struct zf_scan_section *s =
        p || !file->executable ? NULL : zf_scan_section_at(file, place);
    uint64_t at = s ? place - s->address : 0;
    if (p) {
        return p->resolver ? 0 : p->value;
    }
    return s && s->bytes && s->size >= 8 && at <= s->size - 8 ? zf_get64(s->bytes + at) : 0;
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

static void store(struct state *s, const struct zf_operands *o) {
    struct slot *slot = find_slot(s, o->b2, o->d2);
    if (slot) {
        slot->hold = s->held[o->r1];
    } else if (s->held[o->r1].place && s->slot_count < SLOTS) {
        s->slots[s->slot_count++] = (struct slot){o->b2, o->d2, s->held[o->r1]};
    }
}

/* The address of an operand, when a register of it points into a table. */
static struct hold address_of(const struct state *s, const struct zf_operands *o) {
    struct hold base = o->b2 ? s->held[o->b2] : (struct hold){0};
    struct hold index = o->x2 ? s->held[o->x2] : (struct hold){0};
    struct hold table = base.place && !base.loaded ? base : index;
    if (!table.place || table.loaded) {
        return (struct hold){0};
    }
    table.place += (uint64_t)o->d2;
    table.any |= o->b2 && o->x2;
    return table;
}

/* A pointer to another table, or perhaps to a function. */
static struct hold load(const struct tables *t, struct hold from) {
    uint64_t address = from.place && !from.any ? address_at(t->w->file, from.place) : 0;
    bool leads_on = address && is_constant(t->w->file, from.place) && is_data(t->w->file, address);
    from.loaded = from.place != 0;
    return leads_on ? (struct hold){.place = address} : from;
}

static struct hold load_operand(struct tables *t, const struct zf_operands *o) {
    struct slot *slot = is_in_frame(o) ? find_slot(&t->state, o->b2, o->d2) : NULL;
    return slot ? slot->hold : load(t, address_of(&t->state, o));
}

static struct hold point_to(const struct tables *t, uint64_t place) {
    return (struct hold){.place = is_data(t->w->file, place) ? place : 0};
}

/* What LOAD RELATIVE LONG gets: from the global offset table, an address. */
static struct hold load_relative(const struct tables *t, uint64_t place) {
    if (zf_scan_is_of_code(t->w->file, place)) {
        return point_to(t, address_at(t->w->file, place));
    }
    return load(t, point_to(t, place));
}

/* A sum with a pointer into a table is one, too. */
static struct hold add(const struct state *s, const struct zf_operands *o) {
    const unsigned registers[] = {o->r1, o->r2, o->r3};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(registers); i++) {
        struct hold hold = s->held[registers[i]];
        if (hold.place && !hold.loaded) {
            hold.any = true;
            return hold;
        }
    }
    return (struct hold){0};
}

static bool keeps_registers(const struct zf_insn *insn) {
    return starts_with(insn, "st") || starts_with(insn, "mv") || starts_with(insn, "c") ||
           starts_with(insn, "tm") || starts_with(insn, "br") || starts_with(insn, "bc");
}

static struct hold result_of(struct tables *t, uint64_t at, const struct zf_insn *insn,
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
        return t->state.held[o->r1].place ? t->state.held[o->r1] : t->state.held[o->r2];
    case ZF_ROW_la:
    case ZF_ROW_lay:
        return address_of(&t->state, o);
    case ZF_ROW_lg:
    case ZF_ROW_ltg:
        return load_operand(t, o);
    default:
        return starts_with(insn, "ag") || starts_with(insn, "alg") ? add(&t->state, o)
                                                                   : (struct hold){0};
    }
}

/* Where called functions save registers is theirs. */
static void call(struct state *s) {
    enum { SAVE_AREA = 160 };
    memset(s->held, 0, CHANGED_BY_CALLS * sizeof *s->held);
    for (unsigned i = 0; i < s->slot_count; i++) {
        if (s->slots[i].base == STACK && s->slots[i].displacement < SAVE_AREA) {
            s->slots[i].hold.place = 0;
        }
    }
}

static void follow(struct tables *t, uint64_t at, const struct zf_insn *insn,
                   const struct zf_operands *o) {
    struct state *s = &t->state;
    if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        call(s);
    } else if (insn->row == ZF_ROW_lmg) {
        for (unsigned r = o->r1; r != o->r3; r = (r + 1) % REGISTERS) {
            s->held[r].place = 0;
        }
        s->held[o->r3].place = 0;
    } else if (insn->row == ZF_ROW_stg && is_in_frame(o)) {
        store(s, o);
    } else if (!keeps_registers(insn)) {
        s->held[o->r1] = result_of(t, at, insn, o);
    }
}

/* False: there is no function's address. */
static bool call_at(struct zf_scan_file *file, struct zf_scan_function *f, uint64_t place) {
    uint64_t address = address_at(file, place);
    const struct zf_scan_function *to = address ? zf_scan_function_at(file, address) : NULL;
    if (to && to != f) {
        zf_scan_add_edge(file, f, (struct zf_scan_edge){.to = (uint32_t)(to - file->functions)});
    }
    return to != NULL;
}

/* All functions from a place on up to where other data begins, or where no more of them are. */
static void fill_table(struct zf_scan_file *file, struct zf_scan_function *table) {
    enum { NEAR = 256 };
    uint64_t place = table->address, last = place;
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    uint64_t end = s ? zf_scan_end_of_data(file, s, place) : place;
    for (; place + 8 <= end && place - last <= NEAR; place += 8) {
        if (call_at(file, table, place)) {
            last = place;
        }
    }
}

/* A new one, before which `i` others lie. */
static void add_table(struct zf_scan_file *file, uint64_t place, unsigned i) {
    unsigned count = file->table_count;
    struct zf_scan_table *places = zf_scan_grow(file->table_places, &count, sizeof *places);
    file->table_places = places ? places : file->table_places;
    struct zf_scan_function *tables =
        places ? zf_scan_grow(file->tables, &file->table_count, sizeof *tables) : NULL;
    file->out_of_memory |= !tables;
    if (tables) {
        file->tables = tables;
        memmove(&places[i + 1], &places[i], (count - 1 - i) * sizeof *places);
        places[i] = (struct zf_scan_table){place, count - 1};
        tables[count - 1].address = place;
        fill_table(file, &tables[count - 1]);
    }
}

/* The function may go to all that a table has from a place on. */
static void call_all(struct zf_walk *w, uint64_t place) {
    struct zf_scan_file *file = w->file;
    unsigned i =
        zf_scan_up_to(file->table_places, file->table_count, sizeof *file->table_places, place);
    if (!i || file->table_places[i - 1].place != place) {
        add_table(file, place, i++);
    }
    if (!file->out_of_memory) {
        uint32_t to = file->function_count + file->table_places[i - 1].table;
        zf_scan_add_edge(file, w->f, (struct zf_scan_edge){.to = to});
    }
}

static bool is_done(struct tables *t, const struct hold *hold) {
    for (unsigned i = 0; i < t->done_count; i++) {
        if (t->done[i].place == hold->place && t->done[i].any == hold->any) {
            return true;
        }
    }
    if (t->done_count < DONE) {
        t->done[t->done_count++] = *hold;
    }
    return false;
}

/* A branch to what was loaded from a table. One place that may change is no table: what is there in
 * the file may not stay. */
static void go(struct tables *t, unsigned reg) {
    const struct hold *hold = &t->state.held[reg];
    bool is_table = hold->any || is_constant(t->w->file, hold->place);
    if (!hold->place || hold->place % 8 || !hold->loaded || !is_table || is_done(t, hold)) {
        return;
    }
    if (hold->any) {
        call_all(t->w, hold->place);
    } else {
        call_at(t->w->file, t->w->f, hold->place);
    }
}

static struct carried *find_carried(struct tables *t, uint64_t target) {
    for (unsigned i = 0; i < t->carry_count; i++) {
        if (t->carries[i].target == target) {
            return &t->carries[i];
        }
    }
    return NULL;
}

/* What may be there, from either side. */
static void merge(struct state *into, const struct state *from) {
    for (unsigned r = 0; r < REGISTERS; r++) {
        into->held[r] = into->held[r].place ? into->held[r] : from->held[r];
    }
    for (unsigned i = 0; i < from->slot_count; i++) {
        const struct slot *slot = &from->slots[i];
        if (!find_slot(into, slot->base, slot->displacement) && into->slot_count < SLOTS) {
            into->slots[into->slot_count++] = *slot;
        }
    }
}

static bool holds_any(const struct state *s) {
    bool any = s->slot_count != 0;
    for (unsigned r = 0; r < REGISTERS && !any; r++) {
        any = s->held[r].place != 0;
    }
    return any;
}

static void carry(struct tables *t, uint64_t at, uint64_t target) {
    if (!holds_any(&t->state)) {
        return;
    }
    struct carried *carried = find_carried(t, target);
    t->again |= target <= at;
    if (carried) {
        merge(&carried->state, &t->state);
    } else if (t->carry_count < CARRIES) {
        t->carries[t->carry_count++] = (struct carried){target, t->state};
    }
}

static void look_at(struct tables *t, uint64_t at, const struct zf_insn *insn) {
    struct zf_operands o;
    struct zf_way way;
    const struct carried *carried = find_carried(t, at);
    if (carried) {
        merge(&t->state, &carried->state);
    }
    zf_insn_operands(insn, &o);
    zf_way_of(insn, at, &way);
    if (way.branches) {
        carry(t, at, way.target);
    }
    bool goes = insn->row == ZF_ROW_basr || (insn->row == ZF_ROW_bcr && way.indirect);
    if (goes && o.r2 && !zf_walk_promise(t->w, at)) {
        go(t, o.r2);
    }
    follow(t, at, insn, &o);
}

static void look_at_all(struct tables *t) {
    const struct zf_scan_function *f = t->w->f;
    struct zf_insn insn;
    memset(&t->state, 0, sizeof t->state);
    for (uint64_t at = f->address; (at = zf_walk_next(t->w, at, &insn)) < f->end;
         at += insn.length) {
        look_at(t, at, &insn);
    }
}

void zf_walk_take_tables(struct zf_walk *w) {
    struct tables *t = w->file->go ? NULL : malloc(sizeof *t);
    if (!t) {
        w->file->out_of_memory |= !w->file->go;
        return;
    }
    memset(t, 0, offsetof(struct tables, carries));
    t->w = w;
    look_at_all(t);
    if (t->again) {
        look_at_all(t);
    }
    free(t);
}
