#ifndef ZF_TEST_COUNTS_H
#define ZF_TEST_COUNTS_H

#include "zfacet/machine.h"

/** Whether both machines have counted the same of each instruction; `print`: what they have not. */
bool counts_equal(const struct zf_machine *a, const struct zf_machine *b, bool print);

#endif
