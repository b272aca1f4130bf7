/*
 * Arguments held against the types of type.def before a command sees them, and the same types as
 * query-qmp-schema tells them.
 */
#include "qmp/schema.h"

#include <stdio.h>
#include <string.h>

struct type {
    enum zf_qmp_meta meta;
    const char *name;         /* of all but arrays */
    enum zf_qmp_type element; /* of arrays */
};

struct value {
    enum zf_qmp_type owner;
    const char *value;
};

struct member {
    enum zf_qmp_type owner;
    const char *name;
    enum zf_qmp_type type;
    bool optional;
};

static const struct type types[] = {
#define META_BUILTIN(what)                                                                         \
    { ZF_QMP_BUILTIN, what, 0 }
#define META_ENUM(what)                                                                            \
    { ZF_QMP_ENUM, what, 0 }
#define META_OBJECT(what)                                                                          \
    { ZF_QMP_OBJECT, what, 0 }
#define META_ARRAY(what)                                                                           \
    { ZF_QMP_ARRAY, NULL, ZF_QMP_TYPE_##what }
#define QMP_TYPE(id, meta, what) META_##meta(what),
#include "qmp/type.def"
#undef QMP_TYPE
};

static const struct value values[] = {
#define QMP_VALUE(owner, value) {ZF_QMP_TYPE_##owner, value},
#include "qmp/type.def"
#undef QMP_VALUE
};

static const struct member members[] = {
#define REQUIRED false
#define OPTIONAL true
#define QMP_MEMBER(owner, name, type, optional)                                                    \
    {ZF_QMP_TYPE_##owner, name, ZF_QMP_TYPE_##type, optional},
#include "qmp/type.def"
#undef QMP_MEMBER
};

static const struct zf_qmp_command commands[] = {
#define QMP_COMMAND(id, name, arguments, reply, text)                                              \
    {name, ZF_QMP_TYPE_##arguments, ZF_QMP_TYPE_##reply, zf_qmp_##id, text},
#include "qmp/command.def"
#undef QMP_COMMAND
};

static const struct zf_qmp_event_info events[] = {
#define QMP_EVENT(name, data, text) {#name, ZF_QMP_TYPE_##data, text},
#include "qmp/command.def"
#undef QMP_EVENT
};

const struct zf_qmp_command *zf_qmp_command_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(commands) ? &commands[i] : NULL;
}

const struct zf_qmp_event_info *zf_qmp_event_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(events) ? &events[i] : NULL;
}

const struct zf_qmp_command *zf_qmp_command_find(const char *name) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(commands); i++) {
        if (!strcmp(commands[i].name, name)) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Where in the arguments a value is: "model.props", "enable[0]". */
struct path {
    const struct path *parent; /* NULL: an argument itself */
    const char *name;          /* NULL: an element */
    size_t index;
};

static void add_path(struct zf_buffer *text, const struct path *path) {
    if (path->parent) {
        add_path(text, path->parent);
    }
    if (path->name) {
        zf_buffer_text(text, path->parent ? "." : "");
        zf_buffer_text(text, path->name);
    } else {
        char index[32];
        snprintf(index, sizeof index, "[%zu]", path->index);
        zf_buffer_text(text, index);
    }
}

static bool fail_at(struct zf_qmp_error *error, const char *before, const struct path *path,
                    const char *after) {
    error->class = ZF_QMP_GENERIC;
    zf_buffer_text(&error->text, before);
    add_path(&error->text, path);
    zf_buffer_text(&error->text, after);
    return false;
}

static bool fail_type(struct zf_qmp_error *error, const struct path *path, const char *expected) {
    fail_at(error, "Invalid parameter type for '", path, "', expected: ");
    zf_buffer_text(&error->text, expected);
    return false;
}

static bool check(enum zf_qmp_type type, const json_t *value, const struct path *path,
                  struct zf_qmp_error *error);

static bool check_enum(enum zf_qmp_type type, const json_t *value, const struct path *path,
                       struct zf_qmp_error *error) {
    const char *word = json_string_value(value);
    if (!word) {
        return fail_type(error, path, "string");
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(values); i++) {
        if (values[i].owner == type && !strcmp(values[i].value, word)) {
            return true;
        }
    }
    zf_qmp_fail(error, ZF_QMP_GENERIC, "Parameter '", path->name ? path->name : "null",
                "' does not accept value '");
    zf_buffer_text(&error->text, word);
    zf_buffer_text(&error->text, "'");
    return false;
}

static const struct member *find_member(enum zf_qmp_type owner, const char *name) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(members); i++) {
        if (members[i].owner == owner && !strcmp(members[i].name, name)) {
            return &members[i];
        }
    }
    return NULL;
}

/* `path` is NULL for the arguments as a whole. */
static bool check_members(enum zf_qmp_type type, const json_t *object, const struct path *path,
                          struct zf_qmp_error *error) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(members); i++) {
        if (members[i].owner != type) {
            continue;
        }
        struct path inner = {path, members[i].name, 0};
        const json_t *value = json_object_get(object, members[i].name);
        if (!value && !members[i].optional) {
            return fail_at(error, "Parameter '", &inner, "' is missing");
        }
        if (value && !check(members[i].type, value, &inner, error)) {
            return false;
        }
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (!find_member(type, key)) {
            struct path inner = {path, key, 0};
            return fail_at(error, "Parameter '", &inner, "' is unexpected");
        }
    }
    return true;
}

