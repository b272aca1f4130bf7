/*
 * The record of a repeatable guest. Snapshots become rarer as it grows: when there is no room for
 * another one, every second is dropped, and they are taken half as often; and of a large guest,
 * where each takes its time, as often as is in proportion to what it executes meanwhile. The same
 * is done when they hold too much storage, down to the last one. Stops and input stay, a few bytes
 * each.
 */
#define _GNU_SOURCE /* CLOCK_THREAD_CPUTIME_ID */
#include "timeline.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MARKS = 64, FIRST_INTERVAL = 1 << 16 };

struct input {
    int64_t at;
    size_t length;
    char *text;
};

struct zf_timeline {
    struct zf_timeline_mark marks[MARKS];
    unsigned count;
    uint64_t bytes, most; /* of storage */
    int64_t interval, last;
    int64_t due; /* where the next snapshot is taken */
    bool waits;  /* at `last` */
    int64_t *stops;
    size_t stop_count, stop_room;
    struct input *inputs;
    size_t input_count, input_room;
};

struct zf_timeline *zf_timeline_create(uint64_t most) {
    struct zf_timeline *t = calloc(1, sizeof *t);
    if (t) {
        t->most = most;
        t->interval = FIRST_INTERVAL;
    }
    return t;
}

static void free_mark(struct zf_timeline *t, unsigned n) {
    t->bytes -= zf_snapshot_free(t->marks[n].snapshot);
}

/* Forgets what comes after `at`. */
static void cut(struct zf_timeline *t, int64_t at) {
    while (t->count && t->marks[t->count - 1].at > at) {
        free_mark(t, --t->count);
    }
    while (t->stop_count && t->stops[t->stop_count - 1] > at) {
        t->stop_count--;
    }
    while (t->input_count && t->inputs[t->input_count - 1].at > at) {
        free(t->inputs[--t->input_count].text);
    }
}

/* Memory is short: a run that something is missing of leads elsewhere. */
void zf_timeline_forget(struct zf_timeline *t) {
    cut(t, INT64_MIN);
}

void zf_timeline_destroy(struct zf_timeline *t) {
    if (t) {
        zf_timeline_forget(t);
        free(t->stops);
        free(t->inputs);
        free(t);
    }
}

/* The first one and the last one stay. */
static void thin_out(struct zf_timeline *t) {
    unsigned kept = 1;
    for (unsigned i = 1; i < t->count; i++) {
        if (i % 2 == 0 || t->marks[i].kept || i == t->count - 1) {
            t->marks[kept++] = t->marks[i];
        } else {
            free_mark(t, i);
        }
    }
    t->count = kept;
    t->interval *= 2;
}

/* All are of changes; the record begins later. */
static void drop_first(struct zf_timeline *t) {
    free_mark(t, 0);
    memmove(t->marks, t->marks + 1, --t->count * sizeof t->marks[0]);
}

