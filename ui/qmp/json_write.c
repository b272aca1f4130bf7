/*
 * JSON as it is written: values, members and texts into a buffer that grows.
 */
#include "qmp/json_write.h"

#include "qmp/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct zf_buffer *buffer, size_t more) {
    size_t capacity = buffer->capacity ? buffer->capacity : 1024;
    while (capacity - buffer->length < more) {
        capacity *= 2;
    }
    if (capacity == buffer->capacity) {
        return true;
    }
    char *data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void zf_buffer_add(struct zf_buffer *buffer, const char *bytes, size_t length) {
    if (length && !buffer->failed && reserve(buffer, length)) {
        memcpy(buffer->data + buffer->length, bytes, length);
        buffer->length += length;
    }
}

void zf_buffer_text(struct zf_buffer *buffer, const char *text) {
    zf_buffer_add(buffer, text, strlen(text));
}

void zf_buffer_take(struct zf_buffer *buffer, size_t length) {
    enum { KEEP = 64 * 1024 };
    buffer->length -= length;
    if (buffer->length) {
        memmove(buffer->data, buffer->data + length, buffer->length);
    } else if (buffer->capacity > KEEP) {
        zf_buffer_free(buffer);
    }
}

void zf_buffer_free(struct zf_buffer *buffer) {
    free(buffer->data);
    *buffer = (struct zf_buffer){.failed = buffer->failed};
}

static void begin_value(struct zf_json *json) {
    if (json->comma) {
        zf_buffer_add(json->buffer, ", ", 2);
    }
    json->comma = true;
}

void zf_json_open(struct zf_json *json, char bracket) {
    begin_value(json);
    zf_buffer_add(json->buffer, &bracket, 1);
    json->comma = false;
}

void zf_json_close(struct zf_json *json, char bracket) {
    zf_buffer_add(json->buffer, &bracket, 1);
    json->comma = true;
}

void zf_json_key(struct zf_json *json, const char *key) {
    zf_json_string(json, key);
    zf_buffer_add(json->buffer, ": ", 2);
    json->comma = false;
}

static void add_escape(struct zf_buffer *buffer, uint32_t code) {
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *found = code && code < 0x80 ? strchr(plain, (int)code) : NULL;
    char text[16];
    if (found) {
        snprintf(text, sizeof text, "\\%c", letter[found - plain]);
    } else if (code < 0x10000) {
        snprintf(text, sizeof text, "\\u%04X", (unsigned)code);
    } else {
        code -= 0x10000;
        snprintf(text, sizeof text, "\\u%04X\\u%04X", 0xd800u | (unsigned)(code >> 10),
                 0xdc00u | (unsigned)(code & 0x3ff));
    }
    zf_buffer_text(buffer, text);
}

static bool is_plain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void zf_json_string_n(struct zf_json *json, const char *string, size_t length) {
    const char *end = string + length;
    begin_value(json);
    zf_buffer_add(json->buffer, "\"", 1);
    while (string < end) {
        const char *from = string;
        while (string < end && is_plain(*string)) {
            string++;
        }
        zf_buffer_add(json->buffer, from, (size_t)(string - from));
        if (string < end) {
            int32_t code = zf_utf8_next(&string, end);
            add_escape(json->buffer, code < 0 ? 0xfffd : (uint32_t)code);
        }
    }
    zf_buffer_add(json->buffer, "\"", 1);
}

void zf_json_string(struct zf_json *json, const char *string) {
    zf_json_string_n(json, string, strlen(string));
}

static void add_literal(struct zf_json *json, const char *text) {
    begin_value(json);
    zf_buffer_text(json->buffer, text);
}

void zf_json_bool(struct zf_json *json, bool value) {
    add_literal(json, value ? "true" : "false");
}

void zf_json_int(struct zf_json *json, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    add_literal(json, text);
}

static void add_unsigned(struct zf_json *json, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    add_literal(json, text);
}

static void add_real(struct zf_json *json, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    add_literal(json, text);
}

static int compare_reals(const void *key, const void *item) {
    uintptr_t a = (uintptr_t)key, b = (uintptr_t)((const struct zf_json_big *)item)->real;
    return (a > b) - (a < b);
}

static void add_number(struct zf_json *json, const json_t *value, const struct zf_json_bigs *bigs) {
    const struct zf_json_big *big =
        bigs && bigs->count ? bsearch(value, bigs->items, bigs->count, sizeof *big, compare_reals)
                            : NULL;
    if (big) {
        add_unsigned(json, big->value);
    } else {
        add_real(json, json_real_value(value));
    }
}

static void add_members(struct zf_json *json, json_t *object, const struct zf_json_bigs *bigs) {
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        zf_json_string_n(json, json_object_iter_key(i), json_object_iter_key_len(i));
        zf_buffer_add(json->buffer, ": ", 2);
        json->comma = false;
        zf_json_value(json, json_object_iter_value(i), bigs);
    }
}

void zf_json_value(struct zf_json *json, const json_t *value, const struct zf_json_bigs *bigs) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        zf_json_open(json, '{');
        add_members(json, (json_t *)value, bigs);
        zf_json_close(json, '}');
        break;
    case JSON_ARRAY:
        zf_json_open(json, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            zf_json_value(json, json_array_get(value, i), bigs);
        }
        zf_json_close(json, ']');
        break;
    case JSON_STRING:
        zf_json_string_n(json, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        zf_json_int(json, json_integer_value(value));
        break;
    case JSON_REAL:
        add_number(json, value, bigs);
        break;
    case JSON_NULL:
        add_literal(json, "null");
        break;
    default:
        zf_json_bool(json, json_is_true(value));
    }
}

void zf_json_set_string(struct zf_json *json, const char *key, const char *value) {
    zf_json_key(json, key);
    zf_json_string(json, value);
}

void zf_json_set_bool(struct zf_json *json, const char *key, bool value) {
    zf_json_key(json, key);
    zf_json_bool(json, value);
}

void zf_json_set_int(struct zf_json *json, const char *key, int64_t value) {
    zf_json_key(json, key);
    zf_json_int(json, value);
}

void zf_json_set_unsigned(struct zf_json *json, const char *key, uint64_t value) {
    zf_json_key(json, key);
    add_unsigned(json, value);
}

void zf_json_set_open(struct zf_json *json, const char *key, char bracket) {
    zf_json_key(json, key);
    zf_json_open(json, bracket);
}
