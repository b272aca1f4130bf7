/*
 * The end of a run: why, where, the exit status, and what was met beyond the model.
 */
#include "gdb/gdb.h"
#include "run/part.h"
#include "text/common.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNAL_BASE = 128 };

static const struct {
    enum zf_stop stop;
    int status;
    const char *name, *text;
} ends[ZF_RUN_END_COUNT] = {
#define RUN_END(id, stop, status, name, text) [ZF_RUN_##id] = {ZF_STOP_##stop, status, name, text},
#include "run/exit.def"
#undef RUN_END
};

const char *zf_run_end_name(enum zf_run_end end) {
    return ends[end].name;
}

int zf_run_end_status(enum zf_run_end end) {
    return ends[end].status;
}

const char *zf_run_end_text(enum zf_run_end end) {
    return ends[end].text;
}

enum zf_run_end zf_run_fail(struct zf_run *run, enum zf_run_end end, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(run->err.message, sizeof run->err.message, format, args);
    va_end(args);
    return end;
}

enum zf_run_end zf_run_failed(const struct zf_run *run) {
    enum zf_status status = run->err.status;
    return status == ZF_ERROR_USAGE || status == ZF_ERROR_NOT_FOUND ? ZF_RUN_USAGE : ZF_RUN_ERROR;
}

int zf_run_refuse(const struct zf_run *run, enum zf_run_end end) {
    int status = zf_run_end_status(end);
    fprintf(stderr, "zfacet: %s\n", run->err.message);
    return zf_run_write_status(run, end, status) ? status : ZF_EXIT_FAILURE;
}

static enum zf_run_end end_of(const struct zf_halt *halt) {
    bool well = zf_wait_succeeds(halt->psw_address);
    for (unsigned i = 0; i < ZF_RUN_END_COUNT && !(halt->why == ZF_STOP_DISABLED_WAIT && well);
         i++) {
        if (ends[i].stop == halt->why && halt->why != ZF_STOP_NONE) {
            return (enum zf_run_end)i;
        }
    }
    return ZF_RUN_OK; /* also of a program, whose own status and signal are passed on */
}

const char *zf_halt_text(const struct zf_halt *halt) {
    switch (halt->why) {
    case ZF_STOP_NONE:
    case ZF_STOP_REQUESTED:
    case ZF_STOP_BREAKPOINT:
    case ZF_STOP_MAX_INSNS:
        return halt->text;
    case ZF_STOP_EXIT:
        return "program ended";
    case ZF_STOP_SIGNAL:
        return "program killed by a signal";
    default:
        return zf_run_end_text(end_of(halt));
    }
}

int zf_run_halt_status(const struct zf_halt *halt) {
    switch (halt->why) {
    case ZF_STOP_EXIT:
        return halt->exit_status & 0xff;
    case ZF_STOP_SIGNAL:
        return SIGNAL_BASE + halt->exit_status;
    default:
        return zf_run_end_status(end_of(halt));
    }
}

/* Executions of what the model lacks that are held against the guest. */
static bool has_slips(const struct zf_run *run) {
    const struct zf_run_counts *counts = run->counts;
    if (run->options->strict) {
        return counts->beyond_model + counts->hints > 0;
    }
    return counts->beyond_model > counts->probed;
}

static int status_of(const struct zf_run *run, enum zf_run_end end) {
    if (run->options->check && has_slips(run)) {
        return zf_run_end_status(ZF_RUN_BLOCKED);
    }
    if (run->options->check && run->counts->unimplemented) {
        return zf_run_end_status(ZF_RUN_UNIMPLEMENTED);
    }
    if (run->options->check && run->options->strict && zf_run_absent_count(run)) {
        return zf_run_end_status(ZF_RUN_BLOCKED);
    }
    if (end == ZF_RUN_OK || end == ZF_RUN_KILLED) {
        int status = zf_run_halt_status(&run->halt);
        bool unsaved = run->save_failed || (run->options->save_at && !run->save_at_done);
        return unsaved && !status ? ZF_EXIT_FAILURE : status;
    }
    return zf_run_end_status(end);
}

/* Whether there are several CPUs, so that it matters which one it was. */
static bool tells_cpu(const struct zf_run *run) {
    return !run->program && zf_machine_cpus(run->machine) > 1;
}

