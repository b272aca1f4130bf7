/*
 * The exceptions of an instruction. What its row says is taken from there; the rest is found by
 * executing the instruction on the spot, with operands that are wrong in one way each, so that
 * nothing is said that would not happen.
 */
#include "cli/explain_exception.h"

#include "cli/trial.h"
#include "text/insn_print.h"

#include "zfacet/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MASKS = 7, VALUES = 16, TEXT = 240 };

/* What trials do not find. */
static const struct known {
    unsigned code;
    const char *mnemonics; /* separated by spaces */
    const char *when;
} known[] = {
#define EXCEPTION(code, mnemonics, when) {ZF_PGM_##code, mnemonics, when},
#include "text/exception.def"
#undef EXCEPTION
};

/* Numbers of each format, ordinary, extreme, and those that trap; packed decimal ones end in a plus
 * sign. */
static const uint64_t patterns[] = {0,
                                    1,
                                    UINT64_MAX,
                                    INT64_MAX,
                                    UINT64_C(1) << 63,
                                    UINT64_C(0x7fffffff7fffffff),
                                    UINT64_C(0x8000000080000000),
                                    UINT64_C(0x7ff4000000000000),
                                    UINT64_C(0x7fa000007fa00000),
                                    UINT64_C(0x7fff400000000000),
                                    UINT64_C(0x7e00000000000000),
                                    UINT64_C(0x0010000000000000),
                                    UINT64_C(0x4110000000000000),
                                    UINT64_C(0x999999999999999c),
                                    0x1c,
                                    0xc};

/* What is changed of a trial that would succeed. */
struct change {
    const struct zf_trial_field *field; /* gets `value` */
    uint64_t value;
    uint64_t offset[2];       /* added to base registers 1 and 2 */
    const uint64_t *operands; /* of the first, and of all others; all exceptions are enabled then */
};

struct probe {
    enum zf_row row;
    const struct zf_row_info *info;
    const struct zf_trial_field *fields;
    uint8_t mask[MASKS]; /* by number: values that are valid together */
    uint8_t immediate;
    unsigned masks; /* a bit for each mask that the instruction has, by number */
    bool settled;   /* such values were found */
    struct zf_trial *trial;
    json_t *list;
};

static bool has(const struct probe *p, const char *kinds, char number) {
    for (const char *at = p->info->syntax; *at; at++) {
        if (strchr(kinds, *at) && (at[1] == number || (!number && at[1] >= '1' && at[1] <= '9'))) {
            return true;
        }
    }
    return false;
}

/* Of a vector register: the same again, but packed decimal goes on without a sign. */
static uint64_t left_half(uint64_t value) {
    return (value & 15) == 12 ? (value >> 60) * UINT64_C(0x1111111111111111) : value;
}

static void set_operands(struct zf_trial *t, const struct zf_trial_field *fields,
                         const uint64_t operands[2]) {
    zf_psw_load(t->cpu, ZF_PSW_EA | ZF_PSW_BA | ZF_PSW_PM, ZF_TRIAL_CODE);
    t->cpu->fpc = 0xf8000000;
    for (const struct zf_trial_field *f = fields; f->name; f = zf_trial_next(f)) {
        char kind = f->name[0] == 'v' ? 'v' : zf_trial_kind(t->row, f->name);
        if ((f->name[0] == 'r' || f->name[0] == 'v') && kind && strchr("gGfFv", kind)) {
            uint64_t value = operands[f->name[1] != '1'];
            unsigned n = zf_trial_register(kind, f->name);
            zf_u128 whole = kind == 'v' ? (zf_u128)left_half(value) << 64 | value : value;
            zf_trial_set_register(t, kind, n, whole);
            if (kind == 'G' || kind == 'F') {
                zf_trial_set_register(t, kind, n + (kind == 'G' ? 1 : 2), value);
            }
        }
    }
    for (unsigned i = 0; i < 16; i += 8) {
        zf_put64(t->machine->storage.ram + ZF_TRIAL_STORAGE_1 + i, operands[0]);
        zf_put64(t->machine->storage.ram + ZF_TRIAL_STORAGE_2 + i, operands[1]);
    }
}

