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

/* Appends NAME=on or off where there is room for it and for what may come after all. */
static void append_switch(char *text, const char *name, bool on) {
    char one[48];
    int length = snprintf(one, sizeof one, ",%.40s=%s", name, on ? "on" : "off");
    if (strlen(text) + (size_t)length < ZF_MODEL_TEXT_LENGTH) {
        strcat(text, one);
    }
}

void zf_model_text(const struct zf_model *model, char text[ZF_MODEL_TEXT_LENGTH]) {
    enum { SHOWN = 4 };
    char name[ZF_MODEL_NAME_LENGTH], switches[ZF_MODEL_TEXT_LENGTH] = "", number[8];
    struct zf_model own = {0}; /* as it is called, then with the same features */
    unsigned count = 0;
    zf_model_short_name(model, name);
    if (model->named) {
        zf_model_init_named(&own, model->named);
    } else {
        zf_model_init(&own, model->machine, model->set);
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        bool on = zf_model_has_feature(model, f);
        if (on != zf_model_has_feature(&own, f)) {
            zf_model_set_feature(&own, f, on);
            append_switch(switches, zf_feature_info(f)->name, on);
            count++;
        }
    }
    for (unsigned bit = 0; bit < ZF_FACILITY_LIMIT; bit++) { /* some are no feature's */
        bool on = zf_model_has_facility(model, bit);
        if (on != zf_model_has_facility(&own, bit)) {
            snprintf(number, sizeof number, "%u", bit);
            append_switch(switches, number, on);
            count++;
        }
    }
    if (count > SHOWN) {
        snprintf(text, ZF_MODEL_TEXT_LENGTH, "%s (%u switches changed)", name, count);
    } else {
        snprintf(text, ZF_MODEL_TEXT_LENGTH, "%s%.120s", name, switches);
    }
}

unsigned zf_machine_set_size(const struct zf_machine_type *machine, enum zf_model_set set) {
    struct zf_model model;
    zf_model_init(&model, machine, set);
    return zf_model_feature_count(&model);
}
