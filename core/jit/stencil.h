/*
 * What the bodies of ops find when they are compiled as stencils: pieces of host code that the
 * emitter copies one behind the other and patches. Operands, immediates and targets are addresses
 * of symbols that do not exist (HOLE_...): each use leaves a relocation, which says where to patch.
 *
 * A stencil ends by going to another as the last thing it does, so the stack never grows; what it
 * needs always stays in four registers, which C functions preserve. The files that include this
 * choose the storage access first (access_*.h) and are compiled by clang alone.
 */
#ifndef ZF_JIT_STENCIL_H
#define ZF_JIT_STENCIL_H

#include "zfacet/tb.h"
#include "zfacet/vector_register.h"

#include "hold.h"
#include "link.h"

#define STENCIL __attribute__((preserve_none))
#define ARGUMENTS uint8_t *linear, uint64_t linear_last, struct zf_cpu *cpu, uint64_t why
#define PASSED linear, linear_last, cpu, why
#define GO_TO(stencil) __attribute__((musttail)) return (stencil)(PASSED)
#define UNUSED_ARGUMENTS (void)linear, (void)linear_last, (void)cpu, (void)why
typedef STENCIL enum zf_exit stencil(ARGUMENTS);

/* Weak: such an address may be zero. */
#define HOLE(name) extern __attribute__((weak)) const char HOLE_##name[];
HOLE(a)
HOLE(b)
HOLE(x)
HOLE(c)
HOLE(i16)
HOLE(imm)
HOLE(imm2)
HOLE(disp)
HOLE(imm64)
HOLE(at)
HOLE(mode)
HOLE(helper)
#undef HOLE
/* what follows; the target of the branch; parts of the tier's own, in its code */
stencil HOLE_next, HOLE_taken, HOLE_leave, HOLE_indirect;

#define WHOLE(name) ((uint64_t)(uintptr_t)HOLE_##name)
struct holes {
    uint64_t a, b, x, c;
    int32_t i16, imm, imm2;
};
#ifndef HOLES
#define HOLES                                                                                      \
    {                                                                                              \
        WHOLE(a), WHOLE(b), WHOLE(x), WHOLE(c), (int32_t)WHOLE(i16), (int32_t)WHOLE(imm),          \
            (int32_t)WHOLE(imm2)                                                                   \
    }
#endif
/* The CC may be in forms that interpreters do not have. */
static inline __attribute__((always_inline)) void settle(struct zf_cpu *cpu) {
    if (ZF_LIKELY(cpu->cc < ZF_CC_OF_SIGN)) {
        return;
    }
    if (cpu->cc == ZF_CC_OF_SIGN) {
        cpu->cc = cpu->cc_value == 0 ? 0 : cpu->cc_value < 0 ? 1 : 2;
    } else {
        zf_jit_settle(cpu);
    }
}
#define zf_cc_settle settle
#define V_SCALE 1
#include "body.h"
#include "operand.h"
#include "string_op.h"
#include "vector_float_op.h"
#include "vector_op.h"

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

/* Slow paths. */
#define LOAD_SLOW(size, address)                                                                   \
    ({                                                                                             \
        MARK;                                                                                      \
        struct zf_jit_loaded slow_ = zf_jit_load(cpu, address, size / 8);                          \
        if (!slow_.done) {                                                                         \
            FAULT                                                                                  \
        }                                                                                          \
        slow_.value;                                                                               \
    })
#define STORE_SLOW(size, address, value)                                                           \
    do {                                                                                           \
        MARK;                                                                                      \
        if (!zf_store_slow(cpu, address, size / 8, value)) {                                       \
            FAULT                                                                                  \
        }                                                                                          \
    } while (0)

#undef IMM64
#define WIDE(hole)                                                                                 \
    ({                                                                                             \
        uint64_t wide_;                                                                            \
        __asm__("movabsq %1,%0" : "=r"(wide_) : "i"(hole));                                        \
        wide_;                                                                                     \
    })
#define IMM64 WIDE(HOLE_imm64)
/* 32 bits that the host extends with their sign, in 64-bit contexts */
#define SIGNED_SUM(base, hole)                                                                     \
    ({                                                                                             \
        uint64_t sum_;                                                                             \
        __asm__("leaq %c2(%1),%0" : "=r"(sum_) : "r"(base), "i"(HOLE_##hole));                     \
        sum_;                                                                                      \
    })

/* Ways out. */
#define RETURN(exit_)                                                                              \
    {                                                                                              \
        why = (exit_);                                                                             \
        GO_TO(HOLE_leave);                                                                         \
    }
#define MARK cpu->code_at = HOLE_at
#define RETURN_HERE(exit_)                                                                         \
    {                                                                                              \
        MARK;                                                                                      \
        RETURN(exit_)                                                                              \
    }
#define SETTLE                                                                                     \
    if (ZF_UNLIKELY(cpu->cc >= ZF_CC_OF_SIGN)) {                                                   \
        zf_cc_settle(cpu);                                                                         \
    }
#define HELPER(call_)                                                                              \
    {                                                                                              \
        MARK;                                                                                      \
        SETTLE;                                                                                    \
        enum zf_next next_ =                                                                       \
            ((zf_helper *)WIDE(HOLE_helper))(cpu, (const struct zf_call *)(uintptr_t)IMM64);       \
        if (ZF_UNLIKELY(next_ != ZF_NEXT)) {                                                       \
            RETURN((enum zf_exit)next_)                                                            \
        }                                                                                          \
    }
#define BRANCH_IF(condition)                                                                       \
    if (condition) {                                                                               \
        GO_TO(HOLE_taken);                                                                         \
    }
#define GO_ON GO_TO(HOLE_taken);
#define GO_INDIRECT(address)                                                                       \
    {                                                                                              \
        uint64_t to_ = WRAP(address);                                                              \
        NOTE_BRANCH;                                                                               \
        const struct zf_branch_cache_entry *hit_ =                                                 \
            &cpu->branch_cache[(to_ >> 1) & (ZF_BRANCH_CACHE_ENTRIES - 1)];                        \
        if (ZF_LIKELY(hit_->pc == to_ && hit_->mode == (uint32_t)WHOLE(mode))) {                   \
            GO_TO((stencil *)(uintptr_t)hit_->code);                                               \
        }                                                                                          \
        cpu->psw.addr = to_;                                                                       \
        GO_TO(HOLE_indirect);                                                                      \
    }
#define EXECUTE(address, bits)                                                                     \
    {                                                                                              \
        MARK;                                                                                      \
        stencil *to_ = (stencil *)zf_jit_execute(cpu, address, bits);                              \
        if (ZF_UNLIKELY(!to_)) {                                                                   \
            if (cpu->pgm.code) {                                                                   \
                RETURN(ZF_EXIT_PGM)                                                                \
            }                                                                                      \
            RETURN(ZF_EXIT_LOOP)                                                                   \
        }                                                                                          \
        GO_TO(to_);                                                                                \
    }

#endif
