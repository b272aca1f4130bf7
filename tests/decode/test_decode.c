#include "../fields.h"

#include <criterion/criterion.h>

/* Each field of the format put into a word and looked for in the operands. */
static int64_t sign_extend(uint64_t value, int bits) {
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static int64_t expected(const struct field *f, enum zf_row row, uint64_t value) {
    bool is_signed = strcmp(f->name, "i2") == 0 && strstr(zf_row_get(row)->syntax, "s2") != NULL;
    if (f->kind == 'R') {
        return sign_extend(value, f->bits) * 2;
    }
    return f->kind == 'L' || is_signed ? sign_extend(value, f->bits) : (int64_t)value;
}

static int64_t found(const struct field *f, const struct zf_operands *o) {
    const uint8_t *p = (const uint8_t *)o + f->offset;
    int32_t narrow;
    int64_t wide;
    if (f->kind == 'D' || f->kind == 'L') {
        memcpy(&narrow, p, sizeof narrow);
        return narrow;
    }
    if (f->kind == 'N' || f->kind == 'V' || f->kind == 'B') {
        return *p;
    }
    memcpy(&wide, p, sizeof wide);
    return wide;
}

static void check_field(enum zf_row row, const struct field *f, uint64_t value) {
    struct zf_insn insn;
    struct zf_operands o;
    uint64_t word = zf_row_get(row)->opcode | field_word(f, value);
    zf_decode(word, &insn);
    cr_assert_eq(insn.row, row, "%s", zf_row_get(row)->mnemonic);
    zf_insn_operands(&insn, &o);
    cr_assert_eq(found(f, &o), expected(f, row, value), "%s %s=%#lx: got %#lx",
                 zf_row_get(row)->mnemonic, f->name, value, found(f, &o));
}

Test(decode, every_field_of_every_row_comes_back) {
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        for (const struct field *f = fields[zf_row_get((enum zf_row)r)->format]; f->bits; f++) {
            int bits = f->kind == 'V' ? 5 : f->bits;
            for (int b = 0; b < bits; b++) {
                check_field((enum zf_row)r, f, UINT64_C(1) << b);
            }
            check_field((enum zf_row)r, f, (UINT64_C(1) << bits) - 1);
        }
    }
}

/* What the format has not is zero, whatever the word. */
Test(decode, other_fields_are_zero) {
    for (int r = ZF_ROW_INVALID; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *row = zf_row_get((enum zf_row)r);
        static const struct zf_operands none;
        struct zf_insn insn;
        struct zf_operands o;
        zf_decode(r == ZF_ROW_INVALID ? 0 : row->opcode | ~row->mask, &insn);
        memset(&o, 0xa5, sizeof o);
        zf_insn_operands(&insn, &o);
        int64_t rel = 0;
        for (const struct field *f = fields[row->format]; f->bits; f++) {
            rel = f->kind == 'R' ? found(f, &o) : rel;
            memset((char *)&o + f->offset, 0,
                   f->kind == 'D' || f->kind == 'L'   ? 4
                   : f->kind == 'F' || f->kind == 'R' ? 8
                                                      : 1);
        }
        cr_expect_eq(o.rel, rel, "%s", row->mnemonic);
        o.rel = 0;
        cr_expect_eq(memcmp((char *)&o, (const char *)&none, offsetof(struct zf_operands, unused)),
                     0, "%s: bytes", row->mnemonic);
        cr_expect_eq(memcmp(&o.v1, &none.v1, sizeof o - offsetof(struct zf_operands, v1)), 0, "%s",
                     row->mnemonic);
    }
}

Test(decode, lengths_follow_from_the_first_bits) {
    for (uint64_t n = 0; n < 0x20000; n++) { /* the second byte, then the last */
        uint64_t word = n >> 16 ? n << 48 : (n & 0xff00) << 48 | (n & 0xff) << 16;
        struct zf_insn insn;
        zf_decode(word, &insn);
        cr_assert_eq(insn.length, zf_insn_length(word), "%016lx", word);
    }
}

