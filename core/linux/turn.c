/*
 * Calls that wait, in a repeatable run: a thread that sleeps gives up its turn, and what wakes it
 * is what another thread did in its own. What the host alone can answer is asked again and again,
 * in turns.
 */
#include "guest.h"
#include "signals.h"

#include "zfacet/turn_again.h"

#include <linux/futex.h>

enum { SECOND = 1000000000, MOMENT_NS = 1000000 };

static uint64_t to_ns(const struct timespec *t) {
    uint64_t seconds = (uint64_t)t->tv_sec;
    return seconds > UINT64_MAX / SECOND - 1 ? ZF_TURN_FOREVER
                                             : seconds * SECOND + (uint64_t)t->tv_nsec;
}

/* When, in time of the turns, a clock of the guest's shows `t`. */
static uint64_t time_of(const struct zf_task *task, clockid_t clock, const struct timespec *t) {
    uint64_t wanted = to_ns(t), now = zf_clock_ns(task->cpu, clock);
    uint64_t at = zf_turn_time(task->cpu->cpus);
    return wanted == ZF_TURN_FOREVER ? wanted : wanted > now ? at + (wanted - now) : at;
}

/* A thread sleeps. When no thread can ever wake it, the host's signals can, or the time limit. */
static void sleep_until(struct zf_task *task, enum zf_turn_state how, uint64_t until) {
    bool came = zf_turn_sleep(task->cpu, how, until);
    if (!zf_turn_is_lost(task->cpu) && (!came || task->cpu->turn.looked)) {
        const struct timespec moment = {0, MOMENT_NS};
        nanosleep(&moment, NULL);
    }
}

/* Whether the call has to end, or to be made again. Nothing that hurries the CPU from here on is
 * lost. */
static bool is_disturbed(struct zf_task *task) {
    __atomic_store_n(&task->cpu->slice, INT32_MAX, __ATOMIC_SEQ_CST);
    return zf_signal_comes(task) || zf_task_must_yield(task) || task->machine->stop;
}

int64_t zf_turn_sleep_until(struct zf_task *task, clockid_t clock, const struct timespec *t) {
    uint64_t until = time_of(task, clock, t);
    while (!is_disturbed(task) && zf_turn_time(task->cpu->cpus) < until) {
        sleep_until(task, ZF_TURN_SLEEPING, until);
    }
    bool over = !zf_turn_is_lost(task->cpu) && zf_turn_time(task->cpu->cpus) >= until;
    return over ? 0 : -EINTR;
}

static uint64_t limit_of(const struct zf_task *task, const struct zf_turn_futex *f) {
    const struct timespec *t = f->timeout;
    bool absolute = (f->operation & FUTEX_CMD_MASK) != FUTEX_WAIT;
    if (!t) {
        return ZF_TURN_FOREVER;
    }
    if (!absolute) {
        uint64_t ns = to_ns(t), now = zf_turn_time(task->cpu->cpus);
        return ns > ZF_TURN_FOREVER - now ? ZF_TURN_FOREVER : now + ns;
    }
    return time_of(task, f->operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, t);
}

static bool is_here(const struct zf_task *task, const struct zf_wait *wait) {
    return wait->next == task->cpu->psw.addr && wait->stack == task->cpu->gr[15];
}

int64_t zf_turn_yield(struct zf_task *task) {
    bool yielded = is_here(task, &task->yield);
    task->yield.next = 0;
    if (!yielded) {
        zf_turn_pass(task->cpu);
    }
    if (zf_turn_is_lost(task->cpu)) {
        task->yield = (struct zf_wait){task->cpu->psw.addr, task->cpu->gr[15]};
        return -EINTR;
    }
    return 0;
}

static void end_wait(struct zf_task *task) {
    task->futex = NULL;
    task->futex_woken = false;
    task->wait.next = 0;
}

/* Its turn may be over: others go on from the time that it took. */
void zf_turn_undo_call(struct zf_task *task) {
    if (task->cpu->cpus->turns.on) {
        task->again += zf_turn_undo(task->cpu);
    }
}

void zf_turn_redo_call(struct zf_task *task) {
    if (task->again && !zf_turn_is_lost(task->cpu)) {
        zf_turn_redo(task->cpu, task->again);
        task->again = 0;
    }
}

/* What has woken the thread is not lost. */
void zf_turn_leave_wait(struct zf_task *task) {
    if (task->wait.next && task->futex_woken) {
        task->woken = task->wait;
    }
    end_wait(task);
}

