/*
 * The digests: how each takes a block into its chaining value.
 */
#ifndef ZF_CRYPTO_DIGEST_H
#define ZF_CRYPTO_DIGEST_H

#include "assist/assist.h"

enum { ZF_DIGEST_BLOCK_MAX = 168, ZF_DIGEST_STATE_MAX = 200 };

struct zf_digest {
    uint8_t block, chain; /* bytes of a block and of the chaining value */
    uint8_t more;         /* bytes after the chaining value that take part */
    uint8_t result;       /* bytes of the digest; 0: as many as wanted */
    uint8_t length_field; /* bytes of the message's bit length; 0: pads as SHA-3 does */
    uint8_t suffix;       /* where SHA-3's padding begins */
    void (*compress)(uint8_t *state, const uint8_t *block, unsigned bytes);
};

const struct zf_digest *zf_digest_of(enum zf_algorithm algorithm);

/** The chaining value that a SHA-2 begins with. */
void zf_digest_begin(enum zf_algorithm algorithm, uint8_t *state);

/** Ends a message with its `rest`, less than a block; `length` is its length field. */
void zf_digest_end(const struct zf_digest *d, uint8_t *state, const uint8_t *rest, unsigned bytes,
                   const uint8_t *length);

#endif
