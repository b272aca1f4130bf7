/*
 * Build-time program: writes the bodies of pairs of ops that often follow each other (pair.def) as
 * single bodies, so that the first needs no dispatch to the second. Each uop keeps its place and
 * its operands; only the first one's handler is another. The bodies are those of ops.def, as text.
 */
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *effects, *body;
} ops[] = {
/* bodies with the macros of their file expanded */
#define OP(...) OP_AS_TEXT(__VA_ARGS__)
#define OP_AS_TEXT(name, operands, effects, ...) {#name, effects, #__VA_ARGS__},
#include "zfacet/ops.def"
#undef OP
};

static const char *const pairs[][2] = {
#define PAIR(first, second) {#first, #second},
#include "pair.def"
#undef PAIR
};

enum { OPS = sizeof ops / sizeof ops[0], PAIRS = sizeof pairs / sizeof pairs[0] };

static int find(const char *name) {
    for (int i = 0; i < OPS; i++) {
        if (!strcmp(ops[i].name, name)) {
            return i;
        }
    }
    fprintf(stderr, "pair.def: no op named '%s'\n", name);
    return -1;
}

int main(void) {
    puts("/* Written by pair_gen.c from pair.def and ops.def. */");
    for (int i = 0; i < PAIRS; i++) {
        int first = find(pairs[i][0]), second = find(pairs[i][1]);
        if (first < 0 || second < 0) {
            return 1;
        }
        /* a store may drop the block: the next op must be looked up again. Helpers may too */
        if (strpbrk(ops[first].effects, "sle")) {
            fprintf(stderr, "pair.def: '%s' cannot come first\n", pairs[i][0]);
            return 1;
        }
        printf("PAIR(%s, %s, {%s} u++; {%s})\n", pairs[i][0], pairs[i][1], ops[first].body,
               ops[second].body);
    }
    return 0;
}
