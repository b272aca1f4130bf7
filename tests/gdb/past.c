/*
 * A program to go back in: it maps and unmaps storage, reads and writes, gets signals when the host
 * likes, and has children.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int got, step;
static char line[64];
static unsigned long sum;

static void handler(int number) {
    got += number;
}

static void add(const void *bytes, size_t size) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < size; i++) {
        sum = sum * 31 + p[i];
    }
}

static void mark(int n) {
    step = n;
}

static void streams(void) {
    ssize_t n = read(0, line, sizeof line);
    add(line, n > 0 ? (size_t)n : 0);
    printf("read %d bytes\n", (int)n);
    fflush(stdout);
}

static void storage(const char *program) {
    enum { SIZE = 1 << 20, PAGE = 4096 };
    char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p + 100, 7, 5000);
    p = mremap(p, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
    add(p, 8192);
    munmap(p, SIZE);
    mprotect(p + SIZE, 4096, PROT_NONE);
    int fd = open(program, O_RDONLY);
    char *file = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    file[PAGE + 1] = 1;
    mprotect(file + PAGE, PAGE, PROT_NONE);
    munmap(file + 3 * PAGE, PAGE);
    add(file, PAGE);
    mark(30);
    add(file + 2 * PAGE, PAGE);
    file = mremap(file + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    add(file, 2 * PAGE);
    munmap(file, 2 * PAGE);
    void *more = sbrk(100000);
    memset(more, 3, 100000);
    add(more, 1000);
    free(malloc(300000));
}

static void signals(void) {
    struct sigaction action = {.sa_handler = handler};
    struct itimerval timer = {.it_value = {.tv_usec = 20000}};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    raise(SIGUSR1);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (got < SIGUSR1 + SIGALRM) {
        sum++; /* so often as the host likes */
    }
    setitimer(ITIMER_REAL, &timer, NULL);
    pause();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    int number = 0;
    sigwait(&set, &number);
    got += 1000 * number;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void child(void) {
    int status = 0, ends[2];
    char text[8] = "";
    pipe(ends);
    if (!fork()) {
        write(ends[1], "child", 6);
        _exit(3);
    }
    wait(&status);
    read(ends[0], text, 6);
    add(text, 6);
    add(&status, sizeof status);
    system("exit 4");
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    mark(10);
    streams();
    mark(20);
    storage(argv[0]);
    mark(40);
    signals();
    mark(50);
    child();
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    add(&t, sizeof t);
    mark(60);
    printf("line %s signals %d\n", line, got);
    mark(70);
    if (argc > 1 && !strcmp(argv[1], "shared")) {
        *(char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) = 1;
        mark(80);
    } else if (argc > 1) {
        execl(argv[0], argv[0], NULL);
    }
    return 0;
}
