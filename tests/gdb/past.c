/*
 * A program to go back in: it maps and unmaps storage, reads and writes, gets signals when the host
 * likes, and has children.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
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

/* A file without a name, of a page; `other` (may be NULL) is opened on its own. */
static int new_file(int *other) {
    char name[] = "/tmp/pastXXXXXX";
    int fd = mkstemp(name);
    if (other) {
        *other = open(name, O_RDWR);
    }
    unlink(name);
    ftruncate(fd, 4096);
    return fd;
}

static char *map_file(int fd) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
}

/* Locks and files are the same, whoever wants to put back what is mapped. */
static void files(void) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char link[40];
    int other, status, fd = new_file(&other);
    fcntl(fd, F_SETLK, &lock);
    map_file(fd);
    if (!fork()) {
        fcntl(other, F_GETLK, &lock);
        _exit(lock.l_type == F_UNLCK);
    }
    wait(&status);
    printf("lock %s\n", status ? "lost" : "kept");
    fd = new_file(&other);
    flock(fd, LOCK_EX);
    munmap(map_file(fd), 4096);
    close(fd);
    printf("flock %s\n", flock(other, LOCK_EX | LOCK_NB) ? "kept" : "ended");
    fd = memfd_create("past", 0);
    ftruncate(fd, 4096);
    map_file(fd);
    sprintf(link, "/proc/self/fd/%d", fd);
    printf("memfd %s\n", open(link, O_RDONLY) < 0 ? "closed" : "opened");
    fd = new_file(NULL);
    close(other = dup(fd));
    map_file(fd);
    printf("numbers %s\n", dup(fd) == other ? "kept" : "taken");
}

/* After so many files that not all can be kept, it has as many open as it may. */
static void many(void) {
    for (int i = 0; i < 200; i++) {
        int fd = new_file(NULL);
        munmap(map_file(fd), 4096);
        close(fd);
    }
    mark(91);
    while (dup(0) >= 0) {
    }
    mark(92);
}

static void changed(void) {
    int fd = new_file(NULL);
    char *p = map_file(fd);
    mark(81);
    sum = *p;
    mark(82);
    pwrite(fd, "b", 1, 0);
    mark(83);
    mark(84);
    p[1] = 3;
    mark(85);
    ftruncate(fd, 0);
    mark(86);
}

/* Its file is the debugger's. */
static void shrunk(void) {
    char *p = map_file(open(getenv("SHRUNK"), O_RDWR));
    mark(71);
    p[1] = 3;
    mark(72);
    mark(73);
    mark(74);
}

/* When its file is changed, of which the host has told before, it goes another way. */
static void astray(void) {
    char byte;
    int ends[2], fd = new_file(NULL);
    pipe(ends);
    if (!fork()) {
        char *q = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        *q = 0;
        write(ends[1], q, 1);
        close(open(getenv("READY"), O_RDONLY));
        *q = 1;
        open(getenv("READY"), O_WRONLY);
        _exit(0);
    }
    read(ends[0], &byte, 1);
    const char *p = map_file(fd);
    sum = 1;
    mark(71);
    if (*p) {
        getppid();
    }
    mark(72);
    sum = 2;
    mark(73);
    printf("sum %lu\n", sum);
}

static void wiped(void) {
    int status;
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(p, 4096, MADV_WIPEONFORK);
    *p = 5;
    mark(75);
    munmap(mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192);
    mark(76);
    if (!fork()) {
        _exit(*p);
    }
    wait(&status);
    printf("the child has %d\n", WEXITSTATUS(status));
}

static volatile int order[2], noted;

static void note(int number) {
    order[noted++ % 2] = number;
}

/* While the debugger is told of the first signal, and has opened a pipe, another one comes. */
static void held(void) {
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    if (!fork()) {
        close(open(getenv("READY"), O_RDONLY));
        kill(getppid(), SIGUSR1);
        open(getenv("READY"), O_WRONLY);
        _exit(0);
    }
    raise(SIGUSR2);
    mark(78);
    mark(79);
}

static void bound(void) {
    enum { PREFERRED = 1 };
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    syscall(SYS_mbind, p, 4096, PREFERRED, NULL, 0, 0);
    mark(77);
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

/* What cannot be written, what is behind the end of a file, what cannot be read, and what is
 * written by way of a file. */
static void protected(void) {
    static const char constant[64] = "constant";
    static volatile long stored;
    const long value = 0x1234;
    int fd = open("/proc/self/cmdline", O_RDONLY), memory = open("/proc/self/mem", O_RDWR);
    FILE *empty = tmpfile();
    char *nothing = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(empty), 0);
    long got = syscall(SYS_read, fd, constant, 4) + read(fd, nothing, 4);
    munmap(nothing, 4096);
    fclose(empty);
    char *p = mmap(NULL, 4096, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    add(&errno, sizeof errno);
    p[8] = 1;
    got += read(fd, p, 4);
    got += pwrite(memory, &value, sizeof value, (off_t)(long)&stored);
    add(&got, sizeof got);
    mprotect(p, 4096, PROT_READ);
    add(p, 16);
    add((const void *)&stored, sizeof stored);
    munmap(p, 4096);
    close(fd);
    close(memory);
}

/* Of what the host lists some is left out. */
static void list(void) {
    static char buffer[4096];
    int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
    long got = syscall(SYS_getdents64, folder, buffer, sizeof buffer);
    close(folder);
    add(&got, sizeof got);
    add(buffer, sizeof buffer);
}

/* The calls of sockets that all have one number. */
static long socket_call(int which, long a, void *b, long c, long d, void *e, void *f) {
    const unsigned long arguments[] = {a, (long)b, c, d, (long)e, (long)f};
    return syscall(SYS_socketcall, which, arguments);
}

/* What is not filled of large buffers takes no room in the record, which would soon be full. */
static void read_little(void) {
    enum { OFTEN = 300, RECV = 10, RECVFROM = 12 };
    static char buffer[1 << 20];
    struct iovec vector = {buffer, sizeof buffer};
    struct mmsghdr two[2] = {{.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}},
                             {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}}};
    int ends[2], pair[2];
    long got = pipe2(ends, O_NONBLOCK);
    got += socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
    for (int i = 0; i < OFTEN; i++) {
        got += read(ends[0], buffer, sizeof buffer);
        got += readv(ends[0], &vector, 1);
        got += recvmsg(pair[0], &two[0].msg_hdr, 0);
        got += socket_call(RECV, pair[0], buffer, sizeof buffer, 0, NULL, NULL);
        for (int n = 0; n < 4; n++) {
            write(pair[1], "some", (size_t)n + 1);
        }
        got += recvmsg(pair[0], &two[0].msg_hdr, 0);
        got += recvmmsg(pair[0], two, 2, 0, NULL) + two[1].msg_len;
        got += socket_call(RECVFROM, pair[0], buffer, sizeof buffer, 0, NULL, NULL);
    }
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(pair[i]);
    }
    add(&got, sizeof got);
    add(buffer, 8);
}

