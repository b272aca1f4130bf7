/*
 * What makes the machine run, and what is told when it stands still.
 *
 * A program that exits, and a guest that is done, are told as such. Any other end is told as a halt
 * with a signal first, so that registers and storage can be looked at; going on then tells the end.
 */
#include "gdb/state.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { GDB_SIGNAL_INT = 2, GDB_SIGNAL_ILL = 4, GDB_SIGNAL_TRAP = 5 };
enum { SETTLE_MS = 2000 };

static bool ended_well(const struct zf_gdb *g, const struct zf_halt *halt) {
    return halt->why == ZF_STOP_EXIT || halt->why == ZF_STOP_REQUESTED ||
           (halt->why != ZF_STOP_SIGNAL && !g->config.status(g->config.context, halt));
}

/* One that can go back ends when it is to go on. */
static bool is_over(const struct zf_halt *halt) {
    return halt->state == ZF_CONTROL_ENDED || halt->over;
}

static void tell_end(struct zf_gdb *g, const struct zf_halt *halt) {
    g->exited = true;
    if (halt->why == ZF_STOP_SIGNAL || halt->why == ZF_STOP_REQUESTED) {
        zf_gdb_add(&g->reply, "X%02x",
                   halt->why == ZF_STOP_SIGNAL ? zf_gdb_signal(halt->exit_status) : SIGTERM);
    } else {
        zf_gdb_add(&g->reply, "W%02x", (unsigned)g->config.status(g->config.context, halt) & 0xff);
    }
    if (g->processes) {
        zf_gdb_add(&g->reply, ";process:%x", (unsigned)g->owner);
    }
}

static unsigned signal_of(const struct zf_halt *halt) {
    switch (halt->why) {
    case ZF_STOP_REQUESTED:
        return GDB_SIGNAL_INT;
    case ZF_STOP_SIGNAL:
        return zf_gdb_signal(halt->exit_status);
    case ZF_STOP_BLOCKED:
    case ZF_STOP_UNIMPLEMENTED:
        return GDB_SIGNAL_ILL;
    case ZF_STOP_BREAKPOINT:
        return halt->signal ? zf_gdb_signal(halt->signal) : GDB_SIGNAL_TRAP;
    case ZF_STOP_NONE:
    case ZF_STOP_MAX_INSNS:
        return GDB_SIGNAL_TRAP;
    default:
        return ZF_GDB_SIGNAL_ABRT;
    }
}

struct arrival {
    struct zf_gdb *gdb;
    bool at_breakpoint, found, hardware;
};

bool zf_gdb_is_thread(const struct zf_gdb *g, const struct zf_cpu *cpu) {
    return cpu && (!g->config.program || cpu->state == ZF_CPU_OPERATING);
}

static bool stands_at_breakpoint(struct arrival *a, const struct zf_cpu *cpu) {
    const struct zf_gdb *g = a->gdb;
    bool executes = cpu->state == ZF_CPU_OPERATING && !(cpu->psw.mask & ZF_PSW_WAIT);
    for (unsigned b = 0; b < g->breakpoint_count && executes; b++) {
        if (cpu->psw.addr == g->breakpoints[b].address) {
            a->hardware = g->breakpoints[b].hardware;
            return true;
        }
    }
    return false;
}

/* Which CPU it was: the one whose turn it is, if it stands at a breakpoint; else one that does.
 * Without any, the first that is still there. */
static void find_cpu(void *context, struct zf_machine *machine) {
    struct arrival *a = context;
    struct zf_gdb *g = a->gdb;
    const struct zf_cpu *own = zf_machine_cpu(machine, g->cpu), *cpu, *any = NULL;
    bool there = zf_gdb_is_thread(g, own);
    a->found = a->at_breakpoint && there && stands_at_breakpoint(a, own);
    for (unsigned i = 0; (cpu = zf_machine_cpu(machine, i)) && !a->found; i++) {
        any = !any && zf_gdb_is_thread(g, cpu) ? cpu : any;
        a->found = a->at_breakpoint && stands_at_breakpoint(a, cpu);
        g->cpu = a->found ? i : g->cpu;
    }
    if (!a->found && !there && any) {
        g->cpu = any->address;
    }
}

static const char *const watch_names[] = {
    [ZF_WATCH_CHANGE] = "watch",
    [ZF_WATCH_READ] = "rwatch",
    [ZF_WATCH_ACCESS] = "awatch",
};

static void say(struct zf_gdb *g, const char *text) {
    char line[600];
    snprintf(line, sizeof line, "zfacet: %s\n", text);
    zf_gdb_say(g, line);
}