static bool check_array(enum zf_qmp_type type, const json_t *value, const struct path *path,
                        struct zf_qmp_error *error) {
    if (!json_is_array(value)) {
        return fail_type(error, path, "array");
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct path inner = {path, NULL, i};
        if (!check(types[type].element, json_array_get(value, i), &inner, error)) {
            return false;
        }
    }
    return true;
}

static bool check_builtin(enum zf_qmp_type type, const json_t *value, const struct path *path,
                          struct zf_qmp_error *error) {
    if (type == ZF_QMP_TYPE_STR && !json_is_string(value)) {
        return fail_type(error, path, "string");
    }
    if (type == ZF_QMP_TYPE_INT && !json_is_integer(value)) {
        return fail_type(error, path, "integer");
    }
    if (type == ZF_QMP_TYPE_BOOL && !json_is_boolean(value)) {
        return fail_type(error, path, "boolean");
    }
    return true;
}

static bool check(enum zf_qmp_type type, const json_t *value, const struct path *path,
                  struct zf_qmp_error *error) {
    switch (types[type].meta) {
    case ZF_QMP_ENUM:
        return check_enum(type, value, path, error);
    case ZF_QMP_ARRAY:
        return check_array(type, value, path, error);
    case ZF_QMP_OBJECT:
        return json_is_object(value) ? check_members(type, value, path, error)
                                     : fail_type(error, path, "object");
    default:
        return check_builtin(type, value, path, error);
    }
}

bool zf_qmp_check(enum zf_qmp_type type, const json_t *arguments, struct zf_qmp_error *error) {
    return check_members(type, arguments, NULL, error);
}

/* How a type is called in the schema: clients are not to rely on names, so they are numbers. */
static void write_type(struct zf_json *json, const char *key, enum zf_qmp_type type) {
    char name[32];
    if (types[type].meta == ZF_QMP_BUILTIN) {
        zf_json_set_string(json, key, types[type].name);
        return;
    }
    bool array = types[type].meta == ZF_QMP_ARRAY;
    enum zf_qmp_type numbered = array ? types[type].element : type;
    if (types[numbered].meta == ZF_QMP_BUILTIN) {
        snprintf(name, sizeof name, "[%s]", types[numbered].name);
    } else {
        snprintf(name, sizeof name, array ? "[%u]" : "%u", (unsigned)numbered);
    }
    zf_json_set_string(json, key, name);
}

static void write_values(struct zf_json *json, enum zf_qmp_type type) {
    zf_json_set_open(json, "members", '[');
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(values); i++) {
        if (values[i].owner == type) {
            zf_json_open(json, '{');
            zf_json_set_string(json, "name", values[i].value);
            zf_json_close(json, '}');
        }
    }
    zf_json_close(json, ']');
    zf_json_set_open(json, "values", '[');
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(values); i++) {
        if (values[i].owner == type) {
            zf_json_string(json, values[i].value);
        }
    }
    zf_json_close(json, ']');
}

static void write_members(struct zf_json *json, enum zf_qmp_type type) {
    zf_json_set_open(json, "members", '[');
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(members); i++) {
        if (members[i].owner != type) {
            continue;
        }
        zf_json_open(json, '{');
        zf_json_set_string(json, "name", members[i].name);
        if (members[i].optional) {
            zf_json_key(json, "default");
            zf_json_value(json, json_null(), NULL);
        }
        write_type(json, "type", members[i].type);
        zf_json_close(json, '}');
    }
    zf_json_close(json, ']');
}

static void write_builtin(struct zf_json *json, enum zf_qmp_type type) {
    static const char *const json_types[] = {[ZF_QMP_TYPE_STR] = "string",
                                             [ZF_QMP_TYPE_INT] = "int",
                                             [ZF_QMP_TYPE_BOOL] = "boolean",
                                             [ZF_QMP_TYPE_ANY] = "value"};
    zf_json_set_string(json, "json-type", json_types[type]);
}

static void write_type_entry(struct zf_json *json, enum zf_qmp_type type) {
    static const char *const metas[] = {[ZF_QMP_BUILTIN] = "builtin",
                                        [ZF_QMP_ENUM] = "enum",
                                        [ZF_QMP_OBJECT] = "object",
                                        [ZF_QMP_ARRAY] = "array"};
    zf_json_open(json, '{');
    write_type(json, "name", type);
    zf_json_set_string(json, "meta-type", metas[types[type].meta]);
    switch (types[type].meta) {
    case ZF_QMP_BUILTIN:
        write_builtin(json, type);
        break;
    case ZF_QMP_ENUM:
        write_values(json, type);
        break;
    case ZF_QMP_OBJECT:
        write_members(json, type);
        break;
    case ZF_QMP_ARRAY:
        write_type(json, "element-type", types[type].element);
    }
    zf_json_close(json, '}');
}

bool zf_qmp_schema(struct zf_qmp_call *call) {
    struct zf_json *json = &call->reply;
    zf_json_open(json, '[');
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(commands); i++) {
        zf_json_open(json, '{');
        zf_json_set_string(json, "name", commands[i].name);
        zf_json_set_string(json, "meta-type", "command");
        write_type(json, "arg-type", commands[i].arguments);
        write_type(json, "ret-type", commands[i].reply);
        zf_json_close(json, '}');
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(events); i++) {
        zf_json_open(json, '{');
        zf_json_set_string(json, "name", events[i].name);
        zf_json_set_string(json, "meta-type", "event");
        write_type(json, "arg-type", events[i].data);
        zf_json_close(json, '}');
    }
    for (unsigned i = 0; i < ZF_QMP_TYPE_COUNT; i++) {
        write_type_entry(json, (enum zf_qmp_type)i);
    }
    zf_json_close(json, ']');
    return true;
}
