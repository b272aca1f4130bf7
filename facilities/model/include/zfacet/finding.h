/*
 * A finding: one event in which a guest used what its model does not have, or what zfacet does not
 * implement. It is this type all the way: translated code creates it, ibc/ decides what kind it is
 * and what the guest got, reports count it, user interfaces print it.
 */
#ifndef ZFACET_FINDING_H
#define ZFACET_FINDING_H

#include "zfacet/decode.h"
#include "zfacet/model.h"

/* What of an instruction is meant: all of it, a form, or one function code. */
enum zf_subject_kind { ZF_SUBJECT_ROW, ZF_SUBJECT_FORM, ZF_SUBJECT_FUNCTION };

struct zf_subject {
    enum zf_subject_kind kind;
    enum zf_row row; /* always */
    const struct zf_form *form;
    enum zf_query query; /* of a function code */
    unsigned code;
};

enum zf_finding_kind {
    ZF_FINDING_BLOCKED,       /* the gate blocked it */
    ZF_FINDING_LEAK,          /* policy `ibc`: executed, though the model does not have it */
    ZF_FINDING_AUDIT,         /* executed likewise, but because all is wanted so */
    ZF_FINDING_IGNORED,       /* what the model's machine ignores was asked for */
    ZF_FINDING_HINT,          /* the same, but no result depends on it (ZF_ABSENT_HINT) */
    ZF_FINDING_UNIMPLEMENTED, /* the model has it, zfacet does not execute it */
    ZF_FINDING_KINDS
};

/* What a guest gets. */
enum zf_outcome {
    ZF_OUTCOME_EXECUTED,
    ZF_OUTCOME_EXECUTED_ANYWAY,  /* though the model does not have it */
    ZF_OUTCOME_EXECUTED_WITHOUT, /* as if the field were zero */
    ZF_OUTCOME_OPERATION,        /* operation exception */
    ZF_OUTCOME_SPECIFICATION,    /* specification exception */
    ZF_OUTCOME_CC3,              /* condition code 3: no such function */
    ZF_OUTCOME_STOPPED,          /* the machine stopped there */
    ZF_OUTCOMES
};

static inline bool zf_outcome_interrupts(enum zf_outcome outcome) {
    return outcome == ZF_OUTCOME_OPERATION || outcome == ZF_OUTCOME_SPECIFICATION;
}

struct zf_finding {
    enum zf_finding_kind kind;
    enum zf_outcome outcome;
    struct zf_subject subject;
    uint64_t address; /* of the instruction, or of the EXECUTE whose target it is */
    uint64_t target;  /* of the EXECUTE's target; of any other instruction 0 */
    uint64_t word;    /* the instruction, left-aligned; beyond its length zero */
    uint64_t count;   /* executions: 1 of an event, more in a report */
};

#endif
