/*
 * How functions are reached: from entry points and what is exported, by calls; from pointers in
 * data; or only past a test of facilities.
 */
#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>

struct queue {
    uint32_t *list;
    unsigned count;
    bool *marked;
};

static void mark(struct zf_scan_file *file, struct queue *q, uint32_t i, enum zf_scan_reach reach) {
    if (!q->marked[i]) {
        q->marked[i] = true;
        zf_scan_node(file, i)->reach = reach;
        q->list[q->count++] = i;
    }
}

/* Follows calls from what is marked; those behind a test lead on for guarded functions alone. */
static void spread(struct zf_scan_file *file, struct queue *q, enum zf_scan_reach reach) {
    while (q->count) {
        const struct zf_scan_function *f = zf_scan_node(file, q->list[--q->count]);
        for (unsigned e = 0; e < f->edge_count; e++) {
            bool weaker = f->edges[e].guarded ||
                          (f->edges[e].taken &&
                           (reach == ZF_SCAN_DIRECT || file->functions[f->edges[e].to].dispatched));
            if (!weaker || reach == ZF_SCAN_GUARDED) {
                mark(file, q, f->edges[e].to, reach);
            }
        }
    }
}

static bool runs_at_start(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    return s && (!strcmp(s->name, ".init_array") || !strcmp(s->name, ".fini_array") ||
                 !strcmp(s->name, ".preinit_array"));
}

/* By its name: what a C program begins with, and a Go program once its scheduler runs. */
static bool is_main(const struct zf_scan_function *f) {
    return f->name && (!strcmp(f->name, "main") || !strcmp(f->name, "runtime.main"));
}

static void mark_direct(struct zf_scan_file *file, struct queue *q) {
    for (uint32_t i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        bool exported = f->exported && !f->dispatched;
        if (file->kernel) {
            break;
        }
        if (exported || f->entry || f->resolver || is_main(f)) {
            mark(file, q, i, ZF_SCAN_DIRECT);
        }
    }
    for (unsigned i = 0; i < file->pointer_count; i++) {
        const struct zf_scan_pointer *p = &file->pointers[i];
        struct zf_scan_function *f = zf_scan_function_at(file, p->value);
        if (f && runs_at_start(file, p->place)) {
            mark(file, q, (uint32_t)(f - file->functions), ZF_SCAN_DIRECT);
        }
    }
}

bool zf_scan_is_of_code(const struct zf_scan_file *file, uint64_t place) {
    const struct zf_scan_section *s = zf_scan_section_at(file, place);
    return s && !strncmp(s->name, ".got", 4);
}

static void mark_pointed(struct zf_scan_file *file, struct queue *q) {
    for (unsigned i = 0; i < file->pointer_count; i++) {
        struct zf_scan_function *f = zf_scan_function_at(file, file->pointers[i].value);
        if (f && !f->dispatched && !file->pointers[i].resolver &&
            !zf_scan_is_of_code(file, file->pointers[i].place)) {
            mark(file, q, (uint32_t)(f - file->functions), ZF_SCAN_POINTER);
        }
    }
}

/* Not where it is stored in a table, which may be filled so by a test, nor where a test says
 * whether it is used. */
static bool hands_on(const struct zf_scan_file *file, const struct zf_scan_edge *edge) {
    return !edge->stored && !(edge->chosen && file->functions[edge->to].chosen);
}

/* What is called takes the address of a function for somebody to call it: who orders, a new thread,
 * a signal. All that is marked is reached directly; what it calls and hands on is, too. */
static void mark_handed_on(struct zf_scan_file *file, struct queue *q) {
    for (uint32_t i = 0; i < file->function_count; i++) {
        if (q->marked[i]) {
            q->list[q->count++] = i;
        }
    }
    while (q->count) {
        const struct zf_scan_function *f = zf_scan_node(file, q->list[--q->count]);
        for (unsigned e = 0; e < f->edge_count; e++) {
            const struct zf_scan_edge *edge = &f->edges[e];
            if (!edge->guarded && (!edge->taken || hands_on(file, edge))) {
                mark(file, q, edge->to, ZF_SCAN_DIRECT);
            }
        }
    }
}

