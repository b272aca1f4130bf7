/* Signals: from program conditions, from oneself, from timers; masks, alternate stacks, frames. */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int count;

static void on_fault(int number, siginfo_t *info, void *context) {
    ucontext_t *uc = context;
    uintptr_t psw = uc->uc_mcontext.psw.addr;
    printf("signal %d code %d address %s psw near %d\n", number, info->si_code,
           number == SIGSEGV ? ((uintptr_t)info->si_addr >> 12 == 0x12345678 ? "right" : "other")
                             : "-",
           number != SIGSEGV && psw - (uintptr_t)info->si_addr <= 6);
    siglongjmp(back, 1);
}

static void catch (int number, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigaction(number, &action, NULL);
}

#define TRY(body)                                                                                  \
    if (!sigsetjmp(back, 1)) {                                                                     \
        body;                                                                                      \
        puts("no signal");                                                                         \
    }

static void faults(void) {
    static volatile int zero, one = 1;
    char *page = mmap((void *)0x12345678000, 4096, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    catch (SIGSEGV, on_fault, 0);
    catch (SIGILL, on_fault, 0);
    catch (SIGFPE, on_fault, 0);
    catch (SIGTRAP, on_fault, 0);
    TRY(*(volatile char *)page = 1);
    printf("%d\n", page[0]);
    munmap(page, 4096);
    TRY(*(volatile char *)page);
    TRY(*(volatile char *)page = 1);
    TRY(((void (*)(void))page)());
    TRY(asm volatile(".short 0x0000"));
    TRY(asm volatile(".short 0x0001"));
    TRY(printf("%d\n", one / zero));
    TRY(asm volatile("lghi %%r3,1\n\tlghi %%r2,0\n\tlghi %%r5,0\n\tdlgr %%r2,%%r5" ::
                         : "r2", "r3", "r5"));
    TRY(asm volatile("lghi %%r4,1\n\t.short 0x1c34" ::: "r3", "r4", "r2")); /* odd register */
    feenableexcept(FE_DIVBYZERO);
    TRY(printf("%f\n", 1.0 / (double)zero));
    fedisableexcept(FE_ALL_EXCEPT);
}

static void on_signal(int number, siginfo_t *info, void *context) {
    sigset_t mask;
    (void)context;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("got %d code %d from %s, self blocked %d, USR2 blocked %d\n", number, info->si_code,
           info->si_pid == getpid() ? "self" : "other", sigismember(&mask, number),
           sigismember(&mask, SIGUSR2));
    count++;
}

static void on_plain(int number) {
    printf("plain %d\n", number);
    count++;
}

static void masks(void) {
    sigset_t set, old, pending;
    catch (SIGUSR1, on_signal, SA_RESTART);
    signal(SIGUSR2, on_plain);
    raise(SIGUSR1);
    raise(SIGUSR2);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    kill(getpid(), SIGUSR1);
    sigpending(&pending);
    printf("pending %d count %d\n", sigismember(&pending, SIGUSR1), count);
    sigdelset(&old, SIGUSR1);
    printf("suspend %d\n", sigsuspend(&old));
    printf("errno %d count %d\n", errno, count);
    union sigval value = {.sival_int = 5};
    sigqueue(getpid(), SIGUSR1, value);
    siginfo_t info;
    struct timespec timeout = {1, 0};
    printf("wait %d\n", sigtimedwait(&set, &info, &timeout));
    timeout.tv_sec = 0;
    printf("wait %d %d\n", sigtimedwait(&set, &info, &timeout), errno);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void on_alternate(int number, siginfo_t *info, void *context) {
    stack_t stack;
    char here;
    (void)info, (void)context;
    sigaltstack(NULL, &stack);
    printf("alternate %d: flags %d, on it %d\n", number, stack.ss_flags,
           &here >= (char *)stack.ss_sp && &here < (char *)stack.ss_sp + stack.ss_size);
}

static void alternate(void) {
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    printf("sigaltstack %d\n", sigaltstack(&stack, NULL));
    catch (SIGUSR1, on_alternate, SA_ONSTACK);
    raise(SIGUSR1);
    sigaltstack(NULL, &stack);
    printf("flags %d\n", stack.ss_flags);
}

static void on_alarm(int number) {
    (void)number;
    count++;
}

static void timers(void) {
    struct itimerval timer = {{0, 2000}, {0, 2000}};
    struct timespec nap = {5, 0}, rest = {0, 0};
    count = 0;
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (count < 5) {
        /* busy: signals come between blocks */
    }
    int result = nanosleep(&nap, &rest);
    printf("interrupted %d %d rest %d\n", result, errno, rest.tv_sec >= 1);
    timer = (struct itimerval){{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A handler may change registers of what it interrupted, floating point and access registers too.
 */
static void on_change(int number, siginfo_t *info, void *context) {
    ucontext_t *uc = context;
    (void)number, (void)info;
    uc->uc_mcontext.gregs[7] = 4711;
}

static void frames(void) {
    catch (SIGUSR1, on_change, 0);
    long changed;
    double kept = 3.25;
    asm volatile("lgr %%r2,%2\n\tlghi %%r3,%3\n\tlghi %%r7,1\n\tsvc 37\n\tlgr %0,%%r7"
                 : "=r"(changed), "+f"(kept)
                 : "r"((long)getpid()), "i"(SIGUSR1)
                 : "r2", "r3", "r7");
    printf("changed %ld kept %f\n", changed, kept);
}

static void children(void) {
    static const int signals[] = {SIGTERM, SIGSEGV, SIGABRT, SIGKILL};
    for (int i = 0; i < 4; i++) {
        fflush(stdout);
        pid_t pid = fork();
        if (!pid) {
            signal(signals[i], SIG_DFL);
            raise(signals[i]);
            _exit(9);
        }
        int status;
        waitpid(pid, &status, 0);
        printf("child: signaled %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
    }
}

int main(void) {
    faults();
    masks();
    alternate();
    timers();
    frames();
    children();
    fflush(stdout);
    signal(SIGTERM, SIG_IGN);
    raise(SIGTERM);
    puts("still here");
    return 0;
}
