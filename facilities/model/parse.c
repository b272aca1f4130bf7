/*
 * The text by which users name a model: MODEL[,NAME=on|off]... (see zfacet/model.h).
 */
#include "zfacet/model.h"

#include "model/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { WORD_LENGTH = 64 };

/* What NAME in NAME=on means. */
enum setting_kind { SETTING_FEATURE, SETTING_GROUP, SETTING_DEPRECATED, SETTING_FACILITY };

struct setting {
    enum setting_kind kind;
    unsigned index; /* feature, group or facility bit */
};

static const char *known_setting(const void *context, unsigned i) {
    if (i < ZF_FEATURE_COUNT) {
        return zf_feature_info(i)->name;
    }
    i -= ZF_FEATURE_COUNT;
    if (i < ZF_FEATURE_GROUP_COUNT) {
        return zf_feature_group_name(i);
    }
    i -= ZF_FEATURE_GROUP_COUNT;
    if (i == 0) {
        return "deprecated-features";
    }
    const struct zf_facility *facility = zf_facility_at(i - 1);
    return facility ? facility->name : NULL;
}

/* The facility that `name` means: its name, its number, or "stfle" and its number. */
static const struct zf_facility *find_facility(const char *name) {
    const char *digits = strncasecmp(name, "stfle", 5) ? name : name + 5;
    if (isdigit((unsigned char)*digits)) {
        char *end;
        unsigned long bit = strtoul(digits, &end, 10);
        return *end || bit >= ZF_FACILITY_LIMIT ? NULL : zf_facility_find((unsigned)bit);
    }
    return zf_facility_by_name(name);
}

/* NOTE: "stfle45" and its like are features too; feature names go first. */
static bool find_setting(const char *name, struct setting *setting) {
    unsigned feature = zf_feature_by_name(name);
    unsigned group = zf_feature_group_by_name(name);
    const struct zf_facility *facility = find_facility(name);
    if (facility && feature == ZF_FEATURE_COUNT) {
        feature = zf_feature_of_facility(facility->bit);
    }
    if (feature != ZF_FEATURE_COUNT) {
        *setting = (struct setting){SETTING_FEATURE, feature};
    } else if (group != ZF_FEATURE_GROUP_NONE) {
        *setting = (struct setting){SETTING_GROUP, group};
    } else if (!strcasecmp(name, "deprecated-features")) {
        *setting = (struct setting){SETTING_DEPRECATED, 0};
    } else if (facility) {
        *setting = (struct setting){SETTING_FACILITY, facility->bit};
    } else {
        return false;
    }
    return true;
}

static enum zf_status refuse(const struct zf_model *model, const char *name, zf_level first,
                             struct zf_error *err) {
    if (first == ZF_LEVEL_NEVER) {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s' cannot be on: no machine has it", name);
    }
    return zf_fail(err, ZF_ERROR_USAGE, "'%s' cannot be on in %s: it was introduced with %s GA%u",
                   name, model->machine->name, zf_generation_name(zf_level_generation(first)),
                   zf_level_ga(first));
}

static enum zf_status set_feature(struct zf_model *model, enum zf_feature feature, bool on,
                                  const char *name, struct zf_error *err) {
    if (on && !zf_model_can_have(model, feature)) {
        return refuse(model, name, zf_feature_info(feature)->first[ZF_MODEL_FULL], err);
    }
    zf_model_set_feature(model, feature, on);
    return ZF_OK;
}

/* A group can be switched on as soon as the machine can have one of its members. */
static enum zf_status set_group(struct zf_model *model, enum zf_feature_group group, bool on,
                                const char *name, struct zf_error *err) {
    bool possible = !on;
    zf_level first = ZF_LEVEL_NEVER;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if (info->group == group) {
            possible |= zf_model_can_have(model, f);
            first = info->first[ZF_MODEL_FULL] < first ? info->first[ZF_MODEL_FULL] : first;
        }
    }
    if (!possible) {
        return refuse(model, name, first, err);
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_feature_info(f)->group == group) {
            zf_model_set_feature(model, f, on);
        }
    }
    return ZF_OK;
}

static enum zf_status set_deprecated(struct zf_model *model, bool on) {
    enum zf_feature feature;
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        if (!on || zf_model_can_have(model, feature)) {
            zf_model_set_feature(model, feature, on);
        }
    }
    return ZF_OK;
}

