#include "model/machine_text.h"

#include <stdio.h>

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

unsigned zf_machine_set_size(const struct zf_machine_type *machine, enum zf_model_set set) {
    struct zf_model model;
    zf_model_init(&model, machine, set);
    return zf_model_feature_count(&model);
}
