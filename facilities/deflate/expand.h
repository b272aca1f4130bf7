/*
 * DEFLATE to bytes, with a state that can be put away at any bit of input and any byte of output.
 */
#ifndef ZF_DEFLATE_EXPAND_H
#define ZF_DEFLATE_EXPAND_H

#include "deflate/huffman.h"

/* Where output goes; what it may refer to is before it. */
struct zf_window {
    uint8_t *bytes;
    size_t at, limit; /* the next byte of output, and the first that may not be written */
};

/* All zeros: before the first block. */
struct zf_expansion {
    uint64_t hold; /* bits of input that were taken and not used */
    uint32_t count;
    uint32_t step;
    uint32_t final;        /* the block is the last */
    uint32_t stored;       /* bytes of a stored block that are left */
    uint32_t match_length; /* bytes of a match that are left */
    uint32_t match_distance;
    struct zf_table_reader table; /* of a dynamic block */
    uint8_t fixed;                /* the block has the fixed codes */
};

enum zf_expand_end {
    ZF_EXPAND_DONE,   /* the last block's end */
    ZF_EXPAND_INPUT,  /* input is used up */
    ZF_EXPAND_OUTPUT, /* the window is full */
    ZF_EXPAND_BAD,    /* no DEFLATE */
};

/** Whether a state that was in the guest's hands is one that expanding can go on with. */
bool zf_expansion_valid(const struct zf_expansion *x);

/** Goes on; `input` has what `hold` and `count` say, and says it afterwards. */
enum zf_expand_end zf_expand(struct zf_expansion *x, struct zf_bit_reader *input,
                             struct zf_window *window);

#endif
