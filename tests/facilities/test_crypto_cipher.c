/*
 * The block ciphers against the library's own modes, which they do not use: at once and in two
 * parts at every boundary, with clear and with wrapped keys, both ways.
 */
#include "crypto_guest.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { UNITS = 9 };

struct cipher {
    unsigned code, block, key;
    const char *name; /* the library's, without the mode */
};

static const struct cipher ciphers[] = {
    {1, 8, 8, "des-ede3"},   {2, 8, 16, "des-ede3"},  {3, 8, 24, "des-ede3"},
    {18, 16, 16, "aes-128"}, {19, 16, 24, "aes-192"}, {20, 16, 32, "aes-256"},
};

struct mode {
    unsigned opcode;
    const char *name;  /* the library's; "" as the cipher alone has */
    bool chained;      /* a chaining value begins the parameter block */
    unsigned feedback; /* bytes; 0: a block */
};

static const struct mode modes[] = {
    {KM, "ecb", false, 0}, {KMC, "cbc", true, 0}, {KMF, "cfb8", true, 1},
    {KMF, "cfb", true, 0}, {KMO, "ofb", true, 0},
};

/* The library's key: TDEA has always three. */
static void whole_key(const struct cipher *c, const uint8_t *key, uint8_t *whole) {
    for (unsigned i = 0; i < 32; i++) {
        whole[i] = key[i % c->key];
    }
}

static void reference(const struct cipher *c, const char *mode, bool decipher, const uint8_t *key,
                      const uint8_t *iv, const uint8_t *in, uint8_t *out, unsigned bytes) {
    char name[32];
    uint8_t whole[32];
    int n, rest;
    snprintf(name, sizeof name, "%s-%s", c->name, mode);
    whole_key(c, key, whole);
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = EVP_get_cipherbyname(name);
    cr_assert(x && cipher, "no %s", name);
    cr_assert(EVP_CipherInit_ex(x, cipher, NULL, whole, iv, !decipher));
    EVP_CIPHER_CTX_set_padding(x, 0);
    cr_assert(EVP_CipherUpdate(x, out, &n, in, (int)bytes) && EVP_CipherFinal(x, out + n, &rest));
    cr_assert_eq((unsigned)(n + rest), bytes);
    EVP_CIPHER_CTX_free(x);
}

/* Sets the parameter block; tells the function code. */
static unsigned put_block(struct crypto *g, const struct cipher *c, unsigned at, bool wrapped,
                          const uint8_t *key) {
    if (!wrapped) {
        memcpy(crypto_at(g, BLOCK + at), key, c->key);
        return c->code;
    }
    crypto_wrap(g, c->code, at, key, c->key);
    return c->code + 8;
}

static void check_mode(struct crypto *g, const struct cipher *c, const struct mode *m, bool wrapped,
                       bool decipher) {
    unsigned unit = m->feedback ? m->feedback : c->block, bytes = UNITS * unit;
    unsigned at = m->chained ? c->block : 0;
    uint64_t feedback = m->opcode == KMF ? (uint64_t)unit << 24 : 0;
    uint8_t key[32], iv[16], text[UNITS * 16], expected[UNITS * 16];
    crypto_fill(key, sizeof key, c->code);
    crypto_fill(iv, sizeof iv, c->code + 1);
    crypto_fill(text, sizeof text, c->code + 2);
    reference(c, m->name, decipher, key, iv, text, expected, bytes);
    for (unsigned part = 0; part < bytes; part += unit) {
        memcpy(crypto_at(g, BLOCK), iv, at);
        uint64_t code = put_block(g, c, at, wrapped, key) | feedback | (decipher ? 0x80 : 0);
        memcpy(crypto_at(g, SOURCE), text, bytes);
        memset(crypto_at(g, RESULT), 0, bytes);
        crypto_operands(g, part);
        cr_assert_eq(crypto_run(g, m->opcode, code), 0);
        g->s.gr[5] = bytes - part;
        cr_assert_eq(crypto_run(g, m->opcode, code), 0);
        cr_assert_arr_eq(crypto_at(g, RESULT), expected, bytes, "%s-%s, %s, %s, at %u", c->name,
                         m->name, wrapped ? "wrapped" : "clear", decipher ? "decipher" : "encipher",
                         part);
        cr_assert(g->s.gr[2] == RESULT + bytes && g->s.gr[4] == SOURCE + bytes && !g->s.gr[5]);
    }
}

