/*
 * What a finding is, under which policy, and all that is known of one.
 */
#include "zfacet/implemented.h"
#include "zfacet/report.h"

#include <stdio.h>

/* Whether zfacet executes what the gate let through. */
static bool implemented(const struct zf_subject *subject) {
    return zf_row_implemented(subject->row) &&
           (subject->kind != ZF_SUBJECT_FUNCTION ||
            zf_function_implemented(subject->query, subject->code));
}

/* What the guest gets of something that the gate let through and zfacet does not execute. */
static enum zf_outcome outcome_of_unimplemented(const struct zf_subject *subject) {
    return subject->kind != ZF_SUBJECT_FUNCTION ? ZF_OUTCOME_OPERATION
           : subject->query == ZF_QUERY_PTFF    ? ZF_OUTCOME_CC3
                                                : ZF_OUTCOME_SPECIFICATION;
}

void zf_finding_judge(struct zf_finding *finding, enum zf_policy policy,
                      enum zf_on_blocked on_blocked, enum zf_on_unimplemented on_unimplemented) {
    bool stops = on_unimplemented == ZF_ON_UNIMPLEMENTED_STOP;
    if (finding->kind == ZF_FINDING_LEAK && policy != ZF_POLICY_IBC) {
        finding->kind = ZF_FINDING_AUDIT;
    }
    if (finding->outcome == ZF_OUTCOME_EXECUTED_ANYWAY && !implemented(&finding->subject)) {
        finding->outcome = stops ? ZF_OUTCOME_STOPPED : outcome_of_unimplemented(&finding->subject);
    }
    if ((finding->kind == ZF_FINDING_UNIMPLEMENTED && stops) ||
        (finding->kind == ZF_FINDING_BLOCKED && on_blocked == ZF_ON_BLOCKED_STOP)) {
        finding->outcome = ZF_OUTCOME_STOPPED;
    }
}

void zf_report_describe(const struct zf_report *report, unsigned i, struct zf_symbols *symbols,
                        struct zf_finding_details *details) {
    const struct zf_finding *finding = zf_report_at(report, i);
    struct zf_insn insn;
    unsigned used = 0;
    memset(details, 0, sizeof *details);
    details->finding = finding;
    details->mnemonic = zf_row_get(finding->subject.row)->mnemonic;
    zf_gate_explain(zf_report_gate(report), &finding->subject, &details->explanation);
    details->place = zf_report_place(report, i);
    if (details->place && details->place->frames && details->place->frame[0].symbol.image[0]) {
        details->symbol = details->place->frame[0].symbol;
        details->has_symbol = true;
    } else {
        details->has_symbol =
            symbols && zf_symbols_find(symbols, finding->address, &details->symbol);
    }
    zf_decode(finding->word, &insn);
    for (unsigned b = 0; b < insn.length; b++) {
        used += (unsigned)snprintf(details->bytes + used, sizeof details->bytes - used, "%s%02x",
                                   b ? " " : "", (unsigned)(finding->word >> (56 - 8 * b)) & 0xff);
    }
    zf_disasm(&insn, finding->target ? finding->target : finding->address, details->text,
              sizeof details->text);
    char *tab = strchr(details->text, '\t');
    if (tab) {
        *tab = ' ';
    }
}

const char *zf_finding_kind_name(enum zf_finding_kind kind) {
    static const char *const names[ZF_FINDING_KINDS] = {
        [ZF_FINDING_BLOCKED] = "blocked", [ZF_FINDING_LEAK] = "leak",
        [ZF_FINDING_AUDIT] = "audit",     [ZF_FINDING_IGNORED] = "ignored",
        [ZF_FINDING_HINT] = "hint",       [ZF_FINDING_UNIMPLEMENTED] = "unimplemented",
    };
    return kind < ZF_FINDING_KINDS ? names[kind] : "?";
}

const char *zf_outcome_text(enum zf_outcome outcome) {
    static const char *const texts[ZF_OUTCOMES] = {
        [ZF_OUTCOME_EXECUTED] = "executed",
        [ZF_OUTCOME_EXECUTED_ANYWAY] = "executed anyway",
        [ZF_OUTCOME_EXECUTED_WITHOUT] = "executed as if the field were zero",
        [ZF_OUTCOME_OPERATION] = "operation exception (0001)",
        [ZF_OUTCOME_SPECIFICATION] = "specification exception (0006)",
        [ZF_OUTCOME_CC3] = "condition code 3",
        [ZF_OUTCOME_STOPPED] = "the machine stopped",
    };
    return outcome < ZF_OUTCOMES ? texts[outcome] : "?";
}
