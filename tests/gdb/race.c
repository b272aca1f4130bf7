/*
 * Threads to go back in: they take a mutex, wait for each other, for a pipe and for time, send
 * signals, end, and are followed by others. What comes of it depends on the order in which they do.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 40, WORKERS = 3 };

static unsigned long sum;
static volatile int step, got;
static int turn;
static int ends[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t fair;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

__attribute__((noinline)) void mark(int n) {
    step = n;
}

__attribute__((noinline)) void add(unsigned long n) {
    sum = sum * 31 + n;
}

static void handler(int number) {
    got += number;
    sum += (unsigned long)number;
}

/* Nobody locks this: the host's time has no part in it, but that of turns has. */
static void *spin(void *context) {
    static volatile unsigned long shared;
    for (int i = 0; i < 4000; i++) {
        shared = shared * 3 + (uintptr_t)context;
    }
    pthread_mutex_lock(&mutex);
    add(shared);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

/* One after the other, each when it is its turn. */
static void *alternate(void *context) {
    const int own = (int)(intptr_t)context;
    struct timespec t, moment = {0, 100000};
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != own) {
            pthread_cond_wait(&changed, &mutex);
        }
        turn = (turn + 1) % WORKERS;
        clock_gettime(CLOCK_REALTIME, &t);
        add((unsigned long)own + (unsigned long)t.tv_nsec);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
        if (i % 16 == own) {
            nanosleep(&moment, NULL);
        }
    }
    return NULL;
}

/* The kernel makes a mark in the lock while somebody waits for it. */
static void *inherit(void *context) {
    for (int i = 0; i < 4; i++) {
        pthread_mutex_lock(&fair);
        add((unsigned long)(uintptr_t)context);
        sched_yield();
        pthread_mutex_unlock(&fair);
    }
    return NULL;
}

static void *receive(void *context) {
    char byte;
    (void)context;
    while (read(ends[0], &byte, 1) == 1) {
        add((unsigned long)byte);
    }
    mark(40);
    return NULL;
}

/* Until its handler has run. */
static void *await_signal(void *context) {
    (void)context;
    while (!got) {
        sched_yield();
    }
    printf("signal %d\n", got);
    return NULL;
}

static void run(int count, void *(*function)(void *context)) {
    pthread_t threads[WORKERS];
    for (intptr_t i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, function, (void *)i);
    }
    if (function == receive) {
        write(ends[1], "some bytes", 10);
        close(ends[1]);
    } else if (function == await_signal) {
        pthread_kill(threads[0], SIGUSR1);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&fair, &attributes);
    setvbuf(stdout, NULL, _IOLBF, 0);
    sigaction(SIGUSR1, &action, NULL);
    mark(10);
    run(2, spin);
    mark(20);
    run(2, inherit);
    run(WORKERS, alternate);
    mark(30);
    pipe(ends);
    run(1, receive);
    mark(50);
    run(1, await_signal);
    mark(60);
    printf("sum %lx\n", sum);
    mark(70);
    return 0;
}
