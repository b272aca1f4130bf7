/*
 * Elliptic curves: key agreement and signatures against the library's keys, which know nothing of
 * how the instructions compute.
 */
#include "crypto_guest.h"

#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

struct curve {
    unsigned number; /* 0, 1, 2: what the function codes count from */
    unsigned field;  /* bytes in the parameter block */
    unsigned size;   /* bytes of a coordinate */
    const char *name;
};

static const struct curve curves[] = {
    {0, 32, 32, "P-256"}, {1, 48, 48, "P-384"}, {2, 80, 66, "P-521"}};

static EVP_PKEY *new_key(const struct curve *c) {
    EVP_PKEY *key = EVP_EC_gen(c->name);
    cr_assert(key);
    return key;
}

static void get_number(EVP_PKEY *key, const char *name, uint8_t *field, unsigned bytes) {
    BIGNUM *n = NULL;
    cr_assert(EVP_PKEY_get_bn_param(key, name, &n));
    cr_assert(BN_bn2binpad(n, field, (int)bytes) > 0);
    BN_clear_free(n);
}

/* A shared secret is the x coordinate of the other's point times one's own number. */
static void check_agreement(struct crypto *g, const struct curve *c) {
    EVP_PKEY *own = new_key(c), *other = new_key(c);
    uint8_t secret[66];
    size_t length = sizeof secret;
    EVP_PKEY_CTX *x = EVP_PKEY_CTX_new(own, NULL);
    cr_assert(EVP_PKEY_derive_init(x) > 0 && EVP_PKEY_derive_set_peer(x, other) > 0 &&
              EVP_PKEY_derive(x, secret, &length) > 0);
    EVP_PKEY_CTX_free(x);
    memset(crypto_at(g, BLOCK), 0, 5 * c->field);
    get_number(other, OSSL_PKEY_PARAM_EC_PUB_X, crypto_at(g, BLOCK + 2 * c->field), c->field);
    get_number(other, OSSL_PKEY_PARAM_EC_PUB_Y, crypto_at(g, BLOCK + 3 * c->field), c->field);
    get_number(own, OSSL_PKEY_PARAM_PRIV_KEY, crypto_at(g, BLOCK + 4 * c->field), c->field);
    crypto_operands(g, 0);
    cr_assert_eq(crypto_run(g, PCC, 64 + c->number), 0);
    cr_assert_arr_eq(crypto_at(g, BLOCK + c->field - c->size), secret, length, "%s", c->name);
    *crypto_at(g, BLOCK + 4 * c->field - 1) ^= 1;
    cr_assert_eq(crypto_run(g, PCC, 64 + c->number), 2, "a point that is not on the curve");
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
}

/* The library's verdict on R and S in the parameter block. */
static bool library_verifies(struct crypto *g, const struct curve *c, EVP_PKEY *key,
                             const uint8_t *hash) {
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *der = NULL;
    ECDSA_SIG_set0(sig, BN_bin2bn(crypto_at(g, BLOCK), (int)c->field, NULL),
                   BN_bin2bn(crypto_at(g, BLOCK + c->field), (int)c->field, NULL));
    int length = i2d_ECDSA_SIG(sig, &der);
    EVP_PKEY_CTX *x = EVP_PKEY_CTX_new(key, NULL);
    bool good =
        EVP_PKEY_verify_init(x) > 0 && EVP_PKEY_verify(x, der, (size_t)length, hash, 32) == 1;
    EVP_PKEY_CTX_free(x);
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    return good;
}

static void library_signs(struct crypto *g, const struct curve *c, EVP_PKEY *key,
                          const uint8_t *hash) {
    uint8_t der[160];
    size_t length = sizeof der;
    const unsigned char *at = der;
    EVP_PKEY_CTX *x = EVP_PKEY_CTX_new(key, NULL);
    cr_assert(EVP_PKEY_sign_init(x) > 0 && EVP_PKEY_sign(x, der, &length, hash, 32) > 0);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)length);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), crypto_at(g, BLOCK), (int)c->field);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), crypto_at(g, BLOCK + c->field), (int)c->field);
    ECDSA_SIG_free(sig);
    EVP_PKEY_CTX_free(x);
}

