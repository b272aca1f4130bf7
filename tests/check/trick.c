/*
 * A program that does what a z13 does not have in ways that are easily missed: its argument names
 * one. What it ends with is 0 wherever it can be.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static char *self;
static sigjmp_buf back;

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

static void edit_and_end(int number, siginfo_t *info, void *context) {
    ((ucontext_t *)context)->uc_mcontext.psw.addr += 4;
    _exit(0);
}

static int depth;
static void raise_and_end(int number) {
    if (!depth++) {
        raise(SIGILL);
        _exit(0);
    }
}

static void jump_with_mask(int number) {
    siglongjmp(back, 1);
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

static void edits(void) {
    struct sigaction action = {.sa_sigaction = edit_and_end, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, NULL);
    slip();
}

/* The handler is interrupted by itself, which returns. */
static void nested(void) {
    slip_with(raise_and_end, SA_NODEFER);
}

/* The place of the handler's frame is in the middle of what nobody writes to. */
__attribute__((noinline)) static void end_deeper(void) {
    char room[60000];
    __asm__ volatile("" : : "r"(room) : "memory");
    exit(0);
}

static void jumps_deep(void) {
    signal(SIGILL, jump_with_mask);
    if (!sigsetjmp(back, 1)) {
        slip();
    }
    __asm__ volatile("svc 20" : : : "2", "memory"); /* getpid, which puts nothing on the stack */
    end_deeper();
}

/* The same without a system call. */
static void jumps_deeper(void) {
    signal(SIGILL, jump_with_mask);
    if (!sigsetjmp(back, 1)) {
        slip();
    }
    end_deeper();
}

/* A handler that ends the program from as deep. */
static void end_with_room(int number) {
    end_deeper();
}

static void ends_deep(void) {
    slip_with(end_with_room, 0);
}

/* A handler that ends the program in a coroutine, which nobody calls. */
static ucontext_t coroutine;
static char coroutine_stack[65536];

static void end_here(void) {
    _exit(0);
}

static void go_and_end(int number) {
    setcontext(&coroutine);
}

static void ends_in_coroutine(void) {
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = coroutine_stack, .ss_size = sizeof coroutine_stack};
    coroutine.uc_link = NULL;
    makecontext(&coroutine, end_here, 0);
    slip_with(go_and_end, 0);
}

/* A handler that has forgotten where it returns to. */
static void forget_and_end(int number) {
    __asm__ volatile("lghi 14,0\nlghi 2,0\nlghi 1,248\nsvc 0"); /* exit_group */
}

static void ends_lost(void) {
    slip_with(forget_and_end, 0);
}

static void *jump_in_thread(void *none) {
    jumps_deeper();
    return none;
}

static void jumps_in_thread(void) {
    pthread_t thread;
    if (!pthread_create(&thread, NULL, jump_in_thread, NULL)) {
        pthread_join(thread, NULL);
    }
}

static void unknown_call(void) {
    syscall(65536);
    syscall(0xfffffffe);
    syscall(0xffffffff);
}

static void damaged(void) {
    static const char head[64] = "\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\1\0\26"; /* an object */
    char path[] = "/tmp/damagedXXXXXX";
    int file = mkstemp(path);
    if (write(file, head, sizeof head) == sizeof head && !fchmod(file, 0700) && !close(file)) {
        execl(path, path, (char *)NULL);
    }
    unlink(path);
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

/* KIMD (SHA-256) with its option, which z16 has not, and which has no effect. */
static void hint(void) {
    static char block[64], digest[256];
    __asm__ volatile("lgr 1,%0\nlgr 4,%1\nlghi 5,64\nlghi 0,2\n.insn rrf,0xb93e0000,0,4,8,0"
                     :
                     : "a"(digest), "a"(block)
                     : "0", "1", "4", "5", "cc", "memory");
}

static void killed_hint(void) {
    killed_orphan(hint);
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

/* Three processes, two of them in sessions of their own. */
static void sessions(void) {
    for (int i = 0; i < 2 && !fork(); i++) {
        setsid();
    }
    wait_for_ever(0);
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
              {"killed-hint", killed_hint},
              {"edits", edits},
              {"nested", nested},
              {"jumps-deep", jumps_deep},
              {"unknown-call", unknown_call},
              {"damaged", damaged},
              {"slow-endless", slow_endless},
              {"sessions", sessions},
              {"jumps-deeper", jumps_deeper},
              {"ends-deep", ends_deep},
              {"ends-in-coroutine", ends_in_coroutine},
              {"ends-lost", ends_lost},
              {"jumps-in-thread", jumps_in_thread}};

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
