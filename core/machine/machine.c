/*
 * A machine: its parts, put together and taken apart.
 */
#include "zfacet/machine.h"

#include "machine_state.h"
#include "zfacet/clock.h"
#include "zfacet/interp.h"
#include "zfacet/jit.h"
#include "zfacet/linear.h"
#include "zfacet/pending.h"
#include "zfacet/sclp.h"
#include "zfacet/tally.h"
#include "zfacet/watchdog.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { NO_LIMIT_INSNS_BITS = 62 };

/*
 * Executions that make a block hot. From 16 to 256, programs of 80 ms and more take the same time
 * within 3 %, since native code costs the host as much as some 200 executions by the interpreter;
 * from 128 on, a program of 4 ms takes at most 5 % more host instructions than with that alone.
 * A version of a block costs as much again, and saves some ten host instructions each time.
 */
enum { HEAT = 128, PASSES = 256, PASSES_OF_HEAT = 8 };

#define FIXED_SEED UINT64_C(0x5a6172636869)

/* But for its thread of the host, and room that it has. */
static void clear_cpu(struct zf_machine *machine, struct zf_cpu *cpu, unsigned address) {
    pthread_t thread = cpu->thread;
    bool has_thread = cpu->has_thread;
    struct zf_transaction *transaction = cpu->transaction;
    int64_t executed = zf_turn_total(cpu);
    memset(cpu, 0, offsetof(struct zf_cpu, branch_cache)); /* a flush follows */
    cpu->thread = thread;
    cpu->has_thread = has_thread;
    cpu->transaction = transaction;
    cpu->machine = machine;
    cpu->cpus = &machine->cpus;
    cpu->storage = &machine->storage;
    cpu->tbs = machine->tbs;
    cpu->tier = machine->tier;
    cpu->address = (uint16_t)address;
    zf_turn_create(cpu, zf_machine_insns_limit(machine));
    cpu->turn.executed = executed;
}

/* Of its caches, and of what is counted, little is ever touched. */
static size_t room_of_cpu(const struct zf_machine *machine) {
    return sizeof(struct zf_cpu) + (machine->config.tally ? ZF_CPU_WAYS * sizeof(uint64_t) : 0);
}

struct zf_cpu *zf_cpu_allocate(const struct zf_machine *machine) {
    void *cpu = mmap(NULL, room_of_cpu(machine), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return cpu == MAP_FAILED ? NULL : cpu;
}

static struct zf_cpu *create_cpu(struct zf_machine *machine, unsigned address) {
    struct zf_cpu *cpu = zf_cpu_allocate(machine);
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
    cpus->machine = machine;
    cpus->has_facility = machine->config.frontend.has_facility;
    return all ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the CPUs");
}

static enum zf_status create_tiers(struct zf_machine *machine, struct zf_error *err) {
    const struct zf_machine_config *config = &machine->config;
    enum zf_engine engine =
        zf_jit_missing() && config->engine != ZF_ENGINE_SWITCH ? ZF_ENGINE_GOTO : config->engine;
    struct zf_interp_config interp = {.linear = config->linear,
                                      .plain = engine == ZF_ENGINE_SWITCH};
    const uint32_t heat = config->heat ? config->heat : HEAT;
    const struct zf_jit_config jit = {.linear = config->linear,
                                      .tally = config->tally,
                                      .room = config->code_room,
                                      .registers = config->registers,
                                      .passes = config->heat ? heat / PASSES_OF_HEAT : PASSES,
                                      .made = config->native,
                                      .context = config->native_context};
    struct zf_tier *base = NULL;
    if (engine == ZF_ENGINE_AUTO || engine == ZF_ENGINE_BASE) {
        base = zf_jit_create(machine->tbs, &jit, err);
        interp.heat = heat;
        if (!base && engine == ZF_ENGINE_BASE) {
            return err->status;
        }
        interp.heat = base ? interp.heat : 0; /* a host may forbid to execute what was written */
    }
    machine->tier = engine == ZF_ENGINE_BASE ? base : zf_interp_create(machine->tbs, &interp, err);
    zf_tb_set_tiers(machine->tbs, machine->tier, base != machine->tier ? base : NULL);
    return machine->tier ? ZF_OK : err->status;
}

/* Blocks, and who executes them. */
static enum zf_status create_translation(struct zf_machine *machine, struct zf_error *err) {
    machine->tbs = zf_tb_cache_create(&machine->cpus, &machine->storage, err);
    if (!machine->tbs) {
        return err->status;
    }
    return create_tiers(machine, err);
}

/* The watchdog restarts the first CPU. */
static void restart(struct zf_cpus *cpus) {
    zf_cpu_order(cpus->cpu[0], ZF_ORDER_RESTART);
}

static void add_device(struct zf_machine *machine, struct zf_device *device) {
    struct zf_device **end = &machine->devices;
    while (*end) {
        end = &(*end)->next;
    }
    *end = device;
}

static enum zf_status create_devices(struct zf_machine *machine, struct zf_error *err) {
    machine->sclp = zf_sclp_create(&machine->cpus);
    if (machine->sclp) {
        add_device(machine, zf_sclp_device(machine->sclp));
        machine->watchdog = zf_watchdog_create(&machine->cpus, restart);
    }
    if (!machine->watchdog) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the devices");
    }
    add_device(machine, zf_watchdog_device(machine->watchdog));
    return ZF_OK;
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
    return create_devices(machine, err);
}

