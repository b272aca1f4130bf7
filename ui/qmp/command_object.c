/*
 * The commands about types of objects: one for each CPU model and machine, and what they are of.
 */
#include "qmp/qmp.h"

#include <stdio.h>

enum { TYPENAME_LENGTH = ZF_MANAGE_TYPENAME_LENGTH };

/*
 * The fixed types; those of the CPU models come after them, all of "s390x-cpu". Nothing can be made
 * of memory-backend-file: libvirt 9 takes it for granted that there is the type, and crashes.
 */
/* clang-format off */
static const struct object_type {
    const char *name, *parent;
    bool abstract;
} fixed_types[] = {
    {"object",              NULL,             true},
    {"device",              "object",         true},
    {"cpu",                 "device",         true},
    {"s390x-cpu",           "cpu",            true},
    {"machine",             "object",         true},
    {"zfacet-machine",      "machine",        false},
    {"none-machine",        "machine",        false},
    {"accel",               "object",         true},
    {"tcg-accel",           "accel",          false},
    {"memory-backend",      "object",         true},
    {"memory-backend-file", "memory-backend", false},
};
/* clang-format on */

/* Type `i`, with `name` as space for a model's; false after the last one. */
static bool type_at(unsigned i, struct object_type *type, struct zf_manage_definition *definition) {
    if (i < ZF_ARRAY_LENGTH(fixed_types)) {
        *type = fixed_types[i];
        return true;
    }
    if (!zf_manage_definition_at(i - (unsigned)ZF_ARRAY_LENGTH(fixed_types), definition)) {
        return false;
    }
    *type = (struct object_type){definition->typename, "s390x-cpu", false};
    return true;
}

static bool find_type(const char *name, struct object_type *type,
                      struct zf_manage_definition *definition) {
    unsigned i = 0;
    while (type_at(i, type, definition)) {
        if (!strcmp(type->name, name)) {
            return true;
        }
        i++;
    }
    return false;
}

/* Whether `type` is `ancestor` or made of it. */
static bool is_a(const struct object_type *type, const char *ancestor) {
    struct object_type parent = *type;
    struct zf_manage_definition unused;
    while (strcmp(parent.name, ancestor)) {
        if (!parent.parent || !find_type(parent.parent, &parent, &unused)) {
            return false;
        }
    }
    return true;
}

bool zf_qmp_list_types(struct zf_qmp_call *call) {
    const char *implements = json_string_value(json_object_get(call->arguments, "implements"));
    bool abstract = json_is_true(json_object_get(call->arguments, "abstract"));
    struct object_type type;
    struct zf_manage_definition definition;
    struct zf_json *json = &call->reply;
    zf_json_open(json, '[');
    for (unsigned i = 0; type_at(i, &type, &definition); i++) {
        if ((type.abstract && !abstract) || (implements && !is_a(&type, implements))) {
            continue;
        }
        zf_json_open(json, '{');
        zf_json_set_string(json, "name", type.name);
        if (type.abstract) {
            zf_json_set_bool(json, "abstract", true);
        }
        if (type.parent) {
            zf_json_set_string(json, "parent", type.parent);
        }
        zf_json_close(json, '}');
    }
    zf_json_close(json, ']');
    return true;
}

static void write_property(struct zf_json *json, const char *name, const char *description) {
    zf_json_open(json, '{');
    zf_json_set_string(json, "name", name);
    if (description) {
        zf_json_set_string(json, "description", description);
    }
    zf_json_set_string(json, "type", description ? "bool" : "string");
    zf_json_close(json, '}');
}

static void write_properties(struct zf_json *json, const struct object_type *type, bool device) {
    zf_json_open(json, '[');
    if (!device) {
        write_property(json, "type", NULL);
    }
    if (is_a(type, "s390x-cpu")) {
        for (unsigned g = 0; g < ZF_FEATURE_GROUP_COUNT; g++) {
            write_property(json, zf_feature_group_name(g), zf_feature_group_description(g));
        }
        for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
            write_property(json, zf_feature_info(f)->name, zf_feature_info(f)->description);
        }
        write_property(json, "deprecated-features", "all features that are deprecated");
    }
    zf_json_close(json, ']');
}

bool zf_qmp_list_properties(struct zf_qmp_call *call) {
    const char *name = json_string_value(json_object_get(call->arguments, "typename"));
    struct object_type type;
    struct zf_manage_definition definition;
    if (!find_type(name, &type, &definition)) {
        return zf_qmp_fail(&call->error, ZF_QMP_NOT_FOUND, "Class '", name, "' not found");
    }
    write_properties(&call->reply, &type, false);
    return true;
}

bool zf_qmp_device_properties(struct zf_qmp_call *call) {
    const char *name = json_string_value(json_object_get(call->arguments, "typename"));
    struct object_type type;
    struct zf_manage_definition definition;
    if (!find_type(name, &type, &definition)) {
        return zf_qmp_fail(&call->error, ZF_QMP_NOT_FOUND, "Device '", name, "' not found");
    }
    if (type.abstract || !is_a(&type, "device")) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC,
                           "Parameter 'typename' expects a non-abstract device type", "", "");
    }
    write_properties(&call->reply, &type, true);
    return true;
}
