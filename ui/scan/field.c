/*
 * Of an object that is known, as a whole, to tell of facilities: which of its fields do. The loader
 * copies the kernel's vector to a table in its frame, by type, and sets its fields from there.
 */
#include "scan/view.h"

#include <string.h>

enum {
    TYPES = 64,
    AT_PLATFORM = 15,
    AT_HWCAP = 16,
    AT_HWCAP2 = 26,
    AT_HWCAP3 = 29,
    AT_HWCAP4 = 30
};

/* The table of a function, and what registers have of it: one more than the type. */
struct table {
    bool there;
    unsigned base;
    int64_t at;
    uint8_t type[ZF_VIEW_REGISTERS];
};

/* An entry is stored by an index; there must be no other such table. */
static bool find_table(const struct zf_walk *w, struct table *t) {
    struct zf_insn insn;
    struct zf_operands o;
    *t = (struct table){.there = false};
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
        zf_insn_operands(&insn, &o);
        bool frame = zf_view_is_frame(o.b2) != zf_view_is_frame(o.x2);
        if (insn.row != ZF_ROW_stg || !o.x2 || !o.b2 || !frame) {
            continue;
        }
        unsigned base = zf_view_is_frame(o.b2) ? o.b2 : o.x2;
        if (t->there && (t->base != base || t->at != o.d2)) {
            return false;
        }
        *t = (struct table){.there = true, .base = base, .at = o.d2};
    }
    return t->there;
}

static void follow(struct table *t, const struct zf_insn *insn, const struct zf_operands *o) {
    int64_t from = o->d2 - t->at;
    bool loads = insn->row == ZF_ROW_lg && o->b2 == t->base && !o->x2;
    if (insn->row == ZF_ROW_lmg || insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_basr) {
        memset(t->type, 0, sizeof t->type);
    } else if (!zf_walk_keeps_first(insn)) {
        bool entry = loads && from >= 0 && from < 8 * TYPES && !(from % 8);
        t->type[o->r1] = entry ? (uint8_t)(from / 8 + 1) : 0;
    }
}

static struct zf_scan_variable *object_at(struct zf_scan_file *file, uint64_t place) {
    for (unsigned i = 0; i < file->telling_count; i++) {
        struct zf_scan_variable *v = &file->telling[i];
        if (v->source == ZF_ANSWER_UNKNOWN && place - v->address < v->size) {
            return v;
        }
    }
    return NULL;
}

static bool is_of_facilities(unsigned type) {
    return type == AT_PLATFORM || type == AT_HWCAP || type == AT_HWCAP2 || type == AT_HWCAP3 ||
           type == AT_HWCAP4;
}

static void note_field(struct zf_scan_fields *fields, uint64_t place, unsigned type) {
    bool known = false;
    for (unsigned i = 0; i < fields->count; i++) {
        known |= fields->list[i].address == place;
    }
    fields->full |= is_of_facilities(type) && !known && fields->count == ZF_SCAN_TELLING;
    if (is_of_facilities(type) && !known && fields->count < ZF_SCAN_TELLING) {
        fields->list[fields->count++] = (struct zf_scan_variable){
            place, 8, type == AT_HWCAP ? ZF_ANSWER_HWCAP : ZF_ANSWER_UNKNOWN};
    }
    fields->set++;
    fields->hwcap |= type == AT_HWCAP;
}

/* Where a doubleword is stored, as far as that is known: 0: nowhere. */
static uint64_t place_of(const struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                         const struct zf_operands *o) {
    uint64_t target;
    if (insn->row == ZF_ROW_stgrl && zf_relative_target(insn, at, &target)) {
        return target;
    }
    bool based = insn->row == ZF_ROW_stg && o->b2 && !o->x2 && v->address[o->b2];
    return based ? v->address[o->b2] + (uint64_t)(int64_t)o->d2 : 0;
}

void zf_walk_find_fields(const struct zf_walk *w, struct zf_scan_fields *fields) {
    struct table t;
    struct zf_view v = {0};
    struct zf_insn insn;
    struct zf_operands o;
    struct zf_way way;
    if (!find_table(w, &t)) {
        return;
    }
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end; at += 2) {
        zf_insn_operands(&insn, &o);
        zf_way_of(&insn, at, &way);
        uint64_t place = t.type[o.r1] ? place_of(&v, at, &insn, &o) : 0;
        struct zf_scan_variable *object = place ? object_at(w->file, place) : NULL;
        if (object && (!fields->object || fields->object->address == object->address)) {
            fields->object = object;
            note_field(fields, place, t.type[o.r1] - 1u);
        }
        v.keeps = zf_walk_keeps_first(&insn);
        zf_view_follow_address(&v, at, &insn, &o);
        follow(&t, &insn, &o);
        if (!way.falls) { /* on other ways to what comes next, a field may get a constant */
            memset(t.type, 0, sizeof t.type);
        }
    }
}

void zf_scan_tell_by_field(struct zf_scan_file *file, const struct zf_scan_fields *fields) {
    enum { SEVERAL = 3 };
    if (!fields->object || !fields->hwcap || fields->set < SEVERAL || fields->full) {
        return;
    }
    uint64_t object = fields->object->address;
    unsigned kept = 0;
    for (unsigned i = 0; i < file->telling_count; i++) { /* both tables of symbols may have it */
        if (file->telling[i].address != object) {
            file->telling[kept++] = file->telling[i];
        }
    }
    file->telling_count = kept;
    for (unsigned i = 0; i < fields->count && file->telling_count < ZF_SCAN_TELLING; i++) {
        file->telling[file->telling_count++] = fields->list[i];
    }
}
