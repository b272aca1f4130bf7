/*
 * Instructions as text: formats as boxes, opcodes, what they need.
 */
#include "text/insn_print.h"

#include "zfacet/facility.h"

#include <ctype.h>
#include <stdarg.h>

/* Appends as much as fits. */
static void append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
    size_t length = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + length, size - length, format, list);
    va_end(list);
}

bool zf_need_text(const struct zf_facility_need *need, char *text, size_t size) {
    text[0] = 0;
    for (unsigned i = 0; i < need->count; i++) {
        append(text, size, "%s%u (%s)",
               i == 0      ? ""
               : need->any ? " or "
                           : " and ",
               need->bit[i], zf_facility_name(need->bit[i]));
    }
    return need->count > 0;
}

const char *zf_privilege_name(enum zf_privilege privilege) {
    return privilege == ZF_PROBLEM      ? "problem"
           : privilege == ZF_PRIVILEGED ? "privileged"
                                        : "semiprivileged";
}

bool zf_insn_needs_text(const struct zf_insn *insn, char *text, size_t size) {
    const struct zf_row_info *row = zf_row_get(insn->row);
    unsigned since = row->since;
    const struct zf_facility_need *need = &row->facility;
    char facilities[96];

    for (const struct zf_form *f = zf_insn_form(insn); f != NULL; f = zf_insn_next_form(insn, f)) {
        if (f->since >= since) {
            since = f->since;
            need = &f->facility;
        }
    }
    text[0] = 0;
    if (since > ZF_SINCE_ESA390) {
        append(text, size, "%s", zf_since_name(since));
    }
    if (zf_need_text(need, facilities, sizeof facilities)) {
        append(text, size, "%sfacility %s", text[0] ? ", " : "", facilities);
    }
    if (row->privilege != ZF_PROBLEM) {
        append(text, size, "%s%s", text[0] ? ", " : "", zf_privilege_name(row->privilege));
    }
    return text[0] != 0;
}

void zf_opcode_text(const struct zf_row_info *row, char text[8]) {
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;
    for (int shift = 60; shift >= 16; shift -= 4) {
        if (row->mask >> shift & 15) {
            text[n++] = digits[row->opcode >> shift & 15];
        }
    }
    text[n] = 0;
}

/* One operand in the book's letters. Returns where the next begins: at ',' or the end. */
static const char *append_operand(char *text, size_t size, const char *s) {
    bool inside = false;
    for (; *s != 0 && (inside || *s != ',') && *s != '?'; s++) {
        bool is_register = strchr("gGfFac", *s) != NULL;
        bool is_immediate = strchr("su", *s) != NULL;
        append(text, size, "%c",
               is_register    ? 'R'
               : is_immediate ? 'I'
                              : toupper((unsigned char)*s));
        inside = *s == '(' || (inside && *s != ')');
    }
    return s + (*s == '?');
}

void zf_operands_text(const char *syntax, char *text, size_t size) {
    text[0] = 0;
    for (const char *s = syntax; *s != 0; s += *s == ',') {
        const char *end = s + strcspn(s, "(,");
        bool optional = end > s && end[-1] == '?';
        append(text, size, "%s%s", optional ? "[" : "", s == syntax ? "" : ",");
        s = append_operand(text, size, s);
        append(text, size, "%s", optional ? "]" : "");
    }
    if (text[0] == 0) {
        append(text, size, "none");
    }
}

/* clang-format off */
#define NIBBLE(name, first) {#name, first, 4},
#define VR(name, first) {#name, first, 4}, {"rxb", 36, 4},
#define BYTE(name, first) {#name, first, 8},
#define FIELD(name, first, bits) {#name, first, bits},
#define REL(name, first, bits) {#name, first, bits},
#define DISP(name, first) {#name, first, 12},
#define LONG(name) {#name " low", 20, 12}, {#name " high", 32, 8},
#define FORMAT(ID, name, length, kind, fields) [ZF_FORMAT_##ID] = {fields},
static const struct zf_format_cell cells[ZF_FORMAT_COUNT][12] = {
#include "isa/formats.def"
};
/* clang-format on */

static uint64_t field_bits(uint64_t word, const struct zf_format_cell *cell) {
    return zf_bits64(word, (unsigned)cell->first, (unsigned)(cell->first + cell->bits - 1));
}

/*
 * Whether the instruction has an operand in the field, or a form: a format has fields that some of
 * its instructions ignore.
 */
