/*
 * Lowerings of loads and stores of vector and floating-point registers, which stay in the CPU: of
 * whole ones through an XMM register, of elements through a general one.
 */
#include "x86.h"

#include "zfacet/op.h"

enum form {
    BY_STENCIL,
    WHOLE,
    ELEMENT /* number c, in the host's order */,
    FLOATING /* the left */
};

struct row {
    uint8_t form;
    uint8_t kind; /* enum zf_access_kind */
};

#define ROW_MEM(op, ...) [ZF_OP_##op] = {__VA_ARGS__}, [ZF_OP_##op##_x] = {__VA_ARGS__}
#define ROWS(size, letter)                                                                         \
    [ZF_OP_vle_##letter] = {ELEMENT, ACCESS_LOAD##size},                                           \
    [ZF_OP_vste_##letter] = {ELEMENT, ACCESS_STORE##size}

static const struct row rows[ZF_OP_COUNT] = {
    /* clang-format off */
    ROW_MEM(vl,  WHOLE, ACCESS_LOAD128),
    ROW_MEM(vst, WHOLE, ACCESS_STORE128),
    ROW_MEM(ld,  FLOATING, ACCESS_LOAD64),
    ROW_MEM(std, FLOATING, ACCESS_STORE64),
    ROW_MEM(le,  FLOATING, ACCESS_LOAD32),
    ROW_MEM(ste, FLOATING, ACCESS_STORE32),
    ROWS(8, b), ROWS(16, h), ROWS(32, f), ROWS(64, g),
    /* clang-format on */
};

unsigned zf_jit_access_of_vector(const struct zf_ir *ir) {
    return rows[ir->op].form == BY_STENCIL ? NO_ACCESS : rows[ir->op].kind;
}

/* The CPU's byte at which the element is. */
static size_t element_of(const struct row *row, const struct zf_ir *ir) {
    const unsigned size = zf_jit_access_size(row->kind);
    const unsigned last = sizeof(union zf_vr) / size - 1;
    return offsetof(struct zf_cpu, vr) + ir->a * sizeof(union zf_vr) +
           (row->form == FLOATING ? last : ir->c) * size;
}

bool zf_jit_lower_vector(struct emitter *e, const struct zf_ir *ir) {
    static const uint32_t gets[] = {X_MOVZX8, X_MOVZX16, X_MOV, X_MOV | X_64};
    static const uint32_t puts[] = {X_MOV8_TO, X_MOV_TO | X_16, X_MOV_TO, X_MOV_TO | X_64};
    const struct row *row = &rows[ir->op];
    struct zf_host_access access = {.kind = row->kind, .reg = RCX};
    if (row->form == BY_STENCIL || !zf_jit_find_address(e, ir, &access)) {
        return false;
    }
    if (row->form == WHOLE) {
        access.reg = ir->a;
        access.xmm = (uint8_t)(zf_jit_stores(row->kind) ? zf_vector_read(e, ir->a)
                                                        : zf_vector_prepare(e, ir->a));
        zf_jit_access(e, &access);
        return true;
    }
    const bool store = zf_jit_stores(row->kind);
    const unsigned size = (unsigned)__builtin_ctz(zf_jit_access_size(row->kind));
    if (store) {
        zf_x86_cpu(e, gets[size], RCX, element_of(row, ir));
    }
    zf_jit_access(e, &access);
    if (!store) {
        zf_x86_cpu(e, puts[size], RCX, element_of(row, ir));
    }
    return true;
}
