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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

/*
 * Behind the map nothing is ever mapped. An access that reaches over the map's end faults at the
 * beginning of this, one to an address beyond the map is made to OUTSIDE: see zf_linear_outside().
 */
enum { GUARD = 1 << 20, ALIGNMENT = 1 << 30, OUTSIDE = ZF_LINEAR_OUTSIDE, RETRIES = 1000 };

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
    if (!zf_linear_allows(storage, page, 1, ZF_PROT_WRITE)) {
        return false;
    }
    zf_linear_claim(storage);
    if (is_code_page(storage, page) || cpu->fault_address != address) {
        cpu->fault_repeats = 0;
    }
    cpu->fault_address = address;
    bool again = zf_linear_allows(storage, page, 1, ZF_PROT_WRITE) &&
                 cpu->fault_repeats++ < RETRIES && open_code_page(storage, page);
    zf_linear_release(storage);
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
    struct zf_linear_range range;
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
    bool mapped = zf_linear_find(storage, address, &range) && !(range.prot & ZF_PROT_GUARD);
    if (signal_number == SIGSEGV && address < storage->size &&
        (mapped ? store_again(cpu, address) : zf_linear_grow(storage, address))) {
        return;
    }
    if (cpu->guard) {
        siglongjmp(*cpu->guard, 1);
    }
    cpu->fault_address = guest_address(cpu, address);
    cpu->fault_in_file = signal_number == SIGBUS;
    storage->code.faulted(storage->code.context, cpu, context);
    gather_host_float(cpu, context);
    siglongjmp(cpu->fault_env, mapped ? ZF_PGM_PROTECTION : ZF_PGM_PAGE_TRANSLATION);
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

static size_t code_pages_size(const struct zf_storage *storage) {
    return storage->size / ZF_PAGE_SIZE / 8;
}

static bool reserve_code_pages(struct zf_storage *storage) {
    void *p = zf_linear_reserve(NULL, code_pages_size(storage), PROT_READ | PROT_WRITE);
    storage->map->code_pages = p == MAP_FAILED ? NULL : p;
    madvise(p, code_pages_size(storage), MADV_DONTDUMP); /* what the kernel would look through */
    return p != MAP_FAILED;
}

/* As many mappings as the host lets a process have. */
static size_t most_mappings(void) {
    size_t most = 65530;
    FILE *in = fopen("/proc/sys/vm/max_map_count", "re");
    if (in) {
        (void)!fscanf(in, "%zu", &most);
        fclose(in);
    }
    return most;
}

/* Huge pages of the guest's are those of the host: begins at a multiple of them, gives back the
 * rest. */
static uint8_t *align(uint8_t *p, uint64_t size) {
    uint64_t before = -((uint64_t)(uintptr_t)p + GUARD) & (ALIGNMENT - 1);
    uint64_t whole = size + 2 * (uint64_t)GUARD;
    if (before) {
        munmap(p, before);
    }
    munmap(p + before + whole, ALIGNMENT - before);
    return p + before + GUARD;
}

enum zf_status zf_linear_create(struct zf_storage *storage, struct zf_error *err) {
    storage->map = calloc(1, sizeof *storage->map);
    if (!storage->map) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for the guest's map");
    }
    pthread_mutex_init(&storage->map->lock, NULL);
    storage->map->most = most_mappings();
    for (unsigned bits = 46; bits >= 32; bits -= 2) {
        uint64_t size = UINT64_C(1) << bits;
        uint8_t *p = zf_linear_reserve(NULL, size + 2 * (uint64_t)GUARD + ALIGNMENT, PROT_NONE);
        if (p != MAP_FAILED) {
            storage->ram = align(p, size);
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
        zf_views_destroy(storage->map);
        free(storage->map->ranges);
        free(storage->map);
    }
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
            zf_linear_claim(storage);
            open_code_page(storage, at);
            zf_linear_release(storage);
        }
        at += ZF_PAGE_SIZE;
    }
    return storage->ram + address;
}

/* Apart, so that none of its variables live across the jump. The guest may be storing there. */
static __attribute__((noinline, no_sanitize("thread"))) void
touch(const volatile uint8_t *ram, uint64_t address, uint64_t end, uint8_t *to) {
    for (uint64_t at = address; at < end; at = to ? at + 1 : (at & ZF_PAGE_MASK) + ZF_PAGE_SIZE) {
        uint8_t byte = ram[at];
        if (to) {
            to[at - address] = byte;
        }
    }
}

/* Touches each page, or copies all to `to`: a fault of the host's comes back here. */
static bool is_there(struct zf_cpu *cpu, uint64_t address, uint64_t end, uint8_t *to) {
    sigjmp_buf here, *const outer = cpu->guard;
    volatile bool there = false;
    if (!sigsetjmp(here, 0)) {
        cpu->guard = &here;
        touch(cpu->storage->ram, address, end, to);
        there = true;
    }
    cpu->guard = outer;
    return there;
}

bool zf_linear_peek(struct zf_cpu *cpu, uint64_t address, void *to, uint64_t length) {
    return is_there(cpu, address, address + length, to);
}

bool zf_linear_present(struct zf_cpu *cpu, uint64_t address, uint64_t length) {
    uint64_t end = address + length;
    while (address < end) {
        struct zf_linear_range range;
        if (!zf_linear_find(cpu->storage, address, &range)) {
            return false;
        }
        uint64_t here = range.end < end ? range.end : end;
        if (range.prot & ZF_PROT_FILE && !is_there(cpu, address, here, NULL)) {
            return false;
        }
        address = here;
    }
    return true;
}
