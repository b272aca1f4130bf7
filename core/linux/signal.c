/*
 * Signals. A host signal that the guest handles is caught, marked as pending, and delivered between
 * two blocks. The mask of blocked signals is the host's own mask too, so that waiting, queues and
 * default actions are the host's business; SIGSEGV and SIGBUS stay open, for they also tell of
 * guest storage that is not mapped.
 */
#include "record.h"
#include "signals.h"

#include "trace.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    GUEST_SIG_DFL = 0,
    GUEST_SIG_IGN = 1,
    GUEST_SA_RESETHAND_SHIFT = 31,
    GUEST_SA_RESTART = 0x10000000,
    GUEST_SA_NODEFER = 0x40000000,
    GUEST_SS_ONSTACK = 1,
    GUEST_SS_DISABLE = 2,
    GUEST_MINSIGSTKSZ = 2048,
    SET_SIZE = 8,
    FIRST_QUEUED = 32, /* of real-time signals */
};

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))
static const uint64_t UNBLOCKABLE = SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP);
static const uint64_t SYNCHRONOUS = SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS);
/* Never blocked on the host: beside these, the timer's signal. */
static const uint64_t HOST_OPEN = SYNCHRONOUS | SIGNAL_BIT(ZF_SIGNALS);

/* The guest of this thread, for the host's signal handler, which is given no argument. */
/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables) */
static _Thread_local struct zf_task *attached;

/*
 * Until it is delivered, the next one of its number waits in the kernel, which queues those that
 * are queued. One that came all the same, while the mask was changing, goes back there.
 */
static bool waits_already(const struct zf_task *task, int number, siginfo_t *info, void *context) {
    uint64_t *mask = (uint64_t *)&((ucontext_t *)context)->uc_sigmask;
    bool waits = task->pending & SIGNAL_BIT(number);
    *mask |= SIGNAL_BIT(number) & ~HOST_OPEN;
    if (waits && number >= FIRST_QUEUED && number != ZF_SIGNALS) {
        syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number, info);
    }
    return waits && !(SIGNAL_BIT(number) & HOST_OPEN);
}

void zf_signal_caught(int number, siginfo_t *info, void *context) {
    struct zf_task *task = attached;
    if (!task || number < 1 || number > ZF_SIGNALS || waits_already(task, number, info, context)) {
        return;
    }
    task->info[number] = (struct zf_guest_siginfo){
        .code = info->si_code, .error = info->si_errno, .pid = info->si_pid, .uid = info->si_uid};
    if (number == SIGCHLD) {
        task->info[number].status = info->si_status;
    } else {
        task->info[number].value = (uint64_t)(uintptr_t)info->si_value.sival_ptr;
    }
    __atomic_fetch_or(&task->pending, SIGNAL_BIT(number), __ATOMIC_SEQ_CST);
    task->cpu->slice = -1;
    zf_timer_nudge(task);
}

void zf_signal_mask(const struct zf_task *task) {
    if (!zf_record_repeats(task)) {
        zf_host_mask((task->blocked | task->pending) & ~HOST_OPEN);
    }
}

void zf_signal_block(struct zf_task *task, uint64_t mask) {
    task->blocked = mask & ~UNBLOCKABLE;
    zf_signal_mask(task);
}

void zf_signal_suspend(struct zf_task *task, uint64_t mask) {
    if (!task->suspended) {
        task->suspend_saved = task->blocked;
        task->suspended = true;
    }
    task->blocked = mask & ~UNBLOCKABLE;
}

/* What is ignored or has its default when zfacet starts is so for the guest. */
void zf_signal_attach(struct zf_task *task) {
    attached = task;
    zf_linear_on_sent(&task->machine->storage, zf_signal_caught);
    task->blocked = zf_host_get_mask();
    task->alt_flags = GUEST_SS_DISABLE;
    for (int n = 1; n <= ZF_SIGNALS; n++) {
        if (zf_host_ignores(n)) {
            task->process->actions[n].handler = GUEST_SIG_IGN;
        }
    }
}

void zf_signal_adopt(struct zf_task *task) {
    attached = task;
    zf_signal_block(task, task->blocked);
}

/* Sent again, as it was sent: the kernel chooses another thread for it. */
static void pass_on(const struct zf_guest_siginfo *info, int number) {
    siginfo_t host = {.si_signo = number, .si_code = info->code, .si_errno = info->error};
    host.si_pid = info->pid;
    host.si_uid = info->uid;
    if (number == SIGCHLD) {
        host.si_status = info->status;
    } else {
        host.si_value.sival_ptr = (void *)(uintptr_t)info->value;
    }
    syscall(SYS_rt_sigqueueinfo, getpid(), number, &host);
}

