/*
 * What the management interface looks up again and again, made once: properties by name, feature
 * sets of every model, which features a baseline ignores.
 */
#include "manage/sets.h"

#include <stdlib.h>

static const char *property_name(unsigned property) {
    if (property < ZF_PROPERTY_GROUP) {
        return zf_feature_info(property)->name;
    }
    if (property < ZF_PROPERTY_DEPRECATED) {
        return zf_feature_group_name(property - ZF_PROPERTY_GROUP);
    }
    return "deprecated-features";
}

static unsigned first_slot(const char *name) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name; name++) {
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    }
    return hash % ZF_PROPERTY_SLOTS;
}

unsigned zf_manage_property_find(const struct zf_manage *manage, const char *name) {
    unsigned slot = first_slot(name);
    while (manage->slots[slot]) {
        unsigned property = manage->slots[slot] - 1u;
        if (!strcmp(property_name(property), name)) {
            return property;
        }
        slot = (slot + 1) % ZF_PROPERTY_SLOTS;
    }
    return ZF_PROPERTY_COUNT;
}

static void file_properties(struct zf_manage *manage) {
    for (unsigned property = 0; property < ZF_PROPERTY_COUNT; property++) {
        unsigned slot = first_slot(property_name(property));
        while (manage->slots[slot]) {
            slot = (slot + 1) % ZF_PROPERTY_SLOTS;
        }
        manage->slots[slot] = (uint16_t)(property + 1);
    }
}

const struct zf_manage_set *zf_manage_sets(const struct zf_manage *manage,
                                           const struct zf_machine_type *machine) {
    return manage->sets[machine - zf_machine_at(0)];
}

/*
 * A baseline does not need what a machine's base has of these: message-security functions, which
 * may be disabled by configuration, and CSSKE, which newer machines have dropped.
 */
static bool baseline_ignores(unsigned feature) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    return feature == ZF_FEATURE_CSSKE ||
           (info->group == ZF_FEATURE_GROUP_MSA && info->kind != ZF_KIND_STFL);
}

static void fill_sets(struct zf_manage *manage) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->group != ZF_FEATURE_GROUP_NONE) {
            zf_bitmap_set(manage->groups[info->group].bits, f);
        }
        zf_bitmap_assign(manage->deprecated.bits, f, zf_feature_is_deprecated(f));
        zf_bitmap_assign(manage->baseline_ignores.bits, f, baseline_ignores(f));
        for (unsigned m = 0; m < manage->machine_count; m++) {
            for (unsigned set = 0; set < ZF_MODEL_SET_COUNT; set++) {
                zf_bitmap_assign(manage->sets[m][set].bits, f,
                                 zf_feature_in_set(f, set, zf_machine_at(m)->level));
            }
        }
    }
}

static void fill_models(struct zf_manage *manage) {
    const struct zf_named_model *named;
    struct zf_model model;
    for (unsigned i = 0; (named = zf_named_model_at(i)); i++) {
        if (named->listed) {
            zf_model_init_named(&model, named);
            zf_manage_from_model(&model, &manage->qemu);
        }
    }
    zf_model_init(&model, zf_machine_newest(), ZF_MODEL_DEFAULT);
    zf_model_drop_deprecated(&model);
    zf_manage_from_model(&model, &manage->recommended);
}

struct zf_manage *zf_manage_create(void) {
    struct zf_manage *manage = calloc(1, sizeof *manage);
    if (!manage) {
        return NULL;
    }
    manage->machine_count = zf_machine_count();
    manage->sets = calloc(manage->machine_count, sizeof *manage->sets);
    if (!manage->sets) {
        free(manage);
        return NULL;
    }
    fill_sets(manage);
    fill_models(manage);
    file_properties(manage);
    return manage;
}

void zf_manage_destroy(struct zf_manage *manage) {
    if (manage) {
        free(manage->sets);
        free(manage);
    }
}

void zf_manage_from_model(const struct zf_model *model, struct zf_manage_model *to) {
    to->machine = model->machine;
    memcpy(to->features, model->features, sizeof to->features);
}

void zf_manage_to_model(const struct zf_manage_model *model, struct zf_model *to) {
    zf_model_init(to, model->machine, ZF_MODEL_BASE);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        bool on = zf_bitmap_test(model->features, f);
        if (on != zf_model_has_feature(to, f)) {
            zf_model_set_feature(to, f, on);
        }
    }
}
