/*
 * Absolute storage, prefixing, the soft TLB's fill, and the accessors for helpers. Virtual
 * addresses become absolute in dat.c.
 */
#include "zfacet/storage.h"

#include "zfacet/cpus.h"
#include "zfacet/dat.h"
#include "zfacet/linear.h"
#include "zfacet/watching.h"

#include <stdlib.h>
#include <sys/mman.h>

enum zf_status zf_storage_create(struct zf_storage *storage, uint64_t size, struct zf_error *err) {
    void *ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    storage->keys = calloc(size / ZF_PAGE_SIZE, 1);
    storage->uses = calloc(size / ZF_PAGE_SIZE, 1);
    if (ram == MAP_FAILED || !storage->keys || !storage->uses) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory for %llu MiB of guest storage",
                       (unsigned long long)(size >> 20));
    }
    (void)madvise(ram, size, MADV_HUGEPAGE); /* a boot in 0.9 of the time */
    storage->ram = ram;
    storage->size = size;
    return ZF_OK;
}

void zf_storage_clear(struct zf_storage *storage) {
    if (madvise(storage->ram, storage->size, MADV_DONTNEED)) {
        memset(storage->ram, 0, storage->size);
    }
    memset(storage->keys, 0, storage->size / ZF_PAGE_SIZE);
    memset(storage->uses, 0, storage->size / ZF_PAGE_SIZE);
}

void zf_storage_destroy(struct zf_storage *storage) {
    if (storage->ram) {
        munmap(storage->ram, storage->size);
    }
    free(storage->keys);
    free(storage->uses);
}

uint8_t *zf_absolute(struct zf_storage *storage, struct zf_aaddr address, uint64_t length) {
    if (length > storage->size || address.v > storage->size - length) {
        return NULL;
    }
    return storage->ram + address.v;
}

struct zf_aaddr zf_prefix(const struct zf_cpu *cpu, struct zf_raddr address) {
    uint64_t block = address.v & ~UINT64_C(0x1fff);
    if (block == 0) {
        return (struct zf_aaddr){address.v + cpu->prefix};
    }
    if (block == cpu->prefix) {
        return (struct zf_aaddr){address.v - cpu->prefix};
    }
    return (struct zf_aaddr){address.v};
}

void zf_code_changed(struct zf_storage *storage, uint64_t address, uint64_t length) {
    if (storage->code.changed) {
        storage->code.changed(storage->code.context, address, length);
    }
}

static bool has_code(const struct zf_storage *storage, uint64_t address, uint64_t length) {
    return storage->code.has_code && storage->code.has_code(storage->code.context, address, length);
}

static bool page_has_code(const struct zf_storage *storage, uint64_t page) {
    return has_code(storage, page, ZF_PAGE_SIZE);
}

bool zf_code_page(struct zf_cpu *cpu, uint64_t address, uint64_t *page) {
    if (cpu->linear) {
        *page = address & ZF_PAGE_MASK;
        return true;
    }
    struct zf_aaddr absolute;
    bool cacheable;
    if (!zf_translate(cpu, (struct zf_vaddr){address}, ZF_ACCESS_FETCH, &absolute, &cacheable)) {
        cpu->pgm.code = ZF_PGM_NONE;
        return false;
    }
    *page = absolute.v & ZF_PAGE_MASK;
    return true;
}

static bool is_in_prefix_area(const struct zf_cpu *cpu, uint64_t page) {
    return page - __atomic_load_n(&cpu->prefix, __ATOMIC_RELAXED) < ZF_LOW_END;
}

static bool is_in_any_prefix_area(const struct zf_cpus *cpus, uint64_t page) {
    bool any = false;
    for (unsigned i = 0; i < cpus->count; i++) {
        any |= is_in_prefix_area(cpus->cpu[i], page);
    }
    return any;
}

/* No store goes to the page by TLB entries from number `first` on. */
static void guard_from(struct zf_cpu *cpu, uint64_t page, unsigned first) {
    for (unsigned n = 0; n < ZF_TLBS; n++) {
        for (unsigned i = first; i < ZF_TLB_ALL; i++) {
            struct zf_tlb_entry *entry = &cpu->tlb[n].entry[i];
            if (entry->absolute == page) {
                entry->write_tag = ZF_TLB_EMPTY;
            }
        }
    }
}

