/*
 * The command line of zfacet run: one row an option, from which the help is printed too.
 */
#include "run/run.h"
#include "text/common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEFAULT_MEMORY_MIB = 256 };

/* Sets one option; returns -1, or an exit status having told what is wrong. */
typedef int setter(struct zf_run_options *o, const char *value);

struct option_row {
    const char *name;
    const char *value; /* what the help calls it; NULL: the option takes none */
    setter *set;
    const char *help; /* lines but the first begin with the blanks that align them */
};

#define INDENT "\n                            "

static int bad_value(const char *option, const char *value, const char *wanted) {
    return zf_usage_error("run: --%s '%s': %s", option, value, wanted);
}

static int set_model(struct zf_run_options *o, const char *value) {
    o->model = value;
    return -1;
}

static int set_policy(struct zf_run_options *o, const char *value) {
    struct zf_error err;
    return zf_policy_parse(value, &o->policy, &err) == ZF_OK ? -1 : zf_report_error(&err);
}

static int set_ibc(struct zf_run_options *o, const char *value) {
    o->ibc = value;
    return -1;
}

static int set_host(struct zf_run_options *o, const char *value) {
    o->host = value;
    return -1;
}

static int set_lowest(struct zf_run_options *o, const char *value) {
    o->lowest_ibc = value;
    return -1;
}

static int set_report(struct zf_run_options *o, const char *value) {
    o->report_file = value;
    return -1;
}

static int set_on_blocked(struct zf_run_options *o, const char *value) {
    static const char *const names[] = {
        [ZF_ON_BLOCKED_TRAP] = "trap",
        [ZF_ON_BLOCKED_STOP] = "stop",
        [ZF_ON_BLOCKED_WARN] = "warn",
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        if (!strcmp(value, names[i])) {
            o->on_blocked = (enum zf_on_blocked)i;
            return -1;
        }
    }
    return bad_value("on-blocked", value, "trap, stop or warn");
}

static int set_on_unimplemented(struct zf_run_options *o, const char *value) {
    bool trap = !strcmp(value, "trap");
    if (!trap && strcmp(value, "stop") != 0) {
        return bad_value("on-unimplemented", value, "stop or trap");
    }
    o->on_unimplemented = trap ? ZF_ON_UNIMPLEMENTED_TRAP : ZF_ON_UNIMPLEMENTED_STOP;
    o->on_unimplemented_given = true;
    return -1;
}

static int set_check(struct zf_run_options *o, const char *value) {
    o->check = true;
    return -1;
}

static int set_hide(struct zf_run_options *o, const char *value) {
    o->hide_unimplemented = true;
    return -1;
}

static int set_strict(struct zf_run_options *o, const char *value) {
    o->strict = true;
    return -1;
}

static int set_trace(struct zf_run_options *o, const char *value) {
    static const char *const names[] = {"insn", "ops", "blocks", "exceptions", "calls"};
    for (const char *rest = value; rest; rest = strchr(rest, ','), rest += rest ? 1 : 0) {
        size_t length = strcspn(rest, ",");
        unsigned i = 0;
        while (i < ZF_ARRAY_LENGTH(names) &&
               (strlen(names[i]) != length || strncmp(rest, names[i], length) != 0)) {
            i++;
        }
        if (i == ZF_ARRAY_LENGTH(names)) {
            return bad_value("trace", value, "a list of insn, ops, blocks, exceptions, calls");
        }
        o->trace |= 1u << i;
    }
    return -1;
}

static int set_trace_file(struct zf_run_options *o, const char *value) {
    o->trace_file = value;
    return -1;
}

/* A whole number in C's notation with a unit behind it; false when it is none or too large. */
static bool parse_number(const char *text, const char *units, const uint64_t *factors,
                         uint64_t *number) {
    char *end;
    if (*text < '0' || *text > '9') {
        return false;
    }
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (errno) {
        return false;
    }
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (*end && (!unit || end[1])) {
        return false;
    }
    return !unit || !__builtin_mul_overflow(*number, factors[unit - units], number);
}

static int set_insns(int64_t *to, const char *option, const char *value) {
    static const uint64_t factors[] = {1000, 1000000, 1000000000};
    uint64_t number;
    if (!parse_number(value, "kMG", factors, &number) || !number || number > INT64_MAX / 2) {
        return bad_value(option, value, "a number of at least 1; suffixes k, M, G");
    }
    *to = (int64_t)number;
    return -1;
}

