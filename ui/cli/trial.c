#include "cli/trial.h"

#include "zfacet/ibc.h"
#include "zfacet/implemented.h"
#include "zfacet/register.h"

#include <stdlib.h>
#include <string.h>

/* where the new PSWs lead, and where they are */
enum {
    ENDED = 0xbad0,
    CALLED = 0xbad2,
    CALL_NEW_PSW = 0x1c0,
    PROGRAM_NEW_PSW = 0x1d0,
    CALL_CODE = 0x8a,
    PROGRAM_CODE = 0x8e,
};

/* All fields of a format, as they stand in it. */
static const struct zf_trial_field *fields_of(enum zf_format format) {
    static const struct zf_trial_field all[ZF_FORMAT_COUNT][16] = {
/* clang-format off */
#define NIBBLE(name, first) {#name, first, 4, false},
#define VR(name, first) {#name, first, 4, false},
#define BYTE(name, first) {#name, first, 8, false},
#define FIELD(name, first, bits) {#name, first, bits, false},
#define REL(name, first, bits) {#name, first, bits, false},
#define DISP(name, first) {#name, first, 12, true},
#define LONG(name) {#name, 20, 20, true},
#define FORMAT(ID, name, length, opcode, fields) [ZF_FORMAT_##ID] = {fields},
#include "isa/formats.def"
#undef NIBBLE
#undef VR
#undef BYTE
#undef FIELD
#undef REL
#undef DISP
#undef LONG
#undef FORMAT
        /* clang-format on */
    };
    return all[format];
}

/* The first from `f` on that is a displacement, or is none; or the one without a name. */
static const struct zf_trial_field *skip_to(const struct zf_trial_field *f, bool displacement) {
    while (f->name && f->displacement != displacement) {
        f++;
    }
    return f;
}

const struct zf_trial_field *zf_trial_first(enum zf_format format) {
    return skip_to(fields_of(format), false);
}

const struct zf_trial_field *zf_trial_next(const struct zf_trial_field *f) {
    return skip_to(f + 1, false);
}

const struct zf_trial_field *zf_trial_displacement(enum zf_format format, const char *name) {
    const struct zf_trial_field *f = skip_to(fields_of(format), true);
    while (f->name && strcmp(f->name, name) != 0) {
        f = skip_to(f + 1, true);
    }
    return f->name ? f : NULL;
}

uint64_t zf_trial_storage(const struct zf_trial *t, char number) {
    struct zf_insn insn;
    struct zf_operands o;
    zf_decode(t->word, &insn);
    zf_insn_operands(&insn, &o);
    return number == '1' ? ZF_TRIAL_STORAGE_1 + (uint64_t)(int64_t)o.d1
                         : ZF_TRIAL_STORAGE_2 + (uint64_t)(int64_t)o.d2;
}

