/*
 * Who asks which facilities there are. STORE FACILITY LIST EXTENDED and getauxval() tell; where
 * code that uses them writes to, or the loader's own variable, is known to tell later. A
 * conditional branch soon after such a place was looked at is a guard.
 */
#include "scan/walk.h"

#include <string.h>

enum { WINDOW = 8, REGISTERS = 16 };

/* Variables that are known by their names. */
static const char *const names[] = {"_rtld_global_ro", "_dl_hwcap", "_dl_hwcap2",
                                    "OPENSSL_s390xcap_P"};
static const char *const functions[] = {"getauxval", "__getauxval", "elf_aux_info"};

static bool is_one_of(const char *name, const char *const *list, unsigned count) {
    for (unsigned i = 0; name && i < count; i++) {
        if (!strcmp(name, list[i])) {
            return true;
        }
    }
    return false;
}

/* The name of what a place of the global offset table stands for. */
static const char *symbol_at(const struct zf_walk *w, uint64_t place) {
    const struct zf_scan_pointer *p = zf_scan_pointer_at(w->file, place);
    return p ? p->symbol : NULL;
}

/* The function that a call by way of the procedure linkage table goes to. */
static const char *called_name(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, target);
    const struct zf_scan_function *f = zf_scan_function_at(w->file, target);
    struct zf_insn insn;
    if (f && f->name) {
        return f->name;
    }
    if (!s || !s->code || !s->bytes || strncmp(s->name, ".plt", 4) != 0 ||
        !zf_decode_bytes(s->bytes + (target - s->address), s->size - (target - s->address),
                         &insn) ||
        insn.row != ZF_ROW_larl) {
        return NULL;
    }
    return symbol_at(w, target + (uint64_t)insn.imm);
}

/* Also where a place lies a few bytes after one that is known: in the same list. */
static bool is_known(const struct zf_known *known, uint64_t place) {
    enum { LIST = 32 };
    for (unsigned i = 0; i < known->count; i++) {
        if (place >= known->places[i] && place - known->places[i] < LIST) {
            return true;
        }
    }
    return false;
}

static void learn(struct zf_known *known, uint64_t place) {
    uint64_t *places = known->count && known->places[known->count - 1] == place
                           ? NULL
                           : zf_scan_grow(known->places, &known->count, sizeof *places);
    if (places) {
        known->places = places;
        places[known->count - 1] = place;
    }
}

/* Whether the variable at a target of LARL, LGRL and the like tells of facilities. */
static bool tells(const struct zf_walk *w, const struct zf_known *known, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    return s && !s->code &&
           (is_known(known, place) ||
            is_one_of(symbol_at(w, place), names, ZF_ARRAY_LENGTH(names)));
}

/* Registers that hold what tells of facilities, or its address, as the code is read. */
struct view {
    uint32_t tainted;
    unsigned window; /* instructions after the last look */
};

static bool reads_tainted(const struct zf_operands *o, const struct view *v) {
    return (o->b1 && v->tainted >> o->b1 & 1) || (o->b2 && v->tainted >> o->b2 & 1) ||
           (v->tainted >> o->r2 & 1) || (v->tainted >> o->r1 & 1);
}

static bool is_load(enum zf_row row) {
    return zf_row_get(row)->mnemonic[0] == 'l';
}

static void taint(struct view *v, unsigned reg, bool on) {
    v->tainted = on ? v->tainted | 1u << reg : v->tainted & ~(1u << reg);
    v->window = on ? WINDOW : v->window;
}

static bool calls_query(const struct zf_walk *w, const struct zf_insn *insn, uint64_t at) {
    uint64_t target;
    return (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_bras) &&
           zf_relative_target(insn, at, &target) &&
           is_one_of(called_name(w, target), functions, ZF_ARRAY_LENGTH(functions));
}

static void look_at(struct zf_walk *w, const struct zf_known *known, struct view *v, uint64_t at,
                    const struct zf_insn *insn) {
    struct zf_operands o;
    uint64_t target;
    struct zf_way way;
    enum { RESULT = 2 };
    zf_insn_operands(insn, &o);
    zf_way_of(insn, at, &way);
    if (insn->row == ZF_ROW_stfle || calls_query(w, insn, at)) {
        w->f->queries = w->f->tells = true;
        v->tainted = insn->row == ZF_ROW_stfle ? v->tainted : 1u << RESULT;
        v->window = insn->row == ZF_ROW_stfle ? 4 * WINDOW : WINDOW;
    } else if (zf_relative_target(insn, at, &target) && tells(w, known, target)) {
        w->f->queries = true;
        taint(v, o.r1, true);
    } else if (way.conditional && v->window && w->guard_count < ZF_WALK_GUARDS) {
        w->guards[w->guard_count++] = at;
    } else if (is_load(insn->row)) {
        bool from = (o.b2 && v->tainted >> o.b2 & 1) ||
                    (zf_row_get(insn->row)->format == ZF_FORMAT_RRE && v->tainted >> o.r2 & 1);
        taint(v, o.r1, from);
    } else if (reads_tainted(&o, v)) {
        v->window = WINDOW;
    }
    v->window -= v->window > 0;
}

/* Where a function that queries keeps what it was told: the variables that it refers to. */
static void learn_places(struct zf_walk *w, struct zf_known *known) {
    struct zf_insn insn;
    for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
        uint64_t bit = (at - w->f->address) / 2, target;
        if (w->seen[bit / 64] >> bit % 64 & 1 && zf_walk_fetch(w, at, &insn) &&
            zf_relative_target(&insn, at, &target)) {
            const struct zf_scan_section *s = zf_scan_section_at(w->file, target);
            if (s && !s->code && s->writable) {
                learn(known, target);
            }
        }
    }
}

void zf_walk_look(struct zf_walk *w, struct zf_known *known, bool guards) {
    struct view v = {0};
    struct zf_insn insn;
    for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
        uint64_t bit = (at - w->f->address) / 2;
        if (w->seen[bit / 64] >> bit % 64 & 1 && zf_walk_fetch(w, at, &insn)) {
            look_at(w, known, &v, at, &insn);
        }
    }
    if (!guards) {
        w->guard_count = 0;
        if (w->f->tells) {
            learn_places(w, known);
        }
    }
}