/* What the user interface may have changed since the last run, for blocks that are made now. */
void zf_machine_prepare(struct zf_machine *machine) {
    const struct zf_machine_config *config = &machine->config;
    const struct zf_tb_config translation = {
        .frontend = config->frontend,
        .counted = config->max_insns || config->deterministic,
        .parallel = machine->cpus.count > 1,
        .tally = machine->tally,
        .tracer = {.what = config->trace,
                   .line = config->trace_line,
                   .context = config->trace_context,
                   .insn = config->trace_insn,
                   .insn_context = config->trace_insn_context,
                   .disassemble = config->disassemble},
    };
    zf_tb_configure(machine->tbs, &translation);
}

int64_t zf_machine_insns_limit(const struct zf_machine *machine) {
    int64_t limit = machine->config.max_insns;
    return limit ? limit : INT64_C(1) << NO_LIMIT_INSNS_BITS;
}

void zf_machine_set_max_insns(struct zf_machine *machine, int64_t insns, struct zf_cpu *cpu,
                              int64_t own) {
    bool counted = machine->config.max_insns != 0;
    machine->config.max_insns = cpu && !insns ? zf_machine_insns_limit(machine) : insns;
    zf_turns_set_limit(&machine->cpus, zf_machine_insns_limit(machine), cpu, own);
    insns = machine->config.max_insns;
    if (counted != (insns != 0) && !machine->config.deterministic) {
        zf_machine_flush(machine);
    }
}

/* A CPU whose fields are all zero, as they are after power-on. */
static void begin_cpu(struct zf_cpu *cpu) {
    const struct zf_machine *machine = cpu->machine;
    bool linear = machine->config.linear;
    cpu->linear = linear ? machine->storage.ram : NULL;
    cpu->linear_last = machine->storage.size - 1;
    if (cpu->address) {
        zf_cpu_initial_reset(cpu);
        return;
    }
    if (linear) { /* as the operating system has it: all registers for everyone */
        cpu->cr[0] |= ZF_CR0_AFP | ZF_CR0_VECTOR | ZF_CR0_TRANSACTION;
        cpu->clock_comparator = UINT64_MAX;
        zf_clock_set_cpu_timer(cpu, INT64_MAX);
    } else {
        zf_cpu_initial_reset(cpu);
    }
    cpu->state = ZF_CPU_OPERATING;
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, 0);
}

static void begin_cpus(struct zf_machine *machine) {
    zf_spaces_clear(&machine->cpus);
    machine->cpus.floating_pending = machine->cpus.service_parameter = 0;
    zf_tb_flush(machine->tbs);
    zf_turns_set_limit(&machine->cpus, zf_machine_insns_limit(machine), NULL, 0);
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        begin_cpu(machine->cpus.cpu[i]);
    }
}

void zf_machine_reset(struct zf_machine *machine) {
    ZF_ASSERT(!machine->config.linear);
    for (unsigned i = 0; i < zf_machine_cpus(machine); i++) {
        clear_cpu(machine, zf_machine_cpu(machine, i), i);
    }
    zf_storage_clear(&machine->storage);
    for (struct zf_device *d = machine->devices; d; d = d->next) {
        d->reset(d);
    }
    machine->stop = ZF_STOP_NONE;
    machine->stop_text[0] = 0;
    begin_cpus(machine);
}

