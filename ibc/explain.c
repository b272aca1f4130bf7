/*
 * One verdict of the gate in words: which facility, since which machine, why, and what the guest
 * gets; and the oldest machine that would run it.
 */
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
        [ZF_GATE_HIDDEN] = "hidden",
    };
    return reason < ZF_GATE_REASON_COUNT ? names[reason] : "?";
}

struct zf_subject zf_subject_row(enum zf_row row) {
    return (struct zf_subject){.kind = ZF_SUBJECT_ROW, .row = row};
}

struct zf_subject zf_subject_form(const struct zf_form *form) {
    return (struct zf_subject){.kind = ZF_SUBJECT_FORM, .row = form->row, .form = form};
}

struct zf_subject zf_subject_function(enum zf_query query, unsigned code) {
    return (struct zf_subject){.kind = ZF_SUBJECT_FUNCTION,
                               .row = zf_row_find(zf_query_mnemonic(query)),
                               .query = query,
                               .code = code};
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

const struct zf_machine_type *zf_oldest_of(const struct zf_subject *subjects, unsigned count,
                                           bool *full) {
    const struct zf_machine_type *machine = zf_oldest_with(subjects, count, ZF_MODEL_DEFAULT);
    *full = false;
    if (!machine) {
        machine = zf_oldest_with(subjects, count, ZF_MODEL_FULL);
        *full = machine != NULL;
    }
    return machine;
}

bool zf_model_runs(const struct zf_model *model, const struct zf_subject *subject) {
    struct zf_subject row = zf_subject_row(subject->row);
    struct zf_demand demand = zf_demand_of(&row);
    if (zf_judge_model(model, 0, &demand).reason != ZF_GATE_ALLOWED) {
        return false;
    }
    if (subject->kind == ZF_SUBJECT_FUNCTION) {
        return zf_model_has_function(model, subject->query, subject->code);
    }
    demand = zf_demand_of(subject);
    return zf_judge_model(model, 0, &demand).reason == ZF_GATE_ALLOWED;
}

/* "is not in model z13", or that the user has switched it off. */
static void explain_off(const struct zf_gate *gate, const struct zf_subject *subject,
                        const struct zf_explanation *e, char *why, size_t size) {
    char name[ZF_MODEL_NAME_LENGTH];
    struct zf_model own; /* the model as it is called, before switches */
    zf_model_short_name(&gate->model, name);
    if (gate->model.named) {
        zf_model_init_named(&own, gate->model.named);
    } else {
        zf_model_init(&own, gate->model.machine, gate->model.set);
    }
    if (e->facility < 0) {
        bool off = subject->kind == ZF_SUBJECT_FUNCTION &&
                   zf_model_has_function(&own, subject->query, subject->code);
        snprintf(why, size,
                 off ? "the function code is switched off; model %s has it"
                     : "the function code is not in model %s",
                 name);
        return;
    }
    bool off = zf_model_has_facility(&own, (unsigned)e->facility);
    snprintf(why, size,
             off ? "facility %d (%s) is switched off; model %s has it"
                 : "facility %d (%s) is not in model %s",
             e->facility, e->facility_name, name);
}

static void explain_why(const struct zf_gate *gate, const struct zf_subject *subject,
                        const struct zf_explanation *e, char *why, size_t size) {
    char ibc[48];
    const char *machine = zf_machine_short_name(gate->model.machine);
    switch (e->reason) {
    case ZF_GATE_ALLOWED:
        snprintf(why, size, "%s has it", machine);
        break;
    case ZF_GATE_NOT_ON_HOST:
        snprintf(why, size, "the host lacks it");
        break;
    case ZF_GATE_OWN_CONTROL_OFF:
        snprintf(why, size, "facility %d (%s) is off and has a guest control", e->facility,
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
    case ZF_GATE_HIDDEN:
        if (e->facility >= 0 && zf_model_has_facility(&gate->model, (unsigned)e->facility)) {
            snprintf(why, size, "the instruction is hidden (not implemented)");
        } else if (e->facility >= 0) {
            snprintf(why, size, "facility %d (%s) is hidden (not implemented)", e->facility,
                     e->facility_name);
        } else {
            snprintf(why, size, "the function code is hidden (not implemented)");
        }
        break;
    case ZF_GATE_FACILITY_OFF:
    case ZF_GATE_REASON_COUNT:
        explain_off(gate, subject, e, why, size);
        break;
    }
}

static bool has_all(const struct zf_model *model, const struct zf_demand *demand) {
    return zf_missing_facility(model, &demand->need) < 0;
}

/* The level that brought a function code; a query function came with its instruction. */
static zf_level level_of_function(const struct zf_subject *subject) {
    enum zf_feature feature = zf_feature_of_function(subject->query, subject->code);
    if (feature != ZF_FEATURE_COUNT) {
        return zf_feature_info(feature)->first[ZF_MODEL_FULL];
    }
    return ZF_LEVEL(zf_since_generation(zf_row_get(subject->row)->since), 1);
}

static enum zf_outcome outcome_of(const struct zf_explanation *e,
                                  const struct zf_subject *subject) {
    if (e->permitted) {
        return e->flagged ? ZF_OUTCOME_EXECUTED_ANYWAY : ZF_OUTCOME_EXECUTED;
    }
    if (subject->kind == ZF_SUBJECT_FUNCTION && e->row_permitted) {
        return ZF_OUTCOME_SPECIFICATION;
    }
    if (subject->kind == ZF_SUBJECT_FORM && e->row_permitted) {
        switch ((enum zf_when_absent)subject->form->when_absent) {
        case ZF_ABSENT_SPECIFICATION:
            return ZF_OUTCOME_SPECIFICATION;
        case ZF_ABSENT_IGNORE:
        case ZF_ABSENT_HINT:
            return ZF_OUTCOME_EXECUTED_WITHOUT;
        case ZF_ABSENT_OPERATION:
            break;
        }
    }
    return ZF_OUTCOME_OPERATION;
}

/* What the gate says of the form or function code itself, its instruction being permitted. */
static void explain_variant(const struct zf_gate *gate, const struct zf_subject *subject,
                            struct zf_explanation *e) {
    if (subject->kind == ZF_SUBJECT_FORM) {
        unsigned i = zf_form_index(subject->form);
        e->permitted = zf_bitmap_test(gate->form_permitted, i);
        e->flagged |= zf_bitmap_test(gate->form_flagged, i);
        e->reason = (enum zf_gate_reason)gate->form_reason[i];
        return;
    }
    e->permitted = zf_gate_has_function(gate, subject->query, subject->code);
    e->flagged |= zf_gate_flags_function(gate, subject->query, subject->code);
    e->facility = -1;
    if (!e->permitted || zf_gate_flags_function(gate, subject->query, subject->code)) {
        zf_level first = level_of_function(subject);
        bool newer = !e->permitted && gate->ibc && zf_ibc_of_level(first) > gate->ibc;
        bool lost =
            !e->permitted && zf_model_has_function(&gate->model, subject->query, subject->code);
        e->reason = newer  ? ZF_GATE_NEWER_THAN_IBC
                    : lost ? ZF_GATE_NOT_ON_HOST
                           : ZF_GATE_FACILITY_OFF;
    }
}

/* Would the model have it, if nothing had been hidden from the guest? */
static bool is_hidden(const struct zf_gate *gate, const struct zf_subject *subject) {
    return gate->whole.machine && zf_model_runs(&gate->whole, subject);
}

/* The first machine that can have it: PQAP is older than what models know of adjunct processors. */
static unsigned generation_of(const struct zf_subject *subject, unsigned generation) {
    const struct zf_machine_type *oldest = zf_oldest_with(subject, 1, ZF_MODEL_FULL);
    unsigned able = oldest ? zf_level_generation(oldest->level) : 0;
    return able > generation ? able : generation;
}

void zf_gate_explain(const struct zf_gate *gate, const struct zf_subject *subject,
                     struct zf_explanation *e) {
    /* When the instruction itself is blocked, that is the explanation. */
    bool row_permitted = zf_gate_permits(gate, subject->row);
    struct zf_subject told = row_permitted ? *subject : zf_subject_row(subject->row);
    struct zf_demand demand = zf_demand_of(&told);
    *e = (struct zf_explanation){
        .permitted = row_permitted,
        .row_permitted = row_permitted,
        .flagged = zf_gate_flags(gate, subject->row),
        .reason = (enum zf_gate_reason)gate->reason[subject->row],
        .facility = demand.need.count ? demand.need.bit[0] : -1,
    };
    e->first = zf_generation_name(generation_of(&told, demand.generation));
    if (told.kind == ZF_SUBJECT_FUNCTION) {
        e->first = zf_generation_name(zf_level_generation(level_of_function(&told)));
    }
    if (told.kind != ZF_SUBJECT_ROW) {
        explain_variant(gate, &told, e);
    }
    if (e->facility >= 0 && !has_all(&gate->model, &demand)) {
        e->facility = zf_missing_facility(&gate->model, &demand.need);
    }
    bool off = e->reason == ZF_GATE_FACILITY_OFF || e->reason == ZF_GATE_OWN_CONTROL_OFF;
    if (off && is_hidden(gate, &told)) {
        e->reason = ZF_GATE_HIDDEN;
    }
    e->facility_name = e->facility >= 0 ? zf_facility_name((unsigned)e->facility) : NULL;
    e->outcome = outcome_of(e, subject);
    explain_why(gate, subject, e, e->why, sizeof e->why);
}
