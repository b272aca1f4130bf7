/*
 * zfacet run --gdb: debuggers as clients of the machine's control.
 */
#include "gdb/gdb.h"

#include "run/part.h"

static int status(void *context, const struct zf_halt *halt) {
    return zf_run_halt_status(halt);
}

enum zf_run_end zf_run_gdb_open(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    const struct zf_gdb_config config = {
        .control = run->control,
        .program = run->program,
        .sysroot = o->sysroot,
        .vector = zf_machine_has_facility(run->machine, ZF_FACILITY_VECTOR),
        .no_way_back = run->no_way_back,
        .status = status,
    };
    run->gdb = zf_gdb_create(&config, o->gdb, &run->err);
    if (!run->gdb) {
        return zf_run_failed(run);
    }
    if (o->stopped && !o->quiet) {
        fprintf(stderr, "zfacet: waiting for gdb: target remote %s\n",
                o->gdb + (o->gdb[0] == 'u' && o->gdb[4] == ':' ? 5 : 0));
    }
    return ZF_RUN_OK;
}
