/*
 * COMPUTE INTERMEDIATE and COMPUTE LAST MESSAGE DIGEST: SHA-1, SHA-2, SHA-3, and GHASH. The
 * chaining value begins the parameter block; KLMD's SHA-1 and SHA-2 find the message's bit length
 * behind it. The options in M3 are not executed.
 */
#include "crypto/function.h"
#include "crypto/ghash.h"
#include "crypto/keccak.h"
#include "general/operand.h"

/* the transforms of single blocks have no other interface */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

enum { BLOCK_MAX = 168, STATE_MAX = 200 };

/* The code and how many bytes its blocks and its chaining value have. */
struct digest {
    uint8_t code;
    uint8_t block, state;
    uint8_t length_field; /* of KLMD: bytes of the message's bit length; 0: pads as SHA-3 does */
    void (*compress)(uint8_t *state, const uint8_t *block, unsigned bytes);
};

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
    for (unsigned i = 0; i < 8; i++) {
        zf_put64(state + 8 * i, context.h[i]);
    }
}

/* The state is a string of bytes, as FIPS 202 has it: lanes with the low byte first. */
static void compress_keccak(uint8_t *state, const uint8_t *block, unsigned bytes) {
    uint64_t lane[STATE_MAX / 8];
    for (unsigned i = 0; i < bytes; i++) {
        state[i] ^= block[i];
    }
    memcpy(lane, state, sizeof lane);
    zf_keccak(lane);
    memcpy(state, lane, sizeof lane);
}

/* GHASH: the parameter block is the chaining value, then the hash subkey. */
static void compress_ghash(uint8_t *state, const uint8_t *block, unsigned bytes) {
    (void)bytes;
    zf_ghash(state, state + 16, block);
}

static const struct digest digests[] = {
    {1, 64, 20, 8, compress_sha1},      {2, 64, 32, 8, compress_sha256},
    {3, 128, 64, 16, compress_sha512},  {32, 144, 200, 0, compress_keccak},
    {33, 136, 200, 0, compress_keccak}, {34, 104, 200, 0, compress_keccak},
    {35, 72, 200, 0, compress_keccak},  {36, 168, 200, 0, compress_keccak},
    {37, 136, 200, 0, compress_keccak}, {65, 16, 32, 0, compress_ghash},
};

static const struct digest *digest_of(unsigned code) {
    unsigned i = 0;
    while (digests[i].code != code) {
        ZF_ASSERT(++i < ZF_ARRAY_LENGTH(digests));
    }
    return &digests[i];
}

/* Takes whole blocks of the second operand; false on an access exception. */
static bool digest_blocks(const struct zf_crypto *c, const struct digest *d, uint8_t *state) {
    struct zf_cpu *cpu = c->cpu;
    unsigned r2 = c->insn->o.r2;
    uint64_t length = zf_gr_length(cpu, r2 + 1u);
    for (unsigned done = 0; length >= d->block && done < ZF_CRYPTO_UNIT; done += d->block) {
        uint8_t block[BLOCK_MAX];
        if (!zf_load_bytes(cpu, cpu->gr[r2], block, d->block)) {
            return false;
        }
        d->compress(state, block, d->block);
        if (!zf_store_bytes(cpu, c->block, state, d->state)) {
            return false;
        }
        length -= d->block;
        zf_gr_set_address(cpu, r2, cpu->gr[r2] + d->block);
        zf_gr_set_length(cpu, r2 + 1u, length);
    }
    return true;
}

/* KLMD with less than a block left: pads it, and writes the digest. */
static bool digest_last(const struct zf_crypto *c, const struct digest *d, uint8_t *state) {
    struct zf_cpu *cpu = c->cpu;
    unsigned r2 = c->insn->o.r2, rest = (unsigned)zf_gr_length(cpu, r2 + 1u);
    uint8_t block[BLOCK_MAX] = {0}, bits[16] = {0};
    if (!zf_load_bytes(cpu, cpu->gr[r2], block, rest) ||
        !zf_load_bytes(cpu, c->block + d->state, bits, d->length_field)) {
        return false;
    }
    if (d->length_field) {
        block[rest] = 0x80;
        if (rest + 1 + d->length_field > d->block) {
            d->compress(state, block, d->block);
            memset(block, 0, sizeof block);
        }
        memcpy(block + d->block - d->length_field, bits, d->length_field);
    } else {
        block[rest] = 0x06;
        block[d->block - 1] |= 0x80;
    }
    d->compress(state, block, d->block);
    if (!zf_store_bytes(cpu, c->block, state, d->state)) {
        return false;
    }
    zf_gr_set_address(cpu, r2, cpu->gr[r2] + rest);
    zf_gr_set_length(cpu, r2 + 1u, 0);
    return true;
}

bool zf_digest_function(const struct zf_crypto *c, enum zf_next *next) {
    struct zf_cpu *cpu = c->cpu;
    bool last = c->insn->insn.row == ZF_ROW_klmd;
    const struct digest *d = digest_of(c->code);
    uint8_t state[STATE_MAX];
    if (c->insn->o.m3) {
        return false;
    }
    uint64_t length = zf_gr_length(cpu, c->insn->o.r2 + 1u);
    if (!last && length % d->block) {
        *next = zf_raise(cpu, ZF_PGM_SPECIFICATION);
        return true;
    }
    *next = ZF_NEXT_PGM;
    if (!zf_load_bytes(cpu, c->block, state, d->state) ||
        !zf_probe(cpu, c->block, d->state, ZF_ACCESS_WRITE) || !digest_blocks(c, d, state)) {
        return true;
    }
    length = zf_gr_length(cpu, c->insn->o.r2 + 1u);
    if (length >= d->block || (last && !digest_last(c, d, state))) {
        if (length < d->block) {
            return true;
        }
        cpu->cc = 3;
    } else {
        cpu->cc = 0;
    }
    *next = ZF_NEXT;
    return true;
}
