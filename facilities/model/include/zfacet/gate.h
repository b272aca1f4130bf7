/*
 * The gate: which instructions, operand forms and function codes of a machine run. Computed by ibc/
 * when model, IBC request or policy change (zfacet/ibc.h); read when code is translated, and by the
 * instructions that have function codes. Nothing looks at it while translated code runs.
 */
#ifndef ZFACET_GATE_H
#define ZFACET_GATE_H

#include "zfacet/finding.h"

enum zf_policy {
    ZF_POLICY_MODEL, /* what the model has, no more */
    ZF_POLICY_IBC,   /* what a guest of a hypervisor on the host machine meets */
    ZF_POLICY_AUDIT, /* everything, and what `model` would have blocked is marked */
    ZF_POLICY_COUNT
};

/* What is blocked: the guest gets the exception, or the machine stops, or it runs if zfacet can. */
enum zf_on_blocked { ZF_ON_BLOCKED_TRAP, ZF_ON_BLOCKED_STOP, ZF_ON_BLOCKED_WARN };

/* What the model has and zfacet does not: the machine stops, or the guest gets the exception that a
 * machine without it would give. */
enum zf_on_unimplemented { ZF_ON_UNIMPLEMENTED_STOP, ZF_ON_UNIMPLEMENTED_TRAP };

/* Why something is blocked; the first that holds in this order. */
enum zf_gate_reason {
    ZF_GATE_ALLOWED,
    ZF_GATE_NOT_ON_HOST,     /* the host machine does not have it */
    ZF_GATE_OWN_CONTROL_OFF, /* switched off by a control of its facility's own */
    ZF_GATE_NEWER_THAN_IBC,  /* newer than the IBC value, or in policy `model` than the machine */
    ZF_GATE_FACILITY_OFF,    /* a facility that it needs is not in the model's set */
    ZF_GATE_HIDDEN,          /* the model has it, but was told not to: zf_gate_explain() alone */
    ZF_GATE_REASON_COUNT
};

/* A value; copy it freely. All maps are in book order; see zf_bitmap_test(). */
struct zf_gate {
    enum zf_policy policy;
    struct zf_model model; /* what the guest is told */
    struct zf_model
        whole;    /* before what zfacet does not execute was hidden; no machine: all told */
    uint16_t ibc; /* effective IBC value; 0: none */
    /* Facilities whose effects beyond single instructions are there: DAT, interruptions, registers.
     * Under `model` they are the model's; under `ibc` more, because a cleared bit stops nothing. */
    ZF_BITMAP(effective, ZF_FACILITY_LIMIT);
    /* By enum zf_row: what runs, and of it what runs although the model does not have it. */
    ZF_BITMAP(permitted, ZF_ROW_COUNT);
    ZF_BITMAP(flagged, ZF_ROW_COUNT);
    uint8_t reason[ZF_ROW_COUNT]; /* enum zf_gate_reason; of a flagged row, the model's reason */
    /* The same by number of the form, its row's verdict aside: see zf_gate_check(). */
    ZF_BITMAP(form_permitted, ZF_FORM_COUNT);
    ZF_BITMAP(form_flagged, ZF_FORM_COUNT);
    uint8_t form_reason[ZF_FORM_COUNT];
    /* Function codes that are installed, as a query returns them; and those flagged. */
    uint64_t function[ZF_QUERY_COUNT][ZF_QUERY_BITS / 64];
    uint64_t function_flagged[ZF_QUERY_COUNT][ZF_QUERY_BITS / 64];
};

static inline bool zf_gate_permits(const struct zf_gate *gate, enum zf_row row) {
    return zf_bitmap_test(gate->permitted, row);
}

/** True when the row runs, but would not on the model: a leak (`ibc`) or an audit finding. */
static inline bool zf_gate_flags(const struct zf_gate *gate, enum zf_row row) {
    return zf_bitmap_test(gate->flagged, row);
}

static inline bool zf_gate_has_facility(const struct zf_gate *gate, unsigned bit) {
    return bit < ZF_FACILITY_LIMIT && zf_bitmap_test(gate->effective, bit);
}

/** True when function `code` is installed. Codes beyond ZF_QUERY_BITS are not. */
static inline bool zf_gate_has_function(const struct zf_gate *gate, enum zf_query query,
                                        unsigned code) {
    return code < ZF_QUERY_BITS && zf_bitmap_test(gate->function[query], code);
}

static inline bool zf_gate_flags_function(const struct zf_gate *gate, enum zf_query query,
                                          unsigned code) {
    return code < ZF_QUERY_BITS && zf_bitmap_test(gate->function_flagged[query], code);
}

/* More forms than any instruction can have at once. */
enum { ZF_GATE_FORMS = 8 };

struct zf_gate_verdict {
    enum zf_outcome outcome; /* ZF_OUTCOME_EXECUTED, _OPERATION or, after the checks of the opcode
                              * alone, _SPECIFICATION */
    bool flagged;            /* it runs, but the model does not have it, or not so */
    /* The form that is blocked, or all that are flagged or ignored; none: the verdict is the row's.
     */
    unsigned form_count;
    const struct zf_form *form[ZF_GATE_FORMS];
};

/** True when the machine does not know the form, which for one that runs means that it is ignored.
 */
static inline bool zf_gate_ignores(const struct zf_gate *gate, const struct zf_form *form) {
    return !zf_bitmap_test(gate->form_permitted, zf_form_index(form));
}

/**
 * Judges `insn`, forms included. A form that the machine does not know and ignores is taken out of
 * `insn`, as if the field had been zero. Rows that are ZF_ROW_INVALID get an operation exception.
 */
struct zf_gate_verdict zf_gate_check(const struct zf_gate *gate, struct zf_insn *insn);

#endif
