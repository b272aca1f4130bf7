/*
 * Writes the decoder's tables from the files in isa, at build time.
 *
 * First byte -> {base, masks}; minor[base + masked sub-opcode] -> row. A first byte
 * whose rows have their opcode in bits 0-7 alone is its own block of one. Two rows with the same
 * opcode, and two opcode kinds under one first byte, end the build; so does a form or an alias
 * whose condition speaks of what its row does not have.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { OP8, OP16, OP12, OP8_8 };

enum { ROW_INVALID, MAX_FIELDS = 8, MAX_MINOR = 65536 };

struct field {
    char kind; /* N nibble, B byte, V vector register, F field, R relative, D displacement, L long
                  one */
    const char *name;
    int first;
    int bits;
};

struct format {
    const char *id;
    enum kind kind;
    struct field field[MAX_FIELDS];
};

struct row {
    const char *id;
    const char *mnemonic;
    unsigned opcode;
    const char *format;
    const char *syntax;
};

/* A row of form.def or alias.def; what follows the condition there is text for the output. */
struct variant {
    const char *row;
    const char *condition;
    const char *mnemonic;
    const char *text[3];
};

/* clang-format off */
#define NIBBLE(name, first)      {'N', #name, first, 4},
#define VR(name, first)          {'V', #name, first, 4},
#define BYTE(name, first)        {'B', #name, first, 8},
#define FIELD(name, first, bits) {'F', #name, first, bits},
#define REL(name, first, bits)   {'R', #name, first, bits},
#define DISP(name, first)        {'D', #name, first, 12},
#define LONG(name)               {'L', #name, 20, 12},
#define FORMAT(ID, name, length, kind, fields) {#ID, kind, {fields}},
static const struct format formats[] = {
    {"NONE", OP8, {{0}}},
#include "isa/formats.def"
};

#define INSN(ID, mnemonic, opcode, format, syntax, ...) {#ID, mnemonic, opcode, #format, syntax},
static const struct row rows[] = {
    {"INVALID", "", 0, "NONE", ""},
#include "isa/all.def"
};

#define FORM(ID, condition, since, facility, absent) {#ID, condition, "", {#since, #facility, #absent}},
static const struct variant forms[] = {
#include "isa/form.def"
};

#define ALIAS(mnemonic, ID, condition, syntax) {#ID, condition, mnemonic, {syntax, "false", ""}},
#define SYNONYM(mnemonic, ID, condition, syntax) {#ID, condition, mnemonic, {syntax, "true", ""}},
static const struct variant aliases[] = {
#include "isa/alias.def"
};
/* clang-format on */

enum {
    ROWS = sizeof rows / sizeof *rows,
    FORMATS = sizeof formats / sizeof *formats,
    FORMS = sizeof forms / sizeof *forms,
    ALIASES = sizeof aliases / sizeof *aliases,
};

static const uint8_t kind_mask[] = {[OP8] = 0, [OP16] = 0xff, [OP12] = 0xf, [OP8_8] = 0xff};

struct minor {
    uint16_t row;
    uint8_t length;
};

/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a program of one task */
static struct minor minor_table[MAX_MINOR];

static void fail(const char *what, const struct row *row) {
    fprintf(stderr, "isa: %s (0x%X): %s\n", row->mnemonic, row->opcode, what);
    exit(1);
}

static int format_of(const struct row *row) {
    for (int i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].id, row->format) == 0) {
            return i;
        }
    }
    fail("unknown format", row);
    return 0;
}

static unsigned first_byte(const struct row *row, enum kind kind) {
    unsigned shift = kind == OP8 ? 0 : kind == OP12 ? 4 : 8;
    if (row->opcode >> shift > 0xff) {
        fail("the opcode has more digits than its format", row);
    }
    return row->opcode >> shift;
}

/* What zf_decode puts into imm: a relative operand, else the first immediate, else d2 of SS. */
static const struct field *imm_of(const struct format *format) {
    const struct field *relative = NULL;
    const struct field *immediate = NULL;
    const struct field *second = NULL;
    for (const struct field *f = format->field; f->kind != 0; f++) {
        if (f->kind == 'R') {
            relative = f;
        } else if (f->kind == 'F' && immediate == NULL) {
            immediate = f;
        } else if (f->kind == 'D' && f->first == 36) {
            second = f;
        }
    }
    return relative != NULL ? relative : immediate != NULL ? immediate : second;
}

static int i2_is_signed(const struct row *row) {
    return strstr(row->syntax, "s2") != NULL;
}

