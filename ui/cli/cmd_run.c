/*
 * zfacet run: options, and a run of ui/run from its beginning to its end.
 */
#include "cli/command.h"
#include "run/run.h"
#include "text/common.h"

int zf_cmd_run(int argc, char **argv) {
    struct zf_run_options options;
    struct zf_run run;
    struct zf_error err;
    zf_run_options_init(&options);
    if (zf_run_options_parse(&options, argc, argv, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    if (options.help) {
        zf_run_print_help(stdout);
        return ZF_EXIT_OK;
    }
    enum zf_run_end end = zf_run_open(&run, &options);
    if (!end && !options.quiet) {
        zf_run_warn_of_unused(&run);
    }
    int status = end ? zf_run_refuse(&run, end) : zf_run_go(&run);
    if (end == ZF_RUN_BAD_GUEST && options.guest) {
        zf_run_warn_of_host(options.guest, options.sysroot);
    }
    zf_run_close(&run);
    return status;
}
