/*
 * What a CPU does: blocks, and between them conditions, interruptions, and what others ask of it.
 * zf_cpu_run() is one thread of execution; all it changes of the machine is how that ends.
 */
#include "machine_state.h"
#include "zfacet/clock.h"
#include "zfacet/device.h"
#include "zfacet/host_float.h"
#include "zfacet/linear.h"
#include "zfacet/per.h"
#include "zfacet/tally.h"
#include "zfacet/tb.h"
#include "zfacet/transaction.h"
#include "zfacet/watching.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { SLICE = 50000, ENDLESS_SLICE = INT32_MAX };

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool end(struct zf_machine *machine, enum zf_stop why, const char *format,
                va_list arguments) {
    bool first = !machine->stop;
    if (first) {
        machine->stop_text[0] = '\0';
        if (format) {
            vsnprintf(machine->stop_text, sizeof machine->stop_text, format, arguments);
        }
        __atomic_store_n(&machine->stop, why, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < machine->cpus.count; i++) {
            zf_cpu_hurry(machine->cpus.cpu[i]);
        }
        zf_turns_suspend(&machine->cpus, true);
        pthread_cond_broadcast(&machine->cpus.changed);
    }
    return first;
}

/* Who waits in a call of the host's shall notice. */
static void interrupt(struct zf_machine *machine) {
    if (machine->personality.interrupt) {
        machine->personality.interrupt(machine->personality.context);
    }
}

void zf_machine_end(struct zf_machine *machine, enum zf_stop why, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&machine->cpus.lock);
    end(machine, why, format, arguments);
    pthread_mutex_unlock(&machine->cpus.lock);
    va_end(arguments);
    interrupt(machine);
}

void zf_machine_exit(struct zf_machine *machine, enum zf_stop why, int exit_status,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&machine->cpus.lock);
    if (end(machine, why, format, arguments)) {
        machine->exit_status = exit_status;
    }
    pthread_mutex_unlock(&machine->cpus.lock);
    va_end(arguments);
    interrupt(machine);
}

static bool has_stopped(const struct zf_machine *machine) {
    return __atomic_load_n(&machine->stop, __ATOMIC_RELAXED);
}

/* One CPU at a time, which SERVICE CALL is, too. */
static void poll_devices(struct zf_machine *machine) {
    zf_cpus_claim(&machine->cpus);
    for (struct zf_device *d = machine->devices; d; d = d->next) {
        d->poll(d, 0);
    }
    zf_cpus_release(&machine->cpus);
}

/* Taken branches until the run loop looks around. Turns alone say when in a repeatable run. */
static int32_t slice_of(const struct zf_machine *machine) {
    int32_t usual = machine->config.deterministic ? ENDLESS_SLICE : SLICE;
    return machine->config.slice ? machine->config.slice : usual;
}

/* In a repeatable run, a CPU has executed what its turn allows. False: it may execute no more. */
static bool pass_turn(struct zf_cpu *cpu) {
    if (zf_turn_is_over(cpu)) {
        zf_cpu_leave(cpu);
        zf_turn_pass(cpu);
        zf_cpu_enter(cpu);
    }
    return cpu->insns_left >= 0;
}

/* What the run loop does between slices: limits and interruptions. */
static void between_slices(struct zf_cpu *cpu) {
    struct zf_machine *machine = cpu->machine;
    zf_breaking_event_settle(cpu);
    const struct zf_machine_config *config = &machine->config;
    __atomic_store_n(&cpu->slice, slice_of(machine), __ATOMIC_RELAXED);
    zf_cpu_safe_point(cpu);
    zf_cpu_obey(cpu);
    if (machine->slice_end.look) {
        machine->slice_end.look(machine->slice_end.context, cpu);
    }
    if (!pass_turn(cpu)) {
        zf_machine_end(machine, ZF_STOP_MAX_INSNS, NULL);
    } else if (__atomic_exchange_n(&machine->stop_requested, false, __ATOMIC_ACQUIRE)) {
        zf_machine_end(machine, ZF_STOP_REQUESTED, NULL);
    } else if (zf_turn_is_gone(cpu)) {
        return;
    } else if (config->timeout_ns && now_ns() - machine->started_ns >= config->timeout_ns) {
        zf_machine_end(machine, ZF_STOP_TIMEOUT, NULL);
    } else if (machine->personality.poll) {
        machine->personality.poll(machine->personality.context, cpu);
    } else if (!machine->storage.linear) {
        poll_devices(machine);
        zf_interrupt_poll(cpu);
    }
}

