/*
 * COMPUTE DIGITAL SIGNATURE AUTHENTICATION, EdDSA (RFC 8032). The parameter block: R, S, then the
 * public or the private key, the latter's pattern, and a buffer for the machine's own use. The
 * second operand is the message, which verification hashes once and signing twice. What a hash has
 * come to after a unit of operation goes into the buffer and CC 3 is set; the operand's registers
 * stay until the end.
 */
#include "crypto/curve.h"
#include "crypto/digest.h"
#include "crypto/wrap.h"
#include "general/operand.h"

#include <openssl/crypto.h>

enum { R, S, KEY, FIELDS, FIELD_MAX = 64, ENCODED_MAX = 57, HASH_MAX = 114 };

/* Where the buffer is, after fields and pattern; the block is cleared before the first execution,
 * so the mark tells that there is something in it. */
enum { BUFFER_GAP = 16 };
static const uint64_t buffer_mark = UINT64_C(0x7a66616365744564);

/* What hashing a message needs to go on. */
struct hashing {
    uint64_t mark;
    uint64_t at;     /* bytes of the message that are done */
    uint64_t total;  /* bytes hashed, those before the message too */
    uint32_t second; /* of the two passes of a signature */
    uint8_t state[ZF_DIGEST_STATE_MAX];
    uint8_t rest[ZF_DIGEST_BLOCK_MAX]; /* less than a block */
    uint8_t secret[HASH_MAX];          /* a signature's secret number, from the first pass */
    uint8_t r[ENCODED_MAX];            /* its R */
};

struct eddsa {
    const struct zf_assist *c;
    const struct zf_digest *d;
    unsigned field, encoded, hash; /* bytes */
    uint64_t buffer;               /* its address */
    uint8_t p[FIELDS * FIELD_MAX + ZF_PATTERN];
    uint8_t expanded[HASH_MAX]; /* of the private key: scalar, then prefix */
    struct hashing h;
};

static bool is_448(const struct eddsa *e) {
    return e->c->f->algorithm == ZF_ALGORITHM_ED448;
}

static void absorb(struct eddsa *e, const uint8_t *text, unsigned bytes) {
    unsigned block = e->d->block;
    while (bytes) {
        unsigned at = (unsigned)(e->h.total % block), n = (unsigned)zf_min(bytes, block - at);
        memcpy(e->h.rest + at, text, n);
        e->h.total += n;
        text += n;
        bytes -= n;
        if (e->h.total % block == 0) {
            e->d->compress(e->h.state, e->h.rest, block);
        }
    }
}

static void begin_hash(struct eddsa *e) {
    static const uint8_t domain[] = {'S', 'i', 'g', 'E', 'd', '4', '4', '8', 0, 0};
    e->h.total = e->h.at = 0;
    memset(e->h.state, 0, sizeof e->h.state);
    if (is_448(e)) {
        absorb(e, domain, sizeof domain);
    } else {
        zf_digest_begin(ZF_ALGORITHM_SHA_512, e->h.state);
    }
}

/* The hash is in the state, from its first byte on. */
static void end_hash(struct eddsa *e) {
    uint8_t length[16] = {0};
    zf_put64(length + 8, 8 * e->h.total);
    zf_digest_end(e->d, e->h.state, e->h.rest, (unsigned)(e->h.total % e->d->block), length);
}

static uint64_t message_length(const struct eddsa *e) {
    return zf_gr_length(e->c->cpu, e->c->insn->o.r2 + 1u);
}

/* A unit of operation of the message; false on an access exception. */
static bool absorb_message(struct eddsa *e) {
    struct zf_cpu *cpu = e->c->cpu;
    uint8_t text[1024];
    for (unsigned done = 0; e->h.at < message_length(e) && done < ZF_ASSIST_UNIT;
         done += sizeof text) {
        unsigned bytes = (unsigned)zf_min(message_length(e) - e->h.at, sizeof text);
        if (!zf_load_by(cpu, e->c->insn->o.r2, cpu->gr[e->c->insn->o.r2] + e->h.at, text, bytes)) {
            return false;
        }
        absorb(e, text, bytes);
        e->h.at += bytes;
    }
    return true;
}