Test(crypto_cipher, modes) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned c = 0; c < ZF_ARRAY_LENGTH(ciphers); c++) {
        for (unsigned m = 0; m < ZF_ARRAY_LENGTH(modes); m++) {
            for (unsigned way = 0; way < 4; way++) {
                check_mode(&g, &ciphers[c], &modes[m], way & 1, way & 2);
            }
        }
    }
    crypto_close(&g);
}

/* The library has no counter mode for TDEA: the counters in its ECB. */
Test(crypto_cipher, counters) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned i = 0; i < 2 * ZF_ARRAY_LENGTH(ciphers); i++) {
        const struct cipher *c = &ciphers[i / 2];
        unsigned bytes = UNITS * c->block;
        uint8_t key[32], text[UNITS * 16], counter[UNITS * 16], stream[UNITS * 16];
        crypto_fill(key, sizeof key, i);
        crypto_fill(text, sizeof text, i + 1);
        crypto_fill(counter, sizeof counter, i + 2);
        reference(c, "ecb", false, key, NULL, counter, stream, bytes);
        unsigned code = put_block(&g, c, 0, i & 1, key);
        memcpy(crypto_at(&g, SOURCE), text, bytes);
        memcpy(crypto_at(&g, COUNTER), counter, bytes);
        crypto_operands(&g, bytes);
        cr_assert_eq(crypto_run(&g, KMCTR, code | 0x80), 0);
        for (unsigned k = 0; k < bytes; k++) {
            cr_assert_eq(*crypto_at(&g, RESULT + k), text[k] ^ stream[k]);
        }
        cr_assert_eq(g.s.gr[6], COUNTER + bytes);
    }
    crypto_close(&g);
}

static void check_xts(struct crypto *g, unsigned key_bytes, bool wrapped, bool decipher,
                      bool full) {
    unsigned bytes = UNITS * 16, wrap = key_bytes == 16 ? 18 : 20, at = key_bytes;
    uint64_t code = (key_bytes == 16 ? 50u : 52u) + (wrapped ? 8 : 0);
    uint8_t key[64], tweak[16], text[UNITS * 16], expected[UNITS * 16];
    int n;
    crypto_fill(key, sizeof key, 7 + key_bytes);
    crypto_fill(tweak, sizeof tweak, 8);
    crypto_fill(text, sizeof text, 9);
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    cr_assert(EVP_CipherInit_ex(x, key_bytes == 16 ? EVP_aes_128_xts() : EVP_aes_256_xts(), NULL,
                                key, tweak, !decipher) &&
              EVP_CipherUpdate(x, expected, &n, text, (int)bytes));
    EVP_CIPHER_CTX_free(x);
    if (full) {
        code += 32;
        at = 2 * key_bytes + 32;
        memcpy(crypto_at(g, BLOCK), key, 2 * key_bytes);
        if (wrapped) { /* the pattern comes last */
            crypto_wrap(g, key_bytes == 16 ? 21 : 22, 0, key, 2 * key_bytes);
            memcpy(crypto_at(g, BLOCK + at), crypto_at(g, BLOCK + 2 * key_bytes), 32);
        }
        memcpy(crypto_at(g, BLOCK + at - 32), tweak, 16);
        memset(crypto_at(g, BLOCK + at - 16), 0, 16);
        *crypto_at(g, BLOCK + at - 16) = 1;
    } else {
        /* the tweak for the first block, from the second key */
        memset(crypto_at(g, BLOCK), 0, 256);
        memcpy(crypto_at(g, BLOCK), key + key_bytes, key_bytes);
        if (wrapped) {
            at += crypto_wrap(g, wrap, 0, key + key_bytes, key_bytes);
        }
        memcpy(crypto_at(g, BLOCK + at), tweak, 16);
        crypto_operands(g, 0);
        cr_assert_eq(crypto_run(g, PCC, code), 0);
        memcpy(tweak, crypto_at(g, BLOCK + at + 48), 16);
        memcpy(crypto_at(g, BLOCK), key, key_bytes);
        if (wrapped) {
            crypto_wrap(g, wrap, 0, key, key_bytes);
        }
        memcpy(crypto_at(g, BLOCK + at), tweak, 16);
    }
    memcpy(crypto_at(g, SOURCE), text, bytes);
    crypto_operands(g, 48);
    cr_assert_eq(crypto_run(g, KM, code | (decipher ? 0x80 : 0)), 0);
    g->s.gr[5] = bytes - 48;
    cr_assert_eq(crypto_run(g, KM, code | (decipher ? 0x80 : 0)), 0);
    cr_assert_arr_eq(crypto_at(g, RESULT), expected, bytes, "code %u", (unsigned)code);
}

