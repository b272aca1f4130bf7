/* Extended attributes of files: names and values pass through. */
#include "guest.h"

#include <sys/xattr.h>

enum { NAME_SIZE = 256, VALUE_LIMIT = 65536 };

/* The file: what a path leads to, a symbolic link itself, or an open file. */
enum kind { FOLLOWED, LINK, OPEN };

struct file {
    enum kind kind;
    int fd;
    const char *path;
    char buffer[PATH_MAX];
    char name[NAME_SIZE];
};

static int64_t find(struct zf_task *task, enum kind kind, uint64_t which, struct file *file) {
    const struct zf_path_argument argument = {ZF_GUEST_CWD, which, kind == LINK};
    int64_t error = 0;
    file->kind = kind;
    file->fd = (int)which;
    file->path = kind == OPEN ? "" : zf_guest_path(task, &argument, file->buffer, &error);
    if (file->path && kind == FOLLOWED && zf_own_path(task, ZF_GUEST_CWD, file->path)) {
        return -EACCES;
    }
    return file->path ? 0 : error;
}

static int64_t find_name(struct zf_task *task, enum kind kind, const uint64_t *a,
                         struct file *file) {
    int64_t error = find(task, kind, a[0], file);
    if (!error && !zf_guest_string(task, a[1], file->name, sizeof file->name, &error)) {
        return error == -ENAMETOOLONG ? -ERANGE : error;
    }
    return error;
}

static int64_t get(struct zf_task *task, enum kind kind, const uint64_t *a) {
    struct file f;
    size_t size = a[3] > VALUE_LIMIT ? VALUE_LIMIT : (size_t)a[3];
    int64_t error = find_name(task, kind, a, &f);
    uint8_t *out = zf_guest_out(task, a[2], size);
    if (error || !out) {
        return error ? error : -EFAULT;
    }
    return zf_host_result(kind == OPEN   ? fgetxattr(f.fd, f.name, out, size)
                          : kind == LINK ? lgetxattr(f.path, f.name, out, size)
                                         : getxattr(f.path, f.name, out, size));
}

static int64_t list(struct zf_task *task, enum kind kind, const uint64_t *a) {
    struct file f;
    size_t size = a[2] > VALUE_LIMIT ? VALUE_LIMIT : (size_t)a[2];
    int64_t error = find(task, kind, a[0], &f);
    char *out = (char *)zf_guest_out(task, a[1], size);
    if (error || !out) {
        return error ? error : -EFAULT;
    }
    return zf_host_result(kind == OPEN   ? flistxattr(f.fd, out, size)
                          : kind == LINK ? llistxattr(f.path, out, size)
                                         : listxattr(f.path, out, size));
}

static int64_t set(struct zf_task *task, enum kind kind, const uint64_t *a) {
    struct file f;
    if (a[3] > VALUE_LIMIT) {
        return -E2BIG;
    }
    int64_t error = find_name(task, kind, a, &f);
    const uint8_t *in = zf_guest_in(task, a[2], a[3]);
    if (error || !in) {
        return error ? error : -EFAULT;
    }
    return zf_host_result(kind == OPEN   ? fsetxattr(f.fd, f.name, in, a[3], (int)a[4])
                          : kind == LINK ? lsetxattr(f.path, f.name, in, a[3], (int)a[4])
                                         : setxattr(f.path, f.name, in, a[3], (int)a[4]));
}

static int64_t drop(struct zf_task *task, enum kind kind, const uint64_t *a) {
    struct file f;
    int64_t error = find_name(task, kind, a, &f);
    return error ? error
                 : zf_host_result(kind == OPEN   ? fremovexattr(f.fd, f.name)
                                  : kind == LINK ? lremovexattr(f.path, f.name)
                                                 : removexattr(f.path, f.name));
}

#define XATTR_CALL(name, action, kind)                                                             \
    int64_t zf_sys_##name(struct zf_task *task, const uint64_t *a) {                               \
        return action(task, kind, a);                                                              \
    }

XATTR_CALL(setxattr, set, FOLLOWED)
XATTR_CALL(lsetxattr, set, LINK)
XATTR_CALL(fsetxattr, set, OPEN)
XATTR_CALL(getxattr, get, FOLLOWED)
XATTR_CALL(lgetxattr, get, LINK)
XATTR_CALL(fgetxattr, get, OPEN)
XATTR_CALL(listxattr, list, FOLLOWED)
XATTR_CALL(llistxattr, list, LINK)
XATTR_CALL(flistxattr, list, OPEN)
XATTR_CALL(removexattr, drop, FOLLOWED)
XATTR_CALL(lremovexattr, drop, LINK)
XATTR_CALL(fremovexattr, drop, OPEN)