void zf_signal_leave(struct zf_task *task) {
    zf_host_mask(UINT64_MAX);
    for (int n = 1; n <= ZF_SIGNALS; n++) {
        if (task->pending & SIGNAL_BIT(n) && task->info[n].code != SI_TKILL &&
            !(SIGNAL_BIT(n) & SYNCHRONOUS)) {
            pass_on(&task->info[n], n);
        }
    }
    task->pending = 0;
}

static bool host_handled(int number) {
    return number == SIGSEGV || number == SIGBUS || number == SIGKILL || number == SIGSTOP ||
           number == ZF_SIGNALS;
}

void zf_signal_detach(struct zf_task *task) {
    for (int n = 1; n <= ZF_SIGNALS; n++) {
        if (task->process->actions[n].handler > GUEST_SIG_IGN && !host_handled(n)) {
            zf_host_action(n, ZF_HOST_DEFAULT, 0);
        }
    }
    if (attached == task) {
        attached = NULL;
    }
}

void zf_signal_reset(struct zf_task *task) {
    for (int n = 1; n <= ZF_SIGNALS; n++) {
        if (task->process->actions[n].handler > GUEST_SIG_IGN) {
            if (!host_handled(n)) {
                zf_host_action(n, ZF_HOST_DEFAULT, 0);
            }
            task->process->actions[n] = (struct zf_guest_action){0};
        }
    }
}

void zf_signal_exec(struct zf_task *task) {
    zf_signal_reset(task);
    task->pending = task->seen = 0;
    zf_signal_mask(task);
    task->alt_flags = GUEST_SS_DISABLE;
    task->suspended = false;
}

bool zf_signal_comes(const struct zf_task *task) {
    return task->pending & ~task->blocked || task->suspended;
}

/* Where there is a record, what it does not have yet is not there. */
static uint64_t open_signals(const struct zf_task *task) {
    uint64_t seen = task->process->record ? task->seen : UINT64_MAX;
    return task->pending & seen & ~task->blocked;
}

bool zf_signal_waits(const struct zf_task *task) {
    return open_signals(task) || task->suspended;
}

static void clear_pending(struct zf_task *task, int number) {
    zf_record_taken(task, number);
    __atomic_fetch_and(&task->pending, ~SIGNAL_BIT(number), __ATOMIC_SEQ_CST);
}

/* A futex's wait with a time limit: what is left of it is not known. */
static bool is_limited_wait(const struct zf_task *task, uint64_t number) {
    enum { FUTEX = 238, WAIT = 0, WAIT_BITSET = 9, COMMAND = 0x7f };
    uint64_t command = task->cpu->gr[3] & COMMAND;
    return number == FUTEX && (command == WAIT || command == WAIT_BITSET) && task->cpu->gr[5];
}

bool zf_signal_restarts(const struct zf_task *task, uint64_t number) {
    /* pause, poll, the sleeps, select, the waits for signals, semaphores and messages never start
     * again */
    static const uint16_t never[] = {29,  72,  117, 142, 162, 168, 177, 179, 251,
                                     262, 301, 302, 312, 392, 400, 401, 441};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(never); i++) {
        if (never[i] == number) {
            return false;
        }
    }
    if (is_limited_wait(task, number)) {
        return false;
    }
    uint64_t open = open_signals(task);
    return open && task->process->actions[__builtin_ctzll(open) + 1].flags & GUEST_SA_RESTART;
}

/* These return EINTR even if no handler gets the signal: sigtimedwait, epoll_wait and its like, and
 * operations on semaphores. */
static bool ends_by_signals(uint64_t number, const uint64_t *args) {
    enum { IPC = 117, SEMOP = 1, SEMTIMEDOP = 4 };
    static const uint16_t numbers[] = {177, 251, 312, 392, 441};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(numbers); i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return number == IPC && (args[0] == SEMOP || args[0] == SEMTIMEDOP);
}

void zf_signal_interrupted(struct zf_task *task, uint64_t number, const uint64_t *args) {
    if (!ends_by_signals(number, args)) {
        task->interrupted = (struct zf_interrupted){task->cpu->psw.addr, args[0]};
    }
}

/* No handler got a signal: the call is made again, unless a debugger has gone elsewhere. */
static void restart(struct zf_task *task) {
    struct zf_cpu *cpu = task->cpu;
    if (task->interrupted.next == cpu->psw.addr && (int64_t)cpu->gr[2] == -EINTR) {
        cpu->gr[2] = task->interrupted.argument;
        cpu->psw.addr -= 2;
        zf_limit_again(task);
    }
    task->interrupted.next = 0;
}

