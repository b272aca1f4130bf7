/*
 * explain --try: operands as the user sets them, and what is different after the instruction.
 */
#include "cli/explain_try.h"
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

static bool can_be_set(enum zf_row row, const struct zf_trial_field *f) {
    const char *syntax = zf_row_get(row)->syntax;
    switch (f->name[0]) {
    case 'r':
        return f->name[1] != 'i' && zf_trial_kind(row, f->name) &&
               zf_trial_kind(row, f->name) != 'c';
    case 'v':
        return has_operand(syntax, "v", f->name[1]);
    case 'm':
    case 'l':
        return has_operand(syntax, f->name[0] == 'm' ? "m" : "l", f->name[1]);
    case 'i':
        return has_operand(syntax, "su", f->name[1]);
    default:
        return false;
    }
}

/* What is wrong with a setting, and what can be set of the instruction. */
static enum zf_status invalid(enum zf_row row, struct zf_error *err, const char *setting) {
    const struct zf_row_info *info = zf_row_get(row);
    char names[160] = "";
    FILE *out = fmemopen(names, sizeof names, "w");
    for (const struct zf_trial_field *f = zf_trial_first((enum zf_format)info->format);
         out && f->name; f = zf_trial_next(f)) {
        if (can_be_set(row, f)) {
            bool is_pair = f->name[0] == 'r' && strchr("GF", zf_trial_kind(row, f->name));
            fprintf(out, is_pair ? "%s, %s+1, " : "%s, ", f->name, f->name);
        }
    }
    for (char n = '1'; out && n <= '4'; n++) {
        const char name[] = {'d', n, 0};
        if (zf_trial_displacement((enum zf_format)info->format, name)) {
            fprintf(out, "d%c, ", n);
        }
        if (n <= '2' && has_operand(info->syntax, "b", n)) {
            fprintf(out, "s%c, ", n);
        }
    }
    if (out) {
        fclose(out);
    }
    return zf_fail(err, ZF_ERROR_USAGE,
                   "explain: invalid --try '%s'; give NAME=NUMBER, NAME one of %sgr0 to gr15, fr0 "
                   "to fr15, vr0 to vr31, cc",
                   setting, names);
}

