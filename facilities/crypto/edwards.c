/*
 * Twisted Edwards and Montgomery curves (RFC 7748, RFC 8032) on the library's numbers. One addition
 * serves all cases, doubling too: it is complete on these curves.
 */
#include "crypto/curve.h"

/* clang-format off */
static const struct constants {
    const char *prime, *d, *order, *x, *y;
} constants[] = {
    {"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
     "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3",
     "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
     "216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a",
     "6666666666666666666666666666666666666666666666666666666666666658"},
    {"fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffff6756",
     "3fffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3",
     "4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324"
     "a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e",
     "693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e"
     "05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14"},
};
/* clang-format on */

static BIGNUM *number(struct zf_edwards *e, const char *hex) {
    BIGNUM *n = BN_CTX_get(e->numbers);
    return n && BN_hex2bn(&n, hex) ? n : NULL;
}

bool zf_edwards_open(struct zf_edwards *e, enum zf_algorithm curve) {
    bool first = curve == ZF_ALGORITHM_ED25519 || curve == ZF_ALGORITHM_X25519;
    const struct constants *c = &constants[!first];
    *e = (struct zf_edwards){.numbers = BN_CTX_new(), .negative_a = first};
    if (!e->numbers) {
        return false;
    }
    BN_CTX_start(e->numbers);
    e->prime = number(e, c->prime);
    e->d = number(e, c->d);
    e->order = number(e, c->order);
    e->base.x = number(e, c->x);
    e->base.y = number(e, c->y);
    e->base.z = number(e, "1");
    return e->prime && e->d && e->order && e->base.x && e->base.y && e->base.z;
}

void zf_edwards_close(struct zf_edwards *e) {
    if (e->numbers) {
        BN_CTX_end(e->numbers);
        BN_CTX_free(e->numbers);
    }
}

bool zf_edwards_point(struct zf_edwards *e, struct zf_point *p) {
    p->x = number(e, "0");
    p->y = number(e, "1");
    p->z = number(e, "1");
    return p->x && p->y && p->z;
}

static bool times(struct zf_edwards *e, BIGNUM *r, const BIGNUM *a, const BIGNUM *b) {
    return BN_mod_mul(r, a, b, e->prime, e->numbers);
}
static bool plus(struct zf_edwards *e, BIGNUM *r, const BIGNUM *a, const BIGNUM *b) {
    return BN_mod_add_quick(r, a, b, e->prime);
}
static bool minus(struct zf_edwards *e, BIGNUM *r, const BIGNUM *a, const BIGNUM *b) {
    return BN_mod_sub_quick(r, a, b, e->prime);
}

/* The names are those of the Explicit-Formulas Database, add-2008-bbjlp. */
static bool add(struct zf_edwards *e, struct zf_point *p, const struct zf_point *q) {
    BIGNUM *a = BN_CTX_get(e->numbers), *b = BN_CTX_get(e->numbers), *c = BN_CTX_get(e->numbers),
           *d = BN_CTX_get(e->numbers), *f = BN_CTX_get(e->numbers), *g = BN_CTX_get(e->numbers),
           *h = BN_CTX_get(e->numbers);
    return h && times(e, a, p->z, q->z) && times(e, b, a, a) && times(e, c, p->x, q->x) &&
           times(e, d, p->y, q->y) && times(e, f, c, d) && times(e, f, f, e->d) &&
           plus(e, g, b, f) && minus(e, f, b, f) &&
           /* h <- (x1 + y1) (x2 + y2) - c - d */
           plus(e, h, p->x, p->y) && plus(e, b, q->x, q->y) && times(e, h, h, b) &&
           minus(e, h, h, c) && minus(e, h, h, d) &&
           /* d <- d - a c */
           (e->negative_a ? plus : minus)(e, d, d, c) && times(e, p->x, a, f) &&
           times(e, p->x, p->x, h) && times(e, p->y, a, g) && times(e, p->y, p->y, d) &&
           times(e, p->z, f, g);
}

bool zf_edwards_add(struct zf_edwards *e, struct zf_point *p, const struct zf_point *q) {
    BN_CTX_start(e->numbers);
    bool good = add(e, p, q);
    BN_CTX_end(e->numbers);
    return good;
}

bool zf_edwards_multiply(struct zf_edwards *e, struct zf_point *product, const struct zf_point *p,
                         const BIGNUM *scalar) {
    BN_zero(product->x);
    bool good = BN_one(product->y) && BN_one(product->z);
    for (int i = BN_num_bits(scalar); i-- > 0 && good;) {
        good = zf_edwards_add(e, product, product) &&
               (!BN_is_bit_set(scalar, i) || zf_edwards_add(e, product, p));
    }
    return good;
}

