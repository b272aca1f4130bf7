/*
 * Threads that wait for a word, are requeued to another one, and are woken from there one by one.
 * How many that concerns, and which, is the same whenever a debugger stops the program.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4 };
static uint32_t first, second;
static int order[THREADS], woken, handled;

static void handler(int number) {
    handled += number;
}

static long futex(uint32_t *word, int operation, uint32_t value, uintptr_t more, uint32_t *other) {
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, more, other, 0);
}

static void *wait_once(void *self) {
    long result = futex(&first, FUTEX_WAIT, 0, 0, NULL);
    order[woken++] = result ? -1 : (int)(intptr_t)self;
    return NULL;
}

static void rest(void) {
    const struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
}

__attribute__((noinline)) void mark(int n) {
    (void)n;
}

int main(void) {
    pthread_t threads[THREADS];
    signal(SIGUSR1, handler);
    for (intptr_t i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, wait_once, (void *)(i + 1));
    }
    rest();
    mark(1);
    pthread_kill(threads[1], SIGUSR1); /* its wait begins anew, after the others' */
    rest();
    mark(2);
    first = 1;
    long requeued = futex(&first, FUTEX_REQUEUE, 0, THREADS, &second);
    mark(3);
    long again = futex(&first, FUTEX_WAKE, 9, 0, NULL);
    second = 1;
    for (int i = 0; i < THREADS; i++) {
        rest();
        mark(4);
        long one = futex(&second, FUTEX_WAKE, 1, 0, NULL);
        mark(5);
        rest();
        printf("%ld ", one);
    }
    printf("requeued %ld, then %ld, signal %d, order %d%d%d%d\n", requeued, again, handled,
           order[0], order[1], order[2], order[3]);
    return 0;
}
