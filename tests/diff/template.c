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

struct diff_template *diff_templates(struct diff_random *random) {
    typedef void filler(uint8_t *, size_t, struct diff_random *);
    static filler *const fillers[] = {fill_numbers, fill_packed, fill_pattern, fill_text};
    struct diff_template *templates = calloc(DIFF_TEMPLATES, sizeof *templates);
    for (unsigned i = 0; templates && i < DIFF_TEMPLATES; i++) {
        for (unsigned part = 0; part < DIFF_SCRATCH; part += 128) {
            uint64_t n = i % 8 < 4 ? i % 4 : diff_below(random, 4);
            fillers[n](templates[i].scratch + part, 128, random);
        }
        for (unsigned a = 0; a < 16; a++) {
            templates[i].ar[a] = (uint32_t)diff_random(random);
        }
    }
    return templates;
}
