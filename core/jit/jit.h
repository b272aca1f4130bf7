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

#include "zfacet/cpus.h"
#include "zfacet/jit.h"
#include "zfacet/tb.h"

#include "hold.h"
#include "hold_vector.h"
#include "stencil_table.h"

enum {
    CODE_SIZE = 1 << 27,    /* for blocks, unless another is asked for */
    BLOCK_MARGIN = 1 << 19, /* more than any block takes */
    OWN_MARGIN = 1 << 16,   /* more than the tier's own parts take */
    ENTRY_ALIGNMENT = 16,
    THUNK_SIZE = 16, /* of a jump to a C function */
    JUMP_SIZE = 5,   /* of one to any place */
    TRAP = 0xf4,     /* HLT: one byte that is no instruction here */
    OP_SIZE = 8,     /* rooms for op_places, ways and block_codes: at least so much code each */
    WAY_SIZE = 24,
    BLOCK_SIZE = 48,
    MODE_NATIVE = 1 << 30, /* in zf_branch_cache_entry.mode: the entry is native code */
};

_Static_assert((ZF_SPACES + 1) << ZF_MODE_SPACE_SHIFT <= MODE_NATIVE, "no bit of zf_cpu.mode");

/* Whether a trap stands at a piece when its block is dropped, and where the CPU goes on then. */
enum zf_leave { LEAVE_NEVER, LEAVE_AFTER_LAST, LEAVE_TO_START };

/* Where a piece of an op begins: its code goes on to the next one's. */
struct op_place {
    uint32_t offset; /* in the code */
    uint16_t place;  /* as in struct zf_ir */
    uint8_t leave;   /* enum zf_leave */
    bool fused;      /* a comparison that may fault, and the branch after it */
    struct hold_state hold;
};

/* What is told when a way is taken. */
struct way_mark {
    uint32_t branch; /* the CPU: what branches; 0: nothing */
    uint32_t count;  /* the CPU's byte where the way is counted, or 0 */
    uint32_t loop;   /* the same of a loop's rounds, */
    uint8_t rounds;  /* of which so many have not been counted */
};

/*
 * A way out of a block that leads to another. Its passes are counted down, in jit.passes: that
 * must not lie near code.
 */
struct way {
    uint64_t target;
    struct way_mark mark;
    uint32_t marked; /* of the jump in the block to where the mark is put; without one, `site` */
    uint32_t site;   /* of the jump in the block, to what writes all that host registers hold */
    uint32_t link;   /* of the jump after that, the same if there is nothing to write */
    uint32_t direct; /* of the one while passes are counted */
    bool counted;    /* they are: it leads to the target */
    struct hold_state state; /* at `site` */
};

/* A block's code, in order of creation, that of addresses; or a version of it (version.c). */
struct block_code {
    uint32_t offset; /* of its entry for branches */
    uint32_t block;
    uint32_t first_op, hot_ops, ops; /* of its op_places: hot parts, then cold ones */
    uint32_t out;                    /* offset of the way out when the slice is over */
    uint32_t version;                /* the next one of the block, or 0 */
    struct zf_tally_insn *tallied;   /* counts ways out of it, or NULL */
    uint64_t loop;                   /* address of the branch to its start, if it is a loop */
    struct hold_state state;         /* of a version: with what it begins */
};

struct jit {
    struct zf_tier tier;
    struct zf_tb_cache *tbs;
    struct zf_jit_config config;
    uint8_t *code;  /* to be executed, not written */
    uint8_t *write; /* the same, to be written */
    size_t size;
    uint32_t reserved;    /* places of the pool that hold nothing, one bit each */
    uint32_t start, used; /* behind the tier's own parts; behind the last block */
    uint32_t wide;        /* up to here the host was asked for huge pages */
    uint32_t part[ZF_PART_COUNT];
    uint32_t missed[2][5]; /* pieces for loads and stores, by size (tlb.c) */
    uint32_t swap;         /* bytes that turn those of a vector around */
    uint32_t data[3];      /* constants of the stencils, by access */
    uint32_t functions[3]; /* jumps to C functions, by access */
    struct op_place *ops;
    struct block_code *blocks;
    struct way *ways;
    int32_t *passes; /* of each way, below 2 GiB */
    uint32_t ops_used, ops_room, blocks_used, blocks_room, ways_used, ways_room;
    uint32_t entry_size; /* of the entry for branches */
};

/* Which of the storage accesses a block needs. */
enum { ACCESS_LINEAR, ACCESS_TLB, ACCESS_ANY, ACCESSES };

