/* Scheduling and I/O priority; barriers among threads. */
#include "guest.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ATTRIBUTES_SIZE = 56, SMALLEST = 48 /* of attributes */ };

int64_t zf_sys_sched_setparam(struct zf_task *task, const uint64_t *a) {
    if (!a[1] || (int)a[0] < 0) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[1], 4);
    if (!in) {
        return -EFAULT;
    }
    struct sched_param param = {(int)zf_get32(in)};
    return zf_host_result(sched_setparam((pid_t)a[0], &param));
}

int64_t zf_sys_sched_setscheduler(struct zf_task *task, const uint64_t *a) {
    if (!a[2] || (int)a[0] < 0 || (int)a[1] < 0) {
        return -EINVAL;
    }
    const uint8_t *in = zf_guest_in(task, a[2], 4);
    if (!in) {
        return -EFAULT;
    }
    struct sched_param param = {(int)zf_get32(in)};
    return zf_host_result(sched_setscheduler((pid_t)a[0], (int)a[1], &param));
}

int64_t zf_sys_sched_rr_get_interval(struct zf_task *task, const uint64_t *a) {
    struct timespec interval;
    if (sched_rr_get_interval((pid_t)a[0], &interval)) {
        return -errno;
    }
    return zf_put_timespec(task, a[1], &interval) ? 0 : -EFAULT;
}

/* struct sched_attr: size, policy, flags, nice and priority as doubleword, words, three doublewords
 */
static void swap_attributes(uint8_t *p) {
    static const struct {
        uint8_t at, size;
    } fields[] = {{0, 4},  {4, 4},  {8, 8},  {16, 4}, {20, 4},
                  {24, 8}, {32, 8}, {40, 8}, {48, 4}, {52, 4}};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(fields); i++) {
        for (unsigned j = 0; j < fields[i].size / 2u; j++) {
            uint8_t *low = p + fields[i].at + j, *high = p + fields[i].at + fields[i].size - 1 - j;
            uint8_t byte = *low;
            *low = *high;
            *high = byte;
        }
    }
}

int64_t zf_sys_sched_setattr(struct zf_task *task, const uint64_t *a) {
    uint8_t attributes[ATTRIBUTES_SIZE] = {0};
    if (!a[1] || (int)a[0] < 0 || a[2]) {
        return -EINVAL;
    }
    const uint8_t *head = zf_guest_in(task, a[1], 4);
    uint32_t size = head ? zf_get32(head) : 0;
    if (head && size && size < SMALLEST) {
        zf_guest_put32(task, a[1], ATTRIBUTES_SIZE);
        return -E2BIG;
    }
    size = size > ATTRIBUTES_SIZE ? ATTRIBUTES_SIZE : !size ? SMALLEST : size;
    const uint8_t *in = zf_guest_in(task, a[1], size);
    if (!in) {
        return -EFAULT;
    }
    memcpy(attributes, in, size);
    zf_put32(attributes, size);
    swap_attributes(attributes);
    return zf_host_result(syscall(SYS_sched_setattr, (pid_t)a[0], attributes, (unsigned)a[2]));
}

int64_t zf_sys_sched_getattr(struct zf_task *task, const uint64_t *a) {
    uint8_t attributes[ATTRIBUTES_SIZE];
    uint32_t size = (uint32_t)a[2];
    if (!a[1] || (int)a[0] < 0 || size < SMALLEST || size > ZF_PAGE_SIZE || (uint32_t)a[3]) {
        return -EINVAL;
    }
    size = size > sizeof attributes ? sizeof attributes : size;
    if (syscall(SYS_sched_getattr, (pid_t)a[0], attributes, sizeof attributes, (unsigned)a[3])) {
        return -errno;
    }
    uint8_t *out = zf_guest_out(task, a[1], size);
    if (!out) {
        return -EFAULT;
    }
    swap_attributes(attributes);
    zf_put32(attributes, size);
    memcpy(out, attributes, size);
    return 0;
}

int64_t zf_sys_ioprio_get(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_ioprio_get, (int)a[0], (int)a[1]));
}

int64_t zf_sys_ioprio_set(struct zf_task *task, const uint64_t *a) {
    (void)task;
    return zf_host_result(syscall(SYS_ioprio_set, (int)a[0], (int)a[1], (int)a[2]));
}

/* The guest's threads are threads of this process, so that the host's barrier is the guest's. */
int64_t zf_sys_membarrier(struct zf_task *task, const uint64_t *a) {
    enum {
        OFFERED = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
                  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
                  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
                  MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ |
                  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ
    };
    const bool fence = (int)a[0] == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
    if ((uint32_t)a[1] && !fence) {
        return -EINVAL;
    }
    if ((int)a[0] == MEMBARRIER_CMD_QUERY) {
        int64_t host = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
        return host < 0 ? 0 : host & OFFERED;
    }
    if ((int)a[0] & ~OFFERED) {
        return -EINVAL;
    }
    int64_t result = zf_host_result(syscall(SYS_membarrier, (int)a[0], (unsigned)a[1], (int)a[2]));
    if (fence && !result) {
        zf_rseq_fence(task);
    }
    return result;
}
