/*
 * Address spaces by number. Translated code of virtual addresses is filed under its space, since
 * the same address means other code in another space; a number of few bits stands for the ASCE in
 * zf_cpu.mode, together with what of control register 0 its tables are read by.
 */
#include "zfacet/cpus.h"

#define ASCE_ORIGIN (~UINT64_C(0xfff))

/* Whether a CPU executes in the space. */
static bool in_use(const struct zf_cpus *all, uint32_t number) {
    for (unsigned i = 0; i < all->count; i++) {
        if (all->cpu[i]->space == number) {
            return true;
        }
    }
    return false;
}

/* Index of the space, or of that which may give up its number. */
static unsigned choose(const struct zf_cpus *all, uint64_t asce) {
    unsigned oldest = ZF_SPACES;
    for (unsigned i = 0; i < all->spaces; i++) {
        if (all->space_asce[i] == asce) {
            return i;
        }
        if ((oldest == ZF_SPACES || all->space_used[i] < all->space_used[oldest]) &&
            (all->spaces < ZF_SPACES || !in_use(all, i + 1))) {
            oldest = i;
        }
    }
    return all->spaces < ZF_SPACES ? all->spaces : oldest;
}

/* With the claim: no other CPU goes to a space meanwhile. */
static unsigned take_number(struct zf_cpu *cpu, uint64_t asce) {
    struct zf_cpus *all = cpu->cpus;
    unsigned i = choose(all, asce);
    if (i < all->spaces && all->space_asce[i] != asce) {
        all->drop_space(all->drop_context, i + 1);
        zf_tlb_clear(cpu);
    }
    all->spaces = i == all->spaces ? i + 1 : all->spaces;
    __atomic_store_n(&all->space_asce[i], asce, __ATOMIC_RELAXED);
    all->space_used[i] = ++all->space_clock;
    cpu->space = i + 1;
    return i + 1;
}

/* With bits of the ASCE that mean nothing there. */
static uint64_t identity(const struct zf_cpu *cpu, uint64_t asce) {
    enum { UNUSED = 0xc00, ENHANCED_DAT = 0x400, EXECUTION_PROTECTION = 0x800 };
    return (asce & ~(uint64_t)UNUSED) | (cpu->cr[0] & ZF_CR0_ENHANCED_DAT ? ENHANCED_DAT : 0) |
           (cpu->cr[0] & ZF_CR0_EXECUTION_PROTECTION ? EXECUTION_PROTECTION : 0);
}

/* The number of the space that a CPU is in does not change: it may look without the claim. */
uint32_t zf_space_number(struct zf_cpu *cpu) {
    struct zf_cpus *all = cpu->cpus;
    bool home = (cpu->psw.mask & ZF_PSW_AS) == ZF_PSW_AS_HOME;
    uint64_t asce = identity(cpu, cpu->cr[home ? 13 : 1]);
    if (cpu->space && __atomic_load_n(&all->space_asce[cpu->space - 1], __ATOMIC_RELAXED) == asce) {
        return cpu->space;
    }
    zf_cpus_claim(all);
    unsigned number = take_number(cpu, asce);
    zf_cpus_release(all);
    return number;
}

void zf_space_changed(struct zf_cpu *cpu, uint64_t asce) {
    struct zf_cpus *all = cpu->cpus;
    zf_cpus_claim(all);
    for (unsigned i = 0; i < all->spaces; i++) {
        if (!((all->space_asce[i] ^ asce) & ASCE_ORIGIN)) {
            all->drop_space(all->drop_context, i + 1);
        }
    }
    zf_cpus_release(all);
}

void zf_spaces_clear(struct zf_cpus *cpus) {
    cpus->spaces = 0;
    for (unsigned i = 0; i < cpus->count; i++) {
        cpus->cpu[i]->space = 0;
    }
}
