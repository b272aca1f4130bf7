/*
 * What native code calls of the tier's C, and what that knows of its own parts.
 */
#ifndef ZF_JIT_LINK_H
#define ZF_JIT_LINK_H

#include "zfacet/tb.h"

/** Code for an EXECUTE's target, or NULL with cpu->pgm set, or clear and the PSW at the EXECUTE. */
void *zf_jit_execute(struct zf_cpu *cpu, uint64_t address, uint8_t bits);
/** Code for cpu->psw.addr, which becomes known to indirect branches; NULL: through the run loop. */
void *zf_jit_indirect(struct zf_cpu *cpu);
/** Code for where that way out of a block leads, which is linked to it; NULL as above. */
void *zf_jit_chain(struct zf_cpu *cpu, uint64_t number);

/* A load that may not be allowed: as zf_load_slow(), all in registers. */
struct zf_jit_loaded {
    uint64_t value;
    bool done;
};
struct zf_jit_loaded zf_jit_load(struct zf_cpu *cpu, uint64_t address, unsigned size);

#endif