/* The program-interruption code, or 0. */
static unsigned try(const struct probe *p, const struct change *change) {
    struct zf_error err;
    struct zf_trial *t = p->trial;
    zf_trial_again(t, p->row);
    for (const struct zf_trial_field *f = p->fields; f->name; f = zf_trial_next(f)) {
        if (f->name[0] == 'm' && p->masks >> (f->name[1] - '0') & 1) {
            zf_trial_put(t, f, p->mask[f->name[1] - '0']);
        } else if (f->name[0] == 'i' && p->immediate) {
            zf_trial_put(t, f, p->immediate);
        }
    }
    if (change->field) {
        zf_trial_put(t, change->field, change->value);
    }
    t->cpu->gr[ZF_TRIAL_BASE_1] += change->offset[0];
    t->cpu->gr[ZF_TRIAL_BASE_2] += change->offset[1];
    if (change->operands) {
        set_operands(t, p->fields, change->operands);
    }
    bool done = zf_trial_execute(t, &err) == ZF_OK && t->halt.why != ZF_STOP_UNIMPLEMENTED;
    return done ? zf_trial_condition(t) : 0;
}

static bool is_specification(const struct probe *p, struct change change) {
    return try(p, &change) == ZF_PGM_SPECIFICATION;
}

static void add(const struct probe *p, const char *text) {
    json_array_append_new(p->list, json_string(text));
}

static bool names(const char *mnemonics, const char *mnemonic) {
    size_t length = strlen(mnemonic);
    for (const char *at = mnemonics; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strcspn(at, " ") == length && !strncmp(at, mnemonic, length)) {
            return true;
        }
    }
    return false;
}

/* When the exception arises beyond what trials find. */
static void put_known(const struct probe *p, unsigned code, FILE *out) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(known); i++) {
        if (known[i].code == code && names(known[i].mnemonics, p->info->mnemonic)) {
            fprintf(out, "%s%s", ftell(out) ? "; " : "", known[i].when);
        }
    }
}

static const char *known_text(const struct probe *p, unsigned code, char text[TEXT]) {
    FILE *out = fmemopen(text, TEXT, "w");
    text[0] = 0;
    if (out) {
        put_known(p, code, out);
        fclose(out);
    }
    return text[0] ? text : NULL;
}

/* Masks, and an immediate, that are valid together: some masks of one value, the others zero. */
static void settle(struct probe *p) {
    static const uint8_t immediates[] = {0, 31, 8};
    bool masked = has(p, "m", 0);
    for (unsigned i = 0; i < sizeof immediates && (!i || has(p, "su", 0)); i++) {
        p->immediate = immediates[i];
        for (unsigned value = 0; value < (masked ? VALUES : 1); value++) {
            for (unsigned subset = value ? 1 : 0; subset < (value ? 1u << MASKS : 1); subset++) {
                for (unsigned n = 0; n < MASKS; n++) {
                    p->mask[n] = subset >> n & 1 ? (uint8_t)value : 0;
                }
                bool tried = subset & ~p->masks;
                if (!tried && !is_specification(p, (struct change){0})) {
                    p->settled = true;
                    return;
                }
            }
        }
    }
}

/* "m4 5 to 15" of a set of values, after what is there already. */
static void put_values(FILE *out, const char *name, unsigned set) {
    fprintf(out, "%s%s", ftell(out) ? "; " : "", name);
    for (unsigned v = 0, printed = 0; v < VALUES; v++) {
        if (set >> v & 1) {
            unsigned last = v;
            while (set >> (last + 1) & 1) {
                last++;
            }
            fprintf(out, last > v ? "%s %u to %u" : "%s %u", printed++ ? "," : "", v, last);
            v = last;
        }
    }
}

static const struct zf_trial_field *find(const struct probe *p, char letter, unsigned number) {
    const struct zf_trial_field *f = p->fields;
    while (f->name && (f->name[0] != letter || f->name[1] != (char)('0' + number))) {
        f = zf_trial_next(f);
    }
    return f->name ? f : NULL;
}

static void put_masks(const struct probe *p, FILE *out) {
    for (unsigned n = 1; n < MASKS; n++) {
        const struct zf_trial_field *f = find(p, 'm', n);
        unsigned set = 0;
        for (unsigned v = 0; p->masks >> n & 1 && v < VALUES; v++) {
            set |= (unsigned)is_specification(p, (struct change){.field = f, .value = v}) << v;
        }
        if (set) {
            put_values(out, f->name, set);
        }
    }
    for (unsigned n = 1; p->immediate && n < MASKS; n++) {
        const struct zf_trial_field *f = find(p, 'i', n);
        if (f && is_specification(p, (struct change){.field = f, .value = 0})) {
            fprintf(out, "%s%s 0", ftell(out) ? "; " : "", f->name);
        }
    }
}

