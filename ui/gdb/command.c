/*
 * The packets of GDB's remote protocol, a row each. An empty answer means that a packet is not
 * known here; GDB then does without.
 */
#include "gdb/state.h"

#include <stdio.h>
#include <string.h>

/* Arguments follow what the row names; they end with a zero. */
void zf_gdb_add_thread(struct zf_gdb *g, unsigned cpu) {
    if (g->processes) {
        zf_gdb_add(&g->reply, "p%x.", (unsigned)g->owner);
    }
    zf_gdb_add(&g->reply, "%x", cpu + 1);
}

void zf_gdb_skip_process(const char **at) {
    const char *dot = **at == 'p' ? strchr(*at, '.') : NULL;
    *at = dot ? dot + 1 : **at == 'p' ? *at + strlen(*at) : *at;
}

typedef void command(struct zf_gdb *g, const char *arguments, size_t length);

void zf_gdb_fail(struct zf_gdb *g, unsigned number) {
    g->reply.length = 0;
    zf_gdb_add(&g->reply, "E%02x", number);
}

void zf_gdb_ok(struct zf_gdb *g) {
    zf_gdb_add(&g->reply, "OK");
}

enum { NOT_THERE = 0x0e, INVALID = 0x16 };

static void offer(struct zf_gdb *g, const char *arguments, size_t length) {
    zf_gdb_add(&g->reply,
               "PacketSize=%x;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+;"
               "ReverseStep+;ReverseContinue+;qXfer:features:read+",
               ZF_GDB_PACKET_SIZE);
    if (g->config.program) {
        zf_gdb_add(&g->reply, ";qXfer:auxv:read+;qXfer:exec-file:read+;QPassSignals+");
        g->processes = strstr(arguments, "multiprocess+");
        zf_gdb_add(&g->reply, "%s", g->processes ? ";multiprocess+" : "");
    }
}

static void stop_acks(struct zf_gdb *g, const char *arguments, size_t length) {
    g->acks = false;
    zf_gdb_ok(g);
}

static void read_storage(struct zf_gdb *g, const char *at, size_t length) {
    uint8_t bytes[ZF_GDB_MEMORY];
    uint64_t address, size;
    if (!zf_gdb_take_hex(&at, &address) || !zf_gdb_take_hex_after(&at, ',', &size)) {
        zf_gdb_fail(g, INVALID);
        return;
    }
    size = size < sizeof bytes ? size : sizeof bytes;
    if (size && !zf_control_read(g->config.control, address, bytes, size)) {
        zf_gdb_fail(g, NOT_THERE);
        return;
    }
    zf_gdb_add_hex(&g->reply, bytes, size);
}

static bool take_place(const char **at, uint64_t *address, uint64_t *size) {
    return zf_gdb_take_hex(at, address) && zf_gdb_take_hex_after(at, ',', size) && **at == ':';
}

bool zf_gdb_can_change(struct zf_gdb *g) {
    if (!zf_control_in_past(g->config.control)) {
        return true;
    }
    zf_gdb_add(&g->reply, "E.the program is in its past and cannot be changed; continue to where "
                          "it was");
    return false;
}

static void write_bytes(struct zf_gdb *g, uint64_t address, const void *bytes, size_t size) {
    if (size && !zf_gdb_can_change(g)) {
        return;
    }
    if (size && !zf_control_write(g->config.control, address, bytes, size)) {
        zf_gdb_fail(g, NOT_THERE);
    } else {
        zf_gdb_ok(g);
    }
}

static void write_storage(struct zf_gdb *g, const char *at, size_t length) {
    uint8_t bytes[ZF_GDB_MEMORY];
    uint64_t address, size;
    if (!take_place(&at, &address, &size) || size > sizeof bytes ||
        (at++, !zf_gdb_take_bytes(&at, bytes, size)) || *at) {
        zf_gdb_fail(g, INVALID);
        return;
    }
    write_bytes(g, address, bytes, size);
}

static void write_binary(struct zf_gdb *g, const char *arguments, size_t length) {
    const char *at = arguments;
    uint64_t address, size;
    if (!take_place(&at, &address, &size) || size != length - (size_t)(at + 1 - arguments)) {
        zf_gdb_fail(g, INVALID);
        return;
    }
    write_bytes(g, address, at + 1, size);
}

