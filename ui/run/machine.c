#define _GNU_SOURCE /* memfd_create */
/*
 * The machine of a run: the guest's bytes, storage and PSW.
 */
#include "gdb/gdb.h"
#include "run/lockstep.h"
#include "run/part.h"

#include "zfacet/elf.h"
#include "zfacet/rom.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* The guest's bytes: a mapped file or a ROM. `path` reads them again, for symbols. */
struct guest_file {
    const uint8_t *bytes;
    size_t size;
    void *map; /* NULL for a ROM */
    char path[512];
    bool probes; /* a ROM that wants to go on at what is not implemented */
    int fd;      /* `path` refers to it, for a ROM; else -1 */
};

static enum zf_run_end bad_guest(struct zf_run *run, const char *message) {
    return zf_run_fail(run, ZF_RUN_BAD_GUEST, "%s: %s", run->options->guest, message);
}

/* Symbols are read from a path, so a ROM gets one. */
static void open_rom(const struct zf_rom *rom, struct guest_file *file) {
    file->bytes = rom->bytes;
    file->size = rom->size;
    file->fd = memfd_create(rom->name, MFD_CLOEXEC);
    if (file->fd >= 0 && write(file->fd, rom->bytes, rom->size) == (ssize_t)rom->size) {
        snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
    }
}

static enum zf_status map_file(const char *name, struct guest_file *file, struct zf_error *err) {
    struct stat st;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO is refused, not waited for */
    if (fd < 0 || fstat(fd, &st) < 0) {
        enum zf_status status = zf_fail(err, ZF_ERROR_IO, "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    if (!S_ISREG(st.st_mode) || !st.st_size) {
        close(fd);
        return zf_fail(err, ZF_ERROR_FORMAT,
                       S_ISREG(st.st_mode) ? "the file is empty" : "not a regular file");
    }
    file->size = (size_t)st.st_size;
    file->map = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file->map == MAP_FAILED) {
        file->map = NULL;
        return zf_fail(err, ZF_ERROR_IO, "%s", strerror(errno));
    }
    file->bytes = file->map;
    snprintf(file->path, sizeof file->path, "%s", name);
    return ZF_OK;
}

/* For zf_nearest(); the name lives as long as the program. */
static const char *rom_name(const void *context, unsigned i) {
    struct zf_rom rom;
    return zf_rom_at(i, &rom) ? rom.name : NULL;
}

/* Opens a file or a ROM; close_guest() in any case. */
static enum zf_status open_guest(const char *name, struct guest_file *file, struct zf_error *err) {
    static const char prefix[] = "rom:";
    *file = (struct guest_file){.fd = -1};
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) {
        return map_file(name, file, err);
    }
    struct zf_rom rom;
    if (!zf_rom_find(name + sizeof prefix - 1, &rom)) {
        const char *nearest = zf_nearest(name + sizeof prefix - 1, rom_name, NULL);
        return zf_fail(err, ZF_ERROR_NOT_FOUND, "unknown ROM; %s%s%s",
                       nearest ? "did you mean 'rom:" : "'zfacet suite --list' lists them",
                       nearest ? nearest : "", nearest ? "'?" : "");
    }
    open_rom(&rom, file);
    file->probes = rom.probes;
    return ZF_OK;
}

