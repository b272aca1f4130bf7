/*
 * The message digests one block at a time, between an instruction's chaining value (big-endian, as
 * the parameter block has it) and libcrypto's contexts or our own Keccak and GHASH.
 */
#include "crypto/digest.h"

#include "crypto/ghash.h"
#include "crypto/keccak.h"

/* the transforms of single blocks have no other interface */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

static void load_words(uint32_t *to, const uint8_t *from, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        to[i] = zf_get32(from + 4 * i);
    }
}

static void store_words(uint8_t *to, const uint32_t *from, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        zf_put32(to + 4 * i, from[i]);
    }
}

static void store_doublewords(uint8_t *to, const SHA_LONG64 *from, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        zf_put64(to + 8 * i, from[i]);
    }
}

static void compress_sha1(uint8_t *state, const uint8_t *block, unsigned bytes) {
    SHA_CTX context = {0};
    uint32_t h[5];
    (void)bytes;
    load_words(h, state, 5);
    context.h0 = h[0];
    context.h1 = h[1];
    context.h2 = h[2];
    context.h3 = h[3];
    context.h4 = h[4];
    SHA1_Transform(&context, block);
    store_words(state, (uint32_t[]){context.h0, context.h1, context.h2, context.h3, context.h4}, 5);
}

static void compress_sha256(uint8_t *state, const uint8_t *block, unsigned bytes) {
    SHA256_CTX context = {.md_len = SHA256_DIGEST_LENGTH};
    (void)bytes;
    load_words(context.h, state, 8);
    SHA256_Transform(&context, block);
    store_words(state, context.h, 8);
}

static void compress_sha512(uint8_t *state, const uint8_t *block, unsigned bytes) {
    SHA512_CTX context = {.md_len = SHA512_DIGEST_LENGTH};
    (void)bytes;
    for (unsigned i = 0; i < 8; i++) {
        context.h[i] = zf_get64(state + 8 * i);
    }
    SHA512_Transform(&context, block);
    store_doublewords(state, context.h, 8);
}

/* The state is a string of bytes, as FIPS 202 has it: lanes with the low byte first. */
static void compress_keccak(uint8_t *state, const uint8_t *block, unsigned bytes) {
    uint64_t lane[ZF_DIGEST_STATE_MAX / 8];
    for (unsigned i = 0; i < bytes; i++) {
        state[i] ^= block[i];
    }
    memcpy(lane, state, sizeof lane);
    zf_keccak(lane);
    memcpy(state, lane, sizeof lane);
}

/* The hash subkey comes after the chaining value. */
static void compress_ghash(uint8_t *state, const uint8_t *block, unsigned bytes) {
    struct zf_ghash g;
    (void)bytes;
    zf_ghash_open(&g, state + 16);
    zf_ghash_block(&g, state, block);
}

/* clang-format off */
static const struct zf_digest digests[] = {
    [ZF_ALGORITHM_SHA_1]     = { 64,  20,  0, 20,  8, 0x80, compress_sha1},
    [ZF_ALGORITHM_SHA_224]   = { 64,  32,  0, 28,  8, 0x80, compress_sha256},
    [ZF_ALGORITHM_SHA_256]   = { 64,  32,  0, 32,  8, 0x80, compress_sha256},
    [ZF_ALGORITHM_SHA_384]   = {128,  64,  0, 48, 16, 0x80, compress_sha512},
    [ZF_ALGORITHM_SHA_512]   = {128,  64,  0, 64, 16, 0x80, compress_sha512},
    [ZF_ALGORITHM_SHA3_224]  = {144, 200,  0, 28,  0, 0x06, compress_keccak},
    [ZF_ALGORITHM_SHA3_256]  = {136, 200,  0, 32,  0, 0x06, compress_keccak},
    [ZF_ALGORITHM_SHA3_384]  = {104, 200,  0, 48,  0, 0x06, compress_keccak},
    [ZF_ALGORITHM_SHA3_512]  = { 72, 200,  0, 64,  0, 0x06, compress_keccak},
    [ZF_ALGORITHM_SHAKE_128] = {168, 200,  0,  0,  0, 0x1f, compress_keccak},
    [ZF_ALGORITHM_SHAKE_256] = {136, 200,  0,  0,  0, 0x1f, compress_keccak},
    [ZF_ALGORITHM_GHASH]     = { 16,  16, 16, 16,  0,    0, compress_ghash},
};
/* clang-format on */

const struct zf_digest *zf_digest_of(enum zf_algorithm algorithm) {
    return &digests[algorithm];
}

void zf_digest_begin(enum zf_algorithm algorithm, uint8_t *state) {
    SHA256_CTX words;
    SHA512_CTX doublewords;
    if (zf_digest_of(algorithm)->compress == compress_sha256) {
        (algorithm == ZF_ALGORITHM_SHA_224 ? SHA224_Init : SHA256_Init)(&words);
        store_words(state, words.h, 8);
    } else {
        (algorithm == ZF_ALGORITHM_SHA_384 ? SHA384_Init : SHA512_Init)(&doublewords);
        store_doublewords(state, doublewords.h, 8);
    }
}

void zf_digest_end(const struct zf_digest *d, uint8_t *state, const uint8_t *rest, unsigned bytes,
                   const uint8_t *length) {
    uint8_t block[ZF_DIGEST_BLOCK_MAX] = {0};
    memcpy(block, rest, bytes);
    block[bytes] = d->suffix;
    if (!d->length_field) {
        block[d->block - 1] |= 0x80;
    } else if (bytes + 1 + d->length_field > d->block) {
        d->compress(state, block, d->block);
        memset(block, 0, sizeof block);
    }
    memcpy(block + d->block - d->length_field, length, d->length_field);
    d->compress(state, block, d->block);
}
