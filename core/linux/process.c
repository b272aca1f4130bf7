/* Processes: identity, fork, wait, the end. */
#include "guest.h"

#include "trace.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    GUEST_CLONE_VM = 0x100,
    GUEST_CLONE_VFORK = 0x4000,
    GUEST_CLONE_THREAD = 0x10000,
    GUEST_CLONE_SETTLS = 0x80000,
    GUEST_CLONE_PARENT_SETTID = 0x100000,
    GUEST_CLONE_CHILD_CLEARTID = 0x200000,
    GUEST_CLONE_CHILD_SETTID = 0x1000000,
    GROUPS_LIMIT = 1024,
    RUSAGE_SIZE = 144,
    VFORK_FD = 900,
};

/* What a new process can be asked for; the rest are namespaces, and things that processes share. */
static const uint64_t FORK_FLAGS = CSIGNAL | GUEST_CLONE_VM | GUEST_CLONE_VFORK |
                                   GUEST_CLONE_SETTLS | GUEST_CLONE_PARENT_SETTID |
                                   GUEST_CLONE_CHILD_CLEARTID | GUEST_CLONE_CHILD_SETTID |
                                   CLONE_PTRACE | CLONE_UNTRACED | CLONE_DETACHED;

/* A forked child ends here and now: its parent waits for the host's process. */
static _Noreturn void end_child(struct zf_task *task, int status, int signal_number) {
    zf_linux_end_vfork(task);
    if (task->process->config.child_end) {
        task->process->config.child_end(task->process->config.context, status, signal_number);
    }
    if (signal_number) {
        zf_host_action(signal_number, ZF_HOST_DEFAULT, 0);
        zf_host_mask(0);
        raise(signal_number);
    }
    _exit(signal_number ? 128 + signal_number : status);
}

void zf_linux_exit(struct zf_task *task, int status) {
    zf_futex_exit(task);
    zf_trace_end(task, status & 255, 0);
    if (task->process->child) {
        end_child(task, status & 255, 0);
    }
    zf_machine_exit(task->machine, ZF_STOP_EXIT, status & 255, NULL);
}

void zf_linux_die(struct zf_task *task, int signal_number) {
    char name[16];
    zf_trace_end(task, 0, signal_number);
    if (task->process->child) {
        end_child(task, 0, signal_number);
    }
    zf_machine_exit(task->machine, ZF_STOP_SIGNAL, signal_number, "%s at %#llx",
                    zf_linux_signal_name(signal_number, name),
                    (unsigned long long)task->cpu->psw.addr);
}

int64_t zf_sys_exit(struct zf_task *task, const uint64_t *a) {
    zf_task_exit(task, (int)a[0]);
    return ZF_SYS_NO_RESULT;
}

int64_t zf_sys_exit_group(struct zf_task *task, const uint64_t *a) {
    zf_linux_exit(task, (int)a[0]);
    return ZF_SYS_NO_RESULT;
}

/*
 * The child of vfork runs before its parent, in the same storage. The host gives it a copy: what it
 * has stored goes to the parent through a pipe when it replaces its program or ends, which closing
 * the pipe tells. What it maps or unmaps does not.
 */
struct vfork_pipe {
    int wait, end;
};

static struct vfork_pipe open_vfork_pipe(void) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC)) {
        return (struct vfork_pipe){-1, -1};
    }
    /* out of the way of the guest's own files */
    return (struct vfork_pipe){zf_own_away(fds[0], VFORK_FD), zf_own_away(fds[1], VFORK_FD)};
}

struct stored {
    uint64_t address, size;
};

static void send_stored(void *context, uint64_t address, const uint8_t *bytes, size_t size) {
    const struct zf_task *task = context;
    struct stored head = {address, size};
    struct iovec both[] = {{&head, sizeof head}, {(void *)(uintptr_t)bytes, size}};
    while (writev(task->vfork_end, both, ZF_ARRAY_LENGTH(both)) < 0 && errno == EINTR) {
        /* at most a page: all of it, or nothing yet */
    }
}

void zf_linux_end_vfork(struct zf_task *task) {
    if (task->vfork_end >= 0) {
        zf_linear_watch_end(&task->machine->storage, send_stored, task);
        close(task->vfork_end);
        task->vfork_end = -1;
    }
}

/* False: the pipe is closed. Signals wait, as they do in the kernel. */
static bool read_all(int fd, void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, (uint8_t *)bytes + done, size - done);
        if (!n || (n < 0 && errno != EINTR)) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* In a child of the child of vfork, whose stores are its own. */