static struct sockaddr_un address;
static socklen_t length;
static char first[4], rest[16], control[256];
static struct iovec parts[2] = {{first, sizeof first}, {rest, sizeof rest}};

static void add_message(const struct msghdr *m) {
    add(first, sizeof first);
    add(rest, sizeof rest);
    add(control, sizeof control);
    add(&address, sizeof address);
    add(m, sizeof *m);
}

/* Messages with all that they can have, by each call; the last one is cut short. */
static void messages(void) {
    enum { GETSOCKNAME = 6, GETPEERNAME, SOCKETPAIR, RECV = 10, RECVFROM = 12, RECVMSG = 17 };
    static struct mmsghdr m[2];
    const int yes = 1;
    int pair[2], fd = socket(AF_UNIX, SOCK_DGRAM, 0), from = socket(AF_UNIX, SOCK_DGRAM, 0);
    const struct sockaddr_un none = {.sun_family = AF_UNIX};
    bind(from, (const struct sockaddr *)&none, sizeof none.sun_family);
    bind(fd, (const struct sockaddr *)&none, sizeof none.sun_family);
    length = sizeof address;
    socket_call(GETSOCKNAME, fd, &address, (long)&length, 0, NULL, NULL);
    connect(from, (struct sockaddr *)&address, length);
    add(&address, sizeof address);
    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
    for (int i = 0; i < 6; i++) {
        write(from, "message number one to six, and more", (size_t)(i < 5 ? 10 + i : 35));
    }
    for (int i = 0; i < 2; i++) {
        m[i].msg_hdr =
            (struct msghdr){&address, sizeof address, parts, 2, control, sizeof control, 0};
    }
    recvmsg(fd, &m[0].msg_hdr, 0);
    add_message(&m[0].msg_hdr);
    recvmmsg(fd, m, 2, 0, NULL);
    add_message(&m[0].msg_hdr);
    add(&m[1], sizeof m[1]);
    length = sizeof address;
    socket_call(RECVFROM, fd, rest, sizeof rest, 0, &address, &length);
    socket_call(RECV, fd, first, sizeof first, 0, NULL, NULL);
    add_message(&m[0].msg_hdr);
    m[1].msg_hdr.msg_controllen = 8;
    socket_call(RECVMSG, fd, &m[1].msg_hdr, 0, 0, NULL, NULL);
    add_message(&m[1].msg_hdr);
    socket_call(SOCKETPAIR, AF_UNIX, (void *)SOCK_STREAM, 0, (long)pair, NULL, NULL);
    add(pair, sizeof pair);
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
    sigset_t set, none; /* it comes to who waits, however late that is */
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    sigsuspend(&none);
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

/* What ends the record: a call, and one that is stepped over. */
static void lose(void) {
    enum { SETRLIMIT = 75, PIDFD_OPEN = 434, PROCESS_MADVISE = 440 };
    const struct rlimit limit = {1 << 30, 1 << 30};
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const struct {
        void *start;
        size_t size;
    } pages = {p, 4096};
    *p = 1;
    long fd = syscall(PIDFD_OPEN, getpid(), 0);
    syscall(PROCESS_MADVISE, fd, &pages, 1, MADV_DONTNEED, 0);
    mark(80);
    register long number __asm__("1") = SETRLIMIT;
    register long which __asm__("2") = RLIMIT_DATA;
    register const void *at __asm__("3") = &limit;
    __asm__ volatile("limit_svc: svc 0" : "+d"(which) : "d"(number), "d"(at) : "memory", "cc");
}

int main(int argc, char **argv) {
    void (*other)(void) = argc < 2                      ? NULL
                          : !strcmp(argv[1], "files")   ? files
                          : !strcmp(argv[1], "many")    ? many
                          : !strcmp(argv[1], "changed") ? changed
                          : !strcmp(argv[1], "shrunk")  ? shrunk
                          : !strcmp(argv[1], "wiped")   ? wiped
                          : !strcmp(argv[1], "bound")   ? bound
                          : !strcmp(argv[1], "held")    ? held
                          : !strcmp(argv[1], "astray")  ? astray
                                                        : NULL;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (other) {
        other();
        return 0;
    }
    mark(10);
    streams();
    mark(20);
    storage(argv[0]);
    protected();
    list();
    read_little();
    messages();
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
    } else if (argc > 1 && !strcmp(argv[1], "lost")) {
        lose();
    } else if (argc > 1) {
        execl(argv[0], argv[0], NULL);
    }
    return 0;
}