static void put_pairs(const struct probe *p, FILE *out) {
    for (unsigned n = 1; n <= 3; n++) {
        const struct zf_trial_field *f = find(p, 'r', n);
        char kind = f ? zf_trial_kind(p->row, f->name) : 0;
        if (!kind || !strchr("GF", kind)) {
            continue;
        }
        unsigned wrong = zf_trial_register(kind, f->name) + (kind == 'G' ? 1 : 2);
        bool zero = is_specification(p, (struct change){.field = f, .value = 0});
        if (is_specification(p, (struct change){.field = f, .value = wrong})) {
            fprintf(out, kind == 'G' ? "%s%s odd%s" : "%s%s not the left register of a pair",
                    ftell(out) ? "; " : "", f->name, zero ? " or 0" : "");
        }
    }
}

/* The boundary on which an operand must be, or 0. */
static unsigned boundary(const struct probe *p, const struct zf_trial_field *relative,
                         unsigned base) {
    unsigned least = relative ? 2 : 1, found = 0;
    for (unsigned offset = least; offset <= 8; offset *= 2) {
        struct change change = {.field = relative, .value = 8 + offset / 2};
        if (!relative) {
            change.offset[base - 1] = offset;
        }
        found = is_specification(p, change) ? offset * 2 : found;
    }
    return found;
}

static void put_boundaries(const struct probe *p, FILE *out) {
    static const char *const names[] = {
        [2] = "halfword", [4] = "word", [8] = "doubleword", [16] = "quadword"};
    for (unsigned n = 1; n <= 2; n++) {
        unsigned on = has(p, "b", (char)('0' + n)) ? boundary(p, NULL, n) : 0;
        if (on) {
            fprintf(out, "%soperand %u not on a %s boundary", ftell(out) ? "; " : "", n, names[on]);
        }
    }
    for (const struct zf_trial_field *f = p->fields; f->name; f = zf_trial_next(f)) {
        unsigned on = !strncmp(f->name, "ri", 2) && f->bits == 32 ? boundary(p, f, 0) : 0;
        if (on) {
            fprintf(out, "%soperand %c not on a %s boundary", ftell(out) ? "; " : "", f->name[2],
                    names[on]);
        }
    }
}

static void add_specification(struct probe *p) {
    char text[TEXT] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    if (!out) {
        return;
    }
    put_pairs(p, out);
    if (p->info->privilege == ZF_PROBLEM && p->settled) {
        put_masks(p, out);
    }
    if (p->settled) {
        put_boundaries(p, out);
    }
    if (zf_query_by_mnemonic(p->info->mnemonic) != ZF_QUERY_COUNT) {
        fprintf(out, "%sa function code in register 0 that is not installed",
                ftell(out) ? "; " : "");
    }
    put_known(p, ZF_PGM_SPECIFICATION, out);
    fclose(out);
    if (*text) {
        char whole[TEXT + 32];
        snprintf(whole, sizeof whole, "specification (%s)", text);
        add(p, whole);
    }
}

static void add_access(const struct probe *p) {
    enum { BEYOND = 4 * ZF_TRIAL_SIZE };
    bool found[10] = {false};
    for (unsigned n = 1; n <= 2; n++) {
        struct change change = {0};
        change.offset[n - 1] = BEYOND;
        found[n] = has(p, "b", (char)('0' + n)) && try(p, &change) == ZF_PGM_ADDRESSING;
    }
    for (const struct zf_trial_field *f = p->fields; f->name; f = zf_trial_next(f)) {
        struct change change = {.field = f, .value = BEYOND / 2};
        if (!strncmp(f->name, "ri", 2) && f->bits == 32 && try(p, &change) == ZF_PGM_ADDRESSING) {
            found[f->name[2] - '0'] = true;
        }
    }
    if (zf_row_has(p->row, ZF_ROW_ADDRESSES) || zf_row_has(p->row, ZF_ROW_ADDRESS_1)) {
        add(p, "access (operands at addresses in registers)");
        return;
    }
    char text[TEXT], whole[TEXT + 16];
    const char *when = known_text(p, ZF_PGM_ADDRESSING, text);
    if (found[1] || found[2]) {
        when = found[1] && found[2] ? "operands 1 and 2" : found[1] ? "operand 1" : "operand 2";
    }
    if (when) {
        snprintf(whole, sizeof whole, "access (%s)", when);
        add(p, whole);
    }
}

