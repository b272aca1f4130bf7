/*
 * Findings of a run go into its report.
 */
#include "run/run.h"

#include <unistd.h>

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

static void count(struct zf_run_counts *counts, enum zf_finding_kind kind) {
    if (kind == ZF_FINDING_BLOCKED || kind == ZF_FINDING_LEAK || kind == ZF_FINDING_AUDIT) {
        __atomic_add_fetch(&counts->beyond_model, 1, __ATOMIC_RELAXED);
    } else if (kind == ZF_FINDING_UNIMPLEMENTED) {
        __atomic_add_fetch(&counts->unimplemented, 1, __ATOMIC_RELAXED);
    }
}

void zf_run_found(void *context, struct zf_cpu *cpu, const struct zf_finding *told) {
    struct zf_run *run = context;
    struct zf_finding finding = *told;
    zf_finding_judge(&finding, run->identity.policy, run->facilities.on_blocked,
                     run->facilities.on_unimplemented);
    own_report(run);
    count(run->counts, finding.kind);
    if (finding.outcome == ZF_OUTCOME_STOPPED &&
        (finding.kind == ZF_FINDING_BLOCKED || finding.kind == ZF_FINDING_UNIMPLEMENTED)) {
        snprintf(run->stop_place, sizeof run->stop_place, "%s at %#llx",
                 zf_row_get(finding.subject.row)->mnemonic, (unsigned long long)finding.address);
    }
    zf_report_add(run->report, &finding);
}
