/*
 * Gates: whether an instruction executes, and why not.
 */
#include "library.h"

#include "zfacet/implemented.h"
#include "zfacet/report.h"

#include <stdlib.h>

struct zfacet_gate *zfacet_gate_new(const struct zfacet_model *model, const char *policy,
                                    const struct zfacet_model *host, int ibc,
                                    struct zfacet_error *error) {
    struct zf_error why;
    struct zf_gate_config config = zf_gate_config_default(&model->model);
    if (zf_policy_parse(policy, &config.policy, &why) != ZF_OK) {
        return zf_library_fail(error, &why);
    }
    config.host = host ? &host->model : NULL;
    config.ibc = ibc;
    struct zfacet_gate *gate = calloc(1, sizeof *gate);
    if (!gate) {
        return zf_library_no_memory(error);
    }
    zf_gate_compute(&config, &gate->gate);
    return gate;
}

void zfacet_gate_free(struct zfacet_gate *gate) {
    free(gate);
}

struct verdict {
    struct zfacet_verdict answer;
    struct zf_explanation explanation;
};

static bool implemented(const struct zf_insn *insn) {
    if (!zf_row_implemented((enum zf_row)insn->row)) {
        return false;
    }
    for (const struct zf_form *f = zf_insn_form(insn); f; f = zf_insn_next_form(insn, f)) {
        if (!zf_form_implemented(f)) {
            return false;
        }
    }
    return true;
}

/* Of a word that is no instruction there is nothing to explain. */
static void describe_unknown(struct zfacet_verdict *answer) {
    *answer = (struct zfacet_verdict){
        .outcome = zf_outcome_text(ZF_OUTCOME_OPERATION),
        .reason = "unknown",
        .why = "not an instruction of z/Architecture",
        .facility = -1,
    };
}

static void describe(const struct zf_gate *gate, const struct zf_insn *insn, struct verdict *v) {
    struct zf_insn judged = *insn;
    struct zf_gate_verdict verdict = zf_gate_check(gate, &judged);
    const struct zf_form *form = verdict.form_count ? verdict.form[0] : NULL;
    struct zf_subject subject =
        form ? zf_subject_form(form) : zf_subject_row((enum zf_row)insn->row);
    zf_gate_explain(gate, &subject, &v->explanation);
    v->answer = (struct zfacet_verdict){
        .permitted = verdict.outcome == ZF_OUTCOME_EXECUTED,
        .beyond = verdict.flagged,
        .implemented = implemented(insn),
        .outcome = zf_outcome_text(verdict.flagged ? ZF_OUTCOME_EXECUTED_ANYWAY : verdict.outcome),
        .reason = zf_gate_reason_name(v->explanation.reason),
        .why = v->explanation.why,
        .form = form ? form->text : NULL,
        .facility = v->explanation.facility,
        .facility_name = v->explanation.facility_name,
        .first = v->explanation.first,
    };
}

const struct zfacet_verdict *zfacet_gate_check(const struct zfacet_gate *gate, const void *bytes,
                                               size_t size, struct zfacet_error *error) {
    struct zf_insn insn;
    if (!zf_library_decode(bytes, size, &insn, error)) {
        return NULL;
    }
    struct verdict *v = calloc(1, sizeof *v);
    if (!v) {
        return zf_library_no_memory(error);
    }
    if (insn.row == ZF_ROW_INVALID) {
        describe_unknown(&v->answer);
    } else {
        describe(&gate->gate, &insn, v);
    }
    return &v->answer;
}

void zfacet_verdict_free(const struct zfacet_verdict *verdict) {
    free((void *)verdict);
}
