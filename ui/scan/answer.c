/*
 * Which bit of AT_HWCAP, or of the facility list, registers and storage hold, and what a test of it
 * promises. Where that is not clear, the promise is not known.
 */
#include "scan/view.h"

#include "zfacet/facility.h"
#include "zfacet/guest_view.h"

#include <string.h>

enum { WORD = 64, MOST_LIST = 1024 };

static const struct zf_answer unknown = {0};

/* A facility that came with a known machine; of two, the newer one. */
static uint8_t promise_of(unsigned facility, unsigned other) {
    const struct zf_facility *one = zf_facility_find(facility), *two = zf_facility_find(other);
    if (!one || !two) {
        return ZF_SCAN_UNKNOWN;
    }
    unsigned bit = one->since > two->since ? facility : other;
    return bit + 1 < ZF_SCAN_UNKNOWN ? (uint8_t)(bit + 1) : ZF_SCAN_UNKNOWN;
}

static uint8_t promise_of_bit(const struct zf_answer *a, int bit) {
    uint8_t facilities[2];
    if (a->source == ZF_ANSWER_FLAG) {
        return a->flag;
    }
    if (bit < 0) {
        return ZF_SCAN_UNKNOWN;
    }
    if (a->source == ZF_ANSWER_LIST) {
        return promise_of((unsigned)bit, (unsigned)bit);
    }
    return a->source == ZF_ANSWER_HWCAP && bit < WORD &&
                   zf_guest_hwcap_facilities((unsigned)(WORD - 1 - bit), facilities)
               ? promise_of(facilities[0], facilities[1])
               : ZF_SCAN_UNKNOWN;
}

/* What is promised where the bits of `mask` are not all zero: what the least of them does, as any
 * of them may be the one; those of which that is not known promise no less. */
static uint8_t promise_of_mask(const struct zf_answer *a, uint64_t mask) {
    mask &= a->mask;
    bool several = mask & (mask - 1);
    uint8_t least = ZF_SCAN_UNKNOWN;
    bool cut = a->whole && (a->loose || __builtin_popcountll(mask) != a->whole);
    if (a->list || cut || (several && a->loose && a->source != ZF_ANSWER_FLAG)) {
        return ZF_SCAN_UNKNOWN;
    }
    for (; mask; mask &= mask - 1) {
        uint8_t promise = promise_of_bit(a, a->base + WORD - 1 - __builtin_ctzll(mask));
        least = zf_scan_lesser_promise(least, promise);
    }
    return least;
}

/* What is promised where all bits of `mask` are ones. */
static uint8_t promise_of_all(const struct zf_answer *a, uint64_t mask) {
    uint8_t most = 0;
    for (; !a->list && !a->whole && mask && !(mask & ~a->mask); mask &= mask - 1) {
        uint8_t promise = promise_of_bit(a, a->base + WORD - 1 - __builtin_ctzll(mask));
        bool less = promise == ZF_SCAN_UNKNOWN || zf_scan_lesser_promise(most, promise) == promise;
        most = less ? most : promise;
    }
    return most ? most : ZF_SCAN_UNKNOWN;
}

bool zf_answer_stays(const struct zf_answer *storage, uint64_t value, unsigned width) {
    enum { ALL_HAVE = 7 };
    bool stays = storage->source == ZF_ANSWER_LIST || storage->source == ZF_ANSWER_HWCAP;
    for (unsigned i = 0; i < 8 * width; i++) {
        uint8_t promise =
            value >> (8 * width - 1 - i) & 1 ? promise_of_bit(storage, storage->base + (int)i) : 0;
        stays &= zf_scan_promised_machine(promise) <= ALL_HAVE;
    }
    return stays;
}

struct zf_answer zf_answer_join(const struct zf_answer *a, const struct zf_answer *b) {
    bool same =
        a->source == b->source && a->list == b->list && a->base == b->base && a->mask == b->mask;
    same = same && a->whole == b->whole && (!a->whole || a->flag == b->flag);
    bool flags =
        !a->whole && !b->whole && a->source == ZF_ANSWER_FLAG && b->source == ZF_ANSWER_FLAG;
    struct zf_answer joined = same ? *a : unknown;
    if (flags) {
        joined = *a;
        joined.mask |= b->mask;
        joined.flag = zf_scan_lesser_promise(a->flag, b->flag);
        return joined;
    }
    joined.loose = same && (a->loose || b->loose);
    return joined;
}

