/*
 * Model, host and IBC values of a run to its gate; and what about them makes no sense together.
 */
#include "model/input.h"
#include "run/part.h"
#include "text/common.h"

#include "zfacet/implemented.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
        status = object(o, err, "--host %s has no effect without --policy ibc", o->host);
    }
    if (status == ZF_OK && o->lowest_ibc) {
        status =
            object(o, err, "--lowest-ibc %s has no effect without --policy ibc", o->lowest_ibc);
    }
    if (status == ZF_OK && o->ibc) {
        status =
            object(o, err,
                   "--ibc %s without --policy ibc applies to the model itself, not to a guest on "
                   "a host",
                   o->ibc);
    }
    return status;
}

/* The newest when no host is named. */
static const struct zf_machine_type *host_machine(const struct zf_saved_model *identity) {
    return identity->has_host ? identity->host.machine : zf_machine_newest();
}

static enum zf_status check_host(const struct zf_run *run, struct zf_error *err) {
    const struct zf_run_options *o = run->options;
    const struct zf_saved_model *identity = &run->identity;
    const struct zf_machine_type *host = host_machine(identity);
    uint16_t unblocked = zf_machine_ibc(host);
    enum zf_status status = ZF_OK;
    char lowest[48], own[48];
    if (identity->model.machine->level > host->level) {
        status =
            object(o, err, "model %s is newer than host %s, which lacks part of it",
                   zf_machine_short_name(identity->model.machine), zf_machine_short_name(host));
    }
    if (status == ZF_OK && identity->lowest > unblocked) {
        zf_ibc_text((uint16_t)identity->lowest, lowest, sizeof lowest);
        zf_ibc_text(unblocked, own, sizeof own);
        return zf_fail(err, ZF_ERROR_USAGE,
                       "run: --lowest-ibc %s is above the level of host %s, which is %s", lowest,
                       host->name, own);
    }
    return status;
}

static enum zf_status check_ibc(const struct zf_run *run, struct zf_error *err) {
    char text[48];
    if (!run->options->ibc || run->identity.ibc == run->facilities.gate.ibc) {
        return ZF_OK;
    }
    zf_ibc_text(run->facilities.gate.ibc, text, sizeof text);
    return object(run->options, err, "the host does not support IBC value 0x%03x; %s is in force",
                  run->identity.ibc, text);
}

static const char *default_model(void) {
    const char *model = getenv("ZFACET_MODEL");
    return model && *model ? model : "z17";
}

enum zf_status zf_run_read_identity(struct zf_run *run, struct zf_error *err) {
    const struct zf_run_options *o = run->options;
    struct zf_saved_model *identity = &run->identity;
    enum zf_status status;
    *identity = (struct zf_saved_model){
        .policy = o->policy,
        .has_host = o->host && o->policy == ZF_POLICY_IBC,
        .ibc = ZF_IBC_OF_MODEL,
        .lowest = ZF_IBC_LOWEST_DEFAULT,
        .hidden = o->hide_unimplemented,
    };
    snprintf(identity->guest, sizeof identity->guest, "%s", o->guest);
    if ((status = parse_model(o, o->model ? o->model : default_model(), &identity->model, err)) !=
            ZF_OK ||
        (status = parse_ibc(o->ibc, &identity->ibc, err)) != ZF_OK ||
        (status = parse_ibc(o->lowest_ibc, &identity->lowest, err)) != ZF_OK ||
        (o->host && (status = parse_model(o, o->host, &identity->host, err)) != ZF_OK)) {
        return status;
    }
    identity->whole = identity->model;
    if (o->hide_unimplemented) {
        zf_model_hide_unimplemented(&identity->model, tell_hidden, (void *)o);
    }
    return o->policy == ZF_POLICY_IBC ? check_host(run, err) : check_without_host(o, err);
}

enum zf_status zf_run_open_gate(struct zf_run *run, struct zf_error *err) {
    const struct zf_saved_model *identity = &run->identity;
    struct zf_gate *gate = &run->facilities.gate;
    const struct zf_gate_config config = {
        .policy = identity->policy,
        .model = &identity->model,
        .host = identity->has_host ? &identity->host : NULL,
        .ibc = identity->ibc,
        .lowest = identity->lowest,
    };
    zf_gate_compute(&config, gate);
    if (identity->hidden) {
        zf_gate_hide_unimplemented(gate, &identity->whole);
    }
    if (identity->policy == ZF_POLICY_IBC) {
        const struct zf_machine_type *host = host_machine(identity);
        run->facilities.guest.unblocked_ibc = zf_machine_ibc(host);
        run->facilities.guest.lowest_ibc =
            identity->lowest >= 0 ? (uint16_t)identity->lowest : zf_ibc_lowest(host);
    }
    return check_ibc(run, err);
}