static int set_max_insns(struct zf_run_options *o, const char *value) {
    return set_insns(&o->max_insns, "max-insns", value);
}

static int set_save_at(struct zf_run_options *o, const char *value) {
    return set_insns(&o->save_at, "save-at", value);
}

static int set_timeout(struct zf_run_options *o, const char *value) {
    char *end;
    double seconds = strtod(value, &end);
    if (end == value || *end || !(seconds > 0) || seconds > 1e9) {
        return bad_value("timeout", value, "seconds, such as 10 or 0.5");
    }
    o->timeout_ns = (uint64_t)(seconds * 1e9);
    return -1;
}

static int set_memory(struct zf_run_options *o, const char *value) {
    static const uint64_t factors[] = {1 << 10, 1 << 20, 1 << 30};
    uint64_t number;
    if (!parse_number(value, "KMG", factors, &number) || number < 1 << 20 ||
        number > UINT64_C(1) << 40 || number % (1 << 20)) {
        return bad_value("memory", value, "1M to 1024G, a multiple of 1 MiB");
    }
    o->memory = number;
    return -1;
}

static int set_place(const char **to, const char *option, const char *value) {
    struct zf_error err;
    if (!zf_run_place_ok(value, &err)) {
        return zf_usage_error("run: --%s: %s", option, err.message);
    }
    *to = value;
    return -1;
}

static int set_save(struct zf_run_options *o, const char *value) {
    return set_place(&o->save, "save", value);
}

static int set_restore(struct zf_run_options *o, const char *value) {
    return set_place(&o->restore, "restore", value);
}

static int set_qmp(struct zf_run_options *o, const char *value) {
    static const char prefix[] = "unix:";
    if (strncmp(value, prefix, sizeof prefix - 1) != 0) {
        return bad_value("qmp", value, "unix:PATH");
    }
    o->qmp = value + sizeof prefix - 1;
    return -1;
}

static int set_keep_running(struct zf_run_options *o, const char *value) {
    o->keep_running = true;
    return -1;
}

static int set_allow_missing(struct zf_run_options *o, const char *value) {
    o->allow_missing = true;
    return -1;
}

static int set_cpus(struct zf_run_options *o, const char *value) {
    uint64_t number;
    if (!parse_number(value, "", NULL, &number) || number < 1 || number > ZF_CPUS) {
        return bad_value("cpus", value, "1 to 16");
    }
    o->cpus = (unsigned)number;
    return -1;
}

static int set_sysroot(struct zf_run_options *o, const char *value) {
    struct stat st;
    if (stat(value, &st) != 0) {
        return bad_value("sysroot", value, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode)) {
        return bad_value("sysroot", value, "not a directory");
    }
    o->sysroot = value;
    return -1;
}

static int set_append(struct zf_run_options *o, const char *value) {
    o->append = value;
    return -1;
}

static int set_initrd(struct zf_run_options *o, const char *value) {
    o->initrd = value;
    return -1;
}

static int set_fixed_random(struct zf_run_options *o, const char *value) {
    o->fixed_random = true;
    return -1;
}

static int set_engine(struct zf_run_options *o, const char *value) {
    if (strcmp(value, "goto") != 0 && strcmp(value, "switch") != 0) {
        return bad_value("engine", value, "goto or switch");
    }
    o->engine = *value == 'g' ? ZF_ENGINE_GOTO : ZF_ENGINE_SWITCH;
    return -1;
}

static int set_base(struct zf_run_options *o, const char *value) {
    if (!parse_number(value, "", NULL, &o->base) || o->base & 1) {
        return bad_value("base", value, "an even address, such as 0x10000");
    }
    o->has_base = true;
    return -1;
}

static int set_raw(struct zf_run_options *o, const char *value) {
    o->as = ZF_RUN_AS_RAW;
    return -1;
}

static int set_linux(struct zf_run_options *o, const char *value) {
    o->as = ZF_RUN_AS_LINUX;
    return -1;
}

static int set_bare(struct zf_run_options *o, const char *value) {
    o->as = ZF_RUN_AS_BARE;
    return -1;
}

static int set_quiet(struct zf_run_options *o, const char *value) {
    o->quiet = true;
    return -1;
}

static int set_json(struct zf_run_options *o, const char *value) {
    o->json = true;
    return -1;
}

static int print_help(struct zf_run_options *o, const char *value);

