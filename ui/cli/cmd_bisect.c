/*
 * zfacet bisect: which features change what a program does. Delta debugging (ddmin) over the
 * features in which two models differ: the machine is the newer one of the two throughout, so that
 * it can have them all.
 */
#include "check/document.h"
#include "cli/command.h"
#include "text/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet bisect --good MODEL --bad MODEL [--json] [--jobs N] [RUN-OPTION...] [--]\n"
    "                     PROGRAM [ARGUMENT...]\n"
    "\n"
    "Finds the smallest set of features that makes a program end, or write to standard output, as "
    "on\n"
    "the bad model instead of as on the good one. Sets in which a feature lacks another that it "
    "needs\n"
    "are completed. Each run is logged on standard error.\n"
    "\n"
    "Options of 'zfacet run' that concern the guest can be given, such as --sysroot.\n"
    "\n"
    "Members of the JSON: guest; good, bad: {model, outcome}; features: [{name, description, "
    "on}],\n"
    "`on` as on the bad model; runs: [{features, outcome: good, bad or other}]\n"
    "\n"
    "Exit status: 0 found, 1 could not run, 2 invalid command line, 3 both models give the same\n"
    "outcome, or it depends on the machine and not on its features.\n"
    "\n"
    "examples:\n"
    "  zfacet bisect --good z14 --bad z15 --sysroot /usr/s390x-linux-gnu -- ./program\n"
    "  zfacet bisect --good z14 --bad z14,minste2=off -- rom:z14-on-z13\n";

enum { FEATURES = ZF_FEATURE_COUNT, TEXT = 1 << 14 };
enum verdict { GOOD, BAD, OTHER };

struct bisect {
    struct zf_case test;
    const char *name[2]; /* of the good model and the bad one */
    struct zf_model model[2];
    unsigned newer; /* which of them */
    struct zf_job reference[2];
    enum zf_feature feature[FEATURES]; /* in which they differ */
    unsigned count, at_a_time;
    bool json;
    json_t *runs;
};

/* A set of features that are as on the bad model. */
struct set {
    bool has[FEATURES];
};

static unsigned size_of(const struct bisect *b, const struct set *set) {
    unsigned size = 0;
    for (unsigned i = 0; i < b->count; i++) {
        size += set->has[i];
    }
    return size;
}

static bool is_on(const struct bisect *b, const struct set *set, unsigned i) {
    return zf_model_has_feature(&b->model[set->has[i]], b->feature[i]);
}

static void model_of(const struct bisect *b, const struct set *set, struct zf_model *model) {
    *model = b->model[b->newer];
    for (unsigned i = 0; i < b->count; i++) {
        if (is_on(b, set, i) != zf_model_has_feature(model, b->feature[i])) {
            zf_model_set_feature(model, b->feature[i], is_on(b, set, i));
        }
    }
}

static bool switch_on(const struct bisect *b, struct set *set, enum zf_feature feature) {
    for (unsigned i = 0; i < b->count; i++) {
        if (b->feature[i] == feature && !is_on(b, set, i)) {
            set->has[i] = !set->has[i];
            return true;
        }
    }
    return false;
}

/* Adds what features of the set need. */
static void complete(const struct bisect *b, struct set *set) {
    for (unsigned round = 0; round < b->count; round++) {
        struct zf_model model;
        struct zf_model_warnings warnings;
        bool changed = false;
        model_of(b, set, &model);
        zf_model_check(&model, &warnings);
        for (unsigned i = 0; i < warnings.count; i++) {
            changed |= switch_on(b, set, warnings.broken[i].needs);
        }
        if (!changed) {
            return;
        }
    }
}

/* The model of a set, as text for a run; the caller frees. */
static char *model_text(const struct bisect *b, const struct set *set) {
    char *text = malloc(TEXT);
    size_t used = text ? (size_t)snprintf(text, TEXT, "%s", b->name[b->newer]) : 0;
    for (unsigned i = 0; text && i < b->count; i++) {
        bool on = is_on(b, set, i);
        if (on != zf_model_has_feature(&b->model[b->newer], b->feature[i]) && used < TEXT) {
            used += (size_t)snprintf(text + used, TEXT - used, ",%s=%s",
                                     zf_feature_info(b->feature[i])->name, on ? "on" : "off");
        }
    }
    return text;
}

static enum verdict verdict_of(const struct bisect *b, const struct zf_job *job) {
    return zf_job_alike(job, &b->reference[BAD])    ? BAD
           : zf_job_alike(job, &b->reference[GOOD]) ? GOOD
                                                    : OTHER;
}

