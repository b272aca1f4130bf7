/*
 * PERFORM RANDOM NUMBER OPERATION, SHA-512-DRNG (function code 3): NIST's Hash_DRBG (SP 800-90A,
 * 10.1.1) on SHA-512. The parameter block is its working state. The first operand is filled from
 * right to left, so that its remaining length tells which block comes next after an interruption.
 */
#include "assist/assist.h"
#include "general/operand.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

enum {
    HASH = SHA512_DIGEST_LENGTH,
    SEED = 111, /* seedlen: 888 bits */
    MATERIAL_MAX = 512,
};

/* The parameter block. V and C are 112-byte fields whose first byte is zero. */
enum { RESEED_COUNTER = 4, STREAM_BYTES = 8, V = 17, C = 129, PARAMETERS = 240 };

/* value <- value + addend modulo 2^888 */
static void add(uint8_t *value, const uint8_t *addend, unsigned bytes) {
    unsigned carry = 0;
    for (unsigned i = 1; i <= SEED; i++) {
        carry += value[SEED - i] + (i <= bytes ? addend[bytes - i] : 0u);
        value[SEED - i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void add_number(uint8_t *value, uint64_t n) {
    uint8_t bytes[8];
    zf_put64(bytes, n);
    add(value, bytes, sizeof bytes);
}

/* Hash_df for 888 bits. */
static void derive(uint8_t *seed, const uint8_t *input, size_t bytes) {
    uint8_t head[5] = {0}, hash[2 * HASH];
    zf_put32(head + 1, 8 * SEED);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t text[sizeof head + 1 + SEED + MATERIAL_MAX];
        head[0] = (uint8_t)(i + 1);
        memcpy(text, head, sizeof head);
        memcpy(text + sizeof head, input, bytes);
        SHA512(text, sizeof head + bytes, hash + i * HASH);
    }
    memcpy(seed, hash, SEED);
}

/* Instantiates the generator when its reseed counter is zero, else reseeds it. */
static enum zf_next seed(const struct zf_assist *c, uint8_t *p) {
    struct zf_cpu *cpu = c->cpu;
    unsigned r2 = c->insn->o.r2, used = 0;
    uint8_t input[1 + SEED + MATERIAL_MAX], zero_v[1 + SEED] = {0};
    uint64_t length = zf_gr_length(cpu, r2 + 1u);
    if (length > MATERIAL_MAX) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (zf_get32(p + RESEED_COUNTER)) {
        input[0] = 1;
        memcpy(input + 1, p + V, SEED);
        used = 1 + SEED;
    }
    if (!zf_load_by(cpu, r2, cpu->gr[r2], input + used, length)) {
        return ZF_NEXT_PGM;
    }
    memset(p, 0, PARAMETERS);
    derive(p + V, input, used + length);
    memcpy(zero_v + 1, p + V, SEED);
    derive(p + C, zero_v, sizeof zero_v);
    zf_put32(p + RESEED_COUNTER, 1);
    OPENSSL_cleanse(input, sizeof input);
    if (!zf_store_by(cpu, 1, c->block, p, PARAMETERS)) {
        return ZF_NEXT_PGM;
    }
    return zf_assist_end(c, 0);
}

/* Stores the rightmost block that is not there yet. */
static bool generate_block(const struct zf_assist *c, const uint8_t *p, uint64_t length) {
    struct zf_cpu *cpu = c->cpu;
    uint8_t data[SEED], hash[HASH];
    uint64_t block = (length - 1) / HASH, at = block * HASH;
    memcpy(data, p + V, SEED);
    add_number(data, block);
    SHA512(data, SEED, hash);
    return zf_store_by(cpu, c->insn->o.r1, cpu->gr[c->insn->o.r1] + at, hash, length - at);
}

/* The last step of the algorithm: the next state. */
static void advance(uint8_t *p) {
    uint8_t text[1 + SEED] = {3}, hash[HASH];
    uint32_t counter = zf_get32(p + RESEED_COUNTER);
    memcpy(text + 1, p + V, SEED);
    SHA512(text, sizeof text, hash);
    add(p + V, hash, HASH);
    add(p + V, p + C, SEED);
    add_number(p + V, counter);
    zf_put32(p + RESEED_COUNTER, counter + 1);
}

/* What a unit of operation has stored counts in the parameter block before the length shrinks. */
static enum zf_next generate(const struct zf_assist *c, uint8_t *p) {
    struct zf_cpu *cpu = c->cpu;
    unsigned r = c->insn->o.r1 + 1u;
    uint64_t length = zf_gr_length(cpu, r);
    if (!zf_get32(p + RESEED_COUNTER)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (unsigned done = 0; length && done < ZF_ASSIST_UNIT; done += HASH) {
        uint64_t rest = (length - 1) / HASH * HASH;
        if (!generate_block(c, p, length)) {
            return ZF_NEXT_PGM;
        }
        zf_put64(p + STREAM_BYTES, zf_get64(p + STREAM_BYTES) + length - rest);
        if (!rest) {
            advance(p);
        }
        if (!zf_store_by(cpu, 1, c->block, p, PARAMETERS)) {
            return ZF_NEXT_PGM;
        }
        length = rest;
        zf_gr_set_length(cpu, r, length);
    }
    return length ? zf_assist_partial(c) : zf_assist_end(c, 0);
}

enum zf_next zf_assist_drbg(const struct zf_assist *c) {
    uint8_t p[PARAMETERS];
    enum zf_next next = ZF_NEXT_PGM;
    if (zf_load_by(c->cpu, 1, c->block, p, sizeof p) &&
        zf_probe_by(c->cpu, 1, c->block, sizeof p)) {
        next = c->modifier ? seed(c, p) : generate(c, p);
    }
    OPENSSL_cleanse(p, sizeof p);
    return next;
}
