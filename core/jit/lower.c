/*
 * Lowerings: the frequent ops written as host instructions on what host registers hold, instead of
 * their stencils. A row says how; the op's body (ops.def) says what, and instruction cases run
 * both. RAX, RCX and RDX are free within an op. An op reads, then prepares its result, then writes.
 */
#include "x86.h"

#include "zfacet/op.h"

enum form {
    BY_STENCIL,
    CONSTANT,        /* a = IMM64 or IMM */
    MOVE,            /* a = b, by `host` */
    FROM_AR,         /* a = access register b */
    ALU,             /* a = b host c */
    ALU_EXTENDED,    /* the same, c is 32 bits, which `number` extends */
    ALU_IMMEDIATE,   /* a = b `number` IMM */
    LOGIC_IMMEDIATE, /* a = a `number` IMM, the CC is of the bits in IMM2 */
    MULTIPLY_IMMEDIATE,
    MULTIPLY_PAIR, /* the register after a by b, both are the product */
    NEGATE,
    SHIFT,    /* a = b `number` IMM */
    SHIFT_BY, /* a = b `number` (x + IMM) */
    ROTATE,   /* a = b rotated by c, under IMM64 */
    INSERT,   /* a `host` those bits; host 0: they are replaced */
    ADDRESS,
    LOAD,       /* a = storage, by access `number` */
    STORE,      /* storage = a */
    SET,        /* storage = IMM2 */
    ALU_MEMORY, /* a = a host storage, which is read by access `number` */
    LAST_FORM = ALU_MEMORY
};
enum extend { SIGNED, UNSIGNED };

struct row {
    uint8_t form;   /* enum form */
    uint8_t number; /* of an operation or an access */
    bool wide;      /* the result has 64 bits */
    bool live;      /* it sets the CC */
    uint8_t cc;     /* how: enum zf_jit_cc */
    bool second;    /* that takes c, too, or IMM */
    uint32_t host;  /* operation */
};