Test(decode, every_row_decodes_to_itself) {
    cr_assert_eq(ZF_ROW_COUNT, 1 + 1245 + 21);
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *row = zf_row_get((enum zf_row)r);
        struct zf_insn insn;
        zf_decode(row->opcode, &insn);
        cr_expect_eq((int)insn.row, r, "%s", row->mnemonic);
        cr_expect_eq(insn.length, row->length, "%s", row->mnemonic);
        cr_expect_eq(zf_insn_format(&insn), row->format, "%s", row->mnemonic);
        zf_decode(row->opcode | ~row->mask, &insn);
        cr_expect_eq(insn.row, r, "%s with every other bit set", row->mnemonic);
        cr_expect_eq((int)zf_row_find(row->mnemonic), r, "%s", row->mnemonic);
    }
}

Test(decode, names_and_opcodes_find_rows) {
    cr_expect_eq(zf_row_find("ahi"), ZF_ROW_ahi);
    cr_expect_eq(zf_row_find("zzz"), ZF_ROW_INVALID);
    cr_expect_eq(zf_row_find(""), ZF_ROW_INVALID);
    cr_expect_eq(zf_row_find_opcode(0xA7A), ZF_ROW_ahi);
    cr_expect_eq(zf_row_find_opcode(0xE306), ZF_ROW_cvby);
    cr_expect_eq(zf_row_find_opcode(0xFFFF), ZF_ROW_INVALID);
}

Test(decode, words) {
    static const struct {
        uint64_t word;
        enum zf_row row;
        unsigned length;
        int64_t imm;
        int32_t disp;
    } cases[] = {
        {0x0000000000000000, ZF_ROW_INVALID, 2, 0, 0},
        {0x5a1023ff00000000, ZF_ROW_a, 4, 0, 0x3ff},
        {0xe31020ffff5a0000, ZF_ROW_ay, 6, 0, -3841},
        {0xa71affff00000000, ZF_ROW_ahi, 4, -1, 0},
        {0xa711ffff00000000, ZF_ROW_tmll, 4, 0xffff, 0},
        {0xa7f4ffff00000000, ZF_ROW_brc, 4, -2, 0},
        {0xc0e5800000000000, ZF_ROW_brasl, 6, INT64_C(-0x100000000), 0},
        {0xc02bffffffff0000, ZF_ROW_nilf, 6, 0xffffffff, 0},
        {0xd20310042fff0000, ZF_ROW_mvc, 6, 0xfff, 4},
        {0xb2ff000000000000, ZF_ROW_trap4, 4, 0, 0},
        {0xb2fe000000000000, ZF_ROW_INVALID, 4, 0, 0},
        {0xffffffffffffffff, ZF_ROW_INVALID, 6, 0, 0},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_insn insn;
        zf_decode(cases[i].word, &insn);
        cr_expect_eq(insn.row, cases[i].row, "%016lx", cases[i].word);
        cr_expect_eq(insn.length, cases[i].length, "%016lx", cases[i].word);
        cr_expect_eq(insn.imm, cases[i].imm, "%016lx: %ld", cases[i].word, insn.imm);
        cr_expect_eq(insn.disp, cases[i].disp, "%016lx", cases[i].word);
    }
}

Test(decode, bytes_that_end_early_are_refused) {
    static const uint8_t bytes[] = {0xe3, 0x10, 0x20, 0xff, 0xff, 0x5a};
    struct zf_insn insn;
    for (size_t n = 0; n < sizeof bytes; n++) {
        cr_expect_not(zf_decode_bytes(bytes, n, &insn), "%zu bytes", n);
    }
    cr_expect(zf_decode_bytes(bytes, sizeof bytes, &insn));
    cr_expect_eq(insn.row, ZF_ROW_ay);
    cr_expect(zf_decode_bytes((const uint8_t[]){0x07, 0xfe}, 2, &insn));
    cr_expect_eq(insn.row, ZF_ROW_bcr);
}
