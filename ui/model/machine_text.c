#include "model/machine_text.h"

#include <stdio.h>
#include <string.h>

void zf_machine_aliases(const struct zf_machine_type *machine, char *text, size_t size) {
    const char *shown = zf_machine_short_name(machine), *name = machine->name;
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; name && used < size; name = zf_machine_alias(machine, i++)) {
        if (strcmp(name, shown) != 0) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", name);
        }
    }
}

void zf_model_name_shorten(char name[ZF_MODEL_NAME_LENGTH]) {
    struct zf_model model;
    if (zf_model_parse(name, false, &model, NULL, NULL) == ZF_OK) {
        zf_model_short_name(&model, name);
    }
}

/* Appends NAME=on or off to a text of that length, which is cut where there is no room; its whole
 * length. */
static size_t append_switch(char text[ZF_MODEL_TEXT_LENGTH], size_t length, const char *name,
                            bool on) {
    size_t at = length < ZF_MODEL_TEXT_LENGTH ? length : ZF_MODEL_TEXT_LENGTH - 1;
    return length + (size_t)snprintf(text + at, ZF_MODEL_TEXT_LENGTH - at, ",%s=%s", name,
                                     on ? "on" : "off");
}

/* Whether the model is what `own` becomes when the whole group is switched: then `own` is. */
static bool switch_group(const struct zf_model *model, struct zf_model *own,
                         enum zf_feature_group group, bool on) {
    struct zf_model full;
    unsigned changed = 0;
    zf_model_init(&full, model->machine, ZF_MODEL_FULL);
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_feature_info(f)->group != group) {
            continue;
        }
        if (zf_model_has_feature(model, f) != (on && zf_model_has_feature(&full, f))) {
            return false;
        }
        changed += zf_model_has_feature(model, f) != zf_model_has_feature(own, f);
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT && changed > 1; f++) {
        if (zf_feature_info(f)->group == group) {
            zf_model_set_feature(own, f, zf_model_has_feature(model, f));
        }
    }
    return changed > 1;
}

void zf_model_text(const struct zf_model *model, char text[ZF_MODEL_TEXT_LENGTH]) {
    enum { SHOWN = 4 };
    char name[ZF_MODEL_NAME_LENGTH], number[8];
    struct zf_model own = {0}; /* as it is called, then with the same features */
    unsigned count = 0;
    zf_model_short_name(model, name);
    size_t length = (size_t)snprintf(text, ZF_MODEL_TEXT_LENGTH, "%s", name);
    if (model->named) {
        zf_model_init_named(&own, model->named);
    } else {
        zf_model_init(&own, model->machine, model->set);
    }
    for (unsigned g = 0; g < ZF_FEATURE_GROUP_COUNT; g++) {
        bool on = switch_group(model, &own, g, true);
        if (on || switch_group(model, &own, g, false)) {
            length = append_switch(text, length, zf_feature_group_name(g), on);
            count++;
        }
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        bool on = zf_model_has_feature(model, f);
        if (on != zf_model_has_feature(&own, f)) {
            zf_model_set_feature(&own, f, on);
            length = append_switch(text, length, zf_feature_info(f)->name, on);
            count++;
        }
    }
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) { /* some are no feature's */
        bool on = zf_model_has_facility(model, bit);
        if (on != zf_model_has_facility(&own, bit)) {
            snprintf(number, sizeof number, "%u", bit);
            length = append_switch(text, length, number, on);
            count++;
        }
    }
    if (count > SHOWN || length >= ZF_MODEL_TEXT_LENGTH) { /* all or none of them */
        snprintf(text, ZF_MODEL_TEXT_LENGTH, "%s (%u switches changed)", name, count);
    }
}

unsigned zf_machine_set_size(const struct zf_machine_type *machine, enum zf_model_set set) {
    struct zf_model model;
    zf_model_init(&model, machine, set);
    return zf_model_feature_count(&model);
}
