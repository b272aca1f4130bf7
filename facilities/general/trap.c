/*
 * Compare and trap, load and trap, compare and branch to an address, branch indirect.
 */
#include "general/argument.h"
#include "translator.h"

static unsigned order_signed(int64_t a, int64_t b) {
    return a == b ? 8 : a < b ? 4 : 2;
}

static unsigned order_logical(uint64_t a, uint64_t b) {
    return a == b ? 8 : a < b ? 4 : 2;
}

/* The mask bit of comparing R1 as the row says: 8 equal, 4 first low, 2 first high. */
static unsigned order(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    const struct zf_operands *o = &i->o;
    uint64_t a = cpu->gr[o->r1];
    uint64_t b = i->argument & ZF_COMPARE_IMMEDIATE ? (uint64_t)o->i2 : cpu->gr[o->r2];
    if (i->argument & ZF_COMPARE_64) {
        return i->argument & ZF_COMPARE_LOGICAL ? order_logical(a, b)
                                                : order_signed((int64_t)a, (int64_t)b);
    }
    return i->argument & ZF_COMPARE_LOGICAL ? order_logical((uint32_t)a, (uint32_t)b)
                                            : order_signed((int32_t)a, (int32_t)b);
}

static enum zf_next trap_if(struct zf_cpu *cpu, bool trap) {
    return zf_done(!trap || zf_pgm_data(cpu, ZF_DXC_COMPARE_AND_TRAP));
}

/* CRT, CGRT, CLRT, CLGRT, CIT, CGIT, CLFIT, CLGIT: the trap completes the instruction. */
enum zf_next zf_do_compare_trap(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    return trap_if(cpu, i->o.m3 & order(cpu, i));
}

/* CLT, CLGT */
enum zf_next zf_do_compare_storage_trap(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    bool word = !(i->argument & ZF_COMPARE_64);
    uint64_t value;
    if (!zf_load(cpu, zf_ea(cpu, o->b2, o->d2), word ? 4 : 8, &value)) {
        return ZF_NEXT_PGM;
    }
    uint64_t first = word ? zf_low(cpu, o->r1) : cpu->gr[o->r1];
    return trap_if(cpu, o->m3 & order_logical(first, value));
}

/* LAT, LGAT, LFHAT, LLGFAT, LLGTAT: the register is loaded even when zero traps */
enum zf_next zf_do_load_trap(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    uint64_t value;
    unsigned size = i->argument == ZF_TRAP_ALL ? 8 : 4;
    if (!zf_load(cpu, zf_eax(cpu, o->x2, o->b2, o->d2), size, &value)) {
        return ZF_NEXT_PGM;
    }
    switch ((enum zf_trap_load)i->argument) {
    case ZF_TRAP_LOW:
        zf_set_low(cpu, o->r1, (uint32_t)value);
        break;
    case ZF_TRAP_HIGH:
        zf_set_high(cpu, o->r1, (uint32_t)value);
        break;
    case ZF_TRAP_EXTENDED_31:
        value &= 0x7fffffff;
        cpu->gr[o->r1] = value;
        break;
    case ZF_TRAP_EXTENDED:
    case ZF_TRAP_ALL:
        cpu->gr[o->r1] = value;
        break;
    }
    return trap_if(cpu, value == 0);
}

/* CRB, CGRB, CLRB, CLGRB, CIB, CGIB, CLIB, CLGIB */
enum zf_next zf_do_compare_branch(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    const struct zf_operands *o = &i->o;
    if (!(o->m3 & order(cpu, i))) {
        return ZF_NEXT;
    }
    zf_breaking_event_set(cpu, i->place);
    cpu->psw.addr = zf_ea(cpu, o->b4, o->d4);
    return ZF_NEXT_BRANCH;
}

/*
 * BIC: the branch address is in storage, eight bytes in every mode. Storage is accessed only when
 * the branch is taken.
 */
enum zf_next zf_do_bic(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint64_t target;
    if (!(o->m1 & (8 >> cpu->cc))) {
        return ZF_NEXT;
    }
    if (!zf_load(cpu, zf_eax(cpu, o->x2, o->b2, o->d2), 8, &target)) {
        return ZF_NEXT_PGM;
    }
    zf_breaking_event_set(cpu, zf_insn_call(call)->place);
    cpu->psw.addr = zf_wrap(cpu, target);
    return ZF_NEXT_BRANCH;
}
