/*
 * What translated code does instead of, or before, an instruction that the gate does not simply
 * permit: it reports a finding each time it gets there.
 */
#ifndef ZF_FACILITIES_FINDING_H
#define ZF_FACILITIES_FINDING_H

#include "translator.h"

/** The instruction is blocked: ends the block. */
void zf_tr_blocked(const struct zf_tr *t, const struct zf_gate_verdict *verdict);

/** The instruction runs, but it, or some of its forms, are not in the model, or are ignored. */
void zf_tr_report(const struct zf_tr *t, const struct zf_gate *gate,
                  const struct zf_gate_verdict *verdict);

/** The instruction is permitted, and zfacet does not execute it: ends the block. */
void zf_tr_unimplemented(const struct zf_tr *t);

#endif
