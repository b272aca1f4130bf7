/* POSIX message queues: names and messages pass through, attributes are doublewords. */
#include "guest.h"

#include <mqueue.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ATTRIBUTES_SIZE = 64, NAME_SIZE = 256, SIGEVENT_SIZE = 64, COOKIE_SIZE = 32 };

static bool get_attributes(struct zf_task *task, uint64_t address, struct mq_attr *attr) {
    const uint8_t *in = zf_guest_in(task, address, ATTRIBUTES_SIZE);
    if (in) {
        *attr = (struct mq_attr){.mq_flags = (long)zf_get64(in),
                                 .mq_maxmsg = (long)zf_get64(in + 8),
                                 .mq_msgsize = (long)zf_get64(in + 16)};
    }
    return in;
}

int64_t zf_sys_mq_open(struct zf_task *task, const uint64_t *a) {
    char name[NAME_SIZE];
    struct mq_attr attr;
    int64_t error;
    if (!zf_guest_string(task, a[0], name, sizeof name, &error)) {
        return error;
    }
    if (a[3] && !get_attributes(task, a[3], &attr)) {
        return -EFAULT;
    }
    return zf_host_result(syscall(SYS_mq_open, name, (int)a[1], (mode_t)a[2], a[3] ? &attr : NULL));
}

int64_t zf_sys_mq_unlink(struct zf_task *task, const uint64_t *a) {
    char name[NAME_SIZE];
    int64_t error;
    return zf_guest_string(task, a[0], name, sizeof name, &error)
               ? zf_host_result(syscall(SYS_mq_unlink, name))
               : error;
}

int64_t zf_sys_mq_timedsend(struct zf_task *task, const uint64_t *a) {
    struct timespec limit;
    const uint8_t *in = zf_guest_in(task, a[1], a[2]);
    if (!in || (a[4] && !zf_get_timespec(task, a[4], &limit))) {
        return -EFAULT;
    }
    return zf_host_result(
        syscall(SYS_mq_timedsend, (int)a[0], in, a[2], (unsigned)a[3], a[4] ? &limit : NULL));
}

int64_t zf_sys_mq_timedreceive(struct zf_task *task, const uint64_t *a) {
    struct timespec limit;
    unsigned priority = 0;
    uint8_t *out = zf_guest_out(task, a[1], a[2]);
    if (!out || (a[4] && !zf_get_timespec(task, a[4], &limit))) {
        return -EFAULT;
    }
    int64_t got = zf_host_result(
        syscall(SYS_mq_timedreceive, (int)a[0], out, a[2], &priority, a[4] ? &limit : NULL));
    return got >= 0 && a[3] && !zf_guest_put32(task, a[3], priority) ? -EFAULT : got;
}

int64_t zf_sys_mq_notify(struct zf_task *task, const uint64_t *a) {
    struct sigevent event = {0};
    const uint8_t *in = a[1] ? zf_guest_in(task, a[1], SIGEVENT_SIZE) : NULL;
    if (a[1] && !in) {
        return -EFAULT;
    }
    if (in) {
        event.sigev_value.sival_ptr = (void *)(uintptr_t)zf_get64(in);
        event.sigev_signo = (int)zf_get32(in + 8);
        event.sigev_notify = (int)zf_get32(in + 12);
    }
    if (in &&
        event.sigev_notify == SIGEV_THREAD) { /* a socket of netlink's, which gets these bytes */
        event.sigev_value.sival_ptr =
            (void *)(uintptr_t)zf_guest_in(task, zf_get64(in), COOKIE_SIZE);
        if (!event.sigev_value.sival_ptr || zf_own_file(task, (uint32_t)event.sigev_signo)) {
            return event.sigev_value.sival_ptr ? -EBADF : -EFAULT;
        }
    }
    return zf_host_result(syscall(SYS_mq_notify, (int)a[0], in ? &event : NULL));
}

int64_t zf_sys_mq_getsetattr(struct zf_task *task, const uint64_t *a) {
    struct mq_attr new, old;
    if (a[1] && !get_attributes(task, a[1], &new)) {
        return -EFAULT;
    }
    if (syscall(SYS_mq_getsetattr, (int)a[0], a[1] ? &new : NULL, &old)) {
        return -errno;
    }
    uint8_t *out = a[2] ? zf_guest_out(task, a[2], ATTRIBUTES_SIZE) : NULL;
    if (out) {
        const uint64_t words[] = {(uint64_t)old.mq_flags, (uint64_t)old.mq_maxmsg,
                                  (uint64_t)old.mq_msgsize, (uint64_t)old.mq_curmsgs};
        memset(out, 0, ATTRIBUTES_SIZE);
        for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
            zf_put64(out + 8 * i, words[i]);
        }
    }
    return a[2] && !out ? -EFAULT : 0;
}
