/*
 * Vector registers in XMM registers. The CPU has them, too, at all times: what is computed is
 * written to both, so that nothing is to be done where code is left or may fault. What is held
 * lasts until code comes that uses XMM registers for itself, at most to the block's end.
 */
#include "hold_vector.h"

#include "x86.h"

#include "zfacet/op.h"

static size_t offset_of_vector(unsigned vr) {
    return offsetof(struct zf_cpu, vr) + vr * sizeof(union zf_vr);
}

void zf_vector_forget_all(struct emitter *e) {
    e->vectors.held = 0;
    for (unsigned i = 0; i < XMM_POOL; i++) {
        e->vectors.vr[i] = NO_VECTOR;
    }
}

static unsigned place_of(const struct emitter *e, unsigned vr) {
    unsigned i = 0;
    while (i < XMM_POOL && e->vectors.vr[i] != vr) {
        i++;
    }
    return i;
}

/* A free place, or that which was not used for longest: none that the op has just read. */
static unsigned choose(const struct emitter *e) {
    unsigned best = 0;
    for (unsigned i = 0; i < XMM_POOL; i++) {
        if (e->vectors.vr[i] == NO_VECTOR) {
            return i;
        }
        if (e->vector_used[i] < e->vector_used[best]) {
            best = i;
        }
    }
    return best;
}

static void forget(struct emitter *e, unsigned place) {
    e->vectors.held &= ~(1u << e->vectors.vr[place]);
    e->vectors.vr[place] = NO_VECTOR;
}

static void take(struct emitter *e, unsigned place, unsigned vr) {
    if (e->vectors.vr[place] != NO_VECTOR) {
        forget(e, place);
    }
    e->vectors.vr[place] = (uint8_t)vr;
    e->vectors.held |= 1u << vr;
    e->vector_used[place] = ++e->vector_clock;
}

static void load(struct emitter *e, unsigned place, unsigned vr) {
    zf_x86_vex_cpu(e, X_VMOVDQU, XMM_FIRST + place, 0, offset_of_vector(vr));
}

unsigned zf_vector_read(struct emitter *e, unsigned vr) {
    unsigned place = place_of(e, vr);
    if (place == XMM_POOL) {
        place = choose(e);
        load(e, place, vr);
    }
    take(e, place, vr);
    return XMM_FIRST + place;
}

unsigned zf_vector_prepare(struct emitter *e, unsigned vr) {
    unsigned place = place_of(e, vr);
    place = place == XMM_POOL ? choose(e) : place;
    take(e, place, vr);
    e->vectors_new |= 1u << vr;
    return XMM_FIRST + place;
}

void zf_vector_write(struct emitter *e, unsigned xmm, unsigned vr) {
    zf_x86_vex_cpu(e, X_VMOVDQU_TO, xmm, 0, offset_of_vector(vr));
}

void zf_vector_reload(struct emitter *e, const struct held_vectors *vectors) {
    for (unsigned i = 0; vectors->held && i < XMM_POOL; i++) {
        if (vectors->vr[i] != NO_VECTOR) {
            load(e, i, vectors->vr[i]);
        }
    }
}

void zf_vector_end_op(struct emitter *e, const struct zf_ir *ir) {
    struct zf_register_set reads, writes;
    if (e->vectors.held) {
        zf_ir_accesses(ir, &reads, &writes);
        const uint32_t old = writes.vr & ~e->vectors_new & e->vectors.held;
        for (unsigned i = 0; old && i < XMM_POOL; i++) {
            if (e->vectors.vr[i] != NO_VECTOR && old & 1u << e->vectors.vr[i]) {
                forget(e, i);
            }
        }
    }
    e->vectors_new = 0;
}
