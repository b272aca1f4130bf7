/* System calls that take a path, and which host path a guest's path is. */
#include "guest.h"

#include "proc.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

const char *zf_exe_path(const struct zf_linux *process) {
    return process->exe_file < 0 ? process->exe : process->exe_link;
}

/* The folder of a path, without links; a name in it follows at the end. False: there is none. */
static bool folder_of(const struct zf_task *task, int dir, const char *text, char out[PATH_MAX]) {
    const char *root = task->process->config.sysroot, *last = strrchr(text, '/');
    char folder[PATH_MAX], buffer[PATH_MAX], whole[PATH_MAX + 32];
    snprintf(folder, sizeof folder, "%.*s", last ? (int)(last + 1 - text) : 1, last ? text : ".");
    const struct zf_path path = {dir, folder, false};
    const char *host = root && zf_sysroot_find(root, &path, buffer) ? buffer : folder;
    if (host[0] == '/' || dir == AT_FDCWD) {
        snprintf(whole, sizeof whole, "%s", host);
    } else {
        snprintf(whole, sizeof whole, "/proc/self/fd/%d/%s", dir, host);
    }
    return realpath(whole, out);
}

/* By whatever path through /proc: as it is usually spelled, or any other. */
static bool is_own_exe(const struct zf_task *task, int dir, const char *text) {
    const char *last = strrchr(text, '/');
    char path[PATH_MAX + 8];
    if (strcmp(last ? last + 1 : text, "exe") != 0) {
        return false;
    }
    if (zf_proc_is_own_exe(task->process, text)) {
        return true;
    }
    bool there = folder_of(task, dir, text, path) && !strncmp(path, "/proc/", 6);
    return there && zf_proc_is_own_exe(task->process, strcat(path, "/exe"));
}

const char *zf_host_path(const struct zf_task *task, const struct zf_path *path,
                         char buffer[PATH_MAX]) {
    const char *root = task->process->config.sysroot;
    if (is_own_exe(task, path->dir, path->text)) {
        return zf_exe_path(task->process);
    }
    if (root && zf_sysroot_find(root, path, buffer)) {
        return buffer;
    }
    snprintf(buffer, PATH_MAX, "%s", path->text);
    return buffer;
}

const char *zf_guest_path(struct zf_task *task, const struct zf_path_argument *argument,
                          char buffer[PATH_MAX], int64_t *error) {
    char text[PATH_MAX];
    const struct zf_path path = {argument->dir, text, argument->link};
    if (!zf_guest_string(task, argument->address, text, sizeof text, error)) {
        return NULL;
    }
    const char *host = zf_host_path(task, &path, buffer);
    if (!is_own_exe(task, argument->dir, text) && zf_proc_hidden(task, argument->dir, host)) {
        *error = -ENOENT;
        return NULL;
    }
    return host;
}

int zf_open_flags(uint64_t guest) {
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

/* Whether a link at the end of the path stays what it is. */
static bool opens_link(int host_flags) {
    return host_flags & O_NOFOLLOW || (host_flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
}

static int64_t do_open(struct zf_task *task, int dir, uint64_t path_at, uint64_t flags,
                       uint64_t mode) {
    char buffer[PATH_MAX];
    int64_t error;
    const int host = zf_open_flags(flags);
    const struct zf_path_argument argument = {dir, path_at, opens_link(host)};
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    if (!path) {
        return error;
    }
    int fd = zf_own_open(task, dir, path, host, (mode_t)zf_own_mode(task, mode));
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
    const int host = zf_open_flags(flags);
    const struct zf_path_argument argument = {(int)a[0], a[1], opens_link(host)};
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    if (!path || flags & ~known) {
        return path ? -EINVAL : error;
    }
    const uint64_t mode = zf_own_mode(task, zf_get64(in + MODE)), resolve = zf_get64(in + RESOLVE);
    uint64_t how[] = {(uint64_t)host, mode, resolve | RESOLVE_NO_MAGICLINKS};
    if (resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS) &&
        path == zf_exe_path(task->process)) {
        return -ELOOP; /* it was found over a link of /proc */
    }
    int fd = (int)syscall(SYS_openat2, (int)a[0], path, how, sizeof how);
    if (fd < 0 && errno == ELOOP && !resolve) {
        fd = zf_own_open(task, (int)a[0], path, host, (mode_t)mode);
    }
    return fd < 0 ? -errno : zf_proc_opened(task, fd);
}

/* One system call with a path: BODY is an expression of `path` and the arguments. */
#define PATH_CALL(name, dir, argument, link, body)                                                 \
    int64_t zf_sys_##name(struct zf_task *task, const uint64_t *a) {                               \
        const struct zf_path_argument where = {(int)(dir), a[argument], link};                     \
        char buffer[PATH_MAX];                                                                     \
        int64_t error;                                                                             \
        const char *path = zf_guest_path(task, &where, buffer, &error);                            \
        return path ? zf_host_result(body) : error;                                                \
    }