static void leave_vfork(struct zf_task *task) {
    zf_linear_watch_end(&task->machine->storage, NULL, NULL);
    if (task->vfork_end >= 0) {
        close(task->vfork_end);
        task->vfork_end = -1;
    }
}

static void wait_for_vfork(struct zf_task *task, const struct vfork_pipe *p) {
    struct stored head;
    uint8_t bytes[ZF_PAGE_SIZE];
    close(p->end);
    while (p->wait >= 0 && read_all(p->wait, &head, sizeof head) && head.size <= sizeof bytes &&
           read_all(p->wait, bytes, head.size)) {
        uint8_t *out = zf_guest_out(task, head.address, head.size);
        if (out) {
            memcpy(out, bytes, head.size);
        }
    }
    close(p->wait);
}

/* In the child: what clone asked for beyond a copy. */
static void start_child(struct zf_task *task, uint64_t flags, const uint64_t *a) {
    struct zf_cpu *cpu = task->cpu;
    leave_vfork(task);
    task->process->child = true;
    task->pending = 0;
    zf_timer_start(task);
    if (a[0]) {
        cpu->gr[15] = a[0];
    }
    if (flags & GUEST_CLONE_CHILD_SETTID) {
        zf_guest_put32(task, a[3], (uint32_t)gettid());
    }
    task->clear_tid = flags & GUEST_CLONE_CHILD_CLEARTID ? a[3] : 0;
    if (flags & GUEST_CLONE_SETTLS) {
        cpu->ar[0] = (uint32_t)(a[4] >> 32);
        cpu->ar[1] = (uint32_t)a[4];
    }
}

/* The guest's storage is private memory of this process, so that the host's fork copies it. */
static int64_t do_fork(struct zf_task *task, uint64_t flags, const uint64_t *a) {
    bool vfork = flags & GUEST_CLONE_VFORK;
    struct vfork_pipe p = vfork ? open_vfork_pipe() : (struct vfork_pipe){-1, -1};
    fflush(NULL);
    uint64_t mask = zf_host_get_mask();
    zf_host_mask(UINT64_MAX);
    zf_task_fork_begin(task);
    pid_t pid = fork();
    int error = errno;
    zf_task_fork_end(task, !pid);
    if (!pid) {
        if (task->process->config.forked) {
            task->process->config.forked(task->process->config.context);
        }
        start_child(task, flags, a);
        task->vfork_end = p.end;
        close(p.wait);
        if (p.end >= 0) {
            zf_linear_watch(&task->machine->storage);
        }
    } else {
        wait_for_vfork(task, &p);
    }
    if (pid) {
        zf_host_mask(mask);
    } else {
        zf_signal_mask(task); /* what waits is its parent's */
    }
    if (pid > 0 && flags & GUEST_CLONE_PARENT_SETTID) {
        zf_guest_put32(task, a[2], (uint32_t)pid);
    }
    return pid < 0 ? -error : pid;
}

/* args: stack, flags, parent's and child's word for the number, thread pointer */
int64_t zf_sys_clone(struct zf_task *task, const uint64_t *a) {
    uint64_t flags = a[1];
    if (flags & GUEST_CLONE_THREAD) {
        return zf_task_clone(task, a);
    }
    if (flags & CLONE_PIDFD) {
        const uint64_t rest[] = {a[0], flags & ~(uint64_t)CLONE_PIDFD, 0, a[3], a[4], 0};
        bool both = flags & GUEST_CLONE_PARENT_SETTID; /* it is the same place */
        return both ? -EINVAL : zf_pidfd_of_child(task, zf_sys_clone(task, rest), a[2]);
    }
    if (flags & GUEST_CLONE_VM && !(flags & GUEST_CLONE_VFORK)) {
        return -ENOSYS; /* a process in this one's storage */
    }
    if (flags & ~FORK_FLAGS || (flags & CSIGNAL) != SIGCHLD) {
        return -EINVAL;
    }
    return do_fork(task, flags, a);
}

int64_t zf_sys_fork(struct zf_task *task, const uint64_t *a) {
    static const uint64_t none[6];
    (void)a;
    return do_fork(task, 0, none);
}

int64_t zf_sys_vfork(struct zf_task *task, const uint64_t *a) {
    static const uint64_t none[6];
    (void)a;
    return do_fork(task, GUEST_CLONE_VFORK, none);
}

