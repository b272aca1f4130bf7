/*
 * Vector instructions between registers, and constants: each is one op, or one for each element
 * size in the order of their codes.
 */
#include "vector/vector.h"

unsigned zf_vector_size(const struct zf_insn *insn, const struct zf_operands *o) {
    switch (zf_insn_format(insn)) {
    case ZF_FORMAT_VRR_a:
    case ZF_FORMAT_VRX:
    case ZF_FORMAT_VRI_a:
        return o->m3;
    case ZF_FORMAT_VRR_d:
    case ZF_FORMAT_VRI_d:
        return o->m5;
    default:
        return o->m4;
    }
}

bool zf_vector_op(const struct zf_tr *t, enum zf_op *op) {
    unsigned first = t->argument >> 4 & 15, last = t->argument & 15;
    unsigned size = zf_vector_size(t->insn, t->o);
    *op = t->op;
    if (!t->argument) {
        return true;
    }
    *op += size - first;
    return zf_vector_require(t, size >= first && size <= last);
}

/* Only the operands that the op has: fields of the format that the instruction ignores stay out. */
static struct zf_ir *emit(const struct zf_tr *t, enum zf_op op) {
    const struct zf_op_spec *spec = &zf_op_specs[op];
    struct zf_ir *ir = zf_emit(t->block, op);
    ir->a = t->o->v1;
    ir->b = spec->operand[1].kind == ZF_OPERAND_VR ? t->o->v2 : 0;
    ir->x = spec->operand[2].kind == ZF_OPERAND_VR ? t->o->v4 : 0;
    ir->c = spec->operand[3].kind == ZF_OPERAND_VR ? t->o->v3 : 0;
    return ir;
}

void zf_tr_vector(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        emit(t, op);
    }
}

/* With the CC when M5 says so: by the ops that stand after the row's. */
void zf_tr_vector_cc(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        emit(t, t->o->m5 & 1 ? op + zf_vector_sizes(t) : op);
    }
}

/* Element searches: M5 has the zero-search and the condition-code bit, and nothing else. */
void zf_tr_vector_search(const struct zf_tr *t) {
    enum zf_op op;
    unsigned flags = zf_insn_format(t->insn) == ZF_FORMAT_VRR_a ? 1 : 3;
    if (zf_vector_op(t, &op) && zf_vector_require(t, !(t->o->m5 & ~flags))) {
        emit(t, t->o->m5 & 1 ? op + zf_vector_sizes(t) : op)->imm = t->o->m5 & 2;
    }
}

void zf_tr_vector_permute_doubleword(const struct zf_tr *t) {
    struct zf_ir *ir = emit(t, t->op);
    ir->imm = t->o->m4 & 4 ? ZF_VR_RIGHT : ZF_VR_LEFT;
    ir->imm2 = t->o->m4 & 1 ? ZF_VR_RIGHT : ZF_VR_LEFT;
}

/* By bytes: as many as I4's right half says. By bits: 0 to 7, others are an error. */
void zf_tr_vector_shift_double(const struct zf_tr *t) {
    unsigned by = t->op == ZF_OP_vsldb ? t->o->i4 & 15 : t->o->i4;
    if (zf_vector_require(t, t->op == ZF_OP_vsldb || by <= 7)) {
        emit(t, t->op)->imm = (int32_t)by;
    }
}

void zf_tr_vector_rotate_insert(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        emit(t, op)->imm = (int32_t)t->o->i4 & ((8 << t->o->m5) - 1);
    }
}

/* Element shifts by an address's rightmost bits. */
void zf_tr_vector_shift(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        struct zf_ir *ir = zf_emit(t->block, op);
        ir->a = t->o->v1;
        ir->b = zf_base_reg(t->o->b2);
        ir->c = t->o->v3;
        ir->imm = t->o->d2;
    }
}