/* There are entries for parts of prefix areas that have code. */
void zf_code_page_guard(struct zf_cpu *cpu, uint64_t page) {
    bool more = page_has_code(cpu->storage, page);
    if (cpu->linear) {
        if (!more) {
            zf_linear_code_page(cpu->storage, page);
        }
        return;
    }
    if (cpu->storage->code.reads) {
        cpu->storage->code.reads(cpu->storage->code.context, page);
    }
    guard_from(cpu, page, more ? ZF_TLB_LOW : 0);
    if (cpu->cpus->count > 1 && (!more || is_in_any_prefix_area(cpu->cpus, page))) {
        zf_cpus_ask(cpu->cpus, cpu, ZF_REQUEST_TLB);
    }
}

void zf_code_guard(struct zf_cpu *cpu, uint64_t address) {
    struct zf_pgm pgm = cpu->pgm;
    uint64_t page;
    if (zf_code_page(cpu, address, &page)) {
        zf_code_page_guard(cpu, page);
    }
    cpu->pgm = pgm;
}

static uint64_t get(const uint8_t *p, unsigned size) {
    switch (size) {
    case 1:
        return *(const volatile uint8_t *)p;
    case 2:
        return zf_get16(p);
    case 4:
        return zf_get32(p);
    default:
        return zf_get64(p);
    }
}

static void put(uint8_t *p, unsigned size, uint64_t value) {
    switch (size) {
    case 1:
        *(volatile uint8_t *)p = (uint8_t)value;
        break;
    case 2:
        zf_put16(p, (uint16_t)value);
        break;
    case 4:
        zf_put32(p, (uint32_t)value);
        break;
    default:
        zf_put64(p, value);
    }
}

/* Everything before it in the helper is done before a host fault can end the helper. */
#define BARRIER __asm__ volatile("" ::: "memory")

/* It is beyond the map's end, or accesses are watched. */
static uint8_t *linear_beyond(struct zf_cpu *cpu, uint64_t address, size_t length, bool store) {
    uint64_t last = cpu->storage->size - 1;
    if (cpu->watching) {
        zf_watching_note(cpu, ZF_SPACE_REAL, address, length, store);
    }
    return cpu->linear + ZF_LINEAR_AT(cpu, address, last);
}

static uint8_t *linear_at(struct zf_cpu *cpu, uint64_t address, size_t length,
                          enum zf_access access) {
    BARRIER;
    if (ZF_UNLIKELY(address > cpu->linear_last)) {
        return linear_beyond(cpu, address, length, access == ZF_ACCESS_WRITE);
    }
    return cpu->linear + address;
}

static struct zf_tlb_entry *tlb_entry(struct zf_cpu *cpu, uint64_t address, enum zf_access access) {
    return &cpu->pages->entry[access == ZF_ACCESS_FETCH ? ZF_TLB_FETCH
                                                        : address >> 12 & (ZF_TLB_ENTRIES - 1)];
}

/* That for a store to the first pages, all in its 256 bytes; or NULL. */
static struct zf_tlb_entry *low_entry(struct zf_cpu *cpu, uint64_t address, size_t length,
                                      enum zf_access access) {
    bool low = access == ZF_ACCESS_WRITE && address < ZF_LOW_END &&
               address % ZF_LOW_SIZE + length <= ZF_LOW_SIZE;
    return low ? &cpu->pages->entry[ZF_TLB_LOW + address / ZF_LOW_SIZE] : NULL;
}

/* A store there was permitted: so are the others. Prefix areas often have a little code. */
static void fill_low(struct zf_cpu *cpu, struct zf_tlb_entry *entry, uint64_t address,
                     const uint8_t *host, uint64_t absolute) {
    uint64_t start = address & ~(uint64_t)(ZF_LOW_SIZE - 1), page = absolute & ZF_PAGE_MASK;
    bool whole = !is_in_prefix_area(cpu, page);
    if (whole ? !page_has_code(cpu->storage, page)
              : !has_code(cpu->storage, absolute - (address - start), ZF_LOW_SIZE)) {
        *entry = (struct zf_tlb_entry){.read_tag = ZF_TLB_EMPTY,
                                       .write_tag = start,
                                       .addend = (uintptr_t)host - address,
                                       .absolute = page};
    }
}

static void fill(struct zf_tlb_entry *entry, uint64_t address, enum zf_access access,
                 const uint8_t *host, uint64_t absolute) {
    uintptr_t addend = (uintptr_t)host - address;
    uint64_t page = address & ZF_PAGE_MASK;
    if (entry->addend != addend || entry->absolute != (absolute & ZF_PAGE_MASK)) {
        entry->read_tag = ZF_TLB_EMPTY;
        entry->write_tag = ZF_TLB_EMPTY;
    }
    if (access == ZF_ACCESS_WRITE) {
        entry->write_tag = page;
    } else {
        entry->read_tag = page;
    }
    entry->addend = addend;
    entry->absolute = absolute & ZF_PAGE_MASK;
}

