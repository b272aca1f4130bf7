/*
 * Interruptions: the one place that swaps PSWs.
 */
#include "machine_state.h"

/* Real addresses in the prefix area ("Assigned Storage Locations"). */
enum {
    SVC_ILC = 0x88,
    PGM_ILC = 0x8c,
    PGM_DXC = 0x90,
    PGM_TRANSLATION_ID = 0xa8,
    OLD_SVC = 0x140,
    OLD_PGM = 0x150,
    NEW_SVC = 0x1c0,
    NEW_PGM = 0x1d0,
};

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
    default:
        return false;
    }
}

static void put_low(struct zf_cpu *cpu, unsigned address, unsigned size, uint64_t value) {
    zf_real_store(cpu, (struct zf_raddr){address}, size, value);
}

/* Stores the old PSW and loads the new one. */
static void swap_psw(struct zf_cpu *cpu, unsigned old_psw, unsigned new_psw) {
    uint64_t mask = 0, addr = 0;
    put_low(cpu, old_psw, 8, zf_psw_mask(cpu));
    put_low(cpu, old_psw + 8, 8, cpu->psw.addr);
    zf_real_load(cpu, (struct zf_raddr){new_psw}, 8, &mask);
    zf_real_load(cpu, (struct zf_raddr){new_psw + 8}, 8, &addr);
    zf_psw_load(cpu, mask, addr);
}

void zf_interrupt_program(struct zf_cpu *cpu) {
    struct zf_pgm pgm = cpu->pgm;
    cpu->pgm = (struct zf_pgm){0};
    put_low(cpu, PGM_ILC, 4, (uint32_t)pgm.ilc << 16 | pgm.code);
    if (pgm.code == ZF_PGM_DATA || pgm.code == ZF_PGM_VECTOR_PROCESSING) {
        put_low(cpu, PGM_DXC, 4, pgm.dxc);
    }
    put_low(cpu, PGM_TRANSLATION_ID, 8, pgm.address);
    swap_psw(cpu, OLD_PGM, NEW_PGM);
}

void zf_interrupt_svc(struct zf_cpu *cpu, uint8_t code, unsigned ilc) {
    put_low(cpu, SVC_ILC, 4, ilc << 16 | code);
    swap_psw(cpu, OLD_SVC, NEW_SVC);
}

void zf_interrupt_poll(struct zf_cpu *cpu) {
    (void)cpu;
}

bool zf_interrupt_wait(struct zf_cpu *cpu) {
    (void)cpu;
    return false;
}
