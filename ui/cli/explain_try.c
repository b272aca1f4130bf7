/*
 * One instruction on a machine made for it: operand registers, a window of storage for each storage
 * operand, and what is different afterwards.
 */
#include "cli/explain_try.h"

#include "zfacet/control.h"
#include "zfacet/ibc.h"
#include "zfacet/implemented.h"
#include "zfacet/register.h"
#include "zfacet/translate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CODE = 0x10000, STORAGE_1 = 0x20000, STORAGE_2 = 0x21000, WINDOW = 16 };
enum { BASE_1 = 9, BASE_2 = 10, PROGRAM_NEW_PSW = 0x1d0, ENDED = 0xbad0 };

struct trial {
    enum zf_row row;
    uint64_t word;
    struct zf_cpu *cpu;
    struct zf_machine *machine;
    struct zf_facilities facilities;
    struct zf_halt halt;
};

struct field {
    const char *name;
    unsigned first, bits;
    bool vector;
};

/* The fields of a format; displacements stay zero, so they are not here. */
static const struct field *fields_of(enum zf_format format) {
    static const struct field all[ZF_FORMAT_COUNT][16] = {
/* clang-format off */
#define NIBBLE(name, first) {#name, first, 4, false},
#define VR(name, first) {#name, first, 4, true},
#define BYTE(name, first) {#name, first, 8, false},
#define FIELD(name, first, bits) {#name, first, bits, false},
#define REL(name, first, bits) {#name, first, bits, false},
#define DISP(name, first)
#define LONG(name)
#define FORMAT(ID, name, length, opcode, fields) [ZF_FORMAT_##ID] = {fields},
#include "isa/formats.def"
#undef FORMAT
        /* clang-format on */
    };
    return all[format];
}

/* How the assembler's syntax calls the register in field r1, r2 ...: 'g', 'f' ... or 0. */
static char kind_of(enum zf_row row, const char *name) {
    const char *syntax = zf_row_get(row)->syntax;
    for (; *syntax; syntax++) {
        if (strchr("gGfFvac", *syntax) && syntax[1] == name[1] &&
            (!syntax[2] || strchr(",?)", syntax[2]))) {
            return *syntax;
        }
    }
    return 0;
}

/* Registers that are even, and pairs of floating-point ones, wherever they are wanted. */
static unsigned register_for(char kind, const char *name) {
    unsigned n = (unsigned)(name[1] - '0');
    return kind == 'v' ? n : kind == 'f' || kind == 'F' ? 4 * (n - 1) : 2 * n;
}

static uint64_t default_of(enum zf_row row, const struct field *f) {
    const char *name = f->name;
    switch (name[0]) {
    case 'r':
        return name[1] == 'i' ? 8 : register_for(kind_of(row, name), name);
    case 'v':
        return register_for('v', name);
    case 'b':
        return name[1] == '1' ? BASE_1 : BASE_2;
    case 'l':
        return 7;
    default:
        return 0;
    }
}

static void put_field(struct trial *t, const struct field *f, uint64_t value) {
    uint64_t ones = f->bits == 64 ? ~UINT64_C(0) : (UINT64_C(1) << f->bits) - 1;
    unsigned shift = 64 - f->first - f->bits;
    t->word = (t->word & ~(ones << shift)) | (value & ones) << shift;
}

/* Whether the assembler's syntax has an operand of one of these kinds with that number. */
static bool has_operand(const char *syntax, const char *kinds, char number) {
    for (; *syntax; syntax++) {
        if (strchr(kinds, *syntax) && syntax[1] == number) {
            return true;
        }
    }
    return false;
}

