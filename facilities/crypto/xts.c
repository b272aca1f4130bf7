/*
 * XTS (IEEE 1619): CIPHER MESSAGE with a tweak that software or PERFORM CRYPTOGRAPHIC COMPUTATION
 * has enciphered, the computation itself, and CIPHER MESSAGE that does all of it (full XTS). Powers
 * of alpha are little-endian; the block sequential number is big-endian as all else.
 */
#include "crypto/text.h"

enum { BLOCK = 16 };

static void load_element(uint64_t *element, const uint8_t *bytes) {
    memcpy(element, bytes, BLOCK);
}

/* element <- element times alpha */
static void times_alpha(uint64_t *element) {
    uint64_t reduce = element[1] >> 63 ? 0x87 : 0;
    element[1] = element[1] << 1 | element[0] >> 63;
    element[0] = element[0] << 1 ^ reduce;
}

static void multiply(uint8_t *product, const uint8_t *factor) {
    uint64_t sum[2] = {0}, term[2], bits[2];
    load_element(term, product);
    load_element(bits, factor);
    for (unsigned i = 0; i < 8 * BLOCK; i++) {
        if (bits[i / 64] >> i % 64 & 1) {
            sum[0] ^= term[0];
            sum[1] ^= term[1];
        }
        times_alpha(term);
    }
    memcpy(product, sum, BLOCK);
}

static void step_power(uint8_t *power) {
    uint64_t element[2];
    load_element(element, power);
    times_alpha(element);
    memcpy(power, element, BLOCK);
}

static void run_block(struct zf_text *t, uint8_t *text, const uint8_t *tweak) {
    zf_exclusive_or(text, tweak, BLOCK);
    zf_cipher_run(&t->cipher, text);
    zf_exclusive_or(text, tweak, BLOCK);
}

/* The chaining value is the tweak for the next block. */
static void run_xts(struct zf_text *t, uint8_t *text, unsigned bytes) {
    for (unsigned at = 0; at < bytes; at += BLOCK) {
        run_block(t, text + at, t->chain);
        step_power(t->chain);
    }
}

/* The chaining value is the power of alpha for the next block. */
static void run_full_xts(struct zf_text *t, uint8_t *text, unsigned bytes) {
    uint8_t tweak[BLOCK];
    memcpy(tweak, t->tweak, BLOCK);
    multiply(tweak, t->chain);
    for (unsigned at = 0; at < bytes; at += BLOCK) {
        run_block(t, text + at, tweak);
        step_power(tweak);
        step_power(t->chain);
    }
}

/* The key, its pattern, the enciphered tweak. */
static enum zf_opened open_xts(struct zf_text *t) {
    const struct zf_assist *c = t->c;
    uint8_t p[ZF_CIPHER_KEY_MAX + ZF_PATTERN + BLOCK];
    unsigned pattern = zf_cipher_key_bytes(c->f->algorithm);
    unsigned chain = pattern + zf_pattern_bytes(c);
    t->chain_bytes = BLOCK;
    t->chain_at = c->block + chain;
    if (!zf_load_by(c->cpu, 1, c->block, p, chain + BLOCK) ||
        !zf_probe_by(c->cpu, 1, t->chain_at, BLOCK)) {
        return ZF_OPEN_FAULT;
    }
    if (!zf_key_unwrap(c, p, pattern, p + pattern)) {
        return ZF_OPEN_MISMATCH;
    }
    memcpy(t->chain, p + chain, BLOCK);
    zf_cipher_open(&t->cipher, c->f->algorithm, p, c->modifier);
    OPENSSL_cleanse(p, sizeof p);
    return ZF_OPENED;
}

