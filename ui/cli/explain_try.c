/*
 * explain --try: operands as the user sets them, and what is different after the instruction.
 */
#include "cli/explain_try.h"
#include "cli/explain_value.h"
#include "cli/trial.h"
#include "text/insn_print.h"
#include "text/pseudo.h"

#include "zfacet/register.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 16 }; /* bytes of storage that are shown of an operand */

/* Whether the assembler's syntax has an operand of one of these kinds with that number. */
static bool has_operand(const char *syntax, const char *kinds, char number) {
    for (; *syntax; syntax++) {
        if (strchr(kinds, *syntax) && syntax[1] == number) {
            return true;
        }
    }
    return false;
}

/* Whether operand `number` is in storage, and not an address or a number. Pseudo-code that fetches
 * or stores nothing there shows that its address is the operand, as of shifts. */
static bool is_in_storage(enum zf_row row, char number) {
    const char *code = zf_pseudo_code(row);
    char access[24], copied[16];
    if (!has_operand(zf_row_get(row)->syntax, "b", number) ||
        (number == '2' && row != ZF_ROW_ex && zf_row_has(row, ZF_ROW_NUMBER)) ||
        row == ZF_ROW_lra || row == ZF_ROW_lray || row == ZF_ROW_lrag || row == ZF_ROW_tabort) {
        return false;
    }
    snprintf(access, sizeof access, "storage(address%c", number);
    snprintf(copied, sizeof copied, " = address%c", number);
    for (const char *at = code; at && (at = strstr(at, copied)); at++) {
        bool letter = at >= code + 1 && at[-1] >= 'a' && at[-1] <= 'z';
        if (letter && strchr("\n;", at[strlen(copied)])) {
            return true; /* in a variable, to be counted up */
        }
    }
    return !code || strstr(code, access);
}

/* Whether the mnemonic says what is in the field. */
static bool is_implied(const struct zf_trial *t, const struct zf_trial_field *f) {
    if (!t->alias) {
        return false;
    }
    uint64_t ones = ((UINT64_C(1) << f->bits) - 1) << (64 - f->first - f->bits);
    return (f->name[1] == zf_alias_repeats(t->alias) && strchr("rv", f->name[0])) ||
           (!t->alias->when.differs && (t->alias->when.mask & ones) == ones);
}

static bool can_be_set(const struct zf_trial *t, const struct zf_trial_field *f) {
    const struct zf_row_info *info = zf_row_get(t->row);
    if (is_implied(t, f)) {
        return false;
    }
    switch (f->name[0]) {
    case 'r':
        return f->name[1] != 'i' && zf_trial_kind(t->row, f->name) &&
               zf_trial_kind(t->row, f->name) != 'c';
    case 'v':
        return has_operand(info->syntax, "v", f->name[1]);
    case 'm':
        return zf_row_uses_field(info, f->name);
    case 'l':
        return has_operand(info->syntax, "l", f->name[1]);
    case 'i':
        return has_operand(info->syntax, "su", f->name[1]);
    default:
        return false;
    }
}

/* The names of what can be set of the instruction. */
static void print_names(FILE *out, const struct zf_trial *t) {
    const struct zf_row_info *info = zf_row_get(t->row);
    enum zf_format format = (enum zf_format)info->format;
    for (const struct zf_trial_field *f = zf_trial_first(format); f->name; f = zf_trial_next(f)) {
        if (can_be_set(t, f)) {
            char kind = f->name[0] == 'r' ? zf_trial_kind(t->row, f->name) : 0;
            bool is_pair = kind && strchr("GF", kind);
            fprintf(out, is_pair ? "%s, %s+%u, " : "%s, ", f->name, f->name, kind == 'F' ? 2 : 1);
        }
    }
    for (const char *n = "1234"; *n; n++) {
        const char name[] = {'d', *n, 0};
        if (zf_trial_displacement(format, name)) {
            fprintf(out, "d%c, ", *n);
        }
        if (*n <= '2' && is_in_storage(t->row, *n)) {
            fprintf(out, "s%c, ", *n);
        }
    }
}

/* What is wrong with a setting, and what can be set of the instruction. */
static enum zf_status invalid(const struct zf_trial *t, struct zf_error *err, const char *setting) {
    char names[160] = "";
    FILE *out = fmemopen(names, sizeof names, "w");
    if (out) {
        print_names(out, t);
        fclose(out);
    }
    return zf_fail(err, ZF_ERROR_USAGE,
                   "explain: invalid --try '%s'; give NAME=NUMBER, NAME one of %sgr0 to gr15, fr0 "
                   "to fr15, vr0 to vr31, cc",
                   setting, names);
}

