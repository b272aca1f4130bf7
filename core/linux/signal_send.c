/*
 * Signals that the guest sends. One to itself does not go over the host, unless it waits there.
 */
#include "guest.h"
#include "signals.h"

#include <sys/syscall.h>
#include <unistd.h>

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))

bool zf_signal_get_info(struct zf_task *task, uint64_t address, int number, siginfo_t *host) {
    const uint8_t *in = zf_guest_in(task, address, 128);
    if (in) {
        *host = (siginfo_t){.si_signo = number,
                            .si_errno = (int)zf_get32(in + 4),
                            .si_code = (int)zf_get32(in + 8)};
        host->si_pid = (pid_t)zf_get32(in + 16);
        host->si_uid = zf_get32(in + 20);
        host->si_value.sival_ptr = (void *)(uintptr_t)zf_get64(in + 24);
    }
    return in;
}

/*
 * SIGSEGV and SIGBUS to this very thread, with what it wants them to say: the host would take them
 * for faults of ours.
 */
static int64_t queue_self(struct zf_task *task, int number, const siginfo_t *host) {
    struct zf_guest_siginfo info = {.code = host->si_code,
                                    .error = host->si_errno,
                                    .pid = host->si_pid,
                                    .uid = host->si_uid,
                                    .value = (uint64_t)(uintptr_t)host->si_value.sival_ptr};
    zf_signal_raise(task, number, &info);
    return 0;
}

static bool is_synchronous(int number) {
    return number == SIGSEGV || number == SIGBUS;
}

int64_t zf_sys_rt_sigqueueinfo(struct zf_task *task, const uint64_t *a) {
    siginfo_t host;
    if (is_synchronous((int)a[1]) && (int)a[0] == getpid()) {
        return zf_signal_get_info(task, a[2], (int)a[1], &host) ? queue_self(task, (int)a[1], &host)
                                                                : -EFAULT;
    }
    return zf_signal_get_info(task, a[2], (int)a[1], &host)
               ? zf_host_result(syscall(SYS_rt_sigqueueinfo, (pid_t)a[0], (int)a[1], &host))
               : -EFAULT;
}

int64_t zf_sys_rt_tgsigqueueinfo(struct zf_task *task, const uint64_t *a) {
    siginfo_t host;
    if (!zf_signal_get_info(task, a[3], (int)a[2], &host)) {
        return -EFAULT;
    }
    if (is_synchronous((int)a[2]) && (int)a[1] == gettid()) {
        return queue_self(task, (int)a[2], &host);
    }
    if (is_synchronous((int)a[2]) && host.si_code >= 0) {
        host.si_code = SI_QUEUE; /* whoever gets it would take it for a fault */
    }
    return zf_host_result(
        syscall(SYS_rt_tgsigqueueinfo, (pid_t)a[0], (pid_t)a[1], (int)a[2], &host));
}

/* A signal to this very process that is not blocked comes before the call returns. */
static int64_t send_self(struct zf_task *task, int number, int code) {
    if (number < 0 || number > ZF_SIGNALS) {
        return -EINVAL;
    }
    if (number && (task->process->actions[number].handler != (uint64_t)(uintptr_t)SIG_IGN) &&
        !(task->blocked & SIGNAL_BIT(number)) && number != SIGSTOP && number != SIGTSTP &&
        number != SIGTTIN && number != SIGTTOU) {
        struct zf_guest_siginfo info = {.code = code, .pid = getpid(), .uid = getuid()};
        zf_signal_raise(task, number, &info);
        return 0;
    }
    if (number && is_synchronous(number)) {
        if (task->blocked & SIGNAL_BIT(number)) {
            zf_signal_raise(task, number,
                            &(struct zf_guest_siginfo){.code = code, .pid = getpid()});
        }
        return 0;
    }
    return zf_host_result(code == SI_USER ? kill(getpid(), number)
                                          : syscall(SYS_tgkill, getpid(), gettid(), number));
}

int64_t zf_sys_kill(struct zf_task *task, const uint64_t *a) {
    if ((int)a[0] == getpid()) {
        return send_self(task, (int)a[1], SI_USER);
    }
    return zf_host_result(kill((int)a[0], (int)a[1]));
}

int64_t zf_sys_tkill(struct zf_task *task, const uint64_t *a) {
    if ((int)a[0] == gettid()) {
        return send_self(task, (int)a[1], SI_TKILL);
    }
    return zf_host_result(syscall(SYS_tkill, (int)a[0], (int)a[1]));
}

int64_t zf_sys_tgkill(struct zf_task *task, const uint64_t *a) {
    if ((int)a[0] == getpid() && (int)a[1] == gettid()) {
        return send_self(task, (int)a[2], SI_TKILL);
    }
    return zf_host_result(syscall(SYS_tgkill, (int)a[0], (int)a[1], (int)a[2]));
}
