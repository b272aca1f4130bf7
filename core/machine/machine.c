#include "zfacet/machine.h"

#include "interp/interp.h"
#include "machine/machine_state.h"
#include "tb/tb.h"
#include "zfacet/clock.h"
#include "zfacet/host_float.h"

#include <stdio.h>
#include <stdlib.h>
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
    machine->cpu = create_cpu(machine, 0);
    bool all = machine->cpu;
    for (unsigned i = 1; all && i < machine->config.cpus; i++) {
        machine->stopped[i] = create_cpu(machine, i);
        all = machine->stopped[i];
    }
    return all ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "no memory for the CPUs");
}

static enum zf_status create_parts(struct zf_machine *machine, struct zf_error *err) {
    const struct zf_machine_config *config = &machine->config;
    if (create_cpus(machine, err) != ZF_OK) {
        return err->status;
    }
    enum zf_status status = config->linear ? zf_linear_create(machine, err)
                                           : zf_storage_create(machine, config->storage_size, err);
    if (status != ZF_OK) {
        return status;
    }
    if (zf_devices_create(machine, err) != ZF_OK) {
        return ZF_ERROR_MEMORY;
    }
    machine->tbs = zf_tb_cache_create(machine, err);
    return machine->tbs ? ZF_OK : ZF_ERROR_MEMORY;
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
    cpu->arena = zf_tb_arena(machine->tbs);
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, 0);
    for (unsigned i = 1; i < zf_machine_cpus(machine); i++) {
        zf_cpu_initial_reset(machine->stopped[i]);
    }
}

void zf_machine_reset(struct zf_machine *machine) {
    ZF_ASSERT(!machine->config.linear);
    for (unsigned i = 0; i < zf_machine_cpus(machine); i++) {
        clear_cpu(machine, zf_machine_cpu(machine, i), i);
    }
    zf_storage_clear(machine);
    zf_devices_reset(machine);
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = 0;
    begin_cpus(machine);
}

struct zf_machine *zf_machine_create(const struct zf_machine_config *config, struct zf_error *err) {
    struct zf_machine *machine = calloc(1, sizeof *machine);
    if (!machine) {
        zf_fail(err, ZF_ERROR_MEMORY, "no memory for the machine");
        return NULL;
    }
    machine->config = *config;
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
    zf_devices_destroy(machine);
    if (machine->config.linear) {
        zf_linear_destroy(machine);
    } else {
        zf_storage_destroy(machine);
    }
    free(machine->cpu);
    for (unsigned i = 1; i < ZF_CPUS; i++) {
        free(machine->stopped[i]);
    }
    free(machine);
}

struct zf_cpu *zf_machine_cpu(const struct zf_machine *machine, unsigned address) {
    return !address ? machine->cpu : address < ZF_CPUS ? machine->stopped[address] : NULL;
}

unsigned zf_machine_cpus(const struct zf_machine *machine) {
    return machine->config.cpus ? machine->config.cpus : 1;
}

void zf_machine_stop(struct zf_machine *machine) {
    __atomic_store_n(&machine->stop_requested, true, __ATOMIC_RELEASE);
}

void zf_machine_flush(struct zf_machine *machine) {
    zf_tb_flush(machine->tbs);
}

void zf_code_changed(struct zf_machine *machine, uint64_t address, uint64_t length) {
    zf_tb_drop(machine->tbs, address, length);
}

void zf_mapping_changed(struct zf_machine *machine) {
    zf_tb_drop_virtual(machine->tbs);
}

uint64_t zf_machine_insns(const struct zf_machine *machine) {
    int64_t left = machine->cpu->insns_left;
    return (uint64_t)(insns_limit(machine) - (left < 0 ? 0 : left));
}

void zf_trace_insn(struct zf_cpu *cpu, uint64_t pc) {
    const struct zf_machine_config *config = &cpu->machine->config;
    char text[96] = "", line[160];
    if (config->disassemble) {
        config->disassemble(config->trace_context, cpu, pc, NULL, text, sizeof text);
    }
    snprintf(line, sizeof line, "%#18llx  cc=%u  %s", (unsigned long long)pc, cpu->cc, text);
    config->trace_line(config->trace_context, line);
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
        zf_devices_poll(machine);
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
    const uint32_t dxc = 0xff00;
    bool data = cpu->pgm.code == ZF_PGM_DATA || cpu->pgm.code == ZF_PGM_VECTOR_PROCESSING;
    if (data && cpu->mode & ZF_MODE_AFP) {
        cpu->fpc = (cpu->fpc & ~dxc) | (uint32_t)cpu->pgm.dxc << 8;
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
    if ((cpu->pgm.code == ZF_PGM_DATA || cpu->pgm.code == ZF_PGM_VECTOR_PROCESSING) &&
        cpu->cr[0] & ZF_CR0_AFP) {
        cpu->fpc = (cpu->fpc & ~(uint32_t)ZF_FPC_DXC) | (uint32_t)cpu->pgm.dxc << 8;
    }
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
        cpu->psw.addr = zf_tb_target(machine->tbs, cpu->fault_uop, cpu->mode);
        return;
    }
    unsigned length;
    uint64_t pc = zf_tb_place(machine->tbs, cpu->fault_uop, &length);
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
    struct zf_uop *uop = zf_tb_find(cpu, cpu->psw.addr);
    if (!uop) {
        fetch_condition(machine);
        return;
    }
    zf_host_float_clear();
    enum zf_exit why = zf_tb_run(machine->tbs, cpu, uop);
    zf_host_float_gather(cpu);
    leave_block(machine, why);
}

/* Linear mode: a host access fault comes back here. */
static void host_fault(struct zf_machine *machine, int code) {
    struct zf_cpu *cpu = machine->cpu;
    unsigned length;
    zf_cc_settle(cpu);
    uint64_t pc = zf_tb_place(machine->tbs, cpu->fault_uop, &length);
    cpu->pgm.code = (uint16_t)code;
    cpu->pgm.address = cpu->fault_address;
    program_condition(machine, pc, length);
}

enum zf_stop zf_machine_run(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpu;
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = '\0';
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