static bool was_woken(struct zf_task *task) {
    bool was = is_here(task, &task->woken);
    task->woken.next = was ? 0 : task->woken.next;
    return was;
}

static void queue(struct zf_task *task, const uint32_t *word, uint32_t value) {
    task->futex = word;
    task->futex_value = value;
    task->futex_since = task->process->futex_waits++;
}

static void begin_wait(struct zf_task *task, const struct zf_turn_futex *f, uint32_t mask) {
    queue(task, f->word, f->value);
    task->futex_mask = mask;
    task->futex_woken = false;
    task->wait = (struct zf_wait){task->cpu->psw.addr, task->cpu->gr[15]};
}

static bool wait_is_over(const struct zf_task *task, bool shared) {
    return task->futex_woken ||
           (shared && __atomic_load_n(task->futex, __ATOMIC_SEQ_CST) != task->futex_value);
}

/*
 * A word that processes share is looked at now and then, for no other process has turns here. Who
 * is disturbed waits on, in its place in the queue, until the call is made again, and looks no
 * sooner for it.
 */
static int64_t wait(struct zf_task *task, const struct zf_turn_futex *f, uint32_t mask) {
    bool shared = !(f->operation & FUTEX_PRIVATE_FLAG);
    uint64_t until = limit_of(task, f);
    if (was_woken(task)) {
        return 0;
    }
    bool disturbed = is_disturbed(task);
    if (!is_here(task, &task->wait)) {
        if (__atomic_load_n(f->word, __ATOMIC_SEQ_CST) != f->value) {
            return -EAGAIN;
        }
        if (disturbed) {
            return -EINTR;
        }
        begin_wait(task, f, mask);
    }
    if (!disturbed && !task->futex_woken) {
        sleep_until(task, shared ? ZF_TURN_WATCHING : ZF_TURN_SLEEPING, until);
    }
    if (zf_turn_is_lost(task->cpu)) {
        return -EINTR;
    }
    bool over = wait_is_over(task, shared);
    if (!over && zf_turn_time(task->cpu->cpus) < until) {
        return -EINTR;
    }
    end_wait(task);
    return over ? 0 : -ETIMEDOUT;
}

/* Who has waited longest for the word. */
static struct zf_task *first_waiter(struct zf_task *task, const uint32_t *word, uint32_t mask) {
    struct zf_task *first = NULL;
    for (struct zf_task *t = task->process->tasks; t; t = t->next) {
        if (t->futex == word && t->futex_mask & mask &&
            (!first || t->futex_since < first->futex_since)) {
            first = t;
        }
    }
    return first;
}

static int64_t wake(struct zf_task *task, const struct zf_turn_futex *f, uint32_t mask) {
    struct zf_task *waiter;
    int64_t woken = 0;
    while (woken < (int32_t)f->value && (waiter = first_waiter(task, f->word, mask))) {
        waiter->futex = NULL;
        waiter->futex_woken = true;
        zf_cpu_hurry(waiter->cpu);
        woken++;
    }
    return woken;
}

static int64_t requeue(struct zf_task *task, const struct zf_turn_futex *f) {
    struct zf_task *waiter;
    int64_t count = wake(task, f, FUTEX_BITSET_MATCH_ANY);
    for (uintptr_t more = (uintptr_t)f->timeout;
         more && f->word2 != f->word &&
         (waiter = first_waiter(task, f->word, FUTEX_BITSET_MATCH_ANY));
         more--) {
        queue(waiter, f->word2, __atomic_load_n(f->word2, __ATOMIC_SEQ_CST));
        count++;
    }
    return count;
}