static const struct option_row rows[] = {
    {"model", "MODEL", set_model,
     "CPU model, optionally with features: z13,vx=off (default:" INDENT
     "z17); see 'zfacet help models'"},
    {"policy", "POLICY", set_policy,
     "model (default): only what the model has runs; ibc: as in a" INDENT
     "guest on --host; audit: everything runs and is reported"},
    {"ibc", "LEVEL", set_ibc,
     "IBC value to request (0x051), or a model with that value" INDENT
     "(default: the model's own)"},
    {"host", "MODEL", set_host, "host machine for policy ibc (default: the newest)"},
    {"lowest-ibc", "LEVEL", set_lowest, "lowest IBC value that the host supports"},
    {"on-blocked", "WHAT", set_on_blocked,
     "trap (default): the guest gets the exception; stop: the run" INDENT
     "ends there; warn: it is executed anyway, if implemented"},
    {"on-unimplemented", "WHAT", set_on_unimplemented,
     "for what the model has but zfacet does not implement: stop" INDENT
     "(default, except for rom:ibc-probe): the run ends there;" INDENT
     "trap: the guest gets the exception, and it is reported"},
    {"check", NULL, set_check,
     "exit with 3 if the guest used anything that the model" INDENT
     "lacks; else with 110 if it used anything not implemented"},
    {"report", "FILE", set_report, "write all findings to FILE as JSON"},
    {"hide-unimplemented", NULL, set_hide,
     "remove from the model what zfacet does not implement, and" INDENT "list it"},
    {"strict", NULL, set_strict,
     "refuse a model in which a feature lacks another that it" INDENT
     "needs, and inconsistent hosts and IBC values"},
    {"linux", NULL, set_linux, "treat the guest as a Linux program"},
    {"bare", NULL, set_bare, "treat the guest as a bare-metal ELF file"},
    {"raw", NULL, set_raw, "treat the guest as a storage image that begins with a PSW"},
    {"base", "ADDRESS", set_base, "load the guest, code without a header, at ADDRESS"},
    {"sysroot", "DIRECTORY", set_sysroot,
     "directory in which a Linux program's absolute paths are" INDENT "looked up first"},
    {"fixed-random", NULL, set_fixed_random,
     "give a Linux program random numbers from a fixed seed"},
    {"append", "TEXT", set_append, "command line of a Linux kernel"},
    {"initrd", "FILE", set_initrd, "initial RAM disk of a Linux kernel"},
    {"memory", "SIZE", set_memory, "storage of a bare-metal guest (default: 256M)"},
    {"cpus", "N", set_cpus,
     "CPUs of a bare-metal guest, 1 to 16 (default: 1). The first" INDENT
     "executes; the others are stopped and answer SIGP, but" INDENT
     "starting one is not implemented"},
    {"max-insns", "N", set_max_insns, "end after N instructions; suffixes k, M, G"},
    {"timeout", "SECONDS", set_timeout, "end after this time"},
    {"save", "PLACE", set_save,
     "save the guest to a file or unix:PATH and end: at --save-at," INDENT "or on SIGUSR1"},
    {"save-at", "N", set_save_at, "save after N instructions; suffixes k, M, G"},
    {"keep-running", NULL, set_keep_running, "continue after saving"},
    {"restore", "PLACE", set_restore,
     "continue a saved guest; --model names the target if it" INDENT
     "differs: refused if the target lacks a feature"},
    {"incoming", "PLACE", set_restore, "same as --restore"},
    {"allow-missing", NULL, set_allow_missing,
     "restore it even so, and report what it uses of those"},
    {"qmp", "unix:PATH", set_qmp,
     "serve the management protocol (zfacet help qmp) on a socket;" INDENT
     "bare-metal guests only"},
    {"engine", "ENGINE", set_engine, "goto (default) or switch"},
    {"trace", "LIST", set_trace,
     "write a trace to standard error: insn, ops, blocks," INDENT
     "exceptions, calls (of a Linux program)"},
    {"trace-file", "FILE", set_trace_file, "write the trace to FILE instead"},
    {"json", NULL, set_json, "print the end and the findings as JSON on standard error"},
    {"quiet", NULL, set_quiet, "print no end message and no report"},
    {"help", NULL, print_help, "show this help"},
};

