/*
 * A program with threads goes back again and again, each time without memory for another
 * allocation: that must be said, or change nothing.
 */
#include "../allocation.h"
#include "recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject {
    struct recorded recorded;
    long allocation; /* that fails */
};

/* To its end, half of the way back without memory for one allocation, and to its end again. */
static void *drive(void *context) {
    const struct subject *s = context;
    struct zf_control *control = s->recorded.control;
    struct zf_halt halt;
    char why[sizeof halt.text];
    zf_control_hold(control, ZF_CONTROL_HOLD_BACK);
    zf_control_run(control);
    zf_control_wait(control, 0, &halt);
    int64_t end = zf_control_insns(control);
    memory()->left = s->allocation;
    zf_control_go(control, end / 2);
    zf_control_wait(control, 0, &halt);
    bool back = zf_control_insns(control) == end / 2;
    /* it may stand still in its present once more, and at its end */
    for (unsigned i = 0; i < 3 && halt.state != ZF_CONTROL_ENDED; i++) {
        zf_control_run(control);
        zf_control_wait(control, 0, &halt);
    }
    memory()->left = -1;
    zf_control_no_way_back(control, why, sizeof why);
    printf("%s, %s, status %d\n", memory()->failed ? "failed" : "whole",
           strstr(why, "out of memory") ? "said"
           : back                       ? "back"
                                        : "silent",
           halt.exit_status);
    zf_control_end(control);
    return NULL;
}

int main(int count, char **words) {
    struct subject s = {0};
    if (count != 3) {
        fputs("usage: back_memory PROGRAM ALLOCATION\n", stderr);
        return 2;
    }
    s.allocation = atol(words[2]);
    return recorded_open(&s.recorded, words[1]) && recorded_run(&s.recorded, drive, &s) ? 0 : 1;
}
