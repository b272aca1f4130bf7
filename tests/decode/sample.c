#include "sample.h"

struct field {
    const char *name;
    char kind; /* N nibble, B byte, V vector register, F immediate, R relative, D, L displacement */
    int first;
    int bits;
};

/* clang-format off */
#define NIBBLE(name, first) {#name, 'N', first, 4},
#define VR(name, first) {#name, 'V', first, 4},
#define BYTE(name, first) {#name, 'B', first, 8},
#define FIELD(name, first, bits) {#name, 'F', first, bits},
#define REL(name, first, bits) {#name, 'R', first, bits},
#define DISP(name, first) {#name, 'D', first, 12},
#define LONG(name) {#name, 'L', 20, 12},
#define FORMAT(ID, name, length, kind, fields) [ZF_FORMAT_##ID] = {fields},
static const struct field fields[ZF_FORMAT_COUNT][9] = {
#include "isa/formats.def"
};
/* clang-format on */

uint64_t sample_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* True when the syntax names the field: "g1" and "G1" are r1, "s2" and "u2" are i2. */
static bool is_named(const char *syntax, const struct field *field) {
    static const char *const letters[][2] = {{"r", "gGfFacr"}, {"i", "su"}};
    char number = field->name[strlen(field->name) - 1];
    if (strstr(syntax, field->name) != NULL && field->kind != 'F') {
        return true;
    }
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(letters); i++) {
        if (letters[i][0][0] != field->name[0] || field->kind == 'R') {
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

uint64_t sample_word(enum zf_row row, const char *syntax, uint64_t *seed) {
    uint64_t word = zf_row_get(row)->opcode;
    for (const struct field *f = fields[zf_row_get(row)->format]; f->bits != 0; f++) {
        uint64_t value = sample_random(seed) >> 16;
        if (!is_named(syntax, f) || (value >> 40) % 4 == 0) {
            continue;
        }
        word |= (value & ((UINT64_C(1) << f->bits) - 1)) << (64 - f->first - f->bits);
        if (f->kind == 'L') {
            word |= (value >> 12 & 0xff) << 24;
        } else if (f->kind == 'V') {
            word |= (value >> 4 & 1) << (f->first == 32 ? 24 : 27 - (f->first - 8) / 4);
        }
    }
    return word;
}
