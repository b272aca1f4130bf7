/*
 * Storage accesses of lowered ops. In the linear map, the base is held against the map's end unless
 * that was done since it changed; what base and displacement reach beyond the map is guarded. A
 * base beyond the map may still give an address in it: such an access is made apart. Those of
 * systems find their page first (tlb.c).
 */
#include "x86.h"

bool zf_jit_find_address(struct emitter *e, const struct zf_ir *ir, struct zf_host_access *access) {
    bool indexed = zf_op_specs[ir->op].operand[2].kind == ZF_OPERAND_GR && ir->x != ZF_REG_ZERO;
    if (e->access == ACCESS_ANY) {
        return false;
    }
    access->disp = ir->imm;
    if (e->sum_at == e->at) {
        access->base = RAX;
        return true;
    }
    if (ir->b == ZF_REG_ZERO && !indexed) {
        const int32_t last = ir->imm + (int32_t)zf_jit_access_size(access->kind) - 1;
        access->base = RSP; /* none: the displacement alone, within the map or one page */
        return e->access == ACCESS_TLB
                   ? ir->imm >= 0 && !((ir->imm ^ last) & -ZF_PAGE_SIZE)
                   : ir->imm >= 0 && (uint64_t)ir->imm <= e->block->cpu->linear_last;
    }
    access->base = (uint8_t)zf_hold_read(e, ir->b == ZF_REG_ZERO ? ir->x : ir->b, true);
    if (indexed && ir->b != ZF_REG_ZERO) {
        struct zf_host_address sum = {access->base, (uint8_t)zf_hold_read(e, ir->x, true), 0};
        access->base = RAX;
        zf_x86_rm(e, X_LEA | X_64, RAX, &sum);
    }
    return true;
}

unsigned zf_jit_find_sum(struct emitter *e, const struct zf_ir *ir) {
    enum { MOST = 3, PLACES = 3 }; /* of what is shifted, the result, and the other register */
    const struct zf_ir *next = ir + 1;
    if (HOST_POOL - __builtin_popcount(e->jit->reserved) < PLACES || ir->op != ZF_OP_slli64 ||
        ir->imm > MOST || e->op + 1 >= e->block->count || e->access == ACCESS_ANY ||
        zf_jit_access_of(next) == NO_ACCESS ||
        zf_op_specs[next->op].operand[2].kind != ZF_OPERAND_GR) {
        return NOBODY;
    }
    const uint8_t other = next->b == ir->a ? next->x : next->b;
    const bool sum = (next->b == ir->a) != (next->x == ir->a) && other != ZF_REG_ZERO;
    return sum && zf_hold_has(e, other) ? zf_hold_read(e, other, true) : NOBODY;
}

void zf_jit_make_sum(struct emitter *e, unsigned other, unsigned shifted, unsigned bits) {
    const struct zf_host_address sum = {(uint8_t)other, (uint8_t)shifted, 0, (uint8_t)bits};
    if (other != NOBODY) {
        zf_x86_rm(e, X_LEA | X_64, RAX, &sum);
    }
}

/* AX gets a halfword, in the guest's order. */
static void load16(struct emitter *e, const struct zf_host_address *at) {
    zf_x86_rm(e, X_MOVBE | X_16, RAX, at);
}

static void load(struct emitter *e, unsigned kind, unsigned reg, const struct zf_host_address *at) {
    switch (kind) {
    case ACCESS_LOAD8:
        zf_x86_rm(e, X_MOVZX8, reg, at);
        break;
    case ACCESS_LOAD8_32:
        zf_x86_rm(e, X_MOVSX8, reg, at);
        break;
    case ACCESS_LOAD8_64:
        zf_x86_rm(e, X_MOVSX8 | X_64, reg, at);
        break;
    case ACCESS_LOAD16:
        load16(e, at);
        zf_x86_rr(e, X_MOVZX16, reg, RAX);
        break;
    case ACCESS_LOAD16_32:
        load16(e, at);
        zf_x86_rr(e, X_MOVSX16, reg, RAX);
        break;
    case ACCESS_LOAD16_64:
        load16(e, at);
        zf_x86_rr(e, X_MOVSX16 | X_64, reg, RAX);
        break;
    case ACCESS_LOAD32:
        zf_x86_rm(e, X_MOVBE, reg, at);
        break;
    case ACCESS_LOAD32_64:
        zf_x86_rm(e, X_MOVBE, reg, at);
        zf_x86_rr(e, X_MOVSXD, reg, reg);
        break;
    case ACCESS_LOAD64:
        zf_x86_rm(e, X_MOVBE | X_64, reg, at);
        break;
    default:
        zf_x86_rm(e, X_MOVZX8, RAX, at);
        zf_x86_rr(e, 0x88 | X_BYTE | X_RM_BYTE, RAX, reg);
    }
}

