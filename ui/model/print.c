/*
 * Machines and models as text and JSON: the list, and all about one.
 */
#include "model/print.h"

#include "model/machine_text.h"

#include "model/world_level.h"
#include "text/common.h"
#include "text/wrap.h"

#include "zfacet/guest_view.h"
#include "zfacet/ibc.h"
#include "zfacet/implemented.h"

#include <stdlib.h>
#include <string.h>

static const char *class_name(const struct zf_machine_type *machine) {
    return machine->class == ZF_MACHINE_EC ? "EC" : "BC";
}

static void ibc_value(const struct zf_machine_type *machine, char text[16]) {
    uint16_t ibc = zf_machine_ibc(machine);
    snprintf(text, 16, ibc ? "0x%03x" : "-", ibc);
}

/* Models with a name of their own: what they have in the place of the default set. */
static void print_named_models(FILE *out) {
    const struct zf_named_model *named;
    for (unsigned i = 0; (named = zf_named_model_at(i)); i++) {
        struct zf_model model;
        char ibc[16];
        zf_model_init_named(&model, named);
        ibc_value(model.machine, ibc);
        fprintf(out, "%-8s %04x %2u %s %-5s %4s %7u %4u  %-9s %s\n", named->name,
                model.machine->type, model.machine->own_ga, class_name(model.machine), ibc, "-",
                zf_model_feature_count(&model), zf_machine_set_size(model.machine, ZF_MODEL_FULL),
                "-", named->title);
    }
}

void zf_print_machines(FILE *out) {
    const struct zf_machine_type *machine;
    fprintf(out, "%s%-8s %-4s %-2s %-2s %-5s %4s %7s %4s  %-9s %-25s %s%s\n",
            zf_colour(out, ZF_COLOUR_BOLD), "MODEL", "TYPE", "GA", "", "IBC", "BASE", "DEFAULT",
            "FULL", "ANNOUNCED", "MACHINE", "ALSO", zf_colour(out, ZF_COLOUR_NONE));
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        char ibc[16], also[128];
        ibc_value(machine, ibc);
        zf_machine_aliases(machine, also, sizeof also);
        fprintf(out, "%-8s %04x %2u %s %-5s %4u %7u %4u  %-9s %-*s%s%s\n",
                zf_machine_short_name(machine), machine->type, machine->own_ga, class_name(machine),
                ibc, zf_machine_set_size(machine, ZF_MODEL_BASE),
                zf_machine_set_size(machine, ZF_MODEL_DEFAULT),
                zf_machine_set_size(machine, ZF_MODEL_FULL),
                machine->announced[0] ? machine->announced : "-", also[0] ? 26 : 0, machine->title,
                also, "");
    }
    print_named_models(out);
    fprintf(out,
            "\n%u models: NAME and NAME-base of each machine, and some without a base; also\n"
            "NAME-full, TYPE-gaN. BASE, DEFAULT and FULL count the features of the three sets.\n"
            "'zfacet models MODEL' describes one.\n",
            zf_model_count());
}

/* Calls `visit` for each feature in the set, in order. */
static json_t *feature_names(const struct zf_model *model) {
    json_t *names = json_array();
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(model, f)) {
            json_array_append_new(names, json_string(zf_feature_info(f)->name));
        }
    }
    return names;
}

static json_t *set_names(const struct zf_machine_type *machine, enum zf_model_set set) {
    struct zf_model model;
    zf_model_init(&model, machine, set);
    return feature_names(&model);
}

static json_t *hex_string(const char *format, unsigned long value) {
    char text[32];
    snprintf(text, sizeof text, format, value);
    return json_string(text);
}