/* A little-endian number modulo the order. */
static bool load_scalar(struct zf_edwards *c, BIGNUM *n, const uint8_t *bytes, unsigned count) {
    return n && BN_lebin2bn(bytes, (int)count, n) && BN_nnmod(n, n, c->order, c->numbers);
}

/* y with the lowest bit of x in the highest place, little-endian. */
static bool encode(struct eddsa *e, struct zf_edwards *c, struct zf_point *p, uint8_t *bytes) {
    if (!zf_edwards_normalize(c, p) || BN_bn2lebinpad(p->y, bytes, (int)e->encoded) < 0) {
        return false;
    }
    bytes[e->encoded - 1] |= (uint8_t)(BN_is_odd(p->x) << 7);
    return true;
}

/* bytes <- encoded scalar times the base, which is little-endian */
static bool multiply_base(struct eddsa *e, uint8_t *bytes, const uint8_t *scalar, unsigned count) {
    struct zf_edwards c;
    struct zf_point p;
    bool good = zf_edwards_open(&c, e->c->f->algorithm) && zf_edwards_point(&c, &p);
    BIGNUM *n = good ? BN_CTX_get(c.numbers) : NULL;
    good = load_scalar(&c, n, scalar, count) && zf_edwards_multiply(&c, &p, &c.base, n) &&
           encode(e, &c, &p, bytes);
    zf_edwards_close(&c);
    return good;
}

/* A big-endian field of the parameter block from little-endian bytes, and back. */
static void put_field(struct eddsa *e, unsigned field, const uint8_t *bytes) {
    for (unsigned i = 0; i < e->field; i++) {
        e->p[field * e->field + i] = e->field - i > e->encoded ? 0 : bytes[e->field - 1 - i];
    }
}
static void get_field(const struct eddsa *e, unsigned field, uint8_t *bytes) {
    for (unsigned i = 0; i < e->encoded; i++) {
        bytes[i] = e->p[field * e->field + e->field - 1 - i];
    }
}

static enum zf_opened open_eddsa(struct eddsa *e) {
    const struct zf_assist *c = e->c;
    e->d = zf_digest_of(is_448(e) ? ZF_ALGORITHM_SHAKE_256 : ZF_ALGORITHM_SHA_512);
    e->field = zf_curve_bytes(c->f->algorithm);
    e->encoded = is_448(e) ? ENCODED_MAX : 32;
    e->hash = 2 * e->encoded;
    unsigned pattern = FIELDS * e->field, end = pattern + zf_pattern_bytes(c);
    e->buffer = c->block + end + BUFFER_GAP;
    if (!zf_load_by(c->cpu, 1, c->block, e->p, end) ||
        !zf_load_by(c->cpu, 1, e->buffer, &e->h, sizeof e->h) ||
        !zf_probe_by(c->cpu, 1, c->block, end + BUFFER_GAP + sizeof e->h)) {
        return ZF_OPEN_FAULT;
    }
    return zf_key_unwrap(c, e->p + KEY * e->field, e->field, e->p + pattern) ? ZF_OPENED
                                                                             : ZF_OPEN_MISMATCH;
}

/* Whether an execution goes on that ended with CC 3. */
static bool goes_on(const struct eddsa *e) {
    return e->h.mark == buffer_mark && e->h.at <= message_length(e);
}

static enum zf_next save_hashing(struct eddsa *e) {
    e->h.mark = buffer_mark;
    return zf_store_by(e->c->cpu, 1, e->buffer, &e->h, sizeof e->h) ? zf_assist_partial(e->c)
                                                                    : ZF_NEXT_PGM;
}

