/* epoll: the event's data is the guest's and passes through as it is. */
#include "guest.h"

#include <sys/epoll.h>

enum { EVENT_SIZE = 16, DATA_AT = 8, EVENT_LIMIT = 1024 };

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

static int64_t wait_for_events(struct zf_task *task, const uint64_t *a, const sigset_t *mask) {
    struct epoll_event events[EVENT_LIMIT];
    int limit = (int)a[2] > EVENT_LIMIT ? EVENT_LIMIT : (int)a[2];
    uint8_t *out = limit > 0 ? zf_guest_out(task, a[1], (uint64_t)limit * EVENT_SIZE) : NULL;
    if (!out) {
        return limit > 0 ? -EFAULT : -EINVAL;
    }
    int ready = epoll_pwait((int)a[0], events, limit, (int)a[3], mask);
    int error = errno;
    for (int i = 0; i < ready; i++) {
        zf_put32(out + i * EVENT_SIZE, events[i].events);
        zf_put64(out + i * EVENT_SIZE + DATA_AT, events[i].data.u64);
    }
    return ready < 0 ? -error : ready;
}

int64_t zf_sys_epoll_wait(struct zf_task *task, const uint64_t *a) {
    return wait_for_events(task, a, NULL);
}

int64_t zf_sys_epoll_pwait(struct zf_task *task, const uint64_t *a) {
    sigset_t mask;
    int64_t error;
    if (a[4] && !zf_signal_take_mask(task, a[4], a[5], &mask, &error)) {
        return error;
    }
    return wait_for_events(task, a, a[4] ? &mask : NULL);
}
