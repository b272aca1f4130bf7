/*
 * The vector string instructions that compare an element with several others. M5 or M6 says what is
 * wanted of the matches: the first one's byte index, or ones in matching elements; see enum option.
 */
#include "vector/vector.h"

enum option {
    INVERT = 8,      /* elements that do not match are looked for */
    MASKS = 4,       /* the result is ones in all of them */
    ZERO_SEARCH = 2, /* a zero element ends the search */
    SET_CC = 1,
};

enum { NOWHERE = 16 };

static unsigned smaller(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* The byte index of the first zero element, 16 when there is none. */
static unsigned first_zero(const union zf_vr *v, unsigned size) {
    for (unsigned i = 0; i < zf_vr_elements(size); i++) {
        if (!zf_vr_element(v, size, i)) {
            return i << size;
        }
    }
    return NOWHERE;
}

typedef bool matches(const union zf_vr *registers[3], unsigned size, uint64_t element);

/* `registers` are the second operand and those that its elements are compared with. */
static void search(struct zf_cpu *cpu, const struct zf_insn_call *i, unsigned options,
                   matches *match) {
    const union zf_vr *registers[3] = {&cpu->vr[i->o.v2], &cpu->vr[i->o.v3], &cpu->vr[i->o.v4]};
    unsigned size = zf_vector_size(&i->insn, &i->o), found = NOWHERE;
    unsigned zero = options & ZERO_SEARCH ? first_zero(registers[0], size) : NOWHERE;
    union zf_vr masks = {0};
    for (unsigned n = 0; n < zf_vr_elements(size); n++) {
        bool wanted = !(options & INVERT);
        if (match(registers, size, zf_vr_element(registers[0], size, n)) == wanted) {
            zf_vr_set_element(&masks, size, n, ~UINT64_C(0));
            found = smaller(found, n << size);
        }
    }
    if (options & MASKS) {
        cpu->vr[i->o.v1] = masks;
    } else {
        zf_vr_set(cpu, i->o.v1, (zf_u128)smaller(found, zero) << 64);
    }
    if (options & SET_CC) {
        bool none = found == NOWHERE && zero == NOWHERE;
        cpu->cc = none ? 3 : zero == NOWHERE ? 1 : found < zero ? 2 : 0;
    }
}

static bool is_any_of(const union zf_vr *registers[3], unsigned size, uint64_t element) {
    for (unsigned n = 0; n < zf_vr_elements(size); n++) {
        if (zf_vr_element(registers[1], size, n) == element) {
            return true;
        }
    }
    return false;
}

/* VECTOR FIND ANY ELEMENT EQUAL */
enum zf_next zf_do_vfae(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    if (i->o.m4 > ZF_WORD) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    search(cpu, i, i->o.m5, is_any_of);
    return ZF_NEXT;
}

/* One half of a range: whether equal, low and high elements are in it stands in its control. */
static bool is_within(const union zf_vr *registers[3], unsigned size, uint64_t element,
                      unsigned n) {
    enum { EQUAL = 0x80, LOW = 0x40, HIGH = 0x20 };
    uint64_t limit = zf_vr_element(registers[1], size, n);
    uint64_t control = zf_vr_element(registers[2], ZF_BYTE, n << size);
    return control & (element == limit ? EQUAL : element < limit ? LOW : HIGH);
}

static bool is_in_range(const union zf_vr *registers[3], unsigned size, uint64_t element) {
    for (unsigned n = 0; n < zf_vr_elements(size); n += 2) {
        if (is_within(registers, size, element, n) && is_within(registers, size, element, n + 1)) {
            return true;
        }
    }
    return false;
}

/* VECTOR STRING RANGE COMPARE */
enum zf_next zf_do_vstrc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    if (i->o.m5 > ZF_WORD) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    search(cpu, i, i->o.m6, is_in_range);
    return ZF_NEXT;
}

/* Whether `count` elements of `a` from `from` on are the first ones of `b`. */
static bool begins(const union zf_vr *a, unsigned from, const union zf_vr *b, unsigned count,
                   unsigned size) {
    for (unsigned n = 0; n < count; n++) {
        if (zf_vr_element(a, size, from + n) != zf_vr_element(b, size, n)) {
            return false;
        }
    }
    return true;
}

/*
 * VECTOR STRING SEARCH. CC 0: not found; 1: not found, and the string ends here; 2: found; 3: it
 * may begin here and go on in what follows. A substring of more than 16 bytes, or with a part of an
 * element, is unpredictable: as on a z15, it counts as one of 16, or is not found.
 */
enum zf_next zf_do_vstrs(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const union zf_vr *string = &cpu->vr[i->o.v2], *wanted = &cpu->vr[i->o.v3];
    unsigned size = i->o.m5, at = 0;
    if (size > ZF_WORD || i->o.m6 & ~ZERO_SEARCH) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    unsigned bytes = (unsigned)zf_vr_element(&cpu->vr[i->o.v4], ZF_BYTE, 7);
    unsigned end = zf_vr_elements(size);
    if (i->o.m6 & ZERO_SEARCH) {
        bytes = smaller(bytes, first_zero(wanted, size));
        end = first_zero(string, size) >> size;
    }
    bool whole = !(bytes & ((1u << size) - 1));
    unsigned length = smaller(bytes, 16) >> size;
    bool ends = end < zf_vr_elements(size);
    unsigned last = !ends ? end : end >= length ? end - length + 1 : 0; /* places to look at */
    last = whole ? last : 0;
    cpu->cc = bytes ? whole && ends : 2;
    for (; length && at < last; at++) {
        unsigned there = smaller(length, end - at);
        if (begins(string, at, wanted, there, size)) {
            cpu->cc = there == length ? 2 : 3;
            break;
        }
    }
    zf_vr_set(cpu, i->o.v1, (zf_u128)(cpu->cc < 2 ? NOWHERE : at << size) << 64);
    return ZF_NEXT;
}
