/*
 * The SCLP's beginning and end, and its side that looks at the host's console.
 */
#include "sclp_state.h"

#include <stdlib.h>
#include <time.h>

struct zf_sclp *zf_sclp_create(struct zf_cpu *cpu) {
    struct zf_sclp *sclp = calloc(1, sizeof *sclp);
    if (sclp) {
        sclp->cpu = cpu;
    }
    return sclp;
}

void zf_sclp_destroy(struct zf_sclp *sclp) {
    free(sclp);
}

void zf_sclp_reset(struct zf_sclp *sclp) {
    *sclp = (struct zf_sclp){
        .cpu = sclp->cpu, .console = sclp->console, .console_ended = sclp->console_ended};
}

void zf_console_attach(struct zf_sclp *sclp, const struct zf_console *console) {
    sclp->console = *console;
    sclp->console_ended = false;
}

static void poll_console(struct zf_sclp *sclp, uint64_t ns) {
    if (sclp->console.poll && !sclp->console_ended) {
        sclp->console_ended = !sclp->console.poll(sclp->console.context, sclp, ns);
    }
}

void zf_sclp_poll(struct zf_sclp *sclp) {
    poll_console(sclp, 0);
}

bool zf_sclp_wait(struct zf_sclp *sclp, uint64_t ns, bool input_wanted) {
    const uint64_t longest = 50000000; /* the run loop's limits want to be looked at */
    bool more = input_wanted && sclp->console.poll && !sclp->console_ended;
    ns = ns < longest ? ns : longest;
    if (more) {
        poll_console(sclp, ns);
    } else if (ns < longest) {
        struct timespec t = {.tv_nsec = (long)ns};
        nanosleep(&t, NULL);
    } else {
        struct timespec t = {.tv_nsec = (long)longest / 50};
        nanosleep(&t, NULL);
    }
    return more;
}

void zf_sclp_save(const struct zf_sclp *sclp, struct zf_payload *p) {
    zf_put_number(p, 4, sclp->receive_mask);
    zf_put_number(p, 4, sclp->send_mask);
    zf_put_number(p, 1, sclp->quiesce);
    zf_put_number(p, 2, sclp->input_length);
    zf_put_bytes(p, sclp->input, sclp->input_length);
}

enum zf_status zf_sclp_load(struct zf_sclp *sclp, struct zf_payload *p, struct zf_error *err) {
    sclp->receive_mask = (uint32_t)zf_take_number(p, 4);
    sclp->send_mask = (uint32_t)zf_take_number(p, 4);
    sclp->quiesce = zf_take_number(p, 1) & 1;
    size_t length = (size_t)zf_take_number(p, 2);
    const uint8_t *input = zf_take_bytes(p, length);
    if (p->bad || length > sizeof sclp->input) {
        return zf_fail(err, ZF_ERROR_FORMAT, "invalid console state in the stream");
    }
    memcpy(sclp->input, input, length);
    sclp->input_length = length;
    return ZF_OK;
}
