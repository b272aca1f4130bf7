#include "zfacet/machine.h"

#include "machine_state.h"
#include "zfacet/clock.h"
#include "zfacet/host_float.h"
#include "zfacet/interp.h"
#include "zfacet/linear.h"
#include "zfacet/sclp.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum { SLICE = 50000, NO_LIMIT_INSNS_BITS = 62 };

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void clear_cpu(struct zf_machine *machine, struct zf_cpu *cpu, unsigned address) {
    memset(cpu, 0, sizeof *cpu);
    cpu->machine = machine;
    cpu->cpus = &machine->cpus;
    cpu->storage = &machine->storage;
    cpu->tbs = machine->tbs;
    cpu->tier = machine->tier;
    cpu->address = (uint16_t)address;
}

static struct zf_cpu *create_cpu(struct zf_machine *machine, unsigned address) {
    size_t size = (sizeof(struct zf_cpu) + 63) & ~(size_t)63;
    struct zf_cpu *cpu = aligned_alloc(64, size);
    if (cpu) {
        clear_cpu(machine, cpu, address);
    }
    return cpu;
}

static enum zf_status create_cpus(struct zf_machine *machine, struct zf_error *err) {
    if (machine->config.cpus > ZF_CPUS) {
        return zf_fail(err, ZF_ERROR_USAGE, "%u CPUs are more than %d", machine->config.cpus,
                       ZF_CPUS);
    }
    struct zf_cpus *cpus = &machine->cpus;
    while (cpus->count < zf_machine_cpus(machine) &&
           (cpus->cpu[cpus->count] = create_cpu(machine, cpus->count))) {
        cpus->count++;
    }
    bool all = cpus->count == zf_machine_cpus(machine);
    machine->cpu = cpus->cpu[0];
    machine->cpus.machine = machine;
    machine->cpus.has_facility = machine->config.frontend.has_facility;
    return all ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the CPUs");
}

/* Blocks, and who executes them. */
static enum zf_status create_translation(struct zf_machine *machine, struct zf_error *err) {
    const struct zf_machine_config *config = &machine->config;
    machine->tbs = zf_tb_cache_create(&machine->cpus, &machine->storage, err);
    if (!machine->tbs) {
        return err->status;
    }
    machine->tier =
        zf_interp_create(machine->tbs, config->linear, config->engine == ZF_ENGINE_SWITCH, err);
    zf_tb_set_tier(machine->tbs, machine->tier);
    return machine->tier ? ZF_OK : err->status;
}

static enum zf_status create_parts(struct zf_machine *machine, struct zf_error *err) {
    const struct zf_machine_config *config = &machine->config;
    enum zf_status status = config->linear
                                ? zf_linear_create(&machine->storage, err)
                                : zf_storage_create(&machine->storage, config->storage_size, err);
    if (status != ZF_OK || (status = create_translation(machine, err)) != ZF_OK ||
        (status = create_cpus(machine, err)) != ZF_OK) {
        return status;
    }
    machine->sclp = zf_sclp_create(machine->cpu);
    return machine->sclp ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the devices");
}

/* What the user interface may have changed since the last run, for blocks that are made now. */
static void configure_translation(struct zf_machine *machine) {
    const struct zf_machine_config *config = &machine->config;
    const struct zf_tb_config translation = {
        .frontend = config->frontend,
        .counted = config->max_insns,
        .tracer = {config->trace, config->trace_line, config->trace_context, config->disassemble},
    };
    zf_tb_configure(machine->tbs, &translation);
}

static int64_t insns_limit(const struct zf_machine *machine) {
    int64_t limit = machine->config.max_insns;
    return limit ? limit : INT64_C(1) << NO_LIMIT_INSNS_BITS;
}

void zf_machine_set_max_insns(struct zf_machine *machine, int64_t insns) {
    bool counted = machine->config.max_insns != 0;
    machine->config.max_insns = insns;
    machine->cpu->insns_left = insns_limit(machine);
    if (counted != (insns != 0)) {
        zf_machine_flush(machine);
    }
}

