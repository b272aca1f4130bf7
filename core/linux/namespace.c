/*
 * Mounts, namespaces and names of the system: the host's kernel decides, as for any program of the
 * same user. A contained guest has no say in them.
 */
#include "guest.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool refused(const struct zf_task *task) {
    return task->process->config.contained;
}

/* A text that may be missing; false: *error. */
static bool get_text(struct zf_task *task, uint64_t at, char text[PATH_MAX], int64_t *error) {
    text[0] = '\0';
    return !at || zf_guest_string(task, at, text, PATH_MAX, error);
}

/* How mounts are told of, from the root on: a sysroot's root is none. */
static bool tells_from_root(struct zf_task *task, const uint64_t *a) {
    char target[2];
    int64_t error;
    return a[3] & (MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE) &&
           task->process->config.sysroot &&
           zf_guest_string(task, a[1], target, sizeof target, &error) && !strcmp(target, "/");
}

/* args: source, target, type, flags, data; the source is a path when it begins as one */
int64_t zf_sys_mount(struct zf_task *task, const uint64_t *a) {
    char source[PATH_MAX], type[PATH_MAX], data[PATH_MAX], target_buffer[PATH_MAX],
        source_buffer[PATH_MAX];
    int64_t error = -EPERM;
    const struct zf_path_argument from = {ZF_GUEST_CWD, a[0], false},
                                  to = {ZF_GUEST_CWD, a[1], false};
    if (refused(task) || !get_text(task, a[0], source, &error) ||
        !get_text(task, a[2], type, &error) || !get_text(task, a[4], data, &error)) {
        return error;
    }
    if (tells_from_root(task, a)) {
        return zf_host_result(mount(NULL, "/", NULL, a[3], NULL));
    }
    const char *device = source;
    if (source[0] == '/' || (a[0] && a[3] & (MS_BIND | MS_MOVE))) {
        device = zf_guest_path(task, &from, source_buffer, &error);
    }
    const char *target = device ? zf_guest_path(task, &to, target_buffer, &error) : NULL;
    return target ? zf_host_result(mount(a[0] ? device : NULL, target, a[2] ? type : NULL, a[3],
                                         a[4] ? data : NULL))
                  : error;
}

int64_t zf_sys_umount2(struct zf_task *task, const uint64_t *a) {
    char buffer[PATH_MAX];
    int64_t error = -EPERM;
    const struct zf_path_argument where = {ZF_GUEST_CWD, a[0], (a[1] & UMOUNT_NOFOLLOW) != 0};
    const char *path = refused(task) ? NULL : zf_guest_path(task, &where, buffer, &error);
    return path ? zf_host_result(umount2(path, (int)a[1])) : error;
}

int64_t zf_sys_umount(struct zf_task *task, const uint64_t *a) {
    return zf_sys_umount2(task, (const uint64_t[]){a[0], 0});
}

int64_t zf_sys_pivot_root(struct zf_task *task, const uint64_t *a) {
    char new_buffer[PATH_MAX], old_buffer[PATH_MAX];
    int64_t error = -EPERM;
    const struct zf_path_argument to = {ZF_GUEST_CWD, a[0], false},
                                  old = {ZF_GUEST_CWD, a[1], false};
    const char *root = refused(task) ? NULL : zf_guest_path(task, &to, new_buffer, &error);
    const char *put = root ? zf_guest_path(task, &old, old_buffer, &error) : NULL;
    return put ? zf_host_result(zf_sysroot_left(task, (int)syscall(SYS_pivot_root, root, put)))
               : error;
}

int64_t zf_sys_unshare(struct zf_task *task, const uint64_t *a) {
    return refused(task) ? -EPERM : zf_host_result(unshare((int)a[0]));
}

int64_t zf_sys_setns(struct zf_task *task, const uint64_t *a) {
    return refused(task) ? -EPERM : zf_host_result(setns((int)a[0], (int)a[1]));
}

typedef int set_name(const char *name, size_t length);

static int64_t do_set_name(struct zf_task *task, const uint64_t *a, set_name *set) {
    enum { LONGEST = 64 };
    if (refused(task)) {
        return -EPERM;
    }
    const uint8_t *name = a[1] <= LONGEST ? zf_guest_in(task, a[0], a[1]) : NULL;
    return zf_host_result(set((const char *)(name ? name : ZF_UNREADABLE), a[1]));
}

int64_t zf_sys_sethostname(struct zf_task *task, const uint64_t *a) {
    return do_set_name(task, a, sethostname);
}

int64_t zf_sys_setdomainname(struct zf_task *task, const uint64_t *a) {
    return do_set_name(task, a, setdomainname);
}
