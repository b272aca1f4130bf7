/*
 * Threads. Each is a CPU of its own over the same storage, executed by a thread of the host, so
 * that numbers, masks of signals, scheduling and limits are the host's business. A thread that is
 * created stands still until all that clone stores is stored.
 */
#include "record.h"
#include "signals.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Threads of the host share this, whatever is asked for. */
static const uint64_t SHARED = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
static const uint64_t PLACES =
    CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;
static const uint64_t WITHOUT_EFFECT = CLONE_SYSVSEM | CLONE_DETACHED | CLONE_PTRACE |
                                       CLONE_UNTRACED | (uint64_t)(unsigned)CLONE_IO | CSIGNAL;

/* As clone has them. */
enum { STACK, FLAGS, PARENT_WORD, CHILD_WORD, THREAD_POINTER };

/* Another program that the process is about to execute; with the lock. */
struct zf_exec {
    uint64_t blocked; /* the mask of who asked for it */
    int64_t (*replace)(struct zf_task *task, void *context);
    void *context;
    unsigned left; /* how many threads there are when the others have ended */
    bool begun, done;
};

static void lock(struct zf_linux *process) {
    pthread_mutex_lock(&process->lock);
}

static void unlock(struct zf_linux *process) {
    pthread_mutex_unlock(&process->lock);
}

struct zf_task *zf_task_create(struct zf_linux *process, struct zf_cpu *cpu) {
    struct zf_task *task = calloc(1, sizeof *task);
    if (task) {
        *task = (struct zf_task){
            .process = process, .machine = process->machine, .cpu = cpu, .vfork_end = -1};
        cpu->task = task;
        lock(process);
        task->next = process->tasks;
        process->tasks = task;
        process->task_count++;
        unlock(process);
    }
    return task;
}

/* With the lock. */
static void take_out(struct zf_task *task) {
    struct zf_task **link = &task->process->tasks;
    while (*link && *link != task) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = task->next;
        task->process->task_count--;
    }
}

void zf_task_begin(void *context, struct zf_cpu *cpu) {
    struct zf_task *task = cpu->task;
    (void)context;
    zf_timer_start(task);
    zf_signal_adopt(task);
    pthread_mutex_lock(&cpu->cpus->lock);
    task->timer_failed = !task->has_timer;
    task->tid = gettid();
    pthread_cond_broadcast(&cpu->cpus->changed);
    pthread_mutex_unlock(&cpu->cpus->lock);
}

/* The thread has left the list, or the machine is destroyed. */
void zf_task_end(void *context, struct zf_cpu *cpu) {
    struct zf_task *task = cpu->task;
    (void)context;
    zf_signal_leave(task);
    lock(task->process);
    take_out(task);
    if (zf_record_is_lost(task->process) && task->process->task_count == 1) {
        zf_machine_stop(task->machine); /* the record can begin anew */
    }
    unlock(task->process);
    zf_timer_end(task);
    cpu->task = NULL;
    zf_task_free(task);
}

void zf_task_free(struct zf_task *task) {
    if (task) {
        zf_record_drop_notes(task);
        free(task);
    }
}

/* Threads that take turns are in no call of the host's for long, unless there is but one. */
void zf_task_interrupt_all(struct zf_linux *process, bool on) {
    lock(process);
    bool waits = !process->machine->cpus.turns.on || process->task_count == 1;
    for (struct zf_task *task = process->tasks; task; task = task->next) {
        if (waits || !on) {
            zf_timer_interrupt(task, on);
        }
        zf_cpu_hurry(task->cpu);
    }
    unlock(process);
}

void zf_task_interrupted(void *context) {
    zf_task_interrupt_all(context, true);
}

static bool is_thread(uint64_t flags) {
    return !(flags & ~(SHARED | PLACES | WITHOUT_EFFECT)) && (flags & SHARED) == SHARED;
}

static void set_registers(struct zf_cpu *cpu, const uint64_t *a) {
    cpu->gr[2] = 0;
    if (a[STACK]) {
        cpu->gr[15] = a[STACK];
    }
    if (a[FLAGS] & CLONE_SETTLS) {
        cpu->ar[0] = (uint32_t)(a[THREAD_POINTER] >> 32);
        cpu->ar[1] = (uint32_t)a[THREAD_POINTER];
    }
}

/* Waits until the thread of the host is there, and has a number. False: it cannot serve. */
static bool await_begin(struct zf_task *task) {
    struct zf_cpus *cpus = task->cpu->cpus;
    pthread_mutex_lock(&cpus->lock);
    while (!task->tid) {
        pthread_cond_wait(&cpus->changed, &cpus->lock);
    }
    bool serves = !task->timer_failed;
    pthread_mutex_unlock(&cpus->lock);
    return serves;
}

/* A thread of the host for the new task, which stands still. It is born with all signals blocked:
 * none is lost before it can have any. */
