/*
 * Interruptions that wait for a CPU to take them, and what a PSW must be to be loaded.
 */
#ifndef ZFACET_PENDING_H
#define ZFACET_PENDING_H

#include "zfacet/cpus.h"

/* External interruptions by bit of enum zf_external: code, and their mask's bit in CR0. */
struct zf_external_kind {
    uint16_t code;
    uint8_t mask_bit;
};
enum { ZF_EXTERNAL_KINDS = 7 };
extern const struct zf_external_kind zf_external_kinds[ZF_EXTERNAL_KINDS];

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

/**
 * The same where the PSW, a clock or a control register changed, unless nothing is to be done: then
 * false, and execution may go on.
 */
bool zf_interrupt_opened(struct zf_cpu *cpu);

/** Makes external interruptions pending (enum zf_external); from any thread, as the next ones. */
void zf_external_post(struct zf_cpu *cpu, uint32_t which);

/** External call from the CPU with address `from`; false: another one is pending. */
bool zf_external_call_post(struct zf_cpu *to, uint16_t from);
void zf_emergency_post(struct zf_cpu *to, uint16_t from);

/**
 * Service signal with its parameter, for whichever CPU takes it; parameters of signals that still
 * wait are joined.
 */
void zf_service_signal_post(struct zf_cpus *cpus, uint32_t parameter);

/** External interruptions that are pending for this CPU, but for its timers. */
uint32_t zf_external_pending(const struct zf_cpu *cpu);

/**
 * Makes one no longer pending; false: another CPU has taken it. `*detail`: the service parameter,
 * or the address of the CPU that signalled.
 */
bool zf_external_take(struct zf_cpu *cpu, uint32_t which, uint32_t *detail);

/** External interruptions that are pending and enabled by their subclass masks. */
uint32_t zf_external_open(const struct zf_cpu *cpu);

/** External interruptions whose subclass masks are one. */
uint32_t zf_external_masks(const struct zf_cpu *cpu);

#endif
