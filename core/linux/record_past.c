/*
 * A recorded program goes back: what a snapshot has of it, and how it does again what it did, until
 * it is where it was. In its past it has threads of its own (zf_record.again): those of the present
 * stand aside, with whatever signals come for them, and are there again at its end.
 */
#include "record_event.h"

#include "zfacet/linear_copy.h"

#include <stdlib.h>
#include <string.h>

/* What a snapshot has beside storage and CPUs. */
struct state {
    size_t next;
    uint64_t brk, mmap_base, random_state, futex_waits;
    unsigned lock_future;
    uint32_t personality;
    int leader_status;
    bool armed;
    const struct zf_cpu *last; /* who executed last, where sections can be restarted */
    struct zf_guest_action actions[ZF_SIGNALS + 1];
    unsigned count;
    struct zf_task tasks[]; /* the leader, which may have ended; and in order of the list */
};

static void add_task(struct state *s, const struct zf_task *task) {
    struct zf_task *saved = &s->tasks[s->count++];
    *saved = *task;
    saved->pending &= saved->seen;
}

void *zf_record_take(void *context) {
    const struct zf_linux *p = context;
    struct state *s = malloc(sizeof *s + (p->task_count + 1) * sizeof s->tasks[0]);
    if (!s) {
        return NULL;
    }
    *s = (struct state){.next = p->record->next,
                        .brk = p->brk,
                        .mmap_base = p->mmap_base,
                        .random_state = p->random_state,
                        .futex_waits = p->futex_waits,
                        .lock_future = p->lock_future,
                        .personality = p->personality,
                        .leader_status = p->leader_status,
                        .armed = p->permit.armed,
                        .last = p->permit.last};
    memcpy(s->actions, p->actions, sizeof s->actions);
    add_task(s, p->leader);
    for (const struct zf_task *t = p->tasks; t; t = t->next) {
        add_task(s, t);
    }
    p->record->kept = p->record->count;
    return s;
}

/* Room for the thread of the past that the CPU executes; NULL: out of memory. */
static struct zf_task *task_again(struct zf_linux *p, const struct zf_cpu *cpu) {
    struct zf_record *r = p->record;
    unsigned address = cpu->address, count = p->machine->cpus.count;
    if (count > r->again_count) {
        struct zf_task **grown = realloc(r->again, count * sizeof(struct zf_task *));
        if (!grown) {
            return NULL;
        }
        memset(grown + r->again_count, 0, (count - r->again_count) * sizeof(struct zf_task *));
        r->again = grown;
        r->again_count = count;
    }
    struct zf_task *task = r->again[address] ? r->again[address] : malloc(sizeof *task);
    r->again[address] = task;
    return task;
}

/* With the lock of the process. What of a thread is the host's, it does not have. */
static struct zf_task *add_again(struct zf_linux *p, const struct zf_task *then, bool listed) {
    struct zf_task *task = task_again(p, then->cpu);
    if (!task) {
        p->record->again_missing = true;
        return NULL;
    }
    *task = *then;
    task->has_timer = task->nudged = task->in_call = false;
    task->notes = NULL;
    task->again = 0; /* turns and their times are in the record */
    task->cpu->task = task;
    task->next = p->tasks;
    p->tasks = listed ? task : p->tasks;
    p->task_count += listed;
    return task;
}

static void forget_tasks(struct zf_linux *p) {
    for (unsigned i = 0; i < p->machine->cpus.count; i++) {
        p->machine->cpus.cpu[i]->task = NULL;
    }
    p->tasks = NULL;
    p->task_count = 0;
}

static void restore_tasks(struct zf_linux *p, const struct state *s) {
    pthread_mutex_lock(&p->lock);
    forget_tasks(p);
    p->record->again_missing = false;
    for (unsigned i = s->count; i-- > 1;) {
        add_again(p, &s->tasks[i], true);
    }
    struct zf_task *leader = s->tasks[0].cpu->task;
    leader = leader ? leader : add_again(p, &s->tasks[0], false);
    p->leader = leader ? leader : p->leader;
    pthread_mutex_unlock(&p->lock);
}

