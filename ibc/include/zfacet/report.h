/*
 * What a run met of what its model does not have: each distinct place with a count, so that a
 * million executions of one instruction are one entry. Data only; ui/ prints it.
 */
#ifndef ZFACET_REPORT_H
#define ZFACET_REPORT_H

#include "zfacet/ibc.h"

/* Why an execution is worth telling. */
enum zf_hit {
    ZF_HIT_BLOCKED,       /* the gate blocked it */
    ZF_HIT_LEAK,          /* policy `ibc`: it ran, though the model does not have it */
    ZF_HIT_AUDIT,         /* policy `audit`: as above */
    ZF_HIT_IGNORED,       /* a field that the model's machine ignores was not zero */
    ZF_HIT_UNIMPLEMENTED, /* the model has it, zfacet does not execute it */
    ZF_HIT_COUNT
};

/* What the guest got. */
enum zf_outcome {
    ZF_OUTCOME_OPERATION,     /* operation exception */
    ZF_OUTCOME_SPECIFICATION, /* specification exception */
    ZF_OUTCOME_CC3,           /* condition code 3: no such function */
    ZF_OUTCOME_RAN,
    ZF_OUTCOME_RAN_WITHOUT, /* it ran as if the field were zero */
    ZF_OUTCOME_STOPPED,     /* the machine stopped there */
    ZF_OUTCOME_COUNT
};

/* An instruction at a place. */
struct zf_place {
    uint64_t address; /* as the guest sees it */
    uint64_t word;    /* the instruction, left-aligned; beyond its length zero */
    struct zf_subject subject;
    uint64_t target; /* where it is when it is the target of an EXECUTE at `address`; else 0 */
};

struct zf_report_entry {
    struct zf_place place;
    enum zf_hit hit;
    enum zf_outcome outcome;
    uint64_t count;
};

/* How often one facility was missed. */
struct zf_report_facility {
    int facility; /* STFLE bit; -1: none, it is the machine's level or a function code */
    const char *name;
    unsigned places;
    uint64_t count;
};

struct zf_report;

/** An empty report on `gate`, which is copied. NULL when memory is short. */
struct zf_report *zf_report_create(const struct zf_gate *gate);
void zf_report_destroy(struct zf_report *report);

/**
 * Counts an execution. A place beyond the first 65536 is only counted as one more: see
 * zf_report_others().
 */
void zf_report_hit(struct zf_report *report, const struct zf_place *place, enum zf_hit hit,
                   enum zf_outcome outcome);

/** Distinct places, in the order in which they were met first. */
unsigned zf_report_count(const struct zf_report *report);
const struct zf_report_entry *zf_report_at(const struct zf_report *report, unsigned i);

/** Executions that were counted but not kept. */
uint64_t zf_report_others(const struct zf_report *report);

/** Executions of one kind. */
uint64_t zf_report_total(const struct zf_report *report, enum zf_hit hit);

const struct zf_gate *zf_report_gate(const struct zf_report *report);

/** Facility `i` of those that were missed, most executions first; false after the last one. */
bool zf_report_facility_at(const struct zf_report *report, unsigned i,
                           struct zf_report_facility *facility);

/**
 * The oldest machine that runs all places but those that zfacet does not execute, in its default
 * set, else in its full set with `*full` true. NULL: none, or nothing was met.
 */
const struct zf_machine_type *zf_report_oldest(const struct zf_report *report, bool *full);

/** "blocked", "leak", "audit", "ignored", "unimplemented". */
const char *zf_hit_name(enum zf_hit hit);

/** "operation exception (0001)", … */
const char *zf_outcome_text(enum zf_outcome outcome);

#endif
