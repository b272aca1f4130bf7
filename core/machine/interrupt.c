/*
 * Interruptions: the one place that swaps PSWs.
 */
#include "zfacet/interrupt.h"

#include "machine_state.h"
#include "zfacet/clock.h"
#include "zfacet/dat.h"
#include "zfacet/device.h"
#include "zfacet/per.h"
#include "zfacet/storage.h"

#include <stdio.h>
#include <time.h>

/* Real addresses in the prefix area ("Assigned Storage Locations"). */
enum {
    EXTERNAL_PARAMETER = 0x80,
    EXTERNAL_CPU = 0x84,
    EXTERNAL_CODE = 0x86,
    SVC_ILC = 0x88,
    PGM_ILC = 0x8c,
    PGM_DXC = 0x90,
    PGM_MONITOR_CLASS = 0x94,
    PGM_PER_CODE = 0x96,
    PGM_PER_ADDRESS = 0x98,
    PGM_TRANSLATION_ID = 0xa8,
    PGM_ACCESS_ID = 0xa0,
    PGM_PER_ACCESS_ID = 0xa1,
    PGM_OPERAND_ID = 0xa2,
    PGM_MONITOR_CODE = 0xb0,
    IO_SUBSYSTEM_ID = 0xb8,
    IO_PARAMETER = 0xbc,
    IO_IDENTIFICATION = 0xc0,
    MCCK_CODE = 0xe8,
    PGM_BREAKING_EVENT = 0x110,
    OLD_RESTART = 0x120,
    OLD_EXTERNAL = 0x130,
    OLD_SVC = 0x140,
    OLD_PGM = 0x150,
    OLD_MCCK = 0x160,
    OLD_IO = 0x170,
    NEW_RESTART = 0x1a0,
    NEW_EXTERNAL = 0x1b0,
    NEW_SVC = 0x1c0,
    NEW_PGM = 0x1d0,
    NEW_MCCK = 0x1e0,
    NEW_IO = 0x1f0,
};

enum { PGM_LOOP_LIMIT = 8 };

bool zf_pgm_nullifies(uint16_t code) {
    switch (code & 0x7f) {
    case ZF_PGM_SEGMENT_TRANSLATION:
    case ZF_PGM_PAGE_TRANSLATION:
    case ZF_PGM_ASCE_TYPE:
    case ZF_PGM_REGION_FIRST:
    case ZF_PGM_REGION_SECOND:
    case ZF_PGM_REGION_THIRD:
    case ZF_PGM_TRACE_TABLE:
        return true;
    default: /* ALET specification alone of these suppresses */
        return (code & 0x7f) >= ZF_PGM_AFX_TRANSLATION && (code & 0x7f) <= ZF_PGM_STACK_OPERATION &&
               (code & 0x7f) != ZF_PGM_ALET_SPEC;
    }
}

static void put_low(struct zf_cpu *cpu, unsigned address, unsigned size, uint64_t value) {
    zf_real_store(cpu, (struct zf_raddr){address}, size, value);
}

static struct zf_psw get_psw(struct zf_cpu *cpu, unsigned address) {
    struct zf_psw psw = {0};
    zf_real_load(cpu, (struct zf_raddr){address}, 8, &psw.mask);
    zf_real_load(cpu, (struct zf_raddr){address + 8}, 8, &psw.addr);
    return psw;
}

/* Stores the old PSW and loads the new one. */
static void swap_psw(struct zf_cpu *cpu, unsigned old_psw, unsigned new_psw) {
    struct zf_psw next = get_psw(cpu, new_psw);
    put_low(cpu, old_psw, 8, zf_psw_mask(cpu));
    put_low(cpu, old_psw + 8, 8, cpu->psw.addr);
    zf_psw_load_checked(cpu, next.mask, next.addr);
}

