/*
 * Address spaces by number. Translated code of virtual addresses is filed under its space, since
 * the same address means other code in another space; a number of few bits stands for the ASCE in
 * zf_cpu.mode.
 */
#include "zfacet/cpus.h"

#define ASCE_ORIGIN (~UINT64_C(0xfff))

uint32_t zf_space_number(struct zf_cpu *cpu) {
    struct zf_cpus *all = cpu->cpus;
    bool home = (cpu->psw.mask & ZF_PSW_AS) == ZF_PSW_AS_HOME;
    uint64_t asce = cpu->cr[home ? 13 : 1];
    unsigned i = 0, oldest = 0;
    for (; i < all->spaces && all->space_asce[i] != asce; i++) {
        oldest = all->space_used[i] < all->space_used[oldest] ? i : oldest;
    }
    if (i == ZF_SPACES) {
        i = oldest;
        all->drop_space(all->drop_context, i + 1);
        zf_tlb_clear(cpu);
    } else if (i == all->spaces) {
        all->spaces++;
    }
    all->space_asce[i] = asce;
    all->space_used[i] = ++all->space_clock;
    return i + 1;
}

void zf_space_changed(struct zf_cpu *cpu, uint64_t asce) {
    struct zf_cpus *all = cpu->cpus;
    for (unsigned i = 0; i < all->spaces; i++) {
        if (!((all->space_asce[i] ^ asce) & ASCE_ORIGIN)) {
            all->drop_space(all->drop_context, i + 1);
        }
    }
}
