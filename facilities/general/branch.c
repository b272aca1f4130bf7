/*
 * Branches, and what depends on the condition code.
 */
#include "control/trace.h"

/* Branch tracing of BALR and BASR. */
static enum zf_next do_trace(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_linkage l;
    zf_linkage_begin(cpu, i, &l);
    if (!zf_trace_branch(cpu, &l, l.mask, zf_wrap(cpu, cpu->gr[i->o.r2]))) {
        return ZF_NEXT_PGM;
    }
    cpu->cr[12] = l.cr[12];
    return ZF_NEXT;
}

static void trace(const struct zf_tr *t) {
    if (ZF_UNLIKELY(t->block->mode & ZF_MODE_BRANCH_TRACE) && t->o->r2) {
        zf_tr_call(t, do_trace);
    }
}

/* Link information: the address of the next instruction as the addressing mode stores it. */
static void link(const struct zf_tr *t, unsigned r) {
    uint32_t mode = t->block->mode;
    if (mode & ZF_MODE_64) {
        zf_emit_constant(t->block, ZF_REG(r), t->next);
    } else {
        uint32_t bit = mode & ZF_MODE_31 ? 0x80000000 : 0;
        zf_emit_rri(t->block, ZF_OP_ldi32, ZF_REG(r), 0, (int32_t)((uint32_t)t->next | bit));
    }
}

/* BRC, BRCL */
void zf_tr_brc(const struct zf_tr *t) {
    uint64_t target = zf_tr_relative_address(t);
    if (t->o->m1 == 15) {
        zf_emit_branch(t->block, ZF_OP_jmp, target);
    } else if (t->o->m1) {
        zf_emit_branch(t->block, ZF_OP_brc, target)->c = t->o->m1;
    }
}

/* BRAS, BRASL */
void zf_tr_bras(const struct zf_tr *t) {
    link(t, t->o->r1);
    zf_emit_branch(t->block, ZF_OP_jmp, zf_tr_relative_address(t));
}

/* BRCT, BRCTG, BRCTH */
void zf_tr_brct(const struct zf_tr *t) {
    zf_emit_branch(t->block, t->op, zf_tr_relative_address(t))->a = ZF_REG(t->o->r1);
}

/* BRXH, BRXLE and their 64-bit forms */
void zf_tr_brx(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit_branch(t->block, t->op, zf_tr_relative_address(t));
    ir->a = ZF_REG(t->o->r1);
    ir->b = ZF_REG(t->o->r3);
    ir->x = ZF_REG(t->o->r3 | 1);
}

/* BXH, BXLE and their 64-bit forms */
void zf_tr_bx(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->b = zf_base_reg(t->o->b2);
    ir->x = ZF_REG(t->o->r3);
    ir->c = ZF_REG(t->o->r3 | 1);
    ir->imm = t->o->d2;
}

/* BCR: M1 = 15 or 14 with R2 = 0 serializes, which nobody notices on a single CPU */
void zf_tr_bcr(const struct zf_tr *t) {
    enum { FAST_SERIALIZATION = 14 };
    if (!t->o->r2 && t->o->m1 >= FAST_SERIALIZATION && t->block->parallel) {
        zf_emit(t->block, ZF_OP_serialize);
    }
    if (!t->o->r2 || !t->o->m1) {
        return;
    }
    struct zf_ir *ir = zf_emit(t->block, t->o->m1 == 15 ? ZF_OP_br : ZF_OP_bcr);
    ir->b = ZF_REG(t->o->r2);
    ir->c = t->o->m1 == 15 ? 0 : t->o->m1;
}

/* BC */
void zf_tr_bc(const struct zf_tr *t) {
    if (!t->o->m1) {
        return;
    }
    struct zf_ir *ir = zf_emit_memx(t->block, t->o->m1 == 15 ? ZF_OP_bx : ZF_OP_bc, 0, t->o->x2,
                                    t->o->b2, t->o->d2);
    ir->c = t->o->m1 == 15 ? 0 : t->o->m1;
}

/* BASR: the target is taken before the link is set */
void zf_tr_basr(const struct zf_tr *t) {
    trace(t);
    uint8_t target = ZF_REG(t->o->r2);
    if (!t->o->r2) {
        link(t, t->o->r1);
        return;
    }
    if (t->o->r1 == t->o->r2) {
        zf_emit_rrr(t->block, ZF_OP_lgr, ZF_REG_SCRATCH, target, 0);
        target = ZF_REG_SCRATCH;
    }
    link(t, t->o->r1);
    zf_emit(t->block, ZF_OP_br)->b = target;
}

/* BAS */
void zf_tr_bas(const struct zf_tr *t) {
    zf_emit_mem(t->block, ZF_OP_la, ZF_REG_SCRATCH, t->o->x2, t->o->b2, t->o->d2);
    link(t, t->o->r1);
    zf_emit(t->block, ZF_OP_br)->b = ZF_REG_SCRATCH;
}

/* BCT, BCTG */
void zf_tr_bct(const struct zf_tr *t) {
    zf_emit_memx(t->block, t->op, ZF_REG(t->o->r1), t->o->x2, t->o->b2, t->o->d2);
}

