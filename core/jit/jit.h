/*
 * What the files of the native tier share: its code, twice mapped, and what is known of each piece.
 *
 * A block is its entry for branches (they count down the slice), the hot parts of its ops one
 * behind the other, their cold parts, a way out for the slice's end, and for each branch a stub,
 * which is where it goes before its target is known. All code lies in the lowest 2 GiB: 32 bits
 * address it.
 */
#ifndef ZF_JIT_JIT_H
#define ZF_JIT_JIT_H

#include "zfacet/tb.h"

#include "stencil_table.h"

enum {
    CODE_SIZE = 1 << 26,
    BLOCK_MARGIN = 1 << 19, /* more than any block takes */
    ENTRY_ALIGNMENT = 16,
    THUNK_SIZE = 16, /* of a jump to a C function */
    TRAP = 0xf4,     /* HLT: one byte that is no instruction here */
    OP_SIZE = 8,     /* rooms for op_places and block_codes: at least so much code each */
    BLOCK_SIZE = 48,
    MODE_NATIVE = 1 << 15, /* in zf_branch_cache_entry.mode: the entry is native code */
};

/* Where a piece of an op begins: its code goes on to the next one's. */
struct op_place {
    uint32_t offset; /* in the code */
    uint16_t place;  /* as in struct zf_ir */
    bool may_leave;  /* a trap stands there when the block is dropped */
};

/* A block's code, in order of creation, that of addresses. */
struct block_code {
    uint32_t offset; /* of its entry for branches */
    uint32_t block;
    uint32_t first_op, hot_ops, ops; /* of its op_places: hot parts, then cold ones */
    uint32_t out;                    /* offset of the way out when the slice is over */
};

struct jit {
    struct zf_tier tier;
    struct zf_tb_cache *tbs;
    bool linear;
    uint8_t *code;  /* to be executed, not written */
    uint8_t *write; /* the same, to be written */
    size_t size;
    uint32_t start, used; /* behind the tier's own parts; behind the last block */
    uint32_t part[ZF_PART_COUNT];
    uint32_t data[3];      /* constants of the stencils, by access */
    uint32_t functions[3]; /* jumps to C functions, by access */
    struct op_place *ops;
    struct block_code *blocks;
    uint32_t ops_used, ops_room, blocks_used, blocks_room;
    uint32_t entry_size; /* of the entry for branches */
};

/* Which of the storage accesses a block needs. */
enum { ACCESS_LINEAR, ACCESS_TLB, ACCESS_ANY, ACCESSES };

static inline unsigned access_of(const struct jit *jit, uint32_t mode) {
    return !(mode & ZF_MODE_64) ? ACCESS_ANY : jit->linear ? ACCESS_LINEAR : ACCESS_TLB;
}

static inline uint32_t offset_of(const struct jit *jit, const void *code) {
    return (uint32_t)((const uint8_t *)code - jit->code);
}

static inline const struct zf_stencil_table *table_of(unsigned access) {
    static const struct zf_stencil_table *const tables[ACCESSES] = {
        &zf_stencils_linear, &zf_stencils_tlb, &zf_stencils_any};
    return tables[access];
}

/* room.c */
/** Maps the code's room and puts what all blocks need at its start. */
enum zf_status zf_jit_prepare(struct jit *jit, struct zf_error *err);
void zf_jit_release(struct jit *jit);
/** In the child of a fork, which has the parent's room: it gets one of its own, as prepared. */
void zf_jit_separate(struct zf_tier *tier);

/* emit.c */
struct emitter {
    struct jit *jit;
    unsigned access;
    uint32_t at; /* where the next piece goes */
    const struct zf_block *block;
};
/* What a piece is patched with. */
struct holes {
    uint64_t value[ZF_HOLES_NAMED]; /* of relative ones: an address, the code's execution's */
    uint64_t hot, cold;             /* addresses of the stencil's own parts */
};
/** Copies a part of a stencil to `offset` and patches it. */
void zf_jit_put(struct jit *jit, unsigned access, const struct zf_stencil_part *part,
                uint32_t offset, const struct holes *holes);
void zf_jit_encode(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code);

/* place.c */
/** The block that the code at `offset` belongs to. */
const struct block_code *zf_jit_block_at(const struct jit *jit, uint32_t offset);
/** The piece of an op that the code at `offset` is in. */
const struct op_place *zf_jit_op_at(const struct jit *jit, uint32_t offset);
uint64_t zf_jit_place(const struct zf_tier *tier, const void *at, unsigned *length);
uint64_t zf_jit_next(const struct zf_tier *tier, const void *at);
void zf_jit_faulted(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context);
bool zf_jit_trapped(struct zf_tier *tier, struct zf_cpu *cpu, void *host_context);

#endif
