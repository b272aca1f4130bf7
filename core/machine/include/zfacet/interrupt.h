/*
 * Interruptions that an instruction makes at once; what only becomes pending is in
 * zfacet/pending.h.
 */
#ifndef ZFACET_INTERRUPT_H
#define ZFACET_INTERRUPT_H

#include "zfacet/pending.h"

/** Restart interruption, at once. */
void zf_interrupt_restart(struct zf_cpu *cpu);

/* What an I/O interruption stores. */
struct zf_io_interruption {
    uint32_t subsystem_id;
    uint32_t parameter;
    uint32_t identification; /* with the subclass in bits 2-4 */
};

/** I/O interruption, at once: the caller has looked at the PSW's and control register 6's masks. */
void zf_interrupt_io(struct zf_cpu *cpu, const struct zf_io_interruption *io);

/** Machine-check interruption, at once, with the machine-check interruption code; stores status. */
void zf_interrupt_machine_check(struct zf_cpu *cpu, uint64_t code);

/* Where a machine check and SIGP put a CPU's status, from its prefix on. */
enum { ZF_STATUS_AREA = 0x1200 };

/** Stores the CPU's status from absolute address `base` on (512 bytes; the book's 4608). */
bool zf_store_status(struct zf_cpu *cpu, uint64_t base);
/** The vector registers, and the `guarded`-storage controls. False: no storage there. */
bool zf_store_additional_status(struct zf_cpu *cpu, uint64_t base, bool guarded);

#endif
