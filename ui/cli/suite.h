/*
 * zfacet suite, in parts: the manifest (suite_manifest.c), one job in a process of its own
 * (suite_job.c), the results as text, TAP or JUnit (suite_print.c).
 */
#ifndef ZFACET_UI_SUITE_H
#define ZFACET_UI_SUITE_H

#include "run/run.h"

enum { ZF_SUITE_WORDS = 32, ZF_SUITE_LINES = 64, ZF_SUITE_TEXT = 1024 };

/* A test of a manifest. Its texts point into the manifest's. */
struct zf_suite_test {
    const char *name;
    const char *guest;
    char *arguments[ZF_SUITE_WORDS + 2]; /* of the guest, its name first */
    char *options[ZF_SUITE_WORDS + 2];   /* of zfacet run, after an argv[0] */
    unsigned option_count;
    const char *models;                 /* list of names and ranges, or "all" */
    int exit;                           /* expected exit status */
    const char *output[ZF_SUITE_LINES]; /* lines that must be in the output */
    unsigned outputs;
    const char *output_file; /* what the output must be, or NULL */
    const char
        *blocked; /* mnemonics that must be blocked, no others; "none"; NULL: not looked at */
};

struct zf_suite {
    char *text; /* the manifest, cut into strings */
    struct zf_suite_test *tests;
    unsigned count;
};

/** Reads a manifest; `text` is copied. Errors name the line. */
enum zf_status zf_suite_parse(const char *text, struct zf_suite *suite, struct zf_error *err);
void zf_suite_free(struct zf_suite *suite);

/** True when `list` ("all", names, X.., ..X, X..Y, with commas) has the model called `name`. */
bool zf_suite_has_model(const char *list, const char *name);

/** Checks that `list` names models only. */
enum zf_status zf_suite_check_models(const char *list, struct zf_error *err);

enum zf_suite_state { ZF_SUITE_WAITING, ZF_SUITE_RUNNING, ZF_SUITE_PASSED, ZF_SUITE_FAILED };

/* One test on one model. */
struct zf_suite_job {
    const struct zf_suite_test *test;
    char model[ZF_MODEL_NAME_LENGTH];
    enum zf_suite_state state;
    int pid;
    int result_fd;           /* the child writes why it failed, and its output */
    char why[ZF_SUITE_TEXT]; /* of a failed one */
    double started, seconds;
};

/** Starts the job in a child process; false when there can be none. */
bool zf_suite_job_start(struct zf_suite_job *job);

/** Takes up the end of a child: `status` as waitpid() gives it. */
void zf_suite_job_end(struct zf_suite_job *job, int status);

enum zf_suite_format { ZF_SUITE_FORMAT_TEXT, ZF_SUITE_FORMAT_TAP, ZF_SUITE_FORMAT_JUNIT };

/** Writes all results in order. */
void zf_suite_print(FILE *out, enum zf_suite_format format, const struct zf_suite_job *jobs,
                    unsigned count);

#endif
