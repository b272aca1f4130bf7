/*
 * Ops whose bodies are functions of their own, OP_APART and OP_TRY in zfacet/ops.def: compiled once
 * for each kind of host, not once for each engine.
 */
#ifndef ZF_INTERP_APART_H
#define ZF_INTERP_APART_H

#include "uop.h"

/* The functions of the kind of host; files for another kind define this first. */
#ifndef APART_NAME
#define APART_NAME(name) zf_apart_##name
#endif

#define OP(...)
#define OP_APART(name, operands, effects, ...)                                                     \
    void APART_NAME(name)(struct zf_cpu * cpu, const struct zf_uop *u);
#define OP_TRY(name, operands, effects, ...)                                                       \
    bool APART_NAME(name)(struct zf_cpu * cpu, const struct zf_uop *u);
#include "zfacet/ops.def"
#undef OP

#endif
