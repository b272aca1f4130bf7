/*
 * The command line of zfacet run. Its options are rows of option.def; here is what becomes of the
 * values that are more than a text.
 */
#include "gdb/gdb.h"
#include "run/part.h"
#include "text/common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a value makes of the options; NULL when it takes none. */
typedef enum zf_status parser(struct zf_run_options *o, const char *value, struct zf_error *err);

enum option_kind { OPTION_IS_TEXT, OPTION_IS_FLAG, OPTION_IS_PARSED };

struct option_row {
    const char *name;
    const char *value; /* what the help calls it; NULL: the option takes none */
    enum option_kind kind;
    size_t member; /* of a text or a flag: where it goes */
    parser *parse;
    const char *help; /* lines */
};

static enum zf_status bad_value(struct zf_error *err, const char *option, const char *value,
                                const char *wanted) {
    return zf_fail(err, ZF_ERROR_USAGE, "run: invalid --%s '%s'; give %s", option, value, wanted);
}

static enum zf_status parse_policy(struct zf_run_options *o, const char *value,
                                   struct zf_error *err) {
    return zf_policy_parse(value, &o->policy, err);
}

static enum zf_status parse_on_blocked(struct zf_run_options *o, const char *value,
                                       struct zf_error *err) {
    static const char *const names[] = {
        [ZF_ON_BLOCKED_TRAP] = "trap",
        [ZF_ON_BLOCKED_STOP] = "stop",
        [ZF_ON_BLOCKED_WARN] = "warn",
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        if (!strcmp(value, names[i])) {
            o->on_blocked = (enum zf_on_blocked)i;
            return ZF_OK;
        }
    }
    return bad_value(err, "on-blocked", value, "trap, stop or warn");
}

static enum zf_status parse_on_unimplemented(struct zf_run_options *o, const char *value,
                                             struct zf_error *err) {
    bool trap = !strcmp(value, "trap");
    if (!trap && strcmp(value, "stop") != 0) {
        return bad_value(err, "on-unimplemented", value, "stop or trap");
    }
    o->on_unimplemented = trap ? ZF_ON_UNIMPLEMENTED_TRAP : ZF_ON_UNIMPLEMENTED_STOP;
    o->on_unimplemented_given = true;
    return ZF_OK;
}

static enum zf_status parse_trace(struct zf_run_options *o, const char *value,
                                  struct zf_error *err) {
    static const char *const names[] = {"insn", "ops", "blocks", "exceptions", "calls"};
    for (const char *rest = value; rest; rest = strchr(rest, ','), rest += rest ? 1 : 0) {
        size_t length = strcspn(rest, ",");
        unsigned i = 0;
        while (i < ZF_ARRAY_LENGTH(names) &&
               (strlen(names[i]) != length || strncmp(rest, names[i], length) != 0)) {
            i++;
        }
        if (i == ZF_ARRAY_LENGTH(names)) {
            return bad_value(err, "trace", value, "a list of insn, ops, blocks, exceptions, calls");
        }
        o->trace |= 1u << i;
    }
    return ZF_OK;
}

static enum zf_status parse_dump(struct zf_run_options *o, const char *value,
                                 struct zf_error *err) {
    return zf_run_dump_parse(&o->dump, value)
               ? ZF_OK
               : bad_value(err, "dump-at-end", value,
                           "registers, storage=ADDRESS+LENGTH (at most 8, of 1 MiB), all, or "
                           "several with commas between");
}

static enum zf_status parse_dump_on(struct zf_run_options *o, const char *value,
                                    struct zf_error *err) {
    static const struct {
        const char *value;
        unsigned when;
    } values[] = {
        {"finding", ZF_RUN_DUMP_ON_FINDING},
        {"fault", ZF_RUN_DUMP_ON_FAULT},
        {"finding,fault", ZF_RUN_DUMP_ON_FINDING | ZF_RUN_DUMP_ON_FAULT},
        {"fault,finding", ZF_RUN_DUMP_ON_FINDING | ZF_RUN_DUMP_ON_FAULT},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(values); i++) {
        if (!strcmp(value, values[i].value)) {
            o->dump_on |= values[i].when;
            return ZF_OK;
        }
    }
    return bad_value(err, "dump-on", value, "finding, fault, or both with a comma between");
}

/* A whole number in C's notation with a unit after it; false when it is none or too large. */
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

