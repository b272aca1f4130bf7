/*
 * Shifts, rotates and the rotate-then-… -selected-bits instructions.
 */
#include "translator.h"

/* The form with a constant amount of each shift by register, and the largest amount it takes. */
struct constant_shift {
    enum zf_op op;
    unsigned width;
};

static struct constant_shift constant_form(enum zf_op op) {
    switch (op) {
    case ZF_OP_sllv32:
        return (struct constant_shift){ZF_OP_slli32, 32};
    case ZF_OP_srlv32:
        return (struct constant_shift){ZF_OP_srli32, 32};
    case ZF_OP_srav32:
        return (struct constant_shift){ZF_OP_srai32, 32};
    case ZF_OP_rllv32:
        return (struct constant_shift){ZF_OP_rlli32, 32};
    case ZF_OP_sllv64:
        return (struct constant_shift){ZF_OP_slli64, 64};
    case ZF_OP_srlv64:
        return (struct constant_shift){ZF_OP_srli64, 64};
    case ZF_OP_srav64:
        return (struct constant_shift){ZF_OP_srai64, 64};
    default:
        return (struct constant_shift){ZF_OP_rlli64, 64};
    }
}

static void shift(const struct zf_tr *t, unsigned to, unsigned from) {
    const struct zf_operands *o = t->o;
    struct constant_shift constant = constant_form(t->op);
    unsigned amount = (unsigned)o->d2 & 63;
    if (o->b2) {
        struct zf_ir *ir = zf_emit(t->block, t->op);
        ir->a = ZF_REG(to);
        ir->b = ZF_REG(from);
        ir->x = ZF_REG(o->b2);
        ir->imm = o->d2;
        return;
    }
    if (amount >= constant.width) {
        if (constant.op == ZF_OP_srai32) {
            amount = 31;
        } else if (constant.op == ZF_OP_rlli32) {
            amount -= 32;
        } else {
            zf_emit_rri(t->block, ZF_OP_ldi32, ZF_REG(to), 0, 0);
            return;
        }
    }
    zf_emit_rri(t->block, constant.op, ZF_REG(to), ZF_REG(from), (int32_t)amount);
}

/* R1 <- R1 shifted */
void zf_tr_shift(const struct zf_tr *t) {
    shift(t, t->o->r1, t->o->r1);
}

/* R1 <- R3 shifted */
void zf_tr_shift3(const struct zf_tr *t) {
    shift(t, t->o->r1, t->o->r3);
}

/* Bits `first` to `last` of a doubleword, wrapping around when first > last. */
static uint64_t selected_bits(unsigned first, unsigned last) {
    uint64_t from = ~UINT64_C(0) >> first;
    uint64_t to = ~UINT64_C(0) << (63 - last);
    return first <= last ? from & to : from | to;
}

/* RISBG, RISBGN */
void zf_tr_rotate_insert(const struct zf_tr *t) {
    const struct zf_operands *o = t->o;
    uint64_t mask = selected_bits((unsigned)o->i3 & 63, (unsigned)o->i4 & 63);
    bool zero = o->i4 & 0x80;
    unsigned amount = (unsigned)o->i5 & 63;
    enum zf_op op = t->op;
    if (zero && op == ZF_OP_risbgn) {
        op = amount ? ZF_OP_risbgnz : ZF_OP_risbgnz0;
    } else if (zero) {
        op = amount ? ZF_OP_risbgz : ZF_OP_risbgz0;
    }
    struct zf_ir *ir = zf_emit(t->block, op);
    ir->a = ZF_REG(o->r1);
    ir->b = ZF_REG(o->r2);
    ir->c = (uint8_t)amount;
    ir->imm64 = mask;
}

/* RISBHG, RISBLG: one half of R1, which begins at the bit that the argument says; the selection
 * wraps within the half */
void zf_tr_rotate_insert_half(const struct zf_tr *t) {
    const struct zf_operands *o = t->o;
    unsigned base = (unsigned)t->argument;
    bool high = base == 0;
    uint64_t half = high ? ~UINT64_C(0) << 32 : 0xffffffff;
    uint64_t mask =
        selected_bits(base + ((unsigned)o->i3 & 31), base + ((unsigned)o->i4 & 31)) & half;
    uint8_t source = ZF_REG(o->r2);
    if (o->i4 & 0x80) {
        zf_emit_rrr(t->block, ZF_OP_lgr, ZF_REG_SCRATCH, source, 0);
        source = ZF_REG_SCRATCH;
        zf_emit_rri(t->block, high ? ZF_OP_ldih : ZF_OP_ldi32, ZF_REG(o->r1), 0, 0);
    }
    struct zf_ir *ir = zf_emit(t->block, ZF_OP_risbgn);
    ir->a = ZF_REG(o->r1);
    ir->b = source;
    ir->c = (uint8_t)(o->i5 & 63);
    ir->imm64 = mask;
}

/* RNSBG, ROSBG, RXSBG; bit 0 of I3 asks for the test alone */
void zf_tr_rotate_logic(const struct zf_tr *t) {
    const struct zf_operands *o = t->o;
    enum zf_op op = t->op;
    if (o->i3 & 0x80) {
        op = op == ZF_OP_rnsbg ? ZF_OP_rnsbgt : op == ZF_OP_rosbg ? ZF_OP_rosbgt : ZF_OP_rxsbgt;
    }
    struct zf_ir *ir = zf_emit(t->block, op);
    ir->a = ZF_REG(o->r1);
    ir->b = ZF_REG(o->r2);
    ir->c = (uint8_t)(o->i5 & 63);
    ir->imm64 = selected_bits((unsigned)o->i3 & 63, (unsigned)o->i4 & 63);
}
