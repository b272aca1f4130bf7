/*
 * The condition code of what it would be made of.
 */
#include "hold.h"

#include "zfacet/cpu.h"

static uint32_t signed_cc(bool overflow, int64_t result) {
    return overflow ? 3 : result == 0 ? 0 : result < 0 ? 1 : 2;
}

static uint32_t logical_cc(bool carry, uint64_t result) {
    return (result != 0) | (uint32_t)carry << 1;
}

static uint32_t compared_cc(bool less, bool equal) {
    return equal ? 0 : less ? 1 : 2;
}

static uint32_t masked_cc(uint32_t mask, uint32_t selected, bool by_leftmost) {
    if (!selected || selected == mask) {
        return selected ? 3 : 0;
    }
    return by_leftmost && selected & (0x80000000u >> __builtin_clz(mask)) ? 2 : 1;
}

static uint32_t cc_of_32(enum zf_jit_cc kind, uint32_t p, uint32_t q) {
    int32_t r = (int32_t)p, unused;
    switch (kind) {
    case ZF_JIT_CC_SIGN32:
        return signed_cc(false, r);
    case ZF_JIT_CC_TEST32:
        return p != 0;
    case ZF_JIT_CC_ADD32:
        return signed_cc(__builtin_add_overflow((int32_t)(p - q), (int32_t)q, &unused), r);
    case ZF_JIT_CC_SUB32:
        return signed_cc(__builtin_sub_overflow((int32_t)(p + q), (int32_t)q, &unused), r);
    case ZF_JIT_CC_AL32:
        return logical_cc(p < q, p);
    case ZF_JIT_CC_SL32:
        return logical_cc(p + q >= q, p);
    case ZF_JIT_CC_CARRY32:
        return logical_cc(q & 1, p);
    case ZF_JIT_CC_COMPARE32:
        return compared_cc(r < (int32_t)q, p == q);
    case ZF_JIT_CC_LOGICAL32:
        return compared_cc(p < q, p == q);
    case ZF_JIT_CC_MASK:
        return masked_cc(q, p & q, true);
    default:
        return masked_cc(q, p & q, false);
    }
}

static uint32_t cc_of_64(enum zf_jit_cc kind, uint64_t p, uint64_t q) {
    int64_t r = (int64_t)p, unused;
    switch (kind) {
    case ZF_JIT_CC_TEST64:
        return p != 0;
    case ZF_JIT_CC_ADD64:
        return signed_cc(__builtin_add_overflow((int64_t)(p - q), (int64_t)q, &unused), r);
    case ZF_JIT_CC_SUB64:
        return signed_cc(__builtin_sub_overflow((int64_t)(p + q), (int64_t)q, &unused), r);
    case ZF_JIT_CC_AL64:
        return logical_cc(p < q, p);
    case ZF_JIT_CC_SL64:
        return logical_cc(p + q >= q, p);
    case ZF_JIT_CC_CARRY64:
        return logical_cc(q & 1, p);
    case ZF_JIT_CC_COMPARE64:
        return compared_cc(r < (int64_t)q, p == q);
    case ZF_JIT_CC_LOGICAL64:
        return compared_cc(p < q, p == q);
    default:
        return signed_cc(false, r);
    }
}

void zf_jit_settle(struct zf_cpu *cpu) {
    enum zf_jit_cc kind = (enum zf_jit_cc)cpu->cc;
    uint64_t p = (uint64_t)cpu->cc_value, q = (uint64_t)cpu->cc_operand;
    switch (kind) {
    case ZF_JIT_CC_SIGN32:
    case ZF_JIT_CC_TEST32:
    case ZF_JIT_CC_ADD32:
    case ZF_JIT_CC_SUB32:
    case ZF_JIT_CC_AL32:
    case ZF_JIT_CC_SL32:
    case ZF_JIT_CC_COMPARE32:
    case ZF_JIT_CC_LOGICAL32:
    case ZF_JIT_CC_MASK:
    case ZF_JIT_CC_MASK1:
    case ZF_JIT_CC_CARRY32:
        cpu->cc = cc_of_32(kind, (uint32_t)p, (uint32_t)q);
        break;
    default:
        if (kind >= ZF_JIT_CC_SIGN64) {
            cpu->cc = cc_of_64(kind, p, q);
        }
    }
}