static void tell_halt(struct zf_gdb *g, unsigned number, const struct zf_halt *halt) {
    struct arrival arrival = {.gdb = g,
                              .at_breakpoint = halt->why == ZF_STOP_BREAKPOINT &&
                                               !halt->watched.kind && !halt->signal};
    bool is_one = halt->why == ZF_STOP_BREAKPOINT || halt->why == ZF_STOP_SIGNAL;
    g->cpu = is_one ? halt->cpu : g->cpu;
    zf_control_call(g->config.control, find_cpu, &arrival);
    zf_control_select(g->config.control, g->cpu);
    g->told = g->cpu;
    if ((halt->at_begin || (halt->over && zf_control_in_past(g->config.control))) &&
        halt->text[0]) {
        say(g, halt->text);
    }
    zf_gdb_add(&g->reply, "T%02xthread:", number);
    zf_gdb_add_thread(g, g->cpu);
    zf_gdb_add(&g->reply, ";");
    if (halt->at_begin) {
        zf_gdb_add(&g->reply, "replaylog:begin;");
    } else if (halt->watched.kind) {
        zf_gdb_add(&g->reply, "%s:%llx;", watch_names[halt->watched.kind],
                   (unsigned long long)halt->watched.address);
    } else if (arrival.found) {
        zf_gdb_add(&g->reply, arrival.hardware ? "hwbreak:;" : "swbreak:;");
    }
}

bool zf_gdb_take_halt(struct zf_gdb *g) {
    struct zf_halt halt;
    zf_control_wait(g->config.control, SETTLE_MS, &halt);
    if (halt.state == ZF_CONTROL_RUNNING || !g->running) {
        return false;
    }
    g->running = false;
    if ((halt.state == ZF_CONTROL_ENDED && g->shown) || (is_over(&halt) && ended_well(g, &halt))) {
        tell_end(g, &halt);
        return true;
    }
    g->shown = is_over(&halt);
    tell_halt(g, signal_of(&halt), &halt);
    return true;
}

void zf_gdb_last_halt(struct zf_gdb *g, const char *arguments, size_t length) {
    struct zf_halt halt;
    zf_control_halt(g->config.control, &halt);
    if (is_over(&halt) && ended_well(g, &halt)) {
        tell_end(g, &halt);
        return;
    }
    g->shown = is_over(&halt);
    tell_halt(g, halt.why == ZF_STOP_REQUESTED ? GDB_SIGNAL_TRAP : signal_of(&halt), &halt);
}

/* The client waits for a halt from now on; a machine that has ended tells that at once: false. */
static bool can_move(struct zf_gdb *g) {
    struct zf_halt halt;
    zf_control_halt(g->config.control, &halt);
    g->running = true;
    if (halt.state == ZF_CONTROL_ENDED) {
        g->shown = true;
        zf_gdb_take_halt(g);
        return false;
    }
    return true;
}

enum action { GO_ON, STEP, STEP_ALONE };

static void go_on(struct zf_gdb *g, enum action action) {
    if (!can_move(g)) {
        return;
    }
    if (action == GO_ON) {
        g->cpu = g->told;
        zf_control_run(g->config.control);
        return;
    }
    zf_control_select(g->config.control, g->cpu);
    if (action == STEP) {
        zf_control_step(g->config.control, 1);
    } else {
        zf_control_step_alone(g->config.control);
    }
}

struct place {
    const struct zf_gdb *gdb;
    uint64_t address;
    bool changed;
};

static void set_address(void *context, struct zf_machine *machine) {
    struct place *p = context;
    struct zf_cpu *cpu = zf_machine_cpu(machine, p->gdb->cpu);
    p->changed = cpu->psw.addr != p->address;
    cpu->psw.addr = p->address;
}

/* False: it cannot be elsewhere now, which has been answered. */
static bool move_to(struct zf_gdb *g, const char *at) {
    struct place place = {.gdb = g};
    if (!zf_gdb_take_hex(&at, &place.address)) {
        return true;
    }
    if (!zf_gdb_can_change(g)) {
        return false;
    }
    zf_control_call(g->config.control, set_address, &place);
    if (place.changed) {
        zf_control_guest_changed(g->config.control);
    }
    return true;
}

/* "c", "s": where to go on may follow. "C", "S": a signal. */
static void resume_at(struct zf_gdb *g, bool step) {
    bool may_move = g->input.text[0] == 'c' || g->input.text[0] == 's';
    if (may_move && !move_to(g, g->input.text + 1)) {
        return;
    }
    zf_gdb_answer_signal(g, g->input.text);
    go_on(g, step ? STEP : GO_ON);
}

void zf_gdb_continue(struct zf_gdb *g, const char *arguments, size_t length) {
    resume_at(g, false);
}

