/*
 * zfacet check: runs programs on many models and says of each whether it would run there.
 */
#include "check/document.h"
#include "check/share.h"
#include "cli/command.h"
#include "model/machine_text.h"
#include "text/common.h"
#include "text/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet check [OPTION...] [RUN-OPTION...] [--] PROGRAM [ARGUMENT...]\n"
    "       zfacet check [OPTION...] --manifest FILE\n"
    "\n"
    "Runs a program, or the cases of a manifest ('zfacet help suite'), on many models at a time, "
    "and\n"
    "gives one verdict a model. All processes that the program starts are checked. Prints one "
    "line\n"
    "if all is well.\n"
    "\n"
    "  --models LIST    names and ranges separated by commas: z13,z14-base,z15.., or all\n"
    "                   (default: $ZFACET_MODEL, else z13..)\n"
    "  --model MODEL    one model, with features if needed: z14,vx=off; can be repeated\n"
    "  --manifest FILE  check the cases of a manifest\n"
    "  --tests LIST     only these cases, separated by commas\n"
    "  --jobs N         number of runs at a time (default: the number of processors)\n"
    "  --exit STATUS    the exit status that the program should have (default: 0)\n"
    "  --strict         probes count as findings, and so do hints: fields that the model\n"
    "                   ignores with the same result\n"
    "  --allow FILE     findings that are allowed, an entry a line:\n"
    "                     mnemonic=msgrkc image=*/libfoo.so.1 until=2027-01-31 reason=\"why\"\n"
    "                   keys: image, function, mnemonic, model (patterns; of models lists, too),\n"
    "                   facility, address, until; reason is needed. Unused and expired entries\n"
    "                   are reported.\n"
    "  --baseline FILE  only what is new since FILE, which --json wrote, counts\n"
    "  --json           print the result as JSON (docs/check.schema.json)\n"
    "  --output FILE    write the JSON to FILE\n"
    "  --junit FILE     write the result to FILE as JUnit\n"
    "  --sarif FILE     write the findings to FILE as SARIF 2.1.0\n"
    "  --mix FILE       count the instructions that all runs execute: see 'zfacet help coverage'\n"
    "  --html FILE      write a page with everything to FILE\n"
    "  --shard I/N      only each Nth run, from the Ith on; merge the shards' --output with\n"
    "                   'zfacet check --merge FILE...'; auto: from CI_NODE_INDEX and _TOTAL,\n"
    "                   GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS, or a Slurm array\n"
    "  --merge FILE...  join results of shards instead of running anything; a shard of which\n"
    "                   there is no file is a case that could not run\n"
    "  --journal FILE   append each result to FILE as it comes; what is there already is not run\n"
    "                   again, so that a run that was interrupted can be continued, unless the\n"
    "                   guest's file, its command line, a file that this or the model names, or\n"
    "                   what is expected of it is another\n"
    "  --on slurm       run as an array job of Slurm, or with GNU parallel (--on parallel), in N "
    "tasks\n"
    "                   of the same command; needs --shards N (up to 1000) and --folder FOLDER, "
    "which\n"
    "                   all machines see: it keeps journals and logs, and the same command again\n"
    "                   continues there. Lost tasks are started again. Slurm: SBATCH_PARTITION "
    "and\n"
    "                   the like are heeded; parallel: --hosts FILE lists machines for ssh\n"
    "  --times FILE     a journal, or a campaign's folder: shards that take about the same time\n"
    "\n"
    "Any option of 'zfacet run' that concerns the guest can be given, such as --sysroot, "
    "--timeout,\n"
    "--policy, or --on-blocked warn, which lists all findings instead of stopping at the first "
    "that\n"
    "ends the program.\n"
    "\n"
    "A run has ended when all of its processes have, also those that nobody waits for; --timeout\n"
    "(default: 60 seconds) is for all of them. They are a session of their own, with /dev/null as\n"
    "standard input. Of their output the first MiB is kept.\n"
    "\n"
    "Verdicts: passes; findings: it used something that the model lacks, and that is not excused\n"
    "(probed: it caught the exception and continued; allowed; known by the baseline; expected by "
    "the\n"
    "manifest; hint: ignored by the model with the same result); fails by itself; not implemented "
    "by\n"
    "zfacet; system call not implemented; could not run. Exit status, never the program's own: 0 "
    "all\n"
    "pass, 1 could not run or write, 2 invalid command line, 3 findings, 4 fails by itself, 5 not\n"
    "known because zfacet does not implement something.\n"
    "\n"
    "examples:\n"
    "  zfacet check --models z13..z16 --sysroot /usr/s390x-linux-gnu -- ./program --self-test\n"
    "  zfacet check --models z13 --allow known.txt --on-blocked warn -- ./program\n"
    "  zfacet check --models z13,z14 --junit check.xml --sarif check.sarif -- rom:z14-on-z13\n";