static bool put_rusage(struct zf_task *task, uint64_t address, const struct rusage *host) {
    struct timespec now;
    struct rusage own = {0};
    zf_get_clock(task, CLOCK_PROCESS_CPUTIME_ID, &now);
    own.ru_utime = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    const struct rusage *r = task->cpu->cpus->turns.on ? &own : host;
    uint8_t *out = zf_guest_out(task, address, RUSAGE_SIZE);
    if (!out) {
        return false;
    }
    const uint64_t words[] = {
        (uint64_t)r->ru_utime.tv_sec,  (uint64_t)r->ru_utime.tv_usec, (uint64_t)r->ru_stime.tv_sec,
        (uint64_t)r->ru_stime.tv_usec, (uint64_t)r->ru_maxrss,        (uint64_t)r->ru_ixrss,
        (uint64_t)r->ru_idrss,         (uint64_t)r->ru_isrss,         (uint64_t)r->ru_minflt,
        (uint64_t)r->ru_majflt,        (uint64_t)r->ru_nswap,         (uint64_t)r->ru_inblock,
        (uint64_t)r->ru_oublock,       (uint64_t)r->ru_msgsnd,        (uint64_t)r->ru_msgrcv,
        (uint64_t)r->ru_nsignals,      (uint64_t)r->ru_nvcsw,         (uint64_t)r->ru_nivcsw};
    _Static_assert(sizeof words == RUSAGE_SIZE, "rusage has 18 doublewords");
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        zf_put64(out + 8 * i, words[i]);
    }
    return true;
}

int64_t zf_sys_getrusage(struct zf_task *task, const uint64_t *a) {
    struct rusage usage;
    if (getrusage((int)a[0], &usage)) {
        return -errno;
    }
    return put_rusage(task, a[1], &usage) ? 0 : -EFAULT;
}

int64_t zf_sys_wait4(struct zf_task *task, const uint64_t *a) {
    int status = 0;
    struct rusage usage;
    pid_t pid = wait4((pid_t)a[0], &status, (int)a[2], &usage);
    if (pid <= 0) {
        return zf_host_result(pid);
    }
    if (a[1] && !zf_guest_put32(task, a[1], (uint32_t)status)) {
        return -EFAULT;
    }
    return a[3] && !put_rusage(task, a[3], &usage) ? -EFAULT : pid;
}

int64_t zf_sys_waitid(struct zf_task *task, const uint64_t *a) {
    siginfo_t host = {0};
    struct rusage usage = {0};
    if (syscall(SYS_waitid, (int)a[0], (pid_t)a[1], &host, (int)a[3], &usage) < 0) {
        return -errno;
    }
    if (a[4] && !put_rusage(task, a[4], &usage)) {
        return -EFAULT;
    }
    uint8_t *out = a[2] ? zf_guest_out(task, a[2], 128) : NULL;
    if (a[2] && !out) {
        return -EFAULT;
    }
    if (out) {
        struct zf_guest_siginfo info = {
            .code = host.si_code, .pid = host.si_pid, .uid = host.si_uid, .status = host.si_status};
        zf_put_siginfo(out, host.si_signo, &info);
    }
    return 0;
}

/* Calls that need nothing but their numbers. Identities are each thread's own, as the kernel has
 * them: the guest's C library changes all threads' by itself. */
#define NUMBERS_CALL(name, body)                                                                   \
    int64_t zf_sys_##name(struct zf_task *task, const uint64_t *a) {                               \
        (void)task, (void)a;                                                                       \
        return zf_host_result(body);                                                               \
    }

NUMBERS_CALL(getpid, getpid())
NUMBERS_CALL(gettid, gettid())
NUMBERS_CALL(getppid, getppid())
NUMBERS_CALL(getpgrp, getpgrp())
NUMBERS_CALL(getpgid, getpgid((pid_t)a[0]))
NUMBERS_CALL(setpgid, setpgid((pid_t)a[0], (pid_t)a[1]))
NUMBERS_CALL(getsid, getsid((pid_t)a[0]))
NUMBERS_CALL(setsid, setsid())
NUMBERS_CALL(getuid, getuid())
NUMBERS_CALL(geteuid, geteuid())
NUMBERS_CALL(getgid, getgid())
NUMBERS_CALL(getegid, getegid())
NUMBERS_CALL(setuid, syscall(SYS_setuid, (uid_t)a[0]))
NUMBERS_CALL(setgid, syscall(SYS_setgid, (gid_t)a[0]))
NUMBERS_CALL(setreuid, syscall(SYS_setreuid, (uid_t)a[0], (uid_t)a[1]))
NUMBERS_CALL(setregid, syscall(SYS_setregid, (gid_t)a[0], (gid_t)a[1]))
NUMBERS_CALL(setresuid, syscall(SYS_setresuid, (uid_t)a[0], (uid_t)a[1], (uid_t)a[2]))
NUMBERS_CALL(setresgid, syscall(SYS_setresgid, (gid_t)a[0], (gid_t)a[1], (gid_t)a[2]))
NUMBERS_CALL(setfsuid, setfsuid((uid_t)a[0]))
NUMBERS_CALL(setfsgid, setfsgid((gid_t)a[0]))
NUMBERS_CALL(nice, nice((int)a[0]))
NUMBERS_CALL(setpriority, setpriority((int)a[0], (id_t)a[1], (int)a[2]))
NUMBERS_CALL(sched_get_priority_max, sched_get_priority_max((int)a[0]))
NUMBERS_CALL(sched_get_priority_min, sched_get_priority_min((int)a[0]))
NUMBERS_CALL(sched_getscheduler, sched_getscheduler((pid_t)a[0]))

