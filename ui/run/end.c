/*
 * The end of a run: why, where, the exit status, and what was met beyond the model.
 */
#include "run/report_print.h"
#include "run/run.h"
#include "text/common.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* PSW addresses of a disabled wait that tell success; the second is what asks a hypervisor to end.
 */
enum { WAIT_OK = 0, WAIT_SHUTDOWN = 0xfff, SIGNAL_BASE = 128 };

static const struct {
    int status;
    const char *name, *text;
} ends[ZF_RUN_END_COUNT] = {
#define RUN_END(id, status, name, text) [ZF_RUN_##id] = {status, name, text},
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

static enum zf_run_end end_of(const struct zf_run *run) {
    if (run->saved) {
        return ZF_RUN_SAVED;
    }
    switch (run->stop) {
    case ZF_STOP_DISABLED_WAIT: {
        uint64_t address = run->machine->cpu->psw.addr;
        return address == WAIT_OK || address == WAIT_SHUTDOWN ? ZF_RUN_OK : ZF_RUN_FAILED;
    }
    case ZF_STOP_MAX_INSNS:
        return ZF_RUN_MAX_INSNS;
    case ZF_STOP_TIMEOUT:
        return ZF_RUN_TIMEOUT;
    case ZF_STOP_PGM_LOOP:
        return ZF_RUN_PGM_LOOP;
    case ZF_STOP_BLOCKED:
        return ZF_RUN_STOPPED;
    case ZF_STOP_UNIMPLEMENTED:
        return ZF_RUN_UNIMPLEMENTED;
    case ZF_STOP_CHECK_STOP:
        return ZF_RUN_CHECK_STOP;
    case ZF_STOP_REQUESTED:
        return ZF_RUN_INTERRUPTED;
    case ZF_STOP_IDLE:
        return ZF_RUN_IDLE;
    default:
        return ZF_RUN_OK;
    }
}

static int status_of(const struct zf_run *run, enum zf_run_end end) {
    if (run->options->check && run->counts->beyond_model) {
        return zf_run_end_status(ZF_RUN_BLOCKED);
    }
    if (run->options->check && run->counts->unimplemented) {
        return zf_run_end_status(ZF_RUN_UNIMPLEMENTED);
    }
    if (run->stop == ZF_STOP_EXIT) {
        return run->machine->exit_status & 0xff;
    }
    if (run->stop == ZF_STOP_SIGNAL) {
        return SIGNAL_BASE + run->machine->exit_status;
    }
    return run->save_failed && end == ZF_RUN_OK ? ZF_EXIT_FAILURE : zf_run_end_status(end);
}

/* What else is to be told: where it was, in which function. */
static void where(struct zf_run *run, char *text, size_t size) {
    const struct zf_cpu *cpu = run->machine->cpu;
    struct zf_symbol symbol;
    int used =
        snprintf(text, size, "PSW %016" PRIx64 " %016" PRIx64, zf_psw_mask(cpu), cpu->psw.addr);
    if (used > 0 && run->symbols && zf_symbols_find(run->symbols, cpu->psw.addr, &symbol) &&
        symbol.function[0]) {
        snprintf(text + used, size - (size_t)used, " (%s+%#" PRIx64 ")", symbol.function,
                 symbol.offset);
    }
}

static void tell_end(struct zf_run *run, enum zf_run_end end) {
    char place[384];
    if (run->stop == ZF_STOP_SIGNAL) {
        fprintf(stderr, "zfacet: program killed by signal %d (%s)%s%s\n", run->machine->exit_status,
                strsignal(run->machine->exit_status), run->machine->stop_text[0] ? ": " : "",
                run->machine->stop_text);
        return;
    }
    if (end == ZF_RUN_OK || end == ZF_RUN_SAVED) {
        return;
    }
    where(run, place, sizeof place);
    fprintf(stderr, "zfacet: %s", zf_run_end_text(end));
    if (run->stop_place[0]) {
        fprintf(stderr, ": %s", run->stop_place);
    } else if (run->machine->stop_text[0]) {
        fprintf(stderr, ": %s", run->machine->stop_text);
    }
    fprintf(stderr, ", %s\n", place);
}

static json_t *hex(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

static void tell_json(struct zf_run *run, enum zf_run_end end, int status) {
    json_t *value = json_object();
    const struct zf_cpu *cpu = run->machine->cpu;
    json_object_set_new(value, "guest", zf_json_text(run->identity.guest));
    json_object_set_new(value, "kind", json_string(zf_guest_kind_name(run->kind)));
    json_object_set_new(value, "end", json_string(zf_run_end_name(end)));
    json_object_set_new(value, "status", json_integer(status));
    if (run->stop == ZF_STOP_SIGNAL) {
        json_object_set_new(value, "signal", json_integer(run->machine->exit_status));
    }
    if (run->machine->stop_text[0] || run->stop_place[0]) {
        json_object_set_new(
            value, "detail",
            json_string(run->stop_place[0] ? run->stop_place : run->machine->stop_text));
    }
    json_object_set_new(value, "psw_mask", hex(zf_psw_mask(cpu)));
    json_object_set_new(value, "psw_address", hex(cpu->psw.addr));
    if (run->options->max_insns || run->options->trace & ZF_TRACE_INSN) {
        json_object_set_new(
            value, "insns",
            json_integer(run->executed + (json_int_t)zf_machine_insns(run->machine)));
    }
    json_object_set_new(value, "report", zf_report_json(run->report, run->symbols));
    zf_print_json(stderr, value);
}

int zf_run_tell_report(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    int status = ZF_EXIT_OK;
    if (run->program) {
        zf_run_find_images(run);
    }
    if (o->report_file && run->program && zf_linux_is_child(run->program)) {
        char path[512];
        snprintf(path, sizeof path, "%s.%d", o->report_file, run->pid);
        status = zf_write_report(path, run->report, run->symbols);
    } else if (o->report_file) {
        status = zf_write_report(o->report_file, run->report, run->symbols);
    }
    if (!o->json && !o->quiet) {
        zf_print_report(stderr, run->report, run->symbols);
    }
    return status;
}

int zf_run_tell(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    enum zf_run_end end = end_of(run);
    int status = status_of(run, end);
    fflush(stdout);
    zf_run_recover_errors(run);
    if (o->save_at && !run->save_at_done && !o->quiet) {
        zf_warn("guest not saved: it ended before --save-at %lld instructions",
                (long long)o->save_at);
    }
    if (!o->json && !o->quiet) {
        tell_end(run, end);
    }
    if (zf_run_tell_report(run) != ZF_EXIT_OK) {
        status = ZF_EXIT_FAILURE;
    }
    if (o->trace_file && (fflush(run->trace) != 0 || ferror(run->trace))) {
        fprintf(stderr, "zfacet: cannot write %s: %s\n", o->trace_file, strerror(errno));
        status = ZF_EXIT_FAILURE;
    }
    if (o->json) {
        tell_json(run, end, status);
    }
    return status;
}

int zf_run_go(struct zf_run *run) {
    run->stop = zf_run_machine(run);
    return zf_run_tell(run);
}
