/*
 * Characters to tokens, as QEMU cuts and refuses them.
 */
#include "qmp/json_lexer.h"

#include <string.h>

enum state {
    START, /* 0: where a new lexer begins */
    SPACE,
    SIGN,
    ZERO,
    DIGITS,
    POINT,
    FRACTION,
    EXPONENT,
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
    KEYWORD,
    DOUBLE_QUOTED,
    DOUBLE_ESCAPE,
    SINGLE_QUOTED,
    SINGLE_ESCAPE,
    SKIPPING,
};

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static bool is_space(unsigned char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_exponent(unsigned char c) {
    return c == 'e' || c == 'E';
}

static bool is_in_string(unsigned char c) {
    return c >= 0x20 && c <= 0xfd;
}

static struct zf_lexed go_on(struct zf_lexer *lexer, enum state state) {
    lexer->state = (unsigned char)state;
    return (struct zf_lexed){.consumed = true};
}

static struct zf_lexed stray(struct zf_lexer *lexer) {
    lexer->state = SKIPPING;
    return (struct zf_lexed){.consumed = true, .ends = true, .kind = ZF_TOKEN_STRAY};
}

/* The byte is the token's last one, or the first one after it. */
static struct zf_lexed end(struct zf_lexer *lexer, enum zf_token_kind kind, bool with_byte) {
    lexer->state = START;
    return (struct zf_lexed){.consumed = with_byte, .ends = true, .kind = kind};
}

static struct zf_lexed drop(struct zf_lexer *lexer) {
    lexer->state = START;
    return (struct zf_lexed){.drops = true};
}

static struct zf_lexed on_start(struct zf_lexer *lexer, unsigned char c) {
    static const char structural[] = "{}[]:,"; /* in the order of enum zf_token_kind */
    const char *found = c ? strchr(structural, c) : NULL;
    if (found) {
        return end(lexer, (enum zf_token_kind)(found - structural), true);
    }
    if (is_space(c)) {
        return go_on(lexer, SPACE);
    }
    if (is_digit(c)) {
        return go_on(lexer, c == '0' ? ZERO : DIGITS);
    }
    if (c >= 'a' && c <= 'z') {
        return go_on(lexer, KEYWORD);
    }
    switch (c) {
    case '-':
        return go_on(lexer, SIGN);
    case '"':
        return go_on(lexer, DOUBLE_QUOTED);
    case '\'':
        return go_on(lexer, SINGLE_QUOTED);
    default:
        return stray(lexer);
    }
}

static struct zf_lexed on_number(struct zf_lexer *lexer, unsigned char c) {
    switch ((enum state)lexer->state) {
    case SIGN:
        return is_digit(c) ? go_on(lexer, c == '0' ? ZERO : DIGITS) : stray(lexer);
    case ZERO:
    case DIGITS:
        if (is_digit(c)) {
            return lexer->state == ZERO ? stray(lexer) : go_on(lexer, DIGITS);
        }
        if (c == '.') {
            return go_on(lexer, POINT);
        }
        return is_exponent(c) && lexer->state == DIGITS ? go_on(lexer, EXPONENT)
                                                        : end(lexer, ZF_TOKEN_INTEGER, false);
    case POINT:
        return is_digit(c) ? go_on(lexer, FRACTION) : stray(lexer);
    case FRACTION:
        if (is_exponent(c)) {
            return go_on(lexer, EXPONENT);
        }
        return is_digit(c) ? go_on(lexer, FRACTION) : end(lexer, ZF_TOKEN_REAL, false);
    case EXPONENT:
        if (c == '+' || c == '-') {
            return go_on(lexer, EXPONENT_SIGN);
        }
        return is_digit(c) ? go_on(lexer, EXPONENT_DIGITS) : stray(lexer);
    case EXPONENT_SIGN:
        return is_digit(c) ? go_on(lexer, EXPONENT_DIGITS) : stray(lexer);
    default:
        return is_digit(c) ? go_on(lexer, EXPONENT_DIGITS) : end(lexer, ZF_TOKEN_REAL, false);
    }
}

static struct zf_lexed on_string(struct zf_lexer *lexer, unsigned char c, unsigned char quote,
                                 enum state escape) {
    if (c == quote) {
        return end(lexer, ZF_TOKEN_STRING, true);
    }
    return is_in_string(c) ? go_on(lexer, c == '\\' ? escape : lexer->state) : stray(lexer);
}

static bool ends_skipping(unsigned char c) {
    return !is_in_string(c) || strchr("{}[]:,", c);
}

static struct zf_lexed on_skipping(struct zf_lexer *lexer, unsigned char c) {
    if (ends_skipping(c)) {
        return drop(lexer);
    }
    return (struct zf_lexed){.consumed = true, .drops = true};
}

struct zf_lexed zf_lexer_feed(struct zf_lexer *lexer, unsigned char c) {
    switch ((enum state)lexer->state) {
    case START:
        return on_start(lexer, c);
    case SPACE:
        return is_space(c) ? go_on(lexer, SPACE) : drop(lexer);
    case KEYWORD:
        return c >= 'a' && c <= 'z' ? go_on(lexer, KEYWORD) : end(lexer, ZF_TOKEN_KEYWORD, false);
    case DOUBLE_QUOTED:
        return on_string(lexer, c, '"', DOUBLE_ESCAPE);
    case SINGLE_QUOTED:
        return on_string(lexer, c, '\'', SINGLE_ESCAPE);
    case DOUBLE_ESCAPE:
        return is_in_string(c) ? go_on(lexer, DOUBLE_QUOTED) : stray(lexer);
    case SINGLE_ESCAPE:
        return is_in_string(c) ? go_on(lexer, SINGLE_QUOTED) : stray(lexer);
    case SKIPPING:
        return on_skipping(lexer, c);
    default:
        return on_number(lexer, c);
    }
}

size_t zf_lexer_plain(const struct zf_lexer *lexer, const char *bytes, size_t length,
                      bool *skipped) {
    size_t n = 0;
    *skipped = lexer->state == SKIPPING;
    if (*skipped) {
        while (n < length && !ends_skipping((unsigned char)bytes[n])) {
            n++;
        }
    } else if (lexer->state == DOUBLE_QUOTED || lexer->state == SINGLE_QUOTED) {
        while (n < length && is_in_string((unsigned char)bytes[n]) && bytes[n] != '\\' &&
               bytes[n] != '"' && bytes[n] != '\'') {
            n++;
        }
    }
    return n;
}

void zf_lexer_skip(struct zf_lexer *lexer) {
    lexer->state = SKIPPING;
}
