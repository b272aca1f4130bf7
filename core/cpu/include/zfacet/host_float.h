/*
 * BFP arithmetic on the host's floating-point unit. Its inexact flag is left sticky while guest
 * code runs, since reading or clearing it is dearer than the arithmetic; it counts as a part of
 * the FPC from engine entry to exit. Results that could mean any other exception, and everything
 * under masks or another rounding mode, take the exact path in facilities/float.
 */
#ifndef ZFACET_HOST_FLOAT_H
#define ZFACET_HOST_FLOAT_H

#include "zfacet/cpu.h"

#define ZF_FPC_INEXACT UINT32_C(0x00080000)
/* FPC bits under which the host's arithmetic is not the guest's: masks, rounding mode. */
#define ZF_FPC_EXACT (ZF_FPC_MASKS | ZF_FPC_BFP_ROUNDING)

static inline uint64_t zf_double_bits(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static inline uint32_t zf_float_bits(float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static inline double zf_double_of(uint64_t bits) {
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline float zf_float_of(uint32_t bits) {
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

#ifdef __SSE2__
#include <xmmintrin.h>

enum { ZF_MXCSR_INEXACT = 0x20, ZF_MXCSR_FLAGS = 0x3f };

/** Clears what host code has left in the host's flags: before guest code runs. */
static inline void zf_host_float_clear(void) {
    unsigned csr = _mm_getcsr();
    if (csr & ZF_MXCSR_INEXACT) {
        _mm_setcsr(csr & ~(unsigned)ZF_MXCSR_FLAGS);
    }
}

/** Moves the host's inexact flag to the FPC: before the FPC's flags are read or set. */
static inline void zf_host_float_gather(struct zf_cpu *cpu) {
    if (_mm_getcsr() & ZF_MXCSR_INEXACT) {
        cpu->fpc |= ZF_FPC_INEXACT;
        zf_host_float_clear();
    }
}

/** The host's flags, to be set again after code that computes for itself while guest code runs. */
static inline unsigned zf_host_float_flags(void) {
    return _mm_getcsr();
}

static inline void zf_host_float_set_flags(unsigned flags) {
    _mm_setcsr(flags);
}
#else
#include <fenv.h>

static inline unsigned zf_host_float_flags(void) {
    return (unsigned)fetestexcept(FE_ALL_EXCEPT);
}

static inline void zf_host_float_set_flags(unsigned flags) {
    feclearexcept(FE_ALL_EXCEPT);
    feraiseexcept((int)flags);
}

static inline void zf_host_float_clear(void) {
    feclearexcept(FE_ALL_EXCEPT);
}

static inline void zf_host_float_gather(struct zf_cpu *cpu) {
    if (fetestexcept(FE_INEXACT)) {
        cpu->fpc |= ZF_FPC_INEXACT;
        zf_host_float_clear();
    }
}
#endif

#endif