/* Those whose addresses are taken by functions that are reached. */
static void mark_taken(struct zf_scan_file *file, struct queue *q) {
    for (uint32_t i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        for (unsigned e = 0; q->marked[i] && e < f->edge_count; e++) {
            if (f->edges[e].taken && !f->edges[e].guarded &&
                !file->functions[f->edges[e].to].dispatched) {
                mark(file, q, f->edges[e].to, ZF_SCAN_POINTER);
            }
        }
    }
}

static void mark_guarded(struct zf_scan_file *file, struct queue *q) {
    for (uint32_t i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        if (f->dispatched) {
            mark(file, q, i, ZF_SCAN_GUARDED);
        }
        for (unsigned e = 0; q->marked[i] && e < f->edge_count; e++) {
            if (f->edges[e].guarded) {
                mark(file, q, f->edges[e].to, ZF_SCAN_GUARDED);
            }
        }
    }
}

/* What at least one in FEW of all functions needs, and is reached by pointers. */
static uint8_t count_pointed(const struct zf_scan_file *file) {
    enum { MACHINES = 32 };
    unsigned count[MACHINES] = {0}, sum = 0;
    uint8_t machine = MACHINES - 1;
    for (unsigned i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        count[f->machine % MACHINES] += f->reach == ZF_SCAN_POINTER;
    }
    while (machine && (sum += count[machine]) <= file->function_count / ZF_SCAN_FEW) {
        machine--;
    }
    return machine;
}

void zf_scan_sum_up(struct zf_scan_file *file) {
    file->queries |= file->kernel;
    for (unsigned i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        uint8_t machine = f->reach == ZF_SCAN_GUARDED ? f->guarded_machine : f->machine;
        bool beyond = zf_scan_is_beyond(f, f->machine);
        file->queries |= f->queries || f->resolver;
        file->reached[f->reach]++;
        if (machine > file->machine[f->reach]) {
            file->machine[f->reach] = machine;
        }
        if (beyond && f->machine > file->machine[ZF_SCAN_DIRECT]) {
            file->machine[ZF_SCAN_DIRECT] = f->machine;
        }
    }
    file->counted = count_pointed(file);
}

static bool begins_transaction(const struct zf_scan_need *need) {
    return need->row == ZF_ROW_tbegin || need->row == ZF_ROW_tbeginc;
}

static bool is_in_transaction(const struct zf_scan_need *need) {
    return need->row == ZF_ROW_tend || need->row == ZF_ROW_tabort || need->row == ZF_ROW_etnd ||
           need->row == ZF_ROW_ntstg;
}

typedef bool needs_no_test(const struct zf_scan_file *file, const struct zf_scan_need *need);

static bool of_transaction(const struct zf_scan_file *file, const struct zf_scan_need *need) {
    (void)file;
    return is_in_transaction(need);
}

/* Whether a module is not loaded where the facility is missing: Linux' numbers of what it asks for.
 * Of the message-security assist, it asks for more with the query functions. */
static bool of_module(const struct zf_scan_file *file, const struct zf_scan_need *need) {
    enum { ASSIST, VECTOR, ULTRAVISOR };
    switch (zf_scan_facility(need)) {
    case ZF_FACILITY_MSA:
    case ZF_FACILITY_MSA_3:
    case ZF_FACILITY_MSA_4:
    case ZF_FACILITY_MSA_5:
    case ZF_FACILITY_MSA_8:
    case ZF_FACILITY_MSA_9:
        return file->cpu_features >> ASSIST & 1;
    case ZF_FACILITY_VECTOR:
        return file->cpu_features >> VECTOR & 1;
    case ZF_FACILITY_ULTRAVISOR_CALL:
        return file->cpu_features >> ULTRAVISOR & 1;
    default:
        return false;
    }
}

static void guard_needs(const struct zf_scan_file *file, struct zf_scan_function *f,
                        needs_no_test *guards) {
    f->machine = 0;
    for (unsigned i = 0; i < f->need_count; i++) {
        struct zf_scan_need *need = &f->needs[i];
        if (guards(file, need)) {
            need->guarded = true;
            need->promise = 0; /* it is not a test that says so */
        }
        if (!need->guarded && need->machine > f->machine) {
            f->machine = need->machine;
        }
    }
}

