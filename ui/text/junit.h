/*
 * JUnit's XML, the dialect that CI systems read: suites of tests, each of which passes, fails or
 * could not be judged (an error).
 */
#ifndef ZFACET_UI_JUNIT_H
#define ZFACET_UI_JUNIT_H

#include <stdio.h>

/** Text in XML or HTML; control characters, and bytes that are no UTF-8, as dots. */
void zf_print_xml(FILE *out, const char *text);

/** The file: between these, suites. */
void zf_junit_begin(FILE *out, const char *name);
void zf_junit_end(FILE *out);

struct zf_junit_suite {
    const char *name;
    unsigned tests, failures, errors;
};
/** Between these, its tests. */
void zf_junit_suite_begin(FILE *out, const struct zf_junit_suite *suite);
void zf_junit_suite_end(FILE *out);

struct zf_junit_test {
    const char *class_name, *name;
    double seconds;      /* below 0: not known */
    const char *outcome; /* "failure" or "error"; NULL: it passes, and is whole */
    const char *type, *message;
};
/** One that does not pass is followed by zf_print_xml() of what there is to say, and its end. */
void zf_junit_test_begin(FILE *out, const struct zf_junit_test *test);
/** With what it wrote to standard output and error; NULL: not known. */
void zf_junit_test_end(FILE *out, const struct zf_junit_test *test, const char *output,
                       const char *messages);

#endif