/* Constants: both halves at once, the left one alone where they differ. */
static void emit_constant(const struct zf_tr *t, uint64_t left, uint64_t right) {
    struct zf_ir *ir = zf_emit(t->block, ZF_OP_vrep64);
    ir->a = t->o->v1;
    ir->imm64 = right;
    if (left != right) {
        ir = zf_emit(t->block, ZF_OP_vlei_g);
        ir->a = t->o->v1;
        ir->c = ZF_VR_LEFT;
        ir->imm64 = left;
    }
}

/* Eight mask bits as bytes of zeros or ones. */
static uint64_t bytes_of_mask(uint8_t mask) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < 8; i++) {
        bytes |= mask >> i & 1 ? UINT64_C(0xff) << 8 * i : 0;
    }
    return bytes;
}

void zf_tr_vector_byte_mask(const struct zf_tr *t) {
    emit_constant(t, bytes_of_mask((uint8_t)(t->o->i2 >> 8)), bytes_of_mask((uint8_t)t->o->i2));
}

/* The rightmost bits of `value` in each element of a doubleword. */
static uint64_t replicated(uint64_t value, unsigned size) {
    for (unsigned bits = 8u << size; bits < 64; bits *= 2) {
        value &= ~UINT64_C(0) >> (64 - bits);
        value |= value << bits;
    }
    return value;
}

/* Ones from bit I2 to bit I3 of each element; they wrap when I2 is beyond I3. */
void zf_tr_vector_mask(const struct zf_tr *t) {
    if (!zf_vector_require(t, t->o->m4 <= ZF_DOUBLEWORD)) {
        return;
    }
    unsigned bits = 8u << t->o->m4;
    unsigned first = (unsigned)t->o->i2 & (bits - 1), last = (unsigned)t->o->i3 & (bits - 1);
    uint64_t all = ~UINT64_C(0) >> (64 - bits);
    uint64_t from = all >> first, to = all << (bits - 1 - last) & all;
    uint64_t element = replicated(first <= last ? from & to : from | to, t->o->m4);
    emit_constant(t, element, element);
}

void zf_tr_vector_replicate_immediate(const struct zf_tr *t) {
    if (zf_vector_require(t, t->o->m3 <= ZF_DOUBLEWORD)) {
        uint64_t element = replicated((uint64_t)t->o->i2, t->o->m3);
        emit_constant(t, element, element);
    }
}

/* The argument is the element size. */
void zf_tr_vector_load_immediate(const struct zf_tr *t) {
    unsigned elements = zf_vr_elements((unsigned)t->argument);
    if (zf_vector_require(t, t->o->m3 < elements)) {
        struct zf_ir *ir = zf_emit(t->block, t->op);
        ir->a = t->o->v1;
        ir->c = (uint8_t)(elements - 1 - t->o->m3);
        if (t->argument == ZF_DOUBLEWORD) {
            ir->imm64 = (uint64_t)t->o->i2;
        } else {
            ir->imm = (int32_t)t->o->i2;
        }
    }
}

void zf_tr_vector_replicate(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op) && zf_vector_require(t, t->o->i2 < zf_vr_elements(t->o->m4))) {
        struct zf_ir *ir = zf_emit(t->block, op);
        ir->a = t->o->v1;
        ir->b = t->o->v3;
        ir->c = (uint8_t)(zf_vr_elements(t->o->m4) - 1 - (unsigned)t->o->i2);
    }
}

void zf_tr_vector_get_element(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        struct zf_ir *ir = zf_emit(t->block, op);
        ir->a = ZF_REG(t->o->r1);
        ir->b = zf_base_reg(t->o->b2);
        ir->c = t->o->v3;
        ir->imm = t->o->d2;
    }
}

void zf_tr_vector_set_element(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        struct zf_ir *ir = zf_emit(t->block, op);
        ir->a = t->o->v1;
        ir->b = zf_base_reg(t->o->b2);
        ir->c = ZF_REG(t->o->r3);
        ir->imm = t->o->d2;
    }
}

void zf_tr_vector_set_pair(const struct zf_tr *t) {
    zf_emit_rrr(t->block, t->op, t->o->v1, ZF_REG(t->o->r2), ZF_REG(t->o->r3));
}