static void trace_exception(struct zf_cpu *cpu) {
    const struct zf_machine_config *config = &cpu->machine->config;
    char line[160];
    if (config->trace & ZF_TRACE_EXCEPTIONS) {
        snprintf(line, sizeof line, "program interruption %04x at %#llx, ilc %u", cpu->pgm.code,
                 (unsigned long long)cpu->psw.addr, cpu->pgm.ilc);
        config->trace_line(config->trace_context, line);
    }
}

/* A data-exception code goes to the FPC too, when additional floating-point registers are on, and
 * no transaction forbids their use. */
static void set_fpc_dxc(struct zf_cpu *cpu) {
    bool data = cpu->pgm.code == ZF_PGM_DATA || cpu->pgm.code == ZF_PGM_VECTOR_PROCESSING;
    bool forbidden = cpu->depth && !cpu->transaction->floats[cpu->depth];
    if (data && cpu->mode & ZF_MODE_AFP && !forbidden) {
        cpu->fpc = (cpu->fpc & ~ZF_FPC_DXC) | (uint32_t)cpu->pgm.dxc << 8;
    }
}

/* cpu->pgm and the PSW are as they are to be stored. */
static void deliver_condition(struct zf_cpu *cpu) {
    const struct zf_personality *personality = &cpu->machine->personality;
    zf_breaking_event_settle(cpu);
    set_fpc_dxc(cpu);
    if (ZF_UNLIKELY(cpu->depth) && !zf_transaction_condition(cpu)) {
        return;
    }
    trace_exception(cpu);
    if (personality->pgm) {
        personality->pgm(personality->context, cpu);
        cpu->pgm = (struct zf_pgm){0};
    } else {
        zf_interrupt_program(cpu);
    }
}

/* The PSW that was just loaded is not valid: the instruction-length code is 0. */
static void early_condition(struct zf_cpu *cpu) {
    cpu->psw_invalid = false;
    cpu->pgm = (struct zf_pgm){.code = ZF_PGM_SPECIFICATION};
    deliver_condition(cpu);
}

/* Conditions after which the instruction is complete. */
static bool completes(unsigned code) {
    return code == ZF_PGM_FIXED_OVERFLOW || code == ZF_PGM_DECIMAL_OVERFLOW ||
           code == ZF_PGM_HFP_OVERFLOW || code == ZF_PGM_HFP_UNDERFLOW ||
           code == ZF_PGM_HFP_SIGNIFICANCE || code == ZF_PGM_MONITOR;
}

static void program_condition(struct zf_cpu *cpu, uint64_t pc, unsigned length) {
    cpu->pgm.ilc = (uint8_t)length;
    bool nullified = zf_pgm_nullifies(cpu->pgm.code) || cpu->per.code & ZF_PER_NULLIFIED;
    if (!cpu->pgm.completed) {
        cpu->psw.addr = nullified ? pc : zf_wrap(cpu, pc + length);
    }
    if (!cpu->pgm.completed && !completes(cpu->pgm.code) && !cpu->pgm.fetching) {
        cpu->watch_hits = 0; /* it has accessed nothing */
    }
    if (ZF_UNLIKELY(cpu->per.began)) {
        if (cpu->pgm.completed) {
            zf_per_branched(cpu);
        } else {
            zf_per_condition(cpu, cpu->pgm.code);
        }
        cpu->pgm.code |= cpu->per.code ? ZF_PGM_PER : 0;
    }
    deliver_condition(cpu);
}

/* The instruction to run cannot be fetched. */
static void fetch_condition(struct zf_cpu *cpu) {
    cpu->pgm.fetching = true;
    /* The length is not known; the architecture lets it be any. */
    program_condition(cpu, cpu->psw.addr, cpu->linear ? 0 : 2);
}

static void supervisor_call(struct zf_cpu *cpu, uint64_t pc, unsigned length) {
    const struct zf_personality *personality = &cpu->machine->personality;
    uint8_t code = (uint8_t)cpu->pgm.monitor_class;
    cpu->psw.addr = zf_wrap(cpu, pc + length);
    if (personality->svc) {
        zf_cpu_leave(cpu);
        personality->svc(personality->context, cpu, code);
        zf_cpu_enter(cpu);
    } else {
        zf_interrupt_svc(cpu, code, length);
    }
}

