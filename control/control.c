#define _GNU_SOURCE /* gettid */
/*
 * The side of clients: what they ask for is queued under one lock, and the thread that executes is
 * woken, wherever it is. At any time at most one thread executes; a call finds the machine standing
 * still when none does, and is then made by the caller itself.
 */
#include "state.h"

#include "zfacet/host_float.h"
#include "zfacet/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void zf_control_tell(struct zf_control *c, const struct zf_control_event *event) {
    if (c->repeating) {
        return;
    }
    /* in the middle of guest code, whose inexact flag these are */
    unsigned flags = zf_host_float_flags();
    for (unsigned i = 0; i < c->listener_count; i++) {
        c->listeners[i].function(c->listeners[i].context, event);
    }
    zf_host_float_set_flags(flags);
}

static void found(void *context, struct zf_cpu *cpu, const struct zf_finding *told) {
    struct zf_control *c = context;
    const struct zf_facilities *f = c->config.facilities;
    struct zf_finding finding = *told;
    zf_finding_judge(&finding, f->gate.policy, f->on_blocked, f->on_unimplemented);
    const struct zf_control_event event = {
        .kind = ZF_CONTROL_FINDING, .finding = &finding, .cpu = cpu};
    zf_control_tell(c, &event);
}

static void init_lock(struct zf_control *c) {
    pthread_condattr_t clock;
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&c->changed, &clock);
    pthread_condattr_destroy(&clock);
}

struct zf_control *zf_control_create(const struct zf_control_config *config) {
    struct zf_control *c = calloc(1, sizeof *c);
    if (!c || !(c->debug = zf_debug_create(config->machine))) {
        free(c);
        return NULL;
    }
    c->config = *config;
    init_lock(c);
    zf_control_set_place(c);
    if (config->facilities) {
        config->facilities->found = found;
        config->facilities->found_context = c;
    }
    if (config->console) {
        zf_control_take_console(c);
    }
    return c;
}

void zf_control_listen(struct zf_control *c, zf_control_listener *listener, void *context) {
    ZF_ASSERT(c->listener_count < ZF_CONTROL_LISTENERS);
    c->listeners[c->listener_count].function = listener;
    c->listeners[c->listener_count++].context = context;
}

void zf_control_observe(struct zf_control *c, const struct zf_debug_observer *observer) {
    zf_debug_observe(c->debug, observer);
}

/* Wherever the thread that executes is: in a block, waiting for something, or in a call of the
 * host's that waits; with the lock. */
static void wake(struct zf_control *c, bool out_of_calls) {
    if (c->executing && c->halt.state == ZF_CONTROL_RUNNING && !c->repeating) {
        zf_machine_stop(c->config.machine);
        if (c->config.program && out_of_calls) {
            zf_linux_interrupt(c->config.program, true);
        }
    }
    pthread_cond_broadcast(&c->changed);
}

/* With the lock; to be followed by release(). */
static void begin_to_execute(struct zf_control *c) {
    while (c->executing) {
        pthread_cond_wait(&c->changed, &c->lock);
    }
    c->executing = true;
    c->executor = pthread_self();
    c->executor_tid = gettid();
}

static void end_to_execute(struct zf_control *c) {
    zf_control_answer(c);
    c->executing = false;
    c->executor_tid = 0;
    pthread_cond_broadcast(&c->changed);
}

