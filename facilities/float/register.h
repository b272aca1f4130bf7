/*
 * Floating-point registers by the width of what they hold: 32 bits are the left half of a register,
 * which keeps its right half; 128 bits are a pair.
 */
#ifndef ZF_FLOAT_REGISTER_H
#define ZF_FLOAT_REGISTER_H

#include "zfacet/vector_register.h"

static inline zf_u128 zf_float_get(const struct zf_cpu *cpu, unsigned bits, unsigned r) {
    switch (bits) {
    case 32:
        return zf_fpr(cpu, r) >> 32;
    case 64:
        return zf_fpr(cpu, r);
    default:
        return (zf_u128)zf_fpr(cpu, r) << 64 | zf_fpr(cpu, r + 2);
    }
}

static inline void zf_float_put(struct zf_cpu *cpu, unsigned bits, unsigned r, zf_u128 value) {
    switch (bits) {
    case 32:
        zf_fpr_set_short(cpu, r, (uint32_t)value);
        break;
    case 64:
        zf_fpr_set(cpu, r, (uint64_t)value);
        break;
    default:
        zf_fpr_set(cpu, r, (uint64_t)(value >> 64));
        zf_fpr_set(cpu, r + 2, (uint64_t)value);
    }
}

#endif
