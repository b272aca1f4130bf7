/*
 * Expansion, comparison, baseline. Names come in QEMU's order: groups before features, each in the
 * table's order, and lists that QEMU builds from their end backwards.
 */
#include "manage/sets.h"

#include <stdio.h>

typedef void emit_name(void *context, const char *name, bool on);

static void emit_features(const struct zf_manage *manage, const uint64_t *features, bool on,
                          emit_name *emit, void *context) {
    uint64_t rest[ZF_MANAGE_WORDS];
    memcpy(rest, features, sizeof rest);
    for (unsigned g = 0; g < ZF_FEATURE_GROUP_COUNT; g++) {
        const uint64_t *group = manage->groups[g].bits;
        if (zf_set_contains(features, group)) {
            for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
                rest[i] &= ~group[i];
            }
            emit(context, zf_feature_group_name(g), on);
        }
    }
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        while (rest[i]) {
            unsigned bit = (unsigned)__builtin_clzll(rest[i]);
            rest[i] &= ~ZF_BIT64(bit);
            emit(context, zf_feature_info(64 * i + bit)->name, on);
        }
    }
}

static void add_name(void *context, const char *name, bool on) {
    struct zf_manage_names *names = context;
    names->names[names->count++] = name;
}

void zf_manage_name_features(const struct zf_manage *manage, const uint64_t *features,
                             struct zf_manage_names *names) {
    names->count = 0;
    emit_features(manage, features, true, add_name, names);
}

static void reverse(struct zf_manage_names *names) {
    for (unsigned i = 0; i < names->count / 2; i++) {
        const char *name = names->names[i];
        names->names[i] = names->names[names->count - 1 - i];
        names->names[names->count - 1 - i] = name;
    }
}

static void add_switch(void *context, const char *name, bool on) {
    struct zf_manage_delta *delta = context;
    delta->props[delta->count++] = (struct zf_manage_switch){name, on};
}

static void name_deprecated(const struct zf_manage *manage, const struct zf_manage_model *model,
                            enum zf_manage_type type, struct zf_manage_names *names) {
    struct zf_manage_set set = manage->deprecated;
    for (unsigned i = 0; type == ZF_MANAGE_STATIC && i < ZF_MANAGE_WORDS; i++) {
        set.bits[i] &= model->features[i];
    }
    zf_manage_name_features(manage, set.bits, names);
    reverse(names);
}

void zf_manage_expand(const struct zf_manage *manage, const struct zf_manage_model *model,
                      enum zf_manage_type type, struct zf_manage_delta *delta,
                      struct zf_manage_names *deprecated) {
    const uint64_t *base = zf_manage_sets(manage, model->machine)[ZF_MODEL_BASE].bits;
    struct zf_manage_set off, on;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        bool full = type == ZF_MANAGE_FULL;
        off.bits[i] = ~model->features[i] & (full ? UINT64_MAX : base[i]);
        on.bits[i] = model->features[i] & (full ? UINT64_MAX : ~base[i]);
    }
    /* no bits after the last feature */
    off.bits[ZF_MANAGE_WORDS - 1] &= ~UINT64_C(0) << (64 * ZF_MANAGE_WORDS - ZF_FEATURE_COUNT);
    snprintf(delta->name, sizeof delta->name, "%s-base", model->machine->name);
    delta->count = 0;
    emit_features(manage, off.bits, false, add_switch, delta);
    emit_features(manage, on.bits, true, add_switch, delta);
    if (deprecated) {
        name_deprecated(manage, model, type, deprecated);
    }
}

const char *zf_manage_result_word(enum zf_manage_result result) {
    static const char *const words[] = {
        [ZF_MANAGE_IDENTICAL] = "identical",
        [ZF_MANAGE_SUBSET] = "subset",
        [ZF_MANAGE_SUPERSET] = "superset",
        [ZF_MANAGE_INCOMPATIBLE] = "incompatible",
    };
    return words[result];
}

static enum zf_manage_result compare_levels(zf_level a, zf_level b) {
    return a == b ? ZF_MANAGE_IDENTICAL : a < b ? ZF_MANAGE_SUBSET : ZF_MANAGE_SUPERSET;
}

