/*
 * Our text against capstone's for the instructions that it knows. Of style it differs: blanks,
 * numbers in hexadecimal, no base register of zero after an index, and its choice among extended
 * mnemonics, of which only the instruction is compared.
 */
#include "sample.h"

#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define ADDRESS UINT64_C(0x1000000000)

/* Blanks and a base register of zero go, numbers become decimal. */
static void normalise(const char *text, char *out) {
    while (*text != 0) {
        if (text[0] == '0' && text[1] == 'x') {
            char *end;
            out += sprintf(out, "%llu", strtoull(text, &end, 16));
            text = end;
        } else if (isspace((unsigned char)*text)) {
            text++;
        } else if (strncmp(text, ",%r0)", 5) == 0) {
            text += 4;
        } else {
            *out++ = *text++;
        }
    }
    *out = 0;
}

/* Their mnemonic where it is not ours: the row's own, or an extended one that holds for the word.
 */
static bool is_same_instruction(const struct zf_insn *insn, const char *mnemonic) {
    const struct zf_alias *alias = zf_alias_find(mnemonic);
    if (alias == NULL) {
        return (unsigned)zf_row_find(mnemonic) == insn->row;
    }
    return alias->row == insn->row && (insn->word & alias->when.mask) == alias->when.value;
}

static bool compare(csh handle, uint64_t word) {
    uint8_t bytes[8];
    char ours[128];
    char theirs[256];
    char buffer[256];
    cs_insn *insn;
    struct zf_insn decoded;
    zf_put64(bytes, word);
    if (cs_disasm(handle, bytes, zf_insn_length(word), ADDRESS, 1, &insn) == 0) {
        return false;
    }
    zf_decode(word, &decoded);
    zf_disasm(&decoded, ADDRESS, buffer, sizeof buffer);
    normalise(buffer, ours);
    buffer[strcspn(buffer, "\t")] = 0;
    if (strcmp(buffer, insn->mnemonic) != 0) {
        cr_expect(is_same_instruction(&decoded, insn->mnemonic), "%016lx: %s, not %s", word, buffer,
                  insn->mnemonic);
        cs_free(insn, 1);
        return true;
    }
    snprintf(buffer, sizeof buffer, "%s%s", insn->mnemonic, insn->op_str);
    normalise(buffer, theirs);
    cr_expect_str_eq(ours, theirs, "%016lx: %s, not %s", word, ours, theirs);
    cs_free(insn, 1);
    return true;
}

Test(disasm_capstone, rows) {
    csh handle;
    uint64_t seed = 31;
    unsigned known = 0;
    cr_assert_eq(cs_open(CS_ARCH_SYSZ, CS_MODE_BIG_ENDIAN, &handle), CS_ERR_OK);
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        bool any = false;
        for (int i = 0; i < 8; i++) {
            any |= compare(handle,
                           sample_word((enum zf_row)r, zf_row_get((enum zf_row)r)->syntax, &seed));
        }
        known += any;
    }
    cs_close(&handle);
    cr_expect_gt(known, 400, "%u", known);
}
