/*
 * Digests, HMAC and random numbers against the library's own interfaces: messages of all lengths
 * about a block's, at once and in parts.
 */
#include "crypto_guest.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

struct digest {
    unsigned code, block, chain, result;
    unsigned length; /* bytes of the length field */
    const char *name;
};

static const struct digest digests[] = {
    {1, 64, 20, 20, 8, "SHA1"},        {2, 64, 32, 32, 8, "SHA256"},
    {3, 128, 64, 64, 16, "SHA512"},    {32, 144, 200, 28, 0, "SHA3-224"},
    {33, 136, 200, 32, 0, "SHA3-256"}, {34, 104, 200, 48, 0, "SHA3-384"},
    {35, 72, 200, 64, 0, "SHA3-512"},
};

static const char *const begins[] = {
    "67452301efcdab8998badcfe10325476c3d2e1f0",
    "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19",
    ("6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1"
     "510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"),
};

static void hex(uint8_t *bytes, const char *text) {
    for (; *text; text += 2) {
        unsigned byte;
        sscanf(text, "%2x", &byte);
        *bytes++ = (uint8_t)byte;
    }
}

/* `first` bytes, whole blocks, with KIMD; the rest with KLMD. */
static void check_digest(struct crypto *g, const struct digest *d, unsigned bytes, unsigned first,
                         bool no_input) {
    uint8_t text[600], expected[64];
    crypto_fill(text, sizeof text, bytes);
    EVP_MD *md = EVP_MD_fetch(NULL, d->name, NULL);
    cr_assert(md && EVP_Digest(text, bytes, expected, NULL, md, NULL));
    EVP_MD_free(md);
    memset(crypto_at(g, BLOCK), no_input ? 0x55 : 0, d->chain);
    if (d->code <= 3) {
        hex(crypto_at(g, BLOCK), begins[d->code - 1]);
    }
    memcpy(crypto_at(g, SOURCE), text, bytes);
    crypto_operands(g, first);
    uint64_t code = d->code | (no_input ? 0xc000 : 0);
    cr_assert_eq(crypto_run(g, KIMD, code), 0);
    g->s.gr[5] = bytes - first;
    memset(crypto_at(g, BLOCK + d->chain), 0, 16);
    zf_put64(crypto_at(g, BLOCK + d->chain + d->length - (d->length ? 8 : 0)), 8 * bytes);
    cr_assert_eq(crypto_run(g, KLMD, first ? d->code : code), 0);
    cr_assert_arr_eq(crypto_at(g, BLOCK), expected, d->result, "%s, %u bytes, %u first", d->name,
                     bytes, first);
    cr_assert(g->s.gr[4] == SOURCE + bytes && !g->s.gr[5]);
}

Test(crypto_digest, all_lengths) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(digests); i++) {
        const struct digest *d = &digests[i];
        for (unsigned bytes = 0; bytes <= 2 * d->block + 3; bytes += bytes % d->block > 3 ? 7 : 1) {
            check_digest(&g, d, bytes, bytes / d->block * d->block, d->code > 3 && bytes & 1);
            check_digest(&g, d, bytes, 0, d->code > 3 && bytes & 2);
        }
        crypto_operands(&g, d->block - 1);
        crypto_refused(&g, KIMD, d->code);
    }
    crypto_close(&g);
}

/* Without the facility the bit is ignored. */
Test(crypto_digest, no_input_before_z17) {
    struct crypto g;
    uint8_t is[32];
    crypto_open(&g);
    memset(crypto_at(&g, BLOCK), 0x55, 200);
    crypto_operands(&g, 0);
    crypto_run(&g, KLMD, 33);
    memcpy(is, crypto_at(&g, BLOCK), sizeof is);
    cr_assert(guest_set_model(g.guest, "z16"));
    memset(crypto_at(&g, BLOCK), 0x55, 200);
    crypto_run(&g, KLMD, 33 | 0x8000);
    cr_assert_arr_eq(crypto_at(&g, BLOCK), is, sizeof is);
    crypto_close(&g);
}

