/*
 * Guest storage. Three kinds of address, which must not mix: virtual (what an instruction forms),
 * real (after DAT) and absolute (after prefixing). Accessors for helpers check and translate;
 * hot ops follow the same rules through the engines' access macros.
 */
#ifndef ZFACET_STORAGE_H
#define ZFACET_STORAGE_H

#include "zfacet/code.h"
#include "zfacet/cpu.h"
#include "zfacet/error.h"

struct zf_vaddr {
    uint64_t v;
};
struct zf_raddr {
    uint64_t v;
};
struct zf_aaddr {
    uint64_t v;
};

enum zf_access {
    ZF_ACCESS_READ,
    ZF_ACCESS_WRITE,
    ZF_ACCESS_FETCH,
    /* reading the first operand, which in access-register mode may be in another space than what
     * else is read */
    ZF_ACCESS_READ_FIRST,
};

enum { ZF_PAGE_SIZE = 4096 };
#define ZF_PAGE_MASK (~(uint64_t)(ZF_PAGE_SIZE - 1))

struct zf_storage {
    uint8_t *ram;  /* system: absolute address 0; Linux programs: guest address 0 */
    uint64_t size; /* bytes of main storage, or of the linear map */
    uint8_t *keys; /* system: one per page: ACC in bits 0-3, F, R, C, 0 */
    uint8_t *uses; /* system: one per page: what the guest says it is for, as ESSA extracts it */
    bool linear;
    struct zf_linear *map; /* Linux program: what is mapped */
    unsigned fetch_prot;   /* of enum zf_prot: code is where a page has one of these */
    struct zf_code_owner code;
};

/** Main storage of `size` bytes, all zero. */
enum zf_status zf_storage_create(struct zf_storage *storage, uint64_t size, struct zf_error *err);
void zf_storage_destroy(struct zf_storage *storage);
/** All zero, storage and keys. */
void zf_storage_clear(struct zf_storage *storage);

/**
 * Drops the translated code that overlaps [address, address + length): absolute storage in a
 * system, guest addresses of a Linux program. For loaders, devices, and stores behind the CPU's
 * back.
 */
void zf_code_changed(struct zf_storage *storage, uint64_t address, uint64_t length);

/** The page under which code at `address` is filed: absolute, or the linear guest page. False: not
 * accessible. */
bool zf_code_page(struct zf_cpu *cpu, uint64_t address, uint64_t *page);

/**
 * Before code of that page (see zf_code_page()) is read for translation: from now on stores to it
 * by any CPU are told to zf_storage.code. Under its claim.
 */
void zf_code_page_guard(struct zf_cpu *cpu, uint64_t page);
/** The same for the page that `address` is in, if that can be accessed. */
void zf_code_guard(struct zf_cpu *cpu, uint64_t address);

/*
 * Accessors for helpers take the address as the instruction formed it (they wrap it to the
 * addressing mode), return false with cpu->pgm set when the access is not allowed, and store
 * nothing in that case. In linear mode a fault does not come back at all: the run loop takes over,
 * so a helper keeps its registers up to date before it touches storage again.
 */
/** size is 1, 2, 4 or 8; the value comes zero-extended. */
bool zf_load(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t *value);
bool zf_store(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t value);
/** Up to 4096 bytes, may cross pages; all or nothing. */
bool zf_load_bytes(struct zf_cpu *cpu, uint64_t address, void *buffer, size_t length);
/** The same as ZF_ACCESS_READ_FIRST. */
bool zf_load_first(struct zf_cpu *cpu, uint64_t address, void *buffer, size_t length);
bool zf_store_bytes(struct zf_cpu *cpu, uint64_t address, const void *buffer, size_t length);
/**
 * A store access of the host's that changes nothing, nor what another thread stores meanwhile. Not
 * an atomic OR of zero, of which clang makes a load.
 */
