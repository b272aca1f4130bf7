/*
 * The names by which bodies of ops know operands, registers and the condition code: in engines, and
 * where a body is a function of its own. `cpu` and `u`, the op, are there.
 */
#ifndef ZF_INTERP_OPERAND_H
#define ZF_INTERP_OPERAND_H

#include "zfacet/host_float.h"
#include "zfacet/op.h"

#define CPU cpu
#define OPERAND(f) ((char *)cpu + u->f)
#define G(f) (*(uint64_t *)OPERAND(f))
#define L(f) (*(uint32_t *)OPERAND(f))
#define H(f) (*(uint32_t *)(OPERAND(f) + 4))
#define B(f) (*(uint8_t *)OPERAND(f))
/* the n-th register after operand f, without wrap: f is even */
#define GP(f, n) (*(uint64_t *)(OPERAND(f) + 8 * (n)))
#define LP(f, n) (*(uint32_t *)(OPERAND(f) + 8 * (n)))
#define R_LOW(r) (((uint32_t *)&cpu->gr[r])[0])
#define R_HIGH(r) (((uint32_t *)&cpu->gr[r])[1])
_Static_assert(sizeof(struct zf_tlb_entry) == 32, "access_tlb.h scales by 32");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "register halves are addressed so");

/* vector registers: operands are eight times the number, as host addressing likes it */
#ifndef V_SCALE
#define V_SCALE 2
#endif
#define V_AFTER(f, n) (*(union zf_vr *)((char *)(cpu->vr + (n)) + V_SCALE * (size_t)u->f))
#define V(f) V_AFTER(f, 0)
/* floating-point registers: 64 bits, the left half of them, the right half of a pair */
#define FR(f) (V(f).half[ZF_VR_LEFT])
#define FS(f) (((uint32_t *)&V(f).half[ZF_VR_LEFT])[1])
#define FR_LOW(f) (V_AFTER(f, 2).half[ZF_VR_LEFT])
/* numbers in them, and in general registers: long and short */
#define FD(f) (*(double *)&V(f).half[ZF_VR_LEFT])
#define FE(f) (((float *)&V(f).half[ZF_VR_LEFT])[1])
#define GD(f) (*(double *)OPERAND(f))
#define GE(f) (*(float *)OPERAND(f))
#define LONG_INFINITE UINT64_C(0xffe0000000000000) /* without its sign, shifted left */
#define SHORT_INFINITE UINT32_C(0xff000000)
/* CC of a result: zero, negative, positive, NaN */
#define LONG_CC(r) (!((r) << 1) ? 0 : ((r) << 1) > LONG_INFINITE ? 3 : (uint32_t)(2 - ((r) >> 63)))
#define SHORT_CC(r) (!((r) << 1) ? 0 : ((r) << 1) > SHORT_INFINITE ? 3 : 2 - ((r) >> 31))
/* exponents that say that no exception but inexactness can have happened */
#define LONG_NORMAL(r) (((uint32_t)((r) >> 52) & 0x7ff) - 2 < 0x7fd)
#define SHORT_NORMAL(r) (((r) >> 23 & 0xff) - 2 < 0xfd)
#define HOST_OK (!(CPU->fpc & ZF_FPC_EXACT))
#define CALL_OF_OP ((const struct zf_call *)(uintptr_t)IMM64)

#define IMM (u->imm)
#define IMM2 (u->imm2)
#define IMM64 (u->imm64)
#define I16 (u->i16)
/* The condition code: CC is for setting it at once; CC_NOW is its value, settled. */
#define CC (cpu->cc)
#define CC_NOW                                                                                     \
    ({                                                                                             \
        zf_cc_settle(cpu);                                                                         \
        cpu->cc;                                                                                   \
    })
/* Of a signed result; of one that may have overflowed; of a compare. */
#define CC_SIGN(r) cpu->cc_value = (int64_t)(r), cpu->cc = ZF_CC_OF_SIGN
#define CC_OVERFLOW(o, r)                                                                          \
    if (ZF_UNLIKELY(o)) {                                                                          \
        cpu->cc = 3;                                                                               \
    } else {                                                                                       \
        CC_SIGN(r);                                                                                \
    }
#define CC_COMPARE(p, q)                                                                           \
    if (sizeof(p) < 8) {                                                                           \
        CC_SIGN((int64_t)(p) - (int64_t)(q));                                                      \
    } else if (__builtin_constant_p(q) && (q) == 0 && (__typeof__(p))-1 < 1) {                     \
        CC_SIGN(p);                                                                                \
    } else {                                                                                       \
        cpu->cc = COMPARED(p, q);                                                                  \
    }
#define SHIFT ((uint32_t)(L(x) + (uint32_t)u->imm) & 63)
#define ROTATED(v, n) ((v) << (n) | (v) >> (-(n)&63))
#define SIGNED(r) ((r) > 0 ? 2 : (r) < 0 ? 1 : 0)
#define COMPARED(p, q) ((p) == (q) ? 0 : (p) < (q) ? 1 : 2)
/* a test's selected bits: none, all, else by the leftmost bit of the mask */
#define TESTED(v, m)                                                                               \
    ((v) == 0 ? 0 : (v) == (m) ? 3 : (v) & (0x80000000u >> __builtin_clz(m)) ? 2 : 1)
#define SELECTED(mask) ((mask) >> (3 - CC_NOW) & 1)

#endif