/* Output in two executions: the second has the padding state. */
static void check_shake(struct crypto *g, unsigned code, unsigned bytes, unsigned first,
                        unsigned second) {
    uint8_t text[400], expected[1200];
    unsigned block = code == 36 ? 168 : 136;
    crypto_fill(text, sizeof text, bytes);
    EVP_MD_CTX *x = EVP_MD_CTX_new();
    cr_assert(EVP_DigestInit(x, code == 36 ? EVP_shake128() : EVP_shake256()) &&
              EVP_DigestUpdate(x, text, bytes) &&
              EVP_DigestFinalXOF(x, expected, first * block + second));
    EVP_MD_CTX_free(x);
    memset(crypto_at(g, BLOCK), 0, 200);
    memcpy(crypto_at(g, SOURCE), text, bytes);
    crypto_operands(g, bytes);
    g->s.gr[3] = first * block;
    cr_assert_eq(crypto_run(g, KLMD, code), 0);
    cr_assert_eq(g->s.gr[0], code | 0x100u);
    g->s.gr[3] = second;
    cr_assert_eq(crypto_run(g, KLMD, g->s.gr[0]), 0);
    cr_assert_arr_eq(crypto_at(g, RESULT), expected, first * block + second,
                     "code %u, %u bytes, %u blocks and %u", code, bytes, first, second);
    cr_assert(g->s.gr[2] == RESULT + first * block + second && !g->s.gr[3]);
}

Test(crypto_digest, shake) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned code = 36; code <= 37; code++) {
        for (unsigned bytes = 0; bytes < 400; bytes += 27) {
            check_shake(&g, code, bytes, 1 + bytes % 3, bytes);
        }
        check_shake(&g, code, 168, 1, 0);
        check_shake(&g, code, 136, 2, 1);
    }
    crypto_close(&g);
}

static void check_hmac(struct crypto *g, unsigned i, bool wrapped, unsigned bytes, unsigned first) {
    static const char *const names[] = {"SHA224", "SHA256", "SHA384", "SHA512"};
    static const uint8_t results[] = {28, 32, 48, 64};
    unsigned block = i < 2 ? 64 : 128, key = block / 2 + block / 8;
    uint8_t secret[128], text[400], expected[64];
    crypto_fill(secret, sizeof secret, bytes);
    crypto_fill(text, sizeof text, bytes + 1);
    HMAC(EVP_get_digestbyname(names[i]), secret, (int)block, text, bytes, expected, NULL);
    memset(crypto_at(g, BLOCK), 0, key);
    memcpy(crypto_at(g, BLOCK + key), secret, block);
    if (wrapped) {
        crypto_wrap(g, i < 2 ? 118 : 122, key, secret, block);
    }
    memcpy(crypto_at(g, SOURCE), text, bytes);
    crypto_operands(g, first);
    uint64_t code = 112 + i + (wrapped ? 8 : 0);
    cr_assert_eq(crypto_run(g, KMAC, code | 0x4000), 0);
    code |= g->s.gr[0] & 0x8000;
    zf_put64(crypto_at(g, BLOCK + key - 8), 8 * bytes);
    g->s.gr[5] = bytes - first;
    cr_assert_eq(crypto_run(g, KMAC, code), 0);
    cr_assert_arr_eq(crypto_at(g, BLOCK), expected, results[i], "%s, %u bytes, %u first", names[i],
                     bytes, first);
}

Test(crypto_digest, hmac) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned i = 0; i < 4; i++) {
        unsigned block = i < 2 ? 64 : 128;
        for (unsigned bytes = 0; bytes<300; bytes += bytes % block> 2 ? 13 : 1) {
            check_hmac(&g, i, bytes & 1, bytes, 0);
            check_hmac(&g, i, bytes & 2, bytes, bytes / block * block);
        }
        crypto_operands(&g, block + 1);
        crypto_refused(&g, KMAC, (112 + i) | 0x4000);
    }
    crypto_close(&g);
}

/* More than one unit of operation of zeros, and of output. */
Test(crypto_digest, partial) {
    enum { BYTES = 0x30001, ZEROS = 0x10000 };
    static const uint8_t zero[BYTES];
    struct crypto g;
    uint8_t expected[64];
    crypto_open(&g);
    EVP_Digest(zero, BYTES, expected, NULL, EVP_sha3_512(), NULL);
    memset(crypto_at(&g, BLOCK), 0x55, 200);
    crypto_operands(&g, BYTES);
    g.s.gr[4] = ZEROS;
    cr_assert_eq(crypto_run(&g, KLMD, 35 | 0x8000), 0);
    cr_assert(g.partial > 1);
    cr_assert_arr_eq(crypto_at(&g, BLOCK), expected, 64);
    crypto_close(&g);
}
