/*
 * PERFORM CRYPTOGRAPHIC COMPUTATION, compute last-block CMAC (SP 800-38B): pads the rest of the
 * message when it is shorter than a block. COMPUTE MESSAGE AUTHENTICATION CODE did the blocks
 * before.
 */
#include "crypto/cipher.h"
#include "crypto/wrap.h"

/* The parameter block: the message's length in bits, the message, the chaining value, the key. */
enum { LENGTH = 0, MESSAGE = 8 };

/* The subkey of a whole block; once more, of a padded one. */
static void next_subkey(uint8_t *key, unsigned bytes) {
    bool carry = key[0] >> 7;
    for (unsigned i = 0; i < bytes; i++) {
        key[i] = (uint8_t)(key[i] << 1 | (i + 1 < bytes ? key[i + 1] >> 7 : 0));
    }
    key[bytes - 1] ^= !carry ? 0 : bytes == 8 ? 0x1b : 0x87;
}

/* A one and zeros after `bits` bits of a block. */
static void pad(uint8_t *message, unsigned block, unsigned bits) {
    unsigned at = bits / 8;
    message[at] = (uint8_t)((message[at] | 0x80 >> bits % 8) & (0xff00 >> (bits % 8 + 1)));
    memset(message + at + 1, 0, block - at - 1);
}

static void last_block(const struct zf_assist *c, uint8_t *message, unsigned bits,
                       const uint8_t *key) {
    uint8_t subkey[ZF_CIPHER_BLOCK_MAX] = {0};
    struct zf_cipher cipher;
    zf_cipher_open(&cipher, c->f->algorithm, key, false);
    unsigned block = cipher.block;
    zf_cipher_run(&cipher, subkey);
    next_subkey(subkey, block);
    if (bits < 8 * block) {
        next_subkey(subkey, block);
        pad(message, block, bits);
    }
    zf_exclusive_or(message, message + block, block);
    zf_exclusive_or(message, subkey, block);
    zf_cipher_run(&cipher, message);
    OPENSSL_cleanse(&cipher, sizeof cipher);
}

enum zf_next zf_assist_cmac(const struct zf_assist *c) {
    uint8_t p[MESSAGE + 2 * ZF_CIPHER_BLOCK_MAX + ZF_CIPHER_KEY_MAX + ZF_PATTERN];
    unsigned block = zf_cipher_block_bytes(c->f->algorithm), chain = MESSAGE + block;
    unsigned key = chain + block, pattern = key + zf_cipher_key_bytes(c->f->algorithm);
    if (!zf_load_by(c->cpu, 1, c->block, p, pattern + zf_pattern_bytes(c)) ||
        !zf_probe_by(c->cpu, 1, c->block + chain, block)) {
        return ZF_NEXT_PGM;
    }
    if (!zf_key_unwrap(c, p + key, pattern - key, p + pattern)) {
        return zf_assist_end(c, 1);
    }
    if (p[LENGTH] > 8 * block) {
        return zf_assist_end(c, 2);
    }
    last_block(c, p + MESSAGE, p[LENGTH], p + key);
    OPENSSL_cleanse(p + key, pattern - key);
    if (!zf_store_by(c->cpu, 1, c->block + chain, p + MESSAGE, block)) {
        return ZF_NEXT_PGM;
    }
    return zf_assist_end(c, 0);
}
