/*
 * The storage of another process: its own, or that of a process that descends from it, which has
 * the linear map at the same host addresses. All others are the host's, or above it.
 */
#include "record.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ANCESTORS = 4096, ENTRY = 16, TRANSFER_LIMIT = 0x7ffff000 };

/* The parent of a process; 0: there is no such process. */
static pid_t parent_of(pid_t pid) {
    char path[48], line[128];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in) && sscanf(line, "PPid: %d", &parent) != 1) {
    }
    if (in) {
        fclose(in);
    }
    return parent;
}

static bool descends(pid_t pid) {
    for (unsigned i = 0; i < ANCESTORS && pid > 1; i++) {
        pid = parent_of(pid);
        if (pid == getpid()) {
            return true;
        }
    }
    return false;
}

/* This process, or one of its threads. */
static bool is_own(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d", pid);
    return pid > 0 && !access(path, F_OK);
}

/* Which process it is, by the number in the call; -errno: none that can be had. */
static int64_t find_process(pid_t pid) {
    if (is_own(pid)) {
        return 0;
    }
    if (pid <= 0 || kill(pid, 0) < 0) {
        return pid <= 0 || errno == ESRCH ? -ESRCH : -EPERM;
    }
    return descends(pid) ? pid : -EPERM;
}

struct piece {
    struct zf_task *task;
    pid_t pid; /* 0: this one */
    uint8_t *local;
    uint64_t remote;
    size_t size;
    bool write;
};

static int64_t move_here(const struct piece *p) {
    if (p->write) {
        uint8_t *to = zf_guest_out(p->task, p->remote, p->size);
        return to ? (memmove(to, p->local, p->size), (int64_t)p->size) : -EFAULT;
    }
    const uint8_t *from = zf_guest_in(p->task, p->remote, p->size);
    return from ? (memmove(p->local, from, p->size), (int64_t)p->size) : -EFAULT;
}

static int64_t move_piece(const struct piece *p) {
    const struct zf_storage *storage = &p->task->machine->storage;
    if (p->remote >= storage->size || p->size > storage->size - p->remote) {
        return -EFAULT;
    }
    if (!p->pid) {
        return move_here(p);
    }
    struct iovec local = {p->local, p->size}, remote = {storage->ram + p->remote, p->size};
    return zf_host_result(p->write ? process_vm_writev(p->pid, &local, 1, &remote, 1, 0)
                                   : process_vm_readv(p->pid, &local, 1, &remote, 1, 0));
}

/* One list against the other, up to the end of either or the first piece that is not there. */
static int64_t move_all(struct piece *p, const struct iovec *local, uint64_t count,
                        const uint8_t *list, uint64_t remotes) {
    size_t at_local = 0, at_remote = 0;
    int64_t done = 0;
    for (uint64_t i = 0, j = 0; i < count && j < remotes && done < TRANSFER_LIMIT;) {
        const uint8_t *entry = list + ENTRY * j;
        const size_t left = local[i].iov_len - at_local;
        const uint64_t there = zf_get64(entry + 8) - at_remote;
        const size_t room = TRANSFER_LIMIT - (size_t)done;
        p->size = left < there ? left : (size_t)there;
        p->size = p->size < room ? p->size : room;
        p->local = (uint8_t *)local[i].iov_base + at_local;
        p->remote = zf_get64(entry) + at_remote;
        int64_t moved = p->size ? move_piece(p) : 0;
        if (moved < 0) {
            return done ? done : moved;
        }
        done += moved;
        if ((size_t)moved < p->size) {
            return done;
        }
        at_local += p->size;
        at_remote += p->size;
        if (at_local == local[i].iov_len) {
            at_local = 0;
            i++;
        }
        if (at_remote == zf_get64(entry + 8)) {
            at_remote = 0;
            j++;
        }
    }
    return done;
}

static int64_t transfer(struct zf_task *task, const uint64_t *a, bool write) {
    struct iovec local[ZF_VECTOR_LIMIT];
    if (a[5] || a[2] > ZF_VECTOR_LIMIT || a[4] > ZF_VECTOR_LIMIT) {
        return -EINVAL;
    }
    int64_t count = zf_guest_vector(task, a[1], a[2], !write, local);
    const uint8_t *list = zf_guest_in(task, a[3], ENTRY * a[4]);
    if (count < 0 || !list) {
        return count < 0 ? count : -EFAULT;
    }
    int64_t pid = a[2] && a[4] ? find_process((pid_t)a[0]) : 0;
    struct piece p = {.task = task, .pid = (pid_t)pid, .write = write};
    return pid < 0 ? pid : move_all(&p, local, a[2], list, a[4]);
}

int64_t zf_sys_process_vm_readv(struct zf_task *task, const uint64_t *a) {
    return transfer(task, a, false);
}

int64_t zf_sys_process_vm_writev(struct zf_task *task, const uint64_t *a) {
    return transfer(task, a, true);
}

/* The process of a pidfd, as the kernel writes it; -errno: it is none, or has ended. */
static int64_t process_of(uint64_t fd) {
    char path[48], line[128];
    int pid = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", (int)fd);
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in) && sscanf(line, "Pid: %d", &pid) != 1) {
    }
    if (in) {
        fclose(in);
    }
    return pid > 0 ? pid : pid < 0 ? -ESRCH : -EBADF;
}

static int64_t advise_piece(struct zf_task *task, const struct piece *p, const uint64_t *a) {
    const struct zf_storage *storage = &task->machine->storage;
    if (!p->pid) {
        return zf_sys_madvise(task, (const uint64_t[]){p->remote, p->size, a[3]});
    }
    if (p->remote >= storage->size || p->size > storage->size - p->remote) {
        return -ENOMEM;
    }
    struct iovec host = {storage->ram + p->remote, p->size};
    int64_t done = zf_host_result(
        syscall(SYS_process_madvise, (int)a[0], &host, 1, (int)a[3], (unsigned)a[4]));
    return done < 0 ? done : 0;
}

/* args: pidfd, ranges, how many, advice, flags */
int64_t zf_sys_process_madvise(struct zf_task *task, const uint64_t *a) {
    if (a[4] || a[2] > ZF_VECTOR_LIMIT) {
        return -EINVAL;
    }
    const uint8_t *list = zf_guest_in(task, a[1], ENTRY * a[2]);
    int64_t pid = list ? process_of(a[0]) : -EFAULT;
    pid = pid > 0 ? find_process((pid_t)pid) : pid;
    struct piece p = {.task = task, .pid = (pid_t)pid};
    int64_t error = 0, done = 0;
    if (pid < 0) {
        return pid;
    }
    if (!pid) {
        zf_record_lose(task, "it has called process_madvise for its own storage");
    }
    for (uint64_t i = 0; i < a[2] && !error; i++, list += ENTRY) {
        p.remote = zf_get64(list);
        p.size = zf_get64(list + 8);
        error = advise_piece(task, &p, a);
        done += error ? 0 : (int64_t)p.size;
    }
    return done ? done : error;
}

int64_t zf_sys_process_mrelease(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_process_mrelease, (int)a[0], (unsigned)a[1]));
}
