/*
 * Files that hold structures of the machine, and timers: eventfd, timerfd, signalfd, inotify. What
 * a guest reads from such a file is turned into its byte order, what it writes into the host's.
 */
#include "guest.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    TIMERSPEC_SIZE = 32,
    SIGEVENT_SIZE = 64,
    SIGNAL_RECORD = 128, /* of signalfd: words, four doublewords, a halfword, words, a doubleword */
    SIGNAL_INT_AT = 44,
    SIGNAL_WIDE_AT = 48,
    SIGNAL_WIDE_END = 80,
    SIGNAL_NARROW_AT = 84,
    SIGNAL_CALL_AT = 88,
    SIGNAL_ARCH_AT = 96,
    NOTE_HEADER = 16, /* of inotify: four words, the last tells how long the name is */
};

static void swap32(uint8_t *p) {
    uint32_t value;
    memcpy(&value, p, 4);
    zf_put32(p, value);
}

static void swap64(uint8_t *p) {
    uint64_t value;
    memcpy(&value, p, 8);
    zf_put64(p, value);
}

static void swap_signals(uint8_t *p, size_t size) {
    for (; size >= SIGNAL_RECORD; p += SIGNAL_RECORD, size -= SIGNAL_RECORD) {
        for (unsigned at = 0; at < SIGNAL_WIDE_AT; at += 4) {
            swap32(p + at);
        }
        for (unsigned at = SIGNAL_WIDE_AT; at < SIGNAL_WIDE_END; at += 8) {
            swap64(p + at);
        }
        memcpy(p + SIGNAL_INT_AT, p + SIGNAL_WIDE_AT, 4); /* a value's int is its first bytes */
        uint16_t least;
        memcpy(&least, p + SIGNAL_WIDE_END, 2);
        zf_put16(p + SIGNAL_WIDE_END, least);
        swap32(p + SIGNAL_NARROW_AT);
        swap64(p + SIGNAL_CALL_AT);
        swap32(p + SIGNAL_ARCH_AT);
    }
}

static void swap_notes(uint8_t *p, size_t size) {
    while (size >= NOTE_HEADER) {
        uint32_t name;
        memcpy(&name, p + NOTE_HEADER - 4, 4);
        for (unsigned at = 0; at < NOTE_HEADER; at += 4) {
            swap32(p + at);
        }
        if (name > size - NOTE_HEADER) {
            return;
        }
        p += NOTE_HEADER + name;
        size -= NOTE_HEADER + name;
    }
}

/*
 * The kind of an anonymous file, as /proc tells it; false for the many that are something else.
 * Where /proc does not know this process, what is of 8 bytes is a number.
 */
static bool anonymous(int fd, size_t moved, char *kind, size_t size) {
    struct stat st;
    char path[48];
    if (fstat(fd, &st) || st.st_mode & S_IFMT) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, kind, size - 1);
    kind[length > 0 ? length : 0] = '\0';
    if (length < 0) {
        snprintf(kind, size, "%s",
                 moved == 8                   ? "eventfd"
                 : moved % SIGNAL_RECORD == 0 ? "signalfd"
                                              : "inotify");
    }
    return true;
}

/* What the kernel has of its pages: a number of the host's for each. */
static bool of_pages(int fd) {
    struct stat st;
    char link[32], path[16] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return !fstat(fd, &st) && S_ISREG(st.st_mode) && !st.st_size &&
           readlink(link, path, sizeof path - 1) > 0 && !strncmp(path, "/proc/kpage", 11);
}

void zf_special_read(int fd, uint8_t *bytes, size_t size) {
    char kind[64];
    if (size >= 8 && size % 8 == 0 && of_pages(fd)) {
        for (size_t at = 0; at < size; at += 8) {
            swap64(bytes + at);
        }
        return;
    }
    if (size < 8 || !anonymous(fd, size, kind, sizeof kind)) {
        return;
    }
    if (strstr(kind, "eventfd") || strstr(kind, "timerfd")) {
        swap64(bytes);
    } else if (strstr(kind, "signalfd")) {
        swap_signals(bytes, size);
    } else if (strstr(kind, "inotify")) {
        swap_notes(bytes, size);
    }
}

const uint8_t *zf_special_write(int fd, const uint8_t *bytes, size_t size, uint8_t swapped[8]) {
    char kind[64];
    if (size != 8 || !anonymous(fd, size, kind, sizeof kind) || !strstr(kind, "eventfd")) {
        return bytes;
    }
    memcpy(swapped, bytes, 8);
    swap64(swapped);
    return swapped;
}

int64_t zf_sys_signalfd4(struct zf_task *task, const uint64_t *a) {
    uint64_t set;
    sigset_t host;
    int64_t error;
    if (!zf_signal_set(task, a[1], a[2], &set, &error)) {
        return error;
    }
    /* the last one comes for other reasons, too */
    zf_signal_to_host(set & ~(UINT64_C(1) << (ZF_SIGNALS - 1)), &host);
    return zf_host_result(signalfd((int)a[0], &host, (int)a[3]));
}

int64_t zf_sys_signalfd(struct zf_task *task, const uint64_t *a) {
    return zf_sys_signalfd4(task, (const uint64_t[]){a[0], a[1], a[2], 0});
}

int64_t zf_sys_inotify_init(struct zf_task *task, const uint64_t *a) {
    (void)task;
    (void)a;
    return zf_host_result(inotify_init());
}

int64_t zf_sys_inotify_init1(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(inotify_init1((int)a[0]));
}