static bool parse_value(const char *text, zf_u128 *value) {
    bool negative = *text == '-';
    const char *at = text + negative;
    unsigned base = !strncmp(at, "0x", 2) ? 16 : 10;
    at += base == 16 ? 2 : 0;
    *value = 0;
    if (!*at || strlen(at) > 32) {
        return false;
    }
    for (; *at; at++) {
        const char *digit = strchr("0123456789abcdef", *at | 0x20);
        const char *all = "0123456789abcdef";
        unsigned n = digit ? (unsigned)(strchr(all, *at | 0x20) - all) : base;
        if (n >= base) {
            return false;
        }
        if (*value > (~(zf_u128)0 - n) / base) {
            return false;
        }
        *value = *value * base + n;
    }
    *value = negative ? -*value : *value;
    return true;
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
 * them. */
static bool set_storage(const struct zf_trial *t, char number, zf_u128 value) {
    uint8_t *to = find_window(t, number);
    unsigned bytes = operand_bytes(t, number);
    if (!to) {
        return false;
    }
    if (bytes == 0 || bytes > WINDOW || (bytes < 8 && !fits_bytes(value, bytes))) {
        bytes = 8;
    }
    if (bytes < WINDOW && !fits_bytes(value, bytes)) {
        bytes = WINDOW;
    }
    for (unsigned i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    }
    return true;
}

/* "r1" or "r1+1": a register that the instruction names. */
static bool set_operand(struct zf_trial *t, const char *name, zf_u128 value) {
    char field[3] = {name[0], name[0] ? name[1] : 0};
    unsigned more = 0;
    if (name[0] && name[1] && name[2]) {
        if (strcmp(name + 2, "+1") != 0) {
            return false;
        }
        more = 1;
    }
    if (!find_field(t, field)) {
        return false;
    }
    char kind = field[0] == 'v' ? 'v' : zf_trial_kind(t->row, field);
    return (field[0] == 'r' || field[0] == 'v') &&
           zf_trial_set_register(t, kind, zf_trial_register(kind, field) + more, value);
}

static bool set(struct zf_trial *t, const char *name, zf_u128 value) {
    const struct zf_trial_field *f = find_field(t, name);
    if (set_operand(t, name, value)) {
        return true;
    }
    if (f && strchr("mild", f->name[0])) {
        zf_trial_put(t, f, (uint64_t)value);
        return true;
    }
    if (!strcmp(name, "s1") || !strcmp(name, "s2")) {
        return set_storage(t, name[1], value);
    }
    if (!strcmp(name, "cc") && value < 4) {
        t->cpu->cc = (uint32_t)value;
        return true;
    }
    char *end;
    bool numbered = strspn(name, "gfv") == 1 && name[1] == 'r' && name[2] >= '0' && name[2] <= '9';
    unsigned long n = numbered ? strtoul(name + 2, &end, 10) : 0;
    return numbered && !*end && n < (name[0] == 'v' ? 32 : 16) &&
           zf_trial_set_register(t, name[0], (unsigned)n, value);
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

static enum zf_status apply_one(struct zf_trial *t, char *one, const char *settings,
                                struct zf_error *err) {
    zf_u128 value = 0;
    char *sign = strchr(one, '=');
    if (!sign) {
        return invalid(t->row, err, one);
    }
    if (count(settings, one, (size_t)(sign - one)) > 1) {
        return zf_fail(err, ZF_ERROR_USAGE, "explain: --try '%s' sets %.*s twice", settings,
                       (int)(sign - one), one);
    }
    *sign = '\0';
    bool known = parse_value(sign + 1, &value);
    if (known && !fits(value, one, width(t, one))) {
        return zf_fail(err, ZF_ERROR_USAGE, "explain: invalid --try '%s=%s'; %s has %u bits", one,
                       sign + 1, one, width(t, one));
    }
    known = known && set(t, one, value);
    *sign = '=';
    return known ? ZF_OK : invalid(t->row, err, one);
}

static enum zf_status apply(struct zf_trial *t, const char *settings, struct zf_error *err) {
    char copy[512];
    if (strlen(settings) >= sizeof copy) {
        return invalid(t->row, err, settings);
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

static void print_register(FILE *out, const struct zf_cpu *cpu, enum zf_register id, unsigned n) {
    zf_u128 value = zf_register_get(cpu, id, n);
    fprintf(out, " %s%u=", zf_register_info(id)->name, n);
    if (id == ZF_REGISTER_VR) {
        fprintf(out, "%016" PRIx64, (uint64_t)(value >> 64));
    }
    fprintf(out, "%016" PRIx64, (uint64_t)value);
}

/* Registers that are not zero, or differ from `before`; the right halves of vector registers are
 * shown only of vector instructions. */
static void print_state(FILE *out, const struct zf_cpu *cpu, const struct zf_cpu *before,
                        bool vector) {
    const enum zf_register ids[] = {ZF_REGISTER_GR, vector ? ZF_REGISTER_VR : ZF_REGISTER_FPR};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(ids); i++) {
        for (unsigned n = 0; n < zf_register_info(ids[i])->count; n++) {
            zf_u128 value = zf_register_get(cpu, ids[i], n);
            bool base = ids[i] == ZF_REGISTER_GR && (n == ZF_TRIAL_BASE_1 || n == ZF_TRIAL_BASE_2);
            if (before ? value != zf_register_get(before, ids[i], n) : value && !base) {
                print_register(out, cpu, ids[i], n);
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
    bool vector = strchr(zf_row_get(t->row)->syntax, 'v');
    unsigned condition = zf_trial_condition(t);
    fputs("  after      ", out);
    if (t->halt.why == ZF_STOP_UNIMPLEMENTED) {
        fputs(" not implemented\n", out);
        return;
    }
    print_state(out, t->cpu, before, vector);
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
    zf_disasm(&insn, ZF_TRIAL_CODE, text, sizeof text);
    text[strcspn(text, "\t")] = ' ';
    enum zf_status status = zf_trial_execute(t, err);
    if (status == ZF_OK) {
        fprintf(out, "  try         %s\n  before     ", text);
        print_state(out, before, NULL, strchr(zf_row_get(t->row)->syntax, 'v'));
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