static void store_pgm(struct zf_cpu *cpu, const struct zf_pgm *pgm) {
    put_low(cpu, PGM_ILC, 4, (uint32_t)pgm->ilc << 16 | pgm->code);
    if (pgm->code & ZF_PGM_PER) {
        put_low(cpu, PGM_PER_CODE, 2, (uint32_t)cpu->per.code << 8 | cpu->per.atmid);
        put_low(cpu, PGM_PER_ADDRESS, 8, cpu->per.address);
        put_low(cpu, PGM_PER_ACCESS_ID, 1, cpu->per.access_id);
    }
    switch (pgm->code & ~(ZF_PGM_PER | ZF_PGM_TRANSACTION)) {
    case ZF_PGM_DATA:
    case ZF_PGM_VECTOR_PROCESSING:
        put_low(cpu, PGM_DXC, 4, pgm->dxc);
        break;
    case ZF_PGM_MONITOR:
        put_low(cpu, PGM_MONITOR_CLASS, 2, pgm->monitor_class);
        put_low(cpu, PGM_MONITOR_CODE, 8, pgm->address);
        break;
    case ZF_PGM_PROTECTION:
    case ZF_PGM_SEGMENT_TRANSLATION:
    case ZF_PGM_PAGE_TRANSLATION:
    case ZF_PGM_ASCE_TYPE:
    case ZF_PGM_REGION_FIRST:
    case ZF_PGM_REGION_SECOND:
    case ZF_PGM_REGION_THIRD:
        put_low(cpu, PGM_TRANSLATION_ID, 8, pgm->address);
        put_low(cpu, PGM_ACCESS_ID, 1, pgm->access_id);
        if (pgm->has_operand_id) {
            put_low(cpu, PGM_OPERAND_ID, 1, pgm->operand_id);
        }
        break;
    case ZF_PGM_SPACE_SWITCH:
    case ZF_PGM_AFX_TRANSLATION:
    case ZF_PGM_ASX_TRANSLATION:
    case ZF_PGM_LX_TRANSLATION:
    case ZF_PGM_EX_TRANSLATION:
    case ZF_PGM_PRIMARY_AUTHORITY:
    case ZF_PGM_SECONDARY_AUTHORITY:
    case ZF_PGM_LFX_TRANSLATION:
    case ZF_PGM_LSX_TRANSLATION:
    case ZF_PGM_LSTE_SEQUENCE:
        put_low(cpu, PGM_TRANSLATION_ID + 4, 4, pgm->address);
        break;
    case ZF_PGM_ALET_SPEC:
    case ZF_PGM_ALEN_TRANSLATION:
    case ZF_PGM_ALE_SEQUENCE:
    case ZF_PGM_ASTE_VALIDITY:
    case ZF_PGM_ASTE_SEQUENCE:
    case ZF_PGM_EXTENDED_AUTHORITY:
    case ZF_PGM_ASTE_INSTANCE:
        put_low(cpu, PGM_ACCESS_ID, 1, pgm->access_id);
        break;
    default:
        break;
    }
    put_low(cpu, PGM_BREAKING_EVENT, 8, cpu->breaking_event);
}

/* A guest that never set its program new PSW: zero, which leads to zeros, the next interruption. */
static bool is_unset(struct zf_cpu *cpu) {
    uint64_t first;
    return !zf_psw_mask(cpu) && !cpu->psw.addr &&
           zf_real_load(cpu, (struct zf_raddr){0}, 2, &first) && !first;
}

/* The interruption that led to address 0, as its new PSW was never set, or NULL. */
static const char *led_to_zero(struct zf_cpu *cpu) {
    enum { NEW = NEW_SVC - OLD_SVC };
    static const struct {
        uint16_t old;
        const char *name;
    } classes[] = {{OLD_SVC, "a supervisor call"},
                   {OLD_EXTERNAL, "an external interruption"},
                   {OLD_IO, "an I/O interruption"},
                   {OLD_MCCK, "a machine check"},
                   {OLD_RESTART, "a restart"}};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(classes); i++) {
        uint64_t old, mask, address;
        struct zf_raddr at = {classes[i].old};
        if (zf_real_load(cpu, at, 8, &old) && old &&
            zf_real_load(cpu, (struct zf_raddr){at.v + NEW}, 8, &mask) && !mask &&
            zf_real_load(cpu, (struct zf_raddr){at.v + NEW + 8}, 8, &address) && !address) {
            return classes[i].name;
        }
    }
    return NULL;
}

/*
 * A program new PSW that is not valid, or whose first instruction has a program condition again
 * and again, would keep the CPU busy for ever.
 */