static void *execute(void *context) {
    struct zf_control *c = context;
    pthread_mutex_lock(&c->lock);
    begin_to_execute(c);
    if (c->config.program) {
        zf_linux_attach(c->config.program);
    }
    zf_control_work(c, false);
    end_to_execute(c);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

bool zf_control_start(struct zf_control *c) {
    c->has_thread = pthread_create(&c->thread, NULL, execute, c) == 0;
    return c->has_thread;
}

void zf_control_serve(struct zf_control *c, struct zf_halt *halt) {
    pthread_mutex_lock(&c->lock);
    begin_to_execute(c);
    zf_control_work(c, true);
    end_to_execute(c);
    *halt = c->halt;
    pthread_mutex_unlock(&c->lock);
}

void zf_control_destroy(struct zf_control *c) {
    if (!c) {
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->quit = true;
    wake(c, true);
    pthread_mutex_unlock(&c->lock);
    if (c->has_thread) {
        pthread_join(c->thread, NULL);
    }
    if (c->config.console) {
        zf_control_leave_console(c);
    }
    if (c->config.facilities) {
        c->config.facilities->found = NULL;
    }
    zf_snapshot_free(c->present);
    zf_timeline_destroy(c->timeline);
    zf_debug_destroy(c->debug);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->changed);
    free(c);
}

/* More than ZF_CONTROL_REQUESTS at a time are not heard. */
static void ask(struct zf_control *c, enum zf_control_request_kind kind, uint64_t value) {
    pthread_mutex_lock(&c->lock);
    if (kind == ZF_CONTROL_REQUEST_PAUSE) {
        /* who asked for what is dropped here unbegun is still told that the machine stands still */
        value = c->queued && c->halt.state != ZF_CONTROL_RUNNING;
        c->done += c->queued;
        c->queued = 0;
    }
    struct zf_control_request *last = c->queued ? &c->queue[c->queued - 1] : NULL;
    if (kind == ZF_CONTROL_REQUEST_GO && last && last->kind == kind) {
        last->value = value; /* who goes elsewhere need not go there first */
    } else if (c->queued < ZF_CONTROL_REQUESTS) {
        c->queue[c->queued++] = (struct zf_control_request){kind, value};
        c->asked++;
    }
    wake(c, true);
    pthread_mutex_unlock(&c->lock);
}

void zf_control_run(struct zf_control *c) {
    ask(c, ZF_CONTROL_REQUEST_RUN, 0);
}

void zf_control_step(struct zf_control *c, uint64_t insns) {
    ask(c, ZF_CONTROL_REQUEST_STEP, insns);
}

void zf_control_step_alone(struct zf_control *c) {
    ask(c, ZF_CONTROL_REQUEST_STEP_ALONE, 1);
}

void zf_control_step_over(struct zf_control *c) {
    ask(c, ZF_CONTROL_REQUEST_STEP_OVER, 0);
}

void zf_control_run_to(struct zf_control *c, uint64_t address) {
    ask(c, ZF_CONTROL_REQUEST_RUN_TO, address);
}

void zf_control_step_back(struct zf_control *c) {
    ask(c, ZF_CONTROL_REQUEST_STEP_BACK, 0);
}

void zf_control_run_back(struct zf_control *c) {
    ask(c, ZF_CONTROL_REQUEST_RUN_BACK, 0);
}

void zf_control_go(struct zf_control *c, int64_t insns) {
    ask(c, ZF_CONTROL_REQUEST_GO, insns > 0 ? (uint64_t)insns : 0);
}

void zf_control_pause(struct zf_control *c) {
    ask(c, ZF_CONTROL_REQUEST_PAUSE, 0);
}

void zf_control_end(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    c->end = true;
    wake(c, true);
    pthread_mutex_unlock(&c->lock);
}

static bool is_busy(const struct zf_control *c) {
    return c->telling || (c->halt.state != ZF_CONTROL_ENDED && (c->done < c->asked || c->end));
}

bool zf_control_busy(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    bool busy = is_busy(c);
    pthread_mutex_unlock(&c->lock);
    return busy;
}

static struct timespec after(uint64_t ns) {
    enum { SECOND = 1000000000 };
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    ns += (uint64_t)limit.tv_nsec;
    limit.tv_sec += (time_t)(ns / SECOND);
    limit.tv_nsec = (long)(ns % SECOND);
    return limit;
}

void zf_control_await(struct zf_control *c, uint64_t ns) {
    struct timespec limit = after(ns);
    pthread_cond_timedwait(&c->changed, &c->lock, &limit);
}

bool zf_control_wait(struct zf_control *c, unsigned ms, struct zf_halt *halt) {
    struct timespec limit = after(UINT64_C(1000000) * ms);
    int error = 0;
    pthread_mutex_lock(&c->lock);
    while (is_busy(c) && error != ETIMEDOUT) {
        error = ms ? pthread_cond_timedwait(&c->changed, &c->lock, &limit)
                   : pthread_cond_wait(&c->changed, &c->lock);
    }
    bool done = !is_busy(c);
    if (halt) {
        *halt = c->halt;
    }
    pthread_mutex_unlock(&c->lock);
    return done;
}

/* What going back may take: a fourth of the host's. */
static uint64_t most_storage(void) {
    enum { SHARE = 4, LEAST = 1 << 30 };
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t all = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
    return all / SHARE > LEAST ? all / SHARE : LEAST;
}

enum zf_status zf_control_record(struct zf_control *c, struct zf_error *err) {
    if (!c->config.machine->config.deterministic) {
        return zf_fail(err, ZF_ERROR_UNSUPPORTED,
                       "only a repeatable run can go back: give --deterministic");
    }
    const char *lost = c->config.program ? zf_linux_lost(c->config.program) : NULL;
    if (lost) {
        return zf_fail(err, ZF_ERROR_UNSUPPORTED, "the program cannot go back: %s", lost);
    }
    c->timeline = zf_timeline_create(most_storage());
    return c->timeline ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "out of memory for going back");
}

