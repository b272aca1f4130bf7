/* What others want to know of a Linux program: its file, and what a signal would do. */
#include "guest.h"
#include "signals.h"

const char *zf_linux_program(const struct zf_linux *process) {
    return process->exe ? process->exe : "";
}

void zf_linux_auxv(const struct zf_linux *process, uint64_t *address, uint64_t *size) {
    *address = process->auxv.address;
    *size = process->auxv.length;
}

static bool has(uint64_t set, int signal_number) {
    return set >> (signal_number - 1) & 1;
}

bool zf_linux_handles(const struct zf_cpu *cpu, struct zf_linux_calls *calls) {
    struct zf_task *task = cpu->task;
    *calls = (struct zf_linux_calls){0};
    if (task) {
        *calls =
            (struct zf_linux_calls){task->handling.back, task->begin.address, task->begin.stack};
    }
    return task && zf_frame_is_open(task);
}

bool zf_linux_catches(struct zf_linux *process, const struct zf_cpu *cpu, int signal_number) {
    pthread_mutex_lock(&process->lock);
    bool has_handler = process->actions[signal_number].handler > (uint64_t)(uintptr_t)SIG_IGN;
    pthread_mutex_unlock(&process->lock);
    return has_handler && !has(((const struct zf_task *)cpu->task)->blocked, signal_number);
}
