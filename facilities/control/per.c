/*
 * Program-event recording in translated code: what stands before and after each instruction in
 * blocks of ZF_MODE_PER. The run loop makes the interruption.
 */
#include "zfacet/per.h"

#include "control/control.h"

struct per_call {
    struct zf_call call;
    uint64_t address;
    uint8_t length;  /* of the instruction, or of the EXECUTE */
    bool may_branch; /* privileged instructions load PSWs, which is no branch */
};

static enum zf_next begun(struct zf_cpu *cpu, bool fetched) {
    return fetched ? ZF_NEXT : zf_raise(cpu, ZF_PGM_PER);
}

static enum zf_next do_begin(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct per_call *c = (const struct per_call *)call;
    if (cpu->cr[9] & ZF_CR9_KEY) {
        return zf_unimplemented(cpu, "storage-key alteration (control register 9 bit 35)");
    }
    bool fetched = zf_per_begin(cpu, c->address, c->length);
    cpu->per.may_branch = c->may_branch;
    return begun(cpu, fetched);
}

/* The EXECUTE itself has begun the instruction. */
static enum zf_next do_target(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct per_call *c = (const struct per_call *)call;
    cpu->per.may_branch = c->may_branch;
    return begun(cpu, zf_per_target(cpu, c->address));
}

static enum zf_next do_end(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)cpu, (void)call;
    return ZF_NEXT_LEAVE;
}

void zf_tr_per_begin(const struct zf_tr *t, const struct zf_insn *insn) {
    struct per_call call = {
        .call = {t->block->execute_length ? do_target : do_begin},
        .address = t->address,
        .length = t->block->insn_length,
        .may_branch = zf_row_get((enum zf_row)insn->row)->privilege != ZF_PRIVILEGED,
    };
    zf_emit_call(t->block, &call.call, sizeof call);
}

void zf_tr_per_end(const struct zf_tr *t) {
    const struct zf_call call = {do_end};
    if (!t->block->ended) {
        zf_emit_call_end(t->block, &call, sizeof call);
    }
}
