/*
 * Who asks which facilities there are. STORE FACILITY LIST EXTENDED and getauxval() tell; where
 * code that uses them writes to, or the loader's own variable, is known to tell later. So does a
 * variable that is set from one that does, or to a constant where one decides. A conditional branch
 * soon after such a place was looked at is a guard.
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

bool zf_scan_tells_by_name(const char *name) {
    return is_one_of(name, names, ZF_ARRAY_LENGTH(names));
}

/* What the stub of the procedure linkage table at `target` loads; or what objects refer to that are
 * not linked with it. NULL: it is no such place. */
static const struct zf_scan_pointer *stub_at(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, target);
    struct zf_insn insn;
    if (s && !s->bytes && w->file->relocatable) {
        return zf_scan_pointer_at(w->file, target);
    }
    if (!s || !s->code || !s->bytes || strncmp(s->name, ".plt", 4) != 0 ||
        !zf_decode_bytes(s->bytes + (target - s->address), s->size - (target - s->address),
                         &insn) ||
        insn.row != ZF_ROW_larl) {
        return NULL;
    }
    return zf_scan_pointer_at(w->file, target + (uint64_t)insn.imm);
}

static const char *called_name(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_function *f = zf_scan_function_at(w->file, target);
    const struct zf_scan_pointer *stub = f && f->name ? NULL : stub_at(w, target);
    return f && f->name ? f->name : stub ? stub->symbol : NULL;
}

uint64_t zf_walk_destination(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_pointer *stub = stub_at(w, target);
    return stub ? stub->value : target;
}

/* The first variable after `place`. */
static unsigned after(const struct zf_known *known, uint64_t place) {
    return zf_scan_up_to(known->variables, known->count, sizeof *known->variables, place);
}

static bool is_known(const struct zf_known *known, uint64_t place) {
    unsigned i = after(known, place);
    return i && place - known->variables[i - 1].place < known->variables[i - 1].size;
}

static void learn(const struct zf_walk *w, struct zf_known *known, uint64_t place, uint32_t size) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    if (!s || s->code || !s->writable || is_known(known, place)) {
        return;
    }
    unsigned i = after(known, place);
    struct zf_variable *variables =
        zf_scan_grow(known->variables, &known->count, sizeof *variables);
    if (variables) {
        known->variables = variables;
        memmove(&variables[i + 1], &variables[i], (known->count - 1 - i) * sizeof *variables);
        variables[i] = (struct zf_variable){place, size};
    }
}

/* Whether the variable at a target of LARL, LGRL and the like tells of facilities. */
static bool tells(const struct zf_walk *w, const struct zf_known *known, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    return s && !s->code && (is_known(known, place) || zf_scan_tells_by_name(symbol_at(w, place)));
}

/* Registers that hold what tells of facilities, or its address, as the code is read. */
struct view {
    uint32_t tainted;
    uint32_t kept;               /* that were so anywhere, of a function that asks: they stay */
    unsigned frame;              /* instructions after the stack was given an answer */
    unsigned window;             /* instructions after the last look */
    uint64_t address[REGISTERS]; /* of variables that registers point to, or 0 */
};

static bool reads_tainted(const struct zf_operands *o, const struct view *v) {
    return (o->b1 && v->tainted >> o->b1 & 1) || (o->b2 && v->tainted >> o->b2 & 1) ||
           (v->tainted >> o->r2 & 1) || (v->tainted >> o->r1 & 1);
}

static bool is_load(enum zf_row row) {
    return zf_row_get(row)->mnemonic[0] == 'l';
}

static bool is_between_registers(const struct zf_insn *insn) {
    enum zf_format format = zf_insn_format(insn);
    return format == ZF_FORMAT_RRE || format == ZF_FORMAT_RR;
}

static void taint(struct view *v, unsigned reg, bool on) {
    v->tainted = on ? v->tainted | 1u << reg : v->tainted & ~(1u << reg & ~v->kept);
    v->window = on ? WINDOW : v->window;
}

