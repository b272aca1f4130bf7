/* STORE STATUS and STORE ADDITIONAL STATUS: registers into the areas that the book lays out. */
#include "machine_state.h"
#include "zfacet/clock.h"
#include "zfacet/interrupt.h"
#include "zfacet/vector_register.h"

/* Offsets in the area that STORE STATUS fills. */
enum {
    FPRS = 0,
    GRS = 128,
    PSW = 256,
    PREFIX = 280,
    FPC = 284,
    TOD_PROGRAMMABLE = 292,
    CPU_TIMER = 296,
    CLOCK_COMPARATOR = 304,
    ARS = 320,
    CRS = 384,
    STATUS_LENGTH = 512,
};

bool zf_store_status(struct zf_cpu *cpu, uint64_t base) {
    uint8_t *p = zf_absolute(cpu->storage, (struct zf_aaddr){base}, STATUS_LENGTH);
    if (!p) {
        return false;
    }
    zf_code_changed(cpu->storage, base, STATUS_LENGTH);
    zf_storage_stored(cpu->storage, base, STATUS_LENGTH);
    for (unsigned i = 0; i < 16; i++) {
        zf_put64(p + FPRS + 8 * i, zf_fpr(cpu, i));
        zf_put64(p + GRS + 8 * i, cpu->gr[i]);
        zf_put32(p + ARS + 4 * i, cpu->ar[i]);
        zf_put64(p + CRS + 8 * i, cpu->cr[i]);
    }
    zf_put64(p + PSW, zf_psw_mask(cpu));
    zf_put64(p + PSW + 8, cpu->psw.addr);
    zf_put32(p + PREFIX, (uint32_t)cpu->prefix);
    zf_put32(p + FPC, cpu->fpc);
    zf_put32(p + TOD_PROGRAMMABLE, cpu->tod_programmable);
    /* the timer of a stopped CPU stands still */
    bool stopped = cpu->state == ZF_CPU_STOPPED;
    zf_put64(p + CPU_TIMER, (uint64_t)(stopped ? cpu->cpu_timer : zf_clock_cpu_timer(cpu)));
    zf_put64(p + CLOCK_COMPARATOR, cpu->clock_comparator >> 8);
    return true;
}

bool zf_store_additional_status(struct zf_cpu *cpu, uint64_t base, bool guarded) {
    enum { VRS = 0, GUARDED = 1024, GUARDED_END = GUARDED + 32, VRS_END = VRS + 512 };
    size_t length = guarded ? GUARDED_END : VRS_END;
    uint8_t *p = zf_absolute(cpu->storage, (struct zf_aaddr){base}, length);
    if (!p) {
        return false;
    }
    zf_code_changed(cpu->storage, base, length);
    zf_storage_stored(cpu->storage, base, length);
    for (unsigned i = 0; i < 32; i++) {
        zf_put64(p + VRS + 16 * i, cpu->vr[i].half[ZF_VR_LEFT]);
        zf_put64(p + VRS + 16 * i + 8, cpu->vr[i].half[ZF_VR_RIGHT]);
    }
    if (guarded) {
        zf_put64(p + GUARDED, 0);
        zf_put64(p + GUARDED + 8, cpu->guarded_designation);
        zf_put64(p + GUARDED + 16, cpu->guarded_sections);
        zf_put64(p + GUARDED + 24, cpu->guarded_parameters);
    }
    return true;
}