/* "Hg2", "Hgp123.2"; -1 and 0 are all and any. */
static void choose_thread(struct zf_gdb *g, const char *arguments, size_t length) {
    const char *at = arguments + (length ? 1 : 0);
    uint64_t thread;
    zf_gdb_skip_process(&at);
    bool any = !strcmp(at, "-1") || !strcmp(at, "0") || !*at;
    if (!any && (!zf_gdb_take_hex(&at, &thread) || !zf_gdb_select(g, thread))) {
        zf_gdb_fail(g, INVALID);
        return;
    }
    zf_gdb_ok(g);
}

struct cpu_state {
    struct zf_gdb *gdb;
    unsigned cpu;
    enum zf_cpu_state state;
    bool there, waits;
};

static void look_at_cpu(void *context, struct zf_machine *machine) {
    struct cpu_state *s = context;
    const struct zf_cpu *cpu = zf_machine_cpu(machine, s->cpu);
    s->there = zf_gdb_is_thread(s->gdb, cpu);
    if (cpu) {
        s->state = cpu->state;
        s->waits = cpu->psw.mask & ZF_PSW_WAIT;
    }
}

static void check_thread(struct zf_gdb *g, const char *at, size_t length) {
    struct cpu_state s = {.gdb = g};
    uint64_t thread;
    zf_gdb_skip_process(&at);
    if (zf_gdb_take_hex(&at, &thread) && thread && thread <= ZF_THREADS) {
        s.cpu = (unsigned)thread - 1;
        zf_control_call(g->config.control, look_at_cpu, &s);
    }
    if (s.there && !g->exited) {
        zf_gdb_ok(g);
    } else {
        zf_gdb_fail(g, INVALID);
    }
}

static void current_thread(struct zf_gdb *g, const char *arguments, size_t length) {
    zf_gdb_add(&g->reply, "QC");
    zf_gdb_add_thread(g, g->cpu);
}

static void list_threads(void *context, struct zf_machine *machine) {
    struct zf_gdb *g = context;
    const struct zf_cpu *cpu;
    for (unsigned i = 0; (cpu = zf_machine_cpu(machine, i)); i++) {
        if (zf_gdb_is_thread(g, cpu)) {
            zf_gdb_add(&g->reply, "%c", g->reply.length ? ',' : 'm');
            zf_gdb_add_thread(g, i);
        }
    }
}

static void more_threads(struct zf_gdb *g, const char *arguments, size_t length) {
    zf_gdb_add(&g->reply, "l");
}

static void first_threads(struct zf_gdb *g, const char *arguments, size_t length) {
    if (g->exited) {
        more_threads(g, arguments, length);
    } else {
        zf_control_call(g->config.control, list_threads, g);
    }
}

static void describe_thread(struct zf_gdb *g, const char *at, size_t length) {
    static const char *const states[] = {
        [ZF_CPU_STOPPED] = "stopped",
        [ZF_CPU_OPERATING] = "operating",
        [ZF_CPU_CHECK_STOP] = "check-stop",
        [ZF_CPU_LOAD] = "load",
    };
    struct cpu_state s = {.gdb = g};
    uint64_t thread;
    char text[64];
    zf_gdb_skip_process(&at);
    if (!zf_gdb_take_hex(&at, &thread) || !thread || thread > ZF_THREADS) {
        zf_gdb_fail(g, INVALID);
        return;
    }
    s.cpu = (unsigned)thread - 1;
    zf_control_call(g->config.control, look_at_cpu, &s);
    int n = snprintf(text, sizeof text, "CPU %u, %s", s.cpu,
                     s.waits && s.state == ZF_CPU_OPERATING ? "waiting" : states[s.state]);
    zf_gdb_add_hex(&g->reply, text, (size_t)n);
}

/* As who stays when its debugger goes. */
static void tell_attached(struct zf_gdb *g, const char *arguments, size_t length) {
    zf_gdb_add(&g->reply, g->config.program ? "0" : "1");
}

static void tell_actions(struct zf_gdb *g, const char *arguments, size_t length) {
    zf_gdb_add(&g->reply, "vCont;c;C;s;S");
}

static void detach(struct zf_gdb *g, const char *arguments, size_t length) {
    g->leaves = true;
    zf_gdb_ok(g);
}

/* Whose client may "run" again, stands at its beginning until that or the client goes. */
static void end_guest(struct zf_gdb *g, const char *arguments, size_t length) {
    struct zf_error err;
    if (g->extended && zf_control_reset(g->config.control, &err) == ZF_OK) {
        g->killed = true;
        zf_gdb_ok(g);
        return;
    }
    g->leaves = true;
    zf_control_end(g->config.control);
    zf_gdb_ok(g);
}

