/*
 * What the files of the record share: its events, in the order in which the program made them, with
 * a finger on the next one.
 */
#ifndef ZF_GUEST_LINUX_RECORD_EVENT_H
#define ZF_GUEST_LINUX_RECORD_EVENT_H

#include "record.h"

enum zf_event_kind {
    ZF_EVENT_CALL,
    ZF_EVENT_SIGNAL,
    ZF_EVENT_HELD,
    ZF_EVENT_ANSWER,
    ZF_EVENT_TURN,  /* another thread goes on from here */
    ZF_EVENT_LEAVE, /* one has come so far, and others go on */
    ZF_EVENT_STORE, /* what its call stores before it waits */
};

struct zf_event {
    uint8_t kind;    /* enum zf_event_kind */
    bool flag;       /* of a call: it is made again; of a signal: it came during a call */
    uint16_t number; /* of the call, or the signal */
    uint16_t cpu;    /* that executes the thread */
    uint16_t born;   /* of a call: that of the thread which it has made; 0: none */
    int64_t at;      /* what the CPU had executed, with the SVC */
    int64_t result;  /* of an answer: what the program got; of a turn: the time */
    void *data;      /* struct effect, struct zf_guest_siginfo, or NULL */
};

/* What neither a snapshot nor an effect has: a call that changes it ends the record. */
struct zf_uncovered {
    uint64_t map, segments;
    const struct zf_filter *filter;
    bool strict, binds_nodes;
    struct rlimit limits[ZF_OWN_LIMITS];
};

struct zf_record {
    bool repeats;
    const char *lost;  /* why what was done before is not there; NULL: it is */
    const char *stray; /* repeating: why it cannot go on; or NULL */
    struct zf_event *events;
    size_t count, room, next;
    size_t bytes;
    size_t kept;         /* so many events a snapshot may count on */
    struct zf_cpu *turn; /* whose events are the last ones; NULL: nobody's */
    bool turn_ended;     /* its thread has */
    /* repeating: */
    bool looks;   /* a turn has begun in which nothing was looked at yet */
    size_t tried; /* the event that was to come of looking around, and how often that was */
    unsigned tries;
    struct zf_task **again; /* the threads, by CPU, or NULL */
    unsigned again_count;
    bool again_missing;             /* memory is short: not all are there */
    struct zf_task *tasks, *leader; /* those of the present */
    unsigned task_count;
};

/* The call that a thread makes. */
struct zf_call_notes {
    bool in_call, maps;
    uint16_t born; /* as in its event */
    struct zf_segment *stores;
    size_t store_count, store_room;
    struct zf_linear_range range;
    struct zf_linear_view view;
    struct zf_uncovered before;
};

/** The record, while it is written; NULL: it is not. */
struct zf_record *zf_record_writes(const struct zf_task *task);
/** Adds an event; NULL: the record is lost. */
struct zf_event *zf_record_add(struct zf_task *task, const struct zf_event *event);
/** The same of another CPU's. */
struct zf_event *zf_record_append(struct zf_linux *process, const struct zf_event *event);
/** Repeating: what was stored then. False: it cannot be. */
bool zf_record_store_again(struct zf_task *task, const struct zf_event *event);
/** Nothing was recorded. */
void zf_record_forget(struct zf_record *r);
/** The program does something else than it did, or memory is short: there is no way on from here
 * but back to the present. */
void zf_record_stray(struct zf_task *task);
/** Repeating: the next event, if it is of that kind and number, and here; or NULL. */
const struct zf_event *zf_record_next(const struct zf_task *task, enum zf_event_kind kind,
                                      int number);
/** Repeating: signals that came here, and what a debugger has said of them. */
void zf_record_look_again(struct zf_task *task, bool after_call);
/** The thread that has had the last turn is where it is for good, as far as the record knows. */
void zf_record_leave(struct zf_linux *process);

#endif
