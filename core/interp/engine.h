/*
 * The body of every engine: expands ops.def between the dispatch and the access that the including
 * file has chosen. It defines ENGINE_NAME and includes one access_*.h first; with ENGINE_SWITCH it
 * gets a plain switch instead of computed goto.
 *
 * An engine runs uops until one leaves: it returns why, with cpu->psw.addr set (ZF_EXIT_LOOP), or
 * with cpu->code_at at the op whose instruction has a condition (the other exits).
 */
#include "interp.h"
#include "string_op.h"
#include "zfacet/host_float.h"

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

/* floating-point registers, by number: 64 bits, the left half of them, the right half of a pair */
#define FR(f) (cpu->vr[u->f].half[ZF_VR_LEFT])
#define FS(f) (((uint32_t *)&cpu->vr[u->f].half[ZF_VR_LEFT])[1])
#define FR_LOW(f) (cpu->vr[u->f + 2].half[ZF_VR_LEFT])
/* numbers in them, and in general registers: long and short */
#define FD(f) (*(double *)&cpu->vr[u->f].half[ZF_VR_LEFT])
#define FE(f) (((float *)&cpu->vr[u->f].half[ZF_VR_LEFT])[1])
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
#define EA_B WRAP(G(b) + (uint64_t)(int64_t)u->imm)
#define EA_BX WRAP(G(b) + G(x) + (uint64_t)(int64_t)u->imm)
#define EA_X2 WRAP(G(x) + (uint64_t)(int64_t)u->imm2)
#define SHIFT ((uint32_t)(L(x) + (uint32_t)u->imm) & 63)
#define ROTATED(v, n) ((v) << (n) | (v) >> (-(n)&63))
#define SIGNED(r) ((r) > 0 ? 2 : (r) < 0 ? 1 : 0)
#define COMPARED(p, q) ((p) == (q) ? 0 : (p) < (q) ? 1 : 2)
/* a test's selected bits: none, all, else by the leftmost bit of the mask */
#define TESTED(v, m)                                                                               \
    ((v) == 0 ? 0 : (v) == (m) ? 3 : (v) & (0x80000000u >> __builtin_clz(m)) ? 2 : 1)
#define SELECTED(mask) ((mask) >> (3 - CC_NOW) & 1)

#define SWAP8(v) (v)
#define SWAP16(v) __builtin_bswap16(v)
#define SWAP32(v) __builtin_bswap32(v)
#define SWAP64(v) __builtin_bswap64(v)
#define LD8(ea) LOAD(8, ea)
#define LD16(ea) LOAD(16, ea)
#define LD32(ea) LOAD(32, ea)
#define LD64(ea) LOAD(64, ea)
#define ST8(ea, value) STORE(8, ea, value)
#define ST16(ea, value) STORE(16, ea, value)
#define ST32(ea, value) STORE(32, ea, value)
#define ST64(ea, value) STORE(64, ea, value)

/* Up to 256 bytes as one piece of host storage; through `span` when they cross a page or need
 * checks. */
#define SPAN_READ(ea, n)                                                                           \
    ({                                                                                             \
        const uint8_t *span_ = HOST_READ(ea, n);                                                   \
        if (ZF_UNLIKELY(!span_)) {                                                                 \
            if (!zf_load_bytes(cpu, ea, span, n)) {                                                \
                FAULT                                                                              \
            }                                                                                      \
            span_ = span;                                                                          \
        }                                                                                          \
        span_;                                                                                     \
    })
#define SPAN_WRITE(ea, n)                                                                          \
    ({                                                                                             \
        uint8_t *span_ = HOST_WRITE(ea, n);                                                        \
        if (ZF_UNLIKELY(!span_)) {                                                                 \
            span_ = span;                                                                          \
        }                                                                                          \
        span_;                                                                                     \
    })
#define SPAN_DONE(ea, n)                                                                           \
    if (ZF_UNLIKELY(p == span) && !zf_store_bytes(cpu, ea, span, n)) {                             \
        FAULT                                                                                      \
    }

#define MOVE(to, from, n)                                                                          \
    uint64_t d_ = (to), s_ = (from);                                                               \
    unsigned n_ = (n);                                                                             \
    uint8_t *dp_ = HOST_WRITE(d_, n_);                                                             \
    uint8_t *sp_ = HOST_READ(s_, n_);                                                              \
    if (ZF_LIKELY(dp_ && sp_)) {                                                                   \
        zf_host_move(dp_, sp_, n_);                                                                \
    } else if (!zf_guest_move(cpu, d_, s_, n_)) {                                                  \
        FAULT                                                                                      \
    }
