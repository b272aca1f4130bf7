/*
 * Who asks which facilities there are. STORE FACILITY LIST EXTENDED and getauxval() tell; where
 * code that uses them writes to, or the loader's own variable, is known to tell later. So does a
 * variable that is set from one that does, or to a constant where one decides. A conditional branch
 * is a guard when what it depends on was made from that: its operands, or those of the instruction
 * that set the condition code last. Go's functions for just that look at the list in loops, so that
 * more counts there.
 */
#include "scan/walk.h"

#include "text/operation.h"

#include <string.h>

enum {
    WINDOW = 8,
    REGISTERS = 16,
    SLOTS = 8,
    LIST = 32,
    RESULT = 2,
    STACK = 15,
    CHANGED_BY_CALLS = 6
};

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

static bool is_telling(const struct zf_scan_file *file, uint64_t place) {
    for (unsigned i = 0; i < file->telling_count; i++) {
        if (place - file->telling[i].address < file->telling[i].size) {
            return true;
        }
    }
    return false;
}

/* Whether the variable at a target of LARL, LGRL and the like tells of facilities. */
static bool tells(const struct zf_walk *w, const struct zf_known *known, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    return s && !s->code &&
           (is_known(known, place) || is_telling(w->file, place) ||
            zf_scan_tells_by_name(symbol_at(w, place)));
}

/* Registers that hold what tells of facilities, or its address, as the code is read. */
struct view {
    uint32_t tainted;
    unsigned frame;              /* instructions after the stack was given an answer */
    unsigned window;             /* instructions after the last look */
    uint64_t address[REGISTERS]; /* of variables that registers point to, or 0 */
    uint64_t from[REGISTERS];    /* the instruction that set it */
    bool asked;                  /* the condition code was set by what tells */
    bool has_constant;           /* the first argument of a call is known: */
    int64_t constant;
    unsigned slot_count; /* places in the frame that hold what tells */
    struct slot {
        unsigned base;
        int64_t displacement;
    } slots[SLOTS];
    struct slot into[REGISTERS]; /* where registers point to in the frame; base 0: elsewhere */
};

/* The slot with the byte at a displacement from a register; SLOTS: none. */
static unsigned find_slot(const struct view *v, unsigned base, int64_t displacement) {
    enum { WIDTH = 8 };
    for (unsigned i = 0; i < v->slot_count; i++) {
        if (v->slots[i].base == base && displacement >= v->slots[i].displacement &&
            displacement < v->slots[i].displacement + WIDTH) {
            return i;
        }
    }
    return SLOTS;
}

/* Whether storage at a base register holds what tells: by the register, or in the frame. */
static bool is_telling_place(const struct view *v, unsigned base, int64_t displacement) {
    struct slot into = v->into[base];
    return base &&
           (v->tainted >> base & 1 || (base == STACK && v->frame) ||
            find_slot(v, base, displacement) != SLOTS ||
            (into.base && find_slot(v, into.base, into.displacement + displacement) != SLOTS));
}

static bool reads_tainted(const struct zf_operands *o, const struct view *v) {
    return is_telling_place(v, o->b1, o->d1) || is_telling_place(v, o->b2, o->d2) ||
           (v->tainted >> o->r1 & 1) || (v->tainted >> o->r2 & 1) || (v->tainted >> o->r3 & 1);
}

static bool is_load(enum zf_row row) {
    return zf_row_get(row)->mnemonic[0] == 'l';
}

static bool is_between_registers(const struct zf_insn *insn) {
    enum zf_format format = zf_insn_format(insn);
    return format == ZF_FORMAT_RRE || format == ZF_FORMAT_RR;
}

