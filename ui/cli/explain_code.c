/*
 * Instructions in hexadecimal, as users copy them from reports and disassemblies.
 */
#include "cli/explain.h"
#include "text/args.h"

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
