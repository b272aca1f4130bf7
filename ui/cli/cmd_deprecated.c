/*
 * zfacet deprecated: which features later machines drop, since when, and what hangs on them.
 */
#include "cli/command.h"
#include "mix/mix.h"
#include "model/input.h"
#include "model/losses.h"
#include "text/args.h"
#include "text/common.h"

static const char usage[] =
    "usage: zfacet deprecated [MODEL] [--used-by FILE] [--json]\n"
    "\n"
    "Lists the deprecated features, which machines have dropped or will drop and new guests "
    "should\n"
    "not see: the machines that introduced and dropped them, the instructions that need them, and\n"
    "the features that need them. With MODEL, also whether they are on in that model.\n"
    "\n"
    "MODEL  a model (zfacet help models), @FILE or -\n"
    "\n"
    "  --used-by FILE  also say which of them were used: FILE is what 'zfacet run --mix' or\n"
    "                  'zfacet mix --output' has written\n"
    "  --json          {model?, deprecated: [{name, text, first, default_from, default_until,\n"
    "                  needed_by: [NAME], instructions: [MNEMONIC], forms: [{mnemonic, when}], "
    "on?,\n"
    "                  used?: {MNEMONIC: EXECUTIONS}}]}: the first machine that can have it, the\n"
    "                  first that has it by default, and the first that no longer does; null if\n"
    "                  there is none\n"
    "\n"
    "Exit status: 3 if any is on in MODEL; with --used-by, if any was used.\n"
    "\n"
    "examples:\n"
    "  zfacet deprecated\n"
    "  zfacet deprecated @guest.xml\n"
    "  zfacet run --mix guest.mix KERNEL; zfacet deprecated --used-by guest.mix\n";

/* What is asked about: a model, and counts of executions; each may be NULL. */
struct question {
    const struct zf_model *model;
    const json_t *counts;
    json_t *by_mnemonic;
    bool any_used;
};

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

/* Executions of what hangs on a feature, by mnemonic. */
struct uses {
    const struct question *question;
    json_t *used;
};

static void add_use(void *context, const struct zf_subject *subject) {
    struct uses *uses = context;
    const struct question *q = uses->question;
    const char *mnemonic = zf_row_get(subject->row)->mnemonic;
    uint64_t n = subject->kind == ZF_SUBJECT_FORM ? zf_mix_of_form(q->counts, subject->form)
                 : subject->kind == ZF_SUBJECT_FUNCTION
                     ? zf_mix_of_function(q->counts, subject->query, subject->code)
                     : zf_mix_of_row(q->by_mnemonic, subject->row);
    if (n) {
        json_int_t before = json_integer_value(json_object_get(uses->used, mnemonic));
        json_object_set_new(uses->used, mnemonic, json_integer(before + (json_int_t)n));
    }
}

static json_t *find_uses(struct question *q, enum zf_feature feature) {
    struct zf_model with, without;
    struct uses uses = {q, json_object()};
    with_and_without(feature, &with, &without);
    struct zf_loss_query query = query_of(feature, &with, &without);
    zf_each_loss(&query, add_use, &uses);
    q->any_used |= json_object_size(uses.used) > 0;
    return uses.used;
}

static void print_uses(struct question *q, enum zf_feature feature) {
    json_t *used = find_uses(q, feature), *number;
    const char *mnemonic, *gap = "yes: ";
    fputs("  used         ", stdout);
    json_object_foreach(used, mnemonic, number) {
        printf("%s%s, %" JSON_INTEGER_FORMAT " execution%s", gap, mnemonic,
               json_integer_value(number), zf_plural((uint64_t)json_integer_value(number)));
        gap = "; ";
    }
    puts(json_object_size(used) ? "" : "no");
    json_decref(used);
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

static const char *name_or_none(const struct zf_machine_type *machine) {
    return machine ? zf_machine_short_name(machine) : "none";
}

static void print_one(enum zf_feature feature, struct question *q) {
    const struct zf_model *model = q->model;
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
    printf("  machines     possible from %s, default from %s", name_or_none(first),
           name_or_none(from));
    printf(until ? "; no longer from %s\n" : " to the newest%s\n",
           until ? zf_machine_short_name(until) : "");
    with_and_without(feature, &with, &without);
    struct zf_loss_query query = query_of(feature, &with, &without);
    zf_each_loss(&query, print_subject, &subjects);
    fputs(subjects.count ? "\n" : "", stdout);
    print_needed_by(feature, model);
    if (model) {
        print_state(feature, model);
    }
    if (q->counts) {
        print_uses(q, feature);
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

static json_t *one_json(enum zf_feature feature, struct question *q) {
    const struct zf_model *model = q->model;
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
    if (q->counts) {
        json_object_set_new(value, "used", find_uses(q, feature));
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

static void print_all(struct question *q, const char *label) {
    enum zf_feature feature;
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        fputs(i ? "\n" : "", stdout);
        print_one(feature, q);
    }
    if (any_on(q->model)) {
        printf("\nWithout them: %s,deprecated-features=off; 'zfacet expand' makes a plain model of "
               "it.\n",
               label);
    }
}

static int print_json(struct question *q, const char *label) {
    enum zf_feature feature;
    json_t *list = json_array();
    for (unsigned i = 0; (feature = zf_feature_deprecated_at(i)) != ZF_FEATURE_COUNT; i++) {
        json_array_append_new(list, one_json(feature, q));
    }
    return zf_print_json(stdout, json_pack("{s:s*, s:o}", "model", label, "deprecated", list));
}

/* Reads what the question is about; ZF_EXIT_OK, or the exit status. */
static int take(const struct zf_args *args, const char *used_by, struct zf_model_input *input,
                struct question *q) {
    struct zf_error err;
    if (args->count) {
        int status = zf_model_take(args->words[0], false, input);
        if (status != ZF_EXIT_OK) {
            return status;
        }
        q->model = &input->model;
    }
    if (used_by) {
        json_t *counts = zf_mix_create();
        q->counts = counts;
        if (zf_mix_read(used_by, counts, &err) != ZF_OK) {
            return zf_report_error(&err);
        }
        q->by_mnemonic = zf_mix_sums(counts, ZF_MIX_MNEMONIC);
    }
    return ZF_EXIT_OK;
}

int zf_cmd_deprecated(int argc, char **argv) {
    bool json = false;
    const char *used_by = NULL;
    const struct zf_option options[] = {
        {"--json", &json, NULL}, {"--used-by", NULL, &used_by}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 0, 1, "at most one model", 0, {NULL}};
    struct zf_model_input input;
    struct question q = {0};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    status = take(&args, used_by, &input, &q);
    if (status == ZF_EXIT_OK) {
        const char *label = q.model ? input.label : NULL;
        if (json) {
            status = print_json(&q, label);
        } else {
            print_all(&q, label);
        }
        bool found = q.counts ? q.any_used : any_on(q.model);
        status = status == ZF_EXIT_OK && found ? ZF_EXIT_BLOCKED : status;
    }
    json_decref((json_t *)q.counts);
    json_decref(q.by_mnemonic);
    return status;
}
