/*
 * A program runs in pieces of so many instructions, as whoever watches it has it run; 0: in one.
 * At its end it goes back half of the way, and forth again.
 */
#include "recorded.h"

#include <stdio.h>
#include <stdlib.h>

struct subject {
    struct recorded recorded;
    int64_t length, next; /* in instructions */
};

static void come_to_piece(void *context, struct zf_machine *machine) {
    struct subject *s = context;
    (void)machine;
    s->next += s->length;
    zf_control_call_at(s->recorded.control, s->next, come_to_piece, s);
}

static void *drive(void *context) {
    struct subject *s = context;
    struct zf_control *control = s->recorded.control;
    struct zf_halt halt;
    zf_control_hold(control, ZF_CONTROL_HOLD_BACK);
    if (s->length) {
        s->next = s->length;
        zf_control_call_at(control, s->next, come_to_piece, s);
    }
    zf_control_run(control);
    zf_control_wait(control, 0, &halt);
    int64_t end = zf_control_insns(control);
    zf_control_go(control, end / 2);
    zf_control_wait(control, 0, &halt);
    bool back = zf_control_insns(control) == end / 2;
    for (unsigned i = 0; i < 3 && halt.state != ZF_CONTROL_ENDED; i++) {
        zf_control_run(control);
        zf_control_wait(control, 0, &halt);
    }
    char why[sizeof halt.text];
    zf_control_no_way_back(control, why, sizeof why);
    printf("%lld instructions, %s, status %d%s%s\n", (long long)end, back ? "back" : "stayed",
           halt.exit_status, why[0] ? ", " : "", why);
    zf_control_end(control);
    return NULL;
}

int main(int count, char **words) {
    struct subject s = {0};
    if (count != 3) {
        fputs("usage: pieces PROGRAM INSNS\n", stderr);
        return 2;
    }
    s.length = atoll(words[2]);
    return recorded_open(&s.recorded, words[1]) && recorded_run(&s.recorded, drive, &s) ? 0 : 1;
}
