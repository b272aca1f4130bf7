/*
 * What the run's control tells, and what it asks for: console output to standard output, console
 * input from standard input, findings into the report.
 */
#include "run/part.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INPUT_SIZE = 256 };

/* A process that the guest forked begins a report of its own. */
static void own_report(struct zf_run *run) {
    int pid = getpid();
    if (pid == run->pid) {
        return;
    }
    struct zf_report *report = zf_report_create(&run->facilities.gate);
    if (report) {
        free(run->last);
        run->last = NULL;
        zf_report_destroy(run->report);
        run->report = report;
        run->pid = pid;
    }
}

struct zf_run_counts *zf_run_counts_create(void) {
    struct zf_run_counts *counts =
        mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return counts == MAP_FAILED ? NULL : counts;
}

void zf_run_counts_destroy(struct zf_run_counts *counts) {
    if (counts) {
        munmap(counts, sizeof *counts);
    }
}

static void count(struct zf_run_counts *counts, enum zf_finding_kind kind) {
    if (kind == ZF_FINDING_BLOCKED || kind == ZF_FINDING_LEAK || kind == ZF_FINDING_AUDIT ||
        kind == ZF_FINDING_IGNORED) {
        __atomic_add_fetch(&counts->beyond_model, 1, __ATOMIC_RELAXED);
    } else if (kind == ZF_FINDING_HINT) {
        __atomic_add_fetch(&counts->hints, 1, __ATOMIC_RELAXED);
    } else if (kind == ZF_FINDING_UNIMPLEMENTED) {
        __atomic_add_fetch(&counts->unimplemented, 1, __ATOMIC_RELAXED);
    }
}

static void on_finding(struct zf_run *run, const struct zf_finding *finding,
                       const struct zf_cpu *cpu) {
    own_report(run);
    count(run->counts, finding->kind);
    if (finding->outcome == ZF_OUTCOME_STOPPED &&
        (finding->kind == ZF_FINDING_BLOCKED || finding->kind == ZF_FINDING_UNIMPLEMENTED)) {
        snprintf(run->stopped_at, sizeof run->stopped_at, "%s at %#llx",
                 zf_row_get(finding->subject.row)->mnemonic, (unsigned long long)finding->address);
    }
    unsigned known = zf_report_count(run->report);
    zf_run_note_place(run, zf_report_add(run->report, finding), finding, cpu);
    if (zf_report_count(run->report) > known) {
        zf_run_dump_finding(run, finding, cpu);
    }
}

void zf_run_on_event(void *context, const struct zf_control_event *event) {
    struct zf_run *run = context;
    if (event->kind == ZF_CONTROL_FINDING) {
        on_finding(run, event->finding, event->cpu);
    } else if (event->kind == ZF_CONTROL_OUTPUT && !run->options->watched) {
        fwrite(event->text, 1, event->length, stdout);
        fflush(stdout);
    } else if (event->kind == ZF_CONTROL_IPL && !run->options->quiet) {
        fputs("zfacet: the guest is loaded again, as it requested\n", stderr);
    } else if (event->kind == ZF_CONTROL_STATE && event->halt->state == ZF_CONTROL_RUNNING) {
        atomic_store(&run->saved, false); /* taken back */
    }
}

bool zf_run_input(void *context, uint64_t ns) {
    struct zf_run *run = context;
    char text[INPUT_SIZE];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, (int)((ns + 999999) / 1000000)) <= 0) {
        return true;
    }
    if (input.revents & POLLNVAL) {
        return false;
    }
    ssize_t length = read(STDIN_FILENO, text, sizeof text);
    if (length > 0) {
        zf_control_input(run->control, text, (size_t)length);
    }
    return length > 0;
}
