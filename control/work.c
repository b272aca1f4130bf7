/*
 * The side of the thread that executes: it takes one request after the other, and between two runs
 * of the machine answers whoever wants it to stand still. It gives the lock up while the machine
 * runs and while clients are called.
 */
#include "state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of a forked guest that did not end by itself, as after something that is not implemented. */
enum { FORKED_STATUS = 255 };

static struct zf_cpu *selected(const struct zf_control *c) {
    return zf_machine_cpu(c->config.machine, c->cpu);
}

bool zf_control_wanted(const struct zf_control *c) {
    return c->queued || c->calls || c->end || c->quit || c->look;
}

static void tell_unlocked(struct zf_control *c, const struct zf_control_event *event) {
    pthread_mutex_unlock(&c->lock);
    zf_control_tell(c, event);
    pthread_mutex_lock(&c->lock);
}

void zf_control_answer(struct zf_control *c) {
    while (c->calls || c->look) {
        struct zf_pending_call *call = c->calls;
        if (c->look) {
            c->look = false;
            tell_unlocked(c, &(struct zf_control_event){.kind = ZF_CONTROL_LOOK});
            continue;
        }
        c->calls = call->next;
        pthread_mutex_unlock(&c->lock);
        call->function(call->context, c->config.machine);
        pthread_mutex_lock(&c->lock);
        zf_control_set_place(c); /* a reset, say */
        call->done = true;
        pthread_cond_broadcast(&c->changed);
    }
}

void zf_control_set_place(struct zf_control *c) {
    const struct zf_cpu *cpu = selected(c);
    c->halt.cpu = cpu->address;
    c->halt.psw_mask = zf_psw_mask(cpu);
    c->halt.psw_address = cpu->psw.addr;
}

void zf_control_moved(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    zf_control_set_place(c);
    pthread_mutex_unlock(&c->lock);
}

bool zf_wait_succeeds(uint64_t address) {
    enum { SUCCESS = 0, SHUTDOWN = 0xfff };
    return address == SUCCESS || address == SHUTDOWN;
}

static bool waits_disabled(const struct zf_cpu *cpu) {
    const uint64_t masks = ZF_PSW_EXT | ZF_PSW_IO | ZF_PSW_MCCK;
    return cpu->state == ZF_CPU_OPERATING && cpu->psw.mask & ZF_PSW_WAIT &&
           !(cpu->psw.mask & masks);
}

/*
 * The CPU whose disabled wait is how the guest ended: others may have stopped before. Of several,
 * the first that does not say success.
 */
static void select_waiting(struct zf_control *c) {
    bool any = false, failed = false;
    for (unsigned i = 0; i < zf_machine_cpus(c->config.machine) && !failed; i++) {
        const struct zf_cpu *cpu = zf_machine_cpu(c->config.machine, i);
        if (waits_disabled(cpu)) {
            failed = !zf_wait_succeeds(cpu->psw.addr);
            c->cpu = any && !failed ? c->cpu : i;
            any = true;
        }
    }
}

static bool at_limit(const struct zf_control *c) {
    return c->config.max_insns && c->executed >= c->config.max_insns;
}

static bool is_end(const struct zf_control *c, enum zf_stop stop) {
    return stop == ZF_STOP_MAX_INSNS
               ? at_limit(c)
               : stop != ZF_STOP_NONE && stop != ZF_STOP_REQUESTED && stop != ZF_STOP_BREAKPOINT;
}

