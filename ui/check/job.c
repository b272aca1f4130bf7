/*
 * A job: a child process runs the guest. Its output goes to files in memory, and what its processes
 * report, to another: a line of JSON each.
 */
#define _GNU_SOURCE /* memfd_create */
#include "check/case.h"
#include "text/common.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 1 << 20, RESULTS_LIMIT = 256 << 20, TIMEOUT_SECONDS = 60, OWN_FD = 960 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* All of a file, as a string; the caller frees. Closes it. */
static char *take_text(int fd, size_t limit, size_t *length) {
    off_t end = lseek(fd, 0, SEEK_END);
    size_t size = end < 0 ? 0 : (size_t)end < limit ? (size_t)end : limit, used = 0;
    char *text = malloc(size + 1);
    ssize_t got = 0;
    while (text && used < size && (got = pread(fd, text + used, size - used, (off_t)used)) > 0) {
        used += (size_t)got;
    }
    close(fd);
    if (text) {
        text[used] = 0;
    }
    *length = used;
    return text;
}

static void drop_carriage_returns(char *text, size_t *length) {
    size_t to = 0;
    for (size_t i = 0; text && i < *length; i++) {
        if (text[i] != '\r') {
            text[to++] = text[i];
        }
    }
    if (text) {
        text[to] = 0;
    }
    *length = to;
}

static int run_guest(const struct zf_job *job, struct zf_run *run, struct zf_run_options *options) {
    char name[] = "run";
    char *words[ZF_CASE_WORDS + 2] = {name};
    struct zf_error err;
    memcpy(words + 1, job->test->options, job->test->option_count * sizeof *words);
    zf_run_options_init(options);
    options->timeout_ns = (uint64_t)TIMEOUT_SECONDS * 1000000000u;
    if (zf_run_options_parse(options, (int)job->test->option_count + 1, words, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    options->model = job->model;
    options->guest = job->test->guest;
    options->arguments = job->test->arguments;
    options->mix = job->mix ? job->mix : options->mix;
    options->collect = fcntl(job->results, F_DUPFD_CLOEXEC, OWN_FD);
    enum zf_run_end end = zf_run_open(run, options);
    return end ? zf_run_refuse(run, end) : zf_run_go(run);
}

static _Noreturn void child(const struct zf_job *job) {
    struct zf_run run = {0};
    struct zf_run_options options;
    int in = open("/dev/null", O_RDONLY);
    if (in < 0 || dup2(in, 0) < 0 || dup2(job->output_fd, 1) < 0 || dup2(job->messages_fd, 2) < 0) {
        _exit(ZF_EXIT_FAILURE);
    }
    int status = run_guest(job, &run, &options);
    fflush(NULL);
    _exit(status);
}

static void close_files(const struct zf_job *job) {
    const int files[] = {job->results, job->output_fd, job->messages_fd};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(files); i++) {
        if (files[i] >= 0) {
            close(files[i]);
        }
    }
}

static bool start(struct zf_job *job) {
    job->results = memfd_create("results", MFD_CLOEXEC);
    job->output_fd = memfd_create("output", MFD_CLOEXEC);
    job->messages_fd = memfd_create("messages", MFD_CLOEXEC);
    job->started = now();
    fflush(NULL);
    job->pid = job->results < 0 || job->output_fd < 0 || job->messages_fd < 0 ? -1 : fork();
    if (!job->pid) {
        child(job);
    }
    job->state = job->pid < 0 ? ZF_JOB_ENDED : ZF_JOB_RUNNING;
    job->places = json_array();
    if (job->pid < 0) {
        close_files(job);
        snprintf(job->why, sizeof job->why, "cannot create a process for it");
    }
    return job->pid > 0;
}

static void take_process(struct zf_job *job, json_t *process) {
    json_array_extend(job->places, json_object_get(json_object_get(process, "report"), "places"));
    if (json_is_true(json_object_get(process, "main"))) {
        json_decref(job->end);
        job->end = json_incref(process);
    }
}

static void take_results(struct zf_job *job) {
    size_t length;
    char *text = take_text(job->results, RESULTS_LIMIT, &length);
    for (char *line = text, *next; line && *line; line = next) {
        next = line + strcspn(line, "\n");
        json_t *process = json_loadb(line, (size_t)(next - line), 0, NULL);
        if (process) {
            take_process(job, process);
        }
        json_decref(process);
        next += *next == '\n';
    }
    free(text);
}

static void finish(struct zf_job *job, int status) {
    size_t length;
    job->seconds = now() - job->started;
    job->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    job->state = ZF_JOB_ENDED;
    take_results(job);
    job->output = take_text(job->output_fd, OUTPUT_LIMIT, &job->output_length);
    drop_carriage_returns(job->output, &job->output_length);
    job->messages = take_text(job->messages_fd, OUTPUT_LIMIT, &length);
    job->passed = zf_job_as_expected(job, job->why);
}

static struct zf_job *end_one(struct zf_job *jobs, unsigned count) {
    int status;
    pid_t pid = wait(&status);
    for (unsigned i = 0; i < count; i++) {
        if (jobs[i].state == ZF_JOB_RUNNING && jobs[i].pid == pid) {
            finish(&jobs[i], status);
            return &jobs[i];
        }
    }
    return NULL;
}

void zf_jobs_run(struct zf_job *jobs, unsigned count, unsigned at_a_time,
                 zf_jobs_progress *progress, void *context) {
    unsigned started = 0, ended = 0;
    while (ended < count) {
        struct zf_job *job = NULL;
        while (started < count && started - ended < at_a_time && !job) {
            bool runs = jobs[started].state != ZF_JOB_ENDED && start(&jobs[started]);
            job = runs ? NULL : &jobs[started];
            started++;
        }
        job = job ? job : end_one(jobs, started);
        ended += job != NULL;
        if (progress && job) {
            progress(context, job, ended, count);
        }
    }
}

void zf_job_free(struct zf_job *job) {
    json_decref(job->end);
    json_decref(job->places);
    free(job->output);
    free(job->messages);
}
