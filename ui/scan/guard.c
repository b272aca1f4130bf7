/*
 * Who asks which facilities there are. STORE FACILITY LIST EXTENDED and getauxval() tell; where
 * code that uses them writes to, or the loader's own variable, is known to tell later. So does a
 * variable that is set from one that does, or to a constant where one decides. A conditional branch
 * is a guard when what it depends on was made from that: its operands, or those of the instruction
 * that set the condition code last. Go's functions for just that look at the list in loops, so that
 * more counts there.
 */
#include "scan/view.h"

#include "text/operation.h"

#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 8,
    SLOTS = ZF_VIEW_SLOTS,
    LIST = 32,
    RESULT = 2,
    STACK = ZF_VIEW_STACK,
    CHANGED_BY_CALLS = ZF_VIEW_CHANGED_BY_CALLS
};

/* Whether a register, used as a base, leads to what tells: a variable beside that does not. */
static bool leads_to_telling(const struct zf_walk *w, const struct zf_known *known,
                             const struct zf_view *v, unsigned base, int64_t displacement) {
    const struct zf_answer *held = &v->held[base];
    bool beside =
        v->address[base] && !zf_known_tells(w, known, v->address[base] + (uint64_t)displacement);
    return v->tainted >> base & 1 && (held->list ? zf_view_points(held, displacement) : !beside);
}

/* Whether storage at a base register holds what tells: by the register, or in the frame. */
static bool is_telling_place(const struct zf_walk *w, const struct zf_known *known,
                             const struct zf_view *v, unsigned base, int64_t displacement) {
    const struct zf_slot *into = &v->into[base];
    return base &&
           (leads_to_telling(w, known, v, base, displacement) || (base == STACK && v->frame) ||
            (v->slot_count &&
             (zf_view_slot(v, base, displacement) != SLOTS ||
              (into->base &&
               zf_view_slot(v, into->base, into->displacement + displacement) != SLOTS))));
}

static bool reads_tainted(const struct zf_walk *w, const struct zf_known *known,
                          const struct zf_insn *insn, const struct zf_operands *o,
                          const struct zf_view *v) {
    return (v->tainted && v->tainted & zf_walk_sources(insn, o)) ||
           is_telling_place(w, known, v, o->b1, o->d1) ||
           is_telling_place(w, known, v, o->b2, o->d2);
}

static bool is_load(enum zf_row row) {
    return zf_row_get(row)->mnemonic[0] == 'l';
}

static bool is_between_registers(const struct zf_insn *insn) {
    enum zf_format format = zf_insn_format(insn);
    return format == ZF_FORMAT_RRE || format == ZF_FORMAT_RR;
}

static void taint(struct zf_view *v, unsigned reg, bool on) {
    v->tainted = on ? v->tainted | 1u << reg : v->tainted & ~(1u << reg);
    v->held[reg] = (struct zf_answer){0};
    v->window = on ? WINDOW : v->window;
}

static bool starts_with(const struct zf_insn *insn, const char *text) {
    return !strncmp(zf_row_get(insn->row)->mnemonic, text, strlen(text));
}

/* What a store leaves. */
static struct zf_answer stored(const struct zf_view *v, const struct zf_insn *insn,
                               const struct zf_operands *o) {
    unsigned width = starts_with(insn, "stg")                               ? 8
                     : insn->row == ZF_ROW_stc || insn->row == ZF_ROW_stcy  ? 1
                     : starts_with(insn, "sth")                             ? 2
                     : starts_with(insn, "st") && !starts_with(insn, "stm") ? 4
                                                                            : 0;
    return width ? zf_answer_stored(v->held[o->r1], width) : (struct zf_answer){0};
}

/* Whether its first operand is a register that tells. */
static bool has_tainted(const struct zf_view *v, const struct zf_insn *insn,
                        const struct zf_operands *o) {
    return v->tainted >> o->r1 & 1 && zf_walk_has_first(insn);
}