static bool ignored_by_default(int number) {
    return number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
}

void zf_signal_raise(struct zf_task *task, int number, const struct zf_guest_siginfo *info) {
    task->info[number] = *info;
    __atomic_fetch_or(&task->pending, SIGNAL_BIT(number), __ATOMIC_SEQ_CST);
    task->cpu->slice = -1;
}

/* The action for a signal that is going to be delivered; one with SA_RESETHAND is taken once. */
static struct zf_guest_action take_action(struct zf_linux *process, int number) {
    pthread_mutex_lock(&process->lock);
    struct zf_guest_action *action = &process->actions[number], taken = *action;
    if (taken.handler > GUEST_SIG_IGN && taken.flags >> GUEST_SA_RESETHAND_SHIFT & 1) {
        action->handler = GUEST_SIG_DFL;
        if (!host_handled(number) && !zf_record_repeats(process->leader)) {
            zf_host_action(number, ZF_HOST_DEFAULT, 0);
        }
    }
    pthread_mutex_unlock(&process->lock);
    return taken;
}

static bool is_traced(const struct zf_task *task) {
    return task->process->config.trace_line && !zf_record_repeats(task);
}

/* One signal to its disposition. False: the program is dead. */
static bool deliver(struct zf_task *task, int number) {
    struct zf_guest_siginfo info = task->info[number];
    struct zf_guest_action taken = take_action(task->process, number);
    const struct zf_guest_action *action = &taken;
    uint64_t old_mask = task->suspended ? task->suspend_saved : task->blocked;
    if (is_traced(task)) {
        zf_trace_signal(task, number, &info);
    }
    if (action->handler == GUEST_SIG_IGN ||
        (action->handler == GUEST_SIG_DFL && ignored_by_default(number))) {
        return true;
    }
    if (action->handler == GUEST_SIG_DFL) {
        zf_linux_die(task, number);
        return false;
    }
    const struct zf_linux_log *log = task->process->config.log;
    if (log && !info.condition) {
        log->signal(log->context, number);
    }
    if (!zf_frame_push(task, number, &info, action, old_mask)) {
        zf_linux_die(task, SIGSEGV);
        return false;
    }
    task->suspended = false;
    task->interrupted.next = task->watch.next = task->call_until = 0;
    zf_turn_leave_wait(task);
    task->limit.again = false;                    /* for the handler may make calls in between */
    uint64_t mask = task->blocked | action->mask; /* also while suspended: more may follow */
    zf_signal_block(task, action->flags & GUEST_SA_NODEFER ? mask : mask | SIGNAL_BIT(number));
    return true;
}

void zf_signal_deliver(struct zf_task *task) {
    for (;;) {
        uint64_t open = open_signals(task);
        if (!open) {
            break;
        }
        int number = __builtin_ctzll(open) + 1;
        if (zf_signal_is_held(task, number)) {
            return; /* what was interrupted stays so */
        }
        clear_pending(task, number);
        if (!deliver(task, number)) {
            return;
        }
    }
    if (task->interrupted.next) {
        restart(task);
    }
    if (task->suspended) {
        task->suspended = false;
        zf_signal_block(task, task->suspend_saved);
    } else {
        zf_signal_mask(task); /* what waited no longer does */
    }
}

void zf_signal_force(struct zf_task *task, int number, const struct zf_guest_siginfo *info) {
    task->info[number] = *info;
    bool blocked = task->blocked & SIGNAL_BIT(number);
    if (!blocked && zf_signal_is_held(task, number)) {
        zf_signal_raise(task, number, info);
        return;
    }
    if (!blocked && task->process->actions[number].handler > GUEST_SIG_IGN) {
        deliver(task, number);
        return;
    }
    if (is_traced(task)) {
        zf_trace_signal(task, number, info);
    }
    zf_linux_die(task, number);
}

bool zf_signal_pgm(void *context, struct zf_cpu *cpu) {
    struct zf_task *task = cpu->task;
    (void)context;
    struct zf_guest_siginfo info = {.condition = true};
    int number = zf_signal_of_condition(&cpu->pgm, &info.code);
    uint64_t at = cpu->psw.addr - cpu->pgm.ilc;
    if (cpu->pgm.code == ZF_PGM_PROTECTION) {
        cpu->psw.addr = at; /* Linux lets the instruction be tried again */
    }
    if (number == SIGSEGV && cpu->fault_in_file) {
        number = SIGBUS;
        info.code = BUS_ADRERR;
    }
    cpu->fault_in_file = false;
    info.address = number == SIGSEGV || number == SIGBUS ? cpu->pgm.address & ZF_PAGE_MASK : at;
    zf_signal_force(task, number, &info); /* cannot be ignored */
    return !task->machine->stop;
}

