/*
 * The prefix codes of DEFLATE (RFC 1951): code words from lengths, lengths from counts, tables as a
 * stream has them, in both directions. A code that is over- or undersubscribed is refused.
 */
#include "deflate/huffman.h"

enum { LENGTH_CODES = 19, LENGTH_CODE_BITS = 7, COPY = 16, ZEROS = 17, MANY_ZEROS = 18 };

/* In which order a table says the lengths of its own codes. */
static const uint8_t code_order[LENGTH_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                 11, 4,  12, 3, 13, 2, 14, 1, 15};

static unsigned reverse(unsigned code, unsigned bits) {
    unsigned reversed = 0;
    for (; bits; bits--) {
        reversed = reversed << 1 | (code & 1);
        code >>= 1;
    }
    return reversed;
}

/* The first code of each length. */
static void first_codes(uint16_t *first, const uint16_t *count) {
    unsigned code = 0;
    for (unsigned bits = 1; bits <= ZF_CODE_BITS; bits++) {
        code = (code + (bits > 1 ? count[bits - 1] : 0u)) << 1;
        first[bits] = (uint16_t)code;
    }
}

static void count_lengths(uint16_t *count, const uint8_t *lengths, unsigned symbols) {
    memset(count, 0, (ZF_CODE_BITS + 1) * sizeof *count);
    for (unsigned i = 0; i < symbols; i++) {
        count[lengths[i]]++;
    }
}

void zf_codes_assign(uint16_t *codes, const uint8_t *lengths, unsigned symbols) {
    uint16_t count[ZF_CODE_BITS + 1], next[ZF_CODE_BITS + 1];
    count_lengths(count, lengths, symbols);
    first_codes(next, count);
    for (unsigned i = 0; i < symbols; i++) {
        codes[i] = lengths[i] ? (uint16_t)reverse(next[lengths[i]]++, lengths[i]) : 0;
    }
}

/* Codes that are left; negative: there are too many. */
static int codes_left(const uint16_t *count) {
    int left = 1;
    for (unsigned bits = 1; bits <= ZF_CODE_BITS; bits++) {
        left = 2 * left - count[bits];
        if (left < 0) {
            return left;
        }
    }
    return left;
}

static void fill_fast(struct zf_decoder *d, const uint8_t *lengths, unsigned symbols) {
    uint16_t codes[ZF_SYMBOLS_MAX];
    memset(d->fast, 0, sizeof d->fast);
    zf_codes_assign(codes, lengths, symbols);
    for (unsigned i = 0; i < symbols; i++) {
        for (unsigned at = codes[i];
             lengths[i] && lengths[i] <= ZF_FAST_BITS && at < 1 << ZF_FAST_BITS;
             at += 1u << lengths[i]) {
            d->fast[at] = (uint16_t)(i << 4 | lengths[i]);
        }
    }
}

bool zf_decoder_make(struct zf_decoder *d, const uint8_t *lengths, unsigned symbols) {
    uint16_t place[ZF_CODE_BITS + 2] = {0};
    count_lengths(d->count, lengths, symbols);
    unsigned used = symbols - d->count[0];
    int left = codes_left(d->count);
    if (left < 0 || (left > 0 && (used > 1 || d->count[1] != used))) {
        return false;
    }
    for (unsigned bits = 1; bits <= ZF_CODE_BITS; bits++) {
        place[bits + 1] = (uint16_t)(place[bits] + d->count[bits]);
    }
    for (unsigned i = 0; i < symbols; i++) {
        if (lengths[i]) {
            d->symbol[place[lengths[i]]++] = (uint16_t)i;
        }
    }
    fill_fast(d, lengths, symbols);
    return true;
}

/* Bit by bit: the codes of a length are numbers in a row. */
static int decode_long(const struct zf_decoder *d, struct zf_bit_reader *r) {
    unsigned code = 0, first = 0, index = 0;
    for (unsigned bits = 1; bits <= ZF_CODE_BITS; bits++) {
        if (bits > r->count) {
            return ZF_SYMBOL_SHORT;
        }
        code |= (unsigned)(r->hold >> (bits - 1)) & 1;
        if (code < first + d->count[bits]) {
            zf_bits_take(r, bits);
            return d->symbol[index + code - first];
        }
        index += d->count[bits];
        first = (first + d->count[bits]) << 1;
        code <<= 1;
    }
    return ZF_SYMBOL_NONE;
}

