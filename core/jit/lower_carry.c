/*
 * Lowerings of additions and subtractions that take a carry from the CC, and of branches on it:
 * long numbers are made of such. The CC before is seldom made yet: the host's carry flag comes from
 * what it would be made of. On the host, a subtraction's flag is the borrow, which is no carry.
 */
#include "x86.h"

struct row {
    bool takes; /* an op of this kind */
    bool wide, subtract;
    bool storage;   /* the second operand is there */
    uint8_t number; /* of its access */
};

#define ROW(op, ...) [ZF_OP_##op] = {.takes = true, __VA_ARGS__}
#define ROW_MEM(op, access, ...)                                                                   \
    ROW(op, .storage = true, .number = access, __VA_ARGS__),                                       \
        ROW(op##_x, .storage = true, .number = access, __VA_ARGS__)
#define WIDE .wide = true
#define SUBTRACT .subtract = true

static const struct row rows[ZF_OP_COUNT] = {
    /* clang-format off */
    ROW(alc32, ),
    ROW(alc64, WIDE),
    ROW(slb32, SUBTRACT),
    ROW(slb64, WIDE, SUBTRACT),
    ROW_MEM(alc,  ACCESS_LOAD32, ),
    ROW_MEM(alcg, ACCESS_LOAD64, WIDE),
    ROW_MEM(slb,  ACCESS_LOAD32, SUBTRACT),
    ROW_MEM(slbg, ACCESS_LOAD64, WIDE, SUBTRACT),
    /* clang-format on */
};

static bool is_wide(unsigned kind) {
    return kind == ZF_JIT_CC_AL64 || kind == ZF_JIT_CC_SL64 || kind == ZF_JIT_CC_LOGICAL64 ||
           kind == ZF_JIT_CC_CARRY64;
}

/* p `op` q of a thunk, or the number that stands for q. */
static void operate(struct emitter *e, const struct cc_thunk *cc, uint32_t op, unsigned number) {
    uint32_t wide = is_wide(cc->kind) ? X_64 : 0;
    unsigned p = op == X_ADD ? RAX : zf_jit_pool[cc->p];
    if (cc->q == NOBODY) {
        zf_x86_immediate(e, wide, number, p, cc->imm);
    } else {
        zf_x86_rr(e, op | wide, p, zf_jit_pool[cc->q]);
    }
}

/* What was subtracted is added again: the host's flag is that of the borrow. */
static void add_again(struct emitter *e, const struct cc_thunk *cc) {
    zf_x86_rr(e, X_MOV | (is_wide(cc->kind) ? X_64 : 0), RAX, zf_jit_pool[cc->p]);
    operate(e, cc, X_ADD, N_ADD);
}

/* CC 2 of a comparison: what p was held against is less. */
static void compare_back(struct emitter *e, const struct cc_thunk *cc) {
    unsigned q = cc->q == NOBODY ? RAX : zf_jit_pool[cc->q];
    if (cc->q == NOBODY) {
        bool wide = is_wide(cc->kind);
        zf_x86_constant(e, RAX, wide ? (uint64_t)(int64_t)cc->imm : (uint32_t)cc->imm);
    }
    zf_x86_rr(e, X_CMP | (is_wide(cc->kind) ? X_64 : 0), q, zf_jit_pool[cc->p]);
}

/* What the host's carry flag is of a CC. */
enum flag { UNKNOWN, CARRY, BORROW };

static enum flag flag_of(const struct cc_thunk *cc) {
    switch ((enum zf_jit_cc)cc->kind) {
    case ZF_JIT_CC_AL32:
    case ZF_JIT_CC_AL64:
    case ZF_JIT_CC_LOGICAL32:
    case ZF_JIT_CC_LOGICAL64:
    case ZF_JIT_CC_CARRY32:
    case ZF_JIT_CC_CARRY64:
        return CARRY;
    case ZF_JIT_CC_SL32:
    case ZF_JIT_CC_SL64:
        return BORROW;
    default:
        return UNKNOWN;
    }
}

/* Makes the flag, of one that is known. The flags may be those of the operation itself. */
static void write_flag(struct emitter *e, const struct cc_thunk *cc) {
    switch ((enum zf_jit_cc)cc->kind) {
    case ZF_JIT_CC_LOGICAL32:
    case ZF_JIT_CC_LOGICAL64:
        compare_back(e, cc);
        break;
    case ZF_JIT_CC_CARRY32:
    case ZF_JIT_CC_CARRY64:
        zf_x86_rr(e, X_BIT, N_BT, zf_jit_pool[cc->q]);
        zf_x86_bytes(e, 0, 1);
        break;
    case ZF_JIT_CC_SL32:
    case ZF_JIT_CC_SL64:
        if (e->flags_at != e->at) {
            add_again(e, cc);
        }
        break;
    default:
        if (e->flags_at != e->at) {
            operate(e, cc, X_CMP, N_CMP);
        }
    }
}

bool zf_jit_carry_condition(struct emitter *e, unsigned mask, int *condition) {
    const struct cc_thunk *cc = &e->state.cc;
    enum { ZERO = 8 | 2, CARRIES = 2 | 1, ALL = 15 };
    bool when = mask == ZERO || mask == CARRIES;
    enum flag flag = flag_of(cc);
    if (flag == UNKNOWN) {
        return false;
    }
    if (mask == ZERO || mask == (ALL & ~ZERO)) {
        zf_x86_rr(e, X_TEST | (is_wide(cc->kind) ? X_64 : 0), zf_jit_pool[cc->p],
                  zf_jit_pool[cc->p]);
        *condition = when ? IF_EQUAL : IF_NOT_EQUAL;
        return true;
    }
    if (mask == CARRIES || mask == (ALL & ~CARRIES)) {
        write_flag(e, cc);
        *condition = when == (flag == CARRY) ? IF_BELOW : IF_NOT_BELOW;
        return true;
    }
    return false;
}

static void add_or_subtract(struct emitter *e, const struct row *row, unsigned to, unsigned first,
                            unsigned second) {
    uint32_t wide = row->wide ? X_64 : 0, op = (row->subtract ? X_SBB : X_ADC) | wide;
    unsigned in = to == second && to != first ? RAX : to;
    if (in != first) {
        zf_x86_rr(e, X_MOV | wide, in, first);
    }
    zf_x86_rr(e, op, in, second);
    if (in != to) {
        zf_x86_rr(e, X_MOV | wide, to, in);
    }
}

static bool read_operands(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                          unsigned *first, unsigned *second) {
    struct zf_host_access access = {.kind = row->number, .reg = RCX};
    if (!row->storage) {
        *first = zf_hold_read(e, ir->b, row->wide);
        *second = zf_hold_read(e, ir->c, row->wide);
        return true;
    }
    if (!zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    *first = zf_hold_read(e, ir->a, row->wide);
    *second = access.reg;
    zf_jit_access(e, &access);
    return true;
}

bool zf_jit_lower_carry(struct emitter *e, const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    unsigned first, second;
    bool zero =
        ir->a == ZF_REG_ZERO || (!row->storage && (ir->b == ZF_REG_ZERO || ir->c == ZF_REG_ZERO));
    const struct cc_thunk before = e->state.cc;
    if (!row->takes || zero || flag_of(&before) == UNKNOWN) {
        return false;
    }
    /* nothing else goes where its values are */
    e->locked |= 1u << before.p | (before.q == NOBODY ? 0 : 1u << before.q);
    if (!read_operands(e, row, ir, &first, &second)) {
        return false;
    }
    zf_cc_forget(e);
    unsigned to = zf_hold_prepare(e, ir->a, row->wide), carry = zf_hold_temporary(e);
    write_flag(e, &before);
    if ((flag_of(&before) == BORROW) != row->subtract) {
        zf_x86_bytes(e, X_COMPLEMENT_CARRY, 1);
    }
    add_or_subtract(e, row, zf_jit_pool[to], first, second);
    zf_x86_rr(e, (0x0f90u | (row->subtract ? IF_NOT_BELOW : IF_BELOW)) | X_RM_BYTE, 0,
              zf_jit_pool[carry]);
    zf_hold_write(e, to, ir->a, row->wide);
    zf_cc_becomes(e, row->wide ? ZF_JIT_CC_CARRY64 : ZF_JIT_CC_CARRY32, to, carry, 0);
    return true;
}
