/*
 * Assembler text, printed from the row's syntax.
 */
#include "zfacet/decode.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
    char *buffer;
    size_t size;
    size_t length;
};

static void put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *format, ...) {
    bool room = t->length < t->size;
    va_list list;
    va_start(list, format);
    int n = vsnprintf(room ? t->buffer + t->length : NULL, room ? t->size - t->length : 0, format,
                      list);
    va_end(list);
    t->length += n > 0 ? (size_t)n : 0;
}

static void put_unknown(struct text *t, const struct zf_insn *insn) {
    if (insn->length == 2) {
        put(t, ".short\t0x%04x", (unsigned)(insn->word >> 48));
    } else if (insn->length == 4) {
        put(t, ".long\t0x%08x", (unsigned)(insn->word >> 32));
    } else {
        put(t, ".byte\t");
        for (int i = 0; i < 6; i++) {
            put(t, i ? ",0x%02x" : "0x%02x", (unsigned)(insn->word >> (56 - 8 * i) & 0xff));
        }
    }
}

static unsigned one_of(char number, unsigned a, unsigned b, unsigned c, unsigned d) {
    return number == '1' ? a : number == '2' ? b : number == '3' ? c : d;
}

static int64_t immediate(const struct zf_operands *o, char number) {
    return number == '1'   ? o->i1
           : number == '2' ? o->i2
           : number == '3' ? o->i3
           : number == '4' ? o->i4
                           : o->i5;
}

static unsigned mask(const struct zf_operands *o, char number) {
    return number == '6' ? o->m6 : number == '5' ? o->m5 : one_of(number, o->m1, 0, o->m3, o->m4);
}

/* d2(x2,b2): absent registers are left out, and the parentheses with them. */
static const char *put_storage(struct text *t, const struct zf_operands *o, const char *s) {
    char number = s[1];
    int32_t disp = number == '1' ? o->d1 : number == '2' ? o->d2 : number == '3' ? o->d3 : o->d4;
    unsigned base = one_of(number, o->b1, o->b2, o->b3, o->b4);
    char kind = s[3]; /* of what stands before the base, or b */

    put(t, "%d", disp);
    if (kind == 'l') {
        put(t, base ? "(%u," : "(%u", one_of(s[4], o->l1, o->l2, 0, 0) + 1);
    } else if (kind == 'v') {
        put(t, base ? "(%%v%u," : "(%%v%u", one_of(s[4], o->v1, o->v2, o->v3, o->v4));
    } else if (kind == 'r') {
        put(t, base ? "(%%r%u," : "(%%r%u", one_of(s[4], o->r1, o->r2, o->r3, 0));
    } else if (kind == 'x' && o->x2 != 0) {
        put(t, base ? "(%%r%u," : "(%%r%u", o->x2);
    } else if (base != 0) {
        put(t, "(");
    }
    if (base != 0) {
        put(t, "%%r%u", base);
    }
    if (base != 0 || (kind == 'x' && o->x2 != 0) || kind == 'l' || kind == 'v' || kind == 'r') {
        put(t, ")");
    }
    return strchr(s, ')') + 1;
}

static const char *put_operand(struct text *t, const struct zf_operands *o, uint64_t address,
                               const char *s) {
    switch (s[0]) {
    case 'g':
    case 'G':
        put(t, "%%r%u", one_of(s[1], o->r1, o->r2, o->r3, 0));
        return s + 2;
    case 'f':
    case 'F':
        put(t, "%%f%u", one_of(s[1], o->r1, o->r2, o->r3, 0));
        return s + 2;
    case 'a':
    case 'c':
        put(t, "%%%c%u", s[0], one_of(s[1], o->r1, o->r2, o->r3, 0));
        return s + 2;
    case 'v':
        put(t, "%%v%u", one_of(s[1], o->v1, o->v2, o->v3, o->v4));
        return s + 2;
    case 'm':
        put(t, "%u", mask(o, s[1]));
        return s + 2;
    case 'r':
        put(t, "0x%" PRIx64, address + (uint64_t)(s[2] == '2' ? o->ri2 : o->rel));
        return s + 3;
    case 'd':
        return put_storage(t, o, s);
    default: /* s, u */
        put(t, "%" PRId64, immediate(o, s[1]));
        return s + 2;
    }
}

size_t zf_disasm(const struct zf_insn *insn, uint64_t address, char *buffer, size_t size) {
    struct text t = {buffer, size, 0};
    struct zf_operands o;
    const struct zf_row_info *row = zf_row_get((enum zf_row)insn->row);

    if (insn->row == ZF_ROW_INVALID) {
        put_unknown(&t, insn);
        return t.length;
    }
    zf_insn_operands(insn, &o);
    put(&t, "%s", row->mnemonic);
    for (const char *s = row->syntax; *s != 0;) {
        put(&t, s == row->syntax ? "\t" : ",");
        s = put_operand(&t, &o, address, s);
        s += *s == '?';
        s += *s == ',';
    }
    return t.length;
}
