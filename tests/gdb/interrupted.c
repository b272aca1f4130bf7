/* Calls that a signal interrupts, whose handler does not have them made again; several signals at
 * once. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int got;

static void handler(int number) {
    got++;
}

static int wait_for(int ms) {
    struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    return poll(NULL, 0, ms);
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    sigset_t both, old;
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    int first = wait_for(100), second = wait_for(5000);
    printf("%d %d, %d\n", first, second, got);
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, &old);
    raise(SIGUSR2);
    raise(SIGUSR1);
    sigprocmask(SIG_SETMASK, &old, NULL);
    raise(SIGUSR2);
    printf("%d\n", got);
    return 0;
}
