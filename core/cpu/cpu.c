/*
 * A CPU's state in the forms that others need: PSW in and out, resets, and the mode under which its
 * code is translated. Whoever changes what a mode depends on calls zf_cpu_mode_changed().
 */
#include "zfacet/cpu.h"

#include "zfacet/clock.h"
#include "zfacet/cpus.h"

static uint64_t mask_of_mode(uint64_t psw_mask) {
    if (psw_mask & ZF_PSW_EA) {
        return UINT64_MAX;
    }
    return psw_mask & ZF_PSW_BA ? 0x7fffffff : 0xffffff;
}

static void clear_tlb(struct zf_tlb *tlb) {
    for (unsigned i = 0; i < ZF_TLB_ALL; i++) {
        tlb->entry[i].read_tag = ZF_TLB_EMPTY;
        tlb->entry[i].write_tag = ZF_TLB_EMPTY;
    }
}

/* What entries of the last time hold for may have changed since. */
static void choose_tlb(struct zf_cpu *cpu, uint32_t mode) {
    const uint32_t any = ZF_MODE_31 | ZF_MODE_64 | ZF_MODE_PROBLEM | ZF_MODE_AFP | ZF_MODE_VECTOR |
                         ZF_MODE_FIXED_OVERFLOW;
    unsigned number = zf_tlb_of_mode(mode);
    bool home = number == ZF_TLB_HOME;
    struct zf_tlb *tlb = &cpu->tlb[number];
    const uint64_t asce[] = {home ? 0 : cpu->cr[1], home ? 0 : cpu->cr[7], cpu->cr[13]};
    if ((mode ^ tlb->mode) & ~any || memcmp(tlb->asce, asce, sizeof asce)) {
        clear_tlb(tlb);
        memcpy(tlb->asce, asce, sizeof asce);
    }
    tlb->mode = mode;
    cpu->pages = tlb;
}

void zf_cpu_mode_changed(struct zf_cpu *cpu) {
    uint64_t mask = cpu->psw.mask;
    uint32_t mode = 0;
    cpu->address_mask = mask_of_mode(mask);
    cpu->key = (uint32_t)(mask >> 52) & 0xf;
    if (mask & ZF_PSW_EA) {
        mode |= ZF_MODE_64;
    } else if (mask & ZF_PSW_BA) {
        mode |= ZF_MODE_31;
    }
    if (mask & ZF_PSW_PROBLEM) {
        mode |= ZF_MODE_PROBLEM;
    }
    if (mask & ZF_PSW_PM_FIXED_OVERFLOW) {
        mode |= ZF_MODE_FIXED_OVERFLOW;
    }
    if (mask & ZF_PSW_PER) {
        mode |= ZF_MODE_PER;
    }
    if (cpu->depth) {
        mode |= ZF_MODE_TRANSACTION;
    }
    if (cpu->watching) {
        mode |= ZF_MODE_WATCHED;
    }
    if (cpu->cr[0] & ZF_CR0_AFP) {
        mode |= ZF_MODE_AFP;
    }
    if (cpu->cr[0] & ZF_CR0_VECTOR) {
        mode |= ZF_MODE_VECTOR;
    }
    if (cpu->cr[12] & ZF_CR12_BRANCH_TRACE) {
        mode |= ZF_MODE_BRANCH_TRACE;
    }
    mode |= cpu->key << ZF_MODE_KEY_SHIFT;
    if (mask & ZF_PSW_DAT) {
        mode |= ZF_MODE_DAT | (uint32_t)(mask >> 46 & 3) << ZF_MODE_AS_SHIFT;
        mode |= zf_space_number(cpu) << ZF_MODE_SPACE_SHIFT;
    }
    choose_tlb(cpu, mode);
    cpu->mode = mode;
}

void zf_psw_load(struct zf_cpu *cpu, uint64_t mask, uint64_t addr) {
    cpu->psw.mask = mask;
    cpu->psw.addr = addr;
    cpu->cc = (uint32_t)(mask >> 44) & 3;
    zf_cpu_mode_changed(cpu);
}

void zf_tlb_clear(struct zf_cpu *cpu) {
    for (unsigned i = 0; i < ZF_TLBS; i++) {
        clear_tlb(&cpu->tlb[i]);
    }
}

void zf_cpu_reset(struct zf_cpu *cpu) {
    cpu->state = ZF_CPU_STOPPED;
    cpu->pgm = (struct zf_pgm){0};
    cpu->depth = 0;
    cpu->external_pending = 0;
    cpu->emergency_sources = 0;
    zf_tlb_clear(cpu);
}

void zf_cpu_initial_reset(struct zf_cpu *cpu) {
    const uint64_t cr0 = 0xe0, cr14 = 0xc2000000;
    zf_cpu_reset(cpu);
    memset(cpu->cr, 0, sizeof cpu->cr);
    cpu->cr[0] = cr0;
    cpu->cr[14] = cr14;
    cpu->prefix = 0;
    cpu->fpc = 0;
    cpu->tod_programmable = 0;
    cpu->clock_comparator = 0;
    zf_breaking_event_set(cpu, 1);
    zf_clock_set_cpu_timer(cpu, 0);
    zf_psw_load(cpu, 0, 0);
}
