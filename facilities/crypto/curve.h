/*
 * The elliptic curves. Coordinates and scalars are big-endian fields of parameter blocks, of
 * zf_curve_bytes() each. What computes returns false when the host's memory runs out, too.
 */
#ifndef ZF_CRYPTO_CURVE_H
#define ZF_CRYPTO_CURVE_H

#include "assist/assist.h"

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>

enum { ZF_CURVE_BYTES_MAX = 80 };

/** Bytes of a coordinate, or of a scalar. */
unsigned zf_curve_bytes(enum zf_algorithm curve);

/** The library's group of P256, P384 or P521. */
EC_GROUP *zf_curve_group(enum zf_algorithm curve);

/* A point of an Edwards curve, (x/z, y/z). */
struct zf_point {
    BIGNUM *x, *y, *z;
};

/* A twisted Edwards curve a x² + y² = 1 + d x² y², and its numbers, which zf_edwards_close() frees.
 */
struct zf_edwards {
    BN_CTX *numbers;
    bool negative_a; /* -1, else 1 */
    BIGNUM *prime, *d, *order;
    struct zf_point base;
};

bool zf_edwards_open(struct zf_edwards *e, enum zf_algorithm curve);
void zf_edwards_close(struct zf_edwards *e);

/** A point with numbers of its own: the neutral one. */
bool zf_edwards_point(struct zf_edwards *e, struct zf_point *p);
/** p <- p + q; both may be the same. */
bool zf_edwards_add(struct zf_edwards *e, struct zf_point *p, const struct zf_point *q);
/** product <- p times scalar, which is not negative. */
bool zf_edwards_multiply(struct zf_edwards *e, struct zf_point *product, const struct zf_point *p,
                         const BIGNUM *scalar);
/** Makes z one. */
bool zf_edwards_normalize(struct zf_edwards *e, struct zf_point *p);
/** Whether an affine point is on the curve. */
bool zf_edwards_on_curve(struct zf_edwards *e, const struct zf_point *p);

/** The scalar multiplication of RFC 7748 on the curve's Montgomery form. */
bool zf_montgomery_multiply(struct zf_edwards *e, BIGNUM *product, const BIGNUM *u,
                            const BIGNUM *scalar);

#endif