static int print_help(struct zf_run_options *o, const char *value) {
    char left[64];
    fputs(
        "usage: zfacet run [OPTION...] [GUEST [ARGUMENT...]]\n"
        "\n"
        "Runs a Linux program or a bare-metal guest on a CPU model and reports what it used that\n"
        "the model lacks. GUEST is a file, or rom:NAME for a built-in guest\n"
        "('zfacet suite --list' lists them); the default is rom:identify.\n"
        "\n",
        stdout);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        snprintf(left, sizeof left, "--%s%s%s", rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        printf("  %-24s  %s\n", left, rows[i].help);
    }
    fputs("\nA disabled wait ends a bare-metal guest. PSW address 0 or 0xfff means success, any "
          "other\n"
          "failure. A Linux program's exit status is passed on, or 128 plus the number of the\n"
          "signal that killed it. Other exit statuses:\n"
          "    1  operation, output or report failed\n"
          "    2  invalid command line\n",
          stdout);
    for (unsigned i = 0; i < ZF_RUN_END_COUNT; i++) {
        printf("  %3d  %s\n", zf_run_end_status(i), zf_run_end_text(i));
    }
    return ZF_EXIT_OK;
}

static const char *option_name(const void *context, unsigned i) {
    return i < ZF_ARRAY_LENGTH(rows) ? rows[i].name : NULL;
}

static const struct option_row *find_row(const char *name, size_t length) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        if (strlen(rows[i].name) == length && !strncmp(rows[i].name, name, length)) {
            return &rows[i];
        }
    }
    return NULL;
}

static int unknown_option(const char *name) {
    const char *nearest = zf_nearest(name, option_name, NULL);
    return nearest
               ? zf_usage_error("run: unknown option '--%s'; did you mean '--%s'?", name, nearest)
               : zf_usage_error("run: unknown option '--%s'; 'zfacet help run' lists the options",
                                name);
}

/*
 * Takes the option at argv[*i], and its value, which may be the next word. One dash will do, as
 * with other emulators: -incoming.
 */
static int take_option(struct zf_run_options *o, char **argv, int *i) {
    const char *name = argv[*i] + (argv[*i][1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const char *value = name[length] ? name + length + 1 : NULL;
    const struct option_row *row = find_row(name, length);
    if (!row) {
        return unknown_option(name);
    }
    if (!row->value && value) {
        return zf_usage_error("run: --%s takes no value", row->name);
    }
    if (row->value && !value) {
        value = argv[*i + 1];
        if (!value) {
            return zf_usage_error("run: --%s needs a value: %s", row->name, row->value);
        }
        ++*i;
    }
    return row->set(o, value);
}

void zf_run_options_init(struct zf_run_options *o) {
    *o = (struct zf_run_options){
        .memory = (uint64_t)DEFAULT_MEMORY_MIB << 20,
        .cpus = 1,
        .guest = "rom:identify",
    };
}

/* Options that do not go together; -1 or an exit status. */
static int check_together(const struct zf_run_options *o) {
    if (o->trace_file && !o->trace) {
        return zf_usage_error("run: --trace-file '%s' needs --trace", o->trace_file);
    }
    if (o->restore && (o->arguments || o->ibc || o->lowest_ibc || o->hide_unimplemented)) {
        return zf_usage_error(
            "run: --restore cannot be combined with GUEST, --ibc, --lowest-ibc or "
            "--hide-unimplemented: the saved guest has its own");
    }
    if (o->restore && (o->append || o->initrd)) {
        return zf_usage_error("run: --restore cannot be combined with --append or --initrd, which "
                              "apply to a guest that starts");
    }
    if (o->restore && (o->cpus > 1 || o->memory != (uint64_t)DEFAULT_MEMORY_MIB << 20)) {
        return zf_usage_error(
            "run: --restore cannot be combined with --cpus or --memory: the saved "
            "guest has its own");
    }
    if (o->allow_missing && !o->restore) {
        return zf_usage_error("run: --allow-missing needs --restore");
    }
    if ((o->save_at || o->keep_running) && !o->save) {
        return zf_usage_error("run: --%s needs --save", o->save_at ? "save-at" : "keep-running");
    }
    if (o->has_base && o->as != ZF_RUN_AS_DETECTED) {
        return zf_usage_error("run: --base cannot be combined with --linux, --bare or --raw");
    }
    return -1;
}

int zf_run_options_parse(struct zf_run_options *o, int argc, char **argv) {
    int i = 1;
    while (i < argc && argv[i][0] == '-' && argv[i][1]) {
        if (!strcmp(argv[i], "--")) {
            i++;
            break;
        }
        int status = take_option(o, argv, &i);
        if (status >= 0) {
            return status;
        }
        i++;
    }
    if (i < argc) {
        o->guest = argv[i];
        o->arguments = &argv[i];
    }
    return check_together(o);
}