/* What is shown of storage operand 1 or 2; NULL: it is not in storage. */
static uint8_t *find_window(const struct zf_trial *t, char number) {
    uint64_t at = zf_trial_storage(t, number);
    return at <= ZF_TRIAL_SIZE - WINDOW ? t->machine->storage.ram + at : NULL;
}

/* A field of the format, by its name. */
static const struct zf_trial_field *find_field(const struct zf_trial *t, const char *name) {
    enum zf_format format = (enum zf_format)zf_row_get(t->row)->format;
    const struct zf_trial_field *f = zf_trial_first(format);
    while (f->name && strcmp(f->name, name) != 0) {
        f = zf_trial_next(f);
    }
    return f->name ? f : zf_trial_displacement(format, name);
}

/* Bytes of storage operand 1 or 2: what its length field says, which may be that of both, else what
 * the pseudo-code reads or writes there; 0: not known. */
static unsigned operand_bytes(const struct zf_trial *t, char number) {
    char name[] = {'l', number, 0}, text[] = "storage(address?, ";
    const struct zf_trial_field *f = find_field(t, name);
    f = f ? f : find_field(t, "l1");
    if (f) {
        return (unsigned)(t->word >> (64 - f->first - f->bits) & ((1U << f->bits) - 1)) + 1;
    }
    *strchr(text, '?') = number;
    const char *code = zf_pseudo_code(t->row), *access = code ? strstr(code, text) : NULL;
    char *end = NULL;
    unsigned long bytes = access ? strtoul(access + strlen(text), &end, 10) : 0;
    return access && *end == ')' ? (unsigned)bytes : 0;
}

static bool fits_bytes(zf_u128 value, unsigned bytes) {
    return !(value >> (8 * bytes)) || !(~value >> (8 * bytes - 1));
}

/* Storage gets the value as a number of the operand's length, else its bytes: 8, or 16 if it needs
 * them. Floating point has a length of its own. */
static bool set_storage(const struct zf_trial *t, char number, const struct zf_value *value) {
    uint8_t *to = find_window(t, number);
    unsigned bytes = operand_bytes(t, number), own = zf_float_text_bits(value->format) / 8;
    if (!to || !is_in_storage(t->row, number)) {
        return false;
    }
    if (bytes == 0 || bytes > WINDOW || (bytes < 8 && !fits_bytes(value->bits, bytes))) {
        bytes = 8;
    }
    if (bytes < WINDOW && !fits_bytes(value->bits, bytes)) {
        bytes = WINDOW;
    }
    bytes = own ? own : bytes;
    for (unsigned i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(value->bits >> (8 * (bytes - 1 - i)));
    }
    return true;
}

/* Floating point stands at the left of its register, extended in a pair of them. */
static bool set_register(struct zf_trial *t, char kind, unsigned n, const struct zf_value *value) {
    unsigned own = zf_float_text_bits(value->format);
    if (!own || strchr("gGac", kind)) {
        return (own <= 64) && zf_trial_set_register(t, kind, n, value->bits);
    }
    if (kind == 'v') {
        return zf_trial_set_register(t, kind, n, value->bits << (128 - own));
    }
    if (own < 128) {
        return zf_trial_set_register(t, kind, n, value->bits << (64 - own));
    }
    return !(n & 2) && zf_trial_set_register(t, kind, n, (uint64_t)(value->bits >> 64)) &&
           zf_trial_set_register(t, kind, n + 2, (uint64_t)value->bits);
}

/* "r1", or the other one of a pair, "r1+1" or of floating point "r1+2": a register that the
 * instruction names. */
static bool set_operand(struct zf_trial *t, const char *name, const struct zf_value *value) {
    const char field[3] = {name[0], name[0] ? name[1] : 0};
    const struct zf_trial_field *f = find_field(t, field);
    if (!f || !can_be_set(t, f) || !strchr("rv", field[0])) {
        return false;
    }
    char kind = field[0] == 'v' ? 'v' : zf_trial_kind(t->row, field);
    unsigned more = kind == 'F' ? 2 : 1, n = zf_trial_register(kind, field);
    const char other[] = {'+', (char)('0' + more), 0};
    if (name[2] && strcmp(name + 2, other) != 0) {
        return false;
    }
    return set_register(t, kind, n + (name[2] ? more : 0), value);
}