bool zf_signal_set(struct zf_task *task, uint64_t address, uint64_t size, uint64_t *set,
                   int64_t *error) {
    if (size != SET_SIZE) {
        *error = -EINVAL;
        return false;
    }
    const uint8_t *p = zf_guest_in(task, address, SET_SIZE);
    if (!p) {
        *error = -EFAULT;
        return false;
    }
    *set = zf_get64(p);
    return true;
}

static void set_host_action(const struct zf_guest_action *action, int number) {
    uint64_t flags = action->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT);
    zf_host_action(number,
                   action->handler == GUEST_SIG_DFL   ? ZF_HOST_DEFAULT
                   : action->handler == GUEST_SIG_IGN ? ZF_HOST_IGNORE
                                                      : zf_signal_caught,
                   flags);
}

void zf_signal_reassert(struct zf_linux *process, int number) {
    pthread_mutex_lock(&process->lock);
    set_host_action(&process->actions[number], number);
    pthread_mutex_unlock(&process->lock);
}

/* Sets the action and the host's, if there is a new one; the old one. */
static struct zf_guest_action exchange_action(struct zf_linux *process, int number,
                                              const struct zf_guest_action *new) {
    pthread_mutex_lock(&process->lock);
    struct zf_guest_action old = process->actions[number];
    if (new) {
        process->actions[number] = *new;
        if (!host_handled(number) && !zf_record_repeats(process->leader)) {
            set_host_action(new, number);
        }
    }
    pthread_mutex_unlock(&process->lock);
    return old;
}

int64_t zf_signal_action(struct zf_task *task, int number, const struct zf_guest_action *new,
                         struct zf_guest_action *old) {
    if (number < 1 || number > ZF_SIGNALS || (new && (number == SIGKILL || number == SIGSTOP))) {
        return -EINVAL;
    }
    *old = exchange_action(task->process, number, new);
    return 0;
}

int64_t zf_sys_rt_sigaction(struct zf_task *task, const uint64_t *a) {
    if (a[3] != SET_SIZE) {
        return -EINVAL;
    }
    const uint8_t *in = a[1] ? zf_guest_in(task, a[1], 32) : NULL;
    uint8_t *out = a[2] ? zf_guest_out(task, a[2], 32) : NULL;
    if ((a[1] && !in) || (a[2] && !out)) {
        return -EFAULT;
    }
    struct zf_guest_action new = {0}, old;
    if (in) {
        new = (struct zf_guest_action){zf_get64(in), zf_get64(in + 8), zf_get64(in + 16),
                                       zf_get64(in + 24)};
    }
    int64_t error = zf_signal_action(task, (int)a[0], in ? &new : NULL, &old);
    if (!error && out) {
        zf_put64(out, old.handler);
        zf_put64(out + 8, old.flags);
        zf_put64(out + 16, old.restorer);
        zf_put64(out + 24, old.mask);
    }
    return error;
}

int64_t zf_sys_rt_sigprocmask(struct zf_task *task, const uint64_t *a) {
    uint64_t old = task->blocked, set = 0;
    int64_t error;
    if (a[3] != SET_SIZE || (a[1] && a[0] > 2)) {
        return -EINVAL;
    }
    if (a[1] && !zf_signal_set(task, a[1], a[3], &set, &error)) {
        return error;
    }
    if (a[2] && !zf_guest_put64(task, a[2], old)) {
        return -EFAULT;
    }
    if (a[1]) {
        zf_signal_block(task, a[0] == 0 ? old | set : a[0] == 1 ? old & ~set : set);
    }
    return 0;
}

int64_t zf_sys_rt_sigpending(struct zf_task *task, const uint64_t *a) {
    if (a[1] > SET_SIZE) {
        return -EINVAL;
    }
    uint64_t set = (zf_host_pending() | task->pending) & task->blocked;
    return zf_guest_put64(task, a[0], set) ? 0 : -EFAULT;
}

int64_t zf_signal_await(struct zf_task *task, uint64_t mask) {
    sigset_t host;
    zf_signal_suspend(task, mask);
    if (!(task->pending & ~task->blocked)) {
        zf_signal_to_host(mask & ~HOST_OPEN, &host);
        sigsuspend(&host);
    }
    return -EINTR;
}

