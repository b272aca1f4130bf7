/*
 * The linear map's state: what is mapped, as a sorted list of ranges, and which pages have code.
 */
#ifndef ZF_MEMORY_LINEAR_LIST_H
#define ZF_MEMORY_LINEAR_LIST_H

#include "zfacet/linear.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A part of the map that shows a file. */
struct zf_view {
    uint64_t start, end;
    int fd; /* that is kept; -1: none could be, and it cannot be mapped again */
    int64_t offset;
    int flags;
    bool fixed; /* nobody writes to it by that file: if it is shared, it is to be read alone */
};

/* A file that is kept, as it was then. */
struct zf_kept {
    int fd;
    struct stat then;
    bool summed; /* a small one, whose bytes have this sum */
    uint64_t sum;
};

/* Sorted, disjoint; and files that are kept. */
struct zf_views {
    struct zf_view *view;
    size_t count, room;
    struct zf_linear_keeper keeper;
    struct zf_kept *files;
    size_t file_count, file_room;
    int pagemap;            /* what the host says of this process's pages, or -1 */
    const char *incomplete; /* why a file is not among them; NULL: all are */
};

struct zf_linear {
    pthread_mutex_t lock;           /* of the list; who changes it has the claim, too */
    struct zf_linear_range *ranges; /* sorted, disjoint */
    size_t count, room;
    size_t most;           /* as many mappings as a process of the host may have */
    uint64_t growth_limit; /* how long a stack may be that grows */
    size_t last;           /* where the last look-up ended */
    /* a bit each: the host's page may only be read, for the sake of its code; atomic */
    uint64_t *code_pages;
    zf_linear_sent *sent;
    struct zf_watch *watch; /* of stores, or NULL */
    struct zf_views *views; /* the files that are mapped, for who puts all back; or NULL */
    uint64_t changes;       /* so often the list was changed */
    bool broken;            /* a copy could not be put back */
};

static inline void zf_linear_claim(const struct zf_storage *storage) {
    if (storage->code.claim) {
        storage->code.claim(storage->code.context);
    }
}

static inline void zf_linear_release(const struct zf_storage *storage) {
    if (storage->code.release) {
        storage->code.release(storage->code.context);
    }
}

/** Address space of the host's in which nothing is: NULL: anywhere. MAP_FAILED: there is none. */
void *zf_linear_reserve(void *at, uint64_t size, int prot);

static inline int zf_host_prot(unsigned prot) {
    /* code is read, never executed, by the host */
    return (prot & (ZF_PROT_READ | ZF_PROT_EXEC) ? PROT_READ : 0) |
           (prot & ZF_PROT_WRITE ? PROT_READ | PROT_WRITE : 0);
}

/* linear_view.c: the same as the list's functions do, where somebody keeps files. */
void zf_views_map(struct zf_linear *linear, const struct zf_linear_range *range,
                  const struct zf_linear_view *view);
void zf_views_cut(struct zf_linear *linear, uint64_t start, uint64_t end);
void zf_views_move(struct zf_linear *linear, const struct zf_linear_move *move);
void zf_views_destroy(struct zf_linear *linear);
/** Whether somebody has written to a file that is kept, or made it longer or shorter. */
bool zf_views_changed(struct zf_views *views);
/** The part of `range` that begins where it does and is one view, or has none (`fd` is -1). */
struct zf_linear_view zf_views_at(const struct zf_view *views, size_t count,
                                  struct zf_linear_range *range);

/** With the claim: a page that was kept read-only is about to be written. */
void zf_watch_note(struct zf_storage *storage, uint64_t page);

/** Whether there is room for so many ranges more, which the functions below need. */
bool zf_list_room(struct zf_linear *linear, size_t more);
/** Cuts [start, end) out of the list; needs room for one more. */
void zf_list_cut(struct zf_linear *linear, uint64_t start, uint64_t end);
/** Records [address, address + length) with `prot`, merged with equal neighbours: room for two. */
void zf_list_insert(struct zf_linear *linear, uint64_t address, uint64_t length, unsigned prot);

#endif
