/*
 * The body of every engine: expands ops.def between the dispatch and the access that the including
 * file has chosen. It defines ENGINE_NAME and includes one access_*.h first; with ENGINE_SWITCH it
 * gets a plain switch instead of computed goto.
 *
 * An engine runs uops until one leaves: it returns why, with cpu->psw.addr set (ZF_EXIT_LOOP), or
 * with cpu->code_at at the op whose instruction has a condition (the other exits).
 */
#include "zfacet/vector_register.h"

#include "apart.h"
#include "interp.h"
#include "operand.h"
#include "string_op.h"
#include "vector_op.h"

#define APART(name) APART_NAME(name)(cpu, u);
#define TRY(name)                                                                                  \
    if (ZF_UNLIKELY(!APART_NAME(name)(cpu, u))) {                                                  \
        HELPER(CALL_OF_OP)                                                                         \
    }
#define EA_B WRAP(G(b) + (uint64_t)(int64_t)u->imm)
#define EA_BX WRAP(G(b) + G(x) + (uint64_t)(int64_t)u->imm)
#define EA_X2 WRAP(G(x) + (uint64_t)(int64_t)u->imm2)

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
/* 16 bytes as a vector, reversed as registers are */
#ifndef LOAD128
#define LOAD128(address)                                                                           \
    ({                                                                                             \
        uint64_t from_ = (address);                                                                \
        zf_vb got_;                                                                                \
        memcpy(&got_, SPAN_READ(from_, 16), sizeof got_);                                          \
        zf_swap_q(got_);                                                                           \
    })
#define STORE128(address, value)                                                                   \
    do {                                                                                           \
        uint64_t from_ = (address);                                                                \
        zf_vb put_ = zf_swap_q(value);                                                             \
        uint8_t *p = SPAN_WRITE(from_, 16);                                                        \
        memcpy(p, &put_, sizeof put_);                                                             \
        SPAN_DONE(from_, 16)                                                                       \
    } while (0)
#endif
#define LD128(ea) LOAD128(ea)
#define ST128(ea, value) STORE128(ea, value)

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

/* Ways out, each once: the engine is large enough. */
#define RETURN(exit_)                                                                              \
    {                                                                                              \
        why = (exit_);                                                                             \
        goto leave;                                                                                \
    }
#define RETURN_HERE(exit_)                                                                         \
    {                                                                                              \
        why = (exit_);                                                                             \
        goto leave_here;                                                                           \
    }
#define LINK ((struct zf_uop *)((char *)u + u->imm2))
#define FAULT RETURN_HERE(ZF_EXIT_PGM)
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
#define LEAVE_AFTER RETURN_HERE(ZF_EXIT_AFTER)
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
            RETURN_HERE(ZF_EXIT_AT)                                                                \
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
/* What no translator emits: the way out of a block, and of one that was dropped. */
#define CHAIN GO_OR_LEAVE(zf_interp_chain(cpu, u))
#define STALE GO_OR_LEAVE(zf_interp_stale(cpu, u))

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
    enum zf_exit why;
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
    static const void *const labels[ZF_HANDLER_COUNT] = {
#define OP(name, operands, effects, ...) [ZF_OP_##name] = &&L_##name,
#include "zfacet/ops.def"
#undef OP
#define PAIR(first, second, ...)                                                                   \
    [ZF_HANDLER_PAIRS + ZF_PAIR_##first##__##second] = &&P_##first##__##second,
#include "pair_bodies.h"
#undef PAIR
        [ZF_HANDLER_CHAIN] = &&chain,
        [ZF_HANDLER_STALE] = &&stale,
    };
    if (handlers) {
        memcpy(handlers, labels, sizeof labels);
        return ZF_EXIT_LOOP;
    }
    uint8_t span[256];
    enum zf_exit why;
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
leave_here:
    cpu->code_at = u;
leave:
    zf_cc_settle(cpu);
    return why;
}