/* A constant in the guest's order, as long as its 32 bits. */
static void set(struct emitter *e, unsigned kind, int32_t imm, const struct zf_host_address *at) {
    switch (kind) {
    case ACCESS_SET8:
        zf_x86_rm(e, 0xc6, 0, at);
        zf_x86_bytes(e, (uint8_t)imm, 1);
        break;
    case ACCESS_SET16:
        zf_x86_rm(e, 0xc7 | X_16, 0, at);
        zf_x86_bytes(e, __builtin_bswap16((uint16_t)imm), 2);
        break;
    case ACCESS_SET32:
        zf_x86_rm(e, 0xc7, 0, at);
        zf_x86_bytes(e, __builtin_bswap32((uint32_t)imm), 4);
        break;
    default:
        zf_x86_rm(e, X_MOV_TO | X_64, RCX, at);
    }
}

/* The bytes of a vector, between the guest's order and the host's. */
static void turn(struct emitter *e, unsigned to, unsigned from) {
    zf_x86_vex_absolute(e, X_VPSHUFB, to, from, (uint32_t)(uintptr_t)e->jit->code + e->jit->swap);
}

void zf_jit_make_access(struct emitter *e, const struct zf_host_access *a,
                        const struct zf_host_address *at) {
    switch (a->kind) {
    case ACCESS_STORE8:
        zf_x86_rm(e, X_MOV8_TO, a->reg, at);
        break;
    case ACCESS_STORE16:
        zf_x86_rm(e, X_MOVBE_TO | X_16, a->reg, at);
        break;
    case ACCESS_STORE32:
        zf_x86_rm(e, X_MOVBE_TO, a->reg, at);
        break;
    case ACCESS_STORE64:
        zf_x86_rm(e, X_MOVBE_TO | X_64, a->reg, at);
        break;
    case ACCESS_LOAD128:
        zf_x86_vex_rm(e, X_VMOVDQU, XMM0, 0, at);
        turn(e, a->xmm, XMM0);
        zf_vector_write(e, a->xmm, a->reg);
        break;
    case ACCESS_STORE128:
        turn(e, XMM0, a->xmm);
        zf_x86_vex_rm(e, X_VMOVDQU_TO, XMM0, 0, at);
        break;
    case ACCESS_SET8:
    case ACCESS_SET16:
    case ACCESS_SET32:
    case ACCESS_SET64:
        set(e, a->kind, a->imm, at);
        break;
    default:
        load(e, a->kind, a->reg, at);
    }
}

static void access_linear(struct emitter *e, const struct zf_host_access *a, unsigned base,
                          int32_t disp) {
    const struct zf_host_address at = {HOST_LINEAR, (uint8_t)base, disp};
    zf_jit_make_access(e, a, &at);
}

static bool is_checked(const struct emitter *e, unsigned base) {
    return base == RSP || (base != RAX && e->state.held[zf_hold_place_of(base)].checked);
}

void zf_jit_access(struct emitter *e, const struct zf_host_access *a) {
    const struct zf_ir *ir = &e->block->ops[e->op];
    struct far_access *far = NULL;
    if (a->kind == ACCESS_SET64) {
        zf_x86_constant(e, RCX, __builtin_bswap64((uint64_t)(int64_t)a->imm));
    }
    if (e->access == ACCESS_TLB) {
        zf_jit_page_access(e, a);
        return;
    }
    if (!is_checked(e, a->base)) {
        zf_x86_rr(e, X_CMP | X_64, a->base, HOST_LAST);
        far = &e->far_access[e->far_accesses++];
        far->site[0] = zf_x86_jump(e, IF_ABOVE);
    }
    zf_jit_note(e, ir, &e->state, LEAVE_NEVER);
    if (far) {
        far->access = *a;
        far->op = (uint16_t)e->op;
        far->state = e->state;
    }
    access_linear(e, a, a->base, a->disp);
    if (far) {
        far->back = e->at;
        if (a->base != RAX) {
            e->state.held[zf_hold_place_of(a->base)].checked = true;
        }
    }
}

void zf_jit_far_access(struct emitter *e, const struct far_access *far) {
    const struct zf_host_address whole = {far->access.base, RSP, far->access.disp};
    const struct zf_host_address outside = {HOST_LAST, RSP, 1 + ZF_LINEAR_OUTSIDE};
    zf_x86_land(e, far->site[0], e->at);
    zf_x86_rm(e, X_LEA | X_64, RAX, &whole);
    zf_x86_rr(e, X_CMP | X_64, RAX, HOST_LAST);
    uint32_t inside = zf_x86_jump(e, IF_NOT_ABOVE);
    zf_x86_cpu(e, X_MOV_TO | X_64, RAX, offsetof(struct zf_cpu, outside_address));
    zf_x86_rm(e, X_LEA | X_64, RAX, &outside);
    uint32_t faults = zf_x86_jump(e, ALWAYS);
    zf_x86_land(e, inside, e->at);
    /* the next ones are not checked: what they reach beyond the map is where it seems to be */
    zf_x86_rm(e, X_LEA | X_64, RDX, &outside);
    zf_x86_cpu(e, X_MOV_TO | X_64, RDX, offsetof(struct zf_cpu, outside_address));
    zf_x86_land(e, faults, e->at);
    zf_jit_note(e, &e->block->ops[far->op], &far->state, LEAVE_NEVER);
    access_linear(e, &far->access, RAX, 0);
    zf_x86_land(e, zf_x86_jump(e, ALWAYS), far->back);
}
