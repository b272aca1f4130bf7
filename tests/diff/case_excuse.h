/*
 * What QEMU 10.0 is known to do in another way than the cases say, with the reason.
 */
#ifndef ZF_TEST_CASE_EXCUSE_H
#define ZF_TEST_CASE_EXCUSE_H

#include "../insn/case.h"

/** What the other emulator left behind of a case. */
struct case_result {
    const struct insn_case *c;
    const struct guest_state *is, *expected;
    const struct guest *guest;
    unsigned mode; /* index: 64, 31, 24 */
};

/** The reason why exactly this differs, or NULL when there is none. */
const char *case_excuse(const struct case_result *r);

#endif
