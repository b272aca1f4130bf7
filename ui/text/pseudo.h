/*
 * What instructions do, in pseudo-code: pseudo.def.
 */
#ifndef ZFACET_UI_PSEUDO_H
#define ZFACET_UI_PSEUDO_H

#include "zfacet/decode.h"

/** Lines in the notation of docs/pseudo-code.md; NULL where it is not short. */
const char *zf_pseudo_code(enum zf_row row);

#endif
