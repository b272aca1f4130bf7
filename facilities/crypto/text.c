/*
 * CIPHER MESSAGE, with CHAINING, CIPHER FEEDBACK, COUNTER or OUTPUT FEEDBACK, and COMPUTE MESSAGE
 * AUTHENTICATION CODE but for HMAC. A piece's results, chaining value and registers are in place
 * before the next: an exception or CC 3 leaves what an execution needs that goes on.
 */
#include "crypto/text.h"

#include "general/operand.h"

/* Length of the cipher feedback: general register 0. */
static unsigned feedback_length(const struct zf_cpu *cpu) {
    return cpu->gr[0] >> 24 & 0xff;
}

static void step(struct zf_cpu *cpu, unsigned r, unsigned bytes) {
    zf_gr_set_address(cpu, r, cpu->gr[r] + bytes);
}

static void step_operands(const struct zf_text *t, unsigned bytes) {
    struct zf_cpu *cpu = t->c->cpu;
    const struct zf_operands *o = &t->c->insn->o;
    step(cpu, o->r2, bytes);
    zf_gr_set_length(cpu, o->r2 + 1u, zf_gr_length(cpu, o->r2 + 1u) - bytes);
    if (!t->mode->no_result && o->r1 != o->r2) {
        step(cpu, o->r1, bytes);
    }
    if (t->mode->counters && o->r3 != o->r2 && o->r3 != o->r1) {
        step(cpu, o->r3, bytes);
    }
}

static bool run_piece(struct zf_text *t, unsigned bytes) {
    struct zf_cpu *cpu = t->c->cpu;
    const struct zf_operands *o = &t->c->insn->o;
    uint8_t text[ZF_TEXT_PIECE];
    if (!zf_load_by(cpu, o->r2, cpu->gr[o->r2], text, bytes) ||
        (t->mode->counters && !zf_load_by(cpu, o->r3, cpu->gr[o->r3], t->counter, bytes))) {
        return false;
    }
    t->mode->run(t, text, bytes);
    if ((!t->mode->no_result && !zf_store_by(cpu, o->r1, cpu->gr[o->r1], text, bytes)) ||
        !zf_store_by(cpu, 1, t->chain_at, t->chain, t->chain_bytes)) {
        return false;
    }
    step_operands(t, bytes);
    return true;
}

static enum zf_next run_pieces(struct zf_text *t) {
    struct zf_cpu *cpu = t->c->cpu;
    unsigned r = t->c->insn->o.r2 + 1u;
    uint64_t piece = ZF_TEXT_PIECE - ZF_TEXT_PIECE % t->unit, length;
    for (uint64_t done = 0; (length = zf_gr_length(cpu, r)); done += piece) {
        if (done >= ZF_ASSIST_UNIT) {
            return zf_assist_partial(t->c);
        }
        if (!run_piece(t, (unsigned)zf_min(length, piece))) {
            return ZF_NEXT_PGM;
        }
    }
    return zf_assist_end(t->c, 0);
}

enum zf_next zf_text_execute(const struct zf_assist *c, const struct zf_text_mode *mode,
                             enum zf_opened (*open)(struct zf_text *t)) {
    struct zf_text t = {.c = c, .mode = mode, .unit = zf_cipher_block_bytes(c->f->algorithm)};
    uint64_t length = zf_gr_length(c->cpu, c->insn->o.r2 + 1u);
    if (c->f->query == ZF_QUERY_KMF) {
        unsigned feedback = feedback_length(c->cpu);
        if (!feedback || feedback > t.unit) {
            return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
        }
        t.unit = feedback;
    }
    if (length % t.unit) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    if (!length) {
        return zf_assist_end(c, 0);
    }
    enum zf_opened opened = open(&t);
    enum zf_next next = opened == ZF_OPENED ? run_pieces(&t) : zf_open_failed(c, opened);
    OPENSSL_cleanse(&t, sizeof t);
    return next;
}

/* The parameter block: the chaining value, where the mode has one; the key. */
static enum zf_opened open_text(struct zf_text *t) {
    const struct zf_assist *c = t->c;
    uint8_t p[ZF_CIPHER_BLOCK_MAX + ZF_CIPHER_KEY_MAX + ZF_PATTERN];
    unsigned key = t->mode->chained ? zf_cipher_block_bytes(c->f->algorithm) : 0;
    unsigned pattern = key + zf_cipher_key_bytes(c->f->algorithm);
    t->chain_bytes = key;
    t->chain_at = c->block;
    if (!zf_load_by(c->cpu, 1, c->block, p, pattern + zf_pattern_bytes(c)) ||
        !zf_probe_by(c->cpu, 1, c->block, key)) {
        return ZF_OPEN_FAULT;
    }
    if (!zf_key_unwrap(c, p + key, pattern - key, p + pattern)) {
        return ZF_OPEN_MISMATCH;
    }
    memcpy(t->chain, p, key);
    zf_cipher_open(&t->cipher, c->f->algorithm, p + key, c->modifier && !t->mode->encipher);
    OPENSSL_cleanse(p, sizeof p);
    return ZF_OPENED;
}

