/*
 * The turns in a program's record: which thread has come how far when another one goes on, and at
 * which time. Repeating, threads get the same turns again.
 */
#include "record_event.h"

/* What the thread has executed, as the record counts it. */
static int64_t place_of(const struct zf_cpu *cpu, bool ended) {
    bool in_call = !ended && cpu->task && cpu->task->in_call;
    return zf_turn_total(cpu) - in_call;
}

static bool is_armed(const struct zf_linux *process) {
    return __atomic_load_n(&process->permit.armed, __ATOMIC_ACQUIRE);
}

void zf_record_leave(struct zf_linux *process) {
    struct zf_record *r = process->record;
    if (!r->turn || !r->count) {
        return;
    }
    int64_t at = place_of(r->turn, r->turn_ended);
    const struct zf_event *last = &r->events[r->count - 1];
    bool there = last->cpu == r->turn->address && last->at == at;
    bool idle = there && last->kind == ZF_EVENT_TURN;
    if (idle && !is_armed(process) && r->count > r->kept) {
        r->next = --r->count; /* of a turn without any instruction nothing is left */
        r->bytes -= sizeof *last;
    } else if (!there || idle) {
        zf_record_append(
            process, &(struct zf_event){.kind = ZF_EVENT_LEAVE, .cpu = r->turn->address, .at = at});
    }
}

static void begin_turn(struct zf_task *task) {
    struct zf_record *r = task->process->record;
    int64_t at = place_of(task->cpu, false);
    uint64_t ahead = (uint64_t)(zf_turn_total(task->cpu) - at);
    zf_record_leave(task->process);
    r->turn = task->cpu;
    r->turn_ended = false;
    zf_record_add(task,
                  &(struct zf_event){.kind = ZF_EVENT_TURN,
                                     .at = at,
                                     .result = (int64_t)(zf_turn_time(task->cpu->cpus) - ahead)});
}

void zf_record_turn(struct zf_task *task) {
    struct zf_record *r = task->process->record;
    if (zf_record_writes(task) && r->turn != task->cpu && !zf_turn_is_lost(task->cpu)) {
        begin_turn(task);
    } else if (zf_record_repeats(task)) {
        r->looks = false;
        r->tries++;
    }
}

/* The turn begins, or ends, or something is stored: nothing is left to do of it. */
static bool pass(struct zf_linux *process, const struct zf_event *e, bool there) {
    struct zf_record *r = process->record;
    if (e->kind == ZF_EVENT_TURN && there) {
        zf_turns_set_time(&process->machine->cpus, (uint64_t)e->result);
        r->looks = true;
        return true;
    }
    if (e->kind == ZF_EVENT_STORE && there) {
        return zf_record_store_again(process->machine->cpus.cpu[e->cpu]->task, e);
    }
    return e->kind == ZF_EVENT_LEAVE && there && !r->looks;
}

/* Whether the thread is to come to the event now. Not if it was there, and looked around. */
static bool can_try(struct zf_record *r, const struct zf_cpu *cpu, int64_t left) {
    bool again = r->tried == r->next + 1 && r->tries;
    if (!left) {
        r->tried = r->next + 1;
        r->tries = 0;
    }
    return left >= 0 && !(again && !left) && cpu->state == ZF_CPU_OPERATING && cpu->task;
}

struct zf_cpu *zf_record_give_turn(void *context) {
    struct zf_linux *process = context;
    struct zf_record *r = process->record;
    while (r->next < r->count && !r->again_missing) {
        const struct zf_event *e = &r->events[r->next];
        struct zf_cpu *cpu = process->machine->cpus.cpu[e->cpu];
        int64_t left = e->at - zf_turn_total(cpu);
        if (pass(process, e, !left)) {
            r->next++;
        } else if (e->kind != ZF_EVENT_TURN && can_try(r, cpu, left)) {
            zf_turn_give(cpu, left);
            return cpu;
        } else {
            break;
        }
    }
    zf_record_stray(process->leader);
    return NULL;
}