static bool is_used(const struct zf_row_info *row, const struct zf_format_cell *cell) {
    const char *name = cell->name, *digit = row->syntax;
    bool relative = name[0] == 'r' && name[1] == 'i';
    const char *letters = relative         ? "i"
                          : name[0] == 'r' ? "gGfFac"
                          : name[0] == 'i' ? "sui"
                                           : (const char[]){name[0], 0};
    if (!strcmp(name, "rxb")) {
        return true;
    }
    for (; (digit = strchr(digit, name[relative ? 2 : 1])); digit++) {
        if (digit > row->syntax && strchr(letters, digit[-1])) {
            return true;
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT && name[0] == 'm'; i++) {
        const struct zf_form *form = zf_form_at(i);
        if (zf_row_get((enum zf_row)form->row) == row && field_bits(form->when.mask, cell)) {
            return true;
        }
    }
    return false;
}

void zf_insn_text(const struct zf_insn *insn, uint64_t address, char *text, size_t size) {
    zf_disasm(insn, address, text, size);
    char *tab = strchr(text, '\t');
    if (tab) {
        *tab = ' ';
    }
}

bool zf_row_uses_field(const struct zf_row_info *row, const char *name) {
    for (const struct zf_format_cell *c = cells[row->format]; c->bits != 0; c++) {
        if (!strcmp(c->name, name)) {
            return is_used(row, c);
        }
    }
    return false;
}

struct zf_format_cell zf_format_cell_at(const struct zf_row_info *row, int bit) {
    struct zf_format_cell gap = {NULL, bit, row->length * 8 - bit};
    for (const struct zf_format_cell *c = cells[row->format]; c->bits != 0; c++) {
        if (c->first == bit && is_used(row, c)) {
            return *c;
        }
        if (c->first > bit && c->first - bit < gap.bits) {
            gap.bits = c->first - bit;
        }
    }
    bool opcode = row->mask << bit >> 63;
    for (int n = 0; n < gap.bits; n++) {
        if ((bool)(row->mask << (bit + n) >> 63) != opcode) {
            gap.bits = n;
        }
    }
    return gap;
}

/* The letter of a register operand of that number in a syntax, or 0. */
static char register_letter(const char *syntax, char number) {
    for (; *syntax; syntax++) {
        if (syntax[1] == number && strchr("gv", *syntax)) {
            return *syntax;
        }
    }
    return 0;
}

char zf_alias_repeats(const struct zf_alias *alias) {
    const char *whole = zf_row_get((enum zf_row)alias->row)->syntax;
    bool missing = register_letter(whole, '3') && !register_letter(alias->syntax, '3');
    return (char)(missing && register_letter(alias->syntax, '2') ? '3' : 0);
}

void zf_alias_fields_text(const struct zf_alias *alias, char *text, size_t size) {
    const struct zf_row_info *row = zf_row_get((enum zf_row)alias->row);
    text[0] = 0;
    for (const struct zf_format_cell *c = cells[row->format]; c->bits != 0; c++) {
        uint64_t mask = field_bits(alias->when.mask, c), all = (UINT64_C(1) << c->bits) - 1;
        if (!mask || !is_used(row, c)) {
            continue;
        }
        append(text, size, "%s%s", text[0] ? "," : "", c->name);
        if (mask != all) {
            append(text, size, "&%llu", (unsigned long long)mask);
        }
        append(text, size, "%s%llu", alias->when.differs ? "!=" : "=",
               (unsigned long long)field_bits(alias->when.value, c));
    }
    if (zf_alias_repeats(alias)) {
        char letter = register_letter(row->syntax, '3') == 'v' ? 'v' : 'r';
        append(text, size, "%s%c3=%c2", text[0] ? "," : "", letter, letter);
    }
}

static int width_of(const struct zf_format_cell *cell) {
    int name = cell->name ? (int)strlen(cell->name) : 0;
    return (cell->bits < 4 ? 4 : cell->bits) + 1 < name + 2 ? name + 2
                                                            : (cell->bits < 4 ? 4 : cell->bits) + 1;
}

static void print_label(FILE *out, const struct zf_row_info *row,
                        const struct zf_format_cell *cell) {
    char text[16] = "";
    if (cell->name != NULL) {
        snprintf(text, sizeof text, "%s", cell->name);
    } else if (row->mask << cell->first >> 63) {
        snprintf(text, sizeof text, "%0*X", cell->bits / 4,
                 (unsigned)zf_bits64(row->opcode, (unsigned)cell->first,
                                     (unsigned)(cell->first + cell->bits - 1)));
    }
    int space = width_of(cell) - (int)strlen(text);
    fprintf(out, "|%*s%s%*s", space / 2, "", text, space - space / 2, "");
}

void zf_print_format(FILE *out, const struct zf_row_info *row) {
    static const char *const lines[] = {"edge", "label", "edge", "bits"};
    for (size_t line = 0; line < ZF_ARRAY_LENGTH(lines); line++) {
        fputs("  ", out);
        for (int bit = 0; bit < row->length * 8;) {
            struct zf_format_cell cell = zf_format_cell_at(row, bit);
            if (line == 1) {
                print_label(out, row, &cell);
            } else if (line == 3) {
                bool last = bit + cell.bits == row->length * 8;
                fprintf(out, "%-*d", last ? 0 : width_of(&cell) + 1, bit);
            } else {
                fprintf(out, "+%.*s", width_of(&cell),
                        "----------------------------------------------------------------");
            }
            bit += cell.bits;
        }
        fputs(line == 1 ? "|\n" : line == 3 ? "\n" : "+\n", out);
    }
}
