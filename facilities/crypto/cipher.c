/* DEA, TDEA and AES one block at a time, on libcrypto. */
#include "crypto/cipher.h"

enum { DES_KEY = 8, AES_BLOCK = 16 };

/* Bytes of a block and of the key. */
static const struct {
    uint8_t block, key;
} sizes[] = {
    [ZF_ALGORITHM_DEA] = {8, 8},       [ZF_ALGORITHM_TDEA_128] = {8, 16},
    [ZF_ALGORITHM_TDEA_192] = {8, 24}, [ZF_ALGORITHM_AES_128] = {16, 16},
    [ZF_ALGORITHM_AES_192] = {16, 24}, [ZF_ALGORITHM_AES_256] = {16, 32},
};

unsigned zf_cipher_key_bytes(enum zf_algorithm algorithm) {
    return sizes[algorithm].key;
}

unsigned zf_cipher_block_bytes(enum zf_algorithm algorithm) {
    return sizes[algorithm].block;
}

/* DEA is TDEA with one key, TDEA with two keys begins again with the first. Parity is ignored. */
static void open_des(struct zf_cipher *cipher, unsigned key_bytes, const uint8_t *key) {
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t *at = key + DES_KEY * i % key_bytes;
        DES_set_key_unchecked((const_DES_cblock *)at, &cipher->des[i]);
    }
}

void zf_cipher_open(struct zf_cipher *cipher, enum zf_algorithm algorithm, const uint8_t *key,
                    bool decipher) {
    unsigned key_bytes = sizes[algorithm].key;
    cipher->block = sizes[algorithm].block;
    cipher->decipher = decipher;
    if (cipher->block < AES_BLOCK) {
        open_des(cipher, key_bytes, key);
    } else if (decipher) {
        AES_set_decrypt_key(key, (int)(8 * key_bytes), &cipher->aes);
    } else {
        AES_set_encrypt_key(key, (int)(8 * key_bytes), &cipher->aes);
    }
}

void zf_cipher_run(const struct zf_cipher *cipher, uint8_t *block) {
    if (cipher->block == AES_BLOCK) {
        (cipher->decipher ? AES_decrypt : AES_encrypt)(block, block, &cipher->aes);
        return;
    }
    DES_key_schedule *key = (DES_key_schedule *)cipher->des; /* the library lacks a const */
    DES_ecb3_encrypt((const_DES_cblock *)block, (DES_cblock *)block, &key[0], &key[1], &key[2],
                     cipher->decipher ? DES_DECRYPT : DES_ENCRYPT);
}
