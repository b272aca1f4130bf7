#include "crypto/keccak.h"

enum { ROUNDS = 24, LANES = 25 };

static uint64_t rotate(uint64_t v, unsigned n) {
    return n ? v << n | v >> (64 - n) : v;
}

/* The round constants are the output of an 8-bit shift register (FIPS 202, algorithm 5). */
static uint64_t round_constant(uint8_t *state) {
    uint64_t constant = 0;
    for (unsigned j = 0; j < 7; j++) {
        if (*state & 1) {
            constant ^= UINT64_C(1) << ((1u << j) - 1);
        }
        *state = (uint8_t)(*state << 1 ^ (*state & 0x80 ? 0x71 : 0));
    }
    return constant;
}

void zf_keccak(uint64_t lane[LANES]) {
    uint8_t shift_register = 1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t column[5], moved[LANES];
        for (unsigned x = 0; x < 5; x++) {
            column[x] = lane[x] ^ lane[x + 5] ^ lane[x + 10] ^ lane[x + 15] ^ lane[x + 20];
        }
        for (unsigned i = 0; i < LANES; i++) {
            lane[i] ^= column[(i + 4) % 5] ^ rotate(column[(i + 1) % 5], 1);
        }
        moved[0] = lane[0];
        for (unsigned t = 0, x = 1, y = 0; t < ROUNDS; t++) {
            unsigned to_x = y, to_y = (2 * x + 3 * y) % 5;
            moved[to_x + 5 * to_y] = rotate(lane[x + 5 * y], (t + 1) * (t + 2) / 2 % 64);
            x = to_x;
            y = to_y;
        }
        for (unsigned i = 0; i < LANES; i++) {
            unsigned row = i - i % 5;
            lane[i] = moved[i] ^ (~moved[row + (i + 1) % 5] & moved[row + (i + 2) % 5]);
        }
        lane[0] ^= round_constant(&shift_register);
    }
}
