#define _GNU_SOURCE /* process_vm_readv */
#include "inspect/watch.h"

#include "zfacet/console.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { SLOT_MS = 100, KEPT = 1024, WISHES = 64 };

struct wish {
    enum zf_watch_wish what;
    uint64_t value; /* address, or number of steps */
};

struct ops_of {
    uint64_t pc, end;
    char lines[ZF_WATCH_OPS][88];
    unsigned count;
};

struct zf_watch {
    struct zf_watch_guest guest;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    bool quit, wants_shot;
    struct wish queue[WISHES]; /* not yet begun, the oldest first */
    unsigned queued;
    uint64_t asked, served; /* wishes so far; served: done or dropped */
    uint64_t look;
    struct zf_shot published;
    bool fresh;
    /* of the thread that looks */
    struct zf_shot shown;
    uint64_t asked_ms;
    /* of the engine's thread */
    struct zf_shot now;
    bool stepping; /* translated code counts its instructions */
    struct zf_watch_block kept[KEPT];
    struct ops_of ops[16];
    unsigned ops_used;
    uint64_t slot;
    bool (*translate)(void *context, struct zf_block *block);
    void (*hit)(void *context, struct zf_cpu *cpu, const struct zf_gate_hit *hit);
    void *hit_context;
};

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Moves the strips on to the present. */
static unsigned current_slot(struct zf_watch *w) {
    uint64_t slot = now_ms() / SLOT_MS;
    uint64_t steps = w->slot ? slot - w->slot : 0;
    struct zf_shot *now = &w->now;
    w->slot = slot;
    for (steps = steps > ZF_WATCH_SLOTS ? ZF_WATCH_SLOTS : steps; steps > 0; steps--) {
        memmove(now->hits, now->hits + 1, sizeof now->hits - sizeof now->hits[0]);
        memmove(now->slices, now->slices + 1, sizeof now->slices - sizeof now->slices[0]);
        now->hits[ZF_WATCH_SLOTS - 1] = now->slices[ZF_WATCH_SLOTS - 1] = 0;
    }
    return ZF_WATCH_SLOTS - 1;
}

static void on_hit(void *context, struct zf_cpu *cpu, const struct zf_gate_hit *hit) {
    struct zf_watch *w = context;
    w->now.hits[current_slot(w)]++;
    w->now.hits_total++;
    if (w->hit) {
        w->hit(w->hit_context, cpu, hit);
    }
}

static void on_text(void *context, const char *text, size_t length) {
    struct zf_shot *now = &((struct zf_watch *)context)->now;
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

/* Called once in a time slice; no input ever comes. */
static bool on_poll(void *context, struct zf_machine *machine, uint64_t ns) {
    struct zf_watch *w = context;
    w->now.slices[current_slot(w)]++;
    return ns == 0;
}

static void count_need(struct zf_watch_block *block, uint8_t bit) {
    for (unsigned i = 0; i < block->needs; i++) {
        if (block->facility[i] == bit) {
            block->count[i] += block->count[i] < UINT8_MAX;
            return;
        }
    }
    if (block->needs < ZF_WATCH_NEEDS) {
        block->facility[block->needs] = bit;
        block->count[block->needs++] = 1;
    }
}

static void keep_block(struct zf_watch *w, const struct zf_block *block) {
    struct zf_watch_block *kept = &w->kept[w->now.blocks_total++ % KEPT];
    struct zf_pgm pgm = block->cpu->pgm;
    uint64_t address = block->pc, word;
    unsigned length;
    *kept = (struct zf_watch_block){.pc = block->pc, .end = block->end, .insns = block->insns};
    while (address < block->end && zf_block_fetch(block, address, &word, &length)) {
        const struct zf_row_info *info = zf_row_get(zf_decode_id(word));
        for (unsigned i = 0; i < info->facility.count; i++) {
            count_need(kept, info->facility.bit[i]);
        }
        address += length;
    }
    block->cpu->pgm = pgm;
}

static void keep_ops(struct zf_watch *w, const struct zf_block *block) {
    struct ops_of *ops = &w->ops[w->ops_used++ % (sizeof w->ops / sizeof w->ops[0])];
    ops->pc = block->pc;
    ops->end = block->end;
    ops->count = block->count < ZF_WATCH_OPS ? block->count : ZF_WATCH_OPS;
    for (unsigned i = 0; i < ops->count; i++) {
        zf_ir_print(block, &block->ops[i], ops->lines[i], sizeof ops->lines[i]);
        char *immediate = strstr(ops->lines[i], " imm=");
        if (immediate && strstr(ops->lines[i], " call")) {
            *immediate = 0; /* an address of the host's */
        }
    }
}

/* Code is looked at when it is translated, never when it runs. */
static bool translate(void *context, struct zf_block *block) {
    struct zf_watch *w = context;
    bool done = w->translate(NULL, block);
    if (done && !block->execute_length) {
        keep_block(w, block);
        if (w->stepping) {
            keep_ops(w, block);
        }
    }
    return done;
}

/* Reads without leaving a trace in the guest, and without a fault. */
static bool peek(struct zf_machine *machine, uint64_t address, void *bytes, size_t size) {
    if (machine->storage.linear) {
        struct iovec to = {bytes, size};
        struct iovec from = {machine->storage.ram + (address & (machine->storage.size - 1)), size};
        return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)size;
    }
    struct zf_aaddr absolute = zf_prefix(machine->cpu, (struct zf_raddr){address});
    const uint8_t *host = zf_absolute(machine, absolute, size);
    if (host) {
        memcpy(bytes, host, size);
    }
    return host != NULL;
}