/* Storage `offset` bytes after storage of which that is known. */
static struct zf_answer storage_after(struct zf_answer storage, int64_t offset) {
    if (offset < 0 || offset >= (storage.list ? storage.list : 8)) {
        return unknown;
    }
    storage.base += 8 * (int)offset;
    storage.mask = storage.list ? storage.mask : storage.mask << 8 * offset;
    storage.list -= storage.list ? (uint16_t)offset : 0;
    return storage;
}

/* So many bytes of storage, in a register. */
static struct zf_answer load(struct zf_answer storage, unsigned width) {
    unsigned left = WORD - 8 * width;
    if (!storage.source || !width) {
        return unknown;
    }
    storage.list = 0;
    storage.base -= (int)left;
    storage.mask >>= left;
    return storage;
}

struct zf_answer zf_answer_stored(struct zf_answer held, unsigned width) {
    unsigned left = WORD - 8 * width;
    if (!held.source || held.list) {
        return unknown;
    }
    held.base += (int)left;
    held.mask <<= left;
    return held;
}

struct zf_answer zf_view_variable(const struct zf_walk *w, const struct zf_known *known,
                                  uint64_t place) {
    unsigned i = zf_scan_up_to(known->variables, known->count, sizeof *known->variables, place);
    const struct zf_variable *v = i ? &known->variables[i - 1] : NULL;
    if (v && place - v->place < v->size) {
        return known->doubtful ? unknown : storage_after(v->answer, (int64_t)(place - v->place));
    }
    for (unsigned t = 0; t < w->file->telling_count; t++) {
        const struct zf_scan_variable *telling = &w->file->telling[t];
        if (place - telling->address < telling->size) {
            struct zf_answer all = {telling->source,
                                    telling->source == ZF_ANSWER_LIST ? MOST_LIST : 0, 0,
                                    ~UINT64_C(0)};
            return storage_after(all, (int64_t)(place - telling->address));
        }
    }
    return unknown;
}

bool zf_view_points(const struct zf_answer *held, int64_t displacement) {
    int64_t from = held->base / 8 + displacement;
    return held->list && from >= 0 && from < held->list;
}

struct zf_answer zf_view_storage(const struct zf_walk *w, const struct zf_known *known,
                                 const struct zf_view *v, unsigned base, int64_t displacement) {
    struct zf_slot into = v->into[base];
    unsigned i = zf_view_slot(v, base, displacement);
    if (i == ZF_VIEW_SLOTS && into.base) {
        displacement += into.displacement;
        i = zf_view_slot(v, into.base, displacement);
    }
    if (i < ZF_VIEW_SLOTS) {
        return storage_after(v->slots[i].answer, displacement - v->slots[i].displacement);
    }
    if (base && v->address[base]) {
        return zf_view_variable(w, known, v->address[base] + (uint64_t)displacement);
    }
    if (base && v->tainted >> base & 1 && zf_view_points(&v->held[base], displacement)) {
        return (struct zf_answer){v->held[base].source, 0,
                                  v->held[base].base + 8 * (int)displacement, ~UINT64_C(0)};
    }
    return unknown;
}

/* The width of what the instruction loads, without its sign where that matters; 0: it does not. */
static unsigned width_of_load(enum zf_row row) {
    switch (row) {
    case ZF_ROW_lg:
    case ZF_ROW_ltg:
    case ZF_ROW_lgrl:
        return 8;
    case ZF_ROW_l:
    case ZF_ROW_ly:
    case ZF_ROW_lt:
    case ZF_ROW_lrl:
    case ZF_ROW_llgf:
    case ZF_ROW_llgfrl:
        return 4;
    case ZF_ROW_llh:
    case ZF_ROW_llgh:
        return 2;
    case ZF_ROW_llc:
    case ZF_ROW_llgc:
        return 1;
    default:
        return 0;
    }
}

struct zf_answer zf_view_doubleword(const struct zf_walk *w, const struct zf_known *known,
                                    const struct zf_view *v, unsigned base, int64_t displacement) {
    return load(zf_view_storage(w, known, v, base, displacement), 8);
}

static struct zf_answer with_mask(struct zf_answer a, uint64_t mask) {
    a.mask &= mask;
    return a.list ? unknown : a;
}