static void close_guest(struct guest_file *file) {
    if (file->map) {
        munmap(file->map, file->size);
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
}

static enum zf_run_end identify(struct zf_run *run, const struct guest_file *file) {
    struct zf_error err;
    if (run->options->has_base) {
        run->kind = ZF_GUEST_FLAT;
        return ZF_RUN_OK;
    }
    if (run->options->as == ZF_RUN_AS_RAW) {
        run->kind = ZF_GUEST_IPL;
        return ZF_RUN_OK;
    }
    if (zf_guest_identify(file->bytes, file->size, &run->kind, &err) != ZF_OK) {
        return bad_guest(run, err.message);
    }
    bool elf = run->kind == ZF_GUEST_PROGRAM || run->kind == ZF_GUEST_ELF;
    if (elf && run->options->as == ZF_RUN_AS_BARE) {
        run->kind = ZF_GUEST_ELF;
    } else if (elf && run->options->as == ZF_RUN_AS_LINUX) {
        run->kind = ZF_GUEST_PROGRAM;
    }
    return ZF_RUN_OK;
}

static void trace_line(void *context, const char *line) {
    fprintf(context, "%s\n", line);
}

static void disassemble(void *context, struct zf_cpu *cpu, uint64_t address, const uint64_t *given,
                        char *buffer, size_t size) {
    struct zf_insn insn;
    struct zf_pgm pgm = cpu->pgm;
    uint64_t word = given ? *given : 0;
    unsigned length;
    buffer[0] = 0;
    if (given || zf_fetch(cpu, address, &word, &length)) {
        zf_decode(word, &insn);
        zf_disasm(&insn, address, buffer, size);
    }
    cpu->pgm = pgm;
}

/* `shape` says how much storage and how many CPUs. */
static enum zf_run_end create_machine(struct zf_run *run, const struct zf_machine_config *shape) {
    const struct zf_run_options *o = run->options;
    if (!run->trace) {
        run->trace = o->trace_file ? fopen(o->trace_file, "we") : stderr;
    }
    if (!run->trace) {
        return zf_run_fail(run, ZF_RUN_ERROR, "cannot write %s: %s", o->trace_file,
                           strerror(errno));
    }
    if (run->kind == ZF_GUEST_PROGRAM) {
        zf_run_keep_errors(run);
    }
    struct zf_machine_config config = {
        .cpus = shape->cpus,
        .storage_size = shape->storage_size,
        .linear = run->kind == ZF_GUEST_PROGRAM,
        .deterministic = o->deterministic || o->repeatable,
        .engine = o->engine == ZF_ENGINES ? ZF_ENGINE_AUTO : o->engine,
        .heat = o->heat,
        .code_room = o->code_room,
        .registers = o->registers,
        .native = o->perf_map || o->host_gdb ? zf_run_native_note : NULL,
        .native_context = run,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
        .timeout_ns = o->timeout_ns,
        .tally = run->mix,
        .trace = o->trace,
        .trace_line = trace_line,
        .trace_context = run->trace,
        .disassemble = disassemble,
    };
    if (o->lockstep) {
        zf_lockstep_open(o->lockstep, run, &config);
    }
    if (!zf_run_history_open(run, &config)) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory for --history %u", o->history);
    }
    run->machine = zf_machine_create(&config, &run->err);
    if (!run->machine) {
        return zf_run_failed(run);
    }
    run->machine->facilities = &run->facilities;
    return ZF_RUN_OK;
}

static enum zf_run_end open_program(struct zf_run *run, const struct guest_file *file) {
    enum { TYPE_AT = 16, TYPE_FIXED = 2 }; /* where an ELF header says how it is linked */
    struct zf_error err;
    if (run->options->deterministic && !run->options->contain) {
        zf_run_number_anew(run);
    }
    if (zf_run_open_program(run, &err) != ZF_OK) {
        return zf_run_fail(run, ZF_RUN_BAD_GUEST, "%s", err.message);
    }
    zf_run_keep_symbols(run, run->symbols);
    if (run->symbols && zf_elf_is(file->bytes, file->size) &&
        zf_get16(file->bytes + TYPE_AT) == TYPE_FIXED) {
        zf_symbols_add(run->symbols, run->options->guest, file->path, 0, &err);
    }
    return ZF_RUN_OK;
}

static enum zf_run_end load(struct zf_run *run, const struct guest_file *file) {
    const struct zf_run_options *o = run->options;
    struct zf_error err;
    enum zf_run_end end = zf_run_add_given_symbols(run);
    if (end) {
        return end;
    }
    if (run->kind == ZF_GUEST_PROGRAM) {
        end = zf_run_load_kernel_input(run, file->bytes, file->size);
        return end ? end : open_program(run, file);
    }
    if (o->arguments && o->arguments[0] && o->arguments[1]) {
        return zf_run_fail(run, ZF_RUN_USAGE,
                           "run: %s takes no arguments such as '%s': it is not a Linux program",
                           o->guest, o->arguments[1]);
    }
    if (zf_guest_load(run->machine, run->kind, file->bytes, file->size, o->base, &err) != ZF_OK) {
        return bad_guest(run, err.message);
    }
    if (run->kind == ZF_GUEST_ELF && file->path[0] && run->symbols && !o->symbols) {
        /* A guest without symbols is fine: addresses are told without names. */
        zf_symbols_add(run->symbols, o->guest, file->path, 0, &err);
    }
    return zf_run_load_kernel_input(run, file->bytes, file->size);
}

