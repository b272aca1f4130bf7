/*
 * What the parts of zfacet run share: options (option.c), model and gate (gate.c), the guest and
 * its machine (machine.c), Linux programs (linux.c), kernels (kernel.c), console and findings
 * (event.c), registers and storage (dump.c), the last instructions (history.c), guests that are the
 * host's (host_file.c), --mix (mix.c), --exit-status-file (status_file.c), saved guests
 * (save.c, restore.c), signals (signal.c), the management protocol (qmp.c), debuggers (gdb.c), the
 * end (end.c). Functions that can fail return how the run ends, ZF_RUN_OK when they did not; why,
 * is in run->err.
 */
#ifndef ZFACET_UI_RUN_PART_H
#define ZFACET_UI_RUN_PART_H

#include "run/report_print.h"
#include "run/run.h"

#include <jansson.h>

/** Fills run->err as printf does; returns `end`. */
enum zf_run_end zf_run_fail(struct zf_run *run, enum zf_run_end end, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The end that goes with run->err. */
enum zf_run_end zf_run_failed(const struct zf_run *run);

/** Reads the model and the policy that the options name into run->identity. */
enum zf_status zf_run_read_identity(struct zf_run *run, struct zf_error *err);

/** Computes the gate of run->identity; warns of what is probably not meant. */
enum zf_status zf_run_open_gate(struct zf_run *run, struct zf_error *err);

/** Maps a regular file to read, for munmap(); NULL: `*why` says why not. */
const void *zf_run_map_file(const char *path, size_t *size, const char **why);

/** Gives a kernel, loaded from `bytes`, what the options have for it. */
enum zf_run_end zf_run_load_kernel_input(struct zf_run *run, const void *bytes, size_t size);

/** Reads the LIST of --dump-at-end; false when it is none. */
bool zf_run_dump_parse(struct zf_run_dump *dump, const char *list);

/** Prints what --dump-at-end asks for; the machine has ended, `well` or not. */
void zf_run_dump_print(FILE *out, const struct zf_run *run, bool well);

/** For --dump-on finding: the CPU in the middle of the instruction, each place once. */
void zf_run_dump_finding(struct zf_run *run, const struct zf_finding *finding,
                         const struct zf_cpu *cpu);

/** --history: before the machine is made, for which `config` is; false: out of memory. */
bool zf_run_history_open(struct zf_run *run, struct zf_machine_config *config);
void zf_run_history_close(struct zf_run *run);
/** The last instructions, as text and as a member of `object`. */
void zf_run_history_print(FILE *out, const struct zf_run *run);
void zf_run_history_json(const struct zf_run *run, json_t *object);

/** --mix: opens its file; names what was counted; forgets it; writes what this process has. */
enum zf_run_end zf_run_mix_open(struct zf_run *run);
void zf_run_mix_take(struct zf_run *run);
void zf_run_mix_forked(struct zf_run *run);
bool zf_run_mix_write(struct zf_run *run);
void zf_run_mix_close(struct zf_run *run);

/** Knows the images that the program has mapped now, and no longer those of one before it. */
void zf_run_follow_program(struct zf_run *run);

/** Writes --exit-status-file; false, with a message, when that fails. */
bool zf_run_write_status(const struct zf_run *run, enum zf_run_end end, int status);

/** The same as members of `object`: "cpus", "storage". */
void zf_run_dump_json(const struct zf_run *run, bool well, json_t *object);

/** Begins to serve the management protocol as --qmp wants it. */
enum zf_run_end zf_run_qmp_open(struct zf_run *run);
void zf_run_qmp_close(struct zf_run *run);

/** Begins to serve debuggers as --gdb wants it; waits at the end until one has seen that. */
enum zf_run_end zf_run_gdb_open(struct zf_run *run);

/**
 * A Linux program may close standard error, or open another file in its place: keeps it for the
 * trace and for what is told at the end, and takes it back.
 */
void zf_run_keep_errors(struct zf_run *run);
void zf_run_recover_errors(const struct zf_run *run);

/** --contain, if it is given: comes back inside, or with why not; the process outside ends with the
 * guest. */
enum zf_run_end zf_run_contain(struct zf_run *run);
/** For --deterministic: comes back in a process that is in a space of process numbers of its own.
 */
void zf_run_number_anew(struct zf_run *run);

/** Sets up the Linux program; zfacet's error when that fails. */
enum zf_status zf_run_open_program(struct zf_run *run, struct zf_error *err);

/** Seconds since the run began. */
double zf_run_seconds(const struct zf_run *run);

/** Symbols with the folder of --debug-dir; NULL without memory. */
struct zf_symbols *zf_run_new_symbols(const struct zf_run *run);

/** Adds those of --symbols, if given; a failure for a Linux program, which has its own. */
enum zf_run_end zf_run_add_given_symbols(struct zf_run *run);
void zf_run_keep_symbols(const struct zf_run *run, struct zf_symbols *symbols);

/** Keeps where a Linux program's finding is, number `entry` of the report. */
void zf_run_note_place(struct zf_run *run, unsigned entry, const struct zf_finding *finding,
                       const struct zf_cpu *cpu);

/** Before this process reports: which findings were probes. */
void zf_run_settle_probes(struct zf_run *run);

/** Writes what this process has to tell where `collect` of the options wants it. */
void zf_run_collect(struct zf_run *run, json_t *value);

/** For zf_machine_config.native: tells the host's tools what --perf-map and --host-gdb ask for. */
void zf_run_native_note(void *context, uint64_t pc, const void *code, size_t size);
/** Tells gdb on the host of native code with that name; of none any more. */
void zf_run_host_gdb_note(struct zf_run *run, const char *name, const void *code, size_t size);
void zf_run_host_gdb_close(struct zf_run *run);

/** Tells the symbols of the images that the program has mapped now. */
void zf_run_find_images(struct zf_run *run);

/**
 * System calls that the program made and zfacet does not have, but those that kernels may lack: how
 * many; as text, with the others beside them; as a warning.
 */
unsigned zf_run_absent_count(const struct zf_run *run);
void zf_run_print_absent(FILE *out, const struct zf_run *run);
void zf_run_warn_absent(const struct zf_run *run);

/** The report with those system calls. */
json_t *zf_run_report_json(const struct zf_run *run);
/* The system calls of it. */
json_t *zf_run_absent_json(const struct zf_run *run);

/** What is added to the addresses of the ELF file at `path` when its first page is at `start`. */
uint64_t zf_run_bias(const char *path, uint64_t start);

/** Of the run's control: prints what the guest writes, counts findings. */
void zf_run_on_event(void *context, const struct zf_control_event *event);

/** Of the run's control: standard input. */
bool zf_run_input(void *context, uint64_t ns);

/** Whether guests can be saved to or restored from `where`; else what is wrong with it. */
bool zf_run_transport_ok(const char *where, struct zf_error *err);

/**
 * Saves the guest of a machine that stands still. After an error nothing has changed: the guest can
 * go on, and a file that was there is as it was. The context is the struct zf_run.
 */
enum zf_status zf_run_save(void *context, const char *to, struct zf_error *err);

/** Loads the guest anew; an error, with nothing changed, when it was restored or its file is
 * another. The context is the struct zf_run. */
enum zf_status zf_run_reset(void *context, struct zf_error *err);

/** For zf_control_call(): saves as --save wants it, and ends the guest unless it is kept. */
void zf_run_save_now(void *context, struct zf_machine *machine);
/** The same at --save-at. */
void zf_run_save_at(void *context, struct zf_machine *machine);

/** From now on a signal that asks for a save waits until the machine runs. */
void zf_run_hold_signals(void);

/**
 * Opens the stream of --restore and reads whose guest it is into run->identity, then compares with
 * the target.
 */
enum zf_run_end zf_run_restore_begin(struct zf_run *run);

/** How much storage and how many CPUs it has. */
enum zf_run_end zf_run_restore_config(struct zf_run *run, struct zf_machine_config *config);

/** The rest of the stream into the machine; tells the source that its guest lives on here. */
enum zf_run_end zf_run_restore_end(struct zf_run *run);

/** Runs the machine to its end; signals end or save a guest that is no Linux program. */
void zf_run_machine(struct zf_run *run);

/** Writes the report where the options want it; an exit status. */
int zf_run_tell_report(struct zf_run *run);

#endif
