/*
 * Changes of what a Linux program has mapped: the host's mapping and the list of ranges go
 * together, with the claim of zf_storage.code. Free addresses are reserved, as pages of the host's
 * that nobody can access, so that nothing of zfacet's own is ever put there.
 */
#include "linear_list.h"

#include <errno.h>
#include <sys/mman.h>

void *zf_linear_reserve(void *at, uint64_t size, int prot) {
    return mmap(at, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED : 0),
                -1, 0);
}

/* The guest's addresses belong to nobody else, whatever is mapped there or not. */
static void reserve_again(struct zf_storage *storage, uint64_t address, uint64_t length) {
    ZF_ASSERT(zf_linear_reserve(storage->ram + address, length, PROT_NONE) != MAP_FAILED);
}

static bool range_fits(const struct zf_storage *storage, uint64_t address, uint64_t length) {
    bool fits = !(address & ~ZF_PAGE_MASK) && length && address + length > address &&
                address + length <= storage->size;
    errno = fits ? errno : ENOMEM;
    return fits;
}

static uint64_t page_up(uint64_t length) {
    return (length + ZF_PAGE_SIZE - 1) & ZF_PAGE_MASK;
}

/* A change that failed may have taken away what was there, or some of it: then nothing is. */
static void lose(struct zf_storage *storage, uint64_t address, uint64_t length) {
    int error = errno;
    if (msync(storage->ram + address, length, MS_ASYNC)) { /* not all of it is there */
        reserve_again(storage, address, length);
        zf_list_cut(storage->map, address, address + length);
        zf_views_cut(storage->map, address, address + length);
    }
    errno = error;
}

/* What other processes store to, code that was made for one alone does not do for. */
static void note_shared(const struct zf_storage *storage, unsigned prot) {
    if (prot & ZF_PROT_SHARED && prot & ZF_PROT_WRITE && storage->code.shared) {
        storage->code.shared(storage->code.context);
    }
}

/* The host is advised of a new mapping as it was of the one that it is made like. */
static bool advise(void *host, uint64_t length, unsigned prot) {
    static const struct {
        unsigned bit;
        int advice;
    } all[] = {{ZF_PROT_WIPED, MADV_WIPEONFORK},     {ZF_PROT_NOT_DUMPED, MADV_DONTDUMP},
               {ZF_PROT_MERGED, MADV_MERGEABLE},     {ZF_PROT_HUGE, MADV_HUGEPAGE},
               {ZF_PROT_NOT_HUGE, MADV_NOHUGEPAGE},  {ZF_PROT_RANDOM, MADV_RANDOM},
               {ZF_PROT_SEQUENTIAL, MADV_SEQUENTIAL}};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(all); i++) {
        if (prot & all[i].bit && madvise(host, length, all[i].advice)) {
            return false;
        }
    }
    return true;
}

static bool map(struct zf_storage *storage, const struct zf_linear_range *r,
                const struct zf_linear_view *view) {
    const uint64_t length = r->end - r->start;
    const bool locked = r->prot & ZF_PROT_LOCKED, on_fault = r->prot & ZF_PROT_ONFAULT;
    errno = ENOMEM;
    if (storage->map->count > storage->map->most || !zf_list_room(storage->map, 2)) {
        return false;
    }
    zf_code_changed(storage, r->start, length);
    void *p = mmap(storage->ram + r->start, length, zf_host_prot(r->prot),
                   view->flags | MAP_FIXED | (view->fd < 0 ? MAP_ANONYMOUS : 0) |
                       (locked && !on_fault ? MAP_LOCKED : 0),
                   view->fd, view->offset);
    if (p == MAP_FAILED) {
        lose(storage, r->start, length);
        return false;
    }
    if ((locked && on_fault && mlock2(p, length, MLOCK_ONFAULT)) || !advise(p, length, r->prot)) {
        reserve_again(storage, r->start, length);
        zf_list_cut(storage->map, r->start, r->end);
        zf_views_cut(storage->map, r->start, r->end);
        errno = EAGAIN;
        return false;
    }
    zf_list_insert(storage->map, r->start, length, r->prot | (view->fd < 0 ? 0 : ZF_PROT_FILE));
    zf_views_map(storage->map, r, view);
    note_shared(storage, r->prot);
    return true;
}

