/*
 * Vector loads and stores. Each is one op; the host's element numbers are given to it.
 */
#include "vector/vector.h"

/* VECTOR LOAD, VECTOR STORE: M3 tells an alignment that need not hold. */
void zf_tr_vector_storage(const struct zf_tr *t) {
    zf_emit_mem(t->block, t->op, t->o->v1, t->o->x2, t->o->b2, t->o->d2);
}

/* One op for each element size. */
void zf_tr_vector_storage_sized(const struct zf_tr *t) {
    enum zf_op op;
    if (zf_vector_op(t, &op)) {
        zf_emit_memx(t->block, op, t->o->v1, t->o->x2, t->o->b2, t->o->d2);
    }
}

/* M3 6: a word, and left-aligned in its doubleword; its op follows the one of doublewords. */
void zf_tr_vector_load_alone(const struct zf_tr *t) {
    enum { LEFT_WORD = 6 };
    enum zf_op op = t->op + zf_vector_sizes(t);
    if (t->o->m3 == LEFT_WORD || zf_vector_op(t, &op)) {
        zf_emit_memx(t->block, op, t->o->v1, t->o->x2, t->o->b2, t->o->d2);
    }
}

/* One element, number M3; the argument is its size. */
void zf_tr_vector_storage_element(const struct zf_tr *t) {
    unsigned elements = zf_vr_elements((unsigned)t->argument);
    if (zf_vector_require(t, t->o->m3 < elements)) {
        zf_emit_memx(t->block, t->op, t->o->v1, t->o->x2, t->o->b2, t->o->d2)->c =
            (uint8_t)(elements - 1 - t->o->m3);
    }
}

void zf_tr_vector_load_to_boundary(const struct zf_tr *t) {
    enum { LARGEST_BLOCK = 6 };
    if (zf_vector_require(t, t->o->m3 <= LARGEST_BLOCK)) {
        zf_emit_memx(t->block, t->op, t->o->v1, t->o->x2, t->o->b2, t->o->d2)->c = t->o->m3;
    }
}

void zf_tr_vector_storage_length(const struct zf_tr *t) {
    struct zf_ir *ir = zf_emit(t->block, t->op);
    ir->a = t->o->v1;
    ir->b = zf_base_reg(t->o->b2);
    ir->c = ZF_REG(t->o->r3);
    ir->imm = t->o->d2;
}

void zf_tr_vector_storage_multiple(const struct zf_tr *t) {
    unsigned last = t->o->v3 - t->o->v1;
    if (zf_vector_require(t, t->o->v1 <= t->o->v3 && last < 16)) {
        struct zf_ir *ir = zf_emit(t->block, t->op);
        ir->a = t->o->v1;
        ir->b = zf_base_reg(t->o->b2);
        ir->c = (uint8_t)(last + 1);
        ir->imm = t->o->d2;
    }
}

/* The address of a gathered or scattered element: base, displacement, and an element of V2. */
static uint64_t element_address(const struct zf_cpu *cpu, const struct zf_insn_call *i) {
    uint64_t index = zf_vr_element(&cpu->vr[i->o.v2], (unsigned)i->argument, i->o.m3);
    return zf_wrap(cpu, zf_ea(cpu, i->o.b2, i->o.d2) + index);
}

/* VECTOR GATHER ELEMENT; the argument is its size. */
enum zf_next zf_do_vector_gather(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned size = (unsigned)i->argument;
    uint64_t value;
    if (i->o.m3 >= zf_vr_elements(size)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load(cpu, element_address(cpu, i), 1u << size, &value)) {
        return ZF_NEXT_PGM;
    }
    zf_vr_set_element(&cpu->vr[i->o.v1], size, i->o.m3, value);
    return ZF_NEXT;
}

/* VECTOR SCATTER ELEMENT */
enum zf_next zf_do_vector_scatter(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned size = (unsigned)i->argument;
    if (i->o.m3 >= zf_vr_elements(size)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_done(zf_store(cpu, element_address(cpu, i), 1u << size,
                            zf_vr_element(&cpu->vr[i->o.v1], size, i->o.m3)));
}

/* LOAD COUNT TO BLOCK BOUNDARY: blocks of 64 bytes shifted left by M3. */
void zf_tr_count_to_boundary(const struct zf_tr *t) {
    enum { LARGEST_BLOCK = 6 };
    if (zf_vector_require(t, t->o->m3 <= LARGEST_BLOCK)) {
        zf_emit_memx(t->block, t->op, ZF_REG(t->o->r1), t->o->x2, t->o->b2, t->o->d2)->c = t->o->m3;
    }
}
