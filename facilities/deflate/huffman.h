/*
 * The Huffman codes of DEFLATE (RFC 1951): code lengths, what follows from them, and the form in
 * which a block says them.
 */
#ifndef ZF_DEFLATE_HUFFMAN_H
#define ZF_DEFLATE_HUFFMAN_H

#include "deflate/bits.h"

enum {
    ZF_LITERALS = 286, /* literals, end of block, lengths */
    ZF_DISTANCES = 30,
    ZF_END_OF_BLOCK = 256,
    ZF_FIRST_LENGTH = 257,
    ZF_CODE_BITS = 15,
    ZF_MATCH_MIN = 3,
    ZF_MATCH_MAX = 258,
    ZF_HISTORY = 32768,
};

/* Code lengths of both alphabets; 0: no code. */
struct zf_code_lengths {
    uint8_t literal[288];
    uint8_t distance[32];
};

/* A code to decode with: first by its low bits, then, when it is longer, by its length. */
enum { ZF_FAST_BITS = 9, ZF_SYMBOLS_MAX = 288 };
struct zf_decoder {
    uint16_t fast[1 << ZF_FAST_BITS]; /* symbol * 16 + length; 0: longer */
    uint16_t count[ZF_CODE_BITS + 1];
    uint16_t symbol[ZF_SYMBOLS_MAX]; /* in the order of their codes */
};

/** How decoding a symbol ended, when it is no symbol. */
enum { ZF_SYMBOL_SHORT = -1, ZF_SYMBOL_NONE = -2 };

/**
 * Makes a decoder; false when the lengths are no code: too many, or, but for a single symbol, too
 * few.
 */
bool zf_decoder_make(struct zf_decoder *d, const uint8_t *lengths, unsigned symbols);

/** Takes a symbol; SHORT when the reader has too few bits, and then takes none. */
int zf_symbol_decode(const struct zf_decoder *d, struct zf_bit_reader *r);

/** Codes as they are written, the first bit lowest, from their lengths. */
void zf_codes_assign(uint16_t *codes, const uint8_t *lengths, unsigned symbols);

/** Lengths of at most `limit` bits for the frequencies; what never occurs has none. */
void zf_lengths_make(uint8_t *lengths, const uint32_t *frequency, unsigned symbols, unsigned limit);

void zf_lengths_fixed(struct zf_code_lengths *lengths);

/* The table of a dynamic block while it is read. */
struct zf_table_reader {
    uint16_t literals, distances, codes; /* how many lengths of each; literals 0: not known yet */
    uint16_t at;                         /* how many were read */
    uint8_t code_lengths[19];
    uint8_t lengths[288 + 32];
};
enum zf_table_state { ZF_TABLE_DONE, ZF_TABLE_SHORT, ZF_TABLE_BAD };

/** Reads on; SHORT when bits are missing, and can be called again. */
enum zf_table_state zf_table_read(struct zf_table_reader *t, struct zf_bit_reader *r);
/** What a table that is done says; false when it is no code. */
bool zf_table_lengths(const struct zf_table_reader *t, struct zf_code_lengths *lengths);

/** Writes a table. */
void zf_table_write(struct zf_bit_writer *w, const struct zf_code_lengths *lengths);

/** The symbol of a match length or distance, and the bits after it. */
struct zf_extra {
    uint16_t symbol;
    uint16_t base;
    uint8_t bits;
};
struct zf_extra zf_length_symbol(unsigned length);
struct zf_extra zf_distance_symbol(unsigned distance);
/** By symbol: the length or distance that it begins with. */
struct zf_extra zf_length_of(unsigned symbol);
struct zf_extra zf_distance_of(unsigned symbol);

#endif
