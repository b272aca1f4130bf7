#include "zfacet/implemented.h"

/* clang-format off */
static const char *const semantics[ZF_ROW_COUNT] = {
    [ZF_ROW_INVALID] = "NONE",
#define INSN(ID, mnemonic, opcode, format, syntax, since, facility, privilege, SEMANTICS, name) \
    [ZF_ROW_##ID] = #SEMANTICS,
#include "isa/all.def"
#undef INSN
};
/* clang-format on */

bool zf_row_implemented(enum zf_row row) {
    return (unsigned)row < ZF_ROW_COUNT && strcmp(semantics[row], "NONE") != 0;
}
