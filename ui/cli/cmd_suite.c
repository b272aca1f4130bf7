/*
 * zfacet suite: reads the manifest, keeps as many jobs running as are wanted, prints the results.
 */
#include "check/share.h"
#include "cli/command.h"
#include "cli/suite.h"
#include "model/machine_text.h"
#include "text/common.h"
#include "text/input.h"

#include "zfacet/rom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet suite [--models LIST] [--tests LIST] [--jobs N] [--format text|tap|junit]\n"
    "                    [--shard I/N] [--journal FILE] [--mix FILE] [MANIFEST]\n"
    "       zfacet suite --on slurm|parallel --shards N --folder FOLDER [OPTION...] [MANIFEST]\n"
    "       zfacet suite --list\n"
    "\n"
    "Runs guests on many models, several at a time, and compares the results with a manifest;\n"
    "without one, runs the built-in guests, which --list lists.\n"
    "\n"
    "  --models LIST  all (default), or names and ranges separated by commas: z13,z14-base,z15..\n"
    "                 (base models are in a range only if one of its ends is one)\n"
    "  --tests LIST   only these tests, separated by commas\n"
    "  --jobs N       number of runs at a time (default: the number of processors)\n"
    "  --format F     text (default), tap or junit, on standard output\n"
    "  --shard I/N    only each Nth run, from the Ith on; auto: as 'zfacet help check' says\n"
    "  --journal FILE append each result to FILE as it comes; what is there of the same build,\n"
    "                 command line and files is not run again\n"
    "  --on slurm     run as an array job of Slurm, or with GNU parallel (--on parallel), in N "
    "tasks:\n"
    "                 see 'zfacet help check', also for --times FILE and --hosts FILE\n"
    "  --mix FILE     count the instructions that all runs execute: see 'zfacet help coverage'\n"
    "\n"
    "Each line of a manifest is a statement; # at the start of a line makes it a comment.\n"
    "  test NAME            start a test\n"
    "  guest FILE [ARG...]  the guest, as for 'zfacet run'\n"
    "  models LIST          the models to run it on (default: all)\n"
    "  options OPTION...    options of 'zfacet run'\n"
    "  exit STATUS          expected status: a number or a name such as blocked or timeout\n"
    "                       (default: ok)\n"
    "  output LINE          a line that the output must contain; can be repeated\n"
    "  output-file FILE     the whole expected output\n"
    "  blocked LIST         the mnemonics that must be blocked (also with --on-blocked warn),\n"
    "                       separated by blanks, or none\n"
    "\n"
    "Exit status: 0 all passed, 1 some failed, 2 invalid command line or manifest.\n"
    "\n"
    "examples:\n"
    "  zfacet suite --models z13..\n"
    "  zfacet suite --models z14,z16 --format junit tests.manifest > tests.xml\n"
    "  zfacet suite --shard 1/4 --journal one.journal tests.manifest\n";

struct options {
    const char *models, *tests, *manifest;
    unsigned jobs;
    enum zf_suite_format format;
    struct zf_share share;
};

static int list_roms(void) {
    struct zf_rom rom;
    for (unsigned i = 0; zf_rom_at(i, &rom); i++) {
        printf("%-12s %s\n", rom.name, rom.summary);
    }
    return ZF_EXIT_OK;
}

static bool set_format(struct options *o, const char *value) {
    static const char *const names[] = {"text", "tap", "junit"};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        if (!strcmp(value, names[i])) {
            o->format = (enum zf_suite_format)i;
            return true;
        }
    }
    return false;
}

/* For zf_nearest(). */
static const char *option_name(const void *context, unsigned i) {
    static const char *const names[] = {"--models", "--tests", "--jobs", "--format", "--list"};
    (void)context;
    return i < ZF_ARRAY_LENGTH(names) ? names[i] : zf_share_option_name(i - ZF_ARRAY_LENGTH(names));
}

static int unknown_option(const char *word) {
    const char *nearest = zf_nearest(word, option_name, NULL);
    return nearest ? zf_usage_error("suite: unknown option '%s'; did you mean '%s'?", word, nearest)
                   : zf_usage_error(
                         "suite: unknown option '%s'; 'zfacet help suite' lists the options", word);
}

static int set_option(struct options *o, const char *name, const char *value) {
    struct zf_error err;
    if (!strcmp(name, "--models")) {
        o->models = value;
        return zf_models_check(value, &err) == ZF_OK ? -1 : zf_report_error(&err);
    }
    if (!strcmp(name, "--tests")) {
        o->tests = value;
        return -1;
    }
    const char **shared = zf_share_option(&o->share, name);
    if (shared) {
        *shared = value;
        return -1;
    }
    if (!strcmp(name, "--jobs")) {
        char *end;
        unsigned long jobs = strtoul(value, &end, 10);
        o->jobs = (unsigned)jobs;
        return *value >= '0' && *value <= '9' && !*end && jobs >= 1 && jobs <= 256
                   ? -1
                   : zf_usage_error("suite: invalid --jobs '%s'; give 1 to 256", value);
    }
    return set_format(o, value)
               ? -1
               : zf_usage_error("suite: unknown --format '%s'; give text, tap or junit", value);
}

/* NAME VALUE or NAME=VALUE; moves to its last word. */
static int take_option(struct options *o, char **argv, int *i) {
    const char *word = argv[*i], *equals = strchr(word, '=');
    char name[16];
    unsigned at = 0;
    const char *known;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    while ((known = option_name(NULL, at)) && strcmp(known, name) != 0) {
        at++;
    }
    if (!known) {
        return unknown_option(word);
    }
    if (!strcmp(name, "--list")) {
        return zf_usage_error("suite: --list takes no value");
    }
    const char *value = equals ? equals + 1 : argv[++*i];
    return value ? set_option(o, name, value) : zf_usage_error("suite: %s needs a value", name);
}

