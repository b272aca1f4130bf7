/*
 * What the files of tb/ share: the cache's sizes, its blocks, and what one file does for another.
 */
#ifndef ZF_TB_CACHE_H
#define ZF_TB_CACHE_H

#include "zfacet/tb.h"

enum {
    CALLS_SIZE = 1 << 26,
    BLOCKS = 1 << 19,
    HASH_SIZE = 1 << 18, /* each block that is passed on the way is a miss in the host's cache */
    PAGE_HASH_SIZE = 1 << 16, /* pages of data seldom meet one of code there */
    SOURCES = 4,
    PAGES_READ = 2 * ZF_BLOCK_INSNS + 1, /* at most, for a block */
};

/* A run of bytes within one page that a block was made from. */
struct source {
    uint64_t page;
    uint16_t first, last; /* offsets, inclusive */
    uint32_t next;        /* node in the page's bucket, 0 = last */
};

/* The target of an EXECUTE: what it was, and where. Plain code has NO_TARGET for an address. */
struct target {
    uint64_t word;
    uint64_t address;
};
enum { NO_TARGET = 1 }; /* odd, unlike any that is */

/* What looking one up reads is one line of the host's cache. */
struct block_record {
    _Alignas(64) uint64_t pc;
    struct target target;
    struct zf_code code;
    uint32_t next; /* in the hash bucket, 0 = last */
    uint16_t sources;
    bool dead;
    uint32_t next_in_space; /* the next older block of its address space, 0 = last */
    uint64_t prefix;        /* with code.own: of the CPUs that it is for */
    struct source source[SOURCES];
};

struct zf_tb_cache {
    struct zf_cpus *cpus;
    struct zf_storage *storage;
    struct zf_tier *tier, *hot; /* of what is new; of blocks that were promoted, or NULL */
    struct zf_tb_config config;
    bool shared; /* with other processes: see zf_code_owner.shared */
    struct zf_call_room calls;
    struct block_record *blocks; /* from 1 on */
    uint32_t blocks_used;
    uint32_t hash[HASH_SIZE];
    uint32_t spaces[ZF_SPACES + 1]; /* newest block of each address space */
    uint32_t pages[PAGE_HASH_SIZE]; /* node = block * SOURCES + source */
    struct zf_block block;          /* that is being built: too large for the stack */
    /* pages that code of the block is read from: until it is filed, they have code, too */
    uint64_t reads[PAGES_READ];
    unsigned reads_used;
    struct source look_ahead; /* code that its CC decision rests on */
    bool look_ahead_used;
};

/* index.c */
/** Whether a block that was made for the CPU's mode is still one for it. */
bool zf_tb_is_for(const struct zf_cpu *cpu, uint32_t index);
/** The CPU's block of that key that is not dropped, or 0. */
uint32_t zf_tb_lookup(const struct zf_cpu *cpu, uint64_t pc, const struct target *target);
/** What was read from is filed, or of no use. */
void zf_tb_end_reads(struct zf_tb_cache *tbs);
/** Marks the block as dropped; its tier sees to who is in it. */
void zf_tb_kill(struct block_record *block);
/** Takes the block that was just built into all lists; false: its code cannot be read any more. */
bool zf_tb_file(struct zf_tb_cache *tbs, uint32_t index);

/** Asks the host for huge pages for what has grown. */
void zf_tb_widen(struct zf_tb_cache *tbs);

/* look_ahead.c */
/** For zf_optimise(): whether code at `target` may see the CC. What that rests on is filed. */
bool zf_tb_cc_needed_at(struct zf_block *block, uint64_t target);

/* trace.c */
void zf_tb_trace_block(const struct zf_tb_cache *tbs, const struct zf_block *block);

#endif
