/*
 * zfacet check-model: is the model consistent, which real machine has its features, what is
 * nearest; with --fix, what would be consistent.
 */
#include "cli/command.h"
#include "model/input.h"
#include "model/machine_text.h"
#include "model/output.h"
#include "text/args.h"
#include "text/common.h"
#include "text/feature_text.h"

#include <string.h>

static const char usage[] =
    "usage: zfacet check-model MODEL[,+NAME|,-NAME]... [--fix] [--format FORMAT] [--json]\n"
    "\n"
    "Checks whether each feature of the model has the features it needs and whether the machine "
    "can\n"
    "have it at all. Prints which real machine has exactly these features, or else the nearest "
    "one\n"
    "and the differences.\n"
    "\n"
    "  --fix            repair the model and print the result. What was switched off on purpose\n"
    "                   stays off, with everything that needs it; otherwise missing features are\n"
    "                   switched on, where the machine can have them\n"
    "  --format FORMAT  with --fix: qemu (default), libvirt, hercules, json, stfle\n"
    "  --json           {model, consistent, oldest, broken: [{feature, needs}], impossible: "
    "[NAME],\n"
    "                   exact: [MODEL], nearest: {model, more: [NAME], less: [NAME]}, fixes:\n"
    "                   [{feature, on, why}], fixed: {name, props}}. exact: the models with "
    "exactly\n"
    "                   this set; more, less: compared with the nearest; oldest: the oldest "
    "machine\n"
    "                   that can have all of it, absent if there is none; fixes and fixed only\n"
    "                   with --fix\n"
    "\n"
    "Exit status: 0 if the model is consistent or --fix made it so, else 3.\n"
    "\n"
    "examples:\n"
    "  zfacet check-model z14,-vx\n"
    "  zfacet check-model @guest.xml --fix --format libvirt\n";

/* A step of --fix. */
struct fix {
    enum zf_feature feature;
    bool on;
    enum zf_feature because; /* ZF_FEATURE_COUNT: the machine cannot have it */
};

enum { FIX_LIMIT = 2 * ZF_FEATURE_COUNT };

struct checked {
    struct zf_manage *manage;
    const char *label;
    struct zf_model start; /* what the model began from: what differs is on purpose */
    struct zf_model model;
    struct zf_model_warnings broken;
    uint64_t impossible[(ZF_FEATURE_COUNT + 63) / 64];
    bool any_impossible;
    char nearest[ZF_MODEL_NAME_LENGTH];
    unsigned distance; /* 0: exact */
    unsigned fix_count;
    struct fix fixes[FIX_LIMIT];
};

static void find_impossible(struct checked *c) {
    memset(c->impossible, 0, sizeof c->impossible);
    c->any_impossible = false;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(&c->model, f) && !zf_model_can_have(&c->model, f)) {
            zf_bitmap_set(c->impossible, f);
            c->any_impossible = true;
        }
    }
}

/* A facility is as much as many function codes. */
static unsigned distance(const struct zf_model *a, const struct zf_model *b) {
    enum { FACILITY_WEIGHT = 16 };
    unsigned sum = 0;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        bool facility = zf_feature_info(f)->kind == ZF_KIND_STFL;
        if (zf_model_has_feature(a, f) != zf_model_has_feature(b, f)) {
            sum += facility ? FACILITY_WEIGHT : 1;
        }
    }
    return sum;
}

/* Model `i` of all: each machine's default, base and full set. False after the last one. */
static bool candidate(unsigned i, struct zf_model *model, char name[ZF_MODEL_NAME_LENGTH]) {
    const struct zf_machine_type *machine = zf_machine_at(i / ZF_MODEL_SET_COUNT);
    static const enum zf_model_set order[] = {ZF_MODEL_DEFAULT, ZF_MODEL_BASE, ZF_MODEL_FULL};
    if (!machine) {
        return false;
    }
    zf_model_init(model, machine, order[i % ZF_MODEL_SET_COUNT]);
    zf_model_name(model, name);
    return true;
}

static bool is_exact(const struct zf_model *model, const struct checked *c) {
    return !memcmp(model->features, c->model.features, sizeof model->features);
}

/* The nearest; of equally near ones that of the model's own machine, else the oldest. */
static void find_nearest(struct checked *c) {
    struct zf_model model;
    char name[ZF_MODEL_NAME_LENGTH];
    c->distance = UINT32_MAX;
    for (unsigned i = 0; candidate(i, &model, name); i++) {
        unsigned d = distance(&model, &c->model);
        if (d < c->distance || (d == c->distance && model.machine == c->model.machine &&
                                model.set == ZF_MODEL_DEFAULT)) {
            c->distance = d;
            memcpy(c->nearest, name, sizeof name);
        }
    }
}

static void step(struct checked *c, enum zf_feature feature, bool on, enum zf_feature because) {
    zf_model_set_feature(&c->model, feature, on);
    if (c->fix_count < FIX_LIMIT) {
        c->fixes[c->fix_count++] = (struct fix){feature, on, because};
    }
}