/* The instruction is complete, or a unit of its operation: its events are an interruption. */
static void program_events(struct zf_cpu *cpu, enum zf_exit why) {
    if (why == ZF_EXIT_AT || cpu->per.branched || (why == ZF_EXIT_BRANCH && cpu->per.may_branch)) {
        zf_per_branched(cpu);
    }
    zf_per_complete(cpu);
    bool stopped = why == ZF_EXIT_STOP || why == ZF_EXIT_STOP_HERE;
    bool fetching_again = why == ZF_EXIT_REPEAT && cpu->per.code == ZF_PER_FETCH;
    if (cpu->per.code && why != ZF_EXIT_PGM && !stopped && !fetching_again) {
        bool invalid = cpu->psw_invalid; /* the PSW that it loaded */
        cpu->psw_invalid = false;
        cpu->pgm = (struct zf_pgm){.code = ZF_PGM_PER | (invalid ? ZF_PGM_SPECIFICATION : 0),
                                   .ilc = cpu->per.length};
        deliver_condition(cpu);
    }
    cpu->per = (struct zf_per){0};
}

/* The code was left at its instruction at `pc`; `done`: after that was executed. */
static void tally_left(const struct zf_cpu *cpu, uint64_t pc, bool done) {
    const struct zf_tier *tier = cpu->tier;
    struct zf_tally_insn *block = tier->tallied ? tier->tallied(tier, cpu->code_at) : NULL;
    if (block) {
        zf_tally_passed(block, pc, done);
    } else if (cpu->tally) {
        zf_tally_left(cpu->tally, pc, done);
    }
}

/* A transaction is aborted that the instruction has begun, or that it aborts. */
static bool completes_abort(const struct zf_cpu *cpu) {
    return cpu->pgm.code == ZF_PGM_ABORT_ALONE &&
           (cpu->transaction->code == ZF_ABORT_OTHER || cpu->transaction->code > UINT8_MAX);
}

/* What comes after it in its run is not executed; nor is it itself, when it shall be repeated. */
static void tally_way_out(const struct zf_cpu *cpu, enum zf_exit why) {
    unsigned length;
    uint64_t pc = cpu->tier->place(cpu->tier, cpu->code_at, &length);
    bool done = why == ZF_EXIT_PGM ? completes(cpu->pgm.code) || completes_abort(cpu)
                                   : why != ZF_EXIT_REPEAT && why != ZF_EXIT_STOP_HERE;
    tally_left(cpu, pc, done);
}

static void leave_block(struct zf_cpu *cpu, enum zf_exit why) {
    if (ZF_UNLIKELY(cpu->machine->tally) && why != ZF_EXIT_LOOP && why != ZF_EXIT_AT) {
        tally_way_out(cpu, why);
    }
    if (why == ZF_EXIT_LOOP || why == ZF_EXIT_BRANCH) {
        return;
    }
    if (why == ZF_EXIT_AT) {
        cpu->psw.addr = cpu->tier->next(cpu->tier, cpu->code_at);
        return;
    }
    unsigned length;
    uint64_t pc = cpu->tier->place(cpu->tier, cpu->code_at, &length);
    switch (why) {
    case ZF_EXIT_PGM:
        program_condition(cpu, pc, length);
        break;
    case ZF_EXIT_SVC:
        supervisor_call(cpu, pc, length);
        break;
    case ZF_EXIT_REPEAT:
    case ZF_EXIT_STOP_HERE:
        cpu->psw.addr = pc;
        break;
    default:
        cpu->psw.addr = zf_wrap(cpu, pc + length);
    }
}

/* A full cache is emptied while no CPU is in it. */
static void make_room(struct zf_cpu *cpu) {
    zf_cpus_pause(cpu->cpus, cpu);
    zf_cpus_claim(cpu->cpus); /* a system call may be dropping code */
    if (zf_tb_full(cpu->tbs)) {
        zf_tb_flush(cpu->tbs);
    }
    zf_cpus_release(cpu->cpus);
    zf_cpus_resume(cpu->cpus);
}

static bool is_operating(const struct zf_cpu *cpu) {
    return __atomic_load_n(&cpu->state, __ATOMIC_ACQUIRE) == ZF_CPU_OPERATING;
}

static void wait(struct zf_cpu *cpu) {
    if (zf_turn_at_limit(cpu) && cpu->machine->limit_ends_wait && !zf_cpu_waits_disabled(cpu)) {
        zf_machine_end(cpu->machine, ZF_STOP_MAX_INSNS, NULL);
    } else {
        zf_interrupt_wait(cpu);
    }
}

