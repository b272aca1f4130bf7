/*
 * The commands about zfacet itself and the machine: what there is, whether it runs.
 */
#include "qmp/qmp.h"
#include "qmp/schema.h"

static bool reply_none(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '[');
    zf_json_close(&call->reply, ']');
    return true;
}

static bool reply_string(struct zf_qmp_call *call, const char *key, const char *value) {
    zf_json_open(&call->reply, '{');
    zf_json_set_string(&call->reply, key, value);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_version(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '{');
    zf_qmp_write_version(&call->reply);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_commands(struct zf_qmp_call *call) {
    const struct zf_qmp_command *command;
    zf_json_open(&call->reply, '[');
    for (unsigned i = 0; (command = zf_qmp_command_at(i)); i++) {
        zf_json_open(&call->reply, '{');
        zf_json_set_string(&call->reply, "name", command->name);
        zf_json_close(&call->reply, '}');
    }
    zf_json_close(&call->reply, ']');
    return true;
}

bool zf_qmp_target(struct zf_qmp_call *call) {
    return reply_string(call, "arch", "s390x");
}

bool zf_qmp_kvm(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '{');
    zf_json_set_bool(&call->reply, "enabled", false);
    zf_json_set_bool(&call->reply, "present", false);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_name(struct zf_qmp_call *call) {
    return zf_qmp_reply_empty(call);
}

bool zf_qmp_uuid(struct zf_qmp_call *call) {
    return reply_string(call, "UUID", "00000000-0000-0000-0000-000000000000");
}

static void write_machine(struct zf_json *json, const char *name, bool is_default) {
    zf_json_open(json, '{');
    zf_json_set_bool(json, "hotpluggable-cpus", false);
    zf_json_set_string(json, "name", name);
    zf_json_set_bool(json, "numa-mem-supported", false);
    if (is_default) {
        zf_json_set_bool(json, "is-default", true);
        zf_json_set_string(json, "default-cpu-type", "gen17a" ZF_QMP_CPU_SUFFIX);
    }
    zf_json_set_bool(json, "acpi", false);
    zf_json_set_int(json, "cpu-max", 1);
    zf_json_set_bool(json, "deprecated", false);
    zf_json_close(json, '}');
}

bool zf_qmp_machines(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '[');
    write_machine(&call->reply, "zfacet", true);
    write_machine(&call->reply, "none", false);
    zf_json_close(&call->reply, ']');
    return true;
}

bool zf_qmp_current_machine(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '{');
    zf_json_set_bool(&call->reply, "wakeup-suspend-support", false);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_status(struct zf_qmp_call *call) {
    static const char *const words[] = {[ZF_QMP_PRELAUNCH] = "prelaunch",
                                        [ZF_QMP_RUNNING] = "running",
                                        [ZF_QMP_PAUSED] = "paused",
                                        [ZF_QMP_POSTMIGRATE] = "postmigrate",
                                        [ZF_QMP_SHUTDOWN] = "shutdown"};
    zf_json_open(&call->reply, '{');
    zf_json_set_string(&call->reply, "status", words[call->qmp->state]);
    zf_json_set_bool(&call->reply, "running", call->qmp->state == ZF_QMP_RUNNING);
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_stop(struct zf_qmp_call *call) {
    struct zf_qmp *qmp = call->qmp;
    if (qmp->state == ZF_QMP_RUNNING) {
        qmp->state = ZF_QMP_PAUSED;
        if (qmp->control) {
            zf_control_pause(qmp->control);
            zf_control_wait(qmp->control, 0, NULL);
        }
        zf_qmp_emit(qmp, ZF_QMP_EVENT_STOP, NULL);
    }
    return zf_qmp_reply_empty(call);
}

bool zf_qmp_cont(struct zf_qmp_call *call) {
    struct zf_qmp *qmp = call->qmp;
    if (qmp->state == ZF_QMP_PRELAUNCH || qmp->state == ZF_QMP_PAUSED ||
        qmp->state == ZF_QMP_POSTMIGRATE) {
        qmp->state = ZF_QMP_RUNNING;
        if (qmp->control) {
            zf_control_run(qmp->control);
        }
        zf_qmp_emit(qmp, ZF_QMP_EVENT_RESUME, NULL);
    }
    return zf_qmp_reply_empty(call);
}

bool zf_qmp_reset(struct zf_qmp_call *call) {
    struct zf_qmp *qmp = call->qmp;
    struct zf_error err;
    if (qmp->control && zf_control_reset(qmp->control, &err) != ZF_OK) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC, err.message, "", "");
    }
    zf_qmp_emit(qmp, ZF_QMP_EVENT_RESET, "host-qmp-system-reset");
    return zf_qmp_reply_empty(call);
}

bool zf_qmp_quit(struct zf_qmp_call *call) {
    struct zf_qmp *qmp = call->qmp;
    qmp->quitting = true;
    if (qmp->control) {
        zf_control_end(qmp->control);
    }
    zf_qmp_emit(qmp, ZF_QMP_EVENT_SHUTDOWN, "host-qmp-quit");
    return zf_qmp_reply_empty(call);
}

bool zf_qmp_tpm_models(struct zf_qmp_call *call) {
    return reply_none(call);
}

bool zf_qmp_tpm_types(struct zf_qmp_call *call) {
    return reply_none(call);
}

static void write_parameter(struct zf_json *json, const char *name, const char *help) {
    zf_json_open(json, '{');
    zf_json_set_string(json, "name", name);
    zf_json_set_string(json, "help", help);
    zf_json_set_string(json, "type", "string");
    zf_json_close(json, '}');
}

bool zf_qmp_options(struct zf_qmp_call *call) {
    const char *option = json_string_value(json_object_get(call->arguments, "option"));
    if (option && strcmp(option, "machine")) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC, "invalid option name: ", option, "");
    }
    zf_json_open(&call->reply, '[');
    zf_json_open(&call->reply, '{');
    zf_json_set_open(&call->reply, "parameters", '[');
    write_parameter(&call->reply, "type", "kind of machine");
    write_parameter(&call->reply, "accel", "accelerators; only tcg is there, and means zfacet");
    zf_json_close(&call->reply, ']');
    zf_json_set_string(&call->reply, "option", "machine");
    zf_json_close(&call->reply, '}');
    zf_json_close(&call->reply, ']');
    return true;
}
