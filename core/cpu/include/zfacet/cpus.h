/*
 * What the CPUs of a machine share beside storage: which facilities are installed, and the numbers
 * of address spaces, by which translated code is told apart.
 */
#ifndef ZFACET_CPUS_H
#define ZFACET_CPUS_H

#include "zfacet/cpu.h"

enum { ZF_CPUS = 16, ZF_SPACES = 32 };

struct zf_cpus {
    struct zf_cpu *cpu[ZF_CPUS]; /* by address */
    unsigned count;
    struct zf_machine *machine;
    /* whether the machine has a facility with effects beyond single instructions; NULL: all */
    bool (*has_facility)(const struct zf_machine *machine, unsigned bit);
    /* the address spaces that have a number: ASCE, and when they were last asked for */
    uint64_t space_asce[ZF_SPACES];
    uint64_t space_used[ZF_SPACES];
    uint64_t space_clock;
    unsigned spaces;
    /* the code of a numbered space is no longer valid */
    void (*drop_space)(void *context, uint32_t number);
    void *drop_context;
};

/** Whether the machine has a facility, its effects beyond single instructions. */
bool zf_cpu_has_facility(const struct zf_cpu *cpu, unsigned bit);

/**
 * Number of the address space that instructions are fetched from, for zf_cpu.mode; DAT is on.
 * When the numbers run out, the space that was not asked for longest gives up its own and its code.
 */
uint32_t zf_space_number(struct zf_cpu *cpu);

/** Drops the translated code of the spaces with this ASCE's table: their mapping changed. */
void zf_space_changed(struct zf_cpu *cpu, uint64_t asce);

#endif
