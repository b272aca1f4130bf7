#ifndef ZFACET_IBC_JUDGE_H
#define ZFACET_IBC_JUDGE_H

#include "zfacet/ibc.h"

/* What a row or a form asks of a machine. */
struct zf_demand {
    struct zf_facility_need need;
    unsigned generation; /* of the first machine; 0: older than z900 */
};

struct zf_judgement {
    enum zf_gate_reason reason;
    int facility; /* the one that decided, or -1 */
};

struct zf_demand zf_demand_of(const struct zf_subject *subject);

/** A facility that is missing from `model` and keeps `need` from being met, or -1. */
int zf_missing_facility(const struct zf_model *model, const struct zf_facility_need *need);

/** Would the model have it? `ibc` is its own limit when not 0. */
struct zf_judgement zf_judge_model(const struct zf_model *model, uint16_t ibc,
                                   const struct zf_demand *demand);

/** Would a guest with `model` on `host` meet it under the effective value `ibc`? */
struct zf_judgement zf_judge_host(const struct zf_model *model, const struct zf_model *host,
                                  uint16_t ibc, const struct zf_demand *demand);

/** As above for the function code that `feature` is, its instruction being permitted. */
struct zf_judgement zf_judge_function(const struct zf_model *model, const struct zf_model *host,
                                      uint16_t ibc, enum zf_feature feature);

/** The value of a level; 0 when it is before z10. */
uint16_t zf_ibc_of_level(zf_level level);

#endif