/* Without another mapping, of which the host allows no more: only for whole ranges. */
static bool empty(struct zf_storage *storage, uint64_t address, uint64_t length) {
    struct zf_linear_range first, last;
    bool whole = zf_linear_find(storage, address, &first) && first.start == address &&
                 zf_linear_find(storage, address + length - 1, &last) &&
                 last.end == address + length;
    bool done = whole && !mprotect(storage->ram + address, length, PROT_NONE) &&
                !madvise(storage->ram + address, length, MADV_DONTNEED);
    errno = done ? errno : ENOMEM;
    return done;
}

/* Whether there will be a mapping more, and the process has as many as it may. */
static bool one_too_many(const struct zf_storage *storage, uint64_t address, uint64_t length) {
    struct zf_linear_range range;
    return storage->map->count >= storage->map->most && zf_linear_find(storage, address, &range) &&
           range.start < address && range.end > address + length;
}

static bool unmap(struct zf_storage *storage, uint64_t address, uint64_t length) {
    errno = ENOMEM;
    if (one_too_many(storage, address, length) || !zf_list_room(storage->map, 1)) {
        return false;
    }
    zf_code_changed(storage, address, length);
    if (zf_linear_reserve(storage->ram + address, length, PROT_NONE) == MAP_FAILED &&
        (errno != ENOMEM || !empty(storage, address, length))) {
        return false;
    }
    zf_list_cut(storage->map, address, address + length);
    zf_views_cut(storage->map, address, address + length);
    return true;
}

static bool protect(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot) {
    zf_code_changed(storage, address, length);
    for (uint64_t at = address, end = address + length; at < end;) {
        struct zf_linear_range range;
        errno = ENOMEM;
        if (!zf_linear_find(storage, at, &range) || !zf_list_room(storage->map, 2)) {
            return false;
        }
        uint64_t here = (range.end < end ? range.end : end) - at;
        if (mprotect(storage->ram + at, here, zf_host_prot(prot))) {
            return false;
        }
        unsigned now = prot | (range.prot & ~(unsigned)ZF_PROT_ACCESS);
        zf_list_insert(storage->map, at, here, now);
        note_shared(storage, now);
        at += here;
    }
    return true;
}

bool zf_linear_map_view(struct zf_storage *storage, const struct zf_linear_range *range,
                        const struct zf_linear_view *view) {
    if (!range_fits(storage, range->start, range->end - range->start)) {
        return false;
    }
    zf_linear_claim(storage);
    bool done = map(storage, range, view);
    zf_linear_release(storage);
    return done;
}

bool zf_linear_map(struct zf_storage *storage, uint64_t address, uint64_t length, unsigned prot,
                   int fd, int64_t offset) {
    const struct zf_linear_range range = {address, address + page_up(length), prot};
    int type = prot & ZF_PROT_SHARED ? MAP_SHARED : MAP_PRIVATE;
    return zf_linear_map_view(storage, &range,
                              &(struct zf_linear_view){fd, offset, type | MAP_NORESERVE});
}

bool zf_linear_unmap(struct zf_storage *storage, uint64_t address, uint64_t length) {
    length = page_up(length);
    if (!range_fits(storage, address, length)) {
        return false;
    }
    zf_linear_claim(storage);
    bool done = unmap(storage, address, length);
    zf_linear_release(storage);
    return done;
}

bool zf_linear_protect(struct zf_storage *storage, uint64_t address, uint64_t length,
                       unsigned prot) {
    length = page_up(length);
    if (!range_fits(storage, address, length)) {
        return false;
    }
    zf_linear_claim(storage);
    bool done = protect(storage, address, length, prot);
    zf_linear_release(storage);
    return done;
}