/* A facility without a feature: the machine has it when it is not older. */
static enum zf_status set_facility(struct zf_model *model, unsigned bit, bool on, const char *name,
                                   struct zf_error *err) {
    const struct zf_facility *facility = zf_facility_find(bit);
    if (bit == ZF_FACILITY_ZARCH_ACTIVE || bit == ZF_FACILITY_CZAM) {
        return zf_fail(
            err, ZF_ERROR_USAGE,
            "facility %u (%s) cannot be switched by itself: it follows facility 1, 'zarch'", bit,
            facility->name);
    }
    if (on && facility->since > model->machine->level) {
        return refuse(model, name, facility->since, err);
    }
    zf_model_set_facility(model, bit, on);
    return ZF_OK;
}

static bool parse_switch(const char *value, bool *on) {
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(words); i++) {
        if (!strcasecmp(value, words[i])) {
            *on = i & 1;
            return true;
        }
    }
    return false;
}

/* Takes NAME=VALUE, +NAME or -NAME apart: `*word` becomes the name. NULL: there is no value. */
static const char *split_setting(char **word) {
    char *value = strchr(*word, '=');
    if (value) {
        *value++ = 0;
        return value;
    }
    char sign = **word;
    *word += sign == '+' || sign == '-';
    return sign == '+' ? "on" : sign == '-' ? "off" : NULL;
}

static bool names_model(const char *word) {
    struct zf_model model;
    return zf_model_parse(word, false, &model, NULL, NULL) == ZF_OK;
}

enum zf_status zf_model_unknown_setting(const struct zf_model *model, const char *name,
                                        struct zf_error *err) {
    const char *nearest = zf_nearest(name, known_setting, NULL);
    return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown feature or facility '%.64s'%s%s%s", name,
                   nearest ? "; did you mean '" : "; 'zfacet models ",
                   nearest ? nearest : zf_machine_short_name(model->machine),
                   nearest ? "'?" : "' lists what the model has");
}

/* A word that is neither NAME=VALUE, +NAME nor -NAME. */
static enum zf_status refuse_word(const struct zf_model *model, const char *word,
                                  struct zf_error *err) {
    struct setting setting;
    if (names_model(word)) {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s' is a second CPU model; give one, then features",
                       word);
    }
    return find_setting(word, &setting)
               ? zf_fail(err, ZF_ERROR_USAGE, "'%s' needs a value: %s=on or %s=off", word, word,
                         word)
               : zf_model_unknown_setting(model, word, err);
}

static enum zf_status apply_setting(struct zf_model *model, char *word, struct zf_error *err) {
    struct setting setting;
    bool on = false;
    const char *value = split_setting(&word);
    if (!value && !*word) {
        return zf_fail(err, ZF_ERROR_USAGE, "feature name missing between two commas");
    }
    if (!value) {
        return refuse_word(model, word, err);
    }
    if (!*word) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "feature name missing before '=%s'", value);
    }
    if (!find_setting(word, &setting)) {
        return zf_model_unknown_setting(model, word, err);
    }
    if (!parse_switch(value, &on)) {
        return zf_fail(err, ZF_ERROR_USAGE, "'%s=%s': the value must be on or off", word, value);
    }
    switch (setting.kind) {
    case SETTING_FEATURE:
        return set_feature(model, setting.index, on, word, err);
    case SETTING_GROUP:
        return set_group(model, setting.index, on, word, err);
    case SETTING_DEPRECATED:
        return set_deprecated(model, on);
    case SETTING_FACILITY:
        break;
    }
    return set_facility(model, setting.index, on, word, err);
}

static bool strip_suffix(char *word, const char *suffix) {
    size_t length = strlen(word), cut = strlen(suffix);
    if (length <= cut || strcasecmp(word + length - cut, suffix)) {
        return false;
    }
    word[length - cut] = 0;
    return true;
}

/* Candidates for the nearest name. */
static const char *known_model(const void *context, unsigned i) {
    unsigned count = 0;
    while (zf_named_model_at(count)) {
        count++;
    }
    return i < count ? zf_named_model_at(i)->name : zf_machine_known_name(context, i - count);
}

static bool parse_named(const char *word, struct zf_model *model) {
    const struct zf_named_model *named;
    for (unsigned i = 0; (named = zf_named_model_at(i)); i++) {
        if (!strcasecmp(word, named->name)) {
            zf_model_init_named(model, named);
            return true;
        }
    }
    return false;
}