enum { MODELS = 64, MERGED = 4096 };

struct options {
    const char *models, *manifest, *tests, *jobs, *exit, *allow, *baseline;
    const char *output, *junit, *sarif, *html;
    bool strict, json, merge;
    const char *model[MODELS];
    unsigned model_count, at_a_time;
    struct zf_share share;
    struct zf_case one; /* the program of the command line */
    char **command;     /* the command line */
    char **words;       /* the rest of it, after the options */
};

struct value_option {
    const char *name;
    size_t member;
};

static const struct value_option value_options[] = {
#define VALUE(member)                                                                              \
    { "--" #member, offsetof(struct options, member) }
    VALUE(models), VALUE(manifest), VALUE(tests), VALUE(jobs),  VALUE(exit), VALUE(allow),
    VALUE(output), VALUE(baseline), VALUE(junit), VALUE(sarif), VALUE(html),
#undef VALUE
};

/* For zf_nearest(). */
static const char *option_name(const void *context, unsigned i) {
    static const char *const others[] = {"--model", "--json", "--strict"};
    enum { VALUES = ZF_ARRAY_LENGTH(value_options), OTHERS = ZF_ARRAY_LENGTH(others) };
    return i < VALUES            ? value_options[i].name
           : i < VALUES + OTHERS ? others[i - VALUES]
                                 : zf_share_option_name(i - VALUES - OTHERS);
}

static const char **find_value(struct options *o, const char *word) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(value_options); i++) {
        size_t length = strlen(value_options[i].name);
        if (!strncmp(word, value_options[i].name, length) &&
            (!word[length] || word[length] == '=')) {
            return (const char **)((char *)o + value_options[i].member);
        }
    }
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    return zf_share_option(&o->share, name);
}

/* The flag of that name, which may have a value, and should not. */
static bool *find_flag(struct options *o, const char *word) {
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    return !strcmp(name, "--strict")  ? &o->strict
           : !strcmp(name, "--json")  ? &o->json
           : !strcmp(name, "--merge") ? &o->merge
                                      : NULL;
}

static int take_flag(struct options *o, bool *flag, const char *equals) {
    *flag = true;
    return !equals ? -1
           : flag == &o->json
               ? zf_usage_error("check: --json takes no value; --output FILE writes to a file")
               : zf_usage_error("check: --%s takes no value",
                                flag == &o->strict ? "strict" : "merge");
}

