/*
 * A program whose argument says what it does that a z13 does not have: slip, probe, left (a probe
 * that leaves its handler by siglongjmp), crash (a handler that does not come back), child, exec,
 * library, code BYTES (8 of them); or fail, which is its own fault, and call, which no Linux has;
 * or pair. thread-slip, thread-probe, thread-left and thread-crash do it in a second
 * thread; crowd: many slips in many threads, each caught; raise and
 * signal: a handler of a signal that it sends itself, or that comes from outside.
 */
#include "slip.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread sigjmp_buf back;

/* MULTIPLY SINGLE (64 <- 64, sets CC): of z14, in a program for z13. */
__attribute__((noinline)) static long product(long a, long b) {
    long r;
    __asm__ volatile(".machine push\n.machine z14\nmsgrkc %0,%1,%2\n.machine pop"
                     : "=d"(r)
                     : "d"(a), "d"(b)
                     : "cc");
    return r;
}

__attribute__((noinline)) static long factorial(long n) {
    return n > 1 ? product(n, factorial(n - 1)) : 1;
}

static void on_ill(int number) {
}

static void leave(int number) {
    siglongjmp(back, 1);
}

static void die(int number) {
    static const char text[] = "crashed\n";
    _exit(write(2, text, sizeof text - 1) == sizeof text - 1 ? 0 : 1);
}

static int probe(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler}, old;
    sigaction(SIGILL, &action, &old);
    if (!sigsetjmp(back, 1)) {
        product(2, 3);
    }
    sigaction(SIGILL, &old, NULL);
    return 0;
}

static int in_child(char *program) {
    int status;
    pid_t pid = fork();
    if (!pid) {
        if (program[0] != '-') {
            execl(program, program, "slip", (char *)NULL);
        }
        exit(factorial(3) != 6);
    }
    waitpid(pid, &status, 0);
    puts(WIFSIGNALED(status) ? "child killed" : "child ended");
    return 0;
}

static int children(void) {
    for (int i = 0; i < 3; i++) {
        if (!fork()) {
            exit(probe(on_ill));
        }
        wait(NULL);
    }
    return 0;
}

/* A child that is killed by its parent before it can tell anyone anything. */
static int killed(void) {
    int ends[2];
    char byte = 0;
    if (pipe(ends)) {
        return 1;
    }
    pid_t pid = fork();
    if (!pid) {
        probe(on_ill);
        if (write(ends[1], &byte, 1) == 1) {
            pause();
        }
    }
    if (read(ends[0], &byte, 1) == 1) {
        kill(pid, SIGKILL);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

/* Vectors where HWCAP says that there are high registers: the wrong question. */
static int wrong_guard(void) {
    if (getauxval(AT_HWCAP) & 1 << 9) {
        __asm__ volatile(".machine push\n.machine z13\nvzero 1\n.machine pop");
    }
    return 0;
}

/* Code that a translator at run time would have made: MSGRKC, BCR 15,14. */
static int generated(unsigned long insn) {
    void *code = mmap(NULL, sizeof insn, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code, &insn, sizeof insn);
    ((void (*)(void))code)();
    return 0;
}

/* What it writes depends on two facilities, 58 and 135, both of z14. */
static int pair(void) {
    unsigned char facilities[32] = {0};
    register long count __asm__("0") = sizeof facilities / 8 - 1;
    __asm__ volatile("stfle 0(%1)" : "+d"(count) : "a"(facilities) : "memory", "cc");
    int both = facilities[58 / 8] >> (7 - 58 % 8) & facilities[135 / 8] >> (7 - 135 % 8) & 1;
    puts(both ? "both" : "not both");
    return 0;
}

static void *in_thread(void *what) {
    if (!strcmp(what, "slip")) {
        factorial(5);
    } else {
        probe(!strcmp(what, "probe") ? on_ill : !strcmp(what, "left") ? leave : die);
    }
    return NULL;
}

static int second_thread(char *what) {
    pthread_t thread;
    if (strcmp(what, "slip") != 0) {
        probe(leave); /* the first thread's is a probe, whatever becomes of the second's */
    }
    pthread_create(&thread, NULL, in_thread, what);
    pthread_join(thread, NULL);
    return 0;
}

/* A signal that it sends itself, or that the end of a child sends it. */
static int gets_signal(int number) {
    struct sigaction action = {.sa_handler = on_ill};
    sigaction(number, &action, NULL);
    if (number == SIGUSR1) {
        return raise(number);
    }
    pid_t pid = fork();
    if (!pid) {
        _exit(0);
    }
    while (waitpid(pid, NULL, 0) < 0) {
    }
    return 0;
}

enum { CROWD = 8, SLIPS = 500 };

static void *slip_often(void *unused) {
    for (volatile int i = 0; i < SLIPS; i++) {
        if (!sigsetjmp(back, 1)) {
            product(i, 3);
        }
    }
    return NULL;
}

static int crowd(void) {
    pthread_t threads[CROWD];
    struct sigaction action = {.sa_handler = leave};
    sigaction(SIGILL, &action, NULL);
    for (int i = 0; i < CROWD; i++) {
        pthread_create(&threads[i], NULL, slip_often, NULL);
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "slip")) {
        return factorial(5) != 120;
    }
    if (!strcmp(what, "library")) {
        return library_product(5, 6) != 30;
    }
    if (!strcmp(what, "code")) {
        return generated(strtoul(argv[2], NULL, 16));
    }
    if (!strcmp(what, "fail")) {
        return 7;
    }
    if (!strncmp(what, "thread-", 7)) {
        return second_thread(argv[1] + 7);
    }
    if (!strcmp(what, "raise") || !strcmp(what, "signal")) {
        return gets_signal(*what == 'r' ? SIGUSR1 : SIGCHLD);
    }
    if (!strcmp(what, "crowd")) {
        return crowd();
    }
    if (!strcmp(what, "call")) {
        syscall(5000);
        return 0;
    }
    return !strcmp(what, "probe")       ? probe(on_ill)
           : !strcmp(what, "left")      ? probe(leave)
           : !strcmp(what, "crash")     ? probe(die)
           : !strcmp(what, "child")     ? in_child("-")
           : !strcmp(what, "exec")      ? in_child(argv[0])
           : !strcmp(what, "children")  ? children()
           : !strcmp(what, "pair")      ? pair()
           : !strcmp(what, "killed")    ? killed()
           : !strcmp(what, "guard")     ? wrong_guard()
           : !strcmp(what, "generated") ? generated(0xb9ed302207fe0700)
                                        : 0;
}
