/*
 * zfacet cluster: the relocation domain of some hosts: what runs on all, and what that costs.
 */
#include "cli/command.h"
#include "model/cluster_file.h"
#include "model/losses.h"
#include "model/machine_text.h"
#include "model/output.h"
#include "text/args.h"
#include "text/common.h"
#include "text/wrap.h"

#include <stdlib.h>

static const char usage[] =
    "usage: zfacet cluster FILE [--format FORMAT] [--json]\n"
    "\n"
    "Reads hosts and their models. Prints the model with which a guest can move freely between "
    "them\n"
    "(the relocation domain), what each host gives up for it, and which host would have to leave\n"
    "the cluster to gain what.\n"
    "\n"
    "FILE  - is standard input. Text: a line for each host with its name and model, # starts a\n"
    "      comment:\n"
    "          web1  z14\n"
    "          web2  @web2.xml,deprecated-features=off\n"
    "      or JSON: {\"hosts\": {\"web1\": \"z14\", \"web2\": {\"name\": \"z13-base\", \"props\":\n"
    "      {\"vx\": true}}}}, or \"hosts\" as a list of {\"name\": ..., \"model\": ...}. A model "
    "is\n"
    "      anything that other commands accept; @FILE is relative to the cluster file.\n"
    "\n"
    "  --format FORMAT  only the common model, as qemu, libvirt, hercules, stfle or json\n"
    "  --json           {hosts: [{name, model, gives_up: [NAME], instructions, forms, "
    "functions}],\n"
    "                   common: {name, props} or null, without: [{host, common: {name, props} or\n"
    "                   null, gains: [NAME], instructions, forms, functions}]}. The numbers count\n"
    "                   what programs lose or gain; without lists the hosts whose leaving gains\n"
    "                   anything\n"
    "\n"
    "Exit status: 1 if there is no common model.\n"
    "\n"
    "examples:\n"
    "  zfacet cluster hosts.txt\n"
    "  zfacet cluster hosts.json --format libvirt\n";

/* A cluster with its common model, if there is one. */
struct domain {
    struct zf_model_list list;
    bool has_common;
    struct zf_manage_model common;
    struct zf_model common_model;
};

/* What the cluster would be without one host. */
struct departure {
    bool has_common, gains;
    struct zf_manage_model common;
    uint64_t gained[(ZF_FEATURE_COUNT + 63) / 64];
    struct zf_loss_count count;
};

static void leave(const struct domain *domain, unsigned host, struct departure *departure) {
    struct zf_manage_error error;
    struct zf_model model;
    *departure = (struct departure){0};
    if (domain->list.count < 2 ||
        !zf_model_list_baseline(&domain->list, 0, host, &departure->common, &error)) {
        return;
    }
    departure->has_common = true;
    departure->gains = !domain->has_common;
    if (domain->has_common) {
        departure->gains =
            zf_features_beyond(&departure->common, &domain->common, departure->gained) ||
            departure->common.machine->level > domain->common.machine->level;
        zf_manage_to_model(&departure->common, &model);
        zf_count_losses(&model, &domain->common_model, &departure->count);
    }
}

static void print_names(const struct zf_manage *manage, const uint64_t *set) {
    struct zf_wrap line = {stdout, 6, 0};
    struct zf_manage_names names;
    zf_manage_name_features(manage, set, &names);
    for (unsigned i = 0; i < names.count; i++) {
        zf_wrap_put(&line, names.names[i]);
    }
    zf_wrap_end(&line, NULL);
}

static void print_count(const struct zf_loss_count *count) {
    printf("%u instruction%s, %u operand value%s, %u function code%s\n", count->instructions,
           zf_plural(count->instructions), count->forms, zf_plural(count->forms), count->functions,
           zf_plural(count->functions));
}

/* The model is not what its name alone says: features are switched. */
static bool is_switched(const struct zf_model *model, const char *name) {
    struct zf_model plain;
    return zf_model_parse(name, false, &plain, NULL, NULL) != ZF_OK ||
           memcmp(plain.features, model->features, sizeof plain.features) != 0;
}

