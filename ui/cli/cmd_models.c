/*
 * zfacet models: the machines as a list, or all about one model.
 */
#include "cli/command.h"
#include "model/input.h"
#include "model/print.h"
#include "model/world_level.h"
#include "text/args.h"
#include "text/common.h"

#include "zfacet/model.h"

static const char usage[] =
    "usage: zfacet models [--json]\n"
    "       zfacet models [MODEL] --distributions [--json]\n"
    "       zfacet models MODEL[,NAME=on|off]... [--json] [--strict]\n"
    "\n"
    "Lists the machines, or describes one model: type, IBC value, feature sets, facility list,\n"
    "function codes, and what of it zfacet does not implement.\n"
    "\n"
    "MODEL  a machine by any of its names: z196.2, 2817-ga2, z15, gen15a, z16-a02. The name alone\n"
    "       is the default set, with -base the set that never changes, with -full all that the\n"
    "       machine can have. Further: 'recommended', the newest machine without deprecated\n"
    "       features; 'max', all that the newest machine can have; 'qemu', the model of QEMU\n"
    "       without KVM (in JSON and XML of the management interfaces, max means that, too)\n"
    "NAME   a feature (vx, kma-gcm-aes-128), a group (msa4), a facility by number (129,\n"
    "       stfle129) or name (vector), or deprecated-features\n"
    "\n"
    "+NAME and -NAME mean NAME=on and NAME=off.\n"
    "\n"
    "Wherever a command takes a model, it also takes\n"
    "  @FILE[,NAME=on|off]...   a file in one of these formats, recognised by content:\n"
    "                           libvirt XML (<cpu>, domain, host and domain capabilities);\n"
    "                           JSON of the management interface (a model, arguments or reply of\n"
    "                           an expansion or baseline, a log of these); /proc/cpuinfo of Linux\n"
    "                           on s390; the output of Hercules's facility query, or FACILITY\n"
    "                           ENABLE and DISABLE lines; the Linux kernel's message about\n"
    "                           missing facilities; a facility list in hexadecimal, as STFLE\n"
    "                           stores it; a line with a model, as for QEMU's -cpu\n"
    "  -                        the same from standard input\n"
    "  stfle:HEXADECIMAL[,...]  a facility list\n"
    "What a format does not contain is reported on standard error, with the assumption made.\n"
    "\n"
    "  --distributions  list distributions of Linux with the oldest machine that they run on, and\n"
    "            where their makers say so; with MODEL, those that run on it. In JSON\n"
    "            {distributions: [{name, versions, machine, source, runs?}]}\n"
    "  --strict  refuse a model in which a feature lacks another that it needs\n"
    "  --json    without MODEL {machines: [MACHINE], models: [{name, machine, feature_count}]}, "
    "where\n"
    "            MACHINE is machine, aliases: [NAME], title, type, ga, class, generation,\n"
    "            generation_ga, ibc, ibc_lowest, announced, address_bits, base_count,\n"
    "            default_count, full_count; hexadecimal numbers are strings, absent values are\n"
    "            null. With MODEL {name, the members of MACHINE except the counts, names: {qemu,\n"
    "            libvirt, hercules, march, arch, rust, go, glibc_hwcaps: [NAME],\n"
    "            next_level_lacks}, warnings: [{feature, needs}], stidp, stfl, stfle,\n"
    "            facilities: [{bit, name, since}], functions: {MNEMONIC: {query, codes:\n"
    "            [CODE]}}, features, base, default, full: [NAME], instructions,\n"
    "            not_implemented: [MNEMONIC], functions_not_implemented: {MNEMONIC: [CODE]}};\n"
    "            instructions: the number that the model has\n"
    "\n"
    "examples:\n"
    "  zfacet models\n"
    "  zfacet models z16,msa9=off\n"
    "  zfacet models recommended --json\n"
    "  zfacet models @host.xml\n"
    "  zfacet models z13 --distributions\n";

static const struct distribution {
    const char *name, *versions, *machine, *source;
} distributions[] = {
#define DISTRIBUTION(name, versions, machine, source) {name, versions, machine, source},
#include "model/distribution.def"
#undef DISTRIBUTION
};

/* Whether the model is of that machine or a newer one, and has what compilers use of it. */
static bool runs(const struct zf_model *model, const struct distribution *d) {
    int missing;
    struct zf_model least;
    struct zf_error err;
    const struct zf_world_level *level = zf_world_level_of(model, &missing);
    return zf_model_parse(d->machine, false, &least, NULL, &err) == ZF_OK && level &&
           level->generation >= zf_level_generation(least.machine->level);
}

static json_t *distribution_json(const struct distribution *d, const struct zf_model *model) {
    json_t *value = json_pack("{s:s, s:s, s:s, s:s}", "name", d->name, "versions", d->versions,
                              "machine", d->machine, "source", d->source);
    if (model) {
        json_object_set_new(value, "runs", json_boolean(runs(model, d)));
    }
    return value;
}

static int show_distributions(const char *text, bool json) {
    struct zf_model_input input;
    const struct zf_model *model = text ? &input.model : NULL;
    int status = text ? zf_model_take(text, false, &input) : ZF_EXIT_OK;
    json_t *list = json_array();
    if (status == ZF_EXIT_OK && !json) {
        puts("DISTRIBUTION  VERSIONS  NEEDS  SOURCE");
    }
    for (unsigned i = 0; status == ZF_EXIT_OK && i < ZF_ARRAY_LENGTH(distributions); i++) {
        const struct distribution *d = &distributions[i];
        if (json) {
            json_array_append_new(list, distribution_json(d, model));
        } else if (!model || runs(model, d)) {
            printf("%-12s  %-8s  %-5s  %s\n", d->name, d->versions, d->machine, d->source);
        }
    }
    if (status == ZF_EXIT_OK && json) {
        return zf_print_json(stdout, json_pack("{s:o}", "distributions", list));
    }
    json_decref(list);
    return status;
}

static int show_model(const char *text, bool strict, bool json) {
    struct zf_model_input input;
    int status = zf_model_take(text, strict, &input);
    if (status != ZF_EXIT_OK) {
        return status;
    }
    if (json) {
        return zf_print_json(stdout, zf_model_json(&input.model, &input.warnings));
    }
    zf_print_model(stdout, &input.model);
    return ZF_EXIT_OK;
}

int zf_cmd_models(int argc, char **argv) {
    bool json = false, strict = false, list = false;
    const struct zf_option options[] = {{"--json", &json, NULL},
                                        {"--strict", &strict, NULL},
                                        {"--distributions", &list, NULL},
                                        {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 0, 1, "at most one model", 0, {NULL}};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    if (list) {
        return show_distributions(args.count ? args.words[0] : NULL, json);
    }
    if (args.count) {
        return show_model(args.words[0], strict, json);
    }
    if (json) {
        return zf_print_json(stdout, zf_machines_json());
    }
    zf_print_machines(stdout);
    return ZF_EXIT_OK;
}
