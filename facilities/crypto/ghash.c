/*
 * GHASH by tables of four bits: 16 multiples of the subkey, and what four bits shifted out come
 * back as.
 */
#include "crypto/ghash.h"

#include "zfacet/base.h"

/* The leftmost bit is the coefficient of 1; what is shifted out on the right comes back as this. */
static const uint64_t polynomial = UINT64_C(0xe1) << 56;

void zf_ghash_open(struct zf_ghash *g, const uint8_t *subkey) {
    uint64_t high = zf_get64(subkey), low = zf_get64(subkey + 8);
    g->high[0] = g->low[0] = 0;
    for (unsigned bit = 8; bit; bit >>= 1) {
        g->high[bit] = high;
        g->low[bit] = low;
        uint64_t reduce = -(low & 1) & polynomial;
        low = low >> 1 | high << 63;
        high = high >> 1 ^ reduce;
    }
    for (unsigned i = 3; i < 16; i++) {
        unsigned lowest = i & -i;
        g->high[i] = g->high[lowest] ^ g->high[i - lowest];
        g->low[i] = g->low[lowest] ^ g->low[i - lowest];
    }
}

void zf_ghash_block(const struct zf_ghash *g, uint8_t *value, const uint8_t *block) {
    /* four bits that are shifted out at once */
    static const uint16_t reduced[16] = {0x0000, 0x1c20, 0x3840, 0x2460, 0x7080, 0x6ca0,
                                         0x48c0, 0x54e0, 0xe100, 0xfd20, 0xd940, 0xc560,
                                         0x9180, 0x8da0, 0xa9c0, 0xb5e0};
    uint64_t high = 0, low = 0;
    for (unsigned i = 32; i-- > 0;) {
        unsigned bits = (unsigned)(value[i / 2] ^ block[i / 2]) >> (i % 2 ? 0 : 4) & 15;
        uint64_t out = (uint64_t)reduced[low & 15] << 48;
        low = (low >> 4 | high << 60) ^ g->low[bits];
        high = (high >> 4 ^ out) ^ g->high[bits];
    }
    zf_put64(value, high);
    zf_put64(value + 8, low);
}
