/*
 * The threads of the host that execute CPUs. The first CPU is executed by whoever runs the machine,
 * each other one by a thread of its own, which stays between runs: a Linux program's thread keeps
 * its number, its mask of signals and its timers. A run is over when all of them have noticed.
 */
#include "machine_state.h"
#include "zfacet/clock.h"
#include "zfacet/interrupt.h"
#include "zfacet/linear_copy.h"
#include "zfacet/tb.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Making native code takes 300 KB of it, a sanitizer's own data of a thread as much again. */
enum { STACK_SIZE = 2 << 20 };

static void lock(struct zf_machine *machine) {
    pthread_mutex_lock(&machine->cpus.lock);
}

static void unlock(struct zf_machine *machine) {
    pthread_mutex_unlock(&machine->cpus.lock);
}

static void wait_for_change(struct zf_machine *machine) {
    pthread_cond_wait(&machine->cpus.changed, &machine->cpus.lock);
}

static void tell_change(struct zf_machine *machine) {
    pthread_cond_broadcast(&machine->cpus.changed);
}

/* With the lock: until the machine runs. False: there is nothing more to run. */
static bool join_run(struct zf_cpu *cpu) {
    struct zf_machine *machine = cpu->machine;
    while (!cpu->ended && !machine->quit && !machine->running) {
        wait_for_change(machine);
    }
    if (cpu->ended || machine->quit) {
        return false;
    }
    machine->executing++;
    return true;
}

static void leave_run(struct zf_machine *machine) {
    machine->executing--;
    tell_change(machine);
}

static void *execute(void *context) {
    struct zf_cpu *cpu = context;
    struct zf_machine *machine = cpu->machine;
    const struct zf_personality *personality = &machine->personality;
    if (personality->begin) {
        personality->begin(personality->context, cpu);
    }
    lock(machine);
    while (join_run(cpu)) {
        unlock(machine);
        zf_cpu_run(cpu);
        lock(machine);
        leave_run(machine);
    }
    unlock(machine);
    if (personality->end) {
        personality->end(personality->context, cpu);
    }
    lock(machine);
    cpu->spare = true;
    tell_change(machine);
    unlock(machine);
    return NULL;
}

/* All signals but those of a thread's own faults: native code of a dropped block traps. */
static void fill_foreign(sigset_t *set) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    sigfillset(set);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(own); i++) {
        sigdelset(set, own[i]);
    }
}

/* The host's signals are for others, unless the CPU is a Linux program's. */
bool zf_cpu_start_thread(struct zf_cpu *cpu) {
    bool system = !cpu->machine->config.linear;
    pthread_attr_t attributes;
    sigset_t all, old;
    fill_foreign(&all);
    if (system) {
        pthread_sigmask(SIG_SETMASK, &all, &old);
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    cpu->has_thread = !pthread_create(&cpu->thread, &attributes, execute, cpu);
    pthread_attr_destroy(&attributes);
    if (system) {
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    return cpu->has_thread;
}

/* The CPUs of a machine that was restored; others get theirs when they are started. */
static void start_threads(struct zf_machine *machine) {
    for (unsigned i = 1; i < machine->cpus.count; i++) {
        struct zf_cpu *cpu = machine->cpus.cpu[i];
        if (cpu->state == ZF_CPU_OPERATING && !cpu->has_thread && !cpu->ended &&
            !zf_cpu_start_thread(cpu)) {
            cpu->state = ZF_CPU_CHECK_STOP;
        }
    }
}

static void end_if_broken(struct zf_machine *machine) {
    if (zf_linear_is_broken(&machine->storage)) {
        zf_machine_end(machine, ZF_STOP_UNIMPLEMENTED,
                       "what the program had mapped cannot be put back: zfacet cannot go on");
    }
}

/* With the lock: all that execute can use the turn, whichever thread of the host comes first. */
static void resume_turns(struct zf_machine *machine) {
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        struct zf_cpu *cpu = machine->cpus.cpu[i];
        if (cpu->state == ZF_CPU_OPERATING && !cpu->ended && cpu->turn.state == ZF_TURN_NONE) {
            cpu->turn.state = ZF_TURN_WANTED;
        }
    }
    zf_turns_suspend(&machine->cpus, false);
}

void zf_machine_begin_run(struct zf_machine *machine) {
    start_threads(machine);
    lock(machine);
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = '\0';
    machine->running = true;
    machine->executing++;
    resume_turns(machine);
    tell_change(machine);
    unlock(machine);
    end_if_broken(machine);
}

void zf_machine_begin_given(struct zf_machine *machine) {
    lock(machine);
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = '\0';
    zf_turns_suspend(&machine->cpus, false);
    unlock(machine);
    end_if_broken(machine);
}

void zf_machine_end_run(struct zf_machine *machine) {
    lock(machine);
    machine->running = false;
    leave_run(machine);
    while (machine->executing) {
        wait_for_change(machine);
    }
    unlock(machine);
}

bool zf_machine_is_active(const struct zf_machine *machine) {
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        const struct zf_cpu *cpu = machine->cpus.cpu[i];
        if (cpu->state == ZF_CPU_OPERATING && !cpu->disabled && !cpu->idle) {
            return true;
        }
    }
    return false;
}