int64_t zf_sys_rt_sigsuspend(struct zf_task *task, const uint64_t *a) {
    uint64_t set;
    int64_t error;
    return zf_signal_set(task, a[0], a[1], &set, &error) ? zf_signal_await(task, set) : error;
}

int64_t zf_sys_pause(struct zf_task *task, const uint64_t *a) {
    (void)task, (void)a;
    return zf_host_result(pause());
}

static struct zf_guest_siginfo info_of(const siginfo_t *host) {
    struct zf_guest_siginfo info = {.code = host->si_code,
                                    .error = host->si_errno,
                                    .pid = host->si_pid,
                                    .uid = host->si_uid,
                                    .status = host->si_status,
                                    .value = (uint64_t)(uintptr_t)host->si_value.sival_ptr};
    return info;
}

/* Takes a signal of `set` that has been caught already and waits; 0: there is none. */
static int take_pending(struct zf_task *task, uint64_t set, struct zf_guest_siginfo *info) {
    uint64_t waiting = task->pending & task->blocked & set;
    if (!waiting) {
        return 0;
    }
    int number = __builtin_ctzll(waiting) + 1;
    *info = task->info[number];
    clear_pending(task, number);
    return number;
}

int64_t zf_sys_rt_sigtimedwait(struct zf_task *task, const uint64_t *a) {
    uint64_t set;
    int64_t error;
    struct timespec timeout;
    sigset_t host;
    siginfo_t host_info;
    if (!zf_signal_set(task, a[0], a[3], &set, &error)) {
        return error;
    }
    if (a[2] && !zf_get_timespec(task, a[2], &timeout)) {
        return -EFAULT;
    }
    struct zf_guest_siginfo info;
    int number = take_pending(task, set, &info);
    if (!number) {
        zf_signal_to_host(set & ~SIGNAL_BIT(ZF_SIGNALS), &host); /* it comes for other reasons */
        number = sigtimedwait(&host, &host_info, a[2] ? &timeout : NULL);
        if (number < 0) {
            /* those of the linear map interrupt it, as they do not wait to be fetched */
            number = errno == EINTR ? take_pending(task, set, &info) : -errno;
            if (number <= 0) {
                return number ? number : -EINTR;
            }
        } else {
            info = info_of(&host_info);
        }
    }
    uint8_t *out = a[1] ? zf_guest_out(task, a[1], 128) : NULL;
    if (a[1] && !out) {
        return -EFAULT;
    }
    if (out) {
        zf_put_siginfo(out, number, &info);
    }
    return number;
}

int64_t zf_sys_sigaltstack(struct zf_task *task, const uint64_t *a) {
    uint64_t sp = task->cpu->gr[15];
    bool on = !(task->alt_flags & (GUEST_SS_DISABLE | ZF_SS_AUTODISARM)) &&
              sp - task->alt_base < task->alt_size;
    const uint8_t *in = a[0] ? zf_guest_in(task, a[0], 24) : NULL;
    uint64_t base = 0, size = 0;
    uint32_t flags = 0;
    if (a[0] && !in) {
        return -EFAULT;
    }
    if (in) {
        base = zf_get64(in);
        flags = zf_get32(in + 8);
        size = zf_get64(in + 16);
    }
    if (a[1]) {
        uint8_t *out = zf_guest_out(task, a[1], 24);
        if (!out) {
            return -EFAULT;
        }
        zf_put64(out, task->alt_base);
        zf_put32(out + 8, on ? GUEST_SS_ONSTACK : task->alt_flags);
        zf_put32(out + 12, 0);
        zf_put64(out + 16, task->alt_size);
    }
    if (in) {
        if (on) {
            return -EPERM;
        }
        if (flags & ~(3u | ZF_SS_AUTODISARM)) {
            return -EINVAL;
        }
        if (!(flags & GUEST_SS_DISABLE) && size < GUEST_MINSIGSTKSZ) {
            return -ENOMEM;
        }
        task->alt_base = flags & GUEST_SS_DISABLE ? 0 : base;
        task->alt_size = flags & GUEST_SS_DISABLE ? 0 : size;
        task->alt_flags = flags & (GUEST_SS_DISABLE | ZF_SS_AUTODISARM);
    }
    return 0;
}

bool zf_signal_take_mask(struct zf_task *task, uint64_t address, uint64_t size, sigset_t *host,
                         int64_t *error) {
    uint64_t set;
    if (!zf_signal_set(task, address, size, &set, error)) {
        return false;
    }
    zf_signal_suspend(task, set);
    zf_signal_to_host(set & ~HOST_OPEN, host);
    return true;
}
