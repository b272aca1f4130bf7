/*
 * The address space's calls: mmap, munmap, mprotect, mremap, brk, on the linear map. Whatever fails
 * on the host leaves the map and its list as they were.
 */
#include "guest.h"

#include <sys/mman.h>

/* The guest's values, which are those of most Linux systems. */
enum {
    GUEST_MAP_SHARED = 1,
    GUEST_MAP_PRIVATE = 2,
    GUEST_MAP_TYPE = 0xf,
    GUEST_MAP_FIXED = 0x10,
    GUEST_MAP_ANONYMOUS = 0x20,
    GUEST_MAP_FIXED_NOREPLACE = 0x100000,
    GUEST_MREMAP_MAYMOVE = 1,
    GUEST_MREMAP_FIXED = 2,
};

static uint64_t page_up(uint64_t length) {
    return (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
}

/* Whether whole pages [address, address + length) can be the guest's: not page 0, not the end. */
static bool range_valid(const struct zf_task *task, uint64_t address, uint64_t length) {
    return !(address & ~ZF_PAGE_MASK) && length && length <= task->machine->storage.size &&
           address <= task->machine->storage.size - length;
}

static bool range_free(const struct zf_task *task, uint64_t address, uint64_t length) {
    return range_valid(task, address, length) &&
           zf_linear_free(&task->machine->storage, address, length) == address;
}

int64_t zf_sys_brk(struct zf_task *task, const uint64_t *a) {
    uint64_t old_end = page_up(task->process->brk), end = page_up(a[0]);
    if (a[0] < task->process->brk_start || end < a[0] || end > task->machine->storage.size) {
        return (int64_t)task->process->brk;
    }
    if (end > old_end) {
        if (!range_free(task, old_end, end - old_end) ||
            !zf_linear_map(&task->machine->storage, old_end, end - old_end,
                           ZF_PROT_READ | ZF_PROT_WRITE, -1, 0)) {
            return (int64_t)task->process->brk;
        }
    } else if (end < old_end) {
        zf_linear_unmap(&task->machine->storage, end, old_end - end);
    }
    task->process->brk = a[0];
    return (int64_t)task->process->brk;
}

uint64_t zf_place_for(const struct zf_task *task, uint64_t hint, uint64_t length) {
    hint &= ZF_PAGE_MASK;
    if (hint && range_free(task, hint, length)) {
        return hint;
    }
    uint64_t at = zf_linear_free(&task->machine->storage, task->process->mmap_base, length);
    return at ? at : zf_linear_free(&task->machine->storage, ZF_PAGE_SIZE * 16, length);
}

/* args: address, length, prot, flags, fd, offset */
static int64_t map(struct zf_task *task, const uint64_t *a) {
    uint64_t address = a[0], length = page_up(a[1]), flags = a[3], offset = a[5];
    uint64_t type = flags & GUEST_MAP_TYPE;
    bool anonymous = flags & GUEST_MAP_ANONYMOUS;
    bool fixed = flags & (GUEST_MAP_FIXED | GUEST_MAP_FIXED_NOREPLACE);
    if (!a[1] || (offset & ~ZF_PAGE_MASK) || type < GUEST_MAP_SHARED || type > 3) {
        return -EINVAL;
    }
    if (!anonymous && zf_own_file(task, a[4])) {
        return -EBADF;
    }
    if (length < a[1]) {
        return -ENOMEM;
    }
    if (flags & GUEST_MAP_FIXED_NOREPLACE && !range_free(task, address, length)) {
        return range_valid(task, address, length) ? -EEXIST : -EINVAL;
    }
    if (!fixed) {
        address = zf_place_for(task, address, length);
        if (!address) {
            return -ENOMEM;
        }
    }
    if (!range_valid(task, address, length)) {
        return address & ~ZF_PAGE_MASK ? -EINVAL : -ENOMEM;
    }
    unsigned prot = a[2] & (ZF_PROT_READ | ZF_PROT_WRITE | ZF_PROT_EXEC);
    prot |= type != GUEST_MAP_PRIVATE ? ZF_PROT_SHARED : 0;
    errno = ENOMEM;
    if (!zf_linear_map(&task->machine->storage, address, length, prot, anonymous ? -1 : (int)a[4],
                       (int64_t)offset)) {
        return -errno;
    }
    return (int64_t)address;
}

int64_t zf_sys_mmap(struct zf_task *task, const uint64_t *a) {
    const uint8_t *p = zf_guest_in(task, a[0], 48);
    uint64_t args[6];
    if (!p) {
        return -EFAULT;
    }
    for (unsigned i = 0; i < 6; i++) {
        args[i] = zf_get64(p + 8 * i);
    }
    return map(task, args);
}

int64_t zf_sys_munmap(struct zf_task *task, const uint64_t *a) {
    uint64_t length = page_up(a[1]);
    if (!range_valid(task, a[0], length)) {
        return -EINVAL;
    }
    return zf_linear_unmap(&task->machine->storage, a[0], length) ? 0 : -ENOMEM;
}

int64_t zf_sys_mprotect(struct zf_task *task, const uint64_t *a) {
    uint64_t length = page_up(a[1]);
    const uint64_t known = 0xf; /* with PROT_SEM, which has no effect */
    if (a[0] & ~ZF_PAGE_MASK || a[2] & ~known) {
        return -EINVAL;
    }
    if (!a[1]) {
        return 0;
    }
    if (!range_valid(task, a[0], length)) {
        return -ENOMEM;
    }
    return zf_linear_protect(&task->machine->storage, a[0], length, a[2] & 7) ? 0 : -ENOMEM;
}

static int64_t move_to(struct zf_task *task, uint64_t from, uint64_t old_length, uint64_t to,
                       uint64_t length) {
    const struct zf_linear_range old = {.start = from, .end = from + old_length};
    return zf_linear_move(&task->machine->storage, &old, to, length) ? (int64_t)to : -ENOMEM;
}

/* More of the same behind the end of anonymous storage of this process, when it is free. */
static bool grow(struct zf_task *task, const struct zf_linear_range *range, uint64_t end,
                 uint64_t more) {
    return !(range->prot & (ZF_PROT_SHARED | ZF_PROT_FILE)) && range_free(task, end, more) &&
           zf_linear_map(&task->machine->storage, end, more, range->prot, -1, 0);
}

int64_t zf_sys_mremap(struct zf_task *task, const uint64_t *a) {
    uint64_t from = a[0], old_length = page_up(a[1]), length = page_up(a[2]);
    if (!range_valid(task, from, old_length) || !length ||
        a[3] & ~(uint64_t)(GUEST_MREMAP_MAYMOVE | GUEST_MREMAP_FIXED)) {
        return -EINVAL;
    }
    struct zf_linear_range range;
    if (!zf_linear_find(&task->machine->storage, from, &range) || range.end < from + old_length) {
        return -EFAULT;
    }
    if (a[3] & GUEST_MREMAP_FIXED) {
        if (!(a[3] & GUEST_MREMAP_MAYMOVE) || !range_valid(task, a[4], length) ||
            (a[4] < from + old_length && from < a[4] + length)) {
            return -EINVAL;
        }
        return move_to(task, from, old_length, a[4], length);
    }
    if (length <= old_length) {
        if (length < old_length) {
            zf_linear_unmap(&task->machine->storage, from + length, old_length - length);
        }
        return (int64_t)from;
    }
    if (grow(task, &range, from + old_length, length - old_length)) {
        return (int64_t)from;
    }
    uint64_t to = a[3] & GUEST_MREMAP_MAYMOVE ? zf_place_for(task, 0, length) : 0;
    return to ? move_to(task, from, old_length, to, length) : -ENOMEM;
}

/* What is done with advice: it changes what is there, and the host does it; or it is only advice.
 */
enum advice { ADVICE_UNKNOWN, ADVICE_IDLE, ADVICE_DONE };

static enum advice advice_of(uint64_t advice) {
    switch (advice) {
    case MADV_DONTNEED:
    case MADV_REMOVE:
    case MADV_WIPEONFORK:
    case MADV_KEEPONFORK:
    case 22: /* MADV_POPULATE_READ */
    case 23: /* MADV_POPULATE_WRITE */
        return ADVICE_DONE;
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_FREE:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_COLD:
    case MADV_PAGEOUT:
        return ADVICE_IDLE;
    default:
        return ADVICE_UNKNOWN;
    }
}

int64_t zf_sys_madvise(struct zf_task *task, const uint64_t *a) {
    uint64_t length = page_up(a[1]);
    enum advice advice = advice_of(a[2]);
    if (a[0] & ~ZF_PAGE_MASK || advice == ADVICE_UNKNOWN || length < a[1] || a[0] + length < a[0]) {
        return -EINVAL;
    }
    if (!length) {
        return 0;
    }
    if (!range_valid(task, a[0], length) ||
        !zf_linear_allows(&task->machine->storage, a[0], length, 0)) {
        return -ENOMEM;
    }
    if (advice == ADVICE_IDLE) {
        return 0;
    }
    zf_code_changed(&task->machine->storage, a[0], length);
    return zf_host_result(madvise(task->machine->storage.ram + a[0], length, (int)a[2]));
}

int64_t zf_sys_msync(struct zf_task *task, const uint64_t *a) {
    uint64_t length = page_up(a[1]);
    if (a[0] & ~ZF_PAGE_MASK) {
        return -EINVAL;
    }
    if (!length) {
        return 0;
    }
    if (!zf_linear_allows(&task->machine->storage, a[0], length, 0)) {
        return -ENOMEM;
    }
    return zf_host_result(msync(task->machine->storage.ram + a[0], length, (int)a[2]));
}

int64_t zf_sys_mincore(struct zf_task *task, const uint64_t *a) {
    uint64_t pages = page_up(a[1]) / ZF_PAGE_SIZE;
    if (a[0] & ~ZF_PAGE_MASK) {
        return -EINVAL;
    }
    if (!zf_linear_allows(&task->machine->storage, a[0], a[1], 0)) {
        return -ENOMEM;
    }
    uint8_t *out = zf_guest_out(task, a[2], pages);
    if (!out) {
        return -EFAULT;
    }
    memset(out, 1, pages);
    return 0;
}

/* All guest pages are the host's to keep: locking succeeds without effect. */
int64_t zf_sys_mlock(struct zf_task *task, const uint64_t *a) {
    return zf_linear_allows(&task->machine->storage, a[0], a[1], 0) ? 0 : -ENOMEM;
}

int64_t zf_sys_munlock(struct zf_task *task, const uint64_t *a) {
    return zf_sys_mlock(task, a);
}

int64_t zf_sys_mlock2(struct zf_task *task, const uint64_t *a) {
    return a[2] & ~UINT64_C(1) ? -EINVAL : zf_sys_mlock(task, a);
}

int64_t zf_sys_mlockall(struct zf_task *task, const uint64_t *a) {
    (void)task;
    bool valid = a[0] && !(a[0] & ~UINT64_C(7)) && a[0] != MCL_ONFAULT;
    return valid ? 0 : -EINVAL;
}

int64_t zf_sys_munlockall(struct zf_task *task, const uint64_t *a) {
    (void)task, (void)a;
    return 0;
}