static bool starts_with(const struct zf_insn *insn, const char *text) {
    return !strncmp(zf_row_get(insn->row)->mnemonic, text, strlen(text));
}

/* Bytes that a store or a move of a constant changes. */
static uint32_t width_of(const struct zf_insn *insn) {
    return strchr(zf_row_get(insn->row)->mnemonic, 'g') ? 8 : 4;
}

/* Registers that point to variables: by LOAD ADDRESS RELATIVE LONG, until they change. */
static void follow_address(struct view *v, uint64_t at, const struct zf_insn *insn,
                           const struct zf_operands *o) {
    enum { CHANGED_BY_CALLS = 6 };
    if (insn->row == ZF_ROW_larl) {
        v->address[o->r1] = at + (uint64_t)o->rel;
    } else if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        memset(v->address, 0, CHANGED_BY_CALLS * sizeof *v->address);
        v->tainted &= ~0u << CHANGED_BY_CALLS;
    } else if (v->address[o->r1] && !starts_with(insn, "st") && !starts_with(insn, "mv") &&
               !starts_with(insn, "c")) {
        v->address[o->r1] = 0;
    }
}

/* A store of what tells of facilities, to a variable. */
static bool stores_tainted(const struct view *v, uint64_t at, const struct zf_insn *insn,
                           const struct zf_operands *o, uint64_t *place) {
    if (!v->window || !starts_with(insn, "st") || !(v->tainted >> o->r1 & 1)) {
        return false;
    }
    if (zf_relative_target(insn, at, place)) {
        return true;
    }
    *place = v->address[o->b2] + (uint64_t)o->d2;
    return o->b2 && !o->x2 && v->address[o->b2];
}

static bool calls(const struct zf_insn *insn, uint64_t at, uint64_t *target) {
    return (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_bras) &&
           zf_relative_target(insn, at, target);
}

static bool calls_query(const struct zf_walk *w, const struct zf_insn *insn, uint64_t at) {
    uint64_t target;
    return calls(insn, at, &target) &&
           is_one_of(called_name(w, target), functions, ZF_ARRAY_LENGTH(functions));
}

/* A call of a function that only gets a variable that tells, from the object at its argument. */
static bool gets_known(const struct zf_walk *w, const struct zf_known *known, const struct view *v,
                       uint64_t at, const struct zf_insn *insn) {
    enum { SMALL = 32, ARGUMENT = 2 };
    uint64_t target;
    struct zf_insn got;
    struct zf_operands o;
    const struct zf_scan_function *f =
        v->address[ARGUMENT] && calls(insn, at, &target)
            ? zf_scan_function_at(w->file, zf_walk_destination(w, target))
            : NULL;
    const struct zf_scan_section *s =
        f && f->end - f->address <= SMALL ? zf_scan_section_at(w->file, f->address) : NULL;
    const uint8_t *code = s && s->bytes ? s->bytes + (f->address - s->address) : NULL;
    if (!code || !zf_decode_bytes(code, f->end - f->address, &got)) {
        return false;
    }
    zf_insn_operands(&got, &o);
    return is_load(got.row) && o.b2 == ARGUMENT && !o.x2 &&
           is_known(known, v->address[ARGUMENT] + (uint64_t)o.d2);
}

/* STFLE, or a call of a function for just that. */
static bool stores_list(const struct zf_walk *w, const struct zf_insn *insn, uint64_t at) {
    enum { SMALL = 64 };
    uint64_t target;
    if (!calls(insn, at, &target)) {
        return insn->row == ZF_ROW_stfle;
    }
    const struct zf_scan_function *f = zf_scan_function_at(w->file, zf_walk_destination(w, target));
    return f && f != w->f && f->tells && f->end - f->address <= SMALL;
}

