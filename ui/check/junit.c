/*
 * The document as JUnit: a test suite a case, a test a model.
 */
#include "text/junit.h"
#include "check/document.h"

static void print_findings(FILE *out, const json_t *result) {
    size_t i;
    json_t *place;
    json_array_foreach(json_object_get(result, "findings"), i, place) {
        char text[256];
        if (json_object_get(place, "excused")) {
            continue;
        }
        zf_place_text(place, text, sizeof text);
        fprintf(out, "\n");
        zf_print_xml(out, zf_text_of(place, "image"));
        fputs(*zf_text_of(place, "symbol") ? "!" : "", out);
        zf_print_xml(out, zf_text_of(place, "symbol"));
        if (*zf_text_of(place, "file")) {
            fputs(" (", out);
            zf_print_xml(out, zf_text_of(place, "file"));
            fprintf(out, ":%d)", (int)json_integer_value(json_object_get(place, "line")));
        }
        fputs(": ", out);
        zf_print_xml(out, text);
    }
}

/* What the program did, or what is not known of it; NULL: it passes. */
static const char *outcome_of(const json_t *result) {
    switch (zf_verdict_find(zf_text_of(result, "verdict"))) {
    case ZF_VERDICT_PASSES:
        return NULL;
    case ZF_VERDICT_FINDINGS:
    case ZF_VERDICT_FAILS:
        return "failure";
    default:
        return "error";
    }
}

static void print_test(FILE *out, const char *name, const json_t *result) {
    const struct zf_junit_test test = {
        .class_name = name,
        .name = zf_text_of(result, "model"),
        .seconds = json_number_value(json_object_get(result, "seconds")),
        .outcome = outcome_of(result),
        .type = zf_text_of(result, "verdict"),
        .message = zf_text_of(result, "why"),
    };
    zf_junit_test_begin(out, &test);
    if (test.outcome) {
        print_findings(out, result);
        zf_junit_test_end(out, &test, zf_text_of(result, "output"), zf_text_of(result, "messages"));
    }
}

static void print_case(FILE *out, const json_t *one) {
    const json_t *results = json_object_get(one, "results");
    struct zf_junit_suite suite = {.name = zf_text_of(one, "name")};
    size_t r;
    json_t *result;
    json_array_foreach(results, r, result) {
        const char *outcome = outcome_of(result);
        suite.tests++;
        suite.failures += outcome && *outcome == 'f';
        suite.errors += outcome && *outcome == 'e';
    }
    zf_junit_suite_begin(out, &suite);
    json_array_foreach(results, r, result) {
        print_test(out, suite.name, result);
    }
    zf_junit_suite_end(out);
}

void zf_document_junit(FILE *out, const json_t *document) {
    size_t c;
    json_t *one;
    zf_junit_begin(out, "zfacet check");
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        print_case(out, one);
    }
    zf_junit_end(out);
}
