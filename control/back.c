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
        s->hit = (struct zf_hit){at, zf_turn_total(cpu), *hit};
    }
}

/* Where it runs to: a place, or before that where a CPU has executed so many in all. */
struct goal {
    int64_t to;
    struct zf_cpu *cpu; /* or NULL */
    int64_t total;
};

static bool is_there(const struct zf_control *c, const struct goal *goal) {
    return c->executed >= goal->to || (goal->cpu && zf_turn_total(goal->cpu) >= goal->total);
}

/* With the lock. False: it comes to its end before that, or the control is to end. */
static bool run_again(struct zf_control *c, const struct goal *goal) {
    enum zf_stop stop = ZF_STOP_MAX_INSNS;
    while (!is_there(c, goal) && (stop == ZF_STOP_MAX_INSNS || stop == ZF_STOP_REQUESTED) &&
           !c->quit && !c->end) {
        int64_t next = zf_timeline_next_stop(c->timeline, c->executed, goal->to);
        const struct zf_debug_limit limit = {
            .insns = next - c->executed,
            .cpu = goal->cpu,
            .own = goal->cpu ? goal->total - zf_turn_total(goal->cpu) : 0,
            .into_wait = zf_timeline_waits(c->timeline, next),
        };
        pthread_mutex_unlock(&c->lock);
        stop = zf_debug_run_limited(c->debug, &limit);
        pthread_mutex_lock(&c->lock);
        c->executed += zf_debug_executed(c->debug);
    }
    return is_there(c, goal);
}

/* From the snapshot `n` on; with the lock. */
static bool repeat(struct zf_control *c, unsigned n, const struct goal *goal,
                   struct search *search) {
    const struct zf_timeline_mark *mark = zf_timeline_mark(c->timeline, n);
    if (!zf_control_enter_past(c)) {
        return false;
    }
    c->repeating = true;
    c->repeated_at = -1;
    zf_snapshot_restore(c->config.machine, mark->snapshot);
    c->executed = mark->at;
    zf_debug_watch_anew(c->debug, zf_machine_cpu(c->config.machine, c->cpu));
    zf_debug_pass(c->debug, search ? pass : zf_debug_ignore, search);
    bool there = run_again(c, goal);
    zf_debug_pass(c->debug, NULL, NULL);
    zf_debug_watch_anew(c->debug, zf_machine_cpu(c->config.machine, c->cpu));
    c->repeating = false;
    return zf_control_leave_past(c) && there;
}

static bool is_recorded(const struct zf_control *c, int64_t at) {
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    return first <= at && at <= last && first < last;
}

static void go_to(struct zf_control *c, int64_t at) {
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    c->at_begin = at < first || (at == first && c->executed == first);
    at = at < first ? first : at > last ? last : at;
    if (is_recorded(c, at) && at != c->executed) {
        repeat(c, zf_timeline_find(c->timeline, at), &(struct goal){.to = at}, NULL);
    }
}

/* What the last instructions have done may have ended the record, and there is no way back then. */
enum zf_stop zf_control_go_to(struct zf_control *c, int64_t at) {
    zf_control_check_record(c);
    go_to(c, at);
    return ZF_STOP_MAX_INSNS;
}

/* To the last instruction before that place: two before it if one of them is an EXECUTE. */
static void go_before(struct zf_control *c, int64_t at) {
    go_to(c, at - 1);
    if (c->executed == at && is_recorded(c, at)) {
        go_to(c, at - 2);
    }
}

/* The last snapshot before `to` in which that CPU had executed less than `total`, or the first one.
 */
static unsigned find_less(const struct zf_control *c, int64_t to, const struct zf_cpu *cpu,
                          int64_t total) {
    unsigned n = zf_timeline_find(c->timeline, to);
    while (n && zf_snapshot_executed(zf_timeline_mark(c->timeline, n)->snapshot, cpu->address) >=
                    total) {
        n--;
    }
    return n;
}

/* It is where the CPU, whose last instruction is the goal, executes nothing yet: where a program's
 * thread had not begun then, to where it begins. */
static void await_birth(struct zf_control *c, unsigned n, const struct goal *goal) {
    if (c->config.program && goal->cpu->state != ZF_CPU_OPERATING && repeat(c, n, goal, NULL)) {
        go_before(c, c->executed);
    }
}

/* From before `to`, to where the CPU begins the last one of `total` instructions, or the one before
 * if that is an EXECUTE. False: that is not recorded. */
