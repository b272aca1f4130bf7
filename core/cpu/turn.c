/*
 * Turns: who executes next is chosen by whoever stops executing, from what the CPUs are in then. No
 * clock of the host and no thread's speed has a part in it.
 */
#include "zfacet/turn.h"

#include "zfacet/cpus.h"
#include "zfacet/turn_again.h"

#include <sched.h>

enum { TURN = 20000 };

static struct zf_turns *turns_of(const struct zf_cpu *cpu) {
    return &cpu->cpus->turns;
}

/* Below 0 when the target of an EXECUTE came after the last one. */
static int64_t left_now(const struct zf_cpu *cpu) {
    return (cpu->insns_left < 0 ? 0 : cpu->insns_left) - cpu->insns_beyond;
}

/* Where it has no turn, or limits end it, it executes no instruction. */
static void allow(struct zf_cpu *cpu, int64_t turn) {
    struct zf_turns *turns = turns_of(cpu);
    int64_t own = cpu->turn.most - cpu->turn.executed;
    int64_t length = turn < turns->later ? turn : turns->later;
    length = own < length ? own : length;
    length = length > 0 ? length : 0;
    cpu->turn.length = cpu->insns_left = length;
    cpu->turn.rest = turn - length;
    turns->later -= length;
}

uint64_t zf_turn_time(const struct zf_cpus *cpus) {
    const struct zf_cpu *holder = cpus->turns.holder;
    return cpus->turns.ns + (holder ? (uint64_t)(holder->turn.length - left_now(holder)) : 0);
}

void zf_turns_set_time(struct zf_cpus *cpus, uint64_t ns) {
    cpus->turns.ns += ns - zf_turn_time(cpus);
}

/* What has been executed of a turn counts, and the rest is for later. */
static void suspend_turn(struct zf_cpu *cpu) {
    struct zf_turns *turns = turns_of(cpu);
    int64_t left = left_now(cpu);
    if (turns->holder == cpu) {
        turns->ns = zf_turn_time(cpu->cpus);
    }
    cpu->turn.executed += cpu->turn.length - left;
    cpu->turn.rest += left;
    turns->later += left;
    cpu->turn.length = cpu->insns_left = cpu->insns_beyond = 0;
}

static void end_turn(struct zf_cpu *cpu) {
    suspend_turn(cpu);
    cpu->turn.rest = 0;
}

void zf_turn_create(struct zf_cpu *cpu, int64_t limit) {
    struct zf_turns *turns = turns_of(cpu);
    cpu->turn = (struct zf_turn){.number = turns->numbers++, .most = INT64_MAX};
    cpu->insns_left = cpu->insns_beyond = 0;
    if (!turns->on) {
        cpu->turn.most = cpu->insns_left = limit;
    }
    pthread_cond_init(&cpu->turn.came, NULL);
}

static void set_limit(struct zf_cpu *cpu, int64_t own) {
    if (turns_of(cpu)->on) {
        suspend_turn(cpu);
        cpu->turn.began = cpu->turn.executed;
        cpu->turn.most = own < INT64_MAX ? cpu->turn.executed + own : own;
    } else {
        cpu->turn.most = cpu->insns_left = own;
        cpu->insns_beyond = 0;
    }
}

void zf_turns_set_limit(struct zf_cpus *cpus, int64_t limit, struct zf_cpu *one, int64_t own) {
    struct zf_turns *turns = &cpus->turns;
    const int64_t others = turns->on ? INT64_MAX : limit;
    for (unsigned i = 0; i < cpus->count; i++) {
        set_limit(cpus->cpu[i], cpus->cpu[i] == one ? own : others);
    }
    if (turns->on) {
        turns->later = limit;
    }
    if (turns->on && turns->holder) {
        allow(turns->holder, turns->holder->turn.rest > 0 ? turns->holder->turn.rest : 0);
    }
}

int64_t zf_turn_total(const struct zf_cpu *cpu) {
    return cpu->turn.executed + cpu->turn.length - left_now(cpu);
}

int64_t zf_turn_executed(const struct zf_cpu *cpu) {
    return turns_of(cpu)->on ? zf_turn_total(cpu) - cpu->turn.began
                             : cpu->turn.most - left_now(cpu);
}

