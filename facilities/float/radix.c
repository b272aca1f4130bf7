/*
 * Integers of up to 16,384 bits, little-endian words: as large as 10^6144 over the least unit of
 * any format. Quotients are short, so one division is a few passes over the divisor.
 */
#include "float/radix.h"

#include <string.h>

enum { WORDS = 260, LARGEST_POWER = 27 };
#define FIVE_TO_LARGEST UINT64_C(7450580596923828125)

struct big {
    unsigned words;
    uint64_t word[WORDS];
};

static void set(struct big *b, zf_u128 v) {
    b->word[0] = (uint64_t)v;
    b->word[1] = (uint64_t)(v >> 64);
    b->words = b->word[1] ? 2 : 1;
}

static void multiply(struct big *b, uint64_t factor) {
    uint64_t carry = 0;
    for (unsigned i = 0; i < b->words; i++) {
        zf_u128 product = (zf_u128)b->word[i] * factor + carry;
        b->word[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry) {
        b->word[b->words++] = carry;
    }
}

static void multiply_by_fives(struct big *b, unsigned power) {
    for (; power >= LARGEST_POWER; power -= LARGEST_POWER) {
        multiply(b, FIVE_TO_LARGEST);
    }
    uint64_t rest = 1;
    while (power-- > 0) {
        rest *= 5;
    }
    multiply(b, rest);
}

/* Shifts left; the top words of the result may be zero. */
static void shift_left(struct big *b, unsigned bits) {
    unsigned words = bits / 64, left = bits % 64;
    b->word[b->words] = 0;
    for (unsigned i = b->words + 1; i-- > 0;) {
        uint64_t low = i && left ? b->word[i - 1] >> (64 - left) : 0;
        b->word[i + words] = b->word[i] << left | low;
    }
    memset(b->word, 0, words * sizeof *b->word);
    b->words += words + 1;
}

static uint64_t word_at(const struct big *b, unsigned i) {
    return i < b->words ? b->word[i] : 0;
}

/* What is left of the rightmost bits, which fits. */
static struct zf_scaled shifted_right(const struct big *b, unsigned bits) {
    unsigned words = bits / 64, left = bits % 64;
    uint64_t w0 = word_at(b, words), w1 = word_at(b, words + 1), w2 = word_at(b, words + 2);
    struct zf_scaled r = {.value = (zf_u128)w1 << 64 | w0};
    if (left) {
        r.value = r.value >> left | (zf_u128)w2 << (128 - left);
        r.sticky = w0 << (64 - left) != 0;
    }
    for (unsigned i = 0; i < words && i < b->words; i++) {
        r.sticky |= b->word[i] != 0;
    }
    return r;
}

/* a -= b * factor << 64 * at; whether it went below zero. */
static bool subtract_product(struct big *a, const struct big *b, uint64_t factor, unsigned at) {
    uint64_t carry = 0, borrow = 0;
    for (unsigned i = 0; i <= b->words; i++) {
        zf_u128 product = (zf_u128)word_at(b, i) * factor + carry;
        carry = (uint64_t)(product >> 64);
        zf_u128 difference = (zf_u128)a->word[at + i] - (uint64_t)product - borrow;
        a->word[at + i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

static void add_back(struct big *a, const struct big *b, unsigned at) {
    uint64_t carry = 0;
    for (unsigned i = 0; i <= b->words; i++) {
        zf_u128 sum = (zf_u128)a->word[at + i] + word_at(b, i) + carry;
        a->word[at + i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

/* One word of the quotient (Knuth, algorithm D); the divisor's top bit is on. */
static uint64_t quotient_word(struct big *a, const struct big *b, unsigned at) {
    uint64_t divisor = b->word[b->words - 1], top = a->word[at + b->words];
    zf_u128 two = (zf_u128)top << 64 | a->word[at + b->words - 1];
    uint64_t q = top >= divisor ? UINT64_MAX : (uint64_t)(two / divisor);
    bool negative = subtract_product(a, b, q, at);
    while (negative) { /* at most twice */
        add_back(a, b, at);
        q--;
        negative = a->word[at + b->words] >> 63;
    }
    return q;
}

/* A quotient of at most two words; the operands are used up. */
static struct zf_scaled divide(struct big *a, struct big *b) {
    unsigned shift = (unsigned)__builtin_clzll(b->word[b->words - 1]);
    shift_left(b, shift);
    b->words--; /* nothing went into the new word */
    shift_left(a, shift);
    while (a->words < b->words + 2) {
        a->word[a->words++] = 0;
    }
    struct zf_scaled r = {.value = 0};
    for (unsigned at = a->words - b->words; at-- > 0;) {
        r.value = r.value << 64 | quotient_word(a, b, at);
    }
    for (unsigned i = 0; i < b->words; i++) {
        r.sticky |= a->word[i] != 0;
    }
    return r;
}

struct zf_scaled zf_radix_scale(zf_u128 v, int32_t two, int32_t five) {
    struct big a;
    set(&a, v);
    if (five < 0) {
        struct big b;
        set(&b, 1);
        multiply_by_fives(&b, (unsigned)-five);
        shift_left(&a, (unsigned)two);
        return divide(&a, &b);
    }
    multiply_by_fives(&a, (unsigned)five);
    if (two > 0) {
        shift_left(&a, (unsigned)two);
        return shifted_right(&a, 0);
    }
    return shifted_right(&a, (unsigned)-two);
}