static bool set(struct zf_trial *t, const char *name, const struct zf_value *value) {
    const struct zf_trial_field *f = find_field(t, name);
    if (set_operand(t, name, value)) {
        return true;
    }
    if (f && strchr("mild", f->name[0]) && !value->format &&
        (f->displacement || can_be_set(t, f))) {
        zf_trial_put(t, f, (uint64_t)value->bits);
        return true;
    }
    if (!strcmp(name, "s1") || !strcmp(name, "s2")) {
        return set_storage(t, name[1], value);
    }
    if (!strcmp(name, "cc") && value->bits < 4) {
        t->cpu->cc = (uint32_t)value->bits;
        return true;
    }
    char *end;
    bool numbered = strspn(name, "gfv") == 1 && name[1] == 'r' && name[2] >= '0' && name[2] <= '9';
    unsigned long n = numbered ? strtoul(name + 2, &end, 10) : 0;
    return numbered && !*end && n < (name[0] == 'v' ? 32 : 16) &&
           set_register(t, name[0], (unsigned)n, value);
}

/* Bits that a setting has room for. */
static unsigned width(const struct zf_trial *t, const char *name) {
    const struct zf_trial_field *f = find_field(t, name);
    return f && strchr("mid", f->name[0]) ? f->bits : strchr("vs", name[0]) ? 128 : 64;
}

/* Displacements of 20 bits have a sign, those of 12 have none; all else may be taken either way. */
static bool fits(zf_u128 value, const char *name, unsigned bits) {
    bool positive = bits >= 128 || !(value >> bits), negative = !(~value >> (bits - 1));
    if (name[0] == 'd') {
        return bits == 12 ? positive : negative || !(value >> (bits - 1));
    }
    return positive || negative;
}

/* How many settings begin with these letters. */
static unsigned count(const char *settings, const char *name, size_t length) {
    unsigned found = 0;
    for (const char *at = settings; at; at = strchr(at, ',')) {
        at += *at == ',';
        found += !strncmp(at, name, length) && at[length] == '=';
    }
    return found;
}

/* A floating-point register, by field or number. */
static bool is_float(const struct zf_trial *t, const char *name) {
    char field[3] = {name[0], name[0] ? name[1] : 0};
    char kind = name[0] == 'r' && !name[2] ? zf_trial_kind(t->row, field) : 0;
    return (kind && strchr("fF", kind)) || !strncmp(name, "fr", 2);
}

/* Whether the operand in storage is packed or zoned, as the one in registers is not. */
static bool is_other_decimal(enum zf_row row) {
    static const enum zf_row rows[] = {ZF_ROW_cdpt, ZF_ROW_cxpt, ZF_ROW_cdzt, ZF_ROW_cxzt,
                                       ZF_ROW_cpdt, ZF_ROW_cpxt, ZF_ROW_czdt, ZF_ROW_czxt};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        if (rows[i] == row) {
            return true;
        }
    }
    return false;
}

/* The format of numbers without letters: what the name of the instruction says of the operand, if
 * that is floating point, and the same wherever it stands. */
static enum zf_float_format usual_format(const struct zf_trial *t, const char *name) {
    bool first = name[0] && name[1] == '1';
    bool one_for_all = !strstr(zf_row_get(t->row)->name, "<-");
    bool is_operand =
        name[0] == 's' ? !is_other_decimal(t->row) : name[0] == 'r' && is_float(t, name);
    return is_operand && (one_for_all || !first) ? zf_row_float_format(t->row, first)
                                                 : ZF_FLOAT_NONE;
}

/* What is wrong with a value, whatever it is for. */
static enum zf_status invalid_value(struct zf_error *err, const char *name, const char *text) {
    return zf_fail(err, ZF_ERROR_USAGE,
                   "explain: invalid --try '%s=%s'; give a number, such as -1 or 0x1f, floating "
                   "point that its format can hold, such as 1.5db, or packed decimal, such as "
                   "123p",
                   name, text);
}

/* Digits alone that may be bits or a number of any format. */
static bool is_ambiguous(const struct zf_trial *t, const char *name, const struct zf_value *value,
                         const char *text) {
    return is_float(t, name) && !value->format && !strstr(text, "0x") && strcmp(text, "0") != 0 &&
           text[strlen(text) - 1] != 'p';
}