static void print_host(const struct domain *domain, unsigned host) {
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64];
    struct zf_loss_count count;
    const struct zf_model_input *input = &domain->list.inputs[host];
    char name[ZF_MODEL_NAME_LENGTH];
    zf_model_short_name(&input->model, name);
    printf("  %s (%s%s) ", input->label, name,
           is_switched(&input->model, name) ? ", with features switched" : "");
    if (!zf_features_beyond(&domain->list.models[host], &domain->common, set)) {
        puts("gives up nothing");
        return;
    }
    zf_count_losses(&input->model, &domain->common_model, &count);
    fputs("gives up ", stdout);
    print_count(&count);
    print_names(domain->list.manage, set);
}

static void print_departures(const struct domain *domain) {
    bool any = false;
    for (unsigned i = 0; i < domain->list.count; i++) {
        struct departure departure;
        leave(domain, i, &departure);
        if (!departure.gains) {
            continue;
        }
        fputs(any ? "" : "\nIf one host left\n", stdout);
        any = true;
        printf("  without %s the common model is %s", domain->list.inputs[i].label,
               zf_machine_short_name(departure.common.machine));
        if (domain->has_common) {
            fputs(" and gains ", stdout);
            print_count(&departure.count);
            print_names(domain->list.manage, departure.gained);
        } else {
            puts("");
        }
    }
    if (!any) {
        puts("\nNo single host's leaving would gain anything.");
    }
}

static int print_domain(const struct domain *domain) {
    struct zf_manage_delta delta;
    printf("%u %s\n", domain->list.count, domain->list.count == 1 ? "host" : "hosts");
    if (!domain->has_common) {
        puts("No model runs on all of them because important base features are off.");
        print_departures(domain);
        return ZF_EXIT_FAILURE;
    }
    zf_manage_expand(domain->list.manage, &domain->common, ZF_MANAGE_STATIC, &delta, NULL);
    zf_model_name_shorten(delta.name);
    printf("\nThe common model is %s%s%s with %u switch%s:\n", zf_colour(stdout, ZF_COLOUR_BOLD),
           delta.name, zf_colour(stdout, ZF_COLOUR_NONE), delta.count,
           delta.count == 1 ? "" : "es");
    struct zf_wrap line = {stdout, 2, 0};
    for (unsigned i = 0; i < delta.count; i++) {
        char word[64];
        snprintf(word, sizeof word, "%c%s", delta.props[i].on ? '+' : '-', delta.props[i].name);
        zf_wrap_put(&line, word);
    }
    zf_wrap_end(&line, "none");
    puts("\nWhat each host gives up");
    for (unsigned i = 0; i < domain->list.count; i++) {
        print_host(domain, i);
    }
    print_departures(domain);
    return ZF_EXIT_OK;
}

static void add_count(json_t *value, const struct zf_loss_count *count) {
    json_object_set_new(value, "instructions", json_integer(count->instructions));
    json_object_set_new(value, "forms", json_integer(count->forms));
    json_object_set_new(value, "functions", json_integer(count->functions));
}

static json_t *model_json(const struct domain *domain, bool there,
                          const struct zf_manage_model *model) {
    struct zf_manage_delta delta;
    if (!there) {
        return json_null();
    }
    zf_manage_expand(domain->list.manage, model, ZF_MANAGE_STATIC, &delta, NULL);
    return zf_delta_json(&delta);
}

static json_t *host_json(const struct domain *domain, unsigned host) {
    uint64_t set[(ZF_FEATURE_COUNT + 63) / 64] = {0};
    struct zf_loss_count count = {0};
    const struct zf_model_input *input = &domain->list.inputs[host];
    if (domain->has_common) {
        zf_features_beyond(&domain->list.models[host], &domain->common, set);
        zf_count_losses(&input->model, &domain->common_model, &count);
    }
    json_t *value = json_pack("{s:s, s:o, s:o}", "name", input->label, "model",
                              model_json(domain, true, &domain->list.models[host]), "gives_up",
                              zf_features_json(domain->list.manage, set, false));
    add_count(value, &count);
    return value;
}

