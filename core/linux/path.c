/* System calls that take a path, and which host path a guest's path is. */
#include "guest.h"

#include "proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { GUEST_AT_FDCWD = -100, GUEST_AT_REMOVEDIR = 0x200, GUEST_AT_EMPTY_PATH = 0x1000 };

const char *zf_host_path(const struct zf_task *task, const char *path, char buffer[PATH_MAX]) {
    if (zf_proc_is_own_exe(task->process, path)) {
        return task->process->exe;
    }
    struct stat st;
    if (path[0] == '/' && task->process->config.sysroot &&
        (size_t)snprintf(buffer, PATH_MAX, "%s%s", task->process->config.sysroot, path) <
            PATH_MAX &&
        !lstat(buffer, &st)) {
        return buffer;
    }
    snprintf(buffer, PATH_MAX, "%s", path);
    return buffer;
}

const char *zf_guest_path(struct zf_task *task, uint64_t address, char buffer[PATH_MAX],
                          int64_t *error) {
    char path[PATH_MAX];
    return zf_guest_string(task, address, path, sizeof path, error)
               ? zf_host_path(task, path, buffer)
               : NULL;
}

/* Open flags: most Linux systems agree, some do not. */
static int open_flags(uint64_t guest) {
    static const struct {
        unsigned guest;
        int host;
    } flags[] = {
        {0100, O_CREAT},        {0200, O_EXCL},        {0400, O_NOCTTY},
        {01000, O_TRUNC},       {02000, O_APPEND},     {04000, O_NONBLOCK},
        {010000, O_DSYNC},      {020000, O_ASYNC},     {040000, O_DIRECT},
        {0200000, O_DIRECTORY}, {0400000, O_NOFOLLOW}, {01000000, O_NOATIME},
        {02000000, O_CLOEXEC},  {04010000, O_SYNC},    {010000000, O_PATH},
        {020200000, O_TMPFILE},
    };
    int host = (int)(guest & 3);
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(flags); i++) {
        if ((guest & flags[i].guest) == flags[i].guest) {
            host |= flags[i].host;
        }
    }
    return host;
}

static int64_t do_open(struct zf_task *task, int dir, uint64_t path_at, uint64_t flags,
                       uint64_t mode) {
    char buffer[PATH_MAX];
    int64_t error;
    const char *path = zf_guest_path(task, path_at, buffer, &error);
    if (!path) {
        return error;
    }
    int fd = openat(dir, path, open_flags(flags), (mode_t)mode);
    return fd < 0 ? -errno : zf_proc_opened(task, fd);
}

int64_t zf_sys_open(struct zf_task *task, const uint64_t *a) {
    return do_open(task, AT_FDCWD, a[0], a[1], a[2]);
}

int64_t zf_sys_creat(struct zf_task *task, const uint64_t *a) {
    return do_open(task, AT_FDCWD, a[0], 01101, a[1]);
}

int64_t zf_sys_openat(struct zf_task *task, const uint64_t *a) {
    return do_open(task, (int)a[0], a[1], a[2], a[3]);
}

/* struct open_how: flags, mode, and how names are resolved, which is the host's kernel's business.
 */
int64_t zf_sys_openat2(struct zf_task *task, const uint64_t *a) {
    enum { HOW_SIZE = 24, FLAGS = 0, MODE = 8, RESOLVE = 16 };
    const uint8_t *in =
        a[3] >= HOW_SIZE && a[3] <= ZF_PAGE_SIZE ? zf_guest_in(task, a[2], a[3]) : NULL;
    if (!in) {
        return a[3] < HOW_SIZE ? -EINVAL : a[3] > ZF_PAGE_SIZE ? -E2BIG : -EFAULT;
    }
    for (uint64_t i = HOW_SIZE; i < a[3]; i++) {
        if (in[i]) {
            return -E2BIG;
        }
    }
    char buffer[PATH_MAX];
    int64_t error;
    const uint64_t flags = zf_get64(in + FLAGS), known = 037777777;
    const char *path = zf_guest_path(task, a[1], buffer, &error);
    if (!path || flags & ~known) {
        return path ? -EINVAL : error;
    }
    uint64_t how[] = {(uint64_t)open_flags(flags), zf_get64(in + MODE), zf_get64(in + RESOLVE)};
    int fd = (int)syscall(SYS_openat2, (int)a[0], path, how, sizeof how);
    return fd < 0 ? -errno : zf_proc_opened(task, fd);
}

