/*
 * Contents of the scratch storage: numbers, packed decimals, repeated patterns, text.
 */
#include "diff.h"

#include <stdlib.h>

static void fill_packed(uint8_t *bytes, size_t size, struct diff_random *random) {
    for (size_t i = 0; i < size; i++) {
        uint64_t r = diff_random(random);
        uint64_t low = r >> 8 & 3 ? r % 10 : 10 + r % 6;
        bytes[i] = (uint8_t)((r >> 16) % 10 << 4 | low);
    }
}

static void fill_pattern(uint8_t *bytes, size_t size, struct diff_random *random) {
    uint64_t period = 1 + diff_below(random, 16);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i < period ? diff_random(random) : bytes[i - period]);
    }
    for (uint64_t n = diff_below(random, 8); n-- > 0;) {
        bytes[diff_below(random, size)] = (uint8_t)diff_random(random);
    }
}

static void fill_numbers(uint8_t *bytes, size_t size, struct diff_random *random) {
    for (size_t i = 0; i < size; i += 8) {
        uint64_t v = __builtin_bswap64(diff_value(random));
        memcpy(bytes + i, &v, 8);
    }
}

static void fill_text(uint8_t *bytes, size_t size, struct diff_random *random) {
    for (size_t i = 0; i < size; i++) {
        uint64_t r = diff_random(random);
        bytes[i] = (uint8_t)(r % 16 == 0 ? 0 : r % 16 < 3 ? 0x30 + (r >> 8) % 10 : r >> 8 & 0x7f);
        if (r % 64 == 63 && i >= 3) { /* a character of UTF-8 in three bytes */
            bytes[i - 2] = (uint8_t)(0xe1 + (r >> 16) % 12);
            bytes[i - 1] = (uint8_t)(0x80 | (r >> 24 & 0x3f));
            bytes[i] = (uint8_t)(0x80 | (r >> 32 & 0x3f));
        }
    }
}

static uint64_t boundary_element(unsigned bits, struct diff_random *random) {
    uint64_t all = ~UINT64_C(0) >> (64 - bits), r = diff_random(random);
    switch (r >> 32 & 7) {
    case 0:
        return 0;
    case 1:
        return all;
    case 2:
        return (all >> 1) + (r & 1);
    case 3:
        return r % 20;
    case 4:
        return -(r % 20);
    case 5:
        return (UINT64_C(1) << r % bits) - (r >> 8 & 1);
    default:
        return r;
    }
}

/* Elements at which something changes; or those of the register before, with a few others. */
static void fill_vector(uint8_t *bytes, const uint8_t *before, struct diff_random *random) {
    uint64_t kind = diff_below(random, 8);
    unsigned size = 1u << diff_below(random, 4);
    for (unsigned i = 0; i < 16; i += size) {
        uint64_t element = boundary_element(8 * size, random);
        for (unsigned b = 0; b < size; b++) {
            bytes[i + b] = (uint8_t)(element >> 8 * (size - 1 - b));
        }
    }
    if (kind < 2 && before) {
        for (unsigned i = 0; i < 16; i++) {
            bytes[i] = diff_below(random, 8) ? before[i] : bytes[i];
        }
    } else if (kind == 2) { /* text of few letters */
        for (unsigned i = 0; i < 16; i++) {
            bytes[i] = (uint8_t)(diff_below(random, 12) ? 'a' + diff_below(random, 3) : 0);
        }
    } else if (kind == 3) {
        memset(bytes, (int)diff_below(random, 256), 16);
    }
}

static void fill_indices(uint8_t *bytes, struct diff_random *random) {
    unsigned size = 4u << diff_below(random, 2);
    memset(bytes, 0, 16);
    for (unsigned i = size - 1; i < 16; i += size) {
        bytes[i] = (uint8_t)diff_below(random, 64);
    }
}

struct diff_template *diff_templates(struct diff_random *random) {
    typedef void filler(uint8_t *, size_t, struct diff_random *);
    static filler *const fillers[] = {fill_numbers, fill_packed, fill_pattern, fill_text};
    struct diff_template *templates = calloc(DIFF_TEMPLATES, sizeof *templates);
    for (unsigned i = 0; templates && i < DIFF_TEMPLATES; i++) {
        for (unsigned part = 0; part < DIFF_SCRATCH; part += 128) {
            uint64_t n = i % 8 < 4 ? i % 4 : diff_below(random, 4);
            fillers[n](templates[i].scratch + part, 128, random);
        }
        for (unsigned v = 0; v < DIFF_VECTORS; v += 16) {
            uint8_t *at = templates[i].scratch + DIFF_SCRATCH + v;
            fill_vector(at, v ? at - 16 : NULL, random);
            if (v / 16 - DIFF_INDICES < DIFF_INDEX_REGISTERS) {
                fill_indices(at, random);
            }
        }
        for (unsigned a = 0; a < 16; a++) {
            templates[i].ar[a] = (uint32_t)diff_random(random);
        }
    }
    return templates;
}
