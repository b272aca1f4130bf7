/*
 * One job: a child process runs the guest, checks what came out, and tells why it is not right.
 */
#define _GNU_SOURCE /* memfd_create */
#include "cli/suite.h"
#include "text/common.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 1 << 20, TIMEOUT_SECONDS = 60 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Reads a file from its beginning; the caller frees. Carriage returns are left out. */
static char *read_all(int fd, size_t *length) {
    char *text = malloc(OUTPUT_LIMIT + 1);
    size_t size = 0;
    ssize_t got = 0;
    while (text && size < OUTPUT_LIMIT &&
           (got = pread(fd, text + size, OUTPUT_LIMIT - size, (off_t)size)) > 0) {
        size += (size_t)got;
    }
    size_t to = 0;
    for (size_t i = 0; text && i < size; i++) {
        if (text[i] != '\r') {
            text[to++] = text[i];
        }
    }
    if (text) {
        text[to] = 0;
    }
    *length = to;
    return text;
}

static bool has_line(const char *text, const char *line) {
    size_t length = strlen(line);
    while (text) {
        if (!strncmp(text, line, length) && (!text[length] || text[length] == '\n')) {
            return true;
        }
        text = strchr(text, '\n');
        text += text ? 1 : 0;
    }
    return false;
}

static bool same_as_file(const char *path, const char *output, size_t length) {
    size_t wanted_length;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *wanted = fd >= 0 ? read_all(fd, &wanted_length) : NULL;
    bool same = wanted && wanted_length == length && !memcmp(wanted, output, length);
    free(wanted);
    if (fd >= 0) {
        close(fd);
    }
    return same;
}

static bool in_words(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length) {
        if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

static unsigned count_words(const char *words) {
    unsigned count = 0;
    for (; *words; words += strcspn(words, " "), words += strspn(words, " ")) {
        count++;
    }
    return count;
}

/* The blocked mnemonics must be the wanted ones; why not, to `why`. */
static bool blocked_as_wanted(const char *wanted, const struct zf_report *report, char *why,
                              size_t size) {
    bool seen[ZF_ROW_COUNT] = {false};
    unsigned kinds = 0;
    const char *none = strcmp(wanted, "none") ? wanted : "";
    for (unsigned i = 0; i < zf_report_count(report); i++) {
        const struct zf_finding *finding = zf_report_at(report, i);
        enum zf_row row = finding->subject.row;
        const char *mnemonic = zf_row_get(row)->mnemonic;
        if (finding->kind != ZF_FINDING_BLOCKED || seen[row]) {
            continue;
        }
        seen[row] = true;
        kinds++;
        if (!in_words(none, mnemonic)) {
            snprintf(why, size, "%s blocked at %#llx; expected: %s", mnemonic,
                     (unsigned long long)finding->address, wanted);
            return false;
        }
    }
    if (kinds < count_words(none)) {
        snprintf(why, size, "blocked mnemonics: %u; expected: %s", kinds, wanted);
        return false;
    }
    return true;
}

static bool as_wanted(const struct zf_suite_test *test, const struct zf_run *run, int status,
                      const char *output, size_t length, char *why, size_t size) {
    if (status != test->exit) {
        snprintf(why, size, "exit status %d, expected %d", status, test->exit);
        return false;
    }
    for (unsigned i = 0; i < test->outputs; i++) {
        if (!has_line(output, test->output[i])) {
            snprintf(why, size, "output lacks the line '%s'", test->output[i]);
            return false;
        }
    }
    if (test->output_file && !same_as_file(test->output_file, output, length)) {
        snprintf(why, size, "output differs from %s", test->output_file);
        return false;
    }
    return !test->blocked || blocked_as_wanted(test->blocked, run->report, why, size);
}

static int run_test(const struct zf_suite_job *job, struct zf_run *run,
                    struct zf_run_options *options) {
    char **argv = (char **)job->test->options;
    char name[] = "run";
    char *words[ZF_SUITE_WORDS + 2] = {name};
    memcpy(words + 1, argv, job->test->option_count * sizeof *words);
    zf_run_options_init(options);
    options->timeout_ns = (uint64_t)TIMEOUT_SECONDS * 1000000000u;
    struct zf_error err;
    if (zf_run_options_parse(options, (int)job->test->option_count + 1, words, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    options->model = job->model;
    options->guest = job->test->guest;
    options->arguments = (char **)job->test->arguments;
    enum zf_run_end end = zf_run_open(run, options);
    return end ? zf_run_refuse(run, end) : zf_run_go(run);
}

/* In the child. Writes why it failed and what came out to the result's file. */
static bool child(const struct zf_suite_job *job) {
    struct zf_run run = {0};
    struct zf_run_options options;
    char why[ZF_SUITE_TEXT] = "";
    size_t length, error_length;
    int out = memfd_create("output", 0), err = memfd_create("messages", 0);
    int in = open("/dev/null", O_RDONLY);
    if (in < 0 || out < 0 || err < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) {
        dprintf(job->result_fd, "cannot create a file for the output");
        return false;
    }
    int status = run_test(job, &run, &options);
    fflush(stdout);
    char *output = read_all(out, &length), *messages = read_all(err, &error_length);
    if (!run.report) {
        snprintf(why, sizeof why, "guest not started: status %d", status);
    }
    bool good = output && messages && run.report &&
                as_wanted(job->test, &run, status, output, length, why, sizeof why);
    if (!good) {
        size_t skip = length > ZF_SUITE_TEXT / 3 ? length - ZF_SUITE_TEXT / 3 : 0;
        dprintf(job->result_fd, "%s\n%s%.*s", why, output ? output + skip : "", ZF_SUITE_TEXT / 3,
                messages ? messages : "");
    }
    free(output);
    free(messages);
    return good;
}

bool zf_suite_job_start(struct zf_suite_job *job) {
    job->result_fd = memfd_create("result", MFD_CLOEXEC);
    if (job->result_fd < 0) {
        return false;
    }
    fflush(NULL);
    job->started = now();
    job->pid = fork();
    if (job->pid < 0) {
        close(job->result_fd);
        return false;
    }
    if (!job->pid) {
        _exit(child(job) ? 0 : 1);
    }
    job->state = ZF_SUITE_RUNNING;
    return true;
}

void zf_suite_job_end(struct zf_suite_job *job, int status) {
    ssize_t got = pread(job->result_fd, job->why, sizeof job->why - 1, 0);
    close(job->result_fd);
    job->why[got > 0 ? got : 0] = 0;
    job->seconds = now() - job->started;
    if (WIFSIGNALED(status)) {
        snprintf(job->why, sizeof job->why, "zfacet killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    }
    job->state = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ZF_SUITE_PASSED : ZF_SUITE_FAILED;
}
