/*
 * What the gate tells of a run goes into its report.
 */
#include "run/run.h"

#include "zfacet/implemented.h"

#include <unistd.h>

static void place_of(const struct zf_gate_hit *hit, struct zf_place *place) {
    enum zf_row row = (enum zf_row)hit->insn->row;
    place->address = hit->address;
    place->target = hit->target;
    place->word = hit->insn->word;
    if (hit->query >= 0) {
        place->subject = zf_subject_function((enum zf_query)hit->query, hit->function);
        place->subject.row = row;
    } else if (hit->form) {
        place->subject = zf_subject_form(hit->form);
    } else {
        place->subject = zf_subject_row(row);
    }
}

/* Whether what the gate let through is then executed. */
static bool executed(const struct zf_gate_hit *hit) {
    return zf_row_implemented((enum zf_row)hit->insn->row) &&
           (hit->query < 0 || zf_function_implemented((enum zf_query)hit->query, hit->function));
}

/* What the guest gets of an instruction that the gate let through and zfacet does not execute. */
static uint16_t pgm_of_unimplemented(const struct zf_gate_hit *hit) {
    return hit->query < 0                ? ZF_PGM_OPERATION
           : hit->query == ZF_QUERY_PTFF ? ZF_PGM_NONE
                                         : ZF_PGM_SPECIFICATION;
}

static enum zf_outcome outcome_of_pgm(uint16_t pgm) {
    return pgm == ZF_PGM_OPERATION       ? ZF_OUTCOME_OPERATION
           : pgm == ZF_PGM_SPECIFICATION ? ZF_OUTCOME_SPECIFICATION
                                         : ZF_OUTCOME_CC3;
}

static enum zf_hit hit_of(const struct zf_run *run, const struct zf_gate_hit *hit) {
    switch (hit->kind) {
    case ZF_GATE_HIT_BLOCKED:
        return ZF_HIT_BLOCKED;
    case ZF_GATE_HIT_UNIMPLEMENTED:
        return ZF_HIT_UNIMPLEMENTED;
    case ZF_GATE_HIT_IGNORED:
        return ZF_HIT_IGNORED;
    default:
        return run->identity.policy == ZF_POLICY_IBC ? ZF_HIT_LEAK : ZF_HIT_AUDIT;
    }
}

/* A process that the guest forked begins a report of its own. */
static void own_report(struct zf_run *run) {
    int pid = getpid();
    if (pid == run->pid) {
        return;
    }
    struct zf_report *report = zf_report_create(&run->facilities.gate);
    if (report) {
        zf_report_destroy(run->report);
        run->report = report;
        run->pid = pid;
    }
}

void zf_run_on_hit(void *context, struct zf_cpu *cpu, const struct zf_gate_hit *hit) {
    struct zf_run *run = context;
    struct zf_place place;
    enum zf_hit kind = hit_of(run, hit);
    enum zf_outcome outcome = ZF_OUTCOME_RAN;
    place_of(hit, &place);
    own_report(run);
    if (kind == ZF_HIT_BLOCKED || kind == ZF_HIT_LEAK || kind == ZF_HIT_AUDIT) {
        __atomic_add_fetch(&run->counts->beyond_model, 1, __ATOMIC_RELAXED);
    }
    if (kind == ZF_HIT_UNIMPLEMENTED) {
        __atomic_add_fetch(&run->counts->unimplemented, 1, __ATOMIC_RELAXED);
    }
    bool traps = run->facilities.on_unimplemented == ZF_ON_UNIMPLEMENTED_TRAP;
    if ((kind == ZF_HIT_UNIMPLEMENTED && !traps) ||
        (kind == ZF_HIT_BLOCKED && run->options->on_blocked == ZF_ON_BLOCKED_STOP)) {
        outcome = ZF_OUTCOME_STOPPED;
        snprintf(run->stop_place, sizeof run->stop_place, "%s at %#llx",
                 zf_row_get(place.subject.row)->mnemonic, (unsigned long long)hit->address);
    } else if (kind == ZF_HIT_BLOCKED || kind == ZF_HIT_UNIMPLEMENTED) {
        outcome = outcome_of_pgm(hit->pgm);
    } else if (kind == ZF_HIT_IGNORED) {
        outcome = ZF_OUTCOME_RAN_WITHOUT;
    } else if (!executed(hit)) {
        outcome = traps ? outcome_of_pgm(pgm_of_unimplemented(hit)) : ZF_OUTCOME_STOPPED;
    }
    zf_report_hit(run->report, &place, kind, outcome);
}
