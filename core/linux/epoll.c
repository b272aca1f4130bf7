/* epoll: the event's data is the guest's and passes through as it is. */
#include "guest.h"
#include "signals.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EVENT_SIZE = 16, DATA_AT = 8, FEW_EVENTS = 1024, NANOSECONDS = 1000000000 };

int64_t zf_sys_epoll_create(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(epoll_create((int)a[0]));
}

int64_t zf_sys_epoll_create1(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(epoll_create1((int)a[0]));
}

int64_t zf_sys_epoll_ctl(struct zf_task *task, const uint64_t *a) {
    struct epoll_event event = {0};
    if ((int)a[1] != EPOLL_CTL_DEL) {
        const uint8_t *in = zf_guest_in(task, a[3], EVENT_SIZE);
        if (!in) {
            return -EFAULT;
        }
        event.events = zf_get32(in);
        event.data.u64 = zf_get64(in + DATA_AT);
    }
    return zf_host_result(epoll_ctl((int)a[0], (int)a[1], (int)a[2], &event));
}

/* To the nanosecond where the host's kernel has the call, else to the millisecond after it. */
static int wait_on_host(int fd, struct epoll_event *events, int count, const struct timespec *limit,
                        const sigset_t *mask) {
    enum { SET_SIZE = 8, NS_PER_MS = 1000000, S_LIMIT = INT_MAX / 1000 - 1 };
    if (!limit || limit->tv_nsec % NS_PER_MS == 0) {
        int ms = !limit ? -1
                        : (int)((limit->tv_sec < S_LIMIT ? limit->tv_sec : S_LIMIT) * 1000 +
                                limit->tv_nsec / NS_PER_MS);
        return epoll_pwait(fd, events, count, ms, mask);
    }
    return (int)syscall(SYS_epoll_pwait2, fd, events, count, limit, mask, SET_SIZE);
}

/* Stored are only the events that are ready: for more, there need be no storage. */
static int64_t put_events(struct zf_task *task, uint64_t address, const struct epoll_event *events,
                          int ready) {
    uint8_t *out = zf_guest_out(task, address, (uint64_t)ready * EVENT_SIZE);
    for (int i = 0; out && i < ready; i++) {
        zf_put32(out + (size_t)i * EVENT_SIZE, events[i].events);
        zf_put64(out + (size_t)i * EVENT_SIZE + DATA_AT, events[i].data.u64);
    }
    return out ? ready : -EFAULT;
}

/* The limit of time: NULL, none. The first event's place is looked at before anything is lost. */
static int64_t wait_for_events(struct zf_task *task, const uint64_t *a,
                               const struct timespec *limit, const sigset_t *mask) {
    struct epoll_event few[FEW_EVENTS], *events = few;
    const int count = (int)a[2];
    if (count <= 0 || count > INT_MAX / EVENT_SIZE) {
        return -EINVAL;
    }
    if (!zf_guest_out(task, a[1], EVENT_SIZE)) {
        return -EFAULT;
    }
    if (count > FEW_EVENTS && !(events = malloc((size_t)count * sizeof *events))) {
        return -ENOMEM;
    }
    int ready = wait_on_host((int)a[0], events, count, limit, mask);
    int64_t result = ready < 0 ? -errno : put_events(task, a[1], events, ready);
    if (events != few) {
        free(events);
    }
    return result;
}

/* Milliseconds as system calls have them; negative: for ever. */
static const struct timespec *limit_of(uint64_t argument, struct timespec *limit) {
    int ms = (int)argument;
    *limit = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
    return ms < 0 ? NULL : limit;
}

int64_t zf_sys_epoll_wait(struct zf_task *task, const uint64_t *a) {
    struct timespec limit;
    return wait_for_events(task, a, limit_of(a[3], &limit), NULL);
}

int64_t zf_sys_epoll_pwait(struct zf_task *task, const uint64_t *a) {
    struct timespec limit;
    sigset_t mask;
    int64_t error;
    if (a[4] && !zf_signal_take_mask(task, a[4], a[5], &mask, &error)) {
        return error;
    }
    return wait_for_events(task, a, limit_of(a[3], &limit), a[4] ? &mask : NULL);
}

int64_t zf_sys_epoll_pwait2(struct zf_task *task, const uint64_t *a) {
    struct timespec limit;
    sigset_t mask;
    int64_t error;
    if (a[3] && !zf_get_timespec(task, a[3], &limit)) {
        return -EFAULT;
    }
    if (a[3] && (limit.tv_sec < 0 || (uint64_t)limit.tv_nsec >= NANOSECONDS)) {
        return -EINVAL;
    }
    if (a[4] && !zf_signal_take_mask(task, a[4], a[5], &mask, &error)) {
        return error;
    }
    return wait_for_events(task, a, a[3] ? &limit : NULL, a[4] ? &mask : NULL);
}