static bool start_thread(struct zf_task *task) {
    enum { SIGNAL_OF_IDENTITIES = 33 };
    uint64_t mask = zf_host_get_mask();
    zf_host_mask(UINT64_MAX);
    bool started = zf_cpu_start_thread(task->cpu);
    zf_signal_reassert(task->process, SIGNAL_OF_IDENTITIES);
    zf_host_mask(mask);
    return started;
}

static void give_up(struct zf_task *task) {
    lock(task->process);
    take_out(task);
    unlock(task->process);
    task->cpu->ended = task->cpu->spare = true;
    zf_task_free(task);
}

/* What the new thread has of its parent's, and of clone's arguments. */
static void set_up(struct zf_task *child, const struct zf_task *task, const uint64_t *a) {
    set_registers(child->cpu, a);
    child->begin = (struct zf_begin){task->cpu->psw.addr, child->cpu->gr[15]};
    child->blocked = task->blocked;
    child->processors = task->processors;
    child->filter = task->filter;
    child->strict = task->strict;
    child->alt_flags = SS_DISABLE;
    child->clear_tid = a[FLAGS] & CLONE_CHILD_CLEARTID ? a[CHILD_WORD] : 0;
}

/* All that clone stores is stored: it runs. */
static int64_t set_free(const struct zf_task *child, struct zf_task *task, const uint64_t *a) {
    pid_t tid = child->tid;
    if (a[FLAGS] & CLONE_PARENT_SETTID) {
        zf_guest_put32(task, a[PARENT_WORD], (uint32_t)tid);
    }
    if (a[FLAGS] & CLONE_CHILD_SETTID) {
        zf_guest_put32(task, a[CHILD_WORD], (uint32_t)tid);
    }
    zf_cpu_set_state(child->cpu, ZF_CPU_OPERATING);
    return tid;
}

static int64_t clone_again(struct zf_task *task, const uint64_t *a) {
    struct zf_task *child = zf_record_born_again(task);
    if (!child) {
        return -EAGAIN;
    }
    set_up(child, task, a);
    return set_free(child, task, a);
}

static int64_t clone_thread(struct zf_task *task, const uint64_t *a) {
    struct zf_cpu *cpu = zf_machine_add_cpu(task->machine, task->cpu);
    struct zf_task *child = cpu ? zf_task_create(task->process, cpu) : NULL;
    if (!child) {
        return -EAGAIN;
    }
    set_up(child, task, a);
    if (!start_thread(child)) {
        give_up(child);
        return -EAGAIN;
    }
    if (!await_begin(child)) {
        zf_cpu_end(cpu);
        return -EAGAIN;
    }
    zf_record_born(task, child);
    return set_free(child, task, a);
}

int64_t zf_task_clone(struct zf_task *task, const uint64_t *a) {
    if (!is_thread(a[FLAGS])) {
        return -EINVAL;
    }
    if (zf_record_repeats(task)) {
        return clone_again(task, a);
    }
    pthread_mutex_lock(&task->process->births);
    int64_t tid = clone_thread(task, a);
    pthread_mutex_unlock(&task->process->births);
    return tid;
}

/* The end of a thread as others see it. */
static void announce_end(struct zf_task *task) {
    zf_futex_exit(task);
    if (task->clear_tid && zf_guest_put32(task, task->clear_tid, 0)) {
        zf_futex_wake(task, task->clear_tid);
    }
    task->clear_tid = 0;
}

/* It is no longer one of the process's threads. False: it is the last, or the leader whom an execve
 * waits for, and stays. */
static bool leave_list(struct zf_task *task) {
    struct zf_linux *process = task->process;
    lock(process);
    bool needed = process->task_count == 1 || (process->exec && task == process->leader);
    if (!needed) {
        take_out(task);
        task->ended = true;
        pthread_cond_broadcast(&process->changed);
    }
    unlock(process);
    return !needed;
}

static bool is_ended(const struct zf_task *task) {
    lock(task->process);
    bool ended = task->ended;
    unlock(task->process);
    return ended;
}

/* The thread is gone for the guest; that of the host ends, or is the leader's and stands still. */
static void end_thread(struct zf_task *task) {
    if (zf_record_repeats(task)) {
        zf_cpu_set_state(task->cpu, ZF_CPU_STOPPED);
        zf_turn_drop(task->cpu);
        return;
    }
    zf_signal_leave(task);
    pthread_mutex_lock(&task->process->births);
    zf_cpu_end(task->cpu);
    pthread_mutex_unlock(&task->process->births);
    if (!is_ended(task)) { /* a leader whom an execve has revived before it stood still */
        zf_cpu_set_state(task->cpu, ZF_CPU_OPERATING);
    }
}

void zf_task_exit(struct zf_task *task, int status) {
    struct zf_linux *process = task->process;
    if (task == process->leader) {
        process->leader_status = status;
    }
    announce_end(task);
    if (leave_list(task)) {
        end_thread(task);
    } else if (zf_task_must_yield(task)) {
        zf_cpu_hurry(task->cpu); /* to what it is needed for */
    } else {
        zf_linux_exit(task, process->leader_status);
    }
}

