/* A Linux program whose threads all come to one place, often, to be debugged; with an argument,
 * they get a signal each time. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

enum { THREADS = 4, ROUNDS = 25 };
static volatile int done[THREADS];
static int signals, sends;

static void note(int number) {
    __atomic_fetch_add(&signals, 1, __ATOMIC_SEQ_CST);
}

__attribute__((noinline)) void pass(long self) {
    done[self]++;
}

static void *run(void *self) {
    for (int i = 0; i < ROUNDS; i++) {
        if (sends) {
            pthread_kill(pthread_self(), SIGUSR1);
        }
        pass((long)self);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    sends = argc > 1;
    signal(SIGUSR1, note);
    for (long i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, run, (void *)i);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%d %d %d %d, signals %d\n", done[0], done[1], done[2], done[3], signals);
    return 0;
}
