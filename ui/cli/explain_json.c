/*
 * zfacet explain as JSON; explain.h has the schema.
 */
#include "cli/explain.h"
#include "cli/explain_exception.h"

#include "model/print.h"
#include "text/feature_text.h"
#include "text/insn_json.h"
#include "text/insn_print.h"
#include "text/operation.h"
#include "text/pseudo.h"

#include "zfacet/ibc.h"
#include "zfacet/implemented.h"

#include <string.h>

static json_t *begin(const char *word, const char *kind) {
    return json_pack("{s:s, s:s}", "word", word, "kind", kind);
}

static void set(json_t *object, const char *key, json_t *value) {
    json_object_set_new(object, key, value);
}

static json_t *machine_json(const struct zf_machine_type *machine) {
    return machine ? json_string(machine->name) : json_null();
}

static json_t *models_json(const struct zf_subject *subjects, unsigned count) {
    json_t *models = json_object();
    set(models, "default", machine_json(zf_oldest_with(subjects, count, ZF_MODEL_DEFAULT)));
    set(models, "full", machine_json(zf_oldest_with(subjects, count, ZF_MODEL_FULL)));
    return models;
}

static json_t *forms_json(enum zf_row row) {
    json_t *forms = json_array();
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        if (zf_form_at(i)->row == row) {
            json_array_append_new(forms, zf_form_json(zf_form_at(i)));
        }
    }
    return forms;
}

static json_t *functions_json(enum zf_row row) {
    enum zf_query query = zf_query_by_mnemonic(zf_row_get(row)->mnemonic);
    json_t *functions = json_array();
    for (unsigned code = 0; query != ZF_QUERY_COUNT && code < ZF_QUERY_BITS; code++) {
        enum zf_feature feature = zf_feature_of_function(query, code);
        if (feature != ZF_FEATURE_COUNT) {
            json_array_append_new(functions,
                                  json_pack("{s:i, s:s, s:b}", "code", (int)code, "name",
                                            zf_feature_info(feature)->name, "implemented",
                                            (int)zf_function_implemented(query, code)));
        }
    }
    return functions;
}

static bool add_instruction(const char *word, json_t *list) {
    enum zf_row row = zf_row_find(word);
    const struct zf_alias *alias = row == ZF_ROW_INVALID ? zf_alias_find(word) : NULL;
    if (row == ZF_ROW_INVALID && !alias) {
        return false;
    }
    row = alias ? alias->row : row;
    json_t *object = begin(word, "instruction"), *told = zf_row_json(row);
    struct zf_subject subject = zf_subject_row(row);
    if (alias) {
        char fields[64];
        zf_alias_fields_text(alias, fields, sizeof fields);
        set(object, "alias_of", json_string(zf_row_get(row)->mnemonic));
        set(object, "alias_fields", json_string(fields));
    }
    json_object_update(object, told);
    json_decref(told);
    set(object, "models", models_json(&subject, 1));
    set(object, "forms", forms_json(row));
    set(object, "functions", functions_json(row));
    if (zf_operation(row)->what) {
        set(object, "operation", json_string(zf_operation(row)->what));
        set(object, "pseudo_code",
            zf_pseudo_code(row) ? json_string(zf_pseudo_code(row)) : json_null());
        if (!zf_pseudo_code(row)) {
            set(object, "pseudo_code_absent", json_string(zf_pseudo_absent(row)));
        }
        set(object, "cc", json_string(zf_operation(row)->cc));
        set(object, "exceptions", zf_explain_exceptions(row));
    }
    json_array_append_new(list, object);
    return true;
}

/* The first machine of a level, or null. */
static json_t *level_json(zf_level level) {
    return level == ZF_LEVEL_NEVER ? json_null()
                                   : json_string(zf_generation_name(zf_level_generation(level)));
}

static json_t *dependencies_json(enum zf_feature feature, bool needed_by) {
    const struct zf_feature_dependency *d;
    json_t *names = json_array();
    for (unsigned i = 0; (d = zf_feature_dependency_at(i)); i++) {
        if ((needed_by ? d->needs : d->feature) == feature) {
            enum zf_feature other = needed_by ? d->feature : d->needs;
            json_array_append_new(names, json_string(zf_feature_info(other)->name));
        }
    }
    return names;
}

