/*
 * What a case expects of its guest: exit status, output, and what is found beyond the model.
 */
#include "check/case.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

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
    FILE *file = fopen(path, "r");
    size_t at = 0;
    int c;
    while (file && (c = getc(file)) != EOF) {
        if (c != '\r' && (at >= length || (unsigned char)output[at++] != c)) {
            at = length + 1;
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    return file && at == length;
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

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool zf_place_is_beyond(const json_t *place) {
    const char *kind = text_of(place, "kind");
    return !strcmp(kind, "blocked") || !strcmp(kind, "leak") || !strcmp(kind, "audit");
}

uint64_t zf_job_not_reported(const struct zf_job *job, bool hints) {
    uint64_t counted = job->counted.beyond_model + (hints ? job->counted.hints : 0), sum = 0;
    size_t i;
    json_t *place;
    json_array_foreach(job->places, i, place) {
        const char *kind = text_of(place, "kind");
        bool counts = zf_place_is_beyond(place) || !strcmp(kind, "ignored") ||
                      (hints && !strcmp(kind, "hint"));
        sum += counts ? (uint64_t)json_integer_value(json_object_get(place, "count")) : 0;
    }
    return counted > sum ? counted - sum : 0;
}

/* Under the other policies it is their purpose to let things run that the model lacks. */
static bool counts_as_blocked(const struct zf_job *job, const json_t *place) {
    const json_t *report = json_object_get(job->end, "report");
    return !strcmp(text_of(place, "kind"), "blocked") ||
           (zf_place_is_beyond(place) && !strcmp(text_of(report, "policy"), "model"));
}

/* Which instructions they were is not known; under the model's own policy they would count. */
static bool all_reported(const struct zf_job *job, char *why) {
    const char *policy = text_of(json_object_get(job->end, "report"), "policy");
    uint64_t lost = *policy && strcmp(policy, "model") != 0 ? 0 : zf_job_not_reported(job, false);
    if (lost) {
        snprintf(why, ZF_CASE_WHY,
                 "%llu execution%s beyond the model in a process that did not live to report, or "
                 "too many to list; expected: %s",
                 (unsigned long long)lost, lost == 1 ? "" : "s", job->test->blocked);
    }
    return !lost;
}

bool zf_job_blocked_expected(const struct zf_job *job, char *why) {
    const char *wanted = job->test->blocked;
    const char *list = strcmp(wanted, "none") ? wanted : "";
    bool seen[ZF_ROW_COUNT] = {false};
    unsigned kinds = 0;
    size_t i;
    json_t *place;
    json_array_foreach(job->places, i, place) {
        const char *mnemonic = text_of(place, "mnemonic");
        enum zf_row row = zf_row_find(mnemonic);
        if (!counts_as_blocked(job, place) || seen[row]) {
            continue;
        }
        seen[row] = true;
        kinds++;
        if (!in_words(list, mnemonic)) {
            const char *what =
                strcmp(text_of(place, "kind"), "blocked") ? "executed anyway" : "blocked";
            snprintf(why, ZF_CASE_WHY, "%s %s at %s; expected: %s", mnemonic, what,
                     text_of(place, "address"), wanted);
            return false;
        }
    }
    if (kinds < count_words(list)) {
        snprintf(why, ZF_CASE_WHY, "blocked mnemonics: %u; expected: %s", kinds, wanted);
        return false;
    }
    return all_reported(job, why);
}

bool zf_job_output_expected(const struct zf_job *job, char *why) {
    const struct zf_case *test = job->test;
    const char *output = job->output ? job->output : "";
    for (unsigned i = 0; i < test->outputs; i++) {
        if (!has_line(output, test->output[i])) {
            snprintf(why, ZF_CASE_WHY, "output lacks the line '%s'%s", test->output[i],
                     job->output_cut ? " in its first MiB" : "");
            return false;
        }
    }
    if (test->output_file &&
        (job->output_cut || !same_as_file(test->output_file, output, job->output_length))) {
        snprintf(why, ZF_CASE_WHY, "output %s%s",
                 job->output_cut ? "of more than 1 MiB cannot be compared with " : "differs from ",
                 test->output_file);
        return false;
    }
    return true;
}

/* The status of a limit, such as that of time, is none of the guest's own. */
bool zf_job_exit_expected(const struct zf_job *job) {
    const char *end = text_of(job->end, "end");
    bool own = !strcmp(end, "ok") || !strcmp(end, "failed") || !strcmp(end, "killed");
    return json_integer_value(json_object_get(job->end, "status")) == job->test->exit &&
           (own || job->test->exit_is_end);
}

/* Where it was to reach the limit, so may they. */
bool zf_job_left_none(const struct zf_job *job, char *why) {
    bool left = job->outlived && strcmp(text_of(job->end, "end"), "timeout") != 0;
    if (left) {
        snprintf(why, ZF_CASE_WHY,
                 "a process that it left to itself reached the time limit of %g s", job->limit);
    }
    return !left;
}

bool zf_job_as_expected(const struct zf_job *job, char *why) {
    const struct zf_case *test = job->test;
    json_int_t status = json_integer_value(json_object_get(job->end, "status"));
    if (!job->end) {
        if (job->signal) {
            snprintf(why, ZF_CASE_WHY, "zfacet killed by signal %d (%s)", job->signal,
                     strsignal(job->signal));
        } else {
            snprintf(why, ZF_CASE_WHY, "guest not started");
        }
        return false;
    }
    if (!zf_job_exit_expected(job)) {
        bool alike = status == test->exit; /* as a number */
        snprintf(why, ZF_CASE_WHY, "%s%sexit status %d, expected %d",
                 alike ? text_of(job->end, "end") : "", alike ? ": " : "", (int)status, test->exit);
        return false;
    }
    return zf_job_left_none(job, why) && zf_job_output_expected(job, why) &&
           (!test->blocked || zf_job_blocked_expected(job, why));
}

const char *zf_last_lines(const char *text, size_t size) {
    size_t length = strlen(text);
    if (length <= size) {
        return text;
    }
    const char *line = strchr(text + length - size, '\n');
    if (line && line[1]) {
        return line + 1;
    }
    for (line = text + length - size; line > text && line[-1] != '\n'; line--) {
    }
    return line;
}
