/*
 * A client of a guest's control: what that tells, in the thread that executes, is gathered in `now`
 * and copied, when somebody looks or it comes to stand still, for the thread that draws.
 */
#define _GNU_SOURCE /* sigabbrev_np */
#include "inspect/watch_state.h"

#include "run/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_output(struct zf_shot *now, const char *text, size_t length) {
    if (length > sizeof now->console) {
        text += length - sizeof now->console;
        length = sizeof now->console;
    }
    size_t room = sizeof now->console - now->console_length;
    if (length > room) {
        memmove(now->console, now->console + (length - room),
                now->console_length - (length - room));
        now->console_length -= length - room;
    }
    memcpy(now->console + now->console_length, text, length);
    now->console_length += length;
}

static enum zf_watch_outcome outcome_of(const struct zf_watch *w, const struct zf_halt *halt) {
    if (halt->state != ZF_CONTROL_ENDED && !halt->over) {
        return ZF_WATCH_OPEN;
    }
    if (halt->why == ZF_STOP_REQUESTED || halt->why == ZF_STOP_MAX_INSNS ||
        halt->why == ZF_STOP_TIMEOUT) {
        return ZF_WATCH_CUT_OFF;
    }
    return zf_run_halt_status(halt) ? ZF_WATCH_FAILED
           : w->now.findings_total  ? ZF_WATCH_FOUND
                                    : ZF_WATCH_GOOD;
}

static void tell_why(struct zf_shot *now, const struct zf_halt *halt) {
    const char *text = zf_halt_text(halt);
    if (halt->watched.kind) {
        snprintf(now->why, sizeof now->why, "storage at %lx changed",
                 (unsigned long)halt->watched.address);
    } else if (halt->why == ZF_STOP_EXIT) {
        snprintf(now->why, sizeof now->why, "exit status %d", halt->exit_status);
    } else if (halt->why == ZF_STOP_SIGNAL) {
        const char *name = sigabbrev_np(halt->exit_status);
        snprintf(now->why, sizeof now->why, "killed by SIG%s", name ? name : "nal");
    } else if (halt->why == ZF_STOP_DISABLED_WAIT) {
        snprintf(now->why, sizeof now->why, "disabled wait at %lx",
                 (unsigned long)halt->psw_address);
    } else {
        bool more = halt->text[0] && text != halt->text;
        snprintf(now->why, sizeof now->why, "%s%s%s", text, more ? ": " : "",
                 more ? halt->text : "");
    }
}

static void on_halt(struct zf_watch *w, const struct zf_halt *halt) {
    static const enum zf_watch_state states[] = {[ZF_CONTROL_PAUSED] = ZF_WATCH_PAUSED,
                                                 [ZF_CONTROL_RUNNING] = ZF_WATCH_RUNNING,
                                                 [ZF_CONTROL_ENDED] = ZF_WATCH_ENDED};
    w->now.state = halt->over ? ZF_WATCH_ENDED : states[halt->state];
    w->now.outcome = outcome_of(w, halt);
    tell_why(&w->now, halt);
    if (halt->state != ZF_CONTROL_RUNNING) {
        pthread_mutex_lock(&w->lock);
        w->cpu = halt->cpu;
        pthread_mutex_unlock(&w->lock);
    }
    zf_watch_publish(w);
}

static void take_event(struct zf_watch *w, const struct zf_control_event *event) {
    switch (event->kind) {
    case ZF_CONTROL_FINDING:
        w->now.findings_seen[zf_watch_slot(w)]++;
        w->now.findings_total++;
        break;
    case ZF_CONTROL_OUTPUT:
        on_output(&w->now, event->text, event->length);
        break;
    case ZF_CONTROL_STATE:
    case ZF_CONTROL_END:
        on_halt(w, event->halt);
        break;
    case ZF_CONTROL_STEP:
        w->now.steps++;
        zf_watch_count(w, event->address);
        break;
    case ZF_CONTROL_LOOK:
        zf_watch_publish(w);
        break;
    case ZF_CONTROL_IPL:
        break;
    }
}

static void on_event(void *context, const struct zf_control_event *event) {
    struct zf_watch *w = context;
    pthread_mutex_lock(&w->gather);
    take_event(w, event);
    pthread_mutex_unlock(&w->gather);
}

bool zf_watch_stepping(const struct zf_watch *w) {
    return w->guest.machine->config.max_insns == 1;
}

/* Slices differ a little in length, so that no loop is always looked at in the same place. */
static void on_slice(void *context, struct zf_cpu *cpu) {
    struct zf_watch *w = context;
    if (!zf_watch_stepping(w) && !(cpu->psw.mask & ZF_PSW_WAIT)) {
        pthread_mutex_lock(&w->gather);
        w->seed = w->seed * 1103515245 + 12345;
        cpu->slice -= (int32_t)(w->seed >> 16 & 8191);
        zf_watch_count(w, cpu->psw.addr);
        pthread_mutex_unlock(&w->gather);
    }
}