/* Bits as far as they do not go around the end of the register. */
static struct zf_answer rotate(struct zf_answer a, const struct zf_operands *o) {
    enum { ZERO = 128, LAST = WORD - 1 };
    int from = o->i3 & LAST, to = o->i4 & LAST, by = o->i5 & LAST;
    bool around = from + by >= WORD;
    if (!a.source || a.list || !(o->i4 & ZERO) || from > to || (!around && to + by >= WORD)) {
        return unknown;
    }
    uint64_t rotated = by ? a.mask << by | a.mask >> (WORD - by) : a.mask;
    a.mask = rotated & ~UINT64_C(0) >> from & ~UINT64_C(0) << (LAST - to);
    a.base += by - (around ? WORD : 0);
    return a;
}

static struct zf_answer shift(struct zf_answer a, const struct zf_operands *o, bool left) {
    if (!a.source || a.list || o->b2) {
        return unknown;
    }
    int by = o->d2 & (WORD - 1);
    a.mask = left ? a.mask << by : a.mask >> by;
    a.base += left ? by : -by;
    return a;
}

/* Of one bit alone: all bits to the left of it become the same, the sign being the one that is
 * looked at. */
static struct zf_answer complement(struct zf_answer a) {
    bool one = a.source && !a.list && a.mask && !(a.mask & (a.mask - 1));
    a.base += one ? __builtin_clzll(a.mask) : 0;
    a.mask = UINT64_C(1) << (WORD - 1);
    return one ? a : unknown;
}

/* The answer that LOAD RELATIVE LONG gets the address of, from the global offset table. */
static struct zf_answer pointed(const struct zf_walk *w, const struct zf_known *known,
                                uint64_t place) {
    const struct zf_scan_pointer *p = zf_scan_pointer_at(w->file, place);
    struct zf_answer learned = zf_view_variable(w, known, place);
    if (learned.source) {
        return learned;
    }
    uint8_t source = p && p->symbol ? zf_scan_source_by_name(p->symbol) : ZF_ANSWER_UNKNOWN;
    return source == ZF_ANSWER_LIST ? (struct zf_answer){source, MOST_LIST, 0, ~UINT64_C(0)}
                                    : unknown;
}

static struct zf_answer held(const struct zf_view *v, unsigned reg) {
    return v->tainted >> reg & 1 ? v->held[reg] : unknown;
}

/* AND of a register that tells and another one, perhaps with a constant: it leaves no more bits. */
static struct zf_answer mask_with(const struct zf_walk *w, const struct zf_view *v, uint64_t at,
                                  unsigned one, unsigned other) {
    bool first = v->tainted >> one & 1;
    uint64_t mask;
    bool constant = zf_view_literal(w, v, first ? other : one, at, &mask);
    struct zf_answer a = with_mask(held(v, first ? one : other), constant ? mask : UINT64_MAX);
    a.loose |= !constant;
    return a;
}

/* AND of some bits of a register with a constant; the others stay. */
static struct zf_answer and_immediate(struct zf_answer a, uint64_t bits, unsigned left,
                                      int64_t constant) {
    return with_mask(a, ~(bits << left) | ((uint64_t)constant & bits) << left);
}

/* AND of a register and storage, one of which tells. */
static struct zf_answer and_storage(const struct zf_walk *w, const struct zf_known *known,
                                    const struct zf_view *v, const struct zf_operands *o) {
    bool first = v->tainted >> o->r1 & 1;
    struct zf_answer a = first   ? with_mask(held(v, o->r1), UINT64_MAX)
                         : o->x2 ? unknown
                                 : zf_view_doubleword(w, known, v, o->b2, o->d2);
    a.loose = true;
    return a;
}

/* OR of two answers: the least of what they promise, where all of it is looked at. Where that of
 * one is not known, it promises no less. */
static struct zf_answer either(struct zf_answer a, struct zf_answer b, uint64_t bits) {
    uint8_t least = zf_scan_lesser_promise(promise_of_mask(&a, bits), promise_of_mask(&b, bits));
    uint64_t mask = (a.source ? a.mask : bits) | (b.source ? b.mask : bits);
    return least != ZF_SCAN_UNKNOWN
               ? (struct zf_answer){.source = ZF_ANSWER_FLAG,
                                    .mask = mask,
                                    .flag = least,
                                    .whole = (uint8_t)__builtin_popcountll(mask)}
               : unknown;
}