/* Appends the function that an address is in, if that is known. */
static void append_function(const struct zf_run *run, uint64_t address, char *text, size_t size) {
    struct zf_symbol symbol;
    size_t used = strlen(text);
    if (run->symbols && zf_symbols_find(run->symbols, address, &symbol) && symbol.function[0]) {
        snprintf(text + used, size - used, " (%s+%#" PRIx64 ")", symbol.function, symbol.offset);
    }
}

/* Where it was, in which function; of a guest whose program new PSW leads nowhere, before that. */
static void where(struct zf_run *run, char *text, size_t size) {
    enum { OLD_PGM = 0x150 };
    const struct zf_halt *halt = &run->halt;
    char cpu[24] = "";
    if (tells_cpu(run)) {
        snprintf(cpu, sizeof cpu, "CPU %u, ", halt->cpu);
    }
    snprintf(text, size, "%sPSW %016" PRIx64 " %016" PRIx64, cpu, halt->psw_mask,
             halt->psw_address);
    append_function(run, halt->psw_address, text, size);
    struct zf_cpu *first = zf_machine_cpu(run->machine, halt->cpu);
    uint64_t mask, address;
    if (halt->why == ZF_STOP_PGM_LOOP && first &&
        zf_real_load(first, (struct zf_raddr){OLD_PGM}, 8, &mask) &&
        zf_real_load(first, (struct zf_raddr){OLD_PGM + 8}, 8, &address)) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, ", old PSW %016" PRIx64 " %016" PRIx64, mask, address);
        append_function(run, address, text, size);
    }
}

/* More about how it ended, or an empty text. */
static const char *detail_of(const struct zf_run *run) {
    return run->stopped_at[0] ? run->stopped_at : run->halt.text;
}

static void tell_end(struct zf_run *run, enum zf_run_end end) {
    char at[384];
    if (run->halt.why == ZF_STOP_SIGNAL) {
        fprintf(stderr, "zfacet: program killed by signal %d (%s)%s%s\n", run->halt.exit_status,
                strsignal(run->halt.exit_status), run->halt.text[0] ? ": " : "", run->halt.text);
        return;
    }
    if (end == ZF_RUN_OK || end == ZF_RUN_SAVED) {
        return;
    }
    where(run, at, sizeof at);
    fprintf(stderr, "zfacet: %s", zf_run_end_text(end));
    if (detail_of(run)[0]) {
        fprintf(stderr, ": %s", detail_of(run));
    }
    fprintf(stderr, ", %s\n", at);
}

