/*
 * What came out of a job, compared: how it ended, and what it wrote to standard output.
 */
#include "check/document.h"
#include "text/common.h"

#include <string.h>

bool zf_job_alike(const struct zf_job *a, const struct zf_job *b) {
    static const char *const keys[] = {"end", "status", "signal"};
    if (!a->end || !b->end) {
        return false;
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(keys); i++) {
        json_t *x = json_object_get(a->end, keys[i]), *y = json_object_get(b->end, keys[i]);
        if ((x || y) && !(x && y && json_equal(x, y))) {
            return false;
        }
    }
    return a->output_size == b->output_size && a->output_length == b->output_length &&
           (!a->output_length || !memcmp(a->output, b->output, a->output_length));
}

const char *zf_job_message(const char *text) {
    static const char *const heads[] = {"zfacet: ", "run: "};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(heads); i++) {
        size_t length = strlen(heads[i]);
        text += strncmp(text, heads[i], length) ? 0 : length;
    }
    return text;
}

void zf_job_outcome(const struct zf_job *job, char *text, size_t size) {
    char name[16];
    json_t *signal = json_object_get(job->end, "signal");
    const char *end = zf_text_of(job->end, "end");
    if (!job->end) {
        const char *messages = zf_job_message(job->messages ? job->messages : "");
        snprintf(text, size, "could not run: %.*s", (int)strcspn(messages, "\n"), messages);
    } else if (signal) {
        snprintf(text, size, "killed by %s",
                 zf_linux_signal_name((int)json_integer_value(signal), name));
    } else if (strcmp(end, "ok") != 0 && strcmp(end, "failed") != 0) {
        snprintf(text, size, "%s", end);
    } else {
        snprintf(text, size, "exit status %d, %zu byte%s of output",
                 (int)json_integer_value(json_object_get(job->end, "status")), job->output_size,
                 zf_plural(job->output_size));
    }
}

void zf_job_contrast(const struct zf_job *job, const struct zf_job *other, const char *name,
                     char *text, size_t size) {
    char others[64];
    size_t n = 0, most = job->output_length;
    zf_job_outcome(job, text, size);
    zf_job_outcome(other, others, sizeof others);
    if (strcmp(text, others) != 0 || zf_job_alike(job, other)) {
        return;
    }
    while (n < most && n < other->output_length && job->output[n] == other->output[n]) {
        n++;
    }
    size_t used = strlen(text);
    snprintf(text + used, size - used, ", other than %s's from byte %zu on", name, n);
}
