/*
 * The commands that move the guest elsewhere. The guest stands still while it is saved, and
 * `migrate` answers when that is over; a client that asks query-migrate sees no difference to one
 * that takes longer. So `detach`, which libvirt sends along, changes nothing; nor is there ever a
 * migration that paused and could resume.
 */
#include "qmp/qmp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_protocol(const char *uri) {
    return !strncmp(uri, "unix:", 5) || !strncmp(uri, "file:", 5);
}

static void stop_guest(struct zf_qmp *qmp) {
    if (qmp->state == ZF_QMP_RUNNING) {
        zf_control_pause(qmp->control);
        zf_control_wait(qmp->control, 0, NULL);
        zf_qmp_emit(qmp, ZF_QMP_EVENT_STOP, NULL);
    }
}

static void let_guest_go_on(struct zf_qmp *qmp) {
    if (qmp->state == ZF_QMP_RUNNING) {
        zf_control_run(qmp->control);
        zf_qmp_emit(qmp, ZF_QMP_EVENT_RESUME, NULL);
    }
}

bool zf_qmp_migrate(struct zf_qmp_call *call) {
    struct zf_qmp *qmp = call->qmp;
    struct zf_qmp_migration *migration = &qmp->migration;
    const char *uri = json_string_value(json_object_get(call->arguments, "uri"));
    struct zf_error err = {0};
    if (!qmp->control) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC, "no guest to migrate", "", "");
    }
    if (json_is_true(json_object_get(call->arguments, "resume"))) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC,
                           "Cannot resume if there is no paused migration", "", "");
    }
    if (!is_protocol(uri)) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC, "unknown migration protocol: ", uri, "");
    }
    if (qmp->state == ZF_QMP_POSTMIGRATE) {
        return zf_qmp_fail(&call->error, ZF_QMP_GENERIC,
                           "the guest continues on the target; 'cont' resumes it here", "", "");
    }
    int64_t start = now_ms();
    stop_guest(qmp);
    bool done = zf_control_save(qmp->control, uri, &err) == ZF_OK;
    *migration = (struct zf_qmp_migration){
        .state = done ? ZF_QMP_MIGRATION_COMPLETED : ZF_QMP_MIGRATION_FAILED,
        .total_ms = now_ms() - start,
    };
    snprintf(migration->error, sizeof migration->error, "%s", err.message);
    if (done) {
        qmp->state = ZF_QMP_POSTMIGRATE;
    } else {
        let_guest_go_on(qmp);
    }
    return zf_qmp_reply_empty(call);
}

bool zf_qmp_migration(struct zf_qmp_call *call) {
    const struct zf_qmp_migration *migration = &call->qmp->migration;
    static const char *const words[] = {
        [ZF_QMP_MIGRATION_COMPLETED] = "completed", [ZF_QMP_MIGRATION_FAILED] = "failed"};
    zf_json_open(&call->reply, '{');
    if (migration->state != ZF_QMP_MIGRATION_NONE) {
        zf_json_set_string(&call->reply, "status", words[migration->state]);
        zf_json_set_int(&call->reply, "total-time", migration->total_ms);
        zf_json_set_int(&call->reply, "downtime", migration->total_ms);
    }
    if (migration->state == ZF_QMP_MIGRATION_FAILED) {
        zf_json_set_string(&call->reply, "error-desc", migration->error);
    }
    zf_json_close(&call->reply, '}');
    return true;
}

bool zf_qmp_migrate_capabilities(struct zf_qmp_call *call) {
    zf_json_open(&call->reply, '[');
    zf_json_close(&call->reply, ']');
    return true;
}