static void check_ecdsa(struct crypto *g, const struct curve *c, bool wrapped) {
    EVP_PKEY *key = new_key(c);
    uint8_t hash[32], private_key[80];
    unsigned code = 9 + c->number;
    crypto_fill(hash, sizeof hash, c->number);
    memset(crypto_at(g, BLOCK), 0, ROOM);
    memcpy(crypto_at(g, BLOCK + 3 * c->field - sizeof hash), hash, sizeof hash);
    get_number(key, OSSL_PKEY_PARAM_PRIV_KEY, private_key, c->field);
    memcpy(crypto_at(g, BLOCK + 3 * c->field), private_key, c->field);
    crypto_operands(g, 0);
    if (wrapped) { /* the pattern comes after the random number */
        crypto_wrap(g, 32 + c->number, 3 * c->field, private_key, c->field);
        memcpy(crypto_at(g, BLOCK + 5 * c->field), crypto_at(g, BLOCK + 4 * c->field), 32);
        code += 8;
    }
    cr_assert_eq(crypto_run(g, KDSA, code), 0);
    cr_assert(library_verifies(g, c, key, hash), "%s", c->name);
    /* with a random number of one's own it is the same every time; zero is none */
    memset(crypto_at(g, BLOCK + 4 * c->field), 0, c->field);
    cr_assert_eq(crypto_run(g, KDSA, code | 0x80), 2);
    *crypto_at(g, BLOCK + 5 * c->field - 1) = 99;
    cr_assert_eq(crypto_run(g, KDSA, code | 0x80), 0);
    cr_assert(library_verifies(g, c, key, hash), "%s", c->name);
    if (wrapped) {
        *crypto_at(g, BLOCK + 5 * c->field) ^= 1;
        cr_assert_eq(crypto_run(g, KDSA, code), 1);
    }
    library_signs(g, c, key, hash);
    get_number(key, OSSL_PKEY_PARAM_EC_PUB_X, crypto_at(g, BLOCK + 3 * c->field), c->field);
    get_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, crypto_at(g, BLOCK + 4 * c->field), c->field);
    cr_assert_eq(crypto_run(g, KDSA, 1 + c->number), 0);
    *crypto_at(g, BLOCK + 3 * c->field - 1) ^= 1;
    cr_assert_eq(crypto_run(g, KDSA, 1 + c->number), 2, "another hash");
    EVP_PKEY_free(key);
}

Test(crypto_public, prime_curves) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(curves); i++) {
        check_agreement(&g, &curves[i]);
        check_ecdsa(&g, &curves[i], false);
        check_ecdsa(&g, &curves[i], true);
    }
    crypto_close(&g);
}

/* Byte strings of RFC 7748 and RFC 8032 to fields, and back. */
static void reverse(uint8_t *to, unsigned field, const uint8_t *from, unsigned bytes) {
    memset(to, 0, field);
    for (unsigned i = 0; i < bytes; i++) {
        to[field - 1 - i] = from[i];
    }
}

static void check_montgomery(struct crypto *g, int type, unsigned bytes, unsigned field,
                             unsigned code) {
    uint8_t own[56], other[56], point[56], secret[56];
    size_t length = sizeof point;
    crypto_fill(own, bytes, code);
    crypto_fill(other, bytes, code + 1);
    EVP_PKEY *a = EVP_PKEY_new_raw_private_key(type, NULL, own, bytes),
             *b = EVP_PKEY_new_raw_private_key(type, NULL, other, bytes);
    EVP_PKEY_CTX *x = EVP_PKEY_CTX_new(a, NULL);
    cr_assert(EVP_PKEY_get_raw_public_key(b, point, &length));
    length = sizeof secret;
    cr_assert(EVP_PKEY_derive_init(x) > 0 && EVP_PKEY_derive_set_peer(x, b) > 0 &&
              EVP_PKEY_derive(x, secret, &length) > 0);
    EVP_PKEY_CTX_free(x);
    EVP_PKEY_free(a);
    EVP_PKEY_free(b);
    /* the instruction takes the number as it is */
    own[0] &= bytes == 32 ? 0xf8 : 0xfc;
    own[bytes - 1] = (uint8_t)(bytes == 32 ? (own[31] & 0x7f) | 0x40 : own[55] | 0x80);
    reverse(crypto_at(g, BLOCK + field), field, point, bytes);
    reverse(crypto_at(g, BLOCK + 2 * field), field, own, bytes);
    crypto_operands(g, 0);
    cr_assert_eq(crypto_run(g, PCC, code), 0);
    uint8_t expected[64];
    reverse(expected, field, secret, bytes);
    cr_assert_arr_eq(crypto_at(g, BLOCK), expected, field, "code %u", code);
    memset(crypto_at(g, BLOCK + field), 0xff, field);
    cr_assert_eq(crypto_run(g, PCC, code), 2, "not less than the prime");
}

Test(crypto_public, montgomery) {
    struct crypto g;
    crypto_open(&g);
    check_montgomery(&g, EVP_PKEY_X25519, 32, 32, 80);
    check_montgomery(&g, EVP_PKEY_X448, 56, 64, 81);
    crypto_close(&g);
}

struct edwards {
    int type;
    unsigned bytes, field, verify, sign, wrap;
};

