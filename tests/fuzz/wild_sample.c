/*
 * Wild guests by number: wild_sample FIRST COUNT... runs them in every engine. Exit status 1 when
 * one does not end in the same way in all.
 */
#include "fuzz_guest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* How many of them fail. */
static uint64_t run(uint64_t first, uint64_t count) {
    static struct wild wild;
    static uint8_t data[WILD_INPUT];
    uint64_t failed = 0;
    for (uint64_t n = first; n < first + count; n++) {
        size_t size = wild_input(data, n);
        wild_make(&wild, data, size);
        if (!fuzz_guest(&wild)) {
            printf("--- guest %" PRIu64 "\n", n);
            failed++;
        }
        fflush(stdout);
    }
    return failed;
}

int main(int argc, char **argv) {
    uint64_t guests = 0, failed = 0;
    if (argc < 3 || argc % 2 == 0) {
        fprintf(stderr, "usage: wild_sample FIRST COUNT...\n");
        return 2;
    }
    for (int i = 1; i < argc; i += 2) {
        uint64_t first = strtoull(argv[i], NULL, 0), count = strtoull(argv[i + 1], NULL, 0);
        guests += count;
        failed += run(first, count);
    }
    printf("%" PRIu64 " guests, %" PRIu64 " failed\n", guests, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
