/*
 * zfacet run, in parts: options (option.c), model and gate (gate.c), the machine and its
 * guest (machine.c), Linux programs (linux.c), the console (console.c), saved guests
 * (save.c, restore.c), the management protocol (qmp.c), findings
 * (finding.c), the end (end.c). zfacet suite runs its guests through the same functions.
 */
#ifndef ZFACET_UI_RUN_H
#define ZFACET_UI_RUN_H

#include "zfacet/linux.h"
#include "zfacet/load.h"
#include "zfacet/report.h"
#include "zfacet/save.h"
#include "zfacet/saved_model.h"
#include "zfacet/symbol.h"
#include "zfacet/translate.h"

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

/* Beside enum zf_trace: the system calls of a Linux program. */
enum { ZF_RUN_TRACE_CALLS = 1 << 4 };

struct zf_run_options {
    const char *model, *host, *ibc, *lowest_ibc;
    const char *report_file, *trace_file;
    const char *sysroot;         /* of a Linux program, or NULL */
    const char *qmp;             /* path of the management protocol's socket, or NULL */
    const char *save;            /* where the guest goes: a file, or unix:PATH */
    const char *restore;         /* where a saved guest comes from, the same way */
    const char *append, *initrd; /* of a Linux kernel, or NULL */
    enum zf_policy policy;
    enum zf_on_blocked on_blocked;
    enum zf_engine engine;
    enum zf_run_as as;
    enum zf_on_unimplemented on_unimplemented;
    bool on_unimplemented_given; /* else a ROM may ask for the trap */
    bool check, hide_unimplemented, strict, quiet, json, fixed_random, keep_running, allow_missing;
    unsigned trace; /* enum zf_trace */
    int64_t max_insns, save_at;
    uint64_t timeout_ns;
    uint64_t memory;
    unsigned cpus;
    bool has_base;
    uint64_t base;
    const char *guest; /* a file, or rom:NAME */
    char **arguments;  /* of the guest, its own name first; NULL at the end */
};

/* Executions of what the model does not have, and of what zfacet does not execute. */
struct zf_run_counts {
    uint64_t beyond_model, unimplemented;
};

/* A run while it lasts. */
struct zf_run {
    const struct zf_run_options *options;
    struct zf_saved_model identity; /* model, policy and guest, as a stream would carry them */
    struct zf_facilities facilities;
    struct zf_machine *machine;
    struct zf_linux *program;     /* of a Linux program */
    struct zf_report *report;     /* of this process */
    int pid;                      /* whose report it is: a forked guest begins its own */
    struct zf_run_counts *counts; /* of all processes of the guest */
    struct zf_symbols *symbols;
    FILE *trace;
    int errors; /* standard error as it was when a Linux program began, or -1 */
    enum zf_guest_kind kind;
    enum zf_stop stop;
    char stop_place[64]; /* with --on-blocked stop: where and what */
    struct zf_stream incoming;
    struct zf_section section;            /* while a guest is restored */
    int64_t executed;                     /* instructions, before the limit now in force */
    atomic_bool save_wanted, interrupted; /* by signals */
    bool save_at_done, saved, save_failed;
    struct zf_run_qmp *qmp; /* of --qmp, or NULL */
};

/** Reads the model and the policy that the options name into run->identity. */
enum zf_status zf_run_read_identity(struct zf_run *run, struct zf_error *err);

/** Computes the gate of run->identity; warns of what is probably not meant. */
enum zf_status zf_run_open_gate(struct zf_run *run, struct zf_error *err);

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

/** Gives a kernel, loaded from `bytes`, what the options have for it; -1, or an exit status. */
int zf_run_load_kernel_input(struct zf_run *run, const void *bytes, size_t size);

/** Begins to serve the management protocol as --qmp wants it; -1, or an exit status. */
int zf_run_qmp_open(struct zf_run *run);
void zf_run_qmp_close(struct zf_run *run);

/** Loads the guest anew; false, with nothing changed, when it was restored or its file is another.
 */
bool zf_run_reset(struct zf_run *run);

/**
 * After the machine was asked to stop: waits as long as a client wants it to; true when it is to
 * run again.
 */
bool zf_run_qmp_goes_on(struct zf_run *run);

/**
 * A Linux program may close standard error, or open another file in its place: keeps it for the
 * trace and for what is told at the end, and takes it back.
 */
void zf_run_keep_errors(struct zf_run *run);
void zf_run_recover_errors(const struct zf_run *run);

/** Runs to the end, tells of it and writes the report; returns the exit status. */
int zf_run_go(struct zf_run *run);

/** For zf_facilities.found: counts in the report; the context is the struct zf_run. */
void zf_run_found(void *context, struct zf_cpu *cpu, const struct zf_finding *finding);

/** Sets up the Linux program; zfacet's error when that fails. */
enum zf_status zf_run_open_program(struct zf_run *run, struct zf_error *err);

/** Tells the symbols of the images that the program has mapped now. */
void zf_run_find_images(struct zf_run *run);

/** Connects the guest's console with standard input and output. */
void zf_run_open_console(struct zf_run *run);

/** Whether `place` is one that guests are saved to or restored from; else what is wrong with it. */
bool zf_run_place_ok(const char *place, struct zf_error *err);

/**
 * Saves the guest of a machine that does not run. After an error nothing has changed: the guest can
 * go on, and a file that was there is as it was.
 */
enum zf_status zf_run_save(const struct zf_run *run, const char *place, struct zf_error *err);

/** From now on a signal that asks for a save waits until the machine runs. */
void zf_run_hold_signals(void);

/** The number of instructions after which the machine is to stop next; 0: never. */
int64_t zf_run_next_limit(const struct zf_run *run);

/** Saves when `stop` came for that; true when the guest is to go on. */
bool zf_run_saves(struct zf_run *run, enum zf_stop stop);

/**
 * Opens the stream of --restore and reads whose guest it is into run->identity, then compares with
 * the target. Returns -1 to go on, else an exit status, having told why.
 */
int zf_run_restore_begin(struct zf_run *run);

/** How much storage and how many CPUs it has; the same way. */
int zf_run_restore_config(struct zf_run *run, struct zf_machine_config *config);

/** The rest of the stream into the machine; tells the source that its guest lives on here. */
int zf_run_restore_end(struct zf_run *run);

/** Runs the machine; interrupts from the terminal stop one without a Linux program. */
enum zf_stop zf_run_machine(struct zf_run *run);

/** Writes the report where the options want it; an exit status. */
int zf_run_tell_report(struct zf_run *run);

/** The end's name in manifests and JSON, its exit status, its text. */
const char *zf_run_end_name(enum zf_run_end end);
int zf_run_end_status(enum zf_run_end end);
const char *zf_run_end_text(enum zf_run_end end);

/** Tells how the run ended and what it met; returns the exit status. */
int zf_run_tell(struct zf_run *run);

#endif
