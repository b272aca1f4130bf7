/*
 * zfacet qmp: the management protocol without a guest.
 */
#define _GNU_SOURCE
#include "cli/command.h"
#include "qmp/schema.h"
#include "qmp/server.h"
#include "text/args.h"
#include "text/common.h"

#include <string.h>
#include <unistd.h>

struct options {
    const char *socket, *model;
    bool stdio;
};

static const char usage[] =
    "usage: zfacet qmp [--stdio | --socket PATH] [--model MODEL]\n"
    "\n"
    "Serves management software in the QEMU Machine Protocol (QMP): CPU models, their expansion,\n"
    "comparison and baseline, in the words and order of QEMU 10.0. Each line of output is a reply\n"
    "or an event. Commands can be split over lines, and a line can contain several.\n"
    "\n"
    "  --stdio        one client, on standard input and output (default)\n"
    "  --socket PATH  any number of clients on a unix socket; 'quit', SIGINT or SIGTERM ends it\n"
    "  --model MODEL  report one CPU of this model (zfacet help models), which executes nothing\n"
    "\n"
    "'zfacet run --qmp unix:PATH' serves the same protocol for a running guest.\n"
    "\n"
    "commands:\n";

static const char usage_end[] =
    "\n"
    "events: STOP, RESUME, RESET, GUEST_PANICKED, SHUTDOWN. query-qmp-schema lists all arguments\n"
    "and members. Members whose names begin with x- are zfacet's own, as are the model\n"
    "'recommended' and the property 'deprecated-features' of every model.\n"
    "\n"
    "examples:\n"
    "  printf '%s\\n' '{\"execute\": \"qmp_capabilities\"}' \\\n"
    "    '{\"execute\": \"query-cpu-model-baseline\", \"arguments\":\n"
    "      {\"modela\": {\"name\": \"z14\"}, \"modelb\": {\"name\": \"z13\"}}}' | zfacet qmp\n"
    "  zfacet qmp --socket /run/user/1000/zfacet.sock --model z14,vx=off\n";

static void print_usage(void) {
    const struct zf_qmp_command *command;
    fputs(usage, stdout);
    for (unsigned i = 0; (command = zf_qmp_command_at(i)); i++) {
        printf("  %-26s  %s\n", command->name, command->text);
    }
    fputs(usage_end, stdout);
}

static bool wants_help(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            return true;
        }
    }
    return false;
}

/* ZF_ARGS_RUN to go on, else an exit status. */
static int parse_options(struct options *options, int argc, char **argv) {
    const struct zf_option list[] = {{"--stdio", &options->stdio, NULL},
                                     {"--socket", NULL, &options->socket},
                                     {"--model", NULL, &options->model},
                                     {0}};
    struct zf_args args = {.usage = usage, .options = list, .wanted = "options only"};
    if (wants_help(argc, argv)) {
        print_usage();
        return ZF_EXIT_OK;
    }
    int status = zf_args_parse(&args, argc, argv);
    if (status == ZF_ARGS_RUN && options->stdio && options->socket) {
        return zf_usage_error("--stdio and --socket exclude each other");
    }
    return status;
}

static enum zf_status open_client(struct zf_qmp_server *server, const struct options *options,
                                  struct zf_error *err) {
    return options->socket ? zf_qmp_server_listen(server, options->socket, err)
                           : zf_qmp_server_use_stdio(server, err);
}

static int serve(const struct options *options, const struct zf_model *model) {
    struct zf_qmp qmp;
    struct zf_error err;
    bool open = zf_qmp_open(&qmp, model);
    struct zf_qmp_server *server = open ? zf_qmp_server_create(&qmp) : NULL;
    enum zf_status status = ZF_ERROR_MEMORY;
    int signals = zf_qmp_open_signals();
    qmp.guest_thread = getpid();
    if (!server) {
        zf_fail(&err, ZF_ERROR_MEMORY, "out of memory");
    } else if ((status = open_client(server, options, &err)) == ZF_OK) {
        zf_qmp_server_end_on(server, signals, "host-signal");
        zf_qmp_server_run(server);
    }
    zf_qmp_server_destroy(server);
    zf_qmp_close(&qmp);
    if (signals >= 0) {
        close(signals);
    }
    return status == ZF_OK ? ZF_EXIT_OK : zf_report_error(&err);
}

int zf_cmd_qmp(int argc, char **argv) {
    struct options options = {0};
    struct zf_model model;
    struct zf_error err;
    int status = parse_options(&options, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    if (options.model && zf_model_parse(options.model, false, &model, NULL, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    return serve(&options, options.model ? &model : NULL);
}
