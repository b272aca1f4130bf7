/*
 * The feature tables as data, and finding a feature by name, facility bit or function code.
 */
#include "zfacet/feature.h"

#include "zfacet/base.h"

#include <strings.h>

#define G(generation, ga) ZF_LEVEL(generation, ga)
#define NEVER ZF_LEVEL_NEVER

static const struct zf_feature_info features[ZF_FEATURE_COUNT] = {
#define FEATURE(id, name, kind, bit, group, full, dflt, base, description)                         \
    {name, ZF_KIND_##kind, bit, ZF_FEATURE_GROUP_##group, {base, dflt, full}, description},
#include "zfacet/feature.def"
#undef FEATURE
};

static const struct {
    enum zf_feature feature;
    enum zf_model_set set;
    zf_level level;
} removals[] = {
#define FEATURE_REMOVED(id, set, level) {ZF_FEATURE_##id, ZF_MODEL_##set, level},
#include "zfacet/feature.def"
#undef FEATURE_REMOVED
};

#undef NEVER
#undef G

static const enum zf_feature deprecated[] = {
#define FEATURE_DEPRECATED(id) ZF_FEATURE_##id,
#include "zfacet/feature.def"
#undef FEATURE_DEPRECATED
};

static const struct zf_feature_dependency dependencies[] = {
#define FEATURE_REQUIRES(id, needed) {ZF_FEATURE_##id, ZF_FEATURE_##needed},
#include "zfacet/feature.def"
#undef FEATURE_REQUIRES
};

static const struct zf_feature_dependency extensions[] = {
#define FEATURE_EXTENDS(id, base) {ZF_FEATURE_##id, ZF_FEATURE_##base},
#include "zfacet/feature.def"
#undef FEATURE_EXTENDS
};

static const struct {
    const char *name;
    const char *description;
} groups[] = {
#define FEATURE_GROUP(id, name, description) {name, description},
#include "zfacet/feature.def"
#undef FEATURE_GROUP
};

static const struct {
    const char *mnemonic;
    unsigned facility;
} queries[] = {
#define QUERY(id, mnemonic, facility) {mnemonic, facility},
#include "zfacet/query.def"
#undef QUERY
};

const struct zf_feature_info *zf_feature_info(enum zf_feature feature) {
    ZF_ASSERT(feature < ZF_FEATURE_COUNT);
    return &features[feature];
}

enum zf_feature zf_feature_by_name(const char *name) {
    for (unsigned i = 0; i < ZF_FEATURE_COUNT; i++) {
        if (!strcasecmp(features[i].name, name)) {
            return (enum zf_feature)i;
        }
    }
    return ZF_FEATURE_COUNT;
}

static enum zf_feature find(enum zf_feature_kind kind, unsigned bit) {
    for (unsigned i = 0; i < ZF_FEATURE_COUNT; i++) {
        if (features[i].kind == kind && features[i].bit == bit) {
            return (enum zf_feature)i;
        }
    }
    return ZF_FEATURE_COUNT;
}

enum zf_feature zf_feature_of_facility(unsigned bit) {
    return find(ZF_KIND_STFL, bit);
}

enum zf_feature zf_feature_of_function(enum zf_query query, unsigned code) {
    return find((enum zf_feature_kind)query, code);
}

bool zf_feature_in_set(enum zf_feature feature, enum zf_model_set set, zf_level level) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(removals); i++) {
        if (removals[i].feature == feature && removals[i].set == set &&
            level >= removals[i].level) {
            return false;
        }
    }
    return features[feature].first[set] <= level;
}

const char *zf_feature_group_name(enum zf_feature_group group) {
    return group < ZF_FEATURE_GROUP_COUNT ? groups[group].name : NULL;
}

const char *zf_feature_group_description(enum zf_feature_group group) {
    return group < ZF_FEATURE_GROUP_COUNT ? groups[group].description : NULL;
}

enum zf_feature_group zf_feature_group_by_name(const char *name) {
    for (unsigned i = 0; i < ZF_FEATURE_GROUP_COUNT; i++) {
        if (!strcasecmp(groups[i].name, name)) {
            return (enum zf_feature_group)i;
        }
    }
    return ZF_FEATURE_GROUP_NONE;
}

enum zf_feature zf_feature_deprecated_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(deprecated) ? deprecated[i] : ZF_FEATURE_COUNT;
}

bool zf_feature_is_deprecated(enum zf_feature feature) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(deprecated); i++) {
        if (deprecated[i] == feature) {
            return true;
        }
    }
    return false;
}

const struct zf_feature_dependency *zf_feature_dependency_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(dependencies) ? &dependencies[i] : NULL;
}

const struct zf_feature_dependency *zf_feature_extension_at(unsigned i) {
    return i < ZF_ARRAY_LENGTH(extensions) ? &extensions[i] : NULL;
}

const char *zf_query_mnemonic(enum zf_query query) {
    ZF_ASSERT(query < ZF_QUERY_COUNT);
    return queries[query].mnemonic;
}

unsigned zf_query_facility(enum zf_query query) {
    ZF_ASSERT(query < ZF_QUERY_COUNT);
    return queries[query].facility;
}

bool zf_query_has_query_function(enum zf_query query) {
    return query != ZF_QUERY_PLO;
}

enum zf_query zf_query_by_mnemonic(const char *mnemonic) {
    for (unsigned i = 0; i < ZF_QUERY_COUNT; i++) {
        if (!strcasecmp(queries[i].mnemonic, mnemonic)) {
            return (enum zf_query)i;
        }
    }
    return ZF_QUERY_COUNT;
}
