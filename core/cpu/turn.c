/*
 * Turns: who executes next is chosen by whoever stops executing, from what the CPUs are in then. No
 * clock of the host and no thread's speed has a part in it.
 */
#include "zfacet/turn.h"

#include "zfacet/cpus.h"

#include <sched.h>

enum { TURN = 20000 };

static struct zf_turns *turns_of(const struct zf_cpu *cpu) {
    return &cpu->cpus->turns;
}

/* Below 0 when the target of an EXECUTE came after the last one. */
static int64_t left_now(const struct zf_cpu *cpu) {
    return (cpu->insns_left < 0 ? 0 : cpu->insns_left) - cpu->insns_beyond;
}

int64_t zf_turn_left(const struct zf_cpu *cpu) {
    return cpu->turn.later + left_now(cpu);
}

void zf_turn_create(struct zf_cpu *cpu, int64_t limit) {
    struct zf_turns *turns = turns_of(cpu);
    cpu->turn = (struct zf_turn){.number = turns->numbers++};
    cpu->insns_left = limit;
    if (turns->on) {
        cpu->turn.later = limit;
        cpu->insns_left = 0;
    }
    pthread_cond_init(&cpu->turn.came, NULL);
}

uint64_t zf_turn_time(const struct zf_cpus *cpus) {
    const struct zf_cpu *holder = cpus->turns.holder;
    return cpus->turns.ns + (holder ? (uint64_t)(holder->turn.length - left_now(holder)) : 0);
}

/* What has been executed of a turn counts, and the rest is for later. */
static void end_turn(struct zf_cpu *cpu) {
    struct zf_turns *turns = turns_of(cpu);
    if (turns->holder == cpu) {
        turns->ns = zf_turn_time(cpu->cpus);
    }
    cpu->turn.later += left_now(cpu);
    cpu->turn.length = cpu->insns_left = cpu->insns_beyond = 0;
}

static void begin_turn(struct zf_cpu *cpu) {
    int64_t later = cpu->turn.later > 0 ? cpu->turn.later : 0;
    cpu->turn.length = later < TURN ? later : TURN;
    cpu->turn.later -= cpu->turn.length;
    cpu->insns_left = cpu->turn.length;
}

void zf_turn_set_limit(struct zf_cpu *cpu, int64_t limit) {
    if (turns_of(cpu)->on) {
        end_turn(cpu);
        cpu->turn.later = limit;
    } else {
        cpu->insns_left = limit;
        cpu->insns_beyond = 0;
    }
}

void zf_cpu_yield(struct zf_cpu *cpu) {
    if (!turns_of(cpu)->on) {
        sched_yield();
    } else if (turns_of(cpu)->holder == cpu && cpu->cpus->count > 1) {
        cpu->turn.later += left_now(cpu); /* the run loop finds that its turn is over */
        cpu->turn.length -= left_now(cpu);
        cpu->insns_left = cpu->insns_beyond = 0;
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
        begin_turn(next);
        pthread_cond_signal(&next->turn.came);
    }
}

/* With the lock: whoever is next, if nobody has the turn. */
static void give_on(struct zf_cpu *cpu) {
    if (!turns_of(cpu)->holder) {
        give(cpu->cpus, choose(cpu->cpus));
    }
}

/* With the lock. */
static bool await_turn(struct zf_cpu *cpu) {
    struct zf_turns *turns = turns_of(cpu);
    while (turns->holder != cpu && !turns->suspended) {
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
