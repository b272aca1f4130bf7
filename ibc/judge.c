/*
 * Computes the gate. One judge answers for anything that has a first machine and needs facilities:
 * a row, a form, a function code; the policies differ only in which of its answers they heed.
 */
#include "zfacet/ibc.h"

#include "judge.h"

/* The facility whose own control switches `bit`, or -1. */
static int control_of(unsigned bit) {
    const struct zf_facility *facility = zf_facility_find(bit);
    return facility ? facility->control : -1;
}

bool zf_facility_has_own_control(unsigned bit) {
    return control_of(bit) >= 0;
}

int zf_missing_facility(const struct zf_model *model, const struct zf_facility_need *need) {
    for (unsigned i = 0; i < need->count; i++) {
        bool has = zf_model_has_facility(model, need->bit[i]);
        if (has && need->any) {
            return -1;
        }
        if (!has && !need->any) {
            return need->bit[i];
        }
    }
    return need->any && need->count ? need->bit[0] : -1;
}

/* A facility of `need` that its own control switches off for `model`, or -1. */
static int switched_off(const struct zf_model *model, const struct zf_facility_need *need) {
    int off = -1;
    for (unsigned i = 0; i < need->count; i++) {
        int control = control_of(need->bit[i]);
        bool here = control >= 0 && !zf_model_has_facility(model, (unsigned)control);
        if (here && !need->any) {
            return control;
        }
        if (!here && need->any) {
            return -1;
        }
        off = here ? control : off;
    }
    return off;
}

/*
 * A machine whose set has the facility is not older than the instruction, whatever the list of
 * instructions says: a few facilities came to the last GA of the machine before (16, 18, 22, 57,
 * 76).
 */
static struct zf_judgement judge_on(const struct zf_model *model, const struct zf_demand *demand,
                                    enum zf_gate_reason missing) {
    int facility = zf_missing_facility(model, &demand->need);
    if (facility >= 0) {
        return (struct zf_judgement){missing, facility};
    }
    if (!demand->need.count && demand->generation > zf_level_generation(model->machine->level)) {
        return (struct zf_judgement){
            missing == ZF_GATE_FACILITY_OFF ? ZF_GATE_NEWER_THAN_IBC : missing, -1};
    }
    return (struct zf_judgement){ZF_GATE_ALLOWED, -1};
}

struct zf_demand zf_demand_of(const struct zf_subject *subject) {
    if (subject->kind == ZF_SUBJECT_FORM) {
        return (struct zf_demand){subject->form->facility,
                                  zf_since_generation(subject->form->since)};
    }
    const struct zf_row_info *info = zf_row_get(subject->row);
    return (struct zf_demand){info->facility, zf_since_generation(info->since)};
}

static bool newer_than_ibc(uint16_t ibc, const struct zf_demand *demand) {
    enum { FIRST_GENERATION = 10 };
    return ibc && demand->generation > (unsigned)(ibc >> 4) + FIRST_GENERATION;
}

struct zf_judgement zf_judge_model(const struct zf_model *model, uint16_t ibc,
                                   const struct zf_demand *demand) {
    struct zf_judgement judgement = judge_on(model, demand, ZF_GATE_FACILITY_OFF);
    if (judgement.reason == ZF_GATE_ALLOWED && newer_than_ibc(ibc, demand)) {
        judgement.reason = ZF_GATE_NEWER_THAN_IBC;
    }
    return judgement;
}

struct zf_judgement zf_judge_host(const struct zf_model *model, const struct zf_model *host,
                                  uint16_t ibc, const struct zf_demand *demand) {
    struct zf_judgement judgement = judge_on(host, demand, ZF_GATE_NOT_ON_HOST);
    if (judgement.reason != ZF_GATE_ALLOWED) {
        return judgement;
    }
    int facility = switched_off(model, &demand->need);
    if (facility >= 0) {
        return (struct zf_judgement){ZF_GATE_OWN_CONTROL_OFF, facility};
    }
    if (newer_than_ibc(ibc, demand)) {
        judgement.reason = ZF_GATE_NEWER_THAN_IBC;
    }
    return judgement;
}

struct zf_judgement zf_judge_function(const struct zf_model *model, const struct zf_model *host,
                                      uint16_t ibc, enum zf_feature feature) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    if (!zf_model_has_function(host, (enum zf_query)info->kind, info->bit)) {
        return (struct zf_judgement){ZF_GATE_NOT_ON_HOST, -1};
    }
    if (info->group == ZF_FEATURE_GROUP_MEPOCHPTFF &&
        !zf_model_has_facility(model, ZF_FACILITY_MULTIPLE_EPOCH)) {
        return (struct zf_judgement){ZF_GATE_OWN_CONTROL_OFF, ZF_FACILITY_MULTIPLE_EPOCH};
    }
    if (ibc && zf_ibc_of_level(info->first[ZF_MODEL_FULL]) > ibc) {
        return (struct zf_judgement){ZF_GATE_NEWER_THAN_IBC, -1};
    }
    return (struct zf_judgement){ZF_GATE_ALLOWED, -1};
}
