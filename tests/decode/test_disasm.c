#include "sample.h"

#include <criterion/criterion.h>

static const char *text_of(uint64_t word, char buffer[128]) {
    struct zf_insn insn;
    zf_decode(word, &insn);
    zf_disasm(&insn, 0x1000, buffer, 128);
    return buffer;
}

Test(disasm, text) {
    static const struct {
        uint64_t word;
        const char *text;
    } cases[] = {
        {0x5a12300400000000, "a\t%r1,4(%r2,%r3)"},
        {0x5a12000400000000, "a\t%r1,4(%r2,%r0)"},
        {0x5a10300400000000, "a\t%r1,4(%r3)"},
        {0x5a10000400000000, "a\t%r1,4"},
        {0xa7f4ffff00000000, "j\t0xffe"},
        {0x47f0300400000000, "b\t4(%r3)"},
        {0x07fe000000000000, "br\t%r14"},
        {0x0700000000000000, "nopr"},
        {0xc0e5800000000000, "brasl\t%r14,0xffffffff00001000"},
        {0xec12030405550000, "risbg\t%r1,%r2,3,4,5"},
        {0xec12038405550000, "risbgz\t%r1,%r2,3,4,5"},
        {0xe712300020e30000, "vfasb\t%v1,%v2,%v3"},
        {0xe71230002ce30000, "vfasb\t%v17,%v18,%v3"},
        {0xe712000030d70000, "vuphg\t%v1,%v2"},
        {0xb394001200000000, "cefbr\t%f1,%r2"},
        {0xb394301200000000, "cefbra\t%f1,3,%r2,0"},
        {0xb968001200000000, "clzg\t%r1,%r2"},
        {0x0000000000000000, ".short\t0x0000"},
        {0xb2fe123400000000, ".long\t0xb2fe1234"},
        {0xffffffffffff0000, ".byte\t0xff,0xff,0xff,0xff,0xff,0xff"},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        char buffer[128];
        cr_expect_str_eq(text_of(cases[i].word, buffer), cases[i].text, "%016lx: %s", cases[i].word,
                         buffer);
    }
}

Test(disasm, the_full_length_is_returned_and_the_text_cut) {
    char buffer[8];
    struct zf_insn insn;
    zf_decode(0x5a12300400000000, &insn);
    cr_expect_eq(zf_disasm(&insn, 0, NULL, 0), strlen("a\t%r1,4(%r2,%r3)"));
    cr_expect_eq(zf_disasm(&insn, 0, buffer, sizeof buffer), strlen("a\t%r1,4(%r2,%r3)"));
    cr_expect_str_eq(buffer, "a\t%r1,4");
}

Test(disasm, aliases_belong_to_their_row) {
    static const char *const names[] = {
#define ALIAS(mnemonic, ID, condition, syntax) mnemonic,
#define SYNONYM ALIAS
#include "isa/alias.def"
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        const struct zf_alias *alias = zf_alias_find(names[i]);
        cr_assert_not_null(alias, "%s", names[i]);
        cr_expect_str_eq(alias->mnemonic, names[i]);
        cr_expect_eq(zf_row_find(names[i]), ZF_ROW_INVALID, "%s is a row too", names[i]);
        cr_expect_eq(alias->when.mask & zf_row_get((enum zf_row)alias->row)->mask, 0, "%s",
                     names[i]);
    }
    cr_expect_null(zf_alias_find("zzz"));
}

Test(disasm, any_word_has_a_text) {
    uint64_t seed = 1;
    for (int i = 0; i < 300000; i++) {
        char buffer[128];
        uint64_t word = sample_random(&seed);
        struct zf_insn insn;
        zf_decode(word, &insn);
        size_t length = zf_disasm(&insn, word, buffer, sizeof buffer);
        cr_assert_lt(length, sizeof buffer, "%016lx", word);
        cr_assert_eq(length, strlen(buffer), "%016lx", word);
        cr_assert(insn.length == 2 || insn.length == 4 || insn.length == 6);
    }
}
