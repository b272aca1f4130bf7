#include "text/operation.h"

const struct zf_operation *zf_operation(enum zf_row row) {
    static const struct zf_operation operations[ZF_ROW_COUNT] = {
#define OPERATION(id, what, cc) [ZF_ROW_##id] = {what, cc},
#include "text/operation.def"
#include "text/operation_control.def"
#include "text/operation_float.def"
#include "text/operation_general.def"
#include "text/operation_vector.def"
#undef OPERATION
    };
    return &operations[row];
}
