/*
 * The results of zfacet suite as text, TAP or JUnit.
 */
#ifndef ZFACET_UI_SUITE_H
#define ZFACET_UI_SUITE_H

#include "check/case.h"

enum zf_suite_format { ZF_SUITE_FORMAT_TEXT, ZF_SUITE_FORMAT_TAP, ZF_SUITE_FORMAT_JUNIT };

/** Writes all results in order. */
void zf_suite_print(FILE *out, enum zf_suite_format format, const struct zf_job *jobs,
                    unsigned count);

#endif
