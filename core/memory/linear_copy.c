/*
 * Copies of the linear map. The host tells which pages are the process's own, because something was
 * stored there: all others are as they were when they were mapped, zeros or the file's. When
 * nothing was mapped since the copy was taken, the pages that differ are put back; else everything
 * is mapped anew.
 */
#include "zfacet/linear_copy.h"

#include "linear_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CHUNK = 4096, DONTNEED_LOCKED = 24, GUARD_INSTALL = 102 };

struct page {
    unsigned users;
    uint8_t bytes[ZF_PAGE_SIZE];
};

struct saved {
    uint64_t address;
    struct page *page;
};

struct zf_linear_copy {
    uint64_t changes; /* of the map, until then */
    struct zf_linear_range *ranges;
    size_t range_count;
    struct zf_view *views;
    size_t view_count;
    uint64_t growth_limit;
    struct saved *pages; /* sorted */
    size_t page_count, page_room;
    uint64_t size;
};

static bool is_fixed(const struct zf_views *views, const struct zf_linear_range *range) {
    uint64_t at = range->start;
    for (size_t i = 0; i < views->count && at < range->end; i++) {
        const struct zf_view *view = &views->view[i];
        if (view->start <= at && view->end > at && view->fixed) {
            at = view->end;
        }
    }
    return at >= range->end;
}

const char *zf_linear_cannot_copy(const struct zf_storage *storage) {
    const struct zf_linear *map = storage->map;
    if (!map->views || map->views->incomplete) {
        return map->views ? map->views->incomplete : "out of memory";
    }
    if (zf_views_changed(map->views)) {
        return "a file that it has mapped has changed";
    }
    for (size_t i = 0; i < map->count; i++) {
        if (map->ranges[i].prot & ZF_PROT_SHARED && !is_fixed(map->views, &map->ranges[i])) {
            return "it has storage that it shares with other processes or with a file";
        }
    }
    return map->views->pagemap < 0 ? "/proc/self/pagemap cannot be kept open" : NULL;
}

static bool all_zero(const uint8_t *page) {
    return !page[0] && !memcmp(page, page + 1, ZF_PAGE_SIZE - 1);
}

/* What is done with each page of a range; `own`: the process alone has it. */
struct visit {
    bool (*page)(struct visit *v, uint64_t address, bool own);
    struct zf_storage *storage;
    const struct zf_linear_range *range;
    struct zf_linear_copy *copy;
    const struct zf_linear_copy *before;
    size_t next; /* in the pages of `before`, or of the copy that is put back */
};

static bool is_own(uint64_t entry) {
    const uint64_t present = UINT64_C(1) << 63, swapped = UINT64_C(1) << 62,
                   of_file = UINT64_C(1) << 61;
    return entry & (present | swapped) && !(entry & of_file);
}

static bool visit_range(struct visit *v, int pagemap) {
    static const size_t size = sizeof(uint64_t);
    uint64_t entries[CHUNK / 8];
    const uint64_t first = (uint64_t)(uintptr_t)v->storage->ram / ZF_PAGE_SIZE;
    for (uint64_t at = v->range->start; at < v->range->end;) {
        uint64_t pages = (v->range->end - at) / ZF_PAGE_SIZE;
        pages = pages < ZF_ARRAY_LENGTH(entries) ? pages : ZF_ARRAY_LENGTH(entries);
        off_t offset = (off_t)((first + at / ZF_PAGE_SIZE) * size);
        if (pread(pagemap, entries, pages * size, offset) != (ssize_t)(pages * size)) {
            return false;
        }
        for (uint64_t i = 0; i < pages; i++, at += ZF_PAGE_SIZE) {
            if (!v->page(v, at, is_own(entries[i]))) {
                return false;
            }
        }
    }
    return true;
}

/* Pages that the guest may not read have their bytes all the same. */
static bool visit_opened(struct visit *v, int pagemap) {
    const struct zf_linear_range *r = v->range;
    uint8_t *host = v->storage->ram + r->start;
    bool closed = !zf_host_prot(r->prot);
    if (r->prot & ZF_PROT_GUARD) {
        return true; /* it has none */
    }
    if (closed && mprotect(host, r->end - r->start, PROT_READ)) {
        return false;
    }
    bool done = visit_range(v, pagemap);
    return (!closed || !mprotect(host, r->end - r->start, PROT_NONE)) && done;
}

