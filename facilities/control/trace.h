/*
 * Tracing: entries that instructions leave in the trace table, where control register 12 asks for
 * them. An entry is stored at once; the table's new address replaces the old one with the other
 * registers, so that a nullified instruction leaves none.
 */
#ifndef ZF_CONTROL_TRACE_H
#define ZF_CONTROL_TRACE_H

#include "control/linkage.h"

/* Each is true, too, when its kind of tracing is off; false: cpu->pgm. */

/** ASN tracing of PROGRAM CALL, with the number as its exceptions give it. */
bool zf_trace_call(struct zf_cpu *cpu, struct zf_linkage *l, uint32_t number);
/** ASN tracing of PROGRAM RETURN; `l` has the PSW that is returned to. */
bool zf_trace_return(struct zf_cpu *cpu, struct zf_linkage *l, uint64_t next);
/** ASN tracing of PROGRAM TRANSFER, and of SET SECONDARY ASN. */
bool zf_trace_transfer(struct zf_cpu *cpu, struct zf_linkage *l, const struct zf_insn_call *i);
bool zf_trace_secondary(struct zf_cpu *cpu, struct zf_linkage *l, const struct zf_insn_call *i);
/** ASN tracing of BRANCH IN SUBSPACE GROUP; else its branch. */
bool zf_trace_subspace(struct zf_cpu *cpu, struct zf_linkage *l, uint32_t alet, uint64_t target);

/** Branch tracing: a branch that sets a link, to `target`, with the mode of the PSW mask `mask`. */
bool zf_trace_branch(struct zf_cpu *cpu, struct zf_linkage *l, uint64_t mask, uint64_t target);
/** Mode tracing: from or to 64-bit mode without a branch that is traced; the PSW in `l` is the one
 * before. */
bool zf_trace_mode(struct zf_cpu *cpu, struct zf_linkage *l, bool to_64);
/**
 * A branch that sets the mode: one that enters or leaves 64-bit mode has an entry of mode tracing,
 * in place of one of branch tracing, and of a form of its own when both are on.
 */
bool zf_trace_mode_branch(struct zf_cpu *cpu, struct zf_linkage *l, const struct zf_insn_call *i,
                          uint64_t mask, uint64_t target);

#endif
