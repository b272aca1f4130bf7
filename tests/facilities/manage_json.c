#include "manage_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *failure(const char *class, const char *text) {
    return json_pack("{s:{s:s, s:s}}", "error", "class", class, "desc", text);
}

static json_t *failure_text(const char *format, const char *name, const char *expected) {
    char text[512];
    snprintf(text, sizeof text, format, name, expected);
    return failure("GenericError", text);
}

static json_t *manage_failure(const struct zf_manage_error *error) {
    size_t size = zf_manage_error_text(error, NULL, 0) + 1;
    char *text = malloc(size);
    zf_manage_error_text(error, text, size);
    json_t *reply = failure(error->class, text);
    free(text);
    return reply;
}

/* Takes the argument apart as a schema would: NULL when it is of `type`, else the error. */
static json_t *check_member(const json_t *value, json_type type, const char *name) {
    if (!value) {
        return failure_text("Parameter '%s' is missing", name, "");
    }
    if (json_typeof(value) != type) {
        return failure_text("Invalid parameter type for '%s', expected: %s", name,
                            type == JSON_OBJECT ? "object" : "string");
    }
    return NULL;
}

static json_t *check_known(const json_t *object, const char *prefix, const char *const *known) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        unsigned i = 0;
        while (known[i] && strcmp(known[i], key)) {
            i++;
        }
        if (!known[i]) {
            char name[256];
            snprintf(name, sizeof name, "%s%s", prefix, key);
            return failure_text("Parameter '%s' is unexpected", name, "");
        }
    }
    return NULL;
}

static json_t *check_model(const json_t *arguments, const char *argument) {
    static const char *const known[] = {"name", "props", NULL};
    char name[64];
    const json_t *model = json_object_get(arguments, argument);
    json_t *error = check_member(model, JSON_OBJECT, argument);
    snprintf(name, sizeof name, "%s.name", argument);
    if (!error) {
        error = check_member(json_object_get(model, "name"), JSON_STRING, name);
    }
    if (!error) {
        snprintf(name, sizeof name, "%s.", argument);
        error = check_known(model, name, known);
    }
    return error;
}

static enum zf_manage_kind kind_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return ZF_MANAGE_OBJECT;
    case JSON_ARRAY:
        return ZF_MANAGE_ARRAY;
    case JSON_STRING:
        return ZF_MANAGE_STRING;
    case JSON_INTEGER:
        return ZF_MANAGE_INTEGER;
    case JSON_REAL:
        return ZF_MANAGE_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return ZF_MANAGE_BOOL;
    case JSON_NULL:
        break;
    }
    return ZF_MANAGE_NULL;
}

/* NULL when `model` is filled, else the error. */
static json_t *resolve(const struct zf_manage *manage, const json_t *arguments,
                       const char *argument, struct zf_manage_model *model) {
    const json_t *value = json_object_get(arguments, argument);
    const json_t *props = json_object_get(value, "props");
    struct zf_manage_property list[64];
    struct zf_manage_info info = {json_string_value(json_object_get(value, "name")),
                                  props && !json_is_object(props), 0, list};
    struct zf_manage_error error;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)props, key, member) {
        list[info.prop_count++] =
            (struct zf_manage_property){key, kind_of(member), json_is_true(member),
                                        json_integer_value(member), json_string_value(member)};
    }
    if (!zf_manage_resolve(manage, &info, argument, model, &error)) {
        return manage_failure(&error);
    }
    return NULL;
}

static json_t *names_json(const struct zf_manage_names *names) {
    json_t *list = json_array();
    for (unsigned i = 0; i < names->count; i++) {
        json_array_append_new(list, json_string(names->names[i]));
    }
    return list;
}

static json_t *delta_json(const struct zf_manage_delta *delta) {
    json_t *model = json_pack("{s:s}", "name", delta->name);
    json_t *props = json_object();
    for (unsigned i = 0; i < delta->count; i++) {
        json_object_set_new(props, delta->props[i].name, json_boolean(delta->props[i].on));
    }
    if (delta->count) {
        json_object_set(model, "props", props);
    }
    json_decref(props);
    return model;
}

