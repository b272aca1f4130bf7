/*
 * PERFORM CRYPTOGRAPHIC COMPUTATION, scalar multiplication. The parameter block: product, point,
 * scalar; a point is x and y, or the one coordinate of X25519 and X448.
 */
#include "crypto/curve.h"

#include <openssl/crypto.h>
#include <openssl/obj_mac.h>

/* clang-format off */
static const struct {
    uint8_t bytes;
    int group; /* the library's name */
} curves[] = {
    [ZF_ALGORITHM_P256]    = {32, NID_X9_62_prime256v1},
    [ZF_ALGORITHM_P384]    = {48, NID_secp384r1},
    [ZF_ALGORITHM_P521]    = {80, NID_secp521r1},
    [ZF_ALGORITHM_ED25519] = {32, 0},
    [ZF_ALGORITHM_ED448]   = {64, 0},
    [ZF_ALGORITHM_X25519]  = {32, 0},
    [ZF_ALGORITHM_X448]    = {64, 0},
};
/* clang-format on */

unsigned zf_curve_bytes(enum zf_algorithm curve) {
    return curves[curve].bytes;
}

EC_GROUP *zf_curve_group(enum zf_algorithm curve) {
    return EC_GROUP_new_by_curve_name(curves[curve].group);
}

/* The fields: product, point, scalar. */
enum { FIELDS_MAX = 5 };

static bool multiply_prime(enum zf_algorithm curve, uint8_t *p) {
    int bytes = curves[curve].bytes;
    EC_GROUP *group = zf_curve_group(curve);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    BIGNUM *x = BN_bin2bn(p + 2 * bytes, bytes, NULL), *y = BN_bin2bn(p + 3 * bytes, bytes, NULL),
           *scalar = BN_bin2bn(p + 4 * bytes, bytes, NULL);
    bool good = point && x && y && scalar &&
                EC_POINT_set_affine_coordinates(group, point, x, y, NULL) &&
                EC_POINT_mul(group, point, NULL, point, scalar, NULL) &&
                EC_POINT_get_affine_coordinates(group, point, x, y, NULL) &&
                BN_bn2binpad(x, p, bytes) > 0 && BN_bn2binpad(y, p + bytes, bytes) > 0;
    BN_clear_free(scalar);
    BN_free(y);
    BN_free(x);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return good;
}

static bool multiply_edwards(enum zf_algorithm curve, uint8_t *p) {
    int bytes = curves[curve].bytes;
    struct zf_edwards e;
    struct zf_point point, product;
    BIGNUM *scalar = BN_bin2bn(p + 4 * bytes, bytes, NULL);
    bool good = zf_edwards_open(&e, curve) && scalar && zf_edwards_point(&e, &point) &&
                zf_edwards_point(&e, &product) && BN_bin2bn(p + 2 * bytes, bytes, point.x) &&
                BN_bin2bn(p + 3 * bytes, bytes, point.y) && zf_edwards_on_curve(&e, &point) &&
                zf_edwards_multiply(&e, &product, &point, scalar) &&
                zf_edwards_normalize(&e, &product) && BN_bn2binpad(product.x, p, bytes) > 0 &&
                BN_bn2binpad(product.y, p + bytes, bytes) > 0;
    zf_edwards_close(&e);
    BN_clear_free(scalar);
    return good;
}

static bool multiply_montgomery(enum zf_algorithm curve, uint8_t *p) {
    int bytes = curves[curve].bytes;
    struct zf_edwards e;
    BIGNUM *u = BN_bin2bn(p + bytes, bytes, NULL), *scalar = BN_bin2bn(p + 2 * bytes, bytes, NULL);
    bool good = zf_edwards_open(&e, curve) && u && scalar && BN_cmp(u, e.prime) < 0 &&
                zf_montgomery_multiply(&e, u, u, scalar) && BN_bn2binpad(u, p, bytes) > 0;
    zf_edwards_close(&e);
    BN_clear_free(scalar);
    BN_free(u);
    return good;
}

/* `fields` of the parameter block, of which the first `results` are stored. */
static enum zf_next multiply(const struct zf_assist *c, unsigned fields, unsigned results,
                             bool (*function)(enum zf_algorithm curve, uint8_t *p)) {
    uint8_t p[FIELDS_MAX * ZF_CURVE_BYTES_MAX];
    unsigned bytes = zf_curve_bytes(c->f->algorithm);
    if (!zf_load_by(c->cpu, 1, c->block, p, fields * bytes) ||
        !zf_probe_by(c->cpu, 1, c->block, results * bytes)) {
        return ZF_NEXT_PGM;
    }
    bool good = function(c->f->algorithm, p);
    OPENSSL_cleanse(p + results * bytes, sizeof p - results * bytes);
    if (!good) {
        return zf_assist_end(c, 2);
    }
    return zf_store_by(c->cpu, 1, c->block, p, results * bytes) ? zf_assist_end(c, 0) : ZF_NEXT_PGM;
}

enum zf_next zf_assist_multiply(const struct zf_assist *c) {
    return multiply(c, 5, 2, multiply_prime);
}

enum zf_next zf_assist_multiply_edwards(const struct zf_assist *c) {
    return multiply(c, 5, 2, multiply_edwards);
}

enum zf_next zf_assist_multiply_montgomery(const struct zf_assist *c) {
    return multiply(c, 3, 1, multiply_montgomery);
}