int64_t zf_sys_sched_yield(struct zf_task *task, const uint64_t *a) {
    (void)a;
    if (task->cpu->cpus->turns.on) {
        zf_turn_pass(task->cpu);
        return 0;
    }
    return zf_host_result(sched_yield());
}

/* The system call, unlike the function, returns 20 minus the value. */
int64_t zf_sys_getpriority(struct zf_task *task, const uint64_t *a) {
    (void)task;
    errno = 0;
    int priority = getpriority((int)a[0], (id_t)a[1]);
    return errno ? -errno : 20 - priority;
}

/* Capabilities: a header of version and process, then three words for each 32 of them. */
static int64_t capabilities(struct zf_task *task, const uint64_t *a, long call) {
    enum { HEADER = 2, SETS = 6, VERSION_1 = 0x19980330 };
    uint32_t header[HEADER], sets[SETS] = {0};
    uint8_t *in = zf_guest_out(task, a[0], sizeof header);
    if (!in) {
        return -EFAULT;
    }
    header[0] = zf_get32(in);
    header[1] = zf_get32(in + 4);
    size_t words = header[0] == VERSION_1 ? SETS / 2 : SETS;
    uint8_t *at = a[1] ? zf_guest_out(task, a[1], words * 4) : NULL;
    if (a[1] && !at) {
        return -EFAULT;
    }
    for (size_t i = 0; i < words && at && call == SYS_capset; i++) {
        sets[i] = zf_get32(at + 4 * i);
    }
    int64_t result = zf_host_result(syscall(call, header, at ? sets : NULL));
    zf_put32(in, header[0]); /* the version that the kernel prefers, when it was another */
    for (size_t i = 0; i < words && at && !result && call == SYS_capget; i++) {
        zf_put32(at + 4 * i, sets[i]);
    }
    return result;
}

int64_t zf_sys_capget(struct zf_task *task, const uint64_t *a) {
    return capabilities(task, a, SYS_capget);
}

int64_t zf_sys_capset(struct zf_task *task, const uint64_t *a) {
    return capabilities(task, a, SYS_capset);
}

static int64_t put_three(struct zf_task *task, const uint64_t *a, unsigned x, unsigned y,
                         unsigned z) {
    return zf_guest_put32(task, a[0], x) && zf_guest_put32(task, a[1], y) &&
                   zf_guest_put32(task, a[2], z)
               ? 0
               : -EFAULT;
}

int64_t zf_sys_getresuid(struct zf_task *task, const uint64_t *a) {
    uid_t real, effective, saved;
    getresuid(&real, &effective, &saved);
    return put_three(task, a, real, effective, saved);
}

int64_t zf_sys_getresgid(struct zf_task *task, const uint64_t *a) {
    gid_t real, effective, saved;
    getresgid(&real, &effective, &saved);
    return put_three(task, a, real, effective, saved);
}

int64_t zf_sys_getgroups(struct zf_task *task, const uint64_t *a) {
    gid_t groups[GROUPS_LIMIT];
    int room = (int)a[0] > GROUPS_LIMIT ? GROUPS_LIMIT : (int)a[0];
    int count = getgroups(room, groups);
    if (count < 0) {
        return -errno;
    }
    uint8_t *out = room ? zf_guest_out(task, a[1], 4 * (uint64_t)count) : NULL;
    if (room && !out) {
        return -EFAULT;
    }
    for (int i = 0; i < count && out; i++) {
        zf_put32(out + 4 * i, groups[i]);
    }
    return count;
}

int64_t zf_sys_setgroups(struct zf_task *task, const uint64_t *a) {
    gid_t groups[GROUPS_LIMIT];
    if (a[0] > GROUPS_LIMIT) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[1], 4 * a[0]);
    if (!in) {
        return -EFAULT;
    }
    for (uint64_t i = 0; i < a[0]; i++) {
        groups[i] = zf_get32(in + 4 * i);
    }
    return zf_host_result(syscall(SYS_setgroups, a[0], groups));
}