static void make_room(struct zf_timeline *t) {
    unsigned count = t->count;
    thin_out(t);
    if (t->count == count) {
        drop_first(t);
    }
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void add_mark(struct zf_timeline *t, int64_t at, bool kept,
                     const struct zf_machine *machine) {
    if (t->count == MARKS) {
        make_room(t);
    }
    enum { INSNS_PER_NS = 4 }; /* of the time that it took: a fourth of what these take, or less */
    struct zf_snapshot *before = t->count ? t->marks[t->count - 1].snapshot : NULL;
    int64_t begin = now_ns();
    struct zf_snapshot *snapshot = zf_snapshot_take(machine, before);
    int64_t fair = (now_ns() - begin) * INSNS_PER_NS;
    t->due = at + (fair > t->interval ? fair : t->interval);
    if (!snapshot && kept) {
        zf_timeline_forget(t);
    } else if (snapshot) {
        t->marks[t->count++] = (struct zf_timeline_mark){at, snapshot, kept};
        t->bytes += zf_snapshot_size(snapshot);
    }
    while (t->count > 1 && t->bytes > t->most) {
        make_room(t);
    }
}

static bool has_room(void **array, size_t size, size_t count, size_t *room) {
    if (count < *room) {
        return true;
    }
    size_t more = *room ? *room * 2 : 64;
    void *grown = realloc(*array, more * size);
    if (grown) {
        *array = grown;
        *room = more;
    }
    return grown != NULL;
}

static void add_stop(struct zf_timeline *t, int64_t at) {
    if (t->stop_count && t->stops[t->stop_count - 1] == at) {
        return;
    }
    if (has_room((void **)&t->stops, sizeof *t->stops, t->stop_count, &t->stop_room)) {
        t->stops[t->stop_count++] = at;
    } else {
        zf_timeline_forget(t);
    }
}

int64_t zf_timeline_leave(struct zf_timeline *t, int64_t at, const struct zf_machine *machine) {
    cut(t, at);
    t->last = at;
    add_stop(t, at);
    if (!t->count || at >= t->due) {
        add_mark(t, at, false, machine);
    }
    return t->due - at;
}

void zf_timeline_reach(struct zf_timeline *t, int64_t at, bool waits) {
    t->last = at;
    t->waits = waits;
}

bool zf_timeline_waits(const struct zf_timeline *t, int64_t at) {
    return t->waits && at == t->last;
}

void zf_timeline_change(struct zf_timeline *t, int64_t at, const struct zf_machine *machine) {
    cut(t, at);
    t->last = at;
    if (t->count && t->marks[t->count - 1].at == at) {
        free_mark(t, --t->count);
    }
    add_stop(t, at);
    add_mark(t, at, true, machine);
}

void zf_timeline_input(struct zf_timeline *t, int64_t at, const char *text, size_t length) {
    char *copy = length ? malloc(length) : NULL;
    if (!copy ||
        !has_room((void **)&t->inputs, sizeof *t->inputs, t->input_count, &t->input_room)) {
        free(copy);
        zf_timeline_forget(t);
        return;
    }
    memcpy(copy, text, length);
    t->inputs[t->input_count++] = (struct input){at, length, copy};
}

struct zf_snapshot *zf_timeline_present(const struct zf_timeline *t,
                                        const struct zf_machine *machine) {
    return zf_snapshot_take(machine, t->count ? t->marks[t->count - 1].snapshot : NULL);
}

uint64_t zf_timeline_size(const struct zf_timeline *t) {
    return t->bytes;
}

void zf_timeline_range(const struct zf_timeline *t, int64_t *first, int64_t *last) {
    *last = t->last;
    *first = t->count ? t->marks[0].at : t->last;
}

unsigned zf_timeline_find(const struct zf_timeline *t, int64_t at) {
    unsigned n = t->count;
    while (n > 1 && t->marks[n - 1].at > at) {
        n--;
    }
    return n - 1;
}

const struct zf_timeline_mark *zf_timeline_mark(const struct zf_timeline *t, unsigned n) {
    return &t->marks[n];
}

/* The first of `count` sorted numbers that is above `at`. */
static size_t first_above(const int64_t *numbers, size_t count, int64_t at) {
    size_t low = 0;
    while (low < count) {
        size_t middle = (low + count) / 2;
        if (numbers[middle] > at) {
            count = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

int64_t zf_timeline_next_stop(const struct zf_timeline *t, int64_t at, int64_t limit) {
    size_t n = first_above(t->stops, t->stop_count, at);
    return n < t->stop_count && t->stops[n] < limit ? t->stops[n] : limit;
}

const char *zf_timeline_next_input(const struct zf_timeline *t, int64_t at, size_t *n,
                                   size_t *length) {
    size_t first = 0;
    while (first < t->input_count && t->inputs[first].at < at) {
        first++;
    }
    if (first + *n >= t->input_count || t->inputs[first + *n].at != at) {
        return NULL;
    }
    const struct input *input = &t->inputs[first + (*n)++];
    *length = input->length;
    return input->text;
}

int64_t zf_timeline_next_change(const struct zf_timeline *t, int64_t at, int64_t limit) {
    for (unsigned i = 0; i < t->count && t->marks[i].at < limit; i++) {
        if (t->marks[i].kept && t->marks[i].at > at) {
            return t->marks[i].at;
        }
    }
    return limit;
}

const struct zf_timeline_mark *zf_timeline_change_at(const struct zf_timeline *t, int64_t at) {
    for (unsigned i = 0; i < t->count; i++) {
        if (t->marks[i].kept && t->marks[i].at == at) {
            return &t->marks[i];
        }
    }
    return NULL;
}
