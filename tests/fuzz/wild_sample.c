/*
 * Wild guests by number: wild_sample FIRST COUNT runs them in every engine. Exit status 1 when one
 * does not end in the same way in all.
 */
#include "fuzz_guest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    static struct wild wild;
    static uint8_t data[WILD_INPUT];
    if (argc != 3) {
        fprintf(stderr, "usage: wild_sample FIRST COUNT\n");
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 0), count = strtoull(argv[2], NULL, 0), failed = 0;
    for (uint64_t n = first; n < first + count; n++) {
        size_t size = wild_input(data, n);
        wild_make(&wild, data, size);
        if (!fuzz_guest(&wild)) {
            printf("--- guest %" PRIu64 "\n", n);
            failed++;
        }
        fflush(stdout);
    }
    printf("%" PRIu64 " guests, %" PRIu64 " failed\n", count, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
