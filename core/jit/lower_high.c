/*
 * Lowerings of immediates for the high half of a general register, of which 64-bit constants and
 * masks are made. Its stencil would store that half for the next op to load all of it: the host
 * waits then until both are in its cache.
 */
#include "x86.h"

#include "zfacet/op.h"

struct row {
    bool takes;    /* an op of this kind */
    bool live;     /* it sets the CC, of the bits in IMM2 */
    uint32_t host; /* operation; 0: the half is replaced */
};

#define ROW(op, ...) [ZF_OP_##op] = {.takes = true, __VA_ARGS__}
#define ROW_CC(op, ...) ROW(op, __VA_ARGS__), [ZF_OP_##op##_cc] = {true, true, __VA_ARGS__}

static const struct row rows[ZF_OP_COUNT] = {
    ROW(ldih, .host = 0),
    ROW_CC(andih, .host = X_AND),
    ROW_CC(orih, .host = X_OR),
    ROW_CC(xorih, .host = X_XOR),
};

static void change(struct emitter *e, const struct row *row, unsigned reg, uint32_t imm) {
    bool low_alone = !row->host || (row->host == X_AND && !imm);
    if (low_alone) {
        zf_x86_rr(e, X_MOV, reg, reg);
    }
    if (!low_alone || imm) {
        zf_x86_constant(e, RAX, (uint64_t)imm << 32 | (row->host == X_AND ? UINT32_MAX : 0));
        zf_x86_rr(e, (row->host ? row->host : X_OR) | X_64, reg, RAX);
    }
}

static void test(struct emitter *e, unsigned reg, int32_t bits) {
    unsigned place = zf_hold_temporary(e), tested = zf_jit_pool[place];
    zf_x86_rorx(e, X_64, tested, reg, 32);
    zf_x86_immediate(e, 0, N_AND, tested, bits);
    zf_cc_becomes(e, ZF_JIT_CC_TEST32, place, NOBODY, 0);
}

bool zf_jit_lower_high(struct emitter *e, const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    if (!row->takes || ir->a == ZF_REG_ZERO) {
        return false;
    }
    if (row->host) {
        zf_cc_forget(e);
    }
    zf_hold_read(e, ir->a, true);
    unsigned to = zf_hold_prepare_same(e, ir->a, true);
    change(e, row, zf_jit_pool[to], (uint32_t)ir->imm);
    zf_hold_write(e, to, ir->a, true);
    if (row->live) {
        test(e, zf_jit_pool[to], ir->imm2);
    }
    return true;
}
