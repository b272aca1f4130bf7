#include "text/insn_print.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(insn_print, needs) {
    static const struct {
        uint64_t word;
        const char *text;
    } cases[] = {
        {0x5a12300400000000, ""},                                          /* a */
        {0xe310200000040000, "z900"},                                      /* lg */
        {0xe3102000ff040000, "z990, facility 18 (long-displacement)"},     /* with dh */
        {0xe712300030e30000, "z13, facility 129 (vector)"},                /* vfadb */
        {0xe712300020e30000, "z14, facility 135 (vector-enhancements-1)"}, /* vfasb */
        {0xb20d000000000000, "privileged"},                                /* ptlb */
        {0xb98b001200000000, "z16, facility 194 (reset-dat-protection), privileged"},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_insn insn;
        char text[128];
        zf_decode(cases[i].word, &insn);
        cr_expect_eq(zf_insn_needs_text(&insn, text, sizeof text), cases[i].text[0] != 0);
        cr_expect_str_eq(text, cases[i].text, "%016lx: %s", cases[i].word, text);
    }
}

Test(insn_print, operands) {
    static const char *const cases[][2] = {
        {"", "none"},
        {"g1,g2,m3?", "R1,R2[,M3]"},
        {"g1,g2,g3?,m4?", "R1,R2[,R3][,M4]"},
        {"d1(l1,b1),d2(b2)", "D1(L1,B1),D2(B2)"},
        {"g1,s2,m3,ri4", "R1,I2,M3,RI4"},
        {"v1,d2(v2,b2),m3", "V1,D2(V2,B2),M3"},
        {"g2?", "[R2]"},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        char text[64];
        zf_operands_text(cases[i][0], text, sizeof text);
        cr_expect_str_eq(text, cases[i][1], "%s: %s", cases[i][0], text);
    }
}

Test(insn_print, opcodes_as_the_book_prints_them) {
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        char text[8];
        zf_opcode_text(zf_row_get(r), text);
        cr_expect_eq((int)zf_row_find_opcode((unsigned)strtoul(text, NULL, 16)), r, "%s", text);
    }
}

/* The name of the field at `bit` in the row's drawing, "" without one. */
static const char *field_at(const char *mnemonic, int bit) {
    const char *name = zf_format_cell_at(zf_row_get(zf_row_find(mnemonic)), bit).name;
    return name ? name : "";
}

Test(insn_print, only_fields_that_are_used_have_names) {
    static const struct {
        const char *mnemonic;
        int bit;
        const char *field;
    } cases[] = {
        {"msgrkc", 20, ""}, {"kma", 20, ""},    {"nork", 20, ""},  {"vll", 32, ""},
        {"sqdb", 32, ""},   {"vfa", 24, ""},    {"bdepg", 20, ""}, {"bcr", 8, "m1"},
        {"vfa", 32, "m4"},  {"cu21", 16, "m3"}, {"lr", 8, "r1"},   {"fixbr", 20, "m4"},
        {"brc", 16, "ri2"}, {"afi", 16, "i2"},  {"mvc", 8, "l1"},  {"vl", 36, "rxb"},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        cr_expect_str_eq(field_at(cases[i].mnemonic, cases[i].bit), cases[i].field, "%s",
                         cases[i].mnemonic);
    }
    /* All operands of all instructions are drawn. */
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *row = zf_row_get(r);
        unsigned drawn = 0, operands = row->syntax[0] != 0;
        for (int bit = 0; bit < row->length * 8;) {
            struct zf_format_cell cell = zf_format_cell_at(row, bit);
            drawn += cell.name && strcmp(cell.name, "rxb") && cell.name[0] != 'b' &&
                     cell.name[0] != 'x' && !strstr(cell.name, " high");
            bit += cell.bits;
        }
        for (const char *s = row->syntax; *s; s++) {
            operands += *s == ',' && s[1] != 'b';
        }
        cr_expect_geq(drawn, operands - (strstr(row->syntax, "(x2,") != NULL), "%s: %u of %u",
                      row->mnemonic, drawn, operands);
    }
}

Test(insn_print, what_extended_mnemonics_imply) {
    static const char *const cases[][2] = {
        {"jle", "m1=12"},   {"nopr", "m1=0"},  {"vfasb", "m5=0,m4=2"}, {"wfasb", "m5=8,m4=2"},
        {"notgr", "r3=r2"}, {"vnot", "v3=v2"}, {"jasl", ""},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        char text[64];
        zf_alias_fields_text(zf_alias_find(cases[i][0]), text, sizeof text);
        cr_expect_str_eq(text, cases[i][1], "%s: %s", cases[i][0], text);
    }
}
