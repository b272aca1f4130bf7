/*
 * Vector floating-point operations element by element on the one exact core (facilities/float):
 * what its flags and traps become for a vector, the VXC and the element that it names.
 */
#include "vector/float.h"

static const struct zf_bfp_format *const formats[] = {
    &zf_bfp_short,
    &zf_bfp_long,
    &zf_bfp_extended,
};
enum { SHORT = 2, EXTENDED = 4 }; /* M fields */

bool zf_float_begin(struct zf_vector_float *f, struct zf_cpu *cpu, const struct zf_insn_call *i,
                    unsigned m, unsigned controls, unsigned reserved) {
    if (m < SHORT || m > EXTENDED || controls & reserved) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    const struct zf_bfp_format *format = formats[m - SHORT];
    *f = (struct zf_vector_float){
        .cpu = cpu,
        .i = i,
        .format = format,
        .to = format,
        .count = controls & ZF_FLOAT_SINGLE ? 1 : 128u / format->bits,
        .op = zf_bfp_begin(cpu),
    };
    return true;
}

bool zf_float_modifiers(struct zf_vector_float *f) {
    f->op.suppress_inexact = f->i->o.m4 & ZF_FLOAT_SUPPRESS_INEXACT;
    return zf_bfp_method(&f->op, f->i->o.m5, true) || zf_pgm(f->cpu, ZF_PGM_SPECIFICATION);
}

static unsigned size_of(const struct zf_bfp_format *format) {
    return format->bits == 32 ? ZF_WORD : ZF_DOUBLEWORD;
}

zf_u128 zf_float_bits(const struct zf_vector_float *f, unsigned v) {
    return f->format->bits == 128 ? zf_vr(f->cpu, v)
                                  : zf_vr_element(&f->cpu->vr[v], size_of(f->format), f->index);
}

/* The vector-exception code tells which exception, and the element. */
enum zf_next zf_float_trap(const struct zf_vector_float *f) {
    enum { INVALID = 1, DIVIDE, OVERFLOW, UNDERFLOW, INEXACT };
    uint8_t dxc = f->op.dxc;
    unsigned code = dxc & ZF_IEEE_INVALID     ? INVALID
                    : dxc & ZF_IEEE_DIVIDE    ? DIVIDE
                    : dxc & ZF_IEEE_OVERFLOW  ? OVERFLOW
                    : dxc & ZF_IEEE_UNDERFLOW ? UNDERFLOW
                                              : INEXACT;
    f->cpu->pgm.dxc = (uint8_t)(f->index << 4 | code);
    return zf_raise(f->cpu, ZF_PGM_VECTOR_PROCESSING);
}

/* Elements of different sizes stand at the even places of the smaller one. */
enum zf_next zf_float_compute(struct zf_vector_float *f, zf_float_element *element,
                              union zf_vr *result) {
    unsigned from = f->to->bits > f->format->bits ? 2 : 1;
    unsigned to = f->to->bits < f->format->bits ? 2 : 1;
    *result = (union zf_vr){0};
    for (unsigned k = 0; k < f->count; k++) {
        f->index = k * from;
        zf_u128 bits = element(f);
        if (f->op.dxc) {
            return zf_float_trap(f);
        }
        if (f->to->bits == 128) {
            result->all = bits;
        } else {
            zf_vr_set_element(result, size_of(f->to), k * to, (uint64_t)bits);
        }
    }
    f->cpu->fpc |= (uint32_t)f->op.flags << 16;
    return ZF_NEXT;
}

enum zf_next zf_float_run(struct zf_vector_float *f, zf_float_element *element) {
    union zf_vr result;
    enum zf_next next = zf_float_compute(f, element, &result);
    if (next == ZF_NEXT) {
        f->cpu->vr[f->i->o.v1] = result;
    }
    return next;
}
