#include "text/pseudo.h"

const char *zf_pseudo_code(enum zf_row row) {
    static const char *const texts[ZF_ROW_COUNT] = {
#define PSEUDO(id, text) [ZF_ROW_##id] = text,
/* in this order: the later ones use the earlier ones' macros */
/* clang-format off */
#include "text/pseudo.def"
#include "text/pseudo_float.def"
#include "text/pseudo_dfp.def"
#include "text/pseudo_vector.def"
#include "text/pseudo_decimal.def"
#include "text/pseudo_long.def"
#include "text/pseudo_control.def"
/* clang-format on */
#undef PSEUDO
    };
    return texts[row];
}

const char *zf_pseudo_absent(enum zf_row row) {
    static const char *const reasons[ZF_ROW_COUNT] = {
#define NO_PSEUDO(id, reason) [ZF_ROW_##id] = reason,
#include "text/pseudo_none.def"
#undef NO_PSEUDO
    };
    return reasons[row];
}
