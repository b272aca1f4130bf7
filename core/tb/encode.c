/*
 * From a block's ops to uops in the arena, for the engine that will run them.
 */
#include "tb/cache.h"

static const struct {
    uint16_t first, second;
} pairs[] = {
#define PAIR(first, second) {ZF_OP_##first, ZF_OP_##second},
#include "interp/pair.def"
#undef PAIR
};

static void index_pairs(struct zf_tb_cache *tbs) {
    unsigned firsts = 0, seconds = 0;
    for (unsigned i = 0; i < ZF_PAIR_COUNT; i++) {
        uint8_t *first = &tbs->pair_first[pairs[i].first];
        uint8_t *second = &tbs->pair_second[pairs[i].second];
        *first = *first ? *first : (uint8_t)++firsts;
        *second = *second ? *second : (uint8_t)++seconds;
        ZF_ASSERT(firsts < PAIR_OPS && seconds < PAIR_OPS);
        tbs->pair_of[*first][*second] = (uint16_t)(i + 1);
    }
}

/* The handler that does both ops, or 0. */
static uintptr_t pair_handler(const struct zf_tb_cache *tbs, const uintptr_t *handlers,
                              uint16_t first, uint16_t second) {
    unsigned pair = tbs->pair_of[tbs->pair_first[first]][tbs->pair_second[second]];
    return pair ? handlers[ZF_OP_COUNT + pair - 1] : 0;
}

void zf_tb_choose_engines(struct zf_tb_cache *tbs, bool plain) {
    tbs->engines[ACCESS_LINEAR] = plain ? zf_switch_linear : zf_goto_linear;
    tbs->engines[ACCESS_TLB] = plain ? zf_switch_tlb : zf_goto_tlb;
    tbs->engines[ACCESS_ANY] = zf_switch_any; /* not hot: one form will do */
#ifdef ZF_WIDE_HOSTS
    if (!plain && __builtin_cpu_supports("x86-64-v3")) {
        tbs->engines[ACCESS_LINEAR] = zf_goto_linear_v3;
        tbs->engines[ACCESS_TLB] = zf_goto_tlb_v3;
    }
#endif
    for (unsigned i = 0; i < ACCESSES; i++) {
        tbs->engines[i](NULL, NULL, tbs->handlers[i]);
    }
    index_pairs(tbs);
}

/* Gives the first of two ops the pair's handler; both keep their own uop. */
static void pair_up(const struct zf_tb_cache *tbs, const uintptr_t *handlers, struct zf_uop *uop,
                    const struct zf_block *block) {
    for (unsigned i = 0; i + 1 < block->count; i++) {
        uintptr_t handler = pair_handler(tbs, handlers, block->ops[i].op, block->ops[i + 1].op);
        if (handler) {
            uop[i].handler = handler;
            i++;
        }
    }
}

void zf_tb_encode(struct zf_tb_cache *tbs, struct block_record *record,
                  const struct zf_block *block) {
    const uintptr_t *handlers = tbs->handlers[access_of(tbs->machine, block->mode)];
    struct zf_uop *uop = &tbs->uops[record->uop];
    struct zf_uop *stub = uop + block->count;
    for (unsigned i = 0; i < block->count; i++, uop++) {
        const struct zf_ir *ir = &block->ops[i];
        *uop = (struct zf_uop){.handler = handlers[ir->op],
                               .a = ir->a,
                               .b = ir->b,
                               .i16 = ir->i16,
                               .place = ir->place,
                               .imm64 = ir->imm64};
        if (zf_op_specs[ir->op].effects & ZF_EFFECT_BRANCH) {
            *stub = (struct zf_uop){.handler = handlers[ZF_OP_chain],
                                    .distance = (uint32_t)(stub - uop),
                                    .place = ir->place,
                                    .imm64 = ir->target};
            uop->imm2 = (int32_t)((char *)stub - (char *)uop);
            stub++;
        }
    }
    record->count = block->count;
    pair_up(tbs, handlers, &tbs->uops[record->uop], block);
    tbs->uops_used = (uint32_t)(stub - tbs->uops);
}
