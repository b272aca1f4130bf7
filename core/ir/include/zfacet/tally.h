/*
 * How often each instruction was executed. Instructions that follow one another without a branch
 * between them are a run: one op at its beginning counts it. Where a run is left before its end all
 * the same, by a program condition, say, that is noted at the instruction which comes next in it.
 * The same code translated again goes on with the counts that it had.
 */
#ifndef ZFACET_TALLY_H
#define ZFACET_TALLY_H

#include "zfacet/op.h"

struct zf_tally;

struct zf_tally_insn {
    uint64_t address; /* of an EXECUTE's target: that of the EXECUTE */
    uint64_t word;    /* what was executed */
    uint64_t left;    /* so often the run ended before it */
};

struct zf_tally_run {
    uint64_t count; /* first: what the op counts */
    struct zf_tally_run *next;
    uint32_t insns;
    struct zf_tally_insn insn[];
};

/** NULL: out of memory. */
struct zf_tally *zf_tally_create(void);
void zf_tally_destroy(struct zf_tally *tally);

/* While a block of a CPU with a tally is built, with the claim: */
/** The instruction that zf_block_insn() has begun; before any of its ops. */
void zf_tally_insn(struct zf_block *block, uint64_t word);
/** Its ops are there: when control may leave between it and the next one, the run ends. */
void zf_tally_insn_end(struct zf_block *block);
/** The block ends, and with it the run. Before the passes. */
void zf_tally_block_end(struct zf_block *block);

/**
 * The run of which `count` is the counter was left at its instruction at `pc`; `done`: after that
 * was executed. Nothing happens when it is in another run.
 */
void zf_tally_left(uint64_t *count, uint64_t pc, bool done);

/** All counts become 0. Nothing is executed. */
void zf_tally_clear(struct zf_tally *tally);

/** Tells each instruction that was executed, and how often. Nothing is executed. */
void zf_tally_each(const struct zf_tally *tally,
                   void (*tell)(void *context, const struct zf_tally_run *run,
                                const struct zf_tally_insn *insn, uint64_t count),
                   void *context);

#endif