/* Was the feature switched off on purpose? */
static bool meant_off(const struct checked *c, enum zf_feature feature) {
    return zf_model_has_feature(&c->start, feature);
}

/* Resolves one dependency; what is off on purpose goes before what is on. */
static void resolve(struct checked *c, const struct zf_feature_dependency *broken) {
    if (meant_off(c, broken->needs) || !zf_model_can_have(&c->model, broken->needs)) {
        step(c, broken->feature, false, broken->needs);
    } else {
        step(c, broken->needs, true, broken->feature);
    }
}

/* Ends: a feature goes off for good, or on for one that stays on until it goes off. */
static void fix(struct checked *c) {
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_bitmap_test(c->impossible, f)) {
            step(c, f, false, ZF_FEATURE_COUNT);
        }
    }
    zf_model_check(&c->model, &c->broken);
    while (c->broken.count && c->fix_count < FIX_LIMIT) {
        resolve(c, &c->broken.broken[0]);
        zf_model_check(&c->model, &c->broken);
    }
    find_impossible(c);
}

static void check(struct checked *c) {
    zf_model_check(&c->model, &c->broken);
    find_impossible(c);
    find_nearest(c);
}

static bool consistent(const struct checked *c) {
    return !c->broken.count && !c->any_impossible;
}

/* What the model has more than the nearest, or less. */
static void difference(const struct checked *c, bool more, uint64_t *set) {
    struct zf_model nearest;
    struct zf_manage_model a, b;
    zf_model_parse(c->nearest, false, &nearest, NULL, NULL);
    zf_manage_from_model(&c->model, &a);
    zf_manage_from_model(&nearest, &b);
    zf_features_beyond(more ? &a : &b, more ? &b : &a, set);
}

/* The oldest machine that can have all of the model's features, or NULL. */
static const struct zf_machine_type *oldest(const struct checked *c) {
    const struct zf_machine_type *machine;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        bool all = true;
        for (unsigned f = 0; all && f < ZF_FEATURE_COUNT; f++) {
            all = !zf_model_has_feature(&c->model, f) ||
                  zf_feature_in_set(f, ZF_MODEL_FULL, machine->level);
        }
        if (all) {
            return machine;
        }
    }
    return NULL;
}

static void print_exact(const struct checked *c) {
    struct zf_model model;
    char name[ZF_MODEL_NAME_LENGTH];
    fputs("  exactly the features of", stdout);
    for (unsigned i = 0; candidate(i, &model, name); i++) {
        if (is_exact(&model, c)) {
            zf_model_short_name(&model, name);
            printf(" %s", name);
        }
    }
    putchar('\n');
}

static void print_nearest(const struct checked *c) {
    char nearest[ZF_MODEL_NAME_LENGTH];
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64];
    if (!c->distance) {
        print_exact(c);
        return;
    }
    const struct zf_machine_type *able = oldest(c);
    printf("  %s%s\n", able ? "the oldest machine that can have all of it: " : "",
           able ? zf_machine_short_name(able) : "no machine can have all of it");
    memcpy(nearest, c->nearest, sizeof nearest);
    zf_model_name_shorten(nearest);
    printf("  no real machine has exactly these features; the nearest is %s, with these on or "
           "off\n",
           nearest);
    difference(c, true, set);
    zf_print_features(stdout, c->manage, set, "    + ");
    difference(c, false, set);
    zf_print_features(stdout, c->manage, set, "    - ");
}

static void print_problems(const struct checked *c) {
    for (unsigned i = 0; i < c->broken.count; i++) {
        char feature[ZF_FEATURE_TEXT_LENGTH], needs[ZF_FEATURE_TEXT_LENGTH];
        zf_feature_text(c->broken.broken[i].feature, feature);
        zf_feature_text(c->broken.broken[i].needs, needs);
        printf("  %s needs %s, which is off: %s, %s\n",
               zf_feature_info(c->broken.broken[i].feature)->name,
               zf_feature_info(c->broken.broken[i].needs)->name, feature, needs);
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_bitmap_test(c->impossible, f)) {
            printf("  %s is on, but %s never had it\n", zf_feature_info(f)->name,
                   zf_machine_short_name(c->model.machine));
        }
    }
}

static void print_fixes(FILE *out, const struct checked *c) {
    for (unsigned i = 0; i < c->fix_count; i++) {
        const struct fix *f = &c->fixes[i];
        const char *because =
            f->because == ZF_FEATURE_COUNT ? NULL : zf_feature_info(f->because)->name;
        fprintf(out, "  %c %s: %s%s%s\n", f->on ? '+' : '-', zf_feature_info(f->feature)->name,
                f->on     ? ""
                : because ? "it needs "
                          : "the machine never had it",
                because ? because : "", f->on ? " needs it" : "");
    }
}

