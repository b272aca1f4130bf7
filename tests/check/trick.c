/*
 * A program that does what a z13 does not have in ways that are easily missed: its argument names
 * one. What it ends with is 0 wherever it can be.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *self;
static jmp_buf back;

/* MULTIPLY SINGLE (64 <- 64, sets CC): of z14, in a program for z13. */
__attribute__((noinline)) static void slip(void) {
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc 2,2,2\n.machine pop" : : : "2", "cc");
}

__attribute__((noinline)) static void other_slip(void) {
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc 3,3,3\n.machine pop" : : : "3", "cc");
}

static void end(int number) {
    _exit(0);
}

static void unblock_and_end(int number) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    exit(0);
}

static void execute(int number) {
    execl("/proc/self/exe", self, "nothing", (char *)NULL);
}

static void jump(int number) {
    longjmp(back, 1); /* which does not give the mask of signals back */
}

static void slip_with(void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGILL, &action, NULL);
    if (!setjmp(back)) {
        slip();
    }
}

/* In a handler that SIGILL does not wait for, which ends the program. */
static void nodefer(void) {
    slip_with(end, SA_NODEFER);
}

static void unblock(void) {
    slip_with(unblock_and_end, 0);
}

static void replaced(void) {
    slip_with(execute, SA_NODEFER);
}

static void jumps(void) {
    slip_with(jump, 0);
}

static void jumps_nodefer(void) {
    slip_with(jump, SA_NODEFER);
    printf("%d\n", 1); /* deeper than the handler was */
    fflush(stdout);
}

/* A process that nobody waits for. */
static void orphan(void) {
    if (!fork()) {
        usleep(200000);
        slip();
    }
}

static void wait_for_ever(int number) {
    for (;;) {
        pause();
    }
}

/* A process that nobody waits for, and that does not live to tell what it did. */
static void killed_orphan(void (*does)(void)) {
    pid_t orphan = fork();
    if (!orphan) {
        usleep(100000);
        does();
        wait_for_ever(0);
    }
    if (!fork()) {
        usleep(600000);
        kill(orphan, SIGKILL);
        _exit(0);
    }
}

static void killed_slip(void) {
    killed_orphan(slip);
}

static void unexecuted(void) {
    signal(SIGILL, wait_for_ever);
    __asm__ volatile(".insn rsy,0xeb0000000016,0,0,0" : : : "0", "1", "memory"); /* PFCR */
}

static void killed_unexecuted(void) {
    killed_orphan(unexecuted);
}

static void daemonize(void) {
    if (daemon(0, 0) == 0) {
        orphan();
    }
}

static void endless(void) {
    if (!fork()) {
        for (;;) {
            pause();
        }
    }
}

static void slow_endless(void) {
    endless();
    sleep(1);
}

static void group(void) {
    kill(0, SIGKILL);
}

static void foreign(void) {
    if (!fork()) {
        execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
        _exit(1);
    }
}

/* 70 bytes a line. */
static void flood(void) {
    for (int i = 0; i < 60000; i++) {
        printf("%069d\n", i);
    }
}

static void both(void) {
    slip();
    other_slip();
}

static void nothing(void) {
}

static void spin(void) {
    for (;;) {
    }
}

static const struct {
    const char *name;
    void (*does)(void);
} tricks[] = {{"nodefer", nodefer},
              {"unblock", unblock},
              {"replaced", replaced},
              {"jumps", jumps},
              {"orphan", orphan},
              {"jumps-nodefer", jumps_nodefer},
              {"daemon", daemonize},
              {"endless", endless},
              {"group", group},
              {"foreign", foreign},
              {"flood", flood},
              {"slip", slip},
              {"both", both},
              {"nothing", nothing},
              {"spin", spin},
              {"killed-slip", killed_slip},
              {"killed-unexecuted", killed_unexecuted},
              {"slow-endless", slow_endless}};

int main(int argc, char **argv) {
    self = argv[0];
    for (unsigned i = 0; i < sizeof tricks / sizeof *tricks; i++) {
        if (argc > 1 && !strcmp(argv[1], tricks[i].name)) {
            tricks[i].does();
            return 0;
        }
    }
    return 1;
}
