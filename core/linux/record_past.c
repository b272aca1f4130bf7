/*
 * A recorded program goes back: what a snapshot has of it, and how it does again what it did, until
 * it is where it was.
 */
#include "record_event.h"

#include "zfacet/linear_copy.h"

#include <stdlib.h>
#include <string.h>

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))

/* What a snapshot has beside storage and CPUs. */
struct state {
    size_t next;
    uint64_t brk, mmap_base, random_state, futex_waits;
    unsigned lock_future;
    uint32_t personality;
    bool armed;
    struct zf_guest_action actions[ZF_SIGNALS + 1];
    struct zf_task task;
};

void *zf_record_take(void *context) {
    const struct zf_linux *p = context;
    struct state *s = malloc(sizeof *s);
    if (s) {
        *s = (struct state){.next = p->record->next,
                            .brk = p->brk,
                            .mmap_base = p->mmap_base,
                            .random_state = p->random_state,
                            .futex_waits = p->futex_waits,
                            .lock_future = p->lock_future,
                            .personality = p->personality,
                            .armed = p->permit.armed,
                            .task = *p->leader};
        memcpy(s->actions, p->actions, sizeof s->actions);
        s->task.pending &= s->task.seen;
    }
    return s;
}

/* What of a thread is the host's. */
static void restore_task(struct zf_task *task, struct zf_task then) {
    then.next = task->next;
    then.tid = task->tid;
    then.timer = task->timer;
    then.has_timer = task->has_timer;
    then.nudged = task->nudged;
    then.in_call = false;
    *task = then;
}

void zf_record_restore(void *context, const void *state) {
    struct zf_linux *p = context;
    const struct state *s = state;
    bool flush = p->permit.armed != s->armed; /* code depends on it */
    p->record->next = s->next;
    p->brk = s->brk;
    p->mmap_base = s->mmap_base;
    p->random_state = s->random_state;
    p->futex_waits = s->futex_waits;
    p->lock_future = s->lock_future;
    p->personality = s->personality;
    p->permit.armed = s->armed;
    p->hold.task = NULL;
    memcpy(p->actions, s->actions, sizeof p->actions);
    restore_task(p->leader, s->task);
    if (flush) {
        zf_machine_flush(p->machine);
    }
}

static const char *obstacle(const struct zf_linux *process) {
    const struct zf_task *task = process->leader;
    return process->task_count > 1 || process->tasks != task ? ZF_RECORD_THREADS
           : task->filter || task->strict                    ? "it has a filter of system calls"
           : process->segment_count                          ? "it has attached shared memory"
                                    : zf_linear_cannot_copy(&process->machine->storage);
}

const char *zf_linux_lost(const struct zf_linux *process) {
    return process->record ? process->record->lost : "it was not recorded";
}

bool zf_linux_record_anew(struct zf_linux *process, int64_t executed) {
    struct zf_record *r = process->record;
    if (r && r->lost && process->task_count == 1) {
        zf_linear_files_anew(&process->machine->storage);
    }
    const char *why = r ? obstacle(process) : NULL;
    if (r && why) {
        r->lost = why;
    } else if (r && r->lost) {
        zf_machine_settle_threads(process->machine);
        zf_record_forget(r);
        r->others = executed - zf_turn_total(process->leader->cpu);
        r->lost = NULL;
    }
    return r && !why;
}

/* Signals that wait are noticed first, so that they wait at the end of the record, too. Those that
 * come meanwhile wait on the host, where the program has handlers for them. */
static void begin_to_repeat(struct zf_linux *process) {
    struct zf_task *task = process->leader;
    uint64_t handled = 0;
    for (int n = 1; n <= ZF_SIGNALS; n++) {
        handled |= process->actions[n].handler > 1 ? SIGNAL_BIT(n) : 0;
    }
    zf_signal_hold_back(task, handled);
    zf_record_look(task, false);
    process->record->repeats = true;
}

/* It is where it was last. */
static void end_to_repeat(struct zf_linux *process) {
    struct zf_task *task = process->leader;
    struct zf_record *r = process->record;
    while (r->next < r->count) {
        const struct zf_event *e = &r->events[r->next];
        if (e->kind == ZF_EVENT_SIGNAL && e->at == zf_turn_total(task->cpu)) {
            zf_record_look_again(task, false, true);
        } else if (e->kind == ZF_EVENT_HELD) {
            r->next++;
        } else if (e->kind != ZF_EVENT_ANSWER || !(task->pending & SIGNAL_BIT(e->number))) {
            zf_record_stray(task);
            break;
        } else if (!zf_record_kept_away(task, e->number)) {
            task->let_through |= SIGNAL_BIT(e->number);
        }
    }
    r->repeats = false;
    zf_signal_mask(task);
}

void zf_linux_repeat(struct zf_linux *process, bool on) {
    if (on != process->record->repeats) {
        (on ? begin_to_repeat : end_to_repeat)(process);
    }
}

int64_t zf_linux_next_signal(const struct zf_linux *process, int64_t at) {
    const struct zf_record *r = process->record;
    size_t low = 0, count = r->place_count;
    while (low < count) {
        size_t middle = (low + count) / 2;
        if (r->places[middle] > at - r->others) {
            count = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < r->place_count ? r->places[low] + r->others : INT64_MAX;
}
