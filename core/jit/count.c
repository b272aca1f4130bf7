/*
 * Lowerings of counting: an execution of a run of instructions. Counters lie low as a rule.
 */
#include "x86.h"

/* One of 32 bits addresses it. */
static void count_low(struct emitter *e, uint32_t counter, uint32_t prefix) {
    zf_x86_cpu(e, X_SET | X_64, 0, offsetof(struct zf_cpu, tally));
    zf_x86_bytes(e, counter, 4);
    if (prefix) {
        zf_x86_bytes(e, prefix, 1);
    }
    zf_x86_absolute(e, X_INCREMENT | X_64, N_INC, counter);
}

static void count_anywhere(struct emitter *e, uint64_t counter, uint32_t prefix) {
    const struct zf_host_address at = {RAX, RSP, 0};
    zf_x86_constant(e, RAX, counter);
    zf_x86_cpu(e, X_MOV_TO | X_64, RAX, offsetof(struct zf_cpu, tally));
    if (prefix) {
        zf_x86_bytes(e, prefix, 1);
    }
    zf_x86_rm(e, X_INCREMENT | X_64, N_INC, &at);
}

/* Nothing that is held moves, so that a loop stays in its registers. */
bool zf_jit_lower_count(struct emitter *e, const struct zf_ir *ir) {
    if (ir->op != ZF_OP_tally && ir->op != ZF_OP_tally_shared) {
        return false;
    }
    const uint32_t prefix = ir->op == ZF_OP_tally_shared ? X_LOCK : 0;
    if (e->tallied) {
        return true; /* its ways out are counted */
    }
    if (ir->imm64 <= INT32_MAX) {
        count_low(e, (uint32_t)ir->imm64, prefix);
    } else {
        count_anywhere(e, ir->imm64, prefix);
    }
    return true;
}
