/*
 * CIPHER MESSAGE WITH AUTHENTICATION: AES in Galois/counter mode. The parameter block holds all
 * that goes on from one execution to the next. The third operand is additional data, authenticated
 * and not ciphered.
 */
#include "crypto/cipher.h"
#include "crypto/ghash.h"
#include "crypto/wrap.h"
#include "general/operand.h"

enum { BLOCK = 16, PIECE = 1024 };

/* Flags in general register 0. */
enum { HASH_SUBKEY_SUPPLIED = 0x400, LAST_DATA = 0x200, LAST_TEXT = 0x100 };

/* The parameter block. */
enum {
    COUNTER = 12,
    TAG = 16,
    SUBKEY = 32,
    LENGTHS = 48, /* of the additional data and of the text, in bits */
    INITIAL = 64, /* the initial counter block */
    KEY = 80,
    PARAMETERS_MAX = KEY + ZF_CIPHER_KEY_MAX + ZF_PATTERN,
};

struct gcm {
    const struct zf_assist *c;
    struct zf_cipher cipher;
    struct zf_ghash ghash;
    unsigned done; /* bytes, against the unit of operation */
    uint8_t p[PARAMETERS_MAX];
};

static enum zf_opened open_gcm(struct gcm *g) {
    const struct zf_assist *c = g->c;
    unsigned key = zf_cipher_key_bytes(c->f->algorithm);
    if (!zf_load_by(c->cpu, 1, c->block, g->p, KEY + key + zf_pattern_bytes(c)) ||
        !zf_probe_by(c->cpu, 1, c->block, LENGTHS)) {
        return ZF_OPEN_FAULT;
    }
    if (!zf_key_unwrap(c, g->p + KEY, key, g->p + KEY + key)) {
        return ZF_OPEN_MISMATCH;
    }
    zf_cipher_open(&g->cipher, c->f->algorithm, g->p + KEY, false);
    if (!(c->cpu->gr[0] & HASH_SUBKEY_SUPPLIED)) {
        memset(g->p + SUBKEY, 0, BLOCK);
        zf_cipher_run(&g->cipher, g->p + SUBKEY);
    }
    zf_ghash_open(&g->ghash, g->p + SUBKEY);
    return ZF_OPENED;
}

/* Puts back what changes; from then on the subkey is there. */
static bool save_parameters(const struct gcm *g) {
    if (!zf_store_by(g->c->cpu, 1, g->c->block + COUNTER, g->p + COUNTER, LENGTHS - COUNTER)) {
        return false;
    }
    g->c->cpu->gr[0] |= HASH_SUBKEY_SUPPLIED;
    return true;
}

/* Into the tag, the last block with zeros after it. */
static void hash(struct gcm *g, const uint8_t *text, unsigned bytes) {
    for (unsigned at = 0; at < bytes; at += BLOCK) {
        uint8_t block[BLOCK] = {0};
        memcpy(block, text + at, zf_min(bytes - at, BLOCK));
        zf_ghash_block(&g->ghash, g->p + TAG, block);
    }
}

/* The key stream on a piece, in place. */
static void apply_stream(struct gcm *g, uint8_t *text, unsigned bytes) {
    for (unsigned at = 0; at < bytes; at += BLOCK) {
        uint8_t stream[BLOCK];
        zf_put32(g->p + COUNTER, zf_get32(g->p + COUNTER) + 1);
        memcpy(stream, g->p + INITIAL, BLOCK - 4);
        memcpy(stream + BLOCK - 4, g->p + COUNTER, 4);
        zf_cipher_run(&g->cipher, stream);
        zf_exclusive_or(text + at, stream, (unsigned)zf_min(bytes - at, BLOCK));
    }
}

static void advance(struct zf_cpu *cpu, unsigned r, unsigned bytes) {
    zf_gr_set_address(cpu, r, cpu->gr[r] + bytes);
    zf_gr_set_length(cpu, r + 1, zf_gr_length(cpu, r + 1) - bytes);
}

