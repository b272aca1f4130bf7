/* Control of file descriptors: fcntl, ioctl, locks; waiting for them: poll and select. */
#include "guest.h"
#include "signals.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    GUEST_F_GETLK = 5,
    GUEST_F_SETLK = 6,
    GUEST_F_SETLKW = 7,
    GUEST_F_OFD_GETLK = 36,
    GUEST_F_OFD_SETLKW = 38,
    GUEST_F_DUPFD_QUERY = 1027,
    GUEST_F_CREATED_QUERY = 1028,
    LOCK_SIZE = 32,
    SET_SIZE = 8,
    WORD_BITS = 64,
    FEW_FDS = 1024, /* for them, calls need no memory of their own */
};

static int64_t lock_call(struct zf_task *task, int fd, int command, uint64_t address) {
    bool gets = command == GUEST_F_GETLK || command == GUEST_F_OFD_GETLK;
    uint8_t *at = gets ? zf_guest_out(task, address, LOCK_SIZE)
                       : (uint8_t *)zf_guest_in(task, address, LOCK_SIZE);
    if (!at) {
        return -EFAULT;
    }
    struct flock lock = {.l_type = (short)zf_get16(at),
                         .l_whence = (short)zf_get16(at + 2),
                         .l_start = (off_t)zf_get64(at + 8),
                         .l_len = (off_t)zf_get64(at + 16),
                         .l_pid = (pid_t)zf_get32(at + 24)};
    static const int locks[] = {F_GETLK, F_SETLK, F_SETLKW};
    static const int ofd_locks[] = {F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
    int host = command <= GUEST_F_SETLKW ? locks[command - GUEST_F_GETLK]
                                         : ofd_locks[command - GUEST_F_OFD_GETLK];
    if (fcntl(fd, host, &lock)) {
        return -errno;
    }
    if (gets) {
        zf_put16(at, (uint16_t)lock.l_type);
        zf_put16(at + 2, (uint16_t)lock.l_whence);
        zf_put64(at + 8, (uint64_t)lock.l_start);
        zf_put64(at + 16, (uint64_t)lock.l_len);
        zf_put32(at + 24, (uint32_t)lock.l_pid);
    }
    return 0;
}

/* Whose signals a file's are: two words. */
static int64_t owner_call(struct zf_task *task, int fd, int command, uint64_t address) {
    uint8_t *at = command == F_GETOWN_EX ? zf_guest_out(task, address, 8)
                                         : (uint8_t *)zf_guest_in(task, address, 8);
    if (!at) {
        return -EFAULT;
    }
    struct f_owner_ex owner = {.type = (enum __pid_type)zf_get32(at),
                               .pid = (pid_t)zf_get32(at + 4)};
    int64_t result = zf_host_result(fcntl(fd, command, &owner));
    if (!result && command == F_GETOWN_EX) {
        zf_put32(at, (uint32_t)owner.type);
        zf_put32(at + 4, (uint32_t)owner.pid);
    }
    return result;
}

static int64_t hint_call(struct zf_task *task, int fd, int command, uint64_t address) {
    const bool gets = command == F_GET_RW_HINT || command == F_GET_FILE_RW_HINT;
    const uint8_t *in = zf_guest_in(task, address, 8);
    uint64_t hint = in ? zf_get64(in) : 0;
    if (!in) {
        return -EFAULT;
    }
    int64_t result = zf_host_result(fcntl(fd, command, &hint));
    return result || !gets || zf_guest_put64(task, address, hint) ? result : -EFAULT;
}

int64_t zf_sys_fcntl(struct zf_task *task, const uint64_t *a) {
    int fd = (int)a[0], command = (int)a[1];
    if ((command >= GUEST_F_GETLK && command <= GUEST_F_SETLKW) ||
        (command >= GUEST_F_OFD_GETLK && command <= GUEST_F_OFD_SETLKW)) {
        return lock_call(task, fd, command, a[2]);
    }
    switch (command) {
    case F_DUPFD:
    case F_GETFD:
    case F_SETFD:
    case F_GETFL:
    case F_SETFL:
    case F_GETOWN:
    case F_SETOWN:
    case F_DUPFD_CLOEXEC:
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
    case F_ADD_SEALS:
    case F_GET_SEALS:
    case F_GETSIG:
    case F_SETLEASE:
    case F_GETLEASE:
    case F_NOTIFY:
    case GUEST_F_DUPFD_QUERY:
    case GUEST_F_CREATED_QUERY:
        return zf_host_result(fcntl(fd, command, (long)a[2]));
    case F_SETSIG: /* with what a file's signal says, these would be faults of ours */
        return a[2] == SIGSEGV || a[2] == SIGBUS || a[2] == SIGILL || a[2] == SIGFPE
                   ? -EINVAL
                   : zf_host_result(fcntl(fd, command, (long)a[2]));
    case F_SETOWN_EX:
    case F_GETOWN_EX:
        return owner_call(task, fd, command, a[2]);
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
    case F_GET_FILE_RW_HINT:
    case F_SET_FILE_RW_HINT:
        return hint_call(task, fd, command, a[2]);
    default:
        return fcntl(fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
    }
}

int64_t zf_sys_flock(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(flock((int)a[0], (int)a[1]));
}

/*
 * What is left of a call's time goes where the guest had all of it, unless that cannot be written.
 * In turns, time is not the host's.
 */
static void put_rest(struct zf_task *task, uint64_t address, const struct timespec *rest) {
    bool sticky = task->process->personality & STICKY_TIMEOUTS;
    if (address && !sticky && !task->cpu->cpus->turns.on) {
        zf_put_timespec(task, address, rest);
    }
}

/* How many descriptors a process may have: no call waits for more. */
static uint64_t fd_limit(const struct zf_task *task) {
    return task->process->files.rlim_cur;
}

/* The guest's list is copied to the host's and back. Events have the same values everywhere. */
static int64_t poll_list(uint8_t *at, struct pollfd *fds, uint64_t count, struct timespec *timeout,
                         const sigset_t *mask) {
    for (uint64_t i = 0; i < count; i++) {
        fds[i] = (struct pollfd){.fd = (int)zf_get32(at + 8 * i),
                                 .events = (short)zf_get16(at + 8 * i + 4)};
    }
    int ready = (int)syscall(SYS_ppoll, fds, count, timeout, mask, SET_SIZE);
    if (ready < 0) {
        return -errno;
    }
    for (uint64_t i = 0; i < count; i++) {
        zf_put16(at + 8 * i + 6, (uint16_t)fds[i].revents);
    }
    return ready;
}

/* Polls with an optional mask. */
static int64_t do_poll(struct zf_task *task, uint64_t fds_at, uint64_t count,
                       struct timespec *timeout, const sigset_t *mask) {
    struct pollfd few[FEW_FDS], *fds = few;
    if (count > fd_limit(task)) {
        return -EINVAL;
    }
    uint8_t *at = zf_guest_out(task, fds_at, 8 * count);
    if (!at) {
        return -EFAULT;
    }
    if (count > FEW_FDS && !(fds = malloc(count * sizeof *fds))) {
        return -ENOMEM;
    }
    int64_t result = poll_list(at, fds, count, timeout, mask);
    if (fds != few) {
        free(fds);
    }
    return result;
}

int64_t zf_sys_poll(struct zf_task *task, const uint64_t *a) {
    int ms = (int)a[2];
    struct timespec timeout = {ms / 1000, ms % 1000 * 1000000L};
    if (ms >= 0 && !task->cpu->cpus->turns.on) {
        zf_limit_take(task, &timeout);
    }
    return do_poll(task, a[0], (uint32_t)a[1], ms < 0 ? NULL : &timeout, NULL);
}

int64_t zf_sys_ppoll(struct zf_task *task, const uint64_t *a) {
    struct timespec timeout;
    sigset_t mask;
    int64_t error;
    if (a[2] && !zf_get_timespec(task, a[2], &timeout)) {
        return -EFAULT;
    }
    if (a[3] && !zf_signal_take_mask(task, a[3], a[4], &mask, &error)) {
        return error;
    }
    int64_t result =
        do_poll(task, a[0], (uint32_t)a[1], a[2] ? &timeout : NULL, a[3] ? &mask : NULL);
    put_rest(task, a[2], &timeout);
    return result;
}

/* Sets of descriptors: doublewords, descriptor n is bit n % 64 from the right of word n / 64. */
static bool get_fds(struct zf_task *task, uint64_t address, unsigned words, uint64_t *set) {
    const uint8_t *in = zf_guest_in(task, address, (uint64_t)8 * words);
    for (unsigned i = 0; in && i < words; i++) {
        set[i] = zf_get64(in + (size_t)8 * i);
    }
    return in;
}

static bool put_fds(struct zf_task *task, uint64_t address, unsigned words, const uint64_t *set) {
    uint8_t *out = zf_guest_out(task, address, (uint64_t)8 * words);
    for (unsigned i = 0; out && i < words; i++) {
        zf_put64(out + (size_t)8 * i, set[i]);
    }
    return out;
}

/* The three sets lie one behind the other. */
static int64_t select_sets(struct zf_task *task, const uint64_t *a, unsigned count, uint64_t *sets,
                           struct timespec *timeout, const sigset_t *mask) {
    const unsigned words = (count + WORD_BITS - 1) / WORD_BITS;
    uint64_t *used[3];
    for (unsigned i = 0; i < 3; i++) {
        used[i] = a[i + 1] ? &sets[(size_t)i * words] : NULL;
        if (used[i] && !get_fds(task, a[i + 1], words, used[i])) {
            return -EFAULT;
        }
    }
    const struct {
        const sigset_t *mask;
        size_t size;
    } with = {mask, SET_SIZE};
    int ready = (int)syscall(SYS_pselect6, count, used[0], used[1], used[2], timeout, &with);
    if (ready < 0) {
        return -errno;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (used[i] && !put_fds(task, a[i + 1], words, used[i])) {
            return -EFAULT;
        }
    }
    return ready;
}

static int64_t do_select(struct zf_task *task, const uint64_t *a, struct timespec *timeout,
                         const sigset_t *mask) {
    uint64_t few[3 * FEW_FDS / WORD_BITS], *sets = few, limit = fd_limit(task);
    unsigned count = (unsigned)a[0] > limit ? (unsigned)limit : (unsigned)a[0];
    if ((int)a[0] < 0) {
        return -EINVAL;
    }
    if (count > FEW_FDS && !(sets = calloc(3, (count + WORD_BITS) / WORD_BITS * sizeof *sets))) {
        return -ENOMEM;
    }
    int64_t result = select_sets(task, a, count, sets, timeout, mask);
    if (sets != few) {
        free(sets);
    }
    return result;
}

int64_t zf_sys_select(struct zf_task *task, const uint64_t *a) {
    struct timespec timeout;
    if (a[4]) {
        if (!zf_get_timespec(task, a[4], &timeout)) {
            return -EFAULT;
        }
        if (timeout.tv_sec < 0 || timeout.tv_nsec < 0) {
            return -EINVAL;
        }
        timeout.tv_sec += timeout.tv_nsec / 1000000;
        timeout.tv_nsec = timeout.tv_nsec % 1000000 * 1000;
    }
    int64_t result = do_select(task, a, a[4] ? &timeout : NULL, NULL);
    timeout.tv_nsec /= 1000;
    put_rest(task, a[4], &timeout);
    return result;
}

int64_t zf_sys_pselect6(struct zf_task *task, const uint64_t *a) {
    struct timespec timeout;
    sigset_t mask;
    int64_t error;
    uint64_t set_at = 0, set_size = 0;
    if (a[4] && !zf_get_timespec(task, a[4], &timeout)) {
        return -EFAULT;
    }
    if (a[5]) {
        const uint8_t *in = zf_guest_in(task, a[5], 16);
        if (!in) {
            return -EFAULT;
        }
        set_at = zf_get64(in);
        set_size = zf_get64(in + 8);
    }
    if (set_at && !zf_signal_take_mask(task, set_at, set_size, &mask, &error)) {
        return error;
    }
    int64_t result = do_select(task, a, a[4] ? &timeout : NULL, set_at ? &mask : NULL);
    put_rest(task, a[4], &timeout);
    return result;
}
