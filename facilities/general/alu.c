/*
 * General instructions that are one op: the translators say how a format's fields become the op's
 * operands; the row names the op.
 */
#include "translator.h"

#include "zfacet/machine.h"

/* R1 <- R1 op R2 */
void zf_tr_rr(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, ZF_REG(t->o->r1), ZF_REG(t->o->r1), ZF_REG(t->o->r2));
}

/* R1 <- R2 op R3 */
void zf_tr_rrr(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, ZF_REG(t->o->r1), ZF_REG(t->o->r2), ZF_REG(t->o->r3));
}

/* R1 <- op R2, or a compare of R1 with R2 */
void zf_tr_rr2(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, ZF_REG(t->o->r1), ZF_REG(t->o->r2), 0);
}

/* as rr2, where R1 is the even register of a pair */
void zf_tr_pair_rr2(const struct zf_tr *t) {
    if (t->o->r1 & 1) {
        zf_emit_pgm(t->block, ZF_PGM_SPECIFICATION);
        return;
    }
    zf_tr_rr2(t);
}

/* R1 <- R1 op I2 */
void zf_tr_ri(const struct zf_tr *t) {
    zf_emit_rri(t->block, t->op, ZF_REG(t->o->r1), ZF_REG(t->o->r1), (int32_t)t->o->i2);
}

/* R1 <- R3 op I2 */
void zf_tr_rri(const struct zf_tr *t) {
    zf_emit_rri(t->block, t->op, ZF_REG(t->o->r1), ZF_REG(t->o->r3), (int32_t)t->o->i2);
}

/* R1 with I2: compares, high-half arithmetic, 32-bit loads */
void zf_tr_ri1(const struct zf_tr *t) {
    if (t->op == ZF_OP_ci64 && t->o->i2 == 0) {
        zf_emit_rri(t->block, ZF_OP_cz64, ZF_REG(t->o->r1), 0, 0);
        return;
    }
    zf_emit_rri(t->block, t->op, ZF_REG(t->o->r1), 0, (int32_t)t->o->i2);
}

/* 64-bit load of a sign- or zero-extended immediate */
void zf_tr_load_immediate(const struct zf_tr *t) {
    zf_emit_constant(t->block, ZF_REG(t->o->r1), (uint64_t)t->o->i2);
}

/* What follows takes sixteen bits of the register; the argument says which, 0 the leftmost. */

/* LLIHH … LLILL */
void zf_tr_load_quarter(const struct zf_tr *t) {
    zf_emit_constant(t->block, ZF_REG(t->o->r1), (uint64_t)t->o->i2 << (48 - 16 * t->argument));
}

/* LLIHF */
void zf_tr_load_high(const struct zf_tr *t) {
    zf_emit_constant(t->block, ZF_REG(t->o->r1), (uint64_t)t->o->i2 << 32);
}

/* IIHH … IILL */
void zf_tr_insert_quarter(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, ZF_OP_ins16);
    ir->a = ZF_REG(t->o->r1);
    ir->imm = (int32_t)t->o->i2;
    ir->imm2 = 48 - 16 * t->argument;
}

/* OIHH … OILL: the CC is of the sixteen bits alone */
void zf_tr_or_quarter(const struct zf_tr *t) {
    unsigned shift = t->argument & 1 ? 0 : 16;
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->imm = (int32_t)((uint32_t)t->o->i2 << shift);
    ir->imm2 = (int32_t)(UINT32_C(0xffff) << shift);
}

/* NIHH … NILL */
void zf_tr_and_quarter(const struct zf_tr *t) {
    unsigned shift = t->argument & 1 ? 0 : 16;
    uint32_t field = UINT32_C(0xffff) << shift;
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->imm = (int32_t)((uint32_t)t->o->i2 << shift | ~field);
    ir->imm2 = (int32_t)field;
}

/* NIHF, OILF … : 32 bits, all of them in the CC */
void zf_tr_half_immediate(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->imm = (int32_t)t->o->i2;
    ir->imm2 = -1;
}

/* TMHH … TMLL */
void zf_tr_test_quarter(const struct zf_tr *t) {
    bool one_bit = __builtin_popcount((unsigned)t->o->i2) == 1;
    enum zf_op op = one_bit && t->op == ZF_OP_tml ? ZF_OP_tml1 : t->op;
    zf_emit_rri(t->block, op, ZF_REG(t->o->r1), 0,
                (int32_t)((uint32_t)t->o->i2 << (t->argument & 1 ? 0 : 16)));
}

