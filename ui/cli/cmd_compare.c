/*
 * zfacet compare: two models, with all that differs; or a matrix of more.
 */
#include "cli/command.h"
#include "model/list.h"
#include "text/args.h"
#include "text/common.h"
#include "text/feature_text.h"

#include <string.h>

static const char usage[] =
    "usage: zfacet compare MODEL MODEL... [--json]\n"
    "\n"
    "Prints how the first model relates to the second, in the terms of the management interfaces:\n"
    "identical, subset (a guest of the first runs on the second), superset, or incompatible. Both\n"
    "the machine level and the features count, the machine type does not. For more than two "
    "models,\n"
    "prints a matrix.\n"
    "\n"
    "MODEL  a model (zfacet help models), @FILE or -\n"
    "\n"
    "  --json  {models: [NAME], results: [[RESULT]]}, rows by the first model; for two models "
    "also\n"
    "          responsible: [NAME], as a query returns it, and only: [[{name, text}]] of each "
    "model\n"
    "\n"
    "Exit status, for two models: 0 if the first is identical or a subset, else 3.\n"
    "\n"
    "examples:\n"
    "  zfacet compare z14 z15\n"
    "  zfacet compare z13 z14 z15 z16 z17\n";

/* The next facility, from number `*i` on, that `a` has alone and that no CPU feature describes. */
static const struct zf_facility *next_unseen(const struct zf_model *a, const struct zf_model *b,
                                             unsigned *i) {
    const struct zf_facility *facility;
    while ((facility = zf_facility_at((*i)++))) {
        if (zf_model_has_facility(a, facility->bit) && !zf_model_has_facility(b, facility->bit) &&
            zf_feature_of_facility(facility->bit) == ZF_FEATURE_COUNT) {
            return facility;
        }
    }
    return NULL;
}

static void print_side(const struct zf_model_list *c, unsigned a, unsigned b) {
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64];
    unsigned i = 0;
    const struct zf_facility *unseen = next_unseen(&c->inputs[a].model, &c->inputs[b].model, &i);
    if (zf_features_beyond(&c->models[a], &c->models[b], set) || unseen) {
        printf("\nonly in %s\n", c->inputs[a].label);
        zf_print_features(stdout, c->manage, set, "  ");
    }
    for (; unseen; unseen = next_unseen(&c->inputs[a].model, &c->inputs[b].model, &i)) {
        printf("  %-22s facility %u (%s), not visible to management software\n", "-", unseen->bit,
               unseen->name);
    }
}

static const char *level_words(const struct zf_model_list *c) {
    zf_level a = c->models[0].machine->level, b = c->models[1].machine->level;
    return a == b ? "machines of the same level" : a < b ? "an older machine" : "a newer machine";
}

static json_t *matrix_value(const struct zf_model_list *c) {
    json_t *names = json_array(), *rows = json_array();
    for (unsigned a = 0; a < c->count; a++) {
        json_t *row = json_array();
        json_array_append_new(names, json_string(c->inputs[a].label));
        for (unsigned b = 0; b < c->count; b++) {
            enum zf_manage_result result =
                zf_manage_compare(c->manage, &c->models[a], &c->models[b], NULL);
            json_array_append_new(row, json_string(zf_manage_result_word(result)));
        }
        json_array_append_new(rows, row);
    }
    return json_pack("{s:o, s:o}", "models", names, "results", rows);
}

static int compare_two(const struct zf_model_list *c, bool json) {
    struct zf_manage_names responsible;
    enum zf_manage_result result =
        zf_manage_compare(c->manage, &c->models[0], &c->models[1], &responsible);
    bool runs = result == ZF_MANAGE_IDENTICAL || result == ZF_MANAGE_SUBSET;
    if (!json) {
        printf("%s to %s: %s%s%s (%s); a guest of the first %s on the second\n", c->inputs[0].label,
               c->inputs[1].label, zf_colour(stdout, ZF_COLOUR_BOLD), zf_manage_result_word(result),
               zf_colour(stdout, ZF_COLOUR_NONE), level_words(c), runs ? "runs" : "may not run");
        print_side(c, 0, 1);
        print_side(c, 1, 0);
        return runs ? ZF_EXIT_OK : ZF_EXIT_BLOCKED;
    }
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64];
    json_t *names = json_array(), *only = json_array();
    for (unsigned i = 0; i < responsible.count; i++) {
        json_array_append_new(names, json_string(responsible.names[i]));
    }
    for (unsigned i = 0; i < 2; i++) {
        zf_features_beyond(&c->models[i], &c->models[1 - i], set);
        json_array_append_new(only, zf_features_json(c->manage, set, true));
    }
    json_t *value = matrix_value(c);
    json_object_set_new(value, "responsible", names);
    json_object_set_new(value, "only", only);
    int status = zf_print_json(stdout, value);
    return status != ZF_EXIT_OK ? status : runs ? ZF_EXIT_OK : ZF_EXIT_BLOCKED;
}

static int matrix(const struct zf_model_list *c) {
    static const char signs[] = {[ZF_MANAGE_IDENTICAL] = '=',
                                 [ZF_MANAGE_SUBSET] = '<',
                                 [ZF_MANAGE_SUPERSET] = '>',
                                 [ZF_MANAGE_INCOMPATIBLE] = 'x'};
    int width = 1;
    for (unsigned i = 0; i < c->count; i++) {
        int length = (int)strlen(c->inputs[i].label);
        width = length > width ? length : width;
    }
    printf("    %-*s", width, "");
    for (unsigned b = 0; b < c->count; b++) {
        printf(" %3u", b + 1);
    }
    for (unsigned a = 0; a < c->count; a++) {
        printf("\n%3u %-*s", a + 1, width, c->inputs[a].label);
        for (unsigned b = 0; b < c->count; b++) {
            printf("   %c",
                   signs[zf_manage_compare(c->manage, &c->models[a], &c->models[b], NULL)]);
        }
    }
    puts("\n\nRow to column: = identical, < subset (runs there), > superset, x incompatible.");
    return ZF_EXIT_OK;
}

int zf_cmd_compare(int argc, char **argv) {
    bool json = false;
    const struct zf_option options[] = {{"--json", &json, NULL}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 2, ZF_ARGS_WORDS, "two or more models", 0, {NULL}};
    struct zf_model_list list;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    status = zf_model_list_take(&list, args.words, args.count);
    if (status == ZF_EXIT_OK) {
        status = list.count == 2 ? compare_two(&list, json)
                 : json          ? zf_print_json(stdout, matrix_value(&list))
                                 : matrix(&list);
    }
    zf_model_list_free(&list);
    return status;
}