/* Where the machine is; `why` it stands still if it does. */
static void set_halt(struct zf_control *c, enum zf_control_state state, enum zf_stop why) {
    const struct zf_machine *machine = c->config.machine;
    unsigned cpu;
    c->halt = (struct zf_halt){
        .state = state,
        .why = why,
        .exit_status = machine->exit_status,
    };
    if (why == ZF_STOP_DISABLED_WAIT) {
        select_waiting(c);
    } else if (why == ZF_STOP_SIGNAL && c->config.program &&
               zf_linux_died(c->config.program, &cpu)) {
        c->cpu = cpu;
    }
    c->halt.at_begin = c->at_begin;
    c->halt.over = state == ZF_CONTROL_PAUSED && is_end(c, why);
    c->at_begin = false;
    if (state != ZF_CONTROL_RUNNING) {
        c->refused = c->halt.over && (why == ZF_STOP_BLOCKED || why == ZF_STOP_UNIMPLEMENTED);
    }
    if (why == ZF_STOP_BREAKPOINT && c->hit.at) {
        c->halt.watched = c->hit.what;
        c->cpu = c->hit.what.cpu;
        c->hit = (struct zf_hit){0};
    } else if (why == ZF_STOP_BREAKPOINT && zf_debug_watch_hit(c->debug, &c->halt.watched)) {
        c->cpu = c->halt.watched.cpu;
    } else if (why == ZF_STOP_BREAKPOINT && zf_debug_arrived(c->debug, &cpu)) {
        c->cpu = cpu;
    } else if (why == ZF_STOP_BREAKPOINT && c->config.program) {
        c->halt.signal = zf_linux_held_signal(c->config.program, &cpu);
        c->cpu = c->halt.signal ? cpu : c->cpu;
    }
    if (state != ZF_CONTROL_RUNNING && c->config.program && !c->halt.signal) {
        zf_linux_ask_again(c->config.program);
    }
    zf_control_set_place(c);
    if (state != ZF_CONTROL_RUNNING) {
        snprintf(c->halt.text, sizeof c->halt.text, "%s",
                 c->halt.at_begin ? c->lost : machine->stop_text);
    }
}

static void change(struct zf_control *c, enum zf_control_state state, enum zf_stop why) {
    set_halt(c, state, why);
    struct zf_halt halt = c->halt;
    c->telling = true;
    tell_unlocked(c, &(struct zf_control_event){
                         .kind = state == ZF_CONTROL_ENDED ? ZF_CONTROL_END : ZF_CONTROL_STATE,
                         .halt = &halt});
    c->telling = false;
    pthread_cond_broadcast(&c->changed);
}

/* The client's own limit of instructions, and that of a call; 0: there is none. */
static int64_t next_limit(const struct zf_control *c) {
    int64_t end = c->config.max_insns ? c->config.max_insns - c->executed : 0;
    int64_t at = c->at ? c->at - c->executed : 0;
    return !end || (at && at < end) ? at : end;
}

static bool is_forked(const struct zf_control *c) {
    return c->config.program && zf_linux_is_child(c->config.program);
}

/* A guest that was forked is a process without the other threads, who may have had the lock. */
static void lock_again(struct zf_control *c) {
    if (is_forked(c)) {
        pthread_mutex_init(&c->lock, NULL);
        c->timeline = NULL; /* its parent's */
    }
    pthread_mutex_lock(&c->lock);
}

static bool waits(const struct zf_control *c) {
    return selected(c)->psw.mask & ZF_PSW_WAIT;
}

/* No CPU has an instruction to execute. */
static bool all_wait(const struct zf_control *c) {
    for (unsigned i = 0; i < zf_machine_cpus(c->config.machine); i++) {
        const struct zf_cpu *cpu = zf_machine_cpu(c->config.machine, i);
        if (cpu->state == ZF_CPU_OPERATING && !(cpu->psw.mask & ZF_PSW_WAIT)) {
            return false;
        }
    }
    return true;
}

static int64_t smaller(int64_t limit, int64_t other) {
    return !limit || (other && other < limit) ? other : limit;
}

/*
 * Threads that sleep make their calls again, which count when they are over: where all sleep, and
 * fewer instructions are allowed than there are threads, none would ever be.
 */
static int64_t with_calls(const struct zf_control *c, int64_t limit) {
    unsigned threads = c->config.machine->cpus.count;
    return limit && c->stuck && threads > 1 ? limit + threads : limit;
}

/*
 * Runs the machine once: until it stops, or `insns` instructions are executed (0: any number), of
 * several CPUs by the selected one; with the lock. `*insns` becomes what is left of them.
 */
