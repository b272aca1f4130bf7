/*
 * Options that say nothing to a guest of this kind.
 */
#include "run/run.h"
#include "text/common.h"

void zf_run_warn_of_unused(const struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    bool program = run->kind == ZF_GUEST_PROGRAM;
    const struct {
        const char *name;
        bool given, for_programs;
    } options[] = {
        {"--sysroot", o->sysroot, true},
        {"--fixed-random", o->fixed_random, true},
        {"--trace calls (--strace)", o->trace & ZF_RUN_TRACE_CALLS, true},
        {"--memory", o->memory != (uint64_t)ZF_RUN_MEMORY_MIB << 20, false},
        {"--no-reboot", o->no_reboot, false},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(options); i++) {
        if (options[i].given && options[i].for_programs != program) {
            zf_warn("%s changes nothing: the guest is %s Linux program", options[i].name,
                    program ? "a" : "no");
        }
    }
}
