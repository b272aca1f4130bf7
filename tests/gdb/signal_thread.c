/* A Linux program whose second thread gets a signal while its first one is busy. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static pthread_t second;
static volatile int in_second, in_first, code, done, crashes;

static void note(int number, siginfo_t *info, void *context) {
    *(pthread_equal(pthread_self(), second) ? &in_second : &in_first) += number == SIGUSR1;
    code = info->si_code;
}

static void *run(void *context) {
    second = pthread_self();
    if (crashes) {
        *(volatile int *)8 = 1;
    }
    raise(SIGUSR1);
    done = 1;
    return context;
}

int main(int argc, char **argv) {
    pthread_t thread;
    crashes = argc > 1;
    sigaction(SIGUSR1, &(struct sigaction){.sa_sigaction = note, .sa_flags = SA_SIGINFO}, NULL);
    pthread_create(&thread, NULL, run, NULL);
    while (!done) {
    }
    pthread_join(thread, NULL);
    printf("%d in the second, %d in the first, %s\n", in_second, in_first,
           code == SI_TKILL ? "by itself" : "by another");
    return 0;
}
