/*
 * Protected keys: a key encrypted under the machine's wrapping key, followed by the verification
 * pattern that tells which wrapping key that was.
 */
#ifndef ZF_CRYPTO_WRAP_H
#define ZF_CRYPTO_WRAP_H

#include "assist/assist.h"

/* Bytes of the verification patterns: of DEA keys, and of all others. */
enum { ZF_PATTERN_DEA = 24, ZF_PATTERN = 32 };

/** Bytes of the verification pattern that this function's parameter block has. */
unsigned zf_pattern_bytes(const struct zf_assist *c);

/**
 * Makes the key of a function's parameter block clear, in place; a clear one stays. False when the
 * pattern is not that of the machine's wrapping key: the function ends with CC 1.
 */
bool zf_key_unwrap(const struct zf_assist *c, uint8_t *key, unsigned bytes, const uint8_t *pattern);

/* How reading a parameter block with a key ended. */
enum zf_opened { ZF_OPENED, ZF_OPEN_FAULT, ZF_OPEN_MISMATCH };

/** What a function that could not open its parameter block returns. */
static inline enum zf_next zf_open_failed(const struct zf_assist *c, enum zf_opened opened) {
    return opened == ZF_OPEN_MISMATCH ? zf_assist_end(c, 1) : ZF_NEXT_PGM;
}

#endif