Test(crypto_cipher, xts) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned i = 0; i < 16; i++) {
        check_xts(&g, i & 1 ? 32 : 16, i & 2, i & 4, i & 8);
    }
    crypto_close(&g);
}

/* The parameter for block j is what deciphers block j alone. */
Test(crypto_cipher, xts_parameter) {
    struct crypto g;
    uint8_t key[64], tweak[16], text[UNITS * 16], expected[UNITS * 16];
    int n;
    crypto_open(&g);
    crypto_fill(key, sizeof key, 1);
    crypto_fill(tweak, sizeof tweak, 2);
    crypto_fill(text, sizeof text, 3);
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    cr_assert(EVP_EncryptInit_ex(x, EVP_aes_256_xts(), NULL, key, tweak) &&
              EVP_EncryptUpdate(x, expected, &n, text, sizeof text));
    EVP_CIPHER_CTX_free(x);
    for (unsigned j = 0; j < UNITS; j++) {
        memset(crypto_at(&g, BLOCK), 0, 256);
        memcpy(crypto_at(&g, BLOCK), key + 32, 32);
        memcpy(crypto_at(&g, BLOCK + 32), tweak, 16);
        *crypto_at(&g, BLOCK + 63) = (uint8_t)j;
        crypto_operands(&g, 0);
        cr_assert_eq(crypto_run(&g, PCC, 52), 0);
        cr_assert_eq(*crypto_at(&g, BLOCK + 79), 128);
        memcpy(crypto_at(&g, BLOCK + 32), crypto_at(&g, BLOCK + 80), 16);
        memcpy(crypto_at(&g, BLOCK), key, 32);
        memcpy(crypto_at(&g, SOURCE), text + 16 * j, 16);
        crypto_operands(&g, 16);
        cr_assert_eq(crypto_run(&g, KM, 52), 0);
        cr_assert_arr_eq(crypto_at(&g, RESULT), expected + 16 * j, 16, "block %u", j);
    }
    *crypto_at(&g, BLOCK + 63) = 1;
    *crypto_at(&g, BLOCK + 79) = 128;
    cr_assert_eq(crypto_run(&g, PCC, 52), 2, "the bit index is out of range");
    crypto_close(&g);
}

static size_t reference_cmac(const struct cipher *c, const uint8_t *key, const uint8_t *text,
                             size_t bytes, uint8_t *mac) {
    char name[32];
    uint8_t whole[32];
    size_t length = 0;
    snprintf(name, sizeof name, "%s-cbc", c->name);
    whole_key(c, key, whole);
    OSSL_PARAM parameters[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
                               OSSL_PARAM_END};
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *x = EVP_MAC_CTX_new(algorithm);
    cr_assert(EVP_MAC_init(x, whole, c->block == 8 ? 24 : c->key, parameters) &&
              EVP_MAC_update(x, text, bytes) && EVP_MAC_final(x, mac, &length, 16));
    EVP_MAC_CTX_free(x);
    EVP_MAC_free(algorithm);
    return length;
}