static const char cannot_reset[] =
    "this guest cannot be restarted: it was restored, or its file has changed";

static uint32_t checksum(const struct guest_file *file) {
    uLong crc = 0;
    for (size_t at = 0; at < file->size;) {
        uInt length = file->size - at < UINT_MAX ? (uInt)(file->size - at) : UINT_MAX;
        crc = crc32(crc, file->bytes + at, length);
        at += length;
    }
    return (uint32_t)crc;
}

enum zf_status zf_run_reset(void *context, struct zf_error *err) {
    struct zf_run *run = context;
    const struct zf_run_options *o = run->options;
    struct guest_file file;
    if (o->restore || open_guest(o->guest, &file, err) != ZF_OK) {
        return zf_fail(err, ZF_ERROR_UNSUPPORTED, "%s", cannot_reset);
    }
    bool same = file.size == run->identity.guest_size && checksum(&file) == run->identity.guest_crc;
    if (same) {
        zf_machine_reset(run->machine);
        same =
            zf_guest_load(run->machine, run->kind, file.bytes, file.size, o->base, err) == ZF_OK &&
            !zf_run_load_kernel_input(run, file.bytes, file.size);
    }
    close_guest(&file);
    return same ? ZF_OK : zf_fail(err, ZF_ERROR_UNSUPPORTED, "%s", cannot_reset);
}

static void use_probes(struct zf_run *run, const struct guest_file *file) {
    if (file->probes && !run->options->on_unimplemented_given) {
        run->facilities.on_unimplemented = ZF_ON_UNIMPLEMENTED_TRAP;
    }
}

static enum zf_run_end load_from_file(struct zf_run *run, const struct guest_file *file) {
    enum zf_run_end end = identify(run, file);
    if (!end && run->options->save && run->kind == ZF_GUEST_PROGRAM) {
        end = zf_run_fail(run, ZF_RUN_USAGE,
                          "--save: a Linux program cannot be saved: its files and processes "
                          "belong to the host");
    }
    const struct zf_machine_config shape = {
        .cpus = run->kind == ZF_GUEST_PROGRAM || !run->options->cpus ? 1 : run->options->cpus,
        .storage_size = run->options->memory,
    };
    if (end || (end = create_machine(run, &shape)) || (end = load(run, file))) {
        return end;
    }
    if (!run->program) {
        run->identity.guest_size = file->size;
        run->identity.guest_crc = checksum(file);
    }
    return ZF_RUN_OK;
}

static enum zf_run_end open_from_file(struct zf_run *run) {
    struct guest_file file;
    struct zf_error err;
    if (open_guest(run->options->guest, &file, &err) != ZF_OK) {
        close_guest(&file);
        return bad_guest(run, err.message);
    }
    use_probes(run, &file);
    enum zf_run_end end = load_from_file(run, &file);
    close_guest(&file);
    return end;
}

/* The saved guest's file, if it is still there, for its symbols. */
static void find_saved_guest(struct zf_run *run) {
    struct guest_file file;
    struct zf_error err;
    if (open_guest(run->identity.guest, &file, &err) == ZF_OK &&
        file.size == run->identity.guest_size && checksum(&file) == run->identity.guest_crc) {
        use_probes(run, &file);
        enum zf_guest_kind kind;
        if (zf_guest_identify(file.bytes, file.size, &kind, &err) == ZF_OK &&
            (kind == ZF_GUEST_ELF || kind == ZF_GUEST_PROGRAM) && run->symbols && file.path[0]) {
            zf_symbols_add(run->symbols, run->identity.guest, file.path, 0, &err);
        }
    }
    close_guest(&file);
}

static enum zf_run_end open_from_stream(struct zf_run *run) {
    struct zf_machine_config shape = {0};
    enum zf_run_end end = zf_run_restore_config(run, &shape);
    run->kind = ZF_GUEST_IPL; /* what it was once loaded from does not matter any more */
    if (!run->options->symbols) {
        find_saved_guest(run);
    }
    if (end || (end = zf_run_add_given_symbols(run)) || (end = create_machine(run, &shape))) {
        return end;
    }
    return zf_run_restore_end(run);
}

static enum zf_run_end open_report(struct zf_run *run) {
    run->report = zf_report_create(&run->facilities.gate);
    run->symbols = zf_run_new_symbols(run);
    run->pid = getpid();
    run->counts = run->options->counts ? run->options->counts : zf_run_counts_create();
    if (!run->report || !run->counts) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory for the report");
    }
    return ZF_RUN_OK;
}

