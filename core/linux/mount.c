/*
 * Mounts by descriptors (fsopen and its kind), and what the kernel tells of mounts: passed to the
 * host's kernel as mount() is. A contained guest changes none.
 */
#include "guest.h"

#include <sys/syscall.h>
#include <unistd.h>

enum {
    MOVE_FROM_LINK = 1, /* 0: a link at the end is meant itself */
    MOVE_TO_LINK = 16,
    PICK_NO_LINK = 2,
    TREE_NO_LINK = 0x100,
    VALUE_LIMIT = 1 << 20,
    LIST_LIMIT = 1000000,
    STATMOUNT = 457, /* the C library's headers may be older */
    LISTMOUNT = 458,
};

static bool refused(const struct zf_task *task) {
    return task->process->config.contained;
}

/* A path that may not lead to a file of zfacet's own; NULL: *error. */
static const char *find(struct zf_task *task, const struct zf_path_argument *where,
                        char buffer[PATH_MAX], int64_t *error) {
    const char *path = zf_guest_path(task, where, buffer, error);
    if (path && path[0] && zf_own_path(task, where->dir, path)) {
        *error = -EACCES;
        return NULL;
    }
    return path;
}

int64_t zf_sys_open_tree(struct zf_task *task, const uint64_t *a) {
    enum { CLONE = 1 };
    char buffer[PATH_MAX];
    int64_t error = -EPERM;
    const struct zf_path_argument where = {(int)a[0], a[1], (a[2] & TREE_NO_LINK) != 0};
    bool no = a[2] & CLONE && refused(task);
    const char *path = no ? NULL : find(task, &where, buffer, &error);
    return path ? zf_host_result(syscall(SYS_open_tree, (int)a[0], path, (unsigned)a[2])) : error;
}

int64_t zf_sys_move_mount(struct zf_task *task, const uint64_t *a) {
    char from_buffer[PATH_MAX], to_buffer[PATH_MAX];
    int64_t error = -EPERM;
    const struct zf_path_argument from = {(int)a[0], a[1], !(a[4] & MOVE_FROM_LINK)},
                                  to = {(int)a[2], a[3], !(a[4] & MOVE_TO_LINK)};
    const char *source = refused(task) ? NULL : find(task, &from, from_buffer, &error);
    const char *target = source ? find(task, &to, to_buffer, &error) : NULL;
    return target ? zf_host_result(syscall(SYS_move_mount, (int)a[0], source, (int)a[2], target,
                                           (unsigned)a[4]))
                  : error;
}

int64_t zf_sys_fsopen(struct zf_task *task, const uint64_t *a) {
    char name[PATH_MAX];
    int64_t error;
    if (refused(task)) {
        return -EPERM;
    }
    bool there = zf_guest_string(task, a[0], name, sizeof name, &error);
    return zf_host_result(
        syscall(SYS_fsopen, there ? name : (const char *)ZF_UNREADABLE, (unsigned)a[1]));
}

enum config_command { SET_FLAG, SET_STRING, SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD };

/* What fsconfig gives to the file system; false: *error. */
static bool get_value(struct zf_task *task, const char *key, const uint64_t *a,
                      char buffer[PATH_MAX], const void **value, int64_t *error) {
    const struct zf_path_argument where = {(int)a[4], a[3], false},
                                  whole = {ZF_GUEST_CWD, a[3], false};
    const unsigned command = (unsigned)a[1];
    if (command >= SET_PATH && command <= SET_FD && zf_own_file(task, a[4])) {
        *error = -EBADF;
        return false;
    }
    switch (command) {
    case SET_STRING:
        *value = zf_guest_string(task, a[3], buffer, PATH_MAX, error) ? buffer : NULL;
        if (*value && !strcmp(key, "source") && buffer[0] == '/') { /* as mount() has it */
            *value = zf_guest_path(task, &whole, buffer, error);
        }
        return *value;
    case SET_BINARY:
        *error = (int)a[4] < 1 || (int)a[4] > VALUE_LIMIT ? -EINVAL : -EFAULT;
        *value = *error == -EFAULT ? zf_guest_in(task, a[3], a[4]) : NULL;
        return *value;
    case SET_PATH:
    case SET_PATH_EMPTY:
        *value = find(task, &where, buffer, error);
        return *value;
    default:
        *value = a[3] ? buffer : NULL; /* there is none: the kernel minds one that is given */
        return true;
    }
}

/* args: context, command, key, value, number */
int64_t zf_sys_fsconfig(struct zf_task *task, const uint64_t *a) {
    char key[256], buffer[PATH_MAX] = "";
    const void *value = NULL;
    int64_t error;
    if (refused(task) || (int)a[0] < 0) {
        return refused(task) ? -EPERM : -EINVAL;
    }
    if ((a[2] && !zf_guest_string(task, a[2], key, sizeof key, &error)) ||
        !get_value(task, a[2] ? key : "", a, buffer, &value, &error)) {
        return error == -ENAMETOOLONG && !value ? -EINVAL : error;
    }
    return zf_host_result(
        syscall(SYS_fsconfig, (int)a[0], (unsigned)a[1], a[2] ? key : NULL, value, (int)a[4]));
}

int64_t zf_sys_fsmount(struct zf_task *task, const uint64_t *a) {
    return refused(task)
               ? -EPERM
               : zf_host_result(syscall(SYS_fsmount, (int)a[0], (unsigned)a[1], (unsigned)a[2]));
}

