/*
 * Runs a fuzz target without a fuzzer: sample COUNT SEED-FILE... gives it COUNT inputs, each a seed
 * file with some bytes changed, cut off or repeated. The same inputs every time.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 16, HEAD = 0x200 };

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Where a change counts most: half of them in the headers, at the start of a field. */
static size_t place(uint64_t *random, size_t size) {
    uint64_t r = next_random(random);
    size_t head = size < HEAD ? size : HEAD;
    return r & 1 ? (r >> 8) % size : (r >> 8) % head & ~(size_t)1;
}

static void change(uint8_t *bytes, size_t size, uint64_t *random) {
    static const uint8_t special[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x40, 0x02, 0xfe};
    size_t at = place(random, size);
    uint64_t r = next_random(random);
    size_t length = 1 + (r >> 8) % 8;
    length = length < size - at ? length : size - at;
    if (r & 1) {
        memset(bytes + at, special[(r >> 16) % sizeof special], length);
    } else {
        bytes[at] = (uint8_t)(r >> 24);
    }
}

static size_t read_seed(const char *path, uint8_t *bytes) {
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, LIMIT, file) : 0;
    if (file) {
        fclose(file);
    }
    return size;
}

int main(int argc, char **argv) {
    static uint8_t seed[LIMIT], bytes[LIMIT];
    uint64_t random = 0x9e3779b97f4a7c15;
    long count = argc > 2 ? atol(argv[1]) : 0;
    for (int file = 2; file < argc; file++) {
        size_t size = read_seed(argv[file], seed);
        if (!size) {
            fprintf(stderr, "%s: cannot be read\n", argv[file]);
            return 1;
        }
        LLVMFuzzerTestOneInput(seed, size);
        for (long i = 0; i < count; i++) {
            size_t used = next_random(&random) % 8 ? size : next_random(&random) % size;
            memcpy(bytes, seed, used);
            for (uint64_t n = next_random(&random) % 6; used && n; n--) {
                change(bytes, used, &random);
            }
            LLVMFuzzerTestOneInput(bytes, used);
        }
    }
    return argc > 2 ? 0 : 2;
}
