/*
 * How many CPUs the guest sees: the host's, or as many as it was given. Calls and files say the
 * same. A thread's choice among CPUs that it was given has no effect but to be remembered.
 */
#include "guest.h"

#include "proc.h"

#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { SET_WORDS = 16, WORD = 8 };

static unsigned given(const struct zf_task *task) {
    return task->process->config.cpus;
}

uint64_t zf_processors_all(const struct zf_linux *process) {
    unsigned count = process->config.cpus;
    return count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

/* With the lock: a thread of this process; NULL: the number is another's. */
static struct zf_task *thread_of(struct zf_task *task, pid_t tid) {
    struct zf_task *each = task->process->tasks;
    while (each && tid && each->tid != tid) {
        each = each->next;
    }
    return tid ? each : task;
}

/* Of a thread that was given CPUs; of other processes, all of them. */
static int64_t get_own(struct zf_task *task, pid_t tid, uint64_t *set) {
    pthread_mutex_lock(&task->process->lock);
    const struct zf_task *thread = thread_of(task, tid);
    *set = thread ? thread->processors : zf_processors_all(task->process);
    pthread_mutex_unlock(&task->process->lock);
    return thread || !kill(tid, 0) || errno == EPERM ? WORD : -ESRCH;
}

static int64_t set_own(struct zf_task *task, pid_t tid, uint64_t set) {
    set &= zf_processors_all(task->process);
    if (!set) {
        return -EINVAL;
    }
    pthread_mutex_lock(&task->process->lock);
    struct zf_task *thread = thread_of(task, tid);
    if (thread) {
        thread->processors = set;
    }
    pthread_mutex_unlock(&task->process->lock);
    return thread || !kill(tid, 0) ? 0 : -errno;
}

int64_t zf_sys_sched_getaffinity(struct zf_task *task, const uint64_t *a) {
    uint64_t set[SET_WORDS] = {0};
    uint64_t length = a[1] < sizeof set ? a[1] : sizeof set;
    if (a[1] % WORD || !a[1]) {
        return -EINVAL;
    }
    int64_t got = given(task)
                      ? get_own(task, (pid_t)a[0], set)
                      : zf_host_result(syscall(SYS_sched_getaffinity, (pid_t)a[0], length, set));
    uint8_t *out = got < 0 ? NULL : zf_guest_out(task, a[2], (uint64_t)got);
    if (!out) {
        return got < 0 ? got : -EFAULT;
    }
    for (int64_t i = 0; i < got / WORD; i++) {
        zf_put64(out + WORD * i, set[i]);
    }
    return got;
}

int64_t zf_sys_sched_setaffinity(struct zf_task *task, const uint64_t *a) {
    uint8_t bytes[SET_WORDS * WORD] = {0};
    uint64_t set[SET_WORDS];
    uint64_t length = a[1] < sizeof bytes ? a[1] : sizeof bytes;
    const uint8_t *in = zf_guest_in(task, a[2], length);
    if (!in) {
        return -EFAULT;
    }
    memcpy(bytes, in, length);
    for (unsigned i = 0; i < SET_WORDS; i++) {
        set[i] = zf_get64(bytes + WORD * i);
    }
    return given(task)
               ? set_own(task, (pid_t)a[0], set[0])
               : zf_host_result(syscall(SYS_sched_setaffinity, (pid_t)a[0], sizeof set, set));
}

void zf_processors_now(const struct zf_task *task, unsigned *cpu, unsigned *node) {
    *cpu = task->cpu->address;
    *node = 0;
    if (!given(task)) {
        getcpu(cpu, node);
    } else {
        *cpu %= given(task);
        *cpu = task->processors >> *cpu & 1 ? *cpu : (unsigned)__builtin_ctzll(task->processors);
    }
}

unsigned zf_processors_count(const struct zf_task *task) {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) ? 0 : CPU_COUNT(&set);
    return given(task) ? given(task) : count > 0 ? (unsigned)count : 1;
}

int64_t zf_sys_getcpu(struct zf_task *task, const uint64_t *a) {
    unsigned cpu, node;
    zf_processors_now(task, &cpu, &node);
    bool ok =
        (!a[0] || zf_guest_put32(task, a[0], cpu)) && (!a[1] || zf_guest_put32(task, a[1], node));
    return ok ? 0 : -EFAULT;
}

/* /sys/devices/system/cpu/online and its like. */
static void put_range(struct zf_task *task, const char *path, FILE *out) {
    fprintf(out, given(task) > 1 ? "0-%u\n" : "%u\n", given(task) - 1);
}

/* The host's counters, a line for each CPU of the guest. */
static void put_stat(struct zf_task *task, const char *path, FILE *out) {
    char line[4096];
    unsigned cpu, next = 0;
    FILE *in = fopen("/proc/stat", "re");
    while (in && fgets(line, sizeof line, in)) {
        bool is_cpu = line[3] != ' ' && sscanf(line, "cpu%u", &cpu) == 1;
        for (; !is_cpu && strncmp(line, "cpu", 3) != 0 && next < given(task); next++) {
            fprintf(out, "cpu%u 0 0 0 0 0 0 0 0 0 0\n", next);
        }
        if (!is_cpu || cpu < given(task)) {
            fputs(line, out);
        }
        next += is_cpu;
    }
    if (in) {
        fclose(in);
    }
}

static const char cpu_folder[] = "/sys/devices/system/cpu";

/* The name after the folder of CPUs and its slash; NULL: the path is another. */
static const char *name_in_folder(const char *path) {
    size_t length = sizeof cpu_folder - 1;
    return !strncmp(path, cpu_folder, length) && path[length] == '/' ? path + length + 1 : NULL;
}

static bool is_or_below(const char *name, const char *of) {
    size_t length = strlen(of);
    return !strncmp(name, of, length) && (!name[length] || name[length] == '/');
}

/* What tells of the host's CPUs, of which the guest has none: each with all that is below it. */
static bool is_hosts(const struct zf_task *task, const char *name) {
    static const char *const hosts[] = {"cache",   "cpu_capacity",   "cpufreq",
                                        "cpuidle", "microcode",      "thermal_throttle",
                                        "smt",     "vulnerabilities"};
    unsigned cpu;
    int at = 0;
    if (sscanf(name, "cpu%u%n", &cpu, &at) == 1 && (!name[at] || name[at] == '/')) {
        if (given(task) && cpu >= given(task)) {
            return true;
        }
        name += at + (name[at] == '/');
    }
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(hosts); i++) {
        if (is_or_below(name, hosts[i])) {
            return true;
        }
    }
    return false;
}

bool zf_processors_hidden(const struct zf_task *task, const char *path) {
    const char *name = name_in_folder(path);
    return name && is_hosts(task, name);
}

zf_proc_text *zf_processors_file(const struct zf_task *task, const char *path) {
    if (!given(task)) {
        return NULL;
    }
    if (!strcmp(path, "/proc/stat")) {
        return put_stat;
    }
    const char *name = name_in_folder(path);
    bool is_range =
        name && (!strcmp(name, "online") || !strcmp(name, "possible") || !strcmp(name, "present"));
    return is_range ? put_range : NULL;
}
