/*
 * zfacet run: a client of zfacet/control.h, of which the commands of ui/cli know no more than what
 * is here. Its parts are in part.h.
 */
#ifndef ZFACET_UI_RUN_H
#define ZFACET_UI_RUN_H

#include "zfacet/control.h"
#include "zfacet/linux.h"
#include "zfacet/load.h"
#include "zfacet/report.h"
#include "zfacet/save.h"
#include "zfacet/saved_model.h"
#include "zfacet/symbol.h"
#include "zfacet/translate.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>

enum zf_run_end {
#define RUN_END(id, ...) ZF_RUN_##id,
#include "run/exit.def"
#undef RUN_END
    ZF_RUN_END_COUNT
};

/* What the guest file is taken for. */
enum zf_run_as { ZF_RUN_AS_DETECTED, ZF_RUN_AS_LINUX, ZF_RUN_AS_BARE, ZF_RUN_AS_RAW };

/* Of the options' trace, beside enum zf_trace: the system calls of a Linux program. */
enum { ZF_RUN_TRACE_CALLS = 1 << 4 };

/* What --dump-at-end asks for. */
enum { ZF_RUN_DUMPS = 8 };
struct zf_run_dump {
    bool registers, everything;
    unsigned count;
    struct {
        uint64_t address, length;
    } storage[ZF_RUN_DUMPS];
};

/* When --dump-on has it printed, a bit each. */
enum { ZF_RUN_DUMP_ON_FINDING = 1 << 0, ZF_RUN_DUMP_ON_FAULT = 1 << 1 };

enum { ZF_RUN_BINDS = 16 };

/* Storage of a bare machine where --memory does not say. */
enum { ZF_RUN_MEMORY_MIB = 256 };

struct zf_run_options {
#define OPTION_TEXT(member, ...) const char *member;
#define OPTION_FLAG(member, ...) bool member;
#define OPTION(type, member, ...) type member;
#define OPTION_SAME(...)
#define OPTION_ACTION(...)
#include "run/option.def"
#undef OPTION_ACTION
#undef OPTION_SAME
#undef OPTION
#undef OPTION_FLAG
#undef OPTION_TEXT
    enum zf_run_as as;
    struct zf_run_bind {
        char host[256], guest[256];
        bool read_only;
    } binds[ZF_RUN_BINDS]; /* of --bind */
    unsigned bind_count;
    bool on_unimplemented_given; /* else a ROM may ask for the trap */
    bool has_base;
    uint32_t heat;    /* as in struct zf_machine_config */
    size_t code_room; /* the same */
    unsigned registers;
    int collect; /* if above 0: a file that gets what each process has to tell, as JSON */
    struct zf_run_counts *counts; /* that are the caller's, or NULL */
    struct zf_lockstep *lockstep; /* that it is one side of (run/lockstep.h), or NULL */
    bool repeatable;              /* the same, but processes have the host's numbers */
    bool watched;                 /* by a window: consoles and standard streams are events alone */
    const char *guest;            /* a file, or rom:NAME */
    char **arguments;             /* of the guest, its own name first; NULL at the end */
};

/* Executions of what the model does not have, and of what zfacet does not execute. */
struct zf_run_counts {
    uint64_t beyond_model, unimplemented;
    uint64_t hints;  /* ignored, with the same result */
    uint64_t probed; /* of those beyond the model: caught by the guest, which went on */
};

/** In storage that processes share; NULL: there is none. */
struct zf_run_counts *zf_run_counts_create(void);
void zf_run_counts_destroy(struct zf_run_counts *counts);

/* The last exception that a thread got for what its model lacks. */
struct zf_run_last {
    bool any;
    bool caught; /* a handler of the program got the exception */
    unsigned entry;
};

/* What --perf-map and --host-gdb have told of native code. */
struct zf_run_registered;
struct zf_run_native {
    int pid;                              /* whose file it is: a forked guest begins its own */
    struct zf_run_registered *registered; /* with gdb, the newest one */
    const char *last;                     /* its code */
};

