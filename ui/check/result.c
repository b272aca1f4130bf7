/*
 * A job's result and the verdict on it. What is not known for certain never passes: a process that
 * was killed before it could report, a system call that zfacet does not have, an instruction that
 * it does not execute.
 */
#include "check/document.h"

#include "text/common.h"

#include <string.h>

enum { TAIL = 4000, NAMED = 3, SIGNAL_ILLEGAL = 4 };

static const struct {
    const char *name, *text;
    int exit;
} verdicts[ZF_VERDICT_COUNT] = {
#define VERDICT(id, name, text, status) {name, text, status},
#include "check/verdict.def"
#undef VERDICT
};

const char *zf_verdict_name(enum zf_verdict verdict) {
    return verdicts[verdict].name;
}

const char *zf_verdict_text(enum zf_verdict verdict) {
    return verdicts[verdict].text;
}

int zf_verdict_exit(enum zf_verdict verdict) {
    return verdicts[verdict].exit;
}

enum zf_verdict zf_verdict_find(const char *name) {
    for (unsigned i = 0; i < ZF_VERDICT_COUNT; i++) {
        if (!strcmp(verdicts[i].name, name)) {
            return (enum zf_verdict)i;
        }
    }
    return ZF_VERDICT_ERROR;
}

static json_int_t number_of(const json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static bool is_kind(const json_t *place, const char *kind) {
    return !strcmp(zf_text_of(place, "kind"), kind);
}

/* A member of a place that tells two findings of one function apart, wherever it is linked to. */
static bool same_member(const json_t *a, const json_t *b, const char *key) {
    return json_equal(json_object_get(a, key), json_object_get(b, key)) ||
           (!json_object_get(a, key) && !json_object_get(b, key));
}

/* Without the name of a function, its place says which one it is. */
static bool same_function(const json_t *a, const json_t *b) {
    const char *place = json_object_get(a, "image") ? "offset" : "address";
    return same_member(a, b, "symbol") &&
           (json_object_get(a, "symbol") || same_member(a, b, place));
}

static bool same_slip(const json_t *a, const json_t *b) {
    return same_function(a, b) &&
           !strcmp(zf_base_name(zf_text_of(a, "image")), zf_base_name(zf_text_of(b, "image"))) &&
           same_member(a, b, "mnemonic") && same_member(a, b, "form") &&
           same_member(a, b, "function");
}

/* What was caught there, or changed no result, makes nothing known that is not so. */
static bool is_milder(const json_t *known, const json_t *place) {
    return (json_is_true(json_object_get(known, "probed")) &&
            !json_is_true(json_object_get(place, "probed"))) ||
           (is_kind(known, "hint") && !is_kind(place, "hint"));
}

/* Whether the baseline has such a finding on this model. */
static bool is_known(const json_t *baseline, const json_t *place, const char *model) {
    size_t c, r, p;
    json_t *one, *result, *other;
    json_array_foreach(json_object_get(baseline, "cases"), c, one) {
        json_array_foreach(json_object_get(one, "results"), r, result) {
            if (!zf_models_same(zf_text_of(result, "model"), model)) {
                continue;
            }
            json_array_foreach(json_object_get(result, "findings"), p, other) {
                if (same_slip(place, other) && !is_milder(other, place)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static void excuse(json_t *place, const struct zf_job *job, const struct zf_check_rules *rules) {
    const char *reason = zf_allow_find(rules->allow, place, job->model), *excused = NULL;
    char why[ZF_CASE_WHY];
    if (reason) {
        excused = "allowed";
        json_object_set_new(place, "reason_allowed", zf_json_text(reason));
    } else if (!rules->strict && json_is_true(json_object_get(place, "probed"))) {
        excused = "probed";
    } else if (rules->baseline && is_known(rules->baseline, place, job->model)) {
        excused = "known";
    } else if (job->test->blocked && zf_job_blocked_expected(job, why)) {
        excused = "expected";
    } else if (!rules->strict && is_kind(place, "hint")) {
        excused = "hint";
    }
    if (excused) {
        json_object_set_new(place, "excused", json_string(excused));
    }
}

/* As zf_job_not_reported(), of instructions that zfacet does not execute. */
static bool has_unreported(const struct zf_job *job) {
    json_int_t sum = 0;
    size_t i;
    json_t *place;
    json_array_foreach(job->places, i, place) {
        sum += is_kind(place, "unimplemented") ? number_of(place, "count") : 0;
    }
    return (json_int_t)job->counted.unimplemented > sum;
}

static void put_end(json_t *result, const struct zf_job *job, bool strict) {
    json_t *signal = json_object_get(job->end, "signal");
    json_object_set(result, "end", json_object_get(job->end, "end"));
    if (signal) {
        json_object_set(result, "signal", signal);
    } else {
        json_object_set(result, "status", json_object_get(job->end, "status"));
    }
    json_object_set(result, "system_calls", job->calls);
    uint64_t lost = zf_job_not_reported(job, strict);
    if (lost) {
        json_object_set_new(result, "not_reported", json_integer((json_int_t)lost));
    }
}

/* The sums that a verdict is made of. */
struct sums {
    unsigned slips, unimplemented, excused, calls;
    char slips_text[160], unimplemented_text[160], calls_text[ZF_CALL_TEXT + 96];
};

static void name_it(char *text, size_t size, unsigned already, const char *name) {
    size_t used = strlen(text);
    if (already < NAMED && !strstr(text, name)) {
        snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
    }
}

static struct sums sum_up(const json_t *result) {
    struct sums s = {0};
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(result, "findings"), i, item) {
        const char *mnemonic = zf_text_of(item, "mnemonic");
        if (json_object_get(item, "excused")) {
            s.excused++;
        } else if (is_kind(item, "unimplemented")) {
            name_it(s.unimplemented_text, sizeof s.unimplemented_text, s.unimplemented++, mnemonic);
        } else {
            name_it(s.slips_text, sizeof s.slips_text, s.slips++, mnemonic);
        }
    }
    json_array_foreach(json_object_get(result, "system_calls"), i, item) {
        if (!json_is_true(json_object_get(item, "optional"))) {
            char name[ZF_CALL_TEXT];
            zf_call_text(item, name, sizeof name);
            name_it(s.calls_text, sizeof s.calls_text, s.calls++, name);
        }
    }
    return s;
}

/* How the guest ended, in words. */
static void end_text(const json_t *result, char *text, size_t size) {
    char name[16];
    const char *end = zf_text_of(result, "end");
    if (json_object_get(result, "signal")) {
        snprintf(text, size, "killed by %s",
                 zf_linux_signal_name((int)number_of(result, "signal"), name));
    } else if (strcmp(end, "ok") != 0 && strcmp(end, "failed") != 0) {
        snprintf(text, size, "%s", end);
        for (unsigned i = 0; i < ZF_RUN_END_COUNT; i++) {
            if (!strcmp(end, zf_run_end_name(i))) {
                snprintf(text, size, "%s", zf_run_end_text(i));
            }
        }
    } else {
        snprintf(text, size, "exit status %d", (int)number_of(result, "status"));
    }
}

static bool could_not_run(const json_t *result, const struct zf_job *job, char *why) {
    static const char *const names[] = {"error", "usage", "bad-guest", "refused"};
    if (!job->end) {
        const char *message = zf_last_lines(job->messages ? job->messages : "", ZF_CASE_WHY / 2);
        const char *text = job->signal ? "zfacet was killed" : *message ? message : "no result";
        text = zf_job_message(text);
        snprintf(why, ZF_CASE_WHY, "%.*s", (int)strcspn(text, "\n"), text);
        return true;
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(names); i++) {
        if (!strcmp(zf_text_of(result, "end"), names[i])) {
            end_text(result, why, ZF_CASE_WHY);
            return true;
        }
    }
    return false;
}

/* Whether it did, by itself, what is expected of it. */
static bool does_well(const json_t *result, const struct zf_job *job, char *why) {
    bool status = !json_object_get(result, "signal") && zf_job_exit_expected(job);
    if (!status) {
        end_text(result, why, ZF_CASE_WHY);
    }
    return status && zf_job_left_none(job, why) && zf_job_output_expected(job, why);
}

static enum zf_verdict judge(const json_t *result, const struct zf_job *job, char *why) {
    struct sums s = sum_up(result);
    json_int_t lost = number_of(result, "not_reported");
    if (could_not_run(result, job, why)) {
        return ZF_VERDICT_ERROR;
    }
    if (s.slips || lost) {
        char end[64];
        end_text(result, end, sizeof end);
        snprintf(
            why, ZF_CASE_WHY, "%u finding%s%s%s%s; %s", s.slips, s.slips == 1 ? "" : "s",
            s.slips ? ": " : "", s.slips_text,
            lost ? ", and executions in a process that did not live to report, or too many to list"
                 : "",
            end);
        return ZF_VERDICT_FINDINGS;
    }
    if (s.unimplemented || !strcmp(zf_text_of(result, "end"), "unimplemented")) {
        snprintf(why, ZF_CASE_WHY, "%s", s.unimplemented_text);
        return ZF_VERDICT_NOT_EXECUTED;
    }
    if (has_unreported(job)) {
        snprintf(why, ZF_CASE_WHY, "in a process that did not live to report, or too many to list");
        return ZF_VERDICT_NOT_EXECUTED;
    }
    if (s.calls) {
        snprintf(why, ZF_CASE_WHY, "%s", s.calls_text);
        return ZF_VERDICT_NO_CALL;
    }
    if (!does_well(result, job, why)) {
        size_t used = strlen(why);
        if (s.excused) {
            snprintf(why + used, ZF_CASE_WHY - used, ", after %u finding%s excused%s", s.excused,
                     s.excused == 1 ? " that is" : "s that are",
                     number_of(result, "signal") == SIGNAL_ILLEGAL
                         ? "; with --on-blocked warn it continues"
                         : "");
        }
        return ZF_VERDICT_FAILS;
    }
    if (s.excused) {
        snprintf(why, ZF_CASE_WHY, "%u finding%s excused", s.excused, s.excused == 1 ? "" : "s");
    }
    if (job->test->blocked && !zf_job_blocked_expected(job, why)) {
        return ZF_VERDICT_FAILS;
    }
    return ZF_VERDICT_PASSES;
}

json_t *zf_result_of(const struct zf_job *job, const struct zf_check_rules *rules) {
    char why[ZF_CASE_WHY] = "";
    size_t i;
    json_t *place,
        *result = json_pack("{s:s, s:s, s:s}", "model", job->model, "verdict", "", "why", "");
    if (job->end) {
        put_end(result, job, rules->strict);
    }
    json_object_set_new(result, "seconds", json_real(job->seconds));
    json_object_set(result, "findings", job->places);
    json_array_foreach(job->places, i, place) {
        excuse(place, job, rules);
    }
    enum zf_verdict verdict = judge(result, job, why);
    json_object_set_new(result, "verdict", json_string(zf_verdict_name(verdict)));
    json_object_set_new(result, "why", zf_json_text(why));
    if (verdict != ZF_VERDICT_PASSES) {
        json_object_set_new(result, "output",
                            zf_json_text(zf_last_lines(job->output ? job->output : "", TAIL)));
        json_object_set_new(result, "messages",
                            zf_json_text(zf_last_lines(job->messages ? job->messages : "", TAIL)));
    }
    return result;
}
