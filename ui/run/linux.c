/*
 * Linux programs: what the model tells them, and the images that they have mapped.
 */
#include "run/lockstep.h"
#include "run/part.h"

#include "zfacet/aside.h"
#include "zfacet/guest_view.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the C library's */
extern char **environ;

void zf_run_keep_errors(struct zf_run *run) {
    run->errors = zf_aside_fd(STDERR_FILENO);
    int fd = zf_aside_fd(fileno(run->trace));
    FILE *away = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (away) {
        setvbuf(away, NULL, run->trace == stderr ? _IOLBF : _IOFBF, BUFSIZ);
        if (run->trace != stderr) {
            fclose(run->trace);
        }
        run->trace = away;
    }
}

void zf_run_recover_errors(const struct zf_run *run) {
    if (run->errors >= 0) {
        dup2(run->errors, STDERR_FILENO);
    }
}

static void trace_line(void *context, const char *line) {
    struct zf_run *run = context;
    fprintf(run->trace, "%s\n", line);
}

static void child_end(void *context, int status, int signal) {
    struct zf_run *run = context;
    zf_cpus_claim(&run->machine->cpus); /* for good: no other thread's finding comes after */
    fflush(run->trace);
    zf_run_recover_errors(run);
    zf_run_mix_write(run);
    bool own = zf_report_count(run->report) && run->pid == getpid();
    if (own) {
        zf_run_settle_probes(run);
        zf_run_tell_report(run);
    }
    if (own || zf_run_absent_count(run)) {
        json_t *report = own ? zf_run_report_json(run)
                             : json_pack("{s:o}", "system_calls", zf_run_absent_json(run));
        zf_run_collect(run, json_pack("{s:i, s:i, s:o}", "status", status, "signal", signal,
                                      "report", report));
    }
}

static void forked(void *context) {
    struct zf_run *run = context;
    if (run->mix) {
        zf_run_mix_forked(run);
    }
    if (run->options->lockstep) {
        const struct zf_linux_log *log = zf_lockstep_log(run->options->lockstep);
        log->forked(log->context);
    }
}

static void executes(void *context) {
    struct zf_run *run = context;
    if (run->mix) {
        zf_run_mix_take(run);
    }
}

enum zf_status zf_run_open_program(struct zf_run *run, struct zf_error *err) {
    const struct zf_run_options *o = run->options;
    char cpuinfo[ZF_CPUINFO_LENGTH];
    const unsigned cpus = o->cpus || !run->machine->config.deterministic ? o->cpus : 1;
    zf_guest_cpuinfo(&run->identity.model, cpus ? cpus : (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
                     cpuinfo, sizeof cpuinfo);
    struct zf_linux_config config = {
        .program = o->guest,
        .argv = (const char *const *)o->arguments,
        .envp = (const char *const *)environ,
        .hwcap = zf_guest_hwcap(&run->identity.model),
        .platform = zf_guest_platform(&run->identity.model),
        .cpuinfo = cpuinfo,
        .cpus = cpus,
        .sysroot = o->sysroot,
        .no_execute = zf_model_has_facility(&run->identity.model, ZF_FACILITY_EXECUTION_PROTECTION),
        .fixed_random = o->fixed_random,
        .contained = o->contain,
        .trace_line = o->trace & ZF_RUN_TRACE_CALLS ? trace_line : NULL,
        .child_end = child_end,
        .forked = forked,
        .executes = executes,
        .record = o->gdb || o->watched,
        .log = o->lockstep ? zf_lockstep_log(o->lockstep) : NULL,
        .context = run,
    };
    run->program = zf_linux_create(run->machine, &config, err);
    return run->program ? ZF_OK : err->status;
}

/*
 * The linear map shows files as this process has mapped them: guest addresses are host addresses
 * from `ram` on. The mapping of a file's beginning tells its bias.
 */
static void add_mapping(struct zf_run *run, const char *line) {
    uint64_t start, end, offset;
    int path_at = 0;
    struct zf_error err;
    struct zf_symbol known;
    uint64_t ram = (uint64_t)(uintptr_t)run->machine->storage.ram;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &start, &end, &offset,
               &path_at) < 3 ||
        !path_at || line[path_at] != '/' || offset || start < ram ||
        start - ram >= run->machine->storage.size ||
        zf_symbols_find_function(run->symbols, start - ram, &known)) {
        return;
    }
    /* A file without symbols is fine: its addresses are told as offsets. */
    uint64_t bias = zf_run_bias(line + path_at, start - ram);
    zf_symbols_add(run->symbols, line + path_at, line + path_at, bias, &err);
}

void zf_run_find_images(struct zf_run *run) {
    char line[1024];
    bool wanted = run->symbols &&
                  (run->mix || run->options->lockstep || run->options->perf_map ||
                   run->options->host_gdb || run->options->watched || zf_report_count(run->report));
    FILE *maps = wanted ? fopen("/proc/self/maps", "r") : NULL;
    while (maps && fgets(line, sizeof line, maps)) {
        line[strcspn(line, "\n")] = 0;
        add_mapping(run, line);
    }
    if (maps) {
        fclose(maps);
    }
}
