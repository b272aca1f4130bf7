/*
 * zfacet minimum: the oldest machine on which a program does what it does on the newest one.
 */
#include "check/document.h"
#include "cli/command.h"
#include "text/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: zfacet minimum [--reference MODEL] [--json] [RUN-OPTION...] [--] PROGRAM "
    "[ARGUMENT...]\n"
    "\n"
    "Runs a program on machine after machine and says which is the oldest on which it ends and\n"
    "writes to standard output as on the newest one (or on MODEL), and uses nothing that the "
    "machine\n"
    "lacks but for probes; and why not one that is older.\n"
    "\n"
    "Machines are searched by halves, which assumes that what runs on one runs on all newer ones.\n"
    "Options of 'zfacet run' that concern the guest can be given, such as --sysroot.\n"
    "\n"
    "Members of the JSON: guest; reference: {model, outcome}; minimum, null if there is none;\n"
    "older: {model, verdict, why} or null; runs: [{model, passes, verdict, why}]\n"
    "\n"
    "Exit status: 0, 1 the program could not be run on the reference, 2 invalid command line, 3 "
    "no\n"
    "machine older than the reference runs it.\n"
    "\n"
    "examples:\n"
    "  zfacet minimum --sysroot /usr/s390x-linux-gnu -- ./program --self-test\n"
    "  zfacet minimum --reference z16 --json -- rom:z14-on-z13\n";

enum { MACHINES = 64 };

struct search {
    struct zf_case test;
    const char *reference_name;
    bool json;
    struct zf_job reference;
    char models[MACHINES][ZF_MODEL_NAME_LENGTH]; /* oldest first, up to the reference */
    unsigned count;
    json_t *results[MACHINES]; /* of those that were run */
    bool passes[MACHINES];
};

static int parse(struct search *s, int argc, char **argv) {
    int i = 1, status;
    for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return ZF_EXIT_OK;
        }
        if (!strcmp(argv[i], "--json")) {
            s->json = true;
        } else if (!strcmp(argv[i], "--reference") && argv[i + 1]) {
            s->reference_name = argv[++i];
        } else if ((status = zf_case_take_option(&s->test, "minimum", argv, &i)) >= 0) {
            return status;
        }
    }
    i += i < argc && !strcmp(argv[i], "--");
    if (i >= argc) {
        return zf_usage_error("minimum: give a program");
    }
    zf_case_take_program(&s->test, &argv[i]);
    zf_case_warn_of_host(&s->test);
    return zf_case_prepare(&s->test, "minimum");
}

