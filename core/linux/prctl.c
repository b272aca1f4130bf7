/* prctl: what the host does for this thread, with the guest's byte order where it stores a number.
 */
#include "guest.h"

#include <linux/prctl.h>
#include <sys/prctl.h>

enum { NAME_SIZE = 16 };

/* Requests with numbers alone. All others are those of kernels without what they are for. */
static bool is_of_numbers(int request) {
    static const int requests[] = {PR_SET_PDEATHSIG,
                                   PR_GET_DUMPABLE,
                                   PR_SET_DUMPABLE,
                                   PR_GET_KEEPCAPS,
                                   PR_SET_KEEPCAPS,
                                   PR_GET_TIMING,
                                   PR_SET_TIMING,
                                   PR_CAPBSET_READ,
                                   PR_CAPBSET_DROP,
                                   PR_GET_SECUREBITS,
                                   PR_SET_SECUREBITS,
                                   PR_SET_TIMERSLACK,
                                   PR_GET_TIMERSLACK,
                                   PR_MCE_KILL,
                                   PR_MCE_KILL_GET,
                                   PR_SET_CHILD_SUBREAPER,
                                   PR_SET_NO_NEW_PRIVS,
                                   PR_GET_NO_NEW_PRIVS,
                                   PR_SET_THP_DISABLE,
                                   PR_GET_THP_DISABLE,
                                   PR_CAP_AMBIENT,
                                   PR_SET_IO_FLUSHER,
                                   PR_GET_IO_FLUSHER,
                                   PR_TASK_PERF_EVENTS_ENABLE,
                                   PR_TASK_PERF_EVENTS_DISABLE};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(requests); i++) {
        if (requests[i] == request) {
            return true;
        }
    }
    return false;
}

static int64_t set_name(struct zf_task *task, uint64_t address) {
    char name[NAME_SIZE] = "";
    int64_t error;
    if (!zf_guest_string(task, address, name, sizeof name, &error) && error == -EFAULT) {
        return error;
    }
    name[NAME_SIZE - 1] = '\0';
    return zf_host_result(prctl(PR_SET_NAME, name));
}

static int64_t get_word(struct zf_task *task, int request, uint64_t address) {
    int word = 0;
    int64_t result = zf_host_result(prctl(request, &word));
    return result || zf_guest_put32(task, address, (uint32_t)word) ? result : -EFAULT;
}

int64_t zf_sys_prctl(struct zf_task *task, const uint64_t *a) {
    const int request = (int)a[0];
    switch (request) {
    case PR_SET_NAME:
        return set_name(task, a[1]);
    case PR_GET_NAME: {
        uint8_t *out = zf_guest_out(task, a[1], NAME_SIZE);
        return out ? zf_host_result(prctl(PR_GET_NAME, out)) : -EFAULT;
    }
    case PR_GET_PDEATHSIG:
    case PR_GET_CHILD_SUBREAPER:
        return get_word(task, request, a[1]);
    case PR_GET_SECCOMP:
        return zf_seccomp_get_mode(task);
    case PR_SET_SECCOMP:
        return zf_seccomp_set_mode(task, a[1], a[2]);
    case PR_GET_TID_ADDRESS:
        return zf_guest_put64(task, a[1], task->clear_tid) ? 0 : -EFAULT;
    default:
        return is_of_numbers(request) ? zf_host_result(prctl(request, a[1], a[2], a[3], a[4]))
                                      : -EINVAL;
    }
}
