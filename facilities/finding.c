/*
 * Findings as they arise. What the gate decides is known when code is translated, so translated
 * code carries the finding and only reports it; function codes are known when the instruction runs.
 * What kind of finding it is under which policy, ibc/finding.c decides.
 */
#include "finding.h"

#include "zfacet/translate.h"

#include <stdio.h>

struct finding_call {
    struct zf_call call;
    struct zf_finding finding;
};

static void report(struct zf_cpu *cpu, const struct zf_finding *finding) {
    const struct zf_facilities *f = zf_cpu_facilities(cpu);
    struct zf_refused *refused = zf_cpu_refused(cpu);
    if (f->found) {
        zf_cpus_claim(cpu->cpus); /* who counts them is told of one at a time */
        f->found(f->found_context, cpu, finding);
        zf_cpus_release(cpu->cpus);
    }
    if (refused && zf_outcome_interrupts(finding->outcome)) {
        *refused = (struct zf_refused){!(cpu->mode & ZF_MODE_PROBLEM), cpu->gr[15]};
    }
}

static const struct zf_finding *report_call(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_finding *finding = &((const struct finding_call *)call)->finding;
    report(cpu, finding);
    return finding;
}

/* What the guest gets of something that is not executed. */
static enum zf_next refuse(struct zf_cpu *cpu, enum zf_outcome outcome) {
    switch (outcome) {
    case ZF_OUTCOME_OPERATION:
        return zf_raise(cpu, ZF_PGM_OPERATION);
    case ZF_OUTCOME_SPECIFICATION:
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    default:
        return ZF_NEXT;
    }
}

static enum zf_next refuse_unimplemented(struct zf_cpu *cpu, const struct zf_finding *finding,
                                         const char *what) {
    struct zf_facilities *f = zf_cpu_facilities(cpu);
    if (f->on_unimplemented == ZF_ON_UNIMPLEMENTED_TRAP) {
        __atomic_fetch_add(&f->unimplemented_traps, 1, __ATOMIC_RELAXED);
        return refuse(cpu, finding->outcome);
    }
    zf_machine_end(cpu->machine, ZF_STOP_UNIMPLEMENTED, "%s is not implemented", what);
    return ZF_NEXT_STOP_HERE;
}

static enum zf_next do_blocked(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_finding *finding = report_call(cpu, call);
    if (zf_cpu_facilities(cpu)->on_blocked == ZF_ON_BLOCKED_STOP) {
        zf_machine_end(cpu->machine, ZF_STOP_BLOCKED, NULL);
        return ZF_NEXT_STOP_HERE;
    }
    return refuse(cpu, finding->outcome);
}

static enum zf_next do_report(struct zf_cpu *cpu, const struct zf_call *call) {
    report_call(cpu, call);
    return ZF_NEXT;
}

static enum zf_next do_unimplemented(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_finding *finding = report_call(cpu, call);
    return refuse_unimplemented(cpu, finding, zf_row_get(finding->subject.row)->mnemonic);
}

static void emit(const struct zf_tr *t, zf_helper *helper, enum zf_finding_kind kind,
                 enum zf_outcome outcome, const struct zf_form *form) {
    const struct finding_call call = {
        .call = {helper},
        .finding = {.kind = kind,
                    .outcome = outcome,
                    .subject = {.kind = form ? ZF_SUBJECT_FORM : ZF_SUBJECT_ROW,
                                .row = (enum zf_row)t->insn->row,
                                .form = form},
                    .address = t->block->insn_pc,
                    .target = t->block->insn_pc == t->address ? 0 : t->address,
                    .word = t->insn->word,
                    .count = 1},
    };
    (helper == do_report ? zf_emit_call : zf_emit_call_end)(t->block, &call.call, sizeof call);
}

void zf_tr_blocked(const struct zf_tr *t, const struct zf_gate_verdict *verdict) {
    emit(t, do_blocked, ZF_FINDING_BLOCKED, verdict->outcome, verdict->form[0]);
}

void zf_tr_unimplemented(const struct zf_tr *t) {
    emit(t, do_unimplemented, ZF_FINDING_UNIMPLEMENTED, ZF_OUTCOME_OPERATION, NULL);
}

static enum zf_finding_kind ignored_kind(const struct zf_form *form) {
    return form->when_absent == ZF_ABSENT_HINT ? ZF_FINDING_HINT : ZF_FINDING_IGNORED;
}

