/*
 * The linear map: a Linux program's storage at one fixed place of the host's address space, so that
 * an access is one host instruction. What the guest may not touch the host cannot touch either: its
 * faults come as signals, and become the guest's conditions here.
 */
#include "linear_list.h"

#include "zfacet/cpus.h"
#include "zfacet/host_float.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

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

static bool is_code_page(const struct zf_storage *storage, uint64_t page) {
    return __atomic_load_n(code_word(storage, page), __ATOMIC_RELAXED) & code_bit(page);
}

static void claim(const struct zf_storage *storage) {
    if (storage->code.claim) {
        storage->code.claim(storage->code.context);
    }
}

static void release(const struct zf_storage *storage) {
    if (storage->code.release) {
        storage->code.release(storage->code.context);
    }
}

/* With the claim: the page may be written again, its code is dropped. */
static bool open_code_page(struct zf_storage *storage, uint64_t page) {
    zf_watch_note(storage, page);
    __atomic_fetch_and(code_word(storage, page), ~code_bit(page), __ATOMIC_RELAXED);
    zf_code_changed(storage, page, ZF_PAGE_SIZE);
    return !mprotect(storage->ram + page, ZF_PAGE_SIZE, PROT_READ | PROT_WRITE);
}

/*
 * Whether a store is made again: the guest may write the page. It has, or had, translated code; or
 * another thread was here first, which cannot be so for ever.
 */
static bool store_again(struct zf_cpu *cpu, uint64_t address) {
    struct zf_storage *storage = cpu->storage;
    uint64_t page = address & ZF_PAGE_MASK;
    struct zf_linear_range range;
    if (!zf_linear_find(storage, page, &range) || !(range.prot & ZF_PROT_WRITE)) {
        return false;
    }
    claim(storage);
    if (is_code_page(storage, page) || cpu->fault_address != address) {
        cpu->fault_repeats = 0;
    }
    cpu->fault_address = address;
    bool again = zf_linear_find(storage, page, &range) && range.prot & ZF_PROT_WRITE &&
                 cpu->fault_repeats++ < RETRIES && open_code_page(storage, page);
    release(storage);
    return again;
}

/* In the guard before the map: a displacement less than zero has led there. */
static bool is_before(uint64_t address) {
    return address >= -(uint64_t)GUARD;
}

/* The guest address of an access that faulted. */
static uint64_t guest_address(const struct zf_cpu *cpu, uint64_t address) {
    uint64_t outside = cpu->storage->size + OUTSIDE;
    return address < outside || is_before(address) ? address
                                                   : cpu->outside_address + (address - outside);
}

/* A host access fault: code page made writable again, or a guest fault, or not ours at all. */
static void on_fault(int signal_number, siginfo_t *info, void *context) {
    struct zf_cpu *cpu = zf_cpu_current();
    struct zf_storage *storage = cpu ? cpu->storage : NULL;
    if (cpu && info->si_code <= 0 && storage->map && storage->map->sent) {
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
    if (storage->code.trapped && storage->code.trapped(storage->code.context, cpu, context)) {
        return;
    }
    uint64_t address = (uint64_t)((uint8_t *)info->si_addr - storage->ram);
    if (!storage->linear || (address >= storage->size + GUARD && !is_before(address))) {
        forward_signal(signal_number);
        return;
    }
    if (signal_number == SIGSEGV && address < storage->size && store_again(cpu, address)) {
        return;
    }
    if (cpu->guard) {
        siglongjmp(*cpu->guard, 1);
    }
    cpu->fault_address = guest_address(cpu, address);
    cpu->fault_in_file = signal_number == SIGBUS;
    storage->code.faulted(storage->code.context, cpu, context);
    gather_host_float(cpu, context);
    siglongjmp(cpu->fault_env, zf_linear_find(storage, address, NULL) ? ZF_PGM_PROTECTION
                                                                      : ZF_PGM_PAGE_TRANSLATION);
}

static void install_handler(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

void zf_linear_enter(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handler);
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
    pthread_mutex_init(&storage->map->lock, NULL);
    for (unsigned bits = 46; bits >= 32; bits -= 2) {
        uint64_t size = UINT64_C(1) << bits;
        uint8_t *p = reserve(NULL, size + 2 * (uint64_t)GUARD, PROT_NONE);
        if (p != MAP_FAILED) {
            storage->ram = p + GUARD;
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
        munmap(storage->ram - GUARD, storage->size + 2 * (uint64_t)GUARD);
    }
    if (storage->map) {
        if (storage->map->code_pages) {
            munmap(storage->map->code_pages, code_pages_size(storage));
        }
        pthread_mutex_destroy(&storage->map->lock);
        free(storage->map->ranges);
        free(storage->map);
    }
}

static bool range_fits(const struct zf_storage *storage, uint64_t address, uint64_t length) {
    return !(address & ~ZF_PAGE_MASK) && length && address + length > address &&
           address + length <= storage->size;
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
    zf_list_cut(storage->map, address, address + length);
    errno = error;
}

/* What a new mapping shows; no file (-1): zeros. */
struct view {
    int fd;
    int64_t offset;
};

/* The changes, with the claim: the host's mapping and the list go together. */

static bool map(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot,
                const struct view *view) {
    bool shared = prot & ZF_PROT_SHARED;
    if (!zf_list_room(storage->map, 2)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    void *p = mmap(storage->ram + address, length, host_prot(prot),
                   (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE |
                       (view->fd < 0 ? MAP_ANONYMOUS : 0),
                   view->fd, view->offset);
    if (p == MAP_FAILED) {
        lose(storage, address, length);
        return false;
    }
    prot |= view->fd < 0 ? 0 : ZF_PROT_FILE;
    zf_list_insert(storage->map, address, length, prot);
    return true;
}

static bool unmap(struct zf_storage *storage, uint64_t address, uint64_t length) {
    if (!zf_list_room(storage->map, 1)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    if (reserve(storage->ram + address, length, PROT_NONE) == MAP_FAILED) {
        return false;
    }
    zf_list_cut(storage->map, address, address + length);
    return true;
}

static bool protect(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot) {
    if (!zf_linear_allows(storage, address, length, 0)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    for (uint64_t at = address, end = address + length; at < end;) {
        /* each range stays what it is, of a file or shared */
        struct zf_linear_range range = {0};
        zf_linear_find(storage, at, &range);
        uint64_t here = (range.end < end ? range.end : end) - at;
        if (mprotect(storage->ram + at, here, host_prot(prot)) || !zf_list_room(storage->map, 2)) {
            return false;
        }
        zf_list_insert(storage->map, at, here,
                       prot | (range.prot & (ZF_PROT_SHARED | ZF_PROT_FILE)));
        at += here;
    }
    return true;
}

bool zf_linear_map(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot,
                   int fd, int64_t offset) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length)) {
        return false;
    }
    claim(storage);
    bool done = map(storage, address, length, prot, &(struct view){fd, offset});
    release(storage);
    return done;
}

bool zf_linear_unmap(struct zf_storage *storage, uint64_t address, uint64_t length) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length)) {
        return false;
    }
    claim(storage);
    bool done = unmap(storage, address, length);
    release(storage);
    return done;
}

