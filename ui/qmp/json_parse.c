/*
 * Tokens to a value. The first thing that is wrong is told.
 */
#include "qmp/json_input.h"
#include "qmp/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *text;
    const struct zf_token *tokens;
    size_t count, next;
    struct zf_buffer *error;
    struct zf_json_bigs *bigs;
};

static json_t *parse_value(struct parser *p);

static void fail_about(struct parser *p, const char *before, const char *about, size_t length,
                       const char *after) {
    if (!p->error->length) {
        zf_buffer_text(p->error, "JSON parse error, ");
        zf_buffer_text(p->error, before);
        zf_buffer_add(p->error, about, length);
        zf_buffer_text(p->error, after);
    }
}

static void fail(struct parser *p, const char *what) {
    fail_about(p, what, NULL, 0, "");
}

static const struct zf_token *peek(struct parser *p) {
    if (p->next >= p->count) {
        fail(p, "premature EOI");
        return NULL;
    }
    return &p->tokens[p->next];
}

static bool accept(struct parser *p, enum zf_token_kind kind, const char *otherwise) {
    const struct zf_token *token = peek(p);
    if (!token || token->kind != kind) {
        fail(p, otherwise);
        return false;
    }
    p->next++;
    return true;
}

static bool next_is(struct parser *p, enum zf_token_kind kind) {
    const struct zf_token *token = peek(p);
    return token && token->kind == kind;
}

/* Four hexadecimal digits, or -1. */
static int32_t parse_hex(const char *digits, const char *end) {
    int32_t code = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (digits + i >= end || !isxdigit((unsigned char)digits[i])) {
            return -1;
        }
        char digit[] = {digits[i], 0};
        code = code << 4 | (int32_t)strtol(digit, NULL, 16);
    }
    return code;
}

/* What follows "\u", surrogate pairs included; -1 when that is none. */
static int32_t parse_unicode(const char **from, const char *end) {
    const char *p = *from;
    int32_t code = parse_hex(p, end);
    p = end - p < 4 ? end : p + 4;
    if (code >= 0xd800 && code <= 0xdbff && end - p >= 2 && p[0] == '\\' && p[1] == 'u') {
        int32_t low = parse_hex(p + 2, end);
        bool pair = low >= 0xdc00 && low <= 0xdfff;
        code = pair ? 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff)) : -1;
        p += pair ? 6 : 0;
    }
    *from = p;
    return zf_utf8_valid(code) ? code : -1;
}

/* `*from` is after the backslash, `end` at the closing quote. */
static int32_t parse_escape(struct parser *p, const char **from, const char *end) {
    static const char letters[] = "\"'\\/bfnrt", meant[] = "\"'\\/\b\f\n\r\t";
    const char *begin = *from - 1, *found = strchr(letters, **from);
    char letter = *(*from)++;
    if (letter == 'u') {
        int32_t code = parse_unicode(from, end);
        if (code < 0) {
            size_t length = (size_t)(*from - begin);
            length = length < 6 ? length + 1 : length; /* the quote is in it */
            fail_about(p, "", begin, length, " is not a valid Unicode character");
        }
        return code;
    }
    if (!found || !letter) {
        fail(p, "invalid escape sequence in string");
        return -1;
    }
    return meant[found - letters];
}

static json_t *parse_string(struct parser *p) {
    const struct zf_token *token = &p->tokens[p->next++];
    const char *from = p->text + token->offset + 1, *end = from + token->length - 2;
    char *string = malloc(token->length), *to = string;
    while (string && from < end) {
        int32_t code;
        if (*from == '\\') {
            from++;
            code = parse_escape(p, &from, end);
        } else if ((code = zf_utf8_next(&from, end)) < 0) {
            fail(p, "invalid UTF-8 sequence in string");
        }
        if (code < 0) {
            free(string);
            return NULL;
        }
        char bytes[ZF_UTF8_LENGTH];
        size_t length = zf_utf8_put(code, bytes);
        memcpy(to, bytes, length); /* never more than it takes in the text */
        to += length;
    }
    json_t *value = string ? json_stringn_nocheck(string, (size_t)(to - string)) : NULL;
    free(string);
    return value;
}

/* A real, of which the integer that it stands for is kept beside it. */
static json_t *parse_big(struct parser *p, const char *number) {
    struct zf_json_bigs *bigs = p->bigs;
    errno = 0;
    unsigned long long integer = strtoull(number, NULL, 10);
    if (errno || *number == '-') {
        return NULL;
    }
    if (bigs->count == bigs->capacity) {
        size_t capacity = bigs->capacity ? 2 * bigs->capacity : 4;
        struct zf_json_big *items = realloc(bigs->items, capacity * sizeof *items);
        if (!items) {
            return NULL;
        }
        bigs->items = items;
        bigs->capacity = capacity;
    }
    json_t *value = json_real((double)integer);
    if (value) {
        bigs->items[bigs->count++] = (struct zf_json_big){value, integer};
    }
    return value;
}

