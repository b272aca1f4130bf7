/* Files that hold numbers and structures, timers, and faults after the end of a file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static volatile int caught, value;
static sigjmp_buf fault;

static void on_timer(int number, siginfo_t *info, void *context) {
    (void)context;
    caught = number;
    value = info->si_value.sival_int;
}

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    printf("signal %d code %d\n", number, info->si_code);
    siglongjmp(fault, 1);
}

static void numbers(void) {
    uint64_t number = 5;
    int event = eventfd(3, EFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec when = {{0, 0}, {0, 1000000}};
    write(event, &number, sizeof number);
    read(event, &number, sizeof number);
    printf("event %llu\n", (unsigned long long)number);
    printf("empty %zd %s\n", read(event, &number, sizeof number), strerror(errno));
    printf("settime %d\n", timerfd_settime(timer, 0, &when, NULL));
    read(timer, &number, sizeof number);
    printf("timer %llu\n", (unsigned long long)number);
}

static void structures(void) {
    char bytes[512];
    struct signalfd_siginfo info = {0};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, 0), notes = inotify_init1(0);
    sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 77});
    read(signals, &info, sizeof info);
    /* as a pointer: ssi_int is 0 under the other emulator (calls/special.calls tries it) */
    printf("signal %u value %d mine %d\n", info.ssi_signo, (int)(info.ssi_ptr >> 32),
           info.ssi_pid == (uint32_t)getpid());
    inotify_add_watch(notes, ".", IN_CREATE);
    close(open("created", O_CREAT | O_WRONLY, 0600));
    ssize_t size = read(notes, bytes, sizeof bytes);
    const struct inotify_event *note = (const void *)bytes;
    printf("note %zd %x %u %s\n", size, note->mask, note->len, note->name);
}

static void timers(void) {
    struct sigaction action = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec when = {{0, 0}, {0, 10000000}}, left;
    timer_t timer;
    sigaction(SIGUSR1, &action, NULL);
    event.sigev_value.sival_int = 42;
    printf("create %d", timer_create(CLOCK_MONOTONIC, &event, &timer));
    printf(" settime %d\n", timer_settime(timer, 0, &when, NULL));
    nanosleep(&(struct timespec){2, 0}, NULL);
    printf("caught %d value %d\n", caught, value);
    printf("gettime %d", timer_gettime(timer, &left));
    printf(" left %ld delete %d\n", (long)left.it_value.tv_sec, timer_delete(timer));
}

static void behind_the_end(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    int file = open("short", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ftruncate(file, 100);
    volatile char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (!sigsetjmp(fault, 1)) {
        at[4096] = 1;
    }
    mprotect((void *)at, 4096, PROT_READ);
    if (!sigsetjmp(fault, 1)) {
        at[0] = 1;
    }
}

int main(void) {
    numbers();
    structures();
    timers();
    behind_the_end();
    return 0;
}
