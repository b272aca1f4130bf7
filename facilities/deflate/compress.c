/*
 * Matches are looked for among the last few places whose next three bytes have the same hash.
 */
#include "deflate/compress.h"

enum { HASH_BITS = 12, WAYS = 4, FAR = 4096 };

struct finder {
    const uint8_t *bytes;
    size_t end;
    uint32_t place[1 << HASH_BITS][WAYS]; /* place + 1; 0: none */
};

static uint32_t *places(struct finder *f, size_t at) {
    uint32_t three =
        f->bytes[at] | (uint32_t)f->bytes[at + 1] << 8 | (uint32_t)f->bytes[at + 2] << 16;
    return f->place[three * UINT32_C(2654435761) >> (32 - HASH_BITS)];
}

static void enter(struct finder *f, size_t at) {
    if (at + ZF_MATCH_MIN <= f->end) {
        uint32_t *place = places(f, at);
        memmove(place + 1, place, (WAYS - 1) * sizeof *place);
        place[0] = (uint32_t)at + 1;
    }
}

static unsigned match_length(const struct finder *f, size_t a, size_t b) {
    size_t limit = f->end - b < ZF_MATCH_MAX ? f->end - b : ZF_MATCH_MAX;
    unsigned n = 0;
    while (n < limit && f->bytes[a + n] == f->bytes[b + n]) {
        n++;
    }
    return n;
}

/* The longest match at a place: its length, 0 when there is none that is worth it. */
static unsigned find(struct finder *f, size_t at, unsigned *distance) {
    unsigned best = 0;
    if (at + ZF_MATCH_MIN > f->end) {
        return 0;
    }
    const uint32_t *place = places(f, at);
    for (unsigned i = 0; i < WAYS && place[i]; i++) {
        size_t from = place[i] - 1;
        unsigned length = at - from <= ZF_HISTORY ? match_length(f, from, at) : 0;
        if (length > best && (length > ZF_MATCH_MIN || at - from <= FAR)) {
            best = length;
            *distance = (unsigned)(at - from);
        }
    }
    return best < ZF_MATCH_MIN ? 0 : best;
}

void zf_matches_find(struct zf_text_window *text, zf_match_sink *sink, void *context) {
    struct finder f = {.bytes = text->bytes, .end = text->end};
    for (size_t i = text->at > ZF_HISTORY ? text->at - ZF_HISTORY : 0; i < text->at; i++) {
        enter(&f, i);
    }
    while (text->at < text->end) {
        unsigned distance = 0, length = find(&f, text->at, &distance);
        unsigned taken = sink(context, text->bytes[text->at], length, distance);
        if (!taken) {
            return;
        }
        for (; taken; taken--) {
            enter(&f, text->at++);
        }
    }
}

void zf_encoder_make(struct zf_encoder *e, const struct zf_code_lengths *lengths) {
    e->lengths = *lengths;
    zf_codes_assign(e->literal, lengths->literal, sizeof lengths->literal);
    zf_codes_assign(e->distance, lengths->distance, sizeof lengths->distance);
}

struct writing {
    const struct zf_encoder *e;
    struct zf_bit_writer *w;
    bool no_code;
};

/* A match whose symbols have codes. */
static bool write_match(struct writing *x, unsigned length, unsigned distance) {
    const struct zf_encoder *e = x->e;
    struct zf_extra l = zf_length_symbol(length), d = zf_distance_symbol(distance);
    unsigned l_bits = e->lengths.literal[l.symbol], d_bits = e->lengths.distance[d.symbol];
    if (!l_bits || !d_bits) {
        return false;
    }
    uint64_t bits = e->literal[l.symbol] | (uint64_t)(length - l.base) << l_bits;
    l_bits += l.bits;
    bits |= (uint64_t)e->distance[d.symbol] << l_bits;
    l_bits += d_bits;
    bits |= (uint64_t)(distance - d.base) << l_bits;
    zf_bits_put(x->w, bits, l_bits + d.bits);
    return true;
}

static unsigned write(void *context, unsigned literal, unsigned length, unsigned distance) {
    struct writing *x = context;
    unsigned bits = x->e->lengths.literal[literal];
    if (zf_bits_full(x->w)) {
        return 0;
    }
    if (length && write_match(x, length, distance)) {
        return length;
    }
    x->no_code = !bits;
    if (x->no_code) {
        return 0;
    }
    zf_bits_put(x->w, x->e->literal[literal], bits);
    return 1;
}

enum zf_compress_end zf_compress(const struct zf_encoder *e, struct zf_text_window *text,
                                 struct zf_bit_writer *w) {
    struct writing x = {e, w, false};
    zf_matches_find(text, write, &x);
    return x.no_code              ? ZF_COMPRESS_NO_CODE
           : text->at < text->end ? ZF_COMPRESS_OUTPUT
                                  : ZF_COMPRESS_DONE;
}

struct counting {
    uint32_t literal[ZF_LITERALS], distance[ZF_DISTANCES];
};

static unsigned count(void *context, unsigned literal, unsigned length, unsigned distance) {
    struct counting *c = context;
    if (!length) {
        c->literal[literal]++;
        return 1;
    }
    c->literal[zf_length_symbol(length).symbol]++;
    c->distance[zf_distance_symbol(distance).symbol]++;
    return length;
}

void zf_lengths_of_text(struct zf_code_lengths *lengths, struct zf_text_window text, bool all) {
    struct counting c = {.literal[ZF_END_OF_BLOCK] = 1};
    *lengths = (struct zf_code_lengths){0};
    zf_matches_find(&text, count, &c);
    for (unsigned i = 0; all && i < ZF_LITERALS; i++) {
        c.literal[i] += !c.literal[i];
    }
    for (unsigned i = 0; all && i < ZF_DISTANCES; i++) {
        c.distance[i] += !c.distance[i];
    }
    zf_lengths_make(lengths->literal, c.literal, ZF_LITERALS, ZF_CODE_BITS);
    zf_lengths_make(lengths->distance, c.distance, ZF_DISTANCES, ZF_CODE_BITS);
}
