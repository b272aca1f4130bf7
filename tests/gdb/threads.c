/* A Linux program with threads, to be debugged. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

static int total;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((noinline)) void work(int n) {
    pthread_mutex_lock(&mutex);
    total += n;
    pthread_mutex_unlock(&mutex);
}

static void *run(void *context) {
    for (int i = 0; i < 3; i++) {
        work((int)(intptr_t)context);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[3];
    for (intptr_t i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, run, (void *)(i + 1));
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("total %d\n", total);
    return 0;
}