bool zf_linear_protect(struct zf_storage *storage, uint64_t address, uint64_t length,
                       unsigned prot) {
    length = (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
    if (!range_fits(storage, address, length)) {
        return false;
    }
    claim(storage);
    bool done = protect(storage, address, length, prot);
    release(storage);
    return done;
}

void zf_linear_code_page(struct zf_storage *storage, uint64_t page) {
    struct zf_linear_range range;
    if (zf_linear_find(storage, page, &range) && range.prot & ZF_PROT_WRITE) {
        __atomic_fetch_or(code_word(storage, page), code_bit(page), __ATOMIC_RELAXED);
        mprotect(storage->ram + page, ZF_PAGE_SIZE, PROT_READ);
    }
}

uint8_t *zf_linear_writable(struct zf_storage *storage, uint64_t address, uint64_t length) {
    const uint64_t word_bytes = 64 * ZF_PAGE_SIZE;
    uint64_t end = address + length;
    for (uint64_t at = address & ZF_PAGE_MASK; at < end;) {
        if (!__atomic_load_n(code_word(storage, at), __ATOMIC_RELAXED)) {
            at = (at + word_bytes) & -word_bytes;
            continue;
        }
        if (is_code_page(storage, at)) {
            claim(storage);
            open_code_page(storage, at);
            release(storage);
        }
        at += ZF_PAGE_SIZE;
    }
    return storage->ram + address;
}

/* Apart, so that none of its variables live across the jump. The guest may be storing there. */
static __attribute__((noinline, no_sanitize("thread"))) void touch(const volatile uint8_t *ram,
                                                                   uint64_t address, uint64_t end) {
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
        struct zf_linear_range range;
        if (!zf_linear_find(cpu->storage, address, &range)) {
            return false;
        }
        uint64_t here = range.end < end ? range.end : end;
        if (range.prot & ZF_PROT_FILE && !is_there(cpu, address, here)) {
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

static bool move(struct zf_storage *storage, const struct zf_linear_range *from, uint64_t to,
                 uint64_t length) {
    uint64_t old_length = from->end - from->start;
    struct zf_linear_range range;
    if (!zf_linear_find(storage, from->start, &range) || range.end < from->end ||
        !zf_list_room(storage->map, 4)) {
        return false;
    }
    zf_code_changed(storage, to, length);
    zf_linear_writable(storage, from->start, old_length);
    if (old_length > length) {
        unmap(storage, from->start + length, old_length - length);
        old_length = length;
    }
    bool moved = move_pages(storage->ram + from->start, old_length, storage->ram + to, length);
    lose(storage, from->start, old_length);
    if (moved) {
        zf_list_insert(storage->map, to, length, range.prot);
    } else {
        lose(storage, to, length);
    }
    return moved;
}

bool zf_linear_move(struct zf_storage *storage, const struct zf_linear_range *from, uint64_t to,
                    uint64_t length) {
    if (!range_fits(storage, from->start, from->end - from->start) ||
        !range_fits(storage, to, length)) {
        return false;
    }
    claim(storage);
    bool done = move(storage, from, to, length);
    release(storage);
    return done;
}

void zf_linear_clear(struct zf_storage *storage) {
    zf_linear_forget_code(storage);
    while (storage->map->count) {
        struct zf_linear_range range = storage->map->ranges[storage->map->count - 1];
        if (!zf_linear_unmap(storage, range.start, range.end - range.start)) {
            return;
        }
    }
}