/* The length is that of all instructions with this first byte, of unknown ones too. */
static void write_minor(FILE *out, unsigned used) {
    fprintf(out, "const struct zf_decode_minor zf_decode_minor[] = {\n");
    for (unsigned i = 0; i < used; i++) {
        const struct row *row = &rows[minor_table[i].row];
        fprintf(out, "    {%u, %u, 2 * ZF_FORMAT_%s + %d},\n", minor_table[i].row,
                minor_table[i].length, row->format, i2_is_signed(row));
    }
    fprintf(out, "};\n\n");
}

static unsigned length_of(unsigned byte) {
    return byte < 0x40 ? 2 : byte < 0xc0 ? 4 : 6;
}

static void write_major_and_minor(FILE *out) {
    int kinds[256];
    unsigned base[256];
    unsigned used = 0;

    memset(kinds, -1, sizeof kinds);
    for (; used < 3; used++) { /* for first bytes that have no row */
        minor_table[used].length = (uint8_t)(2 * used + 2);
    }
    for (int i = 1; i < ROWS; i++) {
        enum kind kind = formats[format_of(&rows[i])].kind;
        unsigned byte = first_byte(&rows[i], kind);
        if (kinds[byte] == -1) {
            kinds[byte] = (int)kind;
            base[byte] = used;
            used += kind_mask[kind] + 1u;
            for (unsigned n = base[byte]; n < used; n++) {
                minor_table[n].length = (uint8_t)length_of(byte);
            }
        } else if (kinds[byte] != (int)kind) {
            fail("its first byte has rows whose opcode lies elsewhere", &rows[i]);
        }
        uint16_t *entry = &minor_table[base[byte] + (rows[i].opcode & kind_mask[kind])].row;
        if (*entry != ROW_INVALID) {
            fail("another row has this opcode", &rows[i]);
        }
        *entry = (uint16_t)i;
    }
    fprintf(out, "const struct zf_decode_major zf_decode_major[256] = {\n");
    for (unsigned b = 0; b < 256; b++) {
        unsigned mask = kinds[b] == -1 ? 0 : kind_mask[kinds[b]];
        fprintf(out, "    {0x%x, %u, %d},\n", mask, kinds[b] == -1 ? length_of(b) / 2 - 1 : base[b],
                kinds[b] == OP8_8 ? 16 : 48);
    }
    fprintf(out, "};\n\n");
    write_minor(out, used);
}

static uint32_t regs_of(const struct format *format) {
    uint32_t regs = 0;
    for (const struct field *f = format->field; f->kind != 0; f++) {
        if (f->kind == 'N' || f->kind == 'V') {
            regs |= 0xfu << (36 - f->first);
        }
        if (f->kind == 'V') {
            regs |= 1u << (f->first == 8 ? 3 : f->first == 12 ? 2 : f->first == 16 ? 1 : 0);
        }
    }
    return regs;
}

/* How a field comes from the word: shifted left, then arithmetically right, then masked. A relative
 * one keeps a bit more at its right, so that it comes in bytes. */
struct extraction {
    uint64_t mask;
    int left;
    int right;
};

static struct extraction extraction_of(const struct field *f, int i2_signed) {
    int twice = f->kind == 'R';
    int is_signed = twice || (i2_signed && strcmp(f->name, "i2") == 0);
    struct extraction e = {0, f->first, 64 - f->bits - twice};
    e.mask = is_signed ? ~(uint64_t)twice : (UINT64_C(1) << f->bits) - 1;
    return e;
}

static void write_shape(FILE *out, const struct format *format, int i2_signed) {
    const struct field *imm = imm_of(format);
    struct extraction e = {0};
    int disp = 0;
    if (imm != NULL) {
        e = extraction_of(imm, i2_signed);
    }
    for (const struct field *f = format->field; f->kind != 0; f++) {
        disp = f->kind == 'L' ? -1 : f->kind == 'D' && f->first == 20 ? 0xfff : disp;
    }
    fprintf(out, "    {0x%llx, 0x%08x, %d, %d, %d},\n", (unsigned long long)e.mask,
            (unsigned)regs_of(format), disp, e.left, e.right);
}

/* The lanes of fields of four or eight bits, or of vector registers. */
static void write_lanes(FILE *out, const struct format *format, const char *kinds,
                        const char *first) {
    const char *separator = "";
    fprintf(out, "{");
    for (const struct field *f = format->field; f->kind != 0; f++) {
        if (strchr(kinds, f->kind) != NULL) {
            fprintf(out, "%s[PLACE(%s) - PLACE(%s)] = ", separator, f->name, first);
            fprintf(out, f->kind == 'B' ? "ZF_LANE_BYTE" : "ZF_LANE(%d)", f->first);
            separator = ", ";
        }
    }
    fprintf(out, *separator ? "}, " : "0}, ");
}

