/* Timers that the program does not stop: none of their signals comes to the program that it
 * executes, or when it has ended. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void handler(int number) {
}

static void create_timer(int number) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
    struct itimerspec often = {{0, 200000}, {0, 200000}};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &often, NULL);
}

int main(int argc, char **argv) {
    struct itimerval often = {{0, 200}, {0, 200}};
    signal(SIGUSR1, handler);
    signal(SIGALRM, handler);
    if (argc == 1) {
        create_timer(SIGUSR1);
        execl("/proc/self/exe", argv[0], "again", NULL);
        return 1;
    }
    signal(SIGUSR1, SIG_DFL);
    usleep(20000);
    signal(SIGUSR1, handler);
    create_timer(SIGUSR1);
    setitimer(ITIMER_REAL, &often, NULL);
    puts("right");
    return 0;
}