static enum zf_manage_result compare_features(const uint64_t *a, const uint64_t *b) {
    bool in_b = zf_set_contains(b, a), in_a = zf_set_contains(a, b);
    return in_a && in_b ? ZF_MANAGE_IDENTICAL
           : in_b       ? ZF_MANAGE_SUBSET
           : in_a       ? ZF_MANAGE_SUPERSET
                        : ZF_MANAGE_INCOMPATIBLE;
}

/* Adds what `a` has and `b` has not. */
static void name_beyond(const struct zf_manage *manage, const struct zf_manage_model *a,
                        const struct zf_manage_model *b, struct zf_manage_names *names) {
    struct zf_manage_set beyond;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        beyond.bits[i] = a->features[i] & ~b->features[i];
    }
    emit_features(manage, beyond.bits, true, add_name, names);
}

enum zf_manage_result zf_manage_compare(const struct zf_manage *manage,
                                        const struct zf_manage_model *a,
                                        const struct zf_manage_model *b,
                                        struct zf_manage_names *responsible) {
    enum zf_manage_result levels = compare_levels(a->machine->level, b->machine->level);
    enum zf_manage_result features = compare_features(a->features, b->features);
    if (responsible) {
        responsible->count = 0;
        if (levels != ZF_MANAGE_IDENTICAL) {
            add_name(responsible, "type", true);
        }
        name_beyond(manage, a, b, responsible);
        name_beyond(manage, b, a, responsible);
        reverse(responsible);
    }
    if (levels == features || features == ZF_MANAGE_IDENTICAL) {
        return levels;
    }
    return levels == ZF_MANAGE_IDENTICAL ? features : ZF_MANAGE_INCOMPATIBLE;
}

/*
 * The newest machine up to `level` whose base `features` has, and that of all older ones: one of
 * `type` if there is any (0: no matter), so that an EC machine's baseline is not a BC machine.
 */
static const struct zf_machine_type *find_machine(const struct zf_manage *manage, unsigned type,
                                                  zf_level level, const uint64_t *features) {
    const struct zf_machine_type *last = NULL, *same_type = NULL;
    struct zf_manage_set enough = manage->baseline_ignores;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        enough.bits[i] |= features[i];
    }
    for (unsigned i = 0; i < manage->machine_count; i++) {
        const struct zf_machine_type *machine = zf_machine_at(i);
        if (machine->level > level ||
            !zf_set_contains(enough.bits, manage->sets[i][ZF_MODEL_BASE].bits)) {
            break;
        }
        last = machine;
        if (machine->type == type) {
            same_type = machine;
            if (machine->level == level) {
                break;
            }
        }
    }
    return same_type ? same_type : last;
}

/* The older generation's type; in one generation both must be of it, else there is none. */
static unsigned common_type(const struct zf_machine_type *a, const struct zf_machine_type *b) {
    unsigned generation_a = zf_level_generation(a->level);
    unsigned generation_b = zf_level_generation(b->level);
    if (generation_a == generation_b) {
        return a->type == b->type ? a->type : 0;
    }
    return generation_a < generation_b ? a->type : b->type;
}

bool zf_manage_baseline(const struct zf_manage *manage, const struct zf_manage_model *a,
                        const struct zf_manage_model *b, struct zf_manage_model *baseline,
                        struct zf_manage_error *error) {
    struct zf_manage_set common;
    zf_level level_a = a->machine->level, level_b = b->machine->level;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        common.bits[i] = a->features[i] & b->features[i];
    }
    baseline->machine = find_machine(manage, common_type(a->machine, b->machine),
                                     level_a < level_b ? level_a : level_b, common.bits);
    if (!baseline->machine) {
        *error = (struct zf_manage_error){
            "GenericError",
            {"No compatible CPU model could be created as important base features are disabled"}};
        return false;
    }
    const uint64_t *full = zf_manage_sets(manage, baseline->machine)[ZF_MODEL_FULL].bits;
    for (unsigned i = 0; i < ZF_MANAGE_WORDS; i++) {
        baseline->features[i] = common.bits[i] & full[i];
    }
    return true;
}
