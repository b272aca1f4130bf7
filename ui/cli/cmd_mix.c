/*
 * zfacet mix: which instructions a program executes, and how often; and the same of files of such
 * counts, put together.
 */
#define _GNU_SOURCE /* memfd_create */
#include "cli/command.h"
#include "mix/mix.h"
#include "run/run.h"
#include "text/common.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet mix [OPTION...] FILE...\n"
    "       zfacet mix [OPTION...] [RUN-OPTION...] -- PROGRAM [ARGUMENT...]\n"
    "\n"
    "Prints how often instructions were executed. With PROGRAM, runs it with the options of\n"
    "'zfacet run' and counts; all that it starts counts, too. FILEs are what 'zfacet run --mix',\n"
    "'zfacet suite --mix', 'zfacet check --mix' and --output have written (-: standard input); "
    "they\n"
    "are summed. Counting is exact; an instruction that ends with an exception is not executed.\n"
    "\n"
    "  --by KEY       mnemonic (default), facility (the first that the instruction needs), "
    "format,\n"
    "                 machine (that introduced the instruction), function, image (the file), or\n"
    "                 code (calls of each function code)\n"
    "  --top N        print the N most frequent (default: 40; 0: all)\n"
    "  --output FILE  write the sums to FILE, for a later 'mix', 'coverage' or 'deprecated'\n"
    "  --json         print the sums of KEY as JSON, {by, instructions, sums: {NAME: N}}\n"
    "\n"
    "With PROGRAM, the table goes to standard error after the program's own output, and the exit\n"
    "status is the program's.\n"
    "\n"
    "examples:\n"
    "  zfacet mix --by function --model z14 -- ./program ARGUMENT\n";

enum { RUN_WORDS = 256 };

struct mix {
    enum zf_mix_key key;
    unsigned top;
    bool json;
    const char *output;
    json_t *counts;
    unsigned files;
    char *words[RUN_WORDS + 4]; /* of zfacet run */
    int word_count;
    bool refused; /* the guest did not begin to run */
};

/* Whether word i is this option; its value is *value, `*i` moves to the last of its words. */
static bool is_option(const char *name, char **argv, int *i, const char **value) {
    size_t length = strlen(name);
    if (strncmp(argv[*i], name, length) != 0 || (argv[*i][length] && argv[*i][length] != '=')) {
        return false;
    }
    *value = argv[*i][length] ? argv[*i] + length + 1 : argv[*i + 1];
    *i += !argv[*i][length];
    return true;
}

static int take_number(struct mix *m, const char *value) {
    char *end = NULL;
    unsigned long top = value ? strtoul(value, &end, 10) : 0;
    if (!value || !*value || *end || top > 1000000) {
        return zf_usage_error("mix: invalid --top '%s'; give a number", value ? value : "");
    }
    m->top = (unsigned)top;
    return -1;
}

static int take_key(struct mix *m, const char *value) {
    m->key = value ? zf_mix_key_find(value) : ZF_MIX_KEYS;
    return m->key != ZF_MIX_KEYS
               ? -1
               : zf_usage_error("mix: unknown --by '%s'; give mnemonic, facility, format, machine, "
                                "function, image or code",
                                value ? value : "");
}

static int take_file(struct mix *m, const char *path) {
    struct zf_error err;
    if (!strncmp(path, "rom:", 4)) {
        return zf_usage_error("mix: '%s' is a built-in guest; put -- before it", path);
    }
    m->files++;
    return zf_mix_read(path, m->counts, &err) == ZF_OK ? -1 : zf_report_error(&err);
}

static int take_run_option(struct mix *m, char **argv, int *i) {
    int words = zf_run_option_words(argv[*i]);
    const char *nearest = words ? NULL : zf_run_option_near(argv[*i]);
    if (nearest) {
        return zf_usage_error("mix: unknown option '%s'; did you mean '--%s'?", argv[*i], nearest);
    }
    if (!words || m->word_count + words > RUN_WORDS) {
        return zf_usage_error("mix: unknown option '%s'; 'zfacet help mix' lists the options",
                              argv[*i]);
    }
    for (; words && argv[*i]; words--) {
        m->words[m->word_count++] = argv[(*i)++];
    }
    --*i;
    return -1;
}

