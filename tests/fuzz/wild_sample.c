/*
 * Wild guests by number: wild_sample [--loops|--sweep] FIRST COUNT... runs them in every
 * engine; with --loops programs of loops, with --sweep one instruction with many operands. Exit
 * status 1 when one does not end in the same way in all.
 */
#include "fuzz_guest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { WILD, LOOPS, SWEEP };
enum { FEW_REGISTERS = 6 }; /* from 1 on, and as usual */

static void make(struct wild *wild, enum kind kind, uint64_t number) {
    static uint8_t data[WILD_INPUT];
    if (kind == LOOPS) {
        wild_loops(wild, number);
    } else if (kind == SWEEP) {
        wild_sweep(wild, number);
    } else {
        wild_make(wild, data, wild_input(data, number));
    }
    wild->tally = number & 1;
    wild->registers = number / 2 % FEW_REGISTERS;
}

/* How many of them fail. */
static uint64_t run(enum kind kind, uint64_t first, uint64_t count) {
    static struct wild wild;
    uint64_t failed = 0;
    for (uint64_t n = first; n < first + count; n++) {
        make(&wild, kind, n);
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
    enum kind kind = argc < 2                          ? WILD
                     : strcmp(argv[1], "--loops") == 0 ? LOOPS
                     : strcmp(argv[1], "--sweep") == 0 ? SWEEP
                                                       : WILD;
    int begin = kind == WILD ? 1 : 2;
    if (argc - begin < 2 || (argc - begin) % 2) {
        fprintf(stderr, "usage: wild_sample [--loops|--sweep] FIRST COUNT...\n");
        return 2;
    }
    for (int i = begin; i < argc; i += 2) {
        uint64_t first = strtoull(argv[i], NULL, 0), count = strtoull(argv[i + 1], NULL, 0);
        guests += count;
        failed += run(kind, first, count);
    }
    printf("%" PRIu64 " guests, %" PRIu64 " failed\n", guests, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