int64_t zf_turn_undo(struct zf_cpu *cpu) {
    const struct zf_turns *turns = turns_of(cpu);
    cpu->insns_left++;
    return turns->holder != cpu && !turns->given;
}

void zf_turn_redo(struct zf_cpu *cpu, int64_t count) {
    suspend_turn(cpu);
    turns_of(cpu)->ns -= (uint64_t)count;
    allow(cpu, cpu->turn.rest + count);
}

/* A turn that was given may be one of no instructions, in which the CPU looks around. */
bool zf_turn_is_over(const struct zf_cpu *cpu) {
    const struct zf_turns *turns = turns_of(cpu);
    return cpu->insns_left <= (turns->given ? -1 : 0) && cpu->turn.rest <= 0 && turns->later > 0;
}

bool zf_turn_at_limit(const struct zf_cpu *cpu) {
    return cpu->insns_left <= 0 && !zf_turn_is_over(cpu);
}

void zf_turn_give(struct zf_cpu *cpu, int64_t length) {
    struct zf_turns *turns = turns_of(cpu);
    if (turns->holder) {
        end_turn(turns->holder);
    }
    turns->holder = cpu;
    cpu->turn.state = ZF_TURN_WANTED;
    allow(cpu, length);
}

bool zf_turn_is_gone(const struct zf_cpu *cpu) {
    const struct zf_turns *turns = turns_of(cpu);
    return turns->given && turns->holder != cpu;
}

bool zf_turn_is_lost(const struct zf_cpu *cpu) {
    const struct zf_turns *turns = turns_of(cpu);
    return turns->on && !turns->given && turns->holder != cpu;
}

void zf_cpu_yield(struct zf_cpu *cpu) {
    struct zf_turns *turns = turns_of(cpu);
    if (!turns->on) {
        sched_yield();
    } else if (turns->holder == cpu && cpu->cpus->count > 1) {
        end_turn(cpu); /* the run loop finds that its turn is over */
        cpu->slice = -1;
    }
}

static bool is_hurried(const struct zf_cpu *cpu) {
    return __atomic_load_n(&cpu->slice, __ATOMIC_RELAXED) < 0 ||
           __atomic_load_n(&cpu->orders, __ATOMIC_RELAXED);
}

static bool can_use(const struct zf_cpu *cpu, uint64_t now) {
    return cpu->turn.state == ZF_TURN_WANTED ||
           (cpu->turn.state != ZF_TURN_NONE && (is_hurried(cpu) || cpu->turn.until <= now));
}

static bool can_look(const struct zf_cpu *cpu, uint64_t now) {
    (void)now;
    return cpu->turn.state == ZF_TURN_WATCHING && !cpu->turn.looked;
}

/* Which of the two comes first after the one that has just had its turn. */
static bool is_before(const struct zf_cpu *a, const struct zf_cpu *b, uint64_t last) {
    bool a_wraps = a->turn.number <= last, b_wraps = b->turn.number <= last;
    return a_wraps == b_wraps ? a->turn.number < b->turn.number : b_wraps;
}

static struct zf_cpu *next_that(struct zf_cpus *cpus, uint64_t last,
                                bool (*fits)(const struct zf_cpu *cpu, uint64_t now)) {
    uint64_t now = zf_turn_time(cpus);
    struct zf_cpu *best = NULL;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct zf_cpu *cpu = cpus->cpu[i];
        if (fits(cpu, now) && (!best || is_before(cpu, best, last))) {
            best = cpu;
        }
    }
    return best;
}

/* Nobody has anything to do now: time passes until the first has. NULL: none ever will. */
static struct zf_cpu *first_to_wake(struct zf_cpus *cpus) {
    struct zf_cpu *first = NULL;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct zf_cpu *cpu = cpus->cpu[i];
        if (cpu->turn.state > ZF_TURN_WANTED && cpu->turn.until != ZF_TURN_FOREVER &&
            (!first || cpu->turn.until < first->turn.until ||
             (cpu->turn.until == first->turn.until && cpu->turn.number < first->turn.number))) {
            first = cpu;
        }
    }
    if (first) {
        cpus->turns.ns = first->turn.until;
    }
    return first;
}