/* A store of what tells of facilities, to a variable. */
static bool stores_tainted(const struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                           const struct zf_operands *o, uint64_t *place) {
    if (!v->window || !starts_with(insn, "st") || !has_tainted(v, insn, o)) {
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
static bool asks_facilities(const struct zf_view *v) {
    enum { AT_PLATFORM = 15, AT_HWCAP = 16, AT_HWCAP2 = 26, AT_HWCAP3 = 29, AT_HWCAP4 = 30 };
    return v->has_constant &&
           (v->constant == AT_PLATFORM || v->constant == AT_HWCAP || v->constant == AT_HWCAP2 ||
            v->constant == AT_HWCAP3 || v->constant == AT_HWCAP4);
}

/* What it answers. */
static struct zf_answer answer_of(const struct zf_view *v) {
    enum { AT_HWCAP = 16 };
    return v->constant == AT_HWCAP ? (struct zf_answer){ZF_ANSWER_HWCAP, 0, 0, ~UINT64_C(0)}
                                   : (struct zf_answer){0};
}

static bool calls_query(const struct zf_walk *w, const struct zf_view *v,
                        const struct zf_insn *insn, uint64_t at) {
    uint64_t target;
    return calls(insn, at, &target) && asks_facilities(v) && zf_walk_is_query(w, target);
}

static void follow_constant(struct zf_view *v, const struct zf_insn *insn,
                            const struct zf_operands *o) {
    bool sets = insn->row == ZF_ROW_lghi || insn->row == ZF_ROW_lhi;
    bool changed = o->r1 == RESULT && !v->keeps;
    if (o->r1 == 0 && !v->keeps) {
        v->words = sets && o->i2 >= 0 && o->i2 < LIST / 8 ? (unsigned)o->i2 + 1 : 0;
    }
    if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr || changed) {
        v->has_constant = sets && o->r1 == RESULT;
        v->constant = o->i2;
    }
}

/* Registers that hold zero: whatever bit is tested of that, it is none. */
static void follow_zero(struct zf_view *v, const struct zf_insn *insn,
                        const struct zf_operands *o) {
    bool zero = (insn->row == ZF_ROW_lghi || insn->row == ZF_ROW_lhi) && !o->i2;
    if (insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        v->zero &= ~0u << CHANGED_BY_CALLS;
    } else if (starts_with(insn, "lm")) {
        v->zero = 0;
    } else if (!v->keeps) {
        v->zero = zero ? v->zero | 1u << o->r1 : v->zero & ~(1u << o->r1);
    }
}

/* A call of a function that only gets a variable that tells, from the object at its argument. */
static bool gets_known(const struct zf_walk *w, const struct zf_known *known,
                       const struct zf_view *v, uint64_t at, const struct zf_insn *insn) {
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
           zf_known_has(known, v->address[ARGUMENT] + (uint64_t)o.d2);
}

/* STFLE, or a call of a function for just that: which. */
static const struct zf_scan_function *called_for_list(const struct zf_walk *w,
                                                      const struct zf_insn *insn, uint64_t at) {
    enum { SMALL = 96 };
    uint64_t target;
    const struct zf_scan_function *f =
        calls(insn, at, &target) ? zf_scan_function_at(w->file, zf_walk_destination(w, target))
                                 : NULL;
    return f && f != w->f && f->tells && f->end - f->address <= SMALL ? f : NULL;
}

static bool stores_list(const struct zf_walk *w, const struct zf_insn *insn, uint64_t at) {
    return insn->row == ZF_ROW_stfle || called_for_list(w, insn, at);
}

static bool sets_cc(const struct zf_insn *insn) {
    const char *cc = zf_operation(insn->row)->cc;
    return cc && *cc != 'u'; /* "unchanged" */
}

static bool uses_cc(enum zf_row row) {
    return row == ZF_ROW_brc || row == ZF_ROW_brcl || row == ZF_ROW_bcr || row == ZF_ROW_bc ||
           row == ZF_ROW_bic;
}

/* How many words of the list there are where the first argument of the called function points to:
 * 0: nobody knows what is there. */
static unsigned words_by_call(const struct zf_walk *w, const struct zf_view *v, uint64_t at,
                              const struct zf_insn *insn) {
    enum { COUNT = 3 };
    const struct zf_scan_function *f = called_for_list(w, insn, at);
    struct zf_helper helper = f ? zf_walk_helper(w->file, f) : (struct zf_helper){0};
    uint64_t count;
    if (helper.by_count && zf_view_literal(w, v, COUNT, at, &count) && count < LIST / 8) {
        helper.words += (int)count;
    } else if (helper.by_count) {
        helper.words = 1; /* at least */
    }
    return helper.stores && helper.words > 0 && helper.words <= LIST / 8 ? (unsigned)helper.words
                                                                         : 0;
}

/* STFLE, or a call, has stored the list somewhere: in the frame, a variable, or who knows where. */
static void note_list(struct zf_walk *w, struct zf_known *known, struct zf_view *v, uint64_t at,
                      const struct zf_insn *insn, const struct zf_operands *o) {
    bool here = insn->row == ZF_ROW_stfle;
    unsigned words = here ? v->words : words_by_call(w, v, at, insn);
    uint16_t size = words ? (uint16_t)(8 * words) : LIST;
    unsigned base = here ? o->b2 : RESULT;
    struct zf_slot list =
        here && zf_view_is_frame(base) ? (struct zf_slot){.base = base} : v->into[base];
    list.displacement += here ? o->d2 : 0;
    w->f->queries = w->f->tells = w->f->lists = true;
    /* Who knows what others do with it? */
    uint8_t source = here || words ? ZF_ANSWER_LIST : ZF_ANSWER_UNKNOWN;
    uint16_t length = here ? size : LIST; /* there may be more */
    struct zf_answer all = {source, source ? size : 0, 0, ~UINT64_C(0)};
    for (int i = 0; list.base && i < length; i += 8) {
        struct zf_answer word = {i < size ? source : ZF_ANSWER_UNKNOWN, 0, 8 * i, ~UINT64_C(0)};
        zf_view_keep(v, list.base, list.displacement + i, true, word);
    }
    v->window = 4 * WINDOW;
    v->frame = list.base ? v->frame : 4 * WINDOW;
    if (base && v->address[base]) {
        uint64_t place = v->address[base] + (uint64_t)(here ? o->d2 : 0);
        zf_known_learn(w, known, place, size, all);
        if (length > size) {
            zf_known_learn(w, known, place + size, length - size, (struct zf_answer){0});
        }
    }
    if (!zf_view_is_frame(base)) {
        taint(v, base, true);
        all.base = here ? -8 * o->d2 : 0;
        v->held[base] = here ? all : (struct zf_answer){0}; /* what it returns */
    }
}

/* A store of what tells, or over it, in the frame; a copy of the list to a variable. */
static void follow_store(struct zf_walk *w, struct zf_known *known, struct zf_view *v,
                         const struct zf_insn *insn, const struct zf_operands *o) {
    if (starts_with(insn, "st") && zf_view_is_frame(o->b2) && !o->x2) {
        zf_view_keep(v, o->b2, o->d2, has_tainted(v, insn, o), stored(v, insn, o));
    } else if (insn->row == ZF_ROW_mvc && is_telling_place(w, known, v, o->b2, o->d2) &&
               v->address[o->b1]) {
        zf_known_learn(w, known, v->address[o->b1] + (uint64_t)o->d1, LIST,
                       zf_view_storage(w, known, v, o->b2, o->d2));
    }
}

/* Where a constant is moved or computed to, or storage is copied to, in storage; 0: nowhere. What
 * becomes zero tells nothing wrong. */
static unsigned overwritten(const struct zf_insn *insn, const struct zf_operands *o) {
    bool moves = starts_with(insn, "mv"), clears = insn->row == ZF_ROW_xc;
    bool bytes = moves || clears || insn->row == ZF_ROW_oc || starts_with(insn, "oi") ||
                 starts_with(insn, "xi");
    bool adds = insn->row == ZF_ROW_asi || insn->row == ZF_ROW_agsi;
    bool sil = zf_insn_format(insn) == ZF_FORMAT_SIL;
    bool zero = moves ? !o->b2 && !o->i2 : clears && o->b1 == o->b2 && o->d1 == o->d2;
    unsigned width = sil || adds ? zf_walk_store_width(insn) : o->l1 + 1u;
    return o->b1 && (bytes || adds) && !zero ? width : 0;
}

/* What the first register becomes; register 0 does not begin to tell by what is computed. */
static void follow_value(struct zf_view *v, const struct zf_insn *insn, const struct zf_operands *o,
                         bool reads, bool telling, bool soon) {
    if (v->keeps || !zf_walk_has_first(insn)) {
        return;
    }
    if (zf_walk_chooses_by(insn)) {
        taint(v, o->r1, v->asked || reads || soon); /* the test says what it becomes */
    } else if (insn->row == ZF_ROW_ipm) {
        taint(v, o->r1, v->asked);
    } else if (is_load(insn->row)) {
        taint(v, o->r1, telling || (is_between_registers(insn) && v->tainted >> o->r2 & 1));
    } else if (reads || zf_walk_overwrites(insn, o)) {
        taint(v, o->r1, reads && (o->r1 || v->tainted & 1));
    }
}

/* Nothing is known that the instruction could pass on. */
static bool is_idle(const struct zf_view *v) {
    return !v->tainted && !v->asked && !v->window && !v->frame && !v->slot_count;
}

/* An instruction as it is looked at. */
struct look {
    uint64_t at;
    const struct zf_insn *insn;
    struct zf_operands o;
    struct zf_way way;
    bool told, reads, soon;
    bool telling;            /* its second operand is storage that tells */
    struct zf_answer result; /* what the first register gets */
    struct zf_test test;
};

static void note_write(struct zf_walk *w, const struct zf_known *known, struct zf_write write) {
    if (zf_known_has(known, write.place)) {
        struct zf_write *writes = zf_scan_grow(w->writes, &w->write_count, sizeof *writes);
        w->file->out_of_memory |= !writes;
        if (writes) {
            w->writes = writes;
            writes[w->write_count - 1] = write;
        }
    }
}

/* So many bytes that were written over, perhaps, are no longer what a test says they are. */
static void overwrite(struct zf_walk *w, const struct zf_known *known, struct zf_view *v,
                      const struct look *l, unsigned width) {
    const struct zf_operands *o = &l->o;
    zf_view_forget(v, o->b1, o->d1, width);
    if (v->address[o->b1]) {
        note_write(w, known, (struct zf_write){l->at, v->address[o->b1] + (uint64_t)o->d1, width});
    }
}

/* The address of a flag is given to a call, or stored: others may set it. */
static void note_escape(struct zf_walk *w, const struct zf_known *known, const struct zf_view *v,
                        const struct look *l) {
    enum { FIRST_ARGUMENT = 2, LAST_ARGUMENT = 6 };
    bool stores = l->insn->row == ZF_ROW_stg || l->insn->row == ZF_ROW_stgrl;
    unsigned first = stores ? l->o.r1 : FIRST_ARGUMENT;
    unsigned last = stores ? l->o.r1 : LAST_ARGUMENT;
    for (unsigned r = first; r <= last; r++) {
        if (v->address[r] && zf_view_variable(w, known, v->address[r]).source == ZF_ANSWER_FLAG) {
            note_write(w, known, (struct zf_write){w->f->address, v->address[r], 1});
        }
    }
}

/* A store of what does not tell, and is not zero, to a variable. */
static void note_store(struct zf_walk *w, const struct zf_known *known, const struct zf_view *v,
                       const struct look *l) {
    const struct zf_operands *o = &l->o;
    uint64_t place;
    bool relative = zf_relative_target(l->insn, l->at, &place);
    if (!relative) {
        place = v->address[o->b2] + (uint64_t)o->d2;
    }
    bool general = zf_walk_stores_register(l->insn);
    bool tells = general && (v->tainted | v->zero) >> o->r1 & 1;
    if ((relative || (o->b2 && v->address[o->b2])) && !tells) {
        struct zf_write write = {l->at, place, zf_walk_store_width(l->insn)};
        write.constant = general && zf_view_literal(w, v, o->r1, l->at, &write.value);
        note_write(w, known, write);
    }
}

static struct look begin_look(const struct zf_walk *w, const struct zf_known *known,
                              const struct zf_view *v, uint64_t at, const struct zf_insn *insn) {
    struct look l;
    uint64_t target;
    l.at = at;
    l.insn = insn;
    l.result = (struct zf_answer){0};
    l.test = (struct zf_test){.promise = ZF_SCAN_UNKNOWN};
    zf_insn_operands(insn, &l.o);
    zf_way_of(insn, at, &l.way);
    l.told = !l.way.branches && !starts_with(insn, "st") && zf_relative_target(insn, at, &target) &&
             zf_known_tells(w, known, target);
    l.reads = l.told || reads_tainted(w, known, insn, &l.o, v);
    l.telling = is_telling_place(w, known, v, l.o.b2, l.o.d2);
    l.soon = w->f->lists && v->window && zf_scan_is_for_facilities(w->f);
    if (l.reads) {
        l.result = zf_view_result(w, known, v, at, insn);
        l.test = zf_view_test(w, known, v, at, insn, &l.result);
    }
    return l;
}

/* A conditional branch that depends on facilities, or a choice of functions. */
static void find_guard(struct zf_walk *w, const struct zf_view *v, const struct look *l) {
    bool depends = l->soon || (uses_cc(l->insn->row) ? v->asked : l->reads);
    if (l->way.conditional && depends) {
        zf_walk_add_guard(w, &w->guards, &w->guard_count,
                          zf_view_guard(v, l->at, l->insn, &l->test));
    }
    if (v->asked || w->chosen || w->f->asks) {
        zf_view_choose(w, v, l->at, l->insn, &l->o);
    }
}

/* Whether an instruction takes what it sets, or where that is, from what tells. */
static bool computes(const struct zf_view *v, const struct look *l) {
    const struct zf_operands *o = &l->o;
    uint32_t uses = 1u << o->b2 | 1u << o->x2 | 1u << o->r2 | 1u << o->r3;
    uses |= zf_walk_overwrites(l->insn, o) ? 0 : 1u << o->r1;
    return (v->tainted & uses & ~1u) || (v->asked && zf_walk_chooses_by(l->insn));
}

static void note_told(struct zf_walk *w, const struct zf_view *v, const struct look *l) {
    uint64_t bit = (l->at - w->f->address) / 2;
    if ((v->tainted || v->asked) && computes(v, l)) {
        w->told[bit / 64] |= UINT64_C(1) << bit % 64;
        w->tells = true;
    }
}

/* LOAD MULTIPLE: each register gets storage of its own. */
static void follow_multiple(const struct zf_walk *w, const struct zf_known *known,
                            struct zf_view *v, const struct zf_operands *o) {
    struct zf_view before = *v;
    for (unsigned i = 0; i <= ((o->r3 - o->r1) & 15); i++) {
        unsigned reg = (o->r1 + i) & 15;
        int64_t displacement = o->d2 + 8 * (int64_t)i;
        taint(v, reg, is_telling_place(w, known, &before, o->b2, displacement));
        v->held[reg] = zf_view_doubleword(w, known, &before, o->b2, displacement);
    }
}

/* What the instruction leaves in registers, the frame and variables. */
static void pass_on(struct zf_walk *w, struct zf_known *known, struct zf_view *v,
                    const struct look *l) {
    uint64_t target;
    if (stores_tainted(v, l->at, l->insn, &l->o, &target)) {
        zf_known_learn(w, known, target, zf_walk_store_width(l->insn), stored(v, l->insn, &l->o));
        return;
    }
    if (l->insn->row == ZF_ROW_lmg) {
        follow_multiple(w, known, v, &l->o);
        return;
    }
    follow_store(w, known, v, l->insn, &l->o);
    follow_value(v, l->insn, &l->o, l->reads, l->telling, l->soon);
    if (!v->keeps && zf_walk_has_first(l->insn)) {
        v->held[l->o.r1] = l->result;
    }
}

/* What is known where the next instruction is, whoever goes there. */
static void leave(const struct zf_walk *w, struct zf_view *v, const struct look *l) {
    if (!l->way.falls && !w->f->indirect && w->carry_count < ZF_WALK_CARRIES) {
        v->tainted = 0; /* it is reached from elsewhere, which takes its own along */
    } else if (!l->way.falls) {
        memset(v->held, 0, sizeof v->held); /* or not */
    }
    uint64_t target;
    if (calls(l->insn, l->at, &target) || l->insn->row == ZF_ROW_basr || !l->way.falls) {
        v->asked = false;
    } else if (sets_cc(l->insn)) {
        v->asked = l->reads;
        v->test = l->test;
    }
    v->window = l->reads && v->window < WINDOW ? WINDOW : v->window;
    v->window -= v->window > 0;
    v->frame -= v->frame > 0;
}

/* With 0 as function code in register 0, they store which others there are, and change no general
 * register. */
static bool has_function_code(const struct zf_insn *insn) {
    switch (insn->row) {
    case ZF_ROW_km:
    case ZF_ROW_kmc:
    case ZF_ROW_kma:
    case ZF_ROW_kmac:
    case ZF_ROW_kmctr:
    case ZF_ROW_kmf:
    case ZF_ROW_kmo:
    case ZF_ROW_kimd:
    case ZF_ROW_klmd:
    case ZF_ROW_pcc:
    case ZF_ROW_prno:
    case ZF_ROW_kdsa:
        return true;
    default:
        return false;
    }
}

/* What the function refers to, so that it is looked at again only when that tells. */
static void note_touched(struct zf_walk *w, const struct look *l) {
    enum { PAGE = 1 << 12 };
    uint64_t target;
    if (calls(l->insn, l->at, &target)) {
        zf_walk_mark(&w->f->calling, zf_walk_destination(w, target));
    } else if (!l->way.branches && zf_relative_target(l->insn, l->at, &target)) {
        const struct zf_scan_section *s = zf_scan_section_at(w->file, target);
        bool around = s && s->writable && !zf_scan_is_of_code(w->file, target);
        for (int i = -around; s && s->writable && i <= around;
             i++) { /* displacements reach there */
            zf_walk_mark_page(&w->f->touched, target + (uint64_t)(i * PAGE));
        }
    }
}

static void look_at(struct zf_walk *w, struct zf_known *known, struct zf_view *v, uint64_t at,
                    const struct zf_insn *insn) {
    zf_view_take(w, v, at);
    v->keeps = zf_walk_keeps_first(insn) || (v->zero & 1 && has_function_code(insn));
    struct look l = begin_look(w, known, v, at, insn);
    if (!w->f->looked) {
        note_touched(w, &l);
    }
    zf_view_carry(w, v, &l.way);
    v->apart = !l.way.falls;
    bool gets = gets_known(w, known, v, at, insn), query = calls_query(w, v, insn, at);
    find_guard(w, v, &l);
    note_told(w, v, &l);
    unsigned width = overwritten(insn, &l.o);
    if (width && !is_telling_place(w, known, v, l.o.b2, l.o.d2)) {
        overwrite(w, known, v, &l, width);
    }
    if (known->count && starts_with(insn, "st") && insn->row != ZF_ROW_stfle) {
        note_store(w, known, v, &l);
    }
    if (known->count && (insn->row == ZF_ROW_stg || insn->row == ZF_ROW_stgrl ||
                         insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr)) {
        note_escape(w, known, v, &l);
    }
    bool list = stores_list(w, insn, at), answers = list || query || gets || l.told;
    if (query) {
        l.result = answer_of(v);
    }
    if (list) {
        note_list(w, known, v, at, insn, &l.o);
    }
    zf_view_follow_address(v, at, insn, &l.o);
    zf_view_follow_frame(v, insn, &l.o);
    follow_constant(v, insn, &l.o);
    follow_zero(v, insn, &l.o);
    zf_view_follow_literal(v, at, insn, &l.o);
    if (!answers && is_idle(v)) {
        return;
    }
    if (answers) {
        w->f->queries = true;
        w->f->tells |= list || query;
        if (insn->row != ZF_ROW_stfle) {
            taint(v, l.told ? l.o.r1 : RESULT, true);
            v->held[l.told ? l.o.r1 : RESULT] = l.result;
        }
    } else {
        pass_on(w, known, v, &l);
    }
    leave(w, v, &l);
}

/* The GNU C library hands AT_HWCAP to ifunc resolvers. */
static struct zf_view begin(const struct zf_scan_function *f) {
    struct zf_view v = {0};
    if (f->resolver) {
        v.tainted = 1u << RESULT;
        v.held[RESULT] = (struct zf_answer){ZF_ANSWER_HWCAP, 0, 0, ~UINT64_C(0)};
    }
    return v;
}

/* Three times: code that comes later by address may be executed before, and branches backward take
 * along what their registers held. From the second time on, it counts, too, where a way takes
 * nothing along. */
void zf_walk_look(struct zf_walk *w, struct zf_known *known) {
    struct zf_insn insn;
    unsigned before = known->count;
    w->carry_count = 0;
    w->carried = 0;
    for (int again = 0; again < 3; again++) {
        if (again && !w->carry_count && (known->count == before || again > 1)) {
            break; /* all would be as it was */
        }
        w->strict = again > 0;
        struct zf_view v = begin(w->f);
        w->guard_count = w->choice_count = w->write_count = 0;
        free(w->chosen);
        w->chosen = NULL;
        for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
            look_at(w, known, &v, at, &insn);
        }
    }
    w->f->looked = true;
    if (w->f->lists && (!w->f->name || zf_scan_is_for_facilities(w->f))) {
        zf_walk_learn_places(w, known);
    }
}
