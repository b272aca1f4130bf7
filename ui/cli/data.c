/*
 * The tables of zfacet data, each from the rows that the rest of zfacet reads: instructions, their
 * formats, forms and extended mnemonics; facilities; features and what they need; function codes;
 * models; levels of code.
 */
#include "cli/data.h"
#include "text/operation.h"
#include "text/pseudo.h"

#include "zfacet/decode.h"
#include "zfacet/facility.h"
#include "zfacet/ibc.h"
#include "zfacet/implemented.h"
#include "zfacet/model.h"

#include <inttypes.h>
#include <stdio.h>

static json_t *text_or_null(const char *text) {
    return text && *text ? json_string(text) : json_null();
}

/* A left-aligned word, or a mask, as the hexadecimal digits of `length` bytes. */
static json_t *word(uint64_t value, unsigned length) {
    char text[24];
    snprintf(text, sizeof text, "%0*" PRIx64, (int)length * 2, value >> (64 - 8 * length));
    return json_string(text);
}

static json_t *needs(const struct zf_facility_need *need) {
    json_t *list = json_array();
    for (unsigned i = 0; i < need->count; i++) {
        json_array_append_new(list, json_integer(need->bit[i]));
    }
    return list;
}

static json_t *instruction_rows(void) {
    static const char *const states[] = {
        [ZF_PROBLEM] = "problem", [ZF_PRIVILEGED] = "supervisor", [ZF_SEMI] = "semi-privileged"};
    json_t *rows = json_array();
    for (unsigned id = ZF_ROW_INVALID + 1; id < ZF_ROW_COUNT; id++) {
        const struct zf_row_info *row = zf_row_get((enum zf_row)id);
        json_t *o = json_object();
        json_object_set_new(o, "mnemonic", json_string(row->mnemonic));
        json_object_set_new(o, "name", json_string(row->name));
        json_object_set_new(o, "opcode", word(row->opcode, row->length));
        json_object_set_new(o, "mask", word(row->mask, row->length));
        json_object_set_new(o, "length", json_integer(row->length));
        json_object_set_new(o, "format", json_string(zf_format_name((enum zf_format)row->format)));
        json_object_set_new(o, "operands", json_string(row->syntax));
        json_object_set_new(o, "facilities", needs(&row->facility));
        json_object_set_new(o, "any_facility", json_boolean(row->facility.any));
        json_object_set_new(o, "since", json_string(zf_since_name((enum zf_since)row->since)));
        json_object_set_new(o, "state", json_string(states[row->privilege]));
        json_object_set_new(o, "implemented", json_boolean(zf_row_implemented((enum zf_row)id)));
        json_object_set_new(o, "operation", text_or_null(zf_operation((enum zf_row)id)->what));
        json_object_set_new(o, "pseudo_code", text_or_null(zf_pseudo_code((enum zf_row)id)));
        json_object_set_new(o, "cc", text_or_null(zf_operation((enum zf_row)id)->cc));
        json_object_set_new(o, "pseudo_code_absent",
                            text_or_null(zf_pseudo_absent((enum zf_row)id)));
        json_array_append_new(rows, o);
    }
    return rows;
}

/* Fields of a format as "name:bit+bits", an r field of a vector register with its RXB bit. */
static json_t *format_rows(void) {
    static const struct {
        const char *name;
        unsigned length;
        const char *fields;
    } formats[] = {
/* clang-format off */
#define NIBBLE(name, bit) #name ":" #bit "+4 "
#define VR(name, bit) #name ":" #bit "+4 "
#define BYTE(name, bit) #name ":" #bit "+8 "
#define FIELD(name, bit, bits) #name ":" #bit "+" #bits " "
#define REL(name, bit, bits) #name ":" #bit "+" #bits " "
#define DISP(name, bit) #name ":" #bit "+12 "
#define LONG(name) #name ":20+12:32+8 "
#define FORMAT(ID, name, length, opcode, fields) {name, length, "" fields},
#include "isa/formats.def"
#undef FORMAT
        /* clang-format on */
    };
    json_t *rows = json_array();
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(formats); i++) {
        json_t *o = json_object(), *fields = json_array();
        char field[32];
        int used;
        for (const char *at = formats[i].fields; sscanf(at, "%31s%n", field, &used) == 1;
             at += used) {
            json_array_append_new(fields, json_string(field));
        }
        json_object_set_new(o, "format", json_string(formats[i].name));
        json_object_set_new(o, "length", json_integer(formats[i].length));
        json_object_set_new(o, "fields", fields);
        json_array_append_new(rows, o);
    }
    return rows;
}