bool zf_edwards_normalize(struct zf_edwards *e, struct zf_point *p) {
    BN_CTX_start(e->numbers);
    BIGNUM *inverse = BN_CTX_get(e->numbers);
    bool good = inverse && BN_mod_inverse(inverse, p->z, e->prime, e->numbers) &&
                times(e, p->x, p->x, inverse) && times(e, p->y, p->y, inverse) && BN_one(p->z);
    BN_CTX_end(e->numbers);
    return good;
}

bool zf_edwards_on_curve(struct zf_edwards *e, const struct zf_point *p) {
    BN_CTX_start(e->numbers);
    BIGNUM *x = BN_CTX_get(e->numbers), *y = BN_CTX_get(e->numbers), *r = BN_CTX_get(e->numbers);
    bool good = r && BN_cmp(p->x, e->prime) < 0 && BN_cmp(p->y, e->prime) < 0 &&
                times(e, x, p->x, p->x) && times(e, y, p->y, p->y) && times(e, r, x, y) &&
                times(e, r, r, e->d) && plus(e, r, r, e->base.z) &&
                (e->negative_a ? minus : plus)(e, y, y, x) && !BN_cmp(y, r);
    BN_CTX_end(e->numbers);
    return good;
}

/* The state of the Montgomery ladder, and its temporary numbers. */
struct ladder {
    BIGNUM *x2, *z2, *x3, *z3, *a, *b, *c, *d, *constant;
};

/* One step of RFC 7748, section 5. */
static bool ladder_step(struct zf_edwards *e, struct ladder *l, const BIGNUM *u) {
    return plus(e, l->a, l->x2, l->z2) && minus(e, l->b, l->x2, l->z2) &&
           plus(e, l->c, l->x3, l->z3) && minus(e, l->d, l->x3, l->z3) &&
           times(e, l->d, l->d, l->a) && times(e, l->c, l->c, l->b) && plus(e, l->x3, l->d, l->c) &&
           times(e, l->x3, l->x3, l->x3) && minus(e, l->z3, l->d, l->c) &&
           times(e, l->z3, l->z3, l->z3) && times(e, l->z3, l->z3, u) &&
           times(e, l->a, l->a, l->a) && times(e, l->b, l->b, l->b) &&
           times(e, l->x2, l->a, l->b) && minus(e, l->b, l->a, l->b) &&
           times(e, l->z2, l->b, l->constant) && plus(e, l->z2, l->z2, l->a) &&
           times(e, l->z2, l->z2, l->b);
}

static void exchange(struct ladder *l) {
    BIGNUM *x = l->x2, *z = l->z2;
    l->x2 = l->x3;
    l->z2 = l->z3;
    l->x3 = x;
    l->z3 = z;
}

static bool run_ladder(struct zf_edwards *e, struct ladder *l, const BIGNUM *u,
                       const BIGNUM *scalar) {
    bool exchanged = false, good = true;
    for (int i = BN_num_bits(scalar); i-- > 0 && good;) {
        if (exchanged != BN_is_bit_set(scalar, i)) {
            exchange(l);
            exchanged = !exchanged;
        }
        good = ladder_step(e, l, u);
    }
    if (exchanged) {
        exchange(l);
    }
    return good;
}

bool zf_montgomery_multiply(struct zf_edwards *e, BIGNUM *product, const BIGNUM *u,
                            const BIGNUM *scalar) {
    BN_CTX_start(e->numbers);
    struct ladder l = {number(e, "1"),
                       number(e, "0"),
                       BN_CTX_get(e->numbers),
                       number(e, "1"),
                       BN_CTX_get(e->numbers),
                       BN_CTX_get(e->numbers),
                       BN_CTX_get(e->numbers),
                       BN_CTX_get(e->numbers),
                       number(e, e->negative_a ? "1db41" : "98a9")};
    bool good = l.constant && BN_copy(l.x3, u) && run_ladder(e, &l, u, scalar);
    /* the inverse of zero, which infinity has, is zero here */
    if (good && BN_is_zero(l.z2)) {
        BN_zero(product);
    } else {
        good =
            good && BN_mod_inverse(l.a, l.z2, e->prime, e->numbers) && times(e, product, l.x2, l.a);
    }
    BN_CTX_end(e->numbers);
    return good;
}
