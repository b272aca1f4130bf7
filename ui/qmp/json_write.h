/*
 * JSON into a growing buffer, as QEMU writes it: one line, ", " and ": " between, ASCII only.
 */
#ifndef ZFACET_QMP_JSON_WRITE_H
#define ZFACET_QMP_JSON_WRITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zf_buffer {
    char *data;
    size_t length, capacity;
    bool failed; /* the host has no memory left: what was added since is lost */
};

void zf_buffer_add(struct zf_buffer *buffer, const char *bytes, size_t length);
void zf_buffer_text(struct zf_buffer *buffer, const char *text);

/** Takes `length` bytes from its beginning. */
void zf_buffer_take(struct zf_buffer *buffer, size_t length);

/** Gives the memory back. */
void zf_buffer_free(struct zf_buffer *buffer);

/* An integer of a client's that is in 2^63..2^64-1; its value is a real, which has not all its
 * digits. */
struct zf_json_big {
    const json_t *real;
    uint64_t value;
};

/* Those of one value, sorted by address. */
struct zf_json_bigs {
    struct zf_json_big *items;
    size_t count, capacity;
};

/* Values go one after the other: commas come by themselves. */
struct zf_json {
    struct zf_buffer *buffer;
    bool comma; /* before the next key or element */
};

/** `bracket` is '{' or '['; zf_json_close() takes the closing one. */
void zf_json_open(struct zf_json *json, char bracket);
void zf_json_close(struct zf_json *json, char bracket);
void zf_json_key(struct zf_json *json, const char *key);

/** Bytes that are not UTF-8 are written as U+FFFD. */
void zf_json_string_n(struct zf_json *json, const char *string, size_t length);
void zf_json_string(struct zf_json *json, const char *string);
void zf_json_bool(struct zf_json *json, bool value);
void zf_json_int(struct zf_json *json, int64_t value);

/** A value that a client sent, with the big integers that came with it; NULL: none. */
void zf_json_value(struct zf_json *json, const json_t *value, const struct zf_json_bigs *bigs);

/* A key and its value. */
void zf_json_set_string(struct zf_json *json, const char *key, const char *value);
void zf_json_set_bool(struct zf_json *json, const char *key, bool value);
void zf_json_set_int(struct zf_json *json, const char *key, int64_t value);
void zf_json_set_unsigned(struct zf_json *json, const char *key, uint64_t value);

/** A key and an object or array that is left open. */
void zf_json_set_open(struct zf_json *json, const char *key, char bracket);

#endif