static enum zf_stop run_once(struct zf_control *c, int64_t *insns, bool goes_on) {
    zf_control_answer(c);
    struct zf_debug_limit limit = {.insns = next_limit(c), .goes_on = goes_on};
    struct zf_cpu *cpu = selected(c);
    if (*insns && c->config.machine->cpus.count > 1 && cpu->state == ZF_CPU_OPERATING) {
        limit.cpu = cpu;
        limit.own = *insns;
        limit.alone = c->alone;
    } else {
        limit.insns = smaller(limit.insns, *insns);
    }
    if (c->past) {
        limit.insns = smaller(limit.insns, zf_control_most_in_past(c));
    } else if (zf_control_check_record(c)) {
        int64_t most = zf_timeline_leave(c->timeline, c->executed, c->config.machine);
        limit.insns = smaller(limit.insns, most);
    }
    limit.insns = c->past ? limit.insns : with_calls(c, limit.insns);
    c->repeating = c->past;
    if (c->config.program) {
        zf_linux_ask_again(c->config.program);
    }
    pthread_mutex_unlock(&c->lock);
    enum zf_stop stop = zf_debug_run_limited(c->debug, &limit);
    if (c->config.program) {
        zf_linux_interrupt(c->config.program, false);
    }
    lock_again(c);
    c->repeating = false;
    int64_t executed = zf_debug_executed(c->debug);
    c->stuck = c->config.program && stop == ZF_STOP_MAX_INSNS && !executed;
    c->executed += executed;
    if (c->past) {
        zf_control_pass_change(c);
        stop = zf_control_leave_past(c) ? stop : ZF_STOP_BREAKPOINT;
    } else if (c->timeline) {
        zf_timeline_reach(c->timeline, c->executed, all_wait(c));
    }
    if (*insns) {
        *insns -= limit.cpu ? zf_turn_executed(cpu) : zf_debug_executed(c->debug);
    }
    return stop;
}

static void call_if_due(struct zf_control *c) {
    if (c->at && c->executed >= c->at) {
        c->at = 0;
        pthread_mutex_unlock(&c->lock);
        c->at_function(c->at_context, c->config.machine);
        pthread_mutex_lock(&c->lock);
    }
}

/*
 * Whether a run that was stopped by somebody goes on. One of a given number of instructions is not
 * given up for the next request, unless the CPU waits: that would take as long as it likes.
 */
static bool goes_on(const struct zf_control *c, int64_t insns) {
    return !c->end && !c->quit && !(c->queued && (!insns || waits(c)));
}

/* Whether the guest begins anew; if it cannot, that it wanted to is its end. */
static bool load_again(struct zf_control *c) {
    struct zf_error err;
    if (!c->config.ipl || !c->config.reset) {
        return false;
    }
    pthread_mutex_unlock(&c->lock);
    bool loaded = c->config.reset(c->config.context, &err) == ZF_OK;
    pthread_mutex_lock(&c->lock);
    zf_control_set_place(c);
    if (c->timeline) {
        zf_timeline_change(c->timeline, c->executed, c->config.machine);
    }
    if (loaded) {
        tell_unlocked(c, &(struct zf_control_event){.kind = ZF_CONTROL_IPL});
    }
    return loaded;
}

/* So many instructions, 0: any number. ZF_STOP_REQUESTED: it was given up. */
static enum zf_stop run(struct zf_control *c, int64_t insns) {
    bool counted = insns != 0, again = false;
    for (;;) {
        call_if_due(c);
        enum zf_stop stop = run_once(c, &insns, again);
        again = true;
        if (stop == ZF_STOP_IPL) {
            stop = load_again(c) ? ZF_STOP_REQUESTED : ZF_STOP_SHUTDOWN;
        }
        if (stop != ZF_STOP_REQUESTED && stop != ZF_STOP_MAX_INSNS) {
            return stop;
        }
        call_if_due(c);
        if (at_limit(c) || (counted && insns <= 0)) {
            return ZF_STOP_MAX_INSNS;
        }
        if (!goes_on(c, insns)) {
            return ZF_STOP_REQUESTED;
        }
    }
}

static bool fetch(struct zf_control *c, struct zf_insn *insn) {
    uint8_t bytes[8] = {0};
    struct zf_cpu *cpu = selected(c);
    if (!zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, cpu->psw.addr, bytes, 2) ||
        !zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, cpu->psw.addr, bytes,
                       zf_insn_length(zf_get64(bytes)))) {
        return false;
    }
    zf_decode(zf_get64(bytes), insn);
    return true;
}

/* One instruction: what it was, where that is known. */
static enum zf_stop step_once(struct zf_control *c) {
    uint64_t address = selected(c)->psw.addr;
    bool again = c->timeline && zf_control_step_again(c);
    enum zf_stop stop = again ? ZF_STOP_MAX_INSNS : run(c, 1);
    tell_unlocked(c, &(struct zf_control_event){.kind = ZF_CONTROL_STEP, .address = address});
    return stop;
}

static enum zf_stop step(struct zf_control *c, uint64_t steps) {
    enum zf_stop stop = ZF_STOP_MAX_INSNS;
    while (steps-- > 0 && stop == ZF_STOP_MAX_INSNS && !at_limit(c)) {
        stop = step_once(c);
        if (steps && (c->queued || c->end || c->quit)) {
            return ZF_STOP_REQUESTED;
        }
    }
    return stop;
}

