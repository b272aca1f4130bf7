/*
 * What the interpreters make of ops, and what their files share. Nobody else knows uops.
 */
#ifndef ZF_INTERP_UOP_H
#define ZF_INTERP_UOP_H

#include "zfacet/tb.h"

#include "handler.h"

/*
 * An op as the engines execute it. The handler is as wide as an address, so that dispatch is one
 * host instruction, a jump through storage: worth more than the room. Vector and floating-point
 * registers are eight times their number.
 */
struct zf_uop {
    uintptr_t handler; /* the engine's: label address or op number */
    union {
        struct {
            uint8_t a, b;
            union {
                struct {
                    uint8_t x, c;
                };
                int16_t i16; /* of compares that have displacement and branch distance already */
            };
        };
        uint32_t distance; /* of a chain stub: uops back to the branch that refers to it; of what
                              counts a block's executions: those left */
    };
    uint16_t place; /* as in struct zf_ir, and the two flags below */
    union {
        struct {
            int32_t imm;
            int32_t imm2; /* of a branch: bytes from this uop to the one that it goes to */
        };
        uint64_t imm64;
    };
};
_Static_assert(sizeof(struct zf_uop) == 24, "no room is lost");

/*
 * In the place of a block's first uop, and of those after one that may have changed code: here a
 * CPU leaves the block when it was dropped. Anywhere else it may be in the middle of an
 * instruction, or the passes have changed the order of two.
 */
enum { PLACE_MAY_LEAVE = 1 << 15 };
/* Of a comparison with storage that branches, too: the place is that of the comparison. */
enum { PLACE_FUSED = 1 << 14 };

enum { UOPS = 1 << 22, STARTS = 1 << 19, PAIR_OPS = 256 };

/* Which of the storage accesses a block needs. */
enum access { ACCESS_LINEAR, ACCESS_TLB, ACCESS_ANY, ACCESSES };

/* With `handlers`: fills in what zf_uop.handler must hold, by enum zf_handler (0 for pairs that the
 * engine has not), and runs nothing. */
typedef enum zf_exit zf_engine_function(struct zf_cpu *cpu, struct zf_uop *u, uintptr_t *handlers);

/* Where a block's uops begin. */
struct start {
    uint32_t uop;
    uint32_t block;
};

struct interp {
    struct zf_tier tier;
    struct zf_tb_cache *tbs;
    bool linear;
    uint32_t heat;       /* executions that make a block hot, 0: none do */
    struct zf_uop *uops; /* of all blocks, in order of creation, from 1 on */
    uint32_t uops_used;
    struct start *starts; /* in the same order */
    uint32_t starts_used;
    zf_engine_function *engines[ACCESSES];
    bool asked[ACCESSES]; /* whether `handlers` has what this engine's are */
    uintptr_t handlers[ACCESSES][ZF_HANDLER_COUNT];
    uint32_t scaled[ZF_OP_COUNT]; /* the bytes of a b x c that are such registers */
    /* ops that are first, or second, of some pair, numbered from 1; 1 + number of each two's pair
     */
    uint8_t pair_first[ZF_OP_COUNT], pair_second[ZF_OP_COUNT];
    uint16_t pair_of[PAIR_OPS][PAIR_OPS];
};

static inline enum access access_of(const struct interp *interp, uint32_t mode) {
    if ((mode & (ZF_MODE_64 | ZF_MODE_WATCHED)) != ZF_MODE_64) {
        return ACCESS_ANY;
    }
    return interp->linear ? ACCESS_LINEAR : ACCESS_TLB;
}

/* encode.c */
/** Chooses the engines for this host and asks them for their handlers. */
void zf_interp_choose_engines(struct interp *interp, bool plain);
/** Writes the block's ops after those of the last one, with a stub for each branch. */
void zf_interp_encode(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code);

/* place.c */
/** Where the block begins that the uop is of. */
const struct start *zf_interp_start(const struct interp *interp, const struct zf_uop *uop);
/* as in struct zf_tier */
uint64_t zf_interp_place(const struct zf_tier *tier, const void *at, unsigned *length);
uint64_t zf_interp_branch(const struct zf_tier *tier, const void *at);
uint64_t zf_interp_next(const struct zf_tier *tier, const void *at);
void zf_interp_faulted(struct zf_tier *tier, struct zf_cpu *cpu, const void *host_context);

#endif