static void set_feature(json_t *object, enum zf_feature feature) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    json_t *models = json_object();
    set(object, "name", json_string(info->name));
    set(object, "description", json_string(info->description));
    set(object, "deprecated", json_boolean(zf_feature_is_deprecated(feature)));
    if (info->group != ZF_FEATURE_GROUP_NONE) {
        set(object, "group", json_string(zf_feature_group_name(info->group)));
    }
    if ((int)info->kind < ZF_QUERY_COUNT) {
        set(object, "function",
            json_pack("{s:s, s:i}", "of", zf_query_mnemonic((enum zf_query)info->kind), "code",
                      (int)info->bit));
    }
    set(models, "default", level_json(info->first[ZF_MODEL_DEFAULT]));
    set(models, "full", level_json(info->first[ZF_MODEL_FULL]));
    set(object, "models", models);
    set(object, "base", level_json(info->first[ZF_MODEL_BASE]));
    set(object, "needs", dependencies_json(feature, false));
    set(object, "needed_by", dependencies_json(feature, true));
}

static void add_facility(const char *word, const struct zf_facility *facility, json_t *list) {
    enum zf_feature feature = zf_feature_of_facility(facility->bit);
    json_t *object = begin(word, "facility"), *rows = json_array(), *told = json_null();
    unsigned forms = 0;
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        if (zf_explain_names_facility(&zf_row_get(r)->facility, facility->bit)) {
            json_array_append_new(rows, json_string(zf_row_get(r)->mnemonic));
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        forms += zf_explain_names_facility(&zf_form_at(i)->facility, facility->bit);
    }
    if (feature != ZF_FEATURE_COUNT) {
        told = json_object();
        set_feature(told, feature);
    }
    set(object, "bit", json_integer(facility->bit));
    set(object, "name", json_string(facility->name));
    set(object, "since", level_json(facility->since));
    set(object, "feature", told);
    set(object, "instructions", rows);
    set(object, "forms", json_integer(forms));
    json_array_append_new(list, object);
}

static bool add_feature(const char *word, json_t *list) {
    enum zf_feature feature = zf_feature_by_name(word);
    const struct zf_facility *facility = zf_explain_facility(word);
    if (!facility && feature != ZF_FEATURE_COUNT &&
        zf_feature_info(feature)->kind == ZF_KIND_STFL) {
        facility = zf_facility_find(zf_feature_info(feature)->bit);
    }
    if (facility) {
        add_facility(word, facility, list);
    } else if (feature != ZF_FEATURE_COUNT) {
        json_t *object = begin(word, "feature");
        set_feature(object, feature);
        json_array_append_new(list, object);
    }
    return facility || feature != ZF_FEATURE_COUNT;
}

static bool add_group(const char *word, json_t *list) {
    enum zf_feature_group group = zf_feature_group_by_name(word);
    if (group == ZF_FEATURE_GROUP_NONE) {
        return false;
    }
    json_t *object = begin(word, "group"), *names = json_array();
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_feature_info(f)->group == group) {
            json_array_append_new(names, json_string(zf_feature_info(f)->name));
        }
    }
    set(object, "name", json_string(zf_feature_group_name(group)));
    set(object, "description", json_string(zf_feature_group_description(group)));
    set(object, "features", names);
    json_array_append_new(list, object);
    return true;
}

void zf_explain_model_json(const char *word, const struct zf_model *model, json_t *list) {
    struct zf_model_warnings warnings;
    json_t *object = begin(word, "model");
    zf_model_check(model, &warnings);
    json_t *told = zf_model_json(model, &warnings);
    json_object_update(object, told);
    json_decref(told);
    json_array_append_new(list, object);
}

static bool add_model(const char *word, json_t *list) {
    struct zf_model model;
    struct zf_error err;
    if (zf_model_parse(word, false, &model, NULL, &err) != ZF_OK) {
        return false;
    }
    zf_explain_model_json(word, &model, list);
    return true;
}

static bool add_code(const char *word, json_t *list) {
    struct zf_insn insn;
    char text[128], needs[128];
    if (!zf_explain_code(word, &insn)) {
        return false;
    }
    zf_insn_text(&insn, 0, text, sizeof text);
    json_t *object = begin(word, "code");
    set(object, "text", json_string(text));
    if (zf_insn_needs_text(&insn, needs, sizeof needs)) {
        set(object, "needs", json_string(needs));
    }
    set(object, "instruction", zf_row_json(insn.row));
    json_array_append_new(list, object);
    return true;
}

static bool add_later_feature(const char *word, json_t *list) {
    const char *text = zf_later_feature(word);
    if (text) {
        json_t *object = begin(word, "later-feature");
        set(object, "name", json_string(word));
        set(object, "description", json_string(text));
        json_array_append_new(list, object);
    }
    return text;
}

bool zf_explain_json(const char *word, json_t *list) {
    bool any = add_instruction(word, list);
    if (!any || zf_feature_by_name(word) != ZF_FEATURE_COUNT) {
        any |= add_feature(word, list);
    }
    return any || add_group(word, list) || add_model(word, list) || add_code(word, list) ||
           add_later_feature(word, list);
}
