/*
 * Interruptions as instructions and devices see them.
 */
#ifndef ZFACET_INTERRUPT_H
#define ZFACET_INTERRUPT_H

#include "zfacet/cpu.h"

/**
 * Loads a PSW as LOAD PSW EXTENDED and interruptions do. When it is not valid, the run loop takes
 * the early specification exception next. Pending interruptions are looked at before the next
 * instruction: leave the block (ZF_NEXT_BRANCH).
 */
void zf_psw_load_checked(struct zf_cpu *cpu, uint64_t mask, uint64_t addr);

/** Whether a PSW makes no early specification exception. */
bool zf_psw_valid(const struct zf_cpu *cpu, uint64_t mask, uint64_t addr);

/** The system-mask part alone: what SET SYSTEM MASK and its like can get wrong. */
bool zf_psw_system_mask_valid(uint64_t mask);

/** Makes the run loop look at pending interruptions before the next block. */
static inline void zf_interrupt_look(struct zf_cpu *cpu) {
    cpu->slice = -1;
}

/** Makes external interruptions pending (enum zf_external). */
void zf_external_post(struct zf_cpu *cpu, uint32_t which);

/** Service signal with its parameter; parameters of signals that still wait are joined. */
void zf_service_signal_post(struct zf_cpu *cpu, uint32_t parameter);

/** External interruptions that are pending and enabled by their subclass masks. */
uint32_t zf_external_open(const struct zf_cpu *cpu);

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

/** Stores the CPU's status from absolute address `base` on (512 bytes; the book's 4608). */
bool zf_store_status(struct zf_cpu *cpu, uint64_t base);

#endif