/* The codes that arise with these masks and many operands, a bit each. */
static uint32_t codes_with(const struct probe *p) {
    uint32_t codes = 0;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(patterns); i++) {
        const uint64_t pairs[][2] = {{patterns[i], patterns[i]},
                                     {patterns[i], 0},
                                     {patterns[i], UINT64_MAX},
                                     {1, patterns[i]},
                                     {patterns[i], INT64_MAX}};
        for (unsigned k = 0; k < ZF_ARRAY_LENGTH(pairs); k++) {
            unsigned code = try(p, &(struct change){.operands = pairs[k]});
            codes |= code >= ZF_PGM_DATA && code < 32 ? UINT32_C(1) << code : 0;
        }
    }
    return codes;
}

/* When operands cause it, in general. */
static const char *usual(const struct probe *p, unsigned code) {
    switch (code) {
    case ZF_PGM_DATA:
        return has(p, "fF", 0)                 ? "IEEE exceptions that the FPC enables"
               : strstr(p->info->name, "TRAP") ? "the trap"
                                               : "digits or signs that are not valid";
    case ZF_PGM_VECTOR_PROCESSING:
        return "IEEE exceptions that the FPC enables";
    case ZF_PGM_FIXED_OVERFLOW:
    case ZF_PGM_DECIMAL_OVERFLOW:
    case ZF_PGM_HFP_UNDERFLOW:
    case ZF_PGM_HFP_SIGNIFICANCE:
        return "if the program mask enables it";
    default:
        return NULL;
    }
}

/* What operands alone can cause. */
static void add_results(const struct probe *p) {
    uint32_t codes = p->settled ? codes_with(p) : 0;
    if (strstr(p->info->name, "TRAP")) {
        struct probe always = *p;
        memset(always.mask, 14, sizeof always.mask);
        codes |= codes_with(&always);
    }
    for (unsigned code = ZF_PGM_DATA; code < 32; code++) {
        char text[TEXT], whole[TEXT + 64];
        const char *name = zf_trial_condition_name(code);
        const char *when = known_text(p, code, text);
        if (when || codes >> code & 1) {
            when = when ? when : usual(p, code);
            snprintf(whole, sizeof whole, "%.*s%s%s%s", (int)(strstr(name, " exception") - name),
                     name, when ? " (" : "", when ? when : "", when ? ")" : "");
            add(p, whole);
        }
    }
}

static void add_off(const struct probe *p) {
    const char *name = p->info->name;
    if (has(p, "v", 0)) {
        add(p, "data (DXC FE: control register 0 does not enable vector registers)");
    } else if (has(p, "fF", 0)) {
        char text[TEXT];
        snprintf(text, sizeof text, "data (DXC %s: control register 0 does not enable %s)",
                 strstr(name, "BFP")   ? "2"
                 : strstr(name, "DFP") ? "3"
                                       : "1",
                 strstr(name, "BFP")   ? "BFP"
                 : strstr(name, "DFP") ? "DFP"
                                       : "the registers beyond 0, 2, 4, 6");
        add(p, text);
    }
}

json_t *zf_explain_exceptions(enum zf_row row) {
    struct probe p = {.row = row, .info = zf_row_get(row), .list = json_array()};
    char text[TEXT], need[128];
    p.fields = zf_trial_first((enum zf_format)p.info->format);
    struct zf_error err;
    p.trial = malloc(sizeof *p.trial);
    if (!p.trial || zf_trial_begin(p.trial, row, &err) != ZF_OK) {
        free(p.trial);
        return p.list;
    }
    if (zf_need_text(&p.info->facility, need, sizeof need)) {
        snprintf(text, sizeof text, "operation (without facility %s)", need);
        add(&p, text);
    } else if (p.info->since > ZF_SINCE_Z900) {
        snprintf(text, sizeof text, "operation (before %s)",
                 zf_since_name((enum zf_since)p.info->since));
        add(&p, text);
    }
    if (p.info->privilege != ZF_PROBLEM) {
        add(&p, p.info->privilege == ZF_SEMI
                    ? "privileged operation (in the problem state, unless controls permit it)"
                    : "privileged operation (in the problem state)");
    }
    add_off(&p);
    for (unsigned n = 1; n < MASKS; n++) {
        p.masks |= (unsigned)(has(&p, "m", (char)('0' + n)) && find(&p, 'm', n)) << n;
    }
    settle(&p);
    add_specification(&p);
    add_access(&p);
    if (zf_row_has(row, ZF_ROW_EXECUTES)) {
        add(&p, "execute (the target is an EXECUTE)");
        add(&p, "those of the target");
    } else if (p.info->privilege == ZF_PROBLEM) {
        add_results(&p);
    }
    zf_trial_end(p.trial);
    free(p.trial);
    return p.list;
}
