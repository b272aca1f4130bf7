/*
 * A case's expectations against what a run left behind.
 */
#ifndef ZF_TEST_COMPARE_H
#define ZF_TEST_COMPARE_H

#include "case.h"

/* What the instruction is run with. */
enum variant { PLAIN, DEAD_CC, EXECUTED };

/* One run of a case. */
struct run {
    const struct insn_case *c;
    struct guest *guest;
    const char *engine;
    bool linear;
    unsigned mode; /* index: 64, 31, 24 */
    enum variant variant;
    bool hot;
    unsigned differences;
};

/** Where the instruction itself lies. */
uint64_t run_place(const struct run *r);

/**
 * Prints what differs and counts it in `r`. The state is that at the interruption that ended the
 * run, which `r->guest` tells of; psw_addr of `expected` is not used.
 */
void run_compare(struct run *r, const struct guest_state *is, const struct guest_state *expected);

#endif
