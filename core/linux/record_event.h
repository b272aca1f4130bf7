/*
 * What the files of the record share: its events, in the order in which the program made them, with
 * a finger on the next one.
 */
#ifndef ZF_GUEST_LINUX_RECORD_EVENT_H
#define ZF_GUEST_LINUX_RECORD_EVENT_H

#include "record.h"

#define ZF_RECORD_THREADS "it has, or had, several threads"

enum zf_event_kind { ZF_EVENT_CALL, ZF_EVENT_SIGNAL, ZF_EVENT_HELD, ZF_EVENT_ANSWER };

struct zf_event {
    uint8_t kind;    /* enum zf_event_kind */
    bool flag;       /* of a call: it is made again; of a signal: it came during a call */
    uint16_t number; /* of the call, or the signal */
    int64_t at;      /* what the CPU had executed, with the SVC */
    int64_t result;  /* of an answer: what the program got */
    void *data;      /* struct effect, struct zf_guest_siginfo, or NULL */
};

/* What neither a snapshot nor an effect has: a call that changes it ends the record. */
struct zf_uncovered {
    uint64_t map, segments;
    const struct zf_filter *filter;
    bool strict;
    struct rlimit limits[ZF_OWN_LIMITS];
};

struct zf_record {
    bool repeats;
    const char *lost; /* why what was done before is not there; NULL: it is */
    struct zf_event *events;
    size_t count, room, next;
    size_t bytes;
    int64_t *places; /* of signals that came between instructions, sorted */
    size_t place_count, place_room;
    int64_t others; /* what CPUs of threads that have ended had executed before it began */
    /* the call that is made */
    bool in_call, maps;
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
/** Adds a place where a signal came between instructions. */
void zf_record_add_place(struct zf_task *task, int64_t at);
/** Nothing was recorded. */
void zf_record_forget(struct zf_record *r);
/** The program does something else than it did: there is no way on from here. */
void zf_record_stray(struct zf_task *task);
/** Repeating: the next event, if it is of that kind and number, and here; or NULL. */
const struct zf_event *zf_record_next(const struct zf_task *task, enum zf_event_kind kind,
                                      int number);
/** Repeating: signals that came here; at its end all, whenever they were noticed. */
void zf_record_look_again(struct zf_task *task, bool after_call, bool all);

#endif