/* CPUs whose fields are all zero, as they are after power-on. */
static void begin_cpus(struct zf_machine *machine) {
    const struct zf_machine_config *config = &machine->config;
    struct zf_cpu *cpu = machine->cpu;
    machine->cpus.spaces = 0;
    cpu->linear = config->linear ? machine->storage.ram : NULL;
    cpu->linear_mask = machine->storage.size - 1;
    cpu->insns_left = insns_limit(machine);
    cpu->state = ZF_CPU_OPERATING;
    cpu->clock_comparator = UINT64_MAX;
    zf_clock_set_cpu_timer(cpu, INT64_MAX);
    if (config->linear) { /* as the operating system has it: all registers for everyone */
        cpu->cr[0] |= ZF_CR0_AFP | ZF_CR0_VECTOR;
    }
    zf_tb_flush(machine->tbs);
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, 0);
    for (unsigned i = 1; i < zf_machine_cpus(machine); i++) {
        zf_cpu_initial_reset(machine->cpus.cpu[i]);
    }
}

void zf_machine_reset(struct zf_machine *machine) {
    ZF_ASSERT(!machine->config.linear);
    for (unsigned i = 0; i < zf_machine_cpus(machine); i++) {
        clear_cpu(machine, zf_machine_cpu(machine, i), i);
    }
    zf_storage_clear(&machine->storage);
    zf_sclp_reset(machine->sclp);
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = 0;
    begin_cpus(machine);
}

struct zf_machine *zf_machine_create(const struct zf_machine_config *config, struct zf_error *err) {
    struct zf_machine *machine = calloc(1, sizeof *machine);
    if (!machine) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the machine");
        return NULL;
    }
    machine->config = *config;
    if (getrandom(&machine->wrapping, sizeof machine->wrapping, 0) < 0) {
        zf_fail(err, ZF_ERROR_IO, "no random numbers for the wrapping keys");
        free(machine);
        return NULL;
    }
    if (create_parts(machine, err) != ZF_OK) {
        zf_machine_destroy(machine);
        return NULL;
    }
    begin_cpus(machine);
    return machine;
}

void zf_machine_destroy(struct zf_machine *machine) {
    if (!machine) {
        return;
    }
    zf_tb_cache_destroy(machine->tbs);
    zf_sclp_destroy(machine->sclp);
    if (machine->config.linear) {
        zf_linear_destroy(&machine->storage);
    } else {
        zf_storage_destroy(&machine->storage);
    }
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        free(machine->cpus.cpu[i]);
    }
    free(machine);
}

struct zf_cpu *zf_machine_cpu(const struct zf_machine *machine, unsigned address) {
    return address < machine->cpus.count ? machine->cpus.cpu[address] : NULL;
}

unsigned zf_machine_cpus(const struct zf_machine *machine) {
    return machine->config.cpus ? machine->config.cpus : 1;
}

void zf_machine_stop(struct zf_machine *machine) {
    __atomic_store_n(&machine->stop_requested, true, __ATOMIC_RELEASE);
}

void zf_machine_flush(struct zf_machine *machine) {
    configure_translation(machine);
    zf_tb_flush(machine->tbs);
}

void zf_mapping_changed(struct zf_machine *machine) {
    zf_tb_drop_virtual(machine->tbs);
}

uint64_t zf_machine_insns(const struct zf_machine *machine) {
    int64_t left = machine->cpu->insns_left;
    return (uint64_t)(insns_limit(machine) - (left < 0 ? 0 : left));
}

