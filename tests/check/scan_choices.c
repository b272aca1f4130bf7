/*
 * Tests of facilities that say less than one bit would, and what they choose. CASE says which:
 * `slip` is of z14, and a test leads there that promises that, or less.
 */
#include <stdio.h>
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

/* So many words of it. */
#ifndef WORDS
#define WORDS 3
#endif
#ifndef LIST_BIT
#define LIST_BIT NEWER_BIT
#endif
__attribute__((noinline)) void store_list(unsigned long *list, long words) {
    register unsigned long last __asm__("0") = (unsigned long)words - 1;
    __asm__ volatile("stfle 0(%1)" : "+d"(last) : "a"(list) : "cc", "memory");
}

#define REPEAT4(x) x x x x
#define REPEAT64(x) REPEAT4(REPEAT4(REPEAT4(x)))

/* Tables that a test chooses from. */
static const struct operations {
    long (*first)(long), (*second)(long);
} scalar = {plain, plain}, vector = {plain, slip};
static const struct operations *volatile best;
static const struct operations *volatile last;

/* Tables of functions, and of tables; and what says which. */
static long (*const levels[])(long) = {plain, slip};
static const struct operations *const both[] = {&scalar, &vector};

static __attribute__((noinline)) int level_of(void) {
    return (getauxval(AT_HWCAP) & BIT) != 0;
}

/* What a test sets, and others look at. */
static int known, longest = 0;

__attribute__((noinline)) void work(int count) {
#if (CASE >= 9 && CASE <= 12) || CASE == 15 || CASE == 24
    if (known) {
        result = slip(count);
    }
#elif CASE == 13
    if (count <= longest) {
        result = slip(count);
    }
#elif CASE == 14
    if (known > 0) {
        result = slip(count);
    }
#endif
}

#define DOES static inline __attribute__((always_inline)) void does(int count, char **words)
#if CASE == 1 /* any of two bits */
DOES {
    if (getauxval(AT_HWCAP) & (BIT | NEWER)) {
        result = slip(count);
    }
}
#elif CASE == 2  /* one here, or one there */
DOES {
    unsigned long list[4] = {0};
    STORE_LIST(list);
    if (getauxval(AT_HWCAP) & BIT || list[NEWER_WORD] >> NEWER_BIT & 1) {
        result = slip(count);
    }
}
#elif CASE == 3  /* the same where the bits are in storage */
DOES {
    capabilities = getauxval(AT_HWCAP);
    if ((capabilities & BIT) || count > 200 || (capabilities & NEWER)) {
        if ((capabilities & BIT) || (capabilities & NEWER)) {
            result = slip(count);
        }
    }
}
#elif CASE == 4  /* a table */
DOES {
    best = getauxval(AT_HWCAP) & BIT ? &vector : &scalar;
    result = best->second(count);
}
#elif CASE == 5  /* the wrong way around */
DOES {
    best = getauxval(AT_HWCAP) & BIT ? &scalar : &vector;
    result = best->second(count);
}
#elif CASE == 6  /* one that is used elsewhere, too */
DOES {
    last = &vector;
    best = getauxval(AT_HWCAP) & BIT ? &vector : &scalar;
    result = best->second(count) + last->first(count);
}
#elif CASE == 7  /* many tests in a function */
DOES {
    capabilities = getauxval(AT_HWCAP);
    REPEAT64(if (capabilities & WANTED) { result = slip(count); })
    REPEAT64(if (capabilities & WANTED) { result = plain(count); })
    REPEAT64(if (capabilities & WANTED) { result = slip(count); })
    if (capabilities & BIT) {
        result = slip(count);
    }
}
#elif CASE == 8  /* many choices */
DOES {
    long (*chosen)(long);
    capabilities = getauxval(AT_HWCAP);
    REPEAT64(chosen = capabilities & WANTED ? slip : plain; result = chosen(count);)
    REPEAT4(chosen = capabilities & WANTED ? slip : plain; result = chosen(count);)
    chosen = capabilities & BIT ? slip : plain;
    result = chosen(count);
}
#elif CASE == 9  /* a variable that is set where the bit is one */
DOES {
    if (getauxval(AT_HWCAP) & BIT) {
        known = 64;
    }
    work(count);
}
#elif CASE == 10 /* also to something else, or without a test: nobody knows */
DOES {
    if (getauxval(AT_HWCAP) & BIT) {
        known = 64;
    }
    work(count);
    known = count;
    work(count);
}
#elif CASE == 11
DOES {
    known = (getauxval(AT_HWCAP) & BIT) != 0;
    work(count);
    if (count > 3) {
        known = atoi(words[0]);
    }
    work(count);
}
#elif CASE == 12 /* by one test or another */
DOES {
    unsigned long answer = getauxval(AT_HWCAP);
    if (answer & NEWER) {
        known = 2;
    } else if (answer & BIT) {
        known = 1;
    }
    work(count);
}
#elif CASE == 13 /* it is a bound */
DOES {
    if (getauxval(AT_HWCAP) & BIT) {
        longest = 64;
    }
    work(count);
}
#elif CASE == 15 /* others may set it */
DOES {
    if (getauxval(AT_HWCAP) & BIT) {
        known = 64;
    }
    memcpy(&known, words[0], sizeof known);
    sscanf(words[0], "%d", &known);
    work(count);
}
#elif CASE == 16 /* else the program ends */
DOES {
    if (!(getauxval(AT_HWCAP) & BIT)) {
        abort();
    }
    result = slip(count);
}
#elif CASE == 17 /* else it is told, and goes on */
DOES {
    if (!(getauxval(AT_HWCAP) & BIT)) {
        puts("missing");
    }
    result = slip(count);
}
#elif CASE == 18 /* a function stores the list */
DOES {
    unsigned long list[4] = {0};
    store_list(list, WORDS);
    if (list[2] >> LIST_BIT & 1) {
        result = slip(count);
    }
}
#elif CASE == 19 /* a function says which entry */
DOES {
    result = levels[level_of()](count);
}
#elif CASE == 20 /* a table of tables */
DOES {
    result = both[(getauxval(AT_HWCAP) & BIT) != 0]->second(count);
}
#elif CASE == 21
DOES {
    best = both[level_of()];
    result = best->second(count);
}
#elif CASE == 22 /* nothing that depends on facilities */
DOES {
    capabilities = getauxval(AT_HWCAP);
    result = both[count & 1]->second(count);
}
#elif CASE == 23 /* that beside one that does */
DOES {
    result = levels[level_of()](count) + levels[count & 1](count);
}
#elif CASE == 24 /* also from a register of floating point */
DOES {
    if (getauxval(AT_HWCAP) & BIT) {
        known = 64;
    }
    register double number __asm__("f1") = atof(words[0]);
    register long zero __asm__("1") = 0;
    __asm__ volatile("ste %1,%0" : "=m"(known) : "f"(number), "d"(zero));
    work(count);
}
#elif CASE == 14 /* it is set where the facility is missing */
DOES {
    if (!(getauxval(AT_HWCAP) & BIT)) {
        known = 1;
    }
    work(count);
}
#endif

int main(int count, char **words) {
    does(count, words);
    return 0;
}
