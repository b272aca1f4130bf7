/*
 * One client: greeting, negotiation, commands one after the other, answers in their order.
 */
#include "qmp/session.h"

#include "qmp/schema.h"

#include <string.h>

/* What a request has, taken apart. */
struct request {
    const json_t *id; /* or NULL */
    const struct zf_json_bigs *bigs;
    const char *name;
    const json_t *arguments;
    bool oob;
};

static void end_line(struct zf_buffer *output) {
    zf_buffer_add(output, "\r\n", 2);
}

void zf_qmp_session_open(struct zf_qmp_session *session, struct zf_qmp *qmp) {
    *session = (struct zf_qmp_session){.qmp = qmp};
    struct zf_json json = {&session->output, false};
    zf_json_open(&json, '{');
    zf_json_set_open(&json, "QMP", '{');
    zf_json_set_open(&json, "version", '{');
    zf_qmp_write_version(&json);
    zf_json_close(&json, '}');
    zf_json_set_open(&json, "capabilities", '[');
    zf_json_string(&json, "oob");
    zf_json_close(&json, ']');
    zf_json_close(&json, '}');
    zf_json_close(&json, '}');
    end_line(&session->output);
}

void zf_qmp_session_close(struct zf_qmp_session *session) {
    zf_json_input_free(&session->input);
    zf_buffer_free(&session->output);
}

static void write_id(struct zf_json *json, const struct request *request) {
    if (request->id) {
        zf_json_key(json, "id");
        zf_json_value(json, request->id, request->bigs);
    }
}

static void write_error(struct zf_qmp_session *session, const struct request *request,
                        const struct zf_qmp_error *error) {
    struct zf_json json = {&session->output, false};
    zf_json_open(&json, '{');
    write_id(&json, request);
    zf_json_set_open(&json, "error", '{');
    zf_json_set_string(&json, "class", error->class);
    zf_json_key(&json, "desc");
    zf_json_string_n(&json, error->text.data, error->text.length);
    zf_json_close(&json, '}');
    zf_json_close(&json, '}');
    end_line(&session->output);
}

/* `reply` is the JSON text of the answer. */
static void write_return(struct zf_qmp_session *session, const struct request *request,
                         const struct zf_buffer *reply) {
    struct zf_json json = {&session->output, false};
    zf_json_open(&json, '{');
    zf_json_key(&json, "return");
    zf_buffer_add(&session->output, reply->data, reply->length);
    json.comma = true;
    session->output.failed |= reply->failed;
    write_id(&json, request);
    zf_json_close(&json, '}');
    end_line(&session->output);
}

static bool fail(struct zf_qmp_error *error, const char *before, const char *about,
                 const char *after) {
    return zf_qmp_fail(error, ZF_QMP_GENERIC, before, about, after);
}

static bool take_name(struct request *request, const char *key, const json_t *value,
                      struct zf_qmp_error *error) {
    if (!json_is_string(value)) {
        return fail(error, "QMP input member '", key, "' must be a string");
    }
    if (request->name) {
        return fail(error, "QMP input member 'execute' clashes with 'exec-oob'", "", "");
    }
    request->name = json_string_value(value);
    request->oob = !strcmp(key, "exec-oob");
    return true;
}

static bool take_request(const struct zf_qmp_session *session, const struct zf_json_result *input,
                         struct request *request, struct zf_qmp_error *error) {
    const char *key;
    json_t *member;
    const json_t *value = input->value;
    *request = (struct request){.id = json_object_get(value, "id"), .bigs = &input->bigs};
    if (!json_is_object(value)) {
        return fail(error, "QMP input must be a JSON object", "", "");
    }
    json_object_foreach((json_t *)value, key, member) {
        if (!strcmp(key, "execute") || (!strcmp(key, "exec-oob") && session->oob)) {
            if (!take_name(request, key, member, error)) {
                return false;
            }
        } else if (!strcmp(key, "arguments")) {
            if (!json_is_object(member)) {
                return fail(error, "QMP input member 'arguments' must be an object", "", "");
            }
            request->arguments = member;
        } else if (strcmp(key, "id")) {
            return fail(error, "QMP input member '", key, "' is unexpected");
        }
    }
    return request->name || fail(error, "QMP input lacks member 'execute'", "", "");
}

/* Before the negotiation ends there is only one command. */
static const struct zf_qmp_command *find_command(const struct zf_qmp_session *session,
                                                 const struct request *request,
                                                 struct zf_qmp_error *error) {
    const struct zf_qmp_command *command = zf_qmp_command_find(request->name);
    if (!session->negotiated && (!command || command->function != zf_qmp_capabilities)) {
        zf_qmp_fail(error, ZF_QMP_NO_COMMAND,
                    "Expecting capabilities negotiation with 'qmp_capabilities'", "", "");
        return NULL;
    }
    if (!command) {
        zf_qmp_fail(error, ZF_QMP_NO_COMMAND, "The command ", request->name, " has not been found");
        return NULL;
    }
    if (request->oob) {
        fail(error, "The command ", request->name, " does not support OOB");
        return NULL;
    }
    return command;
}

static void execute(struct zf_qmp_session *session, const struct zf_json_result *input) {
    struct request request;
    struct zf_buffer reply = {0};
    struct zf_qmp_call call = {.qmp = session->qmp, .session = session, .reply = {&reply, false}};
    const struct zf_qmp_command *command = NULL;
    bool good = take_request(session, input, &request, &call.error) &&
                (command = find_command(session, &request, &call.error)) &&
                zf_qmp_check(command->arguments, request.arguments, &call.error);
    if (good) {
        call.arguments = request.arguments;
        good = command->function(&call);
    }
    if (good) {
        write_return(session, &request, &reply);
    } else {
        write_error(session, &request, &call.error);
    }
    zf_buffer_free(&reply);
    zf_buffer_free(&call.error.text);
}

static void answer(struct zf_qmp_session *session, struct zf_json_result *result) {
    if (result->value) {
        execute(session, result);
    } else {
        struct zf_qmp_error error = {ZF_QMP_GENERIC, result->error};
        write_error(session, &(struct request){0}, &error);
    }
    zf_json_result_free(result);
}

size_t zf_qmp_session_feed(struct zf_qmp_session *session, const char *bytes, size_t length) {
    size_t taken = 0;
    while (taken < length && session->output.length < ZF_QMP_OUTPUT_PAUSE &&
           !session->qmp->quitting) {
        struct zf_json_result result;
        bool found;
        taken +=
            zf_json_input_feed(&session->input, bytes + taken, length - taken, &result, &found);
        if (found) {
            answer(session, &result);
        }
    }
    return taken;
}

void zf_qmp_session_event(struct zf_qmp_session *session, const char *line, size_t length) {
    if (session->negotiated) {
        zf_buffer_add(&session->output, line, length);
    }
}

bool zf_qmp_session_failed(const struct zf_qmp_session *session) {
    return session->output.failed || session->output.length > ZF_QMP_OUTPUT_LIMIT;
}

bool zf_qmp_capabilities(struct zf_qmp_call *call) {
    const json_t *enable = json_object_get(call->arguments, "enable");
    if (call->session->negotiated) {
        return zf_qmp_fail(&call->error, ZF_QMP_NO_COMMAND,
                           "Capabilities negotiation is already complete, command ignored", "", "");
    }
    call->session->negotiated = true;
    call->session->oob = json_array_size(enable) > 0; /* there is no other capability */
    zf_json_open(&call->reply, '{');
    zf_json_close(&call->reply, '}');
    return true;
}
