/*
 * zfacet deprecated: which features later machines drop, since when, and what hangs on them.
 */
#include "cli/command.h"
#include "model/input.h"
#include "model/losses.h"
#include "text/args.h"
#include "text/common.h"

static const char usage[] =
    "usage: zfacet deprecated [MODEL] [--json]\n"
    "\n"
    "Lists the deprecated features, which machines have dropped or will drop and new guests "
    "should\n"
    "not see: the machines that introduced and dropped them, the instructions that need them, and\n"
    "the features that need them. With MODEL, also whether they are on in that model.\n"
    "\n"
    "MODEL  a model (zfacet help models), @FILE or -\n"
    "\n"
    "  --json  {model?, deprecated: [{name, text, first, default_from, default_until, needed_by:\n"
    "          [NAME], instructions: [MNEMONIC], forms: [{mnemonic, when}], on?}]}: the first\n"
    "          machine that can have it, the first that has it by default, and the first that\n"
    "          no longer does; null if there is none\n"
    "\n"
    "Exit status: 3 if any is on in MODEL.\n"
    "\n"
    "examples:\n"
    "  zfacet deprecated\n"
    "  zfacet deprecated @guest.xml\n";

/* The machines between which a set has a feature: `*from` the first one, `*until` the first after
 * it without. NULL: there is none. */
static void find_range(enum zf_feature feature, enum zf_model_set set,
                       const struct zf_machine_type **from, const struct zf_machine_type **until) {
    const struct zf_machine_type *machine;
    *from = *until = NULL;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        bool has = zf_feature_in_set(feature, set, machine->level);
        if (has && !*from) {
            *from = machine;
        } else if (!has && *from && !*until) {
            *until = machine;
        }
    }
}

/* A model of the newest machine with all it can have, and one without the feature. */
static void with_and_without(enum zf_feature feature, struct zf_model *with,
                             struct zf_model *without) {
    zf_model_init(with, zf_machine_newest(), ZF_MODEL_FULL);
    *without = *with;
    zf_model_set_feature(without, feature, false);
}

static struct zf_loss_query query_of(enum zf_feature feature, const struct zf_model *with,
                                     const struct zf_model *without) {
    return (struct zf_loss_query){with, without, (int)zf_feature_info(feature)->bit, NULL};
}

struct subjects {
    FILE *out;
    unsigned count;
};

static void print_subject(void *context, const struct zf_subject *subject) {
    struct subjects *subjects = context;
    char text[ZF_SUBJECT_TEXT_LENGTH];
    zf_subject_text(subject, text);
    fprintf(subjects->out, "%s%s", subjects->count++ ? " " : "  executes     ", text);
}

static void print_needed_by(enum zf_feature feature, const struct zf_model *model) {
    const struct zf_feature_dependency *dependency;
    for (unsigned i = 0; (dependency = zf_feature_dependency_at(i)); i++) {
        if (dependency->needs == feature) {
            char text[ZF_FEATURE_TEXT_LENGTH];
            bool on = model && zf_model_has_feature(model, dependency->feature);
            zf_feature_text(dependency->feature, text);
            printf("  needed by    %s: %s%s\n", zf_feature_info(dependency->feature)->name, text,
                   on ? ", on in the model" : "");
        }
    }
}

static void print_state(enum zf_feature feature, const struct zf_model *model) {
    bool on = zf_model_has_feature(model, feature);
    printf("  in the model %s%s%s\n", zf_colour(stdout, on ? ZF_COLOUR_YELLOW : ZF_COLOUR_NONE),
           on                                  ? "on"
           : zf_model_can_have(model, feature) ? "off"
                                               : "off; its machine never had it",
           zf_colour(stdout, ZF_COLOUR_NONE));
}

