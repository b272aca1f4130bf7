/*
 * What the translators of vector instructions share.
 */
#ifndef ZF_VECTOR_VECTOR_H
#define ZF_VECTOR_VECTOR_H

#include "translator.h"
#include "vector/argument.h"
#include "zfacet/vector_register.h"

/** Emits a specification exception unless `good`; returns it. */
static inline bool zf_vector_require(const struct zf_tr *t, bool good) {
    if (!good) {
        zf_emit_pgm(t->block, ZF_PGM_SPECIFICATION);
    }
    return good;
}

/** The element-size code of the instruction's field for it. */
unsigned zf_vector_size(const struct zf_insn *insn, const struct zf_operands *o);

/**
 * Whether the instruction's element size is one of its row's: then *op is the row's op for it, else
 * a specification exception is emitted. A row without sizes has one op.
 */
bool zf_vector_op(const struct zf_tr *t, enum zf_op *op);

/** Ops of a row's family: how many sizes its argument has. */
static inline unsigned zf_vector_sizes(const struct zf_tr *t) {
    return (t->argument & 15) - (t->argument >> 4 & 15) + 1;
}

#endif
