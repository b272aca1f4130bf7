/*
 * Lowerings of LOAD MULTIPLE and STORE MULTIPLE of whole registers: all of the operand in one page,
 * so that the first access faults or none does. Else the op's stencil does it. What is loaded goes
 * to the CPU: most of it is not used soon.
 */
#include "x86.h"

enum { SIZE = sizeof(uint64_t), REGISTERS = 16 };

static uint8_t register_after(uint8_t first, unsigned n) {
    return ZF_REG((first / SIZE + n) % REGISTERS);
}

/* RAX gets the operand's address. */
static void check_map(struct emitter *e, const struct zf_host_address *whole, int32_t size,
                      struct unusual *unusual) {
    zf_x86_rm(e, X_LEA | X_64, RAX, whole);
    zf_x86_rr(e, X_CMP | X_64, RAX, HOST_LAST);
    unusual->site[0] = zf_x86_jump(e, IF_ABOVE);
    zf_x86_rr(e, X_MOV, RCX, RAX);
    zf_x86_immediate(e, 0, N_AND, RCX, ZF_PAGE_SIZE - 1);
    zf_x86_immediate(e, 0, N_CMP, RCX, ZF_PAGE_SIZE - size);
    unusual->site[1] = zf_x86_jump(e, IF_ABOVE);
}

/* Where the operand is on the host, when it is in one page. */
static struct zf_host_address find_operand(struct emitter *e, const struct zf_ir *ir, bool write,
                                           struct unusual *unusual) {
    const unsigned base = ir->b == ZF_REG_ZERO ? (unsigned)RSP : zf_hold_read(e, ir->b, true);
    const struct zf_host_address whole = {(uint8_t)base, RSP, ir->imm};
    zf_cc_save(e); /* the stencil would not leave it to be made */
    unusual->op = (uint16_t)e->op;
    unusual->before = e->state;
    unusual->vectors = e->vectors;
    if (e->access == ACCESS_LINEAR) {
        check_map(e, &whole, ir->c * SIZE, unusual);
        return (struct zf_host_address){HOST_LINEAR, RAX, 0};
    }
    const struct zf_page_part part = {whole, (unsigned)ir->c * SIZE, !write, write};
    const unsigned page = zf_jit_take_page(e);
    zf_jit_find_page(e, &part, page, unusual->site);
    return (struct zf_host_address){(uint8_t)page, whole.base, ir->imm};
}

static void lower_load(struct emitter *e, const struct zf_ir *ir, struct zf_host_address at) {
    uint32_t loaded = 0;
    for (unsigned i = 0; i < ir->c; i++, at.disp += SIZE) {
        uint8_t to = register_after(ir->a, i);
        zf_x86_rm(e, X_MOVBE | X_64, RCX, &at);
        zf_x86_cpu(e, X_MOV_TO | X_64, RCX, to);
        loaded |= 1u << to / SIZE;
    }
    zf_hold_discard_guests(e, loaded);
}

static void lower_store(struct emitter *e, const struct zf_ir *ir, struct zf_host_address at) {
    for (unsigned i = 0; i < ir->c; i++, at.disp += SIZE) {
        uint8_t from = register_after(ir->a, i);
        unsigned reg = RCX;
        if (zf_hold_has(e, from)) {
            reg = zf_hold_read(e, from, true);
        } else {
            zf_x86_cpu(e, X_MOV | X_64, RCX, from);
        }
        zf_x86_rm(e, X_MOVBE_TO | X_64, reg, &at);
    }
}

/* Without a base, the operand of a system must be in one page; programs have none there. */
static bool is_lowered(const struct emitter *e, const struct zf_ir *ir) {
    bool known = ir->imm >= 0 && !((ir->imm ^ (ir->imm + ir->c * SIZE - 1)) & -ZF_PAGE_SIZE);
    return ir->b == ZF_REG_ZERO ? e->access == ACCESS_TLB && known : e->access != ACCESS_ANY;
}

bool zf_jit_lower_several(struct emitter *e, const struct zf_ir *ir) {
    bool load = ir->op == ZF_OP_lmg;
    if ((!load && ir->op != ZF_OP_stmg) || !is_lowered(e, ir)) {
        return false;
    }
    struct unusual *unusual = &e->unusual[e->unusuals++];
    struct zf_host_address at = find_operand(e, ir, !load, unusual);
    zf_jit_note(e, ir, &e->state, LEAVE_NEVER);
    if (load) {
        lower_load(e, ir, at);
    } else {
        lower_store(e, ir, at);
    }
    unusual->after = e->state;
    unusual->back = e->at;
    return true;
}