static bool is_recorded(const struct zf_cpu *cpu, enum zf_access access) {
    const uint32_t stores = ZF_MODE_PER | ZF_MODE_TRANSACTION;
    return access != ZF_ACCESS_FETCH &&
           cpu->mode & (ZF_MODE_WATCHED | (access == ZF_ACCESS_WRITE ? stores : 0));
}

/* Each comes by, as there are no tags for it. */
static bool record_access(struct zf_cpu *cpu, uint64_t address, size_t length,
                          enum zf_access access, uint8_t *host) {
    enum zf_space space = zf_access_space(cpu, access);
    if (access != ZF_ACCESS_WRITE) {
        zf_watching_note(cpu, space, address, length, false);
        return true;
    }
    zf_record_store(cpu, space, address, length);
    return !cpu->depth || zf_transaction_stores(cpu, host, length);
}

/* Host address for an access within one page, TLB filled when the page allows it; or NULL. */
static uint8_t *page_host(struct zf_cpu *cpu, uint64_t address, size_t length,
                          enum zf_access access) {
    struct zf_tlb_entry *entry = tlb_entry(cpu, address, access);
    uint64_t page = address & ZF_PAGE_MASK;
    if (access == ZF_ACCESS_READ_FIRST && (cpu->psw.mask & ZF_PSW_AS) != ZF_PSW_AS_AR) {
        access = ZF_ACCESS_READ;
    }
    if ((access == ZF_ACCESS_WRITE ? entry->write_tag : entry->read_tag) == page &&
        access != ZF_ACCESS_READ_FIRST) {
        return (uint8_t *)(uintptr_t)(address + entry->addend);
    }
    struct zf_tlb_entry *low = low_entry(cpu, address, length, access);
    if (low && low->write_tag == (address & ~(uint64_t)(ZF_LOW_SIZE - 1))) {
        return (uint8_t *)(uintptr_t)(address + low->addend);
    }
    struct zf_aaddr absolute;
    bool cacheable;
    if (!zf_translate(cpu, (struct zf_vaddr){address}, access, &absolute, &cacheable)) {
        return NULL;
    }
    uint8_t *host = zf_absolute(cpu->storage, absolute, length);
    if (!host) {
        zf_pgm(cpu, ZF_PGM_ADDRESSING);
        return NULL;
    }
    bool code = access == ZF_ACCESS_WRITE && page_has_code(cpu->storage, absolute.v & ZF_PAGE_MASK);
    bool recorded = is_recorded(cpu, access);
    if (recorded && !record_access(cpu, address, length, access, host)) {
        return NULL;
    }
    if (cacheable && access != ZF_ACCESS_READ_FIRST && !code && !recorded) {
        fill(entry, address, access, host, absolute.v);
    }
    if (code) {
        zf_code_changed(cpu->storage, absolute.v, length);
    }
    if (low && !recorded) {
        fill_low(cpu, low, address, host, absolute.v);
    }
    return host;
}

/* An access of up to 4096 bytes in at most two pieces, one per page; both are checked first. */
struct pieces {
    uint8_t *host[2];
    size_t length[2];
};

static bool in_pieces(struct zf_cpu *cpu, uint64_t address, size_t length, enum zf_access access,
                      struct pieces *pieces) {
    size_t first = ZF_PAGE_SIZE - (address & ~ZF_PAGE_MASK);
    pieces->length[0] = length < first ? length : first;
    pieces->length[1] = length - pieces->length[0];
    pieces->host[0] = page_host(cpu, address, pieces->length[0], access);
    if (!pieces->host[0]) {
        return false;
    }
    pieces->host[1] = NULL;
    if (pieces->length[1]) {
        uint64_t next = zf_wrap(cpu, address + pieces->length[0]);
        pieces->host[1] = page_host(cpu, next, pieces->length[1], access);
    }
    return !pieces->length[1] || pieces->host[1];
}

/* Linear mode: touches both ends first, so that a fault comes before any effect. */
static uint8_t *linear_probe(struct zf_cpu *cpu, uint64_t address, size_t length,
                             enum zf_access access) {
    volatile uint8_t *p = linear_at(cpu, address, length, access);
    volatile uint8_t *last = p + length - 1;
    if (access == ZF_ACCESS_WRITE) {
        if (((uintptr_t)p ^ (uintptr_t)last) & ZF_PAGE_MASK) {
            *last = *last;
        }
        *p = *p;
    } else {
        (void)*last;
        (void)*p;
    }
    return (uint8_t *)p;
}

