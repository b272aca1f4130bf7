/*
 * What a repeatable guest has done so far, to go back to: snapshots of it, where it stood still in
 * between, and what was typed. From a snapshot on, the same runs with the same input come to the
 * same place. A place is a number of instructions, executed since the machine began.
 */
#ifndef ZF_CONTROL_TIMELINE_H
#define ZF_CONTROL_TIMELINE_H

#include "zfacet/snapshot.h"

struct zf_timeline;

struct zf_timeline_mark {
    int64_t at;
    struct zf_snapshot *snapshot;
    bool kept; /* somebody changed the guest there: no run comes to that */
};

/** At first there is nothing. It keeps about `most` bytes of storage. NULL: out of memory. */
struct zf_timeline *zf_timeline_create(uint64_t most);
void zf_timeline_destroy(struct zf_timeline *t);

/**
 * The guest is about to run from `at` on, and what came after that before is forgotten. Returns how
 * many instructions it may execute before this is to be called again.
 */
int64_t zf_timeline_leave(struct zf_timeline *t, int64_t at, const struct zf_machine *machine);
/** It has run up to `at`, and may be in the wait state, with no instruction after that. */
void zf_timeline_reach(struct zf_timeline *t, int64_t at, bool waits);
/** Whether that is the last that is known of it. */
bool zf_timeline_waits(const struct zf_timeline *t, int64_t at);
/** Somebody changed it at `at`. */
void zf_timeline_change(struct zf_timeline *t, int64_t at, const struct zf_machine *machine);
/** It was given input at `at`. */
void zf_timeline_input(struct zf_timeline *t, int64_t at, const char *text, size_t length);

/** A snapshot of where it is, which is none of the timeline's. NULL: out of memory. */
struct zf_snapshot *zf_timeline_present(const struct zf_timeline *t,
                                        const struct zf_machine *machine);

/** Nothing is known any more. */
void zf_timeline_forget(struct zf_timeline *t);
/** Where somebody changed it next after `at`, or `limit` if that comes first; the change there. */
int64_t zf_timeline_next_change(const struct zf_timeline *t, int64_t at, int64_t limit);
const struct zf_timeline_mark *zf_timeline_change_at(const struct zf_timeline *t, int64_t at);

/** How many bytes of storage it keeps. */
uint64_t zf_timeline_size(const struct zf_timeline *t);
/** How far it goes: from the first snapshot to where the guest has been. */
void zf_timeline_range(const struct zf_timeline *t, int64_t *first, int64_t *last);

/** The number of the last snapshot at or before `at`, which must be in range. */
unsigned zf_timeline_find(const struct zf_timeline *t, int64_t at);
const struct zf_timeline_mark *zf_timeline_mark(const struct zf_timeline *t, unsigned n);
/** Where it stood still next after `at`, or `limit` if that comes first. */
int64_t zf_timeline_next_stop(const struct zf_timeline *t, int64_t at, int64_t limit);
/** The next input at exactly `at`; `*n` counts those already given there. NULL: no more. */
const char *zf_timeline_next_input(const struct zf_timeline *t, int64_t at, size_t *n,
                                   size_t *length);

#endif