static void run_once(struct zf_cpu *cpu) {
    struct zf_machine *machine = cpu->machine;
    if (ZF_UNLIKELY(cpu->transaction)) {
        zf_transaction_settle(cpu, slice_of(machine));
    }
    if (__atomic_load_n(&cpu->slice, __ATOMIC_RELAXED) < 0 || cpu->insns_left < 0) {
        if (ZF_UNLIKELY(cpu->psw_invalid)) {
            early_condition(cpu);
            return;
        }
        between_slices(cpu);
        if (has_stopped(machine) || !is_operating(cpu) || zf_turn_is_gone(cpu)) {
            return;
        }
    }
    if (ZF_UNLIKELY(cpu->psw.mask & ZF_PSW_WAIT)) {
        wait(cpu);
        return;
    }
    if (ZF_UNLIKELY(zf_tb_full(cpu->tbs))) {
        make_room(cpu);
        return; /* another CPU may have paused, and reset, this one */
    }
    const struct zf_code *code = zf_tb_find(cpu, cpu->psw.addr);
    if (!code) {
        if (cpu->pgm.code) { /* else another CPU has just filled the cache */
            fetch_condition(cpu);
        }
        return;
    }
    cpu->tier = code->tier;
    cpu->watch_hits |= ZF_WATCH_STORED; /* an interruption or a system call may have */
    int32_t slice = cpu->slice;
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_PER)) {
        cpu->slice = 0; /* until the instruction branches */
    }
    zf_host_float_clear();
    enum zf_exit why = code->tier->run(code->tier, cpu, code);
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_PER && cpu->depth)) {
        cpu->slice = slice - 1;
    }
    zf_host_float_gather(cpu);
    leave_block(cpu, why);
    if (ZF_UNLIKELY(cpu->per.began)) {
        program_events(cpu, why);
    }
}

/* Linear mode: a host access fault comes back here. */
static void host_fault(struct zf_cpu *cpu, int code) {
    unsigned length;
    zf_cpu_enter(cpu); /* it may have been in a system call */
    zf_cpus_unlock(cpu);
    zf_cc_settle(cpu);
    cpu->pgm.code = (uint16_t)code;
    cpu->pgm.address = cpu->fault_address;
    if (zf_cpus_abandon(cpu->cpus)) { /* translating: the code behind the end of a file, say */
        fetch_condition(cpu);
        return;
    }
    uint64_t pc = cpu->tier->place(cpu->tier, cpu->code_at, &length);
    if (cpu->machine->tally) {
        tally_left(cpu, pc, false);
    }
    program_condition(cpu, pc, length);
}

void zf_cpu_run(struct zf_cpu *cpu) {
    struct zf_machine *machine = cpu->machine;
    zf_cpu_set_current(cpu);
    zf_turn_take(cpu);
    zf_cpu_enter(cpu);
    cpu->slice = -1;
    zf_linear_enter();
    if (cpu->linear) {
        int code = sigsetjmp(cpu->fault_env, 0);
        if (code) {
            host_fault(cpu, code);
        }
    }
    if (ZF_UNLIKELY(machine->alone && machine->alone != cpu)) {
        zf_cpu_stand_by(cpu);
    }
    while (!has_stopped(machine) && !cpu->ended && !zf_turn_is_gone(cpu)) {
        if (ZF_LIKELY(is_operating(cpu))) {
            run_once(cpu);
        } else {
            zf_cpu_stand_still(cpu);
        }
    }
    zf_breaking_event_settle(cpu);
    if (cpu->transaction) {
        zf_transaction_leave(cpu);
    }
    zf_cpu_leave(cpu);
    if (cpu->ended) {
        zf_turn_drop(cpu);
    }
    zf_cpu_set_current(NULL);
}

static void run_given(struct zf_machine *machine) {
    struct zf_cpu *cpu;
    zf_machine_begin_given(machine);
    while (!has_stopped(machine) &&
           (cpu = machine->personality.turn(machine->personality.context))) {
        zf_cpu_run(cpu);
    }
}

enum zf_stop zf_machine_run(struct zf_machine *machine) {
    zf_machine_prepare(machine);
    if (!machine->started_ns) {
        machine->started_ns = now_ns();
    }
    if (machine->cpus.turns.given) {
        run_given(machine);
    } else {
        zf_machine_begin_run(machine);
        zf_cpu_run(zf_machine_cpu(machine, 0));
        zf_machine_end_run(machine);
    }
    return machine->stop;
}
