/*
 * COMPUTE MESSAGE AUTHENTICATION CODE, HMAC with SHA-2 (FIPS 198). The parameter block: chaining
 * value, bit length of the message, key as long as a block of the digest, its pattern. General
 * register 0 tells whether the inner padded key is in the chaining value already, and whether more
 * of the message follows.
 */
#include "crypto/digest.h"
#include "crypto/wrap.h"
#include "general/operand.h"

#include <openssl/crypto.h>

enum { INNER_KEY_DONE = 0x8000, MORE_FOLLOWS = 0x4000 };
enum { STATE_MAX = 64, LENGTH_MAX = 16, BLOCK_MAX = 128, INNER = 0x36, OUTER = 0x5c };

struct hmac {
    const struct zf_assist *c;
    const struct zf_digest *d;
    uint8_t state[STATE_MAX];
    uint8_t length[LENGTH_MAX];
    uint8_t key[BLOCK_MAX];
};

/* The digest of the padded key, so far. */
static void begin(const struct hmac *h, uint8_t *state, uint8_t padding) {
    uint8_t block[BLOCK_MAX];
    for (unsigned i = 0; i < h->d->block; i++) {
        block[i] = h->key[i] ^ padding;
    }
    zf_digest_begin(h->c->f->algorithm, state);
    h->d->compress(state, block, h->d->block);
    OPENSSL_cleanse(block, sizeof block);
}

static enum zf_opened open_hmac(struct hmac *h) {
    const struct zf_assist *c = h->c;
    uint8_t p[STATE_MAX + LENGTH_MAX + BLOCK_MAX + ZF_PATTERN];
    unsigned key = h->d->chain + h->d->length_field, pattern = key + h->d->block;
    if (!zf_load_by(c->cpu, 1, c->block, p, pattern + zf_pattern_bytes(c)) ||
        !zf_probe_by(c->cpu, 1, c->block, h->d->chain)) {
        return ZF_OPEN_FAULT;
    }
    if (!zf_key_unwrap(c, p + key, h->d->block, p + pattern)) {
        return ZF_OPEN_MISMATCH;
    }
    memcpy(h->state, p, h->d->chain);
    memcpy(h->length, p + h->d->chain, h->d->length_field);
    memcpy(h->key, p + key, h->d->block);
    OPENSSL_cleanse(p, sizeof p);
    if (!(c->cpu->gr[0] & INNER_KEY_DONE)) {
        begin(h, h->state, INNER);
    }
    return ZF_OPENED;
}

/* From then on the chaining value is an input. */
static bool save(const struct hmac *h, unsigned bytes, unsigned taken) {
    struct zf_cpu *cpu = h->c->cpu;
    unsigned r2 = h->c->insn->o.r2;
    if (!zf_store_by(cpu, 1, h->c->block, h->state, bytes)) {
        return false;
    }
    cpu->gr[0] |= INNER_KEY_DONE;
    zf_gr_set_address(cpu, r2, cpu->gr[r2] + taken);
    zf_gr_set_length(cpu, r2 + 1u, zf_gr_length(cpu, r2 + 1u) - taken);
    return true;
}

static bool take_block(struct hmac *h) {
    struct zf_cpu *cpu = h->c->cpu;
    uint8_t block[BLOCK_MAX];
    if (!zf_load_by(cpu, h->c->insn->o.r2, cpu->gr[h->c->insn->o.r2], block, h->d->block)) {
        return false;
    }
    h->d->compress(h->state, block, h->d->block);
    return save(h, h->d->chain, h->d->block);
}

/* The length field of what the inner digest took: the key's block and the message. */
static void add_key_length(struct hmac *h) {
    unsigned carry = 8u * h->d->block;
    for (unsigned i = h->d->length_field; i; i--) {
        carry += h->length[i - 1];
        h->length[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
}

static bool finish(struct hmac *h) {
    struct zf_cpu *cpu = h->c->cpu;
    unsigned r2 = h->c->insn->o.r2, bytes = (unsigned)zf_gr_length(cpu, r2 + 1u);
    uint8_t rest[BLOCK_MAX], inner[STATE_MAX];
    if (!zf_load_by(cpu, r2, cpu->gr[r2], rest, bytes)) {
        return false;
    }
    add_key_length(h);
    zf_digest_end(h->d, h->state, rest, bytes, h->length);
    memcpy(inner, h->state, h->d->result);
    begin(h, h->state, OUTER);
    memset(h->length, 0, sizeof h->length);
    zf_put32(h->length + h->d->length_field - 4, 8u * (h->d->block + h->d->result));
    zf_digest_end(h->d, h->state, inner, h->d->result, h->length);
    return save(h, h->d->result, bytes);
}

static enum zf_next run(struct hmac *h) {
    struct zf_cpu *cpu = h->c->cpu;
    unsigned r = h->c->insn->o.r2 + 1u;
    bool more = cpu->gr[0] & MORE_FOLLOWS;
    for (unsigned done = 0; zf_gr_length(cpu, r) >= h->d->block; done += h->d->block) {
        if (done >= ZF_ASSIST_UNIT) {
            return zf_assist_partial(h->c);
        }
        if (!take_block(h)) {
            return ZF_NEXT_PGM;
        }
    }
    return more || finish(h) ? zf_assist_end(h->c, 0) : ZF_NEXT_PGM;
}

enum zf_next zf_assist_hmac(const struct zf_assist *c) {
    struct hmac h = {.c = c, .d = zf_digest_of(c->f->algorithm)};
    uint64_t length = zf_gr_length(c->cpu, c->insn->o.r2 + 1u);
    if (c->cpu->gr[0] & MORE_FOLLOWS && length % h.d->block) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    if (c->cpu->gr[0] & MORE_FOLLOWS && !length) {
        return zf_assist_end(c, 0);
    }
    enum zf_opened opened = open_hmac(&h);
    enum zf_next next = opened == ZF_OPENED ? run(&h) : zf_open_failed(c, opened);
    OPENSSL_cleanse(&h, sizeof h);
    return next;
}