static json_t *machine_json(const struct zf_machine_type *machine) {
    uint16_t ibc = zf_machine_ibc(machine);
    json_t *aliases = json_array();
    const char *alias;
    for (unsigned i = 0; (alias = zf_machine_alias(machine, i)); i++) {
        json_array_append_new(aliases, json_string(alias));
    }
    return json_pack(
        "{s:s, s:o, s:s, s:o, s:i, s:s, s:i, s:i, s:o, s:o, s:s*, s:i}", "machine", machine->name,
        "aliases", aliases, "title", machine->title, "type", hex_string("%04lx", machine->type),
        "ga", (int)machine->own_ga, "class", class_name(machine), "generation",
        (int)zf_level_generation(machine->level), "generation_ga", (int)zf_level_ga(machine->level),
        "ibc", ibc ? hex_string("0x%03lx", ibc) : json_null(), "ibc_lowest",
        zf_ibc_lowest(machine) ? hex_string("0x%03lx", zf_ibc_lowest(machine)) : json_null(),
        "announced", machine->announced[0] ? machine->announced : NULL, "address_bits",
        (int)machine->mha_pow);
}

/* Every model by its name. */
static json_t *models_json(void) {
    json_t *list = json_array();
    for (unsigned i = 0; i < zf_model_count(); i++) {
        char name[ZF_MODEL_NAME_LENGTH];
        struct zf_model model;
        zf_model_name_at(i, name);
        if (zf_model_parse(name, false, &model, NULL, NULL) == ZF_OK) {
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s*, s:i}", "name", name, "machine",
                                            model.machine->name, "title",
                                            model.named ? model.named->title : NULL,
                                            "feature_count", (int)zf_model_feature_count(&model)));
        }
    }
    return list;
}

json_t *zf_machines_json(void) {
    json_t *list = json_array();
    const struct zf_machine_type *machine;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        json_t *entry = machine_json(machine);
        json_object_set_new(entry, "base_count",
                            json_integer(zf_machine_set_size(machine, ZF_MODEL_BASE)));
        json_object_set_new(entry, "default_count",
                            json_integer(zf_machine_set_size(machine, ZF_MODEL_DEFAULT)));
        json_object_set_new(entry, "full_count",
                            json_integer(zf_machine_set_size(machine, ZF_MODEL_FULL)));
        json_array_append_new(list, entry);
    }
    return json_pack("{s:o, s:o}", "machines", list, "models", models_json());
}

/* The facility list as STFLE stores it, 16 digits a doubleword; the caller frees it. */
static char *stfle_text(const struct zf_model *model, const char *separator) {
    unsigned count = zf_model_facility_doublewords(model);
    size_t size = count * (16 + strlen(separator)) + 1, used = 0;
    char *text = calloc(1, size);
    for (unsigned i = 0; text && i < count; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%016lx", i ? separator : "",
                                 (unsigned long)model->facilities[i]);
    }
    return text;
}

static void mask_text(const uint64_t *mask, unsigned doublewords, char text[80]) {
    unsigned used = 0;
    for (unsigned i = 0; i < doublewords; i++) {
        used += (unsigned)snprintf(text + used, 80 - used, "%s%016lx", i ? " " : "",
                                   (unsigned long)mask[i]);
    }
}

/* SORTL and DFLTCC have sizes and formats after the 128 function codes. */
static unsigned mask_doublewords(enum zf_query query) {
    return query == ZF_QUERY_SORTL || query == ZF_QUERY_DFLTCC ? 4 : 2;
}

static bool has_any_function(const struct zf_model *model, enum zf_query query) {
    uint64_t any = 0;
    for (unsigned i = 0; i < ZF_QUERY_BITS / 64; i++) {
        any |= model->query[query][i];
    }
    return any;
}

static json_t *functions_json(const struct zf_model *model) {
    json_t *functions = json_object();
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        char mask[80];
        json_t *codes = json_array();
        if (!has_any_function(model, q)) {
            json_decref(codes);
            continue;
        }
        for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
            if (zf_model_has_function(model, q, code)) {
                json_array_append_new(codes, json_integer(code));
            }
        }
        mask_text(model->query[q], mask_doublewords(q), mask);
        json_object_set_new(functions, zf_query_mnemonic(q),
                            json_pack("{s:s, s:o}", "query", mask, "codes", codes));
    }
    return functions;
}

static json_t *facilities_json(const struct zf_model *model) {
    json_t *list = json_array();
    const struct zf_facility *facility;
    for (unsigned i = 0; (facility = zf_facility_at(i)); i++) {
        if (zf_model_has_facility(model, facility->bit)) {
            json_array_append_new(
                list,
                json_pack("{s:i, s:s, s:s}", "bit", (int)facility->bit, "name", facility->name,
                          "since", zf_generation_name(zf_level_generation(facility->since))));
        }
    }
    return list;
}

