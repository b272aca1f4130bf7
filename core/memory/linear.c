/*
 * The linear map: a Linux program's storage at one fixed place of the host's address space, so that
 * an access is one host instruction. What the guest may not touch the host cannot touch either: its
 * faults come as signals, and become the guest's conditions here.
 */
#include "zfacet/linear.h"

#include "zfacet/host_float.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

struct zf_linear {
    struct zf_linear_range *ranges; /* sorted, disjoint */
    size_t count, room;
    size_t last; /* where the last look-up ended */
};

/*
 * The one thing a signal handler can start from: which CPU this thread is running. Set only
 * around zf_machine_run() of a linear machine, per thread.
 */
/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables) */
static _Thread_local struct zf_cpu *running_cpu;

enum { GUARD = 1 << 20 };

static void forward_signal(int signal_number) {
    signal(signal_number, SIG_DFL);
}

/* The handler has host flags of its own: those of the interrupted code are in its context. */
static void gather_host_float(struct zf_cpu *cpu, const void *context) {
#ifdef __x86_64__
    const struct _libc_fpstate *state = ((const ucontext_t *)context)->uc_mcontext.fpregs;
    if (state && state->mxcsr & ZF_MXCSR_INEXACT) {
        cpu->fpc |= ZF_FPC_INEXACT;
    }
#else
    (void)context;
    zf_host_float_gather(cpu);
#endif
}

/* A host access fault: code page made writable again, or a guest fault, or not ours at all. */
static void on_fault(int signal_number, siginfo_t *info, void *context) {
    struct zf_cpu *cpu = running_cpu;
    if (!cpu) {
        forward_signal(signal_number);
        return;
    }
    struct zf_storage *storage = cpu->storage;
    uint64_t address = (uint64_t)((uint8_t *)info->si_addr - storage->ram);
    if (info->si_code <= 0) {
        forward_signal(signal_number); /* sent by someone, not a fault */
        raise(signal_number);
        return;
    }
    if (address >= storage->size + GUARD) {
        forward_signal(signal_number);
        return;
    }
    uint64_t page = address & ZF_PAGE_MASK;
    const struct zf_linear_range *range = zf_linear_find(storage, page);
    if (signal_number == SIGSEGV && range && range->prot & ZF_PROT_WRITE) {
        /* it has, or had, translated code: nothing else makes such a page read-only */
        zf_code_changed(storage, page, ZF_PAGE_SIZE);
        mprotect(storage->ram + page, ZF_PAGE_SIZE, PROT_READ | PROT_WRITE);
        return;
    }
    cpu->fault_address = address;
    storage->code.faulted(storage->code.context, cpu, context);
    gather_host_float(cpu, context);
    siglongjmp(cpu->fault_env, range ? ZF_PGM_PROTECTION : ZF_PGM_PAGE_TRANSLATION);
}

static void install_handler(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

void zf_linear_enter(struct zf_cpu *cpu) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handler);
    running_cpu = cpu;
}

void zf_linear_leave(void) {
    running_cpu = NULL;
}

enum zf_status zf_linear_create(struct zf_storage *storage, struct zf_error *err) {
    storage->map = calloc(1, sizeof *storage->map);
    if (!storage->map) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the guest's map");
    }
    for (unsigned bits = 46; bits >= 32; bits -= 2) {
        uint64_t size = UINT64_C(1) << bits;
        void *p =
            mmap(NULL, size + GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED) {
            storage->ram = p;
            storage->size = size;
            storage->linear = true;
            return ZF_OK;
        }
    }
    return zf_fail(err, ZF_ERROR_MEMORY, "the host has no 4 GiB of address space for the guest");
}

void zf_linear_destroy(struct zf_storage *storage) {
    if (storage->ram) {
        munmap(storage->ram, storage->size + GUARD);
    }
    if (storage->map) {
        free(storage->map->ranges);
        free(storage->map);
    }
}

