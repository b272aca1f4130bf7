/* SHA-256 (FIPS 180-4) of a counting message. */
#include "runtime.h"

enum { BLOCKS = 300000 / SHRINK };

static u32 k[64];

static u32 rotated(u32 v, int n) {
    return v >> n | v << (32 - n);
}

/* The first 32 bits of the fraction of the root of n: bitwise search, 1 + 32 fraction bits. */
static u32 root_fraction(u32 n, int cubic) {
    unsigned __int128 low = 0;
    for (int bit = 39; bit >= 0; bit--) {
        unsigned __int128 t = low | (unsigned __int128)1 << bit;
        unsigned __int128 power = cubic ? t * t * t : t * t;
        if (power <= (unsigned __int128)n << (cubic ? 96 : 64)) {
            low = t;
        }
    }
    return (u32)low;
}

static void compress(u32 *h, const u8 *block) {
    u32 w[64];
    u32 s[8];
    for (int t = 0; t < 16; t++) {
        w[t] = (u32)block[4 * t] << 24 | (u32)block[4 * t + 1] << 16 | (u32)block[4 * t + 2] << 8 |
               block[4 * t + 3];
    }
    for (int t = 16; t < 64; t++) {
        u32 s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ w[t - 15] >> 3;
        u32 s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    for (int i = 0; i < 8; i++) {
        s[i] = h[i];
    }
    for (int t = 0; t < 64; t++) {
        u32 big1 = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25);
        u32 choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        u32 t1 = s[7] + big1 + choice + k[t] + w[t];
        u32 big0 = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22);
        u32 majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        s[7] = s[6];
        s[6] = s[5];
        s[5] = s[4];
        s[4] = s[3] + t1;
        s[3] = s[2];
        s[2] = s[1];
        s[1] = s[0];
        s[0] = t1 + big0 + majority;
    }
    for (int i = 0; i < 8; i++) {
        h[i] += s[i];
    }
}

int guest_main(void) {
    u32 h[8];
    u8 block[64];
    u32 prime = 2;
    for (int found = 0; found < 64; prime++) {
        u32 d = 2;
        while (d * d <= prime && prime % d) {
            d++;
        }
        if (d * d > prime) {
            if (found < 8) {
                h[found] = root_fraction(prime, 0);
            }
            k[found++] = root_fraction(prime, 1);
        }
    }
    for (int i = 0; i < 64; i++) {
        block[i] = (u8)i;
    }
    for (u32 n = 0; n < BLOCKS; n++) {
        block[n & 63]++;
        compress(h, block);
    }
    print_hex("sha256 ", (u64)h[0] << 32 | h[7]);
    return 0;
}