static bool visit_all(struct visit *v, const struct zf_linear_range *ranges, size_t count) {
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        v->range = &ranges[i];
        done = visit_opened(v, v->storage->map->views->pagemap);
    }
    return done;
}

/* The page at `address`, if the sorted pages have it; they are asked for in order. */
static struct page *find_next(const struct zf_linear_copy *copy, size_t *next, uint64_t address) {
    while (copy && *next < copy->page_count && copy->pages[*next].address < address) {
        ++*next;
    }
    return copy && *next < copy->page_count && copy->pages[*next].address == address
               ? copy->pages[*next].page
               : NULL;
}

static struct page *copy_page(struct zf_linear_copy *copy, const uint8_t *bytes) {
    struct page *page = malloc(sizeof *page);
    if (page) {
        page->users = 0;
        memcpy(page->bytes, bytes, ZF_PAGE_SIZE);
        copy->size += ZF_PAGE_SIZE;
    }
    return page;
}

static bool add_page(struct zf_linear_copy *copy, uint64_t address, struct page *page) {
    if (copy->page_count == copy->page_room) {
        size_t room = copy->page_room ? copy->page_room * 2 : 1024;
        struct saved *grown = realloc(copy->pages, room * sizeof *grown);
        if (!grown) {
            return false;
        }
        copy->pages = grown;
        copy->page_room = room;
    }
    page->users++;
    copy->pages[copy->page_count++] = (struct saved){address, page};
    return true;
}

static bool take_page(struct visit *v, uint64_t address, bool own) {
    const uint8_t *now = v->storage->ram + address;
    if (!own || (!(v->range->prot & ZF_PROT_FILE) && all_zero(now))) {
        return true;
    }
    struct page *old = find_next(v->before, &v->next, address);
    bool same = old && !memcmp(old->bytes, now, ZF_PAGE_SIZE);
    struct page *page = same ? old : copy_page(v->copy, now);
    if (!page) {
        return false;
    }
    if (add_page(v->copy, address, page)) {
        return true;
    }
    if (!page->users) {
        free(page);
    }
    return false;
}

static void *copy_array(const void *from, size_t count, size_t size) {
    void *copy = malloc(count * size + 1);
    if (copy && count) {
        memcpy(copy, from, count * size);
    }
    return copy;
}

struct zf_linear_copy *zf_linear_copy_take(const struct zf_storage *storage,
                                           const struct zf_linear_copy *before) {
    const struct zf_linear *map = storage->map;
    struct zf_linear_copy *copy = calloc(1, sizeof *copy);
    if (!copy) {
        return NULL;
    }
    struct visit v = {
        .page = take_page, .storage = (struct zf_storage *)storage, .copy = copy, .before = before};
    copy->changes = map->changes;
    copy->growth_limit = map->growth_limit;
    copy->range_count = map->count;
    copy->view_count = map->views->count;
    copy->ranges = copy_array(map->ranges, map->count, sizeof *map->ranges);
    copy->views = copy_array(map->views->view, copy->view_count, sizeof *copy->views);
    if (!copy->ranges || !copy->views || !visit_all(&v, copy->ranges, copy->range_count)) {
        zf_linear_copy_free(copy);
        return NULL;
    }
    return copy;
}

/* All of the range, by the views that it has. */
static bool map_range(struct zf_storage *storage, const struct zf_linear_copy *copy,
                      const struct zf_linear_range *range) {
    bool done = true;
    for (struct zf_linear_range part = *range; done && part.start < range->end;
         part.start = part.end, part.end = range->end) {
        struct zf_linear_view view = zf_views_at(copy->views, copy->view_count, &part);
        part.prot = range->prot & ~(unsigned)(ZF_PROT_GUARD | ZF_PROT_FILE);
        done = zf_linear_map_view(storage, &part, &view);
    }
    if (done && range->prot & ZF_PROT_GUARD) {
        done = !madvise(storage->ram + range->start, range->end - range->start, GUARD_INSTALL) &&
               zf_linear_mark(storage, range, ZF_PROT_GUARD, 0);
    }
    return done;
}

static bool map_anew(struct zf_storage *storage, const struct zf_linear_copy *copy) {
    bool done = true;
    zf_linear_clear(storage);
    for (size_t i = 0; done && i < copy->range_count; i++) {
        done = map_range(storage, copy, &copy->ranges[i]);
    }
    done = done && storage->map->count == copy->range_count;
    for (size_t i = 0; done && i < copy->range_count; i++) {
        const struct zf_linear_range *a = &storage->map->ranges[i], *b = &copy->ranges[i];
        done = a->start == b->start && a->end == b->end && a->prot == b->prot;
    }
    return done;
}

