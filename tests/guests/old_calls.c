/*
 * System calls that C libraries no longer make, checked against the kernel's description of them:
 * other emulators lack some, or take their arguments otherwise. Prints "right".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum {
    SIGNAL = 48,
    USTAT = 62,
    SIGACTION = 67,
    SIGSUSPEND = 72,
    SIGPENDING = 73,
    SETTIMEOFDAY = 79,
    SIGPROCMASK = 126
};
enum { USR1_BIT = 1 << (SIGUSR1 - 1), USR2_BIT = 1 << (SIGUSR2 - 1) };

struct old_action {
    void (*handler)(int);
    unsigned long mask, flags;
    void (*restorer)(void);
};

static int wrong;
static volatile int count;

static void expect(const char *what, long got, long right) {
    if (got != right) {
        printf("%s: %ld instead of %ld\n", what, got, right);
        wrong = 1;
    }
}

static void on_signal(int number) {
    count += number == SIGUSR1;
}

static void actions(void) {
    struct old_action new = {on_signal, USR2_BIT, SA_RESTART, NULL}, old;
    signal(SIGUSR1, SIG_IGN);
    expect("signal", syscall(SIGNAL, SIGUSR1, on_signal), (long)SIG_IGN);
    raise(SIGUSR1);
    expect("caught", count, 1);
    expect("reset", syscall(SIGNAL, SIGUSR1, SIG_IGN), (long)SIG_DFL);
    expect("signal of SIGKILL", syscall(SIGNAL, SIGKILL, on_signal), -1);
    expect("its error", errno, EINVAL);
    expect("sigaction", syscall(SIGACTION, SIGUSR1, &new, &old), 0);
    expect("old handler", (long)old.handler, (long)SIG_IGN);
    expect("old flags", old.flags, SA_RESETHAND | SA_NODEFER);
    expect("sigaction that asks", syscall(SIGACTION, SIGUSR1, NULL, &old), 0);
    expect("handler", (long)old.handler, (long)on_signal);
    expect("mask", old.mask, USR2_BIT);
    expect("flags", old.flags, SA_RESTART);
    expect("sigaction without storage", syscall(SIGACTION, SIGUSR1, 8, NULL), -1);
    expect("its error", errno, EFAULT);
}

static void masks(void) {
    unsigned long set = USR1_BIT, was = 1;
    expect("sigprocmask", syscall(SIGPROCMASK, SIG_BLOCK, &set, &was), 0);
    expect("mask before", was, 0);
    count = 0;
    raise(SIGUSR1);
    expect("sigpending", syscall(SIGPENDING, &was), 0);
    expect("pending", was, USR1_BIT);
    expect("caught", count, 0);
    expect("sigsuspend", syscall(SIGSUSPEND, 0, 0, 0ul), -1);
    expect("its error", errno, EINTR);
    expect("caught", count, 1);
    expect("sigprocmask", syscall(SIGPROCMASK, SIG_SETMASK, &set, &was), 0);
    expect("mask kept", was, USR1_BIT);
    expect("sigprocmask with 3", syscall(SIGPROCMASK, 3, &set, &was), -1);
    expect("its error", errno, EINVAL);
}

static void clocks(void) {
    struct timex t = {0};
    struct timeval now, odd = {0, 2000000};
    int state = adjtimex(&t);
    expect("adjtimex", state >= TIME_OK && state <= TIME_ERROR, 1);
    gettimeofday(&now, NULL);
    expect("its time", now.tv_sec - t.time.tv_sec <= 10 && now.tv_sec >= t.time.tv_sec, 1);
    expect("its tick", t.tick >= 9000 && t.tick <= 11000, 1);
    memset(&t, 0, sizeof t);
    expect("clock_adjtime", clock_adjtime(CLOCK_REALTIME, &t), state);
    t.modes = ADJ_TICK;
    expect("adjtimex that sets", adjtimex(&t), -1);
    expect("its error", errno, EPERM);
    expect("settimeofday", syscall(SETTIMEOFDAY, &now, NULL), -1);
    expect("its error", errno, EPERM);
    expect("settimeofday with odd time", syscall(SETTIMEOFDAY, &odd, NULL), -1);
    expect("its error", errno, EINVAL);
}

static void file_system(void) {
    struct {
        int blocks;
        unsigned inodes;
        char names[12], after[4];
    } u = {.after = "yes"};
    struct stat st;
    stat("/", &st);
    expect("ustat", syscall(USTAT, (unsigned)st.st_dev, &u), 0);
    expect("blocks", u.blocks != 0, 1);
    expect("nothing after", strcmp(u.after, "yes"), 0);
    expect("ustat of no device", syscall(USTAT, makedev(250, 250), &u), -1);
    expect("its error", errno, EINVAL);
}

int main(void) {
    actions();
    masks();
    clocks();
    file_system();
    if (!wrong) {
        puts("right");
    }
    return wrong;
}