void zf_control_hold(struct zf_control *c, enum zf_control_hold wanted) {
    pthread_mutex_lock(&c->lock);
    c->holds = (wanted != ZF_CONTROL_HOLD_NEVER && c->timeline) ||
               (wanted == ZF_CONTROL_HOLD_RESET && c->config.reset);
    pthread_mutex_unlock(&c->lock);
}

void zf_control_no_way_back(struct zf_control *c, char *text, size_t size) {
    pthread_mutex_lock(&c->lock);
    snprintf(text, size, "%s", c->lost);
    pthread_mutex_unlock(&c->lock);
}

bool zf_control_in_past(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    bool past = c->past;
    pthread_mutex_unlock(&c->lock);
    return past;
}

bool zf_control_recorded(struct zf_control *c, int64_t *first, int64_t *last) {
    pthread_mutex_lock(&c->lock);
    if (c->timeline) {
        zf_timeline_range(c->timeline, first, last);
    }
    pthread_mutex_unlock(&c->lock);
    return c->timeline != NULL;
}

static void note_change(void *context, struct zf_machine *machine) {
    struct zf_control *c = context;
    if (c->timeline && !c->past && zf_control_check_record(c)) {
        zf_timeline_change(c->timeline, c->executed, machine);
    }
}

void zf_control_guest_changed(struct zf_control *c) {
    zf_control_call(c, note_change, c);
}

void zf_control_halt(struct zf_control *c, struct zf_halt *halt) {
    pthread_mutex_lock(&c->lock);
    *halt = c->halt;
    pthread_mutex_unlock(&c->lock);
}

void zf_control_call(struct zf_control *c, zf_control_function *function, void *context) {
    struct zf_pending_call call = {.function = function, .context = context};
    pthread_mutex_lock(&c->lock);
    if (c->executing && pthread_equal(c->executor, pthread_self())) {
        pthread_mutex_unlock(&c->lock);
        function(context, c->config.machine);
        return;
    }
    struct zf_pending_call **last = &c->calls;
    while (*last) {
        last = &(*last)->next;
    }
    *last = &call;
    wake(c, true);
    while (!call.done) {
        if (c->executing) {
            pthread_cond_wait(&c->changed, &c->lock);
        } else {
            begin_to_execute(c);
            end_to_execute(c);
        }
    }
    pthread_mutex_unlock(&c->lock);
}

void zf_control_call_at(struct zf_control *c, int64_t insns, zf_control_function *function,
                        void *context) {
    pthread_mutex_lock(&c->lock);
    c->at = insns;
    c->at_function = function;
    c->at_context = context;
    pthread_mutex_unlock(&c->lock);
}

void zf_control_look(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    c->look = true;
    wake(c, false);
    pthread_mutex_unlock(&c->lock);
}

struct client_call {
    struct zf_control *control;
    const char *to; /* NULL: a reset */
    enum zf_status status;
    struct zf_error *err;
};

static void call_client(void *context, struct zf_machine *machine) {
    struct client_call *call = context;
    struct zf_control *c = call->control;
    const struct zf_control_config *config = &c->config;
    if (c->halt.state == ZF_CONTROL_ENDED) {
        call->status = zf_fail(call->err, ZF_ERROR_UNSUPPORTED, "the guest has ended");
    } else if (call->to) {
        call->status = config->save(config->context, call->to, call->err);
    } else {
        call->status = config->reset(config->context, call->err);
        note_change(c, machine);
        pthread_mutex_lock(&c->lock);
        c->halt.why = c->halt.over ? ZF_STOP_NONE : c->halt.why; /* it is at its beginning */
        c->halt.over = false;
        pthread_mutex_unlock(&c->lock);
    }
}

enum zf_status zf_control_reset(struct zf_control *c, struct zf_error *err) {
    struct client_call call = {.control = c, .err = err};
    if (!c->config.reset) {
        return zf_fail(err, ZF_ERROR_UNSUPPORTED, "this guest cannot be reset");
    }
    zf_control_call(c, call_client, &call);
    return call.status;
}

enum zf_status zf_control_save(struct zf_control *c, const char *to, struct zf_error *err) {
    struct client_call call = {.control = c, .to = to, .err = err};
    if (!c->config.save) {
        return zf_fail(err, ZF_ERROR_UNSUPPORTED, "this guest cannot be saved");
    }
    zf_control_call(c, call_client, &call);
    return call.status;
}

/* An access to storage or to the breakpoints. */
struct access {
    struct zf_control *control;
    uint64_t address;
    void *to;
    const void *from;
    size_t size;
    enum zf_watch_kind watch;
    bool done;
};

