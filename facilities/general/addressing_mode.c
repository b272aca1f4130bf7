/*
 * Branches that link and set the addressing mode, SET and TEST ADDRESSING MODE, EXTRACT PSW,
 * MONITOR CALL.
 */
#include "control/trace.h"
#include "general/argument.h"
#include "translator.h"
#include "zfacet/transaction.h"

static enum zf_addressing mode_of(const struct zf_cpu *cpu) {
    return cpu->mode & ZF_MODE_64   ? ZF_ADDRESSING_64
           : cpu->mode & ZF_MODE_31 ? ZF_ADDRESSING_31
                                    : ZF_ADDRESSING_24;
}

static uint64_t mode_bits(enum zf_addressing mode) {
    return mode == ZF_ADDRESSING_64   ? ZF_PSW_EA | ZF_PSW_BA
           : mode == ZF_ADDRESSING_31 ? ZF_PSW_BA
                                      : 0;
}

static void set_mode(struct zf_cpu *cpu, enum zf_addressing mode) {
    cpu->psw.mask = (cpu->psw.mask & ~(ZF_PSW_EA | ZF_PSW_BA)) | mode_bits(mode);
    zf_cpu_mode_changed(cpu);
}

/* Mode tracing, and branch tracing of BASSM; false: cpu->pgm. */
static bool trace_branch(struct zf_cpu *cpu, const struct zf_insn_call *i, bool links) {
    struct zf_linkage l, to;
    if (!i->o.r2 || !(cpu->cr[12] & (ZF_CR12_BRANCH_TRACE | ZF_CR12_MODE_TRACE))) {
        return true;
    }
    zf_linkage_begin(cpu, i, &l);
    to = l;
    zf_linkage_target(&to, cpu->gr[i->o.r2]);
    bool ok = links ? zf_trace_mode_branch(cpu, &l, i, to.mask, to.address)
                    : zf_trace_mode(cpu, &l, to.mask & ZF_PSW_EA);
    cpu->cr[12] = l.cr[12];
    return ok;
}

/* Branches to an address that says the mode: bit 63 one for 64-bit, else bit 32 for 31-bit. */
static enum zf_next branch_and_set_mode(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                        uint64_t target) {
    zf_breaking_event_set(cpu, i->place);
    set_mode(cpu, target & 1            ? ZF_ADDRESSING_64
                  : target & 0x80000000 ? ZF_ADDRESSING_31
                                        : ZF_ADDRESSING_24);
    cpu->psw.addr = zf_wrap(cpu, target & ~UINT64_C(1));
    return ZF_NEXT_BRANCH;
}

/* BASSM: R2 = 0 links alone */
enum zf_next zf_do_bassm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t target = cpu->gr[i->o.r2];
    if (!trace_branch(cpu, i, true)) {
        return ZF_NEXT_PGM;
    }
    switch (mode_of(cpu)) {
    case ZF_ADDRESSING_64:
        cpu->gr[i->o.r1] = i->next | 1;
        break;
    case ZF_ADDRESSING_31:
        zf_set_low(cpu, i->o.r1, (uint32_t)i->next | 0x80000000);
        break;
    default:
        zf_set_low(cpu, i->o.r1, (uint32_t)i->next);
    }
    return i->o.r2 ? branch_and_set_mode(cpu, i, target) : ZF_NEXT;
}

/* BSM: R1 gets one bit, that of the mode; each of R1 and R2 may be 0 for nothing */
enum zf_next zf_do_bsm(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t target = cpu->gr[o->r2];
    if (!trace_branch(cpu, zf_insn_call(call), false)) {
        return ZF_NEXT_PGM;
    }
    if (o->r1) {
        uint64_t value = cpu->gr[o->r1] & ~UINT64_C(0x80000000);
        switch (mode_of(cpu)) {
        case ZF_ADDRESSING_64:
            cpu->gr[o->r1] |= 1;
            break;
        case ZF_ADDRESSING_31:
            cpu->gr[o->r1] = value | 0x80000000;
            break;
        default:
            cpu->gr[o->r1] = value;
        }
    }
    return o->r2 ? branch_and_set_mode(cpu, zf_insn_call(call), target) : ZF_NEXT;
}

