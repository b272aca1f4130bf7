/*
 * The CPU features by which the management interfaces describe a model: facility bits, bits that
 * SCLP reports, function codes. Inside zfacet "feature" means nothing else.
 */
#ifndef ZFACET_FEATURE_H
#define ZFACET_FEATURE_H

#include "zfacet/facility.h"

#include <stdbool.h>

enum zf_feature {
#define FEATURE(id, ...) ZF_FEATURE_##id,
#include "zfacet/feature.def"
#undef FEATURE
    ZF_FEATURE_COUNT
};

enum zf_feature_group {
#define FEATURE_GROUP(id, name, description) ZF_FEATURE_GROUP_##id,
#include "zfacet/feature.def"
#undef FEATURE_GROUP
    ZF_FEATURE_GROUP_COUNT,
    ZF_FEATURE_GROUP_NONE = ZF_FEATURE_GROUP_COUNT
};

enum zf_query {
#define QUERY(id, mnemonic, facility) ZF_QUERY_##id,
#include "zfacet/query.def"
#undef QUERY
    ZF_QUERY_COUNT
};

/* What a feature is; the function codes come first so that a kind below ZF_QUERY_COUNT is a query.
 */
enum zf_feature_kind {
#define QUERY(id, mnemonic, facility) ZF_KIND_##id = ZF_QUERY_##id,
#include "zfacet/query.def"
#undef QUERY
    ZF_KIND_STFL,          /* a facility bit */
    ZF_KIND_SCLP_CONF,     /* configuration characteristics, from byte 80 of READ SCP INFO */
    ZF_KIND_SCLP_CONF_EXT, /* their extension, from byte 116 */
    ZF_KIND_SCLP_FAC134,   /* byte 134 */
    ZF_KIND_SCLP_CPU,      /* in each CPU's entry */
    ZF_KIND_UV_GUEST,      /* told to protected guests by the ultravisor */
    ZF_KIND_MISC,          /* no bit of its own anywhere */
};

/* The three sets that every machine model has; each contains the one before it. */
enum zf_model_set { ZF_MODEL_BASE, ZF_MODEL_DEFAULT, ZF_MODEL_FULL, ZF_MODEL_SET_COUNT };

struct zf_feature_info {
    const char *name;
    enum zf_feature_kind kind;
    unsigned bit; /* facility, bit of the SCLP area, or function code */
    enum zf_feature_group group;
    zf_level first[ZF_MODEL_SET_COUNT]; /* first level whose set has it; ZF_LEVEL_NEVER: none */
    const char *description;
};

#define ZF_LEVEL_NEVER ((zf_level)0xffff)

/** Feature `feature`; its order in the enumeration is that of the management interfaces. */
const struct zf_feature_info *zf_feature_info(enum zf_feature feature);

/** The feature of that name, letter case not looked at; ZF_FEATURE_COUNT when there is none. */
enum zf_feature zf_feature_by_name(const char *name);

/** The feature that is facility `bit`, or ZF_FEATURE_COUNT. */
enum zf_feature zf_feature_of_facility(unsigned bit);

/** The feature that is function `code` of `query`, or ZF_FEATURE_COUNT. */
enum zf_feature zf_feature_of_function(enum zf_query query, unsigned code);

/** True when the `set` of a machine of `level` has the feature. */
bool zf_feature_in_set(enum zf_feature feature, enum zf_model_set set, zf_level level);

const char *zf_feature_group_name(enum zf_feature_group group);
const char *zf_feature_group_description(enum zf_feature_group group);

/** The group of that name, or ZF_FEATURE_GROUP_NONE. */
enum zf_feature_group zf_feature_group_by_name(const char *name);

/** Deprecated feature `i` in the order in which they are listed, or ZF_FEATURE_COUNT after the
 * last. */
enum zf_feature zf_feature_deprecated_at(unsigned i);

bool zf_feature_is_deprecated(enum zf_feature feature);

struct zf_feature_dependency {
    enum zf_feature feature;
    enum zf_feature needs;
};

/** Dependency `i`, or NULL after the last one. */
const struct zf_feature_dependency *zf_feature_dependency_at(unsigned i);

/** Extension `i`, which is of no use without what it needs; or NULL after the last one. */
const struct zf_feature_dependency *zf_feature_extension_at(unsigned i);

/** How many dependencies there are: the bound of any list of broken ones. */
enum {
    ZF_FEATURE_DEPENDENCY_COUNT = 0
#define FEATURE_REQUIRES(id, needed) +1
#include "zfacet/feature.def"
#undef FEATURE_REQUIRES
};

/** "km", "plo", …; the facility that installs the instruction (0 for PLO, always there). */
const char *zf_query_mnemonic(enum zf_query query);
unsigned zf_query_facility(enum zf_query query);

/** True when function code 0 is the query function: everywhere but in PLO. */
bool zf_query_has_query_function(enum zf_query query);

/** The query of that mnemonic, letter case not looked at; ZF_QUERY_COUNT when there is none. */
enum zf_query zf_query_by_mnemonic(const char *mnemonic);

#endif
