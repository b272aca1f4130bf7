/*
 * The results of zfacet suite as text, TAP or JUnit.
 */
#include "cli/suite.h"
#include "text/common.h"
#include "text/junit.h"

#include <string.h>

enum { TAIL = 1000 }; /* of what a failed guest wrote */

static unsigned failed(const struct zf_job *jobs, unsigned count) {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum += !jobs[i].passed;
    }
    return sum;
}

/* Each line of `text` after `prefix`; control characters as dots. */
static void print_lines(FILE *out, const char *prefix, const char *text) {
    bool begins = true;
    for (; *text; text++) {
        if (begins) {
            fputs(prefix, out);
        }
        begins = *text == '\n';
        fputc(*text == '\n' || (unsigned char)*text >= ' ' ? *text : '.', out);
    }
    if (!begins) {
        fputc('\n', out);
    }
}

static void print_why(FILE *out, const char *prefix, const struct zf_job *job) {
    print_lines(out, prefix, job->why);
    print_lines(out, prefix, zf_last_lines(job->output ? job->output : "", TAIL));
    print_lines(out, prefix, zf_last_lines(job->messages ? job->messages : "", TAIL));
}

static bool is_same(const char *a, const char *b) {
    return !strcmp(a ? a : "", b ? b : "");
}

/* Whether both are the same but for the name of the model. */
static bool is_alike(const char *a, const char *model, const char *b, const char *other) {
    size_t length = strlen(model), others = strlen(other);
    for (a = a ? a : "", b = b ? b : ""; *a || *b; a++, b++) {
        bool named = !strncmp(a, model, length) && !strncmp(b, other, others);
        if (!named && *a != *b) {
            return false;
        }
        a += named ? length - 1 : 0;
        b += named ? others - 1 : 0;
    }
    return true;
}

/* How many jobs from this one on failed alike, on a range of models. */
static unsigned count_alike(const struct zf_job *jobs, unsigned count) {
    enum { MOST = 256 };
    const char *models[MOST];
    unsigned n = 0;
    while (n < count && n < MOST && !jobs[n].passed && jobs[n].test == jobs[0].test &&
           is_same(jobs[n].why, jobs[0].why) && is_same(jobs[n].output, jobs[0].output) &&
           is_alike(jobs[n].messages, jobs[n].model, jobs[0].messages, jobs[0].model)) {
        models[n] = jobs[n].model;
        n++;
    }
    return (unsigned)zf_models_range(models, n);
}

static void print_text(FILE *out, const struct zf_job *jobs, unsigned count) {
    unsigned bad = failed(jobs, count), n;
    for (unsigned i = 0; i < count; i += n) {
        n = 1;
        if (!jobs[i].passed) {
            n = count_alike(jobs + i, count - i);
            fprintf(out, "%sfailed%s %s on %s%s%s\n", zf_colour(out, ZF_COLOUR_RED),
                    zf_colour(out, ZF_COLOUR_NONE), jobs[i].test->name, jobs[i].model,
                    n > 1 ? ".." : "", n > 1 ? jobs[i + n - 1].model : "");
            print_why(out, "    ", &jobs[i]);
        }
    }
    fprintf(out, "%u run%s, %u passed, %u failed\n", count, count == 1 ? "" : "s", count - bad,
            bad);
}

static void print_tap(FILE *out, const struct zf_job *jobs, unsigned count) {
    fprintf(out, "TAP version 13\n1..%u\n", count);
    for (unsigned i = 0; i < count; i++) {
        bool good = jobs[i].passed;
        fprintf(out, "%sok %u - %s on %s\n", good ? "" : "not ", i + 1, jobs[i].test->name,
                jobs[i].model);
        if (!good) {
            print_why(out, "# ", &jobs[i]);
        }
    }
}

static void print_junit(FILE *out, const struct zf_job *jobs, unsigned count) {
    const struct zf_junit_suite suite = {"zfacet", count, failed(jobs, count), 0};
    zf_junit_begin(out, "zfacet suite");
    zf_junit_suite_begin(out, &suite);
    for (unsigned i = 0; i < count; i++) {
        const struct zf_junit_test test = {
            .class_name = jobs[i].test->name,
            .name = jobs[i].model,
            .seconds = jobs[i].seconds,
            .outcome = jobs[i].passed ? NULL : "failure",
            .type = "unexpected",
            .message = jobs[i].why,
        };
        zf_junit_test_begin(out, &test);
        if (test.outcome) {
            zf_junit_test_end(out, &test, zf_last_lines(jobs[i].output ? jobs[i].output : "", TAIL),
                              zf_last_lines(jobs[i].messages ? jobs[i].messages : "", TAIL));
        }
    }
    zf_junit_suite_end(out);
    zf_junit_end(out);
}

void zf_suite_print(FILE *out, enum zf_suite_format format, const struct zf_job *jobs,
                    unsigned count) {
    switch (format) {
    case ZF_SUITE_FORMAT_TAP:
        print_tap(out, jobs, count);
        break;
    case ZF_SUITE_FORMAT_JUNIT:
        print_junit(out, jobs, count);
        break;
    default:
        print_text(out, jobs, count);
    }
}
