/*
 * The address space's calls: mmap, munmap, mprotect, mremap, mseal, brk, on the linear map. What
 * Linux checks of a mapping's file and flags is the host's business; places, limits and seals are
 * the guest's own.
 */
#include "record.h"

#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The guest's values, which are those of most Linux systems. */
enum {
    GUEST_MAP_TYPE = 0xf,
    GUEST_MAP_FIXED = 0x10,
    GUEST_MAP_ANONYMOUS = 0x20,
    GUEST_MAP_UNKNOWN = 0xc0, /* flags of other machines */
    GUEST_MAP_GROWSDOWN = 0x100,
    GUEST_MAP_LOCKED = 0x2000,
    GUEST_MAP_HUGETLB = 0x40000,
    GUEST_MAP_HUGE_SHIFT = 26,
    GUEST_MAP_FIXED_NOREPLACE = 0x100000,
    GUEST_PROT_SEM = 8, /* without effect */
    GUEST_PROT_GROWSDOWN = 0x1000000,
    GUEST_PROT_GROWSUP = 0x2000000,
    GUEST_MREMAP_MAYMOVE = 1,
    GUEST_MREMAP_FIXED = 2,
    GUEST_MREMAP_DONTUNMAP = 4,
    DATA = ZF_PROT_WRITE | ZF_PROT_SHARED | ZF_PROT_GROWS, /* decide what is data */
};

