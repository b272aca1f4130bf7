#include "zfacet/decode.h"

static const uint16_t traits[ZF_ROW_COUNT] = {
#define TRAIT(id, trait) [ZF_ROW_##id] = ZF_ROW_##trait,
#include "isa/trait.def"
#undef TRAIT
#define INSN(id, ...) [ZF_ROW_##id] = ZF_ROW_FIRMWARE,
#include "isa/system.def"
#undef INSN
};

bool zf_row_has(enum zf_row row, enum zf_row_trait trait) {
    return row < ZF_ROW_COUNT && (traits[row] & trait) == trait;
}
