/*
 * Bytes in any pieces to complete values: what lies between them is told in QEMU's words.
 */
#include "qmp/json_input.h"

#include <stdlib.h>
#include <string.h>

static void reset(struct zf_json_input *input) {
    enum { KEEP = 64 * 1024 };
    input->count = 0;
    input->braces = input->brackets = 0;
    input->text.length = input->token_start = 0;
    if (input->text.capacity > KEEP) {
        zf_buffer_free(&input->text);
    }
    if (input->capacity > KEEP / sizeof *input->tokens) {
        free(input->tokens);
        input->tokens = NULL;
        input->capacity = 0;
    }
}

static bool push(struct zf_json_input *input, enum zf_token_kind kind) {
    if (input->count == input->capacity) {
        size_t capacity = input->capacity ? 2 * input->capacity : 64;
        struct zf_token *tokens = realloc(input->tokens, capacity * sizeof *tokens);
        if (!tokens) {
            return false;
        }
        input->tokens = tokens;
        input->capacity = capacity;
    }
    input->tokens[input->count++] = (struct zf_token){
        (uint32_t)input->token_start, (uint32_t)(input->text.length - input->token_start), kind};
    input->token_start = input->text.length;
    return true;
}

static void count_brackets(struct zf_json_input *input, enum zf_token_kind kind) {
    input->braces += (kind == ZF_TOKEN_OPEN_BRACE) - (kind == ZF_TOKEN_CLOSE_BRACE);
    input->brackets += (kind == ZF_TOKEN_OPEN_BRACKET) - (kind == ZF_TOKEN_CLOSE_BRACKET);
}

static bool is_open(const struct zf_json_input *input) {
    return input->braces >= 0 && input->brackets >= 0 && input->braces + input->brackets > 0;
}

static bool fail(struct zf_json_input *input, struct zf_json_result *result, const char *text) {
    zf_buffer_text(&result->error, text);
    reset(input);
    return true;
}

/* A C string ends at its first zero byte, and so did the texts that clients know. */
static bool fail_stray(struct zf_json_input *input, struct zf_json_result *result) {
    const char *token = input->text.data + input->token_start;
    size_t length = input->text.length - input->token_start;
    zf_buffer_text(&result->error, "JSON parse error, stray '");
    zf_buffer_add(&result->error, token, strnlen(token, length));
    zf_buffer_text(&result->error, "'");
    reset(input);
    return true;
}

/* A token has ended. True when there is a result. */
static bool take_token(struct zf_json_input *input, enum zf_token_kind kind,
                       struct zf_json_result *result) {
    if (input->text.failed) {
        input->text.failed = false;
        return fail(input, result, "out of memory");
    }
    if (kind == ZF_TOKEN_STRAY) {
        return fail_stray(input, result);
    }
    count_brackets(input, kind);
    if (input->count >= ZF_JSON_MAX_TOKENS) {
        return fail(input, result, "JSON token count limit exceeded");
    }
    if (input->braces + input->brackets > ZF_JSON_MAX_NESTING) {
        return fail(input, result, "JSON nesting depth limit exceeded");
    }
    if (!push(input, kind)) {
        return fail(input, result, "out of memory");
    }
    if (is_open(input)) {
        return false;
    }
    zf_json_parse(input->text.data, input->tokens, input->count, result);
    reset(input);
    return true;
}

static bool take_byte(struct zf_json_input *input, const char *byte, bool *consumed,
                      struct zf_json_result *result) {
    struct zf_lexed lexed = zf_lexer_feed(&input->lexer, (unsigned char)*byte);
    *consumed = lexed.consumed;
    if (lexed.drops) {
        input->text.length = input->token_start;
        return false;
    }
    if (lexed.consumed) {
        zf_buffer_add(&input->text, byte, 1);
    }
    if (lexed.ends) {
        return take_token(input, lexed.kind, result);
    }
    if (input->text.length > ZF_JSON_MAX_TEXT) {
        zf_lexer_skip(&input->lexer);
        return fail(input, result, "JSON token size limit exceeded");
    }
    return false;
}

/* Takes what need not be looked at byte by byte; returns how many bytes. */
static size_t take_plain(struct zf_json_input *input, const char *bytes, size_t length) {
    bool skipped;
    size_t space = ZF_JSON_MAX_TEXT - input->text.length;
    size_t count = zf_lexer_plain(&input->lexer, bytes, length, &skipped);
    if (skipped) {
        return count;
    }
    count = count < space ? count : space;
    zf_buffer_add(&input->text, bytes, count);
    return count;
}

size_t zf_json_input_feed(struct zf_json_input *input, const char *bytes, size_t length,
                          struct zf_json_result *result, bool *found) {
    size_t i = 0;
    *result = (struct zf_json_result){0};
    *found = false;
    while (i < length && !*found) {
        bool consumed;
        i += take_plain(input, bytes + i, length - i);
        if (i < length) {
            *found = take_byte(input, bytes + i, &consumed, result);
            i += consumed;
        }
    }
    return i;
}

void zf_json_result_free(struct zf_json_result *result) {
    json_decref(result->value);
    free(result->bigs.items);
    zf_buffer_free(&result->error);
    *result = (struct zf_json_result){0};
}

void zf_json_input_free(struct zf_json_input *input) {
    zf_buffer_free(&input->text);
    free(input->tokens);
    *input = (struct zf_json_input){0};
}
