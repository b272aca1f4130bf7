/*
 * What instructions do, in words: operation.def.
 */
#ifndef ZFACET_UI_OPERATION_H
#define ZFACET_UI_OPERATION_H

#include "zfacet/decode.h"

struct zf_operation {
    const char *what; /* NULL: no text yet */
    const char *cc;   /* what becomes of the condition code */
};

const struct zf_operation *zf_operation(enum zf_row row);

#endif
