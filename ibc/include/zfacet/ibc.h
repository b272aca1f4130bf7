/*
 * IBC values and the gate: what runs on a model under a policy, and why not.
 *
 * An IBC value is ((generation - 10) << 4) | GA in 12 bits; 0 is none, so z900 to z9 have none.
 */
#ifndef ZFACET_IBC_H
#define ZFACET_IBC_H

#include "zfacet/gate.h"
#include "zfacet/since.h"

/* No request: the model's own value, as a hypervisor asks for it. */
#define ZF_IBC_OF_MODEL (-1)
/* No lowest value given: two generations back, and no IBC before z196. */
#define ZF_IBC_LOWEST_DEFAULT (-1)

struct zf_gate_config {
    enum zf_policy policy;
    const struct zf_model *model;
    /* NULL: all that the newest machine can have. Under `model` a host that is given limits what
     * runs, too: so it is with a guest that was taken along to a machine that has less. */
    const struct zf_model *host;
    int ibc;    /* requested value, or ZF_IBC_OF_MODEL */
    int lowest; /* the host's lowest value, or ZF_IBC_LOWEST_DEFAULT */
};

/** `model` under policy `model`, on the newest host. */
struct zf_gate_config zf_gate_config_default(const struct zf_model *model);

/** The oldest level that a host of this type can imitate; 0: it has no IBC. */
uint16_t zf_ibc_lowest(const struct zf_machine_type *host);

/**
 * The value that is in force for a request on a host: within [lowest, unblocked]; a request of 0
 * and a host without IBC (`lowest` or `unblocked` 0) give 0, which blocks nothing. Never refused.
 */
uint16_t zf_ibc_clamp(unsigned request, uint16_t lowest, uint16_t unblocked);

/** Writes what the value means: "0x031 (z13 GA1)", "none". */
void zf_ibc_text(uint16_t ibc, char *text, size_t size);

/**
 * Parses an IBC value: a number in C's notation, "none", or a model's name. Errors: USAGE for
 * more than 12 bits, NOT_FOUND for a name that is none.
 */
enum zf_status zf_ibc_parse(const char *text, int *ibc, struct zf_error *err);

/** "model", "ibc", "audit". */
const char *zf_policy_name(enum zf_policy policy);
enum zf_status zf_policy_parse(const char *text, enum zf_policy *policy, struct zf_error *err);

/** Generation in which `since` announced what it did: 7 for z900; 0 for what is older. */
unsigned zf_since_generation(enum zf_since since);

/** True when facility `bit` has a guest control of its own, apart from IBC. */
bool zf_facility_has_own_control(unsigned bit);

/** Computes the gate. The models are copied; nothing is kept. */
void zf_gate_compute(const struct zf_gate_config *config, struct zf_gate *gate);

struct zf_explanation {
    bool permitted;
    bool row_permitted; /* the instruction as such, whatever its form or function code */
    bool flagged;
    enum zf_gate_reason reason;
    int facility;              /* the STFLE bit that matters, or -1 */
    const char *facility_name; /* NULL when there is none */
    const char *first;         /* first machine, as in "z13" */
    enum zf_outcome outcome;   /* what a guest gets */
    char why[160];             /* one clause: "facility 129 (vector) is not in z196" */
};

/** The subject that is this row, form (of its row), or function code (of its instruction). */
struct zf_subject zf_subject_row(enum zf_row row);
struct zf_subject zf_subject_form(const struct zf_form *form);
struct zf_subject zf_subject_function(enum zf_query query, unsigned code);

/** Explains the verdict on a row, a form or a function code. */
void zf_gate_explain(const struct zf_gate *gate, const struct zf_subject *subject,
                     struct zf_explanation *explanation);

/** True when the model itself has the subject, policies aside. */
bool zf_model_runs(const struct zf_model *model, const struct zf_subject *subject);

/** The oldest machine whose `set` runs all `count` subjects, or NULL. */
const struct zf_machine_type *zf_oldest_with(const struct zf_subject *subjects, unsigned count,
                                             enum zf_model_set set);

/** The oldest that runs them in its default set, else in its full set, with `*full` true. */
const struct zf_machine_type *zf_oldest_of(const struct zf_subject *subjects, unsigned count,
                                           bool *full);

/** "allowed", "facility-off", …: for JSON and tests. */
const char *zf_gate_reason_name(enum zf_gate_reason reason);

#endif
