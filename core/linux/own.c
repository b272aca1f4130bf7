/*
 * Files of zfacet's own (a report, a trace) are open in the process that runs the guest, whose
 * calls do not take their numbers. Nor may one be had by another way: by its link in /proc, from a
 * relative that was forked, in a message. So what a call has opened over such a link is compared
 * with them. What the guest's standard streams lead to is its own, too, whoever else writes there.
 */
#include "guest.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { AWAY = 900, CREATE_TRIES = 3 };

bool zf_own_file(const struct zf_task *task, uint64_t fd) {
    return (uint32_t)fd < ZF_OWN_FDS && zf_bitmap_test(task->process->own_fds, (uint32_t)fd);
}

void zf_own_forget(struct zf_linux *process, int fd) {
    if (fd < ZF_OWN_FDS) {
        zf_bitmap_clear(process->own_fds, (unsigned)fd);
    }
}

static bool is_same(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Asks the host about all at once: POLLNVAL says that one is not open. */
static void find_closed(struct pollfd all[ZF_OWN_FDS]) {
    for (int fd = 0; fd < ZF_OWN_FDS; fd++) {
        all[fd] = (struct pollfd){.fd = fd};
    }
    if (poll(all, ZF_OWN_FDS, 0) < 0) { /* the limit of open files is below */
        for (int fd = 0; fd < ZF_OWN_FDS; fd++) {
            all[fd].revents = 0;
        }
    }
}

void zf_own_begin(struct zf_linux *process) {
    struct pollfd all[ZF_OWN_FDS];
    find_closed(all);
    for (int fd = 0; fd < ZF_OWN_FDS; fd++) {
        int flags = all[fd].revents & POLLNVAL ? -1 : fcntl(fd, F_GETFD);
        if (flags >= 0 && flags & FD_CLOEXEC) {
            zf_bitmap_set(process->own_fds, (unsigned)fd);
        }
    }
    for (int fd = 0; fd < ZF_STREAMS; fd++) {
        if (fstat(fd, &process->given[fd])) {
            process->given[fd] = (struct stat){0};
        }
    }
}

/* What is only read is the program's files, for their symbols. */
static bool is_written(int fd) {
    return (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

bool zf_own_reached(const struct zf_task *task, int fd) {
    const struct zf_linux *process = task->process;
    struct stat st, own;
    if (fstat(fd, &st)) {
        return false;
    }
    for (int i = 0; i < ZF_STREAMS; i++) {
        if (is_same(&st, &process->given[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < ZF_OWN_FDS; i++) {
        if (zf_own_file(task, i) && is_written((int)i) && !fstat((int)i, &own) &&
            is_same(&st, &own)) {
            return true;
        }
    }
    return false;
}

static int open_how(int dir, const char *path, int flags, mode_t mode) {
    bool creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    struct open_how how = {.flags = (uint64_t)(unsigned)flags,
                           .mode = creates ? mode & 07777 : 0,
                           .resolve = RESOLVE_NO_MAGICLINKS};
    if (flags & O_PATH) {
        how.flags &= (uint64_t)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

int zf_own_away(int fd, int from) {
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, from);
    if (moved < 0) {
        return fd; /* the limit of files is below */
    }
    close(fd);
    return moved;
}

int zf_own_place(int fd) {
    return zf_own_away(fd, AWAY);
}

int zf_own_keep(void *process, int fd) {
    int kept = fcntl(fd, F_DUPFD_CLOEXEC, ZF_OWN_FDS - 128);
    if (kept >= ZF_OWN_FDS) { /* the guest could close it */
        close(kept);
        return -1;
    }
    if (kept >= 0) {
        zf_bitmap_set(((struct zf_linux *)process)->own_fds, (unsigned)kept);
    }
    return kept;
}

void zf_own_drop(void *process, int fd) {
    close(fd);
    zf_own_forget(process, fd);
}

/* What the path leads to now, not yet opened for anything. */
static int open_place(int dir, const char *path, int flags) {
    return zf_own_place(openat(dir, path, O_PATH | O_CLOEXEC | (flags & O_NOFOLLOW)));
}

/* The very file that was looked at: another thread may have changed the path. */
static int open_again(int place, int flags, mode_t mode) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", place);
    return open(path, flags & ~O_NOFOLLOW, mode);
}

/* The path goes over a link of /proc. */
static int open_over_link(const struct zf_task *task, int dir, const char *path, int flags,
                          mode_t mode) {
    for (unsigned i = 0; i < CREATE_TRIES; i++) {
        int place = open_place(dir, path, flags);
        if (place < 0 && errno == ENOENT && flags & O_CREAT) {
            int fd = openat(dir, path, flags | O_EXCL, mode); /* a new file is nobody's */
            if (fd >= 0 || errno != EEXIST || flags & O_EXCL) {
                return fd;
            }
            continue;
        }
        if (place < 0) {
            return -1;
        }
        bool own = zf_own_reached(task, place);
        int fd = own ? -1 : open_again(place, flags, mode), error = own ? EACCES : errno;
        close(place);
        errno = error;
        return fd;
    }
    errno = ENOENT;
    return -1;
}

int zf_own_open(const struct zf_task *task, int dir, const char *path, int flags, mode_t mode) {
    int fd = open_how(dir, path, flags, mode);
    if (fd >= 0 || (errno != ELOOP && errno != ENOSYS)) {
        return fd;
    }
    return errno == ENOSYS ? openat(dir, path, flags, mode)
                           : open_over_link(task, dir, path, flags, mode);
}

/* Files of a contained guest are the host's, where others could execute them as their owner. */
uint64_t zf_own_mode(const struct zf_task *task, uint64_t mode) {
    return task->process->config.contained ? mode & ~(uint64_t)(S_ISUID | S_ISGID) : mode;
}

bool zf_own_path(const struct zf_task *task, int dir, const char *path) {
    int place = open_how(dir, path, O_PATH | O_CLOEXEC, 0);
    if (place >= 0 || errno != ELOOP) {
        if (place >= 0) {
            close(place);
        }
        return false;
    }
    place = open_place(dir, path, 0);
    bool own = place >= 0 && zf_own_reached(task, place);
    if (place >= 0) {
        close(place);
    }
    return own;
}