/* One system call with a path: BODY is an expression of `path` and the arguments. */
#define PATH_CALL(name, argument, body)                                                            \
    int64_t zf_sys_##name(struct zf_task *task, const uint64_t *a) {                               \
        char buffer[PATH_MAX];                                                                     \
        int64_t error;                                                                             \
        const char *path = zf_guest_path(task, a[argument], buffer, &error);                       \
        return path ? zf_host_result(body) : error;                                                \
    }

PATH_CALL(unlink, 0, unlink(path))
PATH_CALL(unlinkat, 1, unlinkat((int)a[0], path, (int)a[2]))
PATH_CALL(chdir, 0, chdir(path))
PATH_CALL(chroot, 0, chroot(path))
PATH_CALL(mkdir, 0, mkdir(path, (mode_t)a[1]))
PATH_CALL(mkdirat, 1, mkdirat((int)a[0], path, (mode_t)a[2]))
PATH_CALL(rmdir, 0, rmdir(path))
PATH_CALL(mknod, 0, mknod(path, (mode_t)a[1], (dev_t)a[2]))
PATH_CALL(mknodat, 1, mknodat((int)a[0], path, (mode_t)a[2], (dev_t)a[3]))
PATH_CALL(chmod, 0, chmod(path, (mode_t)a[1]))
PATH_CALL(fchmodat, 1, fchmodat((int)a[0], path, (mode_t)a[2], 0))
PATH_CALL(chown, 0, chown(path, (uid_t)a[1], (gid_t)a[2]))
PATH_CALL(lchown, 0, lchown(path, (uid_t)a[1], (gid_t)a[2]))
PATH_CALL(fchownat, 1, fchownat((int)a[0], path, (uid_t)a[2], (gid_t)a[3], (int)a[4]))
PATH_CALL(access, 0, access(path, (int)a[1]))
PATH_CALL(faccessat, 1, faccessat((int)a[0], path, (int)a[2], 0))
PATH_CALL(faccessat2, 1, faccessat((int)a[0], path, (int)a[2], (int)a[3]))
PATH_CALL(truncate, 0, truncate(path, (off_t)a[1]))

/* One system call with two paths. */
#define TWO_PATHS_CALL(name, first_argument, second_argument, body)                                \
    int64_t zf_sys_##name(struct zf_task *task, const uint64_t *a) {                               \
        char buffers[2][PATH_MAX];                                                                 \
        int64_t error;                                                                             \
        const char *from = zf_guest_path(task, a[first_argument], buffers[0], &error);             \
        const char *to = from ? zf_guest_path(task, a[second_argument], buffers[1], &error) : "";  \
        return from && to ? zf_host_result(body) : error;                                          \
    }

TWO_PATHS_CALL(link, 0, 1, link(from, to))
TWO_PATHS_CALL(linkat, 1, 3, linkat((int)a[0], from, (int)a[2], to, (int)a[4]))
TWO_PATHS_CALL(rename, 0, 1, rename(from, to))
TWO_PATHS_CALL(renameat, 1, 3, renameat((int)a[0], from, (int)a[2], to))
TWO_PATHS_CALL(renameat2, 1, 3, renameat2((int)a[0], from, (int)a[2], to, (unsigned)a[4]))

/* The text of a symbolic link is the guest's, not a path to look up. */
static int64_t do_symlink(struct zf_task *task, uint64_t text_at, int dir, uint64_t path_at) {
    char text[PATH_MAX], buffer[PATH_MAX];
    int64_t error;
    if (!zf_guest_string(task, text_at, text, sizeof text, &error)) {
        return error;
    }
    const char *path = zf_guest_path(task, path_at, buffer, &error);
    return path ? zf_host_result(symlinkat(text, dir, path)) : error;
}

int64_t zf_sys_symlink(struct zf_task *task, const uint64_t *a) {
    return do_symlink(task, a[0], AT_FDCWD, a[1]);
}

int64_t zf_sys_symlinkat(struct zf_task *task, const uint64_t *a) {
    return do_symlink(task, a[0], (int)a[1], a[2]);
}