static json_t *expansion(const struct zf_manage *manage, const json_t *arguments) {
    static const char *const known[] = {"type", "model", NULL};
    struct zf_manage_model model;
    struct zf_manage_delta delta;
    struct zf_manage_names deprecated;
    struct zf_manage_error refusal;
    enum zf_manage_type type;
    const json_t *word = json_object_get(arguments, "type");
    json_t *error = check_member(word, JSON_STRING, "type");
    if (!error && !zf_manage_type_parse(json_string_value(word), &type, &refusal)) {
        return manage_failure(&refusal);
    }
    if (error || (error = check_model(arguments, "model")) ||
        (error = check_known(arguments, "", known)) ||
        (error = resolve(manage, arguments, "model", &model))) {
        return error;
    }
    zf_manage_expand(manage, &model, type, &delta, &deprecated);
    return json_pack("{s:{s:o, s:o}}", "return", "deprecated-props", names_json(&deprecated),
                     "model", delta_json(&delta));
}

/* The two models of a comparison or baseline. */
static json_t *resolve_both(const struct zf_manage *manage, const json_t *arguments,
                            struct zf_manage_model *a, struct zf_manage_model *b) {
    static const char *const known[] = {"modela", "modelb", NULL};
    json_t *error = NULL;
    if ((error = check_model(arguments, "modela")) || (error = check_model(arguments, "modelb")) ||
        (error = check_known(arguments, "", known)) ||
        (error = resolve(manage, arguments, "modela", a)) ||
        (error = resolve(manage, arguments, "modelb", b))) {
        return error;
    }
    return NULL;
}

static json_t *comparison(const struct zf_manage *manage, const json_t *arguments) {
    struct zf_manage_model a, b;
    struct zf_manage_names responsible;
    json_t *error = resolve_both(manage, arguments, &a, &b);
    if (error) {
        return error;
    }
    enum zf_manage_result result = zf_manage_compare(manage, &a, &b, &responsible);
    return json_pack("{s:{s:s, s:o}}", "return", "result", zf_manage_result_word(result),
                     "responsible-properties", names_json(&responsible));
}

static json_t *baseline(const struct zf_manage *manage, const json_t *arguments) {
    struct zf_manage_model a, b, both;
    struct zf_manage_delta delta;
    struct zf_manage_error refusal;
    json_t *error = resolve_both(manage, arguments, &a, &b);
    if (error) {
        return error;
    }
    if (!zf_manage_baseline(manage, &a, &b, &both, &refusal)) {
        return manage_failure(&refusal);
    }
    zf_manage_expand(manage, &both, ZF_MANAGE_STATIC, &delta, NULL);
    return json_pack("{s:{s:o}}", "return", "model", delta_json(&delta));
}

static json_t *definitions(void) {
    struct zf_manage_definition definition;
    json_t *list = json_array();
    for (unsigned i = 0; zf_manage_definition_at(i, &definition); i++) {
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:b, s:b}", "name", definition.name, "typename",
                            definition.typename, "static", definition.is_static, "migration-safe",
                            definition.migration_safe, "deprecated", definition.deprecated));
    }
    return json_pack("{s:o}", "return", list);
}

json_t *manage_json_reply(const struct zf_manage *manage, const char *execute,
                          const json_t *arguments) {
    if (!strcmp(execute, "query-cpu-model-expansion")) {
        return expansion(manage, arguments);
    }
    if (!strcmp(execute, "query-cpu-model-comparison")) {
        return comparison(manage, arguments);
    }
    if (!strcmp(execute, "query-cpu-model-baseline")) {
        return baseline(manage, arguments);
    }
    return !strcmp(execute, "query-cpu-definitions") ? definitions() : NULL;
}