static bool mark(struct zf_storage *storage, const struct zf_linear_range *where, unsigned set,
                 unsigned clear) {
    struct zf_linear_range range = {.end = where->start};
    while (zf_linear_next(storage, range.end, &range) && range.start < where->end) {
        uint64_t start = range.start > where->start ? range.start : where->start;
        uint64_t end = range.end < where->end ? range.end : where->end;
        unsigned prot = (range.prot & ~clear) | set;
        if (prot != range.prot) {
            if (!zf_list_room(storage->map, 2)) {
                return false;
            }
            zf_list_insert(storage->map, start, end - start, prot);
        }
    }
    return true;
}

bool zf_linear_mark(struct zf_storage *storage, const struct zf_linear_range *where, unsigned set,
                    unsigned clear) {
    zf_linear_claim(storage);
    bool done = mark(storage, where, set, clear);
    zf_linear_release(storage);
    return done;
}

/*
 * The host moves pages within one mapping of its own, of which a range may have several: they are
 * found by halving.
 */
static bool move_pages(uint8_t *from, uint64_t old_length, uint8_t *to, uint64_t length,
                       bool keep) {
    const int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (keep ? MREMAP_DONTUNMAP : 0);
    if (mremap(from, old_length, length, flags, to) != MAP_FAILED) {
        return true;
    }
    uint64_t half = old_length / 2 & ZF_PAGE_MASK;
    return errno == EFAULT && half && move_pages(from, half, to, half, keep) &&
           move_pages(from + half, old_length - half, to + half, length - half, keep);
}

/* The list's part of a move: what is at the old place, and more like its last piece. */
static void list_moved(struct zf_storage *storage, const struct zf_linear_move *m) {
    struct zf_linear_range range = {.end = m->from};
    uint64_t end = m->from + (m->old_length ? m->old_length : ZF_PAGE_SIZE), at = 0;
    unsigned prot = 0;
    while (at < m->length && zf_linear_next(storage, range.end, &range) && range.start < end) {
        prot = range.prot;
        uint64_t here = (range.end < end ? range.end : end) - m->from;
        here = here < m->length ? here : m->length;
        zf_list_insert(storage->map, m->to + at, here - at, prot);
        at = here;
    }
    if (at < m->length) {
        zf_list_insert(storage->map, m->to + at, m->length - at, prot & ~(unsigned)ZF_PROT_GUARD);
    }
}

/* Stores to the old place are made to the host's pages, whatever code they had. */
static void open_pages(struct zf_storage *storage, const struct zf_linear_move *m) {
    zf_code_changed(storage, m->to, m->length);
    zf_code_changed(storage, m->from, m->old_length);
    if (zf_linear_allows(storage, m->from, m->old_length, ZF_PROT_WRITE)) {
        zf_linear_writable(storage, m->from, m->old_length);
    }
}

static bool move(struct zf_storage *storage, const struct zf_linear_move *m) {
    uint64_t old_length = m->old_length;
    errno = EFAULT;
    uint64_t kept = old_length < m->length ? old_length : m->length;
    if (!zf_linear_allows(storage, m->from, kept ? kept : 1, 0) ||
        !zf_list_room(storage->map, storage->map->count + 4)) {
        return false;
    }
    open_pages(storage, m);
    if (old_length > m->length) {
        unmap(storage, m->from + m->length, old_length - m->length);
        old_length = m->length;
    }
    bool moved =
        move_pages(storage->ram + m->from, old_length, storage->ram + m->to, m->length, m->keep);
    if (moved) {
        list_moved(storage, m);
        zf_views_move(storage->map, m);
    } else {
        lose(storage, m->to, m->length);
    }
    if (m->keep && moved) {
        const struct zf_linear_range old = {m->from, m->from + old_length, 0};
        mark(storage, &old, 0, ZF_PROT_LOCKED | ZF_PROT_ONFAULT | ZF_PROT_GUARD);
    } else if (old_length) {
        lose(storage, m->from, old_length);
    }
    return moved;
}

bool zf_linear_move(struct zf_storage *storage, const struct zf_linear_move *m) {
    if (!range_fits(storage, m->from, m->old_length ? m->old_length : ZF_PAGE_SIZE) ||
        !range_fits(storage, m->to, m->length)) {
        return false;
    }
    zf_linear_claim(storage);
    bool done = move(storage, m);
    zf_linear_release(storage);
    return done;
}