static void put_tasks_back(struct zf_linux *p) {
    const struct zf_record *r = p->record;
    pthread_mutex_lock(&p->lock);
    forget_tasks(p);
    p->tasks = r->tasks;
    p->task_count = r->task_count;
    p->leader = r->leader;
    p->leader->cpu->task = p->leader;
    for (struct zf_task *t = p->tasks; t; t = t->next) {
        t->cpu->task = t;
    }
    pthread_mutex_unlock(&p->lock);
}

struct zf_task *zf_record_born_again(struct zf_task *task) {
    struct zf_linux *p = task->process;
    const struct zf_event *e = &p->record->events[p->record->next - 1];
    const struct zf_task child = {.process = p,
                                  .machine = p->machine,
                                  .cpu = zf_machine_add_cpu_again(p->machine, task->cpu, e->born),
                                  .tid = (pid_t)e->result,
                                  .vfork_end = -1};
    pthread_mutex_lock(&p->lock);
    struct zf_task *born = add_again(p, &child, true);
    pthread_mutex_unlock(&p->lock);
    return born;
}

void zf_record_restore(void *context, const void *state) {
    struct zf_linux *p = context;
    const struct state *s = state;
    struct zf_record *r = p->record;
    bool flush = p->permit.armed != s->armed; /* code depends on it */
    r->next = r->repeats ? s->next : r->count;
    r->tried = 0;
    r->looks = false;
    p->machine->cpus.turns.given = r->repeats;
    p->brk = s->brk;
    p->mmap_base = s->mmap_base;
    p->random_state = s->random_state;
    p->futex_waits = s->futex_waits;
    p->lock_future = s->lock_future;
    p->personality = s->personality;
    p->leader_status = s->leader_status;
    p->permit.armed = s->armed;
    p->permit.last = s->last;
    p->hold.task = NULL;
    memcpy(p->actions, s->actions, sizeof p->actions);
    if (r->repeats) {
        restore_tasks(p, s);
    } else {
        put_tasks_back(p); /* the CPUs may have others, which have ended since */
    }
    if (flush) {
        zf_machine_flush(p->machine);
    }
}

static bool has_filter(const struct zf_linux *process) {
    for (const struct zf_task *t = process->tasks; t; t = t->next) {
        if (t->filter || t->strict) {
            return true;
        }
    }
    return false;
}

static const char *obstacle(const struct zf_linux *process) {
    return has_filter(process)      ? "it has a filter of system calls"
           : process->segment_count ? "it has attached shared memory"
           : process->binds_nodes   ? "it has bound storage to NUMA nodes"
                                    : zf_linear_cannot_copy(&process->machine->storage);
}

const char *zf_linux_lost(const struct zf_linux *process) {
    return process->record ? process->record->lost : "it was not recorded";
}

bool zf_linux_record_anew(struct zf_linux *process) {
    struct zf_record *r = process->record;
    if (r && r->lost) {
        zf_record_forget(r);
        zf_linear_files_anew(&process->machine->storage);
    }
    const char *why = r ? obstacle(process) : NULL;
    if (r) {
        r->lost = why;
    }
    return r && !why;
}

static bool begin_to_repeat(struct zf_linux *p) {
    struct zf_record *r = p->record;
    zf_machine_settle_threads(p->machine);
    zf_record_leave(p);
    if (r->lost) {
        return false;
    }
    pthread_mutex_lock(&p->lock);
    r->tasks = p->tasks;
    r->task_count = p->task_count;
    r->leader = p->leader;
    r->repeats = true;
    pthread_mutex_unlock(&p->lock);
    return true;
}

/* It is where it was last, or there is no other way. */
static void end_to_repeat(struct zf_linux *p, bool lost) {
    struct zf_record *r = p->record;
    put_tasks_back(p);
    r->repeats = r->again_missing = false;
    r->lost = lost ? r->stray : r->lost;
    r->stray = NULL;
    p->machine->cpus.turns.given = false;
    for (unsigned i = 0; i < r->again_count; i++) {
        free(r->again[i]);
        r->again[i] = NULL;
    }
}

bool zf_linux_repeat(struct zf_linux *process) {
    const struct zf_record *r = process->record;
    return r && (r->repeats || begin_to_repeat(process));
}

void zf_linux_repeat_no_more(struct zf_linux *process, bool lost) {
    if (process->record && process->record->repeats) {
        end_to_repeat(process, lost);
    }
}

bool zf_linux_is_stray(const struct zf_linux *process) {
    return process->record && process->record->stray;
}
