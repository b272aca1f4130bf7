/*
 * Lowerings of what is from storage to storage and at most as long as a general register: compares,
 * moves, and clearing. Operands that overlap are left to the stencil.
 */
#include "x86.h"

#include "zfacet/op.h"

enum { LONGEST = sizeof(uint64_t) };

/* It can be accessed at once, like an operand of so many bytes. */
static bool is_short(unsigned length) {
    return length <= LONGEST && !(length & (length - 1));
}

static unsigned kind_of(const unsigned *kinds, unsigned length) {
    return kinds[__builtin_ctz(length)];
}

static const unsigned loads[] = {ACCESS_LOAD8, ACCESS_LOAD16, ACCESS_LOAD32, ACCESS_LOAD64};
static const unsigned stores[] = {ACCESS_STORE8, ACCESS_STORE16, ACCESS_STORE32, ACCESS_STORE64};
static const unsigned sets[] = {ACCESS_SET8, ACCESS_SET16, ACCESS_SET32, ACCESS_SET64};

static void access_at(struct emitter *e, unsigned kind, unsigned reg, unsigned base, int32_t disp) {
    const struct zf_host_access access = {
        .kind = (uint8_t)kind, .base = (uint8_t)base, .reg = (uint8_t)reg, .disp = disp};
    zf_jit_access(e, &access);
}

/* As numbers: the leftmost byte is the most significant one. */
static bool lower_compare(struct emitter *e, const struct zf_ir *ir, unsigned length) {
    const unsigned kind = kind_of(loads, length);
    unsigned first = zf_hold_read(e, ir->b, true), second = zf_hold_read(e, ir->x, true);
    unsigned p = zf_hold_temporary(e), q = zf_hold_temporary(e);
    access_at(e, kind, zf_jit_pool[p], first, ir->imm);
    access_at(e, kind, zf_jit_pool[q], second, ir->imm2);
    zf_cc_forget(e);
    zf_cc_becomes(e, length == LONGEST ? ZF_JIT_CC_LOGICAL64 : ZF_JIT_CC_LOGICAL32, p, q, 0);
    return true;
}

/* How far the first operand begins after the second, in the same or in like pages. */
static int32_t distance(const struct zf_ir *ir) {
    return (ir->imm - ir->imm2) & (ZF_PAGE_SIZE - 1);
}

/* Jumps when the first operand begins within the second, or would, were their pages the same.
 */
static uint32_t test_overlap(struct emitter *e, const struct zf_ir *ir, unsigned first,
                             unsigned second, unsigned length) {
    const struct zf_host_address less = {RAX, RSP, ir->imm - ir->imm2 - 1};
    zf_x86_rr(e, X_MOV, RAX, first);
    zf_x86_rr(e, X_SUB, RAX, second);
    zf_x86_rm(e, X_LEA, RAX, &less);
    zf_x86_immediate(e, 0, N_AND, RAX, ZF_PAGE_SIZE - 1);
    zf_x86_immediate(e, 0, N_CMP, RAX, (int32_t)length - 1);
    return zf_x86_jump(e, IF_BELOW);
}

/* The stencil may be done instead, after which nothing is known of addresses. */
static struct unusual *begin_unusual(struct emitter *e, uint32_t site) {
    struct unusual *unusual = &e->unusual[e->unusuals++];
    *unusual = (struct unusual){
        .site = {site, 0}, .op = (uint16_t)e->op, .before = e->state, .vectors = e->vectors};
    return unusual;
}

static void end_unusual(struct emitter *e, struct unusual *unusual) {
    if (unusual) {
        e->state = unusual->before;
        unusual->after = e->state;
        unusual->back = e->at;
    }
}

static bool lower_move(struct emitter *e, const struct zf_ir *ir, unsigned length) {
    struct unusual *unusual = NULL;
    const bool same = ir->b == ir->x;
    if (same && distance(ir) && (unsigned)distance(ir) < length) {
        return false;
    }
    unsigned first = zf_hold_read(e, ir->b, true), second = zf_hold_read(e, ir->x, true);
    if (!same && length > 1) {
        zf_cc_save(e); /* the stencil would not leave it to be made */
        unusual = begin_unusual(e, 0);
        unusual->site[0] = test_overlap(e, ir, first, second, length);
    }
    access_at(e, kind_of(loads, length), RCX, second, ir->imm2);
    access_at(e, kind_of(stores, length), RCX, first, ir->imm);
    end_unusual(e, unusual);
    return true;
}

static bool lower_clear(struct emitter *e, const struct zf_ir *ir, unsigned length) {
    access_at(e, kind_of(sets, length), 0, zf_hold_read(e, ir->b, true), ir->imm);
    zf_cc_forget(e);
    zf_x86_cpu_constant(e, offsetof(struct zf_cpu, cc), 0);
    return true;
}

bool zf_jit_lower_bytes(struct emitter *e, const struct zf_ir *ir) {
    const unsigned length = ir->c + 1u;
    if (e->access == ACCESS_ANY || ir->b == ZF_REG_ZERO || !is_short(length)) {
        return false;
    }
    switch (ir->op) {
    case ZF_OP_clc:
        return ir->x != ZF_REG_ZERO && lower_compare(e, ir, length);
    case ZF_OP_mvc:
        return ir->x != ZF_REG_ZERO && lower_move(e, ir, length);
    case ZF_OP_xc0:
        return lower_clear(e, ir, length);
    default:
        return false;
    }
}