static json_t *hex(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

/* Where the finding is that a program was killed for, since its PSW is after the instruction. */
static bool find_fault(const struct zf_run *run, uint64_t *address) {
    if (run->halt.why != ZF_STOP_SIGNAL || !run->last) {
        return false;
    }
    for (unsigned n = 0; zf_machine_cpu(run->machine, n); n++) {
        const struct zf_finding *last =
            run->last[n].any ? zf_report_at(run->report, run->last[n].entry) : NULL;
        if (last && last->address + zf_insn_length(last->word) == run->halt.psw_address) {
            *address = last->address;
            return true;
        }
    }
    return false;
}

static json_t *end_json(struct zf_run *run, enum zf_run_end end, int status) {
    json_t *value = json_object();
    json_object_set_new(value, "guest", zf_json_text(run->identity.guest));
    json_object_set_new(value, "kind", json_string(zf_guest_kind_name(run->kind)));
    json_object_set_new(value, "end", json_string(zf_run_end_name(end)));
    json_object_set_new(value, "status", json_integer(status));
    if (run->halt.why == ZF_STOP_SIGNAL) {
        json_object_set_new(value, "signal", json_integer(run->halt.exit_status));
    }
    if (detail_of(run)[0]) {
        json_object_set_new(value, "detail", json_string(detail_of(run)));
    }
    uint64_t fault;
    if (find_fault(run, &fault)) {
        json_object_set_new(value, "address", hex(fault));
    }
    if (run->halt.why == ZF_STOP_EXIT) {
        json_object_set_new(value, "guest_status", json_integer(run->halt.exit_status & 0xff));
    }
    if (tells_cpu(run)) {
        json_object_set_new(value, "cpu", json_integer(run->halt.cpu));
    }
    json_object_set_new(value, "psw_mask", hex(run->halt.psw_mask));
    json_object_set_new(value, "psw_address", hex(run->halt.psw_address));
    if (run->options->max_insns || run->options->count || run->options->trace & ZF_TRACE_INSN) {
        json_object_set_new(value, "insns", json_integer(zf_control_insns(run->control)));
    }
    zf_run_dump_json(run, !zf_run_halt_status(&run->halt), value);
    zf_run_history_json(run, value);
    json_object_set_new(value, "report", zf_run_report_json(run));
    return value;
}

void zf_run_collect(struct zf_run *run, json_t *value) {
    char *text = run->options->collect > 0 ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (text) {
        dprintf(run->options->collect, "%s\n", text);
        free(text);
    }
}

/* What a process that collects wants to know beside. */
static void collect_end(struct zf_run *run, enum zf_run_end end, int status) {
    json_t *value = end_json(run, end, status);
    json_object_set_new(value, "main", json_true());
    zf_run_collect(run, value);
}

int zf_run_tell_report(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    int status = ZF_EXIT_OK;
    if (run->program) {
        zf_run_find_images(run);
    }
    bool child = run->program && zf_linux_is_child(run->program);
    if (o->report_file && child && !run->report_out) {
        char path[512];
        snprintf(path, sizeof path, "%s.%d", o->report_file, run->pid);
        status = zf_write_report(path, NULL, zf_run_report_json(run));
    } else if (o->report_file && !child) {
        status = zf_write_report(o->report_file, run->report_out, zf_run_report_json(run));
    }
    if (!o->json && !o->quiet) {
        zf_print_report(stderr, run->report, run->symbols);
    }
    return status;
}

/* A guest that has ended is as it was then: after a limit it can go on. */
static void save_at_end(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    struct zf_error err;
    if (!o->save_at_end || atomic_load(&run->saved)) {
        return;
    }
    if (zf_run_save(run, o->save, &err) != ZF_OK) {
        zf_warn("guest not saved: %s", err.message);
        run->save_failed = true;
    } else if (!o->quiet && !o->json) {
        fprintf(stderr, "zfacet: guest saved to %s\n", o->save);
    }
    atomic_store(&run->saved, false); /* it ended as it did */
}

/* That the guest ended before it was to be saved, or before anyone asked for that. */
static void tell_unsaved(const struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    if (o->save_at && !run->save_at_done) {
        zf_warn("guest not saved: it ended before --save-at %lld instructions",
                (long long)o->save_at);
    } else if (o->save && !run->saved_once && !run->save_failed && !o->quiet && !o->json) {
        zf_warn("guest not saved: it ended before SIGUSR1; --save-at-end saves it then");
    }
}

static int tell(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    enum zf_run_end end = atomic_load(&run->saved) ? ZF_RUN_SAVED : end_of(&run->halt);
    zf_run_settle_probes(run);
    fflush(stdout);
    zf_run_recover_errors(run);
    save_at_end(run);
    int status = status_of(run, end);
    tell_unsaved(run);
    if (!o->json && !o->quiet) {
        tell_end(run, end);
    }
    if (!o->json) {
        zf_run_dump_print(stderr, run, !zf_run_halt_status(&run->halt));
        zf_run_history_print(stderr, run);
    }
    if (o->count && !o->json) {
        int64_t count = zf_control_insns(run->control);
        fprintf(stderr, "zfacet: %" PRId64 " instruction%s\n", count, zf_plural((uint64_t)count));
    }
    if (zf_run_tell_report(run) != ZF_EXIT_OK || !zf_run_mix_write(run)) {
        status = ZF_EXIT_FAILURE;
    }
    if (!o->json && !o->quiet) {
        zf_run_print_absent(stderr, run);
    }
    if (o->check && !o->json && !o->quiet) {
        zf_run_warn_absent(run);
    }
    if (o->trace_file && (fflush(run->trace) != 0 || ferror(run->trace))) {
        fprintf(stderr, "zfacet: cannot write %s: %s\n", o->trace_file, strerror(errno));
        status = ZF_EXIT_FAILURE;
    }
    if (!zf_run_write_status(run, end, status)) {
        status = ZF_EXIT_FAILURE;
    }
    if (o->json) {
        zf_print_json(stderr, end_json(run, end, status));
    }
    if (o->collect > 0) {
        collect_end(run, end, status);
    }
    return status;
}

int zf_run_go(struct zf_run *run) {
    zf_run_machine(run);
    zf_gdb_finish(run->gdb);
    return tell(run);
}
