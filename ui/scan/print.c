/*
 * The results of a scan as text, JUnit and SARIF.
 */
#include "check/document.h"
#include "scan/result.h"
#include "text/common.h"
#include "text/junit.h"

#include <stdlib.h>
#include <string.h>

static void print_facility(FILE *out, const json_t *use) {
    const json_t *number = json_object_get(use, "facility");
    int direct = (int)json_integer_value(json_object_get(use, "direct"));
    int pointer = (int)json_integer_value(json_object_get(use, "pointer"));
    int guarded = (int)json_integer_value(json_object_get(use, "guarded"));
    char facility[16] = "-";
    if (number) {
        snprintf(facility, sizeof facility, "%d", (int)json_integer_value(number));
    }
    fprintf(out, "    %-6s %4s %-46s %6d %7d %7d\n", zf_text_of(use, "first_machine"), facility,
            number ? zf_text_of(use, "name") : "", direct, pointer, guarded);
}

static void print_function(FILE *out, const json_t *function) {
    size_t i;
    json_t *need;
    fprintf(out, "    %s %s (%s)", zf_text_of(function, "address"), zf_text_of(function, "name"),
            zf_text_of(function, "reach"));
    json_array_foreach(json_object_get(function, "insns"), i, need) {
        enum { NAMED = 6 };
        if (i < NAMED) {
            bool guarded = !strcmp(zf_text_of(need, "reach"), "guarded");
            bool unknown = json_is_true(json_object_get(need, "guard_unknown"));
            fprintf(out, "%s %s %s%s%s", i ? "," : ":", zf_text_of(need, "mnemonic"),
                    zf_text_of(need, "first_machine"), guarded ? " guarded" : "",
                    unknown ? " (guard unknown)" : "");
        }
    }
    fprintf(out, "%s\n", i > 6 ? ", ..." : "");
}

static void print_details(FILE *out, const json_t *result, bool facilities) {
    size_t i;
    json_t *item;
    if (facilities && json_array_size(json_object_get(result, "facilities"))) {
        fprintf(out, "    FIRST  FACILITY %42s DIRECT POINTER GUARDED\n", "");
        json_array_foreach(json_object_get(result, "facilities"), i, item) {
            print_facility(out, item);
        }
    }
    json_array_foreach(json_object_get(result, "found"), i, item) {
        print_function(out, item);
    }
}

static bool is_partial(const json_t *result) {
    return json_is_true(json_object_get(result, "partial"));
}

static void print_row(FILE *out, const json_t *result) {
    const char *needs = zf_text_of(result, "needs"), *guarded = zf_text_of(result, "guarded");
    bool fails = zf_scan_fails(result);
    fprintf(out, "%s%-8s%s %5d %-8s %9d  %s%s\n", fails ? zf_colour(out, ZF_COLOUR_RED) : "", needs,
            fails ? zf_colour(out, ZF_COLOUR_NONE) : "",
            (int)json_integer_value(json_object_get(result, "top")),
            strcmp(needs, guarded) ? guarded : "-",
            (int)json_integer_value(json_object_get(result, "functions")),
            zf_text_of(result, "file"),
            fails                ? "  fails"
            : is_partial(result) ? "  not all code found"
                                 : "");
}

static void print_names(FILE *out, const json_t *document) {
    const json_t *names = json_object_get(document, "names");
    const char *rust = zf_text_of(names, "rust"), *go = zf_text_of(names, "go");
    const char *hwcaps = zf_text_of(names, "glibc_hwcaps");
    fprintf(out, "    which is -march=%s or %s", zf_text_of(names, "march"),
            zf_text_of(names, "arch"));
    fprintf(out, *rust ? ", -C target-cpu=%s" : "%s", rust);
    fprintf(out, *go ? ", GOS390X=%s" : "%s", go);
    fprintf(out, *hwcaps ? ", glibc-hwcaps/%s" : "%s", hwcaps);
    fprintf(out, ", model %s of QEMU and libvirt\n", zf_text_of(names, "qemu"));
}

void zf_scan_print(FILE *out, const json_t *document) {
    const json_t *files = json_object_get(document, "files");
    bool one = json_array_size(files) == 1;
    size_t i;
    json_t *result;
    fprintf(out, "%sNEEDS       BY GUARDED  FUNCTIONS  FILE%s\n", zf_colour(out, ZF_COLOUR_BOLD),
            zf_colour(out, ZF_COLOUR_NONE));
    json_array_foreach(files, i, result) {
        print_row(out, result);
        print_details(out, result, one);
    }
    fprintf(out, "%zu file%s with code for s390x", json_array_size(files), one ? "" : "s");
    if (json_array_size(files)) {
        fprintf(out, "; the whole needs %s", zf_text_of(document, "needs"));
    }
    if (json_array_size(files) && *zf_text_of(document, "against")) {
        int failed = (int)json_integer_value(json_object_get(document, "failed"));
        fprintf(out, "; %d need%s more than %s", failed, failed == 1 ? "s" : "",
                zf_text_of(document, "against_text"));
    }
    fputc('\n', out);
    if (json_array_size(files)) {
        print_names(out, document);
    }
}

