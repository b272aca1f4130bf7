/*
 * What makes two runs differ: threads that race, clocks, sleep, time limits, random numbers,
 * process numbers. Prints all of it; under zfacet run --deterministic it prints the same each time.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 300 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t done;
static unsigned order[THREADS * ROUNDS], count;
static volatile unsigned races;
static int pipes[2];

/* A process's or thread's, with as many digits as any other: each digit is instructions. */
static long shown(long number) {
    return 10000000 + number;
}

static long now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void *race(void *number) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        races = races + 1; /* loses some */
        pthread_mutex_lock(&mutex);
        order[count++] = (unsigned)(long)number;
        pthread_cond_signal(&cond);
        pthread_mutex_unlock(&mutex);
        if (i % 64 == 0) {
            sched_yield();
        }
        if (i % 100 == (unsigned)(long)number) {
            usleep(100 * (unsigned)(long)number);
        }
    }
    sem_post(&done);
    return NULL;
}

static void *read_pipe(void *unused) {
    char byte;
    struct pollfd p = {pipes[0], POLLIN, 0};
    (void)unused;
    long before = now_ns(CLOCK_MONOTONIC);
    int none = poll(&p, 1, 250), some = poll(&p, 1, 60000);
    ssize_t got = read(pipes[0], &byte, 1), more = read(pipes[0], &byte, 1);
    printf("pipe: %d %d %zd %zd, %ld ns\n", none, some, got, more,
           now_ns(CLOCK_MONOTONIC) - before);
    return NULL;
}

static void wait_with_limit(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += 2;
    pthread_mutex_lock(&mutex);
    int result = 0;
    while (!result) {
        result = pthread_cond_timedwait(&cond, &mutex, &t);
    }
    pthread_mutex_unlock(&mutex);
    printf("limit: %d at %ld\n", result, now_ns(CLOCK_REALTIME));
}

int main(void) {
    pthread_t thread[THREADS], reader;
    unsigned long random, hash = 0, clock_value;
    sem_init(&done, 0, 0);
    if (pipe(pipes) || getrandom(&random, sizeof random, 0) != sizeof random) {
        return 1;
    }
    __asm__ volatile("stckf %0" : "=Q"(clock_value) : : "cc");
    printf("random %lx, clock %lx, process %ld\n", random, clock_value, shown(getpid()));
    pthread_create(&reader, NULL, read_pipe, NULL);
    for (long i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, race, (void *)i);
    }
    for (int i = 0; i < THREADS; i++) {
        sem_wait(&done);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    for (unsigned i = 0; i < count; i++) {
        hash = hash * 31 + order[i];
    }
    printf("order %lx, %u of %u, thread %ld\n", hash, races, count, shown(syscall(SYS_gettid)));
    wait_with_limit();
    if (write(pipes[1], "ab", 2) != 2) {
        return 1;
    }
    pthread_join(reader, NULL);
    printf("end: %ld, %ld\n", now_ns(CLOCK_PROCESS_CPUTIME_ID), now_ns(CLOCK_MONOTONIC));
    return 0;
}