/* Whole blocks with KMAC, the rest with PCC. */
static void check_cmac(struct crypto *g, const struct cipher *c, bool wrapped, unsigned bytes) {
    uint8_t key[32], text[64], expected[16];
    unsigned last = bytes ? (bytes - 1) / c->block * c->block : 0;
    crypto_fill(key, sizeof key, bytes);
    crypto_fill(text, sizeof text, bytes + 1);
    reference_cmac(c, key, text, bytes, expected);
    memset(crypto_at(g, BLOCK), 0, 256);
    unsigned code = put_block(g, c, c->block, wrapped, key);
    memcpy(crypto_at(g, SOURCE), text, bytes);
    crypto_operands(g, last);
    cr_assert_eq(crypto_run(g, KMAC, code), 0);
    memmove(crypto_at(g, BLOCK + 8 + c->block), crypto_at(g, BLOCK), c->block);
    put_block(g, c, 8 + 2 * c->block, wrapped, key);
    *crypto_at(g, BLOCK) = (uint8_t)(8 * (bytes - last));
    memset(crypto_at(g, BLOCK + 8), 0xff, c->block);
    memcpy(crypto_at(g, BLOCK + 8), text + last, bytes - last);
    cr_assert_eq(crypto_run(g, PCC, code), 0);
    cr_assert_arr_eq(crypto_at(g, BLOCK + 8 + c->block), expected, c->block, "%s, %u bytes",
                     c->name, bytes);
    *crypto_at(g, BLOCK) = (uint8_t)(8 * c->block + 1);
    cr_assert_eq(crypto_run(g, PCC, code), 2);
}

Test(crypto_cipher, cmac) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned c = 0; c < ZF_ARRAY_LENGTH(ciphers); c++) {
        for (unsigned bytes = 0; bytes <= 40; bytes++) {
            check_cmac(&g, &ciphers[c], bytes & 1, bytes);
        }
    }
    crypto_close(&g);
}

struct gcm {
    const uint8_t *key, *iv, *data, *text;
    unsigned key_bytes, data_bytes, text_bytes;
};

static void reference_gcm(const struct gcm *m, uint8_t *out, uint8_t *tag) {
    int n;
    const EVP_CIPHER *cipher = m->key_bytes == 16   ? EVP_aes_128_gcm()
                               : m->key_bytes == 24 ? EVP_aes_192_gcm()
                                                    : EVP_aes_256_gcm();
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    cr_assert(EVP_EncryptInit_ex(x, cipher, NULL, m->key, m->iv) &&
              EVP_EncryptUpdate(x, NULL, &n, m->data, (int)m->data_bytes) &&
              EVP_EncryptUpdate(x, out, &n, m->text, (int)m->text_bytes) &&
              EVP_EncryptFinal(x, out + n, &n) &&
              EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, 16, tag));
    EVP_CIPHER_CTX_free(x);
}