static json_t *broken_json(const struct checked *c) {
    json_t *list = json_array();
    for (unsigned i = 0; i < c->broken.count; i++) {
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "feature",
                                        zf_feature_info(c->broken.broken[i].feature)->name, "needs",
                                        zf_feature_info(c->broken.broken[i].needs)->name));
    }
    return list;
}

static json_t *check_json(const struct checked *c) {
    uint64_t more[(ZF_FEATURE_COUNT + 63) / 64], less[(ZF_FEATURE_COUNT + 63) / 64];
    struct zf_model model;
    char name[ZF_MODEL_NAME_LENGTH];
    json_t *exact = json_array();
    for (unsigned i = 0; candidate(i, &model, name); i++) {
        if (is_exact(&model, c)) {
            json_array_append_new(exact, json_string(name));
        }
    }
    const struct zf_machine_type *able = oldest(c);
    difference(c, true, more);
    difference(c, false, less);
    return json_pack("{s:s, s:b, s:s*, s:o, s:o, s:o, s:{s:s, s:o, s:o}}", "model", c->label,
                     "consistent", consistent(c), "oldest", able ? able->name : NULL, "broken",
                     broken_json(c), "impossible",
                     zf_features_json(c->manage, c->impossible, false), "exact", exact, "nearest",
                     "model", c->nearest, "more", zf_features_json(c->manage, more, false), "less",
                     zf_features_json(c->manage, less, false));
}

static void add_fixes_json(const struct checked *c, json_t *value) {
    struct zf_manage_model fixed;
    struct zf_manage_delta delta;
    json_t *list = json_array();
    for (unsigned i = 0; i < c->fix_count; i++) {
        const struct fix *f = &c->fixes[i];
        const char *because =
            f->because == ZF_FEATURE_COUNT ? "machine" : zf_feature_info(f->because)->name;
        json_array_append_new(list, json_pack("{s:s, s:b, s:s}", "feature",
                                              zf_feature_info(f->feature)->name, "on", f->on, "why",
                                              because));
    }
    zf_manage_from_model(&c->model, &fixed);
    zf_manage_expand(c->manage, &fixed, ZF_MANAGE_STATIC, &delta, NULL);
    json_object_set_new(value, "fixes", list);
    json_object_set_new(value, "fixed", zf_delta_json(&delta));
}

static int report(struct checked *c, bool fixing, bool json, enum zf_model_format format) {
    struct zf_model_notes notes = {0};
    check(c);
    if (json) {
        json_t *value = check_json(c);
        if (fixing) {
            fix(c);
            add_fixes_json(c, value);
        }
        int status = zf_print_json(stdout, value);
        return status != ZF_EXIT_OK || consistent(c) ? status : ZF_EXIT_BLOCKED;
    }
    if (!fixing) {
        printf("%s: %s%s%s\n", c->label, zf_colour(stdout, ZF_COLOUR_BOLD),
               consistent(c) ? "consistent" : "not consistent", zf_colour(stdout, ZF_COLOUR_NONE));
        print_problems(c);
        print_nearest(c);
        return consistent(c) ? ZF_EXIT_OK : ZF_EXIT_BLOCKED;
    }
    fix(c);
    print_fixes(stderr, c);
    zf_model_write(stdout, c->manage, &c->model, format, ZF_MANAGE_STATIC, &notes);
    zf_notes_tell(&notes, c->label);
    return consistent(c) ? ZF_EXIT_OK : ZF_EXIT_BLOCKED;
}

/* What the model began from, by its name. */
static void find_start(struct checked *c) {
    char name[ZF_MODEL_NAME_LENGTH];
    zf_model_name(&c->model, name);
    if (zf_model_parse(name, false, &c->start, NULL, NULL) != ZF_OK) {
        c->start = c->model;
    }
}

int zf_cmd_check_model(int argc, char **argv) {
    bool json = false, fixing = false;
    const char *format_name = NULL;
    const struct zf_option options[] = {{"--json", &json, NULL},
                                        {"--fix", &fixing, NULL},
                                        {"--format", NULL, &format_name},
                                        {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 1, 1, "one model", 0, {NULL}};
    struct zf_model_input input;
    struct checked checked = {0};
    struct zf_error err;
    enum zf_model_format format;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN ||
        (status = zf_args_one_format("check-model", json, format_name)) != ZF_ARGS_RUN) {
        return status;
    }
    if (format_name && !fixing) {
        return zf_usage_error("check-model: --format %s needs --fix", format_name);
    }
    if (zf_model_format_parse(format_name ? format_name : "qemu", &format, &err) != ZF_OK ||
        zf_model_read(args.words[0], false, &input, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    input.warnings.count = 0; /* they are the answer */
    zf_model_tell(&input);
    checked.label = input.label;
    checked.model = input.model;
    checked.manage = zf_manage_create();
    find_start(&checked);
    status = checked.manage ? report(&checked, fixing, json, format) : ZF_EXIT_FAILURE;
    zf_manage_destroy(checked.manage);
    return status;
}
