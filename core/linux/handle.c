/*
 * Handles of files: name_to_handle_at, open_by_handle_at. A handle is the host's, a string of bytes
 * behind two words; the guest has the words in its order.
 */
#include "guest.h"

#include "proc.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HEAD_SIZE = 8, UNIQUE_ID = 1 };

struct handle {
    uint32_t size;
    int32_t type;
    uint8_t bytes[MAX_HANDLE_SZ];
};

/* Which mount the file is on: a word, or a doubleword where the guest asks for numbers that are
 * never used again. */
static bool put_mount(struct zf_task *task, uint64_t address, bool unique, const void *id) {
    int word;
    uint64_t both;
    memcpy(&word, id, sizeof word);
    memcpy(&both, id, sizeof both);
    return unique ? zf_guest_put64(task, address, both)
                  : zf_guest_put32(task, address, (uint32_t)word);
}

static bool put_handle(struct zf_task *task, uint64_t address, const struct handle *handle,
                       bool whole) {
    size_t size = whole ? handle->size : 0;
    uint8_t *out = zf_guest_out(task, address, HEAD_SIZE + size);
    if (out) {
        zf_put32(out, handle->size);
        zf_put32(out + 4, (uint32_t)handle->type);
        memcpy(out + HEAD_SIZE, handle->bytes, size);
    }
    return out;
}

/* args: folder, path, handle, mount, flags. A handle that is too small is told its size. */
int64_t zf_sys_name_to_handle_at(struct zf_task *task, const uint64_t *a) {
    const struct zf_path_argument argument = {(int)a[0], a[1], !(a[4] & AT_SYMLINK_FOLLOW)};
    char buffer[PATH_MAX];
    uint64_t mount = 0;
    int64_t error;
    const char *path = zf_guest_path(task, &argument, buffer, &error);
    if (!path) {
        return error;
    }
    const uint8_t *in = zf_guest_in(task, a[2], HEAD_SIZE);
    struct handle handle = {.size = in ? zf_get32(in) : 0};
    int64_t result =
        zf_host_result(syscall(SYS_name_to_handle_at, (int)a[0], path,
                               in ? (const void *)&handle : ZF_UNREADABLE, &mount, (int)a[4]));
    if (result && result != -EOVERFLOW) {
        return result;
    }
    bool done =
        put_mount(task, a[3], a[4] & UNIQUE_ID, &mount) && put_handle(task, a[2], &handle, !result);
    return done ? result : -EFAULT;
}

static int open_handle(int mount, const struct handle *handle, int flags) {
    return (int)syscall(SYS_open_by_handle_at, mount, handle, flags);
}

/* No path leads to a handle's file, which may be one of zfacet's own: it is looked at first. */
static bool is_own(const struct zf_task *task, int mount, const struct handle *handle) {
    zf_own_raise(task);
    int place = open_handle(mount, handle, O_PATH | O_CLOEXEC);
    zf_own_lower(task);
    place = zf_own_away(task->process, place);
    bool own = place >= 0 && zf_own_reached(task, place);
    if (place >= 0) {
        zf_own_drop(task->process, place);
    }
    return own;
}

/* args: a file on the mount, handle, flags. Handles would lead a contained guest out of its root.
 */
int64_t zf_sys_open_by_handle_at(struct zf_task *task, const uint64_t *a) {
    const int mount = (int)a[0], flags = zf_open_flags(a[2]);
    const uint8_t *in = zf_guest_in(task, a[1], HEAD_SIZE);
    struct handle handle = {0};
    if (task->process->config.contained) {
        return -EPERM;
    }
    if (in) {
        handle.size = zf_get32(in);
        handle.type = (int32_t)zf_get32(in + 4);
        size_t size = handle.size <= MAX_HANDLE_SZ ? handle.size : 0;
        in = zf_guest_in(task, a[1] + HEAD_SIZE, size);
        memcpy(handle.bytes, in ? in : handle.bytes, in ? size : 0);
    }
    if (!in) {
        return zf_host_result(syscall(SYS_open_by_handle_at, mount, ZF_UNREADABLE, flags));
    }
    if (is_own(task, mount, &handle)) {
        return -EACCES;
    }
    int fd = open_handle(mount, &handle, flags);
    return fd < 0 ? -errno : zf_proc_opened(task, fd);
}
