/*
 * mlock and its kin: the host keeps the guest's pages in memory, and counts them, as it would for
 * the program itself. This map notes what is locked, for what grows and for what is mapped later.
 * The kernel is called by itself, for sanitizers leave out what the C library's functions do.
 */
#include "guest.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GUEST_MLOCK_ONFAULT = 1, LOCKED = ZF_PROT_LOCKED | ZF_PROT_ONFAULT };

static bool may_lock(void) {
    return !syscall(SYS_mlock, NULL, 0);
}

static long lock_host(const uint8_t *host, uint64_t length, unsigned bits) {
    return bits ? syscall(SYS_mlock2, host, length, bits & ZF_PROT_ONFAULT ? MLOCK_ONFAULT : 0)
                : syscall(SYS_munlock, host, length);
}

/* The first address from `start` on that is not mapped, or `end`. */
static uint64_t mapped_until(const struct zf_task *task, uint64_t start, uint64_t end) {
    struct zf_linear_range range;
    while (start < end && zf_linear_find(&task->machine->storage, start, &range)) {
        start = range.end < end ? range.end : end;
    }
    return start;
}

/* Locks up to the first gap, or unlocks where `bits` has none. */
static int64_t lock_range(struct zf_task *task, uint64_t address, uint64_t size, unsigned bits) {
    uint64_t start = address & ZF_PAGE_MASK;
    uint64_t end = start + ((address - start + size + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK);
    if (bits && !may_lock()) {
        return -EPERM;
    }
    if (end < start) {
        return -EINVAL;
    }
    if (start >= task->machine->storage.size) {
        return end > start ? -ENOMEM : 0;
    }
    const struct zf_linear_range there = {start, mapped_until(task, start, end), 0};
    uint64_t length = there.end - start;
    if (lock_host(task->machine->storage.ram + start, length, bits)) {
        return -errno;
    }
    bool noted = zf_linear_mark(&task->machine->storage, &there, bits, LOCKED & ~bits);
    return noted && there.end == end ? 0 : -ENOMEM;
}

int64_t zf_sys_mlock(struct zf_task *task, const uint64_t *a) {
    return lock_range(task, a[0], a[1], ZF_PROT_LOCKED);
}

int64_t zf_sys_munlock(struct zf_task *task, const uint64_t *a) {
    return lock_range(task, a[0], a[1], 0);
}

int64_t zf_sys_mlock2(struct zf_task *task, const uint64_t *a) {
    if (a[2] & ~(uint64_t)GUEST_MLOCK_ONFAULT) {
        return -EINVAL;
    }
    return lock_range(task, a[0], a[1], a[2] ? LOCKED : ZF_PROT_LOCKED);
}

/* All that is mapped; what cannot be in memory stays away, which is no error. */
static void lock_all(struct zf_task *task, unsigned bits) {
    struct zf_linear_range range = {.end = 0};
    while (zf_linear_next(&task->machine->storage, range.end, &range)) {
        lock_range(task, range.start, range.end - range.start, bits);
    }
}

int64_t zf_sys_mlockall(struct zf_task *task, const uint64_t *a) {
    const uint64_t known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
    struct rlimit limit;
    if (!a[0] || a[0] & ~known || a[0] == MCL_ONFAULT) {
        return -EINVAL;
    }
    if (!may_lock()) {
        return -EPERM;
    }
    if (a[0] & MCL_CURRENT && !getrlimit(RLIMIT_MEMLOCK, &limit) &&
        zf_mapped_bytes(task, 0, 0) > limit.rlim_cur && !zf_is_capable(CAP_IPC_LOCK)) {
        return -ENOMEM;
    }
    unsigned bits = a[0] & MCL_ONFAULT ? LOCKED : ZF_PROT_LOCKED;
    task->process->lock_future = a[0] & MCL_FUTURE ? bits : 0;
    if (a[0] & MCL_CURRENT) {
        lock_all(task, bits);
    }
    return 0;
}

int64_t zf_sys_munlockall(struct zf_task *task, const uint64_t *a) {
    (void)a;
    task->process->lock_future = 0;
    lock_all(task, 0);
    return 0;
}