static bool can_be_set(enum zf_row row, const struct field *f) {
    const char *syntax = zf_row_get(row)->syntax;
    switch (f->name[0]) {
    case 'r':
        return f->name[1] != 'i' && kind_of(row, f->name) && kind_of(row, f->name) != 'c';
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
    for (const struct field *f = fields_of((enum zf_format)info->format); out && f->name; f++) {
        if (can_be_set(row, f)) {
            bool is_pair = f->name[0] == 'r' && strchr("GF", kind_of(row, f->name));
            fprintf(out, is_pair ? "%s, %s+1, " : "%s, ", f->name, f->name);
        }
    }
    for (char n = '1'; out && n <= '2'; n++) {
        if (has_operand(info->syntax, "b", n)) {
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
        *value = *value * base + n;
    }
    *value = negative ? -*value : *value;
    return true;
}

static bool set_register(struct trial *t, char kind, unsigned n, zf_u128 value) {
    switch (kind) {
    case 'g':
    case 'G':
        zf_register_set(t->cpu, ZF_REGISTER_GR, n & 15, value);
        return true;
    case 'f':
    case 'F':
        zf_register_set(t->cpu, ZF_REGISTER_FPR, n & 15, value);
        return true;
    case 'a':
        zf_register_set(t->cpu, ZF_REGISTER_AR, n & 15, value);
        return true;
    case 'v':
        zf_register_set(t->cpu, ZF_REGISTER_VR, n & 31, value);
        return true;
    default:
        return false;
    }
}

/* Storage gets the value's bytes, 8 or as many as it needs. */
static void set_storage(struct trial *t, uint64_t address, zf_u128 value) {
    uint8_t *to = t->machine->storage.ram + address;
    if (value >> 64 && ~value >> 64) {
        zf_put64(to, (uint64_t)(value >> 64));
        to += 8;
    }
    zf_put64(to, (uint64_t)value);
}

/* A field of the format, by its name. */
static const struct field *find_field(const struct trial *t, const char *name) {
    const struct field *f = fields_of((enum zf_format)zf_row_get(t->row)->format);
    while (f->name && strcmp(f->name, name) != 0) {
        f++;
    }
    return f->name ? f : NULL;
}

/* "r1" or "r1+1": a register that the instruction names. */
static bool set_operand(struct trial *t, const char *name, zf_u128 value) {
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
    char kind = field[0] == 'v' ? 'v' : kind_of(t->row, field);
    return (field[0] == 'r' || field[0] == 'v') &&
           set_register(t, kind, register_for(kind, field) + more, value);
}

static bool set(struct trial *t, const char *name, zf_u128 value) {
    const struct field *f = find_field(t, name);
    if (set_operand(t, name, value)) {
        return true;
    }
    if (f && strchr("mil", f->name[0])) {
        put_field(t, f, (uint64_t)value);
        return true;
    }
    if (!strcmp(name, "s1") || !strcmp(name, "s2")) {
        set_storage(t, name[1] == '1' ? STORAGE_1 : STORAGE_2, value);
        return true;
    }
    if (!strcmp(name, "cc") && value < 4) {
        t->cpu->cc = (uint32_t)value;
        return true;
    }
    bool numbered = strspn(name, "gfv") == 1 && name[1] == 'r' && name[2];
    return numbered && set_register(t, name[0], (unsigned)strtoul(name + 2, NULL, 10), value);
}

static enum zf_status apply(struct trial *t, const char *settings, struct zf_error *err) {
    char copy[512], *rest = NULL;
    zf_u128 value;
    if (strlen(settings) >= sizeof copy) {
        return invalid(t->row, err, settings);
    }
    strcpy(copy, settings);
    for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        char *sign = strchr(one, '=');
        if (!sign) {
            return invalid(t->row, err, one);
        }
        *sign = '\0';
        if (!parse_value(sign + 1, &value) || !set(t, one, value)) {
            *sign = '=';
            return invalid(t->row, err, one);
        }
    }
    return ZF_OK;
}

static enum zf_status create(struct trial *t, struct zf_error *err) {
    struct zf_model model;
    const struct zf_machine_config config = {
        .cpus = 1,
        .storage_size = 1 << 20,
        .engine = ZF_ENGINE_SWITCH,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
    };
    zf_model_init(&model, zf_machine_newest(), ZF_MODEL_FULL);
    struct zf_gate_config gate = zf_gate_config_default(&model);
    zf_gate_compute(&gate, &t->facilities.gate);
    t->machine = zf_machine_create(&config, err);
    if (!t->machine) {
        return err->status;
    }
    t->machine->facilities = &t->facilities;
    t->cpu = zf_machine_cpu(t->machine, 0);
    t->cpu->cr[0] |= ZF_CR0_AFP | ZF_CR0_VECTOR;
    t->cpu->gr[BASE_1] = STORAGE_1;
    t->cpu->gr[BASE_2] = STORAGE_2;
    zf_psw_load(t->cpu, ZF_PSW_EA | ZF_PSW_BA, CODE);
    /* a program interruption is a disabled wait at an address that says so */
    zf_put64(t->machine->storage.ram + PROGRAM_NEW_PSW,
             ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_WAIT | (uint64_t)0);
    zf_put64(t->machine->storage.ram + PROGRAM_NEW_PSW + 8, ENDED);
    return ZF_OK;
}

static void fill_fields(struct trial *t) {
    const struct field *f = fields_of((enum zf_format)zf_row_get(t->row)->format);
    t->word = zf_row_get(t->row)->opcode;
    for (; f->name; f++) {
        put_field(t, f, default_of(t->row, f));
    }
}

static enum zf_status execute(struct trial *t, struct zf_error *err) {
    zf_put64(t->machine->storage.ram + CODE, t->word);
    const struct zf_control_config config = {
        .machine = t->machine, .facilities = &t->facilities, .max_insns = 1, .console = true};
    struct zf_control *control = zf_control_create(&config);
    if (!control) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    t->machine->config.timeout_ns = 1000000000;
    zf_control_run(control);
    zf_control_serve(control, &t->halt);
    zf_control_destroy(control);
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
            bool base = ids[i] == ZF_REGISTER_GR && (n == BASE_1 || n == BASE_2);
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

static void take_storage(const struct trial *t, uint8_t windows[2 * WINDOW]) {
    memcpy(windows, t->machine->storage.ram + STORAGE_1, WINDOW);
    memcpy(windows + WINDOW, t->machine->storage.ram + STORAGE_2, WINDOW);
}

static void print_after(FILE *out, const struct trial *t, const struct zf_cpu *before,
                        const uint8_t *storage) {
    enum { PROGRAM_CODE = 0x8e };
    bool vector = strchr(zf_row_get(t->row)->syntax, 'v');
    bool interrupted = t->cpu->psw.addr == ENDED;
    fputs("  after      ", out);
    if (t->halt.why == ZF_STOP_UNIMPLEMENTED) {
        fputs(" not implemented\n", out);
        return;
    }
    print_state(out, t->cpu, before, vector);
    uint8_t now[2 * WINDOW];
    take_storage(t, now);
    print_storage(out, now, storage);
    if (interrupted) {
        fprintf(out, " program interruption %04x\n",
                zf_get16(t->machine->storage.ram + PROGRAM_CODE));
        return;
    }
    fprintf(out, " cc=%u", t->cpu->cc);
    if (t->cpu->psw.addr != (uint64_t)CODE + zf_row_get(t->row)->length) {
        fprintf(out, " branches to 0x%" PRIx64, t->cpu->psw.addr);
    }
    fputc('\n', out);
}

static enum zf_status try(FILE *out, struct trial *t, const char *settings, struct zf_error *err) {
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
    zf_disasm(&insn, CODE, text, sizeof text);
    text[strcspn(text, "\t")] = ' ';
    enum zf_status status = execute(t, err);
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

enum zf_status zf_explain_try(FILE *out, enum zf_row row, const char *settings,
                              struct zf_error *err) {
    struct trial *t = calloc(1, sizeof *t);
    if (!t) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    t->row = row;
    enum zf_status status = create(t, err);
    if (status == ZF_OK) {
        fill_fields(t);
        status = try(out, t, settings, err);
    }
    zf_machine_destroy(t->machine);
    free(t);
    return status;
}
