/*
 * From a block's ops to uops, for the engine that will run them.
 */
#include "interp.h"

#include "zfacet/reserve.h"

static const struct {
    uint16_t first, second;
} pairs[] = {
#define PAIR(first, second) {ZF_OP_##first, ZF_OP_##second},
#include "pair.def"
#undef PAIR
};

static void index_pairs(struct interp *interp) {
    unsigned firsts = 0, seconds = 0;
    for (unsigned i = 0; i < ZF_PAIR_COUNT; i++) {
        uint8_t *first = &interp->pair_first[pairs[i].first];
        uint8_t *second = &interp->pair_second[pairs[i].second];
        *first = *first ? *first : (uint8_t)++firsts;
        *second = *second ? *second : (uint8_t)++seconds;
        ZF_ASSERT(firsts < PAIR_OPS && seconds < PAIR_OPS);
        interp->pair_of[*first][*second] = (uint16_t)(i + 1);
    }
}

/* The handler that does both ops, or 0. */
static uintptr_t pair_handler(const struct interp *interp, const uintptr_t *handlers,
                              uint16_t first, uint16_t second) {
    unsigned pair = interp->pair_of[interp->pair_first[first]][interp->pair_second[second]];
    return pair ? handlers[ZF_HANDLER_PAIRS + pair - 1] : 0;
}

static void index_registers(struct interp *interp) {
    for (unsigned op = 0; op < ZF_OP_COUNT; op++) {
        for (unsigned i = 0; i < 4; i++) {
            uint8_t kind = zf_op_specs[op].operand[i].kind;
            bool scaled =
                kind == ZF_OPERAND_VR || kind == ZF_OPERAND_FPR || kind == ZF_OPERAND_FPR_SHORT;
            interp->scaled[op] |= scaled ? UINT32_C(0xff) << 8 * i : 0;
        }
    }
}

void zf_interp_choose_engines(struct interp *interp, bool plain) {
#ifdef ZF_WIDE_HOSTS_ONLY
    plain = plain || !__builtin_cpu_supports("x86-64-v3");
#endif
    interp->engines[ACCESS_LINEAR] = plain ? zf_switch_linear : zf_goto_linear;
    interp->engines[ACCESS_TLB] = plain ? zf_switch_tlb : zf_goto_tlb;
    interp->engines[ACCESS_ANY] = zf_switch_any; /* not hot: one form will do */
#ifdef ZF_WIDE_HOSTS
    if (!plain && __builtin_cpu_supports("x86-64-v3")) {
        interp->engines[ACCESS_LINEAR] = zf_goto_linear_v3;
        interp->engines[ACCESS_TLB] = zf_goto_tlb_v3;
    }
#endif
    index_pairs(interp);
    index_registers(interp);
}

/* An engine is asked when the first block needs it: most guests need one of the three, and what is
 * not touched need not be loaded. */
static const uintptr_t *handlers_of(struct interp *interp, enum access access) {
    if (!interp->asked[access]) {
        interp->engines[access](NULL, NULL, interp->handlers[access]);
        __atomic_store_n(&interp->asked[access], true, __ATOMIC_RELEASE);
    }
    return interp->handlers[access];
}

/* Gives the first of two ops the pair's handler; both keep their own uop. */
static void pair_up(const struct interp *interp, const uintptr_t *handlers, struct zf_uop *uop,
                    const struct zf_block *block) {
    for (unsigned i = 0; i + 1 < block->count; i++) {
        uintptr_t handler = pair_handler(interp, handlers, block->ops[i].op, block->ops[i + 1].op);
        if (handler && !(uop[i + 1].place & PLACE_MAY_LEAVE)) {
            uop[i].handler = handler;
            i++;
        }
    }
}

/* Operands that are vector or floating-point registers, as the engines have them. */
static void scale_registers(const struct interp *interp, uint16_t op, struct zf_uop *uop) {
    uint32_t operands, scaled = interp->scaled[op];
    memcpy(&operands, &uop->a, sizeof operands);
    operands = (operands & ~scaled) | (operands & scaled) << 3;
    memcpy(&uop->a, &operands, sizeof operands);
}

/* What counts how often the block is executed, where that matters; returns where its ops go. */
static struct zf_uop *put_heat(const struct interp *interp, const struct zf_block *block,
                               struct zf_uop *uop) {
    if (!interp->heat || block->execute_length || block->mode & ZF_MODE_PER) {
        return uop;
    }
    *uop = (struct zf_uop){.handler =
                               interp->handlers[access_of(interp, block->mode)][ZF_HANDLER_HEAT],
                           .distance = interp->heat,
                           .place = block->ops[0].place | PLACE_MAY_LEAVE,
                           .imm64 = block->pc};
    return uop + 1;
}

static void widen(const struct interp *interp) {
    zf_reserve_widen(interp->uops, UOPS * sizeof *interp->uops,
                     interp->uops_used * sizeof *interp->uops);
    zf_reserve_widen(interp->starts, STARTS * sizeof *interp->starts,
                     interp->starts_used * sizeof *interp->starts);
}

void zf_interp_encode(struct zf_tier *tier, const struct zf_block *block, struct zf_code *code) {
    const uint16_t fused = ZF_EFFECT_FAULTS | ZF_EFFECT_BRANCH;
    struct interp *interp = (struct interp *)tier;
    const uintptr_t *handlers = handlers_of(interp, access_of(interp, block->mode));
    struct zf_uop *first = &interp->uops[interp->uops_used];
    struct zf_uop *uop = put_heat(interp, block, first);
    struct zf_uop *stub = uop + block->count, *ops = uop;
    bool stored = false;
    for (unsigned i = 0; i < block->count; i++, uop++) {
        const struct zf_ir *ir = &block->ops[i];
        *uop = (struct zf_uop){.handler = handlers[ir->op],
                               .a = ir->a,
                               .b = ir->b,
                               .i16 = ir->i16,
                               .place = ir->place,
                               .imm64 = ir->imm64};
        scale_registers(interp, ir->op, uop);
        uop->place |= (zf_op_specs[ir->op].effects & fused) == fused ? PLACE_FUSED : 0;
        if (uop == first || (stored && ir->place != ir[-1].place)) {
            uop->place |= PLACE_MAY_LEAVE;
            stored = false;
        }
        stored |= zf_op_specs[ir->op].effects & (ZF_EFFECT_STORES | ZF_EFFECT_HELPER);
        if (zf_op_specs[ir->op].effects & ZF_EFFECT_BRANCH) {
            *stub = (struct zf_uop){.handler = handlers[ZF_HANDLER_CHAIN],
                                    .distance = (uint32_t)(stub - uop),
                                    .place = ir->place,
                                    .imm64 = ir->target};
            uop->imm2 = (int32_t)((char *)stub - (char *)uop);
            stub++;
        }
    }
    pair_up(interp, handlers, ops, block);
    interp->starts[interp->starts_used] = (struct start){interp->uops_used, code->block};
    __atomic_store_n(&interp->starts_used, interp->starts_used + 1, __ATOMIC_RELEASE);
    if (interp->starts_used == ZF_RESERVE_MANY) {
        widen(interp);
    }
    __atomic_store_n(&interp->uops_used, (uint32_t)(stub - interp->uops), __ATOMIC_RELAXED);
    code->entry = first;
    code->length = (uint32_t)(ops - first) + block->count;
}
