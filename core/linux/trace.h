/*
 * The trace of system calls and signals, in strace's layout.
 */
#ifndef ZF_GUEST_LINUX_TRACE_H
#define ZF_GUEST_LINUX_TRACE_H

#include "guest.h"

/* A line while it is written. What does not fit is left out. */
struct zf_trace_line {
    char text[2048];
    size_t used;
    const char *rest; /* of the call's format: arguments that are known when it has returned */
    unsigned next;    /* number of the first of them */
    uint64_t args[6];
    int thread; /* that began it: a fork returns in two */
};

/** A call begins; `format` is NULL for one that is not there. True: it does not come back, and the
 * line is out. */
bool zf_trace_enter(struct zf_task *task, uint64_t number, const char *format, const uint64_t *args,
                    struct zf_trace_line *line);
/** It has returned; the line goes out. */
void zf_trace_leave(struct zf_task *task, int64_t result, struct zf_trace_line *line);
/** A signal is delivered. */
void zf_trace_signal(struct zf_task *task, int number, const struct zf_guest_siginfo *info);
/** The process ends with a status, or (signal > 0) is killed. */
void zf_trace_end(struct zf_task *task, int status, int signal_number);

/* trace_argument.c */

void zf_trace_add(struct zf_trace_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Whether an argument of that letter is what the call gives back. */
bool zf_trace_is_result(char letter);
/**
 * Adds argument `n`; `result` is the call's, where it is known. False: the arguments after this one
 * are not used.
 */
bool zf_trace_argument(struct zf_task *task, struct zf_trace_line *line, char letter, unsigned n,
                       int64_t result);

#endif
