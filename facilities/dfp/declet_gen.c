/*
 * Build-time program: writes the tables of densely packed decimal ("DFP Format Conversion"): the
 * value of each ten-bit declet, 24 redundant ones included, and the declet of each value.
 */
#include <stdio.h>

enum { DECLETS = 1024, VALUES = 1000 };

/* Bits of a declet by their names in the book, p the leftmost. */
static unsigned bit(unsigned declet, char name) {
    return declet >> (9 - (name - 'p')) & 1;
}

static unsigned small_digit(unsigned declet, const char *names) {
    return bit(declet, names[0]) << 2 | bit(declet, names[1]) << 1 | bit(declet, names[2]);
}

/*
 * v tells whether a digit is 8 or 9, w and x which one; s and t which two. A digit below 8 has
 * three bits, which move when their place is taken; one of 8 or 9 has the last of these alone.
 */
static unsigned value(unsigned declet) {
    unsigned pqr = small_digit(declet, "pqr"), stu = small_digit(declet, "stu");
    unsigned wxy = small_digit(declet, "wxy");
    unsigned r = 8 + bit(declet, 'r'), u = 8 + bit(declet, 'u'), y = 8 + bit(declet, 'y');
    unsigned sty = small_digit(declet, "sty");
    unsigned pqu = small_digit(declet, "pqu"), pqy = small_digit(declet, "pqy");
    unsigned indicator = bit(declet, 'v') ? small_digit(declet, "vwx") : 0;
    switch (indicator) {
    case 0:
        return 100 * pqr + 10 * stu + wxy;
    case 4:
        return 100 * pqr + 10 * stu + y;
    case 5:
        return 100 * pqr + 10 * u + sty;
    case 6:
        return 100 * r + 10 * stu + pqy;
    default:
        break;
    }
    switch (bit(declet, 's') << 1 | bit(declet, 't')) {
    case 0:
        return 100 * r + 10 * u + pqy;
    case 1:
        return 100 * r + 10 * pqu + y;
    case 2:
        return 100 * pqr + 10 * u + y;
    default:
        return 100 * r + 10 * u + y;
    }
}

int main(void) {
    unsigned declet_of[VALUES] = {0};
    puts("/* Written by declet_gen.c. */\n#include \"dfp/declet.h\"\n");
    puts("const uint16_t zf_declet_value[1024] = {");
    for (unsigned i = DECLETS; i-- > 0;) {
        declet_of[value(i)] = i; /* of redundant ones the least is canonical: it comes last */
    }
    for (unsigned i = 0; i < DECLETS; i++) {
        printf("%u,%s", value(i), i % 16 == 15 ? "\n" : " ");
    }
    puts("};\nconst uint16_t zf_value_declet[1000] = {");
    for (unsigned i = 0; i < VALUES; i++) {
        printf("%u,%s", declet_of[i], i % 16 == 15 ? "\n" : " ");
    }
    puts("};");
    return 0;
}