static void run_ecb(struct zf_text *t, uint8_t *text, unsigned bytes) {
    for (unsigned at = 0; at < bytes; at += t->unit) {
        zf_cipher_run(&t->cipher, text + at);
    }
}

static void run_cbc(struct zf_text *t, uint8_t *text, unsigned bytes) {
    unsigned block = t->cipher.block;
    for (uint8_t *at = text; at < text + bytes; at += block) {
        uint8_t enciphered[ZF_CIPHER_BLOCK_MAX];
        if (t->cipher.decipher) {
            memcpy(enciphered, at, block);
            zf_cipher_run(&t->cipher, at);
            zf_exclusive_or(at, t->chain, block);
            memcpy(t->chain, enciphered, block);
        } else {
            zf_exclusive_or(at, t->chain, block);
            zf_cipher_run(&t->cipher, at);
            memcpy(t->chain, at, block);
        }
    }
}

/* The chaining value moves left by what is fed back: the enciphered text. */
static void run_cfb(struct zf_text *t, uint8_t *text, unsigned bytes) {
    unsigned keep = t->cipher.block - t->unit;
    for (uint8_t *at = text; at < text + bytes; at += t->unit) {
        uint8_t stream[ZF_CIPHER_BLOCK_MAX], enciphered[ZF_CIPHER_BLOCK_MAX];
        memcpy(stream, t->chain, t->cipher.block);
        zf_cipher_run(&t->cipher, stream);
        memcpy(enciphered, at, t->unit);
        zf_exclusive_or(at, stream, t->unit);
        memmove(t->chain, t->chain + t->unit, keep);
        memcpy(t->chain + keep, t->c->modifier ? enciphered : at, t->unit);
    }
}

static void run_ofb(struct zf_text *t, uint8_t *text, unsigned bytes) {
    for (unsigned at = 0; at < bytes; at += t->unit) {
        zf_cipher_run(&t->cipher, t->chain);
        zf_exclusive_or(text + at, t->chain, t->unit);
    }
}

static void run_counter(struct zf_text *t, uint8_t *text, unsigned bytes) {
    for (unsigned at = 0; at < bytes; at += t->unit) {
        zf_cipher_run(&t->cipher, t->counter + at);
    }
    zf_exclusive_or(text, t->counter, bytes);
}

/*
 * ANSI X9.17: the chaining value is the seed, the text is the time or whatever stands for it.
 */
static void run_prng(struct zf_text *t, uint8_t *text, unsigned bytes) {
    for (uint8_t *at = text; at < text + bytes; at += t->unit) {
        uint8_t time[ZF_CIPHER_BLOCK_MAX];
        zf_cipher_run(&t->cipher, at);
        memcpy(time, at, t->unit);
        zf_exclusive_or(at, t->chain, t->unit);
        zf_cipher_run(&t->cipher, at);
        memcpy(t->chain, at, t->unit);
        zf_exclusive_or(t->chain, time, t->unit);
        zf_cipher_run(&t->cipher, t->chain);
    }
}

enum zf_next zf_assist_ecb(const struct zf_assist *c) {
    return zf_text_execute(c, &(struct zf_text_mode){.run = run_ecb}, open_text);
}

enum zf_next zf_assist_cbc(const struct zf_assist *c) {
    return zf_text_execute(c, &(struct zf_text_mode){.run = run_cbc, .chained = true}, open_text);
}

enum zf_next zf_assist_cfb(const struct zf_assist *c) {
    return zf_text_execute(
        c, &(struct zf_text_mode){.run = run_cfb, .chained = true, .encipher = true}, open_text);
}

enum zf_next zf_assist_ofb(const struct zf_assist *c) {
    return zf_text_execute(
        c, &(struct zf_text_mode){.run = run_ofb, .chained = true, .encipher = true}, open_text);
}

enum zf_next zf_assist_counter(const struct zf_assist *c) {
    return zf_text_execute(
        c, &(struct zf_text_mode){.run = run_counter, .counters = true, .encipher = true},
        open_text);
}

enum zf_next zf_assist_mac(const struct zf_assist *c) {
    return zf_text_execute(
        c, &(struct zf_text_mode){.run = run_cbc, .chained = true, .no_result = true}, open_text);
}

enum zf_next zf_assist_prng(const struct zf_assist *c) {
    if (c->modifier) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_text_execute(c, &(struct zf_text_mode){.run = run_prng, .chained = true}, open_text);
}