static int take_model(struct options *o, const char *text) {
    struct zf_error err;
    struct zf_model model;
    if (!text || o->model_count == MODELS) {
        return zf_usage_error(text ? "check: more than %d models" : "check: --model needs a model",
                              MODELS);
    }
    if (*text != '@' && zf_model_parse(text, false, &model, NULL, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    o->model[o->model_count++] = text;
    return -1;
}

static int take_option(struct options *o, char **argv, int *i) {
    const char *word = argv[*i], *equals = strchr(word, '=');
    bool *flag = find_flag(o, word);
    const char **value = find_value(o, word);
    bool model = !strncmp(word, "--model", 7) && (!word[7] || word[7] == '=');
    if (flag) {
        return take_flag(o, flag, equals);
    }
    const char *nearest =
        value || model || zf_run_option_words(word) ? NULL : zf_nearest(word, option_name, NULL);
    if (nearest) {
        return zf_usage_error("check: unknown option '%s'; did you mean '%s'?", word, nearest);
    }
    if (!value && !model) {
        return zf_case_take_option(&o->one, "check", argv, i);
    }
    const char *text = equals ? equals + 1 : argv[++*i];
    text = !equals && text && !strcmp(text, "--") ? NULL : text;
    if (model) {
        return take_model(o, text);
    }
    *value = text;
    return text ? -1 : zf_usage_error("check: %s needs a value", word);
}

static int take_number(const char *text, const char *name, unsigned least, unsigned most,
                       unsigned *number) {
    char *end;
    unsigned long value = text ? strtoul(text, &end, 10) : *number;
    if (text && (*text < '0' || *text > '9' || *end || value < least || value > most)) {
        return zf_usage_error("check: invalid %s '%s'; give %u to %u", name, text, least, most);
    }
    *number = (unsigned)value;
    return -1;
}

static int check_options(struct options *o) {
    const char *from_environment = getenv("ZFACET_MODEL");
    struct zf_error err;
    unsigned status = 0;
    int wrong;
    if (!o->merge && !o->manifest == !o->words[0]) {
        return zf_usage_error("check: give either a program or --manifest");
    }
    if (!o->models && !o->model_count) {
        bool given = from_environment && *from_environment;
        if (given && (wrong = take_model(o, from_environment)) >= 0) {
            return wrong;
        }
        o->models = given ? NULL : "z13..";
    }
    if (o->models && zf_models_check(o->models, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    if ((wrong = take_number(o->jobs, "--jobs", 1, 256, &o->at_a_time)) >= 0 ||
        (wrong = take_number(o->exit, "--exit", 0, 255, &status)) >= 0 ||
        (wrong = zf_share_check(&o->share, "check")) >= 0) {
        return wrong;
    }
    o->one.exit = (int)status;
    return -1;
}

/* -1, or the exit status. */
static int parse(struct options *o, int argc, char **argv) {
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        int status = take_option(o, argv, &i);
        if (status >= 0) {
            return status;
        }
    }
    i += i < argc && !strcmp(argv[i], "--");
    o->command = argv;
    o->words = &argv[i < argc ? i : argc];
    zf_case_take_program(&o->one, o->words);
    return check_options(o);
}

static int read_cases(struct options *o, struct zf_manifest *manifest) {
    struct zf_error err;
    char *text;
    if (!o->manifest) {
        zf_case_warn_of_host(&o->one);
        return zf_case_prepare(&o->one, "check");
    }
    text = zf_input_text(o->manifest, ZF_MANIFEST_MOST, &err);
    if (!text) {
        return zf_report_error(&err);
    }
    enum zf_status status = zf_manifest_parse(text, manifest, &err);
    free(text);
    if (status != ZF_OK) {
        return zf_usage_error("%s: %s", o->manifest, err.message);
    }
    if (o->one.option_count) {
        return zf_usage_error("check: options of zfacet run stand in the manifest");
    }
    int wrong = -1;
    for (unsigned i = 0; i < manifest->count && wrong < 0; i++) {
        wrong = zf_case_prepare(&manifest->cases[i], "check");
    }
    if (wrong < 0) {
        zf_cases_warn_of_host(manifest, o->tests);
    }
    return wrong;
}

struct jobs {
    struct zf_job *list;
    unsigned count;
    struct options *options;
    const struct zf_check_rules *rules;
};

static void add_job(struct jobs *jobs, const struct zf_case *test, const char *model) {
    struct zf_job *job = &jobs->list[jobs->count++];
    job->test = test;
    snprintf(job->name, sizeof job->name, "%s", model);
    job->model = strlen(model) < sizeof job->name ? job->name : model;
}

static void make_jobs(struct jobs *jobs, const struct zf_case *cases, unsigned count) {
    const struct options *o = jobs->options;
    size_t models = zf_model_count() + o->model_count;
    jobs->list = calloc(count * models, sizeof *jobs->list);
    for (unsigned c = 0; jobs->list && c < count; c++) {
        if (!zf_case_is_listed(o->tests, cases[c].name)) {
            continue;
        }
        for (unsigned m = 0; o->models && m < zf_model_count(); m++) {
            char name[ZF_MODEL_NAME_LENGTH];
            zf_model_name_at(m, name);
            if (zf_models_have(o->models, name) && zf_models_have(cases[c].models, name)) {
                zf_model_name_shorten(name);
                add_job(jobs, &cases[c], name);
            }
        }
        for (unsigned m = 0; m < o->model_count; m++) {
            add_job(jobs, &cases[c], o->model[m]);
        }
    }
}

/* Each result goes to the journal as it comes. */
static void ended(void *context, struct zf_job *job, unsigned ended, unsigned count) {
    struct jobs *jobs = context;
    if (!job->known) {
        job->known = zf_result_of(job, jobs->rules);
        zf_journal_add(jobs->options->share.results, job);
    }
    if (isatty(2)) {
        fprintf(stderr, "\r%u of %u%s", ended, count, ended == count ? "\r\033[K" : "");
    }
}

static void print_json(FILE *out, const json_t *document) {
    zf_print_json(out, json_incref((json_t *)document));
}

static void print_sarif(FILE *out, const json_t *document) {
    zf_print_json(out, zf_document_sarif(document));
}

static int print_all(const struct options *o, const json_t *document) {
    int status = zf_verdict_exit(zf_document_verdict(document));
    if (o->json) {
        print_json(stdout, document);
    } else {
        zf_document_print(stdout, document);
    }
    if (zf_document_write(o->output, document, print_json) ||
        zf_document_write(o->html, document, zf_document_html) ||
        zf_document_write(o->junit, document, zf_document_junit) ||
        zf_document_write(o->sarif, document, print_sarif)) {
        return ZF_EXIT_FAILURE;
    }
    return status;
}

static int run(struct options *o, const struct zf_check_rules *rules, const struct zf_case *cases,
               unsigned count) {
    struct jobs jobs = {.options = o, .rules = rules};
    char unknown[128];
    if (zf_case_unknown(o->tests, cases, count, unknown, sizeof unknown)) {
        return zf_usage_error("check: --tests: no case is called '%s'", unknown);
    }
    make_jobs(&jobs, cases, count);
    int status = jobs.count ? zf_share_take(&o->share, jobs.list, &jobs.count, o->command,
                                            (int)(o->words - o->command))
                            : zf_usage_error("check: no case applies to these models");
    if (status >= 0) {
        zf_share_end(&o->share);
        free(jobs.list);
        return status;
    }
    json_t *document = zf_document_create(ZFACET_VERSION);
    if (o->share.part.count > 1) {
        zf_document_set_shard(document, o->share.part.at + 1, o->share.part.count);
    }
    zf_jobs_run(jobs.list, jobs.count, o->at_a_time, ended, &jobs);
    for (unsigned i = 0; i < jobs.count; i++) {
        zf_document_add(document, &jobs.list[i], jobs.list[i].known);
        if (o->share.part.count > 1) {
            zf_document_set_order(document, (unsigned)(jobs.list[i].test - cases));
        }
        zf_job_free(&jobs.list[i]);
    }
    free(jobs.list);
    zf_share_end(&o->share);
    zf_document_finish(document, rules);
    status = print_all(o, document);
    json_decref(document);
    return status;
}

static int merge(const struct options *o) {
    json_t *document = zf_document_create(ZFACET_VERSION);
    struct zf_check_rules rules = {0};
    struct zf_error err;
    int status = o->words[0]
                     ? -1
                     : zf_usage_error("%s: give the files that shards have written", o->command[0]);
    bool any_word = !strcmp(o->words[-1], "--");
    for (char **word = o->words; *word && status < 0; word++) {
        status = any_word || strncmp(*word, "--", 2)
                     ? -1
                     : zf_usage_error("%s: '%s' stands after the files; give options before them",
                                      o->command[0], *word);
    }
    for (char **word = o->words; *word && status < 0; word++) {
        json_t *shard = zf_document_read(*word, &err);
        status = shard ? -1 : zf_report_error(&err);
        if (shard && !zf_document_merge(document, shard, &err)) {
            status = zf_report_error(&err);
        }
        json_decref(shard);
    }
    if (status < 0) {
        zf_document_close_shards(document);
        zf_document_finish(document, &rules);
        status = print_all(o, document);
    }
    json_decref(document);
    return status;
}

static int open_rules(const struct options *o, struct zf_check_rules *rules) {
    struct zf_error err;
    *rules = (struct zf_check_rules){.strict = o->strict};
    if (o->allow && !(rules->allow = zf_allow_read(o->allow, &err))) {
        return zf_report_error(&err);
    }
    if (o->baseline && !(rules->baseline = zf_document_read(o->baseline, &err))) {
        return zf_report_error(&err);
    }
    return -1;
}

/* What cannot be written in the end is told before anything runs; -1, or the exit status. */
static int check_outputs(const struct options *o) {
    const char *const files[] = {o->output, o->junit, o->sarif, o->html};
    return zf_documents_writable(files, ZF_ARRAY_LENGTH(files)) ? -1 : ZF_EXIT_FAILURE;
}

int zf_cmd_check(int argc, char **argv) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct options o = {.at_a_time = processors > 0 && processors < 256 ? (unsigned)processors : 1};
    struct zf_manifest manifest = {0};
    struct zf_check_rules rules = {0};
    int status = parse(&o, argc, argv);
    if (status >= 0 || (status = check_outputs(&o)) >= 0) {
        return status;
    }
    if (o.merge) {
        return merge(&o);
    }
    o.share.rules = zf_identity_of_file(zf_identity_of_file(o.strict, o.allow), o.baseline);
    if ((status = open_rules(&o, &rules)) < 0 && (status = read_cases(&o, &manifest)) < 0) {
        status =
            run(&o, &rules, o.manifest ? manifest.cases : &o.one, o.manifest ? manifest.count : 1);
    }
    zf_allow_free(rules.allow);
    json_decref(rules.baseline);
    zf_manifest_free(&manifest);
    return status;
}
