/*
 * Variables that tell of facilities: which are known, and what they hold.
 */
#include "scan/view.h"

#include <string.h>

enum { LIST = 32 };

static bool starts_with(const struct zf_insn *insn, const char *text) {
    return !strncmp(zf_row_get(insn->row)->mnemonic, text, strlen(text));
}

/* The name of what a place of the global offset table stands for. */
static const char *symbol_at(const struct zf_walk *w, uint64_t place) {
    const struct zf_scan_pointer *p = zf_scan_pointer_at(w->file, place);
    return p ? p->symbol : NULL;
}

/* The first variable after `place`. */
static unsigned after(const struct zf_known *known, uint64_t place) {
    return zf_scan_up_to(known->variables, known->count, sizeof *known->variables, place);
}

bool zf_known_has(const struct zf_known *known, uint64_t place) {
    unsigned i = after(known, place);
    return i && place - known->variables[i - 1].place < known->variables[i - 1].size;
}

void zf_known_learn(const struct zf_walk *w, struct zf_known *known, uint64_t place, uint32_t size,
                    struct zf_answer answer) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    if (!s || s->code || !s->writable) {
        return;
    }
    if (zf_known_has(known, place)) {
        struct zf_variable *variable = &known->variables[after(known, place) - 1];
        struct zf_answer before = zf_view_variable(w, known, place);
        struct zf_answer both = zf_answer_join(&before, &answer);
        variable->answer = both.source ? variable->answer : both;
        variable->answer.loose |= both.loose;
        return;
    }
    unsigned i = after(known, place);
    struct zf_variable *variables =
        zf_scan_grow(known->variables, &known->count, sizeof *variables);
    w->file->out_of_memory |= !variables;
    if (variables) {
        known->variables = variables;
        memmove(&variables[i + 1], &variables[i], (known->count - 1 - i) * sizeof *variables);
        variables[i] = (struct zf_variable){place, size, answer};
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

bool zf_known_tells(const struct zf_walk *w, const struct zf_known *known, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    return s && !s->code &&
           (zf_known_has(known, place) || is_telling(w->file, place) ||
            zf_scan_tells_by_name(symbol_at(w, place)));
}

uint32_t zf_walk_store_width(const struct zf_insn *insn) {
    bool byte = insn->row == ZF_ROW_stc || insn->row == ZF_ROW_stcy;
    bool half = starts_with(insn, "sth") || insn->row == ZF_ROW_mvhhi;
    return byte ? 1 : half ? 2 : strchr(zf_row_get(insn->row)->mnemonic, 'g') ? 8 : 4;
}

static bool is_seen(const struct zf_walk *w, const uint64_t *map, uint64_t at,
                    struct zf_insn *insn) {
    uint64_t bit = (at - w->f->address) / 2;
    return map[bit / 64] >> bit % 64 & 1 && zf_walk_fetch(w, at, insn);
}

/* Whether a register is soon asked for the bit of AT_HWCAP that says that there is STFLE: it holds
 * that, or its address. */
static bool is_asked_for_list(const struct zf_walk *w, uint64_t at, unsigned reg) {
    enum { SOON = 4, STFLE = 4, LAST_BYTE = 7 };
    struct zf_insn insn;
    struct zf_operands o;
    for (int i = 0; i < SOON && is_seen(w, w->seen, at, &insn); i++, at += insn.length) {
        zf_insn_operands(&insn, &o);
        bool value = insn.row == ZF_ROW_tmll && o.r1 == reg;
        bool storage = insn.row == ZF_ROW_tm && o.b1 == reg && o.d1 == LAST_BYTE;
        if ((value || storage) && o.i2 == STFLE) {
            return true;
        }
    }
    return false;
}

/* Where names do not tell, a function with the list asks AT_HWCAP before whether it can have that:
 * a C library without symbols has no other sign of its loader's variable. */
void zf_walk_learn_places(struct zf_walk *w, struct zf_known *known) {
    struct zf_insn insn;
    struct zf_operands o;
    uint64_t target;
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
        if (!zf_relative_target(&insn, at, &target)) {
            continue;
        }
        zf_insn_operands(&insn, &o);
        bool loads = insn.row == ZF_ROW_lgrl || insn.row == ZF_ROW_larl;
        if (w->f->name || (loads && is_asked_for_list(w, at + insn.length, o.r1))) {
            bool address = zf_scan_is_of_code(w->file, target);
            struct zf_answer hwcap = {ZF_ANSWER_HWCAP, address ? 8 : 0, 0, ~UINT64_C(0)};
            zf_known_learn(w, known, target, w->f->name ? LIST : 8,
                           w->f->name ? (struct zf_answer){0} : hwcap);
        }
    }
}

void zf_walk_learn_guarded(struct zf_walk *w, struct zf_known *known) {
    struct zf_view v = {0};
    struct zf_insn insn;
    struct zf_operands o;
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
        zf_insn_operands(&insn, &o);
        v.keeps = zf_walk_keeps_first(&insn);
        zf_view_follow_address(&v, at, &insn, &o);
        if (zf_insn_format(&insn) == ZF_FORMAT_SIL && starts_with(&insn, "mv") && v.address[o.b1] &&
            is_seen(w, w->guarded, at, &insn)) {
            zf_known_learn(w, known, v.address[o.b1] + (uint64_t)o.d1, zf_walk_store_width(&insn),
                           (struct zf_answer){0});
        }
    }
}
