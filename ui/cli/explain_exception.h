/*
 * explain: the exceptions of an instruction.
 */
#ifndef ZFACET_UI_EXPLAIN_EXCEPTION_H
#define ZFACET_UI_EXPLAIN_EXCEPTION_H

#include "zfacet/decode.h"

#include <jansson.h>

/** An array of texts, "specification (r1 odd)", in the order of priority: the first that applies is
 * the one that happens. Those of fetching any instruction are left out. */
json_t *zf_explain_exceptions(enum zf_row row);

#endif