static json_t *warnings_json(const struct zf_model_warnings *warnings) {
    json_t *list = json_array();
    for (unsigned i = 0; i < warnings->count; i++) {
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "feature",
                                        zf_feature_info(warnings->broken[i].feature)->name, "needs",
                                        zf_feature_info(warnings->broken[i].needs)->name));
    }
    return list;
}

/* Rows that the model has; those that zfacet does not execute are listed when `missing` is set. */
static unsigned count_rows(const struct zf_model *model, json_t *missing, unsigned *missing_count) {
    struct zf_gate_config config = zf_gate_config_default(model);
    struct zf_gate gate;
    unsigned installed = 0;
    *missing_count = 0;
    zf_gate_compute(&config, &gate);
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        if (!zf_gate_permits(&gate, row)) {
            continue;
        }
        installed++;
        if (!zf_row_implemented(row)) {
            ++*missing_count;
            json_array_append_new(missing, json_string(zf_row_get(row)->mnemonic));
        }
    }
    return installed;
}

/* Function codes that the model has and zfacet does not execute. */
static json_t *missing_functions_json(const struct zf_model *model) {
    json_t *functions = json_object();
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        json_t *codes = json_array();
        for (unsigned code = 0; code < ZF_QUERY_BITS; code++) {
            if (zf_function_missing(model, q, code)) {
                json_array_append_new(codes, json_integer(code));
            }
        }
        if (json_array_size(codes)) {
            json_object_set_new(functions, zf_query_mnemonic(q), codes);
        } else {
            json_decref(codes);
        }
    }
    return functions;
}

/* NULL where a tool has no name for it. */
static json_t *name_or_null(const char *name) {
    return name ? json_string(name) : json_null();
}

/* What others call the model, and the level of code that it runs. */
static json_t *world_json(const struct zf_model *model) {
    static const struct zf_world_level none = {0};
    char name[ZF_MODEL_NAME_LENGTH];
    const struct zf_world_level *folder;
    int missing;
    const struct zf_world_level *level = zf_world_level_of(model, &missing);
    json_t *hwcaps = json_array();
    for (unsigned i = 0; level && (folder = zf_world_level_at(i)); i++) {
        if (folder->hwcaps && folder->generation <= level->generation) {
            json_array_append_new(hwcaps, json_string(folder->hwcaps));
        }
    }
    level = level ? level : &none;
    zf_model_name(model, name);
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "qemu", name, "libvirt", name,
                     "hercules", hex_string("%04lx", model->machine->type), "march",
                     name_or_null(level->march), "arch", name_or_null(level->arch), "rust",
                     name_or_null(level->rust), "go", name_or_null(level->go), "glibc_hwcaps",
                     hwcaps, "next_level_lacks", missing < 0 ? json_null() : json_integer(missing));
}

json_t *zf_model_json(const struct zf_model *model, const struct zf_model_warnings *warnings) {
    char name[ZF_MODEL_NAME_LENGTH];
    unsigned missing_count;
    json_t *missing = json_array();
    unsigned installed = count_rows(model, missing, &missing_count);
    struct zf_guest_config config = {.model = model};
    char *stfle = stfle_text(model, "");
    json_t *value = json_object();
    zf_model_name(model, name);
    json_object_set_new(value, "name", json_string(name));
    json_object_update_missing_new(value, machine_json(model->machine));
    json_object_set_new(value, "names", world_json(model));
    json_object_set_new(value, "warnings", warnings_json(warnings));
    json_object_set_new(value, "stidp", hex_string("%016lx", zf_guest_cpu_id(&config)));
    json_object_set_new(value, "stfl", hex_string("%08lx", zf_guest_facility_word(model)));
    json_object_set_new(value, "stfle", json_string(stfle ? stfle : ""));
    json_object_set_new(value, "facilities", facilities_json(model));
    json_object_set_new(value, "functions", functions_json(model));
    json_object_set_new(value, "features", feature_names(model));
    json_object_set_new(value, "base", set_names(model->machine, ZF_MODEL_BASE));
    json_object_set_new(value, "default", set_names(model->machine, ZF_MODEL_DEFAULT));
    json_object_set_new(value, "full", set_names(model->machine, ZF_MODEL_FULL));
    json_object_set_new(value, "instructions", json_integer(installed));
    json_object_set_new(value, "not_implemented", missing);
    json_object_set_new(value, "functions_not_implemented", missing_functions_json(model));
    free(stfle);
    return value;
}

