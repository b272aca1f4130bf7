/*
 * Model, host and IBC values of a run to its gate; and what about them makes no sense together.
 */
#include "cli/common.h"
#include "cli/model_input.h"
#include "cli/run.h"

#include "zfacet/implemented.h"

#include <stdarg.h>
#include <stdio.h>

/* What the options name. */
struct named {
    struct zf_gate_config config;
    struct zf_model host;
    const struct zf_machine_type *host_machine; /* the newest when no host is named */
};

static enum zf_status parse_model(const struct zf_run_options *o, const char *text,
                                  struct zf_model *model, struct zf_error *err) {
    struct zf_model_input input;
    enum zf_status status = zf_model_read(text, o->strict, &input, err);
    if (status == ZF_OK) {
        *model = input.model;
        if (!o->quiet) {
            zf_model_tell(&input);
        }
    }
    return status;
}

static void tell_hidden(void *context, const char *text) {
    const struct zf_run_options *o = context;
    if (!o->quiet) {
        fprintf(stderr, "zfacet: hidden: %s\n", text);
    }
}

static enum zf_status parse_ibc(const char *text, int *ibc, struct zf_error *err) {
    return text ? zf_ibc_parse(text, ibc, err) : ZF_OK;
}

/* What is probably not meant: a warning, with --strict an error. */
__attribute__((format(printf, 3, 4))) static enum zf_status
object(const struct zf_run_options *o, struct zf_error *err, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (o->strict) {
        return zf_fail(err, ZF_ERROR_USAGE, "run: %s", text);
    }
    if (!o->quiet) {
        zf_warn("%s", text);
    }
    return ZF_OK;
}

/* Under the other policies there is no host. */
static enum zf_status check_without_host(const struct zf_run_options *o, struct zf_error *err) {
    enum zf_status status = ZF_OK;
    if (o->host) {
        status = object(o, err, "--host %s means nothing without --policy ibc", o->host);
    }
    if (status == ZF_OK && o->lowest_ibc) {
        status =
            object(o, err, "--lowest-ibc %s means nothing without --policy ibc", o->lowest_ibc);
    }
    if (status == ZF_OK && o->ibc) {
        status = object(o, err,
                        "--ibc %s without --policy ibc blocks what is newer on the model itself, "
                        "whatever a host can do",
                        o->ibc);
    }
    return status;
}

static enum zf_status check_host(const struct zf_run *run, const struct named *n,
                                 struct zf_error *err) {
    const struct zf_run_options *o = run->options;
    uint16_t unblocked = zf_machine_ibc(n->host_machine);
    enum zf_status status = ZF_OK;
    char lowest[48], own[48];
    if (run->model.machine->level > n->host_machine->level) {
        status =
            object(o, err, "the model %s is newer than the host %s, which cannot have all of it",
                   run->model.machine->name, n->host_machine->name);
    }
    if (status == ZF_OK && n->config.lowest > unblocked) {
        zf_ibc_text((uint16_t)n->config.lowest, lowest, sizeof lowest);
        zf_ibc_text(unblocked, own, sizeof own);
        return zf_fail(err, ZF_ERROR_USAGE,
                       "run: --lowest-ibc %s is above what the host %s itself is: %s", lowest,
                       n->host_machine->name, own);
    }
    return status;
}

static enum zf_status check_ibc(const struct zf_run *run, const struct named *n,
                                struct zf_error *err) {
    char text[48];
    if (!run->options->ibc || n->config.ibc == run->facilities.gate.ibc) {
        return ZF_OK;
    }
    zf_ibc_text(run->facilities.gate.ibc, text, sizeof text);
    return object(run->options, err, "IBC value 0x%03x is not what the host can do; in force is %s",
                  n->config.ibc, text);
}

static enum zf_status read_named(struct zf_run *run, struct named *n, struct zf_error *err) {
    const struct zf_run_options *o = run->options;
    enum zf_status status;
    n->config = zf_gate_config_default(&run->model);
    n->config.policy = o->policy;
    n->host_machine = zf_machine_newest();
    if ((status = parse_ibc(o->ibc, &n->config.ibc, err)) != ZF_OK ||
        (status = parse_ibc(o->lowest_ibc, &n->config.lowest, err)) != ZF_OK ||
        (o->host && (status = parse_model(o, o->host, &n->host, err)) != ZF_OK)) {
        return status;
    }
    if (o->host) {
        n->config.host = &n->host;
        n->host_machine = n->host.machine;
    }
    return o->policy == ZF_POLICY_IBC ? check_host(run, n, err) : check_without_host(o, err);
}

enum zf_status zf_run_open_gate(struct zf_run *run, struct zf_error *err) {
    const struct zf_run_options *o = run->options;
    struct named n;
    enum zf_status status = parse_model(o, o->model, &run->model, err);
    if (status != ZF_OK) {
        return status;
    }
    const struct zf_model whole = run->model;
    if (o->hide_unimplemented) {
        zf_model_hide_unimplemented(&run->model, tell_hidden, (void *)o);
    }
    if ((status = read_named(run, &n, err)) != ZF_OK) {
        return status;
    }
    zf_gate_compute(&n.config, &run->facilities.gate);
    if (o->hide_unimplemented) {
        zf_gate_hide_unimplemented(&run->facilities.gate, &whole);
    }
    if (o->policy == ZF_POLICY_IBC) {
        run->facilities.guest.unblocked_ibc = zf_machine_ibc(n.host_machine);
        run->facilities.guest.lowest_ibc =
            n.config.lowest >= 0 ? (uint16_t)n.config.lowest : zf_ibc_lowest(n.host_machine);
    }
    return check_ibc(run, &n, err);
}