static json_t *parse_number(struct parser *p) {
    const struct zf_token *token = &p->tokens[p->next++];
    char *number = strndup(p->text + token->offset, token->length);
    json_t *value = NULL;
    if (!number) {
        return NULL;
    }
    errno = 0;
    if (token->kind == ZF_TOKEN_INTEGER) {
        long long integer = strtoll(number, NULL, 10);
        value = errno ? parse_big(p, number) : json_integer(integer);
    }
    if (!value) {
        double real = strtod(number, NULL);
        value = json_real(real);
        if (!value) {
            fail_about(p, "number out of range '", number, token->length, "'");
        }
    }
    free(number);
    return value;
}

static json_t *parse_keyword(struct parser *p) {
    static const char *const words[] = {"true", "false", "null"};
    const struct zf_token *token = &p->tokens[p->next++];
    const char *text = p->text + token->offset;
    for (unsigned i = 0; i < 3; i++) {
        if (token->length == strlen(words[i]) && !memcmp(text, words[i], token->length)) {
            return i == 2 ? json_null() : json_boolean(i == 0);
        }
    }
    fail_about(p, "invalid keyword '", text, token->length, "'");
    return NULL;
}

static bool parse_pair(struct parser *p, json_t *object) {
    json_t *key = parse_value(p), *value = NULL;
    bool good = false;
    if (!json_is_string(key)) {
        fail(p, "key is not a string in object");
    } else if (accept(p, ZF_TOKEN_COLON, "missing : in object pair") && (value = parse_value(p))) {
        const char *name = json_string_value(key);
        size_t length = json_string_length(key);
        if (json_object_getn(object, name, length)) {
            fail(p, "duplicate key");
        } else {
            good = !json_object_setn_nocheck(object, name, length, value);
        }
    }
    json_decref(key);
    json_decref(value);
    return good;
}

static json_t *parse_object(struct parser *p) {
    json_t *object = json_object();
    p->next++;
    bool good = object && (next_is(p, ZF_TOKEN_CLOSE_BRACE) || parse_pair(p, object));
    while (good && !next_is(p, ZF_TOKEN_CLOSE_BRACE)) {
        good = accept(p, ZF_TOKEN_COMMA, "expected separator in dict") && parse_pair(p, object);
    }
    p->next++;
    if (!good) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool parse_element(struct parser *p, json_t *array) {
    json_t *value = parse_value(p);
    return value && !json_array_append_new(array, value);
}

static json_t *parse_array(struct parser *p) {
    json_t *array = json_array();
    p->next++;
    bool good = array && (next_is(p, ZF_TOKEN_CLOSE_BRACKET) || parse_element(p, array));
    while (good && !next_is(p, ZF_TOKEN_CLOSE_BRACKET)) {
        good = accept(p, ZF_TOKEN_COMMA, "expected separator in list") && parse_element(p, array);
    }
    p->next++;
    if (!good) {
        json_decref(array);
        return NULL;
    }
    return array;
}

static json_t *parse_value(struct parser *p) {
    const struct zf_token *token = peek(p);
    if (!token) {
        return NULL;
    }
    switch (token->kind) {
    case ZF_TOKEN_OPEN_BRACE:
        return parse_object(p);
    case ZF_TOKEN_OPEN_BRACKET:
        return parse_array(p);
    case ZF_TOKEN_INTEGER:
    case ZF_TOKEN_REAL:
        return parse_number(p);
    case ZF_TOKEN_KEYWORD:
        return parse_keyword(p);
    case ZF_TOKEN_STRING:
        return parse_string(p);
    default:
        fail(p, "expecting value");
        return NULL;
    }
}

static int compare_reals(const void *a, const void *b) {
    uintptr_t one = (uintptr_t)((const struct zf_json_big *)a)->real;
    uintptr_t other = (uintptr_t)((const struct zf_json_big *)b)->real;
    return (one > other) - (one < other);
}

void zf_json_parse(const char *text, const struct zf_token *tokens, size_t count,
                   struct zf_json_result *result) {
    struct parser p = {text, tokens, count, 0, &result->error, &result->bigs};
    result->value = parse_value(&p);
    if (!result->value && !result->error.length) {
        zf_buffer_text(&result->error, "out of memory");
    }
    if (result->bigs.count) {
        qsort(result->bigs.items, result->bigs.count, sizeof *result->bigs.items, compare_reals);
    }
}