static void heading(FILE *out, const char *text) {
    fprintf(out, "\n%s%s%s\n", zf_colour(out, ZF_COLOUR_BOLD), text,
            zf_colour(out, ZF_COLOUR_NONE));
}

static void print_identity(FILE *out, const struct zf_model *model) {
    const struct zf_machine_type *machine = model->machine;
    char name[ZF_MODEL_NAME_LENGTH], ibc[48], lowest[48], also[128];
    struct zf_guest_config config = {.model = model};
    zf_model_short_name(model, name);
    zf_ibc_text(zf_machine_ibc(machine), ibc, sizeof ibc);
    zf_ibc_text(zf_ibc_lowest(machine), lowest, sizeof lowest);
    zf_machine_aliases(machine, also, sizeof also);
    if (model->named) {
        also[0] = 0; /* they are the machine's */
    }
    fprintf(out, "%s%s%s  %s, type %04x, %s%s%s\n", zf_colour(out, ZF_COLOUR_BOLD), name,
            zf_colour(out, ZF_COLOUR_NONE), machine->title, machine->type,
            machine->class == ZF_MACHINE_EC ? "large (EC)" : "small (BC)", also[0] ? ", also " : "",
            also);
    if (model->named) {
        fprintf(out, "  this model  %s\n", model->named->title);
    }
    fprintf(out, "  announced   %s\n", machine->announced[0] ? machine->announced : "not known");
    fprintf(out,
            zf_machine_ibc(machine) ? "  IBC value   %s; as a host supports %s and later\n"
                                    : "  IBC value   %s\n",
            ibc, lowest);
    fprintf(out, "  features    %u on; base %u, default %u, full %u\n",
            zf_model_feature_count(model), zf_machine_set_size(machine, ZF_MODEL_BASE),
            zf_machine_set_size(machine, ZF_MODEL_DEFAULT),
            zf_machine_set_size(machine, ZF_MODEL_FULL));
    fprintf(out, "  addresses   %u bits\n", machine->mha_pow);
    fprintf(out, "  STIDP       %016lx\n", (unsigned long)zf_guest_cpu_id(&config));
    fprintf(out, "  STFL        %08x\n", zf_guest_facility_word(model));
}

/* The bits' numbers, as /proc/cpuinfo has them. */
static void print_bits(FILE *out, const struct zf_model *model) {
    struct zf_wrap line = {out, 4, 0};
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        char number[16];
        snprintf(number, sizeof number, "%u", bit);
        if (zf_model_has_facility(model, bit)) {
            zf_wrap_put(&line, number);
        }
    }
    zf_wrap_end(&line, NULL);
}

static void print_row(FILE *out, const char *what, const char *option, const char *name) {
    if (name) {
        fprintf(out, "    %-15s %s%s\n", what, option, name);
    }
}

/* Which code runs, by the names that compilers, runtimes and libraries have for it. */
static void print_level(FILE *out, const struct zf_model *model) {
    const struct zf_world_level *folder;
    int missing;
    const struct zf_world_level *level = zf_world_level_of(model, &missing);
    if (level) {
        char march[32];
        snprintf(march, sizeof march, "%s, %s", level->march, level->arch);
        print_row(out, "GCC, clang", "-march=", march);
        print_row(out, "Rust", "-C target-cpu=", level->rust);
        print_row(out, "Go", "GOS390X=", level->go);
    }
    for (unsigned i = 0, count = 0; level && (folder = zf_world_level_at(i)); i++) {
        if (folder->hwcaps && folder->generation <= level->generation) {
            fprintf(out, "%s%s", count++ ? " " : "    glibc-hwcaps    ", folder->hwcaps);
        }
        bool last = folder->generation == level->generation;
        fputs(last && count ? "\n" : "", out);
        if (last) {
            break;
        }
    }
    if (missing >= 0) {
        fprintf(out, "    code for the machine's level needs facility %d (%s), which is off\n",
                missing, zf_facility_name((unsigned)missing));
    }
}

