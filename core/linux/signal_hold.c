/*
 * Signals that a debugger wants to know of before a handler gets them: the machine stops, and the
 * signal waits until it was said what becomes of it. What a program dies of is told as its end.
 */
#include "record.h"
#include "signals.h"

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))

static bool holds(struct zf_task *task, int number) {
    struct zf_hold *hold = &task->process->hold;
    bool wanted = hold->signals & SIGNAL_BIT(number);
    if (task->let_through & SIGNAL_BIT(number)) {
        task->let_through &= ~SIGNAL_BIT(number);
        return false;
    }
    if (!wanted || task->process->actions[number].handler <= (uint64_t)(uintptr_t)SIG_IGN) {
        return false;
    }
    struct zf_task *nobody = NULL;
    if (__atomic_compare_exchange_n(&hold->task, &nobody, task, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST)) {
        hold->number = number;
        zf_machine_end(task->machine, ZF_STOP_BREAKPOINT, NULL);
    }
    task->cpu->slice = -1; /* it is asked for again */
    return true;
}

bool zf_signal_is_held(struct zf_task *task, int number) {
    if (zf_record_repeats(task)) {
        return zf_record_was_held(task, number);
    }
    bool held = holds(task, number);
    zf_record_hold(task, number, held);
    return held;
}

void zf_linux_hold_signals(struct zf_linux *process, uint64_t signals) {
    process->hold.signals = signals;
    if (!signals) {
        process->hold.task = NULL;
    }
}

int zf_linux_held_signal(const struct zf_linux *process, unsigned *cpu) {
    const struct zf_task *task = process->hold.task;
    if (!task) {
        return 0;
    }
    *cpu = task->cpu->address;
    return process->hold.number;
}

void zf_linux_ask_again(struct zf_linux *process) {
    process->hold.task = NULL;
}

void zf_linux_answer_signal(struct zf_linux *process, const struct zf_cpu *cpu, int number) {
    struct zf_hold *hold = &process->hold;
    struct zf_task *task = hold->task ? hold->task : cpu->task;
    if (!task || zf_record_repeats(task)) {
        return; /* what became of it stands in the record */
    }
    uint64_t waits = hold->task ? SIGNAL_BIT(hold->number) : task->pending;
    bool same = number && waits & SIGNAL_BIT(number);
    if (hold->task) {
        zf_record_answer(task, hold->number, number);
    }
    if (hold->task && !same) {
        zf_record_taken(task, hold->number);
        __atomic_fetch_and(&task->pending, ~SIGNAL_BIT(hold->number), __ATOMIC_SEQ_CST);
    }
    if (number && !same) {
        zf_signal_raise(task, number, &(struct zf_guest_siginfo){.code = SI_USER});
    }
    task->let_through |= number ? SIGNAL_BIT(number) : 0;
    hold->task = NULL;
}