static enum zf_status apply_one(struct zf_trial *t, char *one, const char *settings,
                                struct zf_error *err) {
    struct zf_value value;
    char *sign = strchr(one, '=');
    if (!sign) {
        return invalid(t, err, one);
    }
    if (count(settings, one, (size_t)(sign - one)) > 1) {
        return zf_fail(err, ZF_ERROR_USAGE, "explain: --try '%s' sets %.*s twice", settings,
                       (int)(sign - one), one);
    }
    *sign = '\0';
    if (!zf_value_parse(sign + 1, usual_format(t, one), &value)) {
        return invalid_value(err, one, sign + 1);
    }
    if (is_ambiguous(t, one, &value, sign + 1)) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "explain: invalid --try '%s=%s'; the instruction does not say the format: "
                       "give 1.5eb, db or lb (binary), ed, dd or ld (decimal), eh, dh or lh "
                       "(hexadecimal), or the bits, as 0x1f",
                       one, sign + 1);
    }
    if (!value.format && !fits(value.bits, one, width(t, one))) {
        return zf_fail(err, ZF_ERROR_USAGE, "explain: invalid --try '%s=%s'; %s has %u bits", one,
                       sign + 1, one, width(t, one));
    }
    bool known = set(t, one, &value);
    *sign = '=';
    return known ? ZF_OK : invalid(t, err, one);
}

static enum zf_status apply(struct zf_trial *t, const char *settings, struct zf_error *err) {
    char copy[512];
    if (strlen(settings) >= sizeof copy) {
        return invalid(t, err, settings);
    }
    for (unsigned pass = 0; pass < 2; pass++) { /* d and l say where storage operands are */
        char *rest = strcpy(copy, settings);
        for (char *one; (one = strsep(&rest, ","));) {
            if ((*one == 'd' || *one == 'l') == !pass &&
                apply_one(t, one, settings, err) != ZF_OK) {
                return err->status;
            }
        }
    }
    return ZF_OK;
}

/* Whether a register is not zero, or differs from `before`. */
static bool is_shown(const struct zf_cpu *cpu, const struct zf_cpu *before, enum zf_register id,
                     unsigned n) {
    zf_u128 value = zf_register_get(cpu, id, n);
    bool base = id == ZF_REGISTER_GR && (n == ZF_TRIAL_BASE_1 || n == ZF_TRIAL_BASE_2);
    return before ? value != zf_register_get(before, id, n) : value && !base;
}

/* What floating-point register n holds, or the pair of which it is the last to be shown. */
static void print_value(FILE *out, const struct zf_cpu *cpu, const struct zf_cpu *before,
                        unsigned n, enum zf_float_format format) {
    char text[ZF_FLOAT_TEXT];
    unsigned bits = zf_float_text_bits(format);
    zf_u128 value = zf_register_get(cpu, ZF_REGISTER_FPR, n);
    bool left = !(n & 2);
    if (!bits || (bits == 128 && left && is_shown(cpu, before, ZF_REGISTER_FPR, n + 2))) {
        return;
    }
    if (bits == 128) {
        value = zf_register_get(cpu, ZF_REGISTER_FPR, left ? n : n - 2) << 64 |
                zf_register_get(cpu, ZF_REGISTER_FPR, left ? n + 2 : n);
    } else {
        value >>= 64 - bits;
    }
    zf_float_text(format, value, text);
    fprintf(out, " (%s)", text);
}

static void print_register(FILE *out, const struct zf_cpu *cpu, enum zf_register id, unsigned n) {
    zf_u128 value = zf_register_get(cpu, id, n);
    fprintf(out, " %s%u=", zf_register_info(id)->name, n);
    if (id == ZF_REGISTER_VR) {
        fprintf(out, "%016" PRIx64, (uint64_t)(value >> 64));
    }
    fprintf(out, "%016" PRIx64, (uint64_t)value);
}

/* Right halves of vector registers are shown only of vector instructions. */
static void print_state(FILE *out, const struct zf_trial *t, const struct zf_cpu *cpu,
                        const struct zf_cpu *before) {
    bool vector = strchr(zf_row_get(t->row)->syntax, 'v');
    const enum zf_register ids[] = {ZF_REGISTER_GR, vector ? ZF_REGISTER_VR : ZF_REGISTER_FPR};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(ids); i++) {
        for (unsigned n = 0; n < zf_register_info(ids[i])->count; n++) {
            if (!is_shown(cpu, before, ids[i], n)) {
                continue;
            }
            print_register(out, cpu, ids[i], n);
            if (ids[i] == ZF_REGISTER_FPR) {
                print_value(out, cpu, before, n, zf_row_float_format(t->row, before));
            }
        }
    }
}