static uint64_t page_up(uint64_t length) {
    return (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
}

uint64_t zf_mapped_bytes(const struct zf_task *task, unsigned mask, unsigned prot) {
    struct zf_linear_range range = {.end = 0};
    uint64_t sum = 0;
    while (zf_linear_next(&task->machine->storage, range.end, &range)) {
        sum += (range.prot & mask) == prot ? range.end - range.start : 0;
    }
    return sum;
}

/* What the process alone may write, but for stacks. */
uint64_t zf_data_bytes(const struct zf_task *task) {
    return zf_mapped_bytes(task, DATA, ZF_PROT_WRITE);
}

/* Whether so much more may be mapped. */
static bool is_within_limits(const struct zf_task *task, uint64_t more, unsigned prot) {
    uint64_t space = zf_storage_limit(task->process, RLIMIT_AS);
    uint64_t data = zf_storage_limit(task->process, RLIMIT_DATA);
    return (space == RLIM_INFINITY || zf_mapped_bytes(task, 0, 0) + more <= space) &&
           (data == RLIM_INFINITY || (prot & DATA) != ZF_PROT_WRITE ||
            zf_data_bytes(task) + more <= data);
}

/* Whether whole pages [address, address + length) can be the guest's. */
static bool range_valid(const struct zf_task *task, uint64_t address, uint64_t length) {
    return !(address & ~ZF_PAGE_MASK) && length && length <= task->machine->storage.size &&
           address <= task->machine->storage.size - length;
}

/* Whether a mapping may be put there: not too near below a stack. */
static bool range_free(const struct zf_task *task, uint64_t address, uint64_t length) {
    return range_valid(task, address, length) &&
           zf_linear_free(&task->machine->storage, address, length) == address;
}

static bool is_sealed(const struct zf_task *task, uint64_t address, uint64_t length) {
    return zf_linear_any(&task->machine->storage, address, length, ZF_PROT_SEALED);
}

/* More storage of the guest's own; -errno. */
static int64_t add(struct zf_task *task, uint64_t address, uint64_t length, unsigned prot) {
    const struct zf_linear_range range = {address, address + length, prot};
    const struct zf_linear_view view = {-1, 0, MAP_PRIVATE};
    if (!is_within_limits(task, length, prot)) {
        return -ENOMEM;
    }
    return zf_linear_map_view(&task->machine->storage, &range, &view) ? 0 : -errno;
}

int64_t zf_sys_brk(struct zf_task *task, const uint64_t *a) {
    struct zf_linux *process = task->process;
    uint64_t old_end = page_up(process->brk), end = page_up(a[0]);
    bool done = a[0] >= process->brk_start && end >= a[0] && end <= task->machine->storage.size;
    if (done && end > old_end) {
        done =
            range_free(task, old_end, end - old_end) &&
            !add(task, old_end, end - old_end, ZF_PROT_READ | ZF_PROT_WRITE | process->lock_future);
    } else if (done && end < old_end) {
        done = !is_sealed(task, end, old_end - end) &&
               zf_linear_unmap(&task->machine->storage, end, old_end - end);
    }
    process->brk = done ? a[0] : process->brk;
    return (int64_t)process->brk;
}

uint64_t zf_place_for(const struct zf_task *task, uint64_t hint, uint64_t length) {
    hint &= ZF_PAGE_MASK;
    if (hint && range_free(task, hint, length)) {
        return hint;
    }
    uint64_t at = zf_linear_free(&task->machine->storage, task->process->mmap_base, length);
    return at ? at : zf_linear_free(&task->machine->storage, ZF_PAGE_SIZE * 16, length);
}

/* The size of pages that a mapping without a file asks for: the host has the same, or none. */
static uint64_t huge_size(uint64_t flags) {
    enum { SIZES = 63, LARGEST = 34 };
    uint64_t bits = flags >> GUEST_MAP_HUGE_SHIFT & SIZES, kilobytes = 0;
    if (bits) {
        return bits <= LARGEST ? UINT64_C(1) << bits : 0;
    }
    char line[128];
    FILE *in = fopen("/proc/meminfo", "re");
    while (in && fgets(line, sizeof line, in) &&
           sscanf(line, "Hugepagesize: %" SCNu64, &kilobytes) != 1) {
    }
    if (in) {
        fclose(in);
    }
    return kilobytes * 1024;
}

/* The size of a new mapping's pages; -errno: it is refused before anybody looks for a place. */
static int64_t page_size_of(const struct zf_task *task, const uint64_t *a) {
    const bool huge = a[3] & GUEST_MAP_HUGETLB;
    struct statfs fs;
    if (a[5] & ~ZF_PAGE_MASK) {
        return -EINVAL;
    }
    if (a[3] & GUEST_MAP_ANONYMOUS) {
        uint64_t size = huge ? huge_size(a[3]) : ZF_PAGE_SIZE;
        return size ? (int64_t)size : -EINVAL;
    }
    if (zf_own_file(task, a[4]) || fstatfs((int)a[4], &fs)) {
        return -EBADF;
    }
    if (fs.f_type == HUGETLBFS_MAGIC) {
        return (int64_t)fs.f_bsize;
    }
    return huge ? -EINVAL : ZF_PAGE_SIZE;
}

/* A place for whole pages of `size` bytes, at or near `address`; -errno. */
static int64_t place(const struct zf_task *task, uint64_t address, uint64_t length, uint64_t flags,
                     uint64_t size) {
    struct zf_linear_range next;
    if (!(flags & (GUEST_MAP_FIXED | GUEST_MAP_FIXED_NOREPLACE))) {
        address = zf_place_for(task, address, length + size - ZF_PAGE_SIZE);
        return address ? (int64_t)((address + size - 1) & -size) : -ENOMEM;
    }
    if (!range_valid(task, address, length)) {
        return length <= task->machine->storage.size && address & ~ZF_PAGE_MASK ? -EINVAL : -ENOMEM;
    }
    if (flags & GUEST_MAP_FIXED_NOREPLACE &&
        zf_linear_next(&task->machine->storage, address, &next) && next.start < address + length) {
        return -EEXIST;
    }
    return is_sealed(task, address, length) ? -EPERM : (int64_t)address;
}

/* Where it goes, in whole pages; -errno. */
static int64_t find_place(const struct zf_task *task, const uint64_t *a,
                          struct zf_linear_range *range) {
    int64_t size = page_size_of(task, a);
    if (size < 0 || !a[1]) {
        return size < 0 ? size : -EINVAL;
    }
    uint64_t length = (a[1] + (uint64_t)size - 1) & -(uint64_t)size;
    int64_t at = length < a[1] ? -ENOMEM : place(task, a[0], length, a[3], (uint64_t)size);
    *range = (struct zf_linear_range){.start = (uint64_t)at, .end = (uint64_t)at + length};
    return at < 0 ? at : 0;
}

/* args: address, length, prot, flags, fd, offset */
static int64_t map(struct zf_task *task, const uint64_t *a) {
    const uint64_t flags = a[3], type = flags & GUEST_MAP_TYPE;
    const uint64_t own =
        GUEST_MAP_UNKNOWN | GUEST_MAP_GROWSDOWN | GUEST_MAP_LOCKED | GUEST_MAP_FIXED_NOREPLACE;
    const bool anonymous = flags & GUEST_MAP_ANONYMOUS, grows = flags & GUEST_MAP_GROWSDOWN;
    const bool shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
    struct zf_linear_range range;
    int64_t error = find_place(task, a, &range);
    if (error) {
        return error;
    }
    if (flags & GUEST_MAP_LOCKED && syscall(SYS_mlock, NULL, 0)) {
        return -EPERM;
    }
    if (type == MAP_SHARED_VALIDATE && !anonymous &&
        flags & (GUEST_MAP_UNKNOWN | GUEST_MAP_FIXED_NOREPLACE)) {
        return -EOPNOTSUPP;
    }
    range.prot = (a[2] & ZF_PROT_ACCESS) | (shared ? ZF_PROT_SHARED : 0) |
                 (grows ? ZF_PROT_GROWS : 0) | (flags & GUEST_MAP_LOCKED ? ZF_PROT_LOCKED : 0) |
                 task->process->lock_future;
    if ((grows && (shared || !anonymous)) || type == 0) {
        return -EINVAL;
    }
    const struct zf_linear_view view = {anonymous ? -1 : (int)a[4], (int64_t)a[5],
                                        (int)(flags & ~own)};
    if (!is_within_limits(task, range.end - range.start, range.prot)) {
        return -ENOMEM;
    }
    if (!zf_linear_map_view(&task->machine->storage, &range, &view)) {
        return -errno;
    }
    zf_record_mapping(task, &range, &view);
    return (int64_t)range.start;
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
    if (is_sealed(task, a[0], length)) {
        return -EPERM;
    }
    return zf_linear_unmap(&task->machine->storage, a[0], length) ? 0 : -errno;
}

/* With PROT_GROWSDOWN, from the beginning of the stack that holds `address`; -errno. */
static int64_t stack_begin(const struct zf_task *task, uint64_t address, uint64_t length) {
    struct zf_linear_range range;
    if (!zf_linear_next(&task->machine->storage, address, &range) ||
        range.start >= address + length) {
        return -ENOMEM;
    }
    return range.prot & ZF_PROT_GROWS ? (int64_t)range.start : -EINVAL;
}

int64_t zf_sys_mprotect(struct zf_task *task, const uint64_t *a) {
    uint64_t from = a[0], length = page_up(a[1]);
    const uint64_t grows = GUEST_PROT_GROWSDOWN | GUEST_PROT_GROWSUP;
    const uint64_t known = ZF_PROT_ACCESS | GUEST_PROT_SEM | grows;
    if (a[2] & GUEST_PROT_GROWSUP || from & ~ZF_PAGE_MASK) {
        return -EINVAL;
    }
    if (!a[1]) {
        return 0;
    }
    if (from + length <= from) {
        return -ENOMEM;
    }
    if (a[2] & ~known) {
        return -EINVAL;
    }
    if (!range_valid(task, from, length)) {
        return -ENOMEM;
    }
    if (a[2] & GUEST_PROT_GROWSDOWN) {
        int64_t begin = stack_begin(task, from, length);
        if (begin < 0) {
            return begin;
        }
        length += from - (uint64_t)begin;
        from = (uint64_t)begin;
    }
    if (is_sealed(task, from, length)) {
        return -EPERM;
    }
    return zf_linear_protect(&task->machine->storage, from, length, a[2] & ZF_PROT_ACCESS) ? 0
                                                                                           : -errno;
}

/* args: address, length, flags. Of the guest's own pages: zfacet unmaps them when the program ends.
 * It is there if the host, whose release the guest is told, has it. */
int64_t zf_sys_mseal(struct zf_task *task, const uint64_t *a) {
    enum { HOST_MSEAL = 462 };
    uint64_t length = page_up(a[1]);
    const struct zf_linear_range range = {a[0], a[0] + length, 0};
    if (syscall(HOST_MSEAL, task->machine->storage.ram, 0, 0) < 0) {
        return -errno;
    }
    if (a[2] || a[0] & ~ZF_PAGE_MASK || length < a[1] || range.end < range.start) {
        return -EINVAL;
    }
    if (!zf_linear_allows(&task->machine->storage, a[0], length, 0)) {
        return -ENOMEM;
    }
    return zf_linear_mark(&task->machine->storage, &range, ZF_PROT_SEALED, 0) ? 0 : -ENOMEM;
}

/* args: address, length, 0, page of the file, flags. The host's mapping has the file. */
int64_t zf_sys_remap_file_pages(struct zf_task *task, const uint64_t *a) {
    struct zf_storage *storage = &task->machine->storage;
    uint64_t start = a[0] & ZF_PAGE_MASK, length = a[1] & ZF_PAGE_MASK;
    if (a[2] || start + length <= start || !range_valid(task, start, length) ||
        !zf_linear_allows(storage, start, length, ZF_PROT_SHARED)) {
        return -EINVAL;
    }
    zf_code_changed(storage, start, length);
    zf_record_lose(task, "it has called remap_file_pages");
    return zf_host_result(
        syscall(SYS_remap_file_pages, storage->ram + start, length, 0, a[3], a[4] & MAP_NONBLOCK));
}

/* More of the same after its end, when that is free. A private view of a file does not grow. */
static bool grow(struct zf_task *task, const struct zf_linear_range *range, uint64_t end,
                 uint64_t more) {
    if (range->end != end || !range_free(task, end, more)) {
        return false;
    }
    if (range->prot & ZF_PROT_SHARED) {
        return zf_linear_extend(&task->machine->storage, range->start, end, more);
    }
    return !(range->prot & ZF_PROT_FILE) &&
           !add(task, end, more, range->prot & ~(unsigned)ZF_PROT_GUARD);
}

/* What a call of mremap says. */
struct remap {
    uint64_t from, old_length, length, flags, to;
    bool places; /* it goes elsewhere, whatever its length */
};

static int64_t check_remap(const struct zf_task *task, const struct remap *r) {
    const uint64_t known = GUEST_MREMAP_MAYMOVE | GUEST_MREMAP_FIXED | GUEST_MREMAP_DONTUNMAP;
    if (r->flags & ~known || r->from & ~ZF_PAGE_MASK || !r->length ||
        r->length > task->machine->storage.size) {
        return -EINVAL;
    }
    if (!r->places) {
        return 0;
    }
    bool fixed = r->flags & GUEST_MREMAP_FIXED;
    if (!(r->flags & GUEST_MREMAP_MAYMOVE) || (fixed && !range_valid(task, r->to, r->length)) ||
        (r->flags & GUEST_MREMAP_DONTUNMAP && r->old_length != r->length)) {
        return -EINVAL;
    }
    return fixed && r->to < r->from + r->old_length && r->from < r->to + r->length ? -EINVAL : 0;
}

/* Where the mapping ends that `range` is part of: guard pages do not divide it. */
static uint64_t mapping_end(const struct zf_task *task, const struct zf_linear_range *range) {
    struct zf_linear_range next;
    uint64_t end = range->end;
    while (zf_linear_find(&task->machine->storage, end, &next) &&
           !((next.prot ^ range->prot) & ~(unsigned)ZF_PROT_GUARD)) {
        end = next.end;
    }
    return end;
}

static int64_t move_to(struct zf_task *task, const struct remap *r, uint64_t to) {
    const struct zf_linear_move move = {r->from, r->old_length, to, r->length,
                                        r->flags & GUEST_MREMAP_DONTUNMAP};
    if (is_sealed(task, to, r->length)) {
        return -EPERM;
    }
    return zf_linear_move(&task->machine->storage, &move) ? (int64_t)to : -errno;
}

/* All that is mapped there, to a fixed place of the same length: piece by piece. */
static int64_t move_pieces(struct zf_task *task, const struct remap *r) {
    struct zf_linear_range piece = {.end = r->from};
    const uint64_t end = r->from + r->length;
    while (zf_linear_next(&task->machine->storage, piece.end, &piece) && piece.start < end) {
        uint64_t start = piece.start > r->from ? piece.start : r->from;
        piece.end = piece.end < end ? piece.end : end;
        const struct remap part = {.from = start,
                                   .old_length = piece.end - start,
                                   .length = piece.end - start,
                                   .flags = r->flags};
        int64_t moved =
            piece.prot & ZF_PROT_SEALED ? -EPERM : move_to(task, &part, r->to + start - r->from);
        if (moved < 0) {
            return moved;
        }
    }
    return (int64_t)r->to;
}

/* With the place known to be the guest's: it becomes longer, or goes elsewhere. */
static int64_t extend(struct zf_task *task, const struct remap *r, struct zf_linear_range *range) {
    const bool fixed = r->flags & GUEST_MREMAP_FIXED;
    const uint64_t kept = r->old_length < r->length ? r->old_length : r->length;
    const uint64_t end = r->from + kept, more = r->length - kept;
    range->end = mapping_end(task, range);
    if (!r->old_length && !(range->prot & ZF_PROT_SHARED)) {
        return -EINVAL;
    }
    if (end > range->end) {
        return fixed && r->length == r->old_length ? move_pieces(task, r) : -EFAULT;
    }
    if (!is_within_limits(task, r->flags & GUEST_MREMAP_DONTUNMAP ? r->length : more,
                          range->prot)) {
        return -ENOMEM;
    }
    if (!r->places && grow(task, range, end, more)) {
        return (int64_t)r->from;
    }
    if (is_sealed(task, end, r->old_length - kept)) {
        return -EPERM;
    }
    bool moves = r->flags & GUEST_MREMAP_MAYMOVE;
    uint64_t to = fixed ? r->to : moves ? zf_place_for(task, r->to, r->length) : 0;
    return to || fixed ? move_to(task, r, to) : -ENOMEM;
}

int64_t zf_sys_mremap(struct zf_task *task, const uint64_t *a) {
    struct remap r = {a[0], page_up(a[1]), page_up(a[2]),
                      a[3], a[4],          a[3] & (GUEST_MREMAP_FIXED | GUEST_MREMAP_DONTUNMAP)};
    struct zf_linear_range range;
    int64_t error = check_remap(task, &r);
    if (error) {
        return error;
    }
    r.to = r.places ? r.to : 0;
    if (!zf_linear_find(&task->machine->storage, r.from, &range)) {
        return -EFAULT;
    }
    if (range.prot & ZF_PROT_SEALED) {
        return -EPERM;
    }
    if (r.places || r.length > r.old_length) {
        return extend(task, &r, &range);
    }
    uint64_t end = r.from + r.length, rest = r.old_length - r.length;
    if (rest && is_sealed(task, end, rest)) {
        return -EPERM;
    }
    return !rest || zf_linear_unmap(&task->machine->storage, end, rest) ? (int64_t)r.from : -errno;
}
