/*
 * Blocks are kept by what they are, address and words, in a hash table: a block that is translated
 * anew finds its counts. While a block grows it is in `open`, and its ops not yet told where to
 * count.
 */
#include "zfacet/tally.h"

#include <stdlib.h>

enum { BUCKETS = 1 << 16, ROOM = ZF_BLOCK_INSNS + 1 };

struct counted {
    struct counted *next;
    uint32_t insns;
    struct zf_tally_insn insn[]; /* and one more, which ends it */
};

struct zf_tally {
    struct counted *buckets[BUCKETS];
    unsigned insn_op; /* first op of the instruction */
    uint32_t insns;   /* of the open block */
    bool in_run, block_over;
    struct zf_tally_insn open[ROOM];
    uint16_t op[ROOM];    /* where a run begins: its op in the block */
    uint32_t ways;        /* that have a number; 0 is none's */
    struct counted *lost; /* counts what there is no memory for, of no instructions */
};

static struct counted *create(uint32_t insns) {
    size_t size = (insns + 1) * sizeof(struct zf_tally_insn);
    struct counted *counted = calloc(1, sizeof *counted + size);
    if (counted) {
        counted->insns = insns;
        counted->insn[insns] =
            (struct zf_tally_insn){.begins = true, .begins_block = true, .end = true};
    }
    return counted;
}

struct zf_tally *zf_tally_create(void) {
    struct zf_tally *tally = calloc(1, sizeof *tally);
    if (tally && !(tally->lost = create(0))) {
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
        for (struct counted *counted = tally->buckets[i], *next; counted; counted = next) {
            next = counted->next;
            free(counted);
        }
    }
    free(tally->lost);
    free(tally);
}

void zf_tally_insn(struct zf_block *block, uint64_t word) {
    struct zf_tally *t = block->tally;
    struct zf_tally_insn *insn = &t->open[t->insns];
    uint64_t own =
        ~UINT64_C(0) << (64 - 8 * zf_insn_length(word)); /* without what comes after it */
    *insn =
        (struct zf_tally_insn){.address = block->insn_pc, .word = word & own, .begins = !t->in_run};
    insn->begins_block = !t->insns || t->block_over;
    t->block_over = false;
    if (!t->in_run) {
        t->op[t->insns] = (uint16_t)block->count;
        t->in_run = true;
        zf_emit(block, block->parallel ? ZF_OP_tally_shared : ZF_OP_tally);
    }
    t->insns++;
    t->insn_op = block->count;
}

