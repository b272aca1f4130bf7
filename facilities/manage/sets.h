/*
 * What the queries look up: the sets of all machines, groups as bitmaps, properties by name.
 */
#ifndef ZFACET_MANAGE_SETS_H
#define ZFACET_MANAGE_SETS_H

#include "zfacet/manage.h"

enum { ZF_MANAGE_WORDS = (ZF_FEATURE_COUNT + 63) / 64 };

struct zf_manage_set {
    uint64_t bits[ZF_MANAGE_WORDS];
};

/* What a property's name means; from ZF_PROPERTY_GROUP on, a group; before, a feature. */
enum {
    ZF_PROPERTY_GROUP = ZF_FEATURE_COUNT,
    ZF_PROPERTY_DEPRECATED = ZF_PROPERTY_GROUP + ZF_FEATURE_GROUP_COUNT,
    ZF_PROPERTY_COUNT,
    ZF_PROPERTY_SLOTS = 1024,
};

struct zf_manage {
    unsigned machine_count;
    struct zf_manage_set (*sets)[ZF_MODEL_SET_COUNT]; /* of each machine */
    struct zf_manage_set groups[ZF_FEATURE_GROUP_COUNT];
    struct zf_manage_set deprecated;
    struct zf_manage_set baseline_ignores;
    struct zf_manage_model qemu;
    struct zf_manage_model recommended;
    uint16_t slots[ZF_PROPERTY_SLOTS]; /* open hash of names: property + 1, or 0 */
};

/** What `name` means, or ZF_PROPERTY_COUNT. */
unsigned zf_manage_property_find(const struct zf_manage *manage, const char *name);

/** The sets of a machine, indexed by enum zf_model_set. */
const struct zf_manage_set *zf_manage_sets(const struct zf_manage *manage,
                                           const struct zf_machine_type *machine);

static inline bool zf_set_contains(const uint64_t *set, const uint64_t *part) {
    uint64_t missing = 0;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        missing |= part[i] & ~set[i];
    }
    return !missing;
}

static inline bool zf_set_intersects(const uint64_t *a, const uint64_t *b) {
    uint64_t common = 0;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        common |= a[i] & b[i];
    }
    return common;
}

#endif
