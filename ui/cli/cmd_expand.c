/*
 * zfacet expand: a model as a static base model and what differs from it.
 */
#include "cli/command.h"
#include "model/machine_text.h"
#include "model/output.h"
#include "text/args.h"
#include "text/common.h"
#include "text/feature_text.h"

#include <string.h>

static const char usage[] =
    "usage: zfacet expand MODEL [static|full] [--format FORMAT] [--json]\n"
    "\n"
    "Prints a model as the base model of its machine, which never changes, and the differences "
    "from\n"
    "it. The result means the same on every host and in every later version; 'recommended' and\n"
    "MODEL,deprecated-features=off are resolved.\n"
    "\n"
    "MODEL   a model, @FILE or - (zfacet help models)\n"
    "static  only the differences from the base model (default)\n"
    "full    every known feature, on or off\n"
    "\n"
    "  --format FORMAT  text, json, qemu (for -cpu), libvirt (<cpu> of a domain), hercules\n"
    "                   (configuration lines), stfle (the facility list). What a format cannot\n"
    "                   express is reported on standard error\n"
    "  --json           same as --format json: {model: {name, props: {NAME: BOOLEAN}},\n"
    "                   deprecated-props: [NAME]}, as a query returns it; props is absent if\n"
    "                   nothing differs; x-facilities: [BIT] lists facility bits that no CPU\n"
    "                   feature describes\n"
    "\n"
    "examples:\n"
    "  zfacet expand recommended --format libvirt\n"
    "  zfacet expand z14,vx=off,msa4=off\n";

static void print_delta(const struct zf_manage_delta *delta, bool on, const char *mark) {
    for (unsigned i = 0; i < delta->count; i++) {
        char text[ZF_FEATURE_TEXT_LENGTH];
        if (delta->props[i].on == on) {
            zf_feature_name_text(delta->props[i].name, text);
            printf("  %s %-22s %s\n", mark, delta->props[i].name, text);
        }
    }
}

static void print_expansion(const struct zf_manage *manage, const char *label,
                            const struct zf_model *model, enum zf_manage_type type) {
    struct zf_manage_model from;
    struct zf_manage_delta delta;
    struct zf_manage_names deprecated;
    zf_manage_from_model(model, &from);
    zf_manage_expand(manage, &from, type, &delta, &deprecated);
    zf_model_name_shorten(delta.name);
    printf("%s is %s%s%s", label, zf_colour(stdout, ZF_COLOUR_BOLD), delta.name,
           zf_colour(stdout, ZF_COLOUR_NONE));
    if (!delta.count) {
        puts(" without changes");
        return;
    }
    printf(" with %u switch%s\n", delta.count, delta.count == 1 ? "" : "es");
    print_delta(&delta, true, "+");
    print_delta(&delta, false, "-");
    for (unsigned i = 0; type == ZF_MANAGE_STATIC && i < deprecated.count; i++) {
        printf("%s%s", i ? " " : "deprecated and on: ", deprecated.names[i]);
    }
    fputs(type == ZF_MANAGE_STATIC && deprecated.count ? "\n" : "", stdout);
}

static int expand(const struct zf_model_input *input, enum zf_manage_type type,
                  enum zf_model_format format) {
    struct zf_model_notes notes = {0};
    struct zf_manage *manage = zf_manage_create();
    if (!manage) {
        return ZF_EXIT_FAILURE;
    }
    if (format == ZF_MODEL_FORMAT_TEXT) {
        print_expansion(manage, input->label, &input->model, type);
    } else {
        zf_model_write(stdout, manage, &input->model, format, type, &notes);
    }
    zf_notes_tell(&notes, input->label);
    zf_manage_destroy(manage);
    return ZF_EXIT_OK;
}

int zf_cmd_expand(int argc, char **argv) {
    bool json = false;
    const char *format_name = NULL;
    const struct zf_option options[] = {
        {"--json", &json, NULL}, {"--format", NULL, &format_name}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 1, 2, "a model, then static or full", 0, {NULL}};
    struct zf_model_input input;
    struct zf_manage_error refusal;
    struct zf_error err;
    enum zf_model_format format;
    enum zf_manage_type type = ZF_MANAGE_STATIC;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN ||
        (status = zf_args_one_format("expand", json, format_name)) != ZF_ARGS_RUN) {
        return status;
    }
    if (args.count > 1 && !zf_manage_type_parse(args.words[1], &type, &refusal)) {
        return zf_usage_error("expand: '%s' is neither static nor full", args.words[1]);
    }
    if (zf_model_format_parse(json ? "json" : format_name, &format, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    status = zf_model_take(args.words[0], false, &input);
    return status == ZF_EXIT_OK ? expand(&input, type, format) : status;
}
