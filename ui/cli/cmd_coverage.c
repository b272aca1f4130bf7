/*
 * zfacet coverage: what of a model counts of executions have, and what they lack.
 */
#include "cli/command.h"
#include "mix/mix.h"
#include "model/input.h"
#include "text/args.h"
#include "text/common.h"

#include "zfacet/ibc.h"

static const char usage[] =
    "usage: zfacet coverage [--model MODEL] [--never] [--json] FILE...\n"
    "\n"
    "Says which facilities, instructions, forms (values of fields that came later than their\n"
    "instruction) and function codes of MODEL were executed. FILEs are what 'zfacet run --mix',\n"
    "'zfacet suite --mix', 'zfacet check --mix' and 'zfacet mix --output' have written (-: "
    "standard\n"
    "input): they are summed.\n"
    "\n"
    "  --model MODEL  the model (default: that of the runs)\n"
    "  --never        also list what was not executed; what zfacet does not implement never is, "
    "and\n"
    "                 --json lists it apart\n"
    "  --json         {model, facilities: [{facility, name, total, executed, never: [MNEMONIC],\n"
    "                 not_implemented: [MNEMONIC]}], functions: [{name, total, executed, never:\n"
    "                 [CODE], not_implemented}], forms: {…}, instructions: {…}}\n"
    "\n"
    "examples:\n"
    "  zfacet suite --models z14 --mix suite.mix tests.manifest\n"
    "  zfacet coverage --never suite.mix\n"
    "  zfacet inspect --view coverage --coverage suite.mix --models z13.. --screenshot out.png\n";

/* That of the runs, when all were made with the same. */
static const char *model_of(const json_t *counts) {
    json_t *models = json_object_get(counts, "models");
    return json_object_size(models) == 1 ? json_object_iter_key(json_object_iter(models)) : NULL;
}

static int print(const json_t *counts, const struct zf_model_input *input, bool json, bool never) {
    const struct zf_gate_config config = zf_gate_config_default(&input->model);
    struct zf_gate gate;
    zf_gate_compute(&config, &gate);
    json_t *coverage = zf_mix_coverage(counts, &gate);
    if (json) {
        json_object_set_new(coverage, "model", json_string(input->label));
        return zf_print_json(stdout, coverage);
    }
    zf_mix_print_coverage(stdout, coverage, never);
    json_decref(coverage);
    return ZF_EXIT_OK;
}

static int cover(const struct zf_args *args, json_t *counts, const char *model,
                 struct zf_model_input *input) {
    struct zf_error err;
    for (unsigned i = 0; i < args->count; i++) {
        if (zf_mix_read(args->words[i], counts, &err) != ZF_OK) {
            return zf_report_error(&err);
        }
    }
    model = model ? model : model_of(counts);
    if (!model) {
        return zf_usage_error("coverage: the runs had several models; give one as --model");
    }
    return zf_model_take(model, false, input);
}

int zf_cmd_coverage(int argc, char **argv) {
    bool json = false, never = false;
    const char *model = NULL;
    const struct zf_option options[] = {{"--model", NULL, &model},
                                        {"--never", &never, NULL},
                                        {"--json", &json, NULL},
                                        {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 1, ZF_ARGS_WORDS, "files of counts", 0, {NULL}};
    struct zf_model_input input;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    json_t *counts = zf_mix_create();
    status = cover(&args, counts, model, &input);
    if (status == ZF_EXIT_OK) {
        status = print(counts, &input, json, never);
    }
    json_decref(counts);
    return status;
}
