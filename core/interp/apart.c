#include "apart.h"

#include "operand.h"
#include "vector_float_op.h"

#define OP(...)
#define OP_APART(name, operands, effects, ...)                                                     \
    void APART_NAME(name)(struct zf_cpu * cpu, const struct zf_uop *u) {                           \
        __VA_ARGS__                                                                                \
    }
#define OP_TRY(name, operands, effects, ...)                                                       \
    bool APART_NAME(name)(struct zf_cpu * cpu, const struct zf_uop *u) {                           \
        __VA_ARGS__                                                                                \
    }
#include "zfacet/ops.def"
#undef OP
