#include "inspect/watch_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void found(void *context, struct zf_cpu *cpu, const struct zf_finding *finding) {
    struct zf_watch *w = context;
    w->now.hits[zf_watch_slot(w)]++;
    w->now.hits_total++;
    if (w->found) {
        w->found(w->found_context, cpu, finding);
    }
}

static const char *stop_text(enum zf_stop stop) {
    static const char *const texts[] = {
        [ZF_STOP_DISABLED_WAIT] = "disabled wait",
        [ZF_STOP_EXIT] = "program ended",
        [ZF_STOP_SIGNAL] = "program killed by a signal",
        [ZF_STOP_TIMEOUT] = "time limit reached",
        [ZF_STOP_PGM_LOOP] = "program-interruption loop",
        [ZF_STOP_BLOCKED] = "blocked instruction",
        [ZF_STOP_UNIMPLEMENTED] = "instruction not implemented",
        [ZF_STOP_SHUTDOWN] = "shut down by the guest",
        [ZF_STOP_CHECK_STOP] = "check stop",
        [ZF_STOP_IDLE] = "enabled wait, no interruption possible",
    };
    return stop < sizeof texts / sizeof texts[0] && texts[stop] ? texts[stop] : "";
}

static void set_counting(struct zf_watch *w, bool on) {
    if (w->stepping != on) {
        w->stepping = on;
        zf_machine_set_max_insns(w->guest.machine, on ? 1 : 0);
    }
}

/* After the machine has stopped for another reason than being asked to. */
static void settle(struct zf_watch *w, enum zf_stop stop) {
    const char *text = stop_text(stop);
    bool over = stop != ZF_STOP_REQUESTED && stop != ZF_STOP_MAX_INSNS && stop != ZF_STOP_BLOCKED;
    w->now.state = over ? ZF_WATCH_ENDED : ZF_WATCH_PAUSED;
    snprintf(w->now.why, sizeof w->now.why, "%s",
             text[0] || stop == ZF_STOP_MAX_INSNS ? text : w->guest.machine->stop_text);
}

static bool interrupted(const struct zf_watch *w) {
    return w->quit || w->queued > 0;
}

static bool is_execute(struct zf_machine *machine, uint64_t address) {
    uint64_t word;
    unsigned length;
    enum zf_row row =
        zf_watch_fetch(machine, address, &word, &length) ? zf_decode_id(word) : ZF_ROW_INVALID;
    return row == ZF_ROW_ex || row == ZF_ROW_exrl;
}

/*
 * So many instructions; called with the lock, which is given up meanwhile. The machine may be
 * stopped for a copy, or by an older wish: it goes on, unless it waits and there is something else
 * to do.
 */
static enum zf_stop count_down(struct zf_watch *w, unsigned insns) {
    struct zf_machine *machine = w->guest.machine;
    enum zf_stop stop;
    bool waits;
    machine->cpu->insns_left = insns;
    do {
        if (w->wants_shot) {
            zf_watch_publish(w);
        }
        pthread_mutex_unlock(&w->lock);
        stop = zf_machine_run(machine);
        pthread_mutex_lock(&w->lock);
        waits = machine->cpu->psw.mask & ZF_PSW_WAIT;
    } while (stop == ZF_STOP_REQUESTED && !w->quit && !(waits && w->queued));
    return stop;
}

static enum zf_stop step(struct zf_watch *w) {
    struct zf_machine *machine = w->guest.machine;
    uint64_t address = machine->cpu->psw.addr;
    set_counting(w, true);
    w->now.steps++;
    enum zf_stop stop = count_down(w, 1);
    /* the target of an EXECUTE is counted, too */
    if (stop == ZF_STOP_MAX_INSNS && machine->cpu->psw.addr == address &&
        is_execute(machine, address)) {
        stop = count_down(w, 2);
    }
    zf_watch_count(w, address);
    return stop;
}

static void step_on(struct zf_watch *w, uint64_t steps) {
    enum zf_stop stop;
    do {
        stop = step(w);
    } while (--steps > 0 && !interrupted(w) && stop == ZF_STOP_MAX_INSNS);
    settle(w, stop);
}

static void run_on(struct zf_watch *w) {
    enum zf_stop stop;
    set_counting(w, false);
    do {
        zf_watch_publish(w);
        pthread_mutex_unlock(&w->lock);
        stop = zf_machine_run(w->guest.machine);
        pthread_mutex_lock(&w->lock);
    } while (!interrupted(w) && stop == ZF_STOP_REQUESTED && !w->arrived);
    settle(w, stop);
}

/* At full speed; the block at the target stops. */
static void run_to(struct zf_watch *w, uint64_t target) {
    zf_watch_aim(w, target);
    run_on(w);
    zf_watch_aim(w, ZF_WATCH_NOWHERE);
}

static void step_over(struct zf_watch *w) {
    switch (w->now.code[0].length ? zf_decode_id(w->now.code[0].word) : ZF_ROW_INVALID) {
    case ZF_ROW_bal:
    case ZF_ROW_balr:
    case ZF_ROW_bas:
    case ZF_ROW_basr:
    case ZF_ROW_bassm:
    case ZF_ROW_bras:
    case ZF_ROW_brasl:
    case ZF_ROW_pc:
    case ZF_ROW_svc:
        run_to(w, w->now.psw_addr + w->now.code[0].length);
        break;
    default:
        step_on(w, 1);
    }
}

