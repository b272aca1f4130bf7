/*
 * What compilers, runtimes and libraries call the level of code that a model runs.
 */
#ifndef ZFACET_UI_WORLD_LEVEL_H
#define ZFACET_UI_WORLD_LEVEL_H

#include "zfacet/model.h"

struct zf_world_level {
    unsigned generation;
    const char *march, *arch, *rust, *go, *hwcaps; /* NULL: no such name */
    uint8_t needs[4];                              /* facilities, up to the first 0 */
};

/** Level `i`, oldest first, or NULL after the last one. */
const struct zf_world_level *zf_world_level_at(unsigned i);

/**
 * The newest level whose code the model runs: it has the facilities of all levels up to it. NULL
 * when it has not even those of the first. `*missing`: the facility that the next level needs and
 * the model lacks although its machine is not older; or -1.
 */
const struct zf_world_level *zf_world_level_of(const struct zf_model *model, int *missing);

#endif