static enum zf_stop run_to(struct zf_control *c, uint64_t address) {
    bool own = !zf_debug_has_breakpoint(c->debug, address);
    if (own && !zf_debug_set_breakpoint(c->debug, address)) {
        return ZF_STOP_REQUESTED;
    }
    enum zf_stop stop = run(c, 0);
    if (own) {
        zf_debug_clear_breakpoint(c->debug, address);
    }
    return stop;
}

static enum zf_stop step_over(struct zf_control *c) {
    struct zf_insn insn;
    bool calls = fetch(c, &insn) && zf_row_has((enum zf_row)insn.row, ZF_ROW_CALLS);
    return calls ? run_to(c, zf_wrap(selected(c), selected(c)->psw.addr + insn.length))
                 : step(c, 1);
}

static enum zf_stop pursue(struct zf_control *c, const struct zf_control_request *request) {
    c->alone = request->kind == ZF_CONTROL_REQUEST_STEP_ALONE;
    switch (request->kind) {
    case ZF_CONTROL_REQUEST_RUN:
        return run(c, 0);
    case ZF_CONTROL_REQUEST_STEP:
    case ZF_CONTROL_REQUEST_STEP_ALONE:
        return step(c, request->value);
    case ZF_CONTROL_REQUEST_STEP_OVER:
        return step_over(c);
    case ZF_CONTROL_REQUEST_RUN_TO:
        return run_to(c, request->value);
    case ZF_CONTROL_REQUEST_GO:
        return zf_control_go_to(c, (int64_t)request->value);
    case ZF_CONTROL_REQUEST_STEP_BACK:
        return zf_control_step_to_before(c);
    case ZF_CONTROL_REQUEST_RUN_BACK:
        return zf_control_run_to_before(c);
    case ZF_CONTROL_REQUEST_PAUSE:
        break;
    }
    return ZF_STOP_REQUESTED;
}

static bool goes_forth(const struct zf_control_request *request) {
    return request->kind != ZF_CONTROL_REQUEST_GO &&
           request->kind != ZF_CONTROL_REQUEST_STEP_BACK &&
           request->kind != ZF_CONTROL_REQUEST_RUN_BACK;
}

static void take_request(struct zf_control *c) {
    struct zf_control_request request = c->queue[0];
    memmove(c->queue, c->queue + 1, --c->queued * sizeof c->queue[0]);
    if (request.kind == ZF_CONTROL_REQUEST_PAUSE) {
        c->done++;
        /* given up by what ran before, or before it began */
        if (c->halt.state == ZF_CONTROL_RUNNING || request.value) {
            change(c, ZF_CONTROL_PAUSED, ZF_STOP_REQUESTED);
        }
        pthread_cond_broadcast(&c->changed);
        return;
    }
    if (c->halt.over && goes_forth(&request)) {
        c->done++;
        change(c, ZF_CONTROL_ENDED, c->halt.why);
        return;
    }
    change(c, ZF_CONTROL_RUNNING, ZF_STOP_NONE);
    enum zf_stop stop = pursue(c, &request);
    while (is_forked(c) && !is_end(c, stop) && !c->end) { /* nobody else has it go on there */
        c->queued = 0;
        zf_debug_clear_breakpoints(c->debug);
        zf_linux_hold_signals(c->config.program, 0);
        stop = run(c, 0);
    }
    c->done++;
    change(c, is_end(c, stop) && !c->holds ? ZF_CONTROL_ENDED : ZF_CONTROL_PAUSED, stop);
}

void zf_control_work(struct zf_control *c, bool until_end) {
    while (!c->quit && !(until_end && c->halt.state == ZF_CONTROL_ENDED)) {
        zf_control_answer(c);
        if (c->halt.state == ZF_CONTROL_ENDED) {
            if (!until_end && is_forked(c)) {
                _exit(FORKED_STATUS); /* there is nobody else in this process */
            }
            c->done = c->asked;
            c->queued = 0;
            c->end = false;
        } else if (c->end) {
            change(c, ZF_CONTROL_ENDED, ZF_STOP_REQUESTED);
            continue;
        } else if (c->queued) {
            take_request(c);
            continue;
        }
        if (!zf_control_wanted(c)) {
            pthread_cond_wait(&c->changed, &c->lock);
        }
    }
}