static int64_t do_readlink(struct zf_task *task, int dir, uint64_t path_at, uint64_t out_at,
                           uint64_t size) {
    char path[PATH_MAX], buffer[PATH_MAX];
    int64_t error;
    if (!zf_guest_string(task, path_at, path, sizeof path, &error)) {
        return error;
    }
    if ((int64_t)size <= 0) {
        return -EINVAL;
    }
    size = size > PATH_MAX ? PATH_MAX : size;
    uint8_t *out = zf_guest_out(task, out_at, size);
    if (!out) {
        return -EFAULT;
    }
    if (zf_proc_is_own_exe(task->process, path)) {
        size_t length = strlen(task->process->exe);
        length = length < size ? length : size;
        memcpy(out, task->process->exe, length);
        return (int64_t)length;
    }
    return zf_host_result(
        readlinkat(dir, zf_host_path(task, path, buffer), (char *)out, (size_t)size));
}

int64_t zf_sys_readlink(struct zf_task *task, const uint64_t *a) {
    return do_readlink(task, AT_FDCWD, a[0], a[1], a[2]);
}

int64_t zf_sys_readlinkat(struct zf_task *task, const uint64_t *a) {
    return do_readlink(task, (int)a[0], a[1], a[2], a[3]);
}

int64_t zf_sys_getcwd(struct zf_task *task, const uint64_t *a) {
    char path[PATH_MAX];
    int64_t length = zf_host_result(syscall(SYS_getcwd, path, sizeof path));
    if (length < 0) {
        return length;
    }
    if ((uint64_t)length > a[1]) {
        return -ERANGE;
    }
    uint8_t *out = zf_guest_out(task, a[0], (uint64_t)length);
    if (!out) {
        return -EFAULT;
    }
    memcpy(out, path, (size_t)length);
    return length;
}

/* Times of a file: a NULL path means the descriptor itself. */
static int64_t set_times(struct zf_task *task, int dir, uint64_t path_at,
                         const struct timespec *times, int flags) {
    char buffer[PATH_MAX];
    int64_t error;
    if (!path_at) {
        return zf_host_result(syscall(SYS_utimensat, dir, NULL, times, flags));
    }
    const char *path = zf_guest_path(task, path_at, buffer, &error);
    return path ? zf_host_result(utimensat(dir, path, times, flags)) : error;
}

int64_t zf_sys_utimensat(struct zf_task *task, const uint64_t *a) {
    struct timespec times[2];
    if (a[2] &&
        (!zf_get_timespec(task, a[2], &times[0]) || !zf_get_timespec(task, a[2] + 16, &times[1]))) {
        return -EFAULT;
    }
    return set_times(task, (int)a[0], a[1], a[2] ? times : NULL, (int)a[3]);
}

/* Two timevals. */
static int64_t set_timevals(struct zf_task *task, int dir, uint64_t path, uint64_t times_at) {
    struct timespec times[2];
    if (times_at && (!zf_get_timespec(task, times_at, &times[0]) ||
                     !zf_get_timespec(task, times_at + 16, &times[1]))) {
        return -EFAULT;
    }
    for (unsigned i = 0; i < 2 && times_at; i++) {
        if (times[i].tv_nsec < 0 || times[i].tv_nsec > 999999) {
            return -EINVAL;
        }
        times[i].tv_nsec *= 1000;
    }
    return set_times(task, dir, path, times_at ? times : NULL, 0);
}

int64_t zf_sys_utimes(struct zf_task *task, const uint64_t *a) {
    return set_timevals(task, AT_FDCWD, a[0], a[1]);
}

int64_t zf_sys_futimesat(struct zf_task *task, const uint64_t *a) {
    return set_timevals(task, (int)a[0], a[1], a[2]);
}

int64_t zf_sys_utime(struct zf_task *task, const uint64_t *a) {
    struct timespec times[2] = {{0}};
    const uint8_t *in = a[1] ? zf_guest_in(task, a[1], 16) : NULL;
    if (a[1] && !in) {
        return -EFAULT;
    }
    if (in) {
        times[0].tv_sec = (time_t)zf_get64(in);
        times[1].tv_sec = (time_t)zf_get64(in + 8);
    }
    return set_times(task, AT_FDCWD, a[0], in ? times : NULL, 0);
}
