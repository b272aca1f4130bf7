/*
 * Comparing and filling for the string instructions, eight bytes at a time on host storage.
 */
#include "general/operand.h"

enum { STRIDE = 256 };

static uint64_t load64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

size_t zf_mismatch(const uint8_t *a, const uint8_t *b, size_t length) {
    size_t i = 0;
    while (length - i >= STRIDE && !memcmp(a + i, b + i, STRIDE)) {
        i += STRIDE;
    }
    for (; length - i >= 8; i += 8) {
        uint64_t differs = load64(a + i) ^ load64(b + i);
        if (differs) {
            return i + (size_t)__builtin_ctzll(differs) / 8;
        }
    }
    while (i < length && a[i] == b[i]) {
        i++;
    }
    return i;
}

size_t zf_mismatch_pad(const uint8_t *a, uint16_t pad, size_t length) {
    uint64_t pattern = __builtin_bswap64(pad * UINT64_C(0x0001000100010001));
    size_t i = 0;
    for (; length - i >= 8; i += 8) {
        uint64_t differs = load64(a + i) ^ pattern;
        if (differs) {
            return i + (size_t)__builtin_ctzll(differs) / 8;
        }
    }
    while (i < length && a[i] == (uint8_t)(i & 1 ? pad : pad >> 8)) {
        i++;
    }
    return i;
}

void zf_move(uint8_t *to, const uint8_t *from, size_t length) {
    if (to == from && length) {
        zf_touch(to); /* all of it is in one page */
    } else {
        memmove(to, from, length);
    }
}

void zf_fill(uint8_t *to, uint16_t pad, size_t length) {
    if (pad >> 8 == (pad & 0xff)) {
        memset(to, pad & 0xff, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        to[i] = (uint8_t)(i & 1 ? pad : pad >> 8);
    }
}
