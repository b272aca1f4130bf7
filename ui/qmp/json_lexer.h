/*
 * JSON from a stream of bytes: tokens, as QEMU's clients know them. Strings may be in single
 * quotes too. After a byte that fits nowhere, input is skipped up to the next control character or
 * structural one.
 */
#ifndef ZFACET_QMP_JSON_LEXER_H
#define ZFACET_QMP_JSON_LEXER_H

#include <stdbool.h>
#include <stddef.h>

enum zf_token_kind {
    ZF_TOKEN_OPEN_BRACE,
    ZF_TOKEN_CLOSE_BRACE,
    ZF_TOKEN_OPEN_BRACKET,
    ZF_TOKEN_CLOSE_BRACKET,
    ZF_TOKEN_COLON,
    ZF_TOKEN_COMMA,
    ZF_TOKEN_INTEGER,
    ZF_TOKEN_REAL,
    ZF_TOKEN_KEYWORD,
    ZF_TOKEN_STRING, /* with its quotes */
    ZF_TOKEN_STRAY,  /* a byte that fits nowhere, with what the token was before it */
};

struct zf_lexer {
    unsigned char state;
};

/* What one byte does. */
struct zf_lexed {
    bool consumed; /* else the same byte is to be fed again */
    bool ends;     /* a token of `kind` ends, with this byte if it is consumed */
    bool drops;    /* what was gathered is no token: white space, skipped bytes */
    enum zf_token_kind kind;
};

struct zf_lexed zf_lexer_feed(struct zf_lexer *lexer, unsigned char c);

/**
 * How many of the bytes do nothing but lengthen a string, or are skipped (`*skipped`): they need no
 * feeding.
 */
size_t zf_lexer_plain(const struct zf_lexer *lexer, const char *bytes, size_t length,
                      bool *skipped);

/** Skips input from here, as after a stray byte. */
void zf_lexer_skip(struct zf_lexer *lexer);

#endif