/* Ends with the buffer free for another message. */
static enum zf_next finish(struct eddsa *e, unsigned cc, unsigned results) {
    struct zf_cpu *cpu = e->c->cpu;
    unsigned r2 = e->c->insn->o.r2;
    uint64_t none = 0, length = message_length(e);
    if (!zf_store_by(cpu, 1, e->c->block, e->p, results * e->field) ||
        !zf_store_by(cpu, 1, e->buffer, &none, sizeof none)) {
        return ZF_NEXT_PGM;
    }
    zf_gr_set_address(cpu, r2, cpu->gr[r2] + length);
    zf_gr_set_length(cpu, r2 + 1u, 0);
    return zf_assist_end(e->c, cc);
}

/* The hash of the private key: the scalar, clamped, and the prefix. */
static void expand_key(struct eddsa *e) {
    struct hashing kept = e->h;
    const uint8_t *key = e->p + (KEY + 1) * e->field - e->encoded;
    uint8_t *last = e->expanded + e->encoded - 1;
    memset(&e->h, 0, sizeof e->h);
    if (!is_448(e)) {
        zf_digest_begin(ZF_ALGORITHM_SHA_512, e->h.state);
    }
    absorb(e, key, e->encoded);
    end_hash(e);
    memcpy(e->expanded, e->h.state, e->hash);
    if (is_448(e)) {
        e->expanded[0] &= 0xfc;
        *last = 0;
        last[-1] |= 0x80;
    } else {
        e->expanded[0] &= 0xf8;
        *last = (uint8_t)((*last & 0x7f) | 0x40);
    }
    e->h = kept;
}

/* The message is hashed after the prefix: R, and the second hash begins with R and public key. */
static bool begin_second(struct eddsa *e) {
    uint8_t public_key[ENCODED_MAX];
    end_hash(e);
    memcpy(e->h.secret, e->h.state, e->hash);
    e->h.second = 1;
    begin_hash(e);
    if (!multiply_base(e, e->h.r, e->h.secret, e->hash) ||
        !multiply_base(e, public_key, e->expanded, e->encoded)) {
        return false;
    }
    absorb(e, e->h.r, e->encoded);
    absorb(e, public_key, e->encoded);
    return true;
}

/* s <- secret number + second hash times the key's scalar */
static bool compute_s(struct eddsa *e) {
    uint8_t bytes[ENCODED_MAX];
    struct zf_edwards c;
    bool good = zf_edwards_open(&c, e->c->f->algorithm);
    BIGNUM *s = good ? BN_CTX_get(c.numbers) : NULL, *k = good ? BN_CTX_get(c.numbers) : NULL,
           *a = good ? BN_CTX_get(c.numbers) : NULL;
    end_hash(e);
    good = load_scalar(&c, s, e->h.secret, e->hash) && load_scalar(&c, k, e->h.state, e->hash) &&
           load_scalar(&c, a, e->expanded, e->encoded) && BN_mod_mul(k, k, a, c.order, c.numbers) &&
           BN_mod_add(s, s, k, c.order, c.numbers) && BN_bn2lebinpad(s, bytes, (int)e->encoded) > 0;
    zf_edwards_close(&c);
    put_field(e, R, e->h.r);
    put_field(e, S, bytes);
    return good;
}

static enum zf_next sign(struct eddsa *e) {
    expand_key(e);
    if (!goes_on(e)) {
        memset(&e->h, 0, sizeof e->h);
        begin_hash(e);
        absorb(e, e->expanded + e->encoded, e->encoded);
    }
    while (true) {
        if (!absorb_message(e)) {
            return ZF_NEXT_PGM;
        }
        if (e->h.at < message_length(e)) {
            return save_hashing(e);
        }
        if (e->h.second) {
            return finish(e, compute_s(e) ? 0 : 2, 2);
        }
        if (!begin_second(e)) {
            return zf_assist_end(e->c, 2);
        }
    }
}