static enum zf_status parse_insns(int64_t *to, const char *option, const char *value,
                                  struct zf_error *err) {
    static const uint64_t factors[] = {1000, 1000000, 1000000000};
    uint64_t number;
    if (!parse_number(value, "kMG", factors, &number) || !number || number > INT64_MAX / 2) {
        return bad_value(err, option, value, "a number of at least 1; suffixes k, M, G");
    }
    *to = (int64_t)number;
    return ZF_OK;
}

static enum zf_status parse_max_insns(struct zf_run_options *o, const char *value,
                                      struct zf_error *err) {
    return parse_insns(&o->max_insns, "max-insns", value, err);
}

static enum zf_status parse_save_at(struct zf_run_options *o, const char *value,
                                    struct zf_error *err) {
    return parse_insns(&o->save_at, "save-at", value, err);
}

static enum zf_status parse_timeout(struct zf_run_options *o, const char *value,
                                    struct zf_error *err) {
    char *end;
    double seconds = strtod(value, &end);
    if (end == value || *end || !(seconds > 0) || seconds > 1e9) {
        return bad_value(err, "timeout", value, "seconds, such as 10 or 0.5");
    }
    o->timeout_ns = (uint64_t)(seconds * 1e9);
    return ZF_OK;
}

static enum zf_status parse_memory(struct zf_run_options *o, const char *value,
                                   struct zf_error *err) {
    static const uint64_t factors[] = {1 << 10, 1 << 20, 1 << 30};
    uint64_t number;
    if (!parse_number(value, "KMG", factors, &number) || number < 1 << 20 ||
        number > UINT64_C(1) << 40 || number % (1 << 20)) {
        return bad_value(err, "memory", value, "1M to 1024G, a multiple of 1 MiB");
    }
    o->memory = number;
    return ZF_OK;
}

static enum zf_status parse_transport(const char **to, const char *option, const char *value,
                                      struct zf_error *err) {
    struct zf_error why;
    if (!zf_run_transport_ok(value, &why)) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --%s: %s", option, why.message);
    }
    *to = value;
    return ZF_OK;
}

static enum zf_status parse_save(struct zf_run_options *o, const char *value,
                                 struct zf_error *err) {
    return parse_transport(&o->save, "save", value, err);
}

static enum zf_status parse_restore(struct zf_run_options *o, const char *value,
                                    struct zf_error *err) {
    return parse_transport(&o->restore, "restore", value, err);
}

static enum zf_status parse_qmp(struct zf_run_options *o, const char *value, struct zf_error *err) {
    static const char prefix[] = "unix:";
    if (strncmp(value, prefix, sizeof prefix - 1) != 0) {
        return bad_value(err, "qmp", value, "unix:PATH");
    }
    o->qmp = value + sizeof prefix - 1;
    return ZF_OK;
}

static enum zf_status parse_gdb(struct zf_run_options *o, const char *value, struct zf_error *err) {
    if (!zf_gdb_place_ok(value)) {
        return bad_value(err, "gdb", value, ZF_GDB_PLACES);
    }
    o->gdb = value;
    return ZF_OK;
}

static enum zf_status set_gdb(struct zf_run_options *o, const char *value, struct zf_error *err) {
    o->gdb = ":1234";
    return ZF_OK;
}

static enum zf_status parse_cpus(struct zf_run_options *o, const char *value,
                                 struct zf_error *err) {
    uint64_t number;
    if (!parse_number(value, "", NULL, &number) || number < 1 || number > ZF_CPUS) {
        return bad_value(err, "cpus", value, "1 to 64");
    }
    o->cpus = (unsigned)number;
    return ZF_OK;
}

static enum zf_status parse_history(struct zf_run_options *o, const char *value,
                                    struct zf_error *err) {
    enum { LIMIT = 1000000 };
    uint64_t number;
    if (!parse_number(value, "", NULL, &number) || number < 1 || number > LIMIT) {
        return bad_value(err, "history", value, "1 to 1000000");
    }
    o->history = (unsigned)number;
    return ZF_OK;
}

/* An existing directory. */
static enum zf_status take_folder(const char *option, const char *value, const char **member,
                                  struct zf_error *err) {
    struct stat st;
    bool there = stat(value, &st) == 0;
    if (!there || !S_ISDIR(st.st_mode)) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --%s '%s': %s", option, value,
                       there ? "not a directory" : strerror(errno));
    }
    *member = value;
    return ZF_OK;
}