static int is_wide(const struct field *f) {
    return f->kind == 'F' || f->kind == 'R' || (f->kind == 'D' && f->first == 36);
}

/* The fields that are neither in bytes nor zf_insn's imm and disp. */
static void write_more(FILE *out, const struct format *format, int i2_signed) {
    const struct field *imm = imm_of(format);
    const char *separator = "";
    fprintf(out, "{");
    for (const struct field *f = format->field; f->kind != 0; f++) {
        if (is_wide(f) && (f != imm || f->kind == 'D')) {
            struct extraction e = extraction_of(f, i2_signed);
            fprintf(out, "%s{0x%llx, %d, %d, PLACE(%s), %d}", separator, (unsigned long long)e.mask,
                    e.left, e.right, f->name, f->kind == 'D' ? 4 : 8);
            separator = ", ";
        }
    }
    fprintf(out, *separator ? "}" : "{0}}");
}

static void write_place(FILE *out, const struct format *format, int i2_signed) {
    const struct field *imm = imm_of(format);
    const char *disp = "d1";
    int more = 0;
    for (const struct field *f = format->field; f->kind != 0; f++) {
        disp = f->kind == 'L' || (f->kind == 'D' && f->first == 20) ? f->name : disp;
        more += is_wide(f) && (f != imm || f->kind == 'D');
    }
    int apart = imm != NULL && imm->kind != 'D';
    fprintf(out, "    {.byte = ");
    write_lanes(out, format, "NB", "r1");
    fprintf(out, ".vr = ");
    write_lanes(out, format, "V", "v1");
    fprintf(out, ".disp_at = PLACE(%s), ", disp);
    fprintf(out, ".imm_at = PLACE(%s), ", apart ? imm->name : "i1");
    fprintf(out, ".more = %d, .imm_mask = %s, .rel_mask = %s, .field = ", more,
            apart ? "UINT64_MAX" : "0", apart && imm->kind == 'R' ? "UINT64_MAX" : "0");
    write_more(out, format, i2_signed);
    fprintf(out, "},\n");
}

static void write_shapes(FILE *out) {
    fprintf(out, "const struct zf_decode_shape zf_decode_shape[2 * ZF_FORMAT_COUNT] = {\n");
    for (int i = 0; i < 2 * FORMATS; i++) {
        write_shape(out, &formats[i / 2], i % 2);
    }
    fprintf(out, "};\n\n");
    fprintf(out, "const struct zf_shape_place zf_table_place[2 * ZF_FORMAT_COUNT] = {\n");
    for (int i = 0; i < 2 * FORMATS; i++) {
        write_place(out, &formats[i / 2], i % 2);
    }
    fprintf(out, "};\n\n");
}

struct condition {
    uint64_t mask;
    uint64_t value;
    int differs;
};

/* A field as a form or alias names it; dh is the high byte of a long displacement. */
static struct field find_field(const struct format *format, const char *name) {
    if (strcmp(name, "dh") == 0) {
        return (struct field){'F', name, 32, 8};
    }
    for (const struct field *f = format->field; f->kind != 0; f++) {
        if (strcmp(f->name, name) == 0) {
            return *f;
        }
    }
    return (struct field){0};
}

/* "field=value", "field&bits=value", joined by commas, or one "field!=value". */
static struct condition parse(const char *text, const struct row *row) {
    struct condition c = {0};
    for (const char *s = text; *s != 0; s += *s == ',') {
        char name[8] = "";
        unsigned bits = 0;
        unsigned value = 0;
        int n = 0;
        sscanf(s, "%7[a-z0-9]%n", name, &n);
        struct field field = find_field(&formats[format_of(row)], name);
        if (field.kind == 0) {
            fail(text, row);
        }
        s += n;
        bits = (1u << field.bits) - 1;
        if (sscanf(s, "&%u%n", &bits, &n) == 1) {
            s += n;
        }
        c.differs |= *s == '!';
        s += *s == '!';
        if (sscanf(s, "=%u%n", &value, &n) != 1 || (value & ~bits) != 0) {
            fail(text, row);
        }
        s += n;
        c.mask |= (uint64_t)bits << (64 - field.first - field.bits);
        c.value |= (uint64_t)value << (64 - field.first - field.bits);
    }
    return c;
}

static void write_condition(FILE *out, const struct variant *v, int row) {
    struct condition c = parse(v->condition, &rows[row]);
    fprintf(out, "    {{0x%llx, 0x%llx, %s}, ", (unsigned long long)c.mask,
            (unsigned long long)c.value, c.differs ? "true" : "false");
}

