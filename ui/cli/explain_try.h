/*
 * explain --try: an instruction executed once, with operands of the user's choice.
 */
#ifndef ZFACET_UI_EXPLAIN_TRY_H
#define ZFACET_UI_EXPLAIN_TRY_H

#include "zfacet/decode.h"
#include "zfacet/error.h"

#include <stdio.h>

/**
 * Executes `row`, or `alias` of it if that is not NULL, on the newest machine with `settings`, such
 * as "r1=-1,r2=1,cc=2", and prints what it was given and what it changed.
 */
enum zf_status zf_explain_try(FILE *out, enum zf_row row, const struct zf_alias *alias,
                              const char *settings, struct zf_error *err);

#endif
