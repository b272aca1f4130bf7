/*
 * Any bytes decode or are refused, and what decodes has operands, forms and a text.
 */
#include "zfacet/decode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct zf_insn insn;
    struct zf_operands operands;
    char buffer[64];

    /* A buffer of its own for each tail, so that a read past the end is seen. */
    uint8_t *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    if (!zf_decode_bytes(bytes, size, &insn)) {
        ZF_ASSERT(size < 6);
        free(bytes);
        return 0;
    }
    free(bytes);
    ZF_ASSERT(insn.length <= size && insn.row < ZF_ROW_COUNT &&
              zf_insn_format(&insn) < ZF_FORMAT_COUNT);
    zf_insn_operands(&insn, &operands);
    for (const struct zf_form *f = zf_insn_form(&insn); f != NULL;
         f = zf_insn_next_form(&insn, f)) {
        ZF_ASSERT(f->row == insn.row);
    }
    ZF_ASSERT(zf_disasm(&insn, insn.word, buffer, sizeof buffer) > 0);
    return 0;
}
