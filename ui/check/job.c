/*
 * A job: a child process runs the guest. Its output goes to files in memory, and what its processes
 * report, to another: a line of JSON each. It has ended when all of its processes have, or when its
 * time is over.
 */
#define _GNU_SOURCE /* memfd_create, fallocate */
#include "check/case.h"
#include "check/processes.h"
#include "text/common.h"
#include "zfacet/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 1 << 20, RESULTS_LIMIT = 256 << 20, TIMEOUT_SECONDS = 60 };

/* Those of one call of zf_jobs_run(). */
struct runner {
    unsigned count, started, ended, running;
    struct zf_job *run[ZF_JOBS_AT_A_TIME]; /* those that run */
    sigset_t before, waited;               /* signals that are blocked; those that are waited for */
    struct zf_keeper keeper;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t size_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
}

/* All of a file, or its beginning, as a string; the caller frees. Closes it. */
static char *take_text(int fd, size_t limit, size_t *length) {
    size_t all = size_of(fd), size = all < limit ? all : limit, used = 0;
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

static int parse_options(const struct zf_job *job, struct zf_run_options *options) {
    char name[] = "run";
    char *words[ZF_CASE_WORDS + 2] = {name};
    struct zf_error err;
    memcpy(words + 1, job->test->options, job->test->option_count * sizeof *words);
    zf_run_options_init(options);
    options->timeout_ns = (uint64_t)TIMEOUT_SECONDS * 1000000000u;
    if (zf_run_options_parse(options, (int)job->test->option_count + 1, words, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    return ZF_EXIT_OK;
}

static int run_guest(const struct zf_job *job, struct zf_run *run, struct zf_run_options *options) {
    options->model = job->model;
    options->guest = job->test->guest;
    options->arguments = job->test->arguments;
    options->mix = job->mix ? job->mix : options->mix;
    options->counts = job->shared;
    options->collect = zf_aside_fd(job->results);
    enum zf_run_end end = zf_run_open(run, options);
    return end ? zf_run_refuse(run, end) : zf_run_go(run);
}

static _Noreturn void child(const struct zf_job *job, struct zf_run_options *options) {
    struct zf_run run = {0};
    int in = open("/dev/null", O_RDONLY);
    if (in < 0 || dup2(in, 0) < 0 || dup2(job->output_fd, 1) < 0 || dup2(job->messages_fd, 2) < 0) {
        _exit(ZF_EXIT_FAILURE);
    }
    int status = run_guest(job, &run, options);
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

static bool start(const struct runner *r, struct zf_job *job) {
    struct zf_run_options options;
    bool good = parse_options(job, &options) == ZF_EXIT_OK;
    job->alive_fd = -1;
    job->limit = (double)options.timeout_ns * 1e-9;
    job->results = zf_processes_move(memfd_create("results", MFD_CLOEXEC));
    job->output_fd = zf_processes_move(memfd_create("output", MFD_CLOEXEC));
    job->messages_fd = zf_processes_move(memfd_create("messages", MFD_CLOEXEC));
    job->shared = zf_run_counts_create();
    job->started = now();
    fflush(NULL);
    good &= job->results >= 0 && job->output_fd >= 0 && job->messages_fd >= 0 && job->shared;
    job->pid = good ? zf_processes_fork(&r->keeper, &job->alive_fd) : -1;
    if (!job->pid) {
        const int own[] = {job->results, job->output_fd, job->messages_fd};
        zf_processes_close_others(own, ZF_ARRAY_LENGTH(own));
        sigprocmask(SIG_SETMASK, &r->before, NULL);
        child(job, &options);
    }
    job->state = job->pid < 0 ? ZF_JOB_ENDED : ZF_JOB_RUNNING;
    job->places = json_array();
    if (job->pid < 0) {
        close_files(job);
        zf_run_counts_destroy(job->shared);
        snprintf(job->why, sizeof job->why, "cannot create a process for it");
    }
    return job->pid > 0;
}

static void take_process(struct zf_job *job, json_t *process) {
    const json_t *report = json_object_get(process, "report");
    json_t *calls = json_object_get(report, "system_calls");
    json_array_extend(job->places, json_object_get(report, "places"));
    if (json_array_size(calls) >= json_array_size(job->calls)) { /* they are counted together */
        json_decref(job->calls);
        job->calls = json_incref(calls);
    }
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

static void finish(const struct runner *r, struct zf_job *job) {
    size_t length;
    job->seconds = now() - job->started;
    job->state = ZF_JOB_ENDED;
    zf_processes_forget(&r->keeper, job->alive_fd);
    take_results(job);
    job->counted = *job->shared; /* also of those that were killed */
    zf_run_counts_destroy(job->shared);
    job->output_size = size_of(job->output_fd);
    job->output_cut = job->output_size > OUTPUT_LIMIT;
    job->output = take_text(job->output_fd, OUTPUT_LIMIT, &job->output_length);
    drop_carriage_returns(job->output, &job->output_length);
    job->messages = take_text(job->messages_fd, OUTPUT_LIMIT, &length);
    job->passed = zf_job_as_expected(job, job->why);
}

/* What the guest left to itself may run until its time is over, and a little longer. */
static bool has_ended(struct zf_job *job) {
    static const double grace = 1;
    bool over = job->limit > 0 && now() - job->started > job->limit + grace;
    bool ended = zf_processes_ended(job->alive_fd);
    if (job->pid || !(ended || over)) {
        return false;
    }
    job->outlived = !ended;
    zf_processes_kill(0, job->alive_fd);
    return true;
}

/* A process that has ended is a job's first, or none of ours. False: there was none. */
static bool reap(struct runner *r) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    for (unsigned i = 0; pid > 0 && i < r->running; i++) {
        struct zf_job *job = r->run[i];
        if (job->pid == pid) {
            job->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
            job->pid = 0;
        }
    }
    return pid > 0;
}

/* What it writes beyond what is looked at, takes no storage. */
static void drop_excess(int fd) {
    size_t size = size_of(fd);
    if (size > OUTPUT_LIMIT) {
        fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, OUTPUT_LIMIT,
                  (off_t)(size - OUTPUT_LIMIT));
    }
}

static _Noreturn void die(const struct runner *r, int number) {
    for (unsigned i = 0; i < r->running; i++) {
        zf_processes_kill(r->run[i]->pid, r->run[i]->alive_fd);
        while (r->run[i]->pid && waitpid(r->run[i]->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    fprintf(stderr, "zfacet: %s: %u of %u runs have ended\n", strsignal(number), r->ended,
            r->count);
    signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &r->before, NULL);
    raise(number);
    _exit(ZF_EXIT_FAILURE);
}

/* Waits a moment, at most until a process ends. */
static void look_around(const struct runner *r, bool soon) {
    enum { SOON = 5000000, LATER = 100000000 };
    const struct timespec moment = {.tv_nsec = soon ? SOON : LATER};
    int number = sigtimedwait(&r->waited, NULL, &moment);
    if (number > 0 && number != SIGCHLD) {
        die(r, number);
    }
    for (unsigned i = 0; i < r->running; i++) {
        drop_excess(r->run[i]->output_fd);
        drop_excess(r->run[i]->messages_fd);
    }
}

static struct zf_job *end_one(struct runner *r) {
    for (;;) {
        bool left = false;
        while (reap(r)) {
        }
        for (unsigned i = 0; i < r->running; i++) {
            struct zf_job *job = r->run[i];
            if (has_ended(job)) {
                r->run[i] = r->run[--r->running];
                finish(r, job);
                return job;
            }
            left |= !job->pid;
        }
        look_around(r, left);
    }
}

/* The guest is in a session of its own, so that what comes from the terminal is for zfacet alone.
 */
static void hold_signals(struct runner *r) {
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD};
    sigemptyset(&r->waited);
    signal(SIGCHLD, SIG_DFL);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(numbers); i++) {
        struct sigaction action;
        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&r->waited, numbers[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &r->waited, &r->before);
}

void zf_jobs_run(struct zf_job *jobs, unsigned count, unsigned at_a_time,
                 zf_jobs_progress *progress, void *context) {
    struct runner r = {.count = count};
    hold_signals(&r);
    zf_keeper_start(&r.keeper); /* else no job can start */
    while (r.ended < count) {
        struct zf_job *job = NULL;
        while (r.started < count && r.running < at_a_time && r.running < ZF_JOBS_AT_A_TIME &&
               !job) {
            struct zf_job *next = &jobs[r.started++];
            bool runs = next->state != ZF_JOB_ENDED && start(&r, next);
            job = runs ? NULL : next;
            r.run[r.running] = next;
            r.running += runs;
        }
        job = job ? job : end_one(&r);
        r.ended++;
        if (progress) {
            progress(context, job, r.ended, count);
        }
    }
    zf_keeper_end(&r.keeper);
    sigprocmask(SIG_SETMASK, &r.before, NULL);
}

void zf_job_free(struct zf_job *job) {
    json_decref(job->end);
    json_decref(job->places);
    json_decref(job->calls);
    free(job->output);
    free(job->messages);
}