static bool fetch(struct zf_machine *machine, uint64_t address, uint64_t *word, unsigned *length) {
    uint8_t bytes[8] = {0};
    if (machine->cpu->mode & ZF_MODE_DAT) {
        struct zf_pgm pgm = machine->cpu->pgm;
        bool done = zf_fetch(machine->cpu, address, word, length);
        machine->cpu->pgm = pgm;
        return done;
    }
    if (!peek(machine, address, bytes, 2)) {
        return false;
    }
    *length = zf_insn_length(zf_get64(bytes));
    if (!peek(machine, address, bytes, *length)) {
        return false;
    }
    *word = zf_get64(bytes);
    return true;
}

static void copy_code(struct zf_watch *w, uint64_t address) {
    for (unsigned i = 0; i < ZF_WATCH_CODE; i++) {
        unsigned length = 0;
        uint64_t word = 0;
        bool done = fetch(w->guest.machine, address, &word, &length);
        w->now.code[i].address = address;
        w->now.code[i].word = word;
        w->now.code[i].length = done ? length : 0;
        address += done ? length : 2;
    }
}

static void copy_blocks(struct zf_watch *w) {
    struct zf_shot *now = &w->now;
    unsigned count = now->blocks_total < KEPT ? now->blocks_total : KEPT;
    now->block_count = count < ZF_WATCH_BLOCKS ? count : ZF_WATCH_BLOCKS;
    for (unsigned i = 0; i < now->block_count; i++) {
        now->blocks[i] = w->kept[(now->blocks_total - 1 - i) % KEPT];
    }
    now->op_count = 0;
    for (unsigned i = 0; i < sizeof w->ops / sizeof w->ops[0]; i++) {
        const struct ops_of *ops = &w->ops[i];
        if (ops->pc <= now->psw_addr && now->psw_addr < ops->end) {
            memcpy(now->ops, ops->lines, sizeof now->ops);
            now->op_count = ops->count;
        }
    }
}

static void copy_report(struct zf_watch *w) {
    struct zf_shot *now = &w->now;
    unsigned count = w->guest.report ? zf_report_count(w->guest.report) : 0;
    now->entries = count < ZF_WATCH_HITS ? count : ZF_WATCH_HITS;
    for (unsigned i = 0; i < now->entries; i++) {
        now->entry[i] = *zf_report_at(w->guest.report, i);
    }
}

/* With the lock held, by the engine's thread, between blocks. */
static void publish(struct zf_watch *w) {
    struct zf_machine *machine = w->guest.machine;
    struct zf_cpu *cpu = machine->cpu;
    struct zf_shot *now = &w->now;
    current_slot(w);
    now->psw_mask = zf_psw_mask(cpu);
    now->psw_addr = cpu->psw.addr;
    memcpy(now->gr, cpu->gr, sizeof now->gr);
    memcpy(now->cr, cpu->cr, sizeof now->cr);
    memcpy(now->ar, cpu->ar, sizeof now->ar);
    now->fpc = cpu->fpc;
    for (unsigned i = 0; i < 16; i++) {
        now->fpr[i] = cpu->vr[i][0];
    }
    copy_code(w, cpu->psw.addr);
    now->look = w->look;
    for (unsigned i = 0; i < ZF_WATCH_LINES; i++) {
        now->storage[i].there = peek(machine, w->look + i * 16, now->storage[i].bytes, 16);
    }
    copy_blocks(w);
    copy_report(w);
    w->published = *now;
    w->fresh = true;
    w->wants_shot = false;
    pthread_cond_broadcast(&w->changed);
}

