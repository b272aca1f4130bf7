/*
 * Files of zfacet's own (a report, a trace) are open in the process that runs the guest, under
 * numbers that it cannot get (zfacet/aside.h), or whose calls do not take them. Nor may one be had
 * by another way: by its link in /proc, from a relative that was forked, in a message. So what a
 * call has opened over such a link is compared with them. What the guest's standard streams lead to
 * is its own, too, whoever else writes there.
 */
#include "guest.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_TRIES = 3 };

/* Each number that can be one of its own has a place in the list of them. */
static unsigned place_of(const struct zf_linux *process, uint64_t fd) {
    const struct zf_aside aside = process->aside;
    uint64_t beside = fd - (uint64_t)aside.first;
    return fd < ZF_OWN_FDS                                        ? (unsigned)fd
           : beside < (uint64_t)aside.end - (uint64_t)aside.first ? ZF_OWN_FDS + (unsigned)beside
                                                                  : ZF_OWN_PLACES;
}

static int number_at(const struct zf_linux *process, unsigned place) {
    return place < ZF_OWN_FDS ? (int)place : process->aside.first + (int)(place - ZF_OWN_FDS);
}

static void mark(struct zf_linux *process, int fd, bool own) {
    unsigned place = fd < 0 ? ZF_OWN_PLACES : place_of(process, (uint64_t)fd);
    if (place < ZF_OWN_PLACES) {
        pthread_mutex_lock(&process->files_lock);
        zf_bitmap_assign(process->own_fds, place, own);
        pthread_mutex_unlock(&process->files_lock);
    }
}

/* The kernel's limit: the program's, or more as long as zfacet opens something. */
static void set_limit(const struct zf_linux *process) {
    struct rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        rlim_t most = (rlim_t)process->aside.end;
        limit.rlim_cur = process->files.rlim_cur;
        limit.rlim_cur = process->opening && limit.rlim_cur < most ? most : limit.rlim_cur;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void open_more(struct zf_linux *process, bool begins) {
    pthread_mutex_lock(&process->files_lock);
    process->opening += begins ? 1 : -1u;
    set_limit(process);
    pthread_mutex_unlock(&process->files_lock);
}

void zf_own_raise(const struct zf_task *task) {
    open_more(task->process, true);
}

void zf_own_lower(const struct zf_task *task) {
    int error = errno;
    open_more(task->process, false);
    errno = error;
}

/* By the host, whose own hard limit may be higher than the program's is. */
static int64_t raise_hard_limit(const struct rlimit *old_limit, rlim_t most) {
    struct rlimit host = {0, 0};
    getrlimit(RLIMIT_NOFILE, &host);
    if (most <= host.rlim_max) {
        return zf_is_capable(CAP_SYS_RESOURCE) ? 0 : -EPERM;
    }
    host = (struct rlimit){old_limit->rlim_cur, most};
    return zf_host_result(setrlimit(RLIMIT_NOFILE, &host));
}

int64_t zf_own_limit(struct zf_linux *process, const struct rlimit *new_limit,
                     struct rlimit *old_limit) {
    int64_t error = 0;
    pthread_mutex_lock(&process->files_lock);
    *old_limit = process->files;
    if (new_limit && new_limit->rlim_cur > new_limit->rlim_max) {
        error = -EINVAL;
    } else if (new_limit && new_limit->rlim_max > old_limit->rlim_max) {
        error = raise_hard_limit(old_limit, new_limit->rlim_max);
    }
    if (new_limit && !error) {
        process->files = *new_limit;
        set_limit(process);
    }
    pthread_mutex_unlock(&process->files_lock);
    return error;
}

void zf_own_forked(struct zf_linux *process) {
    pthread_mutex_init(&process->files_lock, NULL);
    if (process->opening) {
        process->opening = 0;
        set_limit(process);
    }
}

bool zf_own_file(const struct zf_task *task, uint64_t fd) {
    unsigned place = place_of(task->process, (uint32_t)fd);
    return place < ZF_OWN_PLACES && zf_bitmap_test(task->process->own_fds, place);
}

void zf_own_forget(struct zf_linux *process, int fd) {
    mark(process, fd, false);
}

static bool is_same(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Asks the host about all at once: POLLNVAL says that one is not open. */
static void find_closed(const struct zf_linux *process, struct pollfd all[ZF_OWN_PLACES]) {
    for (unsigned i = 0; i < ZF_OWN_PLACES; i++) {
        all[i] = (struct pollfd){.fd = number_at(process, i)};
    }
    if (poll(all, ZF_OWN_PLACES, 0) < 0) { /* the limit of open files is below */
        for (unsigned i = 0; i < ZF_OWN_PLACES; i++) {
            all[i].revents = 0;
        }
    }
}

void zf_own_init(struct zf_linux *process) {
    pthread_mutex_init(&process->files_lock, NULL);
    process->aside = zf_aside_range();
    process->files = zf_aside_limits(process->aside);
    getrlimit(RLIMIT_NOFILE, &process->files_given);
}

void zf_own_begin(struct zf_linux *process) {
    struct pollfd all[ZF_OWN_PLACES];
    find_closed(process, all);
    for (unsigned i = 0; i < ZF_OWN_PLACES; i++) {
        int flags = all[i].revents & POLLNVAL ? -1 : fcntl(all[i].fd, F_GETFD);
        if (flags >= 0 && flags & FD_CLOEXEC) {
            mark(process, all[i].fd, true);
        }
    }
    set_limit(process);
    for (int fd = 0; fd < ZF_STREAMS; fd++) {
        if (fstat(fd, &process->given[fd])) {
            process->given[fd] = (struct stat){0};
        }
    }
}

void zf_own_end(struct zf_linux *process) {
    process->files = process->files_given;
    set_limit(process);
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
    for (unsigned i = 0; i < ZF_OWN_PLACES; i++) {
        int number = number_at(process, i);
        if (zf_bitmap_test(process->own_fds, i) && is_written(number) && !fstat(number, &own) &&
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

int zf_own_keep(void *context, int fd) {
    struct zf_linux *process = context;
    open_more(process, true);
    int kept = zf_aside_dup(process->aside, fd), error = errno;
    open_more(process, false);
    mark(process, kept, true);
    errno = error;
    return kept;
}

int zf_own_away(struct zf_linux *process, int fd) {
    int moved = fd < 0 ? -1 : zf_own_keep(process, fd);
    if (moved < 0) {
        mark(process, fd, true);
        return fd;
    }
    close(fd);
    return moved;
}

void zf_own_drop(void *process, int fd) {
    int error = errno;
    close(fd);
    mark(process, fd, false);
    errno = error;
}

/* What the path leads to now, not yet opened for anything. */
static int open_place(const struct zf_task *task, int dir, const char *path, int flags) {
    zf_own_raise(task);
    int place = openat(dir, path, O_PATH | O_CLOEXEC | (flags & O_NOFOLLOW));
    zf_own_lower(task);
    return zf_own_away(task->process, place);
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
        int place = open_place(task, dir, path, flags);
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
        zf_own_drop(task->process, place);
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
    if (place < 0 && errno == EMFILE) {
        zf_own_raise(task);
        place = open_how(dir, path, O_PATH | O_CLOEXEC, 0);
        zf_own_lower(task);
    }
    if (place >= 0 || errno != ELOOP) {
        if (place >= 0) {
            close(place);
        }
        return false;
    }
    place = open_place(task, dir, path, 0);
    bool own = place >= 0 && zf_own_reached(task, place);
    if (place >= 0) {
        zf_own_drop(task->process, place);
    }
    return own;
}
