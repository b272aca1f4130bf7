/*
 * zfacet migrate: may a guest of this model go there, and what would it lose.
 */
#include "cli/command.h"
#include "model/list.h"
#include "model/losses.h"
#include "model/output.h"
#include "text/args.h"
#include "text/common.h"

static const char usage[] =
    "usage: zfacet migrate SOURCE TARGET... [--json]\n"
    "\n"
    "Prints whether a guest of model SOURCE can move to hosts of the models TARGET, as management\n"
    "software would decide. If it cannot, prints why, with the instructions, operand values and\n"
    "function codes that the guest could lose. Finally prints a model that runs on all of them.\n"
    "\n"
    "SOURCE, TARGET  a model (zfacet help models), @FILE or -\n"
    "\n"
    "  --json  {source, targets: [{target, result, runs, level, lacks: [{name, text, deprecated,\n"
    "          instructions: [MNEMONIC], forms: [{mnemonic, when}], functions: [{mnemonic, code,\n"
    "          name}]}]}], common: {name, props} or null, without_deprecated: BOOLEAN}. level: "
    "the\n"
    "          target's machine is older, same or newer; without_deprecated: SOURCE without its\n"
    "          deprecated features could move to all of them\n"
    "\n"
    "Exit status: 0 if the guest can move to all of them, else 3.\n"
    "\n"
    "examples:\n"
    "  zfacet migrate z14 z15 z16\n"
    "  zfacet migrate @guest.xml @host1.xml @host2.xml\n";

static bool accepts(const struct zf_model_list *list, const struct zf_manage_model *source,
                    unsigned target, enum zf_manage_result *result) {
    *result = zf_manage_compare(list->manage, source, &list->models[target], NULL);
    return *result == ZF_MANAGE_IDENTICAL || *result == ZF_MANAGE_SUBSET;
}

/* Would the source run on all targets if nothing deprecated were on in it? */
static bool would_without_deprecated(const struct zf_model_list *list) {
    struct zf_model model = list->inputs[0].model;
    struct zf_manage_model source;
    enum zf_manage_result result;
    zf_model_drop_deprecated(&model);
    zf_manage_from_model(&model, &source);
    for (unsigned i = 1; i < list->count; i++) {
        if (!accepts(list, &source, i, &result)) {
            return false;
        }
    }
    return true;
}

static const char *level_of(const struct zf_model_list *list, unsigned target) {
    zf_level source = list->models[0].machine->level, other = list->models[target].machine->level;
    return other < source ? "older" : other > source ? "newer" : "same";
}

static bool print_target(const struct zf_model_list *list, unsigned target) {
    enum zf_manage_result result;
    bool runs = accepts(list, &list->models[0], target, &result);
    zf_level source = list->models[0].machine->level;
    printf("%s to %s: %s%s%s (%s)\n", list->inputs[0].label, list->inputs[target].label,
           zf_colour(stdout, runs ? ZF_COLOUR_GREEN : ZF_COLOUR_RED), runs ? "yes" : "no",
           zf_colour(stdout, ZF_COLOUR_NONE), zf_manage_result_word(result));
    if (runs) {
        return true;
    }
    if (list->models[target].machine->level < source) {
        printf("  the machine is older: %s to %s\n", list->models[0].machine->title,
               list->models[target].machine->title);
    }
    zf_print_losses(stdout, list->manage, &list->inputs[0].model, &list->inputs[target].model);
    return false;
}

static void print_common(const struct zf_model_list *list) {
    struct zf_manage_model common;
    struct zf_manage_error error;
    struct zf_model_notes notes = {0};
    struct zf_model model;
    if (would_without_deprecated(list)) {
        printf("\nA model that runs on all of them: %s,deprecated-features=off\n",
               list->inputs[0].label);
    }
    if (!zf_model_list_baseline(list, 0, list->count, &common, &error)) {
        puts("\nNo model runs on all of them because important base features are off.");
        return;
    }
    fputs("\nA model that runs on all of them, for QEMU's -cpu:\n", stdout);
    zf_manage_to_model(&common, &model);
    zf_model_write(stdout, list->manage, &model, ZF_MODEL_FORMAT_QEMU, ZF_MANAGE_STATIC, &notes);
}

static json_t *target_json(const struct zf_model_list *list, unsigned target, bool *all) {
    enum zf_manage_result result;
    bool runs = accepts(list, &list->models[0], target, &result);
    *all &= runs;
    return json_pack(
        "{s:s, s:s, s:b, s:s, s:o}", "target", list->inputs[target].label, "result",
        zf_manage_result_word(result), "runs", runs, "level", level_of(list, target), "lacks",
        zf_losses_json(list->manage, &list->inputs[0].model, &list->inputs[target].model));
}

static json_t *migration_json(const struct zf_model_list *list, bool *all) {
    struct zf_manage_model common;
    struct zf_manage_error error;
    struct zf_manage_delta delta;
    json_t *targets = json_array(), *model = json_null();
    for (unsigned i = 1; i < list->count; i++) {
        json_array_append_new(targets, target_json(list, i, all));
    }
    if (zf_model_list_baseline(list, 0, list->count, &common, &error)) {
        zf_manage_expand(list->manage, &common, ZF_MANAGE_STATIC, &delta, NULL);
        model = zf_delta_json(&delta);
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "source", list->inputs[0].label, "targets", targets,
                     "common", model, "without_deprecated", would_without_deprecated(list));
}

static int migrate(const struct zf_model_list *list, bool json) {
    bool all = true;
    if (json) {
        int status = zf_print_json(stdout, migration_json(list, &all));
        return status != ZF_EXIT_OK || all ? status : ZF_EXIT_BLOCKED;
    }
    for (unsigned i = 1; i < list->count; i++) {
        all &= print_target(list, i);
    }
    if (!all) {
        print_common(list);
    }
    return all ? ZF_EXIT_OK : ZF_EXIT_BLOCKED;
}

int zf_cmd_migrate(int argc, char **argv) {
    bool json = false;
    const struct zf_option options[] = {{"--json", &json, NULL}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 2, ZF_ARGS_WORDS, "a source model and its targets",
                           0,     {NULL}};
    struct zf_model_list list;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    status = zf_model_list_take(&list, args.words, args.count);
    status = status == ZF_EXIT_OK ? migrate(&list, json) : status;
    zf_model_list_free(&list);
    return status;
}