/* The two keys, the tweak, the next power of alpha; the keys' pattern is last. */
static enum zf_opened open_full_xts(struct zf_text *t) {
    const struct zf_assist *c = t->c;
    uint8_t p[2 * ZF_CIPHER_KEY_MAX + 2 * BLOCK + ZF_PATTERN];
    unsigned key = zf_cipher_key_bytes(c->f->algorithm), tweak = 2 * key, chain = tweak + BLOCK;
    struct zf_cipher cipher;
    t->chain_bytes = BLOCK;
    t->chain_at = c->block + chain;
    if (!zf_load_by(c->cpu, 1, c->block, p, chain + BLOCK + zf_pattern_bytes(c)) ||
        !zf_probe_by(c->cpu, 1, t->chain_at, BLOCK)) {
        return ZF_OPEN_FAULT;
    }
    if (!zf_key_unwrap(c, p, 2 * key, p + chain + BLOCK)) {
        return ZF_OPEN_MISMATCH;
    }
    memcpy(t->tweak, p + tweak, BLOCK);
    memcpy(t->chain, p + chain, BLOCK);
    zf_cipher_open(&t->cipher, c->f->algorithm, p, c->modifier);
    zf_cipher_open(&cipher, c->f->algorithm, p + key, false);
    zf_cipher_run(&cipher, t->tweak);
    OPENSSL_cleanse(&cipher, sizeof cipher);
    OPENSSL_cleanse(p, sizeof p);
    return ZF_OPENED;
}

enum zf_next zf_assist_xts(const struct zf_assist *c) {
    return zf_text_execute(c, &(struct zf_text_mode){.run = run_xts}, open_xts);
}

enum zf_next zf_assist_full_xts(const struct zf_assist *c) {
    return zf_text_execute(c, &(struct zf_text_mode){.run = run_full_xts}, open_full_xts);
}

/* value <- value times alpha to the power of a big-endian number, from bit `first` of it on */
static void times_power(uint8_t *value, const uint8_t *number, unsigned first) {
    uint8_t power[BLOCK] = {1};
    for (unsigned i = 0; i < 8 * BLOCK; i++) {
        multiply(power, power);
        if (i >= first && number[i / 8] >> (7 - i % 8) & 1) {
            step_power(power);
        }
    }
    multiply(value, power);
}

/*
 * Compute XTS parameter: after the key and its pattern come the tweak, the block sequential number,
 * the intermediate bit index, and the result. This machine does it at once, so an index between is
 * what another has left: the bits from there on are still to be multiplied.
 */
enum zf_next zf_assist_xts_parameter(const struct zf_assist *c) {
    uint8_t p[ZF_CIPHER_KEY_MAX + ZF_PATTERN + 4 * BLOCK];
    static const uint8_t zero[BLOCK];
    unsigned key = zf_cipher_key_bytes(c->f->algorithm), fields = key + zf_pattern_bytes(c);
    uint8_t *tweak = p + fields, *number = tweak + BLOCK, *index = number + BLOCK,
            *result = index + BLOCK;
    struct zf_cipher cipher;
    if (!zf_load_by(c->cpu, 1, c->block, p, fields + 4 * BLOCK) ||
        !zf_probe_by(c->cpu, 1, c->block + fields + 2 * BLOCK, 2 * BLOCK)) {
        return ZF_NEXT_PGM;
    }
    if (!zf_key_unwrap(c, p, key, p + key)) {
        return zf_assist_end(c, 1);
    }
    if (memcmp(number, zero, BLOCK) != 0 &&
        (memcmp(index, zero, BLOCK - 1) != 0 || index[BLOCK - 1] >= 8 * BLOCK)) {
        return zf_assist_end(c, 2);
    }
    if (!memcmp(number, zero, BLOCK) || !index[BLOCK - 1]) {
        zf_cipher_open(&cipher, c->f->algorithm, p, false);
        memcpy(result, tweak, BLOCK);
        zf_cipher_run(&cipher, result);
        OPENSSL_cleanse(&cipher, sizeof cipher);
    }
    times_power(result, number, index[BLOCK - 1]);
    memset(index, 0, BLOCK);
    index[BLOCK - 1] = 8 * BLOCK;
    OPENSSL_cleanse(p, key);
    if (!zf_store_by(c->cpu, 1, c->block + fields + 2 * BLOCK, index, 2 * BLOCK)) {
        return ZF_NEXT_PGM;
    }
    return zf_assist_end(c, 0);
}
