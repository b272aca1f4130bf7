/*
 * zfacet run --qmp: a thread serves the management protocol beside the machine, which notices
 * nothing of it unless it is to stop. It stops as for a signal, waits here, and goes on.
 */
#include "qmp/server.h"
#include "run/run.h"
#include "text/common.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct zf_run_qmp {
    struct zf_run *run;
    struct zf_qmp qmp;
    struct zf_qmp_server *server;
    struct zf_model model;
    pthread_t thread;
    bool serving;
    int ended; /* an eventfd: the run is over */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool pause, quit, reset; /* wanted */
    bool was_reset;
    bool paused, over; /* what the machine does */
};

/* The machine looks up within a time slice. */
static void wait_until_paused(struct zf_run_qmp *q) {
    while (!q->paused && !q->over) {
        pthread_cond_wait(&q->changed, &q->lock);
    }
}

static void on_stop(void *context) {
    struct zf_run_qmp *q = context;
    pthread_mutex_lock(&q->lock);
    q->pause = true;
    zf_machine_stop(q->run->machine);
    wait_until_paused(q);
    pthread_mutex_unlock(&q->lock);
}

static void on_cont(void *context) {
    struct zf_run_qmp *q = context;
    pthread_mutex_lock(&q->lock);
    q->pause = false;
    q->run->saved = false; /* it was taken back */
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static bool on_reset(void *context) {
    struct zf_run_qmp *q = context;
    pthread_mutex_lock(&q->lock);
    q->reset = true;
    q->was_reset = false;
    zf_machine_stop(q->run->machine);
    pthread_cond_broadcast(&q->changed);
    while (q->reset && !q->over) {
        pthread_cond_wait(&q->changed, &q->lock);
    }
    bool done = q->was_reset;
    pthread_mutex_unlock(&q->lock);
    return done;
}

/* The machine waits. */
static bool on_save(void *context, const char *uri, struct zf_error *err) {
    struct zf_run_qmp *q = context;
    pthread_mutex_lock(&q->lock);
    bool saved = !q->over && zf_run_save(q->run, uri, err) == ZF_OK;
    if (q->over) {
        zf_fail(err, ZF_ERROR_UNSUPPORTED, "the guest has ended");
    }
    q->run->saved = saved;
    pthread_mutex_unlock(&q->lock);
    return saved;
}

static void on_quit(void *context) {
    struct zf_run_qmp *q = context;
    pthread_mutex_lock(&q->lock);
    q->quit = true;
    zf_machine_stop(q->run->machine);
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

/* A signal does not wake the machine while it waits here, so it looks up now and then. */
static void wait_a_moment(struct zf_run_qmp *q) {
    enum { MOMENT_NS = 50 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += MOMENT_NS;
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    pthread_cond_timedwait(&q->changed, &q->lock, &until);
}

static void reset_if_wanted(struct zf_run_qmp *q) {
    if (q->reset) {
        q->was_reset = zf_run_reset(q->run);
        q->reset = false;
        pthread_cond_broadcast(&q->changed);
    }
}

bool zf_run_qmp_goes_on(struct zf_run *run) {
    struct zf_run_qmp *q = run->qmp;
    pthread_mutex_lock(&q->lock);
    reset_if_wanted(q);
    while (q->pause && !q->quit && !atomic_load(&run->interrupted)) {
        q->paused = true;
        pthread_cond_broadcast(&q->changed);
        wait_a_moment(q);
        reset_if_wanted(q);
    }
    q->paused = false;
    bool goes_on = !q->quit && !atomic_load(&run->interrupted);
    pthread_mutex_unlock(&q->lock);
    return goes_on;
}

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

/* What the client sees of the guest. */
static void describe(struct zf_run_qmp *q) {
    q->model = q->run->identity.model;
    q->qmp.model = &q->model;
    q->qmp.cpus = zf_machine_cpus(q->run->machine);
    q->qmp.guest_thread = getpid(); /* the machine runs in the first thread */
    q->qmp.state = ZF_QMP_RUNNING;
    q->qmp.guest = (struct zf_qmp_guest){q, on_stop, on_cont, on_reset, on_quit, on_save};
}

static enum zf_status open_server(struct zf_run_qmp *q, const char *path, struct zf_error *err) {
    q->server = zf_qmp_open(&q->qmp, NULL) ? zf_qmp_server_create(&q->qmp) : NULL;
    q->ended = eventfd(0, EFD_CLOEXEC);
    if (!q->server || q->ended < 0) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for --qmp");
    }
    describe(q);
    zf_qmp_server_end_on(q->server, q->ended, "guest-shutdown");
    enum zf_status status = zf_qmp_server_listen(q->server, path, err);
    if (status == ZF_OK && !start_thread(q)) {
        return zf_fail(err, ZF_ERROR_IO, "cannot create the thread for --qmp: %s", strerror(errno));
    }
    q->serving = status == ZF_OK;
    return status;
}

int zf_run_qmp_open(struct zf_run *run) {
    struct zf_error err;
    if (run->program) {
        return zf_usage_error("run: --qmp is for guests of the bare machine, not for Linux "
                              "programs");
    }
    run->qmp = calloc(1, sizeof *run->qmp);
    if (!run->qmp) {
        zf_fail(&err, ZF_ERROR_MEMORY, "out of memory for --qmp");
        return zf_report_error(&err);
    }
    run->qmp->run = run;
    pthread_mutex_init(&run->qmp->lock, NULL);
    pthread_cond_init(&run->qmp->changed, NULL);
    if (open_server(run->qmp, run->options->qmp, &err) != ZF_OK) {
        return zf_report_error(&err);
    }
    return -1;
}

static void end_server(struct zf_run_qmp *q) {
    static const uint64_t one = 1;
    pthread_mutex_lock(&q->lock);
    q->over = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    if (atomic_load(&q->run->interrupted)) {
        zf_qmp_server_end_on(q->server, q->ended, "host-signal");
    }
    if (write(q->ended, &one, sizeof one) == sizeof one) {
        pthread_join(q->thread, NULL);
    }
    q->serving = false;
}

void zf_run_qmp_close(struct zf_run *run) {
    struct zf_run_qmp *q = run->qmp;
    if (!q) {
        return;
    }
    if (q->serving) {
        end_server(q);
    }
    zf_qmp_server_destroy(q->server);
    zf_qmp_close(&q->qmp);
    if (q->ended >= 0) {
        close(q->ended);
    }
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->lock);
    free(q);
    run->qmp = NULL;
}