static void stop_loop(struct zf_cpu *cpu, const struct zf_pgm *pgm, struct zf_psw old) {
    uint64_t at = zf_pgm_nullifies(pgm->code) ? old.addr : old.addr - pgm->ilc;
    bool again = at == cpu->psw.addr && !((old.mask ^ cpu->psw.mask) & ~ZF_PSW_CC);
    bool unset = !cpu->psw_invalid && is_unset(cpu); /* what came first is told, not the loop */
    cpu->pgm_repeats = again ? cpu->pgm_repeats + 1 : 0;
    if (!cpu->psw_invalid && !unset && cpu->pgm_repeats < PGM_LOOP_LIMIT) {
        return;
    }
    char dxc[16] = "", psw[40] = "", after[80] = "";
    const char *led = unset && !at && !old.mask ? led_to_zero(cpu) : NULL;
    if ((pgm->code & 0xff) == ZF_PGM_DATA || (pgm->code & 0xff) == ZF_PGM_VECTOR_PROCESSING) {
        snprintf(dxc, sizeof dxc, " (%s %02x)", (pgm->code & 0xff) == ZF_PGM_DATA ? "DXC" : "VXC",
                 pgm->dxc & 0xffu);
    }
    if (!unset) {
        snprintf(psw, sizeof psw, " %016llx %016llx", (unsigned long long)zf_psw_mask(cpu),
                 (unsigned long long)cpu->psw.addr);
    }
    if (led) {
        snprintf(after, sizeof after, " after %s, whose new PSW was never set", led);
    }
    zf_machine_end(cpu->machine, ZF_STOP_PGM_LOOP,
                   "program interruption %04x%s at %#llx%s; the program new PSW%s %s", pgm->code,
                   dxc, (unsigned long long)at, after, psw,
                   cpu->psw_invalid ? "is invalid"
                   : unset          ? "was never set"
                                    : "causes it again");
}

void zf_interrupt_program(struct zf_cpu *cpu) {
    struct zf_pgm pgm = cpu->pgm;
    struct zf_psw old = {zf_psw_mask(cpu), cpu->psw.addr};
    cpu->pgm = (struct zf_pgm){0};
    store_pgm(cpu, &pgm);
    swap_psw(cpu, OLD_PGM, NEW_PGM);
    stop_loop(cpu, &pgm, old);
}

void zf_interrupt_svc(struct zf_cpu *cpu, uint8_t code, unsigned ilc) {
    put_low(cpu, SVC_ILC, 4, ilc << 16 | code);
    swap_psw(cpu, OLD_SVC, NEW_SVC);
}

void zf_interrupt_restart(struct zf_cpu *cpu) {
    swap_psw(cpu, OLD_RESTART, NEW_RESTART);
}

void zf_interrupt_io(struct zf_cpu *cpu, const struct zf_io_interruption *io) {
    put_low(cpu, IO_SUBSYSTEM_ID, 4, io->subsystem_id);
    put_low(cpu, IO_PARAMETER, 4, io->parameter);
    put_low(cpu, IO_IDENTIFICATION, 4, io->identification);
    swap_psw(cpu, OLD_IO, NEW_IO);
}

void zf_interrupt_machine_check(struct zf_cpu *cpu, uint64_t code) {
    zf_store_status(cpu, zf_prefix(cpu, (struct zf_raddr){ZF_STATUS_AREA}).v);
    put_low(cpu, MCCK_CODE, 8, code);
    swap_psw(cpu, OLD_MCCK, NEW_MCCK);
}

static void take_external(struct zf_cpu *cpu, uint32_t which) {
    uint32_t detail;
    if (!zf_external_take(cpu, which, &detail)) {
        return;
    }
    put_low(cpu, EXTERNAL_CODE, 2, zf_external_kinds[__builtin_ctz(which)].code);
    if (which == ZF_EXTERNAL_SERVICE) {
        put_low(cpu, EXTERNAL_PARAMETER, 4, detail);
        detail = 0;
    }
    put_low(cpu, EXTERNAL_CPU, 2, detail);
    swap_psw(cpu, OLD_EXTERNAL, NEW_EXTERNAL);
}

void zf_interrupt_poll(struct zf_cpu *cpu) {
    if (!(cpu->psw.mask & ZF_PSW_EXT)) {
        return;
    }
    uint32_t open = zf_external_open(cpu);
    if (open) {
        take_external(cpu, open & -open);
    }
}

/* Host nanoseconds until a timer interruption that is enabled; UINT64_MAX: never. */
static uint64_t next_timer(const struct zf_cpu *cpu) {
    uint64_t wait = UINT64_MAX;
    uint32_t masks = cpu->psw.mask & ZF_PSW_EXT ? zf_external_masks(cpu) : 0;
    if (masks & ZF_EXTERNAL_CLOCK_COMPARATOR && cpu->clock_comparator != UINT64_MAX) {
        wait = zf_clock_comparator_wait(cpu);
    }
    if (masks & ZF_EXTERNAL_CPU_TIMER) {
        uint64_t timer = zf_clock_cpu_timer_wait(cpu);
        wait = timer < wait ? timer : wait;
    }
    return wait;
}

/*
 * Where other CPUs may end the wait, it must not be spent in a device: input is looked for now and
 * then. All CPUs but the first look less often; who executes does at the end of each time slice.
 */