static json_t *form_rows(void) {
    static const char *const absent[] = {[ZF_ABSENT_SPECIFICATION] = "specification exception",
                                         [ZF_ABSENT_IGNORE] = "ignored",
                                         [ZF_ABSENT_OPERATION] = "operation exception",
                                         [ZF_ABSENT_HINT] = "ignored, with the same result"};
    json_t *rows = json_array();
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        json_t *o = json_object();
        json_object_set_new(o, "mnemonic",
                            json_string(zf_row_get((enum zf_row)form->row)->mnemonic));
        json_object_set_new(o, "when", json_string(form->text));
        json_object_set_new(o, "facilities", needs(&form->facility));
        json_object_set_new(o, "any_facility", json_boolean(form->facility.any));
        json_object_set_new(o, "since", json_string(zf_since_name((enum zf_since)form->since)));
        json_object_set_new(o, "when_absent", json_string(absent[form->when_absent]));
        json_object_set_new(o, "implemented", json_boolean(zf_form_implemented(form)));
        json_array_append_new(rows, o);
    }
    return rows;
}

static json_t *facility_rows(void) {
    const struct zf_facility *f;
    json_t *rows = json_array();
    for (unsigned i = 0; (f = zf_facility_at(i)); i++) {
        enum zf_feature feature = zf_feature_of_facility(f->bit);
        bool named = feature != ZF_FEATURE_COUNT;
        json_t *o = json_object();
        json_object_set_new(o, "bit", json_integer(f->bit));
        json_object_set_new(o, "name", json_string(f->name));
        json_object_set_new(o, "since_generation", json_integer(zf_level_generation(f->since)));
        json_object_set_new(o, "since_ga", json_integer(zf_level_ga(f->since)));
        json_object_set_new(o, "feature",
                            named ? json_string(zf_feature_info(feature)->name) : json_null());
        json_object_set_new(o, "own_control", json_boolean(zf_facility_has_own_control(f->bit)));
        json_array_append_new(rows, o);
    }
    return rows;
}

static const char *kind_name(const struct zf_feature_info *info) {
    switch (info->kind) {
    case ZF_KIND_STFL:
        return "stfle";
    case ZF_KIND_SCLP_CONF:
        return "sclp-80";
    case ZF_KIND_SCLP_CONF_EXT:
        return "sclp-116";
    case ZF_KIND_SCLP_FAC134:
        return "sclp-134";
    case ZF_KIND_SCLP_CPU:
        return "sclp-cpu";
    case ZF_KIND_UV_GUEST:
        return "ultravisor";
    case ZF_KIND_MISC:
        return "other";
    default:
        return zf_query_mnemonic((enum zf_query)info->kind);
    }
}

static json_t *first_level(zf_level level) {
    return level == ZF_LEVEL_NEVER ? json_null() : json_integer(level);
}

static json_t *feature_rows(void) {
    json_t *rows = json_array();
    for (unsigned i = 0; i < ZF_FEATURE_COUNT; i++) {
        const struct zf_feature_info *f = zf_feature_info((enum zf_feature)i);
        bool grouped = f->group != ZF_FEATURE_GROUP_NONE;
        json_t *o = json_object();
        json_object_set_new(o, "feature", json_string(f->name));
        json_object_set_new(o, "description", json_string(f->description));
        json_object_set_new(o, "kind", json_string(kind_name(f)));
        json_object_set_new(o, "bit", json_integer(f->bit));
        json_object_set_new(o, "group",
                            text_or_null(grouped ? zf_feature_group_name(f->group) : NULL));
        json_object_set_new(o, "possible_from", first_level(f->first[ZF_MODEL_FULL]));
        json_object_set_new(o, "default_from", first_level(f->first[ZF_MODEL_DEFAULT]));
        json_object_set_new(o, "always_from", first_level(f->first[ZF_MODEL_BASE]));
        json_object_set_new(o, "deprecated",
                            json_boolean(zf_feature_is_deprecated((enum zf_feature)i)));
        json_array_append_new(rows, o);
    }
    return rows;
}

static json_t *dependency_rows(void) {
    const struct zf_feature_dependency *d;
    json_t *rows = json_array();
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)); i++) {
        json_t *o = json_object();
        json_object_set_new(o, "feature", json_string(zf_feature_info(d->feature)->name));
        json_object_set_new(o, "needs", json_string(zf_feature_info(d->needs)->name));
        json_array_append_new(rows, o);
    }
    return rows;
}

static json_t *function_rows(void) {
    json_t *rows = json_array();
    for (unsigned i = 0; i < ZF_FEATURE_COUNT; i++) {
        const struct zf_feature_info *f = zf_feature_info((enum zf_feature)i);
        if ((unsigned)f->kind < ZF_QUERY_COUNT) {
            enum zf_query query = (enum zf_query)f->kind;
            json_t *o = json_object();
            json_object_set_new(o, "mnemonic", json_string(zf_query_mnemonic(query)));
            json_object_set_new(o, "code", json_integer(f->bit));
            json_object_set_new(o, "feature", json_string(f->name));
            json_object_set_new(o, "implemented",
                                json_boolean(zf_function_implemented(query, f->bit)));
            json_array_append_new(rows, o);
        }
    }
    return rows;
}

static json_t *features_of(const struct zf_model *model) {
    json_t *list = json_array();
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(model, (enum zf_feature)f)) {
            json_array_append_new(list, json_string(zf_feature_info((enum zf_feature)f)->name));
        }
    }
    return list;
}