static void write_form(FILE *out, const struct variant *v, int row) {
    fprintf(out, "\"%s\", %d, ZF_SINCE_%s, ZF_ABSENT_%s, %s},\n", v->condition, row, v->text[0],
            v->text[2], v->text[1]);
}

static void write_alias(FILE *out, const struct variant *v, int row) {
    fprintf(out, "\"%s\", \"%s\", %d, %s},\n", v->mnemonic, v->text[0], row, v->text[1]);
}

struct variants {
    const char *what;
    const struct variant *variant;
    int count;
    void (*write)(FILE *out, const struct variant *v, int row);
};

/* How early a row's variant is asked: one that the disassembler prints before synonyms, one with a
 * condition on more bits before others; forms are asked in the order of their file. */
static int rank(const struct variant *v, int row) {
    int is_alias = v->mnemonic[0] != 0;
    int is_synonym = is_alias && strcmp(v->text[1], "true") == 0;
    int bits = __builtin_popcountll(parse(v->condition, &rows[row]).mask);
    return is_synonym ? 65 : is_alias ? 64 - bits : 0;
}

/* Into order[from ... to], after those of the same rank. */
static void insert(int *order, int from, int to, int variant, const struct variants *all, int row) {
    int mine = rank(&all->variant[variant], row);
    for (; to > from && rank(&all->variant[order[to - 1]], row) > mine; to--) {
        order[to] = order[to - 1];
    }
    order[to] = variant;
}

/* Sorted by row, with where each row's begin. `order` tells which came from where. */
static void write_variants(FILE *out, const struct variants *all, int *order) {
    int first[ROWS + 1];
    int used = 0;
    fprintf(out, "const struct zf_%s zf_table_%s[] = {\n", all->what, all->what);
    for (int r = 0; r < ROWS; r++) {
        first[r] = used;
        for (int i = 0; i < all->count; i++) {
            if (strcmp(all->variant[i].row, rows[r].id) == 0) {
                insert(order, first[r], used++, i, all, r);
            }
        }
        for (int i = first[r]; i < used; i++) {
            write_condition(out, &all->variant[order[i]], r);
            all->write(out, &all->variant[order[i]], r);
        }
    }
    first[ROWS] = used;
    if (used != all->count) {
        fprintf(stderr, "isa: a row of %s.def names no instruction\n", all->what);
        exit(1);
    }
    fprintf(out, "};\n\nconst uint16_t zf_table_%s_first[ZF_ROW_COUNT + 1] = {", all->what);
    for (int r = 0; r <= ROWS; r++) {
        fprintf(out, "%s%d,", r % 16 ? " " : "\n    ", first[r]);
    }
    fprintf(out, "\n};\n\n");
}

struct mnemonic {
    const char *text;
    int index;
};

static int compare_mnemonics(const void *a, const void *b) {
    return strcmp(((const struct mnemonic *)a)->text, ((const struct mnemonic *)b)->text);
}

static void write_order(FILE *out, const char *what, struct mnemonic *m, int count) {
    qsort(m, (size_t)count, sizeof *m, compare_mnemonics);
    fprintf(out, "const uint16_t zf_table_%s_order[] = {", what);
    for (int i = 0; i < count; i++) {
        fprintf(out, "%s%d,", i % 16 ? " " : "\n    ", m[i].index);
    }
    fprintf(out, "\n};\n\n");
}

static void write_mnemonics(FILE *out, const int *alias_order) {
    static struct mnemonic m[ROWS + ALIASES];
    for (int i = 1; i < ROWS; i++) {
        m[i - 1] = (struct mnemonic){rows[i].mnemonic, i};
    }
    write_order(out, "row", m, ROWS - 1);
    for (int i = 0; i < ALIASES; i++) {
        m[i] = (struct mnemonic){aliases[alias_order[i]].mnemonic, i};
    }
    write_order(out, "alias", m, ALIASES);
    fprintf(out, "const size_t zf_table_alias_count = %d;\n", ALIASES);
}

int main(int argc, char **argv) {
    FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (out == NULL) {
        fprintf(stderr, "usage: zf_table_gen FILE\n");
        return 2;
    }
    fprintf(out, "/* Written by table_gen.c from isa. */\n"
                 "#include \"table.h\"\n\n"
                 "#define PLACE(name) offsetof(struct zf_operands, name)\n\n");
    write_major_and_minor(out);
    write_shapes(out);
    static int order[FORMS + ALIASES];
    write_variants(out, &(struct variants){"form", forms, FORMS, write_form}, order);
    write_variants(out, &(struct variants){"alias", aliases, ALIASES, write_alias}, order);
    write_mnemonics(out, order);
    return fclose(out) == 0 ? 0 : 1;
}