int zf_symbol_decode(const struct zf_decoder *d, struct zf_bit_reader *r) {
    zf_bits_fill(r, ZF_CODE_BITS);
    unsigned entry = d->fast[r->hold & ((1 << ZF_FAST_BITS) - 1)], bits = entry & 15;
    if (!bits || bits > r->count) {
        return decode_long(d, r);
    }
    zf_bits_take(r, bits);
    return (int)(entry >> 4);
}

/* Symbols by frequency, the rarest first. */
static unsigned sort_symbols(uint16_t *order, const uint32_t *frequency, unsigned symbols) {
    unsigned n = 0;
    for (unsigned i = 0; i < symbols; i++) {
        unsigned at = n;
        if (!frequency[i]) {
            continue;
        }
        for (; at && frequency[order[at - 1]] > frequency[i]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = (uint16_t)i;
        n++;
    }
    return n;
}

/*
 * Huffman's algorithm on sorted weights: leaves and inner nodes are two queues, both in order.
 * Tells the greatest depth.
 */
static unsigned leaf_depths(uint8_t *depth, const uint32_t *weight, unsigned n) {
    uint32_t inner[ZF_SYMBOLS_MAX];
    uint16_t parent[2 * ZF_SYMBOLS_MAX];
    uint8_t level[2 * ZF_SYMBOLS_MAX];
    unsigned leaf = 0, taken = 0, made = 0, greatest = 0;
    for (; made < n - 1; made++) {
        inner[made] = 0;
        for (unsigned k = 0; k < 2; k++) {
            bool from_leaves = taken == made || (leaf < n && weight[leaf] <= inner[taken]);
            inner[made] += from_leaves ? weight[leaf] : inner[taken];
            parent[from_leaves ? leaf++ : n + taken++] = (uint16_t)(n + made);
        }
    }
    level[n + made - 1] = 0;
    for (unsigned i = n + made - 1; i-- > 0;) {
        level[i] = (uint8_t)(level[parent[i]] + 1);
        greatest = i < n && level[i] > greatest ? level[i] : greatest;
    }
    memcpy(depth, level, n);
    return greatest;
}

/* Weights that give too long codes are made more alike until they do not. */
void zf_lengths_make(uint8_t *lengths, const uint32_t *frequency, unsigned symbols,
                     unsigned limit) {
    uint16_t order[ZF_SYMBOLS_MAX];
    uint32_t weight[ZF_SYMBOLS_MAX];
    uint8_t depth[ZF_SYMBOLS_MAX];
    unsigned n = sort_symbols(order, frequency, symbols);
    memset(lengths, 0, symbols);
    if (n < 2) {
        if (n) {
            lengths[order[0]] = 1;
        }
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        weight[i] = frequency[order[i]];
    }
    while (leaf_depths(depth, weight, n) > limit) {
        for (unsigned i = 0; i < n; i++) {
            weight[i] = weight[i] / 2 + 1;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        lengths[order[i]] = depth[i];
    }
}

void zf_lengths_fixed(struct zf_code_lengths *lengths) {
    memset(lengths->literal, 8, 144);
    memset(lengths->literal + 144, 9, 112);
    memset(lengths->literal + 256, 7, 24);
    memset(lengths->literal + 280, 8, 8);
    memset(lengths->distance, 5, sizeof lengths->distance);
}

/* Numbers of lengths, then the lengths of the codes that say lengths. */
static enum zf_table_state read_counts(struct zf_table_reader *t, struct zf_bit_reader *r) {
    if (!t->literals) {
        if (!zf_bits_fill(r, 14)) {
            return ZF_TABLE_SHORT;
        }
        t->literals = (uint16_t)(zf_bits_take(r, 5) + 257);
        t->distances = (uint16_t)(zf_bits_take(r, 5) + 1);
        t->codes = (uint16_t)(zf_bits_take(r, 4) + 4);
        if (t->literals > ZF_LITERALS || t->distances > ZF_DISTANCES) {
            return ZF_TABLE_BAD;
        }
    }
    while (t->codes) {
        unsigned at = t->at;
        if (!zf_bits_fill(r, 3)) {
            return ZF_TABLE_SHORT;
        }
        t->code_lengths[code_order[at]] = (uint8_t)zf_bits_take(r, 3);
        t->at++;
        if (!--t->codes) {
            t->at = 0;
        }
    }
    return ZF_TABLE_DONE;
}

/* One code: a length, or how often one is repeated. */
static enum zf_table_state read_length(struct zf_table_reader *t, const struct zf_decoder *d,
                                       struct zf_bit_reader *r) {
    static const uint8_t extra[] = {2, 3, 7}, least[] = {3, 3, 11};
    zf_bits_fill(r, ZF_BITS_AHEAD);
    struct zf_bit_reader before = *r;
    int symbol = zf_symbol_decode(d, r);
    if (symbol < 0) {
        return symbol == ZF_SYMBOL_SHORT ? ZF_TABLE_SHORT : ZF_TABLE_BAD;
    }
    if (symbol < COPY) {
        t->lengths[t->at++] = (uint8_t)symbol;
        return ZF_TABLE_DONE;
    }
    if (r->count < extra[symbol - COPY]) {
        *r = before;
        return ZF_TABLE_SHORT;
    }
    unsigned n = least[symbol - COPY] + zf_bits_take(r, extra[symbol - COPY]);
    if ((symbol == COPY && !t->at) || t->at + n > (unsigned)t->literals + t->distances) {
        return ZF_TABLE_BAD;
    }
    memset(t->lengths + t->at, symbol == COPY ? t->lengths[t->at - 1] : 0, n);
    t->at = (uint16_t)(t->at + n);
    return ZF_TABLE_DONE;
}

enum zf_table_state zf_table_read(struct zf_table_reader *t, struct zf_bit_reader *r) {
    struct zf_decoder d;
    enum zf_table_state state = read_counts(t, r);
    if (state != ZF_TABLE_DONE) {
        return state;
    }
    if (!zf_decoder_make(&d, t->code_lengths, LENGTH_CODES)) {
        return ZF_TABLE_BAD;
    }
    while (state == ZF_TABLE_DONE && t->at < t->literals + t->distances) {
        state = read_length(t, &d, r);
    }
    return state;
}

bool zf_table_lengths(const struct zf_table_reader *t, struct zf_code_lengths *lengths) {
    *lengths = (struct zf_code_lengths){0};
    memcpy(lengths->literal, t->lengths, t->literals);
    memcpy(lengths->distance, t->lengths + t->literals, t->distances);
    return lengths->literal[ZF_END_OF_BLOCK] != 0;
}

/* What a table says: codes of lengths, each with the number after it. */
struct table_text {
    unsigned n;
    uint8_t code[ZF_LITERALS + ZF_DISTANCES], extra[ZF_LITERALS + ZF_DISTANCES];
};

static void say(struct table_text *t, unsigned code, unsigned extra) {
    t->code[t->n] = (uint8_t)code;
    t->extra[t->n++] = (uint8_t)extra;
}

/* `n` times the same length, after another one or itself. */
static void say_run(struct table_text *t, unsigned length, unsigned n) {
    while (!length && n >= 11) {
        unsigned part = n < 138 ? n : 138;
        say(t, MANY_ZEROS, part - 11);
        n -= part;
    }
    if (!length && n >= 3) {
        say(t, ZEROS, n - 3);
        return;
    }
    if (length && n) {
        say(t, length, 0);
        for (n--; n >= 3;) {
            unsigned part = n < 6 ? n : 6;
            say(t, COPY, part - 3);
            n -= part;
        }
    }
    for (; n; n--) {
        say(t, length, 0);
    }
}

static unsigned used(const uint8_t *lengths, unsigned symbols, unsigned least) {
    while (symbols > least && !lengths[symbols - 1]) {
        symbols--;
    }
    return symbols;
}

void zf_table_write(struct zf_bit_writer *w, const struct zf_code_lengths *lengths) {
    static const uint8_t extra_bits[] = {2, 3, 7};
    unsigned literals = used(lengths->literal, ZF_LITERALS, 257),
             distances = used(lengths->distance, ZF_DISTANCES, 1), codes = LENGTH_CODES;
    uint8_t all[ZF_LITERALS + ZF_DISTANCES], code_lengths[LENGTH_CODES];
    uint32_t frequency[LENGTH_CODES] = {0};
    uint16_t assigned[LENGTH_CODES];
    struct table_text t = {.n = 0};
    memcpy(all, lengths->literal, literals);
    memcpy(all + literals, lengths->distance, distances);
    for (unsigned i = 0, n; i < literals + distances; i += n) {
        for (n = 1; i + n < literals + distances && all[i + n] == all[i]; n++) {
        }
        say_run(&t, all[i], n);
    }
    for (unsigned i = 0; i < t.n; i++) {
        frequency[t.code[i]]++;
    }
    if (frequency[t.code[0]] == t.n) {
        frequency[t.code[0] ? 0 : 1] = 1; /* a code of one symbol would not be complete */
    }
    zf_lengths_make(code_lengths, frequency, LENGTH_CODES, LENGTH_CODE_BITS);
    zf_codes_assign(assigned, code_lengths, LENGTH_CODES);
    while (codes > 4 && !code_lengths[code_order[codes - 1]]) {
        codes--;
    }
    zf_bits_put(w, (literals - 257) | (distances - 1) << 5 | (codes - 4) << 10, 14);
    for (unsigned i = 0; i < codes; i++) {
        zf_bits_put(w, code_lengths[code_order[i]], 3);
    }
    for (unsigned i = 0; i < t.n; i++) {
        zf_bits_put(w, assigned[t.code[i]], code_lengths[t.code[i]]);
        if (t.code[i] >= COPY) {
            zf_bits_put(w, t.extra[i], extra_bits[t.code[i] - COPY]);
        }
    }
}

/* Length symbols come in fours of one number of bits, distance symbols in twos. */
struct zf_extra zf_length_of(unsigned symbol) {
    unsigned i = symbol - ZF_FIRST_LENGTH;
    if (i == 28) {
        return (struct zf_extra){(uint16_t)symbol, ZF_MATCH_MAX, 0};
    }
    unsigned bits = i < 8 ? 0 : i / 4 - 1;
    unsigned base = i < 8 ? ZF_MATCH_MIN + i : ZF_MATCH_MIN + ((4 + i % 4) << bits);
    return (struct zf_extra){(uint16_t)symbol, (uint16_t)base, (uint8_t)bits};
}

struct zf_extra zf_distance_of(unsigned symbol) {
    unsigned bits = symbol < 4 ? 0 : symbol / 2 - 1;
    unsigned base = symbol < 4 ? 1 + symbol : 1 + ((2 + symbol % 2) << bits);
    return (struct zf_extra){(uint16_t)symbol, (uint16_t)base, (uint8_t)bits};
}

static unsigned highest_bit(unsigned n) {
    return 31u - (unsigned)__builtin_clz(n);
}

struct zf_extra zf_length_symbol(unsigned length) {
    unsigned n = length - ZF_MATCH_MIN;
    if (length == ZF_MATCH_MAX) {
        return zf_length_of(ZF_FIRST_LENGTH + 28);
    }
    unsigned bits = n < 8 ? 0 : highest_bit(n) - 2;
    return zf_length_of(ZF_FIRST_LENGTH + (n < 8 ? n : 4 * bits + (n >> bits)));
}

struct zf_extra zf_distance_symbol(unsigned distance) {
    unsigned n = distance - 1;
    unsigned bits = n < 4 ? 0 : highest_bit(n) - 1;
    return zf_distance_of(n < 4 ? n : 2 * bits + (n >> bits));
}
