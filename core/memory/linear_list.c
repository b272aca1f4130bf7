/*
 * What a Linux program has mapped. All its threads look things up here; one at a time, with the
 * claim of zf_storage.code, changes the host's mapping and this list.
 */
#include "linear_list.h"

#include <stdlib.h>
#include <string.h>

/* Index of the first range that ends after `address`. */
static size_t range_index(const struct zf_linear *linear, uint64_t address) {
    size_t low = 0, high = linear->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (linear->ranges[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* With the lock. */
static const struct zf_linear_range *find(struct zf_linear *linear, uint64_t address) {
    if (linear->last < linear->count) {
        const struct zf_linear_range *last = &linear->ranges[linear->last];
        if (address >= last->start && address < last->end) {
            return last;
        }
    }
    size_t i = range_index(linear, address);
    if (i >= linear->count || linear->ranges[i].start > address) {
        return NULL;
    }
    linear->last = i;
    return &linear->ranges[i];
}

bool zf_linear_find(const struct zf_storage *storage, uint64_t address,
                    struct zf_linear_range *range) {
    struct zf_linear *linear = storage->map;
    pthread_mutex_lock(&linear->lock);
    const struct zf_linear_range *found = find(linear, address);
    if (found && range) {
        *range = *found;
    }
    pthread_mutex_unlock(&linear->lock);
    return found;
}

bool zf_linear_next(const struct zf_storage *storage, uint64_t address,
                    struct zf_linear_range *range) {
    struct zf_linear *linear = storage->map;
    pthread_mutex_lock(&linear->lock);
    size_t i = range_index(linear, address);
    bool found = i < linear->count;
    if (found) {
        *range = linear->ranges[i];
    }
    pthread_mutex_unlock(&linear->lock);
    return found;
}

bool zf_linear_allows(const struct zf_storage *storage, uint64_t address, uint64_t length,
                      unsigned prot) {
    struct zf_linear *linear = storage->map;
    uint64_t end = address + length;
    bool allowed = end >= address;
    pthread_mutex_lock(&linear->lock);
    while (allowed && address < end) {
        const struct zf_linear_range *range = find(linear, address);
        allowed = range && (range->prot & prot) == prot && !(prot && range->prot & ZF_PROT_GUARD);
        address = allowed ? range->end : address;
    }
    pthread_mutex_unlock(&linear->lock);
    return allowed;
}

bool zf_linear_any(const struct zf_storage *storage, uint64_t address, uint64_t length,
                   unsigned prot) {
    struct zf_linear_range range = {.end = address};
    while (zf_linear_next(storage, range.end, &range) && range.start < address + length) {
        if (range.prot & prot) {
            return true;
        }
    }
    return false;
}

/* Where storage that others are to use must end: below a stack there is a gap. */
static uint64_t free_end(const struct zf_linear_range *range) {
    bool gap = range->prot & ZF_PROT_GROWS && range->start > ZF_STACK_GAP;
    return range->start - (gap ? ZF_STACK_GAP : 0);
}

uint64_t zf_linear_free(const struct zf_storage *storage, uint64_t from, uint64_t length) {
    struct zf_linear *linear = storage->map;
    uint64_t at = from;
    pthread_mutex_lock(&linear->lock);
    for (size_t i = range_index(linear, from); i < linear->count; i++) {
        uint64_t end = free_end(&linear->ranges[i]);
        if (end >= at && end - at >= length) {
            break;
        }
        at = linear->ranges[i].end;
    }
    pthread_mutex_unlock(&linear->lock);
    return at < storage->size && length <= storage->size - at ? at : 0;
}

bool zf_list_room(struct zf_linear *linear, size_t more) {
    pthread_mutex_lock(&linear->lock);
    bool enough = linear->count + more <= linear->room;
    if (!enough) {
        size_t room = (linear->room + more) * 2;
        struct zf_linear_range *ranges = realloc(linear->ranges, room * sizeof *ranges);
        if (ranges) {
            linear->ranges = ranges;
            linear->room = room;
            enough = true;
        }
    }
    pthread_mutex_unlock(&linear->lock);
    return enough;
}

/* With the lock. */
static void cut(struct zf_linear *linear, uint64_t start, uint64_t end) {
    linear->changes++;
    size_t i = range_index(linear, start);
    while (i < linear->count && linear->ranges[i].start < end) {
        struct zf_linear_range *range = &linear->ranges[i];
        struct zf_linear_range right = {end, range->end, range->prot};
        bool left_stays = range->start<start, right_stays = range->end> end;
        if (left_stays) {
            range->end = start;
            i++;
            if (right_stays) {
                memmove(&linear->ranges[i + 1], &linear->ranges[i],
                        (linear->count - i) * sizeof *range);
                linear->ranges[i] = right;
                linear->count++;
                return;
            }
        } else if (right_stays) {
            range->start = end;
            return;
        } else {
            linear->count--;
            memmove(range, range + 1, (linear->count - i) * sizeof *range);
        }
    }
}

/* With the lock. */
static void insert(struct zf_linear *linear, uint64_t address, uint64_t length, unsigned prot) {
    cut(linear, address, address + length);
    size_t i = range_index(linear, address);
    struct zf_linear_range *next = &linear->ranges[i];
    bool with_next = i < linear->count && next->start == address + length && next->prot == prot;
    if (i > 0 && next[-1].end == address && next[-1].prot == prot) {
        next[-1].end = with_next ? next->end : address + length;
        if (with_next) {
            linear->count--;
            memmove(next, next + 1, (linear->count - i) * sizeof *next);
        }
        return;
    }
    if (with_next) {
        next->start = address;
        return;
    }
    memmove(&linear->ranges[i + 1], &linear->ranges[i],
            (linear->count - i) * sizeof *linear->ranges);
    linear->ranges[i] = (struct zf_linear_range){address, address + length, prot};
    linear->count++;
}

void zf_list_cut(struct zf_linear *linear, uint64_t start, uint64_t end) {
    pthread_mutex_lock(&linear->lock);
    cut(linear, start, end);
    pthread_mutex_unlock(&linear->lock);
}

void zf_list_insert(struct zf_linear *linear, uint64_t address, uint64_t length, unsigned prot) {
    pthread_mutex_lock(&linear->lock);
    insert(linear, address, length, prot);
    pthread_mutex_unlock(&linear->lock);
}

void zf_linear_fork_begin(struct zf_storage *storage) {
    pthread_mutex_lock(&storage->map->lock);
}

void zf_linear_fork_end(struct zf_storage *storage) {
    pthread_mutex_unlock(&storage->map->lock);
}
