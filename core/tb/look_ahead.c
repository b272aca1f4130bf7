/*
 * Whether the condition code is needed where a block goes on: a few instructions of the code there
 * tell in most cases. The block then rests on these instructions too, and is dropped with them.
 */
#include "cache.h"

enum { LOOK_AHEAD_INSNS = 4 };

/* Reads on from a branch target until the CC's fate is known, within one page. */
static bool cc_overwritten(struct zf_block *block, uint64_t target, uint64_t *end) {
    const struct zf_frontend *frontend = &block->cpu->tbs->config.frontend;
    for (unsigned i = 0; i < LOOK_AHEAD_INSNS; i++) {
        uint64_t word;
        unsigned length;
        if (!zf_block_fetch(block, target, &word, &length)) {
            block->cpu->pgm = (struct zf_pgm){0};
            return false;
        }
        target += length;
        if (((target - 1) ^ block->pc) & ZF_PAGE_MASK) {
            return false;
        }
        enum zf_cc_use use = frontend->cc_use(frontend->context, block, word);
        if (use != ZF_CC_PASSES) {
            *end = target;
            return use == ZF_CC_OVERWRITTEN;
        }
    }
    return false;
}

/* The block then rests on the code ahead too: all such code of a block is filed as one range. */
bool zf_tb_cc_needed_at(struct zf_block *block, uint64_t target) {
    struct zf_tb_cache *tbs = block->cpu->tbs;
    uint64_t end;
    if (!tbs->config.frontend.cc_use || (target ^ block->pc) & ZF_PAGE_MASK || target & 1 ||
        !cc_overwritten(block, target, &end)) {
        return true;
    }
    uint16_t first = (uint16_t)(target & ~ZF_PAGE_MASK);
    uint16_t last = (uint16_t)((end - 1) & ~ZF_PAGE_MASK);
    if (!tbs->look_ahead_used) {
        tbs->look_ahead = (struct source){.first = first, .last = last};
        tbs->look_ahead_used = true;
    } else {
        tbs->look_ahead.first = first < tbs->look_ahead.first ? first : tbs->look_ahead.first;
        tbs->look_ahead.last = last > tbs->look_ahead.last ? last : tbs->look_ahead.last;
    }
    return false;
}
