#include "model/world_level.h"

static const struct zf_world_level levels[] = {
#define LEVEL(generation, march, arch, rust, go, hwcaps, ...)                                      \
    {generation, march, arch, rust, go, hwcaps, {__VA_ARGS__}},
#include "model/world_level.def"
#undef LEVEL
};

const struct zf_world_level *zf_world_level_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(levels) ? &levels[i] : NULL;
}

static int lacks(const struct zf_model *model, const struct zf_world_level *level) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(level->needs) && level->needs[i]; i++) {
        if (!zf_model_has_facility(model, level->needs[i])) {
            return level->needs[i];
        }
    }
    return -1;
}

const struct zf_world_level *zf_world_level_of(const struct zf_model *model, int *missing) {
    unsigned generation = zf_level_generation(model->machine->level);
    const struct zf_world_level *found = NULL;
    *missing = -1;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(levels) && levels[i].generation <= generation; i++) {
        int facility = lacks(model, &levels[i]);
        if (facility >= 0) {
            *missing = facility;
            break;
        }
        found = &levels[i];
    }
    return found;
}