static enum zf_status parse_sysroot(struct zf_run_options *o, const char *value,
                                    struct zf_error *err) {
    return take_folder("sysroot", value, &o->sysroot, err);
}

static enum zf_status parse_debug_dir(struct zf_run_options *o, const char *value,
                                      struct zf_error *err) {
    return take_folder("debug-dir", value, &o->debug_dir, err);
}

/* HOST:GUEST or HOST:GUEST:ro */
static enum zf_status parse_bind(struct zf_run_options *o, const char *value,
                                 struct zf_error *err) {
    struct zf_run_bind bind = {.host = ""};
    char mode[3] = "";
    int fields = sscanf(value, "%255[^:]:%255[^:]:%2s", bind.host, bind.guest, mode);
    bind.read_only = fields == 3 && !strcmp(mode, "ro");
    if (fields < 2 || bind.guest[0] != '/' || (fields == 3 && !bind.read_only)) {
        return bad_value(err, "bind", value, "HOST:GUEST or HOST:GUEST:ro");
    }
    if (o->bind_count == ZF_RUN_BINDS) {
        return bad_value(err, "bind", value, "at most 16 of them");
    }
    o->binds[o->bind_count++] = bind;
    o->bind = value;
    return ZF_OK;
}

/* What follows an engine's name, for tests and measurements: when a block is hot, how much room
 * native code has, and how many of the host's registers hold the guest's. */
static bool parse_engine_details(struct zf_run_options *o, const char *details) {
    static const uint64_t factors[] = {1 << 10, 1 << 20};
    char text[64];
    uint64_t number;
    if (snprintf(text, sizeof text, "%s", details) >= (int)sizeof text) {
        return false;
    }
    for (char *rest = text, *detail; (detail = strsep(&rest, ","));) {
        if (!strncmp(detail, "hot=", 4) && parse_number(detail + 4, "", NULL, &number) && number &&
            number <= UINT32_MAX) {
            o->heat = (uint32_t)number;
        } else if (!strncmp(detail, "room=", 5) &&
                   parse_number(detail + 5, "KM", factors, &number) && number &&
                   number <= 1 << 30) {
            o->code_room = number;
        } else if (!strncmp(detail, "registers=", 10) &&
                   parse_number(detail + 10, "", NULL, &number) && number && number <= 16) {
            o->registers = (unsigned)number;
        } else {
            return false;
        }
    }
    return true;
}

static enum zf_status parse_engine(struct zf_run_options *o, const char *value,
                                   struct zf_error *err) {
    static const struct {
        const char *name;
        enum zf_engine engine;
    } engines[] = {
        {"interpreter", ZF_ENGINE_GOTO}, {"goto", ZF_ENGINE_GOTO}, {"switch", ZF_ENGINE_SWITCH},
        {"base", ZF_ENGINE_BASE},        {"auto", ZF_ENGINE_AUTO},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(engines); i++) {
        size_t length = strlen(engines[i].name);
        if (!strncmp(value, engines[i].name, length) &&
            (!value[length] ||
             (value[length] == ',' && parse_engine_details(o, value + length + 1)))) {
            o->engine = engines[i].engine;
            return ZF_OK;
        }
    }
    return bad_value(
        err, "engine", value,
        "auto, interpreter, base or switch, and after it hot=N, room=BYTES (up to 1G), "
        "or registers=1 to 16, such as auto,hot=2");
}

static enum zf_status parse_base(struct zf_run_options *o, const char *value,
                                 struct zf_error *err) {
    if (!parse_number(value, "", NULL, &o->base) || o->base & 1) {
        return bad_value(err, "base", value, "an even address, such as 0x10000");
    }
    o->has_base = true;
    return ZF_OK;
}

static enum zf_status set_kind(struct zf_run_options *o, enum zf_run_as as, struct zf_error *err) {
    if (o->as != ZF_RUN_AS_DETECTED && o->as != as) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: give one of --linux, --bare and --raw");
    }
    o->as = as;
    return ZF_OK;
}

static enum zf_status set_raw(struct zf_run_options *o, const char *value, struct zf_error *err) {
    return set_kind(o, ZF_RUN_AS_RAW, err);
}

