/*
 * Guests that run on a model: a machine, its guest and its control, which tells of findings and
 * output. The caller's thread executes.
 */
#include "library.h"

#include "zfacet/control.h"
#include "zfacet/load.h"
#include "zfacet/report.h"
#include "zfacet/rom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STORAGE_MIB = 256 };

struct zfacet_run {
    struct zf_facilities facilities;
    struct zf_machine *machine;
    struct zf_linux *program;
    struct zf_control *control;
    struct zf_report *report;
    struct zf_symbols *symbols;
    uint64_t insns, timeout_ns;
    zfacet_on_finding *found;
    zfacet_on_output *wrote;
    void *found_context, *wrote_context;
    struct zf_finding_details details;
    struct zf_halt halt;
    struct zfacet_end end;
};

/* A guest's bytes: a file's or a ROM's. */
struct guest {
    uint8_t *bytes; /* allocated */
    size_t size;
    enum zf_guest_kind kind;
};

static enum zf_status read_file(const char *path, struct guest *guest, struct zf_error *err) {
    FILE *file = fopen(path, "rbe");
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
        rewind(file);
    }
    guest->size = size > 0 ? (size_t)size : 0;
    guest->bytes = malloc(guest->size + 1);
    bool done =
        size > 0 && guest->bytes && fread(guest->bytes, 1, guest->size, file) == guest->size;
    if (file) {
        fclose(file);
    }
    if (done) {
        return ZF_OK;
    }
    return zf_fail(err, file ? ZF_ERROR_IO : ZF_ERROR_NOT_FOUND, "%s: %s", path,
                   file ? "cannot be read, or empty" : strerror(errno));
}

static enum zf_status read_guest(const char *name, struct guest *guest, struct zf_error *err) {
    static const char prefix[] = "rom:";
    struct zf_rom rom;
    enum zf_status status;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) {
        status = read_file(name, guest, err);
    } else if (!zf_rom_find(name + sizeof prefix - 1, &rom)) {
        status = zf_fail(err, ZF_ERROR_NOT_FOUND, "%s: unknown ROM", name);
    } else {
        guest->size = rom.size;
        guest->bytes = malloc(rom.size);
        status = guest->bytes ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
        if (guest->bytes) {
            memcpy(guest->bytes, rom.bytes, rom.size);
        }
    }
    return status == ZF_OK ? zf_guest_identify(guest->bytes, guest->size, &guest->kind, err)
                           : status;
}

static enum zf_status create_machine(struct zfacet_run *run, const struct guest *guest,
                                     struct zf_error *err) {
    const struct zf_machine_config config = {
        .cpus = 1,
        .storage_size = (uint64_t)STORAGE_MIB << 20,
        .linear = guest->kind == ZF_GUEST_PROGRAM,
        .engine = ZF_ENGINE_AUTO,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
    };
    run->machine = zf_machine_create(&config, err);
    if (!run->machine) {
        return err->status;
    }
    run->machine->facilities = &run->facilities;
    return ZF_OK;
}

static enum zf_status load_program(struct zfacet_run *run, const char *path,
                                   const char *const *arguments, struct zf_error *err) {
    const struct zf_model *model = &run->facilities.gate.model;
    char cpuinfo[ZF_CPUINFO_LENGTH];
    zf_guest_cpuinfo(model, (unsigned)sysconf(_SC_NPROCESSORS_ONLN), cpuinfo, sizeof cpuinfo);
    const struct zf_linux_config config = {
        .program = path,
        .argv = arguments,
        .envp = (const char *const *)environ,
        .hwcap = zf_guest_hwcap(model),
        .platform = zf_guest_platform(model),
        .cpuinfo = cpuinfo,
    };
    run->program = zf_linux_create(run->machine, &config, err);
    return run->program ? ZF_OK : err->status;
}

static enum zf_status load(struct zfacet_run *run, const char *name, const struct guest *guest,
                           const char *const *arguments, struct zf_error *err) {
    enum zf_status status = create_machine(run, guest, err);
    if (status != ZF_OK) {
        return status;
    }
    run->report = zf_report_create(&run->facilities.gate);
    run->symbols = zf_symbols_create();
    if (!run->report || !run->symbols) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    status = guest->kind == ZF_GUEST_PROGRAM
                 ? load_program(run, name, arguments, err)
                 : zf_guest_load(run->machine, guest->kind, guest->bytes, guest->size, 0, err);
    if (status == ZF_OK && strncmp(name, "rom:", 4) != 0) {
        struct zf_error none; /* a guest without symbols is fine */
        zf_symbols_add(run->symbols, name, name, 0, &none);
    }
    return status;
}

struct zfacet_run *zfacet_run_new(const struct zfacet_gate *gate, const char *guest,
                                  const char *const *arguments, struct zfacet_error *error) {
    struct zf_error why;
    struct guest image = {0};
    struct zfacet_run *run = calloc(1, sizeof *run);
    if (!run) {
        return zf_library_no_memory(error);
    }
    run->facilities.gate = gate->gate;
    enum zf_status status = read_guest(guest, &image, &why);
    if (status == ZF_OK) {
        status = load(run, guest, &image, arguments, &why);
    }
    free(image.bytes);
    if (status != ZF_OK) {
        zfacet_run_free(run);
        return zf_library_fail(error, &why);
    }
    return run;
}

