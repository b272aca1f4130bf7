/*
 * Access-register mode. Before an instruction that accesses storage, a call looks at the access
 * registers of its operands. ALETs 0 and 1 are the primary and the secondary space; operands in
 * several spaces, and ALETs that need access lists, are not implemented and stop the run.
 */
#include "control/control.h"

enum { MOST = 8 };

struct space_call {
    struct zf_call call;
    uint8_t count;
    uint8_t ar[MOST];
};

/* Access register 0 stands for the primary space, whatever is in it. */
static uint32_t alet_of(const struct zf_cpu *cpu, unsigned ar) {
    return ar ? cpu->ar[ar] : 0;
}

static enum zf_next do_space(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct space_call *c = (const struct space_call *)call;
    uint32_t alet = alet_of(cpu, c->ar[0]);
    for (unsigned n = 1; n < c->count; n++) {
        uint32_t other = alet_of(cpu, c->ar[n]);
        if (other != alet) {
            return zf_unimplemented(cpu, "an instruction with operands in two address spaces");
        }
    }
    if (alet > 1) {
        return zf_unimplemented(cpu, "access-register translation");
    }
    if (cpu->ar_secondary != (alet == 1)) {
        cpu->ar_secondary = alet == 1;
        zf_tlb_clear(cpu);
    }
    return ZF_NEXT;
}

static void add(struct space_call *c, unsigned r) {
    if (c->count < MOST) {
        c->ar[c->count++] = (uint8_t)r;
    }
}

void zf_tr_spaces(const struct zf_tr *t, const struct zf_insn *insn) {
    struct space_call c = {.call = {do_space}};
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    const uint8_t bases[] = {o.b1, o.b2, o.b4};
    for (unsigned n = 0; n < ZF_ARRAY_LENGTH(bases); n++) {
        if (bases[n]) {
            add(&c, bases[n]);
        }
    }
    if (zf_row_has((enum zf_row)insn->row, ZF_ROW_ADDRESSES)) {
        add(&c, o.r1);
        add(&c, o.r2);
        add(&c, o.r3);
    }
    if (zf_row_has((enum zf_row)insn->row, ZF_ROW_ADDRESS_1)) {
        add(&c, 1);
    }
    zf_emit_call(t->block, &c.call, sizeof c);
}
