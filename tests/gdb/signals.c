/* A Linux program that gets signals of all kinds, to be debugged. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REALTIME = 40 };
static volatile int got[65];
static sigjmp_buf before;

static void note(int number) {
    got[number]++;
}

static void back(int number) {
    got[number]++;
    siglongjmp(before, 1);
}

static void *run(void *context) {
    pthread_kill(pthread_self(), SIGUSR2);
    return context;
}

static int in_child(void) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        raise(SIGUSR1); /* nobody is told of it there */
        _exit(got[SIGUSR1]);
    }
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

int main(void) {
    static const int noted[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, REALTIME};
    pthread_t thread;
    for (unsigned i = 0; i < sizeof noted / sizeof noted[0]; i++) {
        signal(noted[i], note);
    }
    signal(SIGSEGV, back);
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(REALTIME);
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    sigset_t alarm, none; /* it comes to who waits, however late that is */
    sigemptyset(&none);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    ualarm(1000, 0);
    sigsuspend(&none);
    if (!sigsetjmp(before, 1)) {
        *(volatile int *)8 = 1;
    }
    int child = in_child();
    printf("%d %d %d %d %d %d, child %d\n", got[SIGUSR1], got[SIGUSR2], got[SIGALRM], got[SIGCHLD],
           got[REALTIME], got[SIGSEGV], child);
    raise(SIGUSR1);
    printf("%d\n", got[SIGUSR1]);
    return 0;
}