/* The same for calls that change the file, which may not be one of zfacet's own. */
#define CHANGING_CALL(name, dir, argument, link, body)                                             \
    PATH_CALL(name, dir, argument, link,                                                           \
              zf_own_path(task, (int)(dir), path) ? (errno = EACCES, -1) : (body))

#define CWD ZF_GUEST_CWD
#define MODE(argument) (mode_t) zf_own_mode(task, argument)
#define IS_LINK(flags) (((flags)&AT_SYMLINK_NOFOLLOW) != 0)

/*
 * Of the very file that was looked at. It is not opened for writing: a reader of a FIFO and who has
 * a lease of the file would know.
 */
static int truncate_file(const struct zf_task *task, const char *path, off_t length) {
    char link[32];
    zf_own_raise(task);
    int place = length < 0 ? -1 : zf_own_open(task, CWD, path, O_PATH | O_CLOEXEC, 0);
    zf_own_lower(task);
    if (place < 0) {
        errno = length < 0 ? EINVAL : errno;
        return -1;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", place);
    int result = truncate(link, length);
    if (result < 0 && errno == ENOENT && !zf_own_path(task, CWD, path)) { /* there is no /proc */
        result = truncate(path, length);
    }
    int error = errno;
    close(place);
    errno = error;
    return result;
}

PATH_CALL(unlink, CWD, 0, true, unlink(path))
PATH_CALL(unlinkat, a[0], 1, true, unlinkat((int)a[0], path, (int)a[2]))
PATH_CALL(chdir, CWD, 0, false, chdir(path))
PATH_CALL(chroot, CWD, 0, false, zf_sysroot_left(task, chroot(path)))
PATH_CALL(mkdir, CWD, 0, true, mkdir(path, MODE(a[1])))
PATH_CALL(mkdirat, a[0], 1, true, mkdirat((int)a[0], path, MODE(a[2])))
PATH_CALL(rmdir, CWD, 0, true, rmdir(path))
PATH_CALL(mknod, CWD, 0, true, mknod(path, MODE(a[1]), (dev_t)a[2]))
PATH_CALL(mknodat, a[0], 1, true, mknodat((int)a[0], path, MODE(a[2]), (dev_t)a[3]))
CHANGING_CALL(chmod, CWD, 0, false, chmod(path, MODE(a[1])))
CHANGING_CALL(fchmodat, a[0], 1, false, fchmodat((int)a[0], path, MODE(a[2]), 0))
CHANGING_CALL(fchmodat2, a[0], 1, IS_LINK(a[3]),
              syscall(452, (int)a[0], path, MODE(a[2]), (int)a[3]))
CHANGING_CALL(chown, CWD, 0, false, chown(path, (uid_t)a[1], (gid_t)a[2]))
PATH_CALL(lchown, CWD, 0, true, lchown(path, (uid_t)a[1], (gid_t)a[2]))
CHANGING_CALL(fchownat, a[0], 1, IS_LINK(a[4]),
              fchownat((int)a[0], path, (uid_t)a[2], (gid_t)a[3], (int)a[4]))
PATH_CALL(access, CWD, 0, false, access(path, (int)a[1]))
PATH_CALL(faccessat, a[0], 1, false, faccessat((int)a[0], path, (int)a[2], 0))
PATH_CALL(faccessat2, a[0], 1, IS_LINK(a[3]), faccessat((int)a[0], path, (int)a[2], (int)a[3]))
PATH_CALL(truncate, CWD, 0, false, truncate_file(task, path, (off_t)a[1]))

/* Two paths, links at whose ends are meant themselves: the arguments' places. */
struct two_paths {
    int from_dir, to_dir;
    unsigned from, to;
    char buffers[2][PATH_MAX];
    const char *paths[2];
};

static int64_t get_two(struct zf_task *task, const uint64_t *a, bool follows, struct two_paths *t) {
    int64_t error = 0;
    const struct zf_path_argument from = {t->from_dir, a[t->from], !follows},
                                  to = {t->to_dir, a[t->to], true};
    t->paths[0] = zf_guest_path(task, &from, t->buffers[0], &error);
    t->paths[1] = t->paths[0] ? zf_guest_path(task, &to, t->buffers[1], &error) : NULL;
    if (t->paths[1] && follows && zf_own_path(task, t->from_dir, t->paths[0])) {
        return -EACCES;
    }
    return t->paths[1] ? 0 : error;
}

#define TWO_PATHS_CALL(name, dirs, places, follows, body)                                          \
    int64_t zf_sys_##name(struct zf_task *task, const uint64_t *a) {                               \
        struct two_paths t = {dirs, places, {{0}}, {0}};                                           \
        int64_t error = get_two(task, a, follows, &t);                                             \
        const char *from = t.paths[0], *to = t.paths[1];                                           \
        return error ? error : zf_host_result(body);                                               \
    }

