/*
 * Calls that wait for more descriptors than fits into tables of a usual size; prints "right", or
 * what was wrong. All of them are one counter that is ready.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { CROWD = 9000, SPARE = 64, WORD_BITS = 64, WORDS = CROWD / WORD_BITS + 2 };

static int fds[CROWD], count;
static struct rlimit limit;
static unsigned wrong;

static void expect(const char *what, long is, long right) {
    if (is != right) {
        printf("%s: %ld instead of %ld\n", what, is, right);
        wrong++;
    }
}

static void open_many(void) {
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < CROWD ? limit.rlim_max : CROWD;
    expect("setrlimit", setrlimit(RLIMIT_NOFILE, &limit), 0);
    fds[0] = eventfd(1, 0);
    for (count = 1; count < (int)limit.rlim_cur - SPARE; count++) {
        fds[count] = dup(fds[0]);
    }
}

static void poll_many(void) {
    static struct pollfd list[CROWD + 1];
    for (int i = 0; i < count; i++) {
        list[i] = (struct pollfd){.fd = fds[i], .events = POLLIN | POLLPRI};
    }
    expect("poll", poll(list, count, 1000), count);
    expect("first event polled", list[0].revents, POLLIN);
    expect("last event polled", list[count - 1].revents, POLLIN);
    expect("poll of more than a process may have", poll(list, limit.rlim_cur + 1, 0), -1);
    expect("its error", errno, EINVAL);
}

static void epoll_many(void) {
    static struct epoll_event got[CROWD];
    int set = epoll_create1(0);
    long sum = 0;
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
        epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &event);
    }
    expect("epoll_wait", epoll_wait(set, got, CROWD, 1000), count);
    for (int i = 0; i < count; i++) {
        sum += got[i].events == EPOLLIN ? (long)got[i].data.u64 : 0;
    }
    expect("sum of what came", sum, (long)count * (count - 1) / 2);
    expect("epoll_wait for one", epoll_wait(set, got, 1, 0), 1);
    expect("epoll_wait for none", epoll_wait(set, got, 0, 0), -1);
    expect("epoll_wait for too many", syscall(SYS_epoll_wait, set, got, 0x7fffffff / 16 + 1, 0),
           -1);
    expect("its error", errno, EINVAL);
    close(set);
}

/* The sets are longer than those of the C library. */
static void select_many(void) {
    static unsigned long in[WORDS], out[WORDS], odd[WORDS];
    int last = fds[count - 1];
    in[last / WORD_BITS] = out[last / WORD_BITS] = odd[last / WORD_BITS] = 1ul << last % WORD_BITS;
    in[fds[0] / WORD_BITS] |= 1ul << fds[0] % WORD_BITS;
    struct timeval time = {1, 0};
    expect("select", syscall(SYS_select, last + 1, in, out, odd, &time), 3);
    expect("last one to read", in[last / WORD_BITS] == 1ul << last % WORD_BITS, 1);
    expect("last one to write", out[last / WORD_BITS] == 1ul << last % WORD_BITS, 1);
    expect("last one with an exception", odd[last / WORD_BITS], 0);
    expect("first one to read", in[0], 1ul << fds[0]);
    time = (struct timeval){0, 0};
    expect("select of a number below 0", syscall(SYS_select, -1, in, out, NULL, &time), -1);
}

int main(void) {
    open_many();
    poll_many();
    epoll_many();
    select_many();
    if (!wrong) {
        printf("right\n");
    }
    return wrong != 0;
}
