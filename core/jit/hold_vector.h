/*
 * Vector registers of the guest in XMM registers, within a block (hold_vector.c). The first XMM
 * registers are free within an op.
 */
#ifndef ZF_JIT_HOLD_VECTOR_H
#define ZF_JIT_HOLD_VECTOR_H

#include <stdint.h>

struct emitter;
struct zf_ir;

enum { XMM_FIRST = 4, XMM_POOL = 12, NO_VECTOR = 0xff };
/* In what a stencil uses, beside places of the pool of general registers: any of these. */
enum { USES_VECTORS = 1 << 15 };

/* What lies where. */
struct held_vectors {
    uint32_t held; /* vector registers, one bit each */
    uint8_t vr[XMM_POOL];
};

/** Nothing is held from here on. */
void zf_vector_forget_all(struct emitter *e);
/** The XMM register that has a vector register. */
unsigned zf_vector_read(struct emitter *e, unsigned vr);
/** The one for a new value, which is written last; what is read was read before. */
unsigned zf_vector_prepare(struct emitter *e, unsigned vr);
/** The CPU gets that value. */
void zf_vector_write(struct emitter *e, unsigned xmm, unsigned vr);
/** XMM registers were lost: they get what they held. */
void zf_vector_reload(struct emitter *e, const struct held_vectors *vectors);
/** What the op has written to the CPU alone is held no more. */
void zf_vector_end_op(struct emitter *e, const struct zf_ir *ir);

#endif
