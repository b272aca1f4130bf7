/*
 * The commands about CPU models: JSON around zfacet/manage.h.
 */
#include "qmp/qmp.h"

#include "zfacet/implemented.h"

#include <stdio.h>
#include <stdlib.h>

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
    case JSON_NULL:
        return ZF_MANAGE_NULL;
    default:
        return ZF_MANAGE_BOOL;
    }
}

static void take_props(const json_t *props, struct zf_manage_property *list) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)props, key, value) {
        *list++ = (struct zf_manage_property){key, kind_of(value), json_is_true(value),
                                              json_integer_value(value), json_string_value(value)};
    }
}

/* Error texts have pieces of the client's, so they are written while those are there. */
static bool fail(struct zf_qmp_call *call, const struct zf_manage_error *error) {
    call->error.class = error->class;
    for (unsigned i = 0; i < ZF_MANAGE_ERROR_PARTS && error->parts[i]; i++) {
        zf_buffer_text(&call->error.text, error->parts[i]);
    }
    return false;
}

static bool resolve(struct zf_qmp_call *call, const char *argument, struct zf_manage_model *model) {
    enum { FEW = 32 };
    const json_t *given = json_object_get(call->arguments, argument);
    const json_t *props = json_object_get(given, "props");
    struct zf_manage_property few[FEW], *list = few;
    struct zf_manage_error error;
    size_t count = json_object_size(props);
    if (count > FEW && !(list = calloc(count, sizeof *list))) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC, "out of memory", "", "");
    }
    take_props(props, list);
    struct zf_manage_info info = {json_string_value(json_object_get(given, "name")),
                                  props && !json_is_object(props), count, list};
    bool good =
        zf_manage_resolve(call->qmp->manage, &info, argument, model, &error) || fail(call, &error);
    if (list != few) {
        free(list);
    }
    return good;
}

static void write_names(struct zf_json *json, const char *key,
                        const struct zf_manage_names *names) {
    zf_json_set_open(json, key, '[');
    for (unsigned i = 0; i < names->count; i++) {
        zf_json_string(json, names->names[i]);
    }
    zf_json_close(json, ']');
}

static void write_delta(struct zf_json *json, const char *key,
                        const struct zf_manage_delta *delta) {
    zf_json_set_open(json, key, '{');
    zf_json_set_string(json, "name", delta->name);
    if (delta->count) {
        zf_json_set_open(json, "props", '{');
        for (unsigned i = 0; i < delta->count; i++) {
            zf_json_set_bool(json, delta->props[i].name, delta->props[i].on);
        }
        zf_json_close(json, '}');
    }
    zf_json_close(json, '}');
}

