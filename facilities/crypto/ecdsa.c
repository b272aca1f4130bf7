/*
 * COMPUTE DIGITAL SIGNATURE AUTHENTICATION, ECDSA (FIPS 186). The parameter block: R, S, hashed
 * message, then the public key's x and y, or the private key and a random number, and the private
 * key's pattern. With the modifier the random number is the signature's secret one; without it the
 * machine takes one of its own.
 */
#include "crypto/curve.h"
#include "crypto/wrap.h"

#include <openssl/crypto.h>

enum { R, S, HASH, PUBLIC_X, PUBLIC_Y, PRIVATE = PUBLIC_X, RANDOM, FIELDS };

/* One signature: all numbers, freed together. */
struct ecdsa {
    EC_GROUP *group;
    EC_POINT *point, *key;
    BN_CTX *numbers;
    const BIGNUM *order;
    BIGNUM *field[FIELDS];
    BIGNUM *t; /* temporary */
    int bytes;
};

static bool open_ecdsa(struct ecdsa *e, enum zf_algorithm curve, const uint8_t *p) {
    *e = (struct ecdsa){.group = zf_curve_group(curve), .numbers = BN_CTX_secure_new()};
    e->bytes = (int)zf_curve_bytes(curve);
    if (!e->group || !e->numbers) {
        return false;
    }
    BN_CTX_start(e->numbers);
    e->order = EC_GROUP_get0_order(e->group);
    e->point = EC_POINT_new(e->group);
    e->key = EC_POINT_new(e->group);
    for (unsigned i = 0; i < FIELDS; i++) {
        e->field[i] = BN_CTX_get(e->numbers);
        if (!e->field[i] || !BN_bin2bn(p + i * (unsigned)e->bytes, e->bytes, e->field[i])) {
            return false;
        }
    }
    e->t = BN_CTX_get(e->numbers);
    return e->t && e->point && e->key;
}

static void close_ecdsa(struct ecdsa *e) {
    EC_POINT_free(e->key);
    EC_POINT_free(e->point);
    EC_GROUP_free(e->group);
    if (e->numbers) {
        BN_CTX_end(e->numbers);
        BN_CTX_free(e->numbers);
    }
}

/* From 1 to the order less 1. */
static bool in_range(const struct ecdsa *e, const BIGNUM *n) {
    return !BN_is_zero(n) && BN_cmp(n, e->order) < 0;
}

/* x <- the point's x coordinate modulo the order; false when the point is infinity */
static bool reduced_x(struct ecdsa *e, BIGNUM *x) {
    return EC_POINT_get_affine_coordinates(e->group, e->point, x, NULL, e->numbers) &&
           BN_nnmod(x, x, e->order, e->numbers);
}

/* u1 <- hash / s, u2 <- r / s; r is the x coordinate of u1 times the base plus u2 times the key */
static bool verify(struct ecdsa *e) {
    BIGNUM *r = e->field[R], *s = e->field[S], *u1 = e->field[HASH], *u2 = e->t;
    return in_range(e, r) && in_range(e, s) &&
           EC_POINT_set_affine_coordinates(e->group, e->key, e->field[PUBLIC_X], e->field[PUBLIC_Y],
                                           e->numbers) &&
           BN_mod_inverse(s, s, e->order, e->numbers) &&
           BN_mod_mul(u1, u1, s, e->order, e->numbers) &&
           BN_mod_mul(u2, r, s, e->order, e->numbers) &&
           EC_POINT_mul(e->group, e->point, u1, e->key, u2, e->numbers) && reduced_x(e, u1) &&
           !BN_cmp(u1, r);
}

/* r <- x coordinate of k times the base, s <- (hash + r times the key) / k */
static bool sign(struct ecdsa *e, const BIGNUM *k) {
    BIGNUM *r = e->field[R], *s = e->field[S];
    return in_range(e, k) && in_range(e, e->field[PRIVATE]) &&
           EC_POINT_mul(e->group, e->point, k, NULL, NULL, e->numbers) && reduced_x(e, r) &&
           BN_mod_mul(s, r, e->field[PRIVATE], e->order, e->numbers) &&
           BN_mod_add(s, s, e->field[HASH], e->order, e->numbers) &&
           BN_mod_inverse(e->t, k, e->order, e->numbers) &&
           BN_mod_mul(s, s, e->t, e->order, e->numbers) && in_range(e, r) && in_range(e, s);
}

static bool sign_block(const struct zf_assist *c, uint8_t *p) {
    struct ecdsa e;
    bool good = open_ecdsa(&e, c->f->algorithm, p) &&
                (c->modifier || BN_priv_rand_range(e.field[RANDOM], e.order)) &&
                sign(&e, e.field[RANDOM]) && BN_bn2binpad(e.field[R], p, e.bytes) > 0 &&
                BN_bn2binpad(e.field[S], p + e.bytes, e.bytes) > 0;
    close_ecdsa(&e);
    return good;
}

enum zf_next zf_assist_verify(const struct zf_assist *c) {
    uint8_t p[FIELDS * ZF_CURVE_BYTES_MAX];
    struct ecdsa e;
    if (c->modifier) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load_by(c->cpu, 1, c->block, p, FIELDS * zf_curve_bytes(c->f->algorithm))) {
        return ZF_NEXT_PGM;
    }
    bool good = open_ecdsa(&e, c->f->algorithm, p) && verify(&e);
    close_ecdsa(&e);
    return zf_assist_end(c, good ? 0 : 2);
}

enum zf_next zf_assist_sign(const struct zf_assist *c) {
    uint8_t p[FIELDS * ZF_CURVE_BYTES_MAX + ZF_PATTERN];
    unsigned bytes = zf_curve_bytes(c->f->algorithm);
    if (!zf_load_by(c->cpu, 1, c->block, p, FIELDS * bytes + zf_pattern_bytes(c)) ||
        !zf_probe_by(c->cpu, 1, c->block, 2 * bytes)) {
        return ZF_NEXT_PGM;
    }
    if (!zf_key_unwrap(c, p + PRIVATE * bytes, bytes, p + FIELDS * bytes)) {
        return zf_assist_end(c, 1);
    }
    bool good = sign_block(c, p);
    OPENSSL_cleanse(p + HASH * bytes, sizeof p - HASH * bytes);
    if (!good) {
        return zf_assist_end(c, 2);
    }
    return zf_store_by(c->cpu, 1, c->block, p, 2 * bytes) ? zf_assist_end(c, 0) : ZF_NEXT_PGM;
}
