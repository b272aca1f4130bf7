/*
 * A program whose run is repeatable and recorded, under control, as run --gdb has it.
 */
#ifndef ZF_TEST_RECORDED_H
#define ZF_TEST_RECORDED_H

#include "zfacet/control.h"
#include "zfacet/ibc.h"

struct recorded {
    struct zf_machine *machine;
    struct zf_facilities facilities;
    struct zf_linux *program;
    struct zf_control *control;
};

/** Of model z14. False: says why on standard error. */
bool recorded_open(struct recorded *r, const char *path);
/** Runs it while `drive(context)` says what it is to do in a thread of its own; false: it could
 * not. Then all is destroyed. */
bool recorded_run(struct recorded *r, void *(*drive)(void *context), void *context);

#endif
