/*
 * The host's signals by the kernel's own calls: its C library keeps two for itself, and leaves them
 * out of masks. A guest's C library uses the same two, and needs them all.
 */
#include "guest.h"
#include "signals.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { SET_SIZE = 8 };

/* As the kernel has it. */
struct action {
    zf_host_handler *handler;
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

void zf_signal_to_host(uint64_t set, sigset_t *host) {
    sigemptyset(host);
    memcpy(host, &set, sizeof set);
}

void zf_host_mask(uint64_t set) {
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, SET_SIZE);
}

uint64_t zf_host_get_mask(void) {
    uint64_t set = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &set, SET_SIZE);
    return set;
}

uint64_t zf_host_pending(void) {
    uint64_t set = 0;
    syscall(SYS_rt_sigpending, &set, SET_SIZE);
    return set;
}

bool zf_host_ignores(int number) {
    struct action action = {0};
    return !syscall(SYS_rt_sigaction, number, NULL, &action, SET_SIZE) &&
           action.handler == ZF_HOST_IGNORE;
}

/* How a handler ends, the C library knows: as that of our own signal, which was set through it. */
void zf_host_action(int number, zf_host_handler *handler, uint64_t flags) {
    const uint64_t has_restorer = 0x04000000;
    const uint64_t open = UINT64_C(1) << (SIGSEGV - 1) | UINT64_C(1) << (SIGBUS - 1) |
                          UINT64_C(1) << (ZF_SIGNALS - 1);
    struct action own = {0}, action = {.handler = handler, .flags = flags, .mask = ~open};
    syscall(SYS_rt_sigaction, ZF_SIGNALS, NULL, &own, SET_SIZE);
    action.flags |= SA_SIGINFO | (own.flags & has_restorer);
    action.restorer = own.restorer;
    syscall(SYS_rt_sigaction, number, &action, NULL, SET_SIZE);
}
