/*
 * The document as JUnit: a test suite a case, a test a model.
 */
#include "check/document.h"

#include <string.h>

void zf_print_xml(FILE *out, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        switch (c) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f) ? c : '.', out);
        }
    }
}

static void attribute(FILE *out, const char *name, const char *value) {
    fprintf(out, " %s=\"", name);
    zf_print_xml(out, value);
    fputc('"', out);
}

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

static void print_test(FILE *out, const char *name, const json_t *result) {
    enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
    const char *tag =
        verdict == ZF_VERDICT_FINDINGS || verdict == ZF_VERDICT_FAILS ? "failure" : "error";
    fputs("    <testcase", out);
    attribute(out, "classname", name);
    attribute(out, "name", zf_text_of(result, "model"));
    fprintf(out, " time=\"%.3f\"", json_number_value(json_object_get(result, "seconds")));
    if (verdict == ZF_VERDICT_PASSES) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n      <%s", tag);
    attribute(out, "type", zf_verdict_name(verdict));
    attribute(out, "message", zf_text_of(result, "why"));
    fputc('>', out);
    print_findings(out, result);
    fprintf(out, "</%s>\n      <system-out>", tag);
    zf_print_xml(out, zf_text_of(result, "output"));
    fputs("</system-out>\n      <system-err>", out);
    zf_print_xml(out, zf_text_of(result, "messages"));
    fputs("</system-err>\n    </testcase>\n", out);
}

static void print_case(FILE *out, const json_t *one) {
    const json_t *results = json_object_get(one, "results");
    unsigned failures = 0, errors = 0;
    size_t r;
    json_t *result;
    json_array_foreach(results, r, result) {
        enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
        failures += verdict == ZF_VERDICT_FINDINGS || verdict == ZF_VERDICT_FAILS;
        errors += verdict == ZF_VERDICT_ERROR || verdict == ZF_VERDICT_NO_CALL ||
                  verdict == ZF_VERDICT_NOT_EXECUTED;
    }
    fputs("  <testsuite", out);
    attribute(out, "name", zf_text_of(one, "name"));
    fprintf(out, " tests=\"%zu\" failures=\"%u\" errors=\"%u\">\n", json_array_size(results),
            failures, errors);
    json_array_foreach(results, r, result) {
        print_test(out, zf_text_of(one, "name"), result);
    }
    fputs("  </testsuite>\n", out);
}

void zf_document_junit(FILE *out, const json_t *document) {
    size_t c;
    json_t *one;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"zfacet check\">\n", out);
    json_array_foreach(json_object_get(document, "cases"), c, one) {
        print_case(out, one);
    }
    fputs("</testsuites>\n", out);
}
