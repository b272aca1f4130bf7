/*
 * The guest's code as it is translated: blocks, their ops, how often they are seen at work.
 */
#include "inspect/watch_state.h"

#include <stdlib.h>
#include <string.h>

enum { PROBES = 8, HEAT_SLOTS = 10 };

/* The block at `pc`; or where it can go, in place of the one that was seen least. */
static struct zf_kept *find(struct zf_watch *w, uint64_t pc) {
    uint64_t hash = (pc >> 1) * UINT64_C(0x9e3779b97f4a7c15) >> 40;
    struct zf_kept *least = NULL;
    for (unsigned i = 0; i < PROBES; i++) {
        struct zf_kept *kept = &w->kept[(hash + i) % ZF_WATCH_KEPT];
        if (!kept->number || kept->block.pc == pc) {
            return kept;
        }
        if (!least || kept->block.seen < least->block.seen) {
            least = kept;
        }
    }
    return least;
}

/* While stepping, each rest of a block is translated anew: no block of its own. */
static bool is_rest(const struct zf_watch *w, const struct zf_block *block) {
    for (unsigned i = 0; zf_watch_stepping(w) && i < ZF_WATCH_KEPT; i++) {
        const struct zf_watch_block *other = &w->kept[i].block;
        if (other->pc < block->pc && block->pc < other->end && other->end == block->end) {
            return true;
        }
    }
    return false;
}

static void count_need(struct zf_watch_block *block, uint8_t bit) {
    for (unsigned i = 0; i < block->needs; i++) {
        if (block->facility[i] == bit) {
            block->count[i] += block->count[i] < UINT8_MAX;
            return;
        }
    }
    if (block->needs < ZF_WATCH_NEEDS) {
        block->facility[block->needs] = bit;
        block->count[block->needs++] = 1;
    }
}

static void keep_block(struct zf_watch *w, const struct zf_block *block) {
    struct zf_kept *kept = find(w, block->pc);
    struct zf_pgm pgm = block->cpu->pgm;
    uint64_t address = block->pc, word;
    unsigned length;
    if (is_rest(w, block)) {
        return;
    }
    if (!kept->number || kept->block.pc != block->pc) {
        *kept = (struct zf_kept){.number = ++w->now.blocks_total};
    }
    kept->block.pc = block->pc;
    kept->block.end = block->end;
    kept->block.insns = block->insns;
    kept->block.needs = 0;
    while (address < block->end && zf_block_fetch(block, address, &word, &length)) {
        const struct zf_row_info *info = zf_row_get(zf_decode_id(word));
        for (unsigned i = 0; i < info->facility.count; i++) {
            count_need(&kept->block, info->facility.bit[i]);
        }
        address += length;
    }
    block->cpu->pgm = pgm;
}

static void keep_ops(struct zf_watch *w, const struct zf_block *block) {
    struct zf_ops_of *ops = &w->ops[w->ops_used++ % (sizeof w->ops / sizeof w->ops[0])];
    ops->pc = block->pc;
    ops->end = block->end;
    ops->count = block->count < ZF_WATCH_OPS ? block->count : ZF_WATCH_OPS;
    for (unsigned i = 0; i < ops->count; i++) {
        zf_ir_print(block, &block->ops[i], ops->lines[i], sizeof ops->lines[i]);
        char *immediate = strstr(ops->lines[i], " imm=");
        if (immediate && strstr(ops->lines[i], " call")) {
            *immediate = 0; /* an address of the host's */
        }
    }
}

/* Code is looked at when it is translated, never when it runs. */
void zf_watch_translated(void *context, const struct zf_block *block) {
    struct zf_watch *w = context;
    if (!block->execute_length) {
        pthread_mutex_lock(&w->gather);
        keep_block(w, block);
        if (zf_watch_stepping(w)) {
            keep_ops(w, block);
        }
        pthread_mutex_unlock(&w->gather);
    }
}

/* The block that has `address` in it, not at its beginning, or ends there. */
static const struct zf_watch_block *block_before(const struct zf_watch *w, uint64_t address) {
    for (unsigned i = 0; i < ZF_WATCH_KEPT; i++) {
        const struct zf_watch_block *block = &w->kept[i].block;
        if (w->kept[i].number && block->pc < address && address <= block->end) {
            return block;
        }
    }
    return NULL;
}

uint64_t zf_watch_code_before(const struct zf_watch *w, uint64_t address) {
    enum { BYTES = 60 };
    const struct zf_watch_block *block;
    uint64_t from = address;
    while ((block = block_before(w, from)) && address - block->pc <= BYTES) {
        from = block->pc;
    }
    return from;
}

/* Moves a block's heat on to the present. */
static void cool(const struct zf_watch *w, struct zf_watch_block *block) {
    uint64_t unit = w->slot / HEAT_SLOTS, steps = unit - block->unit;
    block->unit = unit;
    for (steps = steps > ZF_WATCH_HEAT ? ZF_WATCH_HEAT : steps; steps > 0; steps--) {
        memmove(block->heat, block->heat + 1, sizeof block->heat - sizeof block->heat[0]);
        block->heat[ZF_WATCH_HEAT - 1] = 0;
    }
}

void zf_watch_count(struct zf_watch *w, uint64_t address) {
    struct zf_kept *kept = find(w, address);
    w->now.seen[zf_watch_slot(w)]++;
    if (kept->number && kept->block.pc == address) {
        cool(w, &kept->block);
        kept->block.seen++;
        kept->block.heat[ZF_WATCH_HEAT - 1]++;
    }
}

static int by_use(const void *a, const void *b) {
    const struct zf_kept *x = *(const struct zf_kept *const *)a;
    const struct zf_kept *y = *(const struct zf_kept *const *)b;
    if (x->block.seen != y->block.seen) {
        return x->block.seen < y->block.seen ? 1 : -1;
    }
    return (x->number < y->number) - (x->number > y->number);
}

void zf_watch_copy_blocks(struct zf_watch *w) {
    struct zf_kept *used[ZF_WATCH_KEPT];
    struct zf_shot *now = &w->now;
    unsigned count = 0;
    for (unsigned i = 0; i < ZF_WATCH_KEPT; i++) {
        if (w->kept[i].number) {
            used[count++] = &w->kept[i];
        }
    }
    qsort(used, count, sizeof *used, by_use);
    now->block_count = count < ZF_WATCH_BLOCKS ? count : ZF_WATCH_BLOCKS;
    for (unsigned i = 0; i < now->block_count; i++) {
        cool(w, &used[i]->block);
        now->blocks[i] = used[i]->block;
    }
    now->op_count = 0;
    for (unsigned i = 0; i < sizeof w->ops / sizeof w->ops[0]; i++) {
        const struct zf_ops_of *ops = &w->ops[i];
        if (ops->pc <= now->psw_addr && now->psw_addr < ops->end) {
            memcpy(now->ops, ops->lines, sizeof now->ops);
            now->op_count = ops->count;
        }
    }
}
