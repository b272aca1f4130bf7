/*
 * What a z13 does not have, in programs that ask for facilities, too. CASE says where: DIRECT ones
 * need it, in the others a test leads there.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>

/* MULTIPLY SINGLE (64 <- 64, sets CC): of z14. */
#define SLIP                                                                                       \
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %0,%0,%0\n.machine pop"                  \
                     : "+d"(result)                                                                \
                     :                                                                             \
                     : "cc")

enum { WANTED = 8192 }; /* a bit of AT_HWCAP */

unsigned long capabilities;
volatile long result = 3;
int other;

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

static int known;

__attribute__((noinline)) void work(int count) {
#if CASE == 3
    if (other) { /* another variable of the function that asks */
        result = slip(count);
    }
#elif CASE == 8 /* what is stored to a variable that tells, does not tell */
    capabilities = (unsigned long)count;
    if (count > 3) {
        result = slip(count);
    }
#elif CASE == 21
    if (capabilities & WANTED) {
        result = slip(count);
    }
#elif CASE == 22
    if (known) {
        result = slip(count);
    }
#endif
}

int main(int count, char **words) {
#if CASE == 1 /* something else is asked for */
    if (getauxval(AT_SECURE)) {
        result = slip(count);
    }
#elif CASE == 2 /* a branch soon after that has nothing to do with it */
    capabilities = getauxval(AT_HWCAP);
    if (count > 3) {
        result = slip(count);
    }
#elif CASE == 3
    capabilities = getauxval(AT_HWCAP);
    other = count > 2;
    work(count);
#elif CASE == 4
    pthread_t id;
    pthread_create(&id, NULL, thread, NULL);
    pthread_join(id, NULL);
#elif CASE == 5
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
#elif CASE == 6
    long list[] = {5, 4, count, 2};
    qsort(list, 4, sizeof *list, order);
#elif CASE == 7
    atexit(at_end);
#elif CASE == 8
    capabilities = getauxval(AT_HWCAP);
    work(count);
#elif CASE == 20
    if (getauxval(AT_HWCAP) & WANTED) {
        result = slip(count);
    }
#elif CASE == 21
    capabilities = getauxval(AT_HWCAP);
    work(count);
#elif CASE == 22
    known = (getauxval(AT_HWCAP) & WANTED) != 0;
    work(count);
#elif CASE == 23
    long (*chosen)(long) = getauxval(AT_HWCAP) & WANTED ? hidden : plain;
    result = chosen(count);
#endif
    return 0;
}