static inline void zf_touch(uint8_t *host) {
    uint8_t byte = *(volatile uint8_t *)host;
    __atomic_compare_exchange_n(host, &byte, byte, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
/** Tests an operand of up to 4096 bytes for the access without making it. */
bool zf_probe(struct zf_cpu *cpu, uint64_t address, size_t length, enum zf_access access);

/**
 * Host address of `*length` bytes from `address` on (`*length` is cut at the page's end, and before
 * what a debugger watches), allowed for `access`, or NULL with cpu->pgm set. For long operands;
 * valid until the next call that may translate. A write through it to a page with translated code
 * must have been asked for as ZF_ACCESS_WRITE: the code is dropped by this call.
 */
uint8_t *zf_operand(struct zf_cpu *cpu, uint64_t address, size_t *length, enum zf_access access);
/** The same of an operand that lies in one page: all of it. */
uint8_t *zf_operand_whole(struct zf_cpu *cpu, uint64_t address, size_t length,
                          enum zf_access access);

/**
 * Host address of an operand of `size` bytes that lies on a boundary of its size, allowed for both
 * fetch and store; NULL with cpu->pgm set. For host atomics: interlocked updates are whole on all
 * CPUs. Valid as zf_operand()'s.
 */
uint8_t *zf_interlocked(struct zf_cpu *cpu, uint64_t address, unsigned size);
/**
 * Compares `size` bytes (4, 8 or 16) there with `expected` and stores `replacement` if they are
 * equal, as one interlocked update; otherwise `expected` gets what is there. Both in storage's byte
 * order. Returns whether they were equal.
 */
bool zf_interlocked_swap(uint8_t *host, unsigned size, uint8_t *expected,
                         const uint8_t *replacement);
/** 16 bytes on their boundary, as one fetch or store. */
void zf_quadword_get(const uint8_t *host, uint8_t bytes[16]);
void zf_quadword_put(uint8_t *host, const uint8_t bytes[16]);

/** The instruction at `address`: length from its first byte, bytes left-aligned, the rest zero. */
bool zf_fetch(struct zf_cpu *cpu, uint64_t address, uint64_t *word, unsigned *length);

/** Real storage: prefixing applies, and accesses are recorded; DAT and protection do not apply. */
bool zf_real_load(struct zf_cpu *cpu, struct zf_raddr address, unsigned size, uint64_t *value);
bool zf_real_store(struct zf_cpu *cpu, struct zf_raddr address, unsigned size, uint64_t value);

/** Absolute storage is stored to by other means than these: reference and change bits of its pages.
 */
void zf_storage_stored(struct zf_storage *storage, uint64_t address, uint64_t length);

/** Prefixing. */
struct zf_aaddr zf_prefix(const struct zf_cpu *cpu, struct zf_raddr address);

/** Host address of absolute storage, or NULL when the range is not wholly installed. */
uint8_t *zf_absolute(struct zf_storage *storage, struct zf_aaddr address, uint64_t length);

/**
 * Virtual to absolute with all checks for `access`, reference and change bits set; false with
 * cpu->pgm set. `*cacheable` tells that the whole page allows this access without further checks.
 */
bool zf_translate(struct zf_cpu *cpu, struct zf_vaddr address, enum zf_access access,
                  struct zf_aaddr *absolute, bool *cacheable);

/**
 * A CPU in a transaction stores to `length` bytes at a host address: what is there now is kept.
 * False, with the condition that aborts it, when it has stored to too many places.
 */
bool zf_transaction_stores(struct zf_cpu *cpu, uint8_t *host, size_t length);
/** The doubleword there, just stored, shall stay when the transaction is aborted. */
bool zf_transaction_keeps(struct zf_cpu *cpu, uint8_t *host);
/** Takes its stores back. */
void zf_transaction_undo(struct zf_cpu *cpu);

/** In access-register mode: the current instruction's first operand is in another space than the
 * second. */
bool zf_spaces_differ(const struct zf_cpu *cpu);

/*
 * Slow paths behind the engines' access macros, for an address already wrapped: any alignment,
 * TLB fill, page crossing, code pages. Also right, if slow, in linear mode.
 */
bool zf_load_slow(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t *value);
bool zf_store_slow(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t value);

#endif
