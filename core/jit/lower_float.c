/*
 * Lowerings of floating point. Its registers stay in the CPU; general ones stay in host registers.
 * Long numbers are computed as the ops' bodies do: on the host, where the FPC allows it and the
 * result is an ordinary number. All else (zeros, what may have underflowed or overflowed, infinity,
 * NaNs, traps) the op's stencil does, which begins anew.
 */
#include "x86.h"

#include "zfacet/host_float.h"
#include "zfacet/vector_register.h"

enum form {
    BY_STENCIL,
    COPY,       /* a = b */
    ZERO,       /* a = 0 */
    FROM_GR,    /* a = general register b */
    TO_GR,      /* general register a = b */
    TWO,        /* a = a `host` b */
    TWO_GR,     /* the same, b is in a general register */
    FUSED,      /* a = c * b + a, by `host` */
    FUSED_GR,   /* the same, b is in a general register */
    ROOT,       /* a = root of b */
    ALONE,      /* a = b `host` c; these make the right half of a zero */
    ALONE_FUSED /* a = b * c + x */
};

struct row {
    uint8_t form;
    bool cc; /* it is the result's sign */
    uint32_t host;
};

#define ROW(op, ...) [ZF_OP_##op] = {__VA_ARGS__}
#define ROW_GR(op, form, ...)                                                                      \
    [ZF_OP_##op] = {form, __VA_ARGS__}, [ZF_OP_##op##_m] = {form##_GR, __VA_ARGS__}

static const struct row rows[ZF_OP_COUNT] = {
    /* clang-format off */
    ROW(ldr,  COPY),
    ROW(lzdr, ZERO),
    ROW(ldgr, FROM_GR),
    ROW(lgdr, TO_GR),
    ROW_GR(adbr,  TWO, .cc = true, .host = X_VADDSD),
    ROW_GR(sdbr,  TWO, .cc = true, .host = X_VSUBSD),
    ROW_GR(mdbr,  TWO, .host = X_VMULSD),
    ROW_GR(ddbr,  TWO, .host = X_VDIVSD),
    ROW_GR(madbr, FUSED, .host = X_VFMADD132SD),
    ROW_GR(msdbr, FUSED, .host = X_VFMSUB132SD),
    ROW(sqdbr,    ROOT),
    ROW(wfadb,    ALONE, .host = X_VADDSD),
    ROW(wfsdb,    ALONE, .host = X_VSUBSD),
    ROW(wfmdb,    ALONE, .host = X_VMULSD),
    ROW(wfddb,    ALONE, .host = X_VDIVSD),
    ROW(wfmadb,   ALONE_FUSED, .host = X_VFMADD132SD),
    ROW(wfmsdb,   ALONE_FUSED, .host = X_VFMSUB132SD),
    ROW(wfnmadb,  ALONE_FUSED, .host = X_VFNMSUB132SD), /* the negative of all */
    ROW(wfnmsdb,  ALONE_FUSED, .host = X_VFNMADD132SD),
    /* clang-format on */
};

static size_t left_of(uint8_t r) {
    return offsetof(struct zf_cpu, vr) + r * sizeof(union zf_vr) + ZF_VR_LEFT * sizeof(uint64_t);
}

static size_t right_of(uint8_t r) {
    return offsetof(struct zf_cpu, vr) + r * sizeof(union zf_vr) + !ZF_VR_LEFT * sizeof(uint64_t);
}

static void get(struct emitter *e, unsigned xmm, uint8_t r) {
    zf_x86_vex_cpu(e, X_VMOVSD, xmm, 0, left_of(r));
}

static void clear(struct emitter *e, size_t offset) {
    zf_x86_cpu(e, 0xc7 | X_64, 0, offset);
    zf_x86_bytes(e, 0, 4);
}

static bool lower_move(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    if (row->form == TO_GR) {
        unsigned to = zf_hold_prepare(e, ir->a, true);
        zf_x86_cpu(e, X_MOV | X_64, zf_jit_pool[to], left_of(ir->b));
        zf_hold_write(e, to, ir->a, true);
    } else if (row->form == ZERO) {
        clear(e, left_of(ir->a));
    } else if (row->form == FROM_GR) {
        zf_x86_cpu(e, X_MOV_TO | X_64, zf_hold_read(e, ir->b, true), left_of(ir->a));
    } else {
        zf_x86_cpu(e, X_MOV | X_64, RCX, left_of(ir->b));
        zf_x86_cpu(e, X_MOV_TO | X_64, RCX, left_of(ir->a));
    }
    return true;
}

/* The result, in XMM0. */
static void compute(struct emitter *e, const struct row *row, const struct zf_ir *ir, unsigned by) {
    switch ((enum form)row->form) {
    case TWO:
        get(e, XMM0, ir->a);
        zf_x86_vex_cpu(e, row->host, XMM0, XMM0, left_of(ir->b));
        break;
    case TWO_GR:
        get(e, XMM0, ir->a);
        zf_x86_vex(e, X_VMOVQ, XMM1, 0, by);
        zf_x86_vex(e, row->host, XMM0, XMM0, XMM1);
        break;
    case FUSED:
        get(e, XMM0, ir->c);
        get(e, XMM1, ir->a);
        zf_x86_vex_cpu(e, row->host, XMM0, XMM1, left_of(ir->b));
        break;
    case FUSED_GR:
        zf_x86_vex(e, X_VMOVQ, XMM0, 0, by);
        get(e, XMM1, ir->a);
        zf_x86_vex_cpu(e, row->host, XMM0, XMM1, left_of(ir->c));
        break;
    case ROOT:
        get(e, XMM0, ir->b);
        zf_x86_vex(e, X_VSQRTSD, XMM0, XMM0, XMM0);
        break;
    case ALONE:
        get(e, XMM0, ir->b);
        zf_x86_vex_cpu(e, row->host, XMM0, XMM0, left_of(ir->c));
        break;
    default:
        get(e, XMM0, ir->b);
        get(e, XMM1, ir->x);
        zf_x86_vex_cpu(e, row->host, XMM0, XMM1, left_of(ir->c));
    }
}

/* Whether the host will do: at first by the FPC, each time, as a stencil may have come before. */
static uint32_t test_usual(struct emitter *e) {
    zf_x86_cpu(e, 0xf7, 0, offsetof(struct zf_cpu, fpc));
    zf_x86_bytes(e, ZF_FPC_EXACT, 4);
    return zf_x86_jump(e, IF_NOT_EQUAL);
}

/* Then by the result's exponent, as LONG_NORMAL(): less 2, at the left of RCX. RAX gets the result.
 * Hosts forward what RAX stores quicker than what an XMM register does. */
static uint32_t test_result(struct emitter *e) {
    enum { HALF = 32, EXPONENT_UNIT = 1 << 21, USUAL = 0x7ff - 2 };
    const struct zf_host_address left = {RCX, RCX, -2 * EXPONENT_UNIT};
    zf_x86_vex(e, X_VMOVQ_TO, XMM0, 0, RAX);
    zf_x86_rorx(e, X_64, RCX, RAX, HALF);
    zf_x86_rm(e, X_LEA, RCX, &left);
    zf_x86_immediate(e, 0, N_CMP, RCX, (int32_t)((uint32_t)USUAL * EXPONENT_UNIT));
    return zf_x86_jump(e, IF_NOT_BELOW);
}

static bool lower_arithmetic(struct emitter *e, const struct row *row, const struct zf_ir *ir) {
    unsigned by = RSP;
    if (row->form == TWO_GR || row->form == FUSED_GR) {
        by = zf_hold_read(e, ir->b, true);
    }
    if (!row->cc) {
        zf_cc_save(e); /* the stencil would not leave it to be made */
    }
    struct unusual *unusual = &e->unusual[e->unusuals++];
    unusual->op = (uint16_t)e->op;
    unusual->before = e->state;
    unusual->vectors = e->vectors;
    unusual->site[0] = test_usual(e);
    compute(e, row, ir, by);
    unusual->site[1] = test_result(e);
    zf_x86_cpu(e, X_MOV_TO | X_64, RAX, left_of(ir->a));
    if (row->form >= ALONE) {
        clear(e, right_of(ir->a));
    }
    if (row->cc) {
        zf_cc_forget(e);
        zf_x86_cpu(e, X_MOV_TO | X_64, RAX, offsetof(struct zf_cpu, cc_value));
        zf_x86_cpu_constant(e, offsetof(struct zf_cpu, cc), ZF_CC_OF_SIGN);
    }
    unusual->after = e->state;
    unusual->back = e->at;
    return true;
}

bool zf_jit_lower_float(struct emitter *e, const struct zf_ir *ir) {
    const struct row *row = &rows[ir->op];
    if (row->form == BY_STENCIL) {
        return false;
    }
    return row->form < TWO ? lower_move(e, row, ir) : lower_arithmetic(e, row, ir);
}