int64_t zf_sys_fspick(struct zf_task *task, const uint64_t *a) {
    char buffer[PATH_MAX];
    int64_t error = -EPERM;
    const struct zf_path_argument where = {(int)a[0], a[1], (a[2] & PICK_NO_LINK) != 0};
    const char *path = refused(task) ? NULL : find(task, &where, buffer, &error);
    return path ? zf_host_result(syscall(SYS_fspick, (int)a[0], path, (unsigned)a[2])) : error;
}

/* A structure of doublewords that may be longer than the `known` ones; -errno. */
static int64_t get_doublewords(struct zf_task *task, uint64_t address, uint64_t size, size_t least,
                               uint64_t *known, size_t count) {
    if (size < least * 8) {
        return -EINVAL;
    }
    const uint8_t *in = size <= ZF_PAGE_SIZE ? zf_guest_in(task, address, size) : NULL;
    if (!in) {
        return size > ZF_PAGE_SIZE ? -E2BIG : -EFAULT;
    }
    for (size_t i = 0; i < count; i++) {
        known[i] = i < size / 8 ? zf_get64(in + 8 * i) : 0;
    }
    for (size_t at = count * 8; at < size; at++) {
        if (in[at]) {
            return -E2BIG;
        }
    }
    return 0;
}

/* args: folder, path, flags, attributes and their size */
int64_t zf_sys_mount_setattr(struct zf_task *task, const uint64_t *a) {
    enum { SET, CLEAR, PROPAGATION, USER_NAMESPACE, FIELDS, ID_MAP = 0x100000 };
    uint64_t fields[FIELDS];
    char buffer[PATH_MAX];
    int64_t error =
        refused(task) ? -EPERM : get_doublewords(task, a[3], a[4], FIELDS, fields, FIELDS);
    if (error) {
        int64_t host = syscall(SYS_mount_setattr, -1, "", (unsigned)a[2], ZF_UNREADABLE, a[4]);
        return refused(task) || zf_host_result(host) == -EFAULT ? error : -errno;
    }
    if (fields[SET] & ID_MAP && zf_own_file(task, fields[USER_NAMESPACE])) {
        return -EBADF;
    }
    const struct zf_path_argument where = {(int)a[0], a[1], (a[2] & TREE_NO_LINK) != 0};
    const char *path = find(task, &where, buffer, &error);
    return path ? zf_host_result(syscall(SYS_mount_setattr, (int)a[0], path, (unsigned)a[2], fields,
                                         sizeof fields))
                : error;
}

/* struct mnt_id_req: which mount, or what of it. */
enum {
    REQUEST_FD = 4,
    REQUEST_MOUNT = 8,
    REQUEST_PARAMETER = 16,
    REQUEST_NAMESPACE = 24,
    REQUEST_FIRST_SIZE = 24,
    REQUEST_KNOWN = 32
};

struct request {
    uint32_t size, fd;
    uint64_t mount, parameter, namespace;
};

static int64_t get_request(struct zf_task *task, uint64_t address, struct request *r) {
    const uint8_t *head = zf_guest_in(task, address, 4);
    const uint32_t size = head ? zf_get32(head) : 0;
    const uint8_t *in = size >= REQUEST_FIRST_SIZE && size <= ZF_PAGE_SIZE
                            ? zf_guest_in(task, address, size)
                            : NULL;
    if (!in) {
        return !head                       ? -EFAULT
               : size > ZF_PAGE_SIZE       ? -E2BIG
               : size < REQUEST_FIRST_SIZE ? -EINVAL
                                           : -EFAULT;
    }
    for (uint32_t at = REQUEST_KNOWN; at < size; at++) {
        if (in[at]) {
            return -E2BIG;
        }
    }
    *r = (struct request){.size = size < REQUEST_KNOWN ? REQUEST_FIRST_SIZE : REQUEST_KNOWN,
                          .fd = zf_get32(in + REQUEST_FD),
                          .mount = zf_get64(in + REQUEST_MOUNT),
                          .parameter = zf_get64(in + REQUEST_PARAMETER),
                          .namespace = size < REQUEST_KNOWN ? 0 : zf_get64(in + REQUEST_NAMESPACE)};
    return r->fd && zf_own_file(task, r->fd) ? -EBADF : 0;
}

/* args: request, buffer, its size, flags */
int64_t zf_sys_statmount(struct zf_task *task, const uint64_t *a) {
    struct request r;
    int64_t error = get_request(task, a[0], &r);
    uint8_t *out = error ? NULL : zf_guest_out(task, a[1], a[2]);
    if (!out) {
        return error ? error : -EFAULT;
    }
    int64_t result = zf_host_result(syscall(STATMOUNT, &r, out, (size_t)a[2], (unsigned)a[3]));
    if (!result) {
        zf_layout_swap("2wd2wd2w2d2w5d2wd6wd4w", out, a[2], true);
    }
    return result;
}

/* args: request, room for numbers, how many, flags */
int64_t zf_sys_listmount(struct zf_task *task, const uint64_t *a) {
    struct request r;
    int64_t error = a[2] > LIST_LIMIT ? -EOVERFLOW : get_request(task, a[0], &r);
    uint8_t *out = error ? NULL : zf_guest_out(task, a[1], 8 * a[2]);
    if (!out) {
        return error ? error : -EFAULT;
    }
    int64_t count = zf_host_result(syscall(LISTMOUNT, &r, out, (size_t)a[2], (unsigned)a[3]));
    if (count > 0) {
        zf_layout_swap("*d", out, 8 * (size_t)count, true);
    }
    return count;
}