static void look_at(struct zf_walk *w, struct zf_known *known, struct view *v, uint64_t at,
                    const struct zf_insn *insn) {
    struct zf_operands o;
    uint64_t target;
    struct zf_way way;
    enum { RESULT = 2, STACK = 15 };
    zf_insn_operands(insn, &o);
    zf_way_of(insn, at, &way);
    bool gets = gets_known(w, known, v, at, insn);
    follow_address(v, at, insn, &o);
    if (stores_list(w, insn, at)) {
        w->f->queries = w->f->tells = true;
        v->window = v->frame = 4 * WINDOW;
    } else if (calls_query(w, insn, at)) {
        w->f->queries = w->f->tells = true;
        taint(v, RESULT, true);
    } else if (gets) {
        w->f->queries = true;
        taint(v, RESULT, true);
    } else if (v->window && starts_with(insn, "loc")) {
        taint(v, o.r1, true); /* the test says what it becomes */
    } else if (stores_tainted(v, at, insn, &o, &target)) {
        learn(w, known, target, width_of(insn));
    } else if (zf_relative_target(insn, at, &target) && tells(w, known, target)) {
        w->f->queries = true;
        taint(v, o.r1, true);
    } else if (way.conditional && v->window && w->guard_count < ZF_WALK_GUARDS) {
        w->guards[w->guard_count++] = at;
    } else if (is_load(insn->row)) {
        bool from = (o.b2 && v->tainted >> o.b2 & 1) || (o.b2 == STACK && v->frame) ||
                    (is_between_registers(insn) && v->tainted >> o.r2 & 1);
        taint(v, o.r1, from);
    } else if (reads_tainted(&o, v)) {
        v->window = WINDOW;
    }
    v->window -= v->window > 0;
    v->frame -= v->frame > 0;
}

static bool is_seen(const struct zf_walk *w, const uint64_t *map, uint64_t at,
                    struct zf_insn *insn) {
    uint64_t bit = (at - w->f->address) / 2;
    return map[bit / 64] >> bit % 64 & 1 && zf_walk_fetch(w, at, insn);
}

/* Where a function that queries keeps what it was told: the variables that it refers to, and what
 * lies a few bytes after them, in the same list. */
static void learn_places(struct zf_walk *w, struct zf_known *known) {
    enum { LIST = 32 };
    struct zf_insn insn;
    uint64_t target;
    for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
        if (is_seen(w, w->seen, at, &insn) && zf_relative_target(&insn, at, &target)) {
            learn(w, known, target, LIST);
        }
    }
}

void zf_walk_learn_guarded(struct zf_walk *w, struct zf_known *known) {
    struct view v = {0};
    struct zf_insn insn;
    struct zf_operands o;
    for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
        if (!is_seen(w, w->seen, at, &insn)) {
            continue;
        }
        zf_insn_operands(&insn, &o);
        follow_address(&v, at, &insn, &o);
        if (zf_insn_format(&insn) == ZF_FORMAT_SIL && starts_with(&insn, "mv") && v.address[o.b1] &&
            is_seen(w, w->guarded, at, &insn)) {
            learn(w, known, v.address[o.b1] + (uint64_t)o.d1, width_of(&insn));
        }
    }
}

/* Twice, because code that comes later by address may be executed before: registers that calls
 * preserve are what they were at the end, and in a function that asks stay so. */
void zf_walk_look(struct zf_walk *w, struct zf_known *known) {
    enum { PRESERVED = 0x3fc0 };
    struct view v = {0};
    struct zf_insn insn;
    unsigned before = known->count;
    for (int again = 0; again < 2; again++) {
        uint32_t left = v.tainted & PRESERVED;
        if (again && !left && known->count == before) {
            break; /* all would be as it was */
        }
        v = (struct view){.tainted = left, .kept = w->f->tells ? left : 0};
        w->guard_count = 0;
        for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
            if (is_seen(w, w->seen, at, &insn)) {
                look_at(w, known, &v, at, &insn);
            }
        }
    }
    if (w->f->tells) {
        learn_places(w, known);
    }
}
