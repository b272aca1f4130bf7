/*
 * The interpreters as a tier: uops in one arena, chained by the distance that a branch's uop holds.
 */
#include "zfacet/interp.h"

#include "interp.h"
#include "zfacet/reserve.h"

#include <stdlib.h>

static void destroy(struct zf_tier *tier) {
    struct interp *interp = (struct interp *)tier;
    zf_reserve_end(interp->uops, UOPS * sizeof *interp->uops);
    zf_reserve_end(interp->starts, STARTS * sizeof *interp->starts);
    free(interp);
}

static bool full(const struct zf_tier *tier) {
    const struct interp *interp = (const struct interp *)tier;
    return __atomic_load_n(&interp->uops_used, __ATOMIC_RELAXED) + 3 * ZF_BLOCK_OPS > UOPS ||
           __atomic_load_n(&interp->starts_used, __ATOMIC_RELAXED) + 1 > STARTS;
}

static void flush(struct zf_tier *tier) {
    struct interp *interp = (struct interp *)tier;
    interp->uops_used = 1;
    interp->starts_used = 0;
}

static void drop(struct zf_tier *tier, const struct zf_code *code) {
    struct interp *interp = (struct interp *)tier;
    const uintptr_t *handlers = interp->handlers[access_of(interp, code->mode)];
    struct zf_uop *uop = code->entry;
    for (uint32_t i = 0; i < code->length; i++) {
        if (uop[i].place & PLACE_MAY_LEAVE) {
            bool heat = uop[i].handler == handlers[ZF_HANDLER_HEAT];
            __atomic_store_n(&uop[i].handler, handlers[heat ? ZF_HANDLER_MOVED : ZF_HANDLER_STALE],
                             __ATOMIC_RELAXED);
        }
    }
}

static void link(struct zf_tier *tier, const struct zf_code *from, const struct zf_code *to) {
    struct interp *interp = (struct interp *)tier;
    struct zf_uop *uop = from->entry;
    uop->handler = interp->handlers[access_of(interp, from->mode)][ZF_OP_go_on];
    uop->imm2 = (int32_t)((const char *)to->entry - (const char *)uop);
}

/* Each time counts for several executions. */
static void approached(struct zf_tier *tier, const struct zf_code *code) {
    enum { WEIGHT = 32 };
    const struct interp *interp = (const struct interp *)tier;
    struct zf_uop *uop = code->entry;
    if (__atomic_load_n(&uop->handler, __ATOMIC_RELAXED) ==
        interp->handlers[access_of(interp, code->mode)][ZF_HANDLER_HEAT]) {
        uint32_t left = __atomic_load_n(&uop->distance, __ATOMIC_RELAXED);
        __atomic_store_n(&uop->distance, left > WEIGHT ? left - WEIGHT : 1, __ATOMIC_RELAXED);
    }
}

static enum zf_exit run(struct zf_tier *tier, struct zf_cpu *cpu, const struct zf_code *code) {
    struct interp *interp = (struct interp *)tier;
    cpu->code_base = interp->uops;
    return interp->engines[access_of(interp, code->mode)](cpu, code->entry, NULL);
}

struct zf_tier *zf_interp_create(struct zf_tb_cache *tbs, const struct zf_interp_config *config,
                                 struct zf_error *err) {
    struct interp *interp = calloc(1, sizeof *interp);
    if (!interp) {
        zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the interpreter");
        return NULL;
    }
    interp->tier = (struct zf_tier){
        .name = "interpreter",
        .destroy = destroy,
        .full = full,
        .encode = zf_interp_encode,
        .drop = drop,
        .link = link,
        .approached = approached,
        .flush = flush,
        .run = run,
        .place = zf_interp_place,
        .branch = zf_interp_branch,
        .next = zf_interp_next,
        .faulted = zf_interp_faulted,
    };
    interp->tbs = tbs;
    interp->linear = config->linear;
    interp->heat = config->heat;
    interp->uops = zf_reserve(UOPS * sizeof *interp->uops, 0);
    interp->starts = zf_reserve(STARTS * sizeof *interp->starts, 0);
    if (!interp->uops || !interp->starts) {
        zf_fail(err, ZF_ERROR_MEMORY, "no address space for the interpreter's code");
        destroy(&interp->tier);
        return NULL;
    }
    zf_interp_choose_engines(interp, config->plain);
    flush(&interp->tier);
    return &interp->tier;
}
