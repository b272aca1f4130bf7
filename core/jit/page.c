/*
 * Pages that several accesses share. Accesses of a block by one base register, which does not
 * change between them, are as a rule in one page: the first of them looks for the page of all, and
 * leaves it in a host register. When that was not found (they are in two pages, or the TLB does not
 * have it, or not for all of them), the register has zero, and each access looks for its own, out
 * of line; so exceptions, stores to pages with code, and what else has no tags come as ever. What
 * is known lasts until code comes that may change it: at most to the block's end.
 */
#include "x86.h"

/* Accesses further apart share no page: it would be two pages too often. */
enum { MOST_APART = 512, AHEAD = 48 };

static const uint8_t hosts[SHARED_PAGES] = {HOST_LAST, HOST_LINEAR};

void zf_jit_forget_pages(struct emitter *e) {
    for (unsigned i = 0; i < SHARED_PAGES; i++) {
        e->shared[i].base = ZF_REG_ZERO;
    }
}

static bool changes(const struct zf_ir *ir, uint8_t base) {
    struct zf_register_set reads, writes;
    zf_ir_accesses(ir, &reads, &writes);
    return writes.gr & 1u << (base == ZF_REG_SCRATCH ? ZF_GR_SCRATCH : base / 8u);
}

void zf_jit_forget_pages_of(struct emitter *e, const struct zf_ir *ir) {
    for (unsigned i = 0; i < SHARED_PAGES; i++) {
        if (e->shared[i].base != ZF_REG_ZERO && changes(ir, e->shared[i].base)) {
            e->shared[i].base = ZF_REG_ZERO;
        }
    }
}

void zf_jit_drop_page(struct emitter *e, unsigned page) {
    zf_x86_rr(e, X_XOR, page, page);
}

void zf_jit_drop_pages(struct emitter *e) {
    for (unsigned i = 0; i < SHARED_PAGES && e->access == ACCESS_TLB; i++) {
        zf_jit_drop_page(e, hosts[i]);
    }
}

/* One that is not needed any more, else the one that is not needed for longest. */
static unsigned choose(const struct emitter *e) {
    unsigned best = 0;
    for (unsigned i = 0; i < SHARED_PAGES; i++) {
        const struct shared_page *page = &e->shared[i];
        if (page->base == ZF_REG_ZERO || page->until <= e->op) {
            return i;
        }
        best = page->until > e->shared[best].until ? i : best;
    }
    return best;
}

unsigned zf_jit_take_page(struct emitter *e) {
    unsigned i = choose(e);
    e->shared[i].base = ZF_REG_ZERO;
    return hosts[i];
}

/* By base and displacement alone. */
static bool is_based(const struct zf_ir *ir) {
    bool indexed = zf_op_specs[ir->op].operand[2].kind == ZF_OPERAND_GR && ir->x != ZF_REG_ZERO;
    return ir->b != ZF_REG_ZERO && !indexed;
}

/* With another access; false: that is too far from the others. */
static bool extend(struct shared_page *page, int32_t disp, unsigned kind) {
    int32_t last = disp + (int32_t)zf_jit_access_size(kind) - 1;
    int32_t from = disp < page->first ? disp : page->first;
    int32_t to = last > page->last ? last : page->last;
    if (to - from >= MOST_APART) {
        return false;
    }
    page->first = from;
    page->last = to;
    page->read |= !zf_jit_stores(kind);
    page->write |= zf_jit_stores(kind);
    return true;
}

/* Of the access of the current op, and those that may follow. */
static struct shared_page look_ahead(const struct emitter *e, const struct zf_host_access *a) {
    const struct zf_ir *ir = &e->block->ops[e->op];
    struct shared_page page = {.base = ir->b, .first = a->disp, .last = a->disp, .until = e->op};
    extend(&page, a->disp, a->kind);
    for (unsigned i = e->op; i + 1 < e->block->count && i < e->op + AHEAD; i++) {
        const struct zf_ir *next = &e->block->ops[i + 1];
        if (changes(&e->block->ops[i], page.base) ||
            zf_op_specs[next->op].effects & ZF_EFFECT_HELPER) {
            break;
        }
        unsigned kind = zf_jit_access_of(next);
        if (kind != NO_ACCESS && next->b == page.base && is_based(next) &&
            extend(&page, next->imm, kind)) {
            page.until = i + 1;
        }
    }
    return page;
}

/* The host register for the page, when it is known for such an access; else 0. */
static unsigned known_page(const struct emitter *e, const struct zf_host_access *a) {
    const struct zf_ir *ir = &e->block->ops[e->op];
    const bool store = zf_jit_stores(a->kind);
    const int32_t last = a->disp + (int32_t)zf_jit_access_size(a->kind) - 1;
    for (unsigned i = 0; i < SHARED_PAGES; i++) {
        const struct shared_page *page = &e->shared[i];
        if (ir->b == page->base && is_based(ir) && (store ? page->write : page->read) &&
            a->disp >= page->first && last <= page->last) {
            return hosts[i];
        }
    }
    return 0;
}

/* The page is known, unless it was not found. */
static void use_page(struct emitter *e, unsigned page, struct far_access *far) {
    far->page = (uint8_t)page;
    far->shared = true;
    zf_x86_rr(e, X_TEST | X_64, page, page);
    far->site[0] = zf_x86_jump(e, IF_EQUAL);
    far->site[1] = 0;
}

/* Finds the page of an access alone, where its address is not a base and a displacement. */
static void find_own(struct emitter *e, const struct zf_host_access *a, struct far_access *far) {
    const bool store = zf_jit_stores(a->kind);
    const struct zf_page_part part = {
        {a->base, RSP, a->disp}, zf_jit_access_size(a->kind), !store, store};
    far->page = (uint8_t)(a->base == RSP ? RDX : zf_jit_take_page(e));
    far->shared = false;
    zf_jit_find_page(e, &part, far->page, far->site);
}

void zf_jit_share_page(struct emitter *e, const struct zf_host_access *a, struct far_access *far) {
    const unsigned known = known_page(e, a), i = choose(e);
    if (known) {
        use_page(e, known, far);
        return;
    }
    if (!is_based(&e->block->ops[e->op])) {
        find_own(e, a, far);
        return;
    }
    struct shared_page *page = &e->shared[i];
    *page = look_ahead(e, a);
    const struct zf_page_part part = {{a->base, RSP, page->first},
                                      (unsigned)(page->last - page->first + 1),
                                      page->read,
                                      page->write};
    far->page = hosts[i];
    far->shared = page->until > e->op;
    zf_jit_find_page(e, &part, hosts[i], far->site);
    if (!far->shared) {
        page->base = ZF_REG_ZERO;
    }
}
