/*
 * The management protocol: what serves all clients of one server, and what a command is.
 *
 * Bytes become values in json_input.c, values are dispatched in session.c, whose types are checked
 * by schema.c; the functions behind the commands are in command_*.c. server.c has the sockets.
 */
#ifndef ZFACET_QMP_QMP_H
#define ZFACET_QMP_QMP_H

#include "qmp/json_write.h"

#include "zfacet/control.h"
#include "zfacet/error.h"
#include "zfacet/manage.h"

enum zf_qmp_event {
#define QMP_EVENT(name, data, text) ZF_QMP_EVENT_##name,
#include "qmp/command.def"
#undef QMP_EVENT
};

enum zf_qmp_state {
    ZF_QMP_PRELAUNCH,
    ZF_QMP_RUNNING,
    ZF_QMP_PAUSED,
    ZF_QMP_POSTMIGRATE,
    ZF_QMP_SHUTDOWN
};

enum zf_qmp_migration_state {
    ZF_QMP_MIGRATION_NONE,
    ZF_QMP_MIGRATION_COMPLETED,
    ZF_QMP_MIGRATION_FAILED
};

/* How the last migration went. */
struct zf_qmp_migration {
    enum zf_qmp_migration_state state;
    int64_t total_ms;
    char error[sizeof((struct zf_error *)NULL)->message];
};

/* What serves all clients. */
struct zf_qmp {
    struct zf_manage *manage;
    const struct zf_model *model; /* of the CPUs, or NULL: there is no machine */
    unsigned cpus;                /* the first one executes, the others are stopped */
    struct zf_control *control;   /* of the guest, or NULL: there is none */
    int guest_thread;             /* the host's id of the thread that runs the CPU */
    enum zf_qmp_state state;
    struct zf_qmp_migration migration;
    bool quitting;
    /* Receives each event as a line, for every client that has negotiated. */
    void (*broadcast)(void *context, const char *line, size_t length);
    void *broadcast_context;
};

/** Makes ready to serve; false when the host has no memory left. */
bool zf_qmp_open(struct zf_qmp *qmp, const struct zf_model *model);
void zf_qmp_close(struct zf_qmp *qmp);

/** Sends an event; `cause` for those that have one, "host-qmp-quit". */
void zf_qmp_emit(struct zf_qmp *qmp, enum zf_qmp_event event, const char *cause);

/* Why a guest cannot continue, and where the CPU is. */
struct zf_qmp_panic {
    const char *reason; /* "disabled-wait"; NULL: it did not panic */
    unsigned core;
    uint64_t psw_mask, psw_address;
};
/** Sends GUEST_PANICKED. */
void zf_qmp_emit_panic(struct zf_qmp *qmp, const struct zf_qmp_panic *panic);

struct zf_qmp_error {
    const char *class;
    struct zf_buffer text;
};

/** Fills `error` and returns false. */
bool zf_qmp_fail(struct zf_qmp_error *error, const char *class, const char *before,
                 const char *about, const char *after);

#define ZF_QMP_GENERIC "GenericError"
#define ZF_QMP_NOT_FOUND "DeviceNotFound"
#define ZF_QMP_NO_COMMAND "CommandNotFound"

struct zf_qmp_session;

/* A command at work: it writes one value to `reply`, or fills `error` and returns false. */
struct zf_qmp_call {
    struct zf_qmp *qmp;
    struct zf_qmp_session *session;
    const json_t *arguments; /* an object of the command's type, or NULL for an empty one */
    struct zf_json reply;
    struct zf_qmp_error error;
};

typedef bool zf_qmp_function(struct zf_qmp_call *call);

/** Replies {}; returns true. */
bool zf_qmp_reply_empty(struct zf_qmp_call *call);

#define QMP_COMMAND(id, name, arguments, reply, text) zf_qmp_function zf_qmp_##id;
#include "qmp/command.def"
#undef QMP_COMMAND

/** Writes "qemu" and "package", as the greeting and query-version have them. */
void zf_qmp_write_version(struct zf_json *json);

/** The models of the CPUs' definitions are types of objects with these names. */
#define ZF_QMP_CPU_SUFFIX "-s390x-cpu"

#endif
