/*
 * The guest of an inspector: loaded, loaded anew, its breakpoints, the ones before it.
 */
#include "inspect/inspector.h"

#include <stdio.h>
#include <string.h>

unsigned zf_split_words(char *arguments, char **words, unsigned size) {
    unsigned count = 0;
    char *from = arguments, *to = arguments;
    while (*(from += strspn(from, " \t")) && count < size) {
        char quote = 0;
        words[count++] = to;
        for (; *from && (quote || !strchr(" \t", *from)); from++) {
            if (*from == quote) {
                quote = 0;
            } else if (!quote && (*from == '"' || *from == '\'')) {
                quote = *from;
            } else {
                from += *from == '\\' && quote != '\'' && from[1];
                *to++ = *from;
            }
        }
        from += *from != 0;
        *to++ = 0;
    }
    return count;
}

/* The guest is the newest of those that were loaded. */
static void note_recent(struct zf_inspector *in) {
    struct zf_recent *recent = in->recent;
    unsigned at = 0;
    while (at < in->recent_count && (strcmp(recent[at].guest, in->guest) != 0 ||
                                     strcmp(recent[at].arguments, in->arguments) != 0)) {
        at++;
    }
    if (at == in->recent_count) {
        at = in->recent_count < ZF_INSPECT_RECENT ? in->recent_count++ : ZF_INSPECT_RECENT - 1;
    }
    memmove(recent + 1, recent, at * sizeof *recent);
    memcpy(recent->guest, in->guest, sizeof recent->guest);
    memcpy(recent->arguments, in->arguments, sizeof recent->arguments);
}

static void set_breakpoints(struct zf_inspector *in, const struct zf_shot *before) {
    for (unsigned i = 0; i < before->breakpoint_count; i++) {
        zf_watch_breakpoint(in->watch, before->breakpoints[i]);
    }
    for (unsigned i = 0; i < before->watched_count; i++) {
        zf_watch_storage(in->watch, before->watched[i]);
    }
}

void zf_inspector_load(struct zf_inspector *in) {
    struct zf_watch_guest guest;
    struct zf_watch *before = in->watch;
    in->watch = NULL;
    in->choosing = false;
    if (!in->load || !in->guest[0]) {
        snprintf(in->message, sizeof in->message, "give a file or rom:NAME");
    } else if (in->load(in, &guest, in->message, sizeof in->message)) {
        in->watch = zf_watch_open(&guest, in->guest);
        in->soon = 2;
        in->followed = in->followed_from = UINT64_MAX;
    }
    if (in->watch) {
        note_recent(in);
    }
    if (in->watch && before && !strcmp(zf_watch_shot(before)->guest, in->guest)) {
        set_breakpoints(in, zf_watch_shot(before));
    }
    zf_watch_close(before);
}

void zf_inspector_choose(struct zf_inspector *in, bool choosing) {
    in->choosing = choosing;
    in->guest[0] = in->arguments[0] = 0;
    if (!choosing && in->recent_count) {
        memcpy(in->guest, in->recent->guest, sizeof in->guest);
        memcpy(in->arguments, in->recent->arguments, sizeof in->arguments);
    }
}

void zf_inspector_breakpoint(struct zf_inspector *in, uint64_t address) {
    if (in->watch && !zf_watch_breakpoint(in->watch, address)) {
        snprintf(in->message, sizeof in->message, "no room for a breakpoint at %lx",
                 (unsigned long)address);
    }
    in->soon = 4;
}
