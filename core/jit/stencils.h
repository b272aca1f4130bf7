/* Each op as a stencil, for the access that the including file has chosen; and the tier's own. */
#define OP(name, operands, effects, ...)                                                           \
    STENCIL enum zf_exit s_##name(ARGUMENTS) {                                                     \
        const struct holes holes_ = HOLES, *u = &holes_;                                           \
        uint8_t span[256];                                                                         \
        LOCALS                                                                                     \
        __VA_ARGS__                                                                                \
        GO_TO(HOLE_next);                                                                          \
    }
#define OP_APART OP
#define OP_TRY(name, operands, effects, ...)                                                       \
    static inline __attribute__((always_inline)) bool try_##name(struct zf_cpu *cpu) {             \
        const struct holes holes_ = HOLES, *u = &holes_;                                           \
        __VA_ARGS__                                                                                \
    }                                                                                              \
    OP(name, operands, effects, if (ZF_UNLIKELY(!try_##name(cpu))){HELPER(CALL_OF_OP)})
#include "zfacet/ops.def"

/* From C, which calls it, and back. */
enum zf_exit p_enter(struct zf_cpu *cpu, stencil *code) {
    __asm__ volatile("" : : : "rbp"); /* stencils keep it, lowered ops do not */
    return code(cpu->linear, cpu->linear_last, cpu, 0);
}
STENCIL enum zf_exit p_leave(ARGUMENTS) {
    UNUSED_ARGUMENTS;
    zf_cc_settle(cpu);
    return (enum zf_exit)why;
}

/* A block's entry for branches: each counts down the slice. Then `taken` is where p_out is. */
STENCIL enum zf_exit p_entry(ARGUMENTS) {
    if (ZF_UNLIKELY(--cpu->slice < 0)) {
        GO_TO(HOLE_taken);
    }
    GO_TO(HOLE_next);
}
STENCIL enum zf_exit p_out(ARGUMENTS){RETURN_HERE(ZF_EXIT_AT)}

/* Where a way goes whose target is not known yet; `why` is its number. */
STENCIL enum zf_exit p_chain(ARGUMENTS) {
    stencil *to = (stencil *)zf_jit_chain(cpu, why);
    if (ZF_UNLIKELY(!to)) {
        cpu->slice--;
        RETURN(ZF_EXIT_LOOP)
    }
    GO_TO(to);
}
STENCIL enum zf_exit p_indirect(ARGUMENTS) {
    stencil *to = (stencil *)zf_jit_indirect(cpu);
    if (ZF_UNLIKELY(!to)) {
        RETURN(ZF_EXIT_LOOP)
    }
    GO_TO(to);
}