static void print_failure(FILE *out, const json_t *result) {
    size_t f, n;
    json_t *function, *need;
    json_array_foreach(json_object_get(result, "found"), f, function) {
        json_array_foreach(json_object_get(function, "insns"), n, need) {
            if (strcmp(zf_text_of(need, "reach"), "guarded") != 0) {
                fputc('\n', out);
                zf_print_xml(out, zf_text_of(function, "name"));
                fprintf(out, " at %s: %s needs %s", zf_text_of(need, "address"),
                        zf_text_of(need, "mnemonic"), zf_text_of(need, "first_machine"));
            }
        }
    }
}

static const char *outcome_of(const json_t *result) {
    return zf_scan_fails(result) ? "failure" : is_partial(result) ? "error" : NULL;
}

static unsigned count_errors(const json_t *files) {
    unsigned count = 0;
    size_t i;
    json_t *result;
    json_array_foreach(files, i, result) {
        count += is_partial(result) && !zf_scan_fails(result);
    }
    return count;
}

void zf_scan_junit(FILE *out, const json_t *document) {
    const json_t *files = json_object_get(document, "files");
    char name[128], needs[160];
    size_t i;
    json_t *result;
    snprintf(name, sizeof name, "scan against %s", zf_text_of(document, "against"));
    const struct zf_junit_suite suite = {
        .name = name,
        .tests = (unsigned)json_array_size(files),
        .failures = (unsigned)json_integer_value(json_object_get(document, "failed")),
        .errors = count_errors(files),
    };
    zf_junit_begin(out, "zfacet scan");
    zf_junit_suite_begin(out, &suite);
    json_array_foreach(files, i, result) {
        snprintf(needs, sizeof needs, "needs %s%s%s", zf_text_of(result, "needs"),
                 is_partial(result) ? " or more: " : "",
                 is_partial(result) ? zf_text_of(result, "why") : "");
        const struct zf_junit_test test = {
            .class_name = "scan",
            .name = zf_text_of(result, "file"),
            .seconds = -1,
            .outcome = outcome_of(result),
            .type = zf_scan_fails(result) ? "findings" : "partial",
            .message = needs,
        };
        zf_junit_test_begin(out, &test);
        if (test.outcome) {
            print_failure(out, result);
            zf_junit_test_end(out, &test, NULL, NULL);
        }
    }
    zf_junit_suite_end(out);
    zf_junit_end(out);
}

static json_t *sarif_result(const json_t *result, const json_t *function, const json_t *need) {
    char text[512], uri[1024];
    bool guarded = !strcmp(zf_text_of(need, "reach"), "guarded");
    zf_file_uri(zf_text_of(result, "file"), uri, sizeof uri);
    bool unknown = json_is_true(json_object_get(need, "guard_unknown"));
    snprintf(text, sizeof text, "%s%s%s needs %s%s%s", zf_text_of(need, "mnemonic"),
             *zf_text_of(function, "name") ? " in " : "", zf_text_of(function, "name"),
             zf_text_of(need, "first_machine"), guarded ? ", behind a test of facilities" : "",
             unknown ? "; it is not known which" : "");
    json_t *json = json_pack("{s:s, s:s, s:{s:o}, s:[{s:{s:{s:s}, s:{s:I, s:s}}}], s:I}", "ruleId",
                             zf_text_of(need, "first_machine"), "level", guarded ? "note" : "error",
                             "message", "text", zf_json_text(text), "locations", "physicalLocation",
                             "artifactLocation", "uri", uri, "address", "absoluteAddress",
                             (json_int_t)strtoull(zf_text_of(need, "address"), NULL, 16), "kind",
                             "instruction", "occurrenceCount",
                             json_integer_value(json_object_get(need, "count")));
    return json;
}

static void add_rule(json_t *rules, const char *machine) {
    size_t i;
    json_t *rule;
    char text[64];
    json_array_foreach(rules, i, rule) {
        if (!strcmp(zf_text_of(rule, "id"), machine)) {
            return;
        }
    }
    snprintf(text, sizeof text, "Needs a machine such as %s", machine);
    json_array_append_new(
        rules, json_pack("{s:s, s:{s:s}}", "id", machine, "shortDescription", "text", text));
}

static json_t *partial_notification(const json_t *result) {
    char text[1280];
    snprintf(text, sizeof text, "%s: %s, so it may need more", zf_text_of(result, "file"),
             zf_text_of(result, "why"));
    return json_pack("{s:s, s:{s:o}}", "level", "error", "message", "text", zf_json_text(text));
}

json_t *zf_scan_sarif(const json_t *document) {
    json_t *rules = json_array(), *results = json_array(), *notifications = json_array();
    json_t *result, *function, *need;
    size_t i, f, n;
    json_array_foreach(json_object_get(document, "files"), i, result) {
        if (is_partial(result)) {
            json_array_append_new(notifications, partial_notification(result));
        }
        json_array_foreach(json_object_get(result, "found"), f, function) {
            json_array_foreach(json_object_get(function, "insns"), n, need) {
                add_rule(rules, zf_text_of(need, "first_machine"));
                json_array_append_new(results, sarif_result(result, function, need));
            }
        }
    }
    return zf_sarif_log(zf_text_of(document, "zfacet"), rules, results,
                        !json_array_size(notifications), notifications);
}