#define BOTH(x, y) x, y
TWO_PATHS_CALL(link, BOTH(CWD, CWD), BOTH(0, 1), false, link(from, to))
TWO_PATHS_CALL(linkat, BOTH((int)a[0], (int)a[2]), BOTH(1, 3), (a[4] & AT_SYMLINK_FOLLOW) != 0,
               linkat((int)a[0], from, (int)a[2], to, (int)a[4]))
TWO_PATHS_CALL(rename, BOTH(CWD, CWD), BOTH(0, 1), false, rename(from, to))
TWO_PATHS_CALL(renameat, BOTH((int)a[0], (int)a[2]), BOTH(1, 3), false,
               renameat((int)a[0], from, (int)a[2], to))
TWO_PATHS_CALL(renameat2, BOTH((int)a[0], (int)a[2]), BOTH(1, 3), false,
               renameat2((int)a[0], from, (int)a[2], to, (unsigned)a[4]))

/* The text of a symbolic link is the guest's, not a path to look up. */
static int64_t do_symlink(struct zf_task *task, uint64_t text_at, int dir, uint64_t path_at) {
    char text[PATH_MAX], buffer[PATH_MAX];
    int64_t error;
    if (!zf_guest_string(task, text_at, text, sizeof text, &error)) {
        return error;
    }
    const struct zf_path_argument argument = {dir, path_at, true};
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    return path ? zf_host_result(symlinkat(text, dir, path)) : error;
}

int64_t zf_sys_symlink(struct zf_task *task, const uint64_t *a) {
    return do_symlink(task, a[0], AT_FDCWD, a[1]);
}

int64_t zf_sys_symlinkat(struct zf_task *task, const uint64_t *a) {
    return do_symlink(task, a[0], (int)a[1], a[2]);
}

/* Links there have the names of what they lead to. */
static bool is_in_proc(int dir, const char *host) {
    struct statfs fs;
    return host[0] == '/'    ? !strncmp(host, "/proc/", 6)
           : dir == AT_FDCWD ? !statfs(".", &fs) && fs.f_type == PROC_SUPER_MAGIC
                             : !fstatfs(dir, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* What a link of /proc leads to, as the guest names it. */
static int64_t put_name(const struct zf_task *task, const char *path, uint8_t *out, size_t size) {
    const char *name = zf_sysroot_name(task->process->config.sysroot, path);
    size = strlen(name) < size ? strlen(name) : size;
    memcpy(out, name, size);
    return (int64_t)size;
}

static int64_t read_proc_link(const struct zf_task *task, int dir, const char *host, uint8_t *out,
                              size_t size) {
    char path[PATH_MAX];
    ssize_t length = readlinkat(dir, host, path, sizeof path - 1);
    if (length < 0) {
        return -errno;
    }
    path[length] = '\0';
    return put_name(task, path, out, size);
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
    if (is_own_exe(task, dir, path)) {
        return put_name(task, task->process->exe, out, (size_t)size);
    }
    const struct zf_path link = {dir, path, true};
    const char *host = zf_host_path(task, &link, buffer);
    return is_in_proc(dir, host) ? read_proc_link(task, dir, host, out, (size_t)size)
                                 : zf_host_result(readlinkat(dir, host, (char *)out, (size_t)size));
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
    const char *name = zf_sysroot_name(task->process->config.sysroot, path);
    length = (int64_t)strlen(name) + 1;
    if ((uint64_t)length > a[1]) {
        return -ERANGE;
    }
    uint8_t *out = zf_guest_out(task, a[0], (uint64_t)length);
    if (!out) {
        return -EFAULT;
    }
    memcpy(out, name, (size_t)length);
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
    const struct zf_path_argument argument = {dir, path_at, IS_LINK(flags)};
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    if (path && zf_own_path(task, dir, path)) {
        return -EACCES;
    }
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