static struct counted **bucket_of(struct zf_tally *t) {
    uint64_t h = t->insns;
    for (uint32_t i = 0; i < t->insns; i++) {
        h = (h ^ t->open[i].address ^ t->open[i].word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return &t->buckets[h % BUCKETS];
}

static bool is_open(const struct zf_tally *t, const struct counted *counted) {
    bool same = counted->insns == t->insns;
    for (uint32_t i = 0; same && i < counted->insns; i++) {
        const struct zf_tally_insn *a = &counted->insn[i], *b = &t->open[i];
        same = a->address == b->address && a->word == b->word && a->begins == b->begins &&
               a->begins_block == b->begins_block;
    }
    return same;
}

/* The open block as it is kept. NULL: out of memory. */
static struct counted *keep(struct zf_tally *t) {
    struct counted **bucket = bucket_of(t), *counted = *bucket;
    while (counted && !is_open(t, counted)) {
        counted = counted->next;
    }
    if (!counted && (counted = create(t->insns))) {
        memcpy(counted->insn, t->open, t->insns * sizeof *counted->insn);
        counted->next = *bucket;
        *bucket = counted;
    }
    return counted;
}

void zf_tally_block_end(struct zf_block *block) {
    struct zf_tally *t = block->tally;
    struct counted *counted = keep(t);
    block->tallied = counted && t->ways + t->insns < ZF_CPU_WAYS ? counted->insn : NULL;
    for (uint32_t i = 0; i < t->insns; i++) {
        if (t->open[i].begins) {
            block->ops[t->op[i]].imm64 =
                (uintptr_t) & (counted ? &counted->insn[i] : t->lost->insn)->begun;
        }
    }
    t->insns = 0;
    t->in_run = t->block_over = false;
}

bool zf_tally_leaves(uint16_t op) {
    switch (op) {
    case ZF_OP_br:
    case ZF_OP_bx:
    case ZF_OP_bc:
    case ZF_OP_bct:
    case ZF_OP_bctg:
    case ZF_OP_bxh:
    case ZF_OP_bxle:
    case ZF_OP_bxhg:
    case ZF_OP_bxleg:
        return true;
    default:
        return false;
    }
}

void zf_tally_insn_end(struct zf_block *block) {
    struct zf_tally *t = block->tally;
    bool leaves = block->counted; /* the limit may be reached anywhere */
    for (unsigned i = t->insn_op; i < block->count; i++) {
        uint16_t op = block->ops[i].op;
        t->block_over |= zf_tally_leaves(op);
        leaves |= op == ZF_OP_bcr || zf_op_specs[op].effects & ZF_EFFECT_BRANCH;
    }
    t->in_run &= !leaves && !t->block_over;
}

/* The instruction at `pc` in the run, or the whole block, that begins with `insn`, or NULL. */
static struct zf_tally_insn *find(struct zf_tally_insn *insn, uint64_t pc, bool run) {
    const struct zf_tally_insn *first = insn;
    while (!insn->end && insn->address != pc && !(run && insn != first && insn->begins)) {
        insn++;
    }
    bool found = insn->address == pc && !insn->end && !(run && insn != first && insn->begins);
    return found ? insn : NULL;
}

static void count(uint64_t *counter) {
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

void zf_tally_left(uint64_t *begun, uint64_t pc, bool done) {
    void *run = (char *)begun - offsetof(struct zf_tally_insn, begun);
    struct zf_tally_insn *insn = find(run, pc, true);
    if (insn && !(done && insn[1].begins)) {
        count(&insn[done].left);
    }
}

uint32_t zf_tally_way(struct zf_tally *tally, struct zf_tally_insn *block, uint64_t pc) {
    struct zf_tally_insn *insn = find(block, pc, false);
    if (insn && !insn->way) {
        insn->way = ++tally->ways;
    }
    return insn ? insn->way : 0;
}

void zf_tally_passed(struct zf_tally_insn *block, uint64_t pc, bool done) {
    struct zf_tally_insn *insn = find(block, pc, false);
    if (insn && (done || !insn->begins_block)) {
        count(&(done ? insn : insn - 1)->passed);
    }
}

/* What is 0 may have no memory yet, and need not get any. */
static void clear_ways(struct zf_cpu *cpu, uint32_t last) {
    for (uint32_t way = 1; way <= last; way++) {
        if (cpu->ways[way]) {
            cpu->ways[way] = 0;
        }
    }
}

void zf_tally_clear(struct zf_tally *tally, const struct zf_cpus *cpus) {
    for (unsigned i = 0; i < cpus->count; i++) {
        clear_ways(cpus->cpu[i], tally->ways);
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (struct counted *counted = tally->buckets[i]; counted; counted = counted->next) {
            for (uint32_t n = 0; n < counted->insns; n++) {
                struct zf_tally_insn *insn = &counted->insn[n];
                insn->begun = insn->left = insn->passed = 0;
            }
        }
    }
}

/* So often its block was left after `insn`. */
static uint64_t count_way(const struct zf_tally_insn *insn, const struct zf_cpus *cpus) {
    uint64_t count = insn->passed;
    for (unsigned i = 0; insn->way && i < cpus->count; i++) {
        count += cpus->cpu[i]->ways[insn->way];
    }
    return count;
}

/* So often the block that begins with `insn` was left. */
static uint64_t count_ways(const struct zf_tally_insn *insn, const struct zf_cpus *cpus) {
    uint64_t ways = 0;
    do {
        ways += count_way(insn, cpus);
        insn++;
    } while (!insn->begins_block);
    return ways;
}

void zf_tally_each(const struct zf_tally *tally, const struct zf_cpus *cpus,
                   void (*tell)(void *context, const struct zf_tally_insn *insn, uint64_t count),
                   void *context) {
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (const struct counted *counted = tally->buckets[i]; counted; counted = counted->next) {
            uint64_t run = 0, ways = 0;
            for (const struct zf_tally_insn *insn = counted->insn; !insn->end; insn++) {
                run = (insn->begins ? insn->begun : run) - insn->left;
                ways = insn->begins_block ? count_ways(insn, cpus) : ways;
                if (run + ways) {
                    tell(context, insn, run + ways);
                }
                ways -= count_way(insn, cpus);
            }
        }
    }
}
