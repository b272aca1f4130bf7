#include "text/junit.h"

#include <stdbool.h>

/* Bytes of the UTF-8 character at `text`; 0: it is none. */
static unsigned utf8_length(const unsigned char *text) {
    unsigned length = *text >= 0xf5   ? 0
                      : *text >= 0xf0 ? 4
                      : *text >= 0xe0 ? 3
                      : *text >= 0xc2 ? 2
                                      : 0;
    for (unsigned i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool too_long = (*text == 0xe0 && text[1] < 0xa0) || (*text == 0xf0 && text[1] < 0x90);
    bool no_character = (*text == 0xed && text[1] >= 0xa0) || (*text == 0xf4 && text[1] >= 0x90) ||
                        (*text == 0xef && text[1] == 0xbf && text[2] >= 0xbe);
    return too_long || no_character ? 0 : length;
}

static unsigned print_character(FILE *out, const char *text) {
    unsigned char c = (unsigned char)*text;
    unsigned length = c < 0x80 ? 0 : utf8_length((const unsigned char *)text);
    if (length) {
        fwrite(text, 1, length, out);
        return length;
    }
    fputc(c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f) ? c : '.', out);
    return 1;
}

void zf_print_xml(FILE *out, const char *text) {
    while (*text) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity) {
            fputs(entity, out);
        }
        text += entity ? 1 : print_character(out, text);
    }
}

static void attribute(FILE *out, const char *name, const char *value) {
    fprintf(out, " %s=\"", name);
    zf_print_xml(out, value);
    fputc('"', out);
}

void zf_junit_begin(FILE *out, const char *name) {
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
    attribute(out, "name", name);
    fputs(">\n", out);
}

void zf_junit_end(FILE *out) {
    fputs("</testsuites>\n", out);
}

void zf_junit_suite_begin(FILE *out, const struct zf_junit_suite *suite) {
    fputs("  <testsuite", out);
    attribute(out, "name", suite->name);
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", suite->tests, suite->failures,
            suite->errors);
}

void zf_junit_suite_end(FILE *out) {
    fputs("  </testsuite>\n", out);
}

void zf_junit_test_begin(FILE *out, const struct zf_junit_test *test) {
    fputs("    <testcase", out);
    attribute(out, "classname", test->class_name);
    attribute(out, "name", test->name);
    if (test->seconds >= 0) {
        fprintf(out, " time=\"%.3f\"", test->seconds);
    }
    if (!test->outcome) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n      <%s", test->outcome);
    attribute(out, "type", test->type);
    attribute(out, "message", test->message);
    fputc('>', out);
}

static void print_output(FILE *out, const char *tag, const char *text) {
    if (text) {
        fprintf(out, "\n      <%s>", tag);
        zf_print_xml(out, text);
        fprintf(out, "</%s>", tag);
    }
}

void zf_junit_test_end(FILE *out, const struct zf_junit_test *test, const char *output,
                       const char *messages) {
    fprintf(out, "</%s>", test->outcome);
    print_output(out, "system-out", output);
    print_output(out, "system-err", messages);
    fputs("\n    </testcase>\n", out);
}