static int parse_options(struct options *o, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        if (!strcmp(argv[i], "--list")) {
            return argc == 2 ? list_roms()
                             : zf_usage_error("suite: --list takes no other options or arguments");
        }
        if (argv[i][0] != '-') {
            if (o->manifest) {
                return zf_usage_error("suite: give one manifest; '%s' is a second one", argv[i]);
            }
            o->manifest = argv[i];
            continue;
        }
        int status = take_option(o, argv, &i);
        if (status >= 0) {
            return status;
        }
    }
    return zf_share_check(&o->share, "suite");
}

static int read_manifest(const struct options *o, struct zf_manifest *suite) {
    struct zf_error err;
    char *text = o->manifest ? zf_input_text(o->manifest, ZF_MANIFEST_MOST, &err) : NULL;
    *suite = (struct zf_manifest){0};
    if (o->manifest && !text) {
        return zf_report_error(&err);
    }
    enum zf_status status = zf_manifest_parse(text ? text : zf_rom_manifest(), suite, &err);
    free(text);
    if (status != ZF_OK) {
        return zf_usage_error("%s: %s", o->manifest ? o->manifest : "suite", err.message);
    }
    zf_cases_warn_of_host(suite, o->tests);
    return -1;
}

static struct zf_job *make_jobs(const struct options *o, const struct zf_manifest *suite,
                                unsigned *count) {
    struct zf_job *jobs = calloc((size_t)suite->count * zf_model_count(), sizeof *jobs);
    *count = 0;
    for (unsigned t = 0; jobs && t < suite->count; t++) {
        for (unsigned m = 0; m < zf_model_count(); m++) {
            struct zf_job *job = &jobs[*count];
            zf_model_name_at(m, job->name);
            job->model = job->name;
            if (zf_case_is_listed(o->tests, suite->cases[t].name) &&
                zf_models_have(o->models, job->model) &&
                zf_models_have(suite->cases[t].models, job->model)) {
                job->test = &suite->cases[t];
                zf_model_name_shorten(job->name);
                ++*count;
            }
        }
    }
    return jobs;
}

enum { TAIL = 1000 }; /* of what a failed guest wrote */

/* For a journal: what is printed of a run. */
static json_t *result_of(const struct zf_job *job) {
    const char *output = job->output ? job->output : "";
    const char *messages = job->messages ? job->messages : "";
    return json_pack("{s:s, s:b, s:f, s:o, s:o, s:o}", "model", job->model, "passed", job->passed,
                     "seconds", job->seconds, "why", zf_json_text(job->why), "output",
                     zf_json_text(job->passed ? "" : zf_last_lines(output, TAIL)), "messages",
                     zf_json_text(job->passed ? "" : zf_last_lines(messages, TAIL)));
}

static void take_known(struct zf_job *job) {
    job->passed = json_is_true(json_object_get(job->known, "passed"));
    job->seconds = json_number_value(json_object_get(job->known, "seconds"));
    snprintf(job->why, sizeof job->why, "%s", zf_text_of(job->known, "why"));
    job->output = strdup(zf_text_of(job->known, "output"));
    job->messages = strdup(zf_text_of(job->known, "messages"));
}

struct runs {
    struct zf_journal *journal;
    unsigned failed;
};

static void ended(void *context, struct zf_job *job, unsigned ended, unsigned count) {
    struct runs *runs = context;
    if (job->known) {
        take_known(job);
    } else if (runs->journal) {
        job->known = result_of(job);
        zf_journal_add(runs->journal, job);
    }
    runs->failed += !job->passed;
    if (isatty(2)) {
        fprintf(stderr, "\r%u of %u, %u failed%s", ended, count, runs->failed,
                ended == count ? "\n" : "");
    }
}

static int run_jobs(struct options *o, struct zf_job *jobs, unsigned count) {
    struct runs runs = {o->share.results, 0};
    bool failed = false;
    zf_jobs_run(jobs, count, o->jobs, ended, &runs);
    zf_suite_print(stdout, o->format, jobs, count);
    for (unsigned i = 0; i < count; i++) {
        failed |= !jobs[i].passed;
        json_decref(jobs[i].known);
        zf_job_free(&jobs[i]);
    }
    return failed ? ZF_EXIT_FAILURE : ZF_EXIT_OK;
}

int zf_cmd_suite(int argc, char **argv) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct options o = {.models = "all", .jobs = processors > 0 ? (unsigned)processors : 1};
    struct zf_manifest suite = {0};
    unsigned count = 0;
    int status = parse_options(&o, argc, argv);
    if (status >= 0) {
        return status;
    }
    char unknown[128];
    status = read_manifest(&o, &suite);
    if (status < 0 && zf_case_unknown(o.tests, suite.cases, suite.count, unknown, sizeof unknown)) {
        status = zf_usage_error("suite: --tests: no test is called '%s'", unknown);
    }
    if (status < 0) {
        struct zf_job *jobs = make_jobs(&o, &suite, &count);
        if (jobs && count) {
            status = zf_share_take(&o.share, jobs, &count, argv, argc);
            status = status < 0 ? run_jobs(&o, jobs, count) : status;
            zf_share_end(&o.share);
        } else {
            status =
                zf_usage_error(o.tests ? "suite: none of the tests '%s' applies to these models"
                                       : "suite: no test applies to these models",
                               o.tests);
        }
        free(jobs);
    }
    zf_manifest_free(&suite);
    return status;
}