/* The word at i and its value; -1, or the exit status. */
static int take_word(struct mix *m, char **argv, int *i) {
    const char *value;
    if (!strcmp(argv[*i], "--help")) {
        fputs(usage, stdout);
        return ZF_EXIT_OK;
    }
    if (!strcmp(argv[*i], "--json")) {
        m->json = true;
        return -1;
    }
    if (is_option("--by", argv, i, &value)) {
        return take_key(m, value);
    }
    if (is_option("--top", argv, i, &value)) {
        return take_number(m, value);
    }
    if (is_option("--output", argv, i, &value)) {
        m->output = value;
        return value ? -1 : zf_usage_error("mix: --output takes a file");
    }
    bool is_file = argv[*i][0] != '-' || !argv[*i][1];
    return is_file ? take_file(m, argv[*i]) : take_run_option(m, argv, i);
}

/* Runs what the words say, into the counts. Its exit status. */
static int run_program(struct mix *m, char **program) {
    static char run_name[] = "run", option[] = "--mix";
    char path[64], *words[RUN_WORDS + 8] = {run_name};
    struct zf_run_options options;
    struct zf_run run;
    struct zf_error err;
    int fd = memfd_create("mix", MFD_CLOEXEC), count = 1;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), fd);
    memcpy(words + count, m->words, (size_t)m->word_count * sizeof *words);
    count += m->word_count;
    words[count++] = option;
    words[count++] = path;
    zf_run_options_init(&options);
    if (zf_run_options_parse(&options, count, words, &err) != ZF_OK) {
        m->refused = ZF_RUN_USAGE;
        return zf_run_report_options("mix", &err);
    }
    options.guest = program[0];
    options.arguments = program;
    enum zf_run_end end = zf_run_open(&run, &options);
    int status = end ? zf_run_refuse(&run, end) : zf_run_go(&run);
    if (end == ZF_RUN_BAD_GUEST && options.guest) {
        zf_run_warn_of_host(options.guest, options.sysroot);
    }
    m->refused = end;
    zf_run_close(&run);
    if (!end && zf_mix_read(path, m->counts, &err) != ZF_OK) {
        status = zf_report_error(&err);
    }
    close(fd);
    return status;
}

static bool write_sums(const struct mix *m) {
    FILE *out = fopen(m->output, "we");
    json_t *document = zf_mix_document(json_incref(m->counts));
    bool done = out && json_dumpf(document, out, JSON_COMPACT) == 0 && fputc('\n', out) != EOF;
    json_decref(document);
    done &= out && fclose(out) == 0;
    if (!done) {
        zf_warn("cannot write %s", m->output);
    }
    return done;
}

static int print(const struct mix *m, FILE *out) {
    if (m->output && !write_sums(m)) {
        return ZF_EXIT_FAILURE;
    }
    if (m->json) {
        json_t *value = json_pack("{s:s, s:O, s:o}", "by", zf_mix_key_name(m->key), "instructions",
                                  json_object_get(m->counts, "instructions"), "sums",
                                  zf_mix_sums(m->counts, m->key));
        return zf_print_json(out, value);
    }
    zf_mix_print(out, m->counts, m->key, m->top);
    return ZF_EXIT_OK;
}

static int mix(struct mix *m, char **argv) {
    int i = 1, status = -1;
    for (; argv[i] && strcmp(argv[i], "--") != 0 && status < 0; i++) {
        status = take_word(m, argv, &i);
        if (status < 0 && !argv[i]) {
            break; /* the value of the last option is missing: it said so, or takes none */
        }
    }
    if (status >= 0) {
        return status;
    }
    bool has_program = argv[i] && argv[i + 1];
    if (has_program == (m->files > 0) || (m->word_count && !has_program)) {
        return zf_usage_error("mix: give files, or -- and a program");
    }
    if (!has_program) {
        return print(m, stdout);
    }
    status = run_program(m, &argv[i + 1]);
    if (m->refused) {
        return status;
    }
    int printed = print(m, stderr);
    return printed != ZF_EXIT_OK && status == ZF_EXIT_OK ? printed : status;
}

int zf_cmd_mix(int argc, char **argv) {
    enum { TOP = 40 };
    (void)argc;
    struct mix m = {.top = TOP, .counts = zf_mix_create()};
    int status = mix(&m, argv);
    json_decref(m.counts);
    return status;
}
