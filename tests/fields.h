/*
 * The fields of the instruction formats, for tests that make or take apart instruction words.
 */
#ifndef ZF_TEST_FIELDS_H
#define ZF_TEST_FIELDS_H

#include "zfacet/decode.h"

struct field {
    const char *name;
    char kind; /* N nibble, B byte, V vector register, F immediate, R relative, D, L displacement */
    int first;
    int bits;
    size_t offset; /* in struct zf_operands */
};

/* Of each format, up to one without bits. */
/* clang-format off */
#define AT(name) offsetof(struct zf_operands, name)
#define NIBBLE(name, first) {#name, 'N', first, 4, AT(name)},
#define VR(name, first) {#name, 'V', first, 4, AT(name)},
#define BYTE(name, first) {#name, 'B', first, 8, AT(name)},
#define FIELD(name, first, bits) {#name, 'F', first, bits, AT(name)},
#define REL(name, first, bits) {#name, 'R', first, bits, AT(name)},
#define DISP(name, first) {#name, 'D', first, 12, AT(name)},
#define LONG(name) {#name, 'L', 20, 20, AT(name)},
#define FORMAT(ID, name, length, kind, fields) [ZF_FORMAT_##ID] = {fields},
static const struct field fields[ZF_FORMAT_COUNT][9] = {
#include "isa/formats.def"
};
/* clang-format on */
#undef AT
#undef NIBBLE
#undef VR
#undef BYTE
#undef FIELD
#undef REL
#undef DISP
#undef LONG
#undef FORMAT

/** What `value` in the field makes of an instruction word. */
static inline uint64_t field_word(const struct field *f, uint64_t value) {
    if (f->kind == 'L') {
        return (value & 0xfff) << 32 | (value >> 12 & 0xff) << 24;
    }
    uint64_t word = (value & ((UINT64_C(1) << f->bits) - 1)) << (64 - f->first - f->bits);
    if (f->kind == 'V' && value & 16) { /* the highest bit is in RXB, by the place of the field */
        word |= ZF_BIT64(f->first == 32 ? 39 : 36 + (f->first - 8) / 4);
    }
    return word;
}

/** True when the syntax names the field: "g1" and "G1" are r1, "s2" and "u2" are i2. */
static inline bool field_is_named(const char *syntax, const struct field *f) {
    static const char *const letters[][2] = {{"r", "gGfFacr"}, {"i", "su"}};
    char number = f->name[strlen(f->name) - 1];
    if (strstr(syntax, f->name) != NULL && f->kind != 'F') {
        return true;
    }
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(letters); i++) {
        if (letters[i][0][0] != f->name[0] || f->kind == 'R') {
            continue;
        }
        for (const char *letter = letters[i][1]; *letter != 0; letter++) {
            if (strstr(syntax, (char[]){*letter, number, 0}) != NULL) {
                return true;
            }
        }
    }
    return false;
}

#endif
