/*
 * EDIT and EDIT AND MARK.
 */
#include "decimal/argument.h"
#include "decimal/packed.h"
#include "general/operand.h"

/* Pattern bytes with a meaning; all others are message bytes. */
enum { DIGIT_SELECTOR = 0x20, SIGNIFICANCE_STARTER = 0x21, FIELD_SEPARATOR = 0x22 };

struct edit {
    uint64_t source;
    uint8_t byte;      /* the source byte whose right digit is next */
    bool half;         /* there is such a byte */
    bool significance; /* the significance indicator */
    bool nonzero;      /* a digit of the current field was not zero */
    bool marked;       /* a result byte was the first significant digit */
    unsigned mark;     /* its index, of the last field that had one */
    uint8_t fill;
};

/* The next source digit; a sign in the right half of its byte is taken with it. */
static bool next_digit(struct zf_cpu *cpu, struct edit *e, unsigned *digit, unsigned *sign) {
    uint64_t byte;
    *sign = 0;
    if (e->half) {
        e->half = false;
        *digit = e->byte & 0xf;
        return true;
    }
    if (!zf_load(cpu, e->source, 1, &byte)) {
        return false;
    }
    e->source++;
    e->byte = (uint8_t)byte;
    *digit = (unsigned)byte >> 4;
    if (*digit > 9) {
        return zf_pgm_data(cpu, ZF_DXC_DECIMAL);
    }
    if ((byte & 0xf) > 9) {
        *sign = (unsigned)byte & 0xf;
    } else {
        e->half = true;
    }
    return true;
}

static bool edit_digit(struct zf_cpu *cpu, struct edit *e, unsigned at, bool starter,
                       uint8_t *result) {
    unsigned digit, sign;
    if (!next_digit(cpu, e, &digit, &sign)) {
        return false;
    }
    if (digit && !e->significance) {
        e->marked = true;
        e->mark = at;
    }
    *result = e->significance || digit ? (uint8_t)(0xf0 | digit) : e->fill;
    e->nonzero |= digit != 0;
    e->significance |= digit || starter;
    if (sign && !zf_sign_negative(sign)) {
        e->significance = false;
    }
    return true;
}

static bool edit_byte(struct zf_cpu *cpu, struct edit *e, unsigned at, uint8_t *byte) {
    switch (*byte) {
    case DIGIT_SELECTOR:
    case SIGNIFICANCE_STARTER:
        return edit_digit(cpu, e, at, *byte == SIGNIFICANCE_STARTER, byte);
    case FIELD_SEPARATOR:
        *byte = e->fill;
        e->significance = false;
        e->nonzero = false;
        return true;
    default:
        if (!e->significance) {
            *byte = e->fill;
        }
        return true;
    }
}

/* CC 0 the last field is zero or empty, 1 less than zero, 2 greater than zero */
enum zf_next zf_do_ed(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint8_t pattern[256];
    unsigned length = i->o.l1 + 1u;
    uint64_t at = zf_ea(cpu, i->o.b1, i->o.d1);
    struct edit e = {.source = zf_ea(cpu, i->o.b2, i->o.d2)};
    if (!zf_probe(cpu, at, length, ZF_ACCESS_WRITE) || !zf_load_first(cpu, at, pattern, length)) {
        return ZF_NEXT_PGM;
    }
    e.fill = pattern[0];
    for (unsigned k = 0; k < length; k++) {
        if (!edit_byte(cpu, &e, k, &pattern[k])) {
            return ZF_NEXT_PGM;
        }
    }
    if (!zf_store_bytes(cpu, at, pattern, length)) {
        return ZF_NEXT_PGM;
    }
    if (i->argument == ZF_PACKED_MARK && e.marked) {
        zf_gr_set_scan_address(cpu, 1, zf_wrap(cpu, at + e.mark));
    }
    cpu->cc = !e.nonzero ? 0 : e.significance ? 1 : 2;
    return ZF_NEXT;
}
