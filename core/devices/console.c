/*
 * The SCLP as a device: its beginning and end, its state in a saved guest, and its side that looks
 * at the host's console.
 */
#include "sclp_state.h"

#include "zfacet/pending.h"

#include <stdlib.h>

void zf_console_attach(struct zf_sclp *sclp, const struct zf_console *console) {
    sclp->console = *console;
    sclp->console_ended = false;
}

static void destroy(struct zf_device *device) {
    free(device);
}

static void reset(struct zf_device *device) {
    struct zf_sclp *sclp = (struct zf_sclp *)device;
    *sclp = (struct zf_sclp){.device = sclp->device,
                             .cpus = sclp->cpus,
                             .console = sclp->console,
                             .console_ended = sclp->console_ended};
}

static bool poll(struct zf_device *device, uint64_t ns) {
    struct zf_sclp *sclp = (struct zf_sclp *)device;
    bool more = sclp->console.poll && !sclp->console_ended;
    if (more) {
        sclp->console_ended = !sclp->console.poll(sclp->console.context, sclp, ns);
    }
    return more;
}

static void save(const struct zf_device *device, struct zf_payload *p) {
    const struct zf_sclp *sclp = (const struct zf_sclp *)device;
    zf_put_number(p, 4, sclp->receive_mask);
    zf_put_number(p, 4, sclp->send_mask);
    zf_put_number(p, 1, sclp->quiesce);
    for (unsigned i = 0; i < ZF_CPUS / 64; i++) {
        zf_put_number(p, 8, sclp->configuration.standby[i]);
    }
    zf_put_number(p, 1, sclp->configuration.vertical);
    zf_put_number(p, 1, sclp->configuration.topology_changed);
    zf_put_number(p, 2, sclp->input_length);
    zf_put_bytes(p, sclp->input, sclp->input_length);
}

static void load_configuration(struct zf_sclp *sclp, struct zf_payload *p) {
    for (unsigned i = 0; i < ZF_CPUS / 64; i++) {
        sclp->configuration.standby[i] = zf_take_number(p, 8);
    }
    sclp->configuration.vertical = zf_take_number(p, 1) & 1;
    sclp->configuration.topology_changed = zf_take_number(p, 1) & 1;
}

static enum zf_status load(struct zf_device *device, struct zf_payload *p, struct zf_error *err) {
    struct zf_sclp *sclp = (struct zf_sclp *)device;
    sclp->receive_mask = (uint32_t)zf_take_number(p, 4);
    sclp->send_mask = (uint32_t)zf_take_number(p, 4);
    sclp->quiesce = zf_take_number(p, 1) & 1;
    if (p->version >= 2) {
        load_configuration(sclp, p);
    }
    size_t length = (size_t)zf_take_number(p, 2);
    const uint8_t *input = zf_take_bytes(p, length);
    if (p->bad || length > sizeof sclp->input) {
        return zf_fail(err, ZF_ERROR_FORMAT, "invalid console state in the stream");
    }
    memcpy(sclp->input, input, length);
    sclp->input_length = length;
    return ZF_OK;
}

struct zf_sclp *zf_sclp_create(struct zf_cpus *cpus) {
    struct zf_sclp *sclp = calloc(1, sizeof *sclp);
    if (!sclp) {
        return NULL;
    }
    sclp->device = (struct zf_device){.tag = ZF_STREAM_TAG("SCLP"),
                                      .destroy = destroy,
                                      .reset = reset,
                                      .save = save,
                                      .load = load,
                                      .poll = poll,
                                      .interrupts = ZF_EXTERNAL_SERVICE};
    sclp->cpus = cpus;
    return sclp;
}

struct zf_device *zf_sclp_device(struct zf_sclp *sclp) {
    return &sclp->device;
}
