/*
 * SIGINT and SIGTERM end a run of the bare machine with all that is to be told. They are waited
 * for in a thread, since a handler would need the machine in a global. A Linux program gets its
 * signals itself.
 */
#include "cli/run.h"

#include <pthread.h>
#include <signal.h>

static void *wait_for_signal(void *context) {
    struct zf_machine *machine = context;
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigwait(&set, &number) == 0) {
        zf_machine_stop(machine);
    }
    return NULL;
}

enum zf_stop zf_run_machine(struct zf_run *run) {
    sigset_t set, before;
    pthread_t thread;
    if (run->program) {
        return zf_machine_run(run->machine);
    }
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    bool waiting = pthread_create(&thread, NULL, wait_for_signal, run->machine) == 0;
    enum zf_stop stop = zf_machine_run(run->machine);
    if (waiting) {
        pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return stop;
}
