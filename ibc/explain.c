#include "zfacet/ibc.h"

#include "judge.h"

#include <stdio.h>

const char *zf_gate_reason_name(enum zf_gate_reason reason) {
    static const char *const names[ZF_GATE_REASON_COUNT] = {
        [ZF_GATE_ALLOWED] = "allowed",
        [ZF_GATE_NOT_ON_HOST] = "not-on-host",
        [ZF_GATE_OWN_CONTROL_OFF] = "own-control-off",
        [ZF_GATE_NEWER_THAN_IBC] = "newer-than-ibc",
        [ZF_GATE_FACILITY_OFF] = "facility-off",
    };
    return reason < ZF_GATE_REASON_COUNT ? names[reason] : "?";
}

const struct zf_machine_type *zf_oldest_with(const struct zf_subject *subjects, unsigned count,
                                             enum zf_model_set set) {
    const struct zf_machine_type *machine;
    for (unsigned i = 0; (machine = zf_machine_at(i)); i++) {
        struct zf_model model;
        bool all = true;
        zf_model_init(&model, machine, set);
        for (unsigned s = 0; s < count && all; s++) {
            all = zf_model_runs(&model, &subjects[s]);
        }
        if (all) {
            return machine;
        }
    }
    return NULL;
}

bool zf_model_runs(const struct zf_model *model, const struct zf_subject *subject) {
    struct zf_demand demand = zf_demand_of(subject);
    if (zf_judge_model(model, 0, &demand).reason != ZF_GATE_ALLOWED) {
        return false;
    }
    return subject->kind != ZF_SUBJECT_FUNCTION ||
           zf_model_has_function(model, subject->query, subject->code);
}

static void explain_why(const struct zf_gate *gate, const struct zf_explanation *e, char *why,
                        size_t size) {
    char ibc[48];
    const char *machine = gate->model.machine->name;
    switch (e->reason) {
    case ZF_GATE_ALLOWED:
        snprintf(why, size, "%s has it", machine);
        break;
    case ZF_GATE_NOT_ON_HOST:
        snprintf(why, size, "the host machine does not have it");
        break;
    case ZF_GATE_OWN_CONTROL_OFF:
        snprintf(why, size, "facility %d (%s) is off and has a control of its own", e->facility,
                 e->facility_name);
        break;
    case ZF_GATE_NEWER_THAN_IBC:
        zf_ibc_text(gate->ibc, ibc, sizeof ibc);
        if (gate->ibc) {
            snprintf(why, size, "newer than the IBC value %s", ibc);
        } else {
            snprintf(why, size, "newer than %s", machine);
        }
        break;
    case ZF_GATE_FACILITY_OFF:
    case ZF_GATE_REASON_COUNT:
        if (e->facility >= 0) {
            snprintf(why, size, "facility %d (%s) is not in the model %s", e->facility,
                     e->facility_name, machine);
        } else {
            snprintf(why, size, "the function code is not in the model %s", machine);
        }
        break;
    }
}

static const char *outcome_of(const struct zf_explanation *e, const struct zf_subject *subject) {
    if (e->permitted) {
        return e->flagged ? "runs, although the model does not have it" : "runs";
    }
    switch (subject->kind) {
    case ZF_SUBJECT_FUNCTION:
        return "specification exception (0006)";
    case ZF_SUBJECT_ROW:
        break;
    }
    return "operation exception (0001)";
}

/* The feature of a function code, or ZF_FEATURE_COUNT. */
static enum zf_feature feature_of(const struct zf_subject *subject) {
    return subject->kind == ZF_SUBJECT_FUNCTION
               ? zf_feature_of_function(subject->query, subject->code)
               : ZF_FEATURE_COUNT;
}

static void explain_function(const struct zf_gate *gate, const struct zf_subject *subject,
                             struct zf_explanation *e) {
    enum zf_feature feature = feature_of(subject);
    e->permitted = e->permitted && zf_gate_has_function(gate, subject->query, subject->code);
    e->flagged = e->flagged || zf_gate_flags_function(gate, subject->query, subject->code);
    if (feature == ZF_FEATURE_COUNT || e->reason != ZF_GATE_ALLOWED) {
        return;
    }
    zf_level first = zf_feature_info(feature)->first[ZF_MODEL_FULL];
    e->first = zf_generation_name(zf_level_generation(first));
    if (e->permitted && !e->flagged) {
        return;
    }
    e->facility = -1;
    e->reason = ZF_GATE_FACILITY_OFF;
    if (!e->permitted && gate->ibc && zf_ibc_of_level(first) > gate->ibc) {
        e->reason = ZF_GATE_NEWER_THAN_IBC;
    }
}

void zf_gate_explain(const struct zf_gate *gate, const struct zf_subject *subject,
                     struct zf_explanation *e) {
    struct zf_demand demand = zf_demand_of(subject);
    *e = (struct zf_explanation){
        .permitted = zf_gate_permits(gate, subject->row),
        .flagged = zf_gate_flags(gate, subject->row),
        .reason = (enum zf_gate_reason)gate->reason[subject->row],
        .facility = demand.need.count ? demand.need.bit[0] : -1,
    };
    e->first = zf_generation_name(demand.generation);
    if (e->reason == ZF_GATE_FACILITY_OFF || e->reason == ZF_GATE_OWN_CONTROL_OFF) {
        e->facility = zf_missing_facility(&gate->model, &demand.need);
    }
    if (subject->kind == ZF_SUBJECT_FUNCTION) {
        explain_function(gate, subject, e);
    }
    e->facility_name = e->facility >= 0 ? zf_facility_name((unsigned)e->facility) : NULL;
    e->oldest = zf_oldest_with(subject, 1, ZF_MODEL_DEFAULT);
    if (!e->oldest) {
        e->oldest = zf_oldest_with(subject, 1, ZF_MODEL_FULL);
    }
    e->outcome = outcome_of(e, subject);
    explain_why(gate, e, e->why, sizeof e->why);
}
