/*
 * Accesses that a debugger watches. While a CPU has any (ZF_MODE_WATCHED), its code makes each
 * access through storage.c, which notes those that concern one: the TLB has no entries for operands
 * then, and a linear map ends where it begins.
 */
#ifndef ZFACET_WATCHING_H
#define ZFACET_WATCHING_H

#include "zfacet/dat.h"

enum { ZF_WATCHED_RANGES = 16 };

/* Beside the bits of cpu->watch_hits: what is compared may have changed since that was done last.
 */
#define ZF_WATCH_STORED UINT32_C(0x80000000)

struct zf_watching {
    struct zf_watched_range {
        uint64_t first, last; /* addresses as the CPU's instructions form them */
        bool stores;          /* and not only fetches of operands */
    } range[ZF_WATCHED_RANGES];
    unsigned count;
};

/** From now on the CPU's accesses are watched; NULL: no longer. It executes nothing meanwhile. */
void zf_watching_set(struct zf_cpu *cpu, const struct zf_watching *watching);

/** An access by a CPU that watches: it is noted when it is to a watched range. */
void zf_watching_note(struct zf_cpu *cpu, enum zf_space space, uint64_t address, uint64_t length,
                      bool store);

/** How many of `length` bytes come before the next watched range; all, when the first is in one. */
size_t zf_watching_before(const struct zf_cpu *cpu, uint64_t address, size_t length);

#endif