/* All that a clear reset does to a CPU, its clocks going on. */
static void clear_registers(struct zf_cpu *cpu) {
    memset(cpu->gr, 0, sizeof cpu->gr);
    memset(cpu->ar, 0, sizeof cpu->ar);
    memset(cpu->vr, 0, sizeof cpu->vr);
    zf_cpu_initial_reset(cpu);
}

static void load_reset(struct zf_machine *machine, struct zf_cpu *cpu, bool modified_clear) {
    const uint64_t address = UINT64_C(0x7fffffff);
    for (unsigned i = 0; i < zf_machine_cpus(machine); i++) {
        struct zf_cpu *each = machine->cpus.cpu[i];
        __atomic_store_n(&each->orders, 0, __ATOMIC_RELAXED);
        if (modified_clear) {
            clear_registers(each);
        } else if (each != cpu) {
            zf_cpu_reset(each);
        }
    }
    zf_cpu_initial_reset(cpu);
    for (struct zf_device *d = machine->devices; d; d = d->next) {
        d->reset(d);
    }
    const uint8_t *psw = zf_absolute(&machine->storage, (struct zf_aaddr){0}, 8);
    uint64_t first = psw ? zf_get64(psw) : 0;
    cpu->state = ZF_CPU_OPERATING;
    zf_psw_load_checked(cpu, first & ~ZF_PSW_BIT12 & ~address, first & address);
    cpu->psw_invalid |= !(first & ZF_PSW_BIT12);
}

void zf_machine_load_reset(struct zf_machine *machine, struct zf_cpu *cpu, bool modified_clear) {
    zf_cpus_pause(&machine->cpus, cpu);
    load_reset(machine, cpu, modified_clear);
    zf_cpus_resume(&machine->cpus);
}

struct zf_machine *zf_machine_create(const struct zf_machine_config *config, struct zf_error *err) {
    struct zf_machine *machine = calloc(1, sizeof *machine);
    if (!machine) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the machine");
        return NULL;
    }
    machine->config = *config;
    zf_cpus_create(&machine->cpus);
    machine->cpus.turns = (struct zf_turns){.on = config->deterministic, .last = UINT64_MAX};
    machine->cpus.random_state = config->deterministic ? FIXED_SEED : 0;
    if (!zf_cpus_random(&machine->cpus, &machine->wrapping, sizeof machine->wrapping)) {
        zf_fail(err, ZF_ERROR_IO, "no random numbers for the wrapping keys");
        free(machine);
        return NULL;
    }
    machine->tally = config->tally ? zf_tally_create() : NULL;
    if (config->tally && !machine->tally) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for counting");
        zf_machine_destroy(machine);
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
    zf_machine_end_threads(machine);
    zf_tb_cache_destroy(machine->tbs);
    zf_tally_destroy(machine->tally);
    while (machine->devices) {
        struct zf_device *d = machine->devices;
        machine->devices = d->next;
        d->destroy(d);
    }
    if (machine->config.linear) {
        zf_linear_destroy(&machine->storage);
    } else {
        zf_storage_destroy(&machine->storage);
    }
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        free(machine->cpus.cpu[i]->transaction);
        munmap(machine->cpus.cpu[i], room_of_cpu(machine));
    }
    zf_cpus_destroy(&machine->cpus);
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
    unsigned count = __atomic_load_n(&machine->cpus.count, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < count; i++) {
        zf_cpu_hurry(machine->cpus.cpu[i]);
    }
}

void zf_machine_flush(struct zf_machine *machine) {
    zf_machine_prepare(machine);
    zf_tb_flush(machine->tbs);
}

void zf_mapping_changed(struct zf_machine *machine) {
    zf_tb_drop_virtual(machine->tbs);
}

uint64_t zf_machine_insns(const struct zf_machine *machine) {
    uint64_t executed = 0;
    for (unsigned i = 0; i < machine->cpus.count; i++) {
        executed += (uint64_t)zf_turn_executed(machine->cpus.cpu[i]);
    }
    return executed;
}
