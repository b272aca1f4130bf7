/*
 * The past of a Linux program. What it has done to the host cannot be undone: from wherever it has
 * gone back to, it does what it did, whose calls its record answers, until it is where it was last.
 * There it goes on as if it had never been elsewhere. In its past nobody can change it.
 */
#include "state.h"

#include <stdio.h>

enum { MOST_AT_ONCE = 1 << 22 }; /* instructions, before somebody may interrupt it */

static bool is_program(const struct zf_control *c) {
    return c->config.program && c->timeline;
}

bool zf_control_enter_past(struct zf_control *c) {
    if (!is_program(c) || c->past) {
        return true;
    }
    c->present = zf_timeline_present(c->timeline, c->config.machine);
    if (!c->present) {
        zf_timeline_forget(c->timeline);
        snprintf(c->lost, sizeof c->lost, "the program cannot go back: out of memory");
        return false;
    }
    if (!zf_linux_repeat(c->config.program)) {
        zf_snapshot_free(c->present);
        c->present = NULL;
        zf_control_check_record(c); /* which tells why */
        return false;
    }
    c->past = true;
    return true;
}

static void restore_present(struct zf_control *c, int64_t last, bool lost) {
    zf_linux_repeat_no_more(c->config.program, lost);
    zf_snapshot_restore(c->config.machine, c->present);
    zf_snapshot_free(c->present);
    zf_debug_watch_anew(c->debug, zf_machine_cpu(c->config.machine, c->cpu));
    c->present = NULL;
    c->executed = last;
    c->past = false;
}

bool zf_control_leave_past(struct zf_control *c) {
    int64_t first, last;
    if (!c->past) {
        return true;
    }
    zf_timeline_range(c->timeline, &first, &last);
    bool stray = c->executed < last && zf_linux_is_stray(c->config.program);
    if (stray || c->executed >= last) {
        restore_present(c, last, stray);
    }
    if (stray) {
        zf_control_check_record(c);
        c->at_begin = true;
    }
    return !stray;
}

int64_t zf_control_most_in_past(const struct zf_control *c) {
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    last = zf_timeline_next_change(c->timeline, c->executed, last);
    int64_t most = last - c->executed;
    return most < MOST_AT_ONCE ? most : MOST_AT_ONCE;
}

void zf_control_pass_change(struct zf_control *c) {
    const struct zf_timeline_mark *mark = zf_timeline_change_at(c->timeline, c->executed);
    if (mark) {
        zf_snapshot_restore(c->config.machine, mark->snapshot);
        zf_debug_watch_anew(c->debug, zf_machine_cpu(c->config.machine, c->cpu));
    }
}

bool zf_control_check_record(struct zf_control *c) {
    if (!is_program(c) || c->past) {
        return c->timeline;
    }
    const char *lost = zf_linux_lost(c->config.program);
    bool whole = zf_linux_record_anew(c->config.program);
    lost = whole ? lost : zf_linux_lost(c->config.program);
    if (lost) {
        zf_timeline_forget(c->timeline);
        snprintf(c->lost, sizeof c->lost, "the program cannot go back further: %s", lost);
    }
    return whole;
}
