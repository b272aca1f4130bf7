/*
 * What a z13 does not have, in programs that ask for facilities, too. CASE says where: DIRECT ones
 * need it, in the others a test leads there.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* MULTIPLY SINGLE (64 <- 64, sets CC): of z14. */
#define SLIP                                                                                       \
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %0,%0,%0\n.machine pop"                  \
                     : "+d"(result)                                                                \
                     :                                                                             \
                     : "cc")

/* Bits of AT_HWCAP: that came with z14, z13, and z9. */
enum { WANTED = 8192, VECTOR = 2048, DECIMAL = 64 };

unsigned long capabilities;
volatile long result = 3;
int other;
volatile unsigned long wide;

__attribute__((noinline)) long slip(long a) {
    long result = a;
    SLIP;
    return result;
}

static __attribute__((noinline)) long plain(long a) {
    return a + 1;
}

static __attribute__((noinline)) long hidden(long a) {
    long result = a;
    SLIP;
    return result;
}

static void *thread(void *argument) {
    result = hidden((long)argument);
    return NULL;
}

static void on_signal(int number) {
    result = hidden(number);
}

static void at_end(void) {
    result = hidden(2);
}

static int order(const void *a, const void *b) {
    long result = *(const long *)a;
    SLIP;
    return result > *(const long *)b;
}

/* Tables of functions, and one that leads to another. */
static long (*const table[])(long) = {plain, hidden};
static const struct {
    const char *name;
    long (*does)(long);
} named[] = {{"plain", plain}, {"hidden", hidden}};
static const struct operations {
    long (*first)(long), (*second)(long);
} operations = {plain, hidden};
static const struct command {
    const char *name;
    long (*does)(long);
} commands[] = {{"a", plain}, {"b", plain}, {"c", slip}, {"d", plain}};
static const struct {
    char name[300];
    long (*does)(long);
} far[] = {{"a", plain}, {"b", plain}, {"c", slip}};
static const struct command *volatile usual;
static const struct { const struct operations *operations; } object = {&operations};
static long (*changing[])(long) = {plain, hidden, plain};

static int known;
static unsigned long facilities[4];

#define STORE_LIST(list)                                                                           \
    do {                                                                                           \
        register unsigned long last __asm__("0") = 3;                                              \
        __asm__ volatile("stfle %0" : "=Q"(*(unsigned long(*)[4])(list)), "+d"(last) : : "cc");    \
    } while (0)

static void store_list(unsigned long *list) {
    STORE_LIST(list);
}

static long (*const first[])(long) = {plain, plain}, (*const second[])(long) = {slip, plain};
static long (*const levels[])(long) = {plain, slip};
static const struct way {
    const char *name;
    long (*does)(long);
} ways[] = {{"scalar", plain}, {"vector", slip}};
#define TABLE(name, ...) static long (*const name[])(long) = {__VA_ARGS__}
TABLE(one_of_8, plain, plain);
TABLE(two_of_8, plain, plain);
TABLE(three_of_8, plain, plain);
TABLE(four_of_8, plain, plain);
TABLE(five_of_8, plain, plain);
TABLE(six_of_8, plain, slip);
TABLE(seven_of_8, plain, plain);
TABLE(eight_of_8, plain, plain);
static int level;
static struct { unsigned char there, wordy; } flags;
static struct {
    unsigned long list[2];
    int wordy;
} stored;
static volatile double numbers[4];

/* Tables that a test chooses from, for others to use. */
static const struct operations scalar = {plain, plain}, vector = {plain, hidden};
static const struct operations *volatile best;

/* What an ifunc resolver chooses by its argument: AT_HWCAP. */
#if CASE == 55
static long (*resolve(unsigned long capability))(long) {
    return capability & WANTED ? hidden : plain;
}
#elif CASE == 56 /* another bit */
static long (*resolve(unsigned long capability))(long) {
    return capability & VECTOR ? hidden : plain;
}
#elif CASE == 57 /* the wrong way around */
static long (*resolve(unsigned long capability))(long) {
    return capability & WANTED ? plain : hidden;
}
#endif
#if CASE >= 55 && CASE <= 57
long resolved(long) __attribute__((ifunc("resolve")));
#endif

