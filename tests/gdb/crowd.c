/* A Linux program whose threads all come to one place, often, to be debugged. */
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, ROUNDS = 25 };
static volatile int done[THREADS];

__attribute__((noinline)) void pass(long self) {
    done[self]++;
}

static void *run(void *self) {
    for (int i = 0; i < ROUNDS; i++) {
        pass((long)self);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, run, (void *)i);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%d %d %d %d\n", done[0], done[1], done[2], done[3]);
    return 0;
}
