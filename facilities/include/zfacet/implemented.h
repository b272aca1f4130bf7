#ifndef ZFACET_IMPLEMENTED_H
#define ZFACET_IMPLEMENTED_H

#include "zfacet/decode.h"

/** True when zfacet can execute the row: its semantics are not NONE in the instruction table. */
bool zf_row_implemented(enum zf_row row);

#endif
