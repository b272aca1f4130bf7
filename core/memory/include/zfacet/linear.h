/*
 * The linear map of a Linux program: guest address a is host address ram + a. Ranges are mapped
 * in whole pages of the host's memory; what is not mapped faults. Pages with translated code are
 * kept read-only, a store to one drops the code and goes on.
 *
 * All threads of the program may call this at any time. Which range a change is for, a caller that
 * looked for a free one has to see to itself.
 */
#ifndef ZFACET_LINEAR_H
#define ZFACET_LINEAR_H

#include "zfacet/storage.h"

#include <signal.h>

enum zf_prot {
    ZF_PROT_READ = 1,
    ZF_PROT_WRITE = 2,
    ZF_PROT_EXEC = 4,
    ZF_PROT_ACCESS = 7, /* these three: mprotect changes them and nothing else */
    ZF_PROT_SHARED = 8, /* stores reach the file, or the children of a fork */
    ZF_PROT_FILE = 16,  /* of a file, which may end before the mapping does */
    ZF_PROT_LOCKED = 32,
    ZF_PROT_ONFAULT = 64,     /* with LOCKED: pages from their first use on */
    ZF_PROT_GROWS = 128,      /* downwards, by use of what is below */
    ZF_PROT_NOT_FORKED = 256, /* a child does not have it */
    ZF_PROT_SEALED = 512,     /* system calls leave it as it is */
    ZF_PROT_GUARD = 1024,     /* MADV_GUARD_INSTALL: an access faults, whatever else it says */
    ZF_PROT_WIPED = 2048,     /* a child has zeros there */
    /* what else the host was advised of, which is as new mappings are without */
    ZF_PROT_NOT_DUMPED = 1 << 12,
    ZF_PROT_MERGED = 1 << 13,
    ZF_PROT_HUGE = 1 << 14,
    ZF_PROT_NOT_HUGE = 1 << 15,
    ZF_PROT_RANDOM = 1 << 16,
    ZF_PROT_SEQUENTIAL = 1 << 17,
};

/* Below a stack that grows, nothing else is placed so near. */
enum { ZF_STACK_GAP = 256 * ZF_PAGE_SIZE };

struct zf_linear_range {
    uint64_t start, end; /* whole pages */
    unsigned prot;       /* enum zf_prot */
};

/* What a new mapping shows: a file from `offset` on, or zeros (`fd` -1). */
struct zf_linear_view {
    int fd;
    int64_t offset;
    int flags; /* of the host's mmap: its type, and what the caller wants beside place and fd */
};

/**
 * Maps zeroed memory, in place of what was there; `fd` >= 0: a view of the file. When that fails,
 * errno says why, and what was there stays unless the host has taken it away already.
 */
bool zf_linear_map(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot,
                   int fd, int64_t offset);
/** The same for a range of whole pages, with flags of the host's. */
bool zf_linear_map_view(struct zf_storage *storage, const struct zf_linear_range *range,
                        const struct zf_linear_view *view);
bool zf_linear_unmap(struct zf_storage *storage, uint64_t address, uint64_t length);

struct zf_linear_move {
    uint64_t from, old_length, to, length;
    bool keep; /* the old place stays mapped, and is empty */
};
/**
 * Moves [from, from + old_length) to `to`, in place of what was there, where it becomes `length`
 * bytes long. An old length of 0: shared storage stays and is at `to`, too. When that fails, errno
 * says why.
 */
bool zf_linear_move(struct zf_storage *storage, const struct zf_linear_move *move);
/** Makes shared storage, which ends at `end`, so much longer in place; false, with errno. */
bool zf_linear_extend(struct zf_storage *storage, uint64_t start, uint64_t end, uint64_t more);
/** False, with errno, from the first part on that is not mapped or may not be accessed so. */
bool zf_linear_protect(struct zf_storage *storage, uint64_t address, uint64_t length,
                       unsigned prot);
/** Sets and clears bits of enum zf_prot that concern this map alone, wherever something is mapped.
 * False: out of memory. */
bool zf_linear_mark(struct zf_storage *storage, const struct zf_linear_range *where, unsigned set,
                    unsigned clear);
/** Whether any part has any of the bits. */
bool zf_linear_any(const struct zf_storage *storage, uint64_t address, uint64_t length,
                   unsigned prot);