static const struct edwards edwards[] = {
    {EVP_PKEY_ED25519, 32, 32, 32, 40, 40},
    {EVP_PKEY_ED448, 57, 64, 36, 44, 41},
};

static void check_eddsa(struct crypto *g, const struct edwards *e, unsigned bytes, uint64_t at,
                        bool wrapped) {
    static uint8_t text[0x20000];
    uint8_t own[64] = {0}, public_key[57], sig[114], expected[128];
    size_t length = sizeof sig, n = sizeof public_key;
    memset(text, 0, sizeof text);
    if (at == SOURCE) {
        crypto_fill(text, bytes, bytes);
        memcpy(crypto_at(g, SOURCE), text, bytes);
    }
    crypto_fill(own + e->field - e->bytes, e->bytes, bytes + 1);
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(e->type, NULL, own + e->field - e->bytes, e->bytes);
    EVP_MD_CTX *x = EVP_MD_CTX_new();
    cr_assert(EVP_DigestSignInit(x, NULL, NULL, NULL, key) > 0 &&
              EVP_DigestSign(x, sig, &length, text, bytes) > 0 &&
              EVP_PKEY_get_raw_public_key(key, public_key, &n));
    EVP_MD_CTX_free(x);
    EVP_PKEY_free(key);
    reverse(expected, e->field, sig, e->bytes);
    reverse(expected + e->field, e->field, sig + e->bytes, e->bytes);
    memset(crypto_at(g, BLOCK), 0, ROOM);
    memcpy(crypto_at(g, BLOCK + 2 * e->field), own, e->field);
    crypto_operands(g, bytes);
    g->s.gr[4] = at;
    if (wrapped) {
        crypto_wrap(g, e->wrap, 2 * e->field, own, e->field);
    }
    cr_assert_eq(crypto_run(g, KDSA, e->sign + (wrapped ? 8 : 0)), 0);
    cr_assert_arr_eq(crypto_at(g, BLOCK), expected, 2 * e->field, "code %u, %u bytes", e->sign,
                     bytes);
    cr_assert(g->s.gr[4] == at + bytes && !g->s.gr[5]);
    reverse(crypto_at(g, BLOCK + 2 * e->field), e->field, public_key, e->bytes);
    memset(crypto_at(g, BLOCK + 3 * e->field), 0, 64);
    crypto_operands(g, bytes);
    g->s.gr[4] = at;
    cr_assert_eq(crypto_run(g, KDSA, e->verify), 0);
    *crypto_at(g, BLOCK + 3 * e->field - 1) ^= 1;
    crypto_operands(g, bytes);
    g->s.gr[4] = at;
    cr_assert_eq(crypto_run(g, KDSA, e->verify), 2, "another key");
}

Test(crypto_public, edwards) {
    struct crypto g;
    crypto_open(&g);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(edwards); i++) {
        check_eddsa(&g, &edwards[i], 0, SOURCE, false);
        check_eddsa(&g, &edwards[i], 33, SOURCE, true);
        check_eddsa(&g, &edwards[i], 1500, SOURCE, false);
        check_eddsa(&g, &edwards[i], 0x10123, 0x10000, false);
        cr_assert(g.partial > 1);
    }
    crypto_close(&g);
}

/* A public key is the base times the clamped hash of the private key: RFC 8032, test 1. */
Test(crypto_public, edwards_multiply) {
    static const char *const base[] = {
        "216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a",
        "6666666666666666666666666666666666666666666666666666666666666658",
    };
    struct crypto g;
    uint8_t own[32], hash[64], public_key[32], is[32];
    size_t n = sizeof public_key;
    crypto_open(&g);
    crypto_fill(own, sizeof own, 5);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, own, sizeof own);
    cr_assert(EVP_PKEY_get_raw_public_key(key, public_key, &n));
    EVP_PKEY_free(key);
    EVP_Digest(own, sizeof own, hash, NULL, EVP_sha512(), NULL);
    hash[0] &= 0xf8;
    hash[31] = (uint8_t)((hash[31] & 0x7f) | 0x40);
    for (unsigned i = 0; i < 2; i++) {
        BIGNUM *number = NULL;
        BN_hex2bn(&number, base[i]);
        BN_bn2binpad(number, crypto_at(&g, BLOCK + 64 + 32 * i), 32);
        BN_free(number);
    }
    reverse(crypto_at(&g, BLOCK + 128), 32, hash, 32);
    crypto_operands(&g, 0);
    cr_assert_eq(crypto_run(&g, PCC, 72), 0);
    reverse(is, 32, crypto_at(&g, BLOCK + 32), 32);
    is[31] |= (uint8_t)(*crypto_at(&g, BLOCK + 31) << 7);
    cr_assert_arr_eq(is, public_key, 32);
    crypto_close(&g);
}
