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
#include "body.h"
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
/*
 * Every taken branch counts down the slice; the run loop finds the place from the target's uop. Its
 * own uop is noted for the breaking-event address.
 */
#define GO(next_)                                                                                  \
    {                                                                                              \
        NOTE_BRANCH                                                                                \
        GO_UNNOTED(next_)                                                                          \
    }
#define GO_UNNOTED(next_)                                                                          \
    {                                                                                              \
        u = (next_);                                                                               \
        if (ZF_UNLIKELY(--cpu->slice < 0)) {                                                       \
            RETURN_HERE(ZF_EXIT_AT)                                                                \
        }                                                                                          \
        DISPATCH                                                                                   \
    }
#define GO_ON GO_UNNOTED(LINK)
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
        NOTE_BRANCH                                                                                \
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
/* CPUs count together, and may lose some: the count is a measure. */
#define HEAT                                                                                       \
    uint32_t left_ = __atomic_load_n(&u->distance, __ATOMIC_RELAXED) - 1;                          \
    __atomic_store_n(&u->distance, left_, __ATOMIC_RELAXED);                                       \
    if (ZF_UNLIKELY(!left_)) {                                                                     \
        zf_interp_heated(cpu, u);                                                                  \
        LEAVE_TO_LOOP                                                                              \
    }
#define MOVED                                                                                      \
    cpu->psw.addr = u->imm64;                                                                      \
    LEAVE_TO_LOOP

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
        case ZF_HANDLER_HEAT: {
            HEAT
        } break;
        case ZF_HANDLER_MOVED:
            MOVED
        }
        u++;
    }
#else
#define DISPATCH goto *(void *)u->handler;
/* From one of them, so that there is nothing to relocate when the program starts; 0: none. */
#define LABEL(name) (int32_t)(1 + ((const char *)&&name - (const char *)&&chain))
    static const int32_t labels[ZF_HANDLER_COUNT] = {
#define OP(name, operands, effects, ...) [ZF_OP_##name] = LABEL(L_##name),
#include "zfacet/ops.def"
#undef OP
#define PAIR(first, second, ...)                                                                   \
    [ZF_HANDLER_PAIRS + ZF_PAIR_##first##__##second] = LABEL(P_##first##__##second),
#include "pair_bodies.h"
#undef PAIR
        [ZF_HANDLER_CHAIN] = LABEL(chain),
        [ZF_HANDLER_STALE] = LABEL(stale),
        [ZF_HANDLER_HEAT] = LABEL(heat),
        [ZF_HANDLER_MOVED] = LABEL(moved),
    };
#undef LABEL
    if (handlers) {
        for (uint32_t i = 0; i < ZF_HANDLER_COUNT; i++) {
            handlers[i] = labels[i] ? (uintptr_t)((const char *)&&chain + labels[i] - 1) : 0;
        }
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
heat : { HEAT }
    u++;
    DISPATCH
moved:
    MOVED
#endif
leave_here:
    cpu->code_at = u;
leave:
    zf_cc_settle(cpu);
    return why;
}
