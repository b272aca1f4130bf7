/*
 * A program with threads goes back again and again, each time without memory for another
 * allocation: that must be said, or change nothing.
 */
#include "../allocation.h"
#include "zfacet/control.h"
#include "zfacet/ibc.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject {
    struct zf_machine *machine;
    struct zf_facilities facilities;
    struct zf_linux *program;
    struct zf_control *control;
    long allocation; /* that fails */
};

static bool open_subject(struct subject *s, const char *path, struct zf_error *err) {
    struct zf_model model;
    const struct zf_machine_config config = {
        .cpus = 1,
        .linear = true,
        .deterministic = true,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
    };
    if (zf_model_parse("z14", false, &model, NULL, err)) {
        return false;
    }
    struct zf_gate_config gate = zf_gate_config_default(&model);
    zf_gate_compute(&gate, &s->facilities.gate);
    s->machine = zf_machine_create(&config, err);
    if (!s->machine) {
        return false;
    }
    s->machine->facilities = &s->facilities;
    const struct zf_linux_config program = {
        .program = path, .cpus = 1, .fixed_random = true, .record = true};
    s->program = zf_linux_create(s->machine, &program, err);
    const struct zf_control_config control = {
        .machine = s->machine, .facilities = &s->facilities, .program = s->program};
    s->control = s->program ? zf_control_create(&control) : NULL;
    return s->control && zf_control_record(s->control, err) == ZF_OK;
}

/* To its end, half of the way back without memory for one allocation, and to its end again. */
static void *drive(void *context) {
    struct subject *s = context;
    struct zf_halt halt;
    char why[sizeof halt.text];
    zf_control_hold(s->control, ZF_CONTROL_HOLD_BACK);
    zf_control_run(s->control);
    zf_control_wait(s->control, 0, &halt);
    int64_t end = zf_control_insns(s->control);
    memory()->left = s->allocation;
    zf_control_go(s->control, end / 2);
    zf_control_wait(s->control, 0, &halt);
    bool back = zf_control_insns(s->control) == end / 2;
    /* it may stand still in its present once more, and at its end */
    for (unsigned i = 0; i < 3 && halt.state != ZF_CONTROL_ENDED; i++) {
        zf_control_run(s->control);
        zf_control_wait(s->control, 0, &halt);
    }
    memory()->left = -1;
    zf_control_no_way_back(s->control, why, sizeof why);
    printf("%s, %s, status %d\n", memory()->failed ? "failed" : "whole",
           strstr(why, "out of memory") ? "said"
           : back                       ? "back"
                                        : "silent",
           halt.exit_status);
    zf_control_end(s->control);
    return NULL;
}

int main(int count, char **words) {
    struct subject s = {0};
    struct zf_error err = {0};
    struct zf_halt halt;
    pthread_t driver;
    if (count != 3) {
        fputs("usage: back_memory PROGRAM ALLOCATION\n", stderr);
        return 2;
    }
    if (!open_subject(&s, words[1], &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    s.allocation = atol(words[2]);
    pthread_create(&driver, NULL, drive, &s);
    zf_control_serve(s.control, &halt);
    pthread_join(driver, NULL);
    zf_control_destroy(s.control);
    zf_linux_destroy(s.program);
    zf_machine_destroy(s.machine);
    return 0;
}