static bool begin_last(struct zf_control *c, int64_t to, struct zf_cpu *cpu, int64_t total) {
    for (int64_t less = total - 1; less >= total - 2 && is_recorded(c, to); less--) {
        unsigned n = find_less(c, to, cpu, less);
        const struct zf_snapshot *s = zf_timeline_mark(c->timeline, n)->snapshot;
        if (zf_snapshot_executed(s, cpu->address) > less) {
            return false;
        }
        repeat(c, n, &(struct goal){to, cpu, less}, NULL);
        if (zf_turn_total(cpu) < total) {
            await_birth(c, n, &(struct goal){to, cpu, total});
            return true;
        }
    }
    return false;
}

static bool is_alone(const struct zf_control *c) {
    return c->config.machine->cpus.count == 1;
}

static struct zf_cpu *selected(const struct zf_control *c) {
    return zf_machine_cpu(c->config.machine, c->cpu);
}

enum zf_stop zf_control_step_to_before(struct zf_control *c) {
    struct zf_cpu *cpu = selected(c);
    int64_t first, last;
    zf_control_check_record(c);
    zf_timeline_range(c->timeline, &first, &last);
    if (is_alone(c) || !is_recorded(c, c->executed)) {
        go_before(c, c->executed - c->refused);
    } else if (c->config.program && !zf_turn_total(cpu)) {
        c->at_begin = true; /* of the thread */
    } else if (!begin_last(c, c->executed, cpu, zf_turn_total(cpu) - c->refused)) {
        go_to(c, first);
        c->at_begin = true;
    }
    return ZF_STOP_MAX_INSNS;
}

bool zf_control_step_again(struct zf_control *c) {
    struct zf_cpu *cpu = selected(c);
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    if (c->executed >= last || c->past) {
        return false;
    }
    if (is_alone(c) || cpu->state != ZF_CPU_OPERATING) {
        go_to(c, c->executed + 1);
        return true;
    }
    const struct goal goal = {last, cpu, zf_turn_total(cpu) + 1};
    repeat(c, zf_timeline_find(c->timeline, c->executed), &goal, NULL);
    return zf_turn_total(cpu) >= goal.total;
}

/* An interruption may come between the place and the breakpoint. */
static void go_to_breakpoint(struct zf_control *c, const struct zf_hit *hit) {
    go_to(c, hit->at);
    if (is_recorded(c, hit->at) &&
        zf_machine_cpu(c->config.machine, hit->what.cpu)->psw.addr != hit->what.address) {
        c->repeating = true;
        pthread_mutex_unlock(&c->lock);
        zf_debug_run(c->debug, 1);
        pthread_mutex_lock(&c->lock);
        c->executed += zf_debug_executed(c->debug);
        c->repeating = false;
    }
}

/* An access was noticed when that CPU went on; a change, by whoever was next. */
static void go_to_hit(struct zf_control *c, struct zf_hit *hit) {
    struct zf_cpu *cpu = zf_machine_cpu(c->config.machine, hit->what.cpu);
    const struct zf_cpu *holder;
    if (!hit->what.kind) {
        go_to_breakpoint(c, hit);
    } else if (is_alone(c)) {
        go_before(c, hit->at);
    } else if (hit->what.kind != ZF_WATCH_CHANGE) {
        begin_last(c, hit->at, cpu, hit->total);
    } else {
        go_before(c, hit->at);
        holder = c->config.machine->cpus.turns.holder;
        hit->what.cpu = holder ? holder->address : hit->what.cpu;
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
        if (!repeat(c, n, &(struct goal){.to = to}, search) || (c->queued && !search->found)) {
            break;
        }
        to = from;
    }
    return search->found && is_recorded(c, to);
}

enum zf_stop zf_control_run_to_before(struct zf_control *c) {
    struct search search = {.control = c, .before = c->executed};
    int64_t first, last;
    zf_timeline_range(c->timeline, &first, &last);
    if (search_back(c, &search)) {
        go_to_hit(c, &search.hit);
        c->hit = is_recorded(c, search.hit.at) ? search.hit : (struct zf_hit){0};
        return ZF_STOP_BREAKPOINT;
    }
    if (c->queued) { /* somebody does not want to wait */
        return ZF_STOP_REQUESTED;
    }
    go_to(c, first);
    c->at_begin = true;
    return ZF_STOP_MAX_INSNS;
}