bool zf_cpu_waits_disabled(const struct zf_cpu *cpu) {
    const uint64_t masks = ZF_PSW_EXT | ZF_PSW_IO | ZF_PSW_MCCK;
    return cpu->psw.mask & ZF_PSW_WAIT && !(cpu->psw.mask & masks);
}

/* With the lock. */
static bool is_any_disabled(const struct zf_machine *machine) {
    bool any = false;
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        any |= machine->cpus.cpu[i]->disabled;
    }
    return any;
}

void zf_cpu_stand_still(struct zf_cpu *cpu) {
    struct zf_machine *machine = cpu->machine;
    zf_cpu_leave(cpu);
    zf_turn_drop(cpu);
    lock(machine);
    /* it may have been started since the caller looked */
    cpu->disabled = cpu->state == ZF_CPU_OPERATING && zf_cpu_waits_disabled(cpu);
    bool over = !machine->config.linear && !zf_machine_is_active(machine);
    bool any_disabled = is_any_disabled(machine);
    while (!over && !machine->stop &&
           (cpu->state != ZF_CPU_OPERATING || (cpu->disabled && !cpu->orders))) {
        wait_for_change(machine);
        cpu->disabled &= cpu->state == ZF_CPU_OPERATING;
    }
    cpu->disabled = false;
    unlock(machine);
    zf_turn_take(cpu);
    zf_cpu_enter(cpu);
    cpu->slice = -1;
    if (over && any_disabled) {
        zf_machine_end(machine, ZF_STOP_DISABLED_WAIT, "disabled wait");
    } else if (over) {
        zf_machine_end(machine, ZF_STOP_SHUTDOWN, "the guest stopped %s",
                       machine->cpus.count > 1 ? "all its CPUs" : "its CPU");
    }
}

/* Why the run is over though nobody has ended it: the CPU that executes alone never will. */
static enum zf_stop over_for(struct zf_machine *machine) {
    const struct zf_cpu *alone = machine->alone;
    if (__atomic_exchange_n(&machine->stop_requested, false, __ATOMIC_ACQUIRE)) {
        return ZF_STOP_REQUESTED;
    }
    bool executes = __atomic_load_n(&alone->state, __ATOMIC_ACQUIRE) == ZF_CPU_OPERATING;
    return executes && !alone->ended ? ZF_STOP_NONE : ZF_STOP_MAX_INSNS;
}

void zf_cpu_stand_by(struct zf_cpu *cpu) {
    struct zf_machine *machine = cpu->machine;
    enum zf_stop over = ZF_STOP_NONE;
    zf_cpu_leave(cpu);
    lock(machine);
    while (!machine->stop && !over && !cpu->ended) {
        const uint64_t patience = 10000000; /* requests do not tell of themselves */
        over = over_for(machine);
        if (!over) {
            zf_cpus_await(&machine->cpus, patience);
        }
    }
    unlock(machine);
    zf_cpu_enter(cpu);
    if (over) {
        zf_machine_end(machine, over, NULL);
    }
}

