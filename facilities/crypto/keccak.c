/*
 * The permutation under SHA-3 and SHAKE (FIPS 202). Constants are computed: a table would be
 * longer.
 */
#include "crypto/keccak.h"

enum { ROUNDS = 24, LANES = 25 };

/* FIPS 202: the round constants; where each lane goes, beginning with lane 1; how far it turns. */
static const uint64_t constants[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
static const uint8_t places[ROUNDS] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                       15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
static const uint8_t turns[ROUNDS] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                      27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};

static uint64_t rotate(uint64_t v, unsigned n) {
    return v << n | v >> (64 - n);
}

static void mix_columns(uint64_t lane[LANES]) {
    uint64_t column[5];
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; x++) {
        column[x] = lane[x] ^ lane[x + 5] ^ lane[x + 10] ^ lane[x + 15] ^ lane[x + 20];
    }
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; x++) {
        uint64_t sum = column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1);
#pragma GCC unroll 5
        for (unsigned y = 0; y < LANES; y += 5) {
            lane[x + y] ^= sum;
        }
    }
}

static void move_lanes(uint64_t lane[LANES]) {
    uint64_t moving = lane[1];
#pragma GCC unroll 24
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t next = lane[places[i]];
        lane[places[i]] = rotate(moving, turns[i]);
        moving = next;
    }
}

static void mix_rows(uint64_t lane[LANES]) {
#pragma GCC unroll 5
    for (unsigned y = 0; y < LANES; y += 5) {
        uint64_t first = lane[y], second = lane[y + 1];
        lane[y] ^= ~second & lane[y + 2];
        lane[y + 1] ^= ~lane[y + 2] & lane[y + 3];
        lane[y + 2] ^= ~lane[y + 3] & lane[y + 4];
        lane[y + 3] ^= ~lane[y + 4] & first;
        lane[y + 4] ^= ~first & second;
    }
}

void zf_keccak(uint64_t lane[LANES]) {
    for (unsigned round = 0; round < ROUNDS; round++) {
        mix_columns(lane);
        move_lanes(lane);
        mix_rows(lane);
        lane[0] ^= constants[round];
    }
}
