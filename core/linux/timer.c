/*
 * System calls that wait on the host must end when a signal for the guest came just before them,
 * and when the machine's time limit is over. A timer of each thread interrupts its calls by the
 * last signal, which is the guest's, too: it is never blocked on the host, and who sent it decides.
 */
#include "guest.h"
#include "signals.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { LIMIT_REPEAT_NS = 50000000, NUDGE_NS = 1000000, SECOND = 1000000000 };

/* Its only effect is that calls are interrupted. Others of its number are the guest's. */
static void on_timer(int number, siginfo_t *info, void *context) {
    if (info->si_code != SI_TIMER || info->si_value.sival_ptr != (void *)(uintptr_t)on_timer) {
        zf_signal_caught(number, info, context);
    }
}

static void arm(struct zf_task *task, uint64_t first_ns, uint64_t repeat_ns) {
    struct itimerspec when = {{(time_t)(repeat_ns / SECOND), (long)(repeat_ns % SECOND)},
                              {(time_t)(first_ns / SECOND), (long)(first_ns % SECOND)}};
    timer_settime(task->timer, 0, &when, NULL);
}

/* Until the time limit, when there is one. The run loop knows when it really is over. */
static void arm_limit(struct zf_task *task) {
    uint64_t limit = task->process->child ? 0 : task->machine->config.timeout_ns;
    arm(task, limit, limit ? LIMIT_REPEAT_NS : 0);
}

static bool is_nudged(const struct zf_task *task) {
    return __atomic_load_n(&task->nudged, __ATOMIC_SEQ_CST);
}

/*
 * The timer as `nudged` says. Its own thread, a signal handler there, and other threads come here
 * at the same time: whoever set the timer last sees the flag as it is then.
 */
static void set_timer(struct zf_task *task) {
    bool nudged;
    do {
        nudged = is_nudged(task);
        if (nudged) {
            arm(task, NUDGE_NS, NUDGE_NS);
        } else {
            arm_limit(task);
        }
    } while (is_nudged(task) != nudged);
}

void zf_timer_start(struct zf_task *task) {
    struct sigaction action = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = ZF_SIGNALS};
    event.sigev_value.sival_ptr = (void *)(uintptr_t)on_timer;
    event._sigev_un._tid = gettid();
    sigaction(ZF_SIGNALS, &action, NULL);
    task->nudged = false; /* a forked child's may be its parent's */
    task->has_timer = !timer_create(CLOCK_MONOTONIC, &event, &task->timer);
    if (task->has_timer) {
        set_timer(task);
    }
}

void zf_timer_adopt(struct zf_task *task) {
    if (task->has_timer) {
        timer_delete(task->timer);
    }
    zf_timer_start(task);
}

void zf_timer_stop(struct zf_task *task) {
    if (task->has_timer) {
        timer_delete(task->timer);
        signal(ZF_SIGNALS, SIG_DFL);
        task->has_timer = false;
    }
}

void zf_timer_end(struct zf_task *task) {
    if (task->has_timer) {
        timer_delete(task->timer);
        task->has_timer = false;
    }
}

void zf_timer_nudge(struct zf_task *task) {
    if (task->in_call) {
        zf_timer_interrupt(task, true);
    }
}

void zf_timer_interrupt(struct zf_task *task, bool on) {
    if (task->has_timer && __atomic_exchange_n(&task->nudged, on, __ATOMIC_SEQ_CST) != on) {
        set_timer(task);
    }
}

void zf_timer_rest(struct zf_task *task) {
    task->in_call = false;
    zf_timer_interrupt(task, false);
}