static bool look_for_input(struct zf_cpu *cpu, uint32_t enabled) {
    bool more = false;
    zf_cpus_claim(cpu->cpus);
    for (struct zf_device *d = cpu->machine->devices; d; d = d->next) {
        more |= d->poll(d, 0) && d->interrupts & enabled;
    }
    zf_cpus_release(cpu->cpus);
    return more;
}

/* With the lock: whether the CPU has something to do. */
static bool is_woken(const struct zf_cpu *cpu) {
    return cpu->machine->stop || cpu->state != ZF_CPU_OPERATING || cpu->orders || cpu->requests ||
           (cpu->psw.mask & ZF_PSW_EXT && zf_external_open(cpu));
}

/* Sleeps, at most `ns`, for a CPU among others. False: no CPU has ever anything to do again. */
static bool sleep_among_others(struct zf_cpu *cpu, uint64_t ns, uint32_t enabled) {
    const uint64_t year_ns = UINT64_C(31556952000000000), often = 10000000, rarely = 50000000;
    struct zf_cpus *cpus = cpu->cpus;
    uint64_t longest = cpu->address ? rarely : often;
    bool more = look_for_input(cpu, enabled);
    pthread_mutex_lock(&cpus->lock);
    cpu->idle = !more && ns > year_ns;
    bool over = !is_woken(cpu) && !zf_machine_is_active(cpu->machine);
    if (!over && !is_woken(cpu)) {
        zf_cpus_await(cpus, ns < longest ? ns : longest);
    }
    cpu->idle = false;
    pthread_mutex_unlock(&cpus->lock);
    return !over;
}

/* Sleeps, at most `ns`; false when no device will ever bring an interruption that is enabled. */
static bool sleep_for_input(struct zf_machine *machine, uint64_t ns, uint32_t enabled) {
    const uint64_t longest = 50000000; /* the run loop's limits want to be looked at */
    bool more = false;
    uint64_t rest = ns < longest ? ns : longest;
    for (struct zf_device *d = machine->devices; d; d = d->next) {
        if (d->interrupts & enabled && d->poll(d, more ? 0 : rest)) {
            more = true;
        }
    }
    if (!more) {
        struct timespec t = {.tv_nsec = (long)(ns < longest ? ns : longest / 50)};
        nanosleep(&t, NULL);
    }
    return more;
}

static void set_idle(struct zf_cpu *cpu, bool idle) {
    pthread_mutex_lock(&cpu->cpus->lock);
    cpu->idle = idle;
    pthread_mutex_unlock(&cpu->cpus->lock);
}

/* In a repeatable run: until its time, or until another CPU wants something of it. */
static bool sleep_in_turns(struct zf_cpu *cpu, uint64_t ns) {
    struct zf_cpus *cpus = cpu->cpus;
    const uint64_t year_ns = UINT64_C(31556952000000000);
    uint64_t until = ns > year_ns ? ZF_TURN_FOREVER : zf_turn_time(cpus) + ns;
    cpu->slice = INT32_MAX;
    set_idle(cpu, until == ZF_TURN_FOREVER);
    bool woken = is_woken(cpu) || zf_turn_sleep(cpu, ZF_TURN_SLEEPING, until);
    set_idle(cpu, false);
    uint32_t enabled = 0;
    for (unsigned i = 0; i < cpus->count && !woken; i++) {
        enabled |= cpus->cpu[i]->psw.mask & ZF_PSW_EXT ? zf_external_masks(cpus->cpu[i]) : 0;
    }
    bool more = woken || cpu->machine->stop || sleep_for_input(cpu->machine, UINT64_MAX, enabled);
    zf_interrupt_look(cpu);
    return more;
}

/* False: nothing will ever end the wait. */
static bool sleep_until_woken(struct zf_cpu *cpu) {
    const uint64_t year_ns = UINT64_C(31556952000000000);
    uint64_t wait = next_timer(cpu);
    uint32_t enabled = cpu->psw.mask & ZF_PSW_EXT ? zf_external_masks(cpu) : 0;
    if (cpu->cpus->turns.on) {
        return sleep_in_turns(cpu, wait);
    }
    if (cpu->cpus->count > 1) {
        return sleep_among_others(cpu, wait, enabled);
    }
    return sleep_for_input(cpu->machine, wait, enabled) || wait <= year_ns;
}

void zf_interrupt_wait(struct zf_cpu *cpu) {
    if (zf_cpu_waits_disabled(cpu)) {
        zf_cpu_stand_still(cpu);
        return;
    }
    zf_interrupt_look(cpu);
    zf_cpu_leave(cpu);
    bool more = sleep_until_woken(cpu);
    zf_cpu_enter(cpu);
    if (!more) {
        zf_machine_end(cpu->machine, ZF_STOP_IDLE, NULL);
    }
}