static struct zf_answer or_registers(const struct zf_view *v, unsigned one, unsigned other,
                                     uint64_t bits) {
    bool both = v->tainted >> one & v->tainted >> other & 1;
    return both ? either(with_mask(held(v, one), bits), with_mask(held(v, other), bits), bits)
                : unknown;
}

/* OR of a register and selected bits of another one. */
static struct zf_answer or_selected(const struct zf_view *v, struct zf_operands o) {
    enum { ZERO = 128, TEST = 128 };
    bool both = v->tainted >> o.r1 & v->tainted >> o.r2 & 1;
    o.i4 |= ZERO;
    return both && !(o.i3 & TEST)
               ? either(with_mask(held(v, o.r1), UINT64_MAX), rotate(held(v, o.r2), &o), UINT64_MAX)
               : unknown;
}

/* What an instruction makes that is an OR; of others, nothing is known. */
static struct zf_answer or_with(const struct zf_view *v, enum zf_row row, struct zf_operands o) {
    switch (row) {
    case ZF_ROW_ogr:
        return or_registers(v, o.r1, o.r2, UINT64_MAX);
    case ZF_ROW_ogrk:
        return or_registers(v, o.r2, o.r3, UINT64_MAX);
    case ZF_ROW_or:
        return or_registers(v, o.r1, o.r2, UINT32_MAX);
    case ZF_ROW_ork:
        return or_registers(v, o.r2, o.r3, UINT32_MAX);
    case ZF_ROW_rosbg:
        return or_selected(v, o);
    default:
        return unknown;
    }
}

/* Of a register of which an instruction changes the right half alone. */
static struct zf_answer left_as_is(struct zf_answer a) {
    a.mask |= ~(uint64_t)UINT32_MAX;
    a.loose = true;
    return a;
}

/* With a half or a quarter of a register, which one the instruction says. */
static struct zf_answer and_part(struct zf_answer a, enum zf_row row, int64_t immediate) {
    switch (row) {
    case ZF_ROW_nill:
        return and_immediate(a, UINT16_MAX, 0, immediate);
    case ZF_ROW_nilh:
        return and_immediate(a, UINT16_MAX, 16, immediate);
    case ZF_ROW_nihl:
        return and_immediate(a, UINT16_MAX, 32, immediate);
    case ZF_ROW_nihh:
        return and_immediate(a, UINT16_MAX, 48, immediate);
    case ZF_ROW_nilf:
        return and_immediate(a, UINT32_MAX, 0, immediate);
    default:
        return and_immediate(a, UINT32_MAX, 32, immediate);
    }
}

struct zf_answer zf_view_result(const struct zf_walk *w, const struct zf_known *known,
                                const struct zf_view *v, uint64_t at, const struct zf_insn *insn) {
    static const uint64_t low = UINT32_MAX;
    struct zf_operands o;
    uint64_t target;
    zf_insn_operands(insn, &o);
    unsigned width = width_of_load((enum zf_row)insn->row);
    if (width && zf_relative_target(insn, at, &target)) {
        return zf_scan_is_of_code(w->file, target)
                   ? pointed(w, known, target)
                   : load(zf_view_variable(w, known, target), width);
    }
    if (width) {
        return o.x2 ? unknown : load(zf_view_storage(w, known, v, o.b2, o.d2), width);
    }
    switch (insn->row) {
    case ZF_ROW_lgr:
        return held(v, o.r2);
    case ZF_ROW_ltgr:
        return with_mask(held(v, o.r2), ~UINT64_C(0));
    case ZF_ROW_lr:
    case ZF_ROW_ltr:
    case ZF_ROW_llgfr:
        return with_mask(held(v, o.r2), low);
    case ZF_ROW_lpgr: /* what has no sign stays */
        return held(v, o.r2).mask >> (WORD - 1) ? unknown : with_mask(held(v, o.r2), INT64_MAX);
    case ZF_ROW_llcr:
    case ZF_ROW_llgcr:
        return with_mask(held(v, o.r2), UINT8_MAX);
    case ZF_ROW_risbg:
    case ZF_ROW_risbgn:
        return rotate(held(v, o.r2), &o);
    case ZF_ROW_lcgr:
    case ZF_ROW_lngr:
        return complement(held(v, o.r2));
    case ZF_ROW_srlg:
    case ZF_ROW_sllg:
        return shift(held(v, o.r3), &o, insn->row == ZF_ROW_sllg);
    case ZF_ROW_ngr:
        return mask_with(w, v, at, o.r1, o.r2);
    case ZF_ROW_ngrk:
        return mask_with(w, v, at, o.r2, o.r3);
    case ZF_ROW_nr:
        return left_as_is(mask_with(w, v, at, o.r1, o.r2));
    case ZF_ROW_nrk:
        return left_as_is(mask_with(w, v, at, o.r2, o.r3));
    case ZF_ROW_nill:
    case ZF_ROW_nilh:
    case ZF_ROW_nihl:
    case ZF_ROW_nihh:
    case ZF_ROW_nilf:
    case ZF_ROW_nihf:
        return and_part(held(v, o.r1), (enum zf_row)insn->row, o.i2);
    case ZF_ROW_ng:
        return and_storage(w, known, v, &o);
    default:
        return or_with(v, insn->row, o);
    }
}

