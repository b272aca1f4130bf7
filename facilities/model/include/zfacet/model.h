/*
 * CPU models: the machines z900 to z17, their facility sets, and the text by which users name them.
 *
 * A model text is MODEL[,NAME=on|off]...; +NAME and -NAME are NAME=on and NAME=off. MODEL is any
 * name of a machine ("z196.2", "2817-ga2", "z15", "gen15a", "z16-a02"), alone for its default set
 * or with -base (what never changes) or -full (all that the machine can have); or a model with a
 * name of its own ("qemu", "max"); or "recommended", the newest machine's default set without what
 * is deprecated. NAME is a feature, a group, a facility's name, its number, "stfle" and its number,
 * or "deprecated-features". Letter case does not matter.
 */
#ifndef ZFACET_MODEL_H
#define ZFACET_MODEL_H

#include "zfacet/base.h"
#include "zfacet/error.h"
#include "zfacet/feature.h"

#include <stdio.h>

enum zf_machine_class { ZF_MACHINE_EC, ZF_MACHINE_BC };

/* A machine: what its models have in common. */
struct zf_machine_type {
    const char *name; /* "z196.2": the name in the management interfaces */
    uint16_t type;    /* as STIDP shows it: 0x2817 */
    unsigned own_ga;  /* GA of this type */
    zf_level level;   /* generation and its EC GA: decides facilities and IBC value */
    enum zf_machine_class class;
    unsigned mha_pow; /* log2 of the maximum host absolute address + 1 */
    uint32_t hmfai;   /* hypervisor-measurement facility bits, as SCLP tells them */
    const char *title;
    const char *announced; /* "2010-07", or "" when not known */
};

/* A model with a name of its own, that is not what its machine has. */
struct zf_named_model {
    const char *name;
    const char *machine;
    enum zf_model_set set;
    bool listed; /* its features are listed one by one; `set` says nothing */
    const char *title;
};

/* Bits of one query: function codes 0-127, and for SORTL and DFLTCC the sizes and formats after. */
#define ZF_QUERY_BITS 256

/* A model: a value; copy it freely. Change features only by the functions below. */
struct zf_model {
    const struct zf_machine_type *machine;
    const struct zf_named_model *named; /* or NULL: it began as `set` of the machine */
    enum zf_model_set set;
    ZF_BITMAP(features, ZF_FEATURE_COUNT);
    /* Derived from the features: what STFLE tells, 2 and 138 included; */
    ZF_BITMAP(facilities, ZF_FACILITY_LIMIT);
    /* and the function codes, the query function included where the instruction is installed. */
    uint64_t query[ZF_QUERY_COUNT][ZF_QUERY_BITS / 64];
};

/** Dependencies that a model breaks: features that are on without what they need. */
struct zf_model_warnings {
    unsigned count;
    struct zf_feature_dependency broken[ZF_FEATURE_DEPENDENCY_COUNT];
};

/** Machine `i`, oldest first in the order in which baselines are searched, or NULL. */
const struct zf_machine_type *zf_machine_at(unsigned i);
unsigned zf_machine_count(void);

/** The machine of that name, alias or type (any style, no -base or -full), or NULL. */
const struct zf_machine_type *zf_machine_by_name(const char *name);

/** Alias `i` of the machine, such as "z15" of gen15a, or NULL after the last one. */
const char *zf_machine_alias(const struct zf_machine_type *machine, unsigned i);

/** "z15" for gen15a: the shortest name that people use. */
const char *zf_machine_short_name(const struct zf_machine_type *machine);

/** The newest EC machine: the host that is assumed where none is named. */
const struct zf_machine_type *zf_machine_newest(void);

/** `((generation - 10) << 4) | GA`, or 0 for machines before z10, which have none. */
uint16_t zf_machine_ibc(const struct zf_machine_type *machine);

/** Number of models: each machine's default and base model, and those with their own name. */
unsigned zf_model_count(void);

/**
 * Model `i`: machine by machine the default model, then the base model; then those with their own
 * name. Writes its name, at most ZF_MODEL_NAME_LENGTH characters with the final zero.
 */
enum { ZF_MODEL_NAME_LENGTH = 32 };
void zf_model_name_at(unsigned i, char name[ZF_MODEL_NAME_LENGTH]);

/** The model of `machine` with one of its sets as it is. */
void zf_model_init(struct zf_model *model, const struct zf_machine_type *machine,
                   enum zf_model_set set);

/** Model `i` of those with a name of their own, or NULL after the last one. */
const struct zf_named_model *zf_named_model_at(unsigned i);

/** The model as its rows describe it. */
void zf_model_init_named(struct zf_model *model, const struct zf_named_model *named);

/** The name of what `model` began from: "z13", "z13-base", "qemu". */
void zf_model_name(const struct zf_model *model, char name[ZF_MODEL_NAME_LENGTH]);

/** The same with the machine's short name: "z15-base" for gen15a-base. */
void zf_model_short_name(const struct zf_model *model, char name[ZF_MODEL_NAME_LENGTH]);

/**
 * Parses a model text (see above). Features are set from left to right. `strict` makes a broken
 * dependency an error; otherwise they are listed in `warnings`, which may be NULL. Errors:
 * NOT_FOUND for an unknown name, with the nearest one; USAGE for a bad value, or for a feature that
 * came with later machines.
 */
enum zf_status zf_model_parse(const char *text, bool strict, struct zf_model *model,
                              struct zf_model_warnings *warnings, struct zf_error *err);

/**
 * The error NOT_FOUND for a feature or facility of this name, with the nearest one if any is near,
 * else with the command that lists those of the model.
 */
enum zf_status zf_model_unknown_setting(const struct zf_model *model, const char *name,
                                        struct zf_error *err);

/** Applies NAME=on|off,... to a model, from left to right. Errors as above. */
enum zf_status zf_model_apply(struct zf_model *model, const char *settings, struct zf_error *err);

static inline bool zf_model_has_feature(const struct zf_model *model, enum zf_feature feature) {
    return zf_bitmap_test(model->features, feature);
}

static inline bool zf_model_has_facility(const struct zf_model *model, unsigned bit) {
    return bit < ZF_FACILITY_LIMIT && zf_bitmap_test(model->facilities, bit);
}

/** True when `code` is a function of the instruction in this model. */
static inline bool zf_model_has_function(const struct zf_model *model, enum zf_query query,
                                         unsigned code) {
    return code < ZF_QUERY_BITS && zf_bitmap_test(model->query[query], code);
}

/** True when the machine can have the feature, on or off. */
static inline bool zf_model_can_have(const struct zf_model *model, enum zf_feature feature) {
    return zf_feature_in_set(feature, ZF_MODEL_FULL, model->machine->level);
}

/** Switches one feature and all that follows from it. Does not look at the full set. */
void zf_model_set_feature(struct zf_model *model, enum zf_feature feature, bool on);

/**
 * Switches a facility bit that no feature describes, as those of the CPU-measurement facilities,
 * which no set contains.
 */
void zf_model_set_facility(struct zf_model *model, unsigned bit, bool on);

/** Switches off what is deprecated. */
void zf_model_drop_deprecated(struct zf_model *model);

/** Lists the dependencies that `model` breaks. */
void zf_model_check(const struct zf_model *model, struct zf_model_warnings *warnings);

/** Number of features that are on. */
unsigned zf_model_feature_count(const struct zf_model *model);

/** Number of doublewords that STFLE needs for the facility list: at least 1. */
unsigned zf_model_facility_doublewords(const struct zf_model *model);

#endif
