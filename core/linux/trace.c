/*
 * System calls and signals as text, in the layout that strace has.
 */
#include "trace.h"

#include <stdio.h>
#include <unistd.h>

enum { RESULT_COLUMN = 40 };

static void begin(struct zf_task *task, struct zf_trace_line *line) {
    line->used = 0;
    line->thread = gettid();
    line->text[0] = '\0';
    if (task->process->child || task != task->process->leader) {
        zf_trace_add(line, "[pid %5d] ", line->thread);
    }
}

static void end(struct zf_task *task, const struct zf_trace_line *line) {
    task->process->config.trace_line(task->process->config.context, line->text);
}

/* The arguments from line->next on, up to the first that the call gives back, or all. */
static void add_arguments(struct zf_task *task, struct zf_trace_line *line, int64_t result,
                          bool returned) {
    for (bool more = true; more && *line->rest && *line->rest != ':'; line->rest++, line->next++) {
        if (!returned && zf_trace_is_result(*line->rest)) {
            return;
        }
        size_t before = line->used;
        if (line->next) {
            zf_trace_add(line, ", ");
        }
        more = zf_trace_argument(task, line, *line->rest, line->next, result);
        if (!more && line->used == before + 2 && line->next) {
            line->used = before; /* this one is not used either */
            line->text[before] = '\0';
        }
        if (!more) {
            line->rest += strcspn(line->rest, ":") - 1;
        }
    }
}

bool zf_trace_enter(struct zf_task *task, uint64_t number, const char *format, const uint64_t *args,
                    struct zf_trace_line *line) {
    const char *name = zf_linux_call_name(number);
    begin(task, line);
    if (name) {
        zf_trace_add(line, "%s(", name);
    } else {
        zf_trace_add(line, "syscall_%#llx(", (unsigned long long)number);
    }
    line->rest = format ? format : "xxxxxx";
    line->next = 0;
    memcpy(line->args, args, sizeof line->args);
    add_arguments(task, line, 0, false);
    bool ends = format && strstr(format, ":?");
    if (ends) {
        zf_trace_leave(task, ZF_SYS_NO_RESULT, line);
    }
    return ends;
}

static void add_result(struct zf_trace_line *line, char kind, int64_t result) {
    if (result == ZF_SYS_NO_RESULT) {
        zf_trace_add(line, kind == '0' ? "= 0" : "= ?");
    } else if (result < 0 && result > -4096) {
        zf_trace_add(line, "= -1 %s (%s)", strerrorname_np((int)-result), strerror((int)-result));
    } else if (kind == 'x') {
        zf_trace_add(line, "= %#llx", (unsigned long long)result);
    } else if (kind == 'o') {
        zf_trace_add(line, "= %#llo", (unsigned long long)result);
    } else {
        zf_trace_add(line, "= %lld", (long long)result);
    }
}

void zf_trace_leave(struct zf_task *task, int64_t result, struct zf_trace_line *line) {
    if (line->thread != gettid()) {
        return;
    }
    if (result != ZF_SYS_NO_RESULT) {
        add_arguments(task, line, result, true);
    }
    const char *colon = strchr(line->rest, ':');
    zf_trace_add(line, ") ");
    while (line->used < RESULT_COLUMN) {
        zf_trace_add(line, " ");
    }
    add_result(line, colon ? colon[1] : 'd', result);
    end(task, line);
}

void zf_trace_signal(struct zf_task *task, int number, const struct zf_guest_siginfo *info) {
    struct zf_trace_line line;
    char name[16];
    zf_linux_signal_name(number, name);
    begin(task, &line);
    zf_trace_add(&line, "--- %s {si_signo=%s, si_code=%d", name, name, info->code);
    if (info->code > 0 && number != SIGCHLD) {
        zf_trace_add(&line, ", si_addr=%#llx", (unsigned long long)info->address);
    } else {
        zf_trace_add(&line, ", si_pid=%d, si_uid=%u", info->pid, info->uid);
    }
    zf_trace_add(&line, "} ---");
    end(task, &line);
}

void zf_trace_end(struct zf_task *task, int status, int signal_number) {
    struct zf_trace_line line;
    char name[16];
    if (!task->process->config.trace_line) {
        return;
    }
    begin(task, &line);
    if (signal_number) {
        zf_trace_add(&line, "+++ killed by %s +++", zf_linux_signal_name(signal_number, name));
    } else {
        zf_trace_add(&line, "+++ exited with %d +++", status);
    }
    end(task, &line);
}