/* What is for the inside of transactions is guarded when the beginning of each one is: a lock that
 * was taken by one says so, not the facilities, where it is released. */
static void settle_transactions(struct zf_scan_file *file) {
    unsigned begun = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        const struct zf_scan_function *f = &file->functions[i];
        for (unsigned n = 0; n < f->need_count; n++) {
            begun += begins_transaction(&f->needs[n]);
            if (begins_transaction(&f->needs[n]) && !f->needs[n].guarded) {
                return;
            }
        }
    }
    for (unsigned i = 0; begun && i < file->function_count; i++) {
        guard_needs(file, &file->functions[i], of_transaction);
    }
}

static void settle_module(struct zf_scan_file *file) {
    for (unsigned i = 0; file->cpu_features && i < file->function_count; i++) {
        guard_needs(file, &file->functions[i], of_module);
    }
}

static bool open_queue(const struct zf_scan_file *file, struct queue *q) {
    size_t count = (size_t)zf_scan_node_count(file) + 1;
    *q = (struct queue){.list = malloc(count * sizeof *q->list),
                        .marked = calloc(count, sizeof *q->marked)};
    return q->list && q->marked;
}

static void close_queue(struct queue *q) {
    free(q->list);
    free(q->marked);
}

static void line_up(struct queue *q, uint32_t i) {
    if (!q->marked[i]) {
        q->marked[i] = true;
        q->list[q->count++] = i;
    }
}

/* What is promised to a guarded function goes on to those that it leads to, which wait for their
 * turn where that is less than before. */
static void promise_on(struct zf_scan_file *file, struct queue *q,
                       const struct zf_scan_function *f) {
    uint8_t here = f->reach == ZF_SCAN_GUARDED ? f->promise : 0;
    for (unsigned e = 0; e < f->edge_count; e++) {
        struct zf_scan_function *to = zf_scan_node(file, f->edges[e].to);
        uint8_t promise = f->edges[e].guarded ? f->edges[e].promise : 0;
        promise = zf_scan_lesser_promise(promise, here) == here ? promise : here;
        if (promise && to->reach == ZF_SCAN_GUARDED &&
            zf_scan_promised_machine(promise) < zf_scan_promised_machine(to->promise)) {
            to->promise = promise;
            line_up(q, f->edges[e].to);
        }
    }
}

static void settle_promises(struct zf_scan_file *file, struct queue *q) {
    for (uint32_t i = 0; i < zf_scan_node_count(file); i++) {
        struct zf_scan_function *f = zf_scan_node(file, i);
        f->promise = f->listed ? f->listed : ZF_SCAN_UNKNOWN;
        line_up(q, i);
    }
    while (q->count) {
        uint32_t i = q->list[--q->count];
        q->marked[i] = false;
        promise_on(file, q, zf_scan_node(file, i));
    }
}

static void mark_all(struct zf_scan_file *file, struct queue *q) {
    mark_direct(file, q);
    spread(file, q, ZF_SCAN_DIRECT);
    mark_handed_on(file, q);
    mark_pointed(file, q);
    mark_taken(file, q);
    spread(file, q, ZF_SCAN_POINTER);
    mark_guarded(file, q);
    spread(file, q, ZF_SCAN_GUARDED);
    for (uint32_t i = 0; i < file->function_count; i++) {
        mark(file, q, i, ZF_SCAN_POINTER);
        spread(file, q, ZF_SCAN_POINTER);
    }
}

bool zf_scan_reach(struct zf_scan_file *file) {
    settle_transactions(file);
    settle_module(file);
    zf_scan_find_dispatched(file);
    struct queue q, promises;
    bool good = open_queue(file, &q);
    good &= open_queue(file, &promises);
    if (good) {
        mark_all(file, &q);
        settle_promises(file, &promises);
        zf_scan_sum_up(file);
    }
    close_queue(&q);
    close_queue(&promises);
    return good;
}
