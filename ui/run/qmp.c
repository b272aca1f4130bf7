/*
 * zfacet run --qmp: a thread serves the management protocol beside the machine, whose control it
 * is a client of.
 */
#include "qmp/server.h"
#include "run/part.h"
#include "text/common.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct zf_run_qmp {
    struct zf_qmp qmp;
    struct zf_qmp_server *server;
    struct zf_model model;
    pthread_t thread;
    bool serving;
    int ended; /* an eventfd: the run is over */
    int reset; /* another: so often the guest has restarted itself */
};

static void *serve(void *context) {
    struct zf_run_qmp *q = context;
    zf_qmp_server_run(q->server);
    return NULL;
}

/* Signals are for the other threads. */
static bool start_thread(struct zf_run_qmp *q) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool started = pthread_create(&q->thread, NULL, serve, q) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void count(int fd) {
    static const uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

static void on_event(void *context, const struct zf_control_event *event) {
    const struct zf_run_qmp *q = context;
    if (event->kind == ZF_CONTROL_IPL) {
        count(q->reset);
    }
}

/* What the client sees of the guest. */
static void describe(const struct zf_run *run, struct zf_run_qmp *q) {
    q->model = run->identity.model;
    q->qmp.model = &q->model;
    q->qmp.cpus = zf_machine_cpus(run->machine);
    q->qmp.guest_thread = getpid(); /* the machine runs in the first thread */
    q->qmp.state = run->options->stopped ? ZF_QMP_PRELAUNCH : ZF_QMP_RUNNING;
    q->qmp.control = run->control;
}

static enum zf_status open_server(const struct zf_run *run, struct zf_run_qmp *q,
                                  struct zf_error *err) {
    q->server = zf_qmp_open(&q->qmp, NULL) ? zf_qmp_server_create(&q->qmp) : NULL;
    q->ended = eventfd(0, EFD_CLOEXEC);
    q->reset = eventfd(0, EFD_CLOEXEC);
    if (!q->server || q->ended < 0 || q->reset < 0) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for --qmp");
    }
    describe(run, q);
    zf_qmp_server_end_on(q->server, q->ended, "guest-shutdown");
    zf_qmp_server_reset_on(q->server, q->reset);
    zf_control_listen(run->control, on_event, q);
    enum zf_status status = zf_qmp_server_listen(q->server, run->options->qmp, err);
    if (status == ZF_OK && !start_thread(q)) {
        return zf_fail(err, ZF_ERROR_IO, "cannot create the thread for --qmp: %s", strerror(errno));
    }
    q->serving = status == ZF_OK;
    return status;
}

enum zf_run_end zf_run_qmp_open(struct zf_run *run) {
    if (run->program) {
        return zf_run_fail(run, ZF_RUN_USAGE,
                           "run: --qmp is for guests of the bare machine, not for Linux programs");
    }
    run->qmp = calloc(1, sizeof *run->qmp);
    if (!run->qmp) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory for --qmp");
    }
    return open_server(run, run->qmp, &run->err) == ZF_OK ? ZF_RUN_OK : zf_run_failed(run);
}

/* Why the guest cannot continue; NULL: it ended as it wanted to, or was ended. */
static const char *crash_of(const struct zf_halt *halt) {
    bool failed = zf_run_halt_status(halt) != ZF_EXIT_OK;
    return halt->why == ZF_STOP_DISABLED_WAIT && failed ? "disabled-wait"
           : halt->why == ZF_STOP_PGM_LOOP              ? "pgmint-loop"
                                                        : NULL;
}

static void end_server(const struct zf_run *run, struct zf_run_qmp *q) {
    const struct zf_halt *halt = &run->halt;
    zf_control_end(run->control); /* if it never began, so that nobody waits for it */
    if (atomic_load(&run->interrupted)) {
        zf_qmp_server_end_on(q->server, q->ended, "host-signal");
    } else if (crash_of(halt)) {
        zf_qmp_server_end_on(q->server, q->ended, "guest-panic");
        zf_qmp_server_panic(q->server, &(struct zf_qmp_panic){crash_of(halt), halt->cpu,
                                                              halt->psw_mask, halt->psw_address});
    }
    count(q->ended);
    pthread_join(q->thread, NULL);
    q->serving = false;
}

void zf_run_qmp_close(struct zf_run *run) {
    struct zf_run_qmp *q = run->qmp;
    if (!q) {
        return;
    }
    if (q->serving) {
        end_server(run, q);
    }
    zf_qmp_server_destroy(q->server);
    zf_qmp_close(&q->qmp);
    if (q->ended >= 0) {
        close(q->ended);
    }
    if (q->reset >= 0) {
        close(q->reset);
    }
    free(q);
    run->qmp = NULL;
}
