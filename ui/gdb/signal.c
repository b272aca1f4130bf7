/*
 * Signals of Linux programs: their numbers, which of them GDB wants to see, and what becomes of one
 * that it has seen.
 */
#include "gdb/state.h"

#include <signal.h>

enum { SIGNALS = 64 };

/* GDB has numbers of its own; from SIGHUP to SIGTERM most are Linux's. */
unsigned zf_gdb_signal(int number) {
    static const struct {
        int host;
        unsigned gdb;
    } others[] = {
        {SIGBUS, 10},  {SIGUSR1, 30}, {SIGUSR2, 31},   {SIGCHLD, 20}, {SIGCONT, 19}, {SIGSTOP, 17},
        {SIGTSTP, 18}, {SIGTTIN, 21}, {SIGTTOU, 22},   {SIGURG, 16},  {SIGXCPU, 24}, {SIGXFSZ, 25},
        {SIGPROF, 27}, {SIGIO, 23},   {SIGVTALRM, 26}, {SIGPWR, 32},  {SIGSYS, 12},  {SIGWINCH, 28},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(others); i++) {
        if (others[i].host == number) {
            return others[i].gdb;
        }
    }
    enum { REALTIME_32 = 77, REALTIME_33 = 45, REALTIME_64 = 78, FIRST = 32, LAST = 64 };
    if (number >= FIRST && number <= LAST) {
        return number == FIRST  ? REALTIME_32
               : number == LAST ? REALTIME_64
                                : (unsigned)(REALTIME_33 + number - FIRST - 1);
    }
    return number >= SIGHUP && number <= SIGTERM ? (unsigned)number : ZF_GDB_SIGNAL_ABRT;
}

/* "QPassSignals:e;10;14": these are delivered untold; all others that handlers get are told of. */
void zf_gdb_pass_signals(struct zf_gdb *g, const char *at, size_t length) {
    uint64_t held = UINT64_MAX, number;
    while (zf_gdb_take_hex(&at, &number)) {
        for (int n = 1; n <= SIGNALS; n++) {
            held &= zf_gdb_signal(n) == number ? ~(UINT64_C(1) << (n - 1)) : UINT64_MAX;
        }
        at += *at == ';';
    }
    if (g->config.program) {
        zf_control_hold_signals(g->config.control, held);
    }
    zf_gdb_ok(g);
}

/* "C1e": the thread gets that one; any other action: none. */
void zf_gdb_answer_signal(struct zf_gdb *g, const char *action) {
    uint64_t wanted = 0;
    int number = 0;
    if (!g->config.program) {
        return;
    }
    if (*action == 'C' || *action == 'S') {
        action++;
        zf_gdb_take_hex(&action, &wanted);
    }
    for (int n = 1; n <= SIGNALS && wanted; n++) {
        number = !number && zf_gdb_signal(n) == wanted ? n : number;
    }
    zf_control_answer_signal(g->config.control, number);
}
