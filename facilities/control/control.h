/*
 * What the control instructions share.
 */
#ifndef ZF_CONTROL_H
#define ZF_CONTROL_H

#include "translator.h"
#include "zfacet/dat.h"
#include "zfacet/guest_view.h"
#include "zfacet/interrupt.h"

/* Bits of control register 0 that instructions ask for. */
#define ZF_CR0_SSM_SUPPRESSION ZF_BIT64(33)
#define ZF_CR0_EXTRACTION_AUTHORITY ZF_BIT64(36)
#define ZF_CR0_SECONDARY_SPACE ZF_BIT64(37)

static inline bool zf_problem_state(const struct zf_cpu *cpu) {
    return cpu->psw.mask & ZF_PSW_PROBLEM;
}

/** In the problem state a semiprivileged instruction needs the extraction authority. */
static inline bool zf_may_extract(const struct zf_cpu *cpu) {
    return !zf_problem_state(cpu) || cpu->cr[0] & ZF_CR0_EXTRACTION_AUTHORITY;
}

/** In the problem state a key must be one of those in the PSW-key mask. */
static inline bool zf_may_use_key(const struct zf_cpu *cpu, unsigned key) {
    return !zf_problem_state(cpu) || cpu->cr[3] & UINT64_C(0x80000000) >> key;
}

/** Effective address of the operand of an S, SI, SIY or RS instruction: base and displacement 2
 * where the format has them, else 1. */
static inline uint64_t zf_operand2(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    return zf_ea(cpu, i->o.b2, i->o.d2);
}
static inline uint64_t zf_operand1(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    return zf_ea(cpu, i->o.b1, i->o.d1);
}

/** What the guest is told of its configuration, defaults filled in. */
void zf_guest_config_of(const struct zf_cpu *cpu, struct zf_guest_config *config);

/** The machine stops because of a part of an instruction that is installed, but not by zfacet. */
enum zf_next zf_unimplemented(struct zf_cpu *cpu, const char *what);

/**
 * Sets a storage key from bits 56-62 of `value`; conditionally when the reference or change bits
 * may be any: false when what is there will do.
 */
bool zf_key_set(struct zf_machine *machine, uint64_t frame, uint8_t value, bool any_reference,
                bool any_change);

/**
 * What changed control registers need beside their new values. True: code is left after the
 * instruction, for another mode or an interruption.
 */
bool zf_control_changed(struct zf_cpu *cpu, const uint64_t before[16]);

/** After a change of the mapping: drops the TLB and the code of all virtual spaces. */
enum zf_next zf_purge(struct zf_cpu *cpu);

#endif
