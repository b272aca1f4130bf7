/* Processes: identity, wait, the end. */
#include "record.h"
#include "signals.h"

#include "trace.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GROUPS_LIMIT = 65536, RUSAGE_SIZE = 144 };

/* A forked child ends here and now: its parent waits for the host's process. */
static _Noreturn void end_child(struct zf_task *task, int status, int signal_number) {
    zf_linux_end_vfork(task);
    if (task->process->config.child_end) {
        task->process->config.child_end(task->process->config.context, status, signal_number);
    }
    if (signal_number) {
        zf_linear_dump(&task->machine->storage);
        zf_host_action(signal_number, ZF_HOST_DEFAULT, 0);
        zf_host_mask(0);
        raise(signal_number);
    }
    _exit(signal_number ? 128 + signal_number : status);
}

void zf_linux_exit(struct zf_task *task, int status) {
    zf_futex_exit(task);
    if (!zf_record_repeats(task)) {
        zf_trace_end(task, status & 255, 0);
    }
    if (task->process->child) {
        end_child(task, status & 255, 0);
    }
    zf_machine_exit(task->machine, ZF_STOP_EXIT, status & 255, NULL);
}

/* The address of the instruction that it dies of; for an access to storage the PSW has it, info the
 * page. */
static uint64_t death_place(const struct zf_task *task, int signal_number) {
    const struct zf_guest_siginfo *info = &task->info[signal_number];
    bool is_access = signal_number == SIGSEGV || signal_number == SIGBUS;
    return info->condition && !is_access ? info->address : task->cpu->psw.addr;
}

void zf_linux_die(struct zf_task *task, int signal_number) {
    char name[16];
    if (!zf_record_repeats(task)) {
        zf_trace_end(task, 0, signal_number);
    }
    if (task->process->child) {
        end_child(task, 0, signal_number);
    }
    task->process->died = task->cpu;
    zf_machine_exit(task->machine, ZF_STOP_SIGNAL, signal_number, "%s at %#llx",
                    zf_linux_signal_name(signal_number, name),
                    (unsigned long long)death_place(task, signal_number));
}

int64_t zf_sys_exit(struct zf_task *task, const uint64_t *a) {
    zf_task_exit(task, (int)a[0]);
    return ZF_SYS_NO_RESULT;
}

int64_t zf_sys_exit_group(struct zf_task *task, const uint64_t *a) {
    zf_linux_exit(task, (int)a[0]);
    return ZF_SYS_NO_RESULT;
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
    return task->cpu->cpus->turns.on ? zf_turn_yield(task) : zf_host_result(sched_yield());
}

/* The system call, unlike the function, returns 20 minus the value. */
int64_t zf_sys_getpriority(struct zf_task *task, const uint64_t *a) {
    (void)task;
    errno = 0;
    int priority = getpriority((int)a[0], (id_t)a[1]);
    return errno ? -errno : 20 - priority;
}

/* Whether two processes have the same; files by number, or by how an epoll has them. */
int64_t zf_sys_kcmp(struct zf_task *task, const uint64_t *a) {
    enum { FILES = 0, EPOLL_FILE = 7, SLOT_SIZE = 12 };
    uint32_t slot[SLOT_SIZE / 4];
    const uint8_t *in = NULL;
    if ((int)a[2] == EPOLL_FILE && (in = zf_guest_in(task, a[4], SLOT_SIZE))) {
        for (unsigned i = 0; i < ZF_ARRAY_LENGTH(slot); i++) {
            slot[i] = zf_get32(in + 4 * i);
        }
    }
    if ((int)a[2] == EPOLL_FILE && !in) {
        return -EFAULT;
    }
    if (zf_own_file(task, a[3]) || ((int)a[2] == FILES && zf_own_file(task, a[4]))) {
        return -EBADF;
    }
    return zf_host_result(syscall(SYS_kcmp, (pid_t)a[0], (pid_t)a[1], (int)a[2], a[3],
                                  in ? (uint64_t)(uintptr_t)slot : a[4]));
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

bool zf_is_capable(unsigned capability) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2] = {{0}};
    return !syscall(SYS_capget, &head, sets) &&
           sets[capability / 32].effective >> capability % 32 & 1;
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

static int64_t get_groups(struct zf_task *task, int room, uint64_t address, gid_t *groups) {
    int count = getgroups(room, groups);
    if (count < 0) {
        return -errno;
    }
    uint8_t *out = room ? zf_guest_out(task, address, 4 * (uint64_t)count) : NULL;
    if (room && !out) {
        return -EFAULT;
    }
    for (int i = 0; i < count && out; i++) {
        zf_put32(out + 4 * i, groups[i]);
    }
    return count;
}

static int64_t set_groups(struct zf_task *task, unsigned count, uint64_t address, gid_t *groups) {
    const uint8_t *in = zf_guest_in(task, address, 4 * (uint64_t)count);
    if (!in) {
        return -EFAULT;
    }
    for (unsigned i = 0; i < count; i++) {
        groups[i] = zf_get32(in + 4 * i);
    }
    return zf_host_result(syscall(SYS_setgroups, count, groups));
}

int64_t zf_sys_getgroups(struct zf_task *task, const uint64_t *a) {
    gid_t *groups = malloc(sizeof *groups * GROUPS_LIMIT);
    int room = (int)a[0] > GROUPS_LIMIT ? GROUPS_LIMIT : (int)a[0];
    int64_t result = groups ? get_groups(task, room, a[1], groups) : -ENOMEM;
    free(groups);
    return result;
}

int64_t zf_sys_setgroups(struct zf_task *task, const uint64_t *a) {
    unsigned count = (unsigned)a[0];
    if (!zf_is_capable(CAP_SETGID) || count > GROUPS_LIMIT) {
        return zf_host_result(syscall(SYS_setgroups, GROUPS_LIMIT + 1, NULL)); /* says which */
    }
    gid_t *groups = malloc(sizeof *groups * GROUPS_LIMIT);
    int64_t result = groups ? set_groups(task, count, a[1], groups) : -ENOMEM;
    free(groups);
    return result;
}
