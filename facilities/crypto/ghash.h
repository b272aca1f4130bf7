/*
 * GHASH (SP 800-38D): multiplication in GF(2^128).
 */
#ifndef ZF_CRYPTO_GHASH_H
#define ZF_CRYPTO_GHASH_H

#include <stdint.h>

/* The products of a hash subkey with all numbers of four bits. */
struct zf_ghash {
    uint64_t high[16], low[16];
};

void zf_ghash_open(struct zf_ghash *g, const uint8_t *subkey);

/** value <- (value xor block) times the hash subkey; 16 bytes each. */
void zf_ghash_block(const struct zf_ghash *g, uint8_t *value, const uint8_t *block);

#endif
