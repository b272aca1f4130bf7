/*
 * Expands DEFLATE data step by step: stops wherever source or room for the result ends, at any bit,
 * and goes on from there, as an instruction with a CPU-determined end has to.
 */
#include "deflate/expand.h"

enum step { BLOCK_HEADER, STORED_HEADER, STORED, TABLE, DATA, END };
enum { TYPE_STORED, TYPE_FIXED, TYPE_DYNAMIC };

/* How a step ended; GO is no end. */
enum { GO = -1 };

struct expander {
    struct zf_expansion *x;
    struct zf_bit_reader *in;
    struct zf_window *out;
    bool ready; /* the decoders are those of the block */
    struct zf_decoder literal, distance;
};

static int block_header(struct expander *e) {
    if (!zf_bits_fill(e->in, 3)) {
        return ZF_EXPAND_INPUT;
    }
    e->x->final = zf_bits_take(e->in, 1);
    unsigned type = zf_bits_take(e->in, 2);
    if (type > TYPE_DYNAMIC) {
        return ZF_EXPAND_BAD;
    }
    e->ready = false;
    e->x->fixed = type == TYPE_FIXED;
    memset(&e->x->table, 0, sizeof e->x->table);
    e->x->step = type == TYPE_STORED ? STORED_HEADER : type == TYPE_FIXED ? DATA : TABLE;
    return GO;
}

/* The length and its complement begin at a byte. */
static int stored_header(struct expander *e) {
    unsigned padding = e->in->count % 8;
    if (!zf_bits_fill(e->in, padding + 32)) {
        return ZF_EXPAND_INPUT;
    }
    zf_bits_take(e->in, padding);
    unsigned length = zf_bits_take(e->in, 16);
    if ((length ^ zf_bits_take(e->in, 16)) != 0xffff) {
        return ZF_EXPAND_BAD;
    }
    e->x->stored = length;
    e->x->step = STORED;
    return GO;
}

static int stored(struct expander *e) {
    for (; e->x->stored; e->x->stored--) {
        if (e->out->at == e->out->limit) {
            return ZF_EXPAND_OUTPUT;
        }
        if (!zf_bits_fill(e->in, 8)) {
            return ZF_EXPAND_INPUT;
        }
        e->out->bytes[e->out->at++] = (uint8_t)zf_bits_take(e->in, 8);
    }
    e->x->step = e->x->final ? END : BLOCK_HEADER;
    return GO;
}

static int table(struct expander *e) {
    enum zf_table_state state = zf_table_read(&e->x->table, e->in);
    if (state == ZF_TABLE_SHORT) {
        return ZF_EXPAND_INPUT;
    }
    e->x->step = DATA;
    return state == ZF_TABLE_DONE ? GO : ZF_EXPAND_BAD;
}

static bool make_decoders(struct expander *e) {
    struct zf_code_lengths lengths;
    if (e->x->fixed) {
        zf_lengths_fixed(&lengths);
    } else if (!zf_table_lengths(&e->x->table, &lengths)) {
        return false;
    }
    e->ready = true;
    return zf_decoder_make(&e->literal, lengths.literal, sizeof lengths.literal) &&
           zf_decoder_make(&e->distance, lengths.distance, sizeof lengths.distance);
}

static int copy_match(struct expander *e) {
    struct zf_window *out = e->out;
    if (e->x->match_length && e->x->match_distance > out->at) {
        return ZF_EXPAND_BAD;
    }
    for (; e->x->match_length; e->x->match_length--) {
        if (out->at == out->limit) {
            return ZF_EXPAND_OUTPUT;
        }
        out->bytes[out->at] = out->bytes[out->at - e->x->match_distance];
        out->at++;
    }
    return GO;
}

/* The rest of a match whose length symbol was taken; all of it is there, or nothing is taken. */
static int match(struct expander *e, unsigned symbol) {
    struct zf_extra length = zf_length_of(symbol);
    if (symbol >= ZF_LITERALS) {
        return ZF_EXPAND_BAD;
    }
    if (e->in->count < length.bits) {
        return ZF_EXPAND_INPUT;
    }
    unsigned bytes = length.base + zf_bits_take(e->in, length.bits);
    int code = zf_symbol_decode(&e->distance, e->in);
    if (code < 0 || code >= ZF_DISTANCES) {
        return code == ZF_SYMBOL_SHORT ? ZF_EXPAND_INPUT : ZF_EXPAND_BAD;
    }
    struct zf_extra distance = zf_distance_of((unsigned)code);
    if (e->in->count < distance.bits) {
        return ZF_EXPAND_INPUT;
    }
    e->x->match_length = bytes;
    e->x->match_distance = distance.base + zf_bits_take(e->in, distance.bits);
    return e->x->match_distance > e->out->at ? ZF_EXPAND_BAD : GO;
}

/* One literal, match or end of block. */
static int symbol(struct expander *e) {
    zf_bits_fill(e->in, ZF_BITS_AHEAD);
    struct zf_bit_reader before = *e->in;
    int code = zf_symbol_decode(&e->literal, e->in);
    if (code < 0) {
        return code == ZF_SYMBOL_SHORT ? ZF_EXPAND_INPUT : ZF_EXPAND_BAD;
    }
    if (code < ZF_END_OF_BLOCK) {
        if (e->out->at == e->out->limit) {
            *e->in = before;
            return ZF_EXPAND_OUTPUT;
        }
        e->out->bytes[e->out->at++] = (uint8_t)code;
        return GO;
    }
    if (code == ZF_END_OF_BLOCK) {
        e->x->step = e->x->final ? END : BLOCK_HEADER;
        return GO;
    }
    int end = match(e, (unsigned)code);
    if (end == ZF_EXPAND_INPUT) {
        *e->in = before;
    }
    return end;
}

static int data(struct expander *e) {
    if (!e->ready && !make_decoders(e)) {
        return ZF_EXPAND_BAD;
    }
    int end = GO;
    while (end == GO && e->x->step == DATA) {
        end = copy_match(e);
        if (end == GO) {
            end = symbol(e);
        }
    }
    return end;
}

bool zf_expansion_valid(const struct zf_expansion *x) {
    const struct zf_table_reader *t = &x->table;
    bool lengths_valid = true;
    for (unsigned i = 0; i < sizeof t->lengths; i++) {
        lengths_valid &= t->lengths[i] <= ZF_CODE_BITS;
    }
    for (unsigned i = 0; i < sizeof t->code_lengths; i++) {
        lengths_valid &= t->code_lengths[i] < 8;
    }
    bool table_valid = !t->literals ? !t->at && !t->codes
                       : t->codes   ? t->at + t->codes <= (int)sizeof t->code_lengths
                                    : t->at <= t->literals + t->distances;
    return lengths_valid && table_valid && x->step <= END && x->count < 64 &&
           x->hold >> x->count == 0 && x->match_length <= ZF_MATCH_MAX &&
           x->match_distance <= ZF_HISTORY && x->stored <= UINT16_MAX &&
           t->literals <= ZF_LITERALS && t->distances <= ZF_DISTANCES;
}

enum zf_expand_end zf_expand(struct zf_expansion *x, struct zf_bit_reader *input,
                             struct zf_window *window) {
    static int (*const steps[])(struct expander * e) = {block_header, stored_header, stored, table,
                                                        data};
    struct expander e = {.x = x, .in = input, .out = window};
    int end = GO;
    while (end == GO && x->step < END) {
        end = steps[x->step](&e);
    }
    x->hold = input->hold;
    x->count = input->count;
    return end == GO ? ZF_EXPAND_DONE : (enum zf_expand_end)end;
}