/** A stack that grows is at most so long. */
void zf_linear_limit_growth(struct zf_storage *storage, uint64_t limit);
/** Extends what grows downwards so that it holds `address`. False: nothing does. */
bool zf_linear_grow(struct zf_storage *storage, uint64_t address);
/** The range that holds `address`, to `range` (may be NULL); false: there is none. */
bool zf_linear_find(const struct zf_storage *storage, uint64_t address,
                    struct zf_linear_range *range);
/** The first range that ends after `address`; false: there is none. */
bool zf_linear_next(const struct zf_storage *storage, uint64_t address,
                    struct zf_linear_range *range);
/** Lowest free range of `length` bytes at or above `from`, 0 when none. */
uint64_t zf_linear_free(const struct zf_storage *storage, uint64_t from, uint64_t length);
/**
 * Whether [address, address + length) is mapped with all of `prot`, and can be used: for system
 * calls' buffers. With 0: whether it is mapped at all.
 */
bool zf_linear_allows(const struct zf_storage *storage, uint64_t address, uint64_t length,
                      unsigned prot);
/** Whether the bytes of an allowed range are there: not where a mapping reaches beyond its file. */
bool zf_linear_present(struct zf_cpu *cpu, uint64_t address, uint64_t length);
/** By the CPU's own thread: copies a mapped range; false: not all can be read, or is there. */
bool zf_linear_peek(struct zf_cpu *cpu, uint64_t address, void *to, uint64_t length);
/**
 * Host address of an allowed range that the host is going to write behind the CPU's back (a system
 * call's buffer): translated code in it is dropped.
 */
uint8_t *zf_linear_writable(struct zf_storage *storage, uint64_t address, uint64_t length);
enum zf_status zf_linear_create(struct zf_storage *storage, struct zf_error *err);
void zf_linear_destroy(struct zf_storage *storage);
/**
 * SIGSEGV and SIGBUS are the linear map's, which finds guest faults by them. Those that someone has
 * sent, while a CPU runs, are passed on to this function.
 */
typedef void zf_linear_sent(int signal_number, siginfo_t *info, void *context);
void zf_linear_on_sent(struct zf_storage *storage, zf_linear_sent *sent);
/** Before a CPU runs on a linear map: host access faults become those of zf_cpu_current(). */
void zf_linear_enter(void);
/** A store to the page, whose code is being translated, is noticed from now on. */
void zf_linear_code_page(struct zf_storage *storage, uint64_t page);
/** Around a fork of the host's by a thread that has the claim of zf_storage.code. */
void zf_linear_fork_begin(struct zf_storage *storage);
void zf_linear_fork_end(struct zf_storage *storage);
/** In the child, after that: nothing is locked, and what is not for it goes. */
void zf_linear_forked(struct zf_storage *storage);
/**
 * From here to zf_linear_watch_end(), in a process with one thread: what is stored in storage that
 * it shares with no other.
 */
void zf_linear_watch(struct zf_storage *storage);
/** `bytes` are at `address` now, and were others. NULL below: nobody wants to know. */
typedef void zf_linear_stored(void *context, uint64_t address, const uint8_t *bytes, size_t size);
void zf_linear_watch_end(struct zf_storage *storage, zf_linear_stored *stored, void *context);
/** All translated code was dropped, all is about to be unmapped: no page is kept read-only. */
void zf_linear_forget_code(struct zf_storage *storage);
/** The process is about to dump core: of what is not mapped, nothing. */
void zf_linear_dump(struct zf_storage *storage);
/** Descriptors that are kept: `keep` returns another one of the file, or -1; `drop` closes it. */
struct zf_linear_keeper {
    int (*keep)(void *context, int fd);
    void (*drop)(void *context, int fd);
    void *context;
};
/**
 * From now on each file that is mapped is kept open, so that the map can be put back
 * (zfacet/linear_copy.h); before anything is. False: out of memory.
 */
bool zf_linear_keep_files(struct zf_storage *storage, const struct zf_linear_keeper *keeper);
/** The descriptor that is kept of the file that `fd` is, or -1. */
int zf_linear_kept_file(struct zf_storage *storage, int fd);
/** No copy is put back any more: files that are not mapped are closed, others may have changed. */
void zf_linear_files_anew(struct zf_storage *storage);
/** In a process that does not put it back: no file is kept any more. They are closed, unless other
 * processes have the same numbers (`shared`). */
void zf_linear_drop_files(struct zf_storage *storage, bool shared);
/** Unmaps everything. */
void zf_linear_clear(struct zf_storage *storage);

#endif
