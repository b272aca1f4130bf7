/*
 * A program that goes to the bounds of what is its own: addresses that are not there, mappings that
 * fail, files that end early, signals that look like faults. It knows itself what is right, which
 * is what Linux does, and says so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static int wrong;
static sigjmp_buf back;
static volatile int got, got_code;
static void *volatile got_address;

static void check(int ok, const char *what) {
    if (!ok) {
        printf("wrong: %s (errno %d)\n", what, errno);
        wrong = 1;
    }
}

static void jump(int number, siginfo_t *info, void *context) {
    got_code = info->si_code;
    got_address = info->si_addr;
    siglongjmp(back, number);
}

static void note(int number, siginfo_t *info, void *context) {
    got = number;
    got_code = info->si_code;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *)) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(number, &action, NULL);
}

/* The signal that a load from, or a store to, an address makes; 0: none. */
static int load(const volatile void *p) {
    int number = sigsetjmp(back, 1);
    if (!number) {
        (void)*(const volatile long *)p;
    }
    return number;
}

static int store(volatile void *p) {
    int number = sigsetjmp(back, 1);
    if (!number) {
        *(volatile long *)p = 1;
    }
    return number;
}

static char *map(size_t length, int flags, int file) {
    return mmap(NULL, length, PROT_READ | PROT_WRITE, flags, file, 0);
}

/* A mapping in place of another that the file refuses: the old one is gone or still there, no more.
 */
