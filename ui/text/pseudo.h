/*
 * What instructions do, in pseudo-code: pseudo.def.
 */
#ifndef ZFACET_UI_PSEUDO_H
#define ZFACET_UI_PSEUDO_H

#include "zfacet/decode.h"

/** Lines in the notation of docs/pseudo-code.md; NULL where there is a reason for having none. */
const char *zf_pseudo_code(enum zf_row row);

/** Why there is no pseudo-code: pseudo_none.def; NULL where there is one. */
const char *zf_pseudo_absent(enum zf_row row);

#endif