static void read_storage(void *context, struct zf_machine *machine) {
    struct access *a = context;
    a->done = zf_debug_read(zf_machine_cpu(machine, a->control->cpu), ZF_DEBUG_VIRTUAL, a->address,
                            a->to, a->size);
}

static void write_storage(void *context, struct zf_machine *machine) {
    struct access *a = context;
    a->done = !a->control->past && zf_debug_write(zf_machine_cpu(machine, a->control->cpu),
                                                  ZF_DEBUG_VIRTUAL, a->address, a->from, a->size);
    note_change(a->control, machine);
}

static void set_breakpoint(void *context, struct zf_machine *machine) {
    struct access *a = context;
    a->done = zf_debug_set_breakpoint(a->control->debug, a->address);
}

static void clear_breakpoint(void *context, struct zf_machine *machine) {
    struct access *a = context;
    zf_debug_clear_breakpoint(a->control->debug, a->address);
}

static void set_watchpoint(void *context, struct zf_machine *machine) {
    struct access *a = context;
    a->done = zf_debug_set_watchpoint(a->control->debug, zf_machine_cpu(machine, a->control->cpu),
                                      a->address, a->size, a->watch);
}

static void clear_watchpoint(void *context, struct zf_machine *machine) {
    struct access *a = context;
    zf_debug_clear_watchpoint(a->control->debug, a->address, a->size, a->watch);
}

static void select_cpu(void *context, struct zf_machine *machine) {
    struct access *a = context;
    a->done = a->address < ZF_THREADS && zf_machine_cpu(machine, (unsigned)a->address);
    if (a->done) {
        a->control->cpu = (unsigned)a->address;
        zf_control_moved(a->control);
    }
}

bool zf_control_select(struct zf_control *c, unsigned cpu) {
    struct access a = {.control = c, .address = cpu};
    zf_control_call(c, select_cpu, &a);
    return a.done;
}

bool zf_control_read(struct zf_control *c, uint64_t address, void *bytes, size_t size) {
    struct access a = {.control = c, .address = address, .to = bytes, .size = size};
    zf_control_call(c, read_storage, &a);
    return a.done;
}

bool zf_control_write(struct zf_control *c, uint64_t address, const void *bytes, size_t size) {
    struct access a = {.control = c, .address = address, .from = bytes, .size = size};
    zf_control_call(c, write_storage, &a);
    return a.done;
}

bool zf_control_set_breakpoint(struct zf_control *c, uint64_t address) {
    struct access a = {.control = c, .address = address};
    zf_control_call(c, set_breakpoint, &a);
    return a.done;
}

void zf_control_clear_breakpoint(struct zf_control *c, uint64_t address) {
    struct access a = {.control = c, .address = address};
    zf_control_call(c, clear_breakpoint, &a);
}

bool zf_control_set_watchpoint(struct zf_control *c, uint64_t address, size_t size,
                               enum zf_watch_kind kind) {
    struct access a = {.control = c, .address = address, .size = size, .watch = kind};
    zf_control_call(c, set_watchpoint, &a);
    return a.done;
}

void zf_control_clear_watchpoint(struct zf_control *c, uint64_t address, size_t size,
                                 enum zf_watch_kind kind) {
    struct access a = {.control = c, .address = address, .size = size, .watch = kind};
    zf_control_call(c, clear_watchpoint, &a);
}

static void hold_signals(void *context, struct zf_machine *machine) {
    const struct access *a = context;
    zf_linux_hold_signals(a->control->config.program, a->address);
}

static void answer_signal(void *context, struct zf_machine *machine) {
    const struct access *a = context;
    zf_linux_answer_signal(a->control->config.program, zf_machine_cpu(machine, a->control->cpu),
                           (int)a->size);
}

void zf_control_hold_signals(struct zf_control *c, uint64_t signals) {
    struct access a = {.control = c, .address = signals};
    zf_control_call(c, hold_signals, &a);
}

void zf_control_answer_signal(struct zf_control *c, int number) {
    struct access a = {.control = c, .size = (size_t)number};
    zf_control_call(c, answer_signal, &a);
}

bool zf_control_input(struct zf_control *c, const char *text, size_t length) {
    pthread_mutex_lock(&c->lock);
    bool room = length <= sizeof c->input - c->input_length;
    if (room) {
        memcpy(c->input + c->input_length, text, length);
        c->input_length += length;
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->lock);
    return room;
}

int64_t zf_control_insns(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    int64_t insns = c->executed;
    pthread_mutex_unlock(&c->lock);
    return insns;
}

int zf_control_thread(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    int tid = c->executor_tid;
    pthread_mutex_unlock(&c->lock);
    return tid;
}