bool zf_cpu_set_state(struct zf_cpu *cpu, enum zf_cpu_state state) {
    bool starts = state == ZF_CPU_OPERATING, executed = cpu->cpus->turns.given || cpu->has_thread;
    if (starts && cpu->address && !executed && !zf_cpu_start_thread(cpu)) {
        return false;
    }
    lock(cpu->machine);
    if (starts != (cpu->state == ZF_CPU_OPERATING)) { /* the timer of a stopped CPU stands still */
        zf_clock_set_cpu_timer(cpu, starts ? cpu->cpu_timer : zf_clock_cpu_timer(cpu));
        __atomic_store_n(&cpu->orders, 0, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&cpu->state, state, __ATOMIC_RELEASE);
    if (starts && cpu->turn.state == ZF_TURN_NONE) {
        zf_turn_want(cpu);
    }
    tell_change(cpu->machine);
    unlock(cpu->machine);
    return true;
}

void zf_cpu_order(struct zf_cpu *cpu, uint32_t orders) {
    lock(cpu->machine);
    __atomic_fetch_or(&cpu->orders, orders, __ATOMIC_RELEASE);
    zf_cpu_hurry(cpu);
    if (cpu->state == ZF_CPU_OPERATING && cpu->turn.state == ZF_TURN_NONE) {
        zf_turn_want(cpu); /* it stands still, in a disabled wait */
    }
    tell_change(cpu->machine);
    unlock(cpu->machine);
}

void zf_cpu_store_status(struct zf_cpu *cpu) {
    enum { ARCHITECTURAL_MODE = 163 };
    uint8_t *mode = zf_absolute(cpu->storage, (struct zf_aaddr){ARCHITECTURAL_MODE}, 1);
    zf_store_status(cpu, ZF_STATUS_AREA);
    if (mode) {
        *mode = 1;
    }
}

/* With the claim. */
static void obey(struct zf_cpu *cpu, uint32_t orders) {
    if (orders & (ZF_ORDER_RESET | ZF_ORDER_INITIAL_RESET)) {
        zf_cpu_set_state(cpu, ZF_CPU_STOPPED);
        if (orders & ZF_ORDER_INITIAL_RESET) {
            zf_cpu_initial_reset(cpu);
        } else {
            zf_cpu_reset(cpu);
        }
        return;
    }
    if (orders & ZF_ORDER_RESTART) {
        zf_interrupt_restart(cpu);
    }
    if (orders & ZF_ORDER_STOP) {
        zf_cpu_set_state(cpu, ZF_CPU_STOPPED);
        if (orders & ZF_ORDER_STORE_STATUS) {
            zf_cpu_store_status(cpu);
        }
    }
}

void zf_cpu_obey(struct zf_cpu *cpu) {
    if (__atomic_load_n(&cpu->orders, __ATOMIC_ACQUIRE)) {
        zf_cpus_claim(cpu->cpus);
        obey(cpu, __atomic_exchange_n(&cpu->orders, 0, __ATOMIC_ACQ_REL));
        zf_cpus_release(cpu->cpus);
    }
}

void zf_cpu_end(struct zf_cpu *cpu) {
    lock(cpu->machine);
    cpu->ended = cpu->has_thread;
    __atomic_store_n(&cpu->state, ZF_CPU_STOPPED, __ATOMIC_RELEASE);
    unlock(cpu->machine);
}

static struct zf_cpu *take_spare(struct zf_machine *machine) {
    struct zf_cpu *cpu = NULL;
    lock(machine);
    for (unsigned i = 1; i < machine->cpus.count && !cpu; i++) {
        cpu = machine->cpus.cpu[i]->spare ? machine->cpus.cpu[i] : NULL;
    }
    if (cpu) {
        cpu->spare = false;
    }
    unlock(machine);
    if (cpu && cpu->has_thread) {
        pthread_join(cpu->thread, NULL);
    }
    return cpu;
}

/* What of `like` is a CPU's own, and not the guest's. What the CPU has executed for others still
 * counts. */
static void become(struct zf_cpu *cpu, const struct zf_cpu *like, unsigned address) {
    struct zf_transaction *transaction = cpu->transaction;
    int64_t executed = zf_turn_total(cpu), began = cpu->turn.began;
    memcpy(cpu, like, offsetof(struct zf_cpu, branch_cache));
    cpu->transaction = transaction;
    zf_tb_forget_branches(cpu);
    cpu->address = (uint16_t)address;
    cpu->state = ZF_CPU_STOPPED;
    cpu->pgm = (struct zf_pgm){0};
    cpu->guard = NULL; /* the other one is in a system call */
    cpu->requests = cpu->orders = cpu->fault_repeats = 0;
    cpu->in_guest = cpu->waits = cpu->has_thread = cpu->ended = cpu->spare = false;
    zf_turn_create(cpu, zf_machine_insns_limit(cpu->machine));
    cpu->turn.executed = executed;
    cpu->turn.began = began;
    cpu->slice = -1;
}

struct zf_cpu *zf_machine_add_cpu(struct zf_machine *machine, const struct zf_cpu *like) {
    struct zf_cpus *cpus = &machine->cpus;
    struct zf_cpu *cpu = take_spare(machine);
    zf_cpus_claim(cpus);
    lock(machine);
    bool added = !cpu;
    if (added && cpus->count < ZF_THREADS) {
        cpu = zf_cpu_allocate(machine);
    }
    if (cpu) {
        become(cpu, like, added ? cpus->count : cpu->address);
    }
    if (cpu && added) {
        cpus->cpu[cpus->count] = cpu;
        __atomic_store_n(&cpus->count, cpus->count + 1, __ATOMIC_RELEASE);
    }
    unlock(machine);
    if (cpu && cpus->count == 2) { /* code that was made for one CPU does not do for two */
        zf_machine_flush(machine);
    }
    zf_cpus_release(cpus);
    return cpu;
}

struct zf_cpu *zf_machine_add_cpu_again(struct zf_machine *machine, const struct zf_cpu *like,
                                        unsigned address) {
    struct zf_cpu *cpu = machine->cpus.cpu[address];
    pthread_t thread = cpu->thread;
    bool has_thread = cpu->has_thread, spare = cpu->spare;
    int64_t most = cpu->turn.most; /* a limit is for it already */
    become(cpu, like, address);
    cpu->turn.most = most;
    cpu->thread = thread;
    cpu->has_thread = has_thread;
    cpu->spare = spare;
    return cpu;
}

void zf_machine_end_threads(struct zf_machine *machine) {
    lock(machine);
    machine->quit = true;
    tell_change(machine);
    unlock(machine);
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        struct zf_cpu *cpu = machine->cpus.cpu[i];
        if (cpu->has_thread) {
            pthread_join(cpu->thread, NULL);
            cpu->has_thread = false;
        }
    }
    machine->quit = false;
}