/* Condition codes, as bits of a branch's mask. */
enum { ZERO = 8, LOW = 4, HIGH = 2, ONES = 1 };

static const struct zf_test no_test = {.promise = ZF_SCAN_UNKNOWN};

/* The condition code says whether bits of a register or of storage are all ones; one alone is, or
 * is zero. Of several bits of a register that are not the same, it also says what the first one is.
 */
static struct zf_test test_under_mask(const struct zf_answer *a, const struct zf_operands *o,
                                      unsigned left, bool registers) {
    uint64_t mask = (uint64_t)(o->i2 & UINT16_MAX) << left;
    bool one = mask && !(mask & (mask - 1));
    uint8_t any = promise_of_mask(a, mask);
    struct zf_test t = {
        promise_of_all(a, mask), ONES, one ? ZERO : ZERO | LOW | HIGH, any, any, any};
    if (registers && !one && mask) {
        uint64_t first = UINT64_C(1) << (WORD - 1 - __builtin_clzll(mask));
        t.low = promise_of_mask(a, mask & ~first);
        t.high = promise_of_mask(a, first);
    }
    return t;
}

/* Bits to the right of the 16 that TEST UNDER MASK looks at. */
static unsigned left_of(enum zf_row row) {
    return row == ZF_ROW_tmhh ? 48 : row == ZF_ROW_tmhl ? 32 : row == ZF_ROW_tmlh ? 16 : 0;
}

/* Or whether what is left of them is zero. */
static struct zf_test test_value(const struct zf_answer *a, uint64_t bits, uint8_t set) {
    return (struct zf_test){promise_of_mask(a, bits), set, ZERO};
}

/* Or whether it is a constant. */
static struct zf_test compare(struct zf_answer a, uint64_t bits, int64_t constant, uint8_t set) {
    a.mask &= bits;
    return constant
               ? (struct zf_test){promise_of_all(&a, (uint64_t)constant & bits), ZERO, LOW | HIGH}
               : test_value(&a, bits, set);
}

/* Or a constant that is in the other register. */
static struct zf_test compare_registers(const struct zf_walk *w, const struct zf_view *v,
                                        uint64_t at, const struct zf_operands *o, uint64_t bits) {
    bool first = v->tainted >> o->r1 & 1;
    uint64_t constant;
    return zf_view_literal(w, v, first ? o->r2 : o->r1, at, &constant) && constant & bits
               ? compare(held(v, first ? o->r1 : o->r2), bits, (int64_t)constant, 0)
               : no_test;
}

/* COMPARE of a register. */
static struct zf_test compare_register(const struct zf_walk *w, const struct zf_view *v,
                                       uint64_t at, const struct zf_insn *insn,
                                       const struct zf_operands *o) {
    static const uint64_t all = UINT64_MAX, low = UINT32_MAX;
    struct zf_answer first = held(v, o->r1);
    switch (insn->row) {
    case ZF_ROW_cghi:
    case ZF_ROW_cgfi:
    case ZF_ROW_cgij:
        return compare(first, all, o->i2, LOW | HIGH);
    case ZF_ROW_clgij:
    case ZF_ROW_clgfi:
        return compare(first, all, o->i2, HIGH);
    case ZF_ROW_chi:
    case ZF_ROW_cfi:
    case ZF_ROW_cij:
        return compare(first, low, o->i2, LOW | HIGH);
    case ZF_ROW_clfi:
    case ZF_ROW_clij:
        return compare(first, low, o->i2, HIGH);
    case ZF_ROW_cgr:
    case ZF_ROW_clgr:
    case ZF_ROW_cgrj:
    case ZF_ROW_clgrj:
        return compare_registers(w, v, at, o, all);
    case ZF_ROW_cr:
    case ZF_ROW_clr:
    case ZF_ROW_crj:
    case ZF_ROW_clrj:
        return compare_registers(w, v, at, o, low);
    default:
        return no_test;
    }
}