/* Another view of the last page and of what follows it; then the latter is moved to its place. */
static bool extend(struct zf_storage *storage, uint64_t start, uint64_t end, uint64_t more) {
    struct zf_linear_range last;
    uint8_t *page = storage->ram + end - ZF_PAGE_SIZE;
    errno = EFAULT;
    if (!zf_linear_find(storage, end - 1, &last) || last.start > start ||
        !zf_list_room(storage->map, 2)) {
        return false;
    }
    uint8_t *view = mremap(page, 0, more + ZF_PAGE_SIZE, MREMAP_MAYMOVE);
    if (view == MAP_FAILED) {
        return false;
    }
    bool moved = mremap(view + ZF_PAGE_SIZE, more, more, MREMAP_MAYMOVE | MREMAP_FIXED,
                        storage->ram + end) != MAP_FAILED;
    int error = errno;
    munmap(view, moved ? ZF_PAGE_SIZE : more + ZF_PAGE_SIZE);
    if (moved) {
        zf_list_insert(storage->map, end, more, last.prot & ~(unsigned)ZF_PROT_GUARD);
    }
    errno = error;
    return moved;
}

bool zf_linear_extend(struct zf_storage *storage, uint64_t start, uint64_t end, uint64_t more) {
    if (!range_fits(storage, end, more)) {
        return false;
    }
    zf_linear_claim(storage);
    zf_code_changed(storage, end - ZF_PAGE_SIZE, ZF_PAGE_SIZE);
    if (zf_linear_allows(storage, end - 1, 1, ZF_PROT_WRITE)) {
        zf_linear_writable(storage, end - 1, 1);
    }
    bool done = extend(storage, start, end, more);
    zf_linear_release(storage);
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

void zf_linear_forked(struct zf_storage *storage) {
    const struct zf_linear_range all = {0, storage->size, 0};
    zf_linear_mark(storage, &all, 0, ZF_PROT_LOCKED | ZF_PROT_ONFAULT);
    struct zf_linear_range range = {.end = 0};
    while (zf_linear_next(storage, range.end, &range)) {
        if (range.prot & ZF_PROT_NOT_FORKED) {
            zf_linear_unmap(storage, range.start, range.end - range.start);
        }
    }
}

/* The host would look at each page that is reserved. */
void zf_linear_dump(struct zf_storage *storage) {
    struct zf_linear_range range = {.end = 0};
    for (uint64_t at = 0; at < storage->size; at = range.end) {
        if (!zf_linear_next(storage, at, &range)) {
            range.start = range.end = storage->size;
        }
        if (range.start > at) {
            madvise(storage->ram + at, range.start - at, MADV_DONTDUMP);
        }
    }
}

void zf_linear_limit_growth(struct zf_storage *storage, uint64_t limit) {
    storage->map->growth_limit = limit;
}

/* With the claim. What can be used may not come too near from below, unless it grows itself. */
static bool grow(struct zf_storage *storage, uint64_t page) {
    struct zf_linear_range above, below = {.end = page > ZF_STACK_GAP ? page - ZF_STACK_GAP : 0};
    if (!zf_linear_next(storage, page, &above)) {
        return false;
    }
    if (above.start <= page) {
        return !(above.prot & ZF_PROT_GUARD); /* another thread has done it */
    }
    if (!(above.prot & ZF_PROT_GROWS) || above.end - page > storage->map->growth_limit) {
        return false;
    }
    while (zf_linear_next(storage, below.end, &below) && below.start < page) {
        if (below.prot & ZF_PROT_ACCESS && !(below.prot & ZF_PROT_GROWS)) {
            return false;
        }
    }
    above.end = above.start;
    above.start = page;
    return map(storage, &above, &(struct zf_linear_view){-1, 0, MAP_PRIVATE | MAP_NORESERVE});
}

bool zf_linear_grow(struct zf_storage *storage, uint64_t address) {
    int error = errno;
    if (address >= storage->size) {
        return false;
    }
    zf_linear_claim(storage);
    bool grown = grow(storage, address & ZF_PAGE_MASK);
    zf_linear_release(storage);
    errno = error;
    return grown;
}
