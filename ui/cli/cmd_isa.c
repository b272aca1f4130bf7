/*
 * zfacet isa: instructions by facility, machine, model or whether zfacet executes them.
 */
#include "cli/command.h"
#include "model/input.h"
#include "text/args.h"
#include "text/common.h"
#include "text/facility_text.h"
#include "text/insn_json.h"
#include "text/insn_print.h"

#include "zfacet/facility.h"
#include "zfacet/ibc.h"
#include "zfacet/implemented.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char usage[] =
    "usage: zfacet isa [OPTION]...\n"
    "\n"
    "Lists instructions: mnemonic, opcode, format, first machine, facility, name. With several\n"
    "options, lists the instructions that match all of them.\n"
    "\n"
    "  --facility FACILITY  need this facility: a number (129), name (vector) or feature (vx)\n"
    "  --since MACHINE      were introduced with this machine, such as z13\n"
    "  --model MODEL        run on this model\n"
    "  --privileged         are privileged or semiprivileged\n"
    "  --missing            are not implemented by zfacet\n"
    "  --forms              also list the field values that are newer than their instruction\n"
    "  --json               print JSON\n"
    "\n"
    "examples:\n"
    "  zfacet isa --facility vector-enhancements-1 --forms\n"
    "  zfacet isa --model z196 --since z196 --json\n";

struct filter {
    int facility; /* -1: any */
    int since;    /* -1: any */
    const struct zf_model *model;
    bool privileged, missing, forms, json;
};

static bool needs(const struct zf_facility_need *need, int bit) {
    for (unsigned i = 0; i < need->count; i++) {
        if (need->bit[i] == bit) {
            return true;
        }
    }
    return bit < 0;
}

static bool row_passes(const struct filter *f, enum zf_row row) {
    const struct zf_row_info *info = zf_row_get(row);
    struct zf_subject subject = zf_subject_row(row);
    return needs(&info->facility, f->facility) && (f->since < 0 || f->since == info->since) &&
           (f->model == NULL || zf_model_runs(f->model, &subject)) &&
           (!f->privileged || info->privilege != ZF_PROBLEM) &&
           (!f->missing || !zf_row_implemented(row));
}

static bool form_passes(const struct filter *f, const struct zf_form *form) {
    struct zf_subject subject = zf_subject_form(form);
    return f->forms && needs(&form->facility, f->facility) &&
           (f->since < 0 || f->since == form->since) &&
           (f->model == NULL || zf_model_runs(f->model, &subject)) &&
           (!f->privileged || zf_row_get(form->row)->privilege != ZF_PROBLEM) &&
           (!f->missing || !zf_form_implemented(form));
}

static void print_one(const struct zf_row_info *row, unsigned since,
                      const struct zf_facility_need *need, const char *what) {
    char opcode[8];
    char bits[32] = "-";
    zf_opcode_text(row, opcode);
    for (unsigned i = 0, n = 0; i < need->count; i++) {
        n += (unsigned)snprintf(bits + n, sizeof bits - n, "%s%u",
                                i == 0      ? ""
                                : need->any ? "|"
                                            : "&",
                                need->bit[i]);
    }
    printf("%-9s %-5s %-6s %-7s %-9s %-14s %s\n", row->mnemonic, opcode,
           zf_format_name(row->format), zf_since_name(since), bits,
           zf_privilege_name(row->privilege), what);
}

static int list_json(const struct filter *filter) {
    json_t *rows = json_array();
    json_t *forms = json_array();
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        if (row_passes(filter, r)) {
            json_array_append_new(rows, zf_row_json(r));
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        if (form_passes(filter, zf_form_at(i))) {
            json_array_append_new(forms, zf_form_json(zf_form_at(i)));
        }
    }
    return zf_print_json(stdout, json_pack("{s:o, s:o}", "instructions", rows, "forms", forms));
}

static int list(const struct filter *filter) {
    unsigned rows = 0;
    unsigned forms = 0;
    printf("%s%-9s %-5s %-6s %-7s %-9s %-14s %s%s\n", zf_colour(stdout, ZF_COLOUR_BOLD), "MNEMONIC",
           "CODE", "FORMAT", "SINCE", "FACILITY", "STATE", "NAME",
           zf_colour(stdout, ZF_COLOUR_NONE));
    for (int r = ZF_ROW_INVALID + 1; r < ZF_ROW_COUNT; r++) {
        const struct zf_row_info *info = zf_row_get(r);
        if (row_passes(filter, r)) {
            print_one(info, info->since, &info->facility, info->name);
            rows++;
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        if (form_passes(filter, form)) {
            char what[128];
            snprintf(what, sizeof what, "with %s: %s", form->text, zf_row_get(form->row)->name);
            print_one(zf_row_get(form->row), form->since, &form->facility, what);
            forms++;
        }
    }
    if (filter->forms) {
        printf("\n%u instruction%s, %u form%s\n", rows, zf_plural(rows), forms, zf_plural(forms));
    } else {
        printf("\n%u instruction%s\n", rows, zf_plural(rows));
    }
    return ZF_EXIT_OK;
}

static const char *since_name(const void *context, unsigned i) {
    return zf_since_name(i);
}

static int parse_since(const char *text, int *since) {
    for (*since = 0; *since < ZF_SINCE_COUNT; ++*since) {
        if (strcasecmp(text, zf_since_name(*since)) == 0) {
            return -1;
        }
    }
    const char *nearest = zf_nearest(text, since_name, NULL);
    return zf_usage_error("isa: no instruction was introduced with a machine '%s'; %s%s%s", text,
                          nearest ? "did you mean '" : "the machines are esa390, z900, … z17",
                          nearest ? nearest : "", nearest ? "'?" : "");
}

enum { OPT_FACILITY = 256, OPT_SINCE, OPT_MODEL };

static int take(int c, struct filter *f, struct zf_model *model) {
    f->privileged |= c == 'p';
    f->missing |= c == 'm';
    f->forms |= c == 'f';
    f->json |= c == 'j';
    if (c == OPT_FACILITY) {
        struct zf_error err;
        f->facility = zf_facility_parse(optarg, &err);
        return f->facility < 0 ? zf_usage_error("isa: %s", err.message) : -1;
    }
    if (c == OPT_SINCE) {
        return parse_since(optarg, &f->since);
    }
    if (c == OPT_MODEL) {
        struct zf_model_input input;
        int status = zf_model_take(optarg, false, &input);
        if (status != ZF_EXIT_OK) {
            return status;
        }
        *model = input.model;
        f->model = model;
    }
    return -1;
}

int zf_cmd_isa(int argc, char **argv) {
    struct option table[] = {
        {"facility", required_argument, NULL, OPT_FACILITY},
        {"since", required_argument, NULL, OPT_SINCE},
        {"model", required_argument, NULL, OPT_MODEL},
        {"privileged", no_argument, NULL, 'p'},
        {"missing", no_argument, NULL, 'm'},
        {"forms", no_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct filter filter = {.facility = -1, .since = -1};
    struct zf_model model;
    int c;
    opterr = 0;
    optind = 1;
    while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
        if (c == '?' || c == ':') {
            return zf_args_getopt_error("isa", table, c, argv[optind - 1]);
        }
        if (c == 'h') {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        int status = take(c, &filter, &model);
        if (status >= 0) {
            return status;
        }
    }
    if (optind != argc) {
        return zf_usage_error("isa: unexpected argument '%s'; did you mean 'zfacet explain %s'?",
                              argv[optind], argv[optind]);
    }
    return filter.json ? list_json(&filter) : list(&filter);
}