/* The machines that are not newer than the reference; -1, or the exit status. */
static int list_machines(struct search *s) {
    struct zf_model reference;
    struct zf_error err;
    const struct zf_machine_type *machine;
    if (zf_model_parse(s->reference_name, false, &reference, NULL, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    for (unsigned i = 0; (machine = zf_machine_at(i)) && s->count < MACHINES; i++) {
        struct zf_model model;
        zf_model_init(&model, machine, ZF_MODEL_DEFAULT);
        if (machine->level < reference.machine->level) {
            zf_model_short_name(&model, s->models[s->count++]);
        }
    }
    return -1;
}

static void run_one(struct search *s, unsigned at) {
    struct zf_job job = {.test = &s->test, .model = s->models[at]};
    const struct zf_check_rules rules = {0};
    char why[ZF_CASE_WHY];
    zf_jobs_run(&job, 1, 1, NULL, NULL);
    s->test.exit = (int)json_integer_value(json_object_get(s->reference.end, "status"));
    s->results[at] = zf_result_of(&job, &rules);
    s->passes[at] = zf_job_alike(&job, &s->reference) &&
                    strcmp(zf_text_of(s->results[at], "verdict"), "findings") != 0;
    if (!s->passes[at] && !*zf_text_of(s->results[at], "why")) {
        zf_job_contrast(&job, &s->reference, s->reference_name, why, sizeof why);
        json_object_set_new(s->results[at], "why", zf_json_text(why));
    }
    zf_job_free(&job);
}

/* The first machine that passes; s->count: none. */
static unsigned find(struct search *s) {
    unsigned low = 0, high = s->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        run_one(s, middle);
        if (s->passes[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void print(const struct search *s, unsigned at) {
    const char *minimum = at < s->count ? s->models[at] : s->reference_name;
    printf("%s is the oldest machine that runs %s as %s does\n", minimum, s->test.guest,
           s->reference_name);
    if (at) {
        const json_t *older = s->results[at - 1];
        enum zf_verdict verdict = zf_verdict_find(zf_text_of(older, "verdict"));
        printf("%s: %s: %s\n", s->models[at - 1],
               verdict == ZF_VERDICT_PASSES ? "another outcome" : zf_verdict_text(verdict),
               zf_text_of(older, "why"));
        size_t i;
        json_t *place;
        json_array_foreach(json_object_get(older, "findings"), i, place) {
            char text[256];
            zf_place_text(place, text, sizeof text);
            printf("    %s%s%s: %s\n", zf_base_name(zf_text_of(place, "image")),
                   *zf_text_of(place, "symbol") ? "!" : "", zf_text_of(place, "symbol"), text);
        }
    }
}

static void print_json(const struct search *s, unsigned at) {
    char outcome[96];
    json_t *runs = json_array(), *older = json_null();
    zf_job_outcome(&s->reference, outcome, sizeof outcome);
    for (unsigned i = 0; i < s->count; i++) {
        if (s->results[i]) {
            json_t *run =
                json_pack("{s:s, s:b, s:O, s:O}", "model", s->models[i], "passes", s->passes[i],
                          "verdict", json_object_get(s->results[i], "verdict"), "why",
                          json_object_get(s->results[i], "why"));
            json_array_append_new(runs, run);
            if (i + 1 == at) {
                older = json_copy(run);
                json_object_del(older, "passes");
            }
        }
    }
    zf_print_json(stdout, json_pack("{s:o, s:{s:s, s:s}, s:s, s:o, s:o}", "guest",
                                    zf_json_text(s->test.guest), "reference", "model",
                                    s->reference_name, "outcome", outcome, "minimum",
                                    at < s->count ? s->models[at] : s->reference_name, "older",
                                    older, "runs", runs));
}

/* What is not known of the reference, is not known of the others. */
static void doubt(const struct search *s) {
    const struct zf_check_rules rules = {0};
    json_t *result = zf_result_of(&s->reference, &rules);
    enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
    if (verdict == ZF_VERDICT_NO_CALL || verdict == ZF_VERDICT_NOT_EXECUTED) {
        zf_warn("%s (%s): the guest may behave differently on a real machine",
                zf_verdict_text(verdict), zf_text_of(result, "why"));
    }
    json_decref(result);
}

static int search(struct search *s) {
    char outcome[ZF_CASE_WHY];
    s->reference = (struct zf_job){.test = &s->test, .model = s->reference_name};
    zf_jobs_run(&s->reference, 1, 1, NULL, NULL);
    zf_job_outcome(&s->reference, outcome, sizeof outcome);
    const char *end = zf_text_of(s->reference.end, "end");
    if (!s->reference.end || (strcmp(end, "ok") != 0 && strcmp(end, "failed") != 0)) {
        fprintf(stderr, "zfacet: minimum: %s on %s: %s\n", s->test.guest, s->reference_name,
                outcome);
        return ZF_EXIT_FAILURE;
    }
    doubt(s);
    unsigned at = find(s);
    if (s->json) {
        print_json(s, at);
    } else {
        print(s, at);
    }
    return at < s->count ? ZF_EXIT_OK : ZF_EXIT_BLOCKED;
}

int zf_cmd_minimum(int argc, char **argv) {
    struct search s = {.reference_name = zf_machine_short_name(zf_machine_newest())};
    int status = parse(&s, argc, argv);
    if (status < 0 && (status = list_machines(&s)) < 0) {
        status = search(&s);
        zf_job_free(&s.reference);
    }
    for (unsigned i = 0; i < s.count; i++) {
        json_decref(s.results[i]);
    }
    return status;
}
