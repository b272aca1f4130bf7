/*
 * Build-time program: makes the specifications of all ops, zf_op_specs, of the operand and effect
 * letters in ops.def, which its head explains. A letter that does not exist ends the build, and so
 * does a body that does what the letters do not say (op_check.c).
 */
#include "op_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct op_row ops[] = {
/* bodies with the macros of their file expanded */
#define OP(...) OP_AS_TEXT(__VA_ARGS__)
#define OP_APART OP
#define OP_TRY OP
#define OP_AS_TEXT(name, operands, effects, ...) {#name, operands, effects, #__VA_ARGS__},
#include "zfacet/ops.def"
#undef OP
};

static const struct {
    char letter;
    const char *kind;
} kinds[] = {
    {'-', "NONE"}, {'n', "NUMBER"},    {'g', "GR"}, {'l', "GR_LOW"}, {'h', "GR_HIGH"},
    {'d', "FPR"},  {'e', "FPR_SHORT"}, {'v', "VR"}, {'a', "AR"},
};

static const struct {
    char letter;
    const char *effect;
} effects[] = {
    {'c', "SETS_CC"}, {'C', "USES_CC"}, {'p', "SETS_FPC"}, {'P', "USES_FPC"},
    {'d', "DEAD"},    {'D', "DEAD"},    {'u', "DEAD"},     {'m', "FAULTS"},
    {'s', "STORES"},  {'b', "BRANCH"},  {'e', "END"},      {'f', "COMPARE"},
    {'t', "TEST"},    {'l', "HELPER"},  {'o', "OVERFLOW"}, {'x', "SHOWN"},
};

enum { KINDS = sizeof kinds / sizeof kinds[0], EFFECTS = sizeof effects / sizeof effects[0] };

static void fail(const char *op, const char *what, const char *text) {
    fprintf(stderr, "ops.def: %s: %s '%s'\n", op, what, text);
    exit(1);
}

/* One operand; returns what follows it. */
static const char *write_operand(const char *op, const char *text) {
    const char *access = "ZF_READS", *extent = "ONE", *p = text;
    if (*p == '=' || *p == '+') {
        access = *p == '=' ? "ZF_WRITES" : "ZF_READS | ZF_WRITES";
        p++;
    }
    unsigned i = 0;
    while (i < KINDS && kinds[i].letter != *p) {
        i++;
    }
    if (i == KINDS || !*p) {
        fail(op, "no operand", text);
    }
    p++;
    if (*p == '2' || *p == '*') {
        extent = *p == '2' ? "PAIR" : "SEVERAL";
        p++;
    }
    if (i < 2 && p != text + 1) {
        fail(op, "not a register", text);
    }
    printf("{ZF_OPERAND_%s, %s, ZF_EXTENT_%s}, ", kinds[i].kind, i < 2 ? "0" : access, extent);
    return p;
}

static void write_effects(const char *op, const char *text) {
    printf("0");
    for (; *text; text++) {
        unsigned i = 0;
        while (i < EFFECTS && effects[i].letter != *text) {
            i++;
        }
        if (i == EFFECTS) {
            fail(op, "no effect", text);
        }
        printf(" | ZF_EFFECT_%s", effects[i].effect);
    }
}

static void write_op(const char *name, const char *operands, const char *letters) {
    const char *p = operands;
    unsigned count = 0;
    printf("    {\"%s\", {", name);
    for (; *p && *p != 'i'; count++) {
        p = write_operand(name, p);
    }
    int immediate = strcmp(p, "i") == 0;
    if (count != (immediate ? 2 : 4) || (*p && !immediate)) {
        fail(name, "not the operands a b x c:", operands);
    }
    printf("%s}, ", immediate ? "{ZF_OPERAND_NUMBER}, {ZF_OPERAND_NUMBER}" : "");
    write_effects(name, letters);
    printf(", %d, %d},\n", strchr(letters, 'd') ? 1 : strchr(letters, 'D') ? 2 : 0, immediate);
}

int main(void) {
    puts("/* Written by op_gen.c from ops.def. */\n#include \"zfacet/op.h\"\n\n"
         "const struct zf_op_spec zf_op_specs[ZF_OP_COUNT] = {");
    for (unsigned i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        const char *about, *fault = op_check(&ops[i], &about);
        if (fault) {
            fail(ops[i].name, fault, about);
        }
        write_op(ops[i].name, ops[i].operands, ops[i].effects);
    }
    puts("};");
    return 0;
}
