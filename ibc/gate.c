/*
 * The gate: the answer of judge.c for every row, form and function code under one policy, as
 * bitmaps that translation looks at, with the reason for each that is not permitted.
 */
#include "zfacet/ibc.h"

#include "judge.h"

struct zf_gate_config zf_gate_config_default(const struct zf_model *model) {
    return (struct zf_gate_config){
        .policy = ZF_POLICY_MODEL,
        .model = model,
        .ibc = ZF_IBC_OF_MODEL,
        .lowest = ZF_IBC_LOWEST_DEFAULT,
    };
}

/* What a computation looks at, with every default filled in. */
struct rules {
    enum zf_policy policy;
    const struct zf_model *model;
    const struct zf_model *host;
    bool on_host; /* nothing runs that the host does not have */
    uint16_t ibc; /* in force */
};

/*
 * Under `ibc` the request is clamped to what the host can do. The other policies ask what the
 * machine itself would do, so only a value that the user gave counts.
 */
static uint16_t effective_ibc(const struct zf_gate_config *config, const struct zf_model *host) {
    if (config->policy != ZF_POLICY_IBC) {
        return config->ibc > 0 ? (uint16_t)config->ibc : 0;
    }
    uint16_t lowest = config->lowest >= 0 ? (uint16_t)config->lowest : zf_ibc_lowest(host->machine);
    unsigned request =
        config->ibc >= 0 ? (unsigned)config->ibc : zf_machine_ibc(config->model->machine);
    return zf_ibc_clamp(request, lowest, zf_machine_ibc(host->machine));
}

struct verdict {
    bool permitted;
    bool flagged;
    enum zf_gate_reason reason;
};

static struct verdict decide(const struct rules *rules, const struct zf_demand *demand) {
    uint16_t own_limit = rules->policy == ZF_POLICY_IBC ? 0 : rules->ibc;
    struct zf_judgement model = zf_judge_model(rules->model, own_limit, demand);
    bool on_model = model.reason == ZF_GATE_ALLOWED;
    if (rules->policy == ZF_POLICY_MODEL && !on_model) {
        return (struct verdict){false, false, model.reason};
    }
    if (rules->on_host) {
        uint16_t ibc = rules->policy == ZF_POLICY_IBC ? rules->ibc : 0;
        struct zf_judgement host = zf_judge_host(rules->model, rules->host, ibc, demand);
        if (host.reason != ZF_GATE_ALLOWED) {
            return (struct verdict){false, false, host.reason};
        }
    }
    return (struct verdict){true, !on_model, model.reason};
}

static void compute_rows(const struct rules *rules, struct zf_gate *gate) {
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        struct zf_demand demand = zf_demand_of(&(struct zf_subject){.row = row});
        struct verdict verdict = decide(rules, &demand);
        zf_bitmap_assign(gate->permitted, row, verdict.permitted);
        zf_bitmap_assign(gate->flagged, row, verdict.flagged);
        gate->reason[row] = (uint8_t)verdict.reason;
    }
}

static void compute_forms(const struct rules *rules, struct zf_gate *gate) {
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        struct zf_subject subject = {.kind = ZF_SUBJECT_FORM, .form = zf_form_at(i)};
        struct zf_demand demand = zf_demand_of(&subject);
        struct verdict verdict = decide(rules, &demand);
        zf_bitmap_assign(gate->form_permitted, i, verdict.permitted);
        zf_bitmap_assign(gate->form_flagged, i, verdict.flagged);
        gate->form_reason[i] = (uint8_t)verdict.reason;
    }
}

/* Is the function code that `feature` is there for a guest, its instruction being permitted? */
static bool function_runs(const struct rules *rules, enum zf_feature feature) {
    const struct zf_feature_info *info = zf_feature_info(feature);
    switch (rules->policy) {
    case ZF_POLICY_MODEL:
        return zf_model_has_feature(rules->model, feature) &&
               (!rules->on_host || zf_model_has_feature(rules->host, feature)) &&
               (!rules->ibc || zf_ibc_of_level(info->first[ZF_MODEL_FULL]) <= rules->ibc);
    case ZF_POLICY_IBC:
        return zf_judge_function(rules->model, rules->host, rules->ibc, feature).reason ==
               ZF_GATE_ALLOWED;
    default:
        return true;
    }
}

static void set_function(const struct rules *rules, struct zf_gate *gate, enum zf_query query,
                         unsigned code) {
    zf_bitmap_set(gate->function[query], code);
    if (!zf_model_has_function(rules->model, query, code)) {
        zf_bitmap_set(gate->function_flagged[query], code);
    }
}

static void compute_functions(const struct rules *rules, struct zf_gate *gate) {
    bool installed[ZF_QUERY_COUNT];
    for (unsigned query = 0; query < ZF_QUERY_COUNT; query++) {
        installed[query] = zf_gate_permits(gate, zf_row_find(zf_query_mnemonic(query)));
        if (installed[query] && zf_query_has_query_function(query)) {
            set_function(rules, gate, query, 0);
        }
    }
    for (unsigned f = 0; f < ZF_FEATURE_COUNT; f++) {
        const struct zf_feature_info *info = zf_feature_info(f);
        if ((unsigned)info->kind < ZF_QUERY_COUNT && installed[info->kind] &&
            function_runs(rules, f)) {
            set_function(rules, gate, (enum zf_query)info->kind, info->bit);
        }
    }
}

/* A cleared bit stops nothing but what has its own control or is newer than the IBC value. */
static void compute_effective(const struct rules *rules, struct zf_gate *gate) {
    memcpy(gate->effective, rules->model->facilities, sizeof gate->effective);
    for (unsigned i = 0; rules->on_host && i < ZF_ARRAY_LENGTH(gate->effective); i++) {
        gate->effective[i] &= rules->host->facilities[i];
    }
    if (rules->policy == ZF_POLICY_MODEL) {
        return;
    }
    const struct zf_facility *facility;
    for (unsigned i = 0; (facility = zf_facility_at(i)); i++) {
        bool on = zf_model_has_facility(rules->host, facility->bit);
        if (rules->policy == ZF_POLICY_IBC && on) {
            struct zf_demand demand = {{1, false, {(uint8_t)facility->bit}},
                                       zf_level_generation(facility->since)};
            on = zf_judge_host(rules->model, rules->host, rules->ibc, &demand).reason ==
                 ZF_GATE_ALLOWED;
        } else if (rules->policy == ZF_POLICY_AUDIT) {
            on |= zf_model_has_facility(rules->model, facility->bit);
        }
        zf_bitmap_assign(gate->effective, facility->bit, on);
    }
}

void zf_gate_compute(const struct zf_gate_config *config, struct zf_gate *gate) {
    struct zf_model newest;
    const struct zf_model *host = config->host;
    if (!host) {
        zf_model_init(&newest, zf_machine_newest(), ZF_MODEL_FULL);
        host = &newest;
    }
    struct rules rules = {
        .policy = config->policy,
        .model = config->model,
        .host = host,
        .on_host =
            config->policy == ZF_POLICY_IBC || (config->policy == ZF_POLICY_MODEL && config->host),
        .ibc = effective_ibc(config, host),
    };
    memset(gate, 0, sizeof *gate);
    gate->policy = config->policy;
    gate->model = *config->model;
    gate->ibc = rules.ibc;
    compute_rows(&rules, gate);
    compute_forms(&rules, gate);
    compute_functions(&rules, gate);
    compute_effective(&rules, gate);
}