void zf_gdb_step(struct zf_gdb *g, const char *arguments, size_t length) {
    resume_at(g, true);
}

/* It stands where it stood, and GDB prints why. */
static void refuse_to_go_back(struct zf_gdb *g) {
    struct zf_halt halt;
    zf_control_halt(g->config.control, &halt);
    halt.at_begin = true;
    snprintf(halt.text, sizeof halt.text, "%s", g->config.no_way_back);
    tell_halt(g, GDB_SIGNAL_TRAP, &halt);
}

static void go_back(struct zf_gdb *g, void (*back)(struct zf_control *c)) {
    int64_t first, last;
    if (!zf_control_recorded(g->config.control, &first, &last)) {
        refuse_to_go_back(g);
    } else if (can_move(g)) {
        g->cpu = back == zf_control_step_back ? g->cpu : g->told;
        zf_control_select(g->config.control, g->cpu);
        back(g->config.control);
    }
}

void zf_gdb_step_back(struct zf_gdb *g, const char *arguments, size_t length) {
    go_back(g, zf_control_step_back);
}

void zf_gdb_continue_back(struct zf_gdb *g, const char *arguments, size_t length) {
    go_back(g, zf_control_run_back);
}

/* One action of vCont: "s:2". True when it is a step; `*cpu` becomes its CPU if it names one. */
static bool take_action(const char *action, unsigned *cpu) {
    const char *thread = strchr(action, ':');
    uint64_t number = 0;
    thread = thread ? thread + 1 : "";
    zf_gdb_skip_process(&thread);
    if (zf_gdb_take_hex(&thread, &number) && number && number <= ZF_THREADS) {
        *cpu = (unsigned)number - 1;
    }
    return action[0] == 's' || action[0] == 'S';
}

static void take_turns(void *context, struct zf_machine *machine) {
    *(bool *)context = machine->config.deterministic;
}

/* What becomes of the signal that was told of last. One for another thread than that which executes
 * alone waits; where threads take turns, the other one executes, too. */
static void answer_signal(struct zf_gdb *g, const char *answer, bool alone) {
    const unsigned stepped = g->cpu;
    unsigned cpu = stepped;
    bool turns = false;
    zf_control_call(g->config.control, take_turns, &turns);
    if (answer) {
        take_action(answer, &cpu);
        zf_gdb_select(g, cpu + 1); /* false: it is gone */
        zf_gdb_answer_signal(g, answer);
        g->cpu = stepped;
    } else if (!alone || turns || stepped == g->told) {
        zf_gdb_answer_signal(g, "");
    }
}

/* What is said of one thread is done by it; the others stand still if nothing is said of them, as
 * while one leaves a breakpoint that has been taken away. */
void zf_gdb_resume(struct zf_gdb *g, const char *arguments, size_t length) {
    char copy[256], *rest = NULL;
    const char *answer = NULL;
    bool step = false, others = false;
    if (length >= sizeof copy || *arguments != ';' || !strchr("sScC", arguments[1])) {
        zf_gdb_fail(g, 0x16);
        return;
    }
    memcpy(copy, arguments, length + 1);
    for (char *a = strtok_r(copy, ";", &rest); a; a = strtok_r(NULL, ";", &rest)) {
        unsigned cpu = g->cpu;
        bool steps = take_action(a, &cpu);
        answer = !answer && (*a == 'C' || *a == 'S') ? a : answer;
        others |= !steps;
        if (steps && !step && !zf_gdb_select(g, cpu + 1)) {
            zf_gdb_fail(g, 0x16);
            return;
        }
        step |= steps;
    }
    answer_signal(g, answer, step && !others);
    go_on(g, !step ? GO_ON : others ? STEP : STEP_ALONE);
}

bool zf_gdb_select(struct zf_gdb *g, uint64_t thread) {
    if (!thread || thread > ZF_THREADS ||
        !zf_control_select(g->config.control, (unsigned)thread - 1)) {
        return false;
    }
    g->cpu = (unsigned)thread - 1;
    return true;
}

/* "0,ADDRESS,KIND": a breakpoint, whoever would put it there. */
static bool take_breakpoint(const char *arguments, uint64_t *address) {
    const char *at = arguments + 1;
    return (*arguments == '0' || *arguments == '1') && zf_gdb_take_hex_after(&at, ',', address);
}

static unsigned index_of(const struct zf_gdb *g, uint64_t address) {
    unsigned i = 0;
    while (i < g->breakpoint_count && g->breakpoints[i].address != address) {
        i++;
    }
    return i;
}

