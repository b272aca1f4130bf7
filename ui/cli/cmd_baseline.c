/*
 * zfacet baseline: the model that runs wherever all the given models do.
 */
#include "cli/command.h"
#include "model/list.h"
#include "model/machine_text.h"
#include "model/output.h"
#include "text/args.h"
#include "text/common.h"
#include "text/feature_text.h"

static const char usage[] =
    "usage: zfacet baseline MODEL MODEL... [--format FORMAT] [--json]\n"
    "\n"
    "Prints the newest model that runs on all the given ones: their common features, on the "
    "machine\n"
    "of the lowest level, limited to what that machine can have. The models are combined in the\n"
    "order given, two at a time, as libvirt does it.\n"
    "\n"
    "MODEL  a model (zfacet help models), @FILE or -\n"
    "\n"
    "  --format FORMAT  text, json, qemu, libvirt, hercules, stfle: as for zfacet expand\n"
    "  --json           same as --format json: {model: {name, props: {NAME: BOOLEAN}},\n"
    "                   deprecated-props: [NAME]}, as in zfacet expand\n"
    "\n"
    "Exit status: 1 if there is no such model because important base features are off.\n"
    "\n"
    "examples:\n"
    "  zfacet baseline z13 z14 z16\n"
    "  zfacet baseline @host1.xml @host2.xml --format libvirt\n";

static void print_baseline(const struct zf_model_list *list,
                           const struct zf_manage_model *baseline) {
    struct zf_manage_delta delta;
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64];
    zf_manage_expand(list->manage, baseline, ZF_MANAGE_STATIC, &delta, NULL);
    zf_model_name_shorten(delta.name);
    printf("%s%s%s with %u switch%s\n", zf_colour(stdout, ZF_COLOUR_BOLD), delta.name,
           zf_colour(stdout, ZF_COLOUR_NONE), delta.count, delta.count == 1 ? "" : "es");
    for (unsigned i = 0; i < delta.count; i++) {
        char text[ZF_FEATURE_TEXT_LENGTH];
        zf_feature_name_text(delta.props[i].name, text);
        printf("  %c %-22s %s\n", delta.props[i].on ? '+' : '-', delta.props[i].name, text);
    }
    for (unsigned i = 0; i < list->count; i++) {
        if (zf_features_beyond(&list->models[i], baseline, set)) {
            struct zf_manage_names names;
            zf_manage_name_features(list->manage, set, &names);
            printf("%s gives up", list->inputs[i].label);
            for (unsigned n = 0; n < names.count; n++) {
                printf(" %s", names.names[n]);
            }
            putchar('\n');
        }
    }
}

static int baseline(const struct zf_model_list *list, enum zf_model_format format) {
    struct zf_manage_model common;
    struct zf_manage_error error;
    struct zf_model_notes notes = {0};
    struct zf_model model;
    if (!zf_model_list_baseline(list, 0, list->count, &common, &error)) {
        char text[256];
        zf_manage_error_text(&error, text, sizeof text);
        fprintf(stderr, "zfacet: baseline: %s\n", text);
        return ZF_EXIT_FAILURE;
    }
    if (format == ZF_MODEL_FORMAT_TEXT) {
        print_baseline(list, &common);
        return ZF_EXIT_OK;
    }
    zf_manage_to_model(&common, &model);
    zf_model_write(stdout, list->manage, &model, format, ZF_MANAGE_STATIC, &notes);
    zf_notes_tell(&notes, NULL);
    return ZF_EXIT_OK;
}

int zf_cmd_baseline(int argc, char **argv) {
    bool json = false;
    const char *format_name = NULL;
    const struct zf_option options[] = {
        {"--json", &json, NULL}, {"--format", NULL, &format_name}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 1, ZF_ARGS_WORDS, "models", 0, {NULL}};
    struct zf_model_list list;
    struct zf_error err;
    enum zf_model_format format;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN ||
        (status = zf_args_one_format("baseline", json, format_name)) != ZF_ARGS_RUN) {
        return status;
    }
    if (zf_model_format_parse(json ? "json" : format_name, &format, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    status = zf_model_list_take(&list, args.words, args.count);
    status = status == ZF_EXIT_OK ? baseline(&list, format) : status;
    zf_model_list_free(&list);
    return status;
}
