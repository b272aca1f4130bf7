/*
 * Translation blocks: made through the frontend, kept by address and mode, dropped when their code
 * changes, executed by a tier.
 */
#ifndef ZFACET_TB_H
#define ZFACET_TB_H

#include "zfacet/cpus.h"
#include "zfacet/error.h"
#include "zfacet/tier.h"
#include "zfacet/trace.h"

/* How blocks are made. What changes in it counts for blocks that are made from then on. */
struct zf_tb_config {
    struct zf_frontend frontend;
    bool counted; /* instructions are counted in zf_cpu.insns_left */
    /* more than one CPU, or storage that other processes store to, which the cache notes by itself:
     * updates are interlocked, serialization is real */
    bool parallel;
    struct zf_tally *tally; /* counts what is executed, or NULL */
    struct zf_tracer tracer;
};

struct zf_tb_cache *zf_tb_cache_create(struct zf_cpus *cpus, struct zf_storage *storage,
                                       struct zf_error *err);
/** Destroys its tiers too. */
void zf_tb_cache_destroy(struct zf_tb_cache *tbs);
/** Who executes the blocks, and those that zf_tb_promote() has made anew (NULL: none); set once,
 * before any is made. */
void zf_tb_set_tiers(struct zf_tb_cache *tbs, struct zf_tier *tier, struct zf_tier *hot);
void zf_tb_configure(struct zf_tb_cache *tbs, const struct zf_tb_config *config);
const struct zf_tb_config *zf_tb_config(const struct zf_tb_cache *tbs);

/**
 * The code for `pc` in the CPU's mode; NULL with cpu->pgm set (fetch), or when the cache is full
 * (cpu->pgm clear): flush and try again.
 */
const struct zf_code *zf_tb_find(struct zf_cpu *cpu, uint64_t pc);

/* An EXECUTE and its target. */
struct zf_execute {
    const void *at;   /* the EXECUTE, as the CPU's tier knows it */
    uint64_t address; /* of the target */
    uint8_t bits;     /* or-ed into the target's second byte */
};

/** The code of an EXECUTE's target. NULL as zf_tb_find(), but the PSW is at it when it is full. */
const struct zf_code *zf_tb_find_execute(struct zf_cpu *cpu, const struct zf_execute *execute);

/**
 * The CPU is at the beginning of block number `block`, which is hot: makes it anew for the tier of
 * such, and drops the old one. Where that cannot be, nothing changes.
 */
void zf_tb_promote(struct zf_cpu *cpu, uint32_t block);

/**
 * The ops of a block's code once more, for another form of it, as long as the caller has the claim;
 * cpu->psw.addr is its start. NULL: it was dropped, or there is no room.
 */
const struct zf_block *zf_tb_translate_again(struct zf_cpu *cpu, const struct zf_code *code);

/** Where block number `block` begins. */
uint64_t zf_tb_pc(const struct zf_tb_cache *tbs, uint32_t block);

/** Whether the cache is full: no block can be made until it is flushed. */
bool zf_tb_full(const struct zf_tb_cache *tbs);

/** Drops all; no CPU is in a block, or they are paused and the caller has the claim. */
void zf_tb_flush(struct zf_tb_cache *tbs);

/** The CPU knows no branch, EXECUTE or page any more. */
void zf_tb_forget_branches(struct zf_cpu *cpu);

/** In the child of a fork of the host's: blocks are not the parent's. No block may be running. */
void zf_tb_forked(struct zf_tb_cache *tbs);

/** Drops all blocks of virtual address spaces; safe while a block is running. */
void zf_tb_drop_virtual(struct zf_tb_cache *tbs);

/** Trace op. */
void zf_trace_insn(struct zf_cpu *cpu, uint64_t pc);

#endif
