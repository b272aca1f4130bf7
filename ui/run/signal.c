/*
 * SIGINT and SIGTERM end a run of the bare machine with all that is to be told; SIGUSR1 saves its
 * guest. They are waited for in a thread, since a handler would need the machine in a global. A
 * Linux program gets its signals itself.
 */
#include "run/run.h"

#include <pthread.h>
#include <signal.h>

static void signals_of(const struct zf_run *run, sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    if (run->options->save) {
        sigaddset(set, SIGUSR1);
    }
}

static void *wait_for_signals(void *context) {
    struct zf_run *run = context;
    sigset_t set;
    int number;
    signals_of(run, &set);
    while (sigwait(&set, &number) == 0) {
        atomic_store(number == SIGUSR1 ? &run->save_wanted : &run->interrupted, true);
        zf_machine_stop(run->machine);
    }
    return NULL;
}

void zf_run_hold_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

enum zf_stop zf_run_machine(struct zf_run *run) {
    sigset_t set, before;
    pthread_t thread;
    enum zf_stop stop;
    bool again;
    if (run->program) {
        return zf_machine_run(run->machine);
    }
    signals_of(run, &set);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    bool waiting = pthread_create(&thread, NULL, wait_for_signals, run) == 0;
    do {
        stop = zf_machine_run(run->machine);
        again = zf_run_saves(run, stop);
        if (run->qmp && stop == ZF_STOP_REQUESTED && !run->saved) {
            again = zf_run_qmp_goes_on(run);
        }
    } while (again);
    if (waiting) {
        pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return stop;
}
