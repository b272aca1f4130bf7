/*
 * Vector and floating-point registers by element. Sizes are as instructions code them: 0 to 4 for
 * 1, 2, 4, 8 and 16 bytes; elements are numbered from the left, as in the book.
 */
#ifndef ZFACET_VECTOR_REGISTER_H
#define ZFACET_VECTOR_REGISTER_H

#include "zfacet/cpu.h"

enum zf_element_size { ZF_BYTE, ZF_HALFWORD, ZF_WORD, ZF_DOUBLEWORD, ZF_QUADWORD };

/** Elements of this size in a register. */
static inline unsigned zf_vr_elements(unsigned size) {
    return 16u >> size;
}

/** All 128 bits as a number. */
static inline zf_u128 zf_vr(const struct zf_cpu *cpu, unsigned n) {
    return cpu->vr[n].all;
}

static inline void zf_vr_set(struct zf_cpu *cpu, unsigned n, zf_u128 value) {
    cpu->vr[n].all = value;
}

/** One element of at most eight bytes, zero-extended. */
static inline uint64_t zf_vr_element(const union zf_vr *v, unsigned size, unsigned index) {
    uint64_t half = v->half[ZF_VR_LEFT - (index << size >> 3)];
    unsigned bits = 8u << size;
    return half << ((index << size & 7) * 8) >> (64 - bits);
}

static inline void zf_vr_set_element(union zf_vr *v, unsigned size, unsigned index,
                                     uint64_t value) {
    uint64_t *half = &v->half[ZF_VR_LEFT - (index << size >> 3)];
    unsigned bits = 8u << size, shift = 64 - bits - (index << size & 7) * 8;
    uint64_t mask = ~UINT64_C(0) >> (64 - bits) << shift;
    *half = (*half & ~mask) | (value << shift & mask);
}

/** From and to 16 bytes as they stand in guest storage. */
static inline void zf_vr_from_storage(union zf_vr *v, const uint8_t *bytes) {
    v->half[ZF_VR_LEFT] = zf_get64(bytes);
    v->half[ZF_VR_RIGHT] = zf_get64(bytes + 8);
}

static inline void zf_vr_to_storage(const union zf_vr *v, uint8_t *bytes) {
    zf_put64(bytes, v->half[ZF_VR_LEFT]);
    zf_put64(bytes + 8, v->half[ZF_VR_RIGHT]);
}

/** A floating-point register; setting it leaves bits 64-127 of the vector register. */
static inline uint64_t *zf_fpr_at(struct zf_cpu *cpu, unsigned n) {
    return &cpu->vr[n].half[ZF_VR_LEFT];
}

static inline uint64_t zf_fpr(const struct zf_cpu *cpu, unsigned n) {
    return cpu->vr[n].half[ZF_VR_LEFT];
}

static inline void zf_fpr_set(struct zf_cpu *cpu, unsigned n, uint64_t value) {
    cpu->vr[n].half[ZF_VR_LEFT] = value;
}

/** The left half of a floating-point register, where short numbers are; the rest stays. */
static inline void zf_fpr_set_short(struct zf_cpu *cpu, unsigned n, uint32_t value) {
    cpu->vr[n].half[ZF_VR_LEFT] = (uint64_t)value << 32 | (uint32_t)zf_fpr(cpu, n);
}

#endif