static void failed_mapping(void) {
    char *p = map(64 << 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    int file = open("/proc/self/status", O_RDONLY);
    *p = 42;
    void *q = mmap(p, 64 << 20, PROT_READ, MAP_FIXED | MAP_PRIVATE, file, 0);
    close(file);
    char *again = map(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    check(again != MAP_FAILED, "a mapping after one that failed");
    if (q == MAP_FAILED) {
        int number = store(p);
        check(number == 0 || number == SIGSEGV, "a store to what a failed mapping replaced");
    }
    munmap(p, 64 << 20);
}

static void beyond_the_file(void) {
    int file = memfd_create("short", 0);
    check(!ftruncate(file, PAGE), "ftruncate");
    char *p = map(2 * PAGE, MAP_SHARED, file), *q = p + PAGE;
    char *arguments[] = {q, NULL};
    struct iovec vector = {q, 8};
    check(load(q) == SIGBUS && got_address == q, "a load beyond the end of the file");
    check(open(q, O_RDONLY) < 0 && errno == EFAULT, "open");
    check(stat("/", (struct stat *)q) && errno == EFAULT, "stat");
    check(pipe((int *)q) && errno == EFAULT, "pipe");
    check(write(1, q, 10) < 0 && errno == EFAULT, "write");
    check(read(0, q, 10) < 0 && errno == EFAULT, "read");
    check(readv(0, &vector, 1) < 0 && errno == EFAULT, "readv");
    check(readv(0, (struct iovec *)q, 1) < 0 && errno == EFAULT, "readv, the vector");
    check(poll((struct pollfd *)q, 1, 0) < 0 && errno == EFAULT, "poll");
    check(nanosleep((struct timespec *)q, NULL) && errno == EFAULT, "nanosleep");
    check(execve("/nonesuch", arguments, arguments) && errno == EFAULT, "execve, a string");
    check(execve("/nonesuch", (char **)q, NULL) && errno == EFAULT, "execve, the list");
    mmap(q + PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
         0); /* in its way */
    char *moved = mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    check(moved != MAP_FAILED, "mremap of a shared mapping");
    strcpy(moved, "moved");
    char text[6] = "";
    check(pread(file, text, 6, 0) == 6 && !strcmp(text, "moved"), "a moved mapping is the file's");
    check(load(p) == SIGSEGV, "nothing is left where it was");
    munmap(moved, 4 * PAGE);
    close(file);
}

static void move_storage(void) {
    size_t size = 1 << 30;
    char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    p[0] = 1, p[size - 1] = 2;
    mprotect(p + size / 2, PAGE, PROT_READ);
    mprotect(p + size / 2, PAGE, PROT_READ | PROT_WRITE);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    char *fence = map(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    char *q = mremap(p, size, 2 * size, MREMAP_MAYMOVE);
    getrusage(RUSAGE_SELF, &after);
    check(q != MAP_FAILED && q[0] == 1 && q[size - 1] == 2 && !q[2 * size - 1], "mremap, more");
    check(after.ru_maxrss - before.ru_maxrss < 100 << 10, "mremap makes no pages");
    struct iovec vector[4];
    for (int i = 0; i < 4; i++) {
        vector[i] = (struct iovec){q, size};
    }
    int null = open("/dev/null", O_RDONLY);
    check(!readv(null, vector, 4), "readv of much");
    getrusage(RUSAGE_SELF, &after);
    check(after.ru_maxrss - before.ru_maxrss < 100 << 10, "readv makes no pages");
    close(null);
    munmap(q, 2 * size);
    munmap(fence, PAGE);
}

static void far_addresses(void) {
    static long low[2];
    for (int bit = 46; bit < 64; bit++) {
        void *p = (void *)((unsigned long)low | 1UL << bit);
        check(load(p) == SIGSEGV && got_code == SEGV_MAPERR, "a load from far");
        check((unsigned long)got_address == ((unsigned long)p & -PAGE), "its address");
        check(store(p) == SIGSEGV, "a store to far");
        check(write(1, p, 1) < 0 && errno == EFAULT, "write from far");
    }
}

/* Signals that someone sends are no faults, whatever they say. */
static void sent_signals(void) {
    static const int numbers[] = {SIGSEGV, SIGBUS};
    for (int i = 0; i < 2; i++) {
        int number = numbers[i];
        sigset_t set;
        handle(number, note);
        sigemptyset(&set);
        sigaddset(&set, number);
        got = 0;
        kill(getpid(), number);
        check(got == number && got_code == SI_USER, "kill");
        got = 0;
        pid_t child = fork();
        if (!child) {
            kill(getppid(), number);
            _exit(0);
        }
        while (!got) {
            usleep(1000);
        }
        check(got == number && got_code == SI_USER, "kill from another process");
        waitpid(child, NULL, 0);
        siginfo_t info = {.si_signo = number, .si_code = SEGV_MAPERR};
        info.si_pid = getpid();
        got = 0;
        syscall(SYS_rt_sigqueueinfo, getpid(), number, &info);
        check(got == number && got_code == SEGV_MAPERR, "a forged fault");
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
        struct itimerspec soon = {.it_value.tv_nsec = 1000000};
        timer_t timer;
        got = 0;
        check(!timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
        timer_settime(timer, 0, &soon, NULL);
        for (int n = 0; !got && n < 1000; n++) {
            usleep(1000);
        }
        check(got == number && got_code == SI_TIMER, "a timer");
        timer_delete(timer);
        sigprocmask(SIG_BLOCK, &set, NULL);
        got = 0;
        kill(getpid(), number);
        check(!got, "a blocked one");
        check(sigwaitinfo(&set, &info) == number, "sigwaitinfo");
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        check(!got, "a fetched one");
        signal(number, SIG_IGN);
        kill(getpid(), number);
        handle(number, jump);
    }
}

static void large_arguments(void) {
    size_t size = 1 << 20;
    char *text = malloc(size);
    static char *arguments[1501];
    memset(text, 'a', size);
    text[size - 1] = 0;
    for (int i = 0; i < 1500; i++) {
        arguments[i] = text;
    }
    check(execve("/nonesuch", arguments, arguments) && errno == E2BIG, "execve with long strings");
    text[100000] = 0;
    check(execve("/nonesuch", arguments, arguments) && errno == E2BIG, "execve with much");
    arguments[2] = NULL;
    check(execve("/nonesuch", arguments, arguments) && errno == ENOENT, "execve with little");
    free(text);
}

/* Reads a file to its end, at most `size` - 1 bytes; the length, or -1. */
static ssize_t slurp(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY);
    ssize_t all = 0, here;
    while (file >= 0 && (here = read(file, text + all, size - 1 - all)) > 0) {
        all += here;
    }
    close(file);
    text[all] = 0;
    return file < 0 ? -1 : all;
}

static char large[1 << 16];

/* /proc tells of this program, and its memory is this program's, whichever way leads there. */
static void own_process(char **argv, char **environment) {
    static volatile long marked = 0x123456789abcdef;
    static const char *const ways[] = {"/proc/self/mem", "/proc/thread-self/mem",
                                       "/dev/../proc/self/./mem"};
    char path[64], expected[64];
    int folder = open("/proc/self", O_RDONLY | O_DIRECTORY);
    for (int way = 0; way < 5; way++) {
        snprintf(path, sizeof path, "/proc/%d/task/%d/mem", getpid(), getpid());
        int file = way < 3    ? open(ways[way], O_RDWR)
                   : way == 3 ? open(path, O_RDWR)
                              : openat(folder, "mem", O_RDWR);
        long value = 0;
        check(file >= 0, "open of mem");
        check(pread(file, &value, 8, (off_t)&marked) == 8 && value == marked, "pread of mem");
        value = way;
        check(pwrite(file, &value, 8, (off_t)&marked) == 8 && marked == way, "pwrite to mem");
        lseek(file, (off_t)&marked, SEEK_SET);
        check(read(file, &value, 8) == 8 && value == way, "read of mem");
        check(lseek(file, 0, SEEK_CUR) == (off_t)&marked + 8, "the place after it");
        check(pread(file, &value, 8, 0x400000000000) < 0, "mem beyond all");
        check(pread(file, &value, 8, 0) < 0, "mem at 0");
        close(file);
        marked = 0x123456789abcdef;
    }
    close(folder);
    check(slurp("/proc/self/cmdline", large, sizeof large) > 0 && !strcmp(large, argv[0]),
          "cmdline");
    check(slurp("/proc/self/environ", large, sizeof large) > 0 && !strcmp(large, environment[0]),
          "environ");
    check(slurp("/proc/self/auxv", large, sizeof large) > 16 && *(long *)large > 0 &&
              *(long *)large < 64,
          "auxv");
    snprintf(expected, sizeof expected, "Name:\t%.15s\n", strrchr(argv[0], '/') + 1);
    check(slurp("/proc/self/status", large, sizeof large) > 0 &&
              !strncmp(large, expected, strlen(expected)),
          "status");
    check(slurp("/proc/self/stat", large, sizeof large) > 0 && atoi(large) == getpid(), "stat");
    check(slurp("/proc/self/maps", large, sizeof large) > 0, "maps");
    int stack = 0, code = 0, far = 0;
    for (char *line = strtok(large, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long start, end;
        char prot[5];
        check(sscanf(line, "%lx-%lx %4s", &start, &end, prot) == 3, "a line of maps");
        stack += start <= (unsigned long)&line && (unsigned long)&line < end &&
                 strstr(line, "[stack]") && prot[1] == 'w';
        code += start <= (unsigned long)own_process && (unsigned long)own_process < end &&
                prot[2] == 'x' && strstr(line, argv[0]);
        far += end > 1UL << 46;
    }
    check(stack == 1, "the stack in maps");
    check(code == 1, "the code in maps");
    check(!far, "something else in maps");
    ssize_t length = readlink("/proc/thread-self/exe", large, sizeof large - 1);
    large[length > 0 ? length : 0] = 0;
    check(length > 0 && strstr(large, strrchr(argv[0], '/')), "exe");
    snprintf(path, sizeof path, "/proc/%d/mem", getppid());
    check(open(path, O_RDWR) < 0, "the memory of the parent");
}

/* Descriptors that the program has neither opened nor inherited are not there. */
static void foreign_descriptors(void) {
    for (int fd = 3; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            continue;
        }
        struct stat st;
        check(write(fd, "", 1) < 0 && errno == EBADF, "write to a foreign descriptor");
        check(lseek(fd, 0, SEEK_END) < 0 && errno == EBADF, "lseek of one");
        check(fstat(fd, &st) && errno == EBADF, "fstat of one");
        check(close(fd) && errno == EBADF, "close of one");
    }
}

int main(int argc, char **argv, char **environment) {
    handle(SIGSEGV, jump);
    handle(SIGBUS, jump);
    failed_mapping();
    beyond_the_file();
    move_storage();
    far_addresses();
    sent_signals();
    large_arguments();
    own_process(argv, environment);
    foreign_descriptors();
    puts(wrong ? "wrong" : "right");
    return wrong;
}