/* "2,ADDRESS,LENGTH": stops when that changes; 3, when it is read; 4, when it is accessed. */
static bool take_watchpoint(const char *arguments, struct zf_gdb_watchpoint *w) {
    static const char kinds[] = "1234"; /* in the order of enum zf_watch_kind */
    const char *at = arguments + 1;
    const char *kind = *arguments ? strchr(kinds, *arguments) : NULL;
    w->kind = kind ? (enum zf_watch_kind)(kind - kinds) : ZF_WATCH_NONE;
    return w->kind != ZF_WATCH_NONE && zf_gdb_take_hex_after(&at, ',', &w->address) &&
           zf_gdb_take_hex_after(&at, ',', &w->size);
}

static unsigned index_of_watch(const struct zf_gdb *g, const struct zf_gdb_watchpoint *w) {
    unsigned i = 0;
    while (i < g->watchpoint_count &&
           (g->watchpoints[i].address != w->address || g->watchpoints[i].size != w->size ||
            g->watchpoints[i].kind != w->kind)) {
        i++;
    }
    return i;
}

static void set_watchpoint(struct zf_gdb *g, const struct zf_gdb_watchpoint *w) {
    unsigned i = index_of_watch(g, w);
    if (i == g->watchpoint_count) {
        if (i == ZF_WATCHPOINTS ||
            !zf_control_set_watchpoint(g->config.control, w->address, w->size, w->kind)) {
            zf_gdb_fail(g, 0x1c);
            return;
        }
        g->watchpoints[g->watchpoint_count++] = *w;
    }
    zf_gdb_ok(g);
}

static void clear_watchpoint(struct zf_gdb *g, unsigned i) {
    if (i < g->watchpoint_count) {
        const struct zf_gdb_watchpoint *w = &g->watchpoints[i];
        zf_control_clear_watchpoint(g->config.control, w->address, w->size, w->kind);
        g->watchpoints[i] = g->watchpoints[--g->watchpoint_count];
    }
}

void zf_gdb_set_breakpoint(struct zf_gdb *g, const char *arguments, size_t length) {
    struct zf_gdb_watchpoint watchpoint;
    uint64_t address;
    if (take_watchpoint(arguments, &watchpoint)) {
        set_watchpoint(g, &watchpoint);
        return;
    }
    if (!take_breakpoint(arguments, &address)) {
        return; /* an empty answer: not known here */
    }
    unsigned i = index_of(g, address);
    if (address & 1 || i == ZF_BREAKPOINTS ||
        !zf_control_set_breakpoint(g->config.control, address)) {
        zf_gdb_fail(g, address & 1 ? 0x16 : 0x1c);
        return;
    }
    g->breakpoints[i].address = address;
    g->breakpoints[i].hardware = *arguments == '1';
    g->breakpoint_count += i == g->breakpoint_count;
    zf_gdb_ok(g);
}

void zf_gdb_clear_breakpoint(struct zf_gdb *g, const char *arguments, size_t length) {
    struct zf_gdb_watchpoint watchpoint;
    uint64_t address;
    if (take_watchpoint(arguments, &watchpoint)) {
        clear_watchpoint(g, index_of_watch(g, &watchpoint));
        zf_gdb_ok(g);
        return;
    }
    if (!take_breakpoint(arguments, &address)) {
        return;
    }
    unsigned i = index_of(g, address);
    if (i < g->breakpoint_count) {
        zf_control_clear_breakpoint(g->config.control, address);
        g->breakpoints[i] = g->breakpoints[--g->breakpoint_count];
    }
    zf_gdb_ok(g);
}

void zf_gdb_arrive(struct zf_gdb *g) {
    zf_control_hold(g->config.control, ZF_CONTROL_HOLD_BACK);
    zf_control_pause(g->config.control);
    zf_control_wait(g->config.control, SETTLE_MS, NULL);
    g->running = g->shown = g->leaves = g->processes = g->extended = g->killed = g->exited = false;
    g->acks = true;
    g->told = 0;
    zf_gdb_select(g, 1);
}

void zf_gdb_leave(struct zf_gdb *g) {
    while (g->breakpoint_count) {
        zf_control_clear_breakpoint(g->config.control,
                                    g->breakpoints[--g->breakpoint_count].address);
    }
    while (g->watchpoint_count) {
        clear_watchpoint(g, g->watchpoint_count - 1);
    }
    zf_gdb_close_files(g);
    if (g->config.program) {
        zf_control_hold_signals(g->config.control, 0);
    }
    zf_control_hold(g->config.control, ZF_CONTROL_HOLD_NEVER);
    if (g->killed) {
        zf_control_end(g->config.control);
    } else if (!g->running) {
        zf_control_run(g->config.control);
    }
}