static json_t *facilities_of(const struct zf_model *model) {
    json_t *list = json_array();
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        if (zf_model_has_facility(model, bit)) {
            json_array_append_new(list, json_integer(bit));
        }
    }
    return list;
}

static json_t *aliases_of(const struct zf_machine_type *machine) {
    json_t *list = json_array();
    for (unsigned i = 0; zf_machine_alias(machine, i); i++) {
        json_array_append_new(list, json_string(zf_machine_alias(machine, i)));
    }
    return list;
}

static json_t *model_row(const struct zf_machine_type *m) {
    json_t *o = json_object();
    struct zf_model model;
    char type[8];
    snprintf(type, sizeof type, "%04x", m->type);
    zf_model_init(&model, m, ZF_MODEL_DEFAULT);
    json_object_set_new(o, "model", json_string(m->name));
    json_object_set_new(o, "title", json_string(m->title));
    json_object_set_new(o, "type", json_string(type));
    json_object_set_new(o, "generation", json_integer(zf_level_generation(m->level)));
    json_object_set_new(o, "ga", json_integer(zf_level_ga(m->level)));
    json_object_set_new(o, "class", json_string(m->class == ZF_MACHINE_EC ? "EC" : "BC"));
    json_object_set_new(o, "level", json_integer(m->level));
    json_object_set_new(o, "ibc", json_integer(zf_machine_ibc(m)));
    json_object_set_new(o, "announced", text_or_null(m->announced));
    json_object_set_new(o, "aliases", aliases_of(m));
    json_object_set_new(o, "facilities", facilities_of(&model));
    json_object_set_new(o, "features", features_of(&model));
    return o;
}

static json_t *model_rows(void) {
    const struct zf_machine_type *machine;
    json_t *rows = json_array();
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        json_array_append_new(rows, model_row(machine));
    }
    return rows;
}

static json_t *level_row(const char *const *names, unsigned generation, const int *list,
                         unsigned count) {
    json_t *o = json_object(), *facilities = json_array();
    for (unsigned i = 0; i < count; i++) {
        if (list[i] >= 0) {
            json_array_append_new(facilities, json_integer(list[i]));
        }
    }
    json_object_set_new(o, "generation", json_integer(generation));
    json_object_set_new(o, "march", text_or_null(names[0]));
    json_object_set_new(o, "arch", text_or_null(names[1]));
    json_object_set_new(o, "rust", text_or_null(names[2]));
    json_object_set_new(o, "go", text_or_null(names[3]));
    json_object_set_new(o, "glibc_hwcaps", text_or_null(names[4]));
    json_object_set_new(o, "needs", facilities);
    return o;
}

static json_t *level_rows(void) {
    json_t *rows = json_array();
/* clang-format off */
#define LEVEL(generation, march, arch, rust, go, hwcaps, ...)                                      \
    {                                                                                              \
        const char *const names[] = {march, arch, rust, go, hwcaps};                               \
        const int list[] = {-1, ##__VA_ARGS__};                                                    \
        json_array_append_new(rows, level_row(names, generation, list, ZF_ARRAY_LENGTH(list)));    \
    }
#include "model/world_level.def"
#undef LEVEL
    /* clang-format on */
    return rows;
}

static json_t *distribution_rows(void) {
    json_t *rows = json_array();
/* clang-format off */
#define DISTRIBUTION(name, versions, machine, source)                                              \
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s}", "distribution", name,            \
                                          "versions", versions, "machine", machine, "source", source));
#include "model/distribution.def"
#undef DISTRIBUTION
    /* clang-format on */
    return rows;
}

/* clang-format off */
static const struct zf_data_table tables[] = {
    {"instructions", {"mnemonic", "name", "opcode", "mask", "length", "format", "operands", "facilities", "any_facility", "since", "state", "implemented", "operation", "pseudo_code", "cc", "pseudo_code_absent"}, instruction_rows},
    {"formats", {"format", "length", "fields"}, format_rows},
    {"forms", {"mnemonic", "when", "facilities", "any_facility", "since", "when_absent", "implemented"}, form_rows},
    {"facilities", {"bit", "name", "since_generation", "since_ga", "feature", "own_control"}, facility_rows},
    {"features", {"feature", "description", "kind", "bit", "group", "possible_from", "default_from", "always_from", "deprecated"}, feature_rows},
    {"dependencies", {"feature", "needs"}, dependency_rows},
    {"functions", {"mnemonic", "code", "feature", "implemented"}, function_rows},
    {"models", {"model", "title", "type", "generation", "ga", "class", "level", "ibc", "announced", "aliases", "facilities", "features"}, model_rows},
    {"levels", {"generation", "march", "arch", "rust", "go", "glibc_hwcaps", "needs"}, level_rows},
    {"distributions", {"distribution", "versions", "machine", "source"}, distribution_rows},
};
/* clang-format on */

const struct zf_data_table *zf_data_table_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(tables) ? &tables[i] : NULL;
}