/* LTR and its like: with R1 = R2 only the test is left, which `ci` does without a move */
void zf_tr_load_test(const struct zf_tr *t) {
    if (t->o->r1 == t->o->r2 && t->op != ZF_OP_ltgfr) {
        zf_emit_rri(t->block, t->op == ZF_OP_ltr ? ZF_OP_ci32 : ZF_OP_cz64, ZF_REG(t->o->r1), 0, 0);
        return;
    }
    zf_tr_rr2(t);
}

/* register, indexed storage */
void zf_tr_rx(const struct zf_tr *t) {
    zf_emit_mem(t->block, t->op, ZF_REG(t->o->r1), t->o->x2, t->o->b2, t->o->d2);
}

/* the same for ops without an unindexed form */
void zf_tr_rxx(const struct zf_tr *t) {
    zf_emit_memx(t->block, t->op, ZF_REG(t->o->r1), t->o->x2, t->o->b2, t->o->d2);
}

/* as rx, where R1 is the even register of a pair */
void zf_tr_pair_rx(const struct zf_tr *t) {
    if (t->o->r1 & 1) {
        zf_emit_pgm(t->block, ZF_PGM_SPECIFICATION);
        return;
    }
    zf_tr_rx(t);
}

/* register, storage at a relative address, which must be a multiple of the argument */
void zf_tr_relative(const struct zf_tr *t) {
    uint64_t address = zf_tr_relative_address(t);
    int32_t displacement;
    if (address & ((uint64_t)t->argument - 1)) {
        zf_emit_pgm(t->block, ZF_PGM_SPECIFICATION);
        return;
    }
    uint8_t base = zf_tr_address(t, address, &displacement);
    bool compare = zf_op_specs[t->op].effects & ZF_EFFECT_COMPARE;
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->b = base;
    ir->x = compare ? ZF_REG_ZERO : 0;
    ir->imm = displacement;
}

/* storage and immediate */
void zf_tr_si(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->b = zf_base_reg(t->o->b1);
    ir->imm = t->o->d1;
    ir->imm2 = (int32_t)t->o->i2;
}

/* NI, ASI & co.: interlocked where other CPUs run too, as facilities 45 and 52 promise */
void zf_tr_update_si(const struct zf_tr *t) {
    enum { TO_INTERLOCKED = ZF_OP_ni_i - ZF_OP_ni };
    zf_tr_si(t);
    if (t->block->parallel) {
        t->block->ops[t->block->count - 1].op += TO_INTERLOCKED;
    }
}

/* compare or test of storage with an immediate */
void zf_tr_compare_si(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->b = zf_base_reg(t->o->b1);
    ir->imm = t->o->d1;
    ir->i16 = (int16_t)t->o->i2;
}

/* several registers R1 to R3 */
void zf_tr_multiple(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->b = zf_base_reg(t->o->b2);
    ir->c = (uint8_t)(((t->o->r3 - t->o->r1) & 15) + 1);
    ir->imm = t->o->d2;
}

/* LA, LAY: the address as the mode has it */
void zf_tr_load_address(const struct zf_tr *t) {
    enum zf_op op = t->block->mode & ZF_MODE_64 ? ZF_OP_la : ZF_OP_la31;
    zf_emit_mem(t->block, op, ZF_REG(t->o->r1), t->o->x2, t->o->b2, t->o->d2);
}

/* LARL */
void zf_tr_load_relative_address(const struct zf_tr *t) {
    uint64_t address = zf_tr_relative_address(t);
    const struct zf_personality *personality = &t->block->cpu->machine->personality;
    if (personality->address) {
        personality->address(personality->context, t->block, address);
    }
    if (t->block->mode & ZF_MODE_64) {
        zf_emit_constant(t->block, ZF_REG(t->o->r1), address);
    } else {
        zf_emit_rri(t->block, ZF_OP_ldi32, ZF_REG(t->o->r1), 0, (int32_t)address);
    }
}

/* MVC, CLC */
void zf_tr_ss(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->b = zf_base_reg(t->o->b1);
    ir->x = zf_base_reg(t->o->b2);
    ir->c = t->o->l1;
    ir->imm = t->o->d1;
    ir->imm2 = t->o->d2;
}
