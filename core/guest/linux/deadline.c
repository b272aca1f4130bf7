/*
 * The machine's time limit while the guest waits in a system call: a timer of this thread makes
 * the call return, the run loop then sees that the time is over. The signal is the last one, which
 * guests hardly use.
 */
#include "guest.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { REPEAT_NS = 50000000, SECOND = 1000000000 };

static void on_deadline(int number) {
    (void)number; /* its only effect is that calls are interrupted */
}

void zf_deadline_start(struct zf_linux *guest) {
    uint64_t limit = guest->machine->config.timeout_ns;
    struct sigaction action = {.sa_handler = on_deadline};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = ZF_SIGNALS};
    if (!limit) {
        return;
    }
    event._sigev_un._tid = gettid();
    sigaction(ZF_SIGNALS, &action, NULL);
    struct itimerspec when = {{0, REPEAT_NS}, {(time_t)(limit / SECOND), (long)(limit % SECOND)}};
    guest->has_deadline = !timer_create(CLOCK_MONOTONIC, &event, &guest->deadline) &&
                          !timer_settime(guest->deadline, 0, &when, NULL);
}

void zf_deadline_stop(struct zf_linux *guest) {
    if (guest->has_deadline) {
        timer_delete(guest->deadline);
        signal(ZF_SIGNALS, SIG_DFL);
        guest->has_deadline = false;
    }
}