/* With the lock. */
static void await(struct zf_linux *process) {
    enum { MOMENT = 1000000, SECOND = 1000000000 };
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += MOMENT;
    t.tv_sec += t.tv_nsec / SECOND;
    t.tv_nsec %= SECOND;
    pthread_cond_timedwait(&process->changed, &process->lock, &t);
}

static bool has_stopped(const struct zf_linux *process) {
    return __atomic_load_n(&process->machine->stop, __ATOMIC_ACQUIRE);
}

/* With the lock: a leader that has ended is needed once more. */
static bool revive_leader(struct zf_linux *process) {
    struct zf_task *leader = process->leader;
    bool ended = leader->ended;
    if (ended) {
        leader->ended = false;
        leader->next = process->tasks;
        process->tasks = leader;
        process->task_count++;
    }
    return ended;
}

/* In the leader, with the lock: does it when the others have ended. */
static void carry_out(struct zf_task *leader, struct zf_exec *exec) {
    struct zf_linux *process = leader->process;
    while (process->task_count > exec->left && !has_stopped(process)) {
        await(process);
    }
    if (process->exec == exec && !has_stopped(process)) {
        exec->begun = true;
        process->exec = NULL;
        unlock(process);
        zf_signal_block(leader, exec->blocked);
        exec->replace(leader, exec->context);
        lock(process);
        exec->done = true;
        pthread_cond_broadcast(&process->changed);
    }
}

/* With the lock: another thread than the leader waits until that has done it. */
static void await_leader(struct zf_linux *process, const struct zf_exec *exec) {
    while (!exec->done && (exec->begun || !has_stopped(process))) {
        await(process);
    }
    if (process->exec == exec) {
        process->exec = NULL;
    }
}

int64_t zf_task_exec(struct zf_task *task, int64_t (*replace)(struct zf_task *task, void *context),
                     void *context) {
    struct zf_linux *process = task->process;
    bool leads = task == process->leader, revived = false;
    struct zf_exec exec = {
        .blocked = task->blocked, .replace = replace, .context = context, .left = leads ? 1 : 2};
    lock(process);
    bool first = !process->exec;
    if (first) {
        revived = revive_leader(process);
        __atomic_store_n(&process->exec, &exec, __ATOMIC_RELEASE);
    }
    unlock(process);
    if (!first) {
        return -EAGAIN;
    }
    zf_task_interrupt_all(process, true);
    if (revived) {
        zf_cpu_set_state(process->leader->cpu, ZF_CPU_OPERATING);
    }
    zf_turn_drop(task->cpu);
    lock(process);
    if (leads) {
        carry_out(task, &exec);
    } else {
        await_leader(process, &exec);
    }
    unlock(process);
    zf_turn_take(task->cpu);
    if (!leads && leave_list(task)) {
        end_thread(task);
    }
    return ZF_SYS_NO_RESULT;
}

bool zf_task_must_yield(const struct zf_task *task) {
    return __atomic_load_n(&task->process->exec, __ATOMIC_ACQUIRE);
}

void zf_task_yield(struct zf_task *task) {
    struct zf_linux *process = task->process;
    if (task == process->leader) {
        zf_turn_drop(task->cpu);
        lock(process);
        if (process->exec) {
            carry_out(task, process->exec);
        }
        unlock(process);
        zf_turn_take(task->cpu);
    } else if (leave_list(task)) {
        end_thread(task);
    }
}

/*
 * The host's fork copies this thread alone: a lock that another one holds stays locked in the
 * child. The C library frees its own ones there, a sanitizer's allocator does not, and it is in use
 * while a thread of the host is born or goes: none is while the process forks.
 */
void zf_task_fork_begin(struct zf_task *task) {
    pthread_mutex_lock(&task->process->births);
    zf_machine_settle_threads(task->machine);
    pthread_mutex_lock(&task->process->map_lock);
    zf_machine_fork_begin(task->machine);
    zf_linear_fork_begin(&task->machine->storage);
    lock(task->process);
}

/* Of the other threads, only storage is left. */
static void keep_only(struct zf_task *task) {
    struct zf_linux *process = task->process;
    const struct zf_cpus *cpus = task->cpu->cpus;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct zf_cpu *cpu = cpus->cpu[i];
        if (cpu != task->cpu) {
            zf_task_free(cpu->task);
            cpu->task = NULL;
        }
    }
    pthread_mutex_init(&process->lock, NULL);
    pthread_cond_init(&process->changed, NULL);
    zf_permit_init(&process->permit);
    zf_own_forked(process);
    lock(process);
    task->next = NULL;
    task->tid = gettid();
    process->tasks = process->leader = task;
    process->task_count = 1;
    process->exec = NULL;
}

void zf_task_fork_end(struct zf_task *task, bool child) {
    if (child) {
        keep_only(task);
    }
    unlock(task->process);
    zf_linear_fork_end(&task->machine->storage);
    zf_machine_fork_end(task->machine, task->cpu, child);
    if (child) {
        zf_linear_forked(&task->machine->storage);
        task->process->lock_future = 0;
    }
    pthread_mutex_unlock(&task->process->map_lock);
    pthread_mutex_unlock(&task->process->births);
}
