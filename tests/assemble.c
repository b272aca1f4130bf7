#include "assemble.h"

#include "fields.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

struct assembly {
    uint64_t word;
    const struct field *fields;
    const char *text; /* the operands that are left */
    const char *why;  /* what is wrong */
};

static bool fail(struct assembly *a, const char *why) {
    a->why = why;
    return false;
}

static bool put_field(struct assembly *a, const char *letter, char number, int64_t value) {
    const struct field *f = a->fields;
    while (f->bits && (strncmp(f->name, letter, strlen(letter)) != 0 ||
                       f->name[strlen(letter)] != number || f->name[strlen(letter) + 1])) {
        f++;
    }
    if (!f->bits) {
        return fail(a, "the format has no such field");
    }
    if (f->kind == 'R') {
        value /= 2;
    }
    int64_t limit = INT64_C(1) << (f->kind == 'V' ? 5 : f->bits);
    if (value >= limit || value < -limit / 2) {
        return fail(a, "value too large for its field");
    }
    a->word |= field_word(f, (uint64_t)value);
    return true;
}

/* A number, with a register's letter before it when `reg`. */
static bool number(struct assembly *a, bool reg, int64_t *value) {
    char *end;
    if (reg && *a->text == '%') {
        a->text++;
    }
    if (reg && isalpha((unsigned char)*a->text)) {
        a->text++;
    }
    *value = (int64_t)strtoll(a->text, &end, 0);
    if (end == a->text) {
        return fail(a, "a number is missing");
    }
    a->text = end;
    return true;
}

static bool relative(struct assembly *a, char which) {
    int64_t value = 0;
    if (*a->text++ != '.') {
        return fail(a, "a relative operand begins with '.'");
    }
    if ((*a->text == '+' || *a->text == '-') && !number(a, false, &value)) {
        return false;
    }
    return put_field(a, "ri", which, value);
}

/* d2(x2,b2), d1(l1,b1), d2(b2) …: `s` is the syntax; returns it after the operand. */
static const char *storage(struct assembly *a, const char *s) {
    int64_t value, first = 0, second = 0;
    char inner[2] = {s[3], 0};
    bool two = s[5] == ',';
    bool has_second = false;
    if (!number(a, false, &value) || !put_field(a, "d", s[1], value)) {
        return NULL;
    }
    if (*a->text == '(') {
        a->text++;
        if (*a->text != ',' && !number(a, two && inner[0] != 'l', &first)) {
            return NULL;
        }
        if (*a->text == ',') {
            a->text++;
            has_second = true;
            if (!number(a, true, &second)) {
                return NULL;
            }
        }
        if (*a->text++ != ')') {
            fail(a, "')' is missing");
            return NULL;
        }
    }
    if (!two || (!has_second && inner[0] == 'x')) {
        put_field(a, "b", s[1], has_second ? second : first);
    } else {
        put_field(a, inner, s[4], inner[0] == 'l' ? first - 1 : first);
        put_field(a, "b", s[1], second);
    }
    return a->why ? NULL : strchr(s, ')') + 1;
}

/* One operand as the syntax at `s` says; returns what follows in the syntax, NULL when wrong. */
static const char *operand(struct assembly *a, const char *s) {
    int64_t value;
    char letter[2] = {s[0], 0};
    switch (s[0]) {
    case 'd':
        return storage(a, s);
    case 'r':
        return relative(a, s[2]) ? s + 3 : NULL;
    case 's':
    case 'u':
        return number(a, false, &value) && put_field(a, "i", s[1], value) ? s + 2 : NULL;
    case 'm':
        return number(a, false, &value) && put_field(a, letter, s[1], value) ? s + 2 : NULL;
    case 'v':
        return number(a, true, &value) && put_field(a, letter, s[1], value) ? s + 2 : NULL;
    default:
        return number(a, true, &value) && put_field(a, "r", s[1], value) ? s + 2 : NULL;
    }
}

static bool operands(struct assembly *a, const char *syntax) {
    const char *s = syntax;
    while (*s) {
        if (!*a->text) {
            return s[2] == '?' || fail(a, "an operand is missing");
        }
        s = operand(a, s);
        if (!s) {
            return false;
        }
        s += *s == '?';
        s += *s == ',';
        if (*s && *a->text && *a->text++ != ',') {
            return fail(a, "',' is missing");
        }
    }
    return !*a->text || fail(a, "something follows the operands");
}

static unsigned assemble_hex(const char *text, uint8_t bytes[8]) {
    unsigned n = 0;
    unsigned byte;
    while (n < 6 && sscanf(text + 2 * n, "%2x", &byte) == 1) {
        bytes[n++] = (uint8_t)byte;
    }
    return n == 2 || n == 4 || n == 6 ? n : 0;
}

unsigned assemble(const char *text, uint8_t bytes[8], char *error, size_t error_size) {
    char mnemonic[16] = "", rest[96] = "";
    if (*text == '=') {
        unsigned n = assemble_hex(text + 1, bytes);
        snprintf(error, error_size, "%s", n ? "" : "not 2, 4 or 6 bytes in hexadecimal");
        return n;
    }
    sscanf(text, " %15s %95[^\n]", mnemonic, rest);
    for (size_t n = strlen(rest); n && isspace((unsigned char)rest[n - 1]); n--) {
        rest[n - 1] = 0;
    }
    enum zf_row row = zf_row_find(mnemonic);
    const struct zf_alias *alias = row == ZF_ROW_INVALID ? zf_alias_find(mnemonic) : NULL;
    row = alias ? (enum zf_row)alias->row : row;
    const struct zf_row_info *info = zf_row_get(row);
    struct assembly a = {
        .word = info->opcode | (alias ? alias->when.value : 0),
        .fields = fields[info->format],
        .text = rest,
    };
    if (row == ZF_ROW_INVALID) {
        snprintf(error, error_size, "no instruction '%s'", mnemonic);
        return 0;
    }
    if (!operands(&a, alias ? alias->syntax : info->syntax)) {
        snprintf(error, error_size, "%s: %s", text, a.why);
        return 0;
    }
    zf_put64(bytes, a.word);
    return info->length;
}
