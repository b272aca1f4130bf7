/*
 * SIGINT and SIGTERM end a run of the bare machine with all that is to be told; SIGUSR1 saves its
 * guest. They are waited for in a thread, since a handler would need the run in a global. A Linux
 * program gets its signals itself, so it is executed by the first thread.
 */
#include "run/part.h"

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

/* Until the machine has ended: then one more signal comes, which changes nothing any more. */
static void *wait_for_signals(void *context) {
    struct zf_run *run = context;
    sigset_t set;
    int number;
    signals_of(run, &set);
    while (sigwait(&set, &number) == 0 && number == SIGUSR1) {
        zf_control_call(run->control, zf_run_save_now, run);
    }
    struct zf_halt halt;
    zf_control_halt(run->control, &halt);
    if (halt.state != ZF_CONTROL_ENDED) {
        atomic_store(&run->interrupted, true);
        zf_control_end(run->control);
    }
    return NULL;
}

void zf_run_hold_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void zf_run_machine(struct zf_run *run) {
    sigset_t set, before;
    pthread_t thread;
    if (run->program) {
        zf_control_serve(run->control, &run->halt);
        return;
    }
    signals_of(run, &set);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    bool waiting = pthread_create(&thread, NULL, wait_for_signals, run) == 0;
    zf_control_serve(run->control, &run->halt);
    if (waiting) {
        pthread_kill(thread, SIGTERM);
        pthread_join(thread, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
