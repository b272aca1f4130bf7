#include "cli/common.h"
#include "cli/model_print.h"

#include "zfacet/model.h"

#include <string.h>

static const char usage[] =
    "usage: zfacet models [--json]\n"
    "       zfacet models MODEL[,NAME=on|off]... [--json] [--strict]\n"
    "\n"
    "Lists the machines, or tells all about one model: type, IBC value, feature sets,\n"
    "facility list, function codes, and what of it zfacet does not execute.\n"
    "\n"
    "MODEL  any name: z196.2, 2817-ga2, z15, gen15a, z16-a02; alone for the default set,\n"
    "       with -base for what never changes, -full for all the machine can have;\n"
    "       or 'recommended', the newest machine without what is deprecated; 'max', all that\n"
    "       the newest machine can have; 'qemu', what QEMU says of itself without KVM\n"
    "NAME   a feature (vx, kma-gcm-aes-128), a group (msa4), a facility by number (129,\n"
    "       stfle129) or name (vector), or deprecated-features\n"
    "\n"
    "  --json    print JSON\n"
    "  --strict  refuse a model in which a feature lacks another that it needs\n";

static int show_model(const char *text, bool strict, bool json) {
    struct zf_model model;
    struct zf_model_warnings warnings;
    struct zf_error err;
    if (zf_model_parse(text, strict, &model, &warnings, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    for (unsigned i = 0; i < warnings.count; i++) {
        zf_warn("%s: feature '%s' needs '%s', which is off", text,
                zf_feature_info(warnings.broken[i].feature)->name,
                zf_feature_info(warnings.broken[i].needs)->name);
    }
    if (json) {
        return zf_print_json(stdout, zf_model_json(&model, &warnings));
    }
    zf_print_model(stdout, &model);
    return ZF_EXIT_OK;
}

int zf_cmd_models(int argc, char **argv) {
    const char *text = NULL;
    bool json = false, strict = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        if (!strcmp(argv[i], "--json")) {
            json = true;
        } else if (!strcmp(argv[i], "--strict")) {
            strict = true;
        } else if (argv[i][0] == '-') {
            return zf_usage_error(
                "models: there is no option '%s'; 'zfacet help models' tells more", argv[i]);
        } else if (text) {
            return zf_usage_error("models: one model at a time, '%s' is the second", argv[i]);
        } else {
            text = argv[i];
        }
    }
    if (text) {
        return show_model(text, strict, json);
    }
    if (json) {
        return zf_print_json(stdout, zf_machines_json());
    }
    zf_print_machines(stdout);
    return ZF_EXIT_OK;
}