static enum zf_status set_strace(struct zf_run_options *o, const char *value,
                                 struct zf_error *err) {
    o->trace |= ZF_RUN_TRACE_CALLS;
    return ZF_OK;
}

static enum zf_status set_linux(struct zf_run_options *o, const char *value, struct zf_error *err) {
    return set_kind(o, ZF_RUN_AS_LINUX, err);
}

static enum zf_status set_bare(struct zf_run_options *o, const char *value, struct zf_error *err) {
    return set_kind(o, ZF_RUN_AS_BARE, err);
}

static const struct option_row rows[] = {
#define OPTION_TEXT(member, name, value, help)                                                     \
    {name, value, OPTION_IS_TEXT, offsetof(struct zf_run_options, member), NULL, help},
#define OPTION_FLAG(member, name, help)                                                            \
    {name, NULL, OPTION_IS_FLAG, offsetof(struct zf_run_options, member), NULL, help},
#define OPTION(type, member, name, value, function, help)                                          \
    {name, value, OPTION_IS_PARSED, 0, function, help},
#define OPTION_SAME(name, value, function, help) {name, value, OPTION_IS_PARSED, 0, function, help},
#define OPTION_ACTION(name, function, help) {name, NULL, OPTION_IS_PARSED, 0, function, help},
#include "run/option.def"
#undef OPTION_ACTION
#undef OPTION_SAME
#undef OPTION
#undef OPTION_FLAG
#undef OPTION_TEXT
};

static void print_row(FILE *out, const struct option_row *row) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s", row->name[1] ? "--" : "-", row->name,
             row->value ? " " : "", row->value ? row->value : "");
    fprintf(out, "  %-24s  ", left);
    for (const char *c = row->help; *c; c++) {
        fputc(*c, out);
        if (*c == '\n') {
            fprintf(out, "%28s", "");
        }
    }
    fputc('\n', out);
}

void zf_run_print_help(FILE *out) {
    fputs(
        "usage: zfacet run [OPTION...] [GUEST [ARGUMENT...]]\n"
        "\n"
        "Runs a Linux program or a bare-metal guest on a CPU model and reports what it used that\n"
        "the model lacks. GUEST is a file, or rom:NAME for a built-in guest\n"
        "('zfacet suite --list' lists them); the default is rom:identify.\n"
        "\n",
        out);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        print_row(out, &rows[i]);
    }
    fputs(
        "\nA disabled wait ends a bare-metal guest, with several CPUs when all are in one or have\n"
        "stopped. PSW address 0 or 0xfff means success, any other failure, whichever CPU has it.\n"
        "A Linux program's exit status is passed on, or 128 plus the number of the signal that\n"
        "killed it. Other exit statuses:\n",
        out);
    for (unsigned i = 0; i < ZF_RUN_END_COUNT; i++) {
        if (i == ZF_RUN_KILLED) {
            continue;
        }
        fprintf(out, "  %3d  %s\n", zf_run_end_status(i), zf_run_end_text(i));
    }
    fputs("\nexamples:\n"
          "  zfacet run --model z13 --check --sysroot /usr/s390x-linux-gnu ./program ARGUMENT\n"
          "  zfacet run --model z13 --policy ibc --host z16 --ibc z14 rom:z14-on-z13\n"
          "  zfacet run --model z14 --history 20 --dump-on fault kernel.elf\n"
          "  zfacet run --model z15 --initrd initrd.img --append 'console=ttyS0 console=ttyS1' "
          "vmlinuz\n"
          "  zfacet run --model z14 -S --gdb :1234 kernel.elf\n",
          out);
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

