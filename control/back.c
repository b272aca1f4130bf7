/*
 * Going back in the record of a repeatable guest: from the snapshot before, it runs again up to
 * where it shall be. What it meets and writes on the way was told before. Breakpoints do not stop
 * it meanwhile, so that it goes the way it went: whoever looks for one is told of all, and the last
 * one counts.
 */
#include "state.h"

/* What is looked for on the way: the last hit before `before`. */
struct search {
    struct zf_control *control;
    int64_t before;
    bool found;
    struct zf_hit hit;
};

static void pass(void *context, struct zf_cpu *cpu, const struct zf_watch_hit *hit) {
    struct search *s = context;
    int64_t at = s->control->executed + (int64_t)zf_machine_insns(cpu->machine);
    /* what is watched was accessed by the instruction that has just been executed */
    if (at < s->before || (hit->kind && at == s->before)) {
        s->found = true;
        s->hit = (struct zf_hit){at, *hit};
    }
}

/* With the lock. False: it comes to its end before that, or the control is to end. */
static bool run_again(struct zf_control *c, int64_t to) {
    enum zf_stop stop = ZF_STOP_MAX_INSNS;
    while (c->executed < to && (stop == ZF_STOP_MAX_INSNS || stop == ZF_STOP_REQUESTED) &&
           !c->quit && !c->end) {
        int64_t next = zf_timeline_next_stop(c->timeline, c->executed, to);
        int64_t insns = next - c->executed;
        bool waits = zf_timeline_waits(c->timeline, next);
        pthread_mutex_unlock(&c->lock);
        stop = waits ? zf_debug_run_into_wait(c->debug, insns) : zf_debug_run(c->debug, insns);
        pthread_mutex_lock(&c->lock);
        c->executed += zf_debug_executed(c->debug);
    }
    return c->executed >= to;
}

/* From the snapshot `n` to `to`; with the lock. */
static bool repeat(struct zf_control *c, unsigned n, int64_t to, struct search *search) {
    const struct zf_timeline_mark *mark = zf_timeline_mark(c->timeline, n);
    c->repeating = true;
    c->repeated_at = -1;
    zf_snapshot_restore(c->config.machine, mark->snapshot);
    c->executed = mark->at;
    zf_debug_watch_anew(c->debug, zf_machine_cpu(c->config.machine, c->cpu));
    zf_debug_pass(c->debug, search ? pass : zf_debug_ignore, search);
    bool there = run_again(c, to);
    zf_debug_pass(c->debug, NULL, NULL);
    zf_debug_watch_anew(c->debug, zf_machine_cpu(c->config.machine, c->cpu));
    c->repeating = false;
    return there;
}

static bool is_recorded(const struct zf_control *c, int64_t at) {
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    return first <= at && at <= last && first < last;
}

enum zf_stop zf_control_go_to(struct zf_control *c, int64_t at) {
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    c->at_begin = at < first || (at == first && c->executed == first);
    at = at < first ? first : at > last ? last : at;
    if (is_recorded(c, at) && at != c->executed) {
        repeat(c, zf_timeline_find(c->timeline, at), at, NULL);
    }
    return ZF_STOP_MAX_INSNS;
}

/* To the last instruction before that place: two before it if one of them is an EXECUTE. */
static void go_before(struct zf_control *c, int64_t at) {
    zf_control_go_to(c, at - 1);
    if (c->executed == at) {
        zf_control_go_to(c, at - 2);
    }
}

enum zf_stop zf_control_step_to_before(struct zf_control *c) {
    go_before(c, c->executed - c->refused);
    return ZF_STOP_MAX_INSNS;
}

/* An interruption may come between the place and the breakpoint. */
static void go_to_breakpoint(struct zf_control *c, const struct zf_hit *hit) {
    zf_control_go_to(c, hit->at);
    if (zf_machine_cpu(c->config.machine, hit->what.cpu)->psw.addr != hit->what.address) {
        c->repeating = true;
        pthread_mutex_unlock(&c->lock);
        zf_debug_run(c->debug, 1);
        pthread_mutex_lock(&c->lock);
        c->executed += zf_debug_executed(c->debug);
        c->repeating = false;
    }
}

/* Snapshot by snapshot, from the last one before. */
static bool search_back(struct zf_control *c, struct search *search) {
    int64_t to = c->executed;
    if (!is_recorded(c, to)) {
        return false;
    }
    for (unsigned n = zf_timeline_find(c->timeline, to - 1) + 1; n-- > 0 && !search->found;) {
        int64_t from = zf_timeline_mark(c->timeline, n)->at;
        if (!repeat(c, n, to, search) || (c->queued && !search->found)) {
            break;
        }
        to = from;
    }
    return search->found;
}

enum zf_stop zf_control_run_to_before(struct zf_control *c) {
    struct search search = {.control = c, .before = c->executed};
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    if (search_back(c, &search)) {
        if (search.hit.what.kind) {
            go_before(c, search.hit.at);
        } else {
            go_to_breakpoint(c, &search.hit);
        }
        c->hit = search.hit;
        return ZF_STOP_BREAKPOINT;
    }
    if (c->queued) { /* somebody does not want to wait */
        return ZF_STOP_REQUESTED;
    }
    zf_control_go_to(c, first);
    c->at_begin = true;
    return ZF_STOP_MAX_INSNS;
}