#define ROW(op, ...) [ZF_OP_##op] = {__VA_ARGS__}
#define ROW_CC(op, ...)                                                                            \
    [ZF_OP_##op] = {__VA_ARGS__}, [ZF_OP_##op##_cc] = {__VA_ARGS__, .live = true}
#define ROW_MEM(op, ...) [ZF_OP_##op] = {__VA_ARGS__}, [ZF_OP_##op##_x] = {__VA_ARGS__}
#define ROW_MEM_CC(op, ...)                                                                        \
    ROW_MEM(op, __VA_ARGS__), [ZF_OP_##op##_cc] = {__VA_ARGS__, .live = true},                     \
                              [ZF_OP_##op##_xcc] = {__VA_ARGS__, .live = true}
#define CC_32(kind) .cc = ZF_JIT_CC_##kind##32
#define CC_64(kind) .wide = true, .cc = ZF_JIT_CC_##kind##64
#define TWO .second = true
#define WIDE .wide = true

static const struct row rows[ZF_OP_COUNT] = {
    /* clang-format off */
    ROW(ldi64, CONSTANT, WIDE),
    ROW(ldi32, CONSTANT),
    ROW(lgr,   MOVE, WIDE, .host = X_MOV | X_64),
    ROW(lr,    MOVE, .host = X_MOV),
    ROW(lgfr,  MOVE, WIDE, .host = X_MOVSXD),
    ROW(llgfr, MOVE, WIDE, .host = X_MOV),
    ROW(lgbr,  MOVE, WIDE, .host = X_MOVSX8 | X_64),
    ROW(lghr,  MOVE, WIDE, .host = X_MOVSX16 | X_64),
    ROW(lbr,   MOVE, .host = X_MOVSX8),
    ROW(lhr,   MOVE, .host = X_MOVSX16),
    ROW(llgcr, MOVE, WIDE, .host = X_MOVZX8),
    ROW(llghr, MOVE, WIDE, .host = X_MOVZX16),
    ROW(llcr,  MOVE, .host = X_MOVZX8),
    ROW(llhr,  MOVE, .host = X_MOVZX16),
    ROW(ear,   FROM_AR),

    ROW_CC(add32,  ALU, .host = X_ADD, CC_32(ADD), TWO),
    ROW_CC(add64,  ALU, .host = X_ADD, CC_64(ADD), TWO),
    ROW_CC(add64f, ALU_EXTENDED, .host = X_ADD, CC_64(ADD), TWO),
    ROW_CC(sub32,  ALU, .host = X_SUB, CC_32(SUB), TWO),
    ROW_CC(sub64,  ALU, .host = X_SUB, CC_64(SUB), TWO),
    ROW_CC(sub64f, ALU_EXTENDED, .host = X_SUB, CC_64(SUB), TWO),
    ROW_CC(al64f,  ALU_EXTENDED, UNSIGNED, .host = X_ADD, CC_64(AL), TWO),
    ROW_CC(sl64f,  ALU_EXTENDED, UNSIGNED, .host = X_SUB, CC_64(SL), TWO),
    ROW_CC(al32,   ALU, .host = X_ADD, CC_32(AL), TWO),
    ROW_CC(al64,   ALU, .host = X_ADD, CC_64(AL), TWO),
    ROW_CC(sl32,   ALU, .host = X_SUB, CC_32(SL), TWO),
    ROW_CC(sl64,   ALU, .host = X_SUB, CC_64(SL), TWO),
    ROW_CC(and32,  ALU, .host = X_AND, CC_32(TEST)),
    ROW_CC(and64,  ALU, .host = X_AND, CC_64(TEST)),
    ROW_CC(or32,   ALU, .host = X_OR,  CC_32(TEST)),
    ROW_CC(or64,   ALU, .host = X_OR,  CC_64(TEST)),
    ROW_CC(xor32,  ALU, .host = X_XOR, CC_32(TEST)),
    ROW_CC(xor64,  ALU, .host = X_XOR, CC_64(TEST)),
    ROW(mul32,     ALU, .host = X_IMUL),
    ROW(mul64,     ALU, .host = X_IMUL, WIDE),
    ROW(mul64f,    ALU_EXTENDED, .host = X_IMUL, WIDE),
    ROW(inc32,     ALU_IMMEDIATE, .host = X_ADD),
    ROW(inc64,     ALU_IMMEDIATE, .host = X_ADD, WIDE),
    ROW_CC(addi32, ALU_IMMEDIATE, .host = X_ADD, CC_32(ADD), TWO),
    ROW_CC(addi64, ALU_IMMEDIATE, .host = X_ADD, CC_64(ADD), TWO),
    ROW_CC(ali32,  ALU_IMMEDIATE, .host = X_ADD, CC_32(AL), TWO),
    ROW_CC(ali64,  ALU_IMMEDIATE, .host = X_ADD, CC_64(AL), TWO),
    ROW_CC(andi32, LOGIC_IMMEDIATE, N_AND, CC_32(TEST)),
    ROW_CC(ori32,  LOGIC_IMMEDIATE, N_OR,  CC_32(TEST)),
    ROW_CC(xori32, LOGIC_IMMEDIATE, N_XOR, CC_32(TEST)),
    ROW(muli32,    MULTIPLY_IMMEDIATE),
    ROW(muli64,    MULTIPLY_IMMEDIATE, WIDE),
    ROW(mlgr,      MULTIPLY_PAIR, WIDE),
    ROW(lc32,      NEGATE),
    ROW(lc64,      NEGATE, WIDE),

    ROW(slli32,    SHIFT, N_SHL),
    ROW(srli32,    SHIFT, N_SHR),
    ROW_CC(srai32, SHIFT, N_SAR, CC_32(SIGN)),
    ROW(slli64,    SHIFT, N_SHL, WIDE),
    ROW(srli64,    SHIFT, N_SHR, WIDE),
    ROW_CC(srai64, SHIFT, N_SAR, CC_64(SIGN)),
    ROW(rlli32,    SHIFT, N_ROL),
    ROW(rlli64,    SHIFT, N_ROL, WIDE),
    ROW(sllv32,    SHIFT_BY, S_SHLX, .host = X_MOV),
    ROW(srlv32,    SHIFT_BY, S_SHRX, .host = X_MOV),
    ROW_CC(srav32, SHIFT_BY, S_SARX, .host = X_MOVSXD, CC_32(SIGN)),
    ROW(sllv64,    SHIFT_BY, S_SHLX, WIDE),
    ROW(srlv64,    SHIFT_BY, S_SHRX, WIDE),
    ROW_CC(srav64, SHIFT_BY, S_SARX, CC_64(SIGN)),
    ROW_CC(risbgz,  ROTATE, CC_64(SIGN)),
    ROW_CC(risbgz0, ROTATE, CC_64(SIGN)),
    ROW(risbgnz,    ROTATE, WIDE),
    ROW(risbgnz0,   ROTATE, WIDE),
    ROW_CC(risbg,   INSERT, CC_64(SIGN)),
    ROW(risbgn,     INSERT, WIDE),
    ROW_CC(rosbg,   INSERT, .host = X_OR, CC_64(TEST)),
    ROW_CC(rxsbg,   INSERT, .host = X_XOR, CC_64(TEST)),

    ROW_MEM(la,   ADDRESS, WIDE),
    ROW_MEM(l,    LOAD, ACCESS_LOAD32),
    ROW_MEM(lg,   LOAD, ACCESS_LOAD64, WIDE),
    ROW_MEM(lgf,  LOAD, ACCESS_LOAD32_64, WIDE),
    ROW_MEM(llgf, LOAD, ACCESS_LOAD32, WIDE),
    ROW_MEM(llc,  LOAD, ACCESS_LOAD8),
    ROW_MEM(llgc, LOAD, ACCESS_LOAD8, WIDE),
    ROW_MEM(llh,  LOAD, ACCESS_LOAD16),
    ROW_MEM(llgh, LOAD, ACCESS_LOAD16, WIDE),
    ROW_MEM(lh,   LOAD, ACCESS_LOAD16_32),
    ROW_MEM(lgh,  LOAD, ACCESS_LOAD16_64, WIDE),
    ROW_MEM(lb,   LOAD, ACCESS_LOAD8_32),
    ROW_MEM(lgb,  LOAD, ACCESS_LOAD8_64, WIDE),
    ROW_MEM(ic,   LOAD, ACCESS_INSERT8),
    ROW_MEM(st,   STORE, ACCESS_STORE32),
    ROW_MEM(stg,  STORE, ACCESS_STORE64, WIDE),
    ROW_MEM(sth,  STORE, ACCESS_STORE16),
    ROW_MEM(stc,  STORE, ACCESS_STORE8),
    ROW(mvi,      SET, ACCESS_SET8),
    ROW(mvhhi,    SET, ACCESS_SET16),
    ROW(mvhi,     SET, ACCESS_SET32),
    ROW(mvghi,    SET, ACCESS_SET64),
    ROW_MEM_CC(a32,  ALU_MEMORY, ACCESS_LOAD32, .host = X_ADD, CC_32(ADD), TWO),
    ROW_MEM_CC(ah,   ALU_MEMORY, ACCESS_LOAD16_32, .host = X_ADD, CC_32(ADD), TWO),
    ROW_MEM_CC(ag,   ALU_MEMORY, ACCESS_LOAD64, .host = X_ADD, CC_64(ADD), TWO),
    ROW_MEM_CC(agf,  ALU_MEMORY, ACCESS_LOAD32_64, .host = X_ADD, CC_64(ADD), TWO),
    ROW_MEM_CC(s32,  ALU_MEMORY, ACCESS_LOAD32, .host = X_SUB, CC_32(SUB), TWO),
    ROW_MEM_CC(sh,   ALU_MEMORY, ACCESS_LOAD16_32, .host = X_SUB, CC_32(SUB), TWO),
    ROW_MEM_CC(sg,   ALU_MEMORY, ACCESS_LOAD64, .host = X_SUB, CC_64(SUB), TWO),
    ROW_MEM_CC(sgf,  ALU_MEMORY, ACCESS_LOAD32_64, .host = X_SUB, CC_64(SUB), TWO),
    ROW_MEM_CC(al,   ALU_MEMORY, ACCESS_LOAD32, .host = X_ADD, CC_32(AL), TWO),
    ROW_MEM_CC(alg,  ALU_MEMORY, ACCESS_LOAD64, .host = X_ADD, CC_64(AL), TWO),
    ROW_MEM_CC(algf, ALU_MEMORY, ACCESS_LOAD32, .host = X_ADD, CC_64(AL), TWO),
    ROW_MEM_CC(sl,   ALU_MEMORY, ACCESS_LOAD32, .host = X_SUB, CC_32(SL), TWO),
    ROW_MEM_CC(slg,  ALU_MEMORY, ACCESS_LOAD64, .host = X_SUB, CC_64(SL), TWO),
    ROW_MEM_CC(slgf, ALU_MEMORY, ACCESS_LOAD32, .host = X_SUB, CC_64(SL), TWO),
    ROW_MEM_CC(n32,  ALU_MEMORY, ACCESS_LOAD32, .host = X_AND, CC_32(TEST)),
    ROW_MEM_CC(o32,  ALU_MEMORY, ACCESS_LOAD32, .host = X_OR,  CC_32(TEST)),
    ROW_MEM_CC(x32,  ALU_MEMORY, ACCESS_LOAD32, .host = X_XOR, CC_32(TEST)),
    ROW_MEM_CC(ng,   ALU_MEMORY, ACCESS_LOAD64, .host = X_AND, CC_64(TEST)),
    ROW_MEM_CC(og,   ALU_MEMORY, ACCESS_LOAD64, .host = X_OR,  CC_64(TEST)),
    ROW_MEM_CC(xg,   ALU_MEMORY, ACCESS_LOAD64, .host = X_XOR, CC_64(TEST)),
    ROW_MEM(ms,   ALU_MEMORY, ACCESS_LOAD32, .host = X_IMUL),
    ROW_MEM(msg,  ALU_MEMORY, ACCESS_LOAD64, .host = X_IMUL, WIDE),
    ROW_MEM(msgf, ALU_MEMORY, ACCESS_LOAD32_64, .host = X_IMUL, WIDE),
    ROW_MEM(mh,   ALU_MEMORY, ACCESS_LOAD16_32, .host = X_IMUL),
    ROW_MEM(mgh,  ALU_MEMORY, ACCESS_LOAD16_64, .host = X_IMUL, WIDE),
    /* clang-format on */
};

static uint32_t wide_of(const struct row *row) {
    return row->wide ? X_64 : 0;
}

static unsigned host_of(unsigned place) {
    return zf_jit_pool[place];
}

static void move(struct emitter *e, uint32_t wide, unsigned to, unsigned from) {
    if (to != from) {
        zf_x86_rr(e, X_MOV | wide, to, from);
    }
}

/* The op's result is in its place: so it is the CC's, when that is asked for. */
static void finish(struct emitter *e, const struct row *row, const struct zf_ir *ir, unsigned place,
                   unsigned second, int32_t imm) {
    zf_hold_write(e, place, ir->a, row->wide);
    if (row->live) {
        zf_cc_becomes(e, (enum zf_jit_cc)row->cc, place, second, imm);
    }
}

/* The same; the host's flags are those of the result. */
static void finish_with_flags(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                              unsigned place, unsigned second, int32_t imm) {
    finish(e, row, ir, place, second, imm);
    e->flags_at = row->live ? e->at : 0;
}

static bool lower_constant(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    zf_x86_constant(e, host_of(to), row->wide ? ir->imm64 : (uint32_t)ir->imm);
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static bool lower_move(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned from = zf_hold_read(e, ir->b, row->host == (X_MOV | X_64));
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    zf_x86_rr(e, row->host, host_of(to), from);
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static bool lower_from_ar(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned to = zf_hold_prepare(e, ir->a, false);
    zf_x86_cpu(e, X_MOV, host_of(to), offsetof(struct zf_cpu, ar) + ir->b * sizeof(uint32_t));
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

/* a = b host c, where c is in `second`. */
static void operate(struct emitter *e, const struct row *row, unsigned to, unsigned first,
                    unsigned second) {
    uint32_t host = row->host | wide_of(row);
    if (to != second) {
        move(e, wide_of(row), to, first);
        zf_x86_rr(e, host, to, second);
    } else if (row->host != X_SUB) {
        zf_x86_rr(e, host, to, first);
    } else {
        move(e, wide_of(row), RAX, first);
        zf_x86_rr(e, host, RAX, second);
        move(e, wide_of(row), to, RAX);
    }
}

static bool lower_alu(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    bool replaced = ir->a == ir->c && (ir->a == ir->b || row->host == X_SUB);
    if (row->live && row->second && replaced) {
        return false; /* the CC takes what the result replaces */
    }
    unsigned first = zf_hold_read(e, ir->b, row->wide), second = zf_hold_read(e, ir->c, row->wide);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    operate(e, row, host_of(to), first, second);
    unsigned other = !row->second ? NOBODY : zf_hold_place_of(ir->a == ir->c ? first : second);
    finish_with_flags(e, row, ir, to, other, 0);
    return true;
}

static bool lower_alu_extended(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned first = zf_hold_read(e, ir->b, row->wide), second = RCX;
    unsigned narrow = zf_hold_read(e, ir->c, false);
    if (row->live) {
        second = host_of(zf_hold_temporary(e));
    }
    zf_x86_rr(e, row->number == SIGNED ? X_MOVSXD : X_MOV, second, narrow);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    operate(e, row, host_of(to), first, second);
    finish_with_flags(e, row, ir, to, row->live ? zf_hold_place_of(second) : NOBODY, 0);
    return true;
}

static bool lower_alu_immediate(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned first = zf_hold_read(e, ir->b, row->wide);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    if (host_of(to) != first && !row->live) {
        const struct zf_host_address sum = {(uint8_t)first, RSP, ir->imm};
        zf_x86_rm(e, X_LEA | wide_of(row), host_of(to), &sum);
    } else {
        move(e, wide_of(row), host_of(to), first);
        zf_x86_immediate(e, wide_of(row), N_ADD, host_of(to), ir->imm);
    }
    finish_with_flags(e, row, ir, to, NOBODY, ir->imm);
    return true;
}

static bool lower_logic_immediate(struct emitter *e, const struct row *row,
                                  const struct zf_ir *ir) {
    bool part = row->live && ir->imm2 != -1;
    zf_hold_read(e, ir->a, false);
    unsigned to = zf_hold_prepare_same(e, ir->a, false);
    zf_x86_immediate(e, 0, row->number, host_of(to), ir->imm);
    if (part) {
        unsigned tested = zf_hold_temporary(e);
        move(e, 0, host_of(tested), host_of(to));
        zf_x86_immediate(e, 0, N_AND, host_of(tested), ir->imm2);
        zf_hold_write(e, to, ir->a, false);
        zf_cc_becomes(e, ZF_JIT_CC_TEST32, tested, NOBODY, 0);
    } else {
        finish_with_flags(e, row, ir, to, NOBODY, 0);
    }
    return true;
}

static bool lower_multiply(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned from = zf_hold_read(e, ir->b, row->wide);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    zf_x86_rr(e, 0x69 | wide_of(row), host_of(to), from);
    zf_x86_bytes(e, (uint32_t)ir->imm, 4);
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static bool lower_multiply_pair(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    const uint8_t odd = ir->a + ZF_REG(1);
    unsigned by = zf_hold_read(e, ir->b, true);
    zf_x86_rr(e, X_MOV | X_64, RDX, zf_hold_read(e, odd, true));
    unsigned high = zf_hold_prepare(e, ir->a, true), low = zf_hold_prepare(e, odd, true);
    zf_x86_vex(e, X_MULX, host_of(high), host_of(low), by);
    zf_hold_write(e, high, ir->a, true);
    zf_hold_write(e, low, odd, true);
    (void)row;
    return true;
}

static bool lower_negate(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned from = zf_hold_read(e, ir->b, row->wide);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    move(e, wide_of(row), host_of(to), from);
    zf_x86_rr(e, X_NEGATE | wide_of(row), N_NEG, host_of(to));
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static void shift(struct emitter *e, uint32_t wide, unsigned number, unsigned reg, unsigned bits) {
    zf_x86_rr(e, X_SHIFT | wide, number, reg);
    zf_x86_bytes(e, bits, 1);
}

static bool lower_shift(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned from = zf_hold_read(e, ir->b, row->wide);
    unsigned other = zf_jit_find_sum(e, ir), bits = (unsigned)ir->imm & 63;
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    if (row->number == N_ROL) {
        zf_x86_rorx(e, wide_of(row), host_of(to), from, -bits & (row->wide ? 63 : 31));
    } else {
        zf_jit_make_sum(e, other, from, bits);
        move(e, wide_of(row), host_of(to), from);
        shift(e, wide_of(row), row->number, host_of(to), bits);
        e->sum_at = other != NOBODY ? e->at : 0;
    }
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

/* All 64 bits are shifted, also of narrow values: amounts go to 63. */
static bool lower_shift_by(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    if (ir->x == ZF_REG_ZERO) {
        return false;
    }
    unsigned from = zf_hold_read(e, ir->b, row->wide), by = zf_hold_read(e, ir->x, false);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    if (ir->imm) {
        const struct zf_host_address sum = {(uint8_t)by, RSP, ir->imm};
        zf_x86_rm(e, X_LEA, RAX, &sum);
        by = RAX;
    }
    if (row->wide) {
        zf_x86_shift_by(e, X_64, row->number, host_of(to), from, by);
    } else {
        zf_x86_rr(e, row->host, RCX, from);
        zf_x86_shift_by(e, X_64, row->number, RCX, RCX, by);
        move(e, 0, host_of(to), RCX);
    }
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static void mask(struct emitter *e, unsigned reg, uint64_t bits) {
    if (bits == (uint64_t)(int32_t)bits) {
        zf_x86_immediate(e, X_64, N_AND, reg, (int32_t)bits);
    } else if (bits == (uint32_t)bits) {
        zf_x86_immediate(e, 0, N_AND, reg, (int32_t)bits);
    } else {
        zf_x86_constant(e, RAX, bits);
        zf_x86_rr(e, X_AND | X_64, reg, RAX);
    }
}

/* Whether a rotation to the left selects bits of the high half. */
static bool takes_high(uint64_t selected, unsigned left) {
    return (left ? selected >> left | selected << (64 - left) : selected) >> 32;
}

static void rotate(struct emitter *e, unsigned to, unsigned from, unsigned left) {
    if (left) {
        zf_x86_rorx(e, X_64, to, from, 64 - left);
    } else {
        move(e, X_64, to, from);
    }
}

static bool lower_rotate(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned left = ir->c & 63;
    unsigned from = zf_hold_read(e, ir->b, takes_high(ir->imm64, left));
    unsigned to = zf_hold_prepare(e, ir->a, true);
    if (left && ir->imm64 == ~UINT64_C(0) << left) {
        move(e, X_64, host_of(to), from);
        shift(e, X_64, N_SHL, host_of(to), left);
    } else if (left && ir->imm64 == ~UINT64_C(0) >> (64 - left)) {
        move(e, X_64, host_of(to), from);
        shift(e, X_64, N_SHR, host_of(to), 64 - left);
    } else if (!left && ir->imm64 == UINT32_MAX) {
        zf_x86_rr(e, X_MOV, host_of(to), from);
    } else if (!left && ir->imm64 == UINT8_MAX) {
        zf_x86_rr(e, X_MOVZX8, host_of(to), from);
    } else {
        rotate(e, host_of(to), from, left);
        mask(e, host_of(to), ir->imm64);
    }
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static bool lower_insert(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    bool tests = row->live && row->host; /* the CC is of the bits under the mask */
    unsigned from = zf_hold_read(e, ir->b, takes_high(ir->imm64, ir->c & 63));
    unsigned old = zf_hold_read(e, ir->a, true);
    unsigned tested = tests ? zf_hold_temporary(e) : NOBODY;
    unsigned to = zf_hold_prepare_same(e, ir->a, true);
    rotate(e, RCX, from, ir->c & 63);
    if (!row->host) {
        zf_x86_rr(e, X_XOR | X_64, RCX, old);
    }
    mask(e, RCX, ir->imm64);
    zf_x86_rr(e, (row->host ? row->host : X_XOR) | X_64, host_of(to), RCX);
    if (tests) {
        move(e, X_64, host_of(tested), host_of(to));
        mask(e, host_of(tested), ir->imm64);
        zf_hold_write(e, to, ir->a, true);
        zf_cc_becomes(e, (enum zf_jit_cc)row->cc, tested, NOBODY, 0);
    } else {
        finish(e, row, ir, to, NOBODY, 0);
    }
    return true;
}

static bool lower_address(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    bool indexed = ir->op == ZF_OP_la_x;
    if (e->access == ACCESS_ANY || ir->b == ZF_REG_ZERO || (indexed && ir->x == ZF_REG_ZERO)) {
        return false;
    }
    struct zf_host_address sum = {(uint8_t)zf_hold_read(e, ir->b, true), RSP, ir->imm};
    if (indexed) {
        sum.index = (uint8_t)zf_hold_read(e, ir->x, true);
    }
    unsigned to = zf_hold_prepare(e, ir->a, true);
    if (host_of(to) == sum.base && !indexed) {
        zf_x86_immediate(e, X_64, N_ADD, sum.base, ir->imm);
    } else {
        zf_x86_rm(e, X_LEA | X_64, host_of(to), &sum);
    }
    finish(e, row, ir, to, NOBODY, 0);
    return true;
}

static bool lower_load(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    struct zf_host_access access = {.kind = row->number};
    if (!zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    bool wide = row->wide;
    if (row->number == ACCESS_INSERT8) {
        wide = e->state.held[zf_hold_place_of(zf_hold_read(e, ir->a, false))].wide;
    }
    unsigned to = row->number == ACCESS_INSERT8 ? zf_hold_prepare_same(e, ir->a, wide)
                                                : zf_hold_prepare(e, ir->a, wide);
    access.reg = (uint8_t)host_of(to);
    zf_jit_access(e, &access);
    zf_hold_write(e, to, ir->a, wide);
    return true;
}

static bool lower_store(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    struct zf_host_access access = {.kind = row->number, .imm = ir->imm2};
    if (!zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    if (row->form == STORE) {
        access.reg = (uint8_t)zf_hold_read(e, ir->a, row->wide);
    }
    zf_jit_access(e, &access);
    return true;
}

static bool lower_alu_memory(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    struct zf_host_access access = {.kind = row->number, .reg = RCX};
    bool kept = row->live && row->second;
    if (!zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    unsigned old = zf_hold_read(e, ir->a, row->wide);
    if (kept) {
        access.reg = (uint8_t)host_of(zf_hold_temporary(e));
    }
    zf_jit_access(e, &access);
    if (zf_op_specs[ir->op].effects & ZF_EFFECT_SETS_CC) {
        zf_cc_forget(e);
    }
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    operate(e, row, host_of(to), old, access.reg);
    finish_with_flags(e, row, ir, to, kept ? zf_hold_place_of(access.reg) : NOBODY, 0);
    return true;
}

typedef bool lowering(struct emitter *e, const struct row *row, const struct zf_ir *ir);
static lowering *const lowerings[LAST_FORM + 1] = {
    [CONSTANT] = lower_constant,
    [MOVE] = lower_move,
    [FROM_AR] = lower_from_ar,
    [ALU] = lower_alu,
    [ALU_EXTENDED] = lower_alu_extended,
    [ALU_IMMEDIATE] = lower_alu_immediate,
    [LOGIC_IMMEDIATE] = lower_logic_immediate,
    [MULTIPLY_IMMEDIATE] = lower_multiply,
    [MULTIPLY_PAIR] = lower_multiply_pair,
    [NEGATE] = lower_negate,
    [SHIFT] = lower_shift,
    [SHIFT_BY] = lower_shift_by,
    [ROTATE] = lower_rotate,
    [INSERT] = lower_insert,
    [ADDRESS] = lower_address,
    [LOAD] = lower_load,
    [STORE] = lower_store,
    [SET] = lower_store,
    [ALU_MEMORY] = lower_alu_memory,
};

/* Operands that are read and always zero are for addresses alone. */
static bool has_zero(const struct zf_ir *ir) {
    const struct zf_operand_spec *o = zf_op_specs[ir->op].operand;
    const uint8_t values[] = {ir->a, ir->b, ir->x, ir->c};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(values); i++) {
        if (o[i].kind >= ZF_OPERAND_GR && o[i].kind <= ZF_OPERAND_GR_HIGH &&
            values[i] == ZF_REG_ZERO) {
            return true;
        }
    }
    return false;
}

unsigned zf_jit_access_of(const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    switch ((enum form)row->form) {
    case BY_STENCIL: {
        unsigned kind = zf_jit_access_of_branch(ir);
        return kind != NO_ACCESS ? kind : zf_jit_access_of_vector(ir);
    }
    case LOAD:
    case STORE:
    case SET:
    case ALU_MEMORY:
        return row->number;
    default:
        return NO_ACCESS;
    }
}

bool zf_jit_lower(struct emitter *e, const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    uint16_t effects = zf_op_specs[ir->op].effects;
    if (!zf_hold_has_places(e, ir)) {
        return false;
    }
    if (row->form == BY_STENCIL) {
        return zf_jit_lower_branch(e, ir) || zf_jit_lower_float(e, ir) ||
               zf_jit_lower_vector(e, ir) || zf_jit_lower_elements(e, ir) ||
               zf_jit_lower_several(e, ir) || zf_jit_lower_bytes(e, ir) ||
               zf_jit_lower_carry(e, ir) || zf_jit_lower_high(e, ir) || zf_jit_lower_count(e, ir);
    }
    if (has_zero(ir) && (row->form < ADDRESS || ir->a == ZF_REG_ZERO)) {
        return false;
    }
    if (effects & ZF_EFFECT_SETS_CC && !(effects & ZF_EFFECT_FAULTS)) {
        zf_cc_forget(e);
    }
    return lowerings[row->form](e, row, ir);
}
