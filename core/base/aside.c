#define _GNU_SOURCE /* dup3 */
#include "zfacet/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { HIGHEST = 65536, SHARE = 8 };

struct zf_aside zf_aside_range(void) {
    struct rlimit limit = {HIGHEST, HIGHEST};
    getrlimit(RLIMIT_NOFILE, &limit);
    int end = limit.rlim_max < HIGHEST ? (int)limit.rlim_max : HIGHEST;
    int room = end / SHARE < ZF_ASIDE_ROOM ? end / SHARE : ZF_ASIDE_ROOM;
    return (struct zf_aside){end - room, end};
}

struct rlimit zf_aside_limits(struct zf_aside aside) {
    struct rlimit limit = {HIGHEST, HIGHEST};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max <= (rlim_t)aside.end) {
        limit.rlim_max = (rlim_t)aside.first;
    }
    if (limit.rlim_cur > limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
    }
    return limit;
}

static int dup_within(struct zf_aside aside, int fd) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, aside.first);
    if (copy >= aside.end) {
        close(copy);
        errno = EMFILE;
        copy = -1;
    }
    return copy;
}

/* number < 0: any of the range. */
static int dup_to(struct zf_aside aside, int fd, int number) {
    struct rlimit before, raised;
    if (getrlimit(RLIMIT_NOFILE, &before)) {
        return -1;
    }
    raised = before;
    if (before.rlim_cur < (rlim_t)aside.end) {
        raised.rlim_cur = (rlim_t)aside.end;
        setrlimit(RLIMIT_NOFILE, &raised);
    }
    int copy = number < 0 ? dup_within(aside, fd) : dup3(fd, number, O_CLOEXEC), error = errno;
    if (raised.rlim_cur != before.rlim_cur) {
        setrlimit(RLIMIT_NOFILE, &before);
    }
    errno = error;
    return copy;
}

int zf_aside_dup(struct zf_aside aside, int fd) {
    return dup_to(aside, fd, -1);
}

int zf_aside_fd(int fd) {
    return dup_to(zf_aside_range(), fd, -1);
}

int zf_aside_fd_at(int fd, int number) {
    return dup_to(zf_aside_range(), fd, number);
}
