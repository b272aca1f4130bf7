/* The system: its name, memory, limits, scheduling, random bytes. */
#include "guest.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { NAME_LENGTH = 65, SYSINFO_SIZE = 112 };

int64_t zf_sys_uname(struct zf_task *task, const uint64_t *a) {
    struct utsname host;
    uint8_t *out = zf_guest_out(task, a[0], 6 * NAME_LENGTH);
    if (!out) {
        return -EFAULT;
    }
    bool narrow = (task->process->personality & PER_MASK) == PER_LINUX32;
    const char *machine = narrow ? "s390" : "s390x";
    uname(&host);
    const char *names[] = {host.sysname, host.nodename, host.release,
                           host.version, machine,       host.domainname};
    memset(out, 0, 6 * NAME_LENGTH);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        snprintf((char *)out + (size_t)NAME_LENGTH * i, NAME_LENGTH, "%s", names[i]);
    }
    return 0;
}

int64_t zf_sys_sysinfo(struct zf_task *task, const uint64_t *a) {
    struct sysinfo host;
    uint8_t *out = zf_guest_out(task, a[0], SYSINFO_SIZE);
    if (!out) {
        return -EFAULT;
    }
    sysinfo(&host);
    if (task->cpu->cpus->turns.on) {
        host =
            (struct sysinfo){.uptime = (long)(zf_clock_ns(task->cpu, CLOCK_MONOTONIC) / 1000000000),
                             .totalram = UINT64_C(4) << 30,
                             .freeram = UINT64_C(2) << 30,
                             .procs = 1,
                             .mem_unit = 1};
    }
    const uint64_t words[] = {(uint64_t)host.uptime, host.loads[0], host.loads[1],  host.loads[2],
                              host.totalram,         host.freeram,  host.sharedram, host.bufferram,
                              host.totalswap,        host.freeswap};
    memset(out, 0, SYSINFO_SIZE);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        zf_put64(out + 8 * i, words[i]);
    }
    zf_put16(out + 80, host.procs);
    zf_put64(out + 88, host.totalhigh);
    zf_put64(out + 96, host.freehigh);
    zf_put32(out + 104, host.mem_unit);
    return 0;
}

/* A fixed sequence (xorshift) for runs that must repeat. */
static void fixed_random(struct zf_task *task, uint8_t *out, uint64_t length) {
    for (uint64_t i = 0; i < length; i++) {
        task->process->random_state ^= task->process->random_state << 13;
        task->process->random_state ^= task->process->random_state >> 7;
        task->process->random_state ^= task->process->random_state << 17;
        out[i] = (uint8_t)task->process->random_state;
    }
}

void zf_random_read(struct zf_task *task, int fd, uint8_t *bytes, size_t size) {
    enum { MEMORY_DEVICES = 1, RANDOM = 8, URANDOM = 9 };
    struct stat st;
    if (task->process->config.fixed_random && !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
        (st.st_rdev == makedev(MEMORY_DEVICES, RANDOM) ||
         st.st_rdev == makedev(MEMORY_DEVICES, URANDOM))) {
        fixed_random(task, bytes, size);
    }
}

int64_t zf_sys_getrandom(struct zf_task *task, const uint64_t *a) {
    uint8_t *out = zf_guest_out(task, a[0], a[1]);
    if (!out) {
        return -EFAULT;
    }
    if (task->process->config.fixed_random) {
        fixed_random(task, out, a[1]);
        return (int64_t)a[1];
    }
    return zf_host_result(getrandom(out, a[1], (unsigned)a[2]));
}

/* Limits on this process's storage would hit zfacet itself: they are remembered, not set. */
static struct rlimit *own_limit(struct zf_linux *process, int resource) {
    static const int resources[ZF_OWN_LIMITS] = {RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_RSS};
    for (unsigned i = 0; i < ZF_OWN_LIMITS; i++) {
        if (resources[i] == resource) {
            return &process->limits[i];
        }
    }
    return NULL;
}

/* Of this process, also by one of its threads. */
static bool is_this(pid_t pid) {
    char path[48];
    snprintf(path, sizeof path, "/proc/self/task/%d", (int)pid);
    return !pid || pid == getpid() || !access(path, F_OK);
}

/* Whether the limit is one of those, and the process another one that zfacet executes: nobody could
 * remember it there, and zfacet would have no storage. */
