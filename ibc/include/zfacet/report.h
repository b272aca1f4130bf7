/*
 * The findings of a run: each is kept once, with a count, so that a million executions of one
 * instruction are one entry. Data only; ui/ prints it.
 */
#ifndef ZFACET_REPORT_H
#define ZFACET_REPORT_H

#include "zfacet/ibc.h"
#include "zfacet/symbol.h"

/* How often one facility was missed. */
struct zf_report_facility {
    int facility; /* STFLE bit; -1: none, it is the machine's level or a function code */
    const char *name;
    unsigned findings; /* distinct */
    uint64_t count;
};

struct zf_report;

/** An empty report on `gate`, which is copied. NULL when memory is short. */
struct zf_report *zf_report_create(const struct zf_gate *gate);
void zf_report_destroy(struct zf_report *report);

/**
 * Decides what a finding is that translated code has told: leak or audit, by the policy, and what
 * the guest gets, by what is to be done with what is blocked or not implemented.
 */
void zf_finding_judge(struct zf_finding *finding, enum zf_policy policy,
                      enum zf_on_blocked on_blocked, enum zf_on_unimplemented on_unimplemented);

#define ZF_REPORT_OTHER (~0u)

/**
 * Counts an event. A finding beyond the first 65536 is only counted as one more: see
 * zf_report_others(). Returns the finding's number, or ZF_REPORT_OTHER.
 */
unsigned zf_report_add(struct zf_report *report, const struct zf_finding *finding);

/* Where a finding was met first, as the guest was then; later its images may be others. */
struct zf_place {
    double seconds;    /* since the run began */
    bool caught;       /* the exception went to a handler of the guest, */
    bool probed;       /* and the guest went on from there */
    char program[256]; /* the file that the process executed */
    unsigned frames;   /* the instruction, and the calls that led to it */
    struct zf_frame {
        uint64_t address;
        struct zf_symbol symbol;
    } frame[];
};

/** Adds to finding `i` where it was; the report frees it. */
void zf_report_set_place(struct zf_report *report, unsigned i, struct zf_place *place);
void zf_report_mark_probed(struct zf_report *report, unsigned i);
void zf_report_mark_uncaught(struct zf_report *report, unsigned i);
/** NULL: not known. */
const struct zf_place *zf_report_place(const struct zf_report *report, unsigned i);

/** Distinct findings, in the order in which they were met first. */
unsigned zf_report_count(const struct zf_report *report);
const struct zf_finding *zf_report_at(const struct zf_report *report, unsigned i);

/* A finding with all that is known of it, for whoever prints it in whatever format. */
struct zf_finding_details {
    const struct zf_finding *finding;
    struct zf_explanation explanation; /* facility, first machine, reason */
    bool has_symbol;
    struct zf_symbol symbol;      /* image, function, offset, source line */
    const struct zf_place *place; /* or NULL */
    const char *mnemonic;
    char bytes[3 * 6]; /* of the instruction, in hexadecimal */
    char text[96];     /* the instruction, disassembled */
};

/** Finding `i`; `symbols` may be NULL. */
void zf_report_describe(const struct zf_report *report, unsigned i, struct zf_symbols *symbols,
                        struct zf_finding_details *details);

/** Executions that were counted but not kept. */
uint64_t zf_report_others(const struct zf_report *report);

/** Executions of one kind. */
uint64_t zf_report_total(const struct zf_report *report, enum zf_finding_kind kind);

const struct zf_gate *zf_report_gate(const struct zf_report *report);

/** Facility `i` of those that were missed, most executions first; false after the last one. */
bool zf_report_facility_at(const struct zf_report *report, unsigned i,
                           struct zf_report_facility *facility);

/**
 * The oldest machine that runs all findings but those that zfacet does not execute, in its default
 * set, else in its full set with `*full` true. NULL: none, or nothing was met.
 */
const struct zf_machine_type *zf_report_oldest(const struct zf_report *report, bool *full);

/** "blocked", "leak", "audit", "ignored", "unimplemented". */
const char *zf_finding_kind_name(enum zf_finding_kind kind);

/** "operation exception (0001)", … */
const char *zf_outcome_text(enum zf_outcome outcome);

#endif
