/*
 * AES with clear keys: CIPHER MESSAGE, with CHAINING, COUNTER or OUTPUT FEEDBACK, and COMPUTE
 * MESSAGE AUTHENTICATION CODE. The parameter block is the key, where there is one behind the
 * chaining value.
 */
#include "crypto/function.h"
#include "general/operand.h"

/* the library's other interface allocates memory for each key */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>
#include <openssl/crypto.h>

enum { AES_128 = 18, PRNG = 67, BLOCK = 16, KEY_MAX = 32 };

struct cipher {
    const struct zf_crypto *c;
    AES_KEY key;
    bool chained; /* KMC, KMAC, KMO */
    uint8_t chaining[BLOCK];
};

static void exclusive_or(uint8_t *to, const uint8_t *from) {
    for (unsigned i = 0; i < BLOCK; i++) {
        to[i] ^= from[i];
    }
}

static bool open_cipher(struct cipher *s, const struct zf_crypto *c) {
    uint16_t row = c->insn->insn.row;
    unsigned key_bytes = 16 + 8 * (c->code - AES_128);
    uint8_t key[KEY_MAX];
    s->c = c;
    s->chained = row == ZF_ROW_kmc || row == ZF_ROW_kmac || row == ZF_ROW_kmo;
    if (s->chained && (!zf_load_bytes(c->cpu, c->block, s->chaining, BLOCK) ||
                       !zf_probe(c->cpu, c->block, BLOCK, ZF_ACCESS_WRITE))) {
        return false;
    }
    if (!zf_load_bytes(c->cpu, c->block + (s->chained ? BLOCK : 0), key, key_bytes)) {
        return false;
    }
    if (c->modifier && row != ZF_ROW_kmctr && row != ZF_ROW_kmo) {
        AES_set_decrypt_key(key, (int)(8 * key_bytes), &s->key);
    } else {
        AES_set_encrypt_key(key, (int)(8 * key_bytes), &s->key);
    }
    return true;
}

/* One block, in place. */
static bool run_block(struct cipher *s, uint8_t *block) {
    const struct zf_crypto *c = s->c;
    uint8_t other[BLOCK];
    switch (c->insn->insn.row) {
    case ZF_ROW_kmctr:
        if (!zf_load_bytes(c->cpu, c->cpu->gr[c->insn->o.r3], other, BLOCK)) {
            return false;
        }
        AES_encrypt(other, other, &s->key);
        exclusive_or(block, other);
        return true;
    case ZF_ROW_kmo:
        AES_encrypt(s->chaining, s->chaining, &s->key);
        exclusive_or(block, s->chaining);
        return true;
    case ZF_ROW_km:
        (c->modifier ? AES_decrypt : AES_encrypt)(block, block, &s->key);
        return true;
    default:
        break;
    }
    if (c->modifier) {
        memcpy(other, block, BLOCK);
        AES_decrypt(block, block, &s->key);
        exclusive_or(block, s->chaining);
        memcpy(s->chaining, other, BLOCK);
    } else {
        exclusive_or(block, s->chaining);
        AES_encrypt(block, block, &s->key);
        memcpy(s->chaining, block, BLOCK);
    }
    return true;
}

static void step(struct zf_cpu *cpu, unsigned r) {
    zf_gr_set_address(cpu, r, cpu->gr[r] + BLOCK);
}

/* Up to a unit of operation; each block's results and registers are in place before the next. */
static bool run_blocks(struct cipher *s) {
    const struct zf_crypto *c = s->c;
    struct zf_cpu *cpu = c->cpu;
    const struct zf_operands *o = &c->insn->o;
    bool result = c->insn->insn.row != ZF_ROW_kmac;
    uint64_t length = zf_gr_length(cpu, o->r2 + 1u);
    for (unsigned done = 0; length && done < ZF_CRYPTO_UNIT; done += BLOCK) {
        uint8_t block[BLOCK];
        if (!zf_load_bytes(cpu, cpu->gr[o->r2], block, BLOCK) || !run_block(s, block) ||
            (result && !zf_store_bytes(cpu, cpu->gr[o->r1], block, BLOCK)) ||
            (s->chained && !zf_store_bytes(cpu, c->block, s->chaining, BLOCK))) {
            return false;
        }
        length -= BLOCK;
        step(cpu, o->r2);
        zf_gr_set_length(cpu, o->r2 + 1u, length);
        if (result && o->r1 != o->r2) {
            step(cpu, o->r1);
        }
        if (c->insn->insn.row == ZF_ROW_kmctr && o->r3 != o->r2 && o->r3 != o->r1) {
            step(cpu, o->r3);
        }
    }
    cpu->cc = length ? 3 : 0;
    return true;
}

bool zf_cipher_function(const struct zf_crypto *c, enum zf_next *next) {
    struct cipher s;
    if (c->code == PRNG) {
        return zf_prng_function(c, next);
    }
    if (zf_gr_length(c->cpu, c->insn->o.r2 + 1u) % BLOCK) {
        *next = zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
        return true;
    }
    *next = zf_done(open_cipher(&s, c) && run_blocks(&s));
    OPENSSL_cleanse(&s, sizeof s);
    return true;
}
