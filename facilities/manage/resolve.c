/*
 * A client's model, name and properties, to a model; the definitions that there are.
 */
#include "manage/order.h"
#include "manage/sets.h"

#include <stdio.h>

#define GENERIC "GenericError"

static bool fail(struct zf_manage_error *error, const char *class,
                 const char *const parts[ZF_MANAGE_ERROR_PARTS]) {
    error->class = class;
    memcpy(error->parts, parts, sizeof error->parts);
    return false;
}

#define FAIL(error, class, ...)                                                                    \
    fail(error, class, (const char *const[ZF_MANAGE_ERROR_PARTS]){__VA_ARGS__})

size_t zf_manage_error_text(const struct zf_manage_error *error, char *text, size_t size) {
    size_t used = 0;
    if (size) {
        text[0] = 0;
    }
    for (unsigned i = 0; i < ZF_MANAGE_ERROR_PARTS && error->parts[i]; i++) {
        size_t length = strlen(error->parts[i]);
        if (used < size) {
            size_t room = size - used - 1;
            size_t copied = length < room ? length : room;
            memcpy(text + used, error->parts[i], copied);
            text[used + copied] = 0;
        }
        used += length;
    }
    return used;
}

static bool wrong_type(const char *argument, const char *name, const char *expected,
                       struct zf_manage_error *error) {
    return FAIL(error, GENERIC, "Invalid parameter type for '", argument, ".props.", name,
                "', expected: ", expected);
}

/* Properties that say nothing about the model: what their value must be. */
enum other_kind { OTHER_BOOL, OTHER_READ_ONLY, OTHER_UINT32, OTHER_INT32, OTHER_ENUM, OTHER_LINK };

static const struct {
    const char *name;
    enum other_kind kind;
} others[] = {
    {"start-powered-off", OTHER_BOOL},
    {"dedicated", OTHER_BOOL},
    {"realized", OTHER_BOOL},
    {"core-id", OTHER_UINT32},
    {"book-id", OTHER_INT32},
    {"socket-id", OTHER_INT32},
    {"drawer-id", OTHER_INT32},
    {"entitlement", OTHER_ENUM},
    {"memory", OTHER_LINK},
    {"type", OTHER_READ_ONLY},
    {"static", OTHER_READ_ONLY},
    {"migration-safe", OTHER_READ_ONLY},
    {"description", OTHER_READ_ONLY},
    {"parent_bus", OTHER_READ_ONLY},
    {"hotplugged", OTHER_READ_ONLY},
    {"hotpluggable", OTHER_READ_ONLY},
    {"legacy-memory", OTHER_READ_ONLY},
    {"crash-information", OTHER_READ_ONLY},
};

static bool check_uint32(const char *argument, const struct zf_manage_property *property,
                         struct zf_manage_error *error) {
    if (property->kind != ZF_MANAGE_INTEGER) {
        return FAIL(error, GENERIC, "Parameter '", argument, ".props.", property->name,
                    "' expects uint64");
    }
    if (property->integer < 0 || property->integer > UINT32_MAX) {
        return FAIL(error, GENERIC, "Parameter '", property->name, "' expects uint32_t");
    }
    return true;
}

static bool check_int32(const char *argument, const struct zf_manage_property *property,
                        struct zf_manage_error *error) {
    if (property->kind != ZF_MANAGE_INTEGER) {
        return wrong_type(argument, property->name, "integer", error);
    }
    if (property->integer < INT32_MIN || property->integer > INT32_MAX) {
        return FAIL(error, GENERIC, "Parameter '", property->name, "' expects int32_t");
    }
    return true;
}

static bool check_string(const char *argument, const struct zf_manage_property *property,
                         enum other_kind kind, struct zf_manage_error *error) {
    static const char *const entitlements[] = {"auto", "low", "medium", "high"};
    if (property->kind != ZF_MANAGE_STRING) {
        return wrong_type(argument, property->name, "string", error);
    }
    if (kind == OTHER_LINK) {
        return !*property->string ||
               FAIL(error, "DeviceNotFound", "Device '", property->string, "' not found");
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(entitlements); i++) {
        if (!strcmp(property->string, entitlements[i])) {
            return true;
        }
    }
    return FAIL(error, GENERIC, "Parameter '", property->name, "' does not accept value '",
                property->string, "'");
}

static bool check_other(const struct zf_manage_info *info, const char *argument,
                        const struct zf_manage_property *property, struct zf_manage_error *error) {
    unsigned i = 0;
    while (i < ZF_ARRAY_LENGTH(others) && strcmp(others[i].name, property->name)) {
        i++;
    }
    if (i == ZF_ARRAY_LENGTH(others)) {
        return FAIL(error, GENERIC, "Property '", info->name, "-s390x-cpu.", property->name,
                    "' not found");
    }
    switch (others[i].kind) {
    case OTHER_READ_ONLY:
        return FAIL(error, GENERIC, "Property '", info->name, "-s390x-cpu.", property->name,
                    "' is not writable");
    case OTHER_UINT32:
        return check_uint32(argument, property, error);
    case OTHER_INT32:
        return check_int32(argument, property, error);
    case OTHER_ENUM:
    case OTHER_LINK:
        return check_string(argument, property, others[i].kind, error);
    case OTHER_BOOL:
        break;
    }
    return property->kind == ZF_MANAGE_BOOL ||
           wrong_type(argument, property->name, "boolean", error);
}

