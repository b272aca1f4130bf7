/*
 * The linear map: a Linux program's storage at one fixed place of the host's address space, so that
 * an access is one host instruction. What the guest may not touch the host cannot touch either: its
 * faults come as signals, and become the guest's conditions here.
 */
#include "zfacet/linear.h"

#include "zfacet/host_float.h"

#include <errno.h>
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
    uint64_t
        *code_pages; /* a bit each: the host's page may only be read, for the sake of its code */
    zf_linear_sent *sent;
};

/*
 * The one thing a signal handler can start from: which CPU this thread is running. Set only
 * around zf_machine_run() of a linear machine, per thread.
 */
/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables) */
static _Thread_local struct zf_cpu *running_cpu;

/*
 * Behind the map nothing is ever mapped. An access that reaches over the map's end faults at the
 * beginning of this, one to an address beyond the map is made to OUTSIDE: see zf_linear_outside().
 */
enum { GUARD = 1 << 20, OUTSIDE = ZF_LINEAR_OUTSIDE, RETRIES = 1000 };

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

static uint64_t code_bit(uint64_t page) {
    return UINT64_C(1) << (page / ZF_PAGE_SIZE % 64);
}

static uint64_t *code_word(const struct zf_storage *storage, uint64_t page) {
    return &storage->map->code_pages[page / ZF_PAGE_SIZE / 64];
}

/* The page may be written again: its code is dropped. */
static bool open_code_page(struct zf_storage *storage, uint64_t page) {
    __atomic_fetch_and(code_word(storage, page), ~code_bit(page), __ATOMIC_RELAXED);
    zf_code_changed(storage, page, ZF_PAGE_SIZE);
    return !mprotect(storage->ram + page, ZF_PAGE_SIZE, PROT_READ | PROT_WRITE);
}

/*
 * A store to a page that the guest may write. It has, or had, translated code; or another thread
 * was here first, which cannot be so for ever.
 */
static bool store_again(struct zf_cpu *cpu, uint64_t address) {
    struct zf_storage *storage = cpu->storage;
    uint64_t page = address & ZF_PAGE_MASK;
    if (*code_word(storage, page) & code_bit(page) || cpu->fault_address != address) {
        cpu->fault_repeats = 0;
    }
    cpu->fault_address = address;
    return cpu->fault_repeats++ < RETRIES && open_code_page(storage, page);
}

/* The guest address of an access that faulted. */
static uint64_t guest_address(const struct zf_cpu *cpu, uint64_t address) {
    uint64_t outside = cpu->storage->size + OUTSIDE;
    return address < outside ? address : cpu->outside_address + (address - outside);
}

/* A host access fault: code page made writable again, or a guest fault, or not ours at all. */
static void on_fault(int signal_number, siginfo_t *info, void *context) {
    struct zf_cpu *cpu = running_cpu;
    struct zf_storage *storage = cpu ? cpu->storage : NULL;
    if (cpu && info->si_code <= 0 && storage->map->sent) {
        storage->map->sent(signal_number, info, context); /* by someone, it is no fault */
        return;
    }
    if (!cpu || info->si_code <= 0) {
        forward_signal(signal_number);
        if (info->si_code <= 0) {
            raise(signal_number);
        }
        return;
    }
    uint64_t address = (uint64_t)((uint8_t *)info->si_addr - storage->ram);
    if (address >= storage->size + GUARD) {
        forward_signal(signal_number);
        return;
    }
    const struct zf_linear_range *range = zf_linear_find(storage, address);
    if (signal_number == SIGSEGV && range && range->prot & ZF_PROT_WRITE &&
        store_again(cpu, address)) {
        return;
    }
    if (cpu->guard) {
        siglongjmp(*cpu->guard, 1);
    }
    cpu->fault_address = guest_address(cpu, address);
    cpu->fault_in_file = signal_number == SIGBUS;
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

void zf_linear_on_sent(struct zf_storage *storage, zf_linear_sent *sent) {
    storage->map->sent = sent;
}

static void *reserve(void *at, uint64_t size, int prot) {
    return mmap(at, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED : 0),
                -1, 0);
}

/* The guest's addresses belong to nobody else, whatever is mapped there or not. */
static void reserve_again(struct zf_storage *storage, uint64_t address, uint64_t length) {
    ZF_ASSERT(reserve(storage->ram + address, length, PROT_NONE) != MAP_FAILED);
}

static size_t code_pages_size(const struct zf_storage *storage) {
    return storage->size / ZF_PAGE_SIZE / 8;
}

static bool reserve_code_pages(struct zf_storage *storage) {
    void *p = reserve(NULL, code_pages_size(storage), PROT_READ | PROT_WRITE);
    storage->map->code_pages = p == MAP_FAILED ? NULL : p;
    return p != MAP_FAILED;
}

enum zf_status zf_linear_create(struct zf_storage *storage, struct zf_error *err) {
    storage->map = calloc(1, sizeof *storage->map);
    if (!storage->map) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the guest's map");
    }
    for (unsigned bits = 46; bits >= 32; bits -= 2) {
        uint64_t size = UINT64_C(1) << bits;
        void *p = reserve(NULL, size + GUARD, PROT_NONE);
        if (p != MAP_FAILED) {
            storage->ram = p;
            storage->size = size;
            storage->linear = true;
            storage->fetch_prot = ZF_PROT_READ | ZF_PROT_EXEC;
            return reserve_code_pages(storage)
                       ? ZF_OK
                       : zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the guest's map");
        }
    }
    return zf_fail(err, ZF_ERROR_MEMORY, "the host has no 4 GiB of address space for the guest");
}

