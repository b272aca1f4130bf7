/*
 * JSON values out of a stream of bytes, in bounded memory: values end where their brackets do, so
 * they may be split and strung together at will. What is wrong is told in QEMU's words, and input
 * goes on after it.
 */
#ifndef ZFACET_QMP_JSON_INPUT_H
#define ZFACET_QMP_JSON_INPUT_H

#include "qmp/json_lexer.h"
#include "qmp/json_write.h"

/* What one value may have. */
enum {
    ZF_JSON_MAX_TEXT = 4 << 20, /* bytes without white space */
    ZF_JSON_MAX_TOKENS = 128 << 10,
    ZF_JSON_MAX_NESTING = 1024,
};

struct zf_token {
    uint32_t offset, length; /* in the text */
    enum zf_token_kind kind;
};

/* Zero-initialized, it is at the beginning of a stream. */
struct zf_json_input {
    struct zf_lexer lexer;
    struct zf_buffer text;
    size_t token_start;
    struct zf_token *tokens;
    size_t count, capacity;
    int braces, brackets;
};

/* Either `value` (the receiver's) or, when that is NULL, a text that says what is wrong. */
struct zf_json_result {
    json_t *value;
    struct zf_json_bigs bigs; /* in the value */
    struct zf_buffer error;
};

/**
 * Takes bytes until a value ends or an error is found; returns how many. `*found` tells whether
 * `result` was filled, which the caller then frees.
 */
size_t zf_json_input_feed(struct zf_json_input *input, const char *bytes, size_t length,
                          struct zf_json_result *result, bool *found);

/** Frees what a result has. */
void zf_json_result_free(struct zf_json_result *result);

void zf_json_input_free(struct zf_json_input *input);

/** Fills `result` from `count` tokens, of which each opening bracket has a closing one. */
void zf_json_parse(const char *text, const struct zf_token *tokens, size_t count,
                   struct zf_json_result *result);

#endif