int64_t zf_turn_futex(struct zf_task *task, const struct zf_turn_futex *f) {
    switch (f->operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
        return wait(task, f, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAIT_BITSET:
        return f->value3 ? wait(task, f, f->value3) : -EINVAL;
    case FUTEX_WAKE:
        return wake(task, f, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET:
        return f->value3 ? wake(task, f, f->value3) : -EINVAL;
    case FUTEX_CMP_REQUEUE:
        if (__atomic_load_n(f->word, __ATOMIC_SEQ_CST) != f->value3) {
            return -EAGAIN;
        }
        return requeue(task, f);
    default:
        return requeue(task, f);
    }
}

/* The calls that wait for so long at most: which argument says it, in which unit. */
enum unit { MILLISECONDS, TIMESPEC, TIMEVAL };
static const struct limited {
    zf_syscall *function;
    unsigned argument;
    enum unit unit;
    int64_t over; /* what they return then */
} limited[] = {{zf_sys_poll, 2, MILLISECONDS, 0},
               {zf_sys_epoll_wait, 3, MILLISECONDS, 0},
               {zf_sys_epoll_pwait, 3, MILLISECONDS, 0},
               {zf_sys_ppoll, 2, TIMESPEC, 0},
               {zf_sys_pselect6, 4, TIMESPEC, 0},
               {zf_sys_select, 4, TIMEVAL, 0},
               {zf_sys_rt_sigtimedwait, 2, TIMESPEC, -EAGAIN}};

static const struct limited *find_limited(zf_syscall *function) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(limited); i++) {
        if (limited[i].function == function) {
            return &limited[i];
        }
    }
    return NULL;
}

static uint64_t end_of_call(struct zf_task *task, zf_syscall *function, const uint64_t *args) {
    enum { NS_OF_MS = 1000000, NS_OF_US = 1000 };
    const struct limited *l = find_limited(function);
    uint64_t value = l ? args[l->argument] : 0, ns = 0;
    struct timespec t;
    if (!l || (l->unit == MILLISECONDS ? (int32_t)value < 0 : !value)) {
        return ZF_TURN_FOREVER;
    }
    if (l->unit == MILLISECONDS) {
        ns = value * NS_OF_MS;
    } else if (zf_get_timespec(task, value, &t)) {
        t.tv_nsec *= l->unit == TIMEVAL ? NS_OF_US : 1;
        ns = to_ns(&t);
    }
    uint64_t now = zf_turn_time(task->cpu->cpus);
    return ns > ZF_TURN_FOREVER - now ? ZF_TURN_FOREVER : now + ns;
}

/* These wait in turns by themselves. */
static bool is_patient(zf_syscall *function) {
    return function == zf_sys_futex || function == zf_sys_nanosleep ||
           function == zf_sys_clock_nanosleep;
}

static bool has_company(const struct zf_task *task) {
    return task->process->task_count > 1;
}

/* Until there is time to look again. False: the machine has stopped, and it is to watch on. */
static bool watch(struct zf_task *task) {
    const struct zf_cpu *cpu = task->cpu;
    zf_turn_sleep(task->cpu, ZF_TURN_WATCHING, task->call_until);
    if (zf_turn_is_lost(cpu)) {
        task->watch = (struct zf_wait){cpu->psw.addr, cpu->gr[15]};
        return false;
    }
    return true;
}

/* It watched when the machine stopped, and looks no sooner for it. False: that has stopped again.
 */
static bool watch_on(struct zf_task *task) {
    bool watched = is_here(task, &task->watch);
    task->watch.next = 0;
    return !watched || watch(task);
}

bool zf_turn_before_call(struct zf_task *task, zf_syscall *function, const uint64_t *args) {
    if (!is_here(task, &task->wait)) {
        zf_turn_leave_wait(task);
    }
    if (!task->cpu->cpus->turns.on || is_patient(function)) {
        return true;
    }
    if (!task->call_until) {
        task->call_until = end_of_call(task, function, args);
    }
    if (!watch_on(task)) {
        return false;
    }
    if (has_company(task)) {
        zf_timer_nudge(task);
    }
    return true;
}

int64_t zf_turn_after_call(struct zf_task *task, zf_syscall *function, int64_t result) {
    const struct zf_cpus *cpus = task->cpu->cpus;
    if (result != -EINTR) {
        end_wait(task);
    }
    if (!cpus->turns.on || is_patient(function) || task->ended) {
        return result;
    }
    uint64_t until = task->call_until;
    const struct limited *l = find_limited(function);
    if (result == -EINTR && task->machine->stop) {
        return result; /* it is made again when the machine runs again */
    }
    if (result == -EINTR && has_company(task) && !is_disturbed(task)) {
        if (!watch(task) || !l || zf_turn_time(cpus) < until) {
            return result; /* the call is made again */
        }
        result = l->over;
    } else if (l && result == l->over && until != ZF_TURN_FOREVER && !is_disturbed(task)) {
        zf_turn_sleep(task->cpu, ZF_TURN_SLEEPING, until); /* it has waited so long */
        if (zf_turn_is_lost(task->cpu)) {
            return -EINTR;
        }
    }
    task->call_until = 0;
    return result;
}