struct zf_test zf_view_test(const struct zf_walk *w, const struct zf_known *known,
                            const struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                            const struct zf_answer *result) {
    static const uint64_t all = UINT64_MAX, low = UINT32_MAX;
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    struct zf_answer first = held(v, o.r1);
    switch (insn->row) {
    case ZF_ROW_tmll:
    case ZF_ROW_tmlh:
    case ZF_ROW_tmhl:
    case ZF_ROW_tmhh:
        return test_under_mask(&first, &o, left_of((enum zf_row)insn->row), true);
    case ZF_ROW_tm:
    case ZF_ROW_tmy:
        first = load(zf_view_storage(w, known, v, o.b1, o.d1), 1);
        return test_under_mask(&first, &o, 0, false);
    case ZF_ROW_ltgr:
    case ZF_ROW_ltr:
    case ZF_ROW_ltg:
    case ZF_ROW_lt:
    case ZF_ROW_risbg:
        return test_value(result, all, LOW | HIGH);
    case ZF_ROW_nill: /* of the last 16 bits alone */
        return test_value(result, UINT16_MAX, LOW);
    case ZF_ROW_nilf:
        return test_value(result, low, LOW);
    case ZF_ROW_nr:
        first = mask_with(w, v, at, o.r1, o.r2);
        return test_value(&first, low, LOW);
    case ZF_ROW_nrk:
        first = mask_with(w, v, at, o.r2, o.r3);
        return test_value(&first, low, LOW);
    case ZF_ROW_ngr:
    case ZF_ROW_ngrk:
        return test_value(result, all, LOW);
    case ZF_ROW_ogr:
    case ZF_ROW_ogrk:
    case ZF_ROW_or:
    case ZF_ROW_ork:
    case ZF_ROW_rosbg:
        return result->source ? test_value(result, all, LOW) : no_test;
    case ZF_ROW_cli:
        first = load(zf_view_storage(w, known, v, o.b1, o.d1), 1);
        return compare(first, UINT8_MAX, o.i2, HIGH);
    default:
        return compare_register(w, v, at, insn, &o);
    }
}

/* Whether a branch by these condition codes goes one way where those are `set`, and the other where
 * they are `clear`. */
static bool decides(unsigned mask, unsigned set, unsigned clear) {
    bool taken = (mask & set) == set && !(mask & clear);
    bool falls = !(mask & set) && (mask & clear) == clear;
    return set && taken != falls;
}

/* What is promised by some of the condition codes that say that not all bits are zero: the least
 * of what each of them does. */
static uint8_t promise_of_some(const struct zf_test *t, unsigned codes) {
    uint8_t least = codes & LOW ? t->low : ZF_SCAN_UNKNOWN;
    least = codes & HIGH ? zf_scan_lesser_promise(least, t->high) : least;
    return codes & ONES ? zf_scan_lesser_promise(least, t->promise) : least;
}

struct zf_guard zf_view_guard(const struct zf_view *v, uint64_t at, const struct zf_insn *insn,
                              const struct zf_test *test) {
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    bool by_cc = insn->row == ZF_ROW_brc || insn->row == ZF_ROW_brcl || insn->row == ZF_ROW_bcr;
    struct zf_test t = !by_cc ? *test : v->asked ? v->test : no_test;
    unsigned mask = by_cc ? o.m1 : zf_walk_chooses_by(insn) == ZF_CHOICE_SELECT ? o.m4 : o.m3;
    bool all = decides(mask, t.set, t.clear), any = t.any && decides(mask, LOW | HIGH | ONES, ZERO);
    bool taken = all ? mask & t.set : any ? mask & ONES : !(mask & ZERO);
    unsigned codes = (LOW | HIGH | ONES) & (taken ? mask : ~mask);
    bool some = t.any && codes;
    uint8_t promise = all    ? t.promise
                      : any  ? t.any
                      : some ? promise_of_some(&t, codes)
                             : ZF_SCAN_UNKNOWN;
    return (struct zf_guard){at, promise, taken, false};
}
