/*
 * A guest that is run on many models, and how that is judged: what zfacet check and zfacet suite
 * have in common. A case is a guest with what is expected of it (manifest.c, models.c); a job is a
 * case on a model, run by a process of its own (job.c); what all processes of the guest had to
 * report, comes back as JSON.
 */
#ifndef ZFACET_UI_CHECK_CASE_H
#define ZFACET_UI_CHECK_CASE_H

#include "run/run.h"

#include <jansson.h>

enum { ZF_CASE_WORDS = 32, ZF_CASE_LINES = 64, ZF_CASE_WHY = 512, ZF_MANIFEST_MOST = 1 << 24 };
enum { ZF_JOBS_AT_A_TIME = 256 };

/* Its texts point into the manifest's. */
struct zf_case {
    const char *name;
    const char *guest;
    char *words[ZF_CASE_WORDS + 2];
    char **arguments;                 /* of the guest, its name first: `words`, or others' */
    char *options[ZF_CASE_WORDS + 2]; /* of zfacet run, after an argv[0] */
    unsigned option_count;
    const char *models;                /* list of names and ranges, or "all" */
    int exit;                          /* expected exit status */
    bool exit_is_end;                  /* it was given as the name of an end, such as timeout */
    const char *output[ZF_CASE_LINES]; /* lines that must be in the output */
    unsigned outputs;
    const char *output_file; /* what the output must be, or NULL */
    /* mnemonics that must be found beyond the model, no others; "none"; NULL: not looked at */
    const char *blocked;
};

struct zf_manifest {
    char *text; /* cut into strings */
    struct zf_case *cases;
    unsigned count;
};

/** Reads a manifest; `text` is copied. Errors name the line. */
enum zf_status zf_manifest_parse(const char *text, struct zf_manifest *manifest,
                                 struct zf_error *err);
void zf_manifest_free(struct zf_manifest *manifest);

/** Whether `list`, names with commas, has `name`; the first word of it that is the name of no case,
 * to `unknown`, or false. NULL: all. */
bool zf_case_is_listed(const char *list, const char *name);
bool zf_case_unknown(const char *list, const struct zf_case *cases, unsigned count, char *unknown,
                     size_t size);

/** True when `list` ("all", names, X.., ..X, X..Y, with commas) has the model called `name`. */
bool zf_models_have(const char *list, const char *name);

/** How many of the names, from the first on, a range of models stands for (X..Y); 1: they are none,
 * or a range would be no shorter. */
size_t zf_models_range(const char *const *names, size_t count);

/** All names of a JSON array, ranges as such; for free(), NULL if out of memory. */
char *zf_models_text(const json_t *names, const char *between);

/** Whether it is a base model, which in a list of all stands between the models as they are. */
bool zf_models_is_base(const char *name);

/** Whether both are names of the same model, as gen15a and z15 are. */
bool zf_models_same(const char *a, const char *b);

/** Checks that `list` names models only. */
enum zf_status zf_models_check(const char *list, struct zf_error *err);

enum zf_job_state { ZF_JOB_WAITING, ZF_JOB_RUNNING, ZF_JOB_ENDED };

struct zf_job {
    const struct zf_case *test;
    const char *model;               /* as text: its name, or with features */
    char name[ZF_MODEL_NAME_LENGTH]; /* where that is, if it is the job's */
    enum zf_job_state state;
    const char *mix; /* file to which its counts of executions are appended, or NULL */
    int pid, results, output_fd, messages_fd, alive_fd; /* of one that runs; pid 0: its first
                                                           process has ended */
    double started, seconds;
    double limit;                 /* its time */
    struct zf_run_counts *shared; /* of all its processes, while it runs */
    uint64_t identity;            /* see zf_identity_of_job() */
    json_t *known; /* the result, where it is made or known from before; its owner frees it */
    /* of one that has ended */
    int signal;     /* that killed zfacet, or 0 */
    json_t *end;    /* what the first process told at its end, or NULL: it did not come so far */
    json_t *places; /* findings of all processes, as in a report */
    json_t *calls;  /* system calls of all processes that are not implemented, as in a report */
    struct zf_run_counts counted; /* executions of all processes */
    char *output;                 /* of the guest, without carriage returns */
    size_t output_length;
    size_t output_size; /* of all; the beginning alone is kept if it is more than 1 MiB */
    bool output_cut;
    char *messages; /* to standard error */
    bool outlived;  /* a process that the first one left to itself ran until the time was over */
    bool passed;    /* it is as the case expects, else why not */
    char why[ZF_CASE_WHY];
};

/** Tells that a job has ended, and how many have. */
typedef void zf_jobs_progress(void *context, struct zf_job *job, unsigned ended, unsigned count);

/** Runs all that have not ended, at most `at_a_time` together. */
void zf_jobs_run(struct zf_job *jobs, unsigned count, unsigned at_a_time,
                 zf_jobs_progress *progress, void *context);
void zf_job_free(struct zf_job *job);

/** Whether both ended in the same way and wrote the same to standard output, as far as it is kept.
 */
bool zf_job_alike(const struct zf_job *a, const struct zf_job *b);
/** A message of zfacet run's without the program's and the command's name, in `text`. */
const char *zf_job_message(const char *text);
/** How it ended, in words. */
void zf_job_outcome(const struct zf_job *job, char *text, size_t size);
/** The same, and where the output differs from another one's, if nothing else does. */
void zf_job_contrast(const struct zf_job *job, const struct zf_job *other, const char *name,
                     char *text, size_t size);

/** Whether commands that run a program on several models take this option of zfacet run. */
bool zf_case_takes_option(const char *word);

/**
 * For commands that run a program on several models: takes the option at argv[*i], which is one of
 * zfacet run, with its value; the program and its arguments; then checks that they go together. -1,
 * or the exit status, the mistake told.
 */
int zf_case_take_option(struct zf_case *test, const char *command, char **argv, int *i);
void zf_case_take_program(struct zf_case *test, char **words);
int zf_case_prepare(struct zf_case *test, const char *command);
/** Says so, when the program of a command line is the host's. */
void zf_case_warn_of_host(const struct zf_case *test);
/** The same for the cases of a manifest that `list` names. */
void zf_cases_warn_of_host(const struct zf_manifest *manifest, const char *list);

/** Whether the finding is of something that the model lacks, blocked or executed anyway. */
bool zf_place_is_beyond(const json_t *place);

/** Executions of what the model lacks, `hints` also of what it ignores without effect, that a
 * process counted and did not live to report, or that are too many to list. */
uint64_t zf_job_not_reported(const struct zf_job *job, bool hints);

/** Whether what came out is what the case expects; why not, to `why`, of ZF_CASE_WHY. */
bool zf_job_as_expected(const struct zf_job *job, char *why);
/** Of that, what concerns the exit status; processes that it left to themselves; the output alone;
 * and the findings alone. */
bool zf_job_exit_expected(const struct zf_job *job);
bool zf_job_left_none(const struct zf_job *job, char *why);
bool zf_job_output_expected(const struct zf_job *job, char *why);
bool zf_job_blocked_expected(const struct zf_job *job, char *why);

/** The last lines of `text`, whole ones, at most `size` bytes unless one is longer. */
const char *zf_last_lines(const char *text, size_t size);

#endif
