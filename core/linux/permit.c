/*
 * A permit to execute guest code, which one thread of the process has at a time. It is given back
 * before each system call, and between two blocks when others have waited for a moment. Who waits
 * longest is next. In a repeatable run, turns are such permits already.
 */
#include "guest.h"

enum { MOMENT = 1000000, SECOND = 1000000000 };

struct zf_permit_waiter {
    struct zf_permit_waiter *next;
};

void zf_permit_init(struct zf_permit *permit) {
    pthread_mutex_init(&permit->lock, NULL);
    pthread_cond_init(&permit->changed, NULL);
    permit->holder = NULL;
    permit->first = NULL;
}

void zf_permit_destroy(struct zf_permit *permit) {
    pthread_cond_destroy(&permit->changed);
    pthread_mutex_destroy(&permit->lock);
}

static bool stops(const struct zf_task *task) {
    return zf_task_must_yield(task) || __atomic_load_n(&task->machine->stop, __ATOMIC_ACQUIRE);
}

/* With the lock: until it changes hands, or for a moment, after which the holder is asked for it.
 */
static void await(struct zf_permit *permit) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += MOMENT;
    t.tv_sec += t.tv_nsec / SECOND;
    t.tv_nsec %= SECOND;
    if (pthread_cond_timedwait(&permit->changed, &permit->lock, &t) && permit->holder) {
        zf_cpu_hurry(permit->holder->cpu);
    }
}

static struct zf_permit_waiter **end_of(struct zf_permit *permit) {
    struct zf_permit_waiter **end = &permit->first;
    while (*end) {
        end = &(*end)->next;
    }
    return end;
}

static void take_out(struct zf_permit *permit, const struct zf_permit_waiter *waiter) {
    struct zf_permit_waiter **link = &permit->first;
    while (*link != waiter) {
        link = &(*link)->next;
    }
    *link = waiter->next;
}

/* With the lock. False: the thread has to do something else. */
static bool queue(struct zf_task *task) {
    struct zf_permit *permit = &task->process->permit;
    struct zf_permit_waiter waiter = {NULL};
    *end_of(permit) = &waiter;
    while ((permit->holder || permit->first != &waiter) && !stops(task)) {
        await(permit);
    }
    bool got = !permit->holder && permit->first == &waiter;
    take_out(permit, &waiter);
    if (got) {
        permit->holder = task;
    }
    return got;
}

/* With the lock. */
static void give(struct zf_permit *permit) {
    permit->holder = NULL;
    if (permit->first) {
        pthread_cond_broadcast(&permit->changed);
    }
}

static bool take(struct zf_task *task) {
    struct zf_permit *permit = &task->process->permit;
    if (permit->holder == task) {
        if (!permit->first) {
            return true;
        }
        give(permit);
    }
    return queue(task);
}

bool zf_permit_take(struct zf_task *task, bool *other) {
    struct zf_permit *permit = &task->process->permit;
    bool in_guest = task->cpu->in_guest;
    if (in_guest) {
        zf_cpu_leave(task->cpu);
    }
    pthread_mutex_lock(&permit->lock);
    bool got = task->cpu->cpus->turns.on || take(task);
    *other = got && permit->last != task->cpu;
    permit->last = got ? task->cpu : permit->last;
    pthread_mutex_unlock(&permit->lock);
    if (in_guest) {
        zf_cpu_enter(task->cpu);
    }
    return got;
}

void zf_permit_give(struct zf_task *task) {
    struct zf_permit *permit = &task->process->permit;
    if (__atomic_load_n(&permit->armed, __ATOMIC_ACQUIRE)) {
        pthread_mutex_lock(&permit->lock);
        if (permit->holder == task) {
            give(permit);
        }
        pthread_mutex_unlock(&permit->lock);
    }
}
