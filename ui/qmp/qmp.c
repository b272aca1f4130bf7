/*
 * What all clients share: the greeting's version, events to everyone, errors.
 */
#include "qmp/qmp.h"

#include "qmp/schema.h"

#include <time.h>

bool zf_qmp_open(struct zf_qmp *qmp, const struct zf_model *model) {
    *qmp = (struct zf_qmp){.manage = zf_manage_create(), .model = model, .cpus = 1};
    return qmp->manage != NULL;
}

void zf_qmp_close(struct zf_qmp *qmp) {
    zf_manage_destroy(qmp->manage);
}

bool zf_qmp_fail(struct zf_qmp_error *error, const char *class, const char *before,
                 const char *about, const char *after) {
    error->class = class;
    zf_buffer_text(&error->text, before);
    zf_buffer_text(&error->text, about);
    zf_buffer_text(&error->text, after);
    return false;
}

static void write_time(struct zf_json *json) {
    enum { NS_PER_US = 1000 };
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    zf_json_set_open(json, "timestamp", '{');
    zf_json_set_int(json, "seconds", now.tv_sec);
    zf_json_set_int(json, "microseconds", now.tv_nsec / NS_PER_US);
    zf_json_close(json, '}');
}

static void begin_event(struct zf_json *json, enum zf_qmp_event event) {
    zf_json_open(json, '{');
    write_time(json);
    zf_json_set_string(json, "event", zf_qmp_event_at(event)->name);
}

static void send_event(struct zf_qmp *qmp, struct zf_json *json) {
    struct zf_buffer *line = json->buffer;
    zf_json_close(json, '}');
    zf_buffer_add(line, "\r\n", 2);
    if (qmp->broadcast) {
        qmp->broadcast(qmp->broadcast_context, line->data, line->length);
    }
    zf_buffer_free(line);
}

void zf_qmp_emit(struct zf_qmp *qmp, enum zf_qmp_event event, const char *cause) {
    struct zf_buffer line = {0};
    struct zf_json json = {&line, false};
    begin_event(&json, event);
    if (zf_qmp_event_at(event)->data == ZF_QMP_TYPE_CAUSE_DATA) {
        zf_json_set_open(&json, "data", '{');
        zf_json_set_bool(&json, "guest", !strncmp(cause, "guest-", strlen("guest-")));
        zf_json_set_string(&json, "reason", cause);
        zf_json_close(&json, '}');
    }
    send_event(qmp, &json);
}

void zf_qmp_emit_panic(struct zf_qmp *qmp, const struct zf_qmp_panic *panic) {
    struct zf_buffer line = {0};
    struct zf_json json = {&line, false};
    begin_event(&json, ZF_QMP_EVENT_GUEST_PANICKED);
    zf_json_set_open(&json, "data", '{');
    zf_json_set_string(&json, "action", "poweroff");
    zf_json_set_open(&json, "info", '{');
    zf_json_set_string(&json, "type", "s390");
    zf_json_set_int(&json, "core", panic->core);
    zf_json_set_unsigned(&json, "psw-mask", panic->psw_mask);
    zf_json_set_unsigned(&json, "psw-addr", panic->psw_address);
    zf_json_set_string(&json, "reason", panic->reason);
    zf_json_close(&json, '}');
    zf_json_close(&json, '}');
    send_event(qmp, &json);
}

void zf_qmp_write_version(struct zf_json *json) {
    /* The version of QEMU whose words these are: clients look for it. */
    enum { MAJOR = 10, MINOR = 0, MICRO = 2 };
    zf_json_set_open(json, "qemu", '{');
    zf_json_set_int(json, "micro", MICRO);
    zf_json_set_int(json, "minor", MINOR);
    zf_json_set_int(json, "major", MAJOR);
    zf_json_close(json, '}');
    zf_json_set_string(json, "package", "zfacet " ZFACET_VERSION);
}

bool zf_qmp_reply_empty(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '{');
    zf_json_close(&call->reply, '}');
    return true;
}
