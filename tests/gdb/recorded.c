#include "recorded.h"

#include <pthread.h>
#include <stdio.h>

static bool open_program(struct recorded *r, const char *path, struct zf_error *err) {
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
    zf_gate_compute(&gate, &r->facilities.gate);
    r->machine = zf_machine_create(&config, err);
    if (!r->machine) {
        return false;
    }
    r->machine->facilities = &r->facilities;
    const struct zf_linux_config program = {
        .program = path, .cpus = 1, .fixed_random = true, .record = true};
    r->program = zf_linux_create(r->machine, &program, err);
    const struct zf_control_config control = {
        .machine = r->machine, .facilities = &r->facilities, .program = r->program};
    r->control = r->program ? zf_control_create(&control) : NULL;
    return r->control && zf_control_record(r->control, err) == ZF_OK;
}

bool recorded_open(struct recorded *r, const char *path) {
    struct zf_error err = {0};
    if (!open_program(r, path, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    return true;
}

bool recorded_run(struct recorded *r, void *(*drive)(void *context), void *context) {
    struct zf_halt halt;
    pthread_t driver;
    if (pthread_create(&driver, NULL, drive, context)) {
        return false;
    }
    zf_control_serve(r->control, &halt);
    pthread_join(driver, NULL);
    zf_control_destroy(r->control);
    zf_linux_destroy(r->program);
    zf_machine_destroy(r->machine);
    return true;
}