struct zf_watch *zf_watch_open(const struct zf_watch_guest *guest, const char *name) {
    struct zf_watch *w = calloc(1, sizeof *w);
    if (!w) {
        guest->close(guest->context);
        return NULL;
    }
    const struct zf_debug_observer observer = {w, zf_watch_translated, on_slice};
    w->guest = *guest;
    snprintf(w->now.guest, sizeof w->now.guest, "%s", name);
    w->now.state = ZF_WATCH_PAUSED;
    w->look = zf_machine_cpu(guest->machine, 0)->psw.addr & ~UINT64_C(15);
    w->now.code_from = zf_machine_cpu(guest->machine, 0)->psw.addr;
    pthread_mutex_init(&w->lock, NULL);
    pthread_mutex_init(&w->gather, NULL);
    snprintf(w->now.no_way_back, sizeof w->now.no_way_back, "%s",
             guest->no_way_back ? guest->no_way_back : "");
    zf_control_hold(guest->control, ZF_CONTROL_HOLD_BACK);
    zf_control_observe(guest->control, &observer);
    zf_control_listen(guest->control, on_event, w);
    zf_watch_publish(w);
    if (!zf_control_start(guest->control)) {
        zf_watch_close(w);
        return NULL;
    }
    return w;
}

void zf_watch_close(struct zf_watch *w) {
    if (w) {
        w->guest.close(w->guest.context); /* nothing is told after that */
        pthread_mutex_destroy(&w->lock);
        pthread_mutex_destroy(&w->gather);
        free(w);
    }
}

struct zf_control *zf_watch_control(struct zf_watch *w) {
    return w->guest.control;
}

void zf_watch_look(struct zf_watch *w, uint64_t address) {
    pthread_mutex_lock(&w->lock);
    bool moved = w->look != (address & ~UINT64_C(15));
    w->look = address & ~UINT64_C(15);
    pthread_mutex_unlock(&w->lock);
    if (moved) {
        zf_control_look(w->guest.control);
    }
}

bool zf_watch_select(struct zf_watch *w, unsigned cpu) {
    bool done = zf_control_select(w->guest.control, cpu);
    if (done) {
        pthread_mutex_lock(&w->lock);
        w->cpu = cpu;
        pthread_mutex_unlock(&w->lock);
        zf_control_look(w->guest.control);
    }
    return done;
}

/* Kept in order of setting; one that goes makes room for the last. */
static void toggle(uint64_t *list, unsigned *count, uint64_t address) {
    for (unsigned i = 0; i < *count; i++) {
        if (list[i] == address) {
            list[i] = list[--*count];
            return;
        }
    }
    list[(*count)++] = address;
}

bool zf_watch_breakpoint(struct zf_watch *w, uint64_t address) {
    bool there = zf_watch_has(w->breakpoints, w->breakpoint_count, address);
    if (there) {
        zf_control_clear_breakpoint(w->guest.control, address);
    } else if (w->breakpoint_count == ZF_WATCH_BREAKPOINTS ||
               !zf_control_set_breakpoint(w->guest.control, address)) {
        return false;
    }
    pthread_mutex_lock(&w->lock);
    toggle(w->breakpoints, &w->breakpoint_count, address);
    pthread_mutex_unlock(&w->lock);
    zf_control_look(w->guest.control);
    return true;
}

bool zf_watch_storage(struct zf_watch *w, uint64_t address) {
    bool there = zf_watch_has(w->watched, w->watched_count, address);
    if (there) {
        zf_control_clear_watchpoint(w->guest.control, address, ZF_WATCH_LINE, ZF_WATCH_CHANGE);
    } else if (w->watched_count == ZF_WATCHPOINTS ||
               !zf_control_set_watchpoint(w->guest.control, address, ZF_WATCH_LINE,
                                          ZF_WATCH_CHANGE)) {
        return false;
    }
    pthread_mutex_lock(&w->lock);
    toggle(w->watched, &w->watched_count, address);
    pthread_mutex_unlock(&w->lock);
    zf_control_look(w->guest.control);
    return true;
}

void zf_watch_advance(struct zf_watch *w, uint64_t insns) {
    struct zf_control *control = w->guest.control;
    enum { PATIENCE_MS = 1000 };
    int64_t before = -1, executed;
    if (insns == 0) {
        return;
    }
    zf_control_step(control, insns);
    while (!zf_control_wait(control, PATIENCE_MS, NULL)) {
        executed = zf_control_insns(control);
        if (executed == before) {
            zf_control_pause(control); /* it waits for something that does not come */
        }
        before = executed;
    }
}

const struct zf_shot *zf_watch_shot(struct zf_watch *w) {
    bool busy = zf_control_busy(w->guest.control);
    pthread_mutex_lock(&w->lock);
    if (w->fresh) {
        w->shown = w->published;
        w->fresh = false;
    }
    pthread_mutex_unlock(&w->lock);
    if (busy && zf_watch_now_ms() - w->asked_ms >= ZF_WATCH_SLOT_MS) {
        w->asked_ms = zf_watch_now_ms();
        zf_control_look(w->guest.control);
    }
    return &w->shown;
}