/* How the assembler's syntax calls the register in field r1, r2 ...: 'g', 'f' ... or 0. */
char zf_trial_kind(enum zf_row row, const char *name) {
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
unsigned zf_trial_register(char kind, const char *name) {
    unsigned n = (unsigned)(name[1] - '0');
    return kind == 'v' ? n : kind == 'f' || kind == 'F' ? 4 * (n - 1) : 2 * n;
}

static uint64_t default_of(enum zf_row row, const struct zf_trial_field *f) {
    const char *name = f->name;
    switch (name[0]) {
    case 'r':
        return name[1] == 'i' ? 8 : zf_trial_register(zf_trial_kind(row, name), name);
    case 'v':
        return zf_trial_register('v', name);
    case 'b':
        return name[1] == '1' ? ZF_TRIAL_BASE_1 : ZF_TRIAL_BASE_2;
    case 'l':
        return 7;
    default:
        return 0;
    }
}

void zf_trial_put(struct zf_trial *t, const struct zf_trial_field *f, uint64_t value) {
    enum { SHORT = 12, LONG = 20 };
    if (f->displacement && f->bits == LONG) {
        value = (value & 0xfff) << (LONG - SHORT) | (value >> SHORT & 0xff);
    }
    uint64_t ones = f->bits == 64 ? ~UINT64_C(0) : (UINT64_C(1) << f->bits) - 1;
    unsigned shift = 64 - f->first - f->bits;
    t->word = (t->word & ~(ones << shift)) | (value & ones) << shift;
}

bool zf_trial_set_register(struct zf_trial *t, char kind, unsigned n, zf_u128 value) {
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

static enum zf_status create(struct zf_trial *t, struct zf_error *err) {
    struct zf_model model;
    const struct zf_machine_config config = {
        .cpus = 1,
        .storage_size = ZF_TRIAL_SIZE,
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
    return ZF_OK;
}

static void fill_machine(struct zf_trial *t) {
    t->cpu->cr[0] |= ZF_CR0_AFP | ZF_CR0_VECTOR;
    t->cpu->gr[ZF_TRIAL_BASE_1] = ZF_TRIAL_STORAGE_1;
    t->cpu->gr[ZF_TRIAL_BASE_2] = ZF_TRIAL_STORAGE_2;
    zf_psw_load(t->cpu, ZF_PSW_EA | ZF_PSW_BA, ZF_TRIAL_CODE);
    /* an interruption is a disabled wait at an address that says which */
    zf_put64(t->machine->storage.ram + CALL_NEW_PSW,
             ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_WAIT | (uint64_t)0);
    zf_put64(t->machine->storage.ram + CALL_NEW_PSW + 8, CALLED);
    zf_put64(t->machine->storage.ram + PROGRAM_NEW_PSW,
             ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_WAIT | (uint64_t)0);
    zf_put64(t->machine->storage.ram + PROGRAM_NEW_PSW + 8, ENDED);
}

/* Whether the instruction has the mask; a format may have a register in the same bits. */
static bool has_mask(const char *syntax, const struct zf_trial_field *f) {
    while ((syntax = strchr(syntax, 'm')) && syntax[1] != f->name[1]) {
        syntax++;
    }
    return syntax;
}

static void fill_fields(struct zf_trial *t) {
    const struct zf_row_info *info = zf_row_get(t->row);
    const struct zf_trial_field *f = zf_trial_first((enum zf_format)info->format);
    t->word = info->opcode;
    for (; f->name; f = zf_trial_next(f)) {
        if (f->name[0] != 'm' || has_mask(info->syntax, f)) {
            zf_trial_put(t, f, default_of(t->row, f));
        }
    }
}

enum zf_status zf_trial_execute(struct zf_trial *t, struct zf_error *err) {
    zf_put64(t->machine->storage.ram + ZF_TRIAL_CODE, t->word);
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

static void fill(struct zf_trial *t) {
    fill_machine(t);
    fill_fields(t);
}

enum zf_status zf_trial_begin(struct zf_trial *t, enum zf_row row, struct zf_error *err) {
    *t = (struct zf_trial){.row = row};
    enum zf_status status = create(t, err);
    if (status == ZF_OK) {
        fill(t);
    }
    return status;
}

void zf_trial_again(struct zf_trial *t, enum zf_row row) {
    zf_machine_reset(t->machine);
    t->machine->started_ns = 0; /* the time limit is of each */
    t->row = row;
    t->halt = (struct zf_halt){0};
    fill(t);
}

void zf_trial_end(struct zf_trial *t) {
    zf_machine_destroy(t->machine);
}

unsigned zf_trial_condition(const struct zf_trial *t) {
    return t->cpu->psw.addr == ENDED ? zf_get16(t->machine->storage.ram + PROGRAM_CODE) : 0;
}

bool zf_trial_call(const struct zf_trial *t, unsigned *code) {
    *code = zf_get16(t->machine->storage.ram + CALL_CODE);
    return t->cpu->psw.addr == CALLED;
}

const char *zf_trial_condition_name(unsigned code) {
    static const char *const names[] = {
        [ZF_PGM_OPERATION] = "operation exception",
        [ZF_PGM_PRIVILEGED] = "privileged-operation exception",
        [ZF_PGM_EXECUTE] = "execute exception",
        [ZF_PGM_PROTECTION] = "protection exception",
        [ZF_PGM_ADDRESSING] = "addressing exception",
        [ZF_PGM_SPECIFICATION] = "specification exception",
        [ZF_PGM_DATA] = "data exception",
        [ZF_PGM_FIXED_OVERFLOW] = "fixed-point-overflow exception",
        [ZF_PGM_FIXED_DIVIDE] = "fixed-point-divide exception",
        [ZF_PGM_DECIMAL_OVERFLOW] = "decimal-overflow exception",
        [ZF_PGM_DECIMAL_DIVIDE] = "decimal-divide exception",
        [ZF_PGM_HFP_OVERFLOW] = "HFP-exponent-overflow exception",
        [ZF_PGM_HFP_UNDERFLOW] = "HFP-exponent-underflow exception",
        [ZF_PGM_HFP_SIGNIFICANCE] = "HFP-significance exception",
        [ZF_PGM_HFP_DIVIDE] = "HFP-divide exception",
        [ZF_PGM_SPECIAL_OPERATION] = "special-operation exception",
        [ZF_PGM_OPERAND] = "operand exception",
        [ZF_PGM_VECTOR_PROCESSING] = "vector-processing exception",
        [ZF_PGM_HFP_SQUARE_ROOT] = "HFP-square-root exception",
    };
    return code < ZF_ARRAY_LENGTH(names) && names[code] ? names[code] : "program interruption";
}
