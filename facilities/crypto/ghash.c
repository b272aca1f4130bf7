#include "crypto/ghash.h"

#include "zfacet/base.h"

void zf_ghash(uint8_t *value, const uint8_t *subkey, const uint8_t *block) {
    uint64_t high = 0, low = 0;
    uint64_t v_high = zf_get64(subkey), v_low = zf_get64(subkey + 8);
    uint64_t x[2] = {zf_get64(value) ^ zf_get64(block), zf_get64(value + 8) ^ zf_get64(block + 8)};
    for (unsigned i = 0; i < 128; i++) {
        uint64_t take = -(uint64_t)zf_bitmap_test(x, i), reduce = -(v_low & 1);
        high ^= v_high & take;
        low ^= v_low & take;
        v_low = v_low >> 1 | v_high << 63;
        v_high = v_high >> 1 ^ (reduce & UINT64_C(0xe1) << 56);
    }
    zf_put64(value, high);
    zf_put64(value + 8, low);
}