/* A run while it lasts. */
struct zf_run {
    const struct zf_run_options *options;
    struct zf_error err;            /* why it cannot begin */
    struct zf_saved_model identity; /* model, policy and guest, as a stream would carry them */
    struct zf_facilities facilities;
    struct zf_machine *machine;
    struct zf_linux *program; /* of a Linux program */
    struct zf_control *control;
    struct zf_halt halt;          /* how it ended */
    struct zf_report *report;     /* of this process */
    struct zf_run_last *last;     /* finding of each thread, by its CPU's address; NULL: none yet */
    double started;               /* by the host's clock, in seconds */
    char images_of[256];          /* the program whose images `symbols` has */
    int pid;                      /* whose report it is: a forked guest begins its own */
    struct zf_run_counts *counts; /* of all processes of the guest */
    struct zf_symbols *symbols;
    uint64_t nobody; /* the last page that no image was found for */
    struct zf_run_native native;
    FILE *trace;
    FILE *report_out; /* of --report, opened before the guest is contained; or NULL */
    FILE *status_out; /* in the same way, of --exit-status-file */
    bool no_status;   /* it has been told that this cannot be written */
    struct zf_run_options contained; /* the options as they are inside */
    char contained_guest[PATH_MAX];
    int errors; /* standard error as it was when a Linux program began, or -1 */
    enum zf_guest_kind kind;
    char stopped_at[64]; /* the finding at which the machine stopped: what and where */
    struct zf_stream incoming;
    struct zf_section section; /* while a guest is restored */
    bool save_at_done, save_failed, saved_once;
    atomic_bool saved;                                       /* and not taken back since */
    atomic_bool interrupted;                                 /* by a signal */
    struct zf_run_qmp *qmp;                                  /* of --qmp, or NULL */
    struct zf_gdb *gdb;                                      /* of --gdb, or NULL */
    char no_way_back[sizeof((struct zf_error *)0)->message]; /* why the guest cannot go back, if it
                                                                cannot */
    struct zf_run_history *history;                          /* of --history, or NULL */
    struct zf_run_mix *mix;                                  /* of --mix, or NULL */
    unsigned dumps;                                          /* of --dump-on finding, so far */
};

/** Options at their defaults. */
void zf_run_options_init(struct zf_run_options *options);

/** Reads a command line; argv[0] is skipped. */
enum zf_status zf_run_options_parse(struct zf_run_options *options, int argc, char **argv,
                                    struct zf_error *err);

/** How many words the option that begins with `word` takes: 1, or 2 with its value; 0: unknown. */
int zf_run_option_words(const char *word);

/** Reports what zf_run_options_parse() failed with, for another command that takes options of
 * zfacet run: the message begins with its name. Returns the exit status. */
int zf_run_report_options(const char *command, const struct zf_error *err);

/** The option of zfacet run, without dashes, whose name is near to that of `word`, or NULL. */
const char *zf_run_option_near(const char *word);

/** What --help tells. */
void zf_run_print_help(FILE *out);

/**
 * Makes the machine as the options want it, loads the guest, and begins to serve --qmp. ZF_RUN_OK,
 * or how the run ends already, with run->err filled. zf_run_close() in any case.
 */
enum zf_run_end zf_run_open(struct zf_run *run, const struct zf_run_options *options);
void zf_run_close(struct zf_run *run);

/**
 * What is at `address`, by the images that are there; those that a Linux program has mapped since
 * are looked for where none is known. By the thread that executes, between blocks.
 */
bool zf_run_symbol(struct zf_run *run, uint64_t address, struct zf_symbol *symbol);

/** Tells run->err; returns the exit status. */
int zf_run_refuse(const struct zf_run *run, enum zf_run_end end);

/** "command", "program" or, without a sysroot, "script", when `guest` is one of the host; or NULL.
 */
const char *zf_run_host_kind(const char *guest, const char *sysroot);

/** When `guest` is a command, a program or, without a sysroot, a script of the host: says that it
 * cannot be one, and how the s390x programs that it starts are gated. True if so. */
bool zf_run_warn_of_host(const char *guest, const char *sysroot);

/** Says which of the options that were given change nothing, since the guest of an open run is a
 * Linux program, or is none. */
void zf_run_warn_of_unused(const struct zf_run *run);

/** Runs to the end, tells of it and writes the report; returns the exit status. */
int zf_run_go(struct zf_run *run);

/** The end's name in manifests and JSON, its exit status, its text. */
const char *zf_run_end_name(enum zf_run_end end);
int zf_run_end_status(enum zf_run_end end);
const char *zf_run_end_text(enum zf_run_end end);

/** The exit status that goes with an end, by itself: findings may make it another. */
int zf_run_halt_status(const struct zf_halt *halt);

/** Why a machine that stands still does, in words; empty when it was asked to, or steps are done.
 */
const char *zf_halt_text(const struct zf_halt *halt);

#endif
