/*
 * Tests of facilities that say less than one bit would, and what they choose. CASE says which:
 * `slip` is of z14, and a test leads there that promises that, or less.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define SLIP                                                                                       \
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %0,%0,%0\n.machine pop"                  \
                     : "+d"(result)                                                                \
                     :                                                                             \
                     : "cc")

/* Bits of AT_HWCAP: that came with z14, z15 and z13. Of the facility list: z15's. */
enum { WANTED = 8192, NEWER = 32768, VECTOR = 2048 };
#ifndef BIT
#define BIT WANTED /* what the last test asks for */
#endif
enum { NEWER_WORD = 2, NEWER_BIT = 63 - (148 - 128), OLDER_BIT = 63 - (129 - 128) };

volatile unsigned long capabilities;
volatile long result = 3;

static __attribute__((noinline)) long slip(long a) {
    long result = a;
    SLIP;
    return result;
}

static __attribute__((noinline)) long plain(long a) {
    return a + 1;
}

#define STORE_LIST(list)                                                                           \
    do {                                                                                           \
        register unsigned long last __asm__("0") = 3;                                              \
        __asm__ volatile("stfle %0" : "=Q"(*(unsigned long(*)[4])(list)), "+d"(last) : : "cc");    \
    } while (0)

#define REPEAT4(x) x x x x
#define REPEAT64(x) REPEAT4(REPEAT4(REPEAT4(x)))

/* Tables that a test chooses from. */
static const struct operations {
    long (*first)(long), (*second)(long);
} scalar = {plain, plain}, vector = {plain, slip};
static const struct operations *volatile best;
static const struct operations *volatile last;

#define DOES static inline __attribute__((always_inline)) void does(int count, char **words)
#if CASE == 1 /* any of two bits */
DOES {
    if (getauxval(AT_HWCAP) & (BIT | NEWER)) {
        result = slip(count);
    }
}
#elif CASE == 2 /* one here, or one there */
DOES {
    unsigned long list[4] = {0};
    STORE_LIST(list);
    if (getauxval(AT_HWCAP) & BIT || list[NEWER_WORD] >> NEWER_BIT & 1) {
        result = slip(count);
    }
}
#elif CASE == 3 /* the same where the bits are in storage */
DOES {
    capabilities = getauxval(AT_HWCAP);
    if ((capabilities & BIT) || count > 200 || (capabilities & NEWER)) {
        if ((capabilities & BIT) || (capabilities & NEWER)) {
            result = slip(count);
        }
    }
}
#elif CASE == 4 /* a table */
DOES {
    best = getauxval(AT_HWCAP) & BIT ? &vector : &scalar;
    result = best->second(count);
}
#elif CASE == 5 /* the wrong way around */
DOES {
    best = getauxval(AT_HWCAP) & BIT ? &scalar : &vector;
    result = best->second(count);
}
#elif CASE == 6 /* one that is used elsewhere, too */
DOES {
    last = &vector;
    best = getauxval(AT_HWCAP) & BIT ? &vector : &scalar;
    result = best->second(count) + last->first(count);
}
#elif CASE == 7 /* many tests in a function */
DOES {
    capabilities = getauxval(AT_HWCAP);
    REPEAT64(if (capabilities & WANTED) { result = slip(count); })
    REPEAT64(if (capabilities & WANTED) { result = plain(count); })
    REPEAT64(if (capabilities & WANTED) { result = slip(count); })
    if (capabilities & BIT) {
        result = slip(count);
    }
}
#elif CASE == 8 /* many choices */
DOES {
    long (*chosen)(long);
    capabilities = getauxval(AT_HWCAP);
    REPEAT64(chosen = capabilities & WANTED ? slip : plain; result = chosen(count);)
    REPEAT4(chosen = capabilities & WANTED ? slip : plain; result = chosen(count);)
    chosen = capabilities & BIT ? slip : plain;
    result = chosen(count);
}
#endif

int main(int count, char **words) {
    does(count, words);
    return 0;
}
