/*
 * What the files of tb/ share about the cache: its sizes, its blocks, and the engines it encodes
 * for.
 */
#ifndef ZF_TB_CACHE_H
#define ZF_TB_CACHE_H

#include "interp/interp.h"
#include "tb/tb.h"
#include "zfacet/machine.h"

enum {
    UOPS = 1 << 22,
    DATA_SIZE = 1 << 26,
    BLOCKS = 1 << 19,
    HASH_SIZE = 1 << 16,
    PAGE_HASH_SIZE = 1 << 12,
    SOURCES = 4,
    PAIR_OPS = 256,
};

enum access { ACCESS_LINEAR, ACCESS_TLB, ACCESS_ANY, ACCESSES };

/* A run of bytes within one page that a block was made from. */
struct source {
    uint64_t page;
    uint16_t first, last; /* offsets, inclusive */
    uint32_t next;        /* node in the page's bucket, 0 = last */
};

struct block_record {
    uint64_t pc;
    uint32_t mode;
    uint32_t uop;           /* of the first op */
    uint32_t count;         /* uops without the stubs */
    uint32_t next;          /* in the hash bucket, 0 = last */
    uint32_t next_in_space; /* the next older block of its address space, 0 = last */
    uint16_t sources;
    bool dead;
    uint64_t execute_word; /* target of an EXECUTE: what it was, 0 for other blocks */
    uint64_t execute_address;
    struct source source[SOURCES];
};

struct zf_tb_cache {
    struct zf_machine *machine;
    struct zf_uop *uops;
    uint32_t uops_used;
    uint8_t *data;
    size_t data_used;
    struct block_record *blocks; /* from 1 on */
    uint32_t blocks_used;
    uint32_t hash[HASH_SIZE];
    uint32_t spaces[ZF_SPACES + 1]; /* newest block of each address space */
    uint32_t pages[PAGE_HASH_SIZE]; /* node = block * SOURCES + source */
    zf_engine_function *engines[ACCESSES];
    uintptr_t handlers[ACCESSES][ZF_HANDLER_COUNT];
    /* ops that are first, or second, of some pair, numbered from 1; 1 + number of each two's pair
     */
    uint8_t pair_first[ZF_OP_COUNT], pair_second[ZF_OP_COUNT];
    uint16_t pair_of[PAIR_OPS][PAIR_OPS];
    struct zf_block block;    /* too large for the stack */
    struct source look_ahead; /* code that the block's CC decision rests on */
    bool look_ahead_used;
};

static inline enum access access_of(const struct zf_machine *machine, uint32_t mode) {
    if (!(mode & ZF_MODE_64)) {
        return ACCESS_ANY;
    }
    return machine->storage.linear ? ACCESS_LINEAR : ACCESS_TLB;
}

/* encode.c */
/** Chooses the machine's engines for this host and asks them for their handlers. */
void zf_tb_choose_engines(struct zf_tb_cache *tbs, bool plain);
/** Writes the block's ops into the arena behind its record, with a stub for each branch. */
void zf_tb_encode(struct zf_tb_cache *tbs, struct block_record *record,
                  const struct zf_block *block);

#endif
