#include "model/machine_text.h"

#include <stdio.h>

void zf_machine_aliases(const struct zf_machine_type *machine, char *text, size_t size) {
    size_t used = 0;
    const char *alias;
    text[0] = 0;
    for (unsigned i = 0; (alias = zf_machine_alias(machine, i)) && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", alias);
    }
}

unsigned zf_machine_set_size(const struct zf_machine_type *machine, enum zf_model_set set) {
    struct zf_model model;
    zf_model_init(&model, machine, set);
    return zf_model_feature_count(&model);
}
