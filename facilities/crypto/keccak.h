/*
 * The permutation of SHA-3, on its state as 25 lanes in host byte order.
 */
#ifndef ZF_CRYPTO_KECCAK_H
#define ZF_CRYPTO_KECCAK_H

#include <stdint.h>

void zf_keccak(uint64_t lane[25]);

#endif
