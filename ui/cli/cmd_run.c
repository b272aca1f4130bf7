#include "cli/command.h"
#include "run/run.h"
#include "text/common.h"

int zf_cmd_run(int argc, char **argv) {
    struct zf_run_options options;
    struct zf_run run;
    zf_run_options_init(&options);
    int status = zf_run_options_parse(&options, argc, argv);
    if (status >= 0) {
        return status;
    }
    status = zf_run_open(&run, &options);
    if (status < 0 && options.qmp) {
        status = zf_run_qmp_open(&run);
    }
    if (status < 0) {
        status = zf_run_go(&run);
    }
    zf_run_qmp_close(&run);
    zf_run_close(&run);
    return status;
}