__attribute__((noinline)) void work(int count) {
#if CASE == 3
    if (other) { /* another variable of the function that asks */
        result = slip(count);
    }
#elif CASE == 13 /* what is stored to a variable that tells, does not tell */
    capabilities = (unsigned long)count;
    if (count > 3) {
        result = slip(count);
    }
#elif CASE == 30 /* another bit */
    if (capabilities & DECIMAL) {
        result = slip(count);
    }
#elif CASE == 29 /* a test that says nothing, in a function that an unknown one leads to */
    if (getauxval(AT_HWCAP) & DECIMAL) {
        long result = count;
        SLIP;
        other = (int)result;
    }
#elif CASE == 31
    if (known) {
        result = slip(count);
    }
#elif CASE == 38
    if (flags.wordy) {
        result = slip(count);
    }
#elif CASE == 52
    if (flags.there) {
        result = slip(count);
    }
#elif CASE == 58 || CASE == 59
    result = best->second(count);
#elif CASE == 39
    if (stored.wordy) {
        result = slip(count);
    }
#elif CASE == 41
    result = levels[level](count);
#elif CASE == 42
    result = ways[level].does(count);
#elif CASE == 21
    if (capabilities & WANTED) {
        result = slip(count);
    }
#elif CASE == 12
    if (other) { /* the same of STORE FACILITY LIST EXTENDED */
        result = slip(count);
    }
#elif CASE == 22
    if (known) {
        result = slip(count);
    }
#elif CASE == 25
    if (facilities[2] & 1) {
        result = slip(count);
    }
#elif CASE == 26
    if (known) {
        result = slip(count);
    }
#endif
}

enum { BEST = CASE == 58 ? WANTED : VECTOR };
static void choose_best(int count) {
    unsigned long answer = getauxval(AT_HWCAP);
    if (count > 3) {
        answer &= strtoul(getenv("MASK"), NULL, 0);
    }
    if (answer & BEST) {
        best = &vector;
        puts("vector");
    } else {
        best = &scalar;
        puts("scalar");
    }
}