int zf_run_option_words(const char *word) {
    const char *name = word + (word[1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const struct option_row *row = find_row(name, length);
    return !row ? 0 : row->value && !name[length] ? 2 : 1;
}

int zf_run_report_options(const char *command, const struct zf_error *err) {
    static const char of_run[] = "run: ";
    size_t skip = strlen(of_run);
    return strncmp(err->message, of_run, skip) != 0
               ? zf_report_error(err)
               : zf_usage_error("%s: %s", command, err->message + skip);
}

const char *zf_run_option_near(const char *word) {
    const char *name = word + strspn(word, "-");
    return strlen(name) > 1 ? zf_nearest(word, option_name, NULL) : NULL;
}

static enum zf_status unknown_option(const char *word, struct zf_error *err) {
    const char *nearest = !strcmp(word, "-h") ? "help" : zf_run_option_near(word);
    return nearest ? zf_fail(err, ZF_ERROR_USAGE, "run: unknown option '%s'; did you mean '--%s'?",
                             word, nearest)
                   : zf_fail(err, ZF_ERROR_USAGE,
                             "run: unknown option '%s'; 'zfacet help run' lists the options", word);
}

static enum zf_status set(struct zf_run_options *o, const struct option_row *row, const char *value,
                          struct zf_error *err) {
    void *member = (char *)o + row->member;
    switch (row->kind) {
    case OPTION_IS_TEXT:
        *(const char **)member = value;
        return ZF_OK;
    case OPTION_IS_FLAG:
        *(bool *)member = true;
        return ZF_OK;
    case OPTION_IS_PARSED:
        break;
    }
    return row->parse(o, value, err);
}

/*
 * Takes the option at argv[*i], and its value, which may be the next word. One dash will do, as
 * with other emulators: -incoming.
 */
static enum zf_status take_option(struct zf_run_options *o, char **argv, int *i,
                                  struct zf_error *err) {
    const char *name = argv[*i] + (argv[*i][1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const char *value = name[length] ? name + length + 1 : NULL;
    const struct option_row *row = find_row(name, length);
    if (!row) {
        return unknown_option(argv[*i], err);
    }
    if (!row->value && value) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --%s takes no value", row->name);
    }
    if (row->value && !value) {
        value = argv[*i + 1];
        if (!value || !strcmp(value, "--")) {
            return zf_fail(err, ZF_ERROR_USAGE, "run: --%s needs a value: %s", row->name,
                           row->value);
        }
        ++*i;
    }
    return set(o, row, value, err);
}

void zf_run_options_init(struct zf_run_options *o) {
    *o = (struct zf_run_options){
        .memory = (uint64_t)ZF_RUN_MEMORY_MIB << 20,
        .engine = ZF_ENGINES, /* the usual one */
        .guest = "rom:identify",
    };
}

/* Options that do not go together. */
static enum zf_status check_together(const struct zf_run_options *o, struct zf_error *err) {
    if (o->trace_file && !o->trace) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --trace-file '%s' needs --trace", o->trace_file);
    }
    if (o->restore && (o->arguments || o->ibc || o->lowest_ibc || o->hide_unimplemented)) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "run: --restore cannot be combined with GUEST, --ibc, --lowest-ibc or "
                       "--hide-unimplemented: the saved guest has its own");
    }
    if (o->restore && (o->append || o->initrd)) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "run: --restore cannot be combined with --append or --initrd, which "
                       "apply to a guest that starts");
    }
    if (o->restore && (o->cpus > 1 || o->memory != (uint64_t)ZF_RUN_MEMORY_MIB << 20)) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "run: --restore cannot be combined with --cpus or --memory: the saved "
                       "guest has its own");
    }
    if (o->allow_missing && !o->restore) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --allow-missing needs --restore");
    }
    if (o->history && o->trace & ZF_TRACE_INSN) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --history cannot be combined with --trace insn");
    }
    if ((o->save_at || o->keep_running || o->save_at_end) && !o->save) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: --%s needs --save",
                       o->save_at        ? "save-at"
                       : o->keep_running ? "keep-running"
                                         : "save-at-end");
    }
    if (o->stopped && !o->gdb && !o->qmp) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: -S needs --gdb or --qmp, to start the guest");
    }
    if (o->has_base && o->as != ZF_RUN_AS_DETECTED) {
        return zf_fail(err, ZF_ERROR_USAGE,
                       "run: --base cannot be combined with --linux, --bare or --raw");
    }
    return ZF_OK;
}

enum zf_status zf_run_options_parse(struct zf_run_options *o, int argc, char **argv,
                                    struct zf_error *err) {
    int i = 1;
    while (i < argc && argv[i][0] == '-' && argv[i][1] && !o->help) {
        if (!strcmp(argv[i], "--")) {
            i++;
            break;
        }
        if (take_option(o, argv, &i, err) != ZF_OK) {
            return err->status;
        }
        i++;
    }
    if (i < argc && !argv[i][0]) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: invalid GUEST ''; give a file or rom:NAME");
    }
    if (i < argc) {
        o->guest = argv[i];
        o->arguments = &argv[i];
    }
    return o->help ? ZF_OK : check_together(o, err);
}
