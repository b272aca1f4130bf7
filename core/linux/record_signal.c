/*
 * The signals in a program's record: a signal comes when the host likes, and the program notices it
 * at a place that it has.
 */
#include "record_event.h"
#include "signals.h"

#include <stdlib.h>

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))

static void note_signal(struct zf_task *task, int number, bool after_call) {
    struct zf_record *r = task->process->record;
    struct zf_guest_siginfo *info = malloc(sizeof *info);
    struct zf_event *e = zf_record_add(task, &(struct zf_event){.kind = ZF_EVENT_SIGNAL,
                                                                .flag = after_call,
                                                                .number = (uint16_t)number,
                                                                .at = zf_turn_total(task->cpu),
                                                                .data = info});
    if (!e || !info) {
        free(e ? NULL : info);
        zf_record_lose(task, "out of memory");
        return;
    }
    *info = task->info[number];
    r->bytes += sizeof *info;
}

static void see(struct zf_task *task, int number, const struct zf_guest_siginfo *info) {
    zf_signal_raise(task, number, info);
    task->seen |= SIGNAL_BIT(number);
}

/* The program got another signal in place of it, or nothing, or the same one. */
static void take_answer(struct zf_task *task, const struct zf_event *answer) {
    if (answer->result != answer->number) {
        task->pending &= ~SIGNAL_BIT(answer->number);
        task->seen &= ~SIGNAL_BIT(answer->number);
    }
    if (answer->result && answer->result != answer->number) {
        see(task, (int)answer->result, &(struct zf_guest_siginfo){.code = SI_USER});
    }
}

/* What came after an answer is delivered together with what was answered. */
void zf_record_look_again(struct zf_task *task, bool after_call) {
    struct zf_record *r = task->process->record;
    while (r->next < r->count) {
        const struct zf_event *e = &r->events[r->next];
        bool here = e->cpu == task->cpu->address && e->at == zf_turn_total(task->cpu);
        if (!here || e->flag != after_call) {
            return;
        }
        if (e->kind == ZF_EVENT_SIGNAL) {
            see(task, e->number, e->data);
        } else if (e->kind == ZF_EVENT_ANSWER) {
            take_answer(task, e);
        } else {
            return;
        }
        r->next++;
    }
}

void zf_record_look(struct zf_task *task, bool after_call) {
    if (!task->process->record) {
        return;
    }
    if (zf_record_repeats(task)) {
        zf_record_look_again(task, after_call);
        return;
    }
    uint64_t fresh = task->pending & ~task->seen;
    task->seen |= fresh;
    for (; fresh; fresh &= fresh - 1) {
        if (zf_record_writes(task)) {
            note_signal(task, __builtin_ctzll(fresh) + 1, after_call);
        }
    }
}

void zf_record_taken(struct zf_task *task, int number) {
    task->seen &= ~SIGNAL_BIT(number);
}

/* The event before the next one. */
static bool was_held_last(const struct zf_task *task, int number) {
    const struct zf_record *r = task->process->record;
    const struct zf_event *e = r->next ? &r->events[r->next - 1] : NULL;
    return e && e->kind == ZF_EVENT_HELD && e->number == number && e->cpu == task->cpu->address &&
           e->at == zf_turn_total(task->cpu);
}

/* Asked for again, it is still the same; or nobody wants to know any more. */
void zf_record_hold(struct zf_task *task, int number, bool held) {
    if (!zf_record_writes(task)) {
        return;
    }
    bool was_held = was_held_last(task, number);
    task->seen |= held ? SIGNAL_BIT(number) : 0;
    if (held && !was_held) {
        zf_record_add(task, &(struct zf_event){.kind = ZF_EVENT_HELD,
                                               .number = (uint16_t)number,
                                               .at = zf_turn_total(task->cpu)});
    } else if (!held && was_held) {
        zf_record_answer(task, number, number);
    }
}

/* Until it was answered. */
bool zf_record_was_held(struct zf_task *task, int number) {
    if (zf_record_next(task, ZF_EVENT_HELD, number)) {
        task->process->record->next++;
    }
    bool held = was_held_last(task, number);
    if (held) {
        task->seen |= SIGNAL_BIT(number);
        task->cpu->slice = -1;
    }
    return held;
}

void zf_record_answer(struct zf_task *task, int number, int given) {
    if (zf_record_writes(task)) {
        zf_record_add(task, &(struct zf_event){.kind = ZF_EVENT_ANSWER,
                                               .number = (uint16_t)number,
                                               .at = zf_turn_total(task->cpu),
                                               .result = given});
    }
}
