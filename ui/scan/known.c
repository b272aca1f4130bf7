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

/* A list may be stored in parts, each longer than the one before. */
static void lengthen(struct zf_known *known, unsigned i, uint32_t size,
                     const struct zf_answer *answer) {
    struct zf_variable *v = &known->variables[i];
    bool free = i + 1 == known->count || known->variables[i + 1].place - v->place >= size;
    if (size > v->size && free && v->answer.source == ZF_ANSWER_LIST && answer->list == size) {
        v->size = size;
        v->answer.list = answer->list;
        known->changes++;
    }
}

/* The same bits, or fewer or more of them; a list may be stored again in part. */
static bool tell_alike(struct zf_variable *v, uint64_t place, const struct zf_answer *before,
                       const struct zf_answer *answer) {
    bool fits = before->list || place == v->place || !(answer->mask & ~before->mask);
    bool alike = fits && before->source != ZF_ANSWER_UNKNOWN && before->source != ZF_ANSWER_FLAG &&
                 before->source == answer->source && before->base == answer->base &&
                 answer->list <= before->list;
    if (alike) {
        v->answer.loose |= answer->loose || answer->mask != before->mask;
        v->answer.mask |= before->list || place != v->place ? 0 : answer->mask;
    }
    return alike;
}

/* Of a variable that is known, what it tells besides. */
static void tell_more(const struct zf_walk *w, struct zf_known *known, unsigned i, uint64_t place,
                      const struct zf_answer *answer) {
    struct zf_variable *v = &known->variables[i];
    struct zf_answer before = zf_view_variable(w, known, place);
    struct zf_answer both = zf_answer_join(&before, answer);
    bool loose = v->answer.loose;
    if (tell_alike(v, place, &before, answer)) {
        known->changes += v->answer.loose != loose;
        return;
    }
    bool changed =
        both.source != before.source || both.loose != before.loose || both.flag != before.flag;
    if (!both.source) {
        v->answer = both;
    }
    v->answer.loose |= both.loose;
    v->answer.flag = both.flag;
    known->changes += changed;
}

void zf_known_learn(const struct zf_walk *w, struct zf_known *known, uint64_t place, uint32_t size,
                    struct zf_answer answer) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, place);
    if (!s || s->code || !s->writable) {
        return;
    }
    answer = answer.whole ? (struct zf_answer){0} : answer; /* others may look at parts of it */
    unsigned i = after(known, place);
    if (zf_known_has(known, place)) {
        if (known->variables[i - 1].place == place) {
            lengthen(known, i - 1, size, &answer);
        }
        tell_more(w, known, i - 1, place, &answer);
        return;
    }
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

static bool is_move_of_byte(const struct zf_insn *insn) {
    return insn->row == ZF_ROW_mvi || insn->row == ZF_ROW_mviy;
}

uint32_t zf_walk_store_width(const struct zf_insn *insn) {
    bool byte = insn->row == ZF_ROW_stc || insn->row == ZF_ROW_stcy || is_move_of_byte(insn);
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

/* Whether storage begins as zero. */
static bool is_zero(const struct zf_scan_file *file, uint64_t place, unsigned width) {
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    uint64_t at = s ? place - s->address : 0;
    bool zero = s && width <= s->size && at <= s->size - width;
    for (unsigned i = 0; zero && s->bytes && i < width; i++) {
        zero = !s->bytes[at + i];
    }
    return zero && !zf_scan_pointer_at(file, place);
}

/* What a variable tells that is not zero where the instruction was executed: in an object, other
 * objects may set it. */
static struct zf_answer told_by(const struct zf_walk *w, const struct zf_write *write) {
    uint8_t promise = zf_walk_promise(w, write->at);
    bool known = !w->file->relocatable && promise && promise != ZF_SCAN_UNKNOWN &&
                 !(write->constant && !write->value) &&
                 is_zero(w->file, write->place, write->width);
    return known
               ? (struct zf_answer){.source = ZF_ANSWER_FLAG, .mask = ~UINT64_C(0), .flag = promise}
               : (struct zf_answer){0};
}

static void learn_write(struct zf_walk *w, struct zf_known *known, const struct zf_write *write) {
    struct zf_answer before = zf_view_variable(w, known, write->place);
    if (!write->constant || !zf_answer_stays(&before, write->value, write->width)) {
        zf_known_learn(w, known, write->place, write->width, told_by(w, write));
    }
}

void zf_walk_learn_writes(struct zf_walk *w, struct zf_known *known) {
    for (unsigned i = 0; i < w->write_count; i++) {
        learn_write(w, known, &w->writes[i]);
    }
}

bool zf_walk_stores_register(const struct zf_insn *insn) {
    switch (insn->row) {
    case ZF_ROW_stg:
    case ZF_ROW_stgrl:
    case ZF_ROW_st:
    case ZF_ROW_sty:
    case ZF_ROW_strl:
    case ZF_ROW_sth:
    case ZF_ROW_sthy:
    case ZF_ROW_sthrl:
    case ZF_ROW_stc:
    case ZF_ROW_stcy:
        return true;
    default:
        return false;
    }
}

/* Where the instruction stores a constant; false: it does not. */
static bool stores_constant(const struct zf_walk *w, const struct zf_view *v, uint64_t at,
                            const struct zf_insn *insn, struct zf_write *write) {
    struct zf_operands o;
    write->at = at;
    write->width = zf_walk_store_width(insn);
    write->constant = true;
    zf_insn_operands(insn, &o);
    bool sil = zf_insn_format(insn) == ZF_FORMAT_SIL && starts_with(insn, "mv");
    if (sil || is_move_of_byte(insn)) {
        write->place = v->address[o.b1] + (uint64_t)o.d1;
        write->value = (uint64_t)o.i2 & UINT64_MAX >> (64 - 8 * write->width);
        return v->address[o.b1];
    }
    if (!zf_walk_stores_register(insn) || !zf_view_literal(w, v, o.r1, at, &write->value)) {
        return false;
    }
    bool relative = zf_relative_target(insn, at, &write->place);
    write->place = relative ? write->place : v->address[o.b2] + (uint64_t)o.d2;
    write->value &= UINT64_MAX >> (64 - 8 * write->width);
    return relative || (o.b2 && !o.x2 && v->address[o.b2]);
}

/* A variable that becomes zero where a facility may be missing tells, too, but not what. */
static void learn_constants(struct zf_walk *w, struct zf_known *known, bool zeroes) {
    struct zf_view v = {0};
    struct zf_insn insn;
    struct zf_operands o;
    struct zf_write write;
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
        zf_insn_operands(&insn, &o);
        v.keeps = zf_walk_keeps_first(&insn);
        if (is_seen(w, w->guarded, at, &insn) && stores_constant(w, &v, at, &insn, &write) &&
            zeroes == !write.value && !(zeroes && zf_known_has(known, write.place))) {
            learn_write(w, known, &write);
        }
        zf_view_follow_address(&v, at, &insn, &o);
        zf_view_follow_literal(&v, at, &insn, &o);
    }
}

void zf_walk_learn_guarded(struct zf_walk *w, struct zf_known *known) {
    learn_constants(w, known, false);
    learn_constants(w, known, true);
}
