/* Files that stand for a process. */
#include "guest.h"
#include "signals.h"

#include <sys/syscall.h>
#include <unistd.h>

int64_t zf_sys_pidfd_open(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_pidfd_open, (pid_t)a[0], (unsigned)a[1]));
}

int64_t zf_pidfd_of_child(struct zf_task *task, int64_t pid, uint64_t address) {
    int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, (pid_t)pid, 0) : -1;
    if (fd >= 0 && !zf_guest_put32(task, address, (uint32_t)fd)) {
        close(fd);
    }
    return pid;
}

int64_t zf_sys_pidfd_getfd(struct zf_task *task, const uint64_t *a) {
    int64_t fd = zf_host_result(syscall(SYS_pidfd_getfd, (int)a[0], (int)a[1], (unsigned)a[2]));
    if (fd >= 0 && zf_own_reached(task, (int)fd)) { /* that a relative has, too */
        close((int)fd);
        return -EBADF;
    }
    return fd;
}

int64_t zf_sys_pidfd_send_signal(struct zf_task *task, const uint64_t *a) {
    siginfo_t host;
    const uint8_t *info = a[2] ? zf_guest_in(task, a[2], 4) : NULL;
    if (a[2] && (!info || !zf_signal_get_info(task, a[2], (int)zf_get32(info), &host))) {
        return -EFAULT;
    }
    if (a[2] && ((int)a[1] == SIGSEGV || (int)a[1] == SIGBUS) && host.si_code >= 0) {
        host.si_code = SI_QUEUE; /* whoever gets it would take it for a fault */
    }
    return zf_host_result(
        syscall(SYS_pidfd_send_signal, (int)a[0], (int)a[1], a[2] ? &host : NULL, (unsigned)a[3]));
}