static bool load_bytes(struct zf_cpu *cpu, uint64_t address, void *buffer, size_t length,
                       enum zf_access access) {
    address = zf_wrap(cpu, address);
    if (!length) {
        return true;
    }
    if (cpu->linear) {
        memcpy(buffer, linear_probe(cpu, address, length, access), length);
        return true;
    }
    struct pieces pieces;
    if (!in_pieces(cpu, address, length, access, &pieces)) {
        return false;
    }
    memcpy(buffer, pieces.host[0], pieces.length[0]);
    if (pieces.length[1]) {
        memcpy((uint8_t *)buffer + pieces.length[0], pieces.host[1], pieces.length[1]);
    }
    return true;
}

bool zf_load_bytes(struct zf_cpu *cpu, uint64_t address, void *buffer, size_t length) {
    return load_bytes(cpu, address, buffer, length, ZF_ACCESS_READ);
}

bool zf_load_first(struct zf_cpu *cpu, uint64_t address, void *buffer, size_t length) {
    return load_bytes(cpu, address, buffer, length, ZF_ACCESS_READ_FIRST);
}

bool zf_store_bytes(struct zf_cpu *cpu, uint64_t address, const void *buffer, size_t length) {
    address = zf_wrap(cpu, address);
    if (!length) {
        return true;
    }
    if (cpu->linear) {
        memcpy(linear_probe(cpu, address, length, ZF_ACCESS_WRITE), buffer, length);
        return true;
    }
    struct pieces pieces;
    if (!in_pieces(cpu, address, length, ZF_ACCESS_WRITE, &pieces)) {
        return false;
    }
    memcpy(pieces.host[0], buffer, pieces.length[0]);
    if (pieces.length[1]) {
        memcpy(pieces.host[1], (const uint8_t *)buffer + pieces.length[0], pieces.length[1]);
    }
    return true;
}

bool zf_probe(struct zf_cpu *cpu, uint64_t address, size_t length, enum zf_access access) {
    address = zf_wrap(cpu, address);
    if (!length) {
        return true;
    }
    uint32_t hits = cpu->watch_hits; /* it is no access yet */
    bool permitted = true;
    if (cpu->linear) {
        linear_probe(cpu, address, length, access);
    } else {
        struct pieces pieces;
        permitted = in_pieces(cpu, address, length, access, &pieces);
    }
    cpu->watch_hits = hits;
    return permitted;
}

static uint8_t *within_page(struct zf_cpu *cpu, uint64_t address, size_t length,
                            enum zf_access access) {
    return cpu->linear ? linear_at(cpu, address, length, access)
                       : page_host(cpu, address, length, access);
}

bool zf_load_slow(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t *value) {
    uint8_t bytes[8];
    if (ZF_LIKELY((address & ~ZF_PAGE_MASK) <= ZF_PAGE_SIZE - size)) {
        const uint8_t *p = within_page(cpu, address, size, ZF_ACCESS_READ);
        if (!p) {
            return false;
        }
        *value = get(p, size);
        return true;
    }
    if (!zf_load_bytes(cpu, address, bytes, size)) {
        return false;
    }
    *value = get(bytes, size);
    return true;
}

bool zf_store_slow(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t value) {
    uint8_t bytes[8];
    if (ZF_LIKELY((address & ~ZF_PAGE_MASK) <= ZF_PAGE_SIZE - size)) {
        uint8_t *p = within_page(cpu, address, size, ZF_ACCESS_WRITE);
        if (!p) {
            return false;
        }
        put(p, size, value);
        return true;
    }
    put(bytes, size, value);
    return zf_store_bytes(cpu, address, bytes, size);
}

bool zf_load(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t *value) {
    return zf_load_slow(cpu, zf_wrap(cpu, address), size, value);
}

bool zf_store(struct zf_cpu *cpu, uint64_t address, unsigned size, uint64_t value) {
    return zf_store_slow(cpu, zf_wrap(cpu, address), size, value);
}

uint8_t *zf_operand(struct zf_cpu *cpu, uint64_t address, size_t *length, enum zf_access access) {
    address = zf_wrap(cpu, address);
    size_t here = ZF_PAGE_SIZE - (address & ~ZF_PAGE_MASK);
    if (*length > here) {
        *length = here;
    }
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_WATCHED) && access != ZF_ACCESS_FETCH) {
        *length = zf_watching_before(cpu, address, *length);
    }
    return within_page(cpu, address, *length, access);
}

