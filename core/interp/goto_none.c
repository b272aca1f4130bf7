/*
 * In place of goto_linear.c and goto_tlb.c where computed goto does not pay: compilers that merge
 * all dispatches into one; sanitizers, which should see the op bodies; the preset `paranoid`.
 */
#include "interp.h"

enum zf_exit zf_goto_linear(struct zf_cpu *cpu, struct zf_uop *u, uintptr_t *handlers) {
    return zf_switch_linear(cpu, u, handlers);
}

enum zf_exit zf_goto_tlb(struct zf_cpu *cpu, struct zf_uop *u, uintptr_t *handlers) {
    return zf_switch_tlb(cpu, u, handlers);
}