static void print_one(enum zf_feature feature, const struct zf_model *model) {
    const struct zf_machine_type *first, *dropped, *from, *until;
    struct zf_model with, without;
    struct subjects subjects = {stdout, 0};
    char text[ZF_FEATURE_TEXT_LENGTH];
    find_range(feature, ZF_MODEL_FULL, &first, &dropped);
    find_range(feature, ZF_MODEL_DEFAULT, &from, &until);
    zf_feature_text(feature, text);
    printf("%s%s%s: %s\n", zf_colour(stdout, ZF_COLOUR_BOLD), zf_feature_info(feature)->name,
           zf_colour(stdout, ZF_COLOUR_NONE), text);
    printf("  feature      %s\n", zf_feature_info(feature)->description);
    printf("  machines     possible from %s, default from %s", first ? first->name : "none",
           from ? from->name : "none");
    printf(until ? "; no longer from %s\n" : " to the newest%s\n", until ? until->name : "");
    with_and_without(feature, &with, &without);
    struct zf_loss_query query = query_of(feature, &with, &without);
    zf_each_loss(&query, print_subject, &subjects);
    fputs(subjects.count ? "\n" : "", stdout);
    print_needed_by(feature, model);
    if (model) {
        print_state(feature, model);
    }
}

struct lists {
    json_t *rows, *forms;
};

static void add_subject(void *context, const struct zf_subject *subject) {
    struct lists *lists = context;
    const char *mnemonic = zf_row_get(subject->row)->mnemonic;
    if (subject->kind == ZF_SUBJECT_FORM) {
        json_array_append_new(lists->forms, json_pack("{s:s, s:s}", "mnemonic", mnemonic, "when",
                                                      subject->form->text));
    } else {
        json_array_append_new(lists->rows, json_string(mnemonic));
    }
}

static json_t *machine_name(const struct zf_machine_type *machine) {
    return machine ? json_string(machine->name) : json_null();
}

static json_t *one_json(enum zf_feature feature, const struct zf_model *model) {
    const struct zf_machine_type *first, *dropped, *from, *until;
    const struct zf_feature_dependency *dependency;
    struct zf_model with, without;
    struct lists lists = {json_array(), json_array()};
    json_t *needed_by = json_array();
    char text[ZF_FEATURE_TEXT_LENGTH];
    find_range(feature, ZF_MODEL_FULL, &first, &dropped);
    find_range(feature, ZF_MODEL_DEFAULT, &from, &until);
    zf_feature_text(feature, text);
    with_and_without(feature, &with, &without);
    struct zf_loss_query query = query_of(feature, &with, &without);
    zf_each_loss(&query, add_subject, &lists);
    for (unsigned i = 0; (dependency = zf_feature_dependency_at(i)); i++) {
        if (dependency->needs == feature) {
            json_array_append_new(needed_by,
                                  json_string(zf_feature_info(dependency->feature)->name));
        }
    }
    json_t *value =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                  zf_feature_info(feature)->name, "text", text, "first", machine_name(first),
                  "default_from", machine_name(from), "default_until", machine_name(until),
                  "needed_by", needed_by, "instructions", lists.rows, "forms", lists.forms);
    if (model) {
        json_object_set_new(value, "on", json_boolean(zf_model_has_feature(model, feature)));
    }
    return value;
}

static bool any_on(const struct zf_model *model) {
    bool any = false;
    enum zf_feature feature;
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        any |= model && zf_model_has_feature(model, feature);
    }
    return any;
}

static void print_all(const struct zf_model *model, const char *label) {
    enum zf_feature feature;
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        fputs(i ? "\n" : "", stdout);
        print_one(feature, model);
    }
    if (any_on(model)) {
        printf("\nWithout them: %s,deprecated-features=off; 'zfacet expand' makes a plain model of "
               "it.\n",
               label);
    }
}

static int print_json(const struct zf_model *model, const char *label) {
    enum zf_feature feature;
    json_t *list = json_array();
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        json_array_append_new(list, one_json(feature, model));
    }
    return zf_print_json(stdout, json_pack("{s:s*, s:o}", "model", label, "deprecated", list));
}

int zf_cmd_deprecated(int argc, char **argv) {
    bool json = false;
    const struct zf_option options[] = {{"--json", &json, NULL}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 0, 1, "at most one model", 0, {NULL}};
    struct zf_model_input input;
    const struct zf_model *model = NULL;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    if (args.count) {
        status = zf_model_take(args.words[0], false, &input);
        if (status != ZF_EXIT_OK) {
            return status;
        }
        model = &input.model;
    }
    if (json) {
        status = print_json(model, model ? input.label : NULL);
    } else {
        print_all(model, model ? input.label : NULL);
        status = ZF_EXIT_OK;
    }
    return status == ZF_EXIT_OK && any_on(model) ? ZF_EXIT_BLOCKED : status;
}
