/*
 * Passes over a block, in the order in which zf_optimise() runs them.
 */
#ifndef ZF_OPT_PASS_H
#define ZF_OPT_PASS_H

#include "zfacet/op.h"

/**
 * Whether the CC is needed at a guest address: asks about branch targets. Never wrong when it says
 * no; the answer may depend on code that the block must then be dropped with.
 */
typedef bool zf_cc_needed_at(struct zf_block *block, uint64_t target);

/** Runs all passes. */
void zf_optimise(struct zf_block *block, zf_cc_needed_at *needed);

/** Lets an op read what a copy before it read, when it replaces the copy. */
void zf_pass_copy(struct zf_block *block);

/** Brings compares next to the branches that use them. */
void zf_pass_sink(struct zf_block *block);

/** Backward over the block: picks live or dead variants, fuses compares with their branches. */
void zf_pass_cc(struct zf_block *block, zf_cc_needed_at *needed);

/** Removes ops that do nothing any more. */
void zf_pass_drop_dead(struct zf_block *block);

#endif
