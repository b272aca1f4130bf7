/*
 * The findings of a run, counted: a hash table over a list that grows. What it says of facilities
 * and machines is worked out when someone asks.
 */
#include "zfacet/report.h"

#include <stdlib.h>

enum { MAX_ENTRIES = 65536, SLOTS = 2 * MAX_ENTRIES, NO_ENTRY = 0 };

struct zf_report {
    struct zf_gate gate;
    struct zf_finding *entries;
    struct zf_place **places; /* as many, each may be NULL */
    unsigned count;
    unsigned capacity;
    uint32_t *slots; /* open addressing: number of the entry plus 1, or NO_ENTRY */
    uint64_t others;
    uint64_t totals[ZF_FINDING_KINDS];
};

struct zf_report *zf_report_create(const struct zf_gate *gate) {
    struct zf_report *report = calloc(1, sizeof *report);
    if (!report) {
        return NULL;
    }
    report->gate = *gate;
    report->slots = calloc(SLOTS, sizeof *report->slots);
    if (!report->slots) {
        zf_report_destroy(report);
        return NULL;
    }
    return report;
}

void zf_report_destroy(struct zf_report *report) {
    if (report) {
        for (unsigned i = 0; i < report->count; i++) {
            free(report->places[i]);
        }
        free(report->places);
        free(report->entries);
        free(report->slots);
        free(report);
    }
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static unsigned hash(const struct zf_finding *finding) {
    const struct zf_subject *s = &finding->subject;
    uint64_t h = mix(mix(finding->address, finding->word), (uint64_t)s->row << 8 | finding->kind);
    h = mix(h, s->kind == ZF_SUBJECT_FORM ? (uint64_t)zf_form_index(s->form) + 1 : 0);
    h = mix(h, s->kind == ZF_SUBJECT_FUNCTION ? (uint64_t)s->code + 1 : 0);
    return (unsigned)(h % SLOTS);
}

static bool same(const struct zf_finding *x, const struct zf_finding *y) {
    const struct zf_subject *a = &x->subject, *b = &y->subject;
    if (x->address != y->address || x->word != y->word || x->target != y->target ||
        x->kind != y->kind || a->kind != b->kind || a->row != b->row) {
        return false;
    }
    switch (a->kind) {
    case ZF_SUBJECT_ROW:
        return true;
    case ZF_SUBJECT_FORM:
        return a->form == b->form;
    case ZF_SUBJECT_FUNCTION:
        return a->query == b->query && a->code == b->code;
    }
    return false;
}

static bool has_room(struct zf_report *report) {
    if (report->count < report->capacity) {
        return true;
    }
    if (report->count == MAX_ENTRIES) {
        return false;
    }
    unsigned capacity = report->capacity ? 2 * report->capacity : 16;
    struct zf_finding *entries = realloc(report->entries, capacity * sizeof *entries);
    if (!entries) {
        return false;
    }
    report->entries = entries;
    struct zf_place **places = realloc(report->places, capacity * sizeof(struct zf_place *));
    if (!places) {
        return false;
    }
    report->places = places;
    report->capacity = capacity;
    return true;
}

unsigned zf_report_add(struct zf_report *report, const struct zf_finding *finding) {
    unsigned slot = hash(finding);
    report->totals[finding->kind]++;
    while (report->slots[slot] != NO_ENTRY) {
        struct zf_finding *entry = &report->entries[report->slots[slot] - 1];
        if (same(entry, finding)) {
            entry->count++;
            return report->slots[slot] - 1;
        }
        slot = (slot + 1) % SLOTS;
    }
    if (!has_room(report)) {
        report->others++;
        return ZF_REPORT_OTHER;
    }
    report->entries[report->count] = *finding;
    report->entries[report->count].count = 1;
    report->places[report->count] = NULL;
    report->slots[slot] = ++report->count;
    return report->count - 1;
}

void zf_report_set_place(struct zf_report *report, unsigned i, struct zf_place *place) {
    free(report->places[i]);
    report->places[i] = place;
}

const struct zf_place *zf_report_place(const struct zf_report *report, unsigned i) {
    return i < report->count ? report->places[i] : NULL;
}

unsigned zf_report_count(const struct zf_report *report) {
    return report->count;
}

void zf_report_mark_probed(struct zf_report *report, unsigned i) {
    report->places[i]->probed = true;
}

void zf_report_mark_uncaught(struct zf_report *report, unsigned i) {
    if (i < report->count && report->places[i]) {
        report->places[i]->caught = false;
    }
}

const struct zf_finding *zf_report_at(const struct zf_report *report, unsigned i) {
    return i < report->count ? &report->entries[i] : NULL;
}

uint64_t zf_report_others(const struct zf_report *report) {
    return report->others;
}

uint64_t zf_report_total(const struct zf_report *report, enum zf_finding_kind kind) {
    return kind < ZF_FINDING_KINDS ? report->totals[kind] : 0;
}

const struct zf_gate *zf_report_gate(const struct zf_report *report) {
    return &report->gate;
}

/* Index into the sums by facility: facility bits, then one for "none". */
enum { FACILITY_BITS = 256, NO_FACILITY = FACILITY_BITS, SUMS };

struct sums {
    unsigned findings[SUMS];
    uint64_t count[SUMS];
};

static void sum_up(const struct zf_report *report, struct sums *sums) {
    memset(sums, 0, sizeof *sums);
    for (unsigned i = 0; i < report->count; i++) {
        const struct zf_finding *entry = &report->entries[i];
        struct zf_explanation e;
        if (entry->kind != ZF_FINDING_UNIMPLEMENTED) {
            zf_gate_explain(&report->gate, &entry->subject, &e);
            unsigned f = e.facility >= 0 && e.facility < FACILITY_BITS ? (unsigned)e.facility
                                                                       : (unsigned)NO_FACILITY;
            sums->findings[f]++;
            sums->count[f] += entry->count;
        }
    }
}

bool zf_report_facility_at(const struct zf_report *report, unsigned i,
                           struct zf_report_facility *facility) {
    struct sums sums;
    unsigned best = 0;
    sum_up(report, &sums);
    for (unsigned round = 0; round <= i; round++) {
        best = SUMS;
        for (unsigned f = 0; f < SUMS; f++) {
            if (sums.findings[f] && (best == SUMS || sums.count[f] > sums.count[best])) {
                best = f;
            }
        }
        if (best == SUMS) {
            return false;
        }
        *facility = (struct zf_report_facility){best == NO_FACILITY ? -1 : (int)best,
                                                best == NO_FACILITY ? NULL : zf_facility_name(best),
                                                sums.findings[best], sums.count[best]};
        sums.findings[best] = 0;
    }
    return true;
}

const struct zf_machine_type *zf_report_oldest(const struct zf_report *report, bool *full) {
    *full = false;
    if (!report->count) {
        return NULL;
    }
    struct zf_subject *subjects = calloc(report->count, sizeof *subjects);
    if (!subjects) {
        return NULL;
    }
    unsigned count = 0;
    for (unsigned i = 0; i < report->count; i++) {
        if (report->entries[i].kind != ZF_FINDING_UNIMPLEMENTED) {
            subjects[count++] = report->entries[i].subject;
        }
    }
    const struct zf_machine_type *machine = count ? zf_oldest_of(subjects, count, full) : NULL;
    free(subjects);
    return machine;
}