enum zf_next zf_assist_sign_edwards(const struct zf_assist *c) {
    struct eddsa e = {.c = c};
    if (c->modifier) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    enum zf_opened opened = open_eddsa(&e);
    enum zf_next next = opened == ZF_OPENED ? sign(&e) : zf_open_failed(c, opened);
    OPENSSL_cleanse(&e, sizeof e);
    return next;
}

/* p <- the point that is encoded: x is a square root of (y² - 1) / (d y² - a). */
static bool decode(struct eddsa *e, struct zf_edwards *c, struct zf_point *p, uint8_t *bytes) {
    uint8_t *last = bytes + e->encoded - 1;
    int odd = *last >> 7;
    BIGNUM *y2 = BN_CTX_get(c->numbers), *t = BN_CTX_get(c->numbers);
    *last &= 0x7f;
    if (!t || !BN_lebin2bn(bytes, (int)e->encoded, p->y) || BN_cmp(p->y, c->prime) >= 0 ||
        !BN_mod_sqr(y2, p->y, c->prime, c->numbers) ||
        !BN_mod_mul(t, y2, c->d, c->prime, c->numbers) ||
        !(c->negative_a ? BN_mod_add_quick : BN_mod_sub_quick)(t, t, c->base.z, c->prime) ||
        !BN_mod_inverse(t, t, c->prime, c->numbers) ||
        !BN_mod_sub_quick(y2, y2, c->base.z, c->prime) ||
        !BN_mod_mul(t, t, y2, c->prime, c->numbers) ||
        !BN_mod_sqrt(p->x, t, c->prime, c->numbers)) {
        return false;
    }
    if (BN_is_odd(p->x) != odd) {
        return !BN_is_zero(p->x) && BN_sub(p->x, c->prime, p->x);
    }
    return true;
}

/* Whether S times the base less the hash times the key is R, as it is encoded. */
static bool check(struct eddsa *e, struct zf_edwards *c) {
    uint8_t r[ENCODED_MAX], s[ENCODED_MAX], key[ENCODED_MAX], is[ENCODED_MAX];
    struct zf_point a, p, q;
    BIGNUM *n = BN_CTX_get(c->numbers);
    get_field(e, R, r);
    get_field(e, S, s);
    get_field(e, KEY, key);
    return n && zf_edwards_point(c, &a) && zf_edwards_point(c, &p) && zf_edwards_point(c, &q) &&
           BN_lebin2bn(s, (int)e->encoded, n) && BN_cmp(n, c->order) < 0 &&
           zf_edwards_multiply(c, &p, &c->base, n) && decode(e, c, &a, key) &&
           (BN_is_zero(a.x) || BN_sub(a.x, c->prime, a.x)) &&
           load_scalar(c, n, e->h.state, e->hash) && zf_edwards_multiply(c, &q, &a, n) &&
           zf_edwards_add(c, &p, &q) && encode(e, c, &p, is) && !memcmp(r, is, e->encoded);
}

static enum zf_next verify(struct eddsa *e) {
    struct zf_edwards c;
    if (!goes_on(e)) {
        uint8_t bytes[ENCODED_MAX];
        memset(&e->h, 0, sizeof e->h);
        begin_hash(e);
        get_field(e, R, bytes);
        absorb(e, bytes, e->encoded);
        get_field(e, KEY, bytes);
        absorb(e, bytes, e->encoded);
    }
    if (!absorb_message(e)) {
        return ZF_NEXT_PGM;
    }
    if (e->h.at < message_length(e)) {
        return save_hashing(e);
    }
    end_hash(e);
    bool good = zf_edwards_open(&c, e->c->f->algorithm) && check(e, &c);
    zf_edwards_close(&c);
    return finish(e, good ? 0 : 2, 0);
}

enum zf_next zf_assist_verify_edwards(const struct zf_assist *c) {
    struct eddsa e = {.c = c};
    if (c->modifier) {
        return zf_raise(c->cpu, ZF_PGM_SPECIFICATION);
    }
    enum zf_opened opened = open_eddsa(&e);
    return opened == ZF_OPENED ? verify(&e) : zf_open_failed(c, opened);
}
