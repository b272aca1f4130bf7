/*
 * What the guest writes becomes events; what clients type waits here until the guest reads it: at
 * the console of a bare machine, which asks between blocks, or in a read of a Linux program's
 * standard input, which is given up when somebody wants the machine, and made again.
 */
#include "state.h"

#include "zfacet/console.h"

#include <string.h>

static void on_text(void *context, const char *text, size_t length) {
    zf_control_tell(context, &(struct zf_control_event){
                                 .kind = ZF_CONTROL_OUTPUT, .text = text, .length = length});
}

static void drop_input(struct zf_control *c, size_t length) {
    c->input_length -= length;
    memmove(c->input, c->input + length, c->input_length);
}

static bool has_input(struct zf_control *c) {
    pthread_mutex_lock(&c->lock);
    bool has = c->input_length != 0;
    pthread_mutex_unlock(&c->lock);
    return has;
}

/* What it was given there before. */
static void repeat_input(struct zf_control *c, struct zf_sclp *sclp) {
    int64_t at = c->executed + (int64_t)zf_machine_insns(c->config.machine);
    size_t length;
    c->repeated_input = at == c->repeated_at ? c->repeated_input : 0;
    c->repeated_at = at;
    const char *text = zf_timeline_next_input(c->timeline, at, &c->repeated_input, &length);
    if (text) {
        zf_console_input(sclp, text, length);
    }
}

/* With the lock. */
static void give_input(struct zf_control *c, struct zf_sclp *sclp) {
    size_t given = zf_console_input(sclp, c->input, c->input_length);
    if (given && c->timeline) {
        int64_t at = c->executed + (int64_t)zf_machine_insns(c->config.machine);
        zf_timeline_input(c->timeline, at, c->input, given);
    }
    drop_input(c, given);
}

/* Called once in a time slice, and while the guest waits. */
static bool on_poll(void *context, struct zf_sclp *sclp, uint64_t ns) {
    struct zf_control *c = context;
    if (c->repeating) {
        repeat_input(c, sclp);
        return true;
    }
    bool more = !c->config.input || has_input(c) || c->config.input(c->config.context, ns);
    pthread_mutex_lock(&c->lock);
    if (ns && !c->config.input && !c->input_length && !zf_control_wanted(c)) {
        zf_control_await(c, ns);
    }
    if (c->input_length) {
        give_input(c, sclp);
    }
    more |= c->input_length != 0;
    pthread_mutex_unlock(&c->lock);
    return more;
}

static ssize_t read_stream(void *context, char *text, size_t size) {
    const uint64_t moment = 50000000; /* the machine's limit of time wants to be looked at */
    struct zf_control *c = context;
    pthread_mutex_lock(&c->lock);
    if (!c->input_length && !zf_control_wanted(c)) {
        zf_control_await(c, moment);
    }
    size_t length = c->input_length < size ? c->input_length : size;
    memcpy(text, c->input, length);
    drop_input(c, length);
    pthread_mutex_unlock(&c->lock);
    return length ? (ssize_t)length : -1;
}

void zf_control_take_console(struct zf_control *c) {
    if (c->config.program) {
        zf_linux_set_streams(c->config.program,
                             &(struct zf_linux_streams){c, on_text, read_stream});
    } else {
        zf_console_attach(c->config.machine->sclp,
                          &(struct zf_console){.context = c, .write = on_text, .poll = on_poll});
    }
}

void zf_control_leave_console(struct zf_control *c) {
    if (c->config.program) {
        zf_linux_set_streams(c->config.program, NULL);
    } else {
        zf_console_attach(c->config.machine->sclp, &(struct zf_console){0});
    }
}
