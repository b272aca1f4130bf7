/*
 * What the lines of *.calls become: calls whose results are printed, and values. A program says the
 * same on any machine whose Linux does the same.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/close_range.h>
#include <linux/fiemap.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/inet_diag.h>
#include <linux/loop.h>
#include <linux/membarrier.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALL(...)                                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        long result_ = (long)(__VA_ARGS__);                                                        \
        const char *error_ = result_ == -1 ? strerrorname_np(errno) : "";                          \
        printf("%s = %ld %s\n", #__VA_ARGS__, result_, error_ ? error_ : "?");                     \
    } while (0)
#define SHOW(format, ...) printf(format "\n", __VA_ARGS__)
#define SC(...) syscall(__VA_ARGS__)

/* Where a filter finds the low half of an argument, and which machine it is asked for. */
#ifdef __s390x__
#define LOW(n) (16 + 8 * (n) + 4)
#define ARCH 0x80000016
#else
#define LOW(n) (16 + 8 * (n))
#define ARCH 0xc000003e
#endif

/* A process without a stack of its own. */
#ifdef __s390x__
#define NEW(flags, parent, child) syscall(SYS_clone, 0, flags, parent, child, 0)
#else
#define NEW(flags, parent, child) syscall(SYS_clone, flags, 0, parent, child, 0)
#endif

/* New pages. */
static void *pg(int count, int prot) {
    return mmap(NULL, (size_t)count * 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static volatile int got; /* the last signal, and what was said of it */
static siginfo_t last;

static void on(int number, siginfo_t *info, void *context) {
    (void)context;
    got = number;
    last = *info;
}

static void h(int number, int flags) {
    struct sigaction action = {.sa_sigaction = on, .sa_flags = SA_SIGINFO | flags};
    sigaction(number, &action, NULL);
}

/* Sets the word, and wakes who waits for it. */
static void *thr(void *word) {
    usleep(20000);
    *(volatile uint32_t *)word = 1;
    syscall(SYS_futex, word, FUTEX_WAKE, 10, 0, 0, 0);
    return NULL;
}

/* Waits as long as the word is 0. */
static pid_t waiting;

static void *wait_for(void *word) {
    waiting = gettid();
    while (!*(volatile uint32_t *)word) {
        syscall(SYS_futex, word, FUTEX_WAIT, 0, 0, 0, 0);
    }
    return NULL;
}

/* A notice of a message queue's. */
static void note_nothing(int number) {
}

static volatile int noted;

static void note(union sigval value) {
    noted = value.sival_int;
}

/* The control messages of a received message. */
static void show_control(struct msghdr *m) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        const void *data = CMSG_DATA(c);
        SHOW("control %d %d %d", (int)c->cmsg_len, c->cmsg_level, c->cmsg_type);
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            const struct in_pktinfo *p = data;
            SHOW("%d %x", p->ipi_ifindex, ntohl(p->ipi_addr.s_addr));
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
            SHOW("%d", *(const int *)data);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP) {
            const struct timeval *t = data;
            SHOW("%d", labs(t->tv_sec - time(NULL)) < 5 && t->tv_usec < 1000000);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            SHOW("%d", ((const struct ucred *)data)->pid == getpid());
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            SHOW("%d", fcntl(*(const int *)data, F_GETFD));
        }
    }
}

/* What inotify has noted. */
static void show_notes(const char *bytes, ssize_t size) {
    for (const char *at = bytes; at < bytes + size;) {
        const struct inotify_event *e = (const void *)at;
        SHOW("%d %x %d %d %s", e->wd, e->mask, e->cookie != 0, e->len, e->name);
        at += sizeof *e + e->len;
    }
}

/* The sum of the numbers after `name` in lines of a file. */
static long total(const char *path, const char *name) {
    char line[512];
    long sum = 0;
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in)) {
        sum += strncmp(line, name, strlen(name)) ? 0 : strtol(line + strlen(name), NULL, 10);
    }
    if (in) {
        fclose(in);
    }
    return sum;
}
