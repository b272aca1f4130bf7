/*
 * Functions that take their second operand in pieces, each made from the one before: the modes of
 * the block ciphers.
 */
#ifndef ZF_CRYPTO_TEXT_H
#define ZF_CRYPTO_TEXT_H

#include "crypto/cipher.h"
#include "crypto/wrap.h"

/* The most that is in work at once: access exceptions may come that much early. */
enum { ZF_TEXT_PIECE = 1024 };

struct zf_text;

struct zf_text_mode {
    /** A piece in place, of whole units; keeps the chaining value. */
    void (*run)(struct zf_text *t, uint8_t *text, unsigned bytes);
    bool chained;   /* the parameter block begins with a chaining value */
    bool encipher;  /* even to decipher */
    bool no_result; /* of the text: there is no first operand */
    bool counters;  /* as many bytes come from the third operand */
};

/* One execution. */
struct zf_text {
    const struct zf_assist *c;
    const struct zf_text_mode *mode;
    struct zf_cipher cipher;
    unsigned unit;        /* bytes: a block, or what is fed back */
    unsigned chain_bytes; /* 0: nothing is kept in the parameter block */
    uint64_t chain_at;    /* its address */
    uint8_t chain[ZF_CIPHER_BLOCK_MAX];
    uint8_t tweak[ZF_CIPHER_BLOCK_MAX]; /* XTS, full: encrypted */
    uint8_t counter[ZF_TEXT_PIECE];
};

/** The whole function; `open` reads the parameter block. */
enum zf_next zf_text_execute(const struct zf_assist *c, const struct zf_text_mode *mode,
                             enum zf_opened (*open)(struct zf_text *t));

#endif
