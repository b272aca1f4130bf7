/*
 * The engines: one function per pair of dispatch and storage access, from the same op bodies.
 */
#ifndef ZF_INTERP_INTERP_H
#define ZF_INTERP_INTERP_H

#include "uop.h"

zf_engine_function zf_goto_linear, zf_goto_tlb;
zf_engine_function zf_goto_linear_v3, zf_goto_tlb_v3; /* for x86-64-v3 hosts */
zf_engine_function zf_switch_linear, zf_switch_tlb, zf_switch_any;

/* chain.c */
/** After a chain stub: the uop to go on with, the branch patched; NULL: through the run loop. */
struct zf_uop *zf_interp_chain(struct zf_cpu *cpu, struct zf_uop *stub);
/** After a miss of the branch cache, which it fills. */
struct zf_uop *zf_interp_indirect(struct zf_cpu *cpu, uint64_t pc);
/**
 * The block of an EXECUTE's target: `address` is the target's, `bits` are or-ed into its second
 * byte. NULL with cpu->pgm set, or with it clear and the PSW at the EXECUTE (cache full).
 */
struct zf_uop *zf_interp_execute(struct zf_cpu *cpu, struct zf_uop *uop, uint64_t address,
                                 uint8_t bits);
/** From a dropped block to what is there now; NULL: through the run loop. */
struct zf_uop *zf_interp_stale(struct zf_cpu *cpu, const struct zf_uop *uop);

/** The block that begins with the uop is hot: another tier has it from now on. */
void zf_interp_heated(struct zf_cpu *cpu, struct zf_uop *uop);

struct zf_unaligned8 {
    uint8_t v;
} __attribute__((packed, may_alias));
struct zf_unaligned16 {
    uint16_t v;
} __attribute__((packed, may_alias));
struct zf_unaligned32 {
    uint32_t v;
} __attribute__((packed, may_alias));
struct zf_unaligned64 {
    uint64_t v;
} __attribute__((packed, may_alias));

#endif
