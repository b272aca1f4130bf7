#include "zfacet/decode.h"

#include <criterion/criterion.h>
#include <string.h>

Test(form, values_that_came_later) {
    static const struct {
        const char *what;
        uint64_t word;
        int facility; /* 0: no form */
        enum zf_when_absent when_absent;
    } cases[] = {
        {"vfadb", 0xe712300030e30000, 0, 0},
        {"vfasb", 0xe712300020e30000, 135, ZF_ABSENT_SPECIFICATION},
        {"wfaxb", 0xe712300840e30000, 135, ZF_ABSENT_SPECIFICATION},
        {"vfkedb", 0xe712300430e80000, 135, ZF_ABSENT_SPECIFICATION},
        {"vupll", 0xe712000020d40000, 0, 0},
        {"vupllg", 0xe712000030d40000, 198, ZF_ABSENT_SPECIFICATION},
        {"popcnt", 0xb9e1001200000000, 0, 0},
        {"popcnt with M3 8", 0xb9e1801200000000, 61, ZF_ABSENT_IGNORE},
        {"lg 0(%r1)", 0xe31010000004ffff, 0, 0},
        {"lg -1(%r1)", 0xe3101fffff04ffff, 18, ZF_ABSENT_IGNORE},
        {"ly -1(%r1)", 0xe3101fffff580000, 0, 0},
        {"cefbr", 0xb394001200000000, 0, 0},
        {"cefbra with M3", 0xb394301200000000, 37, ZF_ABSENT_IGNORE},
        {"cefbra with M4", 0xb394041200000000, 37, ZF_ABSENT_IGNORE},
        {"bcr 15,0", 0x07f0000000000000, 0, 0},
        {"bcr 14,0", 0x07e0000000000000, 45, ZF_ABSENT_IGNORE},
        {"bcr 14,14", 0x07ee000000000000, 0, 0},
        {"no instruction", 0x0000000000000000, 0, 0},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_insn insn;
        zf_decode(cases[i].word, &insn);
        const struct zf_form *form = zf_insn_form(&insn);
        cr_expect_eq(form ? form->facility.bit[0] : 0, cases[i].facility, "%s", cases[i].what);
        cr_expect_eq(form ? form->when_absent : 0, cases[i].when_absent, "%s", cases[i].what);
    }
}

Test(form, an_instruction_may_be_several) {
    struct zf_insn insn;
    zf_decode(0xb22b901200000000, &insn); /* SSKE with NQ and MB */
    const struct zf_form *form = zf_insn_form(&insn);
    cr_assert_not_null(form);
    cr_expect_eq(form->facility.bit[0], 14);
    form = zf_insn_next_form(&insn, form);
    cr_assert_not_null(form);
    cr_expect_eq(form->facility.bit[0], 8);
    cr_expect_null(zf_insn_next_form(&insn, form));
}

Test(form, none_is_there_twice) {
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *a = zf_form_at(i);
        for (unsigned j = 0; j < i; j++) {
            const struct zf_form *b = zf_form_at(j);
            cr_expect(a->row != b->row || strcmp(a->text, b->text) != 0, "%s %s",
                      zf_row_get(a->row)->mnemonic, a->text);
        }
    }
}
