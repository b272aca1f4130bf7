/*
 * Build-time program: between the compiler of the stencils and the assembler. Of each function it
 * puts what lies behind the first way to the next stencil into a section of its own, the cold part,
 * so that the hot part ends where the next one can follow; jumps between the two get relocations
 * so. A jump to the next stencil at the hot part's end is left out, a conditional one there is
 * reversed. And a symbol for each says which of the host registers it uses that hold guest
 * registers.
 */
#include "hold.h"
#include "hold_vector.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 512 };

struct split {
    char name[LINE]; /* of the function, empty between functions */
    bool cold;
    char pending[LINE]; /* a conditional jump to the next stencil, reversed: "jne" */
    unsigned uses;      /* places of the pool of host registers, one bit each; USES_VECTORS */
};

/* The names of what others than stencils may have there; R15 and RBP are kept for them. */
static const char *const pool[HOST_POOL][5] = {
    {NULL},
    {"rbx", "ebx", "bx", "bl", "bh"},
    {NULL},
    {"rsi", "esi", "si", "sil"},
    {"rdi", "edi", "di", "dil"},
    {"r8", "r8d", "r8w", "r8b"},
    {"r9", "r9d", "r9w", "r9b"},
    {"r10", "r10d", "r10w", "r10b"},
    {"r11", "r11d", "r11w", "r11b"},
};
enum { NOT_KEPT_BY_CALLS = 0x1f8 | USES_VECTORS };

static bool is_held_vector(const char *name) {
    return (name[0] == 'x' || name[0] == 'y') && !strncmp(name + 1, "mm", 2) &&
           strtoul(name + 3, NULL, 10) >= XMM_FIRST;
}

static unsigned place_of_name(const char *name, size_t length) {
    if (is_held_vector(name)) {
        return USES_VECTORS;
    }
    for (unsigned i = 0; i < HOST_POOL; i++) {
        for (unsigned n = 0; n < 5 && pool[i][n]; n++) {
            if (strlen(pool[i][n]) == length && !strncmp(pool[i][n], name, length)) {
                return 1u << i;
            }
        }
    }
    return 0;
}

/* All that an instruction names; a call loses what C functions need not keep. */
static unsigned used_by(const char *mnemonic, const char *line) {
    unsigned uses = !strncmp(mnemonic, "call", 4) ? NOT_KEPT_BY_CALLS : 0;
    for (const char *p = strchr(line, '%'); p; p = strchr(p, '%')) {
        size_t length = strspn(++p, "abcdefghijklmnopqrstuvwxyz0123456789");
        uses |= place_of_name(p, length);
    }
    return uses;
}

/* The opposite condition of a conditional jump's mnemonic. */
static void reverse(const char *jump, char reversed[LINE]) {
    bool negative = jump[1] == 'n';
    strcpy(reversed, negative ? "j" : "jn");
    strncat(reversed, jump + (negative ? 2 : 1), LINE / 2);
}

static void begin_cold(struct split *s) {
    printf("\t.section\t.text.cold.%s,\"ax\",@progbits\n", s->name);
    s->cold = true;
}

/* What stands behind a conditional jump to the next stencil decides how it is reversed. */
static bool resolve_pending(struct split *s, const char *mnemonic, const char *target) {
    if (!s->pending[0]) {
        return false;
    }
    bool taken = !strcmp(mnemonic, "jmp") && !strcmp(target, "HOLE_taken");
    if (taken) {
        printf("\t%s\tHOLE_taken\n", s->pending);
        begin_cold(s);
    } else {
        printf("\t%s\t.Lcold_%s\n", s->pending, s->name);
        begin_cold(s);
        printf(".Lcold_%s:\n", s->name);
    }
    s->pending[0] = '\0';
    return taken;
}

static void split_insn(struct split *s, const char *line) {
    char mnemonic[LINE] = "", target[LINE] = "";
    sscanf(line, " %511s %511s", mnemonic, target);
    s->uses |= used_by(mnemonic, line);
    if (resolve_pending(s, mnemonic, target) || !strcmp(mnemonic, "wait")) {
        return; /* WAIT is for the x87 unit, which nothing here uses */
    }
    if (!s->cold && mnemonic[0] == 'j' && !strcmp(target, "HOLE_next")) {
        if (!strcmp(mnemonic, "jmp")) {
            begin_cold(s);
        } else {
            reverse(mnemonic, s->pending);
        }
        return;
    }
    fputs(line, stdout);
}

static void split_line(struct split *s, char *line) {
    char *colon = strchr(line, ':');
    if ((line[0] == 's' || line[0] == 'p') && line[1] == '_' && colon) {
        *s = (struct split){.cold = false};
        snprintf(s->name, sizeof s->name, "%.*s", (int)(colon - line), line);
        fputs(line, stdout);
    } else if (!strncmp(line, ".Lfunc_end", 10)) {
        resolve_pending(s, "", "");
        printf("\t.globl\tuses_%s\n\t.set\tuses_%s, %u\n", s->name, s->name, s->uses);
        s->name[0] = '\0';
    } else if (strstr(line, "\t.size\t") && strstr(line, ".Lfunc_end")) {
        return;
    } else if (s->name[0] && line[0] == '\t' && line[1] != '#' && line[1] != '.') {
        split_insn(s, line);
    } else if (s->pending[0] && line[0] == '.') {
        resolve_pending(s, "", ""); /* a label: somebody comes here */
        fputs(line, stdout);
    } else {
        fputs(line, stdout);
    }
}

int main(void) {
    static struct split s;
    char line[LINE];
    while (fgets(line, sizeof line, stdin)) {
        split_line(&s, line);
    }
    return EXIT_SUCCESS;
}
