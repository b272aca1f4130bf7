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
    zf_interrupt_look(cpu);
}

void zf_external_post(struct zf_cpu *cpu, uint32_t which) {
    cpu->external_pending |= which;
    zf_interrupt_look(cpu);
}

void zf_service_signal_post(struct zf_cpu *cpu, uint32_t parameter) {
    cpu->service_parameter |= parameter;
    zf_external_post(cpu, ZF_EXTERNAL_SERVICE);
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
    uint32_t pending = cpu->external_pending;
    if (masks & ZF_EXTERNAL_CLOCK_COMPARATOR && zf_clock_comparator_due(cpu)) {
        pending |= ZF_EXTERNAL_CLOCK_COMPARATOR;
    }
    if (masks & ZF_EXTERNAL_CPU_TIMER && zf_clock_cpu_timer(cpu) < 0) {
        pending |= ZF_EXTERNAL_CPU_TIMER;
    }
    return pending & masks;
}
