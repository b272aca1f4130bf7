/*
 * Assembler text, printed from the row's syntax.
 */
#include "zfacet/decode.h"

/*
 * Where the text goes on. The buffer has room for the longest text of all and SLACK more, so that
 * pieces are copied with a fixed width of which only a part counts.
 */
struct text {
    char *to;
};

enum { TEXT_MAX = 128, SLACK = 16 };

/* From "00" to "99". */
struct digits {
    char text[2];
};
/* clang-format off */
#define TEN(n) {#n "0"}, {#n "1"}, {#n "2"}, {#n "3"}, {#n "4"}, {#n "5"}, {#n "6"}, {#n "7"}, {#n "8"}, {#n "9"}
static const struct digits two_digits[100] = {
    TEN(0), TEN(1), TEN(2), TEN(3), TEN(4), TEN(5), TEN(6), TEN(7), TEN(8), TEN(9)};
/* clang-format on */

static void put_char(struct text *t, char c) {
    *t->to++ = c;
}

static void put(struct text *t, const char *s) {
    while (*s != 0) {
        put_char(t, *s++);
    }
}

/* Eight hexadecimal digits as characters, the first in the lowest byte. */
static uint64_t hex_digits(uint32_t value) {
    uint64_t x = value;
    x = (x << 16 | x) & 0x0000ffff0000ffff;
    x = (x << 8 | x) & 0x00ff00ff00ff00ff;
    x = (x << 4 | x) & 0x0f0f0f0f0f0f0f0f;
    uint64_t letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
    x += 0x3030303030303030 + letters * ('a' - '0' - 10);
    return __builtin_bswap64(x);
}

static void put_hex(struct text *t, uint64_t value, unsigned digits) {
    unsigned needed = (67 - (unsigned)__builtin_clzll(value | 1)) / 4;
    /* 16 bytes are copied, from where the digits begin */
    uint64_t text[3] = {hex_digits((uint32_t)(value >> 32)), hex_digits((uint32_t)value)};
    digits = digits > needed ? digits : needed;
    put_char(t, '0');
    put_char(t, 'x');
    if (digits > 8) {
        memcpy(t->to, (char *)text + 16 - digits, 16);
    } else {
        text[1] >>= 64 - 8 * digits;
        memcpy(t->to, &text[1], 8);
    }
    t->to += digits;
}

/* One or two digits. */
static void put_small(struct text *t, unsigned value) {
    unsigned both = value > 9;
    memcpy(t->to, &two_digits[value].text[1 - both], 2);
    t->to += 1 + both;
}

static void put_large(struct text *t, uint64_t rest) {
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    while (n > 0) {
        put_char(t, digits[--n]);
    }
}

static void put_number(struct text *t, int64_t value) {
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    if (value < 0) {
        put_char(t, '-');
    }
    if (rest < 100) {
        put_small(t, (unsigned)rest);
    } else if (rest < 10000) { /* most displacements */
        put_small(t, (unsigned)rest / 100);
        memcpy(t->to, &two_digits[rest % 100], 2);
        t->to += 2;
    } else {
        put_large(t, rest);
    }
}

static void put_register(struct text *t, char kind, unsigned number) {
    t->to[0] = '%';
    t->to[1] = kind;
    t->to += 2;
    put_small(t, number);
}

static void put_unknown(struct text *t, const struct zf_insn *insn) {
    if (insn->length == 2) {
        put(t, ".short\t");
        put_hex(t, insn->word >> 48, 4);
    } else if (insn->length == 4) {
        put(t, ".long\t");
        put_hex(t, insn->word >> 32, 8);
    } else {
        put(t, ".byte\t");
        for (int i = 0; i < 6; i++) {
            put(t, i ? "," : "");
            put_hex(t, insn->word >> (56 - 8 * i) & 0xff, 2);
        }
    }
}

/* The operands' values by the number in the syntax. */
static unsigned pick(char number, unsigned a, unsigned b, unsigned c, unsigned d) {
    return number == '1' ? a : number == '2' ? b : number == '3' ? c : d;
}

static unsigned gr(const struct zf_operands *o, char number) {
    return pick(number, o->r1, o->r2, o->r3, 0);
}

static unsigned vr(const struct zf_operands *o, char number) {
    return pick(number, o->v1, o->v2, o->v3, o->v4);
}

