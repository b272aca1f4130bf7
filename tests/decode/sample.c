#include "sample.h"

#include "../fields.h"

uint64_t sample_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

uint64_t sample_word(enum zf_row row, const char *syntax, uint64_t *seed) {
    uint64_t word = zf_row_get(row)->opcode;
    for (const struct field *f = fields[zf_row_get(row)->format]; f->bits != 0; f++) {
        uint64_t value = sample_random(seed) >> 16;
        if (!field_is_named(syntax, f) || (value >> 40) % 4 == 0) {
            continue;
        }
        word |= field_word(f, value);
    }
    return word;
}