static bool unavailable(const char *what, const char *name, const struct zf_manage_model *model,
                        struct zf_manage_error *error) {
    return FAIL(error, GENERIC, what, name, "' is not available for CPU model '",
                model->machine->name, "', it was introduced with later models.");
}

static void switch_set(struct zf_manage_model *model, const uint64_t *set, bool on) {
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        model->features[i] = on ? model->features[i] | set[i] : model->features[i] & ~set[i];
    }
}

/* A group can be on as soon as the machine can have one of its members, and then is on whole. */
static bool set_property(const struct zf_manage *manage, unsigned which,
                         const struct zf_manage_property *property, struct zf_manage_model *model,
                         struct zf_manage_error *error) {
    const uint64_t *full = zf_manage_sets(manage, model->machine)[ZF_MODEL_FULL].bits;
    if (which < ZF_PROPERTY_GROUP) {
        if (property->on && !zf_bitmap_test(full, which)) {
            return unavailable("Feature '", property->name, model, error);
        }
        zf_bitmap_assign(model->features, which, property->on);
    } else if (which < ZF_PROPERTY_DEPRECATED) {
        const uint64_t *group = manage->groups[which - ZF_PROPERTY_GROUP].bits;
        if (property->on && !zf_set_intersects(group, full)) {
            return unavailable("Group '", property->name, model, error);
        }
        switch_set(model, group, property->on);
    } else {
        struct zf_manage_set possible = manage->deprecated;
        for (unsigned i = 0; property->on && i < ZF_MANAGE_WORDS; i++) {
            possible.bits[i] &= full[i];
        }
        switch_set(model, possible.bits, property->on);
    }
    return true;
}

/* The model called exactly `name`. */
static bool find_model(const struct zf_manage *manage, const char *name,
                       struct zf_manage_model *model) {
    if (!strcmp(name, "qemu") || !strcmp(name, "max")) {
        *model = manage->qemu;
        return true;
    }
    if (!strcmp(name, "recommended")) {
        *model = manage->recommended;
        return true;
    }
    for (unsigned i = 0; i < manage->machine_count; i++) {
        const char *own = zf_machine_at(i)->name;
        size_t length = strlen(own);
        bool base = !strncmp(name, own, length) && !strcmp(name + length, "-base");
        if (base || !strcmp(name, own)) {
            const struct zf_manage_set *sets = manage->sets[i];
            model->machine = zf_machine_at(i);
            memcpy(model->features, sets[base ? ZF_MODEL_BASE : ZF_MODEL_DEFAULT].bits,
                   sizeof model->features);
            return true;
        }
    }
    return false;
}

static bool apply(const struct zf_manage *manage, const struct zf_manage_info *info,
                  const char *argument, const struct zf_manage_property *property,
                  struct zf_manage_model *model, struct zf_manage_error *error) {
    unsigned which = zf_manage_property_find(manage, property->name);
    if (which == ZF_PROPERTY_COUNT) {
        return check_other(info, argument, property, error);
    }
    if (property->kind != ZF_MANAGE_BOOL) {
        return wrong_type(argument, property->name, "boolean", error);
    }
    return set_property(manage, which, property, model, error);
}

bool zf_manage_resolve(const struct zf_manage *manage, const struct zf_manage_info *info,
                       const char *argument, struct zf_manage_model *model,
                       struct zf_manage_error *error) {
    struct zf_property_order order;
    if (!find_model(manage, info->name, model)) {
        return FAIL(error, GENERIC, "The CPU definition '", info->name, "' is unknown.");
    }
    if (info->props_invalid) {
        return FAIL(error, GENERIC, "Invalid parameter type for '", argument,
                    ".props', expected: object");
    }
    zf_property_order_init(&order, info);
    for (const struct zf_manage_property *property; (property = zf_property_order_next(&order));) {
        if (!apply(manage, info, argument, property, model, error)) {
            return false;
        }
    }
    return true;
}

bool zf_manage_type_parse(const char *word, enum zf_manage_type *type,
                          struct zf_manage_error *error) {
    if (!strcmp(word, "static") || !strcmp(word, "full")) {
        *type = *word == 's' ? ZF_MANAGE_STATIC : ZF_MANAGE_FULL;
        return true;
    }
    return FAIL(error, GENERIC, "Parameter 'type' does not accept value '", word, "'");
}

bool zf_manage_definition_at(unsigned i, struct zf_manage_definition *definition) {
    memset(definition, 0, sizeof *definition);
    if (i < zf_model_count()) {
        zf_model_name_at(i, definition->name);
        definition->is_static = i < 2 * zf_machine_count() && i % 2;
        definition->migration_safe = strcmp(definition->name, "max");
    } else if (i == zf_model_count()) {
        snprintf(definition->name, sizeof definition->name, "recommended");
    } else {
        return false;
    }
    snprintf(definition->typename, sizeof definition->typename, "%s-s390x-cpu", definition->name);
    return true;
}
