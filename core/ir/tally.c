/*
 * Runs are kept by what they are, address and words, in a hash table: a block that is translated
 * anew finds its counts. While a run grows it is in `open`, and its op not yet told where to count.
 */
#include "zfacet/tally.h"

#include <stdlib.h>

enum { BUCKETS = 1 << 16 };

struct zf_tally {
    struct zf_tally_run *buckets[BUCKETS];
    unsigned op;      /* of the open run, in its block */
    unsigned insn_op; /* first op of the instruction */
    uint32_t insns;   /* of the open run; 0: none is open */
    struct zf_tally_insn open[ZF_BLOCK_INSNS];
    struct zf_tally_run *lost; /* of no instruction: counts what there is no memory for */
};

struct zf_tally *zf_tally_create(void) {
    struct zf_tally *tally = calloc(1, sizeof *tally);
    if (tally && !(tally->lost = calloc(1, sizeof *tally->lost))) {
        free(tally);
        return NULL;
    }
    return tally;
}

void zf_tally_destroy(struct zf_tally *tally) {
    if (!tally) {
        return;
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct zf_tally_run *run = tally->buckets[i], *next; run; run = next) {
            next = run->next;
            free(run);
        }
    }
    free(tally->lost);
    free(tally);
}

void zf_tally_insn(struct zf_block *block, uint64_t word) {
    struct zf_tally *t = block->tally;
    if (!t->insns) {
        t->op = block->count;
        zf_emit(block, block->parallel ? ZF_OP_tally_shared : ZF_OP_tally);
    }
    uint64_t own =
        ~UINT64_C(0) << (64 - 8 * zf_insn_length(word)); /* without what comes after it */
    t->open[t->insns++] = (struct zf_tally_insn){.address = block->insn_pc, .word = word & own};
    t->insn_op = block->count;
}

static struct zf_tally_run **bucket_of(struct zf_tally *t) {
    uint64_t h = t->insns;
    for (uint32_t i = 0; i < t->insns; i++) {
        h = (h ^ t->open[i].address ^ t->open[i].word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return &t->buckets[h % BUCKETS];
}

static bool is_open_run(const struct zf_tally *t, const struct zf_tally_run *run) {
    bool same = run->insns == t->insns;
    for (uint32_t i = 0; same && i < run->insns; i++) {
        same = run->insn[i].address == t->open[i].address && run->insn[i].word == t->open[i].word;
    }
    return same;
}

/* The open run as it is kept. NULL: out of memory. */
static struct zf_tally_run *keep(struct zf_tally *t) {
    struct zf_tally_run **bucket = bucket_of(t), *run = *bucket;
    while (run && !is_open_run(t, run)) {
        run = run->next;
    }
    size_t size = t->insns * sizeof *run->insn;
    if (!run && (run = calloc(1, sizeof *run + size))) {
        run->insns = t->insns;
        memcpy(run->insn, t->open, size);
        run->next = *bucket;
        *bucket = run;
    }
    return run;
}

void zf_tally_block_end(struct zf_block *block) {
    struct zf_tally *t = block->tally;
    if (t->insns) {
        struct zf_tally_run *run = keep(t);
        block->ops[t->op].imm64 = (uintptr_t) & (run ? run : t->lost)->count;
        t->insns = 0;
    }
}

/* Whether control may go elsewhere and, at other times, to the next op. */
static bool may_leave(uint16_t op) {
    switch (op) {
    case ZF_OP_bcr:
    case ZF_OP_bc:
    case ZF_OP_bct:
    case ZF_OP_bctg:
    case ZF_OP_bxh:
    case ZF_OP_bxle:
    case ZF_OP_bxhg:
    case ZF_OP_bxleg:
        return true;
    default:
        return zf_op_specs[op].effects & ZF_EFFECT_BRANCH;
    }
}

void zf_tally_insn_end(struct zf_block *block) {
    bool leaves = block->counted; /* the limit may be reached anywhere */
    for (unsigned i = block->tally->insn_op; i < block->count; i++) {
        leaves |= may_leave(block->ops[i].op);
    }
    if (leaves) {
        zf_tally_block_end(block);
    }
}

void zf_tally_left(uint64_t *count, uint64_t pc, bool done) {
    struct zf_tally_run *run = (struct zf_tally_run *)count;
    for (uint32_t i = 0; i < run->insns; i++) {
        if (run->insn[i].address == pc && i + done < run->insns) {
            __atomic_fetch_add(&run->insn[i + done].left, 1, __ATOMIC_RELAXED);
            return;
        }
    }
}

void zf_tally_clear(struct zf_tally *tally) {
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct zf_tally_run *run = tally->buckets[i]; run; run = run->next) {
            run->count = 0;
            for (uint32_t n = 0; n < run->insns; n++) {
                run->insn[n].left = 0;
            }
        }
    }
}

void zf_tally_each(const struct zf_tally *tally,
                   void (*tell)(void *context, const struct zf_tally_run *run,
                                const struct zf_tally_insn *insn, uint64_t count),
                   void *context) {
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (const struct zf_tally_run *run = tally->buckets[i]; run; run = run->next) {
            uint64_t count = run->count;
            for (uint32_t n = 0; n < run->insns; n++) {
                count -= run->insn[n].left;
                if (count) {
                    tell(context, run, &run->insn[n], count);
                }
            }
        }
    }
}