static inline unsigned access_of(const struct jit *jit, uint32_t mode) {
    if ((mode & (ZF_MODE_64 | ZF_MODE_WATCHED)) != ZF_MODE_64) {
        return ACCESS_ANY;
    }
    return jit->config.linear ? ACCESS_LINEAR : ACCESS_TLB;
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
/** After a block: asks the host for huge pages for the code, and for large arrays beside it. */
void zf_jit_widen(struct jit *jit);
/** In the child of a fork, which has the parent's room: it gets one of its own, as prepared. */
void zf_jit_separate(struct zf_tier *tier);

/* emit.c */
/* A place in storage: base, index (RSP: none) and displacement. */
struct zf_host_address {
    uint8_t base, index;
    int32_t disp;
    uint8_t scale; /* bits that the index is shifted by */
};
/* An access: `reg` is a host register, or it stores `imm`. */
struct zf_host_access {
    uint8_t kind;           /* enum zf_access_kind */
    uint8_t base, reg, xmm; /* of a vector: what holds it */
    int32_t disp, imm;
};
/* A way out of the block, with what the CPU gets there. */
struct way_out {
    uint32_t site; /* of the jump that goes there; 0: none any more */
    uint16_t op;
    bool again;    /* to the loop's start */
    bool over;     /* the slice is over: out, at the block's start */
    bool indirect; /* to where a register says */
    struct way_mark mark;
    uint64_t target;
    struct hold_state state;
};
/* An access whose base is not in the linear map, or its page not in the TLB: it is made apart. */
struct far_access {
    uint32_t site[2], back; /* of jumps that go there (0: none); where it goes on */
    uint8_t page;           /* the host register for its page, */
    bool shared;            /* which others use, too */
    struct zf_host_access access;
    uint16_t op;
    struct hold_state state;
    struct held_vectors vectors;
};
/* An op that its stencil does when it is not as usual. */
struct unusual {
    uint32_t site[2]; /* of jumps that go there */
    uint32_t back;
    uint16_t op;
    struct hold_state before, after; /* it changes no general register */
    struct held_vectors vectors;
};
/* A page in which several accesses by one base register are, held in a host register (page.c). */
struct shared_page {
    uint8_t base;        /* the general register; ZF_REG_ZERO: the page is not known */
    bool read, write;    /* what was found to be allowed, */
    int32_t first, last; /* of the bytes at these displacements */
    unsigned until;      /* the last op that was seen to use it */
};
enum { SHARED_PAGES = 2 };
struct stencil_use {
    uint32_t hot, next;
    uint16_t op;
    struct hold_state state;
};
struct emitter {
    struct jit *jit;
    unsigned access;
    uint32_t at; /* where the next piece goes */
    const struct zf_block *block;
    struct zf_tally_insn *tallied; /* ways out of it are counted there, or NULL */
    unsigned op;                   /* which one of the block's is being written */
    struct hold_state state;
    uint32_t locked;                 /* places of the pool that the op uses, one bit each */
    uint32_t clock, used[HOST_POOL]; /* when each place was used last */
    uint32_t sum_at;     /* where RAX has base and index of the access that the op there makes */
    uint32_t around;     /* where a jump around a way out leads */
    uint32_t flags_at;   /* where the host's flags are those of the value that the CC is made of */
    uint32_t loop;       /* where the block's second copy begins, which follows the first, or 0 */
    uint32_t loop_count; /* the CPU's byte where its rounds are counted, or 0 */
    struct hold_state loop_state;
    struct shared_page shared[SHARED_PAGES];
    struct held_vectors vectors;
    uint32_t vector_clock, vector_used[XMM_POOL]; /* when each was used last */
    uint32_t vectors_new; /* vector registers that the op has in XMM registers, one bit each */
    unsigned ways_out, far_accesses, stencils, unusuals;
    struct way_out way_out[2 * ZF_BLOCK_OPS]; /* a loop is written twice */
    struct far_access far_access[2 * ZF_BLOCK_OPS];
    struct stencil_use stencil[2 * ZF_BLOCK_OPS];
    struct unusual unusual[2 * ZF_BLOCK_OPS];
};
/** Here the state may be seen: by who meets a fault, or leaves the block when it was dropped. */
void zf_jit_note(struct emitter *e, const struct zf_ir *ir, const struct hold_state *state,
                 enum zf_leave leave);
/* What a piece is patched with. */
struct holes {
    uint64_t value[ZF_HOLES_NAMED]; /* of relative ones: an address, the code's execution's */
    uint64_t hot, cold;             /* addresses of the stencil's own parts */
};
/** Copies a part of a stencil to `offset` and patches it. */
void zf_jit_put(struct jit *jit, unsigned access, const struct zf_stencil_part *part,
                uint32_t offset, const struct holes *holes);
void zf_jit_encode(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code);
/** A version of the block, of which record number `general` is the usual code; returns where a way
 * with this state and mark goes to it. */
uint32_t zf_jit_encode_version(struct jit *jit, const struct zf_block *block, uint32_t general,
                               const struct hold_state *state, const struct way_mark *mark);

/** The first `count` ops. */
void zf_jit_put_ops(struct emitter *e, unsigned count);

/* loop.c */
/** After the block's ops: if it branches to its start, the loop. */
void zf_jit_put_loop(struct emitter *e, struct block_code *record);

/* leave.c */
/** A jump (or one on a condition) to the branch target of the current op. */
void zf_jit_leave_if(struct emitter *e, int condition);
/** The same, to a guest address. */
struct way_out *zf_jit_leave_to(struct emitter *e, int condition, uint64_t target);
/** What is told on a way. */
void zf_jit_put_mark(struct emitter *e, const struct way_mark *mark);
/** The address of the instruction that an op which leaves the block belongs to. */
uint64_t zf_jit_branch_of(const struct emitter *e, unsigned op);
/** Where the CPU counts that the block is left after the instruction of an op; 0: nowhere. */
uint32_t zf_jit_find_count(const struct emitter *e, unsigned op);
/** What is counted on the way that an op takes in this state. */
struct way_mark zf_jit_mark_of(const struct emitter *e, unsigned op,
                               const struct hold_state *state);
/** Counts that, and what rounds of a loop have not been counted: none are left to be. */
void zf_jit_count_way(struct emitter *e, unsigned op);
/** Whether systems shall know of the op's branch; programs never see the breaking-event address. */
bool zf_jit_is_noted(const struct emitter *e, const struct zf_ir *ir);

/* version.c */
/** Writes where a way goes before it is linked; `direct` and `counted` are filled in. */
void zf_jit_put_way(struct emitter *e, const struct way *way);
/** The CPU comes along the way, with nothing held, to a block: links it, if it is time. */
void zf_jit_link_way(struct zf_cpu *cpu, struct way *way, const struct zf_code *code);

/* lower.c */
/** Writes an op without its stencil; false: it has no such form here, and nothing was written. */
bool zf_jit_lower(struct emitter *e, const struct zf_ir *ir);

/** What access of storage its lowering makes, by base, index and displacement: enum zf_access_kind;
 * NO_ACCESS: none, or another. */
unsigned zf_jit_access_of(const struct zf_ir *ir);

/** The same of one that branches or compares (lower_branch.c). */
bool zf_jit_lower_branch(struct emitter *e, const struct zf_ir *ir);
unsigned zf_jit_access_of_branch(const struct zf_ir *ir);

/** The same of floating point (lower_float.c). */
bool zf_jit_lower_float(struct emitter *e, const struct zf_ir *ir);

/** The same of one that loads or stores a vector or floating-point register (lower_vector.c). */
bool zf_jit_lower_vector(struct emitter *e, const struct zf_ir *ir);
unsigned zf_jit_access_of_vector(const struct zf_ir *ir);

/** The same of an integer operation on vector registers (lower_elements.c). */
bool zf_jit_lower_elements(struct emitter *e, const struct zf_ir *ir);

/** The same of one that takes a carry from the CC (lower_carry.c). */
bool zf_jit_lower_carry(struct emitter *e, const struct zf_ir *ir);
/** The same of immediates for the high half of a general register (lower_high.c). */
bool zf_jit_lower_high(struct emitter *e, const struct zf_ir *ir);
/** The host's condition for a mask of the CC that an operation with a carry, or without, would set,
 * and its flags; false: nothing was written. */
bool zf_jit_carry_condition(struct emitter *e, unsigned mask, int *condition);

/** The same of one from storage to storage (lower_bytes.c). */
bool zf_jit_lower_bytes(struct emitter *e, const struct zf_ir *ir);

/** The same of one that counts (count.c). */
bool zf_jit_lower_count(struct emitter *e, const struct zf_ir *ir);

/** The same of several registers at once (lower_several.c). */
bool zf_jit_lower_several(struct emitter *e, const struct zf_ir *ir);

/* access.c */
/** Whether the address of an op with that kind of access is lowered: then it is in `access`. */
bool zf_jit_find_address(struct emitter *e, const struct zf_ir *ir, struct zf_host_access *access);
/**
 * For a shift to the left of what the next op takes as an index: the other register of its address,
 * or NOBODY. RAX then gets the sum, made of what is shifted, so that it need not wait for the
 * shift.
 */
unsigned zf_jit_find_sum(struct emitter *e, const struct zf_ir *ir);
void zf_jit_make_sum(struct emitter *e, unsigned other, unsigned shifted, unsigned bits);
enum zf_access_kind {
    ACCESS_LOAD8, /* zero-extended to 64 bits; …32 and …64 with their sign to as many */
    ACCESS_LOAD8_32,
    ACCESS_LOAD8_64,
    ACCESS_LOAD16,
    ACCESS_LOAD16_32,
    ACCESS_LOAD16_64,
    ACCESS_LOAD32,
    ACCESS_LOAD32_64,
    ACCESS_LOAD64,
    ACCESS_INSERT8, /* into the low byte */
    ACCESS_LOAD128, /* into a vector register of the CPU: `reg` */
    ACCESS_STORE8,
    ACCESS_STORE16,
    ACCESS_STORE32,
    ACCESS_STORE64,
    ACCESS_STORE128,
    ACCESS_SET8, /* `imm`; as often as needed */
    ACCESS_SET16,
    ACCESS_SET32,
    ACCESS_SET64,
    NO_ACCESS,
};
/** Makes an access at base + disp of guest storage, its registers are host ones. */
void zf_jit_access(struct emitter *e, const struct zf_host_access *access);
/** The same of one beyond the map: `far` was noted when it was made. */
void zf_jit_far_access(struct emitter *e, const struct far_access *far);
/** The access itself, at a host address; RAX is free. */
void zf_jit_make_access(struct emitter *e, const struct zf_host_access *access,
                        const struct zf_host_address *at);

/* tlb.c */
/* `size` bytes at base (RSP: none) + disp, in one page. */
struct zf_page_part {
    struct zf_host_address at;
    unsigned size;
    bool read, write; /* for either or both */
};
/**
 * Looks for the page: host register `page` gets what makes a host address of the guest's. Returns
 * sites of jumps that are taken when it is not found (0: none); RDX is lost.
 */
void zf_jit_find_page(struct emitter *e, const struct zf_page_part *part, unsigned page,
                      uint32_t site[2]);
/** As zf_jit_access() and zf_jit_far_access(). */
void zf_jit_page_access(struct emitter *e, const struct zf_host_access *access);
void zf_jit_missed_access(struct emitter *e, const struct far_access *far);
static inline bool zf_jit_stores(unsigned kind) {
    return kind >= ACCESS_STORE8;
}
unsigned zf_jit_access_size(unsigned kind);

/* page.c */
/** Nothing is known of pages from here on. */
void zf_jit_forget_pages(struct emitter *e);
/** Of those whose base the op has changed. */
void zf_jit_forget_pages_of(struct emitter *e, const struct zf_ir *ir);
/** A host register for the page of an access, instead of what it has. */
unsigned zf_jit_take_page(struct emitter *e);
/** Has the page of an access in a host register: finds it, with those that follow, or knows it. */
void zf_jit_share_page(struct emitter *e, const struct zf_host_access *access,
                       struct far_access *far);
/** Where code came from elsewhere that knows no pages: shared ones are looked for each alone. */
void zf_jit_drop_page(struct emitter *e, unsigned page);
void zf_jit_drop_pages(struct emitter *e);
/** What all blocks need for that. */
void zf_jit_put_missed(struct jit *jit);

/** Has a jump that others may be executing lead to another place in the code. */
static inline void zf_jit_redirect_jump(struct jit *jit, uint32_t site, uint32_t to) {
    uint32_t distance = to - (site + (uint32_t)sizeof distance);
    __atomic_store_n((uint32_t *)(jit->write + site), distance, __ATOMIC_RELEASE);
}

/* place.c */
/** The block that the code at `offset` belongs to. */
const struct block_code *zf_jit_block_at(const struct jit *jit, uint32_t offset);
/** The piece of an op that the code at `offset` is in. */
const struct op_place *zf_jit_op_at(const struct jit *jit, uint32_t offset);
struct zf_tally_insn *zf_jit_tallied(const struct zf_tier *tier, const void *at);
struct zf_tally_insn *zf_jit_left(const struct zf_tier *tier, const void *at);
uint64_t zf_jit_place(const struct zf_tier *tier, const void *at, unsigned *length);
bool zf_jit_owns(const struct zf_tier *tier, const void *at);
uint64_t zf_jit_branch(const struct zf_tier *tier, const void *at);
uint64_t zf_jit_next(const struct zf_tier *tier, const void *at);
void zf_jit_faulted(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context);
bool zf_jit_trapped(struct zf_tier *tier, struct zf_cpu *cpu, void *host_context);

#endif