/* Windows that differ from `before`, or when that is NULL are not zero. */
static void print_storage(FILE *out, const uint8_t *now, const uint8_t *before) {
    static const uint8_t zeros[2 * WINDOW];
    for (unsigned s = 0; s < 2; s++) {
        const uint8_t *window = now + (size_t)s * WINDOW;
        if (memcmp(window, (before ? before : zeros) + (size_t)s * WINDOW, WINDOW) != 0) {
            fprintf(out, " s%u=%016" PRIx64 "%016" PRIx64, s + 1, zf_get64(window),
                    zf_get64(window + 8));
        }
    }
}

static void take_storage(const struct zf_trial *t, uint8_t windows[2 * WINDOW]) {
    memset(windows, 0, 2 * WINDOW);
    for (unsigned s = 0; s < 2; s++) {
        const uint8_t *window = find_window(t, (char)('1' + s));
        if (window) {
            memcpy(windows + (size_t)s * WINDOW, window, WINDOW);
        }
    }
}

static void print_after(FILE *out, const struct zf_trial *t, const struct zf_cpu *before,
                        const uint8_t *storage) {
    unsigned condition = zf_trial_condition(t);
    fputs("  after      ", out);
    if (t->halt.why == ZF_STOP_UNIMPLEMENTED) {
        fputs(" not implemented\n", out);
        return;
    }
    print_state(out, t, t->cpu, before);
    uint8_t now[2 * WINDOW];
    take_storage(t, now);
    print_storage(out, now, storage);
    if (condition) {
        fprintf(out, " %s (%04x)\n", zf_trial_condition_name(condition), condition);
        return;
    }
    if (zf_trial_call(t, &condition)) {
        fprintf(out, " supervisor-call interruption (%04x)\n", condition);
        return;
    }
    fprintf(out, " cc=%u", t->cpu->cc);
    if (t->cpu->psw.addr != (uint64_t)ZF_TRIAL_CODE + zf_row_get(t->row)->length) {
        fprintf(out, " branches to 0x%" PRIx64, t->cpu->psw.addr);
    }
    fputc('\n', out);
}

static enum zf_status try(FILE *out, struct zf_trial *t, const char *settings,
                          struct zf_error *err) {
    uint8_t storage[2 * WINDOW];
    struct zf_insn insn;
    char text[96];
    if (apply(t, settings, err) != ZF_OK) {
        return err->status;
    }
    struct zf_cpu *before = aligned_alloc(_Alignof(struct zf_cpu), sizeof *before);
    if (!before) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    *before = *t->cpu;
    take_storage(t, storage);
    zf_decode(t->word, &insn);
    zf_insn_text(&insn, ZF_TRIAL_CODE, text, sizeof text);
    enum zf_status status = zf_trial_execute(t, err);
    if (status == ZF_OK) {
        fprintf(out, "  try         %s\n  before     ", text);
        print_state(out, t, before, NULL);
        print_storage(out, storage, NULL);
        fprintf(out, " cc=%u\n", before->cc);
        print_after(out, t, before, storage);
    }
    free(before);
    return status;
}

/* The operand that the mnemonic leaves out is the register of the one before. */
static void repeat_operand(struct zf_trial *t, const struct zf_alias *alias) {
    bool vector = strchr(zf_row_get(t->row)->syntax, 'v');
    const char last[] = {vector ? 'v' : 'r', alias ? zf_alias_repeats(alias) : (char)0, 0};
    const char before[] = {last[0], (char)(last[1] - 1), 0};
    const struct zf_trial_field *f = last[1] ? find_field(t, last) : NULL;
    if (f) {
        zf_trial_put(t, f, zf_trial_register(vector ? 'v' : 'g', before));
    }
}

enum zf_status zf_explain_try(FILE *out, enum zf_row row, const struct zf_alias *alias,
                              const char *settings, struct zf_error *err) {
    struct zf_trial *t = malloc(sizeof *t);
    if (!t) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    enum zf_status status = zf_trial_begin(t, row, err);
    t->alias = alias;
    if (status == ZF_OK) {
        if (alias) {
            t->word = (t->word & ~alias->when.mask) |
                      (alias->when.differs ? alias->when.mask : alias->when.value);
        }
        repeat_operand(t, alias);
        status = try(out, t, settings, err);
    }
    zf_trial_end(t);
    free(t);
    return status;
}