bool zf_qmp_expansion(struct zf_qmp_call *call) {
    const char *word = json_string_value(json_object_get(call->arguments, "type"));
    enum zf_manage_type type;
    struct zf_manage_error error;
    struct zf_manage_model model;
    struct zf_manage_delta delta;
    struct zf_manage_names deprecated;
    if (!zf_manage_type_parse(word, &type, &error)) {
        return fail(call, &error);
    }
    if (!resolve(call, "model", &model)) {
        return false;
    }
    zf_manage_expand(call->qmp->manage, &model, type, &delta, &deprecated);
    zf_json_open(&call->reply, '{');
    write_names(&call->reply, "deprecated-props", &deprecated);
    write_delta(&call->reply, "model", &delta);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_comparison(struct zf_qmp_call *call) {
    struct zf_manage_model a, b;
    struct zf_manage_names responsible;
    if (!resolve(call, "modela", &a) || !resolve(call, "modelb", &b)) {
        return false;
    }
    enum zf_manage_result result = zf_manage_compare(call->qmp->manage, &a, &b, &responsible);
    zf_json_open(&call->reply, '{');
    zf_json_set_string(&call->reply, "result", zf_manage_result_word(result));
    write_names(&call->reply, "responsible-properties", &responsible);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_baseline(struct zf_qmp_call *call) {
    struct zf_manage_model a, b, both;
    struct zf_manage_error error;
    struct zf_manage_delta delta;
    if (!resolve(call, "modela", &a) || !resolve(call, "modelb", &b)) {
        return false;
    }
    if (!zf_manage_baseline(call->qmp->manage, &a, &b, &both, &error)) {
        return fail(call, &error);
    }
    zf_manage_expand(call->qmp->manage, &both, ZF_MANAGE_STATIC, &delta, NULL);
    zf_json_open(&call->reply, '{');
    write_delta(&call->reply, "model", &delta);
    zf_json_close(&call->reply, '}');
    return true;
}

/* What `model` has and zfacet does not execute. */
static void find_unimplemented(const struct zf_manage_model *model, uint64_t *features) {
    struct zf_model whole, rest;
    zf_manage_to_model(model, &whole);
    rest = whole;
    zf_model_hide_unimplemented(&rest, NULL, NULL);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(whole.features); i++) {
        features[i] = whole.features[i] & ~rest.features[i];
    }
}

static void write_definition(struct zf_qmp_call *call, const struct zf_manage_definition *d) {
    struct zf_json *json = &call->reply;
    struct zf_manage_info info = {.name = d->name};
    struct zf_manage_model model;
    struct zf_manage_error error;
    struct zf_manage_names names = {0};
    ZF_BITMAP(features, ZF_FEATURE_COUNT);
    if (zf_manage_resolve(call->qmp->manage, &info, "model", &model, &error)) {
        find_unimplemented(&model, features);
        zf_manage_name_features(call->qmp->manage, features, &names);
    }
    zf_json_open(json, '{');
    zf_json_set_string(json, "name", d->name);
    zf_json_set_string(json, "typename", d->typename);
    zf_json_set_open(json, "unavailable-features", '[');
    zf_json_close(json, ']');
    zf_json_set_bool(json, "static", d->is_static);
    zf_json_set_bool(json, "migration-safe", d->migration_safe);
    zf_json_set_bool(json, "deprecated", d->deprecated);
    write_names(json, "x-unimplemented-features", &names);
    zf_json_close(json, '}');
}

bool zf_qmp_definitions(struct zf_qmp_call *call) {
    struct zf_manage_definition definition;
    zf_json_open(&call->reply, '[');
    for (unsigned i = 0; zf_manage_definition_at(i, &definition); i++) {
        write_definition(call, &definition);
    }
    zf_json_close(&call->reply, ']');
    return true;
}

static void write_place(struct zf_json *json, unsigned index) {
    static const char *const ids[] = {"core-id", "socket-id", "drawer-id", "book-id"};
    zf_json_set_open(json, "props", '{');
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(ids); i++) {
        zf_json_set_int(json, ids[i], i ? 0 : index);
    }
    zf_json_close(json, '}');
}

static void write_cpu(struct zf_qmp_call *call, const struct zf_model *model, unsigned index) {
    struct zf_json *json = &call->reply;
    struct zf_manage_model managed;
    char path[48];
    struct zf_manage_delta delta;
    zf_manage_from_model(model, &managed);
    zf_manage_expand(call->qmp->manage, &managed, ZF_MANAGE_STATIC, &delta, NULL);
    zf_json_open(json, '{');
    zf_json_set_int(json, "thread-id", call->qmp->guest_thread);
    write_place(json, index);
    zf_json_set_string(json, "cpu-state", index ? "stopped" : "operating");
    snprintf(path, sizeof path, "/machine/unattached/device[%u]", index);
    zf_json_set_string(json, "qom-path", path);
    zf_json_set_int(json, "cpu-index", index);
    zf_json_set_string(json, "target", "s390x");
    write_delta(json, "x-model", &delta);
    zf_json_close(json, '}');
}

bool zf_qmp_cpus(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '[');
    for (unsigned i = 0; call->qmp->model && i < call->qmp->cpus; i++) {
        write_cpu(call, call->qmp->model, i);
    }
    zf_json_close(&call->reply, ']');
    return true;
}