/* The host says it if the file has become shorter, where a store would end zfacet. */
static bool store_in_file(uint8_t *host, const uint8_t *bytes) {
    const struct iovec from = {(void *)(uintptr_t)bytes, ZF_PAGE_SIZE}, to = {host, ZF_PAGE_SIZE};
    ssize_t stored = process_vm_writev(getpid(), &from, 1, &to, 1, 0);
    if (stored < 0 && errno != EFAULT) { /* a host without it */
        memcpy(host, bytes, ZF_PAGE_SIZE);
        return true;
    }
    return stored == ZF_PAGE_SIZE;
}

static bool store(uint8_t *host, const uint8_t *bytes, bool file) {
    if (bytes && file) {
        return store_in_file(host, bytes);
    }
    if (bytes) {
        memcpy(host, bytes, ZF_PAGE_SIZE);
    } else {
        memset(host, 0, ZF_PAGE_SIZE);
    }
    return true;
}

/* `bytes`, NULL: zeros. */
static bool put_page(struct visit *v, uint64_t address, const uint8_t *bytes) {
    struct zf_storage *storage = v->storage;
    uint8_t *host = storage->ram + address;
    const unsigned prot = v->range->prot;
    bool closed = !(prot & ZF_PROT_WRITE);
    zf_code_changed(storage, address, ZF_PAGE_SIZE);
    if (closed && mprotect(host, ZF_PAGE_SIZE, PROT_READ | PROT_WRITE)) {
        return false;
    }
    if (!closed) {
        zf_linear_writable(storage, address, ZF_PAGE_SIZE);
    }
    if (!store(host, bytes, prot & ZF_PROT_FILE)) {
        return false;
    }
    int was = zf_host_prot(prot) ? zf_host_prot(prot) : PROT_READ; /* see visit_opened() */
    return !closed || !mprotect(host, ZF_PAGE_SIZE, was);
}

/* The file's page again. */
static bool drop_page(struct visit *v, uint64_t address) {
    uint8_t *host = v->storage->ram + address;
    zf_code_changed(v->storage, address, ZF_PAGE_SIZE);
    if (v->range->prot & ZF_PROT_WRITE) {
        zf_linear_writable(v->storage, address, ZF_PAGE_SIZE);
    }
    return !madvise(host, ZF_PAGE_SIZE, MADV_DONTNEED) ||
           !madvise(host, ZF_PAGE_SIZE, DONTNEED_LOCKED);
}

static bool restore_page(struct visit *v, uint64_t address, bool own) {
    const uint8_t *now = v->storage->ram + address;
    const struct page *page = find_next(v->before, &v->next, address);
    if (page) {
        return (own && !memcmp(page->bytes, now, ZF_PAGE_SIZE)) ||
               put_page(v, address, page->bytes);
    }
    if (!own) {
        return true;
    }
    if (v->range->prot & ZF_PROT_FILE) {
        return drop_page(v, address);
    }
    return all_zero(now) || put_page(v, address, NULL);
}

void zf_linear_copy_restore(struct zf_storage *storage, const struct zf_linear_copy *copy) {
    struct visit v = {.page = restore_page, .storage = storage, .before = copy};
    bool done = !zf_views_changed(storage->map->views);
    done = done && (copy->changes == storage->map->changes || map_anew(storage, copy));
    done = done && visit_all(&v, copy->ranges, copy->range_count);
    storage->map->changes = copy->changes;
    storage->map->growth_limit = copy->growth_limit;
    storage->map->broken |= !done;
}

bool zf_linear_is_broken(const struct zf_storage *storage) {
    return storage->map && storage->map->broken;
}

uint64_t zf_linear_changes(const struct zf_storage *storage) {
    return storage->map->changes;
}

uint64_t zf_linear_copy_size(const struct zf_linear_copy *copy) {
    return copy->size;
}

uint64_t zf_linear_copy_free(struct zf_linear_copy *copy) {
    uint64_t freed = 0;
    if (!copy) {
        return 0;
    }
    for (size_t i = 0; i < copy->page_count; i++) {
        if (!--copy->pages[i].page->users) {
            free(copy->pages[i].page);
            freed += ZF_PAGE_SIZE;
        }
    }
    free(copy->pages);
    free(copy->ranges);
    free(copy->views);
    free(copy);
    return freed;
}
