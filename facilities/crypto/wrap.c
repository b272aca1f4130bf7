/*
 * Wrapping and PERFORM CRYPTOGRAPHIC KEY MANAGEMENT OPERATION, which wraps. How a key is encrypted
 * is up to the machine: here in chained blocks, a rest shorter than a block together with the end
 * of the block before.
 */
#include "crypto/wrap.h"

#include "crypto/cipher.h"
#include "crypto/curve.h"
#include "crypto/digest.h"

enum { KEY_MAX = 128 };

static bool is_des(const struct zf_assist *c) {
    return c->f->algorithm >= ZF_ALGORITHM_DEA && c->f->algorithm <= ZF_ALGORITHM_TDEA_192;
}

unsigned zf_pattern_bytes(const struct zf_assist *c) {
    return !c->f->wrapped ? 0 : is_des(c) ? ZF_PATTERN_DEA : ZF_PATTERN;
}

static const uint8_t *pattern_of(const struct zf_assist *c) {
    const struct zf_wrapping *w = &c->cpu->machine->wrapping;
    return is_des(c) ? w->dea_pattern : w->aes_pattern;
}

static void open_wrapping(struct zf_cipher *cipher, const struct zf_assist *c, bool decipher) {
    const struct zf_wrapping *w = &c->cpu->machine->wrapping;
    if (is_des(c)) {
        zf_cipher_open(cipher, ZF_ALGORITHM_TDEA_192, w->dea_key, decipher);
    } else {
        zf_cipher_open(cipher, ZF_ALGORITHM_AES_256, w->aes_key, decipher);
    }
}

static void wrap(const struct zf_assist *c, uint8_t *key, unsigned bytes) {
    struct zf_cipher cipher;
    open_wrapping(&cipher, c, false);
    for (unsigned at = 0; at + cipher.block <= bytes; at += cipher.block) {
        if (at) {
            zf_exclusive_or(key + at, key + at - cipher.block, cipher.block);
        }
        zf_cipher_run(&cipher, key + at);
    }
    if (bytes % cipher.block) {
        zf_cipher_run(&cipher, key + bytes - cipher.block);
    }
    OPENSSL_cleanse(&cipher, sizeof cipher);
}

static void unwrap(const struct zf_assist *c, uint8_t *key, unsigned bytes) {
    struct zf_cipher cipher;
    open_wrapping(&cipher, c, true);
    unsigned block = cipher.block;
    if (bytes % block) {
        zf_cipher_run(&cipher, key + bytes - block);
    }
    for (unsigned end = bytes - bytes % block; end; end -= block) {
        zf_cipher_run(&cipher, key + end - block);
        if (end > block) {
            zf_exclusive_or(key + end - block, key + end - 2 * block, block);
        }
    }
    OPENSSL_cleanse(&cipher, sizeof cipher);
}

bool zf_key_unwrap(const struct zf_assist *c, uint8_t *key, unsigned bytes,
                   const uint8_t *pattern) {
    if (!c->f->wrapped) {
        return true;
    }
    if (memcmp(pattern, pattern_of(c), zf_pattern_bytes(c)) != 0) {
        return false;
    }
    unwrap(c, key, bytes);
    return true;
}

/* The key becomes the wrapped one, and the pattern comes after it. The CC stays. */
static enum zf_next wrap_bytes(const struct zf_assist *c, unsigned bytes) {
    uint8_t p[KEY_MAX + ZF_PATTERN];
    unsigned pattern = zf_pattern_bytes(c);
    if (!zf_load_by(c->cpu, 1, c->block, p, bytes) ||
        !zf_probe_by(c->cpu, 1, c->block, bytes + pattern)) {
        return ZF_NEXT_PGM;
    }
    wrap(c, p, bytes);
    memcpy(p + bytes, pattern_of(c), pattern);
    enum zf_next next = zf_done(zf_store_by(c->cpu, 1, c->block, p, bytes + pattern));
    OPENSSL_cleanse(p, sizeof p);
    return next;
}

enum zf_next zf_assist_wrap(const struct zf_assist *c) {
    return wrap_bytes(c, zf_cipher_key_bytes(c->f->algorithm));
}

enum zf_next zf_assist_wrap_pair(const struct zf_assist *c) {
    return wrap_bytes(c, 2 * zf_cipher_key_bytes(c->f->algorithm));
}

enum zf_next zf_assist_wrap_curve(const struct zf_assist *c) {
    return wrap_bytes(c, zf_curve_bytes(c->f->algorithm));
}

enum zf_next zf_assist_wrap_hmac(const struct zf_assist *c) {
    return wrap_bytes(c, zf_digest_of(c->f->algorithm)->block);
}