static const char *stop_text(enum zf_stop stop) {
    static const char *const texts[] = {
        [ZF_STOP_DISABLED_WAIT] = "disabled wait: the guest is done",
        [ZF_STOP_EXIT] = "the program ended",
        [ZF_STOP_SIGNAL] = "the program died of a signal",
        [ZF_STOP_TIMEOUT] = "the time is over",
        [ZF_STOP_PGM_LOOP] = "the program new PSW leads to program interruptions",
        [ZF_STOP_BLOCKED] = "a blocked instruction",
        [ZF_STOP_UNIMPLEMENTED] = "an instruction that zfacet does not execute",
        [ZF_STOP_SHUTDOWN] = "the guest asked for its end",
        [ZF_STOP_CHECK_STOP] = "check stop",
        [ZF_STOP_IDLE] = "an enabled wait that nothing can end",
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

/*
 * One instruction; called with the lock, which is given up meanwhile. The machine may be stopped
 * for a copy, or by an older wish: it goes on, unless it waits and there is something else to do.
 */
static enum zf_stop step(struct zf_watch *w) {
    struct zf_machine *machine = w->guest.machine;
    enum zf_stop stop;
    bool waits;
    set_counting(w, true);
    machine->cpu->insns_left = 1;
    w->now.steps++;
    do {
        if (w->wants_shot) {
            publish(w);
        }
        pthread_mutex_unlock(&w->lock);
        stop = zf_machine_run(machine);
        pthread_mutex_lock(&w->lock);
        waits = machine->cpu->psw.mask & ZF_PSW_WAIT;
    } while (stop == ZF_STOP_REQUESTED && !w->quit && !(waits && w->queued));
    return stop;
}

/* Single steps, until there were so many, or the address or something else comes. */
static void steps_until(struct zf_watch *w, uint64_t steps, uint64_t target) {
    enum zf_stop stop;
    do {
        stop = step(w);
    } while (--steps > 0 && !interrupted(w) && stop == ZF_STOP_MAX_INSNS &&
             w->guest.machine->cpu->psw.addr != target);
    settle(w, stop);
}

static void run_on(struct zf_watch *w) {
    enum zf_stop stop;
    set_counting(w, false);
    do {
        publish(w);
        pthread_mutex_unlock(&w->lock);
        stop = zf_machine_run(w->guest.machine);
        pthread_mutex_lock(&w->lock);
    } while (!interrupted(w) && stop == ZF_STOP_REQUESTED);
    settle(w, stop);
}

static void grant(struct zf_watch *w) {
    const uint64_t nowhere = 1; /* odd: no instruction is there */
    struct wish wish = w->queue[0];
    struct zf_cpu *cpu = w->guest.machine->cpu;
    memmove(w->queue, w->queue + 1, --w->queued * sizeof w->queue[0]);
    if (w->now.state == ZF_WATCH_ENDED || wish.what == ZF_WATCH_PAUSE) {
        return;
    }
    w->now.state = ZF_WATCH_RUNNING;
    w->now.why[0] = 0;
    if (wish.what == ZF_WATCH_RUN) {
        run_on(w);
    } else if (wish.what == ZF_WATCH_STEP) {
        steps_until(w, wish.value, nowhere);
    } else if (wish.what == ZF_WATCH_OVER) {
        steps_until(w, UINT64_MAX, cpu->psw.addr + w->now.code[0].length);
    } else if (wish.what == ZF_WATCH_TO) {
        steps_until(w, UINT64_MAX, wish.value);
    }
}

static void *work(void *context) {
    struct zf_watch *w = context;
    pthread_mutex_lock(&w->lock);
    publish(w);
    while (!w->quit) {
        if (w->queued) {
            grant(w);
            w->served++;
            publish(w);
        } else if (w->wants_shot) {
            publish(w);
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
    machine->config.frontend.translate = translate;
    machine->config.frontend.context = w;
    w->hit = facilities->hit;
    w->hit_context = facilities->hit_context;
    facilities->hit = on_hit;
    facilities->hit_context = w;
    if (!machine->storage.linear) {
        struct zf_console console = {.context = w, .write = on_text, .poll = on_poll};
        zf_console_attach(machine, &console);
    }
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
    if (w->queued < WISHES) {
        w->queue[w->queued++] = (struct wish){what, value};
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
    if (w->served < w->asked && now_ms() - w->asked_ms >= SLOT_MS) {
        w->asked_ms = now_ms();
        want_shot(w);
    }
    pthread_mutex_unlock(&w->lock);
    return &w->shown;
}
