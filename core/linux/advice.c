/*
 * Calls that ask or tell how storage is used: madvise, mincore, msync. The host has the guest's
 * pages and knows the answers; where nothing of the guest's is mapped, it has none of them to ask
 * for.
 */
#include "guest.h"

#include <sys/mman.h>

/* Values that may be missing in the host's headers. */
enum {
    POPULATE_READ = 22,
    POPULATE_WRITE = 23,
    DONTNEED_LOCKED = 24,
    COLLAPSE = 25,
    GUARD_INSTALL = 102,
    GUARD_REMOVE = 103,
};

static uint64_t page_up(uint64_t length) {
    return (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
}

static bool is_known(uint64_t advice) {
    return advice <= MADV_RANDOM || advice == MADV_SEQUENTIAL || advice == MADV_WILLNEED ||
           advice == MADV_DONTNEED || (advice >= MADV_FREE && advice <= COLLAPSE) ||
           advice == GUARD_INSTALL || advice == GUARD_REMOVE;
}

/* Whether what is stored there would be lost, which a seal forbids where nothing can be stored. */
static bool is_forbidden(const struct zf_linear_range *part, uint64_t advice) {
    if (!(part->prot & ZF_PROT_SEALED) || part->prot & (ZF_PROT_SHARED | ZF_PROT_WRITE)) {
        return false;
    }
    switch (advice) {
    case MADV_FREE:
    case MADV_DONTNEED:
    case DONTNEED_LOCKED:
    case MADV_REMOVE:
    case MADV_DONTFORK:
    case MADV_WIPEONFORK:
    case GUARD_INSTALL:
        return true;
    default:
        return false;
    }
}

/* What of an advice a mapping has from then on. */
static const struct kept {
    int advice;
    unsigned set, clear;
} kept[] = {
    {MADV_DONTFORK, ZF_PROT_NOT_FORKED, 0},
    {MADV_DOFORK, 0, ZF_PROT_NOT_FORKED},
    {MADV_WIPEONFORK, ZF_PROT_WIPED, 0},
    {MADV_KEEPONFORK, 0, ZF_PROT_WIPED},
    {GUARD_INSTALL, ZF_PROT_GUARD, 0},
    {GUARD_REMOVE, 0, ZF_PROT_GUARD},
    {MADV_DONTDUMP, ZF_PROT_NOT_DUMPED, 0},
    {MADV_DODUMP, 0, ZF_PROT_NOT_DUMPED},
    {MADV_MERGEABLE, ZF_PROT_MERGED, 0},
    {MADV_UNMERGEABLE, 0, ZF_PROT_MERGED},
    {MADV_HUGEPAGE, ZF_PROT_HUGE, ZF_PROT_NOT_HUGE},
    {MADV_NOHUGEPAGE, ZF_PROT_NOT_HUGE, ZF_PROT_HUGE},
    {MADV_NORMAL, 0, ZF_PROT_RANDOM | ZF_PROT_SEQUENTIAL},
    {MADV_RANDOM, ZF_PROT_RANDOM, ZF_PROT_SEQUENTIAL},
    {MADV_SEQUENTIAL, ZF_PROT_SEQUENTIAL, ZF_PROT_RANDOM},
};

static int64_t keep(struct zf_task *task, const struct zf_linear_range *part, uint64_t advice) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(kept); i++) {
        if ((uint64_t)kept[i].advice == advice) {
            struct zf_storage *storage = &task->machine->storage;
            return zf_linear_mark(storage, part, kept[i].set, kept[i].clear) ? 0 : -ENOMEM;
        }
    }
    return 0;
}

/* What the host does, and what this map must know of it. */
static int64_t advise(struct zf_task *task, const struct zf_linear_range *part, uint64_t advice) {
    struct zf_storage *storage = &task->machine->storage;
    const uint64_t length = part->end - part->start;
    uint8_t *host = storage->ram + part->start;
    if (is_forbidden(part, advice)) {
        return -EPERM;
    }
    if (advice == MADV_DONTFORK || advice == MADV_DOFORK) {
        return keep(task, part, advice); /* the host's fork copies all */
    }
    zf_code_changed(storage, part->start, length);
    if (part->prot & ZF_PROT_WRITE) {
        zf_linear_writable(storage, part->start, length);
    }
    if (madvise(host, length, (int)advice)) {
        return -errno;
    }
    if (advice == MADV_FREE && task->machine->config.deterministic) {
        return zf_host_result(madvise(host, length, MADV_DONTNEED)); /* now, and not sometime */
    }
    return keep(task, part, advice);
}

/* Part by part; what is not mapped is an error, but not the end. */
static int64_t advise_all(struct zf_task *task, uint64_t start, uint64_t end, uint64_t advice) {
    struct zf_linear_range part;
    bool stops = advice == POPULATE_READ || advice == POPULATE_WRITE;
    int64_t result = 0, error = 0;
    uint64_t at = start;
    while (at < end && zf_linear_next(&task->machine->storage, at, &part) && part.start < end) {
        error = part.start > at ? -ENOMEM : error;
        if (error && stops) {
            return error;
        }
        part.start = part.start > at ? part.start : at;
        part.end = part.end < end ? part.end : end;
        result = advise(task, &part, advice);
        if (result) {
            return result;
        }
        at = part.end;
    }
    return at < end ? -ENOMEM : error;
}

int64_t zf_sys_madvise(struct zf_task *task, const uint64_t *a) {
    uint64_t length = page_up(a[1]);
    if (!is_known(a[2]) || a[0] & ~ZF_PAGE_MASK || length < a[1] || a[0] + length < a[0]) {
        return -EINVAL;
    }
    return length ? advise_all(task, a[0], a[0] + length, a[2]) : 0;
}

int64_t zf_sys_msync(struct zf_task *task, const uint64_t *a) {
    const uint64_t known = MS_ASYNC | MS_INVALIDATE | MS_SYNC;
    uint64_t length = page_up(a[1]);
    if (a[2] & ~known || a[0] & ~ZF_PAGE_MASK || (a[2] & MS_ASYNC && a[2] & MS_SYNC)) {
        return -EINVAL;
    }
    if (a[0] + length < a[0]) {
        return -ENOMEM;
    }
    struct zf_linear_range part;
    uint64_t at = a[0], end = a[0] + length;
    bool gap = false;
    while (at < end && zf_linear_next(&task->machine->storage, at, &part) && part.start < end) {
        gap |= part.start > at;
        at = part.start > at ? part.start : at;
        part.end = part.end < end ? part.end : end;
        if (msync(task->machine->storage.ram + at, part.end - at, (int)a[2])) {
            return -errno;
        }
        at = part.end;
    }
    return gap || at < end ? -ENOMEM : 0;
}

int64_t zf_sys_mincore(struct zf_task *task, const uint64_t *a) {
    const struct zf_storage *storage = &task->machine->storage;
    uint64_t length = page_up(a[1]), pages = length / ZF_PAGE_SIZE;
    if (a[0] & ~ZF_PAGE_MASK) {
        return -EINVAL;
    }
    if (length < a[1] || a[0] > storage->size || length > storage->size - a[0]) {
        return -ENOMEM;
    }
    uint8_t *out = zf_guest_out(task, a[2], pages);
    if (!out) {
        return -EFAULT;
    }
    if (!zf_linear_allows(storage, a[0], length, 0)) {
        return -ENOMEM;
    }
    if (task->machine->config.deterministic) {
        memset(out, 1, pages);
        return 0;
    }
    return zf_host_result(mincore(storage->ram + a[0], length, out));
}
