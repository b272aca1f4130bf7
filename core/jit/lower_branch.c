/*
 * Lowerings of compares, tests under mask and branches. A compare that no branch follows is kept as
 * what the CC would be made of; a conditional branch makes the host's flags of that.
 */
#include "x86.h"

enum form {
    BY_STENCIL,
    REGISTERS, /* a with b */
    EXTENDED,  /* a with b, of 32 bits: `host` makes 64 of them */
    IMMEDIATE, /* a with IMM */
    STORAGE,   /* a with storage, by access `number` */
    BYTE,      /* the same of a's low byte */
    CONSTANT,  /* storage with I16, by access `number` */
    COPY,      /* a = b by `host`, with zero */
    LOAD,      /* a = storage by access `number`, with zero */
    TEST,      /* a under mask IMM */
    TEST_BYTE, /* storage under mask I16 */
};
/* Variants of a compare or test: dead, live, branches that leave the CC undone, the same that set
 * it. */
enum { DEAD, LIVE, BRANCHES, COMPARE_BRANCHES = 6, TEST_BRANCHES = 4 };

struct row {
    uint16_t first; /* variant */
    uint8_t form, number, cc;
    bool wide;
    uint32_t host;
};

#define ROW(op, count, ...)                                                                        \
    [ZF_OP_##op... ZF_OP_##op + (count)-1] = {.first = ZF_OP_##op, __VA_ARGS__}
#define COMPARE(op, form_, cc_, ...)                                                               \
    ROW(op, 2 + 2 * COMPARE_BRANCHES, .form = form_, .cc = ZF_JIT_CC_##cc_, __VA_ARGS__)
#define TESTED(op, form_, cc_, ...)                                                                \
    ROW(op, 2 + 2 * TEST_BRANCHES, .form = form_, .cc = ZF_JIT_CC_##cc_, __VA_ARGS__)
#define WIDE .wide = true
#define BY(access) .number = ACCESS_##access

static const struct row rows[ZF_OP_COUNT] = {
    /* clang-format off */
    COMPARE(cr,     REGISTERS, COMPARE32, ),
    COMPARE(cgr,    REGISTERS, COMPARE64, WIDE),
    COMPARE(clr,    REGISTERS, LOGICAL32, ),
    COMPARE(clgr,   REGISTERS, LOGICAL64, WIDE),
    COMPARE(cgfr,   EXTENDED,  COMPARE64, WIDE, .host = X_MOVSXD),
    COMPARE(clgfr,  EXTENDED,  LOGICAL64, WIDE, .host = X_MOV),
    COMPARE(ci32,   IMMEDIATE, COMPARE32, ),
    COMPARE(ci64,   IMMEDIATE, COMPARE64, WIDE),
    COMPARE(cz64,   IMMEDIATE, COMPARE64, WIDE),
    COMPARE(cli32,  IMMEDIATE, LOGICAL32, ),
    COMPARE(cli64,  IMMEDIATE, LOGICAL64, WIDE),
    COMPARE(c,      STORAGE,   COMPARE32, BY(LOAD32)),
    COMPARE(ch,     STORAGE,   COMPARE32, BY(LOAD16_32)),
    COMPARE(cg,     STORAGE,   COMPARE64, BY(LOAD64), WIDE),
    COMPARE(cgf,    STORAGE,   COMPARE64, BY(LOAD32_64), WIDE),
    COMPARE(cgh,    STORAGE,   COMPARE64, BY(LOAD16_64), WIDE),
    COMPARE(cl,     STORAGE,   LOGICAL32, BY(LOAD32)),
    COMPARE(clg,    STORAGE,   LOGICAL64, BY(LOAD64), WIDE),
    COMPARE(clgf,   STORAGE,   LOGICAL64, BY(LOAD32), WIDE),
    COMPARE(clh16,  STORAGE,   LOGICAL32, BY(LOAD16)),
    COMPARE(clgh16, STORAGE,   LOGICAL64, BY(LOAD16), WIDE),
    COMPARE(clm8,   BYTE,      LOGICAL32, BY(LOAD8)),
    COMPARE(cli,    CONSTANT,  LOGICAL32, BY(LOAD8)),
    COMPARE(chhsi,  CONSTANT,  COMPARE32, BY(LOAD16_32)),
    COMPARE(chsi,   CONSTANT,  COMPARE32, BY(LOAD32)),
    COMPARE(cghsi,  CONSTANT,  COMPARE64, BY(LOAD64), WIDE),
    COMPARE(clhhsi, CONSTANT,  LOGICAL32, BY(LOAD16)),
    COMPARE(clfhsi, CONSTANT,  LOGICAL32, BY(LOAD32)),
    COMPARE(clghsi, CONSTANT,  LOGICAL64, BY(LOAD64), WIDE),
    COMPARE(ltr,    COPY,      COMPARE32, .host = X_MOV),
    COMPARE(ltgr,   COPY,      COMPARE64, WIDE, .host = X_MOV | X_64),
    COMPARE(ltgfr,  COPY,      COMPARE64, WIDE, .host = X_MOVSXD),
    COMPARE(lt,     LOAD,      COMPARE32, BY(LOAD32)),
    COMPARE(ltg,    LOAD,      COMPARE64, BY(LOAD64), WIDE),
    COMPARE(ltgf,   LOAD,      COMPARE64, BY(LOAD32_64), WIDE),
    TESTED(tml,     TEST,      MASK, ),
    TESTED(tml1,    TEST,      MASK, ),
    TESTED(tm,      TEST_BYTE, MASK1, BY(LOAD8)),
    /* clang-format on */
};

/* What is compared: host registers, or the second one a number. */
struct operands {
    unsigned first, second; /* second NOBODY: imm */
    int32_t imm;
    bool wide;
};

static bool is_logical(unsigned cc) {
    return cc == ZF_JIT_CC_LOGICAL32 || cc == ZF_JIT_CC_LOGICAL64;
}

/* The host's condition for a mask of CC 0, 1 and 2, which is neither none nor all. */
static int condition_of(unsigned three, bool logical) {
    static const int8_t with_sign[] = {-1,       IF_GREATER,  IF_LESS,       IF_NOT_EQUAL,
                                       IF_EQUAL, IF_NOT_LESS, IF_NOT_GREATER};
    static const int8_t without[] = {-1,       IF_ABOVE,     IF_BELOW,    IF_NOT_EQUAL,
                                     IF_EQUAL, IF_NOT_BELOW, IF_NOT_ABOVE};
    return logical ? without[three] : with_sign[three];
}

static void write_compare(struct emitter *e, const struct operands *o) {
    uint32_t wide = o->wide ? X_64 : 0;
    if (o->second != NOBODY) {
        zf_x86_rr(e, X_CMP | wide, o->first, o->second);
    } else if (!o->imm) {
        zf_x86_rr(e, X_TEST | wide, o->first, o->first);
    } else {
        zf_x86_immediate(e, wide, N_CMP, o->first, o->imm);
    }
}

static void write_test(struct emitter *e, unsigned reg, uint32_t mask) {
    zf_x86_rr(e, 0xf7, 0, reg);
    zf_x86_bytes(e, mask, 4);
}

/* A register for a value: one that lasts when the CC is made of it, else `free`. */
static unsigned place_for_value(struct emitter *e, bool lasts, unsigned free) {
    return lasts ? zf_jit_pool[zf_hold_temporary(e)] : free;
}

static bool read_registers(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                           bool lasts, struct operands *o) {
    o->first = zf_hold_read(e, ir->a, row->wide);
    o->second = zf_hold_read(e, ir->b, row->wide && row->form == REGISTERS);
    if (row->form == EXTENDED) {
        unsigned narrow = o->second;
        o->second = place_for_value(e, lasts, RCX);
        zf_x86_rr(e, row->host, o->second, narrow);
    }
    return true;
}

static bool read_immediate(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                           struct operands *o) {
    if (row->cc == ZF_JIT_CC_LOGICAL64 && ir->imm < 0) {
        return false; /* it would be extended with its sign */
    }
    o->first = zf_hold_read(e, ir->a, row->wide);
    o->imm = row->first == ZF_OP_cz64 ? 0 : ir->imm;
    return true;
}

static bool read_storage(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                         bool lasts, struct operands *o) {
    struct zf_host_access access = {.kind = row->number};
    if (!zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    if (row->form == STORAGE || row->form == BYTE) {
        o->first = zf_hold_read(e, ir->a, row->wide);
    }
    access.reg = (uint8_t)place_for_value(e, lasts, RCX);
    zf_jit_access(e, &access);
    if (row->form == BYTE) {
        unsigned byte = place_for_value(e, lasts, RDX);
        zf_x86_rr(e, X_MOVZX8, byte, o->first);
        o->first = byte;
    }
    if (row->form == STORAGE || row->form == BYTE) {
        o->second = access.reg;
        return true;
    }
    o->first = access.reg;
    bool halfword = row->cc == ZF_JIT_CC_LOGICAL32 || row->cc == ZF_JIT_CC_LOGICAL64;
    o->imm = halfword && row->first != ZF_OP_cli ? (uint16_t)ir->i16 : ir->i16;
    return true;
}

static bool read_copy(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                      struct operands *o) {
    unsigned from = zf_hold_read(e, ir->b, row->host == (X_MOV | X_64));
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    if (zf_jit_pool[to] != from || row->host != (X_MOV | X_64)) {
        zf_x86_rr(e, row->host, zf_jit_pool[to], from);
    }
    zf_hold_write(e, to, ir->a, row->wide);
    o->first = zf_jit_pool[to];
    return true;
}

static bool read_load(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                      struct operands *o) {
    struct zf_host_access access = {.kind = row->number};
    if (!zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    unsigned to = zf_hold_prepare(e, ir->a, row->wide);
    access.reg = zf_jit_pool[to];
    zf_jit_access(e, &access);
    zf_hold_write(e, to, ir->a, row->wide);
    o->first = access.reg;
    return true;
}

static bool read_operands(struct emitter *e, const struct row *row, const struct zf_ir *ir,
                          bool lasts, struct operands *o) {
    *o = (struct operands){.second = NOBODY, .wide = row->wide};
    switch ((enum form)row->form) {
    case REGISTERS:
    case EXTENDED:
        return read_registers(e, row, ir, lasts, o);
    case IMMEDIATE:
        return read_immediate(e, row, ir, o);
    case STORAGE:
    case BYTE:
    case CONSTANT:
    case TEST_BYTE:
        if (!read_storage(e, row, ir, lasts, o)) {
            return false;
        }
        o->imm = row->form == TEST_BYTE ? (uint8_t)ir->i16 : o->imm;
        return true;
    case COPY:
        return read_copy(e, row, ir, o);
    case LOAD:
        return read_load(e, row, ir, o);
    default:
        o->first = zf_hold_read(e, ir->a, false);
        o->imm = ir->imm;
        return true;
    }
}

static void keep_thunk(struct emitter *e, unsigned cc, const struct operands *o) {
    unsigned second = o->second == NOBODY ? NOBODY : zf_hold_place_of(o->second);
    if (second == NOBODY && !o->imm && (cc == ZF_JIT_CC_COMPARE32 || cc == ZF_JIT_CC_COMPARE64)) {
        cc = o->wide ? ZF_JIT_CC_SIGN64 : ZF_JIT_CC_SIGN32;
    }
    zf_cc_becomes(e, (enum zf_jit_cc)cc, zf_hold_place_of(o->first), second, o->imm);
}

/* The branch of a fused form, by its number; returns the host's condition. */
static int write_fused_test(struct emitter *e, const struct operands *o, unsigned number) {
    enum { NONE, SOME, ALL, NOT_ALL };
    if (number == NONE || number == SOME) {
        write_test(e, o->first, (uint32_t)o->imm);
        return number == NONE ? IF_EQUAL : IF_NOT_EQUAL;
    }
    zf_x86_rr(e, X_MOV, RAX, o->first);
    zf_x86_immediate(e, 0, N_AND, RAX, o->imm);
    zf_x86_immediate(e, 0, N_CMP, RAX, o->imm);
    return number == ALL ? IF_EQUAL : IF_NOT_EQUAL;
}

static int write_fused_compare(struct emitter *e, const struct row *row, const struct operands *o,
                               unsigned number) {
    static const uint8_t masks[COMPARE_BRANCHES] = {4, 2, 1, 3, 5, 6}; /* CC 0, 1, 2 */
    write_compare(e, o);
    return condition_of(masks[number], is_logical(row->cc));
}

static bool lower_compare(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    bool test = row->form == TEST || row->form == TEST_BYTE;
    unsigned branches = test ? TEST_BRANCHES : COMPARE_BRANCHES, variant = ir->op - row->first;
    bool live = variant == LIVE || variant >= BRANCHES + branches;
    uint16_t effects = zf_op_specs[ir->op].effects;
    struct operands o;
    if (effects & ZF_EFFECT_SETS_CC && !(effects & ZF_EFFECT_FAULTS)) {
        zf_cc_forget(e);
    }
    if (!read_operands(e, row, ir, live, &o)) {
        return false;
    }
    if (effects & ZF_EFFECT_SETS_CC) {
        zf_cc_forget(e);
    }
    if (live) {
        keep_thunk(e, row->cc, &o);
    }
    if (variant >= BRANCHES) {
        unsigned number = (variant - BRANCHES) % branches;
        zf_jit_leave_if(e, test ? write_fused_test(e, &o, number)
                                : write_fused_compare(e, row, &o, number));
    }
    return true;
}

/* What a thunk compares, when its CC is that of a compare; a sign is one with zero. */
static bool thunk_compares(const struct cc_thunk *cc, struct operands *o) {
    *o = (struct operands){.first = zf_jit_pool[cc->p], .second = NOBODY};
    switch ((enum zf_jit_cc)cc->kind) {
    case ZF_JIT_CC_SIGN64:
    case ZF_JIT_CC_COMPARE64:
    case ZF_JIT_CC_LOGICAL64:
        o->wide = true;
        break;
    case ZF_JIT_CC_SIGN32:
    case ZF_JIT_CC_COMPARE32:
    case ZF_JIT_CC_LOGICAL32:
        break;
    default:
        return false;
    }
    if (cc->kind >= ZF_JIT_CC_COMPARE32) {
        o->second = cc->q == NOBODY ? NOBODY : zf_jit_pool[cc->q];
        o->imm = cc->imm;
    }
    return true;
}

/*
 * Makes the host's flags for a mask of the CC that is not made yet. Returns the condition; ALWAYS;
 * or NEVER; or UNKNOWN, when nothing was written.
 */
enum { NEVER = -2, UNKNOWN = -3 };
static int write_condition(struct emitter *e, unsigned mask) {
    const struct cc_thunk *cc = &e->state.cc;
    struct operands o;
    if (thunk_compares(cc, &o)) {
        unsigned three = mask >> 1;
        if (three == 0 || three == 7) {
            return three ? ALWAYS : NEVER;
        }
        write_compare(e, &o);
        return condition_of(three, is_logical(cc->kind));
    }
    if (cc->kind == ZF_JIT_CC_TEST32 || cc->kind == ZF_JIT_CC_TEST64) {
        unsigned two = mask >> 2;
        if (two == 0 || two == 3) {
            return two ? ALWAYS : NEVER;
        }
        if (e->flags_at != e->at) {
            zf_x86_rr(e, X_TEST | (cc->kind == ZF_JIT_CC_TEST64 ? X_64 : 0), zf_jit_pool[cc->p],
                      zf_jit_pool[cc->p]);
        }
        return two == 2 ? IF_EQUAL : IF_NOT_EQUAL;
    }
    if ((cc->kind == ZF_JIT_CC_MASK || cc->kind == ZF_JIT_CC_MASK1) && cc->imm &&
        (mask == 8 || mask == 7)) {
        write_test(e, zf_jit_pool[cc->p], (uint32_t)cc->imm);
        return mask == 8 ? IF_EQUAL : IF_NOT_EQUAL;
    }
    int condition = UNKNOWN;
    zf_jit_carry_condition(e, mask, &condition);
    return condition;
}

/* The flags of a sum or difference again, in RAX. */
static void write_sum(struct emitter *e, const struct cc_thunk *cc) {
    bool sum = cc->kind == ZF_JIT_CC_ADD32 || cc->kind == ZF_JIT_CC_ADD64;
    uint32_t wide = cc->kind == ZF_JIT_CC_ADD64 || cc->kind == ZF_JIT_CC_SUB64 ? X_64 : 0;
    zf_x86_rr(e, X_MOV | wide, RAX, zf_jit_pool[cc->p]);
    if (cc->q == NOBODY) {
        zf_x86_immediate(e, wide, sum ? N_SUB : N_ADD, RAX, cc->imm);
        zf_x86_immediate(e, wide, sum ? N_ADD : N_SUB, RAX, cc->imm);
    } else {
        zf_x86_rr(e, (sum ? X_SUB : X_ADD) | wide, RAX, zf_jit_pool[cc->q]);
        zf_x86_rr(e, (sum ? X_ADD : X_SUB) | wide, RAX, zf_jit_pool[cc->q]);
    }
}

/* A branch on the CC of a sum or difference: CC 3 is the host's overflow. */
static void branch_on_sum(struct emitter *e, unsigned mask) {
    unsigned three = mask >> 1;
    bool overflow = mask & 1;
    if (e->flags_at != e->at) {
        write_sum(e, &e->state.cc);
    }
    if (three == 0 || three == 7) {
        if (mask) {
            zf_jit_leave_if(e, three && overflow ? ALWAYS : three ? IF_NO_OVERFLOW : IF_OVERFLOW);
        }
    } else if (overflow) {
        zf_jit_leave_if(e, IF_OVERFLOW);
        zf_jit_leave_if(e, condition_of(three, false));
    } else {
        uint32_t around = zf_x86_jump(e, IF_OVERFLOW);
        zf_jit_leave_if(e, condition_of(three, false));
        zf_x86_land(e, around, e->at);
        e->around = e->at;
    }
}

static bool branch_on(struct emitter *e, unsigned mask) {
    unsigned kind = e->state.cc.kind;
    if (kind >= ZF_JIT_CC_ADD32 && kind <= ZF_JIT_CC_SUB64) {
        branch_on_sum(e, mask);
        return true;
    }
    int condition = kind ? write_condition(e, mask) : UNKNOWN;
    if (condition != UNKNOWN && condition != NEVER) {
        zf_jit_leave_if(e, condition);
    }
    return condition != UNKNOWN;
}

/* Counts a down by one; on as long as it is not zero. */
static bool lower_count(struct emitter *e, const struct zf_ir *ir, bool wide) {
    zf_hold_read(e, ir->a, wide);
    unsigned to = zf_hold_prepare_same(e, ir->a, wide);
    zf_x86_immediate(e, wide ? X_64 : 0, N_SUB, zf_jit_pool[to], 1);
    zf_hold_write(e, to, ir->a, wide);
    zf_jit_leave_if(e, IF_NOT_EQUAL);
    return true;
}

/* a += b, held against x. */
static bool lower_index(struct emitter *e, const struct zf_ir *ir, bool wide, int condition) {
    if (ir->x == ir->a || ir->b == ZF_REG_ZERO || ir->x == ZF_REG_ZERO) {
        return false;
    }
    uint32_t size = wide ? X_64 : 0;
    unsigned by = zf_hold_read(e, ir->b, wide), limit = zf_hold_read(e, ir->x, wide);
    zf_hold_read(e, ir->a, wide);
    unsigned to = zf_hold_prepare_same(e, ir->a, wide);
    zf_x86_rr(e, X_ADD | size, zf_jit_pool[to], by);
    zf_hold_write(e, to, ir->a, wide);
    zf_x86_rr(e, X_CMP | size, zf_jit_pool[to], limit);
    zf_jit_leave_if(e, condition);
    return true;
}

/* a = b, when the CC says so: the CC stays. */
static bool lower_conditional_move(struct emitter *e, const struct zf_ir *ir, bool wide) {
    if (ir->b == ZF_REG_ZERO) {
        return false;
    }
    unsigned from = zf_hold_read(e, ir->b, wide);
    zf_hold_read(e, ir->a, wide);
    int condition = e->state.cc.kind ? write_condition(e, ir->c) : UNKNOWN;
    if (condition < 0) {
        return condition == NEVER;
    }
    unsigned to = zf_hold_prepare_same(e, ir->a, wide);
    zf_x86_rr(e, (0x0f40u | (unsigned)condition) | (wide ? X_64 : 0), zf_jit_pool[to], from);
    zf_hold_write(e, to, ir->a, wide);
    return true;
}

unsigned zf_jit_access_of_branch(const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    switch ((enum form)row->form) {
    case STORAGE:
    case BYTE:
    case CONSTANT:
    case LOAD:
    case TEST_BYTE:
        return row->number;
    default:
        return NO_ACCESS;
    }
}

bool zf_jit_lower_branch(struct emitter *e, const struct zf_ir *ir) {
    switch (ir->op) {
    case ZF_OP_nop:
        return true;
    case ZF_OP_jmp:
    case ZF_OP_go_on:
        zf_jit_leave_if(e, ALWAYS);
        return true;
    case ZF_OP_brc:
    case ZF_OP_bcr:
        return branch_on(e, ir->c);
    case ZF_OP_brc8:
        return branch_on(e, 8);
    case ZF_OP_brc7:
        return branch_on(e, 7);
    case ZF_OP_brc4:
        return branch_on(e, 4);
    case ZF_OP_brc2:
        return branch_on(e, 2);
    case ZF_OP_brct:
        return lower_count(e, ir, false);
    case ZF_OP_brctg:
        return lower_count(e, ir, true);
    case ZF_OP_brxh:
        return lower_index(e, ir, false, IF_GREATER);
    case ZF_OP_brxle:
        return lower_index(e, ir, false, IF_NOT_GREATER);
    case ZF_OP_brxhg:
        return lower_index(e, ir, true, IF_GREATER);
    case ZF_OP_brxlg:
        return lower_index(e, ir, true, IF_NOT_GREATER);
    case ZF_OP_locr:
        return lower_conditional_move(e, ir, false);
    case ZF_OP_locgr:
        return lower_conditional_move(e, ir, true);
    default: {
        const struct row *row = &rows[ir->op];
        return row->form != BY_STENCIL && ir->a != ZF_REG_ZERO && lower_compare(e, row, ir);
    }
    }
}