/* What the run loop does between slices: limits and interruptions. */
static void look_around(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    const struct zf_machine_config *config = &machine->config;
    cpu->slice = config->slice ? config->slice : SLICE;
    if (machine->slice_end.look) {
        machine->slice_end.look(machine->slice_end.context, cpu);
    }
    if (cpu->insns_left < 0) {
        machine->stop = ZF_STOP_MAX_INSNS;
    } else if (__atomic_exchange_n(&machine->stop_requested, false, __ATOMIC_ACQUIRE)) {
        machine->stop = ZF_STOP_REQUESTED;
    } else if (config->timeout_ns && now_ns() - machine->started_ns >= config->timeout_ns) {
        machine->stop = ZF_STOP_TIMEOUT;
    } else if (machine->personality.poll) {
        machine->personality.poll(machine->personality.context, cpu);
    } else if (!machine->storage.linear) {
        zf_sclp_poll(machine->sclp);
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

/* A data-exception code goes to the FPC too, when additional floating-point registers are on. */
static void set_fpc_dxc(struct zf_cpu *cpu) {
    bool data = cpu->pgm.code == ZF_PGM_DATA || cpu->pgm.code == ZF_PGM_VECTOR_PROCESSING;
    if (data && cpu->mode & ZF_MODE_AFP) {
        cpu->fpc = (cpu->fpc & ~ZF_FPC_DXC) | (uint32_t)cpu->pgm.dxc << 8;
    }
}

/* cpu->pgm and the PSW are as they are to be stored. */
static void deliver_condition(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    set_fpc_dxc(cpu);
    trace_exception(cpu);
    if (machine->personality.pgm) {
        machine->personality.pgm(machine->personality.context, cpu);
        cpu->pgm = (struct zf_pgm){0};
    } else {
        zf_interrupt_program(cpu);
    }
}

/* The PSW that was just loaded is not valid: the instruction-length code is 0. */
static void early_condition(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    cpu->psw_invalid = false;
    cpu->pgm = (struct zf_pgm){.code = ZF_PGM_SPECIFICATION};
    deliver_condition(machine);
}

static void program_condition(struct zf_machine *machine, uint64_t pc, unsigned length) {
    struct zf_cpu *cpu = machine->cpu;
    cpu->pgm.ilc = (uint8_t)length;
    cpu->psw.addr = zf_pgm_nullifies(cpu->pgm.code) ? pc : zf_wrap(cpu, pc + length);
    deliver_condition(machine);
}

/* The instruction to run cannot be fetched. */
static void fetch_condition(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    /* The length is not known; the architecture lets it be any. */
    program_condition(machine, cpu->psw.addr, machine->storage.linear ? 0 : 2);
}

static void supervisor_call(struct zf_machine *machine, uint64_t pc, unsigned length) {
    struct zf_cpu *cpu = machine->cpu;
    uint8_t code = (uint8_t)cpu->pgm.monitor_class;
    cpu->psw.addr = zf_wrap(cpu, pc + length);
    if (machine->personality.svc) {
        machine->personality.svc(machine->personality.context, cpu, code);
    } else {
        zf_interrupt_svc(cpu, code, length);
    }
}

static void leave_block(struct zf_machine *machine, enum zf_exit why) {
    struct zf_cpu *cpu = machine->cpu;
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
        program_condition(machine, pc, length);
        break;
    case ZF_EXIT_SVC:
        supervisor_call(machine, pc, length);
        break;
    case ZF_EXIT_REPEAT:
    case ZF_EXIT_STOP_HERE:
        cpu->psw.addr = pc;
        break;
    default:
        cpu->psw.addr = zf_wrap(cpu, pc + length);
    }
}

static void run_once(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    if (cpu->slice < 0 || cpu->insns_left < 0) {
        if (ZF_UNLIKELY(cpu->psw_invalid)) {
            early_condition(machine);
            return;
        }
        look_around(machine);
        if (machine->stop) {
            return;
        }
    }
    if (ZF_UNLIKELY(cpu->psw.mask & ZF_PSW_WAIT)) {
        if (!zf_interrupt_wait(cpu) && !machine->stop) {
            machine->stop = ZF_STOP_DISABLED_WAIT;
        }
        return;
    }
    if (ZF_UNLIKELY(zf_tb_full(machine->tbs))) {
        zf_tb_flush(machine->tbs);
    }
    const struct zf_code *code = zf_tb_find(cpu, cpu->psw.addr);
    if (!code) {
        fetch_condition(machine);
        return;
    }
    cpu->tier = code->tier;
    zf_host_float_clear();
    enum zf_exit why = code->tier->run(code->tier, cpu, code);
    zf_host_float_gather(cpu);
    leave_block(machine, why);
}

/* Linear mode: a host access fault comes back here. */
static void host_fault(struct zf_machine *machine, int code) {
    struct zf_cpu *cpu = machine->cpu;
    unsigned length;
    zf_cc_settle(cpu);
    uint64_t pc = cpu->tier->place(cpu->tier, cpu->code_at, &length);
    cpu->pgm.code = (uint16_t)code;
    cpu->pgm.address = cpu->fault_address;
    program_condition(machine, pc, length);
}

enum zf_stop zf_machine_run(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = '\0';
    configure_translation(machine);
    cpu->slice = -1;
    if (!machine->started_ns) {
        machine->started_ns = now_ns();
    }
    if (machine->storage.linear) {
        zf_linear_enter(cpu);
        int code = sigsetjmp(cpu->fault_env, 0);
        if (code) {
            host_fault(machine, code);
        }
    }
    while (!machine->stop) {
        run_once(machine);
    }
    if (machine->storage.linear) {
        zf_linear_leave();
    }
    return machine->stop;
}
