/*
 * Breakpoints are decided when code is translated: a block that would run over one ends there, and
 * the block that begins there first calls a helper that stops the machine. So code without any runs
 * at full speed; setting one drops what was translated before. Watchpoints: watch.c.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

/* Odd: no instruction is there. */
#define NOWHERE UINT64_C(1)
enum { NOBODY = -1, ANYBODY = -2 };

struct zf_debug {
    struct zf_machine *machine;
    struct zf_frontend frontend; /* the machine's own */
    struct zf_debug_observer observer;
    uint64_t breakpoints[ZF_BREAKPOINTS];
    unsigned count;
    struct zf_watches watches;
    bool watches_rest; /* nobody wants to know of them */
    int64_t executed;
    int arrived; /* the CPU at whose breakpoint the last run ended, or NOBODY */
    int told;    /* the CPU that the last run ended for; NOBODY: none that can be at a breakpoint */
};

/* The breakpoint met first from the block's beginning on, and how many instructions before it. */
struct encounter {
    uint64_t word;
    unsigned length; /* of the instruction at the breakpoint; 0: there is none */
    unsigned insns;
};

bool zf_debug_has_breakpoint(const struct zf_debug *d, uint64_t address) {
    for (unsigned i = 0; i < d->count; i++) {
        if (d->breakpoints[i] == address) {
            return true;
        }
    }
    return false;
}

static struct encounter find_breakpoint(const struct zf_debug *d, const struct zf_block *block) {
    struct encounter found = {0};
    struct zf_pgm pgm = block->cpu->pgm;
    uint64_t address = block->pc;
    while (found.insns < block->max_insns &&
           zf_block_fetch(block, address, &found.word, &found.length)) {
        if (zf_debug_has_breakpoint(d, address)) {
            block->cpu->pgm = pgm;
            return found;
        }
        address += found.length;
        found.insns++;
    }
    block->cpu->pgm = pgm;
    found.length = 0;
    return found;
}

struct arrival {
    struct zf_call call;
    struct zf_debug *debug;
    uint64_t address;
};