static bool is_anothers_own(struct zf_linux *process, pid_t pid, int resource) {
    char path[32];
    struct stat ours, other;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return own_limit(process, resource) && !stat("/proc/self/exe", &ours) && !stat(path, &other) &&
           ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

bool zf_program_limit(struct zf_linux *process, int resource, struct rlimit *limit) {
    const struct rlimit *own = own_limit(process, resource);
    if (resource == RLIMIT_NOFILE) {
        return !zf_own_limit(process, NULL, limit);
    }
    if (!own || !own->rlim_max) {
        return false;
    }
    *limit = *own;
    return true;
}

uint64_t zf_storage_limit(struct zf_linux *process, int resource) {
    const struct rlimit *own = own_limit(process, resource);
    struct rlimit host = {RLIM_INFINITY, RLIM_INFINITY};
    if (!own->rlim_max && resource == RLIMIT_STACK) {
        getrlimit(RLIMIT_STACK, &host);
    }
    return own->rlim_max ? own->rlim_cur : host.rlim_cur;
}

static int64_t check_limit(const struct rlimit *new_limit, const struct rlimit *old_limit) {
    if (new_limit->rlim_cur > new_limit->rlim_max) {
        return -EINVAL;
    }
    return new_limit->rlim_max > old_limit->rlim_max && !zf_is_capable(CAP_SYS_RESOURCE) ? -EPERM
                                                                                         : 0;
}

static int64_t put_limit(struct zf_task *task, uint64_t address, const struct rlimit *limit) {
    struct timespec both = {(time_t)limit->rlim_cur, (long)limit->rlim_max};
    return !address || zf_put_timespec(task, address, &both) ? 0 : -EFAULT;
}

static int64_t do_limit(struct zf_task *task, pid_t pid, int resource, uint64_t new_at,
                        uint64_t old_at) {
    struct rlimit new_limit, old_limit;
    const bool other = !is_this(pid);
    struct rlimit *own = other ? NULL : own_limit(task->process, resource);
    const uint8_t *in = new_at ? zf_guest_in(task, new_at, 16) : NULL;
    if (new_at && !in) {
        return -EFAULT;
    }
    if (in) {
        new_limit = (struct rlimit){zf_get64(in), zf_get64(in + 8)};
    }
    if (!other && resource == RLIMIT_NOFILE) {
        int64_t error = zf_own_limit(task->process, in ? &new_limit : NULL, &old_limit);
        return error ? error : put_limit(task, old_at, &old_limit);
    }
    const bool kept = own || (other && is_anothers_own(task->process, pid, resource));
    if (prlimit(pid, (enum __rlimit_resource)resource, in && !kept ? &new_limit : NULL,
                &old_limit)) {
        return -errno;
    }
    if (in && kept && other) {
        int64_t error = check_limit(&new_limit, &old_limit);
        return error ? error : put_limit(task, old_at, &old_limit);
    }
    if (own) {
        zf_program_limit(task->process, resource, &old_limit);
    }
    if (own && in) {
        int64_t error = check_limit(&new_limit, &old_limit);
        if (error) {
            return error;
        }
        *own = new_limit;
        zf_linear_limit_growth(&task->machine->storage,
                               zf_storage_limit(task->process, RLIMIT_STACK));
    }
    return put_limit(task, old_at, &old_limit);
}

int64_t zf_sys_prlimit64(struct zf_task *task, const uint64_t *a) {
    return do_limit(task, (pid_t)a[0], (int)a[1], a[2], a[3]);
}

int64_t zf_sys_getrlimit(struct zf_task *task, const uint64_t *a) {
    return do_limit(task, 0, (int)a[0], 0, a[1]);
}

int64_t zf_sys_setrlimit(struct zf_task *task, const uint64_t *a) {
    return do_limit(task, 0, (int)a[0], a[1], 0);
}

int64_t zf_sys_sched_getparam(struct zf_task *task, const uint64_t *a) {
    struct sched_param param;
    if (!a[1]) {
        return -EINVAL;
    }
    if (sched_getparam((pid_t)a[0], &param)) {
        return -errno;
    }
    return zf_guest_put32(task, a[1], (uint32_t)param.sched_priority) ? 0 : -EFAULT;
}

/* The host's is its own: of what it would change, only what is told and select's time are here. On
 * s390x, who runs as 31-bit programs do does not leave that, nor see it. */
int64_t zf_sys_personality(struct zf_task *task, const uint64_t *a) {
    const uint32_t old = task->process->personality, ask = UINT32_MAX;
    uint32_t new = (uint32_t)a[0];
    if (new != ask) {
        bool stays = (old & PER_MASK) == PER_LINUX32 && (new &PER_MASK) == PER_LINUX;
        task->process->personality = stays ? new | PER_LINUX32 : new;
    }
    return (old & PER_MASK) == PER_LINUX32 ? old & ~(uint32_t)PER_LINUX32 : old;
}

/* The guest's terminal is the host's. */
int64_t zf_sys_vhangup(struct zf_task *task, const uint64_t *a) {
    (void)a;
    return task->process->config.contained ? -EPERM : zf_host_result(vhangup());
}

int64_t zf_sys_set_tid_address(struct zf_task *task, const uint64_t *a) {
    task->clear_tid = a[0];
    return gettid();
}
