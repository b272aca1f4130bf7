/* Calls that a signal interrupts, whose handler does not have them made again; several signals at
 * once. */
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
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

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits of 250 ms, while a signal comes every 100 ms. */
static void wait_often(void) {
    const struct timespec limit = {0, 250000000};
    struct itimerval often = {{0, 100000}, {0, 100000}};
    int word = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    for (int way = 0; way < 4; way++) {
        long begin = now_ms();
        int result = way == 0   ? poll(NULL, 0, 250)
                     : way == 1 ? nanosleep(&limit, NULL)
                     : way == 2 ? clock_nanosleep(CLOCK_MONOTONIC, 0, &limit, NULL)
                                : (int)syscall(SYS_futex, &word, FUTEX_WAIT, 0, &limit, NULL, 0);
        long ms = now_ms() - begin;
        printf("wait %d: %d, %s\n", way, result, ms < 250 ? "short" : ms < 2000 ? "good" : "long");
    }
}

int main(int argc, char **argv) {
    struct sigaction action = {.sa_handler = handler};
    sigset_t both, old;
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    if (argc > 1) {
        wait_often();
        return 0;
    }
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
