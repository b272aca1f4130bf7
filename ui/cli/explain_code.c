/*
 * Instructions in hexadecimal, as users copy them from reports and disassemblies.
 */
#include "cli/explain.h"
#include "text/args.h"
#include "text/common.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool zf_explain_code(const char *text, struct zf_insn *insn) {
    text += strncmp(text, "0x", 2) == 0 ? 2 : 0;
    size_t digits = strlen(text);
    if (digits == 0 || digits > 12 || strspn(text, "0123456789abcdef") != digits) {
        return false;
    }
    zf_decode((uint64_t)strtoull(text, NULL, 16) << (64 - 4 * digits), insn);
    return insn->row != ZF_ROW_INVALID && 2u * insn->length == digits;
}

/* Whether some instruction has more than so many hexadecimal digits, and begins with the given bits
 * of the word. */
static bool begins(uint64_t word, uint64_t given, unsigned digits) {
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *info = zf_row_get((enum zf_row)r);
        if (digits < 2u * info->length && !((word ^ info->opcode) & info->mask & given)) {
            return true;
        }
    }
    return false;
}

bool zf_explain_report_code(const char *given, const char *code) {
    enum { BYTE = 2, MOST = 16 };
    static const unsigned lengths[] = {4, 8, 8, 12}; /* by the first two bits */
    size_t digits = strlen(code);
    struct zf_insn insn = {.row = ZF_ROW_INVALID};
    if (digits < BYTE || digits > MOST || strspn(code, "0123456789abcdef") != digits) {
        return false;
    }
    uint64_t word = (uint64_t)strtoull(code, NULL, 16) << (64 - 4 * digits);
    zf_decode(word, &insn);
    uint64_t given_bits = digits < MOST ? ~(UINT64_MAX >> (4 * digits)) : UINT64_MAX;
    bool is_whole = !(zf_row_get((enum zf_row)insn.row)->mask & ~given_bits);
    if (insn.row != ZF_ROW_INVALID && is_whole && digits != 2u * insn.length) {
        zf_usage_error("explain: '%s' begins as %s, an instruction of %u bytes; give %u "
                       "hexadecimal digits",
                       given, zf_row_get((enum zf_row)insn.row)->mnemonic, insn.length,
                       2u * insn.length);
    } else if (begins(word, given_bits, (unsigned)digits)) {
        zf_usage_error("explain: '%s' is the beginning of several instructions; give %u "
                       "hexadecimal digits",
                       given, lengths[word >> 62]);
    } else {
        zf_usage_error("explain: no instruction begins with '%s'", given);
    }
    return true;
}

void zf_explain_join(char *word) {
    if (strspn(word, " 0123456789abcdef") != strlen(word)) {
        return;
    }
    char *to = word;
    for (const char *from = word; *from; from++) {
        if (*from != ' ') {
            *to++ = *from;
        }
    }
    *to = 0;
}

bool zf_explain_bytes(const struct zf_args *args, char *code, size_t size) {
    struct zf_insn insn;
    size_t used = 0;
    for (unsigned i = 0; i < args->count && used + 3 < size; i++) {
        if (strlen(args->words[i]) != 2) {
            return false;
        }
        used += (size_t)snprintf(code + used, size - used, "%c%c",
                                 tolower((unsigned char)args->words[i][0]),
                                 tolower((unsigned char)args->words[i][1]));
    }
    return args->count > 1 && used == 2u * args->count && strpbrk(args->words[0], "abcdefABCDEF") &&
           zf_row_find(args->words[0]) == ZF_ROW_INVALID && zf_explain_code(code, &insn);
}