void zf_machine_settle_threads(struct zf_machine *machine) {
    for (unsigned i = 1; i < machine->cpus.count; i++) {
        struct zf_cpu *cpu = machine->cpus.cpu[i];
        lock(machine);
        while (cpu->has_thread && cpu->ended && !cpu->spare) {
            wait_for_change(machine);
        }
        bool has_gone = cpu->has_thread && cpu->spare;
        unlock(machine);
        if (has_gone) {
            pthread_join(cpu->thread, NULL);
            cpu->has_thread = false;
        }
        cpu->ended &= cpu->has_thread;
    }
}

void zf_machine_fork_begin(struct zf_machine *machine) {
    zf_cpus_claim(&machine->cpus);
    lock(machine);
}

/* The child has the lock, too, but with whom else waited for it. */
static void keep_only(struct zf_machine *machine, struct zf_cpu *cpu) {
    struct zf_cpus *cpus = &machine->cpus;
    pthread_mutex_init(&cpus->lock, NULL);
    pthread_cond_init(&cpus->changed, NULL);
    lock(machine);
    cpus->paused = false;
    cpus->claimants = 0;
    cpus->locked_by = NULL;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct zf_cpu *other = cpus->cpu[i];
        if (other != cpu) {
            other->requests = 0;
            other->in_guest = other->waits = other->has_thread = false;
            other->state = ZF_CPU_STOPPED;
            other->spare = other->address != 0;
            other->turn.state = ZF_TURN_NONE;
        }
    }
    machine->executing = 1;
    zf_tb_forked(machine->tbs);
}

void zf_machine_fork_end(struct zf_machine *machine, struct zf_cpu *cpu, bool child) {
    if (child) {
        keep_only(machine, cpu);
    }
    unlock(machine);
    zf_cpus_release(&machine->cpus);
}