static void grant(struct zf_watch *w) {
    struct zf_wish wish = w->queue[0];
    memmove(w->queue, w->queue + 1, --w->queued * sizeof w->queue[0]);
    if (w->now.state == ZF_WATCH_ENDED || wish.what == ZF_WATCH_PAUSE) {
        return;
    }
    w->now.state = ZF_WATCH_RUNNING;
    w->now.why[0] = 0;
    if (wish.what == ZF_WATCH_RUN) {
        run_on(w);
    } else if (wish.what == ZF_WATCH_STEP) {
        step_on(w, wish.value);
    } else if (wish.what == ZF_WATCH_OVER) {
        step_over(w);
    } else if (wish.what == ZF_WATCH_TO) {
        run_to(w, wish.value);
    }
}

static void *work(void *context) {
    struct zf_watch *w = context;
    pthread_mutex_lock(&w->lock);
    zf_watch_publish(w);
    while (!w->quit) {
        if (w->queued) {
            grant(w);
            w->served++;
            zf_watch_publish(w);
        } else if (w->wants_shot) {
            zf_watch_publish(w);
        } else {
            pthread_cond_wait(&w->changed, &w->lock);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void attach(struct zf_watch *w) {
    struct zf_machine *machine = w->guest.machine;
    struct zf_facilities *facilities = w->guest.facilities;
    w->translate = machine->config.frontend.translate;
    machine->config.frontend.translate = zf_watch_translate;
    machine->config.frontend.context = w;
    w->found = facilities->found;
    w->found_context = facilities->found_context;
    facilities->found = found;
    facilities->found_context = w;
    zf_watch_attach_console(w);
    w->target = ZF_WATCH_NOWHERE;
    w->now.state = ZF_WATCH_PAUSED;
    w->look = machine->cpu->psw.addr & ~UINT64_C(15);
}

struct zf_watch *zf_watch_open(const struct zf_watch_guest *guest, const char *name) {
    struct zf_watch *w = calloc(1, sizeof *w);
    if (!w) {
        return NULL;
    }
    w->guest = *guest;
    snprintf(w->now.guest, sizeof w->now.guest, "%s", name);
    attach(w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&w->thread, NULL, work, w) != 0) {
        free(w);
        return NULL;
    }
    return w;
}

void zf_watch_close(struct zf_watch *w) {
    if (!w) {
        return;
    }
    pthread_mutex_lock(&w->lock);
    w->quit = true;
    zf_machine_stop(w->guest.machine);
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    w->guest.close(w->guest.context);
    free(w);
}

static void want_shot(struct zf_watch *w) {
    w->wants_shot = true;
    if (w->now.state == ZF_WATCH_RUNNING) {
        zf_machine_stop(w->guest.machine);
    }
}

/* Called with the lock. To pause drops what was not yet begun; more wishes than a person has are
 * not heard. */
static void ask(struct zf_watch *w, enum zf_watch_wish what, uint64_t value) {
    if (what == ZF_WATCH_PAUSE) {
        w->served += w->queued;
        w->queued = 0;
    }
    if (w->queued < ZF_WATCH_WISHES) {
        w->queue[w->queued++] = (struct zf_wish){what, value};
        w->asked++;
    }
    if (w->now.state == ZF_WATCH_RUNNING) {
        zf_machine_stop(w->guest.machine);
    }
    pthread_cond_broadcast(&w->changed);
}

void zf_watch_wish(struct zf_watch *w, enum zf_watch_wish what, uint64_t address) {
    pthread_mutex_lock(&w->lock);
    ask(w, what, what == ZF_WATCH_STEP ? 1 : address);
    pthread_mutex_unlock(&w->lock);
}

bool zf_watch_type(struct zf_watch *w, const char *text) {
    size_t length = strlen(text);
    pthread_mutex_lock(&w->lock);
    bool room = length <= sizeof w->input - w->input_length;
    if (room) {
        memcpy(w->input + w->input_length, text, length);
        w->input_length += length;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

void zf_watch_look(struct zf_watch *w, uint64_t address) {
    pthread_mutex_lock(&w->lock);
    if (w->look != (address & ~UINT64_C(15))) {
        w->look = address & ~UINT64_C(15);
        want_shot(w);
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
}

void zf_watch_advance(struct zf_watch *w, uint64_t insns) {
    if (insns == 0) {
        return;
    }
    pthread_mutex_lock(&w->lock);
    ask(w, ZF_WATCH_STEP, insns);
    uint64_t mine = w->asked, steps = 0;
    while (w->served < mine) {
        struct timespec limit;
        clock_gettime(CLOCK_MONOTONIC, &limit);
        limit.tv_sec += 1;
        bool late = pthread_cond_timedwait(&w->changed, &w->lock, &limit) == ETIMEDOUT;
        if (late && w->now.steps == steps && w->queued == 0) {
            ask(w, ZF_WATCH_PAUSE, 0); /* it waits for something that does not come */
        }
        steps = w->now.steps;
    }
    pthread_mutex_unlock(&w->lock);
}

bool zf_watch_busy(struct zf_watch *w) {
    pthread_mutex_lock(&w->lock);
    bool busy = w->served < w->asked;
    pthread_mutex_unlock(&w->lock);
    return busy;
}

bool zf_watch_over(struct zf_watch *w) {
    pthread_mutex_lock(&w->lock);
    bool over = w->now.state == ZF_WATCH_ENDED;
    pthread_mutex_unlock(&w->lock);
    return over;
}

const struct zf_shot *zf_watch_shot(struct zf_watch *w) {
    pthread_mutex_lock(&w->lock);
    while (w->published.state == ZF_WATCH_NOTHING) {
        pthread_cond_wait(&w->changed, &w->lock);
    }
    if (w->fresh) {
        w->shown = w->published;
        w->fresh = false;
    }
    if (w->served < w->asked && zf_watch_now_ms() - w->asked_ms >= ZF_WATCH_SLOT_MS) {
        w->asked_ms = zf_watch_now_ms();
        want_shot(w);
    }
    pthread_mutex_unlock(&w->lock);
    return &w->shown;
}
