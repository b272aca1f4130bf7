/* Processes, memory and the system: fork, wait, exec, brk, mmap, mremap, clocks, limits, names. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void arguments(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        printf("argument %d: %s\n", i, argv[i]);
    }
    printf("LC_ALL=%s\n", getenv("LC_ALL"));
    printf("page %ld ticks %ld pagesize %lu entry %d random %d secure %lu uid %d\n",
           sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK), getauxval(AT_PAGESZ),
           getauxval(AT_ENTRY) != 0, getauxval(AT_RANDOM) != 0, getauxval(AT_SECURE),
           getauxval(AT_UID) == getuid());
    printf("name %s\n", strrchr((char *)getauxval(AT_EXECFN), '/') == strrchr(argv[0], '/')
                            ? "same"
                            : strrchr(argv[0], '/'));
    printf("stack aligned %d\n", (int)((uintptr_t)__builtin_frame_address(0) % 8));
}

static void children(void) {
    int status;
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();
        if (!pid) {
            printf("child %d, parent right %d\n", i, getppid() != 1);
            exit(10 + i);
        }
        struct rusage usage;
        printf("waited %d", wait4(pid, &status, 0, &usage) == pid);
        printf(" exited %d status %d\n", WIFEXITED(status), WEXITSTATUS(status));
        fflush(stdout);
    }
    pid_t pid = fork();
    if (!pid) {
        _exit(33);
    }
    siginfo_t info;
    printf("waitid %d", waitid(P_PID, pid, &info, WEXITED));
    printf(" %d %d %d %d\n", info.si_signo, info.si_code, info.si_status, info.si_pid == pid);
    printf("wait %d %d\n", wait(&status), errno);
    fflush(stdout);
    pid = vfork();
    if (!pid) {
        _exit(5);
    }
    waitpid(pid, &status, 0);
    printf("vfork %d\n", WEXITSTATUS(status));
    char *argv[] = {"/nonexistent", NULL};
    printf("execv %d %d\n", execv(argv[0], argv), errno);
}

static void memory(void) {
    char *p = malloc(10 << 20), *first = sbrk(0);
    memset(p, 1, 10 << 20);
    free(p);
    printf("sbrk %d\n", sbrk(100000) == first);
    first[99999] = 1;
    printf("back %d\n", sbrk(-100000) == first + 100000);
    char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(m + 4090, "crosses");
    m = mremap(m, 8192, 1 << 20, MREMAP_MAYMOVE);
    printf("%s\n", m + 4090);
    m[(1 << 20) - 1] = 1;
    m = mremap(m, 1 << 20, 4096, 0);
    printf("mprotect %d\n", mprotect(m, 4096, PROT_READ));
    printf("madvise %d\n", madvise(m, 4096, MADV_DONTNEED));
    printf("cleared %d\n", m[4090]);
    printf("munmap %d\n", munmap(m, 4096));
    printf("unaligned %d %d\n", munmap(m + 1, 4096), errno);
    printf("nothing %d %d\n",
           mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED, errno);
    printf("bad file %d %d\n", mmap(NULL, 1, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED, errno);
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fflush(stdout);
    if (!fork()) {
        *shared = 77;
        _exit(0);
    }
    wait(NULL);
    printf("shared %d\n", *shared);
}

/* Code that is written, run, and written again. */
static void new_code(void) {
    unsigned char *code =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long sum = 0;
    for (int i = 0; i < 200; i++) {
        unsigned char insns[] = {0xa7, 0x29, 0, (unsigned char)i,
                                 0x07, 0xfe}; /* lghi r2,i; br r14 */
        memcpy(code, insns, sizeof insns);
        sum += ((long (*)(void))code)();
    }
    printf("new code %ld\n", sum);
    FILE *f = fopen("code", "w+");
    fwrite("\xa7\x29\x01\x00\x07\xfe", 1, 6, f);
    rewind(f);
    fflush(f);
    printf("read %zu", fread(code, 1, 6, f));
    lseek(fileno(f), 0, SEEK_SET);
    printf(" %zd", read(fileno(f), code, 6));
    printf(" gives %ld\n", ((long (*)(void))code)());
}

static void clocks(void) {
    struct timespec a, b;
    struct timeval tv;
    struct tms t;
    clock_gettime(CLOCK_MONOTONIC, &a);
    usleep(2000);
    clock_gettime(CLOCK_MONOTONIC, &b);
    long ns = (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec;
    printf("slept %d\n", ns >= 2000000 && ns < 2000000000);
    gettimeofday(&tv, NULL);
    printf("now %d %d %d\n", labs(tv.tv_sec - time(NULL)) < 2, tv.tv_usec < 1000000,
           times(&t) != -1);
    printf("resolution %d %ld\n", clock_getres(CLOCK_REALTIME, &a), a.tv_nsec);
    struct tm tm;
    time_t when = 951782400;
    char text[64];
    strftime(text, sizeof text, "%F %T %a", gmtime_r(&when, &tm));
    puts(text);
}

static void names(void) {
    struct utsname u;
    struct rlimit limit = {0, 0};
    struct sysinfo info;
    unsigned char bytes[32] = {0}, any = 0;
    uname(&u);
    printf("%s %s\n", u.sysname, u.machine);
    printf("limit %d %d\n", getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur > 10);
    printf("sysinfo %d %d %d\n", sysinfo(&info), info.totalram > 1000, info.mem_unit);
    printf("random %zd", getrandom(bytes, sizeof bytes, 0));
    for (unsigned i = 0; i < sizeof bytes; i++) {
        any |= bytes[i];
    }
    printf(" %d\n", any != 0);
    cpu_set_t set;
    printf("cpus %d\n", sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0);
    printf("ids %d %d %d\n", getuid() == geteuid(), getpgid(0) == getpgrp(), gettid() == getpid());
}

static void numbers(void) {
    double sum = 0;
    for (int i = 1; i < 1000; i++) {
        sum += sin(i) / sqrt(i) + pow(1.001, i);
    }
    printf("%.12f %a %g\n", sum, sum, 1e300 * 1e10);
    printf("%Lf %.20Lg\n", 1.0L / 3, sqrtl(2));
    unsigned long x = 88172645463325252u, y = 0;
    for (int i = 0; i < 1000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        y += x % 1000003 + x / 12345;
    }
    printf("%lu %lu\n", x, y);
    char text[100];
    snprintf(text, sizeof text, "%08.3f|%-10s|%+d|%x|%o", 3.14159, "left", 42, 48879u, 8u);
    puts(text);
    printf("%ld %f %d\n", strtol("-7fff", NULL, 16), strtod("1.25e-3", NULL), atoi("123abc"));
}

int main(int argc, char **argv) {
    arguments(argc, argv);
    children();
    memory();
    new_code();
    clocks();
    names();
    numbers();
    return 0;
}