static int64_t value_of(const struct zf_operands *o, char kind, char number) {
    if (kind == 'g') {
        return gr(o, number);
    }
    if (kind == 'm') {
        return number == '5' ? o->m5 : number == '6' ? o->m6 : pick(number, o->m1, 0, o->m3, o->m4);
    }
    return number == '1'   ? o->i1
           : number == '2' ? o->i2
           : number == '3' ? o->i3
           : number == '4' ? o->i4
                           : o->i5;
}

/* True when this optional operand and all after it are zero. */
static bool is_left_out(const struct zf_operands *o, const char *s) {
    for (; *s != 0; s += s[3] == ',' ? 4 : 3) {
        if (s[2] != '?') {
            return false;
        }
        if (value_of(o, s[0], s[1]) != 0) {
            return false;
        }
    }
    return true;
}

/* What stands before the base in d1(l1,b1), d2(x2,b2), d2(v2,b2), d1(r1,b1). */
static bool put_inner(struct text *t, const struct zf_operands *o, const char *s) {
    if (s[0] == 'b' || (s[0] == 'x' && o->x2 == 0) || (s[0] == 'v' && vr(o, s[1]) == 0)) {
        return false;
    }
    put_char(t, '(');
    if (s[0] == 'l') {
        put_number(t, (int64_t)pick(s[1], o->l1, o->l2, 0, 0) + 1);
    } else if (s[0] == 'v') {
        put_register(t, 'v', vr(o, s[1]));
    } else {
        put_register(t, 'r', s[0] == 'x' ? o->x2 : gr(o, s[1]));
    }
    return true;
}

/* A base of zero is written only after something else; index registers of zero never. */
static const char *put_storage(struct text *t, const struct zf_operands *o, const char *s) {
    unsigned base = pick(s[1], o->b1, o->b2, o->b3, o->b4);
    const int32_t disp[] = {o->d1, o->d2, o->d3, o->d4};

    put_number(t, disp[s[1] - '1']);
    bool inner = put_inner(t, o, s + 3);
    if (inner || base != 0) {
        put_char(t, inner ? ',' : '(');
        put_register(t, 'r', base);
        put_char(t, ')');
    }
    return s + (s[3] == 'b' ? sizeof "d2(b2)" : sizeof "d2(x2,b2)") - 1;
}

static uint64_t target(const struct zf_operands *o, uint64_t address, char number) {
    return address + (uint64_t)(number == '2' ? o->ri2 : number == '3' ? o->ri3 : o->ri4);
}

static const char *put_operand(struct text *t, const struct zf_operands *o, uint64_t address,
                               const char *s) {
    switch (s[0]) {
    case 'g':
    case 'G':
        put_register(t, 'r', gr(o, s[1]));
        return s + 2;
    case 'f':
    case 'F':
        put_register(t, 'f', gr(o, s[1]));
        return s + 2;
    case 'a':
    case 'c':
        put_register(t, s[0], gr(o, s[1]));
        return s + 2;
    case 'v':
        put_register(t, 'v', vr(o, s[1]));
        return s + 2;
    case 'r':
        put_hex(t, target(o, address, s[2]), 1);
        return s + 3;
    case 'd':
        return put_storage(t, o, s);
    default: /* m, s, u */
        put_number(t, value_of(o, s[0], s[1]));
        return s + 2;
    }
}

static void put_insn(struct text *t, const struct zf_insn *insn, uint64_t address) {
    const struct zf_alias *alias = zf_insn_alias(insn);
    const struct zf_row_info *row = zf_row_get((enum zf_row)insn->row);
    const char *syntax = alias != NULL ? alias->syntax : row->syntax;
    struct zf_insn shown = *insn;
    struct zf_operands o;

    if (alias != NULL && !alias->when.differs) {
        shown.word &= ~alias->when.mask; /* the mnemonic says these bits */
    }
    zf_insn_operands(&shown, &o);
    put(t, alias != NULL ? alias->mnemonic : row->mnemonic);
    for (const char *s = syntax; *s != 0 && !is_left_out(&o, s);) {
        put_char(t, s == syntax ? '\t' : ',');
        s = put_operand(t, &o, address, s);
        s += *s == '?';
        s += *s == ',';
    }
}

size_t zf_disasm(const struct zf_insn *insn, uint64_t address, char *buffer, size_t size) {
    char whole[TEXT_MAX + SLACK];
    struct text t = {whole};
    if (insn->row == ZF_ROW_INVALID) {
        put_unknown(&t, insn);
    } else {
        put_insn(&t, insn, address);
    }
    size_t length = (size_t)(t.to - whole);
    size_t shown = length < size ? length : size - 1;
    if (size > 0) {
        memcpy(buffer, whole, shown);
        buffer[shown] = 0;
    }
    return length;
}