/* What main() does: the function of the case. */
#define DOES static inline __attribute__((always_inline)) void does(int count, char **words)
#if CASE == 1 /* something else is asked for */
DOES {
    if (getauxval(AT_SECURE)) {
        result = slip(count);
    }
}
#elif CASE == 2 /* a branch soon after that has nothing to do with it */
DOES {
    capabilities = getauxval(AT_HWCAP);
    if (count > 3) {
        result = slip(count);
    }
}
#elif CASE == 3
DOES {
    capabilities = getauxval(AT_HWCAP);
    other = count > 2;
    work(count);
}
#elif CASE == 4
DOES {
    pthread_t id;
    pthread_create(&id, NULL, thread, NULL);
    pthread_join(id, NULL);
}
#elif CASE == 5
DOES {
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
}
#elif CASE == 6
DOES {
    long list[] = {5, 4, count, 2};
    qsort(list, 4, sizeof *list, order);
}
#elif CASE == 7
DOES {
    atexit(at_end);
}
#elif CASE == 8  /* a register that holds the answer later */
DOES {
    long number = atoi(words[0]);
    puts("before");
    if (number > 3) {
        result = slip(count);
    }
    unsigned long answer = getauxval(AT_HWCAP);
    puts("after");
    if (answer & WANTED) {
        puts("there");
    }
}
#elif CASE == 9  /* a test chooses it, and it is handed on all the same */
DOES {
    long (*chosen)(long) = getauxval(AT_HWCAP) & WANTED ? hidden : plain;
    result = chosen(count);
    atexit((void (*)(void))hidden);
}
#elif CASE == 10 /* nobody knows what is asked for */
DOES {
    if (getauxval((unsigned long)count)) {
        result = slip(count);
    }
}
#elif CASE == 11 /* a branch soon after the list was stored */
DOES {
    store_list(facilities);
    if (count > 3) {
        result = slip(count);
    }
}
#elif CASE == 12
DOES {
    store_list(facilities);
    other = count > 2;
    work(count);
}
#elif CASE == 13
DOES {
    capabilities = getauxval(AT_HWCAP);
    work(count);
}
#elif CASE == 14 /* it stands in a table, in a program that asks */
DOES {
    capabilities = getauxval(AT_HWCAP);
    result = table[count & 1](count);
}
#elif CASE == 15
DOES {
    capabilities = getauxval(AT_HWCAP);
    for (int i = count & 1; i >= 0; i--) {
        if (*words[0] == *named[i].name) {
            result = named[i].does(count);
        }
    }
}
#elif CASE == 16
DOES {
    capabilities = getauxval(AT_HWCAP);
    result = ((const volatile struct operations *)object.operations)->second(count);
}
#elif CASE == 17
DOES {
    capabilities = getauxval(AT_HWCAP);
    changing[2] = count > 5 ? plain : changing[0];
    result = changing[count & 1](count);
}
#elif CASE == 18 /* another bit, of the list, too; and the way on which the facility is missing */
DOES {
    if (getauxval(AT_HWCAP) & DECIMAL) {
        result = slip(count);
    }
}
#elif CASE == 19
DOES {
    if (!(getauxval(AT_HWCAP) & WANTED)) {
        result = slip(count);
    }
}
#elif CASE == 30
DOES {
    capabilities = getauxval(AT_HWCAP);
    work(count);
}
#elif CASE == 31
DOES {
    known = (getauxval(AT_HWCAP) & DECIMAL) != 0;
    work(count);
}
#elif CASE == 29
DOES {
    unsigned long list[4] = {0};
    store_list(list);
    if (list[2] & 1) {
        work(count);
    }
}
#elif CASE == 32
DOES {
    unsigned long list[4] = {0};
    STORE_LIST(list);
    if (list[0] >> (63 - 42) & 1) {
        result = slip(count);
    }
}
#elif CASE == 33 /* another variable of a function with the list; without names */
DOES {
    STORE_LIST(facilities);
    if (wide) {
        result = slip(count);
    }
}
#elif CASE == 34 /* of one table or the other */
DOES {
    capabilities = getauxval(AT_HWCAP);
    long (*chosen)(long) = count > 3 ? first[count & 1] : second[count & 1];
    result = chosen(count);
}
#elif CASE == 35 /* another bit leads to a table, or chooses; or the facility is missing */
DOES {
    if (getauxval(AT_HWCAP) & DECIMAL) {
        result = levels[count & 1](count);
    }
}
#elif CASE == 36
DOES {
    long (*chosen)(long) = getauxval(AT_HWCAP) & DECIMAL ? hidden : plain;
    result = chosen(count);
}
#elif CASE == 37
DOES {
    long (*chosen)(long) = getauxval(AT_HWCAP) & WANTED ? plain : hidden;
    result = chosen(count);
}
#elif CASE == 38               /* a variable beside one that tells */
DOES {
    flags.there = (getauxval(AT_HWCAP) & WANTED) != 0;
    flags.wordy = count > 2;
    work(count);
}
#elif CASE == 39               /* one beside a short list */
DOES {
    register unsigned long last __asm__("0") = 1;
    stored.wordy = count > 1;
    __asm__ volatile("stfle %0" : "=Q"(stored.list), "+d"(last) : : "cc");
    work(count);
}
#elif CASE == 40               /* a register gets a number of floating point */
DOES {
    if (getauxval(AT_HWCAP) & WANTED) {
        other = 1;
    }
    long number = (long)numbers[0];
    if (number > 3) {
        result = slip(number);
    }
}
#elif CASE == 41 || CASE == 42 /* a test says which entry of a table it is */
DOES {
    if (getauxval(AT_HWCAP) & WANTED) {
        level = 1;
    }
    work(count);
}
#elif CASE == 43
DOES {
    const struct way *way = &ways[0];
    if (getauxval(AT_HWCAP) & WANTED) {
        way = &ways[1];
    }
    result = way->does(count);
}
#elif CASE == 44
DOES {
    unsigned long answer = getauxval(AT_HWCAP);
    for (const struct way *way = ways; way < ways + 2; way++) {
        puts(way->name);
    }
    result = (answer & WANTED ? &ways[1] : &ways[0])->does(count);
}
#elif CASE == 45 /* registers of floating point have the same numbers */
DOES {
    unsigned long answer = getauxval(AT_HWCAP);
    double a = numbers[0], b = numbers[1];
    numbers[2] = a * b;
    numbers[3] = a - b;
    if (answer & WANTED) {
        result = slip(count);
    }
}
#elif CASE == 46 /* one of more tables than are told apart */
DOES {
    capabilities = getauxval(AT_HWCAP);
    long (*const *one)(long) = words[0][0] == 'a'   ? one_of_8
                               : words[0][1] == 'b' ? two_of_8
                               : words[0][2] == 'c' ? three_of_8
                               : words[0][3] == 'd' ? four_of_8
                               : words[0][4] == 'e' ? five_of_8
                               : words[0][5] == 'f' ? six_of_8
                               : words[0][6] == 'g' ? seven_of_8
                                                    : eight_of_8;
    result = one[count & 1](count);
}
#elif CASE == 47 /* a pointer goes over a table */
DOES {
    capabilities = getauxval(AT_HWCAP);
    for (const struct command *c = commands; c < commands + 4; c++) {
        if (!strcmp(c->name, words[0])) {
            result = c->does(count);
            break;
        }
    }
}
#elif CASE == 48 /* entries far from one another; and code refers to one of them, too */
DOES {
    capabilities = getauxval(AT_HWCAP);
    result = far[count % 3].does(count);
}
#elif CASE == 49
DOES {
    capabilities = getauxval(AT_HWCAP);
    usual = &commands[2];
    result = commands[count & 3].does(count);
}
#elif CASE == 50 /* it is told on one way alone */
DOES {
    unsigned long answer = (unsigned long)count * WANTED;
    if (count > 1) {
        answer = getauxval(AT_HWCAP);
    }
    if (answer & WANTED) {
        result = slip(count);
    }
}
#elif CASE == 51 /* a constant goes over what is told, in the frame or in a variable */
DOES {
    volatile unsigned char answer = (unsigned char)(getauxval(AT_HWCAP) >> 8);
    if (count > 3) {
        answer = WANTED >> 8;
    }
    if (answer & WANTED >> 8) {
        result = slip(count);
    }
}
#elif CASE == 52
DOES {
    flags.there = (getauxval(AT_HWCAP) & WANTED) != 0;
    if (count > 3) {
        flags.there = 1;
    }
    work(count);
}
#elif CASE == 53 /* several bits, all of them ones */
DOES {
    if ((getauxval(AT_HWCAP) & (WANTED | VECTOR)) == (WANTED | VECTOR)) {
        result = slip(count);
    }
}
#elif CASE == 54
DOES {
    if ((getauxval(AT_HWCAP) & (VECTOR | DECIMAL)) == (VECTOR | DECIMAL)) {
        result = slip(count);
    }
}
#elif CASE >= 55 && CASE <= 57
DOES {
    result = resolved(count);
}
#elif CASE == 58 || CASE == 59 /* another bit */
DOES {
    choose_best(count);
    work(count);
}
#elif CASE == 28               /* MULTIPLY SINGLE's own facility */
DOES {
    unsigned long list[4] = {0};
    STORE_LIST(list);
    if (list[0] >> (63 - 58) & 1) {
        result = slip(count);
    }
}
#elif CASE == 20
DOES {
    if (getauxval(AT_HWCAP) & WANTED) {
        result = slip(count);
    }
}
#elif CASE == 21
DOES {
    capabilities = getauxval(AT_HWCAP);
    work(count);
}
#elif CASE == 22
DOES {
    known = (getauxval(AT_HWCAP) & WANTED) != 0;
    work(count);
}
#elif CASE == 23
DOES {
    long (*chosen)(long) = getauxval(AT_HWCAP) & WANTED ? hidden : plain;
    result = chosen(count);
}
#elif CASE == 24
DOES {
    unsigned long list[4] = {0};
    store_list(list);
    if (list[2] & 1) {
        result = slip(count);
    }
}
#elif CASE == 25
DOES {
    store_list(facilities);
    work(count);
}
#elif CASE == 26
DOES {
    unsigned long list[4] = {0};
    store_list(list);
    for (int i = 0; i < 4; i++) { /* nothing else is looked at */
        known |= (list[i] & 1) != 0;
    }
    work(count);
}
#elif CASE == 27 /* the code that asks comes later by address */
DOES {
    unsigned long answer = 0;
    if (__builtin_expect(count < 9, 0)) {
        answer = getauxval(AT_HWCAP);
    }
    puts("after");
    if (answer & WANTED) {
        result = slip(count);
    }
}
#endif

int main(int count, char **words) {
    does(count, words);
    return 0;
}
