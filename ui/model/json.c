/*
 * Models out of the JSON of the management interfaces: arguments and replies of expansion and
 * baseline, a model alone, or a log of several such; and what zfacet expand writes.
 */
#include "model/format.h"

#include <jansson.h>
#include <stdlib.h>

static const struct {
    json_type type;
    enum zf_manage_kind kind;
} kinds[] = {
    {JSON_OBJECT, ZF_MANAGE_OBJECT}, {JSON_ARRAY, ZF_MANAGE_ARRAY},
    {JSON_STRING, ZF_MANAGE_STRING}, {JSON_INTEGER, ZF_MANAGE_INTEGER},
    {JSON_REAL, ZF_MANAGE_REAL},     {JSON_TRUE, ZF_MANAGE_BOOL},
    {JSON_FALSE, ZF_MANAGE_BOOL},    {JSON_NULL, ZF_MANAGE_NULL},
};

static enum zf_manage_kind kind_of(const json_t *value) {
    unsigned i = 0;
    while (kinds[i].type != json_typeof(value)) {
        i++;
    }
    return kinds[i].kind;
}

/* The object with the model's name: `value` itself, or below model, return or arguments. */
static const json_t *find_model(const json_t *value) {
    static const char *const keys[] = {"return", "arguments", "model"};
    for (unsigned i = 0; value && i < ZF_ARRAY_LENGTH(keys); i++) {
        const json_t *inner = json_object_get(value, keys[i]);
        value = inner ? inner : value;
    }
    return json_is_string(json_object_get(value, "name")) ? value : NULL;
}

static bool has_two(const json_t *value) {
    const json_t *arguments = json_object_get(value, "arguments");
    return json_object_get(arguments ? arguments : value, "modela") != NULL;
}

static enum zf_status apply_facilities(const json_t *list, struct zf_model *model,
                                       struct zf_error *err) {
    size_t i;
    json_t *bit;
    json_array_foreach((json_t *)list, i, bit) {
        char setting[32];
        snprintf(setting, sizeof setting, "%lld=on", (long long)json_integer_value(bit));
        enum zf_status status = zf_model_apply(model, setting, err);
        if (status != ZF_OK) {
            return status;
        }
    }
    return ZF_OK;
}

static enum zf_status read_model(const json_t *object, struct zf_model *model,
                                 struct zf_error *err) {
    const json_t *props = json_object_get(object, "props");
    size_t count = json_object_size(props), used = 0;
    struct zf_manage_property *list = calloc(count + 1, sizeof *list);
    struct zf_manage_info info = {json_string_value(json_object_get(object, "name")),
                                  props && !json_is_object(props), count, list};
    const char *key;
    json_t *value;
    if (!list) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    json_object_foreach((json_t *)props, key, value) {
        list[used++] =
            (struct zf_manage_property){key, kind_of(value), json_is_true(value),
                                        json_integer_value(value), json_string_value(value)};
    }
    enum zf_status status = zf_model_from_info(&info, model, err);
    free(list);
    return status;
}

/* A log has one value after another; of two equal keys one would be lost. */
enum { FLAGS = JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES };

/* Reads one value; `*size` becomes what it took. False when there is no model in it. */
static bool read_value(const char *bytes, size_t *size, struct zf_model *model,
                       enum zf_status *status, struct zf_error *err) {
    json_error_t error;
    json_t *root = json_loadb(bytes, *size, FLAGS, &error);
    if (!root) {
        *status = zf_fail(err, ZF_ERROR_FORMAT, "JSON: %s, at line %d", error.text, error.line);
        return true;
    }
    const json_t *object = find_model(root);
    *size = (size_t)error.position;
    if (object) {
        *status = read_model(object, model, err);
        if (*status == ZF_OK) {
            *status = apply_facilities(json_object_get(root, "x-facilities"), model, err);
        }
    } else if (has_two(root)) {
        *status = zf_fail(err, ZF_ERROR_FORMAT, "JSON contains two models; give them one by one");
    }
    bool done = object || has_two(root);
    json_decref(root);
    return done;
}

enum zf_status zf_model_from_json(const char *bytes, size_t size, struct zf_model *model,
                                  struct zf_model_notes *notes, struct zf_error *err) {
    enum zf_status status = ZF_OK;
    while (size) {
        size_t used = size;
        if (read_value(bytes, &used, model, &status, err)) {
            return status;
        }
        bytes += used;
        size -= used;
        while (size && (*bytes == ' ' || *bytes == '\n' || *bytes == '\r' || *bytes == '\t')) {
            bytes++;
            size--;
        }
    }
    return zf_fail(err, ZF_ERROR_FORMAT,
                   "JSON contains no model: {\"name\": ..., \"props\": {...}}");
}