/* As a limit of instructions: they are counted, and no guest gets there. */
#define UNLIMITED (INT64_MAX / 4)

/* For debuggers and windows; to others it would be a cost alone. */
static void record(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    struct zf_error err;
    if ((o->gdb || o->watched) && zf_control_record(run->control, &err) != ZF_OK) {
        snprintf(run->no_way_back, sizeof run->no_way_back, "%s", err.message);
    }
}

static enum zf_run_end open_control(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    const struct zf_control_config config = {
        .machine = run->machine,
        .facilities = &run->facilities,
        .program = run->program,
        .max_insns = o->max_insns ? o->max_insns
                     : o->count   ? UNLIMITED
                                  : 0,
        .console = !run->program || o->watched,
        .input = o->watched ? NULL : zf_run_input,
        .reset = run->program ? NULL : zf_run_reset,
        .save = run->program ? NULL : zf_run_save,
        .ipl = !o->no_reboot,
        .context = run,
    };
    run->control = zf_control_create(&config);
    if (!run->control) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory for the run");
    }
    zf_control_listen(run->control, zf_run_on_event, run);
    record(run);
    if (o->save_at) {
        zf_control_call_at(run->control, o->save_at, zf_run_save_at, run);
    }
    if (!o->stopped && !o->watched) {
        zf_control_run(run->control); /* before a client can say that it shall not */
    }
    enum zf_run_end end = o->gdb ? zf_run_gdb_open(run) : ZF_RUN_OK;
    return !end && o->qmp ? zf_run_qmp_open(run) : end;
}

static enum zf_run_end open_gate(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    enum zf_run_end end = o->restore ? zf_run_restore_begin(run) : ZF_RUN_OK;
    if (end) {
        return end;
    }
    if ((!o->restore && zf_run_read_identity(run, &run->err) != ZF_OK) ||
        zf_run_open_gate(run, &run->err) != ZF_OK) {
        return zf_run_failed(run);
    }
    run->facilities.on_blocked = o->on_blocked;
    run->facilities.on_unimplemented = o->on_unimplemented;
    end = zf_run_mix_open(run);
    return end ? end : open_report(run);
}

/* Files that are written at the end are tried first, so that no run is in vain; those of a
 * contained program are open. --save may fail while the guest continues. */
static enum zf_run_end try_results(struct zf_run *run) {
    const struct zf_run_options *o = run->options;
    const char *const files[] = {run->status_out ? NULL : o->status_file,
                                 run->report_out ? NULL : o->report_file};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(files); i++) {
        if (files[i] && !zf_can_write_report(files[i])) {
            run->no_status = files[i] == o->status_file;
            return zf_run_fail(run, ZF_RUN_ERROR, "cannot write %s: %s", files[i], strerror(errno));
        }
    }
    return ZF_RUN_OK;
}

enum zf_run_end zf_run_open(struct zf_run *run, const struct zf_run_options *options) {
    *run = (struct zf_run){.options = options, .incoming.fd = -1, .errors = -1};
    run->started = zf_run_seconds(run);
    if (options->save) {
        zf_run_hold_signals();
    }
    enum zf_run_end end = open_gate(run);
    end = end ? end : zf_run_contain(run);
    if (!end) {
        end = options->restore ? open_from_stream(run) : open_from_file(run);
    }
    end = end ? end : try_results(run);
    return end ? end : open_control(run);
}

void zf_run_close(struct zf_run *run) {
    zf_run_qmp_close(run);
    zf_gdb_destroy(run->gdb);
    zf_control_destroy(run->control);
    zf_linux_destroy(run->program);
    zf_machine_destroy(run->machine);
    zf_run_host_gdb_close(run);
    zf_report_destroy(run->report);
    free(run->last);
    zf_run_history_close(run);
    zf_run_mix_close(run);
    if (run->symbols) {
        zf_symbols_destroy(run->symbols);
    }
    zf_section_destroy(&run->section);
    if (run->incoming.fd >= 0) {
        close(run->incoming.fd);
    }
    if (!run->options || run->counts != run->options->counts) {
        zf_run_counts_destroy(run->counts);
    }
    if (run->trace && run->trace != stderr) {
        fclose(run->trace);
    }
    if (run->errors >= 0) {
        close(run->errors);
    }
}
