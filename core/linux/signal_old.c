/*
 * The calls for signals that sets of any size replaced: C libraries have functions of the same
 * names, but make the newer calls. A set is one doubleword, as there.
 */
#include "guest.h"
#include "signals.h"

#include <signal.h>

enum { SET_SIZE = 8, OLD_ACTION_SIZE = 32 };

int64_t zf_sys_signal(struct zf_task *task, const uint64_t *a) {
    const struct zf_guest_action new = {.handler = a[1], .flags = SA_RESETHAND | SA_NODEFER};
    struct zf_guest_action old;
    int64_t error = zf_signal_action(task, (int)a[0], &new, &old);
    return error ? error : (int64_t)old.handler;
}

/* The structure: handler, mask, flags, restorer. */
int64_t zf_sys_sigaction(struct zf_task *task, const uint64_t *a) {
    const uint8_t *in = a[1] ? zf_guest_in(task, a[1], OLD_ACTION_SIZE) : NULL;
    uint8_t *out = a[2] ? zf_guest_out(task, a[2], OLD_ACTION_SIZE) : NULL;
    struct zf_guest_action new = {0}, old;
    if ((a[1] && !in) || (a[2] && !out)) {
        return -EFAULT;
    }
    if (in) {
        new = (struct zf_guest_action){.handler = zf_get64(in),
                                       .mask = zf_get64(in + 8),
                                       .flags = zf_get64(in + 16),
                                       .restorer = zf_get64(in + 24)};
    }
    int64_t error = zf_signal_action(task, (int)a[0], in ? &new : NULL, &old);
    if (!error && out) {
        zf_put64(out, old.handler);
        zf_put64(out + 8, old.mask);
        zf_put64(out + 16, old.flags);
        zf_put64(out + 24, old.restorer);
    }
    return error;
}

int64_t zf_sys_sigprocmask(struct zf_task *task, const uint64_t *a) {
    return zf_sys_rt_sigprocmask(task, (const uint64_t[]){a[0], a[1], a[2], SET_SIZE});
}

int64_t zf_sys_sigpending(struct zf_task *task, const uint64_t *a) {
    return zf_sys_rt_sigpending(task, (const uint64_t[]){a[0], SET_SIZE});
}

/* args: two that are not used, set */
int64_t zf_sys_sigsuspend(struct zf_task *task, const uint64_t *a) {
    return zf_signal_await(task, a[2]);
}