#define COMPARE_BYTES(first, second, n)                                                            \
    uint64_t d_ = (first), s_ = (second);                                                          \
    unsigned n_ = (n);                                                                             \
    const uint8_t *dp_ = HOST_READ(d_, n_);                                                        \
    const uint8_t *sp_ = HOST_READ(s_, n_);                                                        \
    if (ZF_LIKELY(dp_ && sp_)) {                                                                   \
        CC = zf_host_compare(dp_, sp_, n_);                                                        \
    } else if (!zf_guest_compare(cpu, d_, s_, n_)) {                                               \
        FAULT                                                                                      \
    }
#define COMBINE(first, second, n, how)                                                             \
    uint64_t d_ = (first), s_ = (second);                                                          \
    unsigned n_ = (n);                                                                             \
    uint8_t *dp_ = HOST_WRITE(d_, n_);                                                             \
    const uint8_t *sp_ = HOST_READ(s_, n_);                                                        \
    if (ZF_LIKELY(dp_ && sp_)) {                                                                   \
        CC = zf_host_combine(dp_, sp_, n_, how);                                                   \
    } else if (!zf_guest_combine(cpu, d_, s_, n_, how)) {                                          \
        FAULT                                                                                      \
    }

/* An operand on its boundary, as the host's atomic operations take it. */
#define INTERLOCKED(size, ea)                                                                      \
    ({                                                                                             \
        uint8_t *at_ = HOST_WRITE(ea, (size) / 8);                                                 \
        if (ZF_UNLIKELY(!at_)) {                                                                   \
            at_ = zf_interlocked(cpu, ea, (size) / 8);                                             \
            if (!at_) {                                                                            \
                FAULT                                                                              \
            }                                                                                      \
        }                                                                                          \
        (uint##size##_t *)(uintptr_t)at_;                                                          \
    })
#define COMPARE_AND_SWAP(p, expected, replacement)                                                 \
    __atomic_compare_exchange_n(p, &(expected), replacement, false, __ATOMIC_SEQ_CST,              \
                                __ATOMIC_SEQ_CST)
/* Adds to storage and gives what was there; interlocked when it lies on its boundary. */
#define FETCH_ADD(size, ea, value)                                                                 \
    ({                                                                                             \
        uint##size##_t before_, add_ = (uint##size##_t)(int64_t)(value);                           \
        if (ZF_LIKELY(!((ea) & ((size) / 8 - 1)))) {                                               \
            uint##size##_t *word_ = INTERLOCKED(size, ea);                                         \
            uint##size##_t raw_ = __atomic_load_n(word_, __ATOMIC_RELAXED);                        \
            do {                                                                                   \
                before_ = SWAP##size(raw_);                                                        \
            } while (!COMPARE_AND_SWAP(word_, raw_, SWAP##size(before_ + add_)));                  \
        } else {                                                                                   \
            before_ = LOAD(size, ea);                                                              \
            STORE(size, ea, before_ + add_);                                                       \
        }                                                                                          \
        before_;                                                                                   \
    })

#define RETURN(exit_)                                                                              \
    {                                                                                              \
        zf_cc_settle(cpu);                                                                         \
        return (exit_);                                                                            \
    }
#define LINK ((struct zf_uop *)((char *)u + u->imm2))
#define FAULT                                                                                      \
    {                                                                                              \
        cpu->code_at = u;                                                                          \
        RETURN(ZF_EXIT_PGM)                                                                        \
    }
#define PGM_IF(bad, code)                                                                          \
    if (ZF_UNLIKELY(bad)) {                                                                        \
        zf_pgm(cpu, code);                                                                         \
        FAULT                                                                                      \
    }
#define FIXED_DIVIDE_IF(bad) PGM_IF(bad, ZF_PGM_FIXED_DIVIDE)
#define SPECIFICATION_IF(bad) PGM_IF(bad, ZF_PGM_SPECIFICATION)
#define LEAVE_TO_LOOP RETURN(ZF_EXIT_LOOP)
#define LEAVE(pc_)                                                                                 \
    {                                                                                              \
        cpu->psw.addr = (pc_);                                                                     \
        RETURN(ZF_EXIT_LOOP)                                                                       \
    }
#define LEAVE_AFTER                                                                                \
    {                                                                                              \
        cpu->code_at = u;                                                                          \
        RETURN(ZF_EXIT_AFTER)                                                                      \
    }
#define HELPER(call_)                                                                              \
    {                                                                                              \
        const struct zf_call *called_ = call_;                                                     \
        *(const void *volatile *)&cpu->code_at = u;                                                \
        zf_cc_settle(cpu);                                                                         \
        enum zf_next next_ = called_->helper(cpu, called_);                                        \
        if (ZF_UNLIKELY(next_ != ZF_NEXT)) {                                                       \
            RETURN((enum zf_exit)next_)                                                            \
        }                                                                                          \
    }
/* Every taken branch counts down the slice; the run loop finds the place from the target's uop. */
#define GO(next_)                                                                                  \
    {                                                                                              \
        u = (next_);                                                                               \
        if (ZF_UNLIKELY(--cpu->slice < 0)) {                                                       \
            cpu->code_at = u;                                                                      \
            RETURN(ZF_EXIT_AT)                                                                     \
        }                                                                                          \
        DISPATCH                                                                                   \
    }
#define BRANCH_IF(condition)                                                                       \
    if (condition) {                                                                               \
        GO(LINK)                                                                                   \
    }
#define GO_OR_LEAVE(next_)                                                                         \
    {                                                                                              \
        u = (next_);                                                                               \
        if (ZF_UNLIKELY(!u)) {                                                                     \
            LEAVE_TO_LOOP                                                                          \
        }                                                                                          \
        DISPATCH                                                                                   \
    }
#define GO_INDIRECT(address)                                                                       \
    {                                                                                              \
        uint64_t to_ = WRAP(address);                                                              \
        const struct zf_branch_cache_entry *hit_ =                                                 \
            &cpu->branch_cache[(to_ >> 1) & (ZF_BRANCH_CACHE_ENTRIES - 1)];                        \
        if (ZF_LIKELY(hit_->pc == to_ && hit_->mode == cpu->mode)) {                               \
            GO((struct zf_uop *)((char *)cpu->code_base + hit_->code))                             \
        }                                                                                          \
        GO_OR_LEAVE(zf_interp_indirect(cpu, to_))                                                  \
    }

/* The target of an EXECUTE, as a block of its own. */
#define EXECUTE(address, bits)                                                                     \
    {                                                                                              \
        cpu->code_at = u;                                                                          \
        struct zf_uop *to_ = zf_interp_execute(cpu, u, address, bits);                             \
        if (ZF_UNLIKELY(!to_)) {                                                                   \
            if (cpu->pgm.code) {                                                                   \
                RETURN(ZF_EXIT_PGM)                                                                \
            }                                                                                      \
            RETURN(ZF_EXIT_LOOP)                                                                   \
        }                                                                                          \
        u = to_;                                                                                   \
        DISPATCH                                                                                   \
    }
/* What no translator emits: the way out of a block, and each op of one that was dropped. */
#define CHAIN GO_OR_LEAVE(zf_interp_chain(cpu, u))
#define STALE                                                                                      \
    {                                                                                              \
        cpu->psw.addr = zf_interp_stale_pc(cpu, u);                                                \
        LEAVE_TO_LOOP                                                                              \
    }

enum zf_exit ENGINE_NAME(struct zf_cpu *cpu, struct zf_uop *u, uintptr_t *handlers) {
#ifdef ENGINE_SWITCH
#define DISPATCH continue;
    if (handlers) {
        for (uint32_t i = 0; i < ZF_HANDLER_COUNT; i++) {
            handlers[i] = i < ZF_HANDLER_PAIRS ? i : 0;
        }
        return ZF_EXIT_LOOP;
    }
    uint8_t span[256];
    ENGINE_LOCALS
    for (;;) {
        switch (u->handler) {
#define OP(name, operands, effects, ...)                                                           \
    case ZF_OP_##name: {                                                                           \
        __VA_ARGS__                                                                                \
    } break;
#include "zfacet/ops.def"
#undef OP
        case ZF_HANDLER_CHAIN:
            CHAIN
        case ZF_HANDLER_STALE:
            STALE
        }
        u++;
    }
#else
#define DISPATCH goto *(void *)u->handler;
    if (handlers) {
#define OP(name, operands, effects, ...) handlers[ZF_OP_##name] = (uintptr_t) && L_##name;
#include "zfacet/ops.def"
#undef OP
#define PAIR(first, second, ...)                                                                   \
    handlers[ZF_HANDLER_PAIRS + ZF_PAIR_##first##__##second] = (uintptr_t) && P_##first##__##second;
#include "pair_bodies.h"
#undef PAIR
        handlers[ZF_HANDLER_CHAIN] = (uintptr_t) && chain;
        handlers[ZF_HANDLER_STALE] = (uintptr_t) && stale;
        return ZF_EXIT_LOOP;
    }
    uint8_t span[256];
    ENGINE_LOCALS
    DISPATCH
#define OP(name, operands, effects, ...)                                                           \
    L_##name : {__VA_ARGS__} u++;                                                                  \
    DISPATCH
#include "zfacet/ops.def"
#undef OP
#define PAIR(first, second, ...)                                                                   \
    P_##first##__##second : {__VA_ARGS__} u++;                                                     \
    DISPATCH
#include "pair_bodies.h"
#undef PAIR
chain:
    CHAIN
stale:
    STALE
#endif
}
