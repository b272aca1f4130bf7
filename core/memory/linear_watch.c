/*
 * What is stored from some moment on, for a process that shares its storage with another for a
 * while (vfork) although the host has given it a copy. All pages that may be written are kept as
 * those with code are: the first store to one is noticed, and finds what the page was before.
 */
#include "linear_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Beyond so many pages, which a process between vfork and execve does not write, stores are its
 * own. */
enum { WATCHED_PAGES = 2048 };

struct zf_watch {
    size_t count;
    uint64_t page[WATCHED_PAGES];
    uint8_t before[WATCHED_PAGES][ZF_PAGE_SIZE];
};

static bool is_own(const struct zf_linear_range *range) {
    return range->prot & ZF_PROT_WRITE && !(range->prot & ZF_PROT_SHARED);
}

/* A bit for each page of the range; whole words at once where that can be. */
static void mark(uint64_t *bits, const struct zf_linear_range *range, bool on) {
    uint64_t first = range->start / ZF_PAGE_SIZE, end = range->end / ZF_PAGE_SIZE;
    for (uint64_t page = first; page < end;) {
        if (page % 64 == 0 && end - page >= 64) {
            bits[page / 64] = on ? UINT64_MAX : 0;
            page += 64;
        } else {
            uint64_t bit = UINT64_C(1) << page % 64;
            bits[page / 64] = on ? bits[page / 64] | bit : bits[page / 64] & ~bit;
            page++;
        }
    }
}

void zf_linear_watch(struct zf_storage *storage) {
    struct zf_linear *map = storage->map;
    struct zf_watch *watch = mmap(NULL, sizeof *watch, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (watch == MAP_FAILED) {
        return;
    }
    map->watch = watch;
    for (size_t i = 0; i < map->count; i++) {
        const struct zf_linear_range *range = &map->ranges[i];
        if (is_own(range)) {
            mark(map->code_pages, range, true);
            mprotect(storage->ram + range->start, range->end - range->start, PROT_READ);
        }
    }
}

/* In the handler of faults, before the page can be written. */
void zf_watch_note(struct zf_storage *storage, uint64_t page) {
    struct zf_watch *watch = storage->map->watch;
    if (watch && watch->count < WATCHED_PAGES) {
        watch->page[watch->count] = page;
        memcpy(watch->before[watch->count], storage->ram + page, ZF_PAGE_SIZE);
        watch->count++;
    }
}

/* Each run of bytes that are not what they were. */
static void tell_changes(const struct zf_storage *storage, const struct zf_watch *watch, size_t n,
                         zf_linear_stored *stored, void *context) {
    const uint8_t *was = watch->before[n], *is = storage->ram + watch->page[n];
    for (size_t at = 0; at < ZF_PAGE_SIZE;) {
        size_t end = at;
        while (end < ZF_PAGE_SIZE && was[end] != is[end]) {
            end++;
        }
        if (end > at) {
            stored(context, watch->page[n] + at, is + at, end - at);
        }
        at = end + 1;
    }
}

void zf_linear_watch_end(struct zf_storage *storage, zf_linear_stored *stored, void *context) {
    struct zf_linear *map = storage->map;
    struct zf_watch *watch = map->watch;
    if (!watch) {
        return;
    }
    map->watch = NULL;
    for (size_t i = 0; i < watch->count && stored; i++) {
        struct zf_linear_range range;
        if (zf_linear_find(storage, watch->page[i], &range) && range.prot & ZF_PROT_READ) {
            tell_changes(storage, watch, i, stored, context);
        }
    }
    munmap(watch, sizeof *watch);
}

void zf_linear_forget_code(struct zf_storage *storage) {
    for (size_t i = 0; i < storage->map->count; i++) {
        mark(storage->map->code_pages, &storage->map->ranges[i], false);
    }
}
