/*
 * What a CPU has pending, and PSWs that are checked when they are loaded. Interruptions themselves
 * are made in machine/interrupt.c, which swaps PSWs in storage.
 */
#include "zfacet/pending.h"

#include "zfacet/clock.h"
#include "zfacet/cpus.h"
#include "zfacet/facility.h"

const struct zf_external_kind zf_external_kinds[ZF_EXTERNAL_KINDS] = {
    {0x0040, 57}, {0x1200, 48}, {0x1201, 49}, {0x1202, 50},
    {0x1004, 52}, {0x1005, 53}, {0x2401, 54}};

bool zf_psw_system_mask_valid(uint64_t mask) {
    return !(mask & (ZF_BIT64(0) | ZF_BIT64(2) | ZF_BIT64(3) | ZF_BIT64(4)));
}

bool zf_psw_valid(const struct zf_cpu *cpu, uint64_t mask, uint64_t addr) {
    const uint64_t unassigned = (UINT64_C(0x3f) << 33) | UINT64_C(0x7fffffff);
    if (!zf_psw_system_mask_valid(mask) || mask & ZF_PSW_BIT12) {
        return false;
    }
    if (mask & unassigned ||
        (mask & ZF_PSW_RI && !zf_cpu_has_facility(cpu, ZF_FACILITY_RUNTIME_INSTRUMENTATION))) {
        return false;
    }
    if (!(mask & ZF_PSW_BA)) {
        return !(mask & ZF_PSW_EA) && !(addr >> 24);
    }
    return mask & ZF_PSW_EA || !(addr >> 31);
}

void zf_psw_load_checked(struct zf_cpu *cpu, uint64_t mask, uint64_t addr) {
    cpu->psw_invalid = !zf_psw_valid(cpu, mask, addr);
    zf_psw_load(cpu, mask, addr);
    if (!zf_interrupt_opened(cpu)) {
        cpu->slice--; /* as a branch that is taken */
    }
}

/* With the lock. */
static void post(struct zf_cpu *cpu, uint32_t which) {
    __atomic_fetch_or(&cpu->external_pending, which, __ATOMIC_RELEASE);
    zf_cpu_hurry(cpu);
    pthread_cond_broadcast(&cpu->cpus->changed);
}

void zf_external_post(struct zf_cpu *cpu, uint32_t which) {
    pthread_mutex_lock(&cpu->cpus->lock);
    post(cpu, which);
    pthread_mutex_unlock(&cpu->cpus->lock);
}

bool zf_external_call_post(struct zf_cpu *to, uint16_t from) {
    pthread_mutex_lock(&to->cpus->lock);
    bool free = !(to->external_pending & ZF_EXTERNAL_CALL);
    if (free) {
        to->external_call_source = from;
        post(to, ZF_EXTERNAL_CALL);
    }
    pthread_mutex_unlock(&to->cpus->lock);
    return free;
}

void zf_emergency_post(struct zf_cpu *to, uint16_t from) {
    pthread_mutex_lock(&to->cpus->lock);
    to->emergency_sources |= UINT64_C(1) << (from & 63);
    post(to, ZF_EXTERNAL_EMERGENCY);
    pthread_mutex_unlock(&to->cpus->lock);
}

void zf_service_signal_post(struct zf_cpus *cpus, uint32_t parameter) {
    pthread_mutex_lock(&cpus->lock);
    cpus->service_parameter |= parameter;
    __atomic_fetch_or(&cpus->floating_pending, ZF_EXTERNAL_SERVICE, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < cpus->count; i++) {
        zf_cpu_hurry(cpus->cpu[i]);
    }
    pthread_cond_broadcast(&cpus->changed);
    pthread_mutex_unlock(&cpus->lock);
}

uint32_t zf_external_pending(const struct zf_cpu *cpu) {
    return __atomic_load_n(&cpu->external_pending, __ATOMIC_ACQUIRE) |
           __atomic_load_n(&cpu->cpus->floating_pending, __ATOMIC_ACQUIRE);
}

/* With the lock: of several emergency signals, the one from the lowest address. */
static uint32_t take_emergency(struct zf_cpu *cpu) {
    uint32_t source =
        cpu->emergency_sources ? (uint32_t)__builtin_ctzll(cpu->emergency_sources) : 0;
    cpu->emergency_sources &= ~(UINT64_C(1) << source);
    if (cpu->emergency_sources) {
        cpu->external_pending |= ZF_EXTERNAL_EMERGENCY;
    }
    return source;
}

bool zf_external_take(struct zf_cpu *cpu, uint32_t which, uint32_t *detail) {
    struct zf_cpus *cpus = cpu->cpus;
    pthread_mutex_lock(&cpus->lock);
    bool floating = cpus->floating_pending & which;
    bool level = which & (ZF_EXTERNAL_CLOCK_COMPARATOR | ZF_EXTERNAL_CPU_TIMER);
    bool there = level || floating || cpu->external_pending & which;
    *detail = 0;
    if (floating) {
        cpus->floating_pending &= ~which;
        *detail = cpus->service_parameter;
        cpus->service_parameter = 0;
    } else {
        __atomic_fetch_and(&cpu->external_pending, ~which, __ATOMIC_ACQ_REL);
        if (which == ZF_EXTERNAL_EMERGENCY) {
            *detail = take_emergency(cpu);
        } else if (which == ZF_EXTERNAL_CALL) {
            *detail = cpu->external_call_source;
        }
    }
    pthread_mutex_unlock(&cpus->lock);
    return there;
}

uint32_t zf_external_masks(const struct zf_cpu *cpu) {
    uint32_t masks = 0;
    for (unsigned i = 0; i < ZF_EXTERNAL_KINDS; i++) {
        if (cpu->cr[0] & ZF_BIT64(zf_external_kinds[i].mask_bit)) {
            masks |= 1u << i;
        }
    }
    return masks;
}

uint32_t zf_external_open(const struct zf_cpu *cpu) {
    uint32_t masks = zf_external_masks(cpu);
    uint32_t pending = zf_external_pending(cpu);
    if (masks & ZF_EXTERNAL_CLOCK_COMPARATOR && zf_clock_comparator_due(cpu)) {
        pending |= ZF_EXTERNAL_CLOCK_COMPARATOR;
    }
    if (masks & ZF_EXTERNAL_CPU_TIMER && zf_clock_cpu_timer(cpu) < 0) {
        pending |= ZF_EXTERNAL_CPU_TIMER;
    }
    return pending & masks;
}

bool zf_interrupt_opened(struct zf_cpu *cpu) {
    bool opened = cpu->psw_invalid || (cpu->psw.mask & ZF_PSW_EXT && zf_external_open(cpu));
    if (opened) {
        zf_interrupt_look(cpu);
    }
    return opened;
}