uint8_t *zf_operand_whole(struct zf_cpu *cpu, uint64_t address, size_t length,
                          enum zf_access access) {
    return within_page(cpu, zf_wrap(cpu, address), length, access);
}

/* Two bytes of code; instruction addresses are even, so they lie in one page. */
static bool fetch_halfword(struct zf_cpu *cpu, uint64_t address, uint16_t *halfword) {
    const uint8_t *p;
    if (cpu->linear) {
        struct zf_linear_range range;
        bool mapped =
            zf_linear_find(cpu->storage, address, &range) && !(range.prot & ZF_PROT_GUARD);
        if (!mapped || !(range.prot & cpu->storage->fetch_prot)) {
            cpu->pgm.address = address;
            return zf_pgm(cpu, mapped ? ZF_PGM_PROTECTION : ZF_PGM_PAGE_TRANSLATION);
        }
        p = cpu->linear + address;
    } else {
        p = page_host(cpu, address, 2, ZF_ACCESS_FETCH);
    }
    if (!p) {
        return false;
    }
    *halfword = zf_get16(p);
    return true;
}

/* Linear mode: the whole instruction at once, unless it may reach beyond its mapping. */
static bool fetch_linear(struct zf_cpu *cpu, uint64_t address, uint64_t *word, unsigned *length) {
    struct zf_linear_range range;
    if (!zf_linear_find(cpu->storage, address, &range) || range.prot & ZF_PROT_GUARD ||
        !(range.prot & cpu->storage->fetch_prot) || range.end - address < 8) {
        return false;
    }
    *word = zf_insn_word(cpu->linear + address, length);
    return true;
}

bool zf_fetch(struct zf_cpu *cpu, uint64_t address, uint64_t *word, unsigned *length) {
    uint16_t halfword;
    if (address & 1) {
        return zf_pgm(cpu, ZF_PGM_SPECIFICATION);
    }
    if (cpu->linear && fetch_linear(cpu, address, word, length)) {
        return true;
    }
    if (!cpu->linear && (address & ~ZF_PAGE_MASK) <= ZF_PAGE_SIZE - 8) { /* all in one page */
        const uint8_t *p = page_host(cpu, address, 2, ZF_ACCESS_FETCH);
        *word = p ? zf_insn_word(p, length) : 0;
        return p;
    }
    if (!fetch_halfword(cpu, address, &halfword)) {
        return false;
    }
    *word = (uint64_t)halfword << 48;
    *length = zf_insn_length(*word);
    for (unsigned i = 2; i < *length; i += 2) {
        if (!fetch_halfword(cpu, zf_wrap(cpu, address + i), &halfword)) {
            return false;
        }
        *word |= (uint64_t)halfword << (48 - 8 * i);
    }
    return true;
}

/* An access to which key-controlled protection does not apply is recorded all the same. */
static void record(struct zf_storage *storage, struct zf_aaddr address, uint8_t bits) {
    uint8_t *key = storage->keys ? &storage->keys[address.v / ZF_PAGE_SIZE] : NULL;
    if (key && ~__atomic_load_n(key, __ATOMIC_RELAXED) & bits) {
        __atomic_fetch_or(key, bits, __ATOMIC_RELAXED);
    }
}

void zf_storage_stored(struct zf_storage *storage, uint64_t address, uint64_t length) {
    for (uint64_t at = address & ZF_PAGE_MASK; at < address + length; at += ZF_PAGE_SIZE) {
        record(storage, (struct zf_aaddr){at}, ZF_KEY_REFERENCE | ZF_KEY_CHANGE);
    }
}

bool zf_real_load(struct zf_cpu *cpu, struct zf_raddr address, unsigned size, uint64_t *value) {
    struct zf_aaddr absolute = zf_prefix(cpu, address);
    const uint8_t *p = zf_absolute(cpu->storage, absolute, size);
    if (!p) {
        return zf_pgm(cpu, ZF_PGM_ADDRESSING);
    }
    record(cpu->storage, absolute, ZF_KEY_REFERENCE);
    *value = get(p, size);
    return true;
}

bool zf_real_store(struct zf_cpu *cpu, struct zf_raddr address, unsigned size, uint64_t value) {
    struct zf_aaddr absolute = zf_prefix(cpu, address);
    uint8_t *p = zf_absolute(cpu->storage, absolute, size);
    if (!p) {
        return zf_pgm(cpu, ZF_PGM_ADDRESSING);
    }
    record(cpu->storage, absolute, ZF_KEY_REFERENCE | ZF_KEY_CHANGE);
    zf_code_changed(cpu->storage, absolute.v, size);
    put(p, size, value);
    return true;
}
