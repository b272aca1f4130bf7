/*
 * From one block to the next, where the uops do not know it yet.
 */
#include "interp.h"
#include "zfacet/tally.h"

/* The uop of code that was found for `pc`; NULL: through the run loop, which meets it again. */
static struct zf_uop *enter(struct zf_cpu *cpu, const struct zf_code *code, uint64_t pc) {
    if (!code || code->tier != cpu->tier) {
        cpu->pgm.code = ZF_PGM_NONE;
        cpu->psw.addr = pc;
        return NULL;
    }
    return code->entry;
}

struct zf_uop *zf_interp_chain(struct zf_cpu *cpu, struct zf_uop *stub) {
    uint64_t target = stub->imm64;
    const struct zf_code *code = zf_tb_find(cpu, target);
    struct zf_uop *entry = enter(cpu, code, target);
    if (entry && !code->own) {
        struct zf_uop *branch = stub - stub->distance;
        __atomic_store_n(&branch->imm2, (int32_t)((char *)entry - (char *)branch),
                         __ATOMIC_RELEASE);
    }
    return entry;
}

struct zf_uop *zf_interp_indirect(struct zf_cpu *cpu, uint64_t pc) {
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_PER)) { /* the run loop looks at every instruction */
        cpu->per.branched = true;
        cpu->psw.addr = pc;
        return NULL;
    }
    struct zf_uop *entry = enter(cpu, zf_tb_find(cpu, pc), pc);
    if (entry) {
        cpu->branch_cache[(pc >> 1) & (ZF_BRANCH_CACHE_ENTRIES - 1)] =
            (struct zf_branch_cache_entry){.pc = pc,
                                           .mode = cpu->mode,
                                           .code =
                                               (uint32_t)((char *)entry - (char *)cpu->code_base)};
    }
    return entry;
}

struct zf_uop *zf_interp_execute(struct zf_cpu *cpu, struct zf_uop *uop, uint64_t address,
                                 uint8_t bits) {
    const struct zf_execute execute = {uop, address, bits};
    const struct zf_code *code = zf_tb_find_execute(cpu, &execute);
    if (ZF_UNLIKELY(!code && !cpu->pgm.code && cpu->tally)) { /* no room: it is done again */
        unsigned length;
        zf_tally_left(cpu->tally, zf_interp_place(cpu->tier, uop, &length), false);
    }
    return code ? code->entry : NULL;
}

/*
 * Where a CPU goes on that leaves a dropped block: at its start, or after the instruction before,
 * which has stored. The uop's own instruction would not do: what lies between may have no ops, but
 * does no longer stand for what the storage has there.
 */
static uint64_t stale_pc(const struct zf_cpu *cpu, const struct zf_uop *uop) {
    const struct interp *interp = (const struct interp *)cpu->tier;
    const struct start *start = zf_interp_start(interp, uop);
    unsigned length;
    if (uop == &interp->uops[start->uop]) {
        return zf_tb_pc(interp->tbs, start->block);
    }
    uint64_t pc = zf_interp_place(cpu->tier, uop - 1, &length);
    pc = zf_wrap(cpu, pc + length);
    if (cpu->tally) {
        zf_tally_left(cpu->tally, pc, false);
    }
    return pc;
}

struct zf_uop *zf_interp_stale(struct zf_cpu *cpu, const struct zf_uop *uop) {
    uint64_t pc = stale_pc(cpu, uop);
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_PER)) {
        cpu->psw.addr = pc;
        return NULL;
    }
    return zf_interp_indirect(cpu, pc);
}

void zf_interp_heated(struct zf_cpu *cpu, struct zf_uop *uop) {
    const struct interp *interp = (const struct interp *)cpu->tier;
    __atomic_store_n(&uop->distance, interp->heat, __ATOMIC_RELAXED); /* if it stays here */
    zf_tb_promote(cpu, zf_interp_start(interp, uop)->block);
    cpu->psw.addr = uop->imm64;
}
