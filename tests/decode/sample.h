/*
 * Instruction words for tests: each row with operands of its own, reserved bits zero.
 */
#ifndef ZF_TEST_SAMPLE_H
#define ZF_TEST_SAMPLE_H

#include "zfacet/decode.h"

/** A reproducible sequence; `seed` must not be zero. */
uint64_t sample_random(uint64_t *seed);

/** A word of `row`: the fields that `syntax` names are random, half of the optional ones zero. */
uint64_t sample_word(enum zf_row row, const char *syntax, uint64_t *seed);

#endif