static int print_json(const struct domain *domain) {
    json_t *hosts = json_array(), *without = json_array();
    for (unsigned i = 0; i < domain->list.count; i++) {
        struct departure departure;
        json_array_append_new(hosts, host_json(domain, i));
        leave(domain, i, &departure);
        if (departure.gains) {
            json_t *value =
                json_pack("{s:s, s:o, s:o}", "host", domain->list.inputs[i].label, "common",
                          model_json(domain, departure.has_common, &departure.common), "gains",
                          zf_features_json(domain->list.manage, departure.gained, false));
            add_count(value, &departure.count);
            json_array_append_new(without, value);
        }
    }
    int status =
        zf_print_json(stdout, json_pack("{s:o, s:o, s:o}", "hosts", hosts, "common",
                                        model_json(domain, domain->has_common, &domain->common),
                                        "without", without));
    return status == ZF_EXIT_OK && !domain->has_common ? ZF_EXIT_FAILURE : status;
}

static int write_common(const struct domain *domain, enum zf_model_format format) {
    struct zf_model_notes notes = {0};
    if (!domain->has_common) {
        fputs("zfacet: cluster: no model runs on all hosts\n", stderr);
        return ZF_EXIT_FAILURE;
    }
    zf_model_write(stdout, domain->list.manage, &domain->common_model, format, ZF_MANAGE_STATIC,
                   &notes);
    zf_notes_tell(&notes, NULL);
    return ZF_EXIT_OK;
}

static int read_domain(const struct zf_cluster *cluster, struct domain *domain) {
    struct zf_manage_error error;
    struct zf_error err;
    if (!zf_model_list_allocate(&domain->list, cluster->count)) {
        fputs("zfacet: out of memory\n", stderr);
        return ZF_EXIT_FAILURE;
    }
    for (unsigned i = 0; i < cluster->count; i++) {
        if (zf_host_model(cluster, &cluster->hosts[i], &domain->list.inputs[i], &err) != ZF_OK) {
            return zf_report_error(&err);
        }
        zf_model_tell(&domain->list.inputs[i]);
        zf_manage_from_model(&domain->list.inputs[i].model, &domain->list.models[i]);
    }
    domain->has_common =
        zf_model_list_baseline(&domain->list, 0, cluster->count, &domain->common, &error);
    if (domain->has_common) {
        zf_manage_to_model(&domain->common, &domain->common_model);
    }
    return ZF_EXIT_OK;
}

static int run(const char *file, bool json, bool formatted, enum zf_model_format format) {
    struct zf_cluster cluster;
    struct domain domain = {0};
    struct zf_error err;
    int status = zf_cluster_read(file, &cluster, &err) == ZF_OK ? read_domain(&cluster, &domain)
                                                                : zf_report_error(&err);
    if (status == ZF_EXIT_OK) {
        status = json        ? print_json(&domain)
                 : formatted ? write_common(&domain, format)
                             : print_domain(&domain);
    }
    zf_model_list_free(&domain.list);
    free(cluster.hosts);
    return status;
}

int zf_cmd_cluster(int argc, char **argv) {
    bool json = false;
    const char *format_name = NULL;
    const struct zf_option options[] = {
        {"--json", &json, NULL}, {"--format", NULL, &format_name}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 1, 1, "one file", 0, {NULL}};
    struct zf_error err;
    enum zf_model_format format;
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN ||
        (status = zf_args_one_format("cluster", json, format_name)) != ZF_ARGS_RUN) {
        return status;
    }
    if (zf_model_format_parse(format_name, &format, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    return run(args.words[0], json, format != ZF_MODEL_FORMAT_TEXT, format);
}