/* A link of 24-bit mode holds more than the address; the length is that of an EXECUTE, if any. */
struct link_call {
    struct zf_insn_call insn;
    uint8_t length;
};

static enum zf_next do_link24(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct link_call *c = (const struct link_call *)call;
    uint32_t mask = (uint32_t)(cpu->psw.mask >> 40) & 0xf;
    zf_set_low(cpu, c->insn.o.r1,
               (uint32_t)c->length / 2 << 30 | cpu->cc << 28 | mask << 24 | (uint32_t)c->insn.next);
    return ZF_NEXT;
}

static void link24(const struct zf_tr *t) {
    struct link_call c = {
        .insn = {.call = {do_link24},
                 .insn = *t->insn,
                 .o = *t->o,
                 .address = t->address,
                 .place = t->block->insn_pc,
                 .next = t->next},
        .length = t->block->insn_length,
    };
    zf_emit_call(t->block, &c.insn.call, sizeof c);
}

/* BAL: as BAS but for the link of 24-bit mode */
void zf_tr_bal(const struct zf_tr *t) {
    if (t->block->mode & (ZF_MODE_31 | ZF_MODE_64)) {
        zf_tr_bas(t);
        return;
    }
    zf_emit_mem(t->block, ZF_OP_la, ZF_REG_SCRATCH, t->o->x2, t->o->b2, t->o->d2);
    link24(t);
    zf_emit(t->block, ZF_OP_br)->b = ZF_REG_SCRATCH;
}

/* BALR */
void zf_tr_balr(const struct zf_tr *t) {
    if (t->block->mode & (ZF_MODE_31 | ZF_MODE_64)) {
        zf_tr_basr(t);
        return;
    }
    if (!t->o->r2) {
        link24(t);
        return;
    }
    zf_emit_rrr(t->block, ZF_OP_lgr, ZF_REG_SCRATCH, ZF_REG(t->o->r2), 0);
    link24(t);
    zf_emit(t->block, ZF_OP_br)->b = ZF_REG_SCRATCH;
}

/* SAM24, SAM31, SAM64: the instruction's own address must be one of the new mode */
enum zf_next zf_do_sam(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t here = zf_wrap(cpu, i->next - i->insn.length);
    enum zf_addressing mode = (enum zf_addressing)i->argument;
    if ((mode == ZF_ADDRESSING_24 && here > 0xffffff) ||
        (mode == ZF_ADDRESSING_31 && here > 0x7fffffff)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (cpu->cr[12] & ZF_CR12_MODE_TRACE) {
        struct zf_linkage l;
        zf_linkage_begin(cpu, i, &l);
        if (!zf_trace_mode(cpu, &l, mode == ZF_ADDRESSING_64)) {
            return ZF_NEXT_PGM;
        }
        cpu->cr[12] = l.cr[12];
    }
    set_mode(cpu, mode);
    return ZF_NEXT_LEAVE;
}

/* TAM */
enum zf_next zf_do_tam(struct zf_cpu *cpu, const struct zf_call *call) {
    (void)call;
    enum zf_addressing mode = mode_of(cpu);
    cpu->cc = mode == ZF_ADDRESSING_64 ? 3 : mode == ZF_ADDRESSING_31;
    return ZF_NEXT;
}

/* EPSW: R2 = 0 leaves out the second word */
enum zf_next zf_do_epsw(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t mask = zf_psw_mask_seen(cpu);
    zf_set_low(cpu, o->r1, (uint32_t)(mask >> 32));
    if (o->r2) {
        zf_set_low(cpu, o->r2, (uint32_t)mask);
    }
    return ZF_NEXT;
}

/* MC: an event when the mask bit of its class is one in control register 8 */
enum zf_next zf_do_mc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    unsigned class = (unsigned)o->i2 & 0xff;
    if (class > 15) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!(cpu->cr[8] & ZF_BIT64(48 + class))) {
        return ZF_NEXT;
    }
    if (cpu->depth) { /* a monitor event is restricted in transactions */
        return zf_done(zf_transaction_fail(cpu, ZF_ABORT_RESTRICTED, ZF_ABORT_PERSISTENT));
    }
    cpu->pgm.monitor_class = (uint16_t) class;
    cpu->pgm.address = zf_ea(cpu, o->b1, o->d1);
    return zf_raise(cpu, ZF_PGM_MONITOR);
}