static void look_again(struct zf_cpus *cpus) {
    for (unsigned i = 0; i < cpus->count; i++) {
        cpus->cpu[i]->turn.looked = false;
    }
}

/* Those who watch look once while nothing else happens, before time passes. */
static struct zf_cpu *choose(struct zf_cpus *cpus) {
    uint64_t last = cpus->turns.last;
    struct zf_cpu *next = next_that(cpus, last, can_use);
    if (next) {
        look_again(cpus);
        return next;
    }
    next = next_that(cpus, last, can_look);
    if (!next) {
        look_again(cpus);
        next = first_to_wake(cpus);
    }
    next = next ? next : next_that(cpus, last, can_look);
    if (next) {
        next->turn.looked = next->turn.state == ZF_TURN_WATCHING;
    }
    return next;
}

/* With the lock. */
static void give(struct zf_cpus *cpus, struct zf_cpu *next) {
    cpus->turns.holder = next;
    if (next) {
        next->turn.state = ZF_TURN_WANTED;
        allow(next, TURN);
        pthread_cond_signal(&next->turn.came);
    }
}

/* With the lock: whoever is next, if nobody has the turn. */
static void give_on(struct zf_cpu *cpu) {
    const struct zf_turns *turns = turns_of(cpu);
    if (!turns->holder && !turns->given) {
        give(cpu->cpus, choose(cpu->cpus));
    }
}

/* With the lock. */
static bool await_turn(struct zf_cpu *cpu) {
    struct zf_turns *turns = turns_of(cpu);
    while (turns->holder != cpu && !turns->suspended && !turns->given) {
        pthread_cond_wait(&cpu->turn.came, &cpu->cpus->lock);
    }
    return turns->holder == cpu;
}

static void yield_turn(struct zf_cpu *cpu, enum zf_turn_state state) {
    struct zf_turns *turns = turns_of(cpu);
    if (turns->holder == cpu) {
        end_turn(cpu);
        turns->holder = NULL;
        turns->last = cpu->turn.number;
    }
    cpu->turn.state = state;
}

void zf_turn_want(struct zf_cpu *cpu) {
    if (turns_of(cpu)->on) {
        cpu->turn.state = ZF_TURN_WANTED;
        give_on(cpu);
    }
}

void zf_turns_suspend(struct zf_cpus *cpus, bool suspended) {
    cpus->turns.suspended = suspended;
    for (unsigned i = 0; i < cpus->count && cpus->turns.on; i++) {
        struct zf_cpu *cpu = cpus->cpu[i];
        if (suspended && cpu->turn.state > ZF_TURN_WANTED) {
            cpu->turn.state = ZF_TURN_WANTED; /* it makes its call again */
        }
        pthread_cond_signal(&cpu->turn.came);
    }
}

bool zf_turn_take(struct zf_cpu *cpu) {
    if (!turns_of(cpu)->on) {
        return true;
    }
    pthread_mutex_lock(&cpu->cpus->lock);
    zf_turn_want(cpu);
    bool has = await_turn(cpu);
    pthread_mutex_unlock(&cpu->cpus->lock);
    return has;
}

void zf_turn_drop(struct zf_cpu *cpu) {
    if (turns_of(cpu)->on) {
        pthread_mutex_lock(&cpu->cpus->lock);
        yield_turn(cpu, ZF_TURN_NONE);
        give_on(cpu);
        pthread_mutex_unlock(&cpu->cpus->lock);
    }
}

void zf_turn_pass(struct zf_cpu *cpu) {
    pthread_mutex_lock(&cpu->cpus->lock);
    yield_turn(cpu, ZF_TURN_WANTED);
    give_on(cpu);
    await_turn(cpu);
    pthread_mutex_unlock(&cpu->cpus->lock);
}

bool zf_turn_sleep(struct zf_cpu *cpu, enum zf_turn_state how, uint64_t until) {
    struct zf_turns *turns = turns_of(cpu);
    pthread_mutex_lock(&cpu->cpus->lock);
    cpu->turn.until = until;
    yield_turn(cpu, how);
    give_on(cpu);
    bool came = turns->holder && await_turn(cpu);
    if (!turns->holder) {
        give(cpu->cpus, cpu);
    }
    pthread_mutex_unlock(&cpu->cpus->lock);
    return came;
}