static void taint(struct view *v, unsigned reg, bool on) {
    v->tainted = on ? v->tainted | 1u << reg : v->tainted & ~(1u << reg);
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
    if (insn->row == ZF_ROW_larl) {
        v->address[o->r1] = at + (uint64_t)o->rel;
        v->from[o->r1] = at;
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

/* What getauxval() is asked for: facilities, or the platform, which goes with them. */
static bool asks_facilities(const struct view *v) {
    enum { AT_PLATFORM = 15, AT_HWCAP = 16, AT_HWCAP2 = 26, AT_HWCAP3 = 29, AT_HWCAP4 = 30 };
    return v->has_constant &&
           (v->constant == AT_PLATFORM || v->constant == AT_HWCAP || v->constant == AT_HWCAP2 ||
            v->constant == AT_HWCAP3 || v->constant == AT_HWCAP4);
}

static bool calls_query(const struct zf_walk *w, const struct view *v, const struct zf_insn *insn,
                        uint64_t at) {
    uint64_t target;
    return calls(insn, at, &target) && asks_facilities(v) &&
           is_one_of(called_name(w, target), functions, ZF_ARRAY_LENGTH(functions));
}

static void follow_constant(struct view *v, const struct zf_insn *insn,
                            const struct zf_operands *o) {
    bool sets = insn->row == ZF_ROW_lghi || insn->row == ZF_ROW_lhi;
    bool changed = o->r1 == RESULT && !starts_with(insn, "st") && !starts_with(insn, "c");
    if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr || changed) {
        v->has_constant = sets && o->r1 == RESULT;
        v->constant = o->i2;
    }
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

/* Functions of Go's packages for just that, which look at the list in loops: there, all branches
 * soon after are guards. */
static bool is_for_facilities(const struct zf_scan_function *f) {
    return f->name && (!strncmp(f->name, "internal/cpu.", strlen("internal/cpu.")) ||
                       strstr(f->name, "golang.org/x/sys/cpu."));
}

static bool sets_cc(const struct zf_insn *insn) {
    const char *cc = zf_operation(insn->row)->cc;
    return cc && *cc != 'u'; /* "unchanged" */
}

static bool uses_cc(enum zf_row row) {
    return row == ZF_ROW_brc || row == ZF_ROW_brcl || row == ZF_ROW_bcr || row == ZF_ROW_bc ||
           row == ZF_ROW_bic;
}

static bool is_frame(unsigned base) {
    enum { FRAME_POINTER = 11 };
    return base == STACK || base == FRAME_POINTER;
}

static void keep_slot(struct view *v, unsigned base, int64_t displacement, bool on) {
    unsigned i = find_slot(v, base, displacement);
    if (!on && i < SLOTS) {
        v->slots[i] = v->slots[--v->slot_count];
    } else if (on && i == SLOTS && v->slot_count < SLOTS) {
        v->slots[v->slot_count++] = (struct slot){base, displacement};
    }
}

/* Registers that point into the frame, until they change. */
static void follow_frame(struct view *v, const struct zf_insn *insn, const struct zf_operands *o) {
    if ((insn->row == ZF_ROW_la || insn->row == ZF_ROW_lay) && is_frame(o->b2) && !o->x2) {
        v->into[o->r1] = (struct slot){o->b2, o->d2};
    } else if (insn->row == ZF_ROW_aghik && is_frame(o->r3)) {
        v->into[o->r1] = (struct slot){o->r3, o->i2};
    } else if (insn->row == ZF_ROW_lgr) {
        v->into[o->r1] = v->into[o->r2];
    } else if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        memset(v->into, 0, CHANGED_BY_CALLS * sizeof *v->into);
    } else if (!starts_with(insn, "st") && !starts_with(insn, "mv") && !starts_with(insn, "c")) {
        v->into[o->r1].base = 0;
    }
}

/* STFLE, or a call, has stored the list somewhere: in the frame, a variable, or who knows where. */
static void note_list(struct zf_walk *w, struct zf_known *known, struct view *v,
                      const struct zf_insn *insn, const struct zf_operands *o) {
    bool here = insn->row == ZF_ROW_stfle;
    unsigned base = here ? o->b2 : RESULT;
    struct slot list = here && is_frame(base) ? (struct slot){.base = base} : v->into[base];
    list.displacement += here ? o->d2 : 0;
    w->f->queries = w->f->tells = w->f->lists = true;
    for (int64_t at = 0; list.base && at < LIST; at += 8) {
        keep_slot(v, list.base, list.displacement + at, true);
    }
    v->window = 4 * WINDOW;
    v->frame = list.base ? v->frame : 4 * WINDOW;
    if (base && v->address[base]) {
        learn(w, known, v->address[base] + (uint64_t)(here ? o->d2 : 0), LIST);
    }
    if (!is_frame(base)) {
        taint(v, base, true);
    }
}

/* A store of what tells, or over it, in the frame; a copy of the list to a variable. */
static void follow_store(struct zf_walk *w, struct zf_known *known, struct view *v,
                         const struct zf_insn *insn, const struct zf_operands *o) {
    if (starts_with(insn, "st") && is_frame(o->b2) && !o->x2) {
        keep_slot(v, o->b2, o->d2, v->tainted >> o->r1 & 1);
    } else if (insn->row == ZF_ROW_mvc && is_telling_place(v, o->b2, o->d2) && v->address[o->b1]) {
        learn(w, known, v->address[o->b1] + (uint64_t)o->d1, LIST);
    }
}

/* What the first register becomes. */
static void follow_value(struct view *v, const struct zf_insn *insn, const struct zf_operands *o,
                         bool reads, bool soon) {
    bool kept = starts_with(insn, "st") || starts_with(insn, "mv") || starts_with(insn, "c") ||
                starts_with(insn, "tm") || starts_with(insn, "b");
    if (starts_with(insn, "loc")) {
        taint(v, o->r1, v->asked || reads || soon); /* the test says what it becomes */
    } else if (insn->row == ZF_ROW_ipm) {
        taint(v, o->r1, v->asked);
    } else if (is_load(insn->row)) {
        taint(v, o->r1,
              is_telling_place(v, o->b2, o->d2) ||
                  (is_between_registers(insn) && v->tainted >> o->r2 & 1));
    } else if (reads && !kept && o->r1) {
        taint(v, o->r1, true);
    }
}

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
static void follow_copy(struct zf_walk *w, const struct view *v, const struct zf_insn *insn,
                        const struct zf_operands *o) {
    for (unsigned i = 0; insn->row == ZF_ROW_lgr && v->address[o->r2] && i < w->chosen_count; i++) {
        w->chosen[i] = w->chosen[i] == v->from[o->r2] ? 0 : w->chosen[i];
    }
}

/* Of two functions, a test says which one's address a register gets. */
static void choose(struct zf_walk *w, const struct view *v, unsigned one, unsigned other) {
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

/* What a branch takes along to its target, which may stand far from there. */
static void carry(struct zf_walk *w, const struct view *v, const struct zf_way *way) {
    unsigned i = 0;
    if (!way->branches || !v->tainted) {
        return;
    }
    while (i < w->carry_count && w->carries[i].target != way->target) {
        i++;
    }
    if (i < w->carry_count) {
        w->carries[i].tainted |= v->tainted;
    } else if (i < ZF_WALK_CARRIES) {
        w->carries[w->carry_count++] = (struct zf_carry){way->target, v->tainted};
    }
}

static void take_carried(const struct zf_walk *w, struct view *v, uint64_t at) {
    for (unsigned i = 0; i < w->carry_count; i++) {
        v->tainted |= w->carries[i].target == at ? w->carries[i].tainted : 0;
    }
}

/* Nothing is known that the instruction could pass on. */
static bool is_idle(const struct view *v) {
    return !v->tainted && !v->asked && !v->window && !v->frame && !v->slot_count;
}

static void look_at(struct zf_walk *w, struct zf_known *known, struct view *v, uint64_t at,
                    const struct zf_insn *insn) {
    struct zf_operands o;
    uint64_t target;
    struct zf_way way;
    zf_insn_operands(insn, &o);
    zf_way_of(insn, at, &way);
    take_carried(w, v, at);
    carry(w, v, &way);
    bool gets = gets_known(w, known, v, at, insn), query = calls_query(w, v, insn, at);
    bool told = !way.branches && !starts_with(insn, "st") &&
                zf_relative_target(insn, at, &target) && tells(w, known, target);
    bool reads = told || reads_tainted(&o, v);
    bool soon = w->f->lists && v->window && is_for_facilities(w->f);
    bool depends = way.conditional && (soon || (uses_cc(insn->row) ? v->asked : reads));
    if (depends && w->guard_count < ZF_WALK_GUARDS) {
        w->guards[w->guard_count++] = at;
    }
    if (v->asked && starts_with(insn, "loc")) {
        choose(w, v, o.r1, o.r2);
    }
    follow_copy(w, v, insn, &o);
    bool list = stores_list(w, insn, at);
    if (list) {
        note_list(w, known, v, insn, &o);
    }
    follow_address(v, at, insn, &o);
    follow_frame(v, insn, &o);
    follow_constant(v, insn, &o);
    if (!(list || query || gets || told) && is_idle(v)) {
        return;
    }
    if (list || query || gets || told) {
        w->f->queries = true;
        w->f->tells |= list || query;
        if (insn->row != ZF_ROW_stfle) {
            taint(v, told ? o.r1 : RESULT, true);
        }
    } else if (stores_tainted(v, at, insn, &o, &target)) {
        learn(w, known, target, width_of(insn));
    } else {
        follow_store(w, known, v, insn, &o);
        follow_value(v, insn, &o, reads, soon);
    }
    if (!way.falls && !w->f->indirect && w->carry_count < ZF_WALK_CARRIES) {
        v->tainted = 0; /* what comes next is reached from elsewhere, which takes its own along */
    }
    if (calls(insn, at, &target) || insn->row == ZF_ROW_basr || !way.falls) {
        v->asked = false;
    } else if (sets_cc(insn)) {
        v->asked = reads;
    }
    v->window = reads && v->window < WINDOW ? WINDOW : v->window;
    v->window -= v->window > 0;
    v->frame -= v->frame > 0;
}

static bool is_seen(const struct zf_walk *w, const uint64_t *map, uint64_t at,
                    struct zf_insn *insn) {
    uint64_t bit = (at - w->f->address) / 2;
    return map[bit / 64] >> bit % 64 & 1 && zf_walk_fetch(w, at, insn);
}

/* What a function for just that refers to is known by the list. Where names do not tell, what a
 * function with the list loads may be: a C library without symbols has no other sign of its
 * loader's variable. */
static void learn_places(struct zf_walk *w, struct zf_known *known) {
    struct zf_insn insn;
    uint64_t target;
    for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
        if (is_seen(w, w->seen, at, &insn) && (insn.row == ZF_ROW_lgrl || w->f->name) &&
            zf_relative_target(&insn, at, &target)) {
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

/* Twice, because code that comes later by address may be executed before: branches backward take
 * along what their registers held. */
void zf_walk_look(struct zf_walk *w, struct zf_known *known) {
    struct zf_insn insn;
    unsigned before = known->count;
    w->carry_count = 0;
    for (int again = 0; again < 2; again++) {
        if (again && !w->carry_count && known->count == before) {
            break; /* all would be as it was */
        }
        struct view v = {0};
        w->guard_count = w->chosen_count = 0;
        for (uint64_t at = w->f->address; at < w->f->end; at += 2) {
            if (is_seen(w, w->seen, at, &insn)) {
                look_at(w, known, &v, at, &insn);
            }
        }
    }
    if (w->f->lists && (!w->f->name || is_for_facilities(w->f))) {
        learn_places(w, known);
    }
}