static const char *known_set(const void *context, unsigned i) {
    static const char *const names[] = {"base", "full", "default"};
    return i < ZF_ARRAY_LENGTH(names) ? names[i] : NULL;
}

/* A machine with the name of a feature set after it that there is not: z13-bse. */
static enum zf_status refuse_set(const char *word, struct zf_error *err) {
    char machine[WORD_LENGTH];
    snprintf(machine, sizeof machine, "%s", word);
    char *set = strrchr(machine, '-');
    if (!set) {
        return ZF_OK;
    }
    *set++ = 0;
    const char *nearest = zf_nearest(set, known_set, NULL);
    if (!zf_machine_by_name(machine)) {
        return ZF_OK;
    }
    bool usual = nearest && !strcmp(nearest, "default");
    return zf_fail(err, ZF_ERROR_NOT_FOUND,
                   nearest ? "unknown CPU model '%s'; did you mean '%s%s%s'?"
                           : "unknown CPU model '%s'; the sets of '%s' are -base and -full",
                   word, machine, usual ? "" : "-", usual || !nearest ? "" : nearest);
}

static enum zf_status parse_machine(char *word, struct zf_model *model, struct zf_error *err) {
    if (!strcasecmp(word, "recommended")) {
        zf_model_init(model, zf_machine_newest(), ZF_MODEL_DEFAULT);
        zf_model_drop_deprecated(model);
        return ZF_OK;
    }
    if (parse_named(word, model)) {
        return ZF_OK;
    }
    char given[WORD_LENGTH];
    snprintf(given, sizeof given, "%s", word);
    enum zf_model_set set = ZF_MODEL_DEFAULT;
    if (strip_suffix(word, "-base")) {
        set = ZF_MODEL_BASE;
    } else if (strip_suffix(word, "-full")) {
        set = ZF_MODEL_FULL;
    }
    const struct zf_machine_type *machine = zf_machine_by_name(word);
    if (!machine && refuse_set(given, err) != ZF_OK) {
        return ZF_ERROR_NOT_FOUND;
    }
    if (!*given) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "name of a CPU model missing");
    }
    if (!machine && strstr(given, "..")) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "'%s' is a range of CPU models; give one", given);
    }
    if (!machine) {
        const char *nearest = zf_nearest(given, known_model, NULL);
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown CPU model '%s'%s%s%s", given,
                       nearest ? "; did you mean '" : "; 'zfacet models' lists the models",
                       nearest ? nearest : "", nearest ? "'?" : "");
    }
    zf_model_init(model, machine, set);
    return ZF_OK;
}

/* Copies the next comma-separated word and moves `*text` after it; false when it is too long. */
static bool next_word(const char **text, char word[WORD_LENGTH]) {
    size_t length = strcspn(*text, ",");
    if (length >= WORD_LENGTH) {
        return false;
    }
    memcpy(word, *text, length);
    word[length] = 0;
    *text += length;
    *text += **text == ',';
    return true;
}

enum zf_status zf_model_apply(struct zf_model *model, const char *settings, struct zf_error *err) {
    char word[WORD_LENGTH];
    while (*settings) {
        if (!next_word(&settings, word)) {
            return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown feature or facility '%.40s...'",
                           settings);
        }
        enum zf_status status = apply_setting(model, word, err);
        if (status != ZF_OK) {
            return status;
        }
    }
    return ZF_OK;
}

enum zf_status zf_model_parse(const char *text, bool strict, struct zf_model *model,
                              struct zf_model_warnings *warnings, struct zf_error *err) {
    struct zf_model_warnings found;
    char word[WORD_LENGTH];
    const char *rest = text;
    if (!next_word(&rest, word)) {
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown CPU model '%.40s...'", text);
    }
    enum zf_status status = parse_machine(word, model, err);
    if (status == ZF_OK) {
        status = zf_model_apply(model, rest, err);
    }
    if (status != ZF_OK) {
        return status;
    }
    zf_model_check(model, &found);
    if (warnings) {
        *warnings = found;
    }
    if (strict && found.count) {
        return zf_fail(err, ZF_ERROR_USAGE, "%s: feature '%s' needs '%s', which is off", text,
                       zf_feature_info(found.broken[0].feature)->name,
                       zf_feature_info(found.broken[0].needs)->name);
    }
    return ZF_OK;
}
