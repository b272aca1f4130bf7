/*
 * How often each instruction was executed. Instructions that follow one another without a branch
 * between them are a run: one op at its beginning counts it. Where a run is left before its end all
 * the same, by a program condition, say, that is noted at the instruction which comes next in it.
 *
 * A tier may count ways out in place of runs (zf_tier.tallied): where it leaves a block,
 * after which instruction. All before that one were executed, too; so a block is counted once,
 * however many runs of it were executed.
 *
 * Each CPU counts ways in an array of its own, beside its registers: a count in other storage takes
 * a multiple of the time, and one that CPUs share, of that.
 *
 * The same code translated again goes on with the counts that it had.
 */
#ifndef ZFACET_TALLY_H
#define ZFACET_TALLY_H

#include "zfacet/cpus.h"
#include "zfacet/op.h"

struct zf_tally;

struct zf_tally_insn {
    uint64_t address;  /* of an EXECUTE's target: that of the EXECUTE */
    uint64_t word;     /* what was executed */
    uint64_t begun;    /* so often a run began here: what the op counts */
    uint64_t left;     /* so often its run ended before it */
    uint64_t passed;   /* so often its block, where ways are counted, was left after it */
    uint32_t way;      /* where CPUs count that, too, or 0 */
    bool begins;       /* a run begins here, or the block ended before it */
    bool begins_block; /* the same of a block that ways are counted of */
    bool end;          /* it is no instruction, but what stands after the last one */
};

/** NULL: out of memory. */
struct zf_tally *zf_tally_create(void);
void zf_tally_destroy(struct zf_tally *tally);

/* While a block of a CPU with a tally is built, with the claim: */
/** The instruction that zf_block_insn() has begun; before any of its ops. */
void zf_tally_insn(struct zf_block *block, uint64_t word);
/** Its ops are there: when control may leave between it and the next one, the run ends. */
void zf_tally_insn_end(struct zf_block *block);
/** The block ends, and with it the run: block->tallied is what counts. Before the passes. */
void zf_tally_block_end(struct zf_block *block);

/**
 * Whether the op may leave for an address that is not known when it is translated: its block has
 * been left after it where ways are counted, and another one begins.
 */
bool zf_tally_leaves(uint16_t op);

/**
 * The run of which `begun` is the counter was left at its instruction at `pc`; `done`: after that
 * was executed. Nothing happens when it is in another run.
 */
void zf_tally_left(uint64_t *begun, uint64_t pc, bool done);

/** Where CPUs count ways out of the block after its instruction at `pc`: index of zf_cpu.ways. */
uint32_t zf_tally_way(struct zf_tally *tally, struct zf_tally_insn *block, uint64_t pc);
/** Such a block was left at its instruction at `pc`, as zf_tally_left(). */
void zf_tally_passed(struct zf_tally_insn *block, uint64_t pc, bool done);

/** All counts become 0. Nothing is executed. */
void zf_tally_clear(struct zf_tally *tally, const struct zf_cpus *cpus);

/** Tells each instruction that was executed, and how often. Nothing is executed. */
void zf_tally_each(const struct zf_tally *tally, const struct zf_cpus *cpus,
                   void (*tell)(void *context, const struct zf_tally_insn *insn, uint64_t count),
                   void *context);

#endif
