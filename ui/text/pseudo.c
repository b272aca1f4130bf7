#include "text/pseudo.h"

const char *zf_pseudo_code(enum zf_row row) {
    static const char *const texts[ZF_ROW_COUNT] = {
#define PSEUDO(id, text) [ZF_ROW_##id] = text,
#include "text/pseudo.def"
#include "text/pseudo_float.def"
#include "text/pseudo_vector.def"
#undef PSEUDO
    };
    return texts[row];
}
