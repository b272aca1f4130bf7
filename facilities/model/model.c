/*
 * A model's feature set: made from a named model, changed one feature at a time with the facility
 * bits and function codes that go with it, checked for what is missing.
 */
#include "zfacet/model.h"

#include <stdio.h>

static const char *const set_suffix[ZF_MODEL_SET_COUNT] = {
    [ZF_MODEL_BASE] = "-base", [ZF_MODEL_DEFAULT] = "", [ZF_MODEL_FULL] = "-full"};

static const struct zf_named_model named_models[] = {
#define LISTED ZF_MODEL_SET_COUNT
#define BASE ZF_MODEL_BASE
#define DEFAULT ZF_MODEL_DEFAULT
#define FULL ZF_MODEL_FULL
#define NAMED(id, name, machine, set, title) {name, machine, set, (set) == LISTED, title},
#include "model/named.def"
#undef NAMED
#undef FULL
#undef DEFAULT
#undef BASE
#undef LISTED
};

enum {
#define NAMED(id, ...) NAMED_##id,
#include "model/named.def"
#undef NAMED
};

static const struct {
    unsigned model; /* index of named_models */
    enum zf_feature feature;
} listed_features[] = {
#define NAMED_FEATURE(id, feature) {NAMED_##id, ZF_FEATURE_##feature},
#include "model/named.def"
#undef NAMED_FEATURE
};

const struct zf_named_model *zf_named_model_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(named_models) ? &named_models[i] : NULL;
}

unsigned zf_model_count(void) {
    return 2 * zf_machine_count() + ZF_ARRAY_LENGTH(named_models);
}

static void write_name(const struct zf_machine_type *machine, enum zf_model_set set,
                       char name[ZF_MODEL_NAME_LENGTH]) {
    snprintf(name, ZF_MODEL_NAME_LENGTH, "%s%s", machine->name, set_suffix[set]);
}

void zf_model_name_at(unsigned i, char name[ZF_MODEL_NAME_LENGTH]) {
    ZF_ASSERT(i < zf_model_count());
    if (i >= 2 * zf_machine_count()) {
        snprintf(name, ZF_MODEL_NAME_LENGTH, "%s", named_models[i - 2 * zf_machine_count()].name);
        return;
    }
    write_name(zf_machine_at(i / 2), i % 2 ? ZF_MODEL_BASE : ZF_MODEL_DEFAULT, name);
}

void zf_model_name(const struct zf_model *model, char name[ZF_MODEL_NAME_LENGTH]) {
    if (model->named) {
        snprintf(name, ZF_MODEL_NAME_LENGTH, "%s", model->named->name);
        return;
    }
    write_name(model->machine, model->set, name);
}

void zf_model_short_name(const struct zf_model *model, char name[ZF_MODEL_NAME_LENGTH]) {
    snprintf(name, ZF_MODEL_NAME_LENGTH, "%s%s",
             model->named ? model->named->name : zf_machine_short_name(model->machine),
             model->named ? "" : set_suffix[model->set]);
}

void zf_model_set_facility(struct zf_model *model, unsigned bit, bool on) {
    ZF_ASSERT(bit < ZF_FACILITY_LIMIT);
    zf_bitmap_assign(model->facilities, bit, on);
    if (bit == ZF_FACILITY_ZARCH) {
        zf_bitmap_assign(model->facilities, ZF_FACILITY_ZARCH_ACTIVE, on);
        zf_bitmap_assign(model->facilities, ZF_FACILITY_CZAM, on);
    }
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        if (zf_query_has_query_function(q) && zf_query_facility(q) == bit) {
            zf_bitmap_assign(model->query[q], 0, on);
        }
    }
}

void zf_model_set_feature(struct zf_model *model, enum zf_feature feature, bool on) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    zf_bitmap_assign(model->features, feature, on);
    if (info->kind == ZF_KIND_STFL) {
        zf_model_set_facility(model, info->bit, on);
    } else if ((unsigned)info->kind < ZF_QUERY_COUNT) {
        /* The query function is there whenever the instruction is. */
        if (info->bit || !zf_query_has_query_function((enum zf_query)info->kind)) {
            zf_bitmap_assign(model->query[info->kind], info->bit, on);
        }
    }
}

void zf_model_init(struct zf_model *model, const struct zf_machine_type *machine,
                   enum zf_model_set set) {
    memset(model, 0, sizeof *model);
    model->machine = machine;
    model->set = set;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_feature_in_set(f, set, machine->level)) {
            zf_model_set_feature(model, f, true);
        }
    }
}

void zf_model_init_named(struct zf_model *model, const struct zf_named_model *named) {
    const struct zf_machine_type *machine = zf_machine_by_name(named->machine);
    if (named->listed) {
        memset(model, 0, sizeof *model);
        model->machine = machine;
        model->set = ZF_MODEL_DEFAULT;
        for (unsigned i = 0; i < ZF_ARRAY_LENGTH(listed_features); i++) {
            if (&named_models[listed_features[i].model] == named) {
                zf_model_set_feature(model, listed_features[i].feature, true);
            }
        }
    } else {
        zf_model_init(model, machine, named->set);
    }
    model->named = named;
}

void zf_model_drop_deprecated(struct zf_model *model) {
    enum zf_feature feature;
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        zf_model_set_feature(model, feature, false);
    }
}

void zf_model_check(const struct zf_model *model, struct zf_model_warnings *warnings) {
    const struct zf_feature_dependency *dependency;
    warnings->count = 0;
    for (unsigned i = 0; (dependency = zf_feature_dependency_at(i)); i++) {
        if (zf_model_has_feature(model, dependency->feature) &&
            !zf_model_has_feature(model, dependency->needs)) {
            warnings->broken[warnings->count++] = *dependency;
        }
    }
}

unsigned zf_model_feature_count(const struct zf_model *model) {
    unsigned count = 0;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(model->features); i++) {
        count += (unsigned)__builtin_popcountll(model->features[i]);
    }
    return count;
}

unsigned zf_model_facility_doublewords(const struct zf_model *model) {
    unsigned count = ZF_ARRAY_LENGTH(model->facilities);
    while (count > 1 && !model->facilities[count - 1]) {
        count--;
    }
    return count;
}