static json_t *names_of(const struct bisect *b, const struct set *set) {
    json_t *list = json_array();
    for (unsigned i = 0; i < b->count; i++) {
        if (set->has[i]) {
            json_array_append_new(list, json_string(zf_feature_info(b->feature[i])->name));
        }
    }
    return list;
}

static void log_run(struct bisect *b, const struct set *set, const struct zf_job *job,
                    enum verdict verdict) {
    static const char *const names[] = {"good", "bad", "other"};
    char outcome[ZF_CASE_WHY];
    zf_job_outcome(job, outcome, sizeof outcome);
    json_array_append_new(
        b->runs, json_pack("{s:o, s:s}", "features", names_of(b, set), "outcome", names[verdict]));
    fprintf(stderr, "zfacet: run %zu: %u of %u features: %s (%s)\n", json_array_size(b->runs),
            size_of(b, set), b->count, names[verdict], outcome);
}

/* Runs sets, several at a time; the first that is bad, or `count`. */
static unsigned first_bad(struct bisect *b, struct set *sets, unsigned count) {
    struct zf_job *jobs = calloc(count, sizeof *jobs);
    unsigned bad = count;
    for (unsigned i = 0; jobs && i < count; i++) {
        complete(b, &sets[i]);
        jobs[i] = (struct zf_job){.test = &b->test, .model = model_text(b, &sets[i])};
    }
    for (unsigned i = 0; jobs && i < count && bad == count; i += b->at_a_time) {
        unsigned batch = count - i < b->at_a_time ? count - i : b->at_a_time;
        zf_jobs_run(jobs + i, batch, b->at_a_time, NULL, NULL);
        for (unsigned j = i; j < i + batch; j++) {
            enum verdict verdict = verdict_of(b, &jobs[j]);
            log_run(b, &sets[j], &jobs[j], verdict);
            bad = verdict == BAD && bad == count ? j : bad;
        }
    }
    for (unsigned i = 0; jobs && i < count; i++) {
        free((char *)(uintptr_t)jobs[i].model);
        zf_job_free(&jobs[i]);
    }
    free(jobs);
    return bad;
}

/* Part `part` of `parts` of a set, or all but that. */
static struct set part_of(const struct bisect *b, const struct set *set, unsigned part,
                          unsigned parts, bool rest) {
    struct set result = {{false}};
    unsigned size = size_of(b, set), seen = 0;
    for (unsigned i = 0; i < b->count; i++) {
        if (set->has[i]) {
            bool inside = seen * parts / size == part;
            result.has[i] = inside != rest;
            seen++;
        }
    }
    return result;
}

static void minimize(struct bisect *b, struct set *set) {
    unsigned parts = 2, size;
    while ((size = size_of(b, set)) > 1) {
        struct set *sets = calloc(2 * (size_t)parts, sizeof *sets);
        unsigned count = parts == 2 ? parts : 2 * parts; /* halves are each other's rest */
        for (unsigned i = 0; sets && i < count; i++) {
            sets[i] = part_of(b, set, i % parts, parts, i >= parts);
        }
        unsigned bad = sets ? first_bad(b, sets, count) : count;
        if (bad < count && size_of(b, &sets[bad]) < size) {
            *set = sets[bad];
            parts = bad < parts ? 2 : parts > 3 ? parts - 1 : 2;
        } else if (parts >= size) {
            size = 0;
        } else {
            parts = 2 * parts < size ? 2 * parts : size;
        }
        free(sets);
        if (!size) {
            return;
        }
    }
}

static int take_models(struct bisect *b) {
    struct zf_error err;
    for (unsigned i = 0; i < 2; i++) {
        if (!b->name[i]) {
            return zf_usage_error("bisect: give --good and --bad");
        }
        if (zf_model_parse(b->name[i], false, &b->model[i], NULL, &err) != ZF_OK) {
            return zf_report_error(&err);
        }
    }
    b->newer = b->model[BAD].machine->level >= b->model[GOOD].machine->level ? BAD : GOOD;
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        if (zf_model_has_feature(&b->model[GOOD], f) != zf_model_has_feature(&b->model[BAD], f)) {
            b->feature[b->count++] = (enum zf_feature)f;
        }
    }
    return -1;
}