void zf_linear_destroy(struct zf_storage *storage) {
    if (storage->ram) {
        munmap(storage->ram, storage->size + GUARD);
    }
    if (storage->map) {
        if (storage->map->code_pages) {
            munmap(storage->map->code_pages, code_pages_size(storage));
        }
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
    struct zf_linear_range *next = &linear->ranges[i];
    bool with_next = i < linear->count && next->start == address + length && next->prot == prot;
    if (i > 0 && next[-1].end == address && next[-1].prot == prot) {
        next[-1].end = with_next ? next->end : address + length;
        if (with_next) {
            linear->count--;
            memmove(next, next + 1, (linear->count - i) * sizeof *next);
        }
        return;
    }
    if (with_next) {
        next->start = address;
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

/* A mapping that failed may have taken away what was there: as on Linux, nothing is, then. */
static void lose(struct zf_storage *storage, uint64_t address, uint64_t length) {
    int error = errno;
    reserve_again(storage, address, length);
    cut(storage->map, address, address + length);
    errno = error;
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
        lose(storage, address, length);
        return false;
    }
    prot |= fd < 0 ? 0 : ZF_PROT_FILE;
    insert(storage->map, address, length, prot);
    return true;
}

bool zf_linear_unmap(struct zf_storage *storage, uint64_t address, uint64_t length) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length) || !make_room(storage->map, 1)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    if (reserve(storage->ram + address, length, PROT_NONE) == MAP_FAILED) {
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
    for (uint64_t at = address, end = address + length; at < end;) {
        /* each range stays what it is, of a file or shared */
        struct zf_linear_range range = *zf_linear_find(storage, at);
        uint64_t here = (range.end < end ? range.end : end) - at;
        if (mprotect(storage->ram + at, here, host_prot(prot)) || !make_room(storage->map, 2)) {
            return false;
        }
        insert(storage->map, at, here, prot | (range.prot & (ZF_PROT_SHARED | ZF_PROT_FILE)));
        at += here;
    }
    return true;
}

void zf_linear_code_page(struct zf_storage *storage, uint64_t page) {
    __atomic_fetch_or(code_word(storage, page), code_bit(page), __ATOMIC_RELAXED);
    mprotect(storage->ram + page, ZF_PAGE_SIZE, PROT_READ);
}

uint8_t *zf_linear_writable(struct zf_storage *storage, uint64_t address, uint64_t length) {
    const uint64_t word_bytes = 64 * ZF_PAGE_SIZE;
    uint64_t end = address + length;
    for (uint64_t at = address & ZF_PAGE_MASK; at < end;) {
        if (!*code_word(storage, at)) {
            at = (at + word_bytes) & -word_bytes;
            continue;
        }
        if (*code_word(storage, at) & code_bit(at)) {
            open_code_page(storage, at);
        }
        at += ZF_PAGE_SIZE;
    }
    return storage->ram + address;
}

/* Apart, so that none of its variables live across the jump. */
static __attribute__((noinline)) void touch(const volatile uint8_t *ram, uint64_t address,
                                            uint64_t end) {
    for (uint64_t at = address; at < end; at = (at & ZF_PAGE_MASK) + ZF_PAGE_SIZE) {
        (void)ram[at];
    }
}

/* Touches each page: a fault of the host's comes back here. */
static bool is_there(struct zf_cpu *cpu, uint64_t address, uint64_t end) {
    sigjmp_buf here, *const outer = cpu->guard;
    volatile bool there = false;
    if (!sigsetjmp(here, 0)) {
        cpu->guard = &here;
        touch(cpu->storage->ram, address, end);
        there = true;
    }
    cpu->guard = outer;
    return there;
}

bool zf_linear_present(struct zf_cpu *cpu, uint64_t address, uint64_t length) {
    uint64_t end = address + length;
    while (address < end) {
        const struct zf_linear_range *range = zf_linear_find(cpu->storage, address);
        uint64_t here = range && range->end < end ? range->end : end;
        if (!range || (range->prot & ZF_PROT_FILE && !is_there(cpu, address, here))) {
            return false;
        }
        address = here;
    }
    return true;
}

/*
 * The host moves pages within one mapping of its own, of which a range may have several: they are
 * found by halving.
 */
static bool move_pages(uint8_t *from, uint64_t old_length, uint8_t *to, uint64_t length) {
    if (mremap(from, old_length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) {
        return true;
    }
    uint64_t half = old_length / 2 & ZF_PAGE_MASK;
    return errno == EFAULT && half && move_pages(from, half, to, half) &&
           move_pages(from + half, old_length - half, to + half, length - half);
}

bool zf_linear_move(struct zf_storage *storage, const struct zf_linear_range *from, uint64_t to,
                    uint64_t length) {
    uint64_t old_length = from->end - from->start;
    const struct zf_linear_range *range = zf_linear_find(storage, from->start);
    unsigned prot = range ? range->prot : 0;
    if (!range_fits(storage, from->start, old_length) || !range_fits(storage, to, length) ||
        !range || range->end < from->end || !make_room(storage->map, 4)) {
        return false;
    }
    zf_code_changed(storage, to, length);
    zf_linear_writable(storage, from->start, old_length);
    if (old_length > length) {
        zf_linear_unmap(storage, from->start + length, old_length - length);
        old_length = length;
    }
    bool moved = move_pages(storage->ram + from->start, old_length, storage->ram + to, length);
    lose(storage, from->start, old_length);
    if (moved) {
        insert(storage->map, to, length, prot);
    } else {
        lose(storage, to, length);
    }
    return moved;
}

void zf_linear_clear(struct zf_storage *storage) {
    while (storage->map->count) {
        struct zf_linear_range range = storage->map->ranges[storage->map->count - 1];
        if (!zf_linear_unmap(storage, range.start, range.end - range.start)) {
            return;
        }
    }
}