int64_t zf_sys_inotify_add_watch(struct zf_task *task, const uint64_t *a) {
    enum { DONT_FOLLOW = 0x2000000 };
    const struct zf_path_argument argument = {ZF_GUEST_CWD, a[1], (a[2] & DONT_FOLLOW) != 0};
    char buffer[PATH_MAX];
    int64_t error;
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    return path ? zf_host_result(inotify_add_watch((int)a[0], path, (uint32_t)a[2])) : error;
}

int64_t zf_sys_inotify_rm_watch(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(inotify_rm_watch((int)a[0], (int)a[1]));
}

static bool get_timerspec(struct zf_task *task, uint64_t at, struct itimerspec *t) {
    return zf_get_timespec(task, at, &t->it_interval) &&
           zf_get_timespec(task, at + TIMERSPEC_SIZE / 2, &t->it_value);
}

static bool put_timerspec(struct zf_task *task, uint64_t at, const struct itimerspec *t) {
    return zf_put_timespec(task, at, &t->it_interval) &&
           zf_put_timespec(task, at + TIMERSPEC_SIZE / 2, &t->it_value);
}

int64_t zf_sys_timerfd_create(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(timerfd_create((clockid_t)a[0], (int)a[1]));
}

int64_t zf_sys_timerfd_settime(struct zf_task *task, const uint64_t *a) {
    struct itimerspec timer, old;
    if (!get_timerspec(task, a[2], &timer)) {
        return -EFAULT;
    }
    if (timerfd_settime((int)a[0], (int)a[1], &timer, &old)) {
        return -errno;
    }
    return !a[3] || put_timerspec(task, a[3], &old) ? 0 : -EFAULT;
}

int64_t zf_sys_timerfd_gettime(struct zf_task *task, const uint64_t *a) {
    struct itimerspec timer;
    if (timerfd_gettime((int)a[0], &timer)) {
        return -errno;
    }
    return put_timerspec(task, a[1], &timer) ? 0 : -EFAULT;
}

static bool note_timer(struct zf_linux *process, int id) {
    pthread_mutex_lock(&process->lock);
    int *grown = realloc(process->timers, (process->timer_count + 1) * sizeof *grown);
    if (grown) {
        process->timers = grown;
        grown[process->timer_count++] = id;
    }
    pthread_mutex_unlock(&process->lock);
    return grown;
}

static void forget_timer(struct zf_linux *process, int id) {
    pthread_mutex_lock(&process->lock);
    for (unsigned i = process->timer_count; i-- > 0;) {
        if (process->timers[i] == id) {
            process->timers[i] = process->timers[--process->timer_count];
            break;
        }
    }
    pthread_mutex_unlock(&process->lock);
}

void zf_timers_delete(struct zf_linux *process) {
    for (unsigned i = 0; i < process->timer_count; i++) {
        syscall(SYS_timer_delete, process->timers[i]);
    }
    free(process->timers);
    process->timers = NULL;
    process->timer_count = 0;
}

void zf_timers_end(struct zf_linux *process) {
    const struct itimerval none = {{0, 0}, {0, 0}};
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        if (process->interval_timers & 1u << which) {
            setitimer((__itimer_which_t)which, &none, NULL);
        }
    }
    zf_timers_delete(process);
}

/* Timers have the kernel's numbers, so that they are all the host's business. */
int64_t zf_sys_timer_create(struct zf_task *task, const uint64_t *a) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    int id = 0;
    const uint8_t *in = a[1] ? zf_guest_in(task, a[1], SIGEVENT_SIZE) : NULL;
    uint8_t *out = zf_guest_out(task, a[2], 4);
    if ((a[1] && !in) || !out) {
        return -EFAULT;
    }
    if (in) {
        event.sigev_value.sival_ptr = (void *)(uintptr_t)zf_get64(in);
        event.sigev_signo = (int)zf_get32(in + 8);
        event.sigev_notify = (int)zf_get32(in + 12);
        event._sigev_un._tid = (int)zf_get32(in + 16);
    }
    if (syscall(SYS_timer_create, (int)a[0], &event, &id)) {
        return -errno;
    }
    if (!note_timer(task->process, id)) {
        syscall(SYS_timer_delete, id);
        return -EAGAIN;
    }
    zf_put32(out, (uint32_t)id);
    return 0;
}

int64_t zf_sys_timer_settime(struct zf_task *task, const uint64_t *a) {
    struct itimerspec timer, old;
    if (!a[2] || !get_timerspec(task, a[2], &timer)) {
        return a[2] ? -EFAULT : -EINVAL;
    }
    if (syscall(SYS_timer_settime, (int)a[0], (int)a[1], &timer, &old)) {
        return -errno;
    }
    return !a[3] || put_timerspec(task, a[3], &old) ? 0 : -EFAULT;
}

int64_t zf_sys_timer_gettime(struct zf_task *task, const uint64_t *a) {
    struct itimerspec timer;
    if (syscall(SYS_timer_gettime, (int)a[0], &timer)) {
        return -errno;
    }
    return put_timerspec(task, a[1], &timer) ? 0 : -EFAULT;
}

int64_t zf_sys_timer_getoverrun(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_timer_getoverrun, (int)a[0]));
}

int64_t zf_sys_timer_delete(struct zf_task *task, const uint64_t *a) {
    int64_t result = zf_host_result(syscall(SYS_timer_delete, (int)a[0]));
    if (!result) {
        forget_timer(task->process, (int)a[0]);
    }
    return result;
}
