/*
 * The block ciphers: DEA, TDEA, AES.
 */
#ifndef ZF_CRYPTO_CIPHER_H
#define ZF_CRYPTO_CIPHER_H

#include "assist/assist.h"

/* the library's other interface allocates memory for each key */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>
#include <openssl/crypto.h>
#include <openssl/des.h>

enum { ZF_CIPHER_BLOCK_MAX = 16, ZF_CIPHER_KEY_MAX = 32 };

/* A cipher with its key, for one direction. */
struct zf_cipher {
    unsigned block; /* bytes */
    bool decipher;
    union {
        AES_KEY aes;
        DES_key_schedule des[3];
    };
};

unsigned zf_cipher_key_bytes(enum zf_algorithm algorithm);
unsigned zf_cipher_block_bytes(enum zf_algorithm algorithm);

void zf_cipher_open(struct zf_cipher *cipher, enum zf_algorithm algorithm, const uint8_t *key,
                    bool decipher);

/** One block, in place. */
void zf_cipher_run(const struct zf_cipher *cipher, uint8_t *block);

/** to <- to xor from */
static inline void zf_exclusive_or(uint8_t *to, const uint8_t *from, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) {
        to[i] ^= from[i];
    }
}

#endif