void zf_tr_report(const struct zf_tr *t, const struct zf_gate *gate,
                  const struct zf_gate_verdict *verdict) {
    bool permitted = verdict->outcome == ZF_OUTCOME_EXECUTED, told = false;
    for (unsigned i = 0; i < verdict->form_count; i++) {
        const struct zf_form *form = verdict->form[i];
        if (permitted && zf_gate_ignores(gate, form)) {
            emit(t, do_report, ignored_kind(form), ZF_OUTCOME_EXECUTED_WITHOUT, form);
        } else {
            emit(t, do_report, ZF_FINDING_LEAK, ZF_OUTCOME_EXECUTED_ANYWAY, form);
            told = true;
        }
    }
    if (!told && (verdict->flagged || !permitted)) {
        emit(t, do_report, ZF_FINDING_LEAK, ZF_OUTCOME_EXECUTED_ANYWAY, NULL);
    }
}

static struct zf_finding of_function(const struct zf_insn_call *i, enum zf_query query,
                                     unsigned code, enum zf_pgm_code pgm) {
    return (struct zf_finding){
        .outcome = pgm == ZF_PGM_OPERATION       ? ZF_OUTCOME_OPERATION
                   : pgm == ZF_PGM_SPECIFICATION ? ZF_OUTCOME_SPECIFICATION
                                                 : ZF_OUTCOME_CC3,
        .subject = {.kind = ZF_SUBJECT_FUNCTION,
                    .row = (enum zf_row)i->insn.row,
                    .query = query,
                    .code = code},
        .address = i->place,
        .target = i->place == i->address ? 0 : i->address,
        .word = i->insn.word,
        .count = 1,
    };
}

/* The hint of these instructions says that they may be asked for it. */
static const struct zf_form *hint_of(unsigned row) {
    for (unsigned n = 0; n < ZF_FORM_COUNT; n++) {
        const struct zf_form *form = zf_form_at(n);
        if (form->row == row && form->when_absent == ZF_ABSENT_HINT) {
            return form;
        }
    }
    return NULL;
}

void zf_option_ignored(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    struct zf_finding finding = of_function(i, 0, 0, ZF_PGM_NONE);
    finding.kind = ZF_FINDING_IGNORED;
    finding.outcome = ZF_OUTCOME_EXECUTED_WITHOUT;
    finding.subject.kind = ZF_SUBJECT_FORM;
    finding.subject.form = hint_of(i->insn.row);
    report(cpu, &finding);
}

bool zf_function_permitted(struct zf_cpu *cpu, const struct zf_insn_call *i, enum zf_query query,
                           unsigned code) {
    const struct zf_facilities *f = zf_cpu_facilities(cpu);
    bool permitted = zf_gate_has_function(&f->gate, query, code);
    bool let_through = !permitted && f->on_blocked == ZF_ON_BLOCKED_WARN &&
                       zf_feature_of_function(query, code) != ZF_FEATURE_COUNT;
    if (let_through || (permitted && zf_gate_flags_function(&f->gate, query, code))) {
        struct zf_finding finding = of_function(i, query, code, ZF_PGM_NONE);
        finding.kind = ZF_FINDING_LEAK;
        finding.outcome = ZF_OUTCOME_EXECUTED_ANYWAY;
        report(cpu, &finding);
    }
    if (f->functions && (permitted || let_through) && code < ZF_QUERY_BITS) {
        __atomic_fetch_add(&f->functions[query][code], 1, __ATOMIC_RELAXED);
    }
    return permitted || let_through;
}

enum zf_next zf_function_refused(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                 enum zf_query query, unsigned code, enum zf_pgm_code pgm) {
    struct zf_finding finding = of_function(i, query, code, pgm);
    finding.kind = ZF_FINDING_BLOCKED;
    if (zf_feature_of_function(query, code) != ZF_FEATURE_COUNT) {
        report(cpu, &finding);
        if (zf_cpu_facilities(cpu)->on_blocked == ZF_ON_BLOCKED_STOP) {
            zf_machine_end(cpu->machine, ZF_STOP_BLOCKED, NULL);
            return ZF_NEXT_STOP_HERE;
        }
    }
    return refuse(cpu, finding.outcome);
}

enum zf_next zf_function_unimplemented(struct zf_cpu *cpu, const struct zf_insn_call *i,
                                       enum zf_query query, unsigned code, enum zf_pgm_code pgm) {
    enum zf_feature feature = zf_feature_of_function(query, code);
    struct zf_finding finding = of_function(i, query, code, pgm);
    char what[96];
    finding.kind = ZF_FINDING_UNIMPLEMENTED;
    report(cpu, &finding);
    snprintf(what, sizeof what, "%s (function code %u)",
             feature < ZF_FEATURE_COUNT ? zf_feature_info(feature)->name
                                        : zf_row_get((enum zf_row)i->insn.row)->mnemonic,
             code);
    return refuse_unimplemented(cpu, &finding, what);
}
