/*
 * zfacet run, in parts: options (run_option.c), the machine and its guest (run_machine.c), what is
 * told in the end (run_end.c). zfacet suite runs its guests through the same functions.
 */
#ifndef ZFACET_UI_RUN_H
#define ZFACET_UI_RUN_H

#include "zfacet/load.h"
#include "zfacet/report.h"
#include "zfacet/symbol.h"
#include "zfacet/translate.h"

#include <stdio.h>

enum zf_run_end {
#define RUN_END(id, ...) ZF_RUN_##id,
#include "cli/run_exit.def"
#undef RUN_END
    ZF_RUN_END_COUNT
};

/* What the guest file is taken for. */
enum zf_run_as { ZF_RUN_AS_DETECTED, ZF_RUN_AS_LINUX, ZF_RUN_AS_BARE, ZF_RUN_AS_RAW };

struct zf_run_options {
    const char *model, *host, *ibc, *lowest_ibc;
    const char *report_file, *trace_file;
    enum zf_policy policy;
    enum zf_on_blocked on_blocked;
    enum zf_engine engine;
    enum zf_run_as as;
    bool check, hide_unimplemented, strict, quiet, json;
    unsigned trace; /* enum zf_trace */
    int64_t max_insns;
    uint64_t timeout_ns;
    uint64_t memory;
    bool has_base;
    uint64_t base;
    const char *guest; /* a file, or rom:NAME */
    char **arguments;  /* of the guest, its own name first; NULL at the end */
};

/* A run while it lasts. */
struct zf_run {
    const struct zf_run_options *options;
    struct zf_model model;
    struct zf_facilities facilities;
    struct zf_machine *machine;
    struct zf_report *report;
    struct zf_symbols *symbols;
    FILE *trace;
    enum zf_guest_kind kind;
    enum zf_stop stop;
    char stop_place[64]; /* with --on-blocked stop: where and what */
};

/** Options at their defaults. */
void zf_run_options_init(struct zf_run_options *options);

/**
 * Reads a command line; argv[0] is skipped. Returns -1 to go on, else the exit status to end with,
 * having printed help or what is wrong.
 */
int zf_run_options_parse(struct zf_run_options *options, int argc, char **argv);

/**
 * Makes the machine as the options want it and loads the guest. Returns -1 to go on, else an exit
 * status, having told why. zf_run_close() in any case.
 */
int zf_run_open(struct zf_run *run, const struct zf_run_options *options);
void zf_run_close(struct zf_run *run);

/** Runs to the end, tells of it and writes the report; returns the exit status. */
int zf_run_go(struct zf_run *run);

/** The end's name in manifests and JSON, its exit status, its text. */
const char *zf_run_end_name(enum zf_run_end end);
int zf_run_end_status(enum zf_run_end end);
const char *zf_run_end_text(enum zf_run_end end);

/** Tells how the run ended and what it met; returns the exit status. */
int zf_run_tell(struct zf_run *run);

#endif