/* BCTR, BCTGR: with R2 = 0 they only count */
void zf_tr_bctr(const struct zf_tr *t) {
    if (!t->o->r2) {
        zf_emit_rri(t->block, t->op == ZF_OP_bct ? ZF_OP_inc32 : ZF_OP_inc64, ZF_REG(t->o->r1),
                    ZF_REG(t->o->r1), -1);
        return;
    }
    zf_emit_memx(t->block, t->op, ZF_REG(t->o->r1), 0, t->o->r2, 0);
}

/*
 * Compare and branch relative: the compare's fused variant for the mask, CC untouched. The bit for
 * CC 3 is ignored.
 */
static void compare_branch(const struct zf_tr *t, uint8_t b, int32_t imm) {
    static const int8_t variant[8] = {-1, 2, 1, 3, 0, 4, 5, -1};
    uint64_t target = zf_tr_relative_address(t);
    unsigned mask = t->o->m3 >> 1;
    if (mask == 7) {
        zf_emit_branch(t->block, ZF_OP_jmp, target);
    } else if (mask) {
        struct zf_ir *ir = zf_emit_branch(t->block, t->op + 2 + variant[mask], target);
        ir->a = ZF_REG(t->o->r1);
        ir->b = b;
        ir->imm = imm;
    }
}

/* CRJ … */
void zf_tr_crj(const struct zf_tr *t) {
    compare_branch(t, ZF_REG(t->o->r2), 0);
}

/* CIJ … */
void zf_tr_cij(const struct zf_tr *t) {
    compare_branch(t, 0, (int32_t)t->o->i2);
}

/* LOCR …: M3 in c */
void zf_tr_locr(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, ZF_REG(t->o->r1), ZF_REG(t->o->r2), t->o->m3);
}

/* LOCHI … */
void zf_tr_lochi(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->c = t->o->m3;
    ir->imm = (int32_t)t->o->i2;
}

/* LOC, STOC … */
void zf_tr_loc(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->b = zf_base_reg(t->o->b2);
    ir->c = t->o->m3;
    ir->imm = t->o->d2;
}

/* SELR …: CC selects R2, else R3 */
void zf_tr_select(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = ZF_REG(t->o->r1);
    ir->b = ZF_REG(t->o->r2);
    ir->x = ZF_REG(t->o->r3);
    ir->c = t->o->m4;
}

/* IPM */
void zf_tr_ipm(const struct zf_tr *t) {
    zf_emit(t->block, ZF_OP_ipm)->a = ZF_REG(t->o->r1);
}

/* Nothing to do: branch prediction, prefetch, next-instruction access intent. */
void zf_tr_nothing(const struct zf_tr *t) {
    (void)t;
}

/* EX: R1 = 0 changes nothing in the target */
void zf_tr_ex(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, ZF_OP_execute);
    ir->a = zf_base_reg(t->o->r1);
    ir->b = zf_base_reg(t->o->b2);
    ir->x = zf_base_reg(t->o->x2);
    ir->imm = t->o->d2;
}

/*
 * EXRL: the target's address is known. MVC and CLC of a length from R1 become one op; the block
 * then rests on the target's bytes too.
 */
static bool length_from_register(const struct zf_tr *t, uint64_t target) {
    struct zf_cpu *cpu = t->block->cpu;
    struct zf_insn insn;
    struct zf_operands o;
    uint64_t word;
    unsigned length;
    uint64_t page;
    if (t->block->extra_page != 1 || !t->o->r1) {
        return false;
    }
    if (!zf_block_fetch(t->block, target, &word, &length)) {
        cpu->pgm = (struct zf_pgm){0};
        return false;
    }
    zf_decode(word, &insn);
    zf_insn_operands(&insn, &o);
    enum zf_op op = zf_row_op((enum zf_row)insn.row);
    if ((op != ZF_OP_mvc && op != ZF_OP_clc) || o.l1 || (target ^ (target + 5)) & ZF_PAGE_MASK ||
        !zf_code_page(cpu, target, &page)) {
        return false;
    }
    t->block->extra_page = page;
    t->block->extra_offset = (uint16_t)(target & ~ZF_PAGE_MASK);
    struct zf_ir *ir = zf_emit(t->block, op == ZF_OP_mvc ? ZF_OP_mvc_r : ZF_OP_clc_r);
    ir->a = ZF_REG(t->o->r1);
    ir->b = zf_base_reg(o.b1);
    ir->x = zf_base_reg(o.b2);
    ir->imm = o.d1;
    ir->imm2 = o.d2;
    return true;
}

void zf_tr_exrl(const struct zf_tr *t) {
    uint64_t target = zf_tr_relative_address(t);
    int32_t displacement;
    if (length_from_register(t, target)) {
        return;
    }
    uint8_t base = zf_tr_address(t, target, &displacement);
    struct zf_ir *ir = zf_emit(t->block, ZF_OP_execute);
    ir->a = zf_base_reg(t->o->r1);
    ir->b = base;
    ir->x = ZF_REG_ZERO;
    ir->imm = displacement;
}
