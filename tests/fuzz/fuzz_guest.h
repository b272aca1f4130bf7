#ifndef ZF_TEST_FUZZ_GUEST_H
#define ZF_TEST_FUZZ_GUEST_H

#include "wild.h"

/** Runs a guest in all ways; false, with a report, when one differs or does not come back. */
bool fuzz_guest(const struct wild *wild);

#endif
