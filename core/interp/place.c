/*
 * From uops back to guest addresses: of instructions with a condition, of what a slice's end left
 * undone, of host access faults.
 */
#include "uop.h"

#include <string.h>
#include <ucontext.h>

const struct start *zf_interp_start(const struct interp *interp, const struct zf_uop *uop) {
    uint32_t number = (uint32_t)(uop - interp->uops);
    uint32_t low = 0, high = __atomic_load_n(&interp->starts_used, __ATOMIC_ACQUIRE);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (interp->starts[middle].uop <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &interp->starts[low];
}

uint64_t zf_interp_place(const struct zf_tier *tier, const void *at, unsigned *length) {
    const struct interp *interp = (const struct interp *)tier;
    const struct zf_uop *uop = at;
    *length = (uop->place & 3) * 2u;
    return zf_tb_pc(interp->tbs, zf_interp_start(interp, uop)->block) +
           (uint64_t)((uop->place & ~(PLACE_MAY_LEAVE | PLACE_FUSED)) >> 2) * 2;
}

uint64_t zf_interp_branch(const struct zf_tier *tier, const void *at) {
    const struct zf_uop *uop = at;
    unsigned length;
    uint64_t pc = zf_interp_place(tier, at, &length);
    return uop->place & PLACE_FUSED ? pc + length : pc;
}

uint64_t zf_interp_next(const struct zf_tier *tier, const void *at) {
    const struct interp *interp = (const struct interp *)tier;
    const struct zf_uop *uop = at;
    for (unsigned i = 0; i < ACCESSES; i++) {
        if (__atomic_load_n(&interp->asked[i], __ATOMIC_ACQUIRE) &&
            uop->handler == interp->handlers[i][ZF_HANDLER_CHAIN]) {
            return uop->imm64;
        }
    }
    /* Branches go to blocks' first uops, whose own place may be that of a later instruction. */
    return zf_tb_pc(interp->tbs, zf_interp_start(interp, uop)->block);
}

#ifdef __x86_64__
/* Written by access_linear.h: an access, relative to its entry, and who has its uop. */
struct access_mark {
    int32_t distance;
    char name[4]; /* of a register, NUL only where shorter */
};
extern const struct access_mark __start_zf_access[], __stop_zf_access[];

void zf_interp_faulted(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context) {
    (void)tier;
    static const struct {
        char name[5];
        uint8_t number;
    } registers[] = {
        {"%rax", REG_RAX}, {"%rbx", REG_RBX}, {"%rcx", REG_RCX}, {"%rdx", REG_RDX},
        {"%rsi", REG_RSI}, {"%rdi", REG_RDI}, {"%rbp", REG_RBP}, {"%r8", REG_R8},
        {"%r9", REG_R9},   {"%r10", REG_R10}, {"%r11", REG_R11}, {"%r12", REG_R12},
        {"%r13", REG_R13}, {"%r14", REG_R14}, {"%r15", REG_R15},
    };
    const greg_t *values = ((const ucontext_t *)host_context)->uc_mcontext.gregs;
    const struct access_mark *access = __start_zf_access;
    while (access < __stop_zf_access &&
           (intptr_t)access + access->distance != (intptr_t)values[REG_RIP]) {
        access++;
    }
    if (access == __stop_zf_access) {
        return; /* other ops, and helpers, have set code_at before */
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(registers); i++) {
        if (!strncmp(access->name, registers[i].name, sizeof access->name)) {
            cpu->code_at = (const void *)values[registers[i].number];
            return;
        }
    }
    ZF_ASSERT(false);
}
#else
void zf_interp_faulted(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context) {
    (void)tier, (void)cpu, (void)host_context; /* every access has set code_at before */
}
#endif
