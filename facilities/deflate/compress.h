/*
 * Bytes to DEFLATE: matches with what came before, in codes that are given.
 */
#ifndef ZF_DEFLATE_COMPRESS_H
#define ZF_DEFLATE_COMPRESS_H

#include "deflate/huffman.h"

/* The text with its history before it. */
struct zf_text_window {
    const uint8_t *bytes;
    size_t at, end; /* of what is to be compressed */
};

/*
 * Takes what is found: a literal, or a match when `length` is not 0. Tells how many bytes it took:
 * the match's, or 1, the literal at its begin; 0: no more.
 */
typedef unsigned zf_match_sink(void *context, unsigned literal, unsigned length, unsigned distance);

/** Finds matches from text->at on, which moves; until the text ends or the sink takes no more. */
void zf_matches_find(struct zf_text_window *text, zf_match_sink *sink, void *context);

/* Codes to write with. */
struct zf_encoder {
    struct zf_code_lengths lengths;
    uint16_t literal[288], distance[32];
};
void zf_encoder_make(struct zf_encoder *e, const struct zf_code_lengths *lengths);

enum zf_compress_end { ZF_COMPRESS_DONE, ZF_COMPRESS_OUTPUT, ZF_COMPRESS_NO_CODE };

/** Compresses until the text ends, or the output is full (zf_bits_full), or a byte has no code. */
enum zf_compress_end zf_compress(const struct zf_encoder *e, struct zf_text_window *text,
                                 struct zf_bit_writer *w);

/**
 * Code lengths that suit a text; `all`: every symbol gets a code, so that any text can be written
 * with them.
 */
void zf_lengths_of_text(struct zf_code_lengths *lengths, struct zf_text_window text, bool all);

#endif
