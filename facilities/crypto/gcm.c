/*
 * CIPHER MESSAGE WITH AUTHENTICATION: AES in Galois/counter mode with clear keys. The parameter
 * block holds all that goes on from one execution to the next; a unit of operation is one block.
 */
#include "crypto/function.h"
#include "crypto/ghash.h"
#include "general/operand.h"

/* the library's other interface allocates memory for each key */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>
#include <openssl/crypto.h>

enum { AES_128 = 18, BLOCK = 16 };

/* Flags in general register 0. */
enum { HASH_SUBKEY_SUPPLIED = 0x400, LAST_AAD = 0x200, LAST_TEXT = 0x100 };

/* The parameter block. */
enum {
    COUNTER = 12,
    TAG = 16,
    SUBKEY = 32,
    LENGTHS = 48, /* of the additional data and of the text, in bits */
    INITIAL = 64, /* the initial counter block */
    KEY = 80,
    PARAMETERS_MAX = 112,
};

struct gcm {
    const struct zf_crypto *c;
    AES_KEY key;
    uint8_t p[PARAMETERS_MAX];
};

static bool open_gcm(struct gcm *g, const struct zf_crypto *c) {
    struct zf_cpu *cpu = c->cpu;
    unsigned key_bytes = 16 + 8 * (c->code - AES_128);
    g->c = c;
    if (!zf_load_bytes(cpu, c->block, g->p, KEY + key_bytes) ||
        !zf_probe(cpu, c->block, LENGTHS, ZF_ACCESS_WRITE)) {
        return false;
    }
    AES_set_encrypt_key(g->p + KEY, (int)(8 * key_bytes), &g->key);
    if (!(cpu->gr[0] & HASH_SUBKEY_SUPPLIED)) {
        memset(g->p + SUBKEY, 0, BLOCK);
        AES_encrypt(g->p + SUBKEY, g->p + SUBKEY, &g->key);
    }
    return true;
}

/* Puts back what changes; from then on the subkey is there. */
static bool save_parameters(const struct gcm *g) {
    if (!zf_store_bytes(g->c->cpu, g->c->block + COUNTER, g->p + COUNTER, LENGTHS - COUNTER)) {
        return false;
    }
    g->c->cpu->gr[0] |= HASH_SUBKEY_SUPPLIED;
    return true;
}

static void advance(struct zf_cpu *cpu, unsigned r, unsigned n) {
    zf_gr_set_address(cpu, r, cpu->gr[r] + n);
    zf_gr_set_length(cpu, r + 1, zf_gr_length(cpu, r + 1) - n);
}

/* Additional authenticated data: only hashed. */
static bool hash_data(struct gcm *g, unsigned *done) {
    struct zf_cpu *cpu = g->c->cpu;
    unsigned r3 = g->c->insn->o.r3;
    while (zf_gr_length(cpu, r3 + 1) && *done < ZF_CRYPTO_UNIT) {
        uint8_t block[BLOCK] = {0};
        unsigned n = (unsigned)zf_min(zf_gr_length(cpu, r3 + 1), BLOCK);
        if (!zf_load_bytes(cpu, cpu->gr[r3], block, n)) {
            return false;
        }
        zf_ghash(g->p + TAG, g->p + SUBKEY, block);
        if (!save_parameters(g)) {
            return false;
        }
        advance(cpu, r3, n);
        *done += BLOCK;
    }
    return true;
}

static bool cipher_text(struct gcm *g, unsigned *done) {
    struct zf_cpu *cpu = g->c->cpu;
    unsigned r1 = g->c->insn->o.r1, r2 = g->c->insn->o.r2;
    while (zf_gr_length(cpu, r2 + 1) && *done < ZF_CRYPTO_UNIT) {
        uint8_t text[BLOCK] = {0}, result[BLOCK] = {0}, stream[BLOCK];
        unsigned n = (unsigned)zf_min(zf_gr_length(cpu, r2 + 1), BLOCK);
        if (!zf_load_bytes(cpu, cpu->gr[r2], text, n)) {
            return false;
        }
        zf_put32(g->p + COUNTER, zf_get32(g->p + COUNTER) + 1);
        memcpy(stream, g->p + INITIAL, 12);
        memcpy(stream + 12, g->p + COUNTER, 4);
        AES_encrypt(stream, stream, &g->key);
        for (unsigned i = 0; i < n; i++) {
            result[i] = text[i] ^ stream[i];
        }
        zf_ghash(g->p + TAG, g->p + SUBKEY, g->c->modifier ? text : result);
        if (!zf_store_bytes(cpu, cpu->gr[r1], result, n) || !save_parameters(g)) {
            return false;
        }
        if (r1 != r2) {
            zf_gr_set_address(cpu, r1, cpu->gr[r1] + n);
        }
        advance(cpu, r2, n);
        *done += BLOCK;
    }
    return true;
}

/* The tag of the whole message. */
static bool finish_tag(struct gcm *g) {
    uint8_t mask[BLOCK];
    zf_ghash(g->p + TAG, g->p + SUBKEY, g->p + LENGTHS);
    AES_encrypt(g->p + INITIAL, mask, &g->key);
    for (unsigned i = 0; i < BLOCK; i++) {
        g->p[TAG + i] ^= mask[i];
    }
    return save_parameters(g);
}

static bool run(struct gcm *g) {
    struct zf_cpu *cpu = g->c->cpu;
    const struct zf_operands *o = &g->c->insn->o;
    bool last_data = cpu->gr[0] & LAST_AAD, last_text = cpu->gr[0] & LAST_TEXT;
    unsigned done = 0;
    if (!hash_data(g, &done) || (last_data && !cipher_text(g, &done))) {
        return false;
    }
    if (zf_gr_length(cpu, o->r3 + 1u) || (last_data && zf_gr_length(cpu, o->r2 + 1u))) {
        cpu->cc = 3;
        return true;
    }
    if (last_data && last_text && !finish_tag(g)) {
        return false;
    }
    cpu->cc = 0;
    return true;
}

bool zf_gcm_function(const struct zf_crypto *c, enum zf_next *next) {
    struct zf_cpu *cpu = c->cpu;
    struct gcm g;
    bool data_whole = !(zf_gr_length(cpu, c->insn->o.r3 + 1u) % BLOCK);
    bool text_whole = !(zf_gr_length(cpu, c->insn->o.r2 + 1u) % BLOCK);
    bool last_data = cpu->gr[0] & LAST_AAD, last_text = cpu->gr[0] & LAST_TEXT;
    if ((!last_data && !data_whole) || (last_data && !last_text && !text_whole)) {
        *next = zf_raise(cpu, ZF_PGM_SPECIFICATION);
        return true;
    }
    *next = zf_done(open_gcm(&g, c) && run(&g));
    OPENSSL_cleanse(&g, sizeof g);
    return true;
}
