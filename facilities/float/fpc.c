/*
 * The floating-point-control register: load, store, rounding modes, signaling.
 */
#include "translator.h"
#include "zfacet/host_float.h"

/* Bits of an FPC that the machine does not have, or a BFP rounding mode that it does not know. */
static bool valid(const struct zf_cpu *cpu, uint32_t fpc) {
    bool extension = zf_has_facility(cpu, ZF_FACILITY_FLOATING_POINT_EXT);
    uint32_t bits = UINT32_C(0xf8f8ff03);
    if (zf_has_facility(cpu, ZF_FACILITY_DFP)) {
        bits |= ZF_FPC_DFP_ROUNDING;
    }
    if (extension) {
        bits |= ZF_FPC_MASKS | ZF_FPC_FLAGS | ZF_FPC_BFP_ROUNDING;
    }
    uint32_t rounding = fpc & ZF_FPC_BFP_ROUNDING;
    return !(fpc & ~bits) && (rounding <= 3 || (extension && rounding == 7));
}

static enum zf_next set(struct zf_cpu *cpu, uint32_t fpc) {
    if (!valid(cpu, fpc)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_host_float_clear();
    cpu->fpc = fpc;
    return ZF_NEXT;
}

/*
 * The exception that setting the FPC with signaling raises: the leftmost flag of the old FPC whose
 * mask is on in the new one; overflow and underflow tell of inexactness too. Returns its
 * data-exception code, or 0.
 */
static uint8_t signaled(uint32_t old, uint32_t fpc) {
    /* flag bits 8-13, mask bits 0-5: invalid, divide, overflow, underflow, inexact, quantum */
    static const uint8_t dxc[] = {0x83, 0x43, 0x23, 0x13, 0x0b, 0x07};
    static const uint8_t inexact_too[] = {0, 0, 0x08, 0x08, 0, 0};
    uint32_t both = (old << 8) & fpc & ZF_FPC_MASKS;
    if (!both) {
        return 0;
    }
    unsigned first = (unsigned)__builtin_clz(both);
    bool inexact = old & ZF_BIT32(12);
    return dxc[first] | (inexact ? inexact_too[first] : 0);
}

/* LOAD FPC AND SIGNAL, SET FPC AND SIGNAL: masks and modes of the new value, all flags of both. */
static enum zf_next set_and_signal(struct zf_cpu *cpu, uint32_t fpc) {
    zf_host_float_gather(cpu);
    uint32_t old = cpu->fpc;
    if (!valid(cpu, fpc)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    cpu->fpc = fpc | (old & ZF_FPC_FLAGS);
    uint8_t dxc = signaled(old, fpc);
    return zf_done(!dxc || zf_pgm_data(cpu, dxc));
}

enum zf_next zf_do_sfpc(struct zf_cpu *cpu, const struct zf_call *call) {
    return set(cpu, zf_low(cpu, zf_insn_call(call)->o.r1));
}

enum zf_next zf_do_sfasr(struct zf_cpu *cpu, const struct zf_call *call) {
    return set_and_signal(cpu, zf_low(cpu, zf_insn_call(call)->o.r1));
}

enum zf_next zf_do_efpc(struct zf_cpu *cpu, const struct zf_call *call) {
    zf_host_float_gather(cpu);
    zf_set_low(cpu, zf_insn_call(call)->o.r1, cpu->fpc);
    return ZF_NEXT;
}

static bool load_operand(struct zf_cpu *cpu, const struct zf_call *call, uint32_t *fpc) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t value;
    if (!zf_load(cpu, zf_ea(cpu, i->o.b2, i->o.d2), 4, &value)) {
        return false;
    }
    *fpc = (uint32_t)value;
    return true;
}

enum zf_next zf_do_lfpc(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t fpc;
    return load_operand(cpu, call, &fpc) ? set(cpu, fpc) : ZF_NEXT_PGM;
}

enum zf_next zf_do_lfas(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t fpc;
    return load_operand(cpu, call, &fpc) ? set_and_signal(cpu, fpc) : ZF_NEXT_PGM;
}

enum zf_next zf_do_stfpc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    zf_host_float_gather(cpu);
    return zf_done(zf_store(cpu, zf_ea(cpu, i->o.b2, i->o.d2), 4, cpu->fpc));
}

/* The rounding mode is the address itself. */
static uint32_t rounding_operand(const struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    return (uint32_t)zf_ea(cpu, i->o.b2, i->o.d2);
}

/* SET BFP ROUNDING MODE (2 bit): the third bit becomes zero */
enum zf_next zf_do_srnm(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t mode = rounding_operand(cpu, call) & 3;
    cpu->fpc = (cpu->fpc & ~ZF_FPC_BFP_ROUNDING) | mode;
    return ZF_NEXT;
}

/* SET BFP ROUNDING MODE (3 bit) */
enum zf_next zf_do_srnmb(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t mode = rounding_operand(cpu, call) & 0xff;
    if (mode > 7 || (mode > 3 && mode < 7)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    cpu->fpc = (cpu->fpc & ~ZF_FPC_BFP_ROUNDING) | mode;
    return ZF_NEXT;
}

/* SET DFP ROUNDING MODE */
enum zf_next zf_do_srnmt(struct zf_cpu *cpu, const struct zf_call *call) {
    uint32_t mode = rounding_operand(cpu, call) & 7;
    cpu->fpc = (cpu->fpc & ~ZF_FPC_DFP_ROUNDING) | mode << 4;
    return ZF_NEXT;
}