/* Data and text each in two executions. */
static void check_gcm(struct crypto *g, const struct gcm *m, bool wrapped, bool decipher) {
    uint8_t expected[64], tag[16];
    unsigned code = m->key_bytes / 8 + 16, data = m->data_bytes / 32 * 16,
             text = m->text_bytes / 32 * 16;
    reference_gcm(m, expected, tag);
    memset(crypto_at(g, BLOCK), 0, 80);
    *crypto_at(g, BLOCK + 15) = 1;
    zf_put64(crypto_at(g, BLOCK + 48), 8 * m->data_bytes);
    zf_put64(crypto_at(g, BLOCK + 56), 8 * m->text_bytes);
    memcpy(crypto_at(g, BLOCK + 64), m->iv, 12);
    *crypto_at(g, BLOCK + 79) = 1;
    memcpy(crypto_at(g, BLOCK + 80), m->key, m->key_bytes);
    if (wrapped) {
        crypto_wrap(g, code, 80, m->key, m->key_bytes);
        code += 8;
    }
    memcpy(crypto_at(g, SOURCE), decipher ? expected : m->text, m->text_bytes);
    memcpy(crypto_at(g, COUNTER), m->data, m->data_bytes);
    code |= decipher ? 0x80 : 0;
    crypto_operands(g, 0);
    g->s.gr[7] = data;
    cr_assert_eq(crypto_run(g, KMA, code), 0);
    uint64_t supplied = g->s.gr[0] & 0x400;
    g->s.gr[7] = m->data_bytes - data;
    g->s.gr[5] = text;
    cr_assert_eq(crypto_run(g, KMA, code | supplied | 0x200), 0);
    g->s.gr[5] = m->text_bytes - text;
    cr_assert_eq(crypto_run(g, KMA, code | (g->s.gr[0] & 0x400) | 0x300), 0);
    cr_assert_arr_eq(crypto_at(g, RESULT), decipher ? m->text : expected, m->text_bytes);
    cr_assert_arr_eq(crypto_at(g, BLOCK + 16), tag, 16, "the tag");
}

Test(crypto_cipher, gcm) {
    struct crypto g;
    uint8_t key[32], iv[12], data[64], text[64];
    crypto_open(&g);
    crypto_fill(key, sizeof key, 1);
    crypto_fill(iv, sizeof iv, 2);
    crypto_fill(data, sizeof data, 3);
    crypto_fill(text, sizeof text, 4);
    for (unsigned i = 0; i < 12 * 25; i++) {
        struct gcm m = {key, iv, data, text, 16 + 8 * (i % 3), i / 12 % 5 * 11, i / 60 * 13};
        check_gcm(&g, &m, i / 3 & 1, i / 6 & 1);
    }
    crypto_operands(&g, 8);
    crypto_refused(&g, KMA, 18);
    crypto_refused(&g, KMA, 18 | 0x200);
    g.s.gr[7] = 8;
    crypto_refused(&g, KMA, 18 | 0x100);
    crypto_close(&g);
}

/* More than one unit of operation, of zeros: as at once. */
Test(crypto_cipher, partial) {
    enum { BYTES = 0x30000, ZEROS = 0x10000 };
    static const uint8_t zero[BYTES];
    static uint8_t expected[BYTES];
    struct crypto g;
    uint8_t key[16];
    crypto_open(&g);
    crypto_fill(key, sizeof key, 1);
    reference(&ciphers[3], "cbc", false, key, zero, zero, expected, BYTES);
    memset(crypto_at(&g, BLOCK), 0, 16);
    memcpy(crypto_at(&g, BLOCK + 16), key, 16);
    crypto_operands(&g, BYTES);
    g.s.gr[4] = ZEROS;
    cr_assert_eq(crypto_run(&g, KMAC, 18), 0);
    cr_assert(g.partial > 1);
    cr_assert_eq(g.s.gr[4], ZEROS + BYTES);
    cr_assert_arr_eq(crypto_at(&g, BLOCK), expected + BYTES - 16, 16);
    crypto_close(&g);
}

/* Another machine's pattern, and a key that was tampered with. */
Test(crypto_cipher, pattern_mismatch) {
    struct crypto g;
    uint8_t key[32];
    crypto_open(&g);
    crypto_fill(key, sizeof key, 1);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(ciphers); i++) {
        const struct cipher *c = &ciphers[i];
        unsigned pattern = crypto_wrap(&g, c->code, 0, key, c->key);
        memset(crypto_at(&g, RESULT), 0x55, c->block);
        *crypto_at(&g, BLOCK + c->key + pattern - 1) ^= 1;
        crypto_operands(&g, c->block);
        cr_assert_eq(crypto_run(&g, KM, c->code + 8), 1);
        cr_assert(g.s.gr[5] == c->block && *crypto_at(&g, RESULT) == 0x55);
        g.s.gr[5] = 0;
        cr_assert_eq(crypto_run(&g, KM, c->code + 8), 0, "nothing to do comes first");
    }
    crypto_close(&g);
}
