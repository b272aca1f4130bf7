/*
 * A client of a guest's control: what that tells, in the thread that executes, is gathered in `now`
 * and copied, when somebody looks or it comes to stand still, for the thread that draws.
 */
#include "inspect/watch_state.h"

#include "run/run.h"

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

static void on_halt(struct zf_watch *w, const struct zf_halt *halt) {
    static const enum zf_watch_state states[] = {[ZF_CONTROL_PAUSED] = ZF_WATCH_PAUSED,
                                                 [ZF_CONTROL_RUNNING] = ZF_WATCH_RUNNING,
                                                 [ZF_CONTROL_ENDED] = ZF_WATCH_ENDED};
    w->now.state = states[halt->state];
    snprintf(w->now.why, sizeof w->now.why, "%s", zf_halt_text(halt));
    zf_watch_publish(w);
}

static void on_event(void *context, const struct zf_control_event *event) {
    struct zf_watch *w = context;
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
    }
}

bool zf_watch_stepping(const struct zf_watch *w) {
    return w->guest.machine->config.max_insns != 0;
}

/* Slices differ a little in length, so that no loop is always looked at in the same place. */
static void on_slice(void *context, struct zf_cpu *cpu) {
    struct zf_watch *w = context;
    if (!zf_watch_stepping(w) && !(cpu->psw.mask & ZF_PSW_WAIT)) {
        w->seed = w->seed * 1103515245 + 12345;
        cpu->slice -= (int32_t)(w->seed >> 16 & 8191);
        zf_watch_count(w, cpu->psw.addr);
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
    pthread_mutex_init(&w->lock, NULL);
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
