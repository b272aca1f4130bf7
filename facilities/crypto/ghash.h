/*
 * GHASH (SP 800-38D): multiplication in GF(2^128).
 */
#ifndef ZF_CRYPTO_GHASH_H
#define ZF_CRYPTO_GHASH_H

#include <stdint.h>

/** value <- (value xor block) times the hash subkey; 16 bytes each. */
void zf_ghash(uint8_t *value, const uint8_t *subkey, const uint8_t *block);

#endif