/* "target extended-remote": the client may ask for the guest from its beginning. */
static void extend(struct zf_gdb *g, const char *arguments, size_t length) {
    g->extended = true;
    zf_control_hold(g->config.control, ZF_CONTROL_HOLD_RESET);
    zf_gdb_ok(g);
}

/* "run": which file it is, with which arguments, was said when zfacet was started. */
static void run_anew(struct zf_gdb *g, const char *arguments, size_t length) {
    struct zf_error err;
    if (zf_control_reset(g->config.control, &err) == ZF_OK) {
        g->killed = g->exited = false;
        zf_gdb_last_halt(g, arguments, length);
    } else {
        zf_gdb_add(&g->reply, "E.%s", err.message);
    }
}

/* "attach N": the one process that there is, under the number that "info inferiors" has, or 1. */
static void attach(struct zf_gdb *g, const char *at, size_t length) {
    uint64_t number;
    if (zf_gdb_take_hex(&at, &number) && (number == 1 || number == (uint64_t)g->owner)) {
        zf_gdb_last_halt(g, at, 0);
    } else {
        zf_gdb_add(&g->reply, "E.there is no such process; the guest is process 1");
    }
}

static void accept_symbols(struct zf_gdb *g, const char *arguments, size_t length) {
    zf_gdb_ok(g);
}

/* "monitor reset": loads a bare-metal guest anew. */
static void monitor(struct zf_gdb *g, const char *at, size_t length) {
    static const char help[] = "commands: reset (load the guest anew)\n";
    char text[16] = "";
    struct zf_error err;
    size_t size = length / 2 < sizeof text - 1 ? length / 2 : sizeof text - 1;
    if (!zf_gdb_take_bytes(&at, text, size) || strcmp(text, "reset") != 0) {
        zf_gdb_add_hex(&g->reply, help, sizeof help - 1);
    } else if (zf_control_reset(g->config.control, &err) != ZF_OK) {
        zf_gdb_add_hex(&g->reply, err.message, strlen(err.message));
        zf_gdb_add_hex(&g->reply, "\n", 1);
    } else {
        zf_gdb_ok(g);
    }
}

/* The first row that a packet begins with. */
static const struct {
    const char *name;
    command *function;
} rows[] = {
    {"qSupported", offer},
    {"QStartNoAckMode", stop_acks},
    {"QPassSignals:", zf_gdb_pass_signals},
    {"qXfer:", zf_gdb_transfer},
    {"qAttached", tell_attached},
    {"qfThreadInfo", first_threads},
    {"qsThreadInfo", more_threads},
    {"qThreadExtraInfo,", describe_thread},
    {"qSymbol", accept_symbols},
    {"qRcmd,", monitor},
    {"qC", current_thread},
    {"vCont?", tell_actions},
    {"vCont", zf_gdb_resume},
    {"vFile:", zf_gdb_file},
    {"vKill", end_guest},
    {"vRun;", run_anew},
    {"vAttach;", attach},
    {"!", extend},
    {"?", zf_gdb_last_halt},
    {"c", zf_gdb_continue},
    {"C", zf_gdb_continue},
    {"s", zf_gdb_step},
    {"S", zf_gdb_step},
    {"g", zf_gdb_get_all},
    {"G", zf_gdb_set_all},
    {"bs", zf_gdb_step_back},
    {"bc", zf_gdb_continue_back},
    {"p", zf_gdb_get_one},
    {"P", zf_gdb_set_one},
    {"m", read_storage},
    {"M", write_storage},
    {"X", write_binary},
    {"Z", zf_gdb_set_breakpoint},
    {"z", zf_gdb_clear_breakpoint},
    {"H", choose_thread},
    {"T", check_thread},
    {"D", detach},
    {"k", end_guest},
};

void zf_gdb_command(struct zf_gdb *g, const char *text, size_t length) {
    g->reply.length = 0;
    g->reply.full = false;
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        size_t n = strlen(rows[i].name);
        if (n <= length && !strncmp(text, rows[i].name, n)) {
            rows[i].function(g, text + n, length - n);
            break;
        }
    }
    if (g->reply.full) {
        zf_gdb_fail(g, INVALID);
    }
}
