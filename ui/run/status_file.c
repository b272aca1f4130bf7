/*
 * --exit-status-file: a run's own exit status can be taken for the guest's, as 110 can be either's.
 * Here both are apart, as lines that a shell can read.
 */
#include "run/part.h"
#include "text/common.h"

#include <errno.h>
#include <string.h>

bool zf_run_write_status(const struct zf_run *run, enum zf_run_end end, int status) {
    const char *path = run->options->status_file;
    if (!path || run->no_status) {
        return !path;
    }
    FILE *out = run->status_out ? run->status_out : fopen(path, "we");
    bool done = out != NULL;
    if (out) {
        fprintf(out, "end=%s\nstatus=%d\n", zf_run_end_name(end), status);
        if (run->halt.why == ZF_STOP_EXIT) {
            fprintf(out, "guest_status=%d\n", run->halt.exit_status & 0xff);
        } else if (run->halt.why == ZF_STOP_SIGNAL) {
            fprintf(out, "signal=%d\n", run->halt.exit_status);
        }
        done = !ferror(out);
        done &= fclose(out) == 0;
    }
    if (!done) {
        zf_warn("cannot write %s: %s", path, strerror(errno));
    }
    return done;
}