void zfacet_run_free(struct zfacet_run *run) {
    if (!run) {
        return;
    }
    zf_control_destroy(run->control);
    zf_linux_destroy(run->program);
    zf_machine_destroy(run->machine);
    zf_report_destroy(run->report);
    if (run->symbols) {
        zf_symbols_destroy(run->symbols);
    }
    free(run);
}

void zfacet_run_set_finding(struct zfacet_run *run, zfacet_on_finding *function, void *context) {
    run->found = function;
    run->found_context = context;
}

void zfacet_run_set_output(struct zfacet_run *run, zfacet_on_output *function, void *context) {
    run->wrote = function;
    run->wrote_context = context;
}

void zfacet_run_set_limits(struct zfacet_run *run, uint64_t insns, double seconds) {
    run->insns = insns < INT64_MAX / 2 ? insns : 0;
    run->timeout_ns = seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds * 1e9) : 0;
}

static void tell_finding(struct zfacet_run *run, const struct zf_finding *finding) {
    struct zf_finding_details *d = &run->details;
    unsigned i = zf_report_add(run->report, finding);
    if (!run->found || i == ZF_REPORT_OTHER) {
        return;
    }
    zf_report_describe(run->report, i, run->symbols, d);
    run->found(run->found_context, &(struct zfacet_finding){
                                       .kind = zf_finding_kind_name(finding->kind),
                                       .outcome = zf_outcome_text(finding->outcome),
                                       .address = finding->address,
                                       .text = d->text,
                                       .why = d->explanation.why,
                                       .facility = d->explanation.facility,
                                       .facility_name = d->explanation.facility_name,
                                       .first = d->explanation.first,
                                       .image = d->has_symbol ? d->symbol.image : "",
                                       .function = d->has_symbol ? d->symbol.function : "",
                                       .offset = d->has_symbol ? d->symbol.offset : 0,
                                       .count = d->finding->count,
                                   });
}

static bool is_beyond_model(const struct zf_finding *finding) {
    return finding->kind == ZF_FINDING_BLOCKED || finding->kind == ZF_FINDING_LEAK ||
           finding->kind == ZF_FINDING_AUDIT;
}

static void on_event(void *context, const struct zf_control_event *event) {
    struct zfacet_run *run = context;
    if (event->kind == ZF_CONTROL_FINDING) {
        run->end.findings += is_beyond_model(event->finding);
        tell_finding(run, event->finding);
    } else if (event->kind == ZF_CONTROL_OUTPUT && run->wrote) {
        run->wrote(run->wrote_context, event->text, event->length);
    }
}

static const char *how(const struct zf_halt *halt) {
    static const char *const words[] = {
        [ZF_STOP_EXIT] = "exit",         [ZF_STOP_SIGNAL] = "signal",
        [ZF_STOP_MAX_INSNS] = "limit",   [ZF_STOP_TIMEOUT] = "time",
        [ZF_STOP_REQUESTED] = "stopped", [ZF_STOP_UNIMPLEMENTED] = "unimplemented",
        [ZF_STOP_SHUTDOWN] = "success",  [ZF_STOP_BREAKPOINT] = NULL,
    };
    if (halt->why == ZF_STOP_DISABLED_WAIT) {
        return zf_wait_succeeds(halt->psw_address) ? "success" : "failure";
    }
    const char *word = halt->why < ZF_ARRAY_LENGTH(words) ? words[halt->why] : NULL;
    return word ? word : "failure";
}

/* Bytes of standard input are nobody's: a guest that asks for more is told that there are none. */
static bool no_input(void *context, uint64_t ns) {
    return false;
}

static bool begin(struct zfacet_run *run) {
    const struct zf_control_config config = {
        .machine = run->machine,
        .facilities = &run->facilities,
        .program = run->program,
        .max_insns = (int64_t)run->insns,
        .console = !run->program || run->wrote,
        .input = run->program ? NULL : no_input,
        .context = run,
    };
    run->machine->config.timeout_ns = run->timeout_ns;
    run->control = zf_control_create(&config);
    if (!run->control) {
        return false;
    }
    zf_control_listen(run->control, on_event, run);
    return true;
}

const struct zfacet_end *zfacet_run_go(struct zfacet_run *run) {
    run->end.text = run->halt.text;
    if (run->control) {
        return &run->end; /* it has run */
    }
    run->end.how = "error";
    if (begin(run)) {
        zf_control_run(run->control);
        zf_control_serve(run->control, &run->halt);
        run->end.how = how(&run->halt);
        run->end.status = run->halt.exit_status;
        run->end.psw_mask = run->halt.psw_mask;
        run->end.psw_address = run->halt.psw_address;
    }
    return &run->end;
}

void zfacet_run_stop(struct zfacet_run *run) {
    if (run->control) {
        zf_control_end(run->control);
    }
}

uint64_t zfacet_run_register(struct zfacet_run *run, unsigned number) {
    return number < 16 ? zf_machine_cpu(run->machine, 0)->gr[number] : 0;
}

int zfacet_run_read(struct zfacet_run *run, uint64_t address, void *bytes, size_t size) {
    struct zf_cpu *cpu = zf_machine_cpu(run->machine, 0);
    return zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, address, bytes, size) ? 0 : -1;
}