/* Index of the first range that ends after `address`. */
static size_t range_index(const struct zf_linear *linear, uint64_t address) {
    size_t low = 0, high = linear->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (linear->ranges[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct zf_linear_range *zf_linear_find(const struct zf_storage *storage, uint64_t address) {
    struct zf_linear *linear = storage->map;
    if (linear->last < linear->count) {
        const struct zf_linear_range *last = &linear->ranges[linear->last];
        if (address >= last->start && address < last->end) {
            return last;
        }
    }
    size_t i = range_index(linear, address);
    if (i >= linear->count || linear->ranges[i].start > address) {
        return NULL;
    }
    linear->last = i;
    return &linear->ranges[i];
}

bool zf_linear_allows(const struct zf_storage *storage, uint64_t address, uint64_t length,
                      unsigned prot) {
    if (address + length < address) {
        return false;
    }
    uint64_t end = address + length;
    while (address < end) {
        const struct zf_linear_range *range = zf_linear_find(storage, address);
        if (!range || (range->prot & prot) != prot) {
            return false;
        }
        address = range->end;
    }
    return true;
}

uint64_t zf_linear_free(const struct zf_storage *storage, uint64_t from, uint64_t length) {
    const struct zf_linear *linear = storage->map;
    uint64_t at = from;
    for (size_t i = range_index(linear, from); i < linear->count; i++) {
        if (linear->ranges[i].start >= at && linear->ranges[i].start - at >= length) {
            break;
        }
        at = linear->ranges[i].end;
    }
    return at < storage->size && length <= storage->size - at ? at : 0;
}

static bool make_room(struct zf_linear *linear, size_t more) {
    if (linear->count + more <= linear->room) {
        return true;
    }
    size_t room = (linear->room + more) * 2;
    struct zf_linear_range *ranges = realloc(linear->ranges, room * sizeof *ranges);
    if (!ranges) {
        return false;
    }
    linear->ranges = ranges;
    linear->room = room;
    return true;
}

/* Cuts [start, end) out of the list; needs room for one more. */
static void cut(struct zf_linear *linear, uint64_t start, uint64_t end) {
    size_t i = range_index(linear, start);
    while (i < linear->count && linear->ranges[i].start < end) {
        struct zf_linear_range *range = &linear->ranges[i];
        struct zf_linear_range right = {end, range->end, range->prot};
        bool left_stays = range->start<start, right_stays = range->end> end;
        if (left_stays) {
            range->end = start;
            i++;
            if (right_stays) {
                memmove(&linear->ranges[i + 1], &linear->ranges[i],
                        (linear->count - i) * sizeof *range);
                linear->ranges[i] = right;
                linear->count++;
                return;
            }
        } else if (right_stays) {
            range->start = end;
            return;
        } else {
            linear->count--;
            memmove(range, range + 1, (linear->count - i) * sizeof *range);
        }
    }
}

static bool range_fits(const struct zf_storage *storage, uint64_t address, uint64_t length) {
    return !(address & ~ZF_PAGE_MASK) && length && address + length > address &&
           address + length <= storage->size;
}

/* Records [address, address + length) with `prot`, merged with equal neighbours. */
static void insert(struct zf_linear *linear, uint64_t address, uint64_t length, unsigned prot) {
    cut(linear, address, address + length);
    size_t i = range_index(linear, address);
    if (i > 0 && linear->ranges[i - 1].end == address && linear->ranges[i - 1].prot == prot) {
        linear->ranges[i - 1].end += length;
        return;
    }
    memmove(&linear->ranges[i + 1], &linear->ranges[i],
            (linear->count - i) * sizeof *linear->ranges);
    linear->ranges[i] = (struct zf_linear_range){address, address + length, prot};
    linear->count++;
}

static int host_prot(unsigned prot) {
    /* code is read, never executed, by the host */
    return (prot & (ZF_PROT_READ | ZF_PROT_EXEC) ? PROT_READ : 0) |
           (prot & ZF_PROT_WRITE ? PROT_READ | PROT_WRITE : 0);
}

bool zf_linear_map(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot,
                   int fd, int64_t offset) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length) || !make_room(storage->map, 2)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    void *p = mmap(storage->ram + address, length, host_prot(prot),
                   (prot & ZF_PROT_SHARED ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE |
                       (fd < 0 ? MAP_ANONYMOUS : 0),
                   fd, offset);
    if (p == MAP_FAILED) {
        return false;
    }
    insert(storage->map, address, length, prot);
    return true;
}

bool zf_linear_unmap(struct zf_storage *storage, uint64_t address, uint64_t length) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length) || !make_room(storage->map, 1)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    void *p = mmap(storage->ram + address, length, PROT_NONE,
                   MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return false;
    }
    cut(storage->map, address, address + length);
    return true;
}

bool zf_linear_protect(struct zf_storage *storage, uint64_t address, uint64_t length,
                       unsigned prot) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length) || !zf_linear_allows(storage, address, length, 0) ||
        !make_room(storage->map, 2)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    if (mprotect(storage->ram + address, length, host_prot(prot))) {
        return false;
    }
    insert(storage->map, address, length, prot);
    return true;
}

void zf_linear_code_page(struct zf_storage *storage, uint64_t page) {
    mprotect(storage->ram + page, ZF_PAGE_SIZE, PROT_READ);
}

uint8_t *zf_linear_writable(struct zf_storage *storage, uint64_t address, uint64_t length) {
    uint8_t *first = storage->ram + address, *end = first + length;
    /* a store of ours to each page is noticed as the guest's own would be, the kernel's is not */
    for (uint8_t *p = first; p < end; p += ZF_PAGE_SIZE - ((uintptr_t)p & ~ZF_PAGE_MASK)) {
        __atomic_fetch_or(p, 0, __ATOMIC_RELAXED);
    }
    return first;
}

void zf_linear_clear(struct zf_storage *storage) {
    while (storage->map->count) {
        struct zf_linear_range range = storage->map->ranges[storage->map->count - 1];
        if (!zf_linear_unmap(storage, range.start, range.end - range.start)) {
            return;
        }
    }
}