static enum zf_next arrive(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct arrival *arrival = (const struct arrival *)call;
    const struct zf_passer *passer = &arrival->debug->watches.passer;
    if (passer->passed) {
        const struct zf_watch_hit hit = {ZF_WATCH_NONE, arrival->address, cpu->address};
        passer->passed(passer->context, cpu, &hit);
        return ZF_NEXT;
    }
    if (cpu->leaving == arrival->address) {
        cpu->leaving = NOWHERE;
        return ZF_NEXT;
    }
    int nobody = NOBODY;
    __atomic_compare_exchange_n(&arrival->debug->arrived, &nobody, cpu->address, false,
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    zf_machine_end(cpu->machine, ZF_STOP_BREAKPOINT, NULL);
    return ZF_NEXT_STOP_HERE;
}

static void heed_breakpoints(struct zf_debug *d, struct zf_block *block) {
    struct encounter found = find_breakpoint(d, block);
    if (found.length && found.insns) {
        block->max_insns = found.insns;
    } else if (found.length) {
        struct arrival arrival = {{arrive}, d, block->pc};
        block->insn_length = (uint8_t)found.length;
        zf_emit_call(block, &arrival.call, sizeof arrival);
    }
}

static bool translate(void *context, struct zf_block *block) {
    struct zf_debug *d = context;
    bool watched = d->watches.count && !d->watches_rest && !block->execute_length;
    if (watched) {
        zf_watches_emit(&d->watches, block);
    }
    if (d->count && !block->execute_length) {
        heed_breakpoints(d, block);
    }
    bool done = d->frontend.translate(d->frontend.context, block);
    if (done && watched) {
        zf_watches_translated(block);
    }
    if (done && d->observer.translated) {
        d->observer.translated(d->observer.context, block);
    }
    return done;
}

static enum zf_cc_use cc_use(void *context, const struct zf_block *block, uint64_t word) {
    const struct zf_debug *d = context;
    return d->frontend.cc_use(d->frontend.context, block, word);
}

struct zf_debug *zf_debug_create(struct zf_machine *machine) {
    struct zf_debug *d = calloc(1, sizeof *d);
    if (!d) {
        return NULL;
    }
    struct zf_frontend *frontend = &machine->config.frontend;
    d->machine = machine;
    d->arrived = NOBODY;
    d->told = ANYBODY;
    zf_watches_init(&d->watches);
    d->frontend = *frontend;
    frontend->context = d;
    frontend->translate = translate;
    frontend->cc_use = frontend->cc_use ? cc_use : NULL;
    return d;
}

void zf_debug_observe(struct zf_debug *d, const struct zf_debug_observer *observer) {
    d->observer = *observer;
    d->machine->slice_end = (struct zf_slice_end){observer->context, observer->slice};
}

static void set_watching(struct zf_debug *d, const struct zf_watching *watching) {
    struct zf_cpu *cpu;
    for (unsigned i = 0; (cpu = zf_machine_cpu(d->machine, i)); i++) {
        zf_watching_set(cpu, watching);
    }
}

/* What is watched changes: no CPU has noted anything, until the next run. */
static void forget(struct zf_debug *d) {
    set_watching(d, NULL);
    zf_machine_flush(d->machine);
}

void zf_debug_destroy(struct zf_debug *d) {
    if (d) {
        d->machine->config.frontend = d->frontend;
        d->machine->slice_end = (struct zf_slice_end){0};
        forget(d);
        zf_watches_free(&d->watches);
        free(d);
    }
}

bool zf_debug_set_breakpoint(struct zf_debug *d, uint64_t address) {
    if (zf_debug_has_breakpoint(d, address)) {
        return true;
    }
    if (d->count == ZF_BREAKPOINTS) {
        return false;
    }
    d->breakpoints[d->count++] = address;
    zf_machine_flush(d->machine);
    return true;
}

void zf_debug_clear_breakpoint(struct zf_debug *d, uint64_t address) {
    for (unsigned i = 0; i < d->count; i++) {
        if (d->breakpoints[i] == address) {
            d->breakpoints[i] = d->breakpoints[--d->count];
            zf_machine_flush(d->machine);
            return;
        }
    }
}

void zf_debug_clear_breakpoints(struct zf_debug *d) {
    if (d->count || d->watches.count) {
        d->count = d->watches.count = 0;
        forget(d);
    }
}

bool zf_debug_set_watchpoint(struct zf_debug *d, struct zf_cpu *cpu, uint64_t address, size_t size,
                             enum zf_watch_kind kind) {
    bool done = zf_watches_add(
        &d->watches, cpu, &(struct zf_watched){.kind = kind, .address = address, .size = size});
    forget(d);
    return done;
}

void zf_debug_clear_watchpoint(struct zf_debug *d, uint64_t address, size_t size,
                               enum zf_watch_kind kind) {
    if (zf_watches_remove(&d->watches,
                          &(struct zf_watched){.kind = kind, .address = address, .size = size})) {
        forget(d);
    }
}

void zf_debug_pass(struct zf_debug *d, zf_debug_passed *passed, void *context) {
    bool rest = passed == zf_debug_ignore;
    d->watches.passer = (struct zf_passer){passed, context};
    if (d->watches_rest != rest) {
        d->watches_rest = rest;
        if (d->watches.count) {
            forget(d);
        }
    }
}

void zf_debug_ignore(void *context, struct zf_cpu *cpu, const struct zf_watch_hit *hit) {
}

void zf_debug_watch_anew(struct zf_debug *d, struct zf_cpu *cpu) {
    zf_watches_anew(&d->watches, cpu);
}

bool zf_debug_arrived(const struct zf_debug *d, unsigned *cpu) {
    *cpu = (unsigned)d->arrived;
    return d->arrived != NOBODY;
}

bool zf_debug_watch_hit(const struct zf_debug *d, struct zf_watch_hit *hit) {
    *hit = d->watches.hit;
    return hit->kind != ZF_WATCH_NONE;
}

/* Others that stand at a breakpoint have not been told of it yet. */
static void begin_leaving(struct zf_debug *d, const struct zf_debug_limit *limit) {
    struct zf_cpu *cpu;
    for (unsigned i = 0; (cpu = zf_machine_cpu(d->machine, i)); i++) {
        bool leaves = !limit->goes_on && (d->told == ANYBODY || d->told == cpu->address) &&
                      zf_debug_has_breakpoint(d, cpu->psw.addr);
        if (!limit->goes_on || !cpu->leaving) {
            cpu->leaving = leaves ? cpu->psw.addr : NOWHERE;
        }
    }
}

static int told_of(const struct zf_debug *d, const struct zf_debug_limit *limit,
                   enum zf_stop stop) {
    return d->arrived != NOBODY         ? d->arrived
           : d->watches.hit.kind        ? (int)d->watches.hit.cpu
           : stop == ZF_STOP_BREAKPOINT ? NOBODY /* a signal */
           : limit->cpu != NULL         ? limit->cpu->address
                                        : ANYBODY;
}

enum zf_stop zf_debug_run_limited(struct zf_debug *d, const struct zf_debug_limit *limit) {
    begin_leaving(d, limit);
    set_watching(d, d->watches_rest ? NULL : zf_watches_accesses(&d->watches));
    d->watches.hit = (struct zf_watch_hit){0};
    d->arrived = NOBODY;
    zf_machine_set_max_insns(d->machine, limit->insns, limit->cpu, limit->own);
    d->machine->limit_ends_wait = limit->into_wait;
    d->machine->alone = limit->alone && !d->machine->config.deterministic ? limit->cpu : NULL;
    enum zf_stop stop = zf_machine_run(d->machine);
    if (stop == ZF_STOP_MAX_INSNS && !d->watches_rest &&
        zf_watches_settle(&d->watches, &d->machine->cpus)) {
        stop = ZF_STOP_BREAKPOINT;
    }
    d->machine->limit_ends_wait = false;
    d->machine->alone = NULL;
    d->told = told_of(d, limit, stop);
    bool counted = limit->insns || limit->cpu || d->machine->config.deterministic;
    d->executed = counted ? (int64_t)zf_machine_insns(d->machine) : 0;
    return stop;
}

enum zf_stop zf_debug_run(struct zf_debug *d, int64_t insns) {
    return zf_debug_run_limited(d, &(struct zf_debug_limit){.insns = insns});
}

int64_t zf_debug_executed(const struct zf_debug *d) {
    return d->executed;
}