static int parse(struct bisect *b, int argc, char **argv) {
    int i = 1, status;
    for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
        bool value = argv[i + 1] != NULL;
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        if (!strcmp(argv[i], "--json")) {
            b->json = true;
        } else if (!strcmp(argv[i], "--good") && value) {
            b->name[GOOD] = argv[++i];
        } else if (!strcmp(argv[i], "--bad") && value) {
            b->name[BAD] = argv[++i];
        } else if (!strcmp(argv[i], "--jobs") && value) {
            int jobs = atoi(argv[++i]);
            if (jobs < 1 || jobs > 256) {
                return zf_usage_error("bisect: invalid --jobs '%s'; give 1 to 256", argv[i]);
            }
            b->at_a_time = (unsigned)jobs;
        } else if ((status = zf_case_take_option(&b->test, "bisect", argv, &i)) >= 0) {
            return status;
        }
    }
    i += i < argc && !strcmp(argv[i], "--");
    if (i >= argc) {
        return zf_usage_error("bisect: give a program");
    }
    zf_case_take_program(&b->test, &argv[i]);
    zf_case_warn_of_host(&b->test);
    return (status = take_models(b)) >= 0 ? status : zf_case_prepare(&b->test, "bisect");
}

static void print(const struct bisect *b, const struct set *set) {
    char good[ZF_CASE_WHY], bad[ZF_CASE_WHY];
    zf_job_outcome(&b->reference[GOOD], good, sizeof good);
    zf_job_contrast(&b->reference[BAD], &b->reference[GOOD], b->name[GOOD], bad, sizeof bad);
    printf("%s: %s\n%s: %s\nThe outcome is that of %s with", b->name[GOOD], good, b->name[BAD], bad,
           b->name[BAD]);
    printf(" %u of the %u feature%s that differ%s:\n", size_of(b, set), b->count,
           zf_plural(b->count), b->count == 1 ? "s" : "");
    for (unsigned i = 0; i < b->count; i++) {
        const struct zf_feature_info *info = zf_feature_info(b->feature[i]);
        if (set->has[i]) {
            printf("  %s %s  %s\n", info->name, is_on(b, set, i) ? "on" : "off", info->description);
        }
    }
}

static json_t *reference_json(const struct bisect *b, enum verdict which) {
    char outcome[ZF_CASE_WHY];
    zf_job_outcome(&b->reference[which], outcome, sizeof outcome);
    return json_pack("{s:s, s:o}", "model", b->name[which], "outcome", zf_json_text(outcome));
}

static void print_json(const struct bisect *b, const struct set *set) {
    json_t *features = json_array();
    for (unsigned i = 0; i < b->count; i++) {
        const struct zf_feature_info *info = zf_feature_info(b->feature[i]);
        if (set->has[i]) {
            json_array_append_new(features,
                                  json_pack("{s:s, s:s, s:b}", "name", info->name, "description",
                                            info->description, "on", is_on(b, set, i)));
        }
    }
    zf_print_json(stdout,
                  json_pack("{s:o, s:o, s:o, s:o, s:O}", "guest", zf_json_text(b->test.guest),
                            "good", reference_json(b, GOOD), "bad", reference_json(b, BAD),
                            "features", features, "runs", b->runs));
}

static int bisect(struct bisect *b) {
    char outcome[ZF_CASE_WHY];
    struct set all = {{false}};
    for (unsigned i = 0; i < 2; i++) {
        b->reference[i] = (struct zf_job){.test = &b->test, .model = b->name[i]};
    }
    zf_jobs_run(b->reference, 2, b->at_a_time, NULL, NULL);
    for (unsigned i = 0; i < 2; i++) {
        if (!b->reference[i].end) {
            zf_job_outcome(&b->reference[i], outcome, sizeof outcome);
            fprintf(stderr, "zfacet: bisect: %s: %s\n", b->name[i], outcome);
            return ZF_EXIT_FAILURE;
        }
    }
    memset(all.has, true, b->count * sizeof *all.has);
    if (zf_job_alike(&b->reference[GOOD], &b->reference[BAD])) {
        zf_job_outcome(&b->reference[GOOD], outcome, sizeof outcome);
        printf("%s and %s give the same outcome: %s\n", b->name[GOOD], b->name[BAD], outcome);
        return ZF_EXIT_BLOCKED;
    }
    struct set none = {{false}};
    if (first_bad(b, &all, 1) || !first_bad(b, &none, 1)) {
        printf("The outcome depends on the machine, not on its features\n");
        return ZF_EXIT_BLOCKED;
    }
    minimize(b, &all);
    if (b->json) {
        print_json(b, &all);
    } else {
        print(b, &all);
    }
    return ZF_EXIT_OK;
}

int zf_cmd_bisect(int argc, char **argv) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct bisect b = {.at_a_time = processors > 0 && processors < 256 ? (unsigned)processors : 1};
    int status = parse(&b, argc, argv);
    if (status < 0) {
        b.runs = json_array();
        status = bisect(&b);
        zf_job_free(&b.reference[GOOD]);
        zf_job_free(&b.reference[BAD]);
        json_decref(b.runs);
    }
    return status;
}