static void print_world(FILE *out, const struct zf_model *model) {
    char name[ZF_MODEL_NAME_LENGTH], type[16];
    zf_model_name(model, name);
    snprintf(type, sizeof type, "%04X", model->machine->type);
    heading(out, "Names elsewhere, and the newest code that it runs");
    print_row(out, "QEMU", "-cpu ", name);
    print_row(out, "libvirt", "<model>", name);
    print_row(out, "Hercules", "CPUMODEL ", type);
    print_level(out, model);
}

static void print_facilities(FILE *out, const struct zf_model *model) {
    const struct zf_facility *facility;
    char *stfle = stfle_text(model, " ");
    heading(out, "Facility list (STFLE)");
    fprintf(out, "    %s\n", stfle ? stfle : "");
    free(stfle);
    print_bits(out, model);
    for (unsigned i = 0; (facility = zf_facility_at(i)); i++) {
        enum zf_feature feature = zf_feature_of_facility(facility->bit);
        if (zf_model_has_facility(model, facility->bit)) {
            fprintf(
                out, "    %3u  %-14s %s%s\n", facility->bit,
                feature == ZF_FEATURE_COUNT ? "-" : zf_feature_info(feature)->name, facility->name,
                feature != ZF_FEATURE_COUNT && zf_feature_is_deprecated(feature) ? " (deprecated)"
                                                                                 : "");
        }
    }
}

static void print_functions(FILE *out, const struct zf_model *model) {
    heading(out, "Function codes (as returned by a query)");
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        char mask[80];
        if (has_any_function(model, q)) {
            mask_text(model->query[q], mask_doublewords(q), mask);
            fprintf(out, "    %-7s %s\n", zf_query_mnemonic(q), mask);
        }
    }
}

/* Features that are neither facility bits nor function codes. */
static void print_other_features(FILE *out, const struct zf_model *model) {
    struct zf_wrap line = {out, 4, 0};
    heading(out, "Reported by SCLP, or without a bit of their own");
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->kind > ZF_KIND_STFL && zf_model_has_feature(model, f)) {
            zf_wrap_put(&line, info->name);
        }
    }
    zf_wrap_end(&line, "none");
}

static void print_optional(FILE *out, const struct zf_model *model) {
    struct zf_wrap line = {out, 4, 0};
    heading(out, "Off, but possible on the machine");
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (!zf_model_has_feature(model, f) && zf_model_can_have(model, f)) {
            zf_wrap_put(&line, zf_feature_info(f)->name);
        }
    }
    zf_wrap_end(&line, "nothing");
}

static void print_instructions(FILE *out, const struct zf_model *model) {
    struct zf_wrap line = {out, 4, 0};
    unsigned missing_count;
    json_t *missing = json_array();
    unsigned installed = count_rows(model, missing, &missing_count);
    heading(out, "Instructions");
    fprintf(out, "    %u in the model, of which %u are not implemented%s\n", installed,
            missing_count, missing_count ? ":" : "");
    for (size_t i = 0; i < json_array_size(missing); i++) {
        zf_wrap_put(&line, json_string_value(json_array_get(missing, i)));
    }
    zf_wrap_end(&line, NULL);
    json_decref(missing);
}

static void print_missing_functions(FILE *out, const struct zf_model *model) {
    bool any = false;
    heading(out, "Function codes not implemented");
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        char codes[128];
        if (zf_missing_functions_text(model, q, codes, sizeof codes)) {
            fprintf(out, "    %-7s %s\n", zf_query_mnemonic(q), codes);
            any = true;
        }
    }
    fputs(any ? "" : "    none\n", out);
}

void zf_print_model(FILE *out, const struct zf_model *model) {
    print_identity(out, model);
    print_world(out, model);
    print_facilities(out, model);
    print_functions(out, model);
    print_other_features(out, model);
    print_optional(out, model);
    print_instructions(out, model);
    print_missing_functions(out, model);
}
