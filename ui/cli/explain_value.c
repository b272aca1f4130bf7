#include "cli/explain_value.h"

#include <stdio.h>
#include <string.h>

/* As the assembler has them (EB'1.5'), and as the names of instructions do. */
static const struct {
    const char *suffix, *size, *kind;
} formats[] = {
    [ZF_FLOAT_EB] = {"eb", "short", "BFP"},    [ZF_FLOAT_DB] = {"db", "long", "BFP"},
    [ZF_FLOAT_LB] = {"lb", "extended", "BFP"}, [ZF_FLOAT_ED] = {"ed", "short", "DFP"},
    [ZF_FLOAT_DD] = {"dd", "long", "DFP"},     [ZF_FLOAT_LD] = {"ld", "extended", "DFP"},
    [ZF_FLOAT_EH] = {"eh", "short", "HFP"},    [ZF_FLOAT_DH] = {"dh", "long", "HFP"},
    [ZF_FLOAT_LH] = {"lh", "extended", "HFP"},
};

static bool parse_packed(const char *text, size_t length, zf_u128 *bits) {
    enum { PLUS = 0xc, MINUS = 0xd, MOST = 31 };
    bool negative = *text == '-';
    text += negative;
    length -= negative;
    *bits = 0;
    if (!length || length > MOST || strspn(text, "0123456789") != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        *bits = *bits << 4 | (zf_u128)(text[i] - '0');
    }
    *bits = *bits << 4 | (negative ? MINUS : PLUS);
    return true;
}

static bool parse_number(const char *text, zf_u128 *value) {
    bool negative = *text == '-';
    const char *at = text + negative;
    unsigned base = !strncmp(at, "0x", 2) ? 16 : 10;
    at += base == 16 ? 2 : 0;
    *value = 0;
    if (!*at || strlen(at) > 32) {
        return false;
    }
    for (; *at; at++) {
        const char *digit = strchr("0123456789abcdef", *at | 0x20);
        const char *all = "0123456789abcdef";
        unsigned n = digit ? (unsigned)(strchr(all, *at | 0x20) - all) : base;
        if (n >= base) {
            return false;
        }
        if (*value > (~(zf_u128)0 - n) / base) {
            return false;
        }
        *value = *value * base + n;
    }
    *value = negative ? -*value : *value;
    return true;
}

bool zf_value_parse(const char *text, enum zf_float_format usual, struct zf_value *value) {
    size_t length = strlen(text);
    char copy[ZF_FLOAT_TEXT] = "";
    *value = (struct zf_value){0};
    bool bits = strstr(text, "0x");
    if ((bits || !usual) && parse_number(text, &value->bits)) {
        return true;
    }
    if (bits || length == 0 || length >= sizeof copy) {
        return false;
    }
    if (text[length - 1] == 'p') {
        memcpy(copy, text, length);
        copy[length - 1] = 0;
        return parse_packed(copy, length - 1, &value->bits);
    }
    value->format = usual;
    for (unsigned f = ZF_FLOAT_EB; f <= ZF_FLOAT_LH; f++) {
        if (length > 2 && !strcmp(text + length - 2, formats[f].suffix)) {
            value->format = f;
            length -= 2;
            break;
        }
    }
    memcpy(copy, text, length);
    return zf_float_parse(value->format, copy, &value->bits);
}

/* "short", "long" or "extended" and the kind in the parentheses at the end of the name. */
enum zf_float_format zf_row_float_format(enum zf_row row, bool first) {
    const char *whole = strrchr(zf_row_get(row)->name, '(');
    char part[64] = "";
    if (!whole) {
        return ZF_FLOAT_NONE;
    }
    const char *arrow = strstr(whole, "<-");
    snprintf(part, sizeof part, "%.*s", (int)(arrow && first ? arrow - whole : 60),
             arrow && !first ? arrow : whole);
    bool own = strstr(part, "FP");
    for (unsigned f = ZF_FLOAT_EB; f <= ZF_FLOAT_LH; f++) {
        if (strstr(part, formats[f].size) && strstr(own ? part : whole, formats[f].kind)) {
            return f;
        }
    }
    return ZF_FLOAT_NONE;
}
