/*
 * The CPU-model queries of the management interfaces: expansion, comparison, baseline, definitions.
 * The rules, names, orders and error texts are those that QEMU's clients know; nothing here knows
 * JSON. Queries neither allocate nor keep anything, so one zf_manage serves all.
 *
 * Names are those of the interfaces and letter case counts: "gen15a", not "z15". "qemu" and "max"
 * are what QEMU says of itself when it emulates. An addition: the model "recommended", and the
 * property "deprecated-features" on every model.
 */
#ifndef ZFACET_MANAGE_H
#define ZFACET_MANAGE_H

#include "zfacet/model.h"

/* What the queries look things up in: made once, then only read. */
struct zf_manage;

/** NULL when the host has no memory left. */
struct zf_manage *zf_manage_create(void);
void zf_manage_destroy(struct zf_manage *manage);

/* A value as a client gave it: its JSON type, and the value where that matters. */
enum zf_manage_kind {
    ZF_MANAGE_NULL,
    ZF_MANAGE_BOOL,
    ZF_MANAGE_INTEGER,
    ZF_MANAGE_REAL, /* or an integer beyond 64 bits */
    ZF_MANAGE_STRING,
    ZF_MANAGE_ARRAY,
    ZF_MANAGE_OBJECT,
};

struct zf_manage_property {
    const char *name;
    enum zf_manage_kind kind;
    bool on;
    int64_t integer;
    const char *string;
};

/* A model as a client gave it. Strings stay the caller's. */
struct zf_manage_info {
    const char *name;
    bool props_invalid; /* there were props, and they were no object */
    size_t prop_count;
    const struct zf_manage_property *props; /* take effect in the order of QEMU's hash table */
};

/* A model: a value. */
struct zf_manage_model {
    const struct zf_machine_type *machine;
    ZF_BITMAP(features, ZF_FEATURE_COUNT);
};

/*
 * An error: its class, and its text in pieces, so that names of any length are in it whole. The
 * pieces are constants, strings of the zf_manage_info, and the `argument` that it came with.
 */
enum { ZF_MANAGE_ERROR_PARTS = 6 };
struct zf_manage_error {
    const char *class;
    const char *parts[ZF_MANAGE_ERROR_PARTS]; /* up to the first NULL */
};

/** The text of the error, cut to fit `size` with its final zero; returns its whole length. */
size_t zf_manage_error_text(const struct zf_manage_error *error, char *text, size_t size);

/**
 * The model that a client means. `argument` is the argument's name in error texts: "model",
 * "modela". False: `error` says why.
 */
bool zf_manage_resolve(const struct zf_manage *manage, const struct zf_manage_info *info,
                       const char *argument, struct zf_manage_model *model,
                       struct zf_manage_error *error);

/* Names of groups and features. */
struct zf_manage_names {
    unsigned count;
    const char *names[ZF_FEATURE_COUNT + 1];
};

struct zf_manage_switch {
    const char *name;
    bool on;
};

/* A model as a base model's name and switches. */
struct zf_manage_delta {
    char name[ZF_MODEL_NAME_LENGTH];
    unsigned count; /* 0: a reply has no props at all */
    struct zf_manage_switch props[ZF_FEATURE_COUNT];
};

/* ZF_MANAGE_STATIC: what differs from the base model. ZF_MANAGE_FULL: every feature, on or off. */
enum zf_manage_type { ZF_MANAGE_STATIC, ZF_MANAGE_FULL };

/** The expansion type called `word`; false: `error` says that there is none. */
bool zf_manage_type_parse(const char *word, enum zf_manage_type *type,
                          struct zf_manage_error *error);

/** Expands `model`. `deprecated` (may be NULL): those that are on, or with FULL all there are. */
void zf_manage_expand(const struct zf_manage *manage, const struct zf_manage_model *model,
                      enum zf_manage_type type, struct zf_manage_delta *delta,
                      struct zf_manage_names *deprecated);

/* What the first model is to the second. */
enum zf_manage_result {
    ZF_MANAGE_IDENTICAL,
    ZF_MANAGE_SUBSET,
    ZF_MANAGE_SUPERSET,
    ZF_MANAGE_INCOMPATIBLE,
};

const char *zf_manage_result_word(enum zf_manage_result result);

/** Compares; `responsible` (may be NULL): what differs, and "type" when the level does. */
enum zf_manage_result zf_manage_compare(const struct zf_manage *manage,
                                        const struct zf_manage_model *a,
                                        const struct zf_manage_model *b,
                                        struct zf_manage_names *responsible);

/** The newest model that runs wherever `a` and `b` do. False: there is none, `error` says so. */
bool zf_manage_baseline(const struct zf_manage *manage, const struct zf_manage_model *a,
                        const struct zf_manage_model *b, struct zf_manage_model *baseline,
                        struct zf_manage_error *error);

/* A row of the list of definitions. */
enum { ZF_MANAGE_TYPENAME_LENGTH = 48 };
struct zf_manage_definition {
    char name[ZF_MODEL_NAME_LENGTH];
    char typename[ZF_MANAGE_TYPENAME_LENGTH];
    bool is_static;
    bool migration_safe;
    bool deprecated;
};

/** Definition `i`, "recommended" the last one; false after it. */
bool zf_manage_definition_at(unsigned i, struct zf_manage_definition *definition);

/** Names of what `features` has: first the groups that are there whole, then single features. */
void zf_manage_name_features(const struct zf_manage *manage, const uint64_t *features,
                             struct zf_manage_names *names);

/** From and to the model that runs; facilities that no feature describes are left out. */
void zf_manage_from_model(const struct zf_model *model, struct zf_manage_model *to);
void zf_manage_to_model(const struct zf_manage_model *model, struct zf_model *to);

#endif
