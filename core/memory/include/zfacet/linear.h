/*
 * The linear map of a Linux program: guest address a is host address ram + a. Ranges are mapped
 * in whole pages of the host's memory; what is not mapped faults. Pages with translated code are
 * kept read-only, a store to one drops the code and goes on.
 */
#ifndef ZFACET_LINEAR_H
#define ZFACET_LINEAR_H

#include "zfacet/storage.h"

enum zf_prot {
    ZF_PROT_READ = 1,
    ZF_PROT_WRITE = 2,
    ZF_PROT_EXEC = 4,
    ZF_PROT_SHARED = 8, /* stores reach the file, or the children of a fork */
};

struct zf_linear_range {
    uint64_t start, end; /* whole pages */
    unsigned prot;       /* enum zf_prot */
};

/** Maps zeroed memory, in place of what was there; `fd` >= 0: a view of the file. */
bool zf_linear_map(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot,
                   int fd, int64_t offset);
bool zf_linear_unmap(struct zf_storage *storage, uint64_t address, uint64_t length);
/** False when part of the range is not mapped. */
bool zf_linear_protect(struct zf_storage *storage, uint64_t address, uint64_t length,
                       unsigned prot);
/** The range that holds `address`, or NULL. Valid until the next change. */
const struct zf_linear_range *zf_linear_find(const struct zf_storage *storage, uint64_t address);
/** Lowest free range of `length` bytes at or above `from`, 0 when none. */
uint64_t zf_linear_free(const struct zf_storage *storage, uint64_t from, uint64_t length);
/** Whether [address, address + length) is mapped with all of `prot`: for system calls' buffers. */
bool zf_linear_allows(const struct zf_storage *storage, uint64_t address, uint64_t length,
                      unsigned prot);
/**
 * Host address of an allowed range that the host is going to write behind the CPU's back (a system
 * call's buffer): translated code in it is dropped.
 */
uint8_t *zf_linear_writable(struct zf_storage *storage, uint64_t address, uint64_t length);
enum zf_status zf_linear_create(struct zf_storage *storage, struct zf_error *err);
void zf_linear_destroy(struct zf_storage *storage);
/** Around every run of a CPU on a linear map: host access faults of this thread are this CPU's. */
void zf_linear_enter(struct zf_cpu *cpu);
void zf_linear_leave(void);
/** The page has translated code from now on: a store to it must be noticed. */
void zf_linear_code_page(struct zf_storage *storage, uint64_t page);
/** Unmaps everything. */
void zf_linear_clear(struct zf_storage *storage);

#endif
