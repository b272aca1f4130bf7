/*
 * zfacet models: the machines as a list, or all about one model.
 */
#include "cli/command.h"
#include "model/input.h"
#include "model/print.h"
#include "text/args.h"
#include "text/common.h"

#include "zfacet/model.h"

static const char usage[] =
    "usage: zfacet models [--json]\n"
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
    "  zfacet models @host.xml\n";

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
    bool json = false, strict = false;
    const struct zf_option options[] = {
        {"--json", &json, NULL}, {"--strict", &strict, NULL}, {NULL, NULL, NULL}};
    struct zf_args args = {usage, options, 0, 1, "at most one model", 0, {NULL}};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
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