/* Additional authenticated data: only hashed. */
static bool hash_data(struct gcm *g) {
    struct zf_cpu *cpu = g->c->cpu;
    unsigned r3 = g->c->insn->o.r3;
    for (; zf_gr_length(cpu, r3 + 1) && g->done < ZF_ASSIST_UNIT; g->done += PIECE) {
        uint8_t data[PIECE];
        unsigned bytes = (unsigned)zf_min(zf_gr_length(cpu, r3 + 1), PIECE);
        if (!zf_load_by(cpu, r3, cpu->gr[r3], data, bytes)) {
            return false;
        }
        hash(g, data, bytes);
        if (!save_parameters(g)) {
            return false;
        }
        advance(cpu, r3, bytes);
    }
    return true;
}

static bool cipher_text(struct gcm *g) {
    struct zf_cpu *cpu = g->c->cpu;
    unsigned r1 = g->c->insn->o.r1, r2 = g->c->insn->o.r2;
    for (; zf_gr_length(cpu, r2 + 1) && g->done < ZF_ASSIST_UNIT; g->done += PIECE) {
        uint8_t text[PIECE];
        unsigned bytes = (unsigned)zf_min(zf_gr_length(cpu, r2 + 1), PIECE);
        if (!zf_load_by(cpu, r2, cpu->gr[r2], text, bytes)) {
            return false;
        }
        if (g->c->modifier) {
            hash(g, text, bytes);
        }
        apply_stream(g, text, bytes);
        if (!g->c->modifier) {
            hash(g, text, bytes);
        }
        if (!zf_store_by(cpu, r1, cpu->gr[r1], text, bytes) || !save_parameters(g)) {
            return false;
        }
        if (r1 != r2) {
            zf_gr_set_address(cpu, r1, cpu->gr[r1] + bytes);
        }
        advance(cpu, r2, bytes);
    }
    return true;
}

/* The tag of the whole message. */
static bool finish_tag(struct gcm *g) {
    uint8_t mask[BLOCK];
    hash(g, g->p + LENGTHS, BLOCK);
    memcpy(mask, g->p + INITIAL, BLOCK);
    zf_cipher_run(&g->cipher, mask);
    zf_exclusive_or(g->p + TAG, mask, BLOCK);
    return save_parameters(g);
}

static enum zf_next run(struct gcm *g) {
    struct zf_cpu *cpu = g->c->cpu;
    const struct zf_operands *o = &g->c->insn->o;
    bool last_data = cpu->gr[0] & LAST_DATA, last_text = cpu->gr[0] & LAST_TEXT;
    if (!hash_data(g)) {
        return ZF_NEXT_PGM;
    }
    if (zf_gr_length(cpu, o->r3 + 1u)) {
        return zf_assist_partial(g->c);
    }
    if (!last_data) {
        return zf_assist_end(g->c, 0);
    }
    if (!cipher_text(g)) {
        return ZF_NEXT_PGM;
    }
    if (zf_gr_length(cpu, o->r2 + 1u)) {
        return zf_assist_partial(g->c);
    }
    return !last_text || finish_tag(g) ? zf_assist_end(g->c, 0) : ZF_NEXT_PGM;
}

/* A part that is not the last has whole blocks. */
enum zf_next zf_assist_gcm(const struct zf_assist *c) {
    struct zf_cpu *cpu = c->cpu;
    struct gcm g = {.c = c};
    if ((!(cpu->gr[0] & LAST_DATA) && zf_gr_length(cpu, c->insn->o.r3 + 1u) % BLOCK) ||
        (!(cpu->gr[0] & LAST_TEXT) && zf_gr_length(cpu, c->insn->o.r2 + 1u) % BLOCK)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    enum zf_opened opened = open_gcm(&g);
    enum zf_next next = opened == ZF_OPENED ? run(&g) : zf_open_failed(c, opened);
    OPENSSL_cleanse(&g, sizeof g);
    return next;
}
